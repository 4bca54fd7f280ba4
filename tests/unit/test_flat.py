"""A contract in one piece: local references alone, and the same verdicts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from srcos_contracts.cli.catalog import run_show
from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.contracts.flat import CannotFlatten, flattened
from srcos_contracts.evolve.cases import load_cases

ROOT = Path(__file__).resolve().parents[2]
CATALOG = Catalog.shipped()


def members(node: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, member in node.items():
            yield key, member
            yield from members(member)
    elif isinstance(node, list):
        for item in node:
            yield from members(item)


def validator(schema: Any) -> Any:
    return jsonschema_rs.validator_for(schema, offline=True, validate_formats=True)


@pytest.mark.parametrize("contract", CATALOG.contracts, ids=lambda contract: contract.label)
def test_it_accepts_what_the_bundle_accepts(contract: Contract) -> None:
    bundle = CATALOG.document(contract.bundle)
    flat = flattened(bundle, contract.uri)
    assert {member.partition("/")[0] for key, member in members(flat) if key == "$ref"} <= {"#"}
    assert [member for key, member in members(flat) if key == "$id"] == [contract.uri]
    theirs, ours = validator(bundle), validator(flat)
    verdicts = set()
    for case in load_cases(ROOT / "examples", CATALOG, contract).cases:
        for record, _ in case.records:
            assert ours.is_valid(record) is theirs.is_valid(record), case.name
            verdicts.add(ours.is_valid(record))
    assert verdicts == {True, False}


OTHER = "https://example.org/other.json"
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.org/thing.json",
    "properties": {
        "$ref": {"$ref": "#/$defs/number"},
        "inner": {"$ref": "#/$defs/pair/prefixItems/1"},
        "again": {"$ref": "#"},
        "sibling": {"$ref": "#/properties/inner"},
        "anchored": {"$ref": "other.json#word"},
        "whole": {"$ref": OTHER},
        "const": {"const": {"$ref": "kept as it is", "$id": "too"}},
    },
    "$defs": {
        "number": {"type": "integer"},
        "pair": {"prefixItems": [True, {"$ref": "other.json#/$defs/number"}]},
        OTHER: {"$id": OTHER, "type": "string", "$defs": {"number": {"type": "number"}, "a/b~c": {"$anchor": "word", "enum": ["a"]}}},
    },
}


def test_names_are_plain_and_none_is_taken_twice() -> None:
    assert flattened(SCHEMA, "https://example.org/thing.json") == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://example.org/thing.json",
        "properties": {
            "$ref": {"$ref": "#/$defs/number"},
            "inner": {"$ref": "#/$defs/1"},
            "again": {"$ref": "#"},
            "sibling": {"$ref": "#/properties/inner"},
            "anchored": {"$ref": "#/$defs/a~1b~0c"},
            "whole": {"$ref": "#/$defs/other"},
            "const": {"const": {"$ref": "kept as it is", "$id": "too"}},
        },
        "$defs": {
            "number": {"type": "integer"},
            "pair": {"prefixItems": [True, {"$ref": "#/$defs/number-2"}]},
            "1": {"$ref": "#/$defs/number-2"},
            "a/b~c": {"enum": ["a"]},
            "other": {"type": "string"},
            "number-2": {"type": "number"},
        },
    }


def test_what_depends_on_its_place_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CannotFlatten, match=r"^a:b has a \$dynamicRef, which leads to another place wherever the schema stands$"):
        flattened({"items": {"$dynamicRef": "#x"}}, "a:b")
    (tmp_path / "t.json").write_text(json.dumps({"title": "T", "$dynamicAnchor": "x", "items": {"$dynamicRef": "#x"}}))
    assert run_show("T", "schema", str(tmp_path / "t.json")) == 2
    assert "has a $dynamicRef" in capsys.readouterr().err


def test_show_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_show("MarkDone", "schema") == 0
    contract = CATALOG.find("MarkDone")
    assert json.loads(capsys.readouterr().out) == flattened(CATALOG.document(contract.bundle), contract.uri)
    assert run_show("MarkDone", "yaml") == 2
    assert capsys.readouterr().err == "error: there is no format yaml; there are human, json, schema\n"
