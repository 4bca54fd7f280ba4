"""What waits beside a ledger: lines that could not be written yet, and events that broke their contract."""

from __future__ import annotations

import errno
import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from srcos_contracts.emit.appending import LineFile
from srcos_contracts.emit.event import EventJudge, Line, encoded
from srcos_contracts.emit.files import open_regular, same_file
from srcos_contracts.emit.locking import locked
from srcos_contracts.emit.naming import Places
from srcos_contracts.finding import Finding

__all__ = ["MOST_BYTES", "keep_refused", "spill_lines", "take_in_spill", "waiting_lines"]

MOST_BYTES = 64 << 20
"""What a file beside a ledger may grow to."""


def spill_lines(places: Places, lines: deque[Line]) -> None:
    """Appends lines from the left of a queue to the spill file, taking away each that is there. Raises OSError."""
    with _held(places.spill) as file:
        while lines:
            _append_bounded(file, lines[0].text)
            lines.popleft()


def take_in_spill(
    places: Places,
    judge: EventJudge,
    write: Callable[[deque[Line]], None],
    holds: Callable[[Line], bool],
    refuse: Callable[[bytes, list[Finding]], None],
) -> int:
    """Has the lines of the spill file written, in their order and each once, and removes it. Returns how many there were.

    Where that was begun before, and not ended, the lines that the ledger has are passed over. Lines that are none, or break their
    contract, are refused. Raises OSError, and leaves the file, where not all could be written.
    """
    if not os.path.exists(places.spill):
        return 0
    with _held(places.spill, make=False):
        with open_regular(places.spill) as stream:
            texts = [text for text in stream.read().split(b"\n") if text]
        lines: deque[Line] = deque()
        refused = []
        for text in texts:
            read = judge.read(text, places.agent)
            if isinstance(read, Line):
                lines.append(read)
            else:
                refused.append((text, read))
        taken = len(lines)
        while lines and holds(lines[0]):
            lines.popleft()
        write(lines)
        for text, found in refused:
            refuse(text, found)
        os.unlink(places.spill)
    return taken


def waiting_lines(places: Places) -> int:
    """How many lines wait in the spill file. Raises OSError."""
    try:
        with open_regular(places.spill) as stream:
            return sum(bool(line.strip()) for line in stream)
    except FileNotFoundError:
        return 0


def keep_refused(places: Places, when: str, event: Any, found: list[Finding]) -> None:
    """Keeps an event that was refused, with what is wrong with it, in a file of its own. Raises OSError."""
    told = [{"rule": finding.rule, "pointer": finding.pointer, "message": finding.sentence, "help": finding.help} for finding in found]
    text = encoded({"refused_at": when, "event": event, "findings": told})
    if not isinstance(text, bytes):
        text = encoded({"refused_at": when, "event": ascii(event)[:10_000], "findings": told})
    assert isinstance(text, bytes)
    with _held(places.refused) as file:
        _append_bounded(file, text + b"\n")


def _append_bounded(file: LineFile, line: bytes) -> None:
    try:
        size = os.stat(file.path).st_size
    except FileNotFoundError:
        size = 0
    if size + len(line) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"there are {MOST_BYTES >> 20} MiB in it already", file.path)
    file.append(line)


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
