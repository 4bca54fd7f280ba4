"""Canonical forms are asked only what they know, and only a plain yes counts."""

from __future__ import annotations

import subprocess
from decimal import Decimal
from typing import Any

import pytest

from srcos_contracts.compat import covering
from srcos_contracts.compat.covering import covered
from srcos_contracts.compat.side import Side

DRAFT_7 = "http://json-schema.org/draft-07/schema#"
DRAFT_4 = "http://json-schema.org/draft-04/schema#"


def _covered(inner: Any, outer: Any, seconds: float = 20) -> bool:
    return covered(Side(inner), Side(outer), seconds)


@pytest.mark.parametrize(
    ("inner", "outer", "answer"),
    [
        ({"type": "integer"}, {"anyOf": [{"maximum": 0}, {"minimum": 1}]}, True),
        ({"type": "number"}, {"anyOf": [{"maximum": 0}, {"minimum": 1}]}, False),
        ({"maximum": Decimal("0.7")}, {"maximum": Decimal("0.75")}, True),
        ({"maximum": Decimal("0.70000000000000000001")}, {"maximum": Decimal("0.7")}, False),
        ({"format": "date"}, {"type": ["string", "number", "boolean", "null", "array", "object"]}, True),
        ({"type": "string"}, {"format": "date"}, False),
        ({"$schema": DRAFT_4, "minimum": 1, "exclusiveMinimum": True}, {"$schema": DRAFT_4, "minimum": 1}, True),
        ({"$schema": DRAFT_4, "minimum": 1}, {"$schema": DRAFT_4, "minimum": 1, "exclusiveMinimum": True}, False),
        (
            {"$schema": DRAFT_7, "required": ["a"], "dependencies": {"a": ["b"]}},
            {"$schema": DRAFT_7, "dependencies": {"a": ["b"]}},
            True,
        ),
    ],
)
def test_a_canonical_form_covers_another_or_does_not(inner: Any, outer: Any, answer: bool) -> None:
    assert _covered(inner, outer) is answer


def test_formats_count_as_the_sides_have_them() -> None:
    plain, dated = {"type": "string"}, {"type": "string", "format": "date"}
    assert covered(Side(plain, formats=False), Side(dated, formats=False), 20)
    assert not covered(Side(plain), Side(dated), 20)


@pytest.mark.parametrize(
    "schema",
    [
        {"x-order": [["/a", "/b"]]},
        {"allOf": [{"x-unique": "id"}]},
        {"unevaluatedProperties": False},
        {"$dynamicAnchor": "a", "items": {"$dynamicRef": "#a"}},
        {"$schema": DRAFT_7, "contentEncoding": "base64", "const": "x-a"},
        {"$schema": DRAFT_7, "contentMediaType": "application/json", "const": "["},
        {"dependencies": {"a": ["b"]}},
        {"enum": [f"a rather long word with the number {number}" for number in range(1000)]},
    ],
)
def test_what_it_does_not_know_or_is_too_large_is_not_asked(schema: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("it was asked")

    monkeypatch.setattr(subprocess, "run", refuse)
    assert not _covered(schema, True)
    assert not _covered(False, schema)


@pytest.mark.parametrize("schema", [{"maximum": float("nan")}, {"const": object()}])
def test_what_is_no_json_is_a_no(schema: Any) -> None:
    assert not _covered({"not": {"enum": [1]}} | schema, False)


def test_no_answer_in_time_is_a_no() -> None:
    assert not _covered({"type": "integer"}, {"type": "number"}, 0.0001)


@pytest.mark.parametrize("program", ["import os; os.abort()", "raise SystemExit(1)", "print('unknown')", "print('no')", "print('yes'); os"])
def test_a_crash_or_another_answer_is_a_no(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(covering, "_PROGRAM", program)
    assert not _covered({"type": "integer"}, {"type": "number"})


def test_a_yes_is_a_yes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(covering, "_PROGRAM", "print('yes')")
    assert _covered({"type": "integer"}, {"type": "number"})
