"""Commands as a person types them: each a shell line in a real process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import srcos_contracts

__all__ = ["COMMAND", "Ended", "run", "surroundings"]

COMMAND = (sys.executable, "-P", "-m", "srcos_contracts.cli.main")
_LEFT_OUT = ("NO_COLOR", "GITHUB_ACTIONS", "SRCOS_DEBUG", "FORCE_COLOR", "COLUMNS")


class Ended(NamedTuple):
    """How a process ended and what it wrote."""

    code: int
    stdout: str
    stderr: str


def surroundings(folder: Path) -> dict[str, str]:
    """An environment in which a shell finds `srcos-validate`, as it does where the package is installed; the script lies in `folder`."""
    script = folder / "srcos-validate"
    script.write_text("#!/bin/sh\nexec " + " ".join(f"'{word}'" for word in COMMAND) + ' "$@"\n')
    script.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name not in _LEFT_OUT}
    source = str(Path(srcos_contracts.__file__).parents[1])
    return {**kept, "PATH": f"{folder}{os.pathsep}{kept['PATH']}", "PYTHONPATH": source, "COLUMNS": "100", "TERM": "xterm"}


def run(line: str, environment: dict[str, str], folder: Path, stdin: bytes = b"") -> Ended:
    ended = subprocess.run(["sh", "-c", line], cwd=folder, env=environment, input=stdin, capture_output=True, timeout=60)
    return Ended(ended.returncode, ended.stdout.decode(), ended.stderr.decode())
