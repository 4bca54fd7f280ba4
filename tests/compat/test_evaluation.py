"""What is told of one value must be what an engine says of it, or nothing."""

from __future__ import annotations

from decimal import Decimal
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srcos_contracts.compat.atoms import frozen
from srcos_contracts.compat.evaluation import satisfies, type_of
from srcos_contracts.compat.form import Form
from srcos_contracts.compat.side import Side
from srcos_contracts.contracts.trace import endless
from srcos_contracts.refusal import Refusal
from tests.compat.random_schemas import DIALECTS, Maker


@given(st.integers(0, 2**32), st.sampled_from(sorted(DIALECTS)))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_no_answer_differs_from_the_engine(seed: int, dialect: str) -> None:
    maker = Maker(Random(seed), dialect)
    try:
        side = Side(maker.document())
        side.judge()
    except Refusal:
        return
    if endless(side.resources) is not None:
        return
    root = Form(side).root
    for value in [maker.value() for _ in range(20)]:
        assert satisfies(root, value) in (None, side.accepts(value)), (side.document, value)


def test_most_answers_are_given() -> None:
    answers = []
    for seed in range(120):
        maker = Maker(Random(seed), "draft-07")
        try:
            side = Side(maker.document())
        except Refusal:
            continue
        answers += [satisfies(Form(side).root, maker.value()) for _ in range(5)]
    assert answers.count(None) < len(answers) / 50


@pytest.mark.parametrize(
    ("value", "name"),
    [(None, "null"), (True, "boolean"), (1, "integer"), (1.0, "whole"), (1.5, "fraction"), ("", "string"), ([], "array"), ({}, "object")],
)
def test_types_tell_two_ways_of_writing_a_whole_number_apart(value: object, name: str) -> None:
    assert type_of(value) == name


@pytest.mark.parametrize("value", [1, 1.0, Decimal("1E+2"), 2**60])
def test_of_an_integer_draft_4_says_one_thing_or_another_by_how_it_is_written(value: object) -> None:
    integers = {"type": "array", "items": {"type": "integer"}}
    answers = [satisfies(Form(Side({"$schema": DIALECTS[dialect], **integers})).root, [value]) for dialect in ("draft-04", "draft-06")]
    assert answers == [None, True]
    assert satisfies(Form(Side({"$schema": DIALECTS["draft-04"], **integers})).root, [value, "a"]) is False


def test_equality_is_that_of_json_schema() -> None:
    assert frozen(1) == frozen(1.0)
    assert frozen(True) != frozen(1)
    assert frozen({"a": [1, {"b": None}]}) == frozen({"a": [1.0, {"b": None}]})
    assert frozen([1, 2]) != frozen([2, 1])
