"""Files written as wholes: whoever reads one, or finds it after a crash, sees the old content or the new."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, TextIO

from srcos_contracts.temporary import unlike_any

__all__ = ["is_device", "replace_text", "whole_bytes", "whole_file"]

_READABLE = 0o666


@contextmanager
def whole_bytes(file: str | Path) -> Iterator[BinaryIO]:
    """A stream whose bytes stand under the name `file` once they are all there; before, and after an error, whatever stood there stays.

    Links are followed, and stay; a file that was there keeps its mode. What is no file, a pipe or a terminal, is written at once. Raises
    OSError.
    """
    if is_device(file):
        with open(file, "wb") as stream:
            yield stream
        return
    target = os.path.realpath(file)
    if os.path.isdir(target) or (not os.access(target, os.W_OK) and os.path.exists(target)):
        code = errno.EISDIR if os.path.isdir(target) else errno.EACCES
        raise OSError(code, os.strerror(code), os.fspath(file))
    # In the same folder, so that there is no copying; hidden, so that nobody takes it for a file of the user's.
    draft = os.path.join(os.path.dirname(target), f".srcos-{unlike_any()}.unfinished")
    try:
        with open(draft, "xb", opener=_for_the_owner) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(draft, _mode(target))
        os.replace(draft, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(draft)
        raise


@contextmanager
def whole_file(file: str | Path) -> Iterator[TextIO]:
    """The same for text, in UTF-8."""
    with whole_bytes(file) as raw:
        stream = io.TextIOWrapper(raw, encoding="utf-8", newline="\n")
        try:
            yield stream
            stream.detach()
        except BaseException:
            with suppress(OSError, ValueError):
                stream.close()
            raise


def replace_text(path: str | Path, text: str) -> None:
    """Writes a file, new or not, in one step. Raises OSError."""
    with whole_file(path) as stream:
        stream.write(text)


def is_device(file: str | Path) -> bool:
    """Whether there is something by this name that is neither a file nor a folder: several may write to it, and none replaces it."""
    try:
        mode = os.stat(file).st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _mode(path: str) -> int:
    try:
        return os.stat(path).st_mode & 0o7777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return _READABLE & ~mask
