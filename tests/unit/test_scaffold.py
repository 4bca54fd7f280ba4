"""What `new` writes: contracts that pass lint, test and the gate as they are, in a checkout and in an empty folder."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.cli.docs import run_docs
from srcos_contracts.cli.new import run_new
from srcos_contracts.cli.test import TrialRequest, run_trials
from srcos_contracts.evolve.lint import lint
from srcos_contracts.evolve.scaffold import ScaffoldRefused, scaffold

ROOT = Path(__file__).resolve().parents[2]
New = Callable[..., int]


@pytest.fixture
def new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> New:
    monkeypatch.chdir(tmp_path)
    return lambda name, version="0.1.0", owner=None: run_new(name, version, owner, "schemas", "examples")


def _checkout(root: Path, *contracts: str) -> None:
    """Some contracts of this checkout, with all that they share and what is generated from them."""
    for name in ("defs", *contracts):
        shutil.copytree(ROOT / "schemas" / name, root / "schemas" / name)
    for name in contracts:
        shutil.copytree(ROOT / "examples" / name, root / "examples" / name)
    assert run_docs(root) == 0


def _passes(contract: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    capsys.readouterr()
    assert run_trials(TrialRequest(peers=False, mutate=True, contracts=(contract,), jobs=1)) == 0
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("name", ["BuildReceipt", "Schema", "Lint"])
def test_in_an_empty_folder_all_that_a_contract_needs_is_written_out(new: New, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert new(name) == 0
    assert _passes(name, capsys) == [
        f"{name} 0.1.0     51 cases  ok",
        "1 contract, 51 cases by rust, reference: all as stored",
        "72 mutants: 72 noticed, 0 waived, 0 not noticed",
    ]
    assert lint(["schemas"]).findings == ()
    assert "$ref" not in Path(f"schemas/{name}/0.1.0.json").read_text()
    assert not Path("schemas/catalog.json").exists()


def test_in_a_checkout_what_the_family_shares_is_referred_to_and_what_is_generated_is_brought_up(
    new: New, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _checkout(tmp_path, "PolicyDecision")
    capsys.readouterr()
    assert new("BuildReceipt", owner="builders") == 0
    written = capsys.readouterr().out.splitlines()
    assert written[8:-2] == [
        "docs/contracts.md",
        "docs/diagrams/BuildReceipt.svg",
        "docs/diagrams/PolicyDecision.svg",
        "schemas/bundles/BuildReceipt/0.1.0.json",
        "schemas/catalog.json",
        "schemas/explain.json",
    ]
    assert run_docs(tmp_path, check=True) == 0
    schema = json.loads(Path("schemas/BuildReceipt/0.1.0.json").read_text())
    assert schema["x-contract"]["owner"] == "builders"
    assert schema["properties"]["policyDecisionRef"] == {"$ref": "../defs/runtime-record/1.0.0.json#/$defs/policyDecisionRef"}
    said = _passes("BuildReceipt", capsys)
    assert said[-2] == "36 mutants: 36 noticed, 0 waived, 0 not noticed"
    shared = "defs/primitives/1.0.0.json, defs/runtime-record/1.0.0.json, defs/urn/1.0.0.json"
    assert said[-1] == f"not tried without all contracts, whose cases may notice: what they share in {shared}"


@pytest.mark.parametrize(
    ("name", "old", "version"),
    [
        ("MarkDone", "0.1.0", "0.2.0"),  # nothing in its records tells the version
        ("HumanSteeringRequest", "0.1.0", "1.0.0"),
        ("PolicyDecision", "2.0.0", "2.1.0"),
        ("GitWorkspaceState", "0.1.0", "0.2.0"),  # its wrong version is 0.2.0
        ("WorkspaceOperationRecord", "v1alpha1", "v1alpha2"),
        ("AcceptanceReceipt", "v1alpha1", "v1beta1"),  # sealed with digests, also in cases
        ("OrphanEventReceipt", "0.1.0", "0.2.0"),  # two changes are waived
    ],
)
def test_a_new_version_begins_as_a_copy_of_the_last(
    new: New, tmp_path: Path, name: str, old: str, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _checkout(tmp_path, name)
    shutil.copy(ROOT / "examples/waivers.yaml", tmp_path / "examples")
    assert new(name, version, "others") == 0
    schema, before = (json.loads(Path(f"schemas/{name}/{number}.json").read_text()) for number in (version, old))
    assert (schema["$id"], schema["x-contract"]["version"], schema["x-contract"]["owner"]) == (
        f"https://schemas.srcos.ai/{name}/{version}.json",
        version,
        "others",
    )
    assert list(schema) == list(before)
    count = {path.relative_to(f"examples/{name}/{version}") for path in Path(f"examples/{name}/{version}").rglob("*") if path.is_file()}
    assert count == {path.relative_to(f"examples/{name}/{old}") for path in Path(f"examples/{name}/{old}").rglob("*") if path.is_file()}
    capsys.readouterr()
    assert run_trials(TrialRequest(peers=False, contracts=(f"{name}@{version}",), jobs=1)) == 0
    assert [finding for finding in lint([f"schemas/{name}"]).findings if finding.rule != "lint-typed-reference"] == []
    waived = Path("examples/waivers.yaml").read_text()
    assert waived.count(f"{name}/{version}.json") == waived.count(f"{name}/{old}.json")


@pytest.mark.parametrize("version", ["01.0.0", "1.0", "1.00.0", "v1alpha01", "v01", "v1gamma1", "1.0.0-rc1", "v0", "latest", ""])
def test_versions_without_a_known_form_are_refused(version: str) -> None:
    with pytest.raises(ScaffoldRefused, match=r"^a version has the form 0\.1\.0 or v1alpha1, without leading zeros, not "):
        scaffold(Path("schemas"), Path("examples"), "BuildReceipt", version)


@pytest.mark.parametrize("version", ["0.1.0", "10.0.0", "v1", "v1alpha1", "v2beta10"])
def test_versions_of_this_repository_are_taken(version: str) -> None:
    assert Path(f"schemas/BuildReceipt/{version}.json") in scaffold(Path("schemas"), Path("examples"), "BuildReceipt", version)


@pytest.mark.parametrize(
    ("name", "version", "said"),
    [
        ("build-receipt", "0.1.0", "a contract's name is UpperCamelCase, such as BuildReceipt, not build-receipt"),
        ("MarkDone", "0.1.0", "schemas/MarkDone/0.1.0.json is there already; nothing was written"),
    ],
)
def test_what_cannot_be_begun_is_refused_and_nothing_is_written(
    new: New, tmp_path: Path, name: str, version: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "schemas/MarkDone", tmp_path / "schemas/MarkDone")
    before = sorted(tmp_path.rglob("*"))
    assert new(name, version) == 2
    assert capsys.readouterr() == ("", f"error: {said}\n")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_last_version_that_is_no_contract_is_refused(new: New, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "schemas/Odd/0.1.0.json"
    path.parent.mkdir(parents=True)
    for text, said in (
        ("{}", "schemas/Odd/0.1.0.json has no x-contract, so there is no telling what its version names"),
        ("{", "schemas/Odd/0.1.0.json:1:1: the text ends inside an object"),
    ):
        path.write_text(text)
        assert new("Odd", "0.2.0") == 2
        assert capsys.readouterr().err == f"error: {said}\n"


def test_the_copy_keeps_the_text_of_a_schema(new: New, tmp_path: Path) -> None:
    _checkout(tmp_path, "MarkDone")
    assert new("MarkDone", "0.2.0") == 0
    before, after = (Path(f"schemas/MarkDone/{version}.json").read_text().splitlines() for version in ("0.1.0", "0.2.0"))
    changed: list[tuple[Any, Any]] = [pair for pair in zip(before, after, strict=True) if pair[0] != pair[1]]
    assert changed == [(old, old.replace("0.1.0", "0.2.0")) for old in (before[2], before[5])]
