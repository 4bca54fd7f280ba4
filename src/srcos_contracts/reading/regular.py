"""The bytes of a file of schemas, without waiting for what is no file."""

from __future__ import annotations

import errno
import os
import stat

__all__ = ["content_of"]


def content_of(path: str) -> bytes:
    """A file's bytes. Raises OSError, also for a pipe, socket or device, whose opening might wait for ever."""
    mode = os.stat(path).st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OSError(errno.EINVAL, "this is not a regular file", path)
    with open(path, "rb") as stream:
        return stream.read()
