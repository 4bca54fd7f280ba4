"""Which keywords two schemas differ in."""

from __future__ import annotations

from typing import Any

import pytest

from srcos_contracts.compat.changes import changes
from srcos_contracts.compat.side import Side
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.mutants import mutants
from srcos_contracts.pointer import format_pointer
from tests.compat.random_schemas import DIALECTS

_RULE = {"id": "a-rule", "message": "m", "help": "h", "why": "w"}


def _told(old: Any, new: Any) -> list[tuple[str | None, str | None, str, str]]:
    return [
        (
            None if change.pointer_old is None else format_pointer(change.pointer_old.path),
            None if change.pointer_new is None else format_pointer(change.pointer_new.path),
            change.keyword,
            change.words,
        )
        for change in changes(Side(old), Side(new))
    ]


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ({"minimum": 1}, {"minimum": 2}, [("/minimum", "/minimum", "minimum", "1 became 2")]),
        ({"minimum": 1}, {}, [("/minimum", None, "minimum", "dropped")]),
        ({}, {"pattern": "a"}, [(None, "/pattern", "pattern", "added")]),
        ({"title": "a", "enum": [1, 2]}, {"title": "b", "enum": [2, 1]}, []),
        ({"enum": ["a", "b"]}, {"enum": ["b", "c"]}, [("/enum", "/enum", "enum", 'lost "a"; gained "c"')]),
        ({"required": ["a"]}, {"required": ["b"]}, [("/required", "/required", "required", '"a" is no longer required; "b" is required too')]),
        ({"properties": {"a": True}}, {"properties": {"a": True, "b": True}}, [(None, "/properties/b", "properties", '"b" added')]),
        ({"properties": {"a": {"type": "null"}}}, {"properties": {"a": False}}, [("/properties/a", "/properties/a", "properties", '{"type": "null"} became false')]),
        ({"additionalProperties": False}, {"additionalProperties": {}}, [("/additionalProperties", "/additionalProperties", "additionalProperties", "false became {}")]),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, {"anyOf": [{"const": 2}, {"const": 1}]}, []),
        ({"anyOf": [{"const": 1}, {"const": 2}]}, {"anyOf": [{"const": 2}, {"const": 1}, {"const": 3}]}, [(None, "/anyOf/2", "anyOf", '{"const": 3} added')]),
        (
            {"allOf": [{"x-rule": {**_RULE, "id": "one"}, "minLength": 1}, {"x-rule": {**_RULE, "id": "two"}, "minLength": 2}]},
            {"allOf": [{"x-rule": {**_RULE, "id": "two"}, "minLength": 3}]},
            [("/allOf/0", None, "allOf", '{"minLength": 1} dropped'), ("/allOf/1/minLength", "/allOf/0/minLength", "minLength", "2 became 3")],
        ),
        ({"x-rule": _RULE, "minLength": 1}, {"x-rule": {**_RULE, "severity": "warning"}, "minLength": 1}, [("/x-rule", "/x-rule", "x-rule", "made a warning")]),
        (
            {"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"minimum": 1}}},
            {"items": {"$ref": "#/$defs/b"}, "$defs": {"b": {"minimum": 2}}},
            [("/$defs/a/minimum", "/$defs/b/minimum", "minimum", "1 became 2")],
        ),
        ({"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"minimum": 1}}}, {"items": {"minimum": 2}}, [("/$defs/a/minimum", "/items/minimum", "minimum", "1 became 2")]),
        ({"items": {"$ref": "#/$defs/a"}, "$defs": {"a": {"minimum": 1}}}, {"items": {}}, [("/items/$ref", None, "$ref", "dropped")]),
        ({"properties": {"a": {"$ref": "#"}}, "minProperties": 1}, {"properties": {"a": {"$ref": "#"}}}, [("/minProperties", None, "minProperties", "dropped")]),
        ({"dependentRequired": {"a": ["b"]}}, {"dependentRequired": {"a": ["c"]}}, [("/dependentRequired/a", "/dependentRequired/a", "dependentRequired", '["b"] became ["c"]')]),
        ({}, {"format": "date-time"}, [(None, "/format", "format", "added")]),
        ({"x-order": [["/a", "/b"]]}, {}, [("/x-order", None, "x-order", "dropped")]),
    ],
)  # fmt: skip
def test_what_differs_is_told_at_its_places(old: Any, new: Any, told: list[tuple[str | None, str | None, str, str]]) -> None:
    assert _told(old, new) == told


def test_another_dialect_is_a_change() -> None:
    old, new = {"$schema": DIALECTS["draft-07"], "minimum": 1}, {"$schema": DIALECTS["2020-12"], "minimum": 1}
    assert _told(old, new) == [("/$schema", "/$schema", "$schema", "the dialect is 2020-12, not draft-07")]


def test_every_mutant_of_a_contract_is_found_where_it_was_changed() -> None:
    catalog = Catalog.shipped()
    contract = catalog.find("TrackerIssue")
    document = catalog.document(contract.bundle)
    old = Side(document, contract.uri)
    tried = 0
    for mutant in mutants(document):
        if mutant.path[-1] == "x-rule" or "x-warn" in mutant.path:
            continue
        found = changes(old, Side(mutant.apply(document), contract.uri))
        places = [(change.pointer_old or change.pointer_new) for change in found]
        paths = [place.path for place in places if place is not None]
        assert any(path[: len(mutant.path)] == mutant.path or mutant.path[: len(path)] == path for path in paths), mutant
        tried += 1
    assert tried > 20
