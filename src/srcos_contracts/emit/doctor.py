"""What is wrong with a tree of agents' ledgers, and what can be done about it by appending and by writing beside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress

from srcos_contracts.checking import Demands, check_source
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.emit.agent_ledger import AgentLedger, Settings
from srcos_contracts.emit.clock import microseconds_of
from srcos_contracts.emit.head import NOTHING, caught_up, day_files, event_in
from srcos_contracts.emit.naming import BadName, Places, places
from srcos_contracts.emit.outbox import counted
from srcos_contracts.emit.rules import TREE_RULES
from srcos_contracts.emit.spill import waiting_lines
from srcos_contracts.emit.status import agrees, precedes, published_in
from srcos_contracts.emit.writing import PAIR_HELP
from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.regular import open_regular
from srcos_contracts.reading.source import reason, select
from srcos_contracts.wording import cut

__all__ = ["Ailment", "agents_in", "examine", "foreign_folders", "repair"]

_LINE_HELP = "a ledger only grows, so the line stays, as evidence; append anew what it was to say"


class Ailment(NamedTuple):
    """Something that is not as it should be."""

    finding: Finding
    repairable: bool = False
    """Whether `repair` does something about it."""


def agents_in(root: str) -> list[str]:
    """The agents that have a ledger, a status or sessions below a root."""
    found = set()
    for folder in (os.path.join(root, "g", "ledger"), os.path.join(root, "agents"), os.path.join(root, "memory")):
        try:
            names = os.listdir(folder)
        except OSError:
            continue
        for name in names:
            stem = name.removesuffix(".spill").removesuffix(".refused")
            try:
                places(root, stem)
            except BadName:
                continue
            if stem != name or os.path.isdir(os.path.join(folder, name)):
                found.add(stem)
    return sorted(found)


def foreign_folders(root: str) -> Iterator[Ailment]:
    """Folders among the ledgers that no agent writes: none can have their name."""
    folder = os.path.join(root, "g", "ledger")
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for name in names:
        try:
            places(root, name)
        except BadName as bad:
            path = os.path.join(folder, name)
            if os.path.isdir(path) and not name.startswith("."):
                yield _ailment("ledger-foreign", str(bad), path)


def examine(root: str, agents: list[str]) -> Iterator[Ailment]:
    """What is wrong with agents' records, and with what lies beside them."""
    catalog = Catalog.shipped()
    for agent in agents:
        found = places(root, agent)
        paths = [path for path in (found.ledger, found.status, found.sessions) if os.path.lexists(path) and _holds_something(path)]
        selection = select(paths, bound=catalog.binds)
        for finding in selection.problems:
            yield Ailment(finding)
        for source in selection.sources:
            for finding in check_source(catalog, source, Demands()):
                kept = finding.location.file.startswith(found.ledger) and finding.rule in ("json-syntax", "invalid-utf8")
                yield Ailment(finding._replace(help=_LINE_HELP) if kept else finding, finding.rule == "torn-last-line")
        yield from _unpaired(found)
        yield from _beside(found)
        yield from _status(found)


def _holds_something(path: str) -> bool:
    return not os.path.isdir(path) or any(not name.startswith(".") for name in os.listdir(path))


def _beside(found: Places) -> Iterator[Ailment]:
    try:
        waiting = waiting_lines(found)
        if waiting:
            yield _ailment("lines-waiting", f"{counted(waiting, 'line')} {'waits' if waiting == 1 else 'wait'} for the ledger", found.spill)
        refused = 0
        if os.path.exists(found.refused):
            with open_regular(found.refused) as stream:
                refused = sum(1 for _ in stream)
        if refused:
            yield _ailment(
                "events-refused", f"{counted(refused, 'event')} broke {'its' if refused == 1 else 'their'} contract", found.refused
            )
        for folder in (os.path.dirname(found.status), found.sessions):
            for name in sorted(os.listdir(folder) if os.path.isdir(folder) else ()):
                if name.startswith(".") and name.endswith(".tmp"):
                    yield _ailment("temporary-left", "a temporary file was left behind", os.path.join(folder, name))
    except OSError as error:
        yield _unreadable(error, found.spill)


def _unpaired(found: Places) -> Iterator[Ailment]:
    """Results whose task had not begun in its session: of the rule `task-paired` of an audit what the ledger alone tells."""
    begun: dict[tuple[str, str], int] = {}
    ended: list[tuple[str, str, int, Location]] = []
    try:
        for name in day_files(found.ledger):
            path = os.path.join(found.ledger, name)
            with open_regular(path) as stream:
                for number, line in enumerate(stream, 1):
                    event = event_in(line)
                    session, task, at = event.get("session_id"), event.get("task_id"), microseconds_of(str(event.get("ts")))
                    if not isinstance(session, str) or not isinstance(task, str) or at is None:
                        continue
                    if event.get("event") == "task_start":
                        begun[session, task] = min(at, begun.get((session, task), at))
                    elif event.get("event") == "task_result":
                        ended.append((session, task, at, Location(path, number)))
    except OSError:
        # That it cannot be read is told of the file itself.
        return
    for session, task, at, location in ended:
        if begun.get((session, task), at + 1) > at:
            message = f"{cut(task)} had not begun in {cut(session)}"
            yield Ailment(Finding("task-paired", "error", message, location, PAIR_HELP, pointer="/task_id"))


def _status(found: Places) -> Iterator[Ailment]:
    try:
        head = caught_up(found.ledger, NOTHING)
        there = os.path.exists(found.status)
        if head.last is None:
            if there and _named_by(found.status):
                yield _ailment("status-alone", "the ledger by which the status says this is gone", found.status)
            return
        published = published_in(found.status)
        if not there:
            yield _ailment("status-missing", "the agent has a ledger and no status", found.status)
        elif not published.state:
            yield _ailment("status-foreign", "the status does not say up to where in the ledger it is so", found.status)
        elif not agrees(head.told, published.state):
            yield _ailment("status-behind", f"the agent is {published.state} here, and by its ledger it is not", found.status)
        elif not _named_by(found.status) <= {mark.value for mark in (published.head.last, published.head.task) if mark is not None}:
            yield _ailment("status-behind", "the status names a session or a task that is not the ledger's last", found.status)
        elif published.head.last != head.last or precedes(published, head.last):
            yield _ailment("status-behind", "the ledger has later lines than the status", found.status)
    except OSError as error:
        yield _unreadable(error, found.ledger)


def _named_by(path: str) -> set[str]:
    """The session and the task that a status names. Raises OSError."""
    with open_regular(path) as stream:
        value = event_in(stream.read())
    return {str(value[name]) for name in ("session_id", "last_task_id") if value.get(name) is not None}


def repair(root: str, agent: str, settings: Settings) -> None:
    """Closes off torn last lines, takes in what waits, and writes the status anew. Nothing is removed but what was taken in."""
    found = places(root, agent)
    ledger = AgentLedger(root, agent, settings=settings)
    with suppress(OSError):
        # What cannot be read is told where it is examined, and keeps nothing else from being mended.
        for name in day_files(found.ledger):
            ledger.close_off([name.removesuffix(".jsonl")])
    ledger.flush()
    ledger.renew_status()
    ledger.close()


def _ailment(rule: str, message: str, file: str) -> Ailment:
    text = TREE_RULES[rule]
    return Ailment(Finding(rule, "warning", message, Location(file), text.help), text.repairable)


def _unreadable(error: OSError, file: str) -> Ailment:
    return Ailment(
        Finding("unreadable", "warning", reason(error), Location(error.filename or file), "see that it is a file that may be read")
    )
