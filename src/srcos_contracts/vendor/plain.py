"""Plain files below a folder, read without following any symbolic link."""

from __future__ import annotations

import os
import stat

from srcos_contracts.refusal import Refusal

__all__ = ["MOST_BYTES", "NotPlain", "content_of"]

MOST_BYTES = 64 * 1024 * 1024
"""What a vendored file may have at most."""


class NotPlain(Refusal):
    """What is no regular file, or is reached through a symbolic link, or is larger than any contract."""


def content_of(folder: str, path: str) -> bytes:
    """The bytes of a file, its path with slashes and without `..`. Raises NotPlain, OSError."""
    place = folder
    about = None
    for part in path.split("/"):
        place = os.path.join(place, part)
        about = os.lstat(place)
        if stat.S_ISLNK(about.st_mode):
            raise NotPlain(f"{os.path.relpath(place, folder)} is a symbolic link, which is not followed; put the file itself there")
    if about is None or not stat.S_ISREG(about.st_mode):
        raise NotPlain(f"{path} is no regular file")
    if about.st_size > MOST_BYTES:
        raise NotPlain(f"{path} has more than {MOST_BYTES // (1024 * 1024)} MiB")
    with open(place, "rb") as stream:
        return stream.read(MOST_BYTES + 1)
