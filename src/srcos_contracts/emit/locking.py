"""Taking turns: an advisory lock on a folder or file that is still the one that the path names."""

from __future__ import annotations

import errno
import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["LOCK_SECONDS", "LockHeld", "locked"]

LOCK_SECONDS = 2.0
_SHORTEST, _LONGEST = 0.000_05, 0.005


class LockHeld(OSError):
    """Somebody else held the lock all the time."""

    def __init__(self, path: str, seconds: float) -> None:
        super().__init__(errno.EWOULDBLOCK, f"another writer has held the lock for {seconds:g} s", path)


@contextmanager
def locked(handle: int, path: str, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Holds the lock of an open file or folder. Raises LockHeld after `seconds`, OSError where the system has no such locks.

    The lock belongs to whoever opened the file: a process that forked must open its own.
    """
    deadline = 0.0
    pause = _SHORTEST
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except BlockingIOError:
            now = time.monotonic()
            deadline = deadline or now + seconds
            if now >= deadline:
                raise LockHeld(path, seconds) from None
            # Waiting in the system would leave no way to give up.
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST)
    try:
        yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)
