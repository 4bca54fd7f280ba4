"""Processes that tests have started, looked at from outside."""

from __future__ import annotations

import time
from pathlib import Path

__all__ = ["gone"]


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def gone(file: Path) -> bool:
    """Whether the processes that have written their numbers to a file are no more; the system may take a moment."""
    numbers = [int(number) for number in file.read_text().split()]
    assert numbers
    until = time.monotonic() + 10
    while any(_runs(number) for number in numbers) and time.monotonic() < until:
        time.sleep(0.01)
    return not any(_runs(number) for number in numbers)
