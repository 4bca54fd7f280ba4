"""`vendor` killed at any moment: the folder is in its old state or its new one, and the next run goes on from there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import srcos_contracts

_KILLS = Path(__file__).with_name("kills.py")
_ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(srcos_contracts.__file__).parents[1])}
_ROOT = Path(__file__).resolve().parents[2]
_ADD = ("vendor", "add", "src", "SessionEvent", "--into", "DIR")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A source, and a folder with one contract of it and a file of somebody's own."""
    for name in ("schemas/SessionEvent", "schemas/AgentStatus", "schemas/defs", "examples/SessionEvent"):
        shutil.copytree(_ROOT / name, tmp_path / "src" / name)
    command = [sys.executable, "-P", "-m", "srcos_contracts.cli.main", "vendor", "add", "src", "AgentStatus", "--into", "DIR"]
    subprocess.run(command, cwd=tmp_path, env=_ENVIRONMENT, capture_output=True, check=True, timeout=60)
    (tmp_path / "DIR/README.md").write_text("ours\n")
    return tmp_path


pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="each kill is of a process that is forked")


def _killed(place: Path, how: str, *words: str) -> list[dict[str, Any]]:
    command = [sys.executable, "-P", str(_KILLS), str(place), how, *words]
    ended = subprocess.run(command, env=_ENVIRONMENT, capture_output=True, text=True, timeout=600)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def test_killed_before_each_step(place: Path) -> None:
    told = _killed(place, "steps", *_ADD)
    assert {one["code"] for one in told} == {-9}
    assert Counter(one["state"] for one in told).keys() == {"old", "new"}
    assert {(one["again"], one["tidy"]) for one in told} == {(0, True)}
    assert all(one["after"] == one["state"] for one in told)
    # The kills land where the new state is being made, and where the old one is being removed.
    assert sum(one["left"] == [".DIR.srcos-new"] and one["state"] == "old" for one in told) > 5
    assert sum(one["left"] == [".DIR.srcos-new"] and one["state"] == "new" for one in told) > 5


@pytest.mark.long
def test_killed_before_each_step_where_folders_cannot_be_exchanged(place: Path) -> None:
    told = _killed(place, "steps", "aside", *_ADD)
    assert {one["code"] for one in told} == {-9}
    assert {(one["again"], one["tidy"]) for one in told} == {(0, True)}
    assert {(one["state"], one["after"]) for one in told} == {("old", "old"), ("none", "new"), ("new", "new")}
    # There is one moment in which neither is in its place.
    assert [one["left"] for one in told if one["state"] == "none"] == [[".DIR.srcos-new", ".DIR.srcos-old"]]


def _at_random(place: Path, times: int) -> None:
    told = _killed(place, str(times), *_ADD, "--with", "cases")
    assert len(told) == times
    assert {one["code"] for one in told} <= {-9, 0}
    assert {one["state"] for one in told} <= {"old", "new"}
    assert {(one["again"], one["tidy"]) for one in told} == {(0, True)}
    assert all(one["after"] == one["state"] for one in told)
    assert sum(one["code"] == -9 for one in told) > times / 3


def test_killed_at_random_moments(place: Path) -> None:
    _at_random(place, 20)


@pytest.mark.long
def test_killed_at_many_random_moments(place: Path) -> None:
    _at_random(place, 200)
