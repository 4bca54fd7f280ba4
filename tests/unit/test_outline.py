"""What a contract says, read from its schema: fields in words, conditions, rules and references."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.contracts.outline import Outline, Reference, as_object, outline, recognised
from srcos_contracts.contracts.resources import Place, resources_of
from srcos_contracts.contracts.trace import Step
from srcos_contracts.contracts.type_words import applied, type_words

from .small_catalog import write_checkout

SHIPPED = Catalog.shipped()


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    root = tmp_path_factory.mktemp("checkout")
    write_checkout(root)
    return Catalog.open(str(root / "schemas"))


def _types(described: Outline) -> list[tuple[str, str, bool]]:
    return [(field.name, field.type, field.required) for field in described.fields]


def test_the_fields_of_a_record_and_of_what_is_inside_it(catalog: Catalog) -> None:
    assert _types(outline(catalog, catalog.find("Note"))) == [
        ("kind", 'always "note"', True),
        ("id", "short name", True),
        ("state", "one of open, closed or null", False),
        ("about", "list of short names, at least 1, each once", True),
        ("place", "string, at most 20 characters", False),
        ("card", "object, open to further members; or null", False),
        ("card.id", "URN urn:card:<id>", True),
        ("card.parts", "list of objects", False),
        ("card.parts[].size", "integer or null, at least 1, by default 1", True),
        ("card.parts[].inner", "object, open to further members", False),
        ("card.labels", "map from short names to values, each integer, at least 0", False),
        ("reason", "string, not blank", False),
    ]


def test_a_field_that_only_an_item_of_all_of_requires_is_required() -> None:
    described = outline(SHIPPED, SHIPPED.find("ConflictRecord"))
    (card,) = [field for field in described.fields if field.name == "decision_card"]
    assert (card.required, card.type, card.holds) == (True, "object", "DecisionCard")
    assert [field.holds for field in described.fields if field.name.startswith("decision_card.")] == [""] * 8


def test_a_contract_whose_root_refers_to_its_shape(catalog: Catalog) -> None:
    described = outline(catalog, catalog.find("Card"))
    assert [(field.name, field.pointer, field.meaning) for field in described.fields][:3] == [
        ("id", "/id", "The card's name."),
        ("parts", "/parts", "Its parts."),
        ("parts[].size", "/parts/*/size", "Its size."),
    ]
    assert described.marked("id") == ("id",)
    assert (described.closed, outline(catalog, catalog.find("Note")).closed) == (False, True)


def test_conditions_are_put_in_words(catalog: Catalog) -> None:
    described = outline(catalog, catalog.find("Note"))
    assert {field.name: field.required_when for field in described.fields if field.required_when} == {"reason": ("when state is closed",)}
    operation = outline(SHIPPED, SHIPPED.find("WorkspaceOperationRecord"))
    assert {field.name: field.required_when for field in operation.fields}["remote_operation_id"] == (
        "when operation_type is sync.operation.reconcile or status is reconciled",
    )


def test_rules_say_where_they_stand_and_what_they_look_at(catalog: Catalog) -> None:
    described = outline(catalog, catalog.find("Note"))
    assert [(rule.id, rule.severity, rule.messages, rule.about) for rule in described.rules] == [
        ("closed-reason", "error", ("a closed note says why",), ("state", "reason")),
        ("note-about", "error", ("a note is about something",), ("about",)),
        ("note-placed", "warning", ("a note has its place",), ("place",)),
    ]
    assert [clause.place for rule in described.rules for clause in rule.clauses] == [
        Place("https://schemas.srcos.ai/Note/1.0.0.json", ("allOf", 0)),
        Place("https://schemas.srcos.ai/Note/1.0.0.json", ("allOf", 1)),
        Place("https://schemas.srcos.ai/defs/kinds/1.0.0.json", ("$defs", "placed")),
    ]


def test_a_rule_that_stands_in_several_places_has_a_clause_for_each() -> None:
    described = outline(SHIPPED, SHIPPED.find("DecisionCard"))
    (offered,) = [rule for rule in described.rules if rule.id == "card-option-offered"]
    assert [clause.field for clause in offered.clauses] == ["recommended_option", "selected_option", ""]
    assert set(offered.clauses[2].about) == {"options", "recommended_option", "selected_option"}


def test_references_marks_and_aliases(catalog: Catalog) -> None:
    described = outline(catalog, catalog.find("Note"))
    assert described.references == {Reference("subject", ("Card", "Missing")): ("about",)}
    fields = {field.name: field for field in described.fields}
    assert (fields["id"].aliases, fields["id"].marks, fields["card"].holds) == (("name",), ("id",), "Card")
    assert described.kinds == (("short name", "A word."),)


def test_how_records_are_recognised(catalog: Catalog) -> None:
    assert [recognised(contract) for contract in catalog.contracts] == ["cards/{id}.json", 'kind "note"']
    unbound = Contract("Loose", "", "", "", "", "", "", "", (), ())
    assert recognised(unbound) == "--contract Loose"
    kept_off = unbound._replace(paths=("a/{id}.json",), never=("b/{id}.json", "c/{id}.json"))
    assert recognised(kept_off) == "a/{id}.json, but never b/{id}.json or c/{id}.json"


def test_an_outline_as_json_has_all_of_it(catalog: Catalog) -> None:
    data = json.loads(json.dumps(as_object(outline(catalog, catalog.find("Note")))))
    assert data["name"] == "Note"
    assert data["owner"] == "writers"
    assert data["marks"] == {"id": ["id"], "time": [], "owner": [], "session": [], "state": []}
    assert data["fields"][3] == {
        "name": "about",
        "pointer": "/about",
        "type": "list of short names, at least 1, each once",
        "required": True,
        "required_when": [],
        "meaning": "What it is about.",
        "reference": {"role": "subject", "to": ["Card", "Missing"]},
        "holds": None,
        "aliases": [],
    }
    assert data["rules"][2] == {
        "id": "note-placed",
        "severity": "warning",
        "clauses": [
            {
                "message": "a note has its place",
                "help": "add place",
                "why": "Notes are sorted by place.",
                "field": "",
                "about": ["place"],
                "schema": "https://schemas.srcos.ai/defs/kinds/1.0.0.json",
                "schema_pointer": "/$defs/placed",
            }
        ],
    }


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, "anything"),
        ({"type": ["string", "integer", "null"]}, "string, integer or null"),
        ({"type": "boolean", "default": True}, "true or false, by default `true`"),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 9}, "number, more than 0, at most 9"),
        ({"type": "string", "minLength": 1, "maxLength": 1}, "string, exactly 1 character"),
        ({"type": "string", "pattern": "^[a-z]+$"}, "string, of the form `^[a-z]+$`"),
        ({"type": "string", "pattern": "^" + "a" * 60 + "$"}, "string, of a set form"),
        ({"type": "string", "format": "uri"}, "string, format uri"),
        ({"enum": ["only", None]}, "always `only` or null"),
        ({"const": None}, "always `null`"),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, "string or null"),
        ({"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 2}, "list of words, each one of `a`, `b`, at most 2"),
        ({"type": "array", "items": {"type": ["string", "null"]}}, "list, each item string or null"),
        ({"type": "array", "x-unique": "gate", "items": {"type": "object"}}, "list of objects, each `gate` once"),
        ({"type": "object"}, "object, of any members"),
        ({"type": "object", "properties": {}, "additionalProperties": False}, "object"),
        ({"items": {"type": "string"}, "allOf": [{"type": "array", "minItems": 1}]}, "list of strings, at least 1"),
        ({"type": ["string", "null"], "allOf": [{"type": "string"}]}, "string"),
    ],
)
def test_types_in_words(schema: dict[str, Any], words: str) -> None:
    resources = resources_of(schema, "urn:x")
    assert type_words(resources, applied(resources, Step(schema, Place("urn:x", ())))) == words


@pytest.mark.parametrize("contract", SHIPPED.contracts, ids=lambda contract: contract.label)
def test_every_shipped_field_says_what_it_is(contract: Contract) -> None:
    described = outline(SHIPPED, contract)
    assert [field.name for field in described.fields if not field.meaning or "anything" in field.type] == []
    assert [field.name for field in described.fields if "in some records" in field.required_when] == []
    names = [field.name for field in described.fields]
    assert len(names) == len(set(names))


def test_a_schema_inside_itself_is_shown_once(tmp_path: Path) -> None:
    tree = {"title": "Tree", "type": "object", "properties": {"left": {"$ref": "#"}, "name": {"type": "string"}}}
    (tmp_path / "tree.json").write_text(json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **tree}))
    catalog = Catalog.at(str(tmp_path))
    assert [field.name for field in outline(catalog, catalog.find("Tree")).fields] == ["left", "name"]
