"""docs/vendoring.md is carried out from top to bottom: what comes of each command is what the page shows, but for the names of commits."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from tests.cli.pages import carried_out
from tests.cli.shell import run, surroundings

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/vendoring.md"
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
    assert set(carried_out(PAGE, environment, here, varying=_HEX, codes=(0, 1))) == {"console"}
