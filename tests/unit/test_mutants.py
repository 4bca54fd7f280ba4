"""The changes that the mutation gate tries, each by its place, its words and what it makes of the schema."""

from __future__ import annotations

from typing import Any

import pytest

from srcos_contracts.evolve.mutants import mutants
from srcos_contracts.pointer import format_pointer

RULE = {"id": "a-rule", "message": "m", "help": "h", "why": "w"}
WARNING = {**RULE, "severity": "warning"}


def _made(schema: dict[str, Any]) -> dict[str, Any]:
    return {f"{format_pointer(mutant.path)}: {mutant.change}": mutant.apply(schema) for mutant in mutants(schema)}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"x-template": "liquid"}, {"/x-template: dropped": {}}),
        ({"x-path": ["agent", "date"]}, {"/x-path: dropped": {}, "/x-path/0: lost agent": {"x-path": ["date"]}, "/x-path/1: lost date": {"x-path": ["agent"]}}),
        ({"x-digest": {"value": "/d", "omit": ["/d"]}}, {"/x-digest: dropped": {}, "/x-digest/omit/0: /d is no longer left out": {"x-digest": {"value": "/d", "omit": []}}}),
        ({"properties": {"a": False}}, {"/properties/a: allowed": {"properties": {"a": True}}}),
        (
            {"properties": {"a": True}},
            {"/properties/a: forbidden": {"properties": {"a": False}}, "/required: a is required too": {"properties": {"a": True}, "required": ["a"]}},
        ),
        (
            {"dependentRequired": {"a": ["b", "c"]}},
            {
                "/dependentRequired/a: dropped": {},
                "/dependentRequired/a/0: b is no longer required": {"dependentRequired": {"a": ["c"]}},
                "/dependentRequired/a/1: c is no longer required": {"dependentRequired": {"a": ["b"]}},
            },
        ),
        ({"dependentRequired": {"a": ["b"]}}, {"/dependentRequired/a: dropped": {}}),
        ({"type": "string"}, {"/type: dropped": {}, "/type: loosened by null": {"type": ["string", "null"]}}),
        ({"type": ["string", "null"]}, {"/type: dropped": {}, "/type: lost string": {"type": ["null"]}, "/type: lost null": {"type": ["string"]}}),
        ({"type": "string", "const": "a"}, {"/type: dropped": {"const": "a"}, "/const: dropped": {"type": "string"}}),
        ({"pattern": "^a$"}, {"/pattern: dropped": {}, "/pattern: loosened at its start": {"pattern": "a$"}, "/pattern: loosened at its end": {"pattern": "^a"}}),
        ({"pattern": r"a\$"}, {"/pattern: dropped": {}}),
        ({"pattern": r"a\\$"}, {"/pattern: dropped": {}, "/pattern: loosened at its end": {"pattern": r"a\\"}}),
        (
            {"format": "date-time", "pattern": "^a$"},
            {"/format: dropped": {"pattern": "^a$"}, "/pattern: dropped": {"format": "date-time"}},
        ),
        ({"minLength": 2}, {"/minLength: dropped": {}, "/minLength: loosened to 1": {"minLength": 1}, "/minLength: tightened to 3": {"minLength": 3}}),
        ({"enum": ["a", "b"]}, {"/enum: dropped": {}, "/enum/0: lost 'a'": {"enum": ["b"]}, "/enum/1: lost 'b'": {"enum": ["a"]}}),
        ({"x-rule": RULE}, {"/x-rule: dropped": {}, "/x-rule: made a warning": {"x-rule": WARNING}}),
        ({"x-rule": WARNING}, {"/x-rule: dropped": {}}),
        (
            {"allOf": [{"x-rule": RULE, "minLength": 1}]},
            {
                "/allOf/0: dropped": {},
                "/allOf/0: moved to x-warn": {"x-warn": [{"x-rule": RULE, "minLength": 1}]},
                "/allOf/0/x-rule: dropped": {"allOf": [{"minLength": 1}]},
                "/allOf/0/x-rule: made a warning": {"allOf": [{"x-rule": WARNING, "minLength": 1}]},
                "/allOf/0/minLength: dropped": {"allOf": [{"x-rule": RULE}]},
                "/allOf/0/minLength: loosened to 0": {"allOf": [{"x-rule": RULE, "minLength": 0}]},
                "/allOf/0/minLength: tightened to 2": {"allOf": [{"x-rule": RULE, "minLength": 2}]},
            },
        ),
        (
            {"allOf": [{"$ref": "#/a"}], "x-warn": [{"x-rule": WARNING}]},
            {
                "/allOf/0: dropped": {"x-warn": [{"x-rule": WARNING}]},
                "/allOf/0/$ref: dropped": {"allOf": [{}], "x-warn": [{"x-rule": WARNING}]},
                "/x-warn/0: dropped": {"allOf": [{"$ref": "#/a"}]},
                "/x-warn/0: moved to allOf": {"allOf": [{"$ref": "#/a"}, {"x-rule": {**WARNING, "severity": "error"}}]},
                "/x-warn/0/x-rule: dropped": {"allOf": [{"$ref": "#/a"}], "x-warn": [{}]},
            },
        ),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, dict) else None,
)  # fmt: skip
def test_every_change_of_a_schema(schema: dict[str, Any], expected: dict[str, Any]) -> None:
    assert _made(schema) == expected


def _newly_required(schema: dict[str, Any]) -> list[str]:
    return [f"{format_pointer(mutant.path)} {mutant.change}" for mutant in mutants(schema) if mutant.change.endswith("required too")]


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"required": ["a"], "properties": {"a": True, "b": True}}, ["/required b is required too"]),
        ({"required": ["a"], "allOf": [{"properties": {"a": True, "b": True}}]}, ["/allOf/0/required b is required too"]),
        ({"allOf": [{"required": ["a"]}, {"properties": {"a": True}}]}, []),
        ({"$ref": "#/$defs/a", "properties": {"a": True}, "$defs": {"a": {"required": ["a"]}}}, []),
        ({"if": {"required": ["a"]}, "then": {"properties": {"a": True, "b": True}}}, ["/then/required b is required too"]),
        ({"if": {"required": ["a"]}, "else": {"properties": {"a": True}}}, ["/else/required a is required too"]),
        ({"properties": {"o": {"required": ["a"]}}, "not": {"properties": {"o": {"properties": {"a": True}}}}}, ["/required o is required too", "/not/required o is required too"]),
        ({"properties": {"o": {"items": {"required": ["a"]}}}, "allOf": [{"properties": {"o": {"items": {"properties": {"a": True}}}}}], "required": ["o"]}, []),
    ],
)  # fmt: skip
def test_a_name_is_not_newly_required_where_it_is_required_already(schema: dict[str, Any], expected: list[str]) -> None:
    assert _newly_required(schema) == expected


def test_a_change_leaves_the_original_alone() -> None:
    schema = {"properties": {"a": {"enum": ["x", "y"]}}, "required": ["a"]}
    before = repr(schema)
    assert all(mutant.apply(schema) != schema for mutant in mutants(schema))
    assert repr(schema) == before
