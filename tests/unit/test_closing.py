"""Names that a schema leaves free: which a record has, and a side that rules them out; the two are held to one another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.compat.side import Side
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.cases import load_cases
from srcos_contracts.evolve.closing import closed, undeclared_names
from srcos_contracts.pointer import format_pointer

ROOT = Path(__file__).resolve().parents[2]
A = {"properties": {"a": {"properties": {"b": True}}}}
CASES: dict[str, tuple[Any, Any, list[str]]] = {
    "declared": ({"properties": {"a": True}}, {"a": 1}, []),
    "free": ({"properties": {"a": True}}, {"a": 1, "b": 2, "c": 3}, ["/b", "/c"]),
    "said to be free": ({"properties": {"a": True}, "additionalProperties": True}, {"b": 2}, ["/b"]),
    "within": (A, {"a": {"b": 1, "c": {"d": 1}}, "e": 1}, ["/a/c", "/e"]),
    "a map": ({"additionalProperties": {"type": "integer"}}, {"b": 2}, []),
    "names and a map": ({"properties": {"a": True}, "additionalProperties": {"type": "integer"}}, {"b": 2}, []),
    "nothing listed": ({"type": "object"}, {"b": 2}, []),
    "within a map": ({"additionalProperties": {"properties": {"x": True}}}, {"b": {"x": 1, "y": 2}}, ["/b/y"]),
    "by pattern": ({"properties": {"a": True}, "patternProperties": {"^x-": True}}, {"x-b": 2, "xb": 1}, ["/xb"]),
    "both by name and by pattern": (
        {"properties": {"xa": {"properties": {"p": True}}}, "patternProperties": {"^x": {"properties": {"q": True}}}},
        {"xa": {"p": 1, "q": 2, "r": 3}},
        ["/xa/r"],
    ),
    "beside, in what is taken in": ({"properties": {"a": True}, "allOf": [{"properties": {"b": True}}]}, {"a": 1, "b": 2, "c": 3}, ["/c"]),
    "in a condition": (
        {"properties": {"a": True}, "if": {"properties": {"b": {"const": 1}}}, "then": {"properties": {"c": True}}},
        {"b": 2, "c": 1, "d": 1},
        ["/d"],
    ),
    "in a branch that does not hold": (
        {"anyOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"b": True}}]},
        {"a": 1, "c": 1},
        ["/c"],
    ),
    "by way of a condition on a member": (
        {"properties": {"a": {"properties": {"b": True, "c": True}}}, "if": {"properties": {"a": {"properties": {"b": {"const": 1}}}}}},
        {"a": {"b": 1, "c": 2}},
        [],
    ),
    "in dependent schemas": ({"properties": {"a": True}, "dependentSchemas": {"a": {"properties": {"b": True}}}}, {"b": 1, "c": 1}, ["/c"]),
    "by reference": (
        {"$ref": "#/$defs/p", "properties": {"b": True}, "$defs": {"p": {"properties": {"a": True}}}},
        {"a": 1, "b": 1, "c": 1},
        ["/c"],
    ),
    "recursive": (
        {"$ref": "#/$defs/node", "$defs": {"node": {"properties": {"next": {"$ref": "#/$defs/node"}}}}},
        {"next": {"next": {"other": 1}}},
        ["/next/next/other"],
    ),
    "items": ({"items": {"properties": {"a": True}}}, [{"a": 1}, {"b": 1}], ["/1/b"]),
    "items by place": ({"prefixItems": [{"properties": {"a": True}}], "items": {"properties": {"b": True}}}, [{"a": 1, "c": 1}], ["/0/c"]),
    "what can lead anywhere": (
        {"$dynamicAnchor": "node", "properties": {"next": {"$dynamicRef": "#node"}}},
        {"next": {"b": 1}, "b": 1},
        ["/b"],
    ),
    "draft 4, beside a reference": (
        {
            "$schema": "http://json-schema.org/draft-04/schema#",
            "$ref": "#/definitions/p",
            "definitions": {"p": {"properties": {"a": {}}}},
        },
        {"a": 1, "b": 1},
        ["/b"],
    ),
    "draft 7, items by place": (
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "items": [{"properties": {"a": True}}],
            "additionalItems": {"properties": {"b": True}},
        },
        [{"a": 1}, {"b": 1}, {"c": 1}],
        ["/2/c"],
    ),
    "by being asked for": ({"properties": {"a": True}, "required": ["b"]}, {"b": 1, "c": 1}, ["/c"]),
    "by being asked for beside others": (
        {"properties": {"a": True}, "dependentRequired": {"a": ["b"]}, "dependentSchemas": {"d": {"required": ["e"]}}},
        {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1},
        ["/c"],
    ),
    "draft 7, by being asked for beside others": (
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "properties": {"a": True},
            "dependencies": {"a": ["b"], "d": {"required": ["e"]}},
        },
        {"a": 1, "b": 1, "c": 1, "d": 1, "e": 1},
        ["/c"],
    ),
    "asked for, and nothing listed": ({"required": ["a"]}, {"a": 1, "b": 2}, []),
    "boolean": (True, {"a": 1}, []),
}


@pytest.mark.parametrize("case", CASES)
def test_names_are_undeclared_where_nothing_that_has_a_say_lists_them(case: str) -> None:
    document, value, names = CASES[case]
    side = Side(document)
    assert sorted(map(format_pointer, undeclared_names(side, value))) == sorted(names)
    assert side.accepts(value)
    for engine in ("rust", "reference"):
        assert closed(side).accepts(value, engine=engine) is not bool(names)


def test_a_closed_side_refuses_what_the_side_refuses() -> None:
    side = Side({"properties": {"a": {"type": "string"}}, "required": ["a"]})
    assert not closed(side).accepts({})
    assert not closed(side).accepts({"a": 1})
    assert closed(side).accepts({"a": ""})


def test_a_side_that_leaves_no_name_free_stays_as_it_is() -> None:
    for document in (True, {"type": "string"}, {"additionalProperties": {"type": "string"}}):
        side = Side(document)
        assert closed(side) is side


@pytest.mark.parametrize("contract", Catalog.shipped().contracts, ids=lambda contract: contract.name)
def test_of_our_own_contracts_the_closed_side_takes_the_records_without_undeclared_names(contract: Any) -> None:
    catalog = Catalog.shipped()
    side = Side.of_contract(catalog, contract)
    within = closed(side)
    valid = [case for case in load_cases(ROOT / "examples", catalog, contract).cases if case.valid]
    for case in valid:
        for record, _ in case.records:
            assert within.accepts(record, case.parts) is not any(undeclared_names(side, record)), case.name
    assert valid
