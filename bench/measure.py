"""Whole processes: how long one takes, and how much memory it needs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

__all__ = ["Failed", "megabytes", "output", "seconds"]

_SAMPLE_SECONDS = 0.01


class Failed(RuntimeError):
    """A command that was to be measured did not end well, so that its time would mean nothing."""

    def __init__(self, command: Sequence[str], code: int, output: str) -> None:
        super().__init__(command, code, output)
        self.command, self.code, self.output = command, code, output

    def __str__(self) -> str:
        return f"{' '.join(self.command)} ended with {self.code}:\n{self.output[-2000:]}"


def seconds(command: Sequence[str], folder: Path | None = None) -> float:
    """How long a process takes, from its start to its end, in a folder or where this one is. Raises Failed where its exit code is not 0."""
    start = time.perf_counter()
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", cwd=folder
    )
    taken = time.perf_counter() - start
    if done.returncode:
        raise Failed(command, done.returncode, done.stdout)
    return taken


def output(command: Sequence[str]) -> str:
    """What a process prints. Raises Failed where its exit code is not 0."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace")
    if done.returncode:
        raise Failed(command, done.returncode, done.stderr)
    return done.stdout


def megabytes(command: Sequence[str]) -> float:
    """The most memory a process and its descendants hold: the sum of their peaks, pages that they share counted for each.

    Where there is no /proc, the peak of the largest of them. Raises Failed where the exit code is not 0.
    """
    if not Path("/proc/self/status").exists():
        return _largest(command)
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = 0
    while process.poll() is None:
        most = max(most, sum(_peak_kilobytes(pid) for pid in _tree(process.pid)))
        time.sleep(_SAMPLE_SECONDS)
    if process.returncode:
        raise Failed(command, process.returncode, "")
    return most / 1024


def _largest(command: Sequence[str]) -> float:
    import resource

    seconds(command)
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit


def _tree(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for children in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += [int(child) for child in children.read_text().split()]
            except OSError:  # it has ended
                continue
    return found


def _peak_kilobytes(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")), 0)
