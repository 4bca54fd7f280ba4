"""A small repository of contracts, made by the product's own commands, for tests that run real processes in it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import srcos_contracts

SCHEMA = "schemas/Thing/0.1.0.json"
CASES = "examples/Thing/0.1.0/cases.json"
_COMMAND = (sys.executable, "-P", "-m", "srcos_contracts.cli.main")
_WITHOUT = "import sys; sys.modules['duckdb'] = None; from srcos_contracts.cli.main import main; sys.exit(main())"
_KEPT = ("PATH", "HOME", "TMPDIR", "LANG")
_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}
_SECONDS = re.compile(r" +\d+\.\d s")
_COMMIT = re.compile(r"\([0-9a-f]{10}\)")


class Ended(NamedTuple):
    """How a process ended and what it wrote, without times and names of commits."""

    code: int
    out: str
    err: str


class Repository(NamedTuple):
    """A folder with a repository of contracts."""

    root: Path

    def validate(self, *words: str, within: str = ".", without_duckdb: bool = False, **environment: str) -> Ended:
        """Runs `srcos-validate`."""
        command = (sys.executable, "-P", "-c", _WITHOUT) if without_duckdb else _COMMAND
        ended = subprocess.run([*command, *words], cwd=self.root / within, env=_surroundings(environment), capture_output=True, timeout=120)
        out, err = (_COMMIT.sub("(COMMIT)", _SECONDS.sub(" TIME", text.decode())) for text in (ended.stdout, ended.stderr))
        return Ended(ended.returncode, out, err)

    def git(self, *words: str) -> str:
        ended = subprocess.run(["git", *words], cwd=self.root, env=_surroundings({}), capture_output=True, check=True, timeout=60)
        return ended.stdout.decode().strip()

    def commit(self) -> str:
        """Commits all that there is, and gives the commit."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "changed")
        return self.git("rev-parse", "HEAD")

    def write(self, file: str, text: str) -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def read(self, file: str) -> str:
        return (self.root / file).read_text(encoding="utf-8")

    def edit(self, file: str, edit: Callable[[Any], object]) -> None:
        """Changes the value of a JSON file."""
        value = json.loads(self.read(file))
        edit(value)
        self.write(file, json.dumps(value, indent=2, ensure_ascii=False) + "\n")

    def line_of(self, file: str, text: str) -> int:
        """The first line of a file that has a text."""
        return next(number for number, line in enumerate(self.read(file).splitlines(), 1) if text in line)


def _surroundings(environment: Mapping[str, str]) -> dict[str, str]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, **_GIT, "PYTHONPATH": str(Path(srcos_contracts.__file__).parents[1]), "COLUMNS": "100", **environment}


def make_repository(root: Path) -> Repository:
    """One contract, all that is generated from it, and two commits of them."""
    made = Repository(root)
    root.mkdir()
    made.git("init", "--quiet", "--initial-branch", "main")
    for words in (("new", "Thing"), ("docs",)):
        ended = made.validate(*words)
        assert ended.code == 0, ended.err
    made.commit()
    made.commit()
    return made
