"""Of pairs of schemas over every keyword of every dialect, each verdict is the one that was found by thinking, or none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from srcos_contracts.compat.compare import Breaking, Comparison, Compatible, Undecided, compare
from srcos_contracts.compat.side import Side
from srcos_contracts.compat.witness import confirmed
from srcos_contracts.pointer import format_pointer
from tests.compat.pairs import DIRECTIONS, PAIRS, Direction, Pair, instances

_MOST_UNDECIDED = 0.03
_KINDS = {Compatible: "compatible", Breaking: "breaking", Undecided: "undecided"}

each_pair = pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])


@cache
def _comparison(index: int) -> Comparison:
    pair = PAIRS[index]
    return compare(Side(pair.old), Side(pair.new), cross_check=True)


def _verdicts(pair: Pair) -> Iterator[tuple[Direction, Any]]:
    comparison = _comparison(PAIRS.index(pair))
    yield "backward", comparison.backward
    yield "forward", comparison.forward


def test_the_corpus_is_large_and_says_each_thing_once() -> None:
    assert len(PAIRS) >= 300
    assert [name for name, count in Counter(pair.name for pair in PAIRS).items() if count > 1] == []


@each_pair
def test_what_the_corpus_calls_breaking_is_shown_by_its_payload(pair: Pair) -> None:
    for direction in DIRECTIONS:
        if pair.expected[direction] == "breaking":
            assert confirmed(*pair.sides(direction), pair.witnesses[direction])
        else:
            assert direction not in pair.witnesses


@each_pair
def test_no_verdict_is_wrong(pair: Pair) -> None:
    for direction, verdict in _verdicts(pair):
        if not isinstance(verdict, Undecided):
            assert (direction, _KINDS[type(verdict)]) == (direction, pair.expected[direction])
        else:
            # A proof and a payload against each other would be a fault of the program.
            assert verdict.proof is None


@each_pair
def test_a_breaking_verdict_brings_a_payload_that_both_engines_confirm_and_what_is_wrong_with_it(pair: Pair) -> None:
    for direction, verdict in _verdicts(pair):
        if isinstance(verdict, Breaking):
            accepts, rejects = pair.sides(direction)
            assert confirmed(accepts, rejects, verdict.witness.value)
            errors = [finding for finding in verdict.findings if finding.severity == "error"]
            assert errors
            assert all(format_pointer(finding.demand.path) is not None for finding in errors)


def test_hardly_any_verdict_is_left_open(capsys: pytest.CaptureFixture[str]) -> None:
    rows = [
        (pair.name, direction, pair.expected[direction], verdict)
        for pair in PAIRS
        for direction, verdict in _verdicts(pair)
        if isinstance(verdict, Undecided)
    ]
    with capsys.disabled():
        for name, direction, expected, verdict in rows:
            print(f"\nundecided: {name}, {direction} (is {expected}): {', '.join(map(str, verdict.where)) or verdict.reason}", end="")
    # Every payload that exists was found; what is open is only whether there is none.
    assert [(name, direction) for name, direction, expected, _ in rows if expected == "breaking"] == []
    assert len(rows) <= _MOST_UNDECIDED * 2 * len(PAIRS)


def _attack(pair: Pair, count: int) -> None:
    for direction in DIRECTIONS:
        if pair.expected[direction] != "compatible":
            continue
        accepts, other = pair.sides(direction)
        for value in instances(accepts, other, count, seed=len(pair.name)):
            assert not (accepts.accepts(value) and not other.accepts(value)) or not confirmed(accepts, other, value), value


@each_pair
def test_what_the_corpus_calls_compatible_withstands_made_and_random_payloads(pair: Pair) -> None:
    _attack(pair, 250)


@pytest.mark.long
@each_pair
def test_what_the_corpus_calls_compatible_withstands_thousands_of_payloads(pair: Pair) -> None:
    _attack(pair, 5000)
