"""How a command ends that is told to: with what it made for itself taken away."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TextIO

__all__ = ["Terminated", "tidy_when_ended", "told_to_end", "whole_file"]

_told: list[int] = []
"""The signals that have come: a library may turn what a handler raises into an error of its own."""


class Terminated(KeyboardInterrupt):
    """The system, or somebody, asked the program to end (SIGTERM)."""


def tidy_when_ended() -> None:
    """From now on SIGTERM ends the program as an interrupt does: temporary files are removed on the way out."""

    def end(number: int, frame: FrameType | None) -> None:
        _told.append(number)
        raise Terminated if number == signal.SIGTERM else KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        # Who starts a program with a signal ignored means it to go on.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, end)


def told_to_end() -> int:
    """The signal by which the program has been told to end; 0 where it has not."""
    return _told[0] if _told else 0


@contextmanager
def whole_file(file: str) -> Iterator[TextIO]:
    """A stream whose text stands under the name `file` once it is whole; before, whatever stood there stays. Raises OSError."""
    if _is_device(file):
        with open(file, "w", encoding="utf-8") as stream:
            yield stream
        return
    # Through links, so that they stay; in the same folder, so that there is no copying.
    target = os.path.realpath(file)
    unfinished = f"{target}.{os.getpid()}.unfinished"
    try:
        with open(unfinished, "x", encoding="utf-8") as stream:
            yield stream
        os.replace(unfinished, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(unfinished)
        raise


def _is_device(file: str) -> bool:
    try:
        return not stat.S_ISREG(os.stat(file).st_mode)
    except OSError:
        return False
