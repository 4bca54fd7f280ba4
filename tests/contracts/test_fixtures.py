"""Every example and case of every contract gives exactly the findings that are stored for it, in both engines.

Nothing here names a contract: schemas, examples and cases are found, and each must have the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import jsonpatch
import jsonschema_rs
import pytest

from srcos_contracts.checking import Demands, check_value
from srcos_contracts.contracts.catalog import BASE_URI, Catalog
from srcos_contracts.contracts.judge import EngineName
from srcos_contracts.contracts.vocabulary import ASSERTIONS
from srcos_contracts.evolve.generate import generate_readme, stale
from srcos_contracts.library import check
from srcos_contracts.rules import contract_rules

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "schemas"
EXAMPLES = ROOT / "examples"
CATALOG = Catalog.shipped()
ENGINES: tuple[EngineName, ...] = ("rust", "reference")

CASE_FILES = sorted(EXAMPLES.glob("*/*/cases.json"))


class Case(NamedTuple):
    folder: Path
    name: str
    record: Any
    expect: frozenset[tuple[str, str]]

    @property
    def contract(self) -> str:
        return f"{self.folder.parent.name}@{self.folder.name}"


def _expected(entry: dict[str, Any]) -> frozenset[tuple[str, str]]:
    return frozenset((finding["rule"], finding["pointer"]) for finding in entry["expect"])


def _cases() -> Iterator[Case]:
    for path in CASE_FILES:
        folder, stored = path.parent, json.loads(path.read_text("utf-8"))
        records = {}
        for entry in stored["files"]:
            record = records[entry["file"]] = json.loads((folder / entry["file"]).read_text("utf-8"))
            yield Case(folder, entry["file"], record, _expected(entry))
        for entry in stored["cases"]:
            record = jsonpatch.apply_patch(records[entry["base"]], entry["patch"])
            yield Case(folder, entry["name"], record, _expected(entry))


CASES = list(_cases())


def _ids(case: Case) -> str:
    return f"{case.folder.parent.name}: {case.name}"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", CASES, ids=_ids)
def test_a_case_gives_exactly_its_findings(case: Case, engine: EngineName) -> None:
    contract = CATALOG.find(case.contract)
    found = check_value(CATALOG, case.record, Demands(contract, engine))
    assert {(finding.rule, finding.pointer) for finding in found} == case.expect
    assert len(found) == len(case.expect)
    accepted = CATALOG.judge(contract, engine).accepts(case.record)
    assert accepted is not bool(case.expect), "the hot path and the explanation disagree"
    for finding in found:
        assert finding.message
        assert finding.help or finding.rule.startswith("schema-")
        assert finding.demand is not None


@pytest.mark.parametrize("case", CASES, ids=_ids)
def test_plain_json_schema_decides_what_it_can(case: Case) -> None:
    """An ordinary validator, which ignores x-keywords, rejects nothing that we accept, and all that we reject but by an x-keyword."""
    contract = CATALOG.find(case.contract)
    bundle = CATALOG.document(contract.bundle)
    plain = jsonschema_rs.validator_for(bundle, offline=True, validate_formats=True).is_valid(case.record)
    found = check_value(CATALOG, case.record, Demands(contract))
    errors = [finding for finding in found if finding.severity == "error"]
    only_ours = all(finding.demand is not None and finding.demand.pointer.rsplit("/", 1)[-1] in ASSERTIONS for finding in errors)
    assert plain is (only_ours or not errors)


@pytest.mark.parametrize("path", CASE_FILES, ids=lambda path: path.parent.parent.name)
def test_the_examples_of_a_contract_are_a_closed_world(path: Path) -> None:
    folder, stored = path.parent, json.loads(path.read_text("utf-8"))
    assert (stored["contract"], stored["version"]) == (folder.parent.name, folder.name)
    meta = json.loads((SCHEMAS / "meta/cases.json").read_text("utf-8"))
    assert [error.message for error in jsonschema_rs.validator_for(meta, offline=True).iter_errors(stored)] == []
    listed = [entry["file"] for entry in stored["files"]]
    on_disk = [file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file() and file.name != "cases.json"]
    assert sorted(listed) == sorted(on_disk)
    assert {"valid/minimal.json", "valid/full.json"} <= set(listed)
    names = [entry["name"] for entry in stored["cases"]]
    assert len(names) == len(set(names))

    contract = CATALOG.find(f"{folder.parent.name}@{folder.name}")
    rules = {rule["id"] for rule in contract_rules(CATALOG.document(contract.bundle))}
    breached = set()
    for entry in stored["files"]:
        kind, *rule = entry["file"].split("/")[:-1]
        expected = {finding["rule"] for finding in entry["expect"]}
        if kind == "invalid":
            assert rule[0] in expected, f"{entry['file']} does not break the rule that its folder names"
            breached.add(rule[0])
        assert all(name in rules or name.startswith("schema-") for name in expected)
    assert rules <= breached, f"no invalid example breaks {sorted(rules - breached)}"


def test_every_contract_has_examples_and_every_example_a_contract() -> None:
    assert {f"{path.parent.parent.name}@{path.parent.name}" for path in CASE_FILES} == {
        f"{contract.name}@{contract.version}" for contract in CATALOG.contracts
    }


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/*/valid/*")), ids=lambda path: f"{path.parts[-4]}-{path.name}")
def test_a_valid_example_is_claimed_by_its_contract(path: Path) -> None:
    found = check(path)
    assert [finding for finding in found if finding.severity == "error"] == []
    claim = CATALOG.claim(json.loads(path.read_text("utf-8")), str(path))
    assert claim is not None
    assert (claim.contract.name, claim.contract.version) == (path.parts[-4], path.parts[-3])


@pytest.mark.parametrize(
    "path", sorted(path for path in SCHEMAS.rglob("*.json") if "meta" not in path.parts and path.name != "catalog.json"), ids=str
)
def test_a_schema_is_written_in_the_vocabulary(path: Path) -> None:
    schema = json.loads(path.read_text("utf-8"))
    vocabulary = json.loads((SCHEMAS / "meta/vocabulary.json").read_text("utf-8"))
    validator = jsonschema_rs.validator_for(vocabulary, offline=True, validate_formats=True)
    assert [f"{error.instance_path}: {error.message[:200]}" for error in validator.iter_errors(schema)] == []
    if "bundles" not in path.parts:
        assert schema["$id"] == BASE_URI + path.relative_to(SCHEMAS).as_posix()


def test_a_warning_stands_where_validation_surely_passes() -> None:
    """Inside `if`, `not`, `anyOf` or `oneOf` a warning would change a verdict."""

    def walk(schema: Any, inside: str, path: str) -> Iterator[str]:
        if isinstance(schema, dict):
            if "x-warn" in schema and inside:
                yield f"{path} in {inside}"
            for key, member in schema.items():
                yield from walk(member, key if key in ("if", "not", "anyOf", "oneOf") else inside, f"{path}/{key}")
        elif isinstance(schema, list):
            for item in schema:
                yield from walk(item, inside, path)

    for contract in CATALOG.contracts:
        assert list(walk(CATALOG.document(contract.file), "", contract.file)) == []


def test_generated_files_are_in_step_with_the_contracts() -> None:
    assert stale(ROOT) == {}
    assert generate_readme(ROOT) == (ROOT / "README.md").read_text("utf-8")
