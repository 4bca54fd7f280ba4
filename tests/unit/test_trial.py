"""Examples and contracts are a closed world."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from srcos_contracts.cli.new import run_new
from srcos_contracts.cli.test import TrialRequest, run_trials
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.trial import unaccounted


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    """A checkout of one contract, as `new` writes it."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(Path(__file__).resolve().parents[2] / "schemas" / "defs", tmp_path / "schemas" / "defs")
    assert run_new("Thing", "0.1.0", "makers", "schemas", "examples") == 0
    capsys.readouterr()
    return tmp_path


@pytest.mark.parametrize("file", ["Thing/0.1.1/valid/minimal.json", "Nope/a.json", "stray.json", "Thing/notes.md"])
def test_an_example_in_no_contract_s_folder_is_a_failure(checkout: Path, capsys: pytest.CaptureFixture[str], file: str) -> None:
    assert run_trials(TrialRequest(peers=False)) == 0
    path = checkout / "examples" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    capsys.readouterr()
    assert run_trials(TrialRequest(peers=False)) == 1
    assert f"error: 1 file in examples belongs to no contract: {file}" in capsys.readouterr().out.splitlines()
    assert run_trials(TrialRequest(peers=False, contracts=("Thing",))) == 0


def test_what_is_known_to_lie_among_examples(checkout: Path) -> None:
    for file in ("waivers.yaml", "sets/valid/case/a.jsonl", ".keep"):
        (checkout / "examples" / file).parent.mkdir(parents=True, exist_ok=True)
        (checkout / "examples" / file).write_text("")
    assert unaccounted(checkout / "examples", Catalog.at("schemas")) == ()


def test_a_folder_of_other_schemas_may_have_examples_anywhere(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"properties": {"type": {"const": "A"}}}')
    assert unaccounted(tmp_path, Catalog.at(str(tmp_path))) is None
