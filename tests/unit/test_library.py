"""The functions for Python users."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import srcos_contracts
from srcos_contracts import ContractViolation, check, validate
from srcos_contracts.library import UnknownEngine

ROOT = Path(__file__).resolve().parents[2]
FULL: dict[str, Any] = json.loads((ROOT / "examples/CapabilityLedger/0.1.0/valid/full.json").read_text("utf-8"))


def test_a_record_in_order_gives_nothing() -> None:
    assert check(FULL) == []
    assert check(MappingProxyType(FULL)) == []
    validate(FULL)


def test_validate_raises_every_error_and_no_warning() -> None:
    record = {**FULL, "effectiveState": "Enabled", "policyDecisionRef": None}
    with pytest.raises(ContractViolation) as caught:
        validate(record)
    assert [(f.rule, f.pointer) for f in caught.value.findings] == [
        ("effective-state", "/effectiveState"),
        ("policy-decision-ref", "/policyDecisionRef"),
    ]
    assert str(caught.value).startswith(
        "effective-state at /effectiveState: a capability has exactly one effective state: effectiveState is"
    )
    warned = {**FULL, "effectiveState": "degraded"}
    warned.pop("stateReason", None)
    validate(warned)
    with pytest.raises(ContractViolation, match="negative-state-reason"):
        validate(warned, strict=True)


def test_a_path_is_checked_with_lines(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    path.write_text(json.dumps(FULL) + "\n" + json.dumps({**FULL, "effectiveState": None}) + "\n")
    for given in (path, str(path), str(tmp_path), str(tmp_path / "*.jsonl")):
        assert [(f.rule, f.location.line) for f in check(given)] == [("effective-state", 2)]
    assert [f.rule for f in check(tmp_path / "absent.json")] == ["unreadable"]


def test_what_is_not_json_data_is_told_by_its_type() -> None:
    (found,) = check({**FULL, "x-a": [object()]})
    assert found.message == "a value of the type object is not JSON data"


@pytest.mark.parametrize(
    ("value", "rule", "pointer"),
    [
        (float("nan"), "not-finite-number", "/x-a/0"),
        (float("-inf"), "not-finite-number", "/x-a/0"),
        (Decimal("NaN"), "not-finite-number", "/x-a/0"),
        (Decimal("sNaN"), "not-finite-number", "/x-a/0"),
        (Decimal("-Infinity"), "not-finite-number", "/x-a/0"),
        pytest.param(10**5000, "number-out-of-range", "/x-a/0", id="a huge integer"),
        ("\ud800", "lone-surrogate", "/x-a/0"),
        ({1: 2}, "json-syntax", "/x-a/0"),
        (b"bytes", "json-syntax", "/x-a/0"),
        (object(), "json-syntax", "/x-a/0"),
        ({"a", "b"}, "json-syntax", "/x-a/0"),
    ],
)
def test_what_is_not_json_data_is_a_finding(value: Any, rule: str, pointer: str) -> None:
    assert [(f.rule, f.pointer) for f in check({**FULL, "x-a": [value]})] == [(rule, pointer)]


def test_a_value_that_holds_itself_is_a_finding() -> None:
    record: dict[str, Any] = dict(FULL)
    record["x-self"] = record
    assert [f.rule for f in check(record)] == ["too-deep"]


@pytest.mark.parametrize(
    "value", [1.5, 1e308, Decimal("1E+400"), Decimal("1e-999999999"), Decimal("1" * 40 + ".5"), 10**400, (1, 2), True, None, "é"]
)
def test_python_values_that_are_json_data_are_taken(value: Any) -> None:
    assert check({**FULL, "x-a": value}) == []


def test_an_engine_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(UnknownEngine, match=r"^there is no engine foo; there are rust and reference$"):
        check(FULL, engine="foo")  # type: ignore[arg-type]


def test_several_threads_may_check_at_once() -> None:
    broken = {**FULL, "effectiveState": "Enabled"}
    catalog = srcos_contracts.Catalog.shipped()

    def job(number: int) -> list[str]:
        record = broken if number % 2 else FULL
        return [finding.rule for finding in check(record, catalog=catalog, engine="reference" if number % 3 else "rust")]

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(job, range(120)))
    assert results == [["effective-state"] if number % 2 else [] for number in range(120)]


def test_the_function_is_the_function_whatever_was_imported_before() -> None:
    code = "import srcos_contracts.cli.main, srcos_contracts.library; from srcos_contracts import check, validate; assert callable(check) and callable(validate)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_public_names_are_all_there() -> None:
    for name in srcos_contracts.__all__:
        assert getattr(srcos_contracts, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        srcos_contracts.nope  # noqa: B018
