"""What goes wrong below the reference engine, as it is told."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from srcos_contracts.contracts.engine import RustEngine, SchemaError
from srcos_contracts.contracts.judge import EngineName, Judge
from srcos_contracts.contracts.reference import ReferenceEngine
from tests.compat.random_schemas import DIALECTS

ENGINES: tuple[EngineName, ...] = ("rust", "reference")

URI = "https://example.org/schema.json"
SCHEMA = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": URI, "$defs": {"a": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}


class PanicException(BaseException):
    """As the binding between Rust and Python has one."""


class _Panicking:
    def __init__(self, text: str) -> None:
        self._text = text

    def evolve(self, **_: Any) -> _Panicking:
        return self

    def iter_errors(self, _: Any) -> Iterator[Any]:
        raise PanicException(self._text)


def test_references_that_go_round_are_a_recursion_error() -> None:
    engine = ReferenceEngine(SCHEMA, URI)
    with pytest.raises(RecursionError):
        engine.accepts({})
    with pytest.raises(RecursionError):
        engine.accepts_by({"$ref": "#/$defs/a"}, URI, {})


@pytest.mark.parametrize(("dialect", "integers"), [("draft-04", (True, False, False)), ("draft-06", (True, True, True))])
def test_to_draft_4_alone_a_whole_number_with_a_fraction_is_no_integer(dialect: str, integers: tuple[bool, ...]) -> None:
    schema = {"$schema": f"http://json-schema.org/{dialect}/schema#", "type": "integer"}
    engines = ReferenceEngine(schema, "https://example.org/a.json"), RustEngine(schema, "https://example.org/a.json")
    for engine in engines:
        assert tuple(engine.accepts(number) for number in (1, 1.0, Decimal("1E+2"))) == integers


def test_so_is_a_panic_of_a_map_that_meets_the_bound_on_recursion() -> None:
    engine = ReferenceEngine(SCHEMA, URI)
    engine._validator = _Panicking("__eq__ failed!: PyErr { type: <unprintable type object>, value: <unprintable RecursionError object> }")
    with pytest.raises(RecursionError, match="refers to itself without end"):
        engine.accepts({})
    with pytest.raises(RecursionError, match="refers to itself without end"):
        engine.accepts_by({}, URI, {})


def test_another_panic_is_none() -> None:
    engine = ReferenceEngine(SCHEMA, URI)
    engine._validator = _Panicking("index out of bounds")
    with pytest.raises(PanicException):
        engine.accepts({})


def test_a_chain_of_references_is_followed_in_one_step_with_all_of_them_in_the_path() -> None:
    links = {f"d{number}": {"$ref": f"#/$defs/d{number + 1}"} for number in range(2000)}
    engine = ReferenceEngine({"$ref": "#/$defs/d0", "$defs": {**links, "d2000": {"type": "string"}}}, URI)
    assert engine.accepts("")
    (failure,) = engine.failures(1)
    assert failure.evaluation_path == (*["$ref"] * 2001, "type")


def test_a_pattern_that_only_ecmascript_knows_is_told_where_the_library_takes_it_for_one_of_python() -> None:
    engine = ReferenceEngine({"patternProperties": {r"^\p{L}$": {}}, "unevaluatedProperties": False}, URI)
    with pytest.raises(SchemaError, match=r"^python-jsonschema cannot read a pattern beside unevaluatedProperties: bad escape"):
        engine.accepts({"a": 1})


@pytest.mark.parametrize("dialect", ["draft-06", "draft-07", "2019-09"])
def test_items_that_are_free_are_no_list(dialect: str) -> None:
    schema = {"$schema": DIALECTS[dialect], "items": True, "additionalItems": False, "unevaluatedItems": False, "maxItems": 1}
    for engine in ENGINES:
        judge = Judge(schema, URI, engine)
        assert [judge.accepts(value) for value in ([], [1], [1, 2])] == [True, True, False]
