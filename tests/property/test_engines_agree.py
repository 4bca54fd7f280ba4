"""Two independent engines give the same findings, whatever the record is."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from srcos_contracts.checking import Demands, check_value
from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.pointer import Path as Way

ROOT = Path(__file__).resolve().parents[2]
CATALOG = Catalog.shipped()


def _examples(contract: Contract) -> list[Any]:
    folder = ROOT / "examples" / contract.name / contract.version
    return [json.loads(path.read_text("utf-8")) for path in sorted(folder.rglob("*.json")) if path.name != "cases.json"]


EXAMPLES = {contract: records for contract in CATALOG.contracts if (records := _examples(contract))}


def _ways(value: Any, way: Way = ()) -> list[Way]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(inner for key, member in members for inner in _ways(member, (*way, key)))]


def _words(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {word for member in value.values() for word in _words(member)}
    if isinstance(value, list):
        return {word for item in value for word in _words(item)}
    return {value} if isinstance(value, str) else set()


WORDS = sorted({word for records in EXAMPLES.values() for record in records for word in _words(record)})

SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from(WORDS),
    st.none(),
    st.booleans(),
    st.integers(-2, 2**70),
    st.sampled_from([Decimal("1E+400"), Decimal("1.0"), Decimal("-0.5"), 10**400]),
    st.sampled_from([Decimal("1" * digits + tail) for digits in (20, 29, 64, 65, 400) for tail in (".5", ".0", "e-3", "000e-3")]),
    st.sampled_from([Decimal("1e-999999999"), Decimal("-1e999999999"), Decimal("0e-999999999"), Decimal("1." + "0" * 60 + "1")]),
    st.text(max_size=8),
    st.datetimes().map(lambda time: time.isoformat() + "Z"),
    st.sampled_from(
        ["2026-05-06T04:00:00+01:00", "2026-02-30T00:00:00Z", "2016-12-31T23:59:60Z", "2026-05-06T03:30:00.5z", "2026-05-06", ""]
    ),
    st.sampled_from(
        ["urn:srcos:session:a,b", "urn:srcos:session:*", "urn:srcos:agent:a%2F", "urn:srcos:agent:a%zz", "sha256:" + "0" * 63, "a b", "a\n"]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS) | st.text(max_size=6), inner, max_size=3),
    max_leaves=4,
)


def _edit(record: Any, draw: Callable[[st.SearchStrategy[Any]], Any]) -> Any:
    """The record with one place removed, replaced, renamed, doubled, or added to."""
    way = draw(st.sampled_from(_ways(record)))
    if not way:
        return draw(st.one_of(st.just(record), VALUES))
    parent = record
    for token in way[:-1]:
        parent = parent[token]
    last = way[-1]
    change = draw(st.sampled_from(["remove", "replace", "rename", "double", "add"]))
    if change == "replace":
        parent[last] = draw(VALUES)
    elif change == "add" and isinstance(parent[last], dict):
        parent[last][draw(st.sampled_from(WORDS) | st.text(max_size=6))] = draw(VALUES)
    elif change in ("add", "double") and isinstance(parent[last], list):
        parent[last].append(copy.deepcopy(parent[last][0]) if change == "double" and parent[last] else draw(VALUES))
    elif change == "rename" and isinstance(parent, dict):
        parent[draw(st.sampled_from(WORDS))] = parent.pop(last)
    else:
        del parent[last]
    return record


@st.composite
def near_valid_records(draw: Callable[[st.SearchStrategy[Any]], Any]) -> tuple[Contract, Any]:
    contract = draw(st.sampled_from(list(EXAMPLES)))
    record = copy.deepcopy(draw(st.sampled_from(EXAMPLES[contract])))
    for _ in range(draw(st.integers(1, 4))):
        record = _edit(record, draw)
        if not isinstance(record, dict):
            break
    return contract, record


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(near_valid_records())
def test_both_engines_give_the_same_findings(case: tuple[Contract, Any]) -> None:
    contract, record = case
    before = copy.deepcopy(record)
    rust = check_value(CATALOG, record, Demands(contract, "rust"))
    reference = check_value(CATALOG, record, Demands(contract, "reference"))
    assert rust == reference
    for engine in ("rust", "reference"):
        assert CATALOG.judge(contract, engine).accepts(record) is not bool(rust)
    assert record == before, "a check changed the record"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(near_valid_records())
def test_a_record_is_claimed_or_explained(case: tuple[Contract, Any]) -> None:
    contract, record = case
    found = check_value(CATALOG, record, Demands())
    unclaimed = [finding for finding in found if finding.rule == "unclaimed-record"]
    claim = CATALOG.claim(record)
    assert bool(unclaimed) is (claim is None)
    for finding in unclaimed:
        assert finding.help
        assert len(found) == 1
    if claim is not None and contract == claim.contract:
        assert found == check_value(CATALOG, record, Demands(contract))
