"""Agents as processes of their own, to be killed, starved and crowded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import srcos_contracts

__all__ = ["COMMAND", "ENVIRONMENT", "python", "srcos_ledger"]

COMMAND = (sys.executable, "-P", "-m", "srcos_contracts.cli.agent_ledger.main")
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("SRCOS_") and name not in ("NO_COLOR", "COLUMNS")},
    "PYTHONPATH": str(Path(srcos_contracts.__file__).parents[1]),
    "TZ": "UTC",
}


def python(program: str, *arguments: str, folder: Path, shell: str = 'exec "$@"') -> subprocess.Popen[bytes]:
    """Starts a program in Python; `shell` is the line of sh that starts it as "$@".

    Its output is not read ahead: `communicate` gives all that comes after what was read before, where a buffer would keep some of it.
    """
    command = ["sh", "-c", shell, "sh", sys.executable, "-c", program, *arguments]
    return subprocess.Popen(
        command, bufsize=0, cwd=folder, env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def srcos_ledger(
    *arguments: str, folder: Path, shell: str = 'exec "$@"', stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """Runs `srcos-ledger` to its end."""
    command = ["sh", "-c", shell, "sh", *COMMAND, *arguments]
    return subprocess.run(command, cwd=folder, env={**ENVIRONMENT, **environment}, input=stdin, capture_output=True, timeout=120)
