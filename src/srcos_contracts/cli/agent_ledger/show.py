"""`srcos-ledger status` and `tail`: what agents do now, and what they did, for people."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from srcos_contracts.cli.agent_ledger.request import LedgerRequest, WrongUsage, opened
from srcos_contracts.cli.streams import colored
from srcos_contracts.emit.doctor import agents_in
from srcos_contracts.emit.head import ReadFile, day_files, event_in
from srcos_contracts.emit.naming import places
from srcos_contracts.emit.outbox import BadEvent, say_on_stderr
from srcos_contracts.emit.status import STATES
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.regular import open_regular
from srcos_contracts.reading.source import reason
from srcos_contracts.report.escape import escape
from srcos_contracts.report.machine import as_json

__all__ = ["StatusRequest", "TailRequest", "agents_named", "agents_there", "run_status", "run_tail"]

_RESET = "\x1b[0m"
_TINTS = {"task_start": "\x1b[36m", "success": "\x1b[32m", "failure": "\x1b[1;31m", "error": "\x1b[1;31m", "heartbeat": "\x1b[2m"}
_FOLLOW_SECONDS = 0.2
_LONGEST = 2000


class StatusRequest(NamedTuple):
    """What a command line asks of `status`."""

    ledger: LedgerRequest
    state: str = ""
    """Empty: show what is published."""
    error: str = ""
    json: bool = False


class TailRequest(NamedTuple):
    """What a command line asks of `tail`."""

    ledger: LedgerRequest
    lines: int = 10
    follow: bool = False


def run_status(request: StatusRequest) -> int:
    """Publishes a state, or shows those of one agent or all. Returns the exit code. Raises WrongUsage, BadName."""
    if request.state:
        if request.state not in STATES:
            raise WrongUsage(f"{request.state[:40]!a} is no state: {', '.join(STATES)}")
        ledger = opened(request.ledger)
        try:
            ledger.set_status(request.state, request.error or None)
        except BadEvent as refused:
            say_on_stderr(str(refused))
            return 1
        finally:
            ledger.close()
        return 0
    if request.error:
        raise WrongUsage("--error says what went wrong beside a state: name the STATE too")
    rows = []
    agents = agents_named(request.ledger)
    for agent in agents:
        path = places(request.ledger.folder, agent).status
        try:
            with open_regular(path) as stream:
                value = json.loads(stream.read())
        except FileNotFoundError:
            value = {"agent": agent, "state": "unknown"}
        except (OSError, ValueError, RecursionError) as error:
            words = reason(error) if isinstance(error, OSError) else "this is not JSON"
            print(f"srcos-ledger: {escape(path)}: {escape(words)}", file=sys.stderr)
            value = {"agent": agent, "state": "unknown"}
        rows.append(value if isinstance(value, dict) else {"agent": agent, "state": "unknown"})
    if request.json:
        for row in rows:
            print(as_json(row))
        return 0
    cells = [
        [_cell(row, name) for name in ("agent", "state", "last_heartbeat", "session_id", "last_task_id", "last_error")] for row in rows
    ]
    heads = ["agent", "state", "last sign of life", "session", "last task", "last error"]
    widths = [max(len(line[column]) for line in (heads, *cells)) for column in range(len(heads))]
    for line in (heads, *cells):
        print("  ".join(text.ljust(wide) for text, wide in zip(line, widths, strict=True)).rstrip())
    for row in rows:
        trouble = row.get("x-trouble")
        if isinstance(trouble, dict):
            told = ", ".join(f"{name} {value}" for name, value in trouble.items())
            print(f"srcos-ledger: the ledger of {_cell(row, 'agent')} is in trouble: {escape(told)}", file=sys.stderr)
    return 0


def run_tail(request: TailRequest) -> int:
    """Shows the last events of one agent or all, and with `follow` those that come.

    Returns the exit code: 1 where something could not be read. Raises WrongUsage, BadName.
    """
    color = colored(sys.stdout)
    agents = agents_named(request.ledger) if request.follow else agents_there(request.ledger)
    last: list[tuple[str, str]] = []
    begun: dict[str, ReadFile] = {}
    unread: list[OSError] = []
    for agent in agents:
        last += _last_lines(places(request.ledger.folder, agent).ledger, request.lines, begun, unread)
    last.sort(key=lambda one: one[0])
    for _, text in last[-request.lines :] if request.lines else []:
        _show(text, color)
    sys.stdout.flush()
    for error in unread:
        say_on_stderr(f"{error.filename}: {reason(error)}")
    while request.follow:
        time.sleep(_FOLLOW_SECONDS)
        if not request.ledger.named_agent:
            # Those that are gone may come again.
            agents = sorted({*agents, *agents_in(request.ledger.folder)})
        for agent in agents:
            for text in _new_lines(places(request.ledger.folder, agent).ledger, begun):
                _show(text, color)
        sys.stdout.flush()
    return 1 if unread else 0


def agents_named(request: LedgerRequest) -> list[str]:
    """The agent that is named, else all below the root. Raises WrongUsage, BadName."""
    if request.named_agent:
        return [places(request.folder, request.named_agent).agent]
    found = agents_in(request.folder)
    if not found:
        raise WrongUsage(f"there is no agent below {request.folder}: name another folder with --root")
    return found


def agents_there(request: LedgerRequest) -> list[str]:
    """The same, where what is named has to be there. Raises WrongUsage, BadName."""
    found = agents_named(request)
    if not set(found) <= set(agents_in(request.folder)):
        raise WrongUsage(f"there is no agent {found[0]} below {request.folder}: name another with --agent, or another folder with --root")
    return found


def _cell(row: dict[str, Any], name: str) -> str:
    value = row.get(name)
    return "-" if value is None else escape(str(value)[:80])


def _last_lines(folder: str, count: int, begun: dict[str, ReadFile], unread: list[OSError]) -> Iterator[tuple[str, str]]:
    """The last lines of a ledger, each after its time; notes how far each file has been read, and what could not be."""
    from srcos_contracts.emit.clock import microseconds_of

    wanted: list[bytes] = []
    for path in _day_paths(folder, unread):
        lines: deque[bytes] = deque(maxlen=max(count, 1))
        end = inode = 0
        try:
            with open_regular(path) as stream:
                inode = os.fstat(stream.fileno()).st_ino
                for line in stream:
                    if line.endswith(b"\n"):
                        end += len(line)
                        lines.append(line)
        except OSError as error:
            unread.append(OSError(error.errno, error.strerror, path))
        begun[path] = ReadFile(end, inode)
        if len(wanted) < count:
            wanted = [*list(lines)[-(count - len(wanted)) :], *wanted]
    at = 0
    for line in wanted:
        event = event_in(line)
        found = microseconds_of(str(event.get("ts"))) if event else None
        at = found if found is not None else at
        yield f"{at:020}", line.decode("utf-8", "backslashreplace")


def _day_paths(folder: str, unread: list[OSError]) -> list[str]:
    """The files of a ledger, from new to old."""
    try:
        return [os.path.join(folder, name) for name in reversed(day_files(folder))]
    except OSError as error:
        unread.append(error)
        return []


def _new_lines(folder: str, begun: dict[str, ReadFile]) -> Iterator[str]:
    """The lines that were added since. A file that is gone, or is another one now, is read from its beginning when it is there."""
    try:
        paths = [os.path.join(folder, name) for name in day_files(folder)]
    except OSError:
        # It may be there, or be one, the next time.
        return
    for path in [path for path in begun if os.path.dirname(path) == folder and path not in paths]:
        del begun[path]
    for path in paths:
        start, inode = begun.get(path, ReadFile(0, 0))
        try:
            found = os.stat(path)
            if found.st_ino != inode or found.st_size < start:
                start = 0
            if found.st_size != start:
                with open_regular(path) as stream:
                    stream.seek(start)
                    for line in stream:
                        if line.endswith(b"\n"):
                            start += len(line)
                            yield line.decode("utf-8", "backslashreplace")
        except OSError:
            continue
        begun[path] = ReadFile(start, found.st_ino)


def _show(text: str, color: bool) -> None:
    event = event_in(text.encode("utf-8", "backslashreplace"))
    if not event:
        line = text.strip()
        print(f"?  {escape(line[:80])}{'...' if len(line) > 80 else ''}")
        return
    kind, data = str(event.get("event")), event.get("data")
    status = str(data.get("status")) if isinstance(data, dict) and kind == "task_result" else ""
    words = [
        escape(str(event.get("ts"))[:19]),
        escape(str(event.get("agent"))[:40]),
        escape(status or kind).ljust(10),
        *([escape(str(event["task_id"])[:80])] if event.get("task_id") else []),
        escape(str(event.get("summary"))[:_LONGEST]),
    ]
    tint = _TINTS.get(status or kind, "") if color else ""
    print(f"{tint}{'  '.join(words)}{_RESET if tint else ''}")
