"""Of random schemas and random changes to them, no verdict is contradicted by any value, and hardly any difference goes unseen."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from srcos_contracts.compat.compare import Breaking, Compatible, judged
from srcos_contracts.compat.side import Side
from srcos_contracts.compat.witness import confirmed
from srcos_contracts.refusal import Refusal
from tests.compat.random_schemas import DIALECTS, Maker

_MOST_MISSED = 0.01
"""Of the directions, how many may be left open where a value drawn at random shows that they break."""


def _tried(seed: int, values: int) -> Counter[str]:
    """What came of both directions between a random schema and a change to it; each verdict is put to random values."""
    random = Random(seed)
    maker = Maker(random, random.choice(list(DIALECTS)))
    document = maker.document()
    try:
        old, new = Side(document), Side(maker.changed(document))
        for side in (old, new):
            side.judge(), side.judge("reference")
    except Refusal:
        return Counter()
    drawn = [maker.value() for _ in range(values)]
    found: Counter[str] = Counter()
    for accepts, other in ((old, new), (new, old)):
        verdict = judged(accepts, other, cross_check=True)
        shown = [value for value in drawn if accepts.accepts(value) and not other.accepts(value) and confirmed(accepts, other, value)]
        if isinstance(verdict, Compatible):
            assert shown == []
        elif isinstance(verdict, Breaking):
            assert confirmed(accepts, other, verdict.witness.value, verdict.witness.parts)
        else:
            assert verdict.proof is None
        found["missed" if shown and not isinstance(verdict, Breaking) else type(verdict).__name__] += 1
    return found


def _assert_sound_and_hardly_blind(seeds: range, values: int) -> None:
    found = sum((_tried(seed, values) for seed in seeds), Counter[str]())
    assert found["Breaking"] > 0.1 * len(seeds)
    assert found["Compatible"] > 0.1 * len(seeds)
    assert found["missed"] <= max(1, _MOST_MISSED * found.total()), found


def test_random_pairs_are_judged_soundly() -> None:
    _assert_sound_and_hardly_blind(range(5000, 5080), 200)


@pytest.mark.long
@pytest.mark.parametrize("block", range(10))
def test_many_random_pairs_are_judged_soundly(block: int) -> None:
    _assert_sound_and_hardly_blind(range(block * 200, (block + 1) * 200), 1000)
