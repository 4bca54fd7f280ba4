"""A command that is told to end does so at once, says nothing, and leaves no process and no temporary file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.shell import COMMAND

ROOT = Path(__file__).parents[2]


def _children(process: int) -> list[str]:
    try:
        return Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []


@pytest.mark.parametrize("late", [0, 0.4, 2], ids=["at the first worker", "soon", "later"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_who_is_told_to_end_leaves_nothing(number: signal.Signals, code: int, late: float, tmp_path: Path) -> None:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [*COMMAND, "test", "--mutate", "--no-peers", "--jobs", "3"],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until = time.monotonic() + 60
    # Without a pause: a worker in its first moment is to be met too.
    while not _children(process.pid) and time.monotonic() < until:
        pass
    time.sleep(late)
    # An interrupt at a terminal is one to all.
    (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
    # Every worker holds this stream, so that it ends with the last of them.
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (code, b"")
    if number != signal.SIGKILL:
        assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("module", ["jsonschema_rs", "srcos_contracts.checking", "srcos_contracts.cli.audit"])
def test_an_interrupt_while_the_program_is_still_loaded_says_nothing(module: str) -> None:
    script = f"""
import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from srcos_contracts.cli.main import main
sys.exit(main())
"""
    command = [sys.executable, "-P", "-c", script, "audit", "--open", str(ROOT / "examples/sets/valid/one-owner-a-tab/set")]
    done = subprocess.run(command, capture_output=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_workers_of_a_check_end_with_it_however_it_ends(tmp_path: Path) -> None:
    ledger = tmp_path / "x.jsonl"
    # Much to tell, so that every worker soon waits for somebody to read on.
    ledger.write_text('{"kind":"CapabilityLedger","apiVersion":"v9"}\n' * 400_000, encoding="utf-8")
    process = subprocess.Popen(
        [*COMMAND, "check", str(ledger), "--jobs", "3", "--format", "jsonl"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until = time.monotonic() + 60
    while len(_children(process.pid)) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGSTOP)
    time.sleep(2)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
