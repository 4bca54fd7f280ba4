"""Whole lines at the end of a file that is never opened for anything else.

A line is one `write` on a descriptor opened with O_APPEND, while the caller holds the ledger's lock. What a crash tore is closed off
by a newline and kept; what a full disk cut short is completed as soon as there is room, as long as nobody else has written since.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import time
from typing import Literal

from srcos_contracts.emit.files import HeldFile, sync
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.regular import open_regular

__all__ = ["Durability", "LineFile"]

Durability = Literal["never", "interval", "each"]
"""When lines are forced to the disk: by the system alone, at most every second and at the end, or each before it is acknowledged."""

SYNC_SECONDS = 1.0
_MOST_AGAIN = 8
_FLAGS = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK


class _Begun(NamedTuple):
    """A line whose writing was begun and, for all that is known, not ended."""

    line: bytes
    todo: bytes
    """What was to be written of it, with the newline that closes off another's."""
    start: int
    """Where in the file that begins."""


class LineFile:
    """One file of lines. The caller sees that only one at a time appends."""

    def __init__(self, path: str, durability: Durability = "never") -> None:
        self.path = path
        self.torn = 0
        """How many lines were found torn and closed off."""
        self.opened = 0
        """How often a file was opened: another one each time, for all that is known."""
        self._durability = durability
        self._held: HeldFile | None = None
        self._size = -1
        """What the file's size was after the last line, where that was whole."""
        self._begun: _Begun | None = None
        self._whole: bytes | None = None
        """The last line that is there: where its writer was interrupted after it, this very line is given again."""
        self._again: list[bytes] = []
        """Lines that are there, though whoever gave them was told otherwise, or nothing yet: each is given once more."""
        self._synced = time.monotonic()
        self._dirty = False

    def append(self, line: bytes) -> int:
        """Appends a line, which ends in a newline. Returns the file's size after it. Raises OSError where it is not wholly there.

        A line that failed is to be tried again as it was, or to be given to another file: see `has`.
        """
        handle, size = self._opened()
        if self._begun is not None:
            size = self._ended(handle, self._begun, size)
        if line in self._again:
            self._again.remove(line)
            self._whole = line
        elif line is not self._whole:
            torn = size and size != self._size and not self._ends_well(size)
            self.torn += bool(torn)
            todo = b"\n" + line if torn else line
            size = self._write(handle, _Begun(line, todo, size), todo, size)
        if self._durability == "each" or (self._durability == "interval" and time.monotonic() - self._synced >= SYNC_SECONDS):
            try:
                self.sync()
            except OSError:
                self._expect(line)
                raise
        return size

    @property
    def unfinished(self) -> bytes:
        """A line that was begun and may be ended when the next is appended; empty where there is none."""
        return self._begun.line if self._begun is not None else b""

    def has(self, line: bytes) -> bool:
        """Whether a line that failed, this very object, is wholly there all the same, as far as that can be seen.

        One that is there is not to be given again.
        """
        if line in self._again:
            self._again.remove(line)
            self._whole = line
        return line is self._whole or self._missing_of(line) == b""

    def begun_at(self, line: bytes) -> int | None:
        """Where a line that failed, this very object, begins, of which a part is there; None where none is to be seen."""
        return self._begun.start if self._begun is not None and self._missing_of(line) else None

    def end(self) -> int:
        """Where what is appended next begins, a line that was begun and can be ended among it. Raises OSError."""
        try:
            size = os.stat(self.path).st_size
        except FileNotFoundError:
            return 0
        return self._begun.start if self._begun is not None and self._missing(self._begun, size) else size

    def is_still(self, opened: int) -> bool:
        """Whether the path names the file that was open when there had been so many openings. Raises OSError."""
        held = self._held
        return held is not None and self.opened == opened and held.stat() is not None and held.is_at(self.path)

    def close_off(self) -> bool:
        """Ends a torn last line with a newline, and lets the file go. Returns whether there was one. Raises OSError."""
        try:
            handle, size = self._opened()
            torn = bool(size) and not self._ends_well(size)
            if torn:
                os.write(handle, b"\n")
                self._dirty = True
                if self._durability != "never":
                    self.sync()
            return torn
        finally:
            self.close()

    def _expect(self, line: bytes) -> None:
        """Takes note that a line that is there is given again. Of those that a strict agent gave up some are forgotten."""
        self._again = [*self._again, line][-_MOST_AGAIN:]

    def _ended(self, handle: int, begun: _Begun, size: int) -> int:
        """Sees a line that was begun to its end, if nobody wrote after it. Returns the file's size."""
        missing = self._missing(begun, size)
        if missing:
            size = self._write(handle, begun, missing, size)
            self._expect(begun.line)
        elif missing is not None:
            self._whole, self._size = begun.line, begun.start + len(begun.todo)
        self._begun = None
        return size

    def _missing_of(self, line: bytes) -> bytes | None:
        found = self._held.stat() if self._held is not None else None
        if found is None or self._begun is None or self._begun.line is not line:
            return None
        try:
            return self._missing(self._begun, found.st_size)
        except OSError:
            return None

    def _missing(self, begun: _Begun, size: int) -> bytes | None:
        """What is not there of a line that was begun; None where nothing of it is, or somebody wrote after it."""
        with open_regular(self.path) as stream:
            stream.seek(begun.start)
            there = stream.read(len(begun.todo))
        whole = there == begun.todo
        if not there or (not whole and (begun.start + len(there) != size or not begun.todo.startswith(there))):
            return None
        return begun.todo[len(there) :]

    def _write(self, handle: int, begun: _Begun, left: bytes, size: int) -> int:
        """Writes what is left of a line. Returns the file's size after it."""
        self._size = -1
        self._refuse_without_room(handle, len(left))
        self._begun = begun
        end = size + len(left)
        try:
            while left:
                written = os.write(handle, left)
                if not written:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.path)
                self._dirty = True
                left = left[written:]
        except BaseException:
            if os.fstat(handle).st_size == begun.start:
                # Nothing of it is there, and what others write in its place is not it.
                self._begun = None
            raise
        self._whole, self._begun = begun.line, None
        self._size = end
        return end

    def _refuse_without_room(self, handle: int, size: int) -> None:
        """Raises OSError where the disk would take the beginning of a line and no more: half a line stays for good."""
        disk = os.fstatvfs(handle)
        free = disk.f_bfree if os.geteuid() == 0 else disk.f_bavail
        if disk.f_blocks and free * disk.f_frsize < size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.path)

    def _opened(self) -> tuple[int, int]:
        """The file, opened, and its size. Raises OSError."""
        held = self._held
        found = held.stat() if held is not None else None
        if held is not None and found is not None and held.is_at(self.path):
            return held.handle, found.st_size
        self.close()
        new = not os.path.exists(self.path)
        handle = os.open(self.path, _FLAGS, 0o666)
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            os.close(handle)
            raise OSError(errno.EINVAL, "this is not a regular file", self.path)
        self._held = HeldFile(handle)
        self.opened += 1
        if new and self._durability != "never":
            sync(os.path.dirname(self.path))
        return handle, found.st_size

    def _ends_well(self, size: int) -> bool:
        with open_regular(self.path) as stream:
            stream.seek(size - 1)
            return stream.read(1) == b"\n"

    def sync(self) -> None:
        """Forces what was written to the disk. Raises OSError."""
        if self._dirty and self._held is not None:
            if self._held.stat() is not None:
                os.fsync(self._held.handle)
            else:
                with contextlib.suppress(FileNotFoundError):
                    sync(self.path)
            self._dirty = False
            self._synced = time.monotonic()

    def close(self) -> None:
        """Lets the file go, as it is."""
        if self._held is not None:
            held, self._held, self._size = self._held, None, -1
            self._begun = self._whole = None
            self._again.clear()
            held.close()
