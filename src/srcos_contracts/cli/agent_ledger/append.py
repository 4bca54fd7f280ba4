"""`srcos-ledger append`: one event, or those that come on standard input."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from srcos_contracts.cli.agent_ledger.request import NEW_SESSION, LedgerRequest, WrongUsage, opened
from srcos_contracts.emit.agent_ledger import AgentLedger
from srcos_contracts.emit.event import EVENTS
from srcos_contracts.emit.outbox import BadEvent, NotWritten, Outcome, say_on_stderr
from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.report.plain import place

__all__ = ["STDIN", "AppendRequest", "run_append"]

STDIN = "-"
_STDIN_NAME = "standard input"
_NOT_WRITTEN, _REFUSED = 2, 1


class AppendRequest(NamedTuple):
    """What a command line asks of `append`."""

    ledger: LedgerRequest
    event: str
    """One of the kinds of events, or `-` for JSON Lines on standard input."""
    summary: str | None = None
    task: str = ""
    status: str = ""
    data: str = ""
    files: tuple[str, ...] = ()
    exit_code: str = ""
    duration: str = ""
    lesson: bool = False
    ts: str = ""


def run_append(request: AppendRequest) -> int:
    """Appends. Returns the exit code: 0 also where only the ledger suffered, unless it is strict.

    Raises WrongUsage for what is no event at all.
    """
    if request.event != STDIN and request.event not in EVENTS:
        raise WrongUsage(f"{request.event[:40]!a} is no kind of event: {', '.join(EVENTS)}; or - for JSON Lines on standard input")
    data = _data(request)
    if request.event == STDIN and (data or request.summary is not None or request.task or request.ts):
        raise WrongUsage("with - each line of standard input says all of its event: no words, --task, --data and the like")
    if request.event == STDIN and sys.stdin is None:
        raise WrongUsage("standard input is closed: there are no events on it")
    ledger = opened(request.ledger)
    if request.ledger.session == NEW_SESSION:
        print(ledger.session_id)
    code = _stream(ledger) if request.event == STDIN else _one(ledger, request, data)
    ledger.close()
    return code


def _one(ledger: AgentLedger, request: AppendRequest, data: dict[str, Any]) -> int:
    given = {"event": request.event, "task_id": _plain(request.task), "ts": request.ts}
    event: dict[str, Any] = {name: value for name, value in given.items() if value}
    if request.summary is not None:
        event["summary"] = _plain(request.summary)
    return _appended(ledger, {**event, "data": data})


def _stream(ledger: AgentLedger) -> int:
    gc.enable()
    worst = 0
    for number, line in enumerate(sys.stdin.buffer, 1):
        if line.strip():
            worst = max(worst, _read(ledger, number, line))
    return worst


def _read(ledger: AgentLedger, number: int, line: bytes) -> int:
    value = parse_json(Document(_STDIN_NAME, line, line=number))
    if isinstance(value, dict):
        return _appended(ledger, value)
    # What is no object is kept like any other event that breaks its contract.
    if isinstance(value, Finding):
        found, value = value, line.decode("utf-8", "backslashreplace")
    else:
        found = Finding("schema-type", "error", "this is no JSON object", Location(_STDIN_NAME, number), "write one event a line")
    found = found._replace(message=f"{place(found.location)}: {found.message}")
    return _code_of(lambda: ledger.refuse({"event": value}, [found]))


def _appended(ledger: AgentLedger, event: dict[str, Any]) -> int:
    return _code_of(lambda: ledger.append(event))


def _code_of(append: Callable[[], Outcome]) -> int:
    try:
        append()
    except BadEvent:
        return _REFUSED
    except NotWritten as error:
        say_on_stderr(str(error))
        return _NOT_WRITTEN
    return 0


def _data(request: AppendRequest) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if request.data:
        try:
            read = json.loads(request.data)
        except (ValueError, RecursionError) as error:
            raise WrongUsage(f"--data is not JSON: {error}") from None
        if not isinstance(read, dict):
            raise WrongUsage('--data is no JSON object, such as {"commits": 3}')
        data = read
    if request.status:
        data["status"] = request.status
    if request.files:
        data["files_touched"] = [_plain(file) for file in request.files]
    if request.exit_code:
        data["exit_code"] = _number("--exit-code", request.exit_code, int)
    if request.duration:
        data["duration_sec"] = _number("--duration", request.duration, float)
    if request.lesson:
        data["lesson"] = True
    return data


def _plain(word: str) -> str:
    """A word of the command line: bytes that are no UTF-8 are written as escapes."""
    return word if word.isascii() else os.fsencode(word).decode("utf-8", "backslashreplace")


def _number(option: str, text: str, kind: type[int] | type[float]) -> int | float:
    try:
        return kind(text)
    except ValueError:
        raise WrongUsage(f"{option} is a number, not {text[:40]!a}") from None
