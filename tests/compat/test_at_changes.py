"""The search at each keyword that changed finds payloads in the depth of schemas with very many ways, in every dialect."""

from __future__ import annotations

from typing import Any

import pytest

from srcos_contracts.compat.at_changes import find_at_changes
from srcos_contracts.compat.compare import Breaking, Compatible, judged
from srcos_contracts.compat.side import Side
from srcos_contracts.compat.witness import SearchBudget, Seed, confirmed
from tests.compat.random_schemas import DIALECTS

_BUDGET = SearchBudget(seconds=2.0)
_PLENTY = SearchBudget(seconds=60.0)
SHORT, LONG = {"type": "string", "maxLength": 2}, {"type": "string", "maxLength": 3}


def _kinds(schema: Any, depth: int) -> Any:
    """A schema at the bottom of alternatives within alternatives, none of which can be told apart at once."""
    for level in range(depth):
        others = [
            {
                "type": "object",
                "properties": {f"n{level}{other}": {"type": "string"}, "v": {"type": "integer"}},
                "required": [f"n{level}{other}"],
            }
            for other in range(6)
        ]
        schema = {"oneOf": [*others, {"type": "object", "properties": {"v": schema}, "required": ["v"], "additionalProperties": False}]}
    return schema


WAYS: dict[str, Any] = {
    "a member": lambda schema: {"properties": {"a": schema}},
    "an item": lambda schema: {"properties": {"a": {"type": "array", "items": schema}}},
    "a name by its pattern": lambda schema: {"patternProperties": {"^x-[a-z]+$": schema}, "additionalProperties": False},
    "a name that is not listed": lambda schema: {
        "properties": {"a": {}, "b": {}},
        "patternProperties": {"^c": {}},
        "additionalProperties": schema,
    },
    "by reference": lambda schema: {"properties": {"a": {"$ref": "#/definitions/part"}}, "definitions": {"part": schema}},
    "in what is taken in": lambda schema: {"allOf": [{"properties": {"a": {"anyOf": [schema, {"type": "null"}]}}}]},
    "many ways down": lambda schema: _kinds(schema, 4),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_payload_is_found_wherever_what_changed_stands(way: str, dialect: str) -> None:
    long, short = (Side({"$schema": DIALECTS[dialect], **WAYS[way](schema)}) for schema in (LONG, SHORT))
    witness = find_at_changes(long, short, (), _BUDGET)
    assert witness is not None
    assert confirmed(long, short, witness.value)
    assert find_at_changes(short, long, (), _BUDGET) is None


@pytest.mark.parametrize("dialect", ["2019-09", "draft-07", "draft-04"])
def test_an_item_at_its_place_and_one_after_those(dialect: str) -> None:
    def sides(first: Any, rest: Any) -> Side:
        return Side({"$schema": DIALECTS[dialect], "type": "array", "items": [{"type": "integer"}, first], "additionalItems": rest})

    for accepts, rejects, index in ((sides(LONG, LONG), sides(SHORT, LONG), 1), (sides(LONG, LONG), sides(LONG, SHORT), 2)):
        witness = find_at_changes(accepts, rejects, (), _BUDGET)
        assert witness is not None
        assert len(witness.value[index]) == 3
        assert confirmed(accepts, rejects, witness.value)


def test_an_alternative_that_is_gone_is_shown_by_what_only_it_took() -> None:
    words = [{"enum": [f"word-{number}"]} for number in range(200)]
    accepts, rejects = Side({"properties": {"a": {"anyOf": words}}}), Side({"properties": {"a": {"anyOf": [*words[:77], *words[78:]]}}})
    witness = find_at_changes(accepts, rejects, (), _BUDGET)
    assert witness is not None
    assert witness.value == {"a": "word-77"}


def _tagged(count: int, most: int, closed: bool) -> Side:
    """A union of objects that a constant tells apart, with a text of at most so many characters in the last but one."""
    branches = [
        {
            "type": "object",
            "properties": {
                "k": {"const": f"kind{number}"},
                f"f{number}": {"type": "string", "maxLength": most if number == count - 2 else 100},
            },
            "required": ["k"],
            **({"additionalProperties": False} if closed else {}),
        }
        for number in range(count)
    ]
    return Side({"oneOf": branches})


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("count", [8, 20, 80])
def test_of_many_branches_the_one_that_changed_is_met(count: int, closed: bool) -> None:
    long, short = _tagged(count, 100, closed), _tagged(count, 5, closed)
    verdict = judged(long, short, budget=_PLENTY)
    assert isinstance(verdict, Breaking)
    assert verdict.witness.value == {"k": f"kind{count - 2}", f"f{count - 2}": "aaaaaa"}
    assert isinstance(judged(short, long, budget=_PLENTY), Compatible)


def test_so_is_what_follows_from_a_condition() -> None:
    def of(most: int) -> Side:
        cases = [
            {"if": {"properties": {"k": {"const": number}}, "required": ["k"]}, "then": {"properties": {"v": {"maximum": number}}}}
            for number in range(30)
        ]
        cases[20]["then"] = {"properties": {"v": {"maximum": most}}}
        return Side({"properties": {"a": {"type": "object", "allOf": cases}}})

    witness = find_at_changes(of(20), of(19), (), _BUDGET)
    assert witness is not None
    assert witness.value == {"a": {"k": 20, "v": 20}}


def test_an_example_is_changed_as_little_as_can_be() -> None:
    accepts, rejects = (Side({"required": ["id"], "properties": {"id": {"type": "integer"}, "a": schema}}) for schema in (LONG, SHORT))
    witness = find_at_changes(accepts, rejects, [Seed({"id": 7, "a": "x"}, "full.json")], _BUDGET)
    assert witness is not None
    assert (witness.seed, [operation["path"] for operation in witness.patch]) == ("full.json", ["/a"])


def test_a_part_that_no_record_reaches_shows_nothing() -> None:
    accepts, rejects = (Side({"type": "object", "properties": {"a": {"allOf": [False, schema]}}}) for schema in (LONG, SHORT))
    assert find_at_changes(accepts, rejects, (), _BUDGET) is None


def test_a_schema_of_all_items_is_no_counterpart_of_a_list_of_them() -> None:
    draft = {"$schema": DIALECTS["draft-06"]}
    listed = Side({**draft, "items": [{"minimum": 0}], "contains": {}})
    one = Side({**draft, "items": {"minimum": 0}, "contains": {"maximum": 9}})
    assert find_at_changes(one, listed, (), SearchBudget(seconds=1)) is None
    witness = find_at_changes(listed, one, (), SearchBudget(seconds=1))
    assert witness is not None
    assert confirmed(listed, one, witness.value)


@pytest.mark.parametrize(
    ("narrow", "wide", "value"),
    [
        (
            {"oneOf": [{"required": ["a", "b"]}, {"required": ["c", "d", "e"]}]},
            {"oneOf": [{"required": ["a", "b"]}, {"required": ["c", "d"]}]},
            {"a": None, "b": None, "c": None, "d": None},
        ),
        ({"not": {"required": ["a", "b"]}}, {"not": {"required": ["a"]}}, {"a": None}),
        (
            {"if": {"required": ["a", "b"]}, "then": {"required": ["c"]}},
            {"if": {"required": ["a"]}, "then": {"required": ["c"]}},
            {"a": None},
        ),
    ],
    ids=["oneOf", "not", "if"],
)
def test_a_branch_that_takes_more_is_shown_beside_the_others(narrow: Any, wide: Any, value: Any) -> None:
    accepts, rejects = (Side({"properties": {"x": {"type": "object", **schema}}}) for schema in (narrow, wide))
    witness = find_at_changes(accepts, rejects, (), _BUDGET)
    assert witness is not None
    assert confirmed(accepts, rejects, witness.value)
    assert witness.value["x"].keys() == value.keys()
