"""One side of a comparison: what it is made of, and what it accepts."""

from __future__ import annotations

from typing import Any

import pytest

from srcos_contracts.compat.proof import Proof, Unproved, contained
from srcos_contracts.compat.side import Side, TooDeep
from srcos_contracts.contracts.bundle import UnresolvableReference
from srcos_contracts.contracts.catalog import Catalog
from tests.compat.random_schemas import DIALECTS

_WARNING = {"id": "a", "message": "m", "help": "h", "why": "w", "severity": "warning"}
_ERROR = {**_WARNING, "severity": "error"}


def test_boolean_schemas() -> None:
    assert Side(True).accepts(1)
    assert not Side(False).accepts(1)


def test_references_lead_to_other_documents() -> None:
    side = Side({"$ref": "x.json#/$defs/a"}, "https://a.example/b.json", {"https://a.example/x.json": {"$defs": {"a": {"type": "string"}}}})
    for engine in ("rust", "reference"):
        assert side.accepts("a", engine=engine)
        assert not side.accepts(1, engine=engine)
    with pytest.raises(UnresolvableReference):
        Side({"$ref": "https://nowhere.example/x.json"})


def test_a_schema_is_known_by_the_name_that_it_gives_itself() -> None:
    assert Side({"$id": "https://a.example/b.json"}, "https://a.example/c.json").uri == "https://a.example/b.json"
    assert Side({"$schema": DIALECTS["draft-04"], "id": "https://a.example/b.json#"}).uri == "https://a.example/b.json"


def test_formats_assert_or_do_not() -> None:
    assert not Side({"format": "ipv4"}).accepts("a")
    assert Side({"format": "ipv4"}, formats=False).accepts("a")


def test_what_makes_warnings_refuses_nothing() -> None:
    schema: dict[str, Any] = {
        "x-warn": [{"required": ["a"]}],
        "properties": {"b": {"x-rule": _WARNING, "type": "string"}, "c": {"x-rule": _ERROR, "type": "string"}},
    }
    side = Side(schema)
    assert side.warnings == ()
    assert side.accepts({"b": 1})
    assert not side.accepts({"c": 1})
    assert isinstance(contained(Side({"properties": {"c": {"type": "string"}}}), side), Proof)


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        ({"anyOf": [{"x-warn": [{"required": ["a"]}]}, {"type": "null"}]}, ("anyOf", 0)),
        ({"if": {"x-rule": _WARNING, "required": ["a"]}, "then": False}, ("if",)),
        ({"not": {"$ref": "#/$defs/w"}, "$defs": {"w": {"x-rule": _WARNING, "required": ["a"]}}}, ("not",)),
        ({"x-rule": _WARNING, "properties": {"a": {"x-rule": _ERROR, "type": "string"}}}, ()),
        ({"x-rule": _WARNING, "$ref": "#/$defs/e", "$defs": {"e": {"x-rule": _ERROR, "type": "string"}}}, ()),
        ({"unevaluatedProperties": False, "allOf": [{"x-rule": _WARNING, "properties": {"a": True}}]}, ("allOf", 0)),
    ],
)
def test_warnings_that_take_part_in_a_verdict_are_told(schema: dict[str, Any], place: tuple[str | int, ...]) -> None:
    side = Side(schema)
    assert place in side.warnings
    answer = contained(side, Side({**schema, "minProperties": 0}))
    assert isinstance(answer, Unproved)
    assert "warning" in answer.reason
    assert isinstance(contained(side, Side(schema)), Proof)


def test_what_is_nested_too_deep_is_refused() -> None:
    schema: dict[str, Any] = {}
    for _ in range(1000):
        schema = {"not": schema}
    with pytest.raises(TooDeep, match="nested more than 128 levels"):
        Side(schema)


def test_contracts_are_sides() -> None:
    catalog = Catalog.shipped()
    for contract in catalog.contracts:
        side = Side.of_contract(catalog, contract)
        assert side.warnings == ()
        assert not side.accepts({})


@pytest.mark.parametrize(
    "beside", [{"x-in": {"/a": "/b"}}, {"allOf": [{"x-in": {"/a": "/b"}}]}, {"allOf": [{"if": True, "then": {"x-in": {"/a": "/b"}}}]}]
)
def test_keywords_of_ours_do_not_count_beside_a_reference_in_early_drafts(beside: dict[str, Any]) -> None:
    schema = {"$ref": "#/definitions/a", "definitions": {"a": True}, **beside}
    for engine in ("rust", "reference"):
        assert Side({"$schema": DIALECTS["draft-07"], **schema}).accepts({"a": 1, "b": []}, engine=engine)
        assert not Side({"$schema": DIALECTS["2019-09"], **schema}).accepts({"a": 1, "b": []}, engine=engine)
