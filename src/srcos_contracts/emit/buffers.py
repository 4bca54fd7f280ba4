"""What a telemetry buffer holds, taken over into the ledger: each line once, however often it is done. The buffer is never changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from srcos_contracts.emit.agent_ledger import AgentLedger
from srcos_contracts.emit.clock import microseconds_of
from srcos_contracts.emit.event import Line, encoded
from srcos_contracts.emit.outbox import Outcome
from srcos_contracts.emit.writing import PAIR_HELP
from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.json_text import decode, parse_json
from srcos_contracts.reading.regular import open_regular

__all__ = ["Imported", "import_buffer"]


class Imported(NamedTuple):
    """What came of a buffer."""

    appended: int
    present: int
    """Lines that the ledger has already."""
    unfinished: bool
    """Whether the last line is still being written: it is left for the next time."""
    waiting: int
    """Lines that could not be written yet: the buffer has them."""
    findings: list[Finding]
    """What is wrong with the lines that were not taken over."""


class _Told(NamedTuple):
    """A line of a buffer."""

    at: int
    """When it happened."""
    number: int
    value: Mapping[str, Any]
    """What it says itself."""
    line: Line
    """What it would be in the ledger, in some session."""


_FILLED_IN = ("session_id", "source")
"""What the ledger says of an event that does not say it: this may differ from one time to the next."""


def import_buffer(ledger: AgentLedger, path: str) -> Imported:
    """Appends the lines of a buffer that its ledger does not have yet, in the order of their times. Raises OSError where it cannot be read.

    What a line does not say is said by the ledger's settings; but its time it must say itself, or it would be another each time. A line
    that cannot be taken over stays where it is, and nowhere else.
    """
    with open_regular(path) as stream:
        content = stream.read()
    *texts, last = content.split(b"\n")
    unfinished = bool(last.strip()) and isinstance(parse_json(Document(path, last)), Finding)
    if last.strip() and not unfinished:
        texts.append(last)
    found: list[Finding] = []
    told: list[_Told] = []
    for one in _lines(ledger, path, texts):
        if isinstance(one, _Told):
            told.append(one)
        else:
            found += one
    # A buffer that several write may have the end of a task before its beginning.
    told.sort(key=lambda one: one.at)
    writable = ledger.flush()
    held = _held(ledger, told)
    missing = [one for one in _at_home(told, held) if one.number not in held]
    alone = _alone(missing) if writable and ledger.begun_session is None else set()
    if alone:
        found += [_unpaired(path, number) for number in alone]
        told, missing = ([one for one in lines if one.number not in alone] for lines in (told, missing))
    chosen = [one.number for one in missing]
    outcomes: list[Outcome] = []
    if missing and writable:
        # Only what is to be appended begins a session.
        lines = {one.number: line for one in missing if isinstance(line := ledger.line_of(one.value), Line)}

        def choose() -> list[Line]:
            # Another process may have taken the same buffer over since.
            held = _held(ledger, told)
            chosen[:] = [one.number for one in told if one.number not in held and one.number in lines]
            return [lines[number] for number in chosen]

        outcomes = ledger.take_over(choose)
    for number, outcome in zip(chosen, outcomes, strict=False):
        if outcome == "refused":
            found.append(_unpaired(path, number))
    found.sort(key=lambda one: one.location.line)
    return Imported(outcomes.count("written"), len(told) - len(chosen), unfinished, len(chosen) - len(outcomes), found)


def _at_home(told: list[_Told], held: Mapping[int, str]) -> Iterator[_Told]:
    """Lines, of which a result that does not say its session says that of its start: one that the start says, or has in the ledger."""
    begun: dict[Any, str] = {}
    for one in told:
        event, task = one.line.event["event"], one.line.event.get("task_id")
        if event == "task_start":
            begun[task] = one.value.get("session_id") or held.get(one.number, "")
        elif event == "task_result" and "session_id" not in one.value and begun.get(task):
            one = one._replace(value={**one.value, "session_id": begun[task]})
        yield one


def _alone(missing: list[_Told]) -> set[int]:
    """Of lines that could only stand in a session that is yet to begin, the results whose task does not begin there."""
    begun, alone = set(), set()
    for one in missing:
        event, task = one.line.event["event"], one.line.event.get("task_id")
        if "session_id" in one.value:
            continue
        if event == "task_start":
            begun.add(task)
        elif event == "task_result" and task not in begun:
            alone.add(one.number)
    return alone


def _unpaired(path: str, number: int) -> Finding:
    return Finding("task-paired", "error", "the task that ends here had not begun in its session", Location(path, number), PAIR_HELP)


def _held(ledger: AgentLedger, told: list[_Told]) -> dict[int, str]:
    """The lines of a buffer that a ledger has, each with its session: of several that are alike as many as the ledger has of them."""
    found: dict[bytes, Counter[tuple[Any, ...]]] = {}
    for day in {one.line.day for one in told}:
        for text in ledger.day_lines(day):
            try:
                event = decode(text)
            except ValueError:
                continue
            if isinstance(event, dict):
                found.setdefault(_rest_of(event), Counter())[tuple(event.get(name) for name in _FILLED_IN)] += 1
    there: dict[int, str] = {}
    # A line that says whose it is comes first: of those that are alike no other will do.
    for one in sorted(told, key=lambda one: sum(name not in one.value for name in _FILLED_IN)):
        counts = found.get(_rest_of(one.line.event), Counter())
        for names, count in counts.items():
            if count and all(one.value.get(name, held_name) == held_name for name, held_name in zip(_FILLED_IN, names, strict=True)):
                counts[names] -= 1
                there[one.number] = str(names[0])
                break
    return there


def _rest_of(event: Mapping[str, Any]) -> bytes:
    text = encoded({name: value for name, value in event.items() if name not in _FILLED_IN})
    return text if isinstance(text, bytes) else b""


def _lines(ledger: AgentLedger, path: str, texts: list[bytes]) -> Iterator[_Told | list[Finding]]:
    for number, text in enumerate(texts, 1):
        if not text.strip():
            continue
        value = parse_json(Document(path, text, line=number))
        if isinstance(value, Finding):
            yield [value]
        elif not isinstance(value, dict):
            yield [Finding("schema-type", "error", "this is no JSON object", Location(path, number), "write one event a line")]
        elif "ts" not in value:
            message = "the line does not say when it happened"
            yield [Finding("schema-required", "error", message, Location(path, number), "write a ts, as RFC 3339 has it, with its offset")]
        else:
            line = ledger.line_of({"session_id": f"2000-01-01_{ledger.places.agent}_001", **value})
            if isinstance(line, Line):
                yield _Told(microseconds_of(line.event["ts"]) or 0, number, value, line)
            else:
                yield [finding._replace(location=Location(path, number)) for finding in line]
