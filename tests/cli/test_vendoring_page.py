"""docs/vendoring.md is carried out from top to bottom: what comes of each command is what the page shows, but for the names of commits.

To write that anew, after reading the difference that a failing test shows:

    SRCOS_REWRITE_GOLDEN=1 pytest tests/cli/test_vendoring_page.py
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.shell import run, surroundings

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/vendoring.md"
_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEX = re.compile(r"\b(?:[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{10})\b")
_GIT = "git -c user.name=Ann -c user.email=ann@example.org"
_SOURCE = (
    "git init -q -b main && git add -A && $GIT commit -qm 'As they are' && git tag v1",
    "srcos-validate new SessionEvent --version 0.2.0",
    'sed -i \'0,/"required": \\[/s//&\\n    "data",/\' schemas/SessionEvent/0.2.0.json && git add -A && $GIT commit -qm Next',
)


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "bin").mkdir()
    told = {name: value for name, value in surroundings(tmp_path / "bin").items() if not name.startswith("GIT_")}
    return {**told, "GIT": _GIT, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def here(tmp_path: Path, environment: dict[str, str]) -> Path:
    """A repository with a ledger, beside one of contracts."""
    source, here = tmp_path / "contracts", tmp_path / "here"
    for name in ("schemas/SessionEvent", "schemas/defs", "examples/SessionEvent"):
        shutil.copytree(ROOT / name, source / name)
    for line in _SOURCE:
        ended = run(line, environment, source)
        assert ended.code == 0, ended.stderr
    assert "data" in json.loads((source / "schemas/SessionEvent/0.2.0.json").read_text())["required"]
    here.mkdir()
    examples = [ROOT / f"examples/SessionEvent/0.1.0/valid/{name}.json" for name in ("full", "minimal")]
    (here / "events.jsonl").write_text("".join(json.dumps(json.loads(path.read_text())) + "\n" for path in examples))
    assert run("git init -q -b main && git add -A && $GIT commit -qm Ledger", environment, here).code == 0
    return here


def test_the_page_is_what_happens(here: Path, environment: dict[str, str]) -> None:
    page = PAGE.read_text("utf-8")
    told, end = "", 0
    for block in _BLOCK.finditer(page):
        commands = [line for line in block[1].splitlines() if line.startswith("$ ")]
        shown = "".join(f"{command}\n{_written(command, environment, here)}" for command in commands)
        told += page[end : block.start(1)] + shown
        end = block.end(1)
    told += page[end:]
    if os.environ.get("SRCOS_REWRITE_GOLDEN"):
        PAGE.write_text(told, "utf-8")
    assert _HEX.sub("HEX", told).splitlines() == _HEX.sub("HEX", page).splitlines()


def _written(command: str, environment: dict[str, str], folder: Path) -> str:
    ended = run(f"{{ {command.removeprefix('$ ')}; }} 2>&1", environment, folder)
    assert ended.code in (0, 1), ended.stdout
    return ended.stdout
