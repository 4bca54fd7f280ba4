"""No proof may be contradicted by anything: not by a stored case of a contract, not by any value that two engines judge alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srcos_contracts.compat.proof import Proof, contained
from srcos_contracts.compat.side import Side
from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.contracts.resources import resources_of
from srcos_contracts.contracts.trace import endless
from srcos_contracts.evolve.cases import load_cases
from srcos_contracts.evolve.gate import with_resource
from srcos_contracts.evolve.mutants import Mutant, mutants
from srcos_contracts.refusal import Refusal
from tests.compat.random_schemas import DIALECTS, Maker

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CATALOG = Catalog.shipped()

LOOSENING = ("dropped", "loosened", "is no longer required", "no longer", "chain dropped", "link ", "same loosened", "allowed")
"""What mutants say that ask for less, where they stand at a place whose schemas are only ever asked for."""


_TURNED = frozenset(("not", "if", "oneOf", "anyOf", "x-warn", "contains", "patternProperties"))
"""Keywords below which less is not always less: a pattern of names also says what is additional."""


class _Changed(NamedTuple):
    mutant: Mutant
    side: Side
    loosened: bool


def _changed(contract: Contract, document: dict[str, Any], most: int) -> Iterator[_Changed]:
    made = [(uri, mutant) for uri, resource in resources_of(document, contract.uri).items() for mutant in mutants(resource)]
    for uri, mutant in made[:: max(1, len(made) // most)]:
        resource = resources_of(document, contract.uri)[uri]
        side = Side(with_resource(document, contract.uri, uri, mutant.apply(resource)), contract.uri)
        asked = not _TURNED & set(mutant.path[:-1]) and mutant.path[0] != "$defs" and mutant.path[-1] != "x-rule"
        yield _Changed(mutant, side, asked and not mutant.narrows and any(word in mutant.change for word in LOOSENING))


def _try(contract: Contract, most: int) -> Counter[str]:
    """What came of the proofs for about as many mutants, both ways; a proof that a case contradicts fails the test."""
    document = CATALOG.document(contract.bundle)
    old = Side(document, contract.uri)
    records = [(record, case.parts) for case in load_cases(EXAMPLES, CATALOG, contract).cases for record, _ in case.records]
    before = [old.accepts(record, parts) for record, parts in records]
    counts: Counter[str] = Counter()
    for mutant, side, loosened in _changed(contract, document, most):
        try:
            after = [side.accepts(record, parts) for record, parts in records]
        except Refusal:
            continue
        forth, back = contained(old, side), contained(side, old)
        assert not (isinstance(forth, Proof) and any(was and not now for was, now in zip(before, after, strict=True))), mutant
        assert not (isinstance(back, Proof) and any(now and not was for was, now in zip(before, after, strict=True))), mutant
        counts["tried"] += 1
        counts["loosened"] += loosened
        counts["proved"] += loosened and isinstance(forth, Proof)
    return counts


@pytest.mark.parametrize("contract", CATALOG.contracts, ids=lambda contract: contract.name)
def test_no_case_contradicts_a_proof(contract: Contract) -> None:
    counts = _try(contract, 12)
    assert counts["tried"]
    assert counts["proved"] == counts["loosened"]


@pytest.mark.long
@pytest.mark.parametrize("contract", CATALOG.contracts, ids=lambda contract: contract.name)
def test_no_case_contradicts_any_proof(contract: Contract) -> None:
    counts = _try(contract, 10**6)
    assert counts["proved"] > 0.97 * counts["loosened"], counts
    print(f"{contract.label}: {counts}")


class _Judged(NamedTuple):
    inner: Side
    outer: Side
    values: list[Any]


def _pair(seed: int) -> _Judged | None:
    """Two schemas at random, the second mostly a small change of the first, and values; None where one of them is no schema."""
    random = Random(seed)
    dialect = random.choice(sorted(DIALECTS))
    maker = Maker(random, dialect)
    document = maker.document()
    if random.random() < 0.15:
        other = {**document, "$schema": DIALECTS[random.choice(sorted(DIALECTS))]}
    else:
        other = document
        for _ in range(random.choice((1, 1, 1, 2, 3))):
            other = maker.changed(other)
    try:
        inner, outer = Side(document), Side(other)
        inner.judge()
        outer.judge()
    except Refusal:
        return None
    if endless(inner.resources) is not None or endless(outer.resources) is not None:
        return None
    return _Judged(inner, outer, [maker.value() for _ in range(40)])


def _contradicts(inner: Side, outer: Side, value: Any) -> bool:
    if inner.accepts(value) and not outer.accepts(value):
        return True
    # In draft 2019-09 the reference library does not count what additionalProperties evaluates.
    if inner.dialect == "2019-09" and "unevaluated" in str(inner.document):
        return False
    try:
        return inner.accepts(value, engine="reference") and not outer.accepts(value, engine="reference")
    except RecursionError:
        # A schema that comes back to itself for the same value has no verdict to contradict.
        return False


def _check(seed: int) -> str:
    pair = _pair(seed)
    if pair is None:
        return "no schema"
    answers = []
    for inner, outer in ((pair.inner, pair.outer), (pair.outer, pair.inner)):
        if isinstance(contained(inner, outer), Proof):
            contradicting = [value for value in pair.values if _contradicts(inner, outer, value)]
            assert not contradicting, (inner.document, outer.document, contradicting[0])
            answers.append("proof")
    return "proof" if answers else "none"


@given(st.integers(0, 2**40))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_no_value_contradicts_a_proof(seed: int) -> None:
    _check(seed)


@pytest.mark.long
def test_no_value_contradicts_a_proof_of_thousands() -> None:
    counts = Counter(_check(seed) for seed in range(10**6, 10**6 + 4000))
    assert counts["proof"] > 1500


def test_values_that_are_sampled_can_contradict() -> None:
    """The test above would notice a prover that proves everything."""
    told = 0
    for seed in range(120):
        pair = _pair(seed)
        told += pair is not None and any(_contradicts(pair.inner, pair.outer, value) for value in pair.values)
    assert told > 10
