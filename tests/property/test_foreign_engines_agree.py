"""Two independent engines give the same verdict and the same findings, whatever the schema is, in each dialect."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from srcos_contracts.contracts.diagnosis import diagnose
from srcos_contracts.contracts.dialects import uri_of
from srcos_contracts.contracts.judge import EngineName, Judge
from srcos_contracts.pointer import Path

Draw = Callable[[st.SearchStrategy[Any]], Any]

DIALECTS = ("draft-07", "2019-09", "2020-12")
ROOT = "https://one.example/root.json"
OTHER = "https://one.example/other.json"

NAMES = st.sampled_from(["a", "b", "kind", "tags", "ownerRef"])
CONSTANTS: list[Any] = ["x", "yes", "", 0, 1, 1.0, True, False, None, [], [1], {}, {"a": 1}]
TEXTS = [
    "x",
    "no",
    "yes",
    "a@b.example",
    "2026-02-28",
    "2026-02-30",
    "2026-05-06T04:00:00+01:00",
    "2026-05-06T04:00:00",
    "25:00:00Z",
    "04:00:00Z",
    "P1D",
    "P",
    "127.0.0.1",
    "1.2.3",
    "::1",
    ":::",
    "host.example",
    "-host-",
    "https://one.example/x y",
    "https://one.example/",
    "/a~1b",
    "/a~2",
    "0/a",
    "(",
    "{a",
    "2f8b2d36-3b3c-4b61-8a43-0c1c4a6a4a11",
    "é",
]
FORMATS = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
    "int32",
]
TYPES = ["string", "integer", "number", "boolean", "null", "array", "object"]


def _leaf() -> st.SearchStrategy[Any]:
    number = st.sampled_from([-1, 0, 0.5, 1, 2, 3])
    count = st.integers(0, 3)
    return st.one_of(
        st.booleans(),
        st.builds(lambda value: {"const": value}, st.sampled_from(CONSTANTS)),
        st.builds(
            lambda values: {"enum": values}, st.lists(st.sampled_from(CONSTANTS[:3] + TEXTS[:3]), min_size=1, max_size=3, unique=True)
        ),
        st.builds(lambda name: {"format": name}, st.sampled_from(FORMATS)),
        st.builds(lambda name: {"type": "string", "format": name}, st.sampled_from(FORMATS)),
        st.builds(
            lambda types: {"type": types}, st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, max_size=2, unique=True)
        ),
        st.builds(lambda k, v: {k: v}, st.sampled_from(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]), number),
        st.builds(
            lambda k, v: {k: v},
            st.sampled_from(["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"]),
            count,
        ),
        st.builds(lambda v: {"multipleOf": v}, st.sampled_from([1, 2, 0.5])),
        st.builds(lambda v: {"pattern": v}, st.sampled_from(["^x", r"\S", "^[a-z]+$"])),
        st.builds(lambda names: {"required": names}, st.lists(NAMES, max_size=2, unique=True)),
        st.builds(lambda v: {"uniqueItems": v}, st.booleans()),
        st.sampled_from([{"$ref": "#/definitions/d"}, {"$ref": OTHER}, {"$ref": "other.json#/definitions/e"}]),
    )


def _variants(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Branches that a member tells apart, as most authors of schemas write them."""

    def variant(constraint: Any, more: Any, required: bool, closed: bool) -> Any:
        schema = {"type": "object", "properties": {"kind": constraint, **more}, **({"required": ["kind"]} if required else {})}
        return {**schema, "additionalProperties": False} if closed else schema

    one = st.builds(
        variant,
        st.sampled_from([{"const": "x"}, {"const": "yes"}, {"enum": ["no"]}, {"enum": ["x", "y"]}, {"const": 1}]),
        st.dictionaries(NAMES, inner, max_size=1),
        st.booleans(),
        st.booleans(),
    )
    return st.lists(one | st.just({"type": "null"}), min_size=1, max_size=3)


def _deeper(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    members = st.dictionaries(NAMES, inner, max_size=3)
    return st.one_of(
        st.builds(lambda p, more: {"properties": p, **more}, members, st.sampled_from([{}, {"additionalProperties": False}])),
        st.builds(lambda p, a: {"properties": p, "additionalProperties": a}, members, inner),
        st.builds(lambda v: {"patternProperties": {"^a": v}, "additionalProperties": False}, inner),
        st.builds(lambda v: {"propertyNames": v}, inner),
        st.builds(lambda v: {"items": v}, inner),
        st.builds(lambda v: {"contains": v}, inner),
        st.builds(lambda k, v: {k: v}, st.sampled_from(["allOf", "anyOf", "oneOf"]), several),
        st.builds(lambda k, v: {k: v}, st.sampled_from(["anyOf", "oneOf"]), _variants(inner)),
        st.builds(lambda v: {"not": v}, inner),
        st.builds(lambda i, t, e: {"if": i, "then": t, "else": e}, inner, inner, inner),
        st.builds(lambda a, b: {**a, **b} if isinstance(a, dict) and isinstance(b, dict) else a, inner, inner),
    )


SCHEMAS = st.recursive(_leaf(), _deeper, max_leaves=8)

VALUES = st.recursive(
    st.sampled_from([*CONSTANTS, *TEXTS, 2, 3, 0.25, 10**30]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.sampled_from(["ownerref", "knd", "extra"]), inner, max_size=4),
    max_leaves=8,
)


@st.composite
def schemas(draw: Draw, dialect: str) -> dict[str, Any]:
    root = draw(SCHEMAS)
    if dialect != "draft-07" and draw(st.booleans()):
        root = {"allOf": [root, draw(_since_2019())]}
    # What is referred to refers to nothing itself, so that no reference leads only back.
    definition, other, inner = (draw(SCHEMAS.filter(lambda schema: "$ref" not in str(schema))) for _ in range(3))
    definitions = {
        "d": definition,
        "o": {"$id": OTHER, "$schema": uri_of(dialect), "allOf": [other], "definitions": {"e": inner}},
    }
    return {"$schema": uri_of(dialect), "$id": ROOT, "allOf": [root], "definitions": definitions}


def _since_2019() -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(lambda a, b: {"dependentRequired": {a: [b]}}, NAMES, NAMES),
        st.builds(lambda a, s: {"dependentSchemas": {a: s}}, NAMES, SCHEMAS),
        st.builds(
            lambda s, least, most: {"contains": s, "minContains": least, "maxContains": most}, SCHEMAS, st.integers(0, 2), st.integers(0, 2)
        ),
        st.builds(lambda p: {"properties": p, "unevaluatedProperties": False}, st.dictionaries(NAMES, SCHEMAS, max_size=2)),
    )


def _told(schema: dict[str, Any], record: Any, engine: EngineName) -> tuple[bool, set[tuple[str, Path]]]:
    judge = Judge(copy.deepcopy(schema), ROOT, engine)
    found = {(fault.rule, fault.path) for fault in diagnose(judge, record, "Thing")}
    return judge.accepts(record), found


@pytest.mark.parametrize("dialect", DIALECTS)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_both_engines_say_the_same_of_any_schema(dialect: str, data: st.DataObject) -> None:
    schema = data.draw(schemas(dialect))
    for record in data.draw(st.lists(VALUES, min_size=1, max_size=3)):
        rust = _told(schema, record, "rust")
        assert _told(schema, record, "reference") == rust
        assert rust[0] is not bool(rust[1])


@pytest.mark.parametrize("dialect", ["draft-04", "draft-06", *DIALECTS])
@pytest.mark.parametrize("name", FORMATS)
def test_both_engines_assert_the_same_formats(dialect: str, name: str) -> None:
    schema = {"$schema": uri_of(dialect), "format": name}
    judges = [Judge(schema, ROOT, engine) for engine in ("rust", "reference")]
    verdicts = [[judge.accepts(text) for text in TEXTS] for judge in judges]
    assert verdicts[0] == verdicts[1]
