"""How a command ends that is told to: with what it made for itself taken away."""

from __future__ import annotations

import signal
from types import FrameType

__all__ = ["Terminated", "end_if_told", "tidy_when_ended", "told_to_end"]

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


def end_if_told() -> None:
    """Raises KeyboardInterrupt where the program has been told to end, and what was raised then has got lost."""
    if _told:
        raise KeyboardInterrupt


def told_to_end() -> int:
    """The signal by which the program has been told to end; 0 where it has not."""
    return _told[0] if _told else 0
