"""What waits beside a ledger: lines that could not be written yet, and events that broke their contract."""

from __future__ import annotations

import errno
import json
import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from srcos_contracts.emit.appending import LineFile
from srcos_contracts.emit.event import EventJudge, Line, encoded
from srcos_contracts.emit.files import replace_file, same_file
from srcos_contracts.emit.head import held_lines
from srcos_contracts.emit.locking import locked
from srcos_contracts.emit.naming import Places
from srcos_contracts.emit.writing import Writer
from srcos_contracts.finding import Finding
from srcos_contracts.reading.regular import open_regular

__all__ = ["MOST_BYTES", "keep_refused", "shown", "spill_lines", "take_in_spill", "waiting_lines"]

MOST_BYTES = 64 << 20
"""What a file beside a ledger may grow to."""
_LONGEST_SHOWN = 10_000
_MEMBER = "taken-in-from"
_MARK = f'{{"{_MEMBER}":'.encode()
"""How a line of a spill file begins that is a mark: for days, how large their files were before events were taken in."""
_FARTHEST = 1 << 62
"""Where no file reaches to."""


def spill_lines(writer: Writer, lines: deque[Line]) -> None:
    """Appends lines from the left of a queue to the spill file, taking away each that is there. Raises OSError."""
    with _held(writer.places.spill) as file:
        for mark in _begun(writer, lines):
            _append(file, mark + b"\n")
        while lines:
            _append_bounded(file, lines[0].text)
            lines.popleft()


def take_in_spill(writer: Writer, judge: EventJudge, refuse: Callable[[bytes, list[Finding]], None]) -> None:
    """Has the lines of the spill file written, in their order and each once, and removes it. The caller has the ledger's turn.

    The file is locked only to be read and to be removed, so that others can spill meanwhile; what they add is taken in as well. Before
    any of its lines is written, a mark in the file says how far the ledger went: lines that it holds after that are passed over, since a
    process that took them in did not come to the end. Lines that are none, or break their contract, are refused. Raises OSError where not
    all could be written, and leaves in the file those that were not.
    """
    places = writer.places
    done = 0
    ends: dict[str, int] = {}
    while True:
        try:
            with _held(places.spill, make=False) as file:
                content = _from(places.spill, done)
                if not content:
                    os.unlink(places.spill)
                    return
                texts = [text for text in content.split(b"\n") if text]
                for text in texts:
                    ends = {**_marked(text), **ends}
                read = [(text, judge.read(text, places.agent)) for text in texts if not text.startswith(_MARK)]
                lines = deque(line for _, line in read if isinstance(line, Line))
                done += len(content)
                unknown = {line.day: writer.end_of(line.day) for line in lines if line.day not in ends}
                if unknown:
                    done = _append(file, _mark(unknown) + b"\n")
                    file.sync()
                    ends |= unknown
        except FileNotFoundError:
            # Another process was there first.
            return
        known = _held_after(places, ends, lines)
        for _ in range(len(lines)):
            first = lines.popleft()
            if known[first.text]:
                known[first.text] -= 1
            else:
                lines.append(first)
        try:
            writer.write(lines)
        except OSError:
            # Where any of this fails too, the mark in the file tells what the ledger has of it.
            with suppress(OSError):
                left = {id(line) for line in lines if not writer.has(line)}
                kept = [text for text, line in read if not isinstance(line, Line) or id(line) in left]
                _keep(places.spill, [*_begun(writer, lines), *kept], done)
            raise
        for text, line in read:
            if not isinstance(line, Line):
                refuse(text, line)


def _mark(ends: Mapping[str, int]) -> bytes:
    return json.dumps({_MEMBER: ends}, separators=(",", ":")).encode()


def _begun(writer: Writer, lines: deque[Line]) -> list[bytes]:
    """A mark where a part of the first of some lines is there: whoever ends it with a newline makes it whole, if only that is missing."""
    begun = writer.begun_at(lines[0]) if lines else None
    return [] if begun is None else [_mark({lines[0].day: begun})]


def _marked(text: bytes) -> dict[str, int]:
    """What a mark says; nothing where a line is none."""
    if not text.startswith(_MARK):
        return {}
    try:
        return {day: end for day, end in json.loads(text)[_MEMBER].items() if isinstance(end, int) and 0 <= end < _FARTHEST}
    except (ValueError, TypeError, AttributeError, RecursionError):
        # Torn by a crash, so that nothing was taken in after it.
        return {}


def _held_after(places: Places, ends: Mapping[str, int], lines: Iterable[Line]) -> Counter[bytes]:
    """How often the files of days hold each of some lines after where they had ended. Raises OSError."""
    wanted: dict[str, set[bytes]] = {}
    for line in lines:
        wanted.setdefault(line.day, set()).add(line.text)
    found: Counter[bytes] = Counter()
    for day, texts in wanted.items():
        found += held_lines(places.day(day), ends[day], texts)
    return found


def _from(path: str, start: int) -> bytes:
    with open_regular(path) as stream:
        stream.seek(start)
        return stream.read()


def _keep(path: str, texts: list[bytes], done: int) -> None:
    """Puts lines in the place of the beginning of a spill file. Raises OSError."""
    with _held(path, make=False):
        replace_file(path, b"".join(text + b"\n" for text in texts) + _from(path, done), durable=True)


def waiting_lines(places: Places) -> int:
    """How many lines wait in the spill file. Raises OSError."""
    try:
        with open_regular(places.spill) as stream:
            return sum(bool(line.strip()) and not line.startswith(_MARK) for line in stream)
    except FileNotFoundError:
        return 0


def keep_refused(places: Places, when: str, event: Any, found: list[Finding]) -> None:
    """Keeps an event that was refused, with what is wrong with it, in a file of its own. Raises OSError."""
    told = [{"rule": finding.rule, "pointer": finding.pointer, "message": finding.sentence, "help": finding.help} for finding in found]
    text = encoded({"refused_at": when, "event": event, "findings": told})
    if not isinstance(text, bytes):
        text = encoded({"refused_at": when, "event": shown(event), "findings": told})
    assert isinstance(text, bytes)
    with _held(places.refused) as file:
        _append_bounded(file, text + b"\n")


def shown(event: Any) -> str:
    """What is shown of an event that no JSON can be made of."""
    try:
        return ascii(event)[:_LONGEST_SHOWN]
    except (ValueError, RecursionError):
        # A number of too many digits, or what lies too deep.
        return f"<{type(event).__name__}>"


def _append_bounded(file: LineFile, line: bytes) -> None:
    if file.end() + len(line) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"it may hold {MOST_BYTES >> 20} MiB at most", file.path)
    _append(file, line)


def _append(file: LineFile, line: bytes) -> int:
    """Appends a line, or nothing of it: its writer keeps it, and would give it a second time. Returns the file's size. Raises OSError."""
    end = file.end()
    try:
        return file.append(line)
    except OSError:
        with suppress(OSError):
            os.truncate(file.path, end)
        raise


@contextmanager
def _held(path: str, make: bool = True) -> Iterator[LineFile]:
    """A file beside a ledger, locked, and still the one that the path names."""
    if make:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    while True:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | (os.O_CREAT if make else 0), 0o666)
        try:
            with locked(handle, path):
                if not same_file(handle, path):
                    continue
                file = LineFile(path)
                try:
                    yield file
                    return
                finally:
                    file.close()
        finally:
            os.close(handle)
