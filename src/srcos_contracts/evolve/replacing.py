"""Files replaced as wholes: whoever reads one, or finds it after a crash, sees the old text or the new."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

__all__ = ["replace_text"]

_READABLE = 0o666


def replace_text(path: str | Path, text: str) -> None:
    """Writes a file, new or not, in one step; one that was there keeps its mode. Raises OSError."""
    folder = os.path.dirname(path) or os.curdir
    descriptor, draft = tempfile.mkstemp(dir=folder, prefix=".srcos-")
    try:
        with open(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(draft, _mode(path))
        os.replace(draft, path)
    except OSError:
        os.unlink(draft)
        raise


def _mode(path: str | Path) -> int:
    try:
        return os.stat(path).st_mode & 0o7777
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        return _READABLE & ~mask
