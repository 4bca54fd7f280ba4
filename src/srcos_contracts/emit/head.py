"""What an agent's ledger says: its last lines, kept up to date by reading what is new, and those that are looked for."""

from __future__ import annotations

import json
import mmap
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from srcos_contracts.emit.clock import microseconds_of
from srcos_contracts.emit.naming import SessionName, day_of_file
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.json_text import decode
from srcos_contracts.reading.regular import open_regular

__all__ = [
    "LONGEST_TEXT",
    "NOTHING",
    "Head",
    "Mark",
    "ReadFile",
    "Told",
    "caught_up",
    "day_files",
    "event_in",
    "folded",
    "held_lines",
    "highest_session",
    "is_read",
    "lines_with",
    "started_at",
    "still_there",
]

_NEWEST = 3
"""How many of the newest files are looked at each time."""
_BESIDE = 5
"""Of how many others it is kept how far they have been read: of those that were asked for of late."""
_LOOKED_AT = (_NEWEST, 31)
"""Of a ledger of which nothing is known, how many of the newest files are read at first, and then."""
_TWO_DAYS = 2 * 86_400_000_000
LONGEST_TEXT = 500
_LONGEST_ID = 1000
_LONGEST_TIME = 100


class Mark(NamedTuple):
    """What the latest line of some kind says."""

    at: int
    ts: str
    value: str


class Told(NamedTuple):
    """The latest line that tells what the agent is doing: a task begun, a task ended, an error."""

    at: int
    ts: str
    event: str
    succeeded: bool = False


class ReadFile(NamedTuple):
    """How far a file has been read, and which file it was."""

    bytes: int
    inode: int


class Head(NamedTuple):
    """The latest lines, by their times; of lines with one time the last of the last day."""

    last: Mark | None = None
    """Of any line, its session."""
    task: Mark | None = None
    """Of a line that names a task, the task; None also where its id is too long to be told."""
    told: Told | None = None
    error: Mark | None = None
    """Of an error or a failed task, its words."""
    files: Mapping[str, ReadFile] = {}
    """How far files have been read: the newest ones, and before them those that were asked for of late."""


NOTHING = Head()


def day_files(folder: str) -> list[str]:
    """The names of a ledger's files, from old to new; none where there is no folder. Raises OSError where it cannot be read."""
    try:
        return sorted(name for name in os.listdir(folder) if day_of_file(name))
    except FileNotFoundError:
        return []


def caught_up(folder: str, known: Head, day: str | None = None) -> Head:
    """The head of a ledger of which some is known already; whoever goes on from it reads `day` too. Raises OSError.

    Lines are found where they were added to files that the known head reads (`is_read`), or to the newest ones.
    """
    names = day_files(folder)
    if known.files and all(_goes_on(os.path.join(folder, name), read) for name, read in known.files.items()):
        head = _read(folder, sorted({*known.files, *names[-_NEWEST:], *(name for name in names if name > max(known.files))}), known)
    else:
        for count in (*_LOOKED_AT, len(names)):
            head = _read(folder, names[-count:] if count else [], NOTHING)
            if count >= len(names) or _comes_after(head, names[-count - 1]):
                break
    return head if day is None or is_read(head, day) else _read(folder, [f"{day}.jsonl"], head)


def is_read(head: Head, day: str) -> bool:
    """Whether whoever goes on from a head reads what is added to a day."""
    name = f"{day}.jsonl"
    return name in head.files or name > max(head.files, default="")


def still_there(folder: str, head: Head) -> bool:
    """Whether a ledger is still the one of which a head tells, as far as its newest file shows. Raises OSError."""
    newest = max(head.files, default="")
    return not newest or _goes_on(f"{folder}/{newest}", head.files[newest])


def _comes_after(head: Head, name: str) -> bool:
    """Whether what a head tells is later than all that a file, or one before it, may hold, in whatever time zone it was written."""
    midnight = microseconds_of(f"{day_of_file(name)}T00:00:00Z")
    marks = (head.last, head.task, head.told)
    return midnight is not None and all(mark is not None and mark.at >= midnight + _TWO_DAYS for mark in marks)


def _read(folder: str, names: list[str], head: Head) -> Head:
    files = dict(head.files)
    for name in names:
        path, read = os.path.join(folder, name), files.get(name, ReadFile(0, 0))
        try:
            found = os.stat(path)
        except FileNotFoundError:
            files[name] = read
            continue
        if (found.st_size, found.st_ino) == read:
            continue
        end, events = read.bytes, []
        with open_regular(path) as stream:
            stream.seek(end)
            inode = os.fstat(stream.fileno()).st_ino
            for line in stream:
                # Of a last line that lacks only its end, whoever writes next makes a whole one.
                events.append(line)
                if line.endswith(b"\n"):
                    end += len(line)
        files[name] = ReadFile(end, inode)
        head = folded(head, _values(events))
    newest = sorted(files)[-_NEWEST:]
    others = [name for name in files if name not in newest][-_BESIDE:]
    return head._replace(files={name: files[name] for name in (*others, *newest)})


def _values(lines: Iterable[bytes]) -> Iterator[Any]:
    for line in lines:
        try:
            yield decode(line)
        except ValueError:
            continue


def event_in(line: bytes) -> dict[str, Any]:
    """What a line of a ledger says; nothing where it holds no object."""
    try:
        value = decode(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def folded(head: Head, events: Iterable[Any]) -> Head:
    """A head with further lines."""
    last, task, told, error = head.last, head.task, head.told, head.error
    for event in events:
        if not isinstance(event, dict):
            continue
        ts, kind, words = event.get("ts"), event.get("event"), event.get("summary")
        at = microseconds_of(ts) if isinstance(ts, str) and len(ts) <= _LONGEST_TIME else None
        if at is None:
            continue
        assert isinstance(ts, str)
        session, named = event.get("session_id"), event.get("task_id")
        if isinstance(session, str) and _is_after(at, ts, last):
            last = Mark(at, ts, session[:_LONGEST_ID])
        if isinstance(named, str) and _is_after(at, ts, task):
            # A part of an id would be that of another task.
            task = Mark(at, ts, named) if len(named) <= _LONGEST_ID else None
        if kind not in ("task_start", "task_result", "error"):
            continue
        data = event.get("data")
        status = data.get("status") if isinstance(data, dict) else None
        if _is_after(at, ts, told):
            told = Told(at, ts, kind, status == "success")
        failed = kind == "error" or (kind == "task_result" and status == "failure")
        if failed and isinstance(words, str) and _is_after(at, ts, error):
            error = Mark(at, ts, words[:LONGEST_TEXT])
    return head._replace(last=last, task=task, told=told, error=error)


def _is_after(at: int, ts: str, known: Mark | Told | None) -> bool:
    """Whether a line that is read now comes after one that was read before: of one time it may be in the file of an earlier day."""
    return known is None or (at, ts[:10]) >= (known.at, known.ts[:10])


def started_at(folder: str, session: SessionName, task_id: str, before: int) -> int | None:
    """When a task began in a session, where it did so no later than `before`; the newest files are looked at first. Raises OSError."""
    wanted = {json.dumps(task_id).encode(), json.dumps(task_id, ensure_ascii=False).encode("utf-8", "replace")}
    # What one task is called all lines may say, as each does `info`.
    within, start = json.dumps(str(session)).encode(), b"task_start"
    names = day_files(folder)
    # A session may have gone on in a time zone where it was still the day before.
    first = max(0, sum(name[:10] < session.date for name in names) - 1)
    for name in reversed(names[first:]):
        for line in lines_with(os.path.join(folder, name), wanted, last_first=True):
            if start not in line or within not in line:
                continue
            for event in _values([line]):
                if not isinstance(event, dict) or event.get("event") != "task_start" or event.get("task_id") != task_id:
                    continue
                at = microseconds_of(str(event.get("ts")))
                if event.get("session_id") == str(session) and at is not None and at <= before:
                    return at
    return None


def highest_session(folder: str, agent: str, date: str) -> int:
    """The highest number that a session of a day has in that day's ledger; 0 where there is none. Raises OSError."""
    pattern = re.compile(b'"' + re.escape(f"{date}_{agent}_").encode() + b'([0-9]{3})"')
    with _mapped(os.path.join(folder, f"{date}.jsonl")) as content:
        return max((int(found[1]) for found in pattern.finditer(content)), default=0)


def held_lines(path: str, start: int, wanted: set[bytes]) -> Counter[bytes]:
    """How often a file holds each of some lines, newline and all, from a place in it on. Raises OSError."""
    try:
        with open_regular(path) as stream:
            stream.seek(start)
            # Of the last line nothing but its end may be missing.
            return Counter(line for line in (line if line.endswith(b"\n") else line + b"\n" for line in stream) if line in wanted)
    except FileNotFoundError:
        return Counter()


def lines_with(path: str, wanted: set[bytes], last_first: bool = False) -> Iterator[bytes]:
    """The lines of a file that hold one of some texts, those of each text in their order, or the other way round. Raises OSError."""
    with _mapped(path) as content:
        for text in wanted:
            at = content.rfind(text) if last_first else content.find(text)
            while at >= 0:
                start, end = content.rfind(b"\n", 0, at) + 1, content.find(b"\n", at)
                end = end if end >= 0 else len(content)
                yield bytes(content[start:end])
                at = content.rfind(text, 0, start) if last_first else content.find(text, end)


class _mapped:  # noqa: N801 - it reads as the call that it is
    """A file's bytes, without reading what is not looked at; nothing where there is no such file."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._map: mmap.mmap | None = None

    def __enter__(self) -> mmap.mmap | bytes:
        try:
            with open_regular(self._path) as stream:
                if not os.fstat(stream.fileno()).st_size:
                    return b""
                self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
                return self._map
        except FileNotFoundError:
            return b""

    def __exit__(self, *_: object) -> None:
        if self._map is not None:
            self._map.close()


def _goes_on(path: str, read: ReadFile) -> bool:
    if not read.bytes:
        return True
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return False
    return found.st_ino == read.inode and found.st_size >= read.bytes
