"""One run of `srcos-validate` as a real process, with its cost measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import srcos_contracts

__all__ = ["COMMAND", "Outcome", "run"]

COMMAND = (sys.executable, "-P", "-m", "srcos_contracts.cli.main")

# A process is born with the peak memory of the one that forked it, and a test runner may be large. So a small interpreter stands
# between: it forks, measures and kills. Its bound on address space only keeps a runaway from taking the machine with it.
_LAUNCHER = """
import json, os, resource, signal, sys, time
shell, command, folder, into, seconds = json.loads(sys.argv[1])
child = os.fork()
if child == 0:
    os.setsid()
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    for number, name in ((1, "stdout"), (2, "stderr")):
        os.dup2(os.open(os.path.join(into, name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
    os.execv("/bin/sh", ["sh", "-c", shell, "sh", *command])
signal.signal(signal.SIGALRM, lambda *_: os.killpg(child, signal.SIGKILL))
signal.alarm(seconds)
_, status, usage = os.wait4(child, 0)
print(json.dumps([os.waitstatus_to_exitcode(status), usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024]))
"""
_PACE = 0.037
"""Seconds that counting to a million takes the processor that bounds are meant for."""


class Outcome(NamedTuple):
    """What came of a run."""

    code: int
    """The exit code; negative for the signal that ended it, as when it ran out of time."""
    seconds: float
    """Processor time, workers included, of a processor that is no slower than the one that bounds are meant for."""
    memory: int
    """Peak resident bytes of the largest of its processes."""
    stdout: bytes
    stderr: bytes


def run(arguments: tuple[str, ...], folder: Path, shell: str = 'exec "$@"', seconds: int = 20) -> Outcome:
    """Runs the command in `folder`; `shell` is the line of sh that starts it as "$@". It is killed after `seconds`."""
    into = folder.parent
    environment = {
        name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "GITHUB_ACTIONS", "SRCOS_DEBUG", "COLUMNS")
    }
    environment["PYTHONPATH"] = str(Path(srcos_contracts.__file__).parents[1])
    order = json.dumps([shell, [*COMMAND, *arguments], str(folder), str(into), seconds])
    slower = _slowness()
    launched = subprocess.run([sys.executable, "-S", "-c", _LAUNCHER, order], env=environment, capture_output=True, text=True, check=True)
    code, spent, memory = json.loads(launched.stdout)
    spent /= max(1.0, slower, _slowness())
    return Outcome(code, spent, memory, (into / "stdout").read_bytes(), (into / "stderr").read_bytes())


def _slowness() -> float:
    """How many times as long as the processor that bounds are meant for this one takes, at this moment: others may be at work on it."""
    return min(_pace() for _ in range(3)) / _PACE


def _pace() -> float:
    begun, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number
    return time.process_time() - begun
