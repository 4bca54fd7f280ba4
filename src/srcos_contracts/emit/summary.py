"""What a session came to, as a page of Markdown made from the ledger: the same ledger gives the same bytes.

What stands under other headings than those that are made here is somebody's notes, and stays as it is, after what is made.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from srcos_contracts.emit.clock import microseconds_of
from srcos_contracts.emit.files import replace_file
from srcos_contracts.emit.head import day_files, lines_with
from srcos_contracts.emit.naming import Places, SessionName, session_name
from srcos_contracts.emit.outbox import counted
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.headings import Heading, headings
from srcos_contracts.reading.json_text import decode
from srcos_contracts.reading.regular import open_regular
from srcos_contracts.refusal import Refusal

__all__ = ["CannotSummarise", "page", "session_events", "summarise"]

_MADE_BY = "<!-- Made by srcos-ledger summarise: it makes the sections below anew, and keeps those with other headings. -->"
_SECTIONS = ("Timeline", "Tasks Completed", "Errors", "Lessons Learned")
_NOTES = "## Notes\n\nWhat is written here, or under any other heading of your own, stays.\n"
_MOST_LINES = 1000
"""Of a timeline; what is left out of its middle is counted."""
_LONGEST = 300
_LONGEST_TASK = 1e9
"""Seconds."""
_MOST_BYTES = 4 << 20
_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~!&]")

Event = Mapping[str, Any]


class CannotSummarise(Refusal):
    """A session of which no summary can be made."""


class _Task(NamedTuple):
    task_id: str
    status: str
    seconds: float | None
    summary: str


def summarise(places: Places, session_id: str, durable: bool = True) -> str:
    """Writes the summary of a session, whole or not at all. Returns its path.

    Raises CannotSummarise where the ledger has nothing of it or somebody else's page stands there, OSError.
    """
    session = session_name(session_id)
    if session is None or session.agent != places.agent:
        raise CannotSummarise(f"{session_id[:80]!a} is no session of {places.agent}: a session is called YYYY-MM-DD_{places.agent}_NNN")
    path = places.summary(session_id)
    shown = places.shown(path)
    made = page(session, list(session_events(places, session)), _present(path, shown))
    replace_file(path, made.encode("utf-8"), durable)
    return shown


def session_events(places: Places, session: SessionName) -> Iterator[Event]:
    """The events of a session, in the order of their times; those of one time as they stand. Raises OSError."""
    found: list[tuple[int, Event]] = []
    names = day_files(places.ledger)
    first = max(0, sum(name[:10] < session.date for name in names) - 1)
    for name in names[first:]:
        for line in lines_with(os.path.join(places.ledger, name), {json.dumps(str(session)).encode()}):
            try:
                event = decode(line)
            except ValueError:
                continue
            if isinstance(event, dict) and event.get("session_id") == str(session):
                at = microseconds_of(str(event.get("ts")))
                if at is not None:
                    found.append((at, event))
    for _, event in sorted(found, key=lambda one: one[0]):
        yield event


def page(session: SessionName, events: Sequence[Event], before: str = "") -> str:
    """The page of a session, with the notes of the page that stood there before. Raises CannotSummarise."""
    if not events:
        raise CannotSummarise(f"the ledger of {session.agent} has no event of {session}")
    notes = _notes(before, session)
    tasks = list(_tasks(events))
    facts = [
        f"Agent {session.agent}, {counted(len(events), 'event')}.",
        f"From {events[0]['ts']} to {events[-1]['ts']}.",
        *([f"{counted(len(tasks), 'task')} ended, {sum(task.status != 'success' for task in tasks)} of them not well."] if tasks else []),
        *([f"Not ended: {', '.join(_shown(name) for name in _open(events))}."] if _open(events) else []),
    ]
    parts = [f"# Session {session}\n\n{_MADE_BY}\n\n" + "\n".join(facts) + "\n"]
    errors = [_dated(event) for event in events if event.get("event") == "error" or _failed(event)]
    lessons = [f"- {_shown(event.get('summary'))}" for event in events if event.get("event") == "info" and _is_lesson(event)]
    parts += [
        _section("Timeline", _timeline(events)),
        _section("Tasks Completed", _table(tasks) if tasks else []),
        _section("Errors", errors),
        _section("Lessons Learned", lessons),
        notes or _NOTES,
    ]
    return "\n".join(parts)


def _present(path: str, shown: str) -> str:
    try:
        with open_regular(path) as stream:
            content = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        return ""
    if len(content) > _MOST_BYTES:
        raise CannotSummarise(f"{shown} is larger than {_MOST_BYTES >> 20} MiB: put it away, and make the summary again")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise CannotSummarise(f"{shown} is not UTF-8: put it away, and make the summary again") from None


def _notes(before: str, session: SessionName) -> str:
    """The sections of a page that are not made here, as they stand."""
    if not before.strip():
        return ""
    if _MADE_BY not in before:
        raise CannotSummarise(
            f"the summary of {session} was not made by srcos-ledger: put it away, or paste it below a heading of a new one"
        )
    # Before the mark stands the title; of what is made, no other heading has another level.
    head = before.index(_MADE_BY)
    found = [heading for heading in headings(before) if heading.level == 2 or heading.span[0] > head]
    ends = [*(heading.span[0] for heading in found[1:]), len(before)]
    return "".join(before[heading.span[0] : end] for heading, end in zip(found, ends, strict=True) if not _is_made(heading))


def _is_made(heading: Heading) -> bool:
    return heading.level == 2 and heading.text in _SECTIONS


def _timeline(events: Sequence[Event]) -> list[str]:
    lines = [_dated(event) for event in events if event.get("event") != "heartbeat"]
    if len(lines) <= _MOST_LINES:
        return lines
    half = _MOST_LINES // 2
    return [*lines[:half], f"- ... {len(lines) - _MOST_LINES:,} more ...", *lines[-half:]]


def _dated(event: Event) -> str:
    kind, task = str(event.get("event")), event.get("task_id")
    data = event.get("data")
    status = data.get("status") if kind == "task_result" and isinstance(data, dict) else None
    words = [f"`{str(event['ts'])[:19]}`", _KINDS.get(kind, _shown(kind)), *([_shown(task)] if task else [])]
    return f"- {' '.join(words)}{f' ({_shown(status)})' if status else ''}: {_shown(event.get('summary'))}"


_KINDS = {"task_start": "began", "task_result": "ended", "error": "error", "info": "info"}


def _tasks(events: Iterable[Event]) -> Iterator[_Task]:
    for event in events:
        data = event.get("data")
        if event.get("event") == "task_result" and isinstance(data, dict):
            seconds = data.get("duration_sec")
            yield _Task(
                str(event.get("task_id")),
                str(data.get("status")),
                min(float(seconds), _LONGEST_TASK)
                if isinstance(seconds, (int, float, Decimal)) and not isinstance(seconds, bool)
                else None,
                str(event.get("summary")),
            )


def _open(events: Iterable[Event]) -> list[str]:
    begun: dict[str, int] = {}
    for event in events:
        name = str(event.get("task_id"))
        if event.get("event") == "task_start":
            begun[name] = begun.get(name, 0) + 1
        elif event.get("event") == "task_result":
            begun[name] = begun.get(name, 0) - 1
    return sorted(name for name, number in begun.items() if number > 0)


def _table(tasks: Sequence[_Task]) -> list[str]:
    rows = ["| Task | Status | Duration | Summary |", "| --- | --- | --- | --- |"]
    for task in tasks:
        rows.append(f"| {_shown(task.task_id)} | {_shown(task.status)} | {_duration(task.seconds)} | {_shown(task.summary)} |")
    return rows


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _section(name: str, lines: Sequence[str]) -> str:
    return f"## {name}\n\n" + "\n".join(lines or ["Nothing."]) + "\n"


def _failed(event: Event) -> bool:
    data = event.get("data")
    return event.get("event") == "task_result" and isinstance(data, dict) and data.get("status") == "failure"


def _is_lesson(event: Event) -> bool:
    data = event.get("data")
    return isinstance(data, dict) and data.get("lesson") is True


def _shown(value: Any) -> str:
    """Text from an event on one line, with nothing in it that Markdown or a terminal would obey."""
    text = " ".join(str(value).split())
    text = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
    text = "".join(character if character.isprintable() else f"\\u{{{ord(character):x}}}" for character in text)
    return _SPECIAL.sub(lambda found: f"\\{found[0]}", text)
