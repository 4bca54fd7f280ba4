"""The bytes of files, without waiting for what is no file."""

from __future__ import annotations

import errno
import os
import stat
from typing import BinaryIO

__all__ = ["content_of", "open_regular"]


def open_regular(path: str) -> BinaryIO:
    """A file's bytes as a stream. Raises OSError, also for a folder, and for a pipe, socket or device, which might be waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno != errno.ENXIO:
            raise
        # A socket cannot be opened at all.
        raise _not_regular(path) from None
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path) if stat.S_ISDIR(mode) else _not_regular(path)
    return os.fdopen(handle, "rb")


def content_of(path: str) -> bytes:
    """A file's bytes. Raises OSError as `open_regular` does."""
    with open_regular(path) as stream:
        return stream.read()


def _not_regular(path: str) -> OSError:
    return OSError(errno.EINVAL, "this is not a regular file", path)
