"""The prover, rule by rule: what it proves, and that it never proves what a value contradicts."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from srcos_contracts.compat.proof import Budget, Proof, Unproved, contained
from srcos_contracts.compat.side import Side
from tests.compat.proof_table import PAIRS, Pair
from tests.compat.random_schemas import DIALECTS


def _side(schema: object, dialect: str = "2020-12") -> Side:
    return Side({"$schema": DIALECTS[dialect], **schema} if isinstance(schema, dict) else schema)


def test_rules_have_names_of_their_own() -> None:
    assert len({pair.rule for pair in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.rule)
def test_what_is_contained_is_proved(pair: Pair) -> None:
    inner, outer = _side(pair.inner, pair.dialect), _side(pair.outer, pair.dialect)
    outer.judge()
    assert isinstance(contained(inner, outer), Proof)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.rule)
def test_a_near_miss_is_not_proved(pair: Pair) -> None:
    inner, near = _side(pair.inner, pair.dialect), _side(pair.near, pair.dialect)
    for engine in ("rust", "reference"):
        assert inner.accepts(pair.missed, engine=engine)
        assert not near.accepts(pair.missed, engine=engine)
    answer = contained(inner, near)
    assert isinstance(answer, Unproved)
    assert answer.where
    assert all(unshown.outer is not None for unshown in answer.where)


def test_a_proof_tells_its_steps() -> None:
    old = _side({"type": "object", "properties": {"state": {"enum": ["on"]}, "size": {"type": "integer", "minimum": 2}}})
    new = _side({"type": "object", "properties": {"state": {"enum": ["on", "off"]}, "size": {"type": "integer", "minimum": 1}}})
    proof = contained(old, new)
    assert isinstance(proof, Proof)
    assert sorted(map(str, proof.steps)) == [
        "/properties/size/minimum: what comes is bound more tightly",
        "/properties/state/enum: every value that can come is taken",
    ]
    assert {step.inner.path if step.inner else None for step in proof.steps} == {
        ("properties", "state", "enum"),
        ("properties", "size", "minimum"),
    }


def test_what_was_not_shown_is_told() -> None:
    answer = contained(_side({"properties": {"a": {"minimum": 1}}}), _side({"properties": {"a": {"minimum": 2}}, "required": ["b"]}))
    assert isinstance(answer, Unproved)
    assert answer.reason == "no rule shows it"
    assert "/properties/a/minimum (minimum)" in map(str, answer.where)


def test_annotations_are_set_aside() -> None:
    old = _side(
        {"title": "a", "type": "object", "properties": {"a": {"description": "b", "$ref": "#/$defs/x"}}, "$defs": {"x": {"type": "null"}}}
    )
    new = _side(
        {"$comment": "c", "properties": {"a": {"$ref": "#/$defs/y", "examples": [1]}}, "type": "object", "$defs": {"y": {"type": "null"}}}
    )
    for proof in (contained(old, new), contained(old, _side(old.document))):
        assert isinstance(proof, Proof)
        assert [str(step) for step in proof.steps] == ["equal after annotations are set aside"]


def test_true_is_not_one() -> None:
    assert isinstance(contained(_side({"const": True}), _side({"const": 1})), Unproved)
    assert isinstance(contained(_side({"const": 1}), _side({"const": 1.0})), Proof)


def test_in_draft_4_each_number_of_a_constant_may_be_written_in_either_way() -> None:
    # [1, 1.0] is equal to the constant, and the only way of writing it that breaks this.
    alike = {"not": {"items": [{"type": "integer"}, {"not": {"type": "integer"}}]}}
    assert isinstance(contained(_side({"enum": [[1, 1]]}, "draft-04"), _side(alike, "draft-04")), Unproved)
    assert isinstance(contained(_side({"enum": [[1, 1]]}, "draft-06"), _side(alike, "draft-06")), Proof)


_JSON, _BASE64 = {"contentMediaType": "application/json"}, {"contentEncoding": "base64"}


@pytest.mark.parametrize("dialect", ["draft-06", "draft-07"])
@pytest.mark.parametrize(
    ("inner", "outer", "shown"),
    [
        ({**_JSON, **_BASE64}, _JSON, False),
        (_JSON, {**_JSON, **_BASE64}, False),
        ({"allOf": [_JSON, _BASE64]}, {**_JSON, **_BASE64}, False),
        ({**_JSON, **_BASE64}, _BASE64, True),
        ({**_JSON, **_BASE64, "minLength": 3}, {**_JSON, **_BASE64}, True),
    ],
)
def test_of_a_media_type_is_the_decoded_text(inner: dict[str, Any], outer: dict[str, Any], shown: bool, dialect: str) -> None:
    """A text is in base64 what `e30=` is: JSON only once it is decoded."""
    assert isinstance(contained(_side(inner, dialect), _side(outer, dialect)), Proof) is shown


@pytest.mark.parametrize("keyword", [_JSON, _BASE64])
def test_draft_4_knows_nothing_of_content(keyword: dict[str, Any]) -> None:
    assert isinstance(contained(_side(keyword, "draft-04"), _side(keyword, "draft-06")), Unproved)
    assert isinstance(contained(_side(True, "draft-04"), _side(keyword, "draft-04")), Proof)


@pytest.mark.parametrize("step", ["1E-999999999", "1E+999999999", "0.1"])
def test_steps_that_engines_round_prove_nothing_at_once(step: str) -> None:
    sides = _side({"multipleOf": Decimal(step)}), _side({"multipleOf": Decimal("0.5")})
    assert all(isinstance(contained(*pair), Unproved) for pair in (sides, sides[::-1]))
    assert isinstance(contained(_side({"multipleOf": Decimal("0.50")}), _side({"multipleOf": Decimal("0.25")})), Proof)


def test_what_has_no_end_is_nothing() -> None:
    endless = {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#"}}}
    assert isinstance(contained(_side(endless), _side(False)), Proof)
    assert isinstance(contained(_side({**endless, "required": []}), _side(False)), Unproved)


def test_recursion_proves_nothing_by_itself() -> None:
    tree = {"type": ["object", "string"], "properties": {"left": {"$ref": "#"}}}
    answer = contained(_side(tree), _side({**tree, "type": "object"}))
    assert isinstance(answer, Unproved)


@pytest.mark.parametrize(("budget", "most"), [(Budget(steps=3), "3 steps"), (Budget(seconds=0.0), "0 s")])
def test_a_search_without_means_is_given_up(budget: Budget, most: str) -> None:
    # Time is looked at now and then: there must be something to do.
    inner = {"type": "object", "allOf": [{"if": {"required": [f"a{n}"]}, "then": {"required": [f"b{n}"]}} for n in range(80)]}
    answer = contained(_side(inner), _side({**inner, "required": ["a0"]}), budget)
    assert isinstance(answer, Unproved)
    assert "budget is used up" in answer.reason
    assert answer.reason.endswith(f", which is {most}")
    assert "/required/0 (required)" in map(str, answer.where)


def test_what_leads_too_deep_is_not_shown() -> None:
    def chain(last: object) -> Side:
        links = {f"d{n}": {"items": {"$ref": f"#/$defs/d{n + 1}"}} for n in range(3000)}
        return _side({"$ref": "#/$defs/d0", "$defs": {**links, "d3000": last}})

    answer = contained(chain({"type": "integer"}), chain({"type": "number"}))
    assert isinstance(answer, Unproved)
    assert answer.reason == "nested too deep"
    (unshown,) = answer.where
    assert unshown.outer is not None
    assert unshown.outer.path[0] == "$defs"


def test_what_two_references_at_each_step_lead_to_is_compared_once() -> None:
    def doubled(longest: int) -> Side:
        ways = {
            f"{name}{n}": [{"$ref": f"#/$defs/{other}{n + 1}"} for other in order]
            for n in range(40)
            for name, order in (("a", "ab"), ("b", "ba"))
        }
        last = {"a40": {"maxLength": longest}, "b40": {"maxLength": 3}}
        return _side({"$ref": "#/$defs/a0", "$defs": {**{name: {"allOf": way} for name, way in ways.items()}, **last}})

    assert isinstance(contained(doubled(5), doubled(9)), Proof)


def test_a_resource_of_another_dialect_is_the_same_only_with_all_that_it_refers_to() -> None:
    def side(reference: str, last: dict[str, Any], formats: bool = True) -> Side:
        early = {"$id": "https://example.org/z", "$schema": "http://json-schema.org/draft-07/schema#", "items": [{"$ref": reference}]}
        definitions = {
            "z": {**early, "definitions": {"q": {"type": "string", "format": "date"}}},
            "r": {"$id": "https://example.org/r", **last},
        }
        return Side({"$ref": "https://example.org/z", "$defs": definitions}, formats=formats)

    def shown(inner: Side, outer: Side) -> bool:
        return isinstance(contained(inner, outer), Proof)

    plain, other = {"type": "string"}, {"type": "string", "description": "A text.", "maxLength": 1}
    assert shown(side("#/definitions/q", plain), side("#/definitions/q", other))
    assert not shown(side("https://example.org/r", plain), side("https://example.org/r", other))
    assert not shown(side("#/definitions/q", plain, formats=False), side("#/definitions/q", other))
