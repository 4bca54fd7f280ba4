"""Files of this machine, replaced so that nobody sees a half of one."""

from __future__ import annotations

import contextlib
import itertools
import os

__all__ = ["replace_file", "same_file", "sync_folder"]

_numbers = itertools.count()


def same_file(handle: int, path: str) -> bool:
    """Whether a path still names what is open. Raises no error where it names nothing."""
    try:
        there, open_one = os.stat(path), os.fstat(handle)
    except FileNotFoundError:
        return False
    return (there.st_dev, there.st_ino) == (open_one.st_dev, open_one.st_ino)


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
        sync_folder(folder)


def sync_folder(folder: str) -> None:
    """Forces the names in a folder to the disk. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
