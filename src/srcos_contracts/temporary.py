"""Folders of this program's own that do not outlive it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["temporary_folder", "unlike_any"]


def unlike_any() -> str:
    """A word for the name of a file or folder that nothing else has in its name: 16 hexadecimal digits by chance.

    What is named before it is made can be removed whenever an interrupt comes. Of what a library names and makes in one there is a
    moment, between the system's call and its return, in which nobody knows the name; holding signals back is no help against that
    where there are other threads, which take them.
    """
    return os.urandom(8).hex()


@contextmanager
def temporary_folder(prefix: str, within: str | None = None) -> Iterator[str]:
    """The path of a new folder, removed at the end with all that is in it: below `within`, or where TMPDIR says. Raises OSError."""
    path = os.path.join(within or tempfile.gettempdir(), prefix + unlike_any())
    try:
        try:
            os.mkdir(path, 0o700)
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
    finally:
        # An interrupt may have come while it was removed.
        shutil.rmtree(path, ignore_errors=True)
