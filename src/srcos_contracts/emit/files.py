"""Files of this machine, replaced so that nobody sees a half of one, and held open whatever else the process closes."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os

__all__ = ["HeldFile", "replace_file", "same_file", "sync"]

_numbers = itertools.count()


class HeldFile:
    """A file or folder that stays open. An agent that goes into the background may close it, and open one of its own by the same number."""

    def __init__(self, handle: int) -> None:
        """Raises OSError."""
        self.handle = handle
        self._file = _identity(os.fstat(handle))

    def stat(self) -> os.stat_result | None:
        """What is open; None where that is no longer the file that was opened, or the system has lost sight of it."""
        try:
            found = os.fstat(self.handle)
        except OSError:
            return None
        return found if _identity(found) == self._file else None

    def is_at(self, path: str) -> bool:
        """Whether a path names what was opened. Raises no error where it names nothing."""
        try:
            return _identity(os.stat(path)) == self._file
        except FileNotFoundError:
            return False

    def close(self) -> None:
        """Lets it go, and no other that is open by its number by now."""
        try:
            is_other = _identity(os.fstat(self.handle)) != self._file
        except OSError as error:
            is_other = error.errno == errno.EBADF
        if not is_other:
            os.close(self.handle)


def _identity(found: os.stat_result) -> tuple[int, int]:
    return found.st_dev, found.st_ino


def same_file(handle: int, path: str) -> bool:
    """Whether a path still names what is open. Raises no error where it names nothing."""
    try:
        there, open_one = os.stat(path), os.fstat(handle)
    except FileNotFoundError:
        return False
    return _identity(there) == _identity(open_one)


def replace_file(path: str, content: bytes, durable: bool) -> None:
    """Puts a whole file in the place of another: whoever reads sees the one or the other. Raises OSError."""
    folder = os.path.dirname(path)
    os.makedirs(folder, exist_ok=True)
    temporary = os.path.join(folder, f".{os.path.basename(path)}.{os.getpid()}-{next(_numbers)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        with os.fdopen(os.open(temporary, flags, 0o666), "wb") as stream:
            stream.write(content)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        os.replace(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    if durable:
        sync(folder)


def sync(path: str) -> None:
    """Forces a file, or the names in a folder, to the disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
