"""Values changed so that the `x-` keywords of a leaf hold, and those that must not hold do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from srcos_contracts.compat.goals import Leaf, Literal
from srcos_contracts.compat.relation_edits import BREAKERS, MENDERS, NO_TIME, Place, chains_of, filled, place_of, put
from srcos_contracts.contracts.vocabulary import ASSERTIONS, NO_PARTS, compile_keyword
from srcos_contracts.pointer import parse_pointer

__all__ = ["concerned", "places", "related"]

_MOST_BROKEN = 60
_MOST_PASSES = 8


def concerned(leaf: Leaf) -> bool:
    """Whether a leaf has such a keyword at all."""
    return any(literal.keyword in ASSERTIONS for literal in (*leaf.yes, *leaf.no))


def related(value: Any, leaf: Leaf) -> Iterator[Any]:
    """The value with every such keyword that must not hold broken in some way, and the others mended where that is known how."""
    broken = [literal for literal in leaf.no if literal.keyword in BREAKERS]
    found: Iterator[Any] = iter((value,))
    if any(literal.keyword == "x-digest" for literal in broken):
        # What one digest leaves out another may take in.
        left_out = [path for literal in leaf.yes if literal.keyword == "x-digest" for path in map(parse_pointer, literal.value["omit"])]
        found = iter((value, filled(value, left_out)))
    for literal in broken:
        found = _each_broken(found, literal)
    for each in islice(found, _MOST_BROKEN):
        yield _mended(each, leaf.yes)
        if leaf.yes:
            yield each
            yield from _interrupted(each, leaf)


def _interrupted(value: Any, leaf: Leaf) -> Iterator[Any]:
    """The value with a text that is no time between the ends of a chain, which then asks nothing of them."""
    asked = {path for literal in leaf.no if literal.keyword == "x-order" for chain, _ in chains_of(literal.value) for path in chain}
    for literal in leaf.yes if asked else ():
        chains = chains_of(literal.value) if literal.keyword == "x-order" else []
        for path in {path: None for chain, _ in chains for path in chain[1:-1] if path not in asked}:
            yield put(value, path, NO_TIME)


def _each_broken(values: Iterator[Any], literal: Literal) -> Iterator[Any]:
    for value in values:
        if not _holds(literal, value):
            yield value
        yield from BREAKERS[literal.keyword](value, literal.value)


def _holds(literal: Literal, value: Any) -> bool:
    return not compile_keyword(literal.keyword, literal.value)(value, NO_PARTS)


def _mended(value: Any, literals: Sequence[Literal]) -> Any:
    mending = [literal for literal in literals if literal.keyword in MENDERS]
    # What a digest is taken of comes before the digest.
    mending.sort(key=lambda literal: literal.keyword == "x-digest")
    for _ in range(_MOST_PASSES):
        wrong = [literal for literal in mending if not _holds(literal, value)]
        if not wrong:
            break
        value = MENDERS[wrong[0].keyword](value, wrong[0].value)
    return value


def places(literal: Literal) -> list[Place]:
    """The places of which a keyword speaks."""
    value = literal.value
    if literal.keyword == "x-order":
        return [path for chain, _ in chains_of(value) for path in chain]
    if literal.keyword in ("x-in", "x-not-in"):
        return [path for pair in value.items() for path in map(place_of, pair) if path is not None]
    if literal.keyword == "x-keys":
        return [path for name, relation in value.items() for path in map(parse_pointer, (name, *relation.values()))]
    if literal.keyword == "x-equal":
        return [path for path in map(place_of, value) if path is not None]
    return [parse_pointer(value["value"])] if literal.keyword == "x-digest" else []
