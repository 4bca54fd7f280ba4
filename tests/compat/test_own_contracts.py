"""Of our own contracts, every constraint that is lost, loosened or tightened is shown by a payload, made from an example that is valid."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonpatch
import pytest

from srcos_contracts.compat.side import Side
from srcos_contracts.compat.witness import Seed, Witness, confirmed, find, from_seeds
from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.evolve.cases import load_cases
from srcos_contracts.evolve.generate import catalog_of_sources
from srcos_contracts.evolve.mutants import mutants
from srcos_contracts.refusal import Refusal

ROOT = Path(__file__).parents[2]
CATALOG: Catalog = catalog_of_sources(str(ROOT / "schemas"))
CONTRACTS = list(CATALOG.contracts)
_LEAST_FOUND = 0.97
_SAMPLED = 41
"""Of so many mutants, one is tried in `make test`: a number that no list of keywords repeats itself after."""


class _Question(NamedTuple):
    """One direction between a contract and a mutant of it of which a stored case knows that it breaks."""

    label: str
    accepts: Side
    rejects: Side
    examples: tuple[Seed, ...]
    """The valid ones in full; that case is not among them."""


@cache
def _seeds(contract: Contract) -> tuple[Seed, ...]:
    cases = load_cases(ROOT / "examples", CATALOG, contract).cases
    return tuple(Seed(record, case.name, case.parts, not case.patch) for case in cases for record, _ in case.records)


def _questions(contract: Contract, every: int) -> Iterator[_Question]:
    bundle = CATALOG.document(contract.bundle)
    old, seeds = Side.of_contract(CATALOG, contract), _seeds(contract)
    examples = tuple(seed for seed in seeds if seed.example and old.accepts(seed.value, seed.parts))
    for mutant in list(mutants(bundle))[::every]:
        try:
            new = Side(mutant.apply(bundle), contract.uri)
            new.judge()
        except Refusal:
            continue
        for accepts, rejects, direction in ((old, new, "backward"), (new, old, "forward")):
            if from_seeds(accepts, rejects, seeds) is not None:
                yield _Question(f"{contract.label} {direction} {mutant.path} {mutant.change}", accepts, rejects, examples)


def _found(contract: Contract, every: int) -> tuple[int, list[str]]:
    """How many questions there were, and those that were not answered. An answer is checked for all that it says."""
    count, missed = 0, []
    for question in _questions(contract, every):
        count += 1
        witness = find(question.accepts, question.rejects, question.examples)
        if witness is None:
            missed.append(question.label)
            continue
        assert confirmed(question.accepts, question.rejects, witness.value, witness.parts), question.label
        assert _patched(witness, question.examples) == witness.value, question.label
    return count, missed


def _patched(witness: Witness, examples: tuple[Seed, ...]) -> Any:
    base = next(seed.value for seed in examples if seed.name == witness.seed)
    return jsonpatch.apply_patch(base, list(witness.patch))


def test_a_sample_of_the_mutants_of_all_contracts_is_shown() -> None:
    results = [_found(contract, _SAMPLED) for contract in CONTRACTS]
    count, missed = sum(number for number, _ in results), [label for _, labels in results for label in labels]
    assert count > 40
    assert len(missed) <= (1 - _LEAST_FOUND) * count, missed


@pytest.mark.long
@pytest.mark.parametrize("contract", CONTRACTS, ids=[contract.label for contract in CONTRACTS])
def test_every_mutant_that_a_case_notices_is_shown(contract: Contract) -> None:
    count, missed = _found(contract, 1)
    assert len(missed) <= (1 - _LEAST_FOUND) * count, missed
