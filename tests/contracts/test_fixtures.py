"""Every example and case of every contract gives exactly the findings that are stored for it, in both engines.

Nothing here names a contract: schemas, examples and cases are found, and each must have the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from srcos_contracts.checking import Demands, check_source, check_value
from srcos_contracts.contracts.catalog import BASE_URI, Catalog, Contract
from srcos_contracts.contracts.foreign import load
from srcos_contracts.evolve.cases import load_cases
from srcos_contracts.evolve.checkout import stale
from srcos_contracts.evolve.peers import Peer
from srcos_contracts.evolve.trial import try_contract
from srcos_contracts.reading.source import select

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "schemas"
EXAMPLES = ROOT / "examples"
CATALOG = Catalog.shipped()

CONTRACTS = pytest.mark.parametrize("contract", CATALOG.contracts, ids=lambda contract: contract.label)


def _plain(schema: dict[str, Any], records: Sequence[Any]) -> list[bool]:
    validator = jsonschema_rs.validator_for(schema, offline=True, validate_formats=True)
    return [validator.is_valid(record) for record in records]


@CONTRACTS
def test_the_cases_of_a_contract_give_what_is_stored(contract: Contract) -> None:
    """In both engines, and as far as plain JSON Schema goes in a validator that ignores x-keywords. Files and rules are a closed world."""
    trial = try_contract(CATALOG, load_cases(EXAMPLES, CATALOG, contract), [Peer("plain", _plain)])
    assert [f"{item.who}: {item.case}: {item.detail}" for item in trial.disagreements] == []
    assert trial.cases >= 10


@CONTRACTS
def test_every_finding_says_what_to_do_and_who_demands_it(contract: Contract) -> None:
    for case in load_cases(EXAMPLES, CATALOG, contract).cases:
        for record, _ in case.records:
            for finding in check_value(CATALOG, record, Demands(contract)):
                assert finding.message
                assert finding.help or finding.rule.startswith("schema-")
                assert finding.demand is not None
                assert (ROOT / finding.demand.file).is_file()


@CONTRACTS
def test_the_stored_cases_have_their_form(contract: Contract) -> None:
    folder = EXAMPLES / contract.name / contract.version
    stored = json.loads((folder / "cases.json").read_text("utf-8"))
    assert (stored["contract"], stored["version"]) == (contract.name, contract.version)
    meta = json.loads((SCHEMAS / "meta/cases.json").read_text("utf-8"))
    assert [error.message for error in jsonschema_rs.validator_for(meta, offline=True).iter_errors(stored)] == []
    stems = {Path(entry["file"]).stem for entry in stored["files"] if entry["file"].startswith("valid/")}
    assert {"minimal", "full"} <= stems


@CONTRACTS
def test_a_valid_example_is_claimed_by_its_contract_where_it_can_be(contract: Contract) -> None:
    sources = select([str(EXAMPLES / contract.name / contract.version / "valid")]).sources
    claimed = 0
    for source in sources:
        bound = CATALOG.claim(None, source.name)
        if contract.discriminator or (bound is not None and bound.contract == contract):
            claimed += 1
            assert [finding for finding in check_source(CATALOG, source, Demands()) if finding.severity == "error"] == []
        assert [finding for finding in check_source(CATALOG, source, Demands(contract)) if finding.severity == "error"] == []
    assert claimed or not (contract.discriminator or contract.paths), "no valid example lies where the contract is bound to"


def test_every_contract_has_examples_and_every_example_a_contract() -> None:
    folders = {f"{path.parent.parent.name}@{path.parent.name}" for path in EXAMPLES.glob("*/*/cases.json")}
    assert folders == {f"{contract.name}@{contract.version}" for contract in CATALOG.contracts}


@pytest.mark.parametrize(
    "path",
    sorted(path for path in SCHEMAS.rglob("*.json") if "meta" not in path.parts and path.name not in ("catalog.json", "explain.json")),
    ids=str,
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


def test_the_sources_are_a_catalog_by_themselves(tmp_path: Path) -> None:
    """A folder of the contracts' sources, without catalog and bundles, judges as the shipped catalog does."""
    for path in SCHEMAS.rglob("*.json"):
        file = path.relative_to(SCHEMAS)
        if file.parts[0] not in ("bundles", "meta", "catalog.json", "explain.json"):
            (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / file).write_bytes(path.read_bytes())
    sources = load(str(tmp_path))
    for contract in CATALOG.contracts:
        theirs = sources.find(f"{contract.name}@{contract.version}")
        for case in load_cases(EXAMPLES, CATALOG, contract).cases[::7]:
            for record, _ in case.records:
                ours = [(f.rule, f.severity, f.pointer) for f in check_value(CATALOG, record, Demands(contract))]
                assert [(f.rule, f.severity, f.pointer) for f in check_value(sources, record, Demands(theirs))] == ours
