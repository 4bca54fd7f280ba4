"""When the `x-` keywords that assert follow from others of their kind (docs/vocabulary.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

from srcos_contracts.compat.atoms import ALL_TYPES, Atom, made
from srcos_contracts.compat.facts import Facts, Logic, Reason
from srcos_contracts.compat.members import is_absent
from srcos_contracts.contracts.dialects import NEWEST
from srcos_contracts.pointer import parse_pointer

__all__ = ["KEYWORD_RULES"]

_Pair = tuple[str, str]

_TIME = made(Atom("format", ("date-time", ""), raw=NEWEST))


def _chains(value: Any) -> Iterator[tuple[list[str], bool]]:
    for chain in value:
        yield (list(chain["chain"]), chain.get("strict") is True) if isinstance(chain, dict) else (list(chain), False)


def _order(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    known: dict[_Pair, bool] = {}
    for atom in facts.of("x-order"):
        for chain, strict in _chains(atom.raw):
            for first, second in combinations(range(len(chain)), 2):
                # What stands between two times and is no time parts them.
                if all(_is_time(logic, facts, chain[between]) for between in range(first + 1, second)):
                    pair = chain[first], chain[second]
                    known[pair] = known.get(pair, False) or strict
    for chain, strict in _chains(goal.raw):
        for pair in combinations(chain, 2):
            if (pair not in known or (strict and not known[pair])) and not any(_is_never(logic, facts, each, "string") for each in pair):
                return None
    return Reason("what comes is ordered by other chains already", next(iter(facts.of("x-order")), None))


def _is_never(logic: Logic, facts: Facts, pointer: str, *types: str) -> bool:
    """Whether a value of some types is known not to stand at a place."""
    if pointer.startswith("path:"):
        return False
    for name in parse_pointer(pointer):
        if "array" in facts.types and name.isdigit():
            return False
        if "object" not in facts.types or is_absent(logic, facts, name):
            return True
        facts = logic.facts(facts.member(name))
    return facts.types.isdisjoint(types)


def _is_time(logic: Logic, facts: Facts, pointer: str) -> bool:
    """Whether a text at a place, if there is one, is known to be a date-time."""
    for name in parse_pointer(pointer):
        if "array" in facts.types and name.isdigit():
            return False
        facts = logic.facts(facts.member(name))
    return logic.proves_below(facts, _TIME)


def _pairs(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    known = {pair for atom in facts.of(goal.kind) for pair in atom.raw.items()}
    for member, container in goal.raw.items():
        if (member, container) not in known and not (
            _is_never(logic, facts, member, *(ALL_TYPES - {"null"})) or _is_never(logic, facts, container, "array", "object")
        ):
            return None
    return Reason("each of these pairs holds of what comes", next(iter(facts.of(goal.kind)), None))


def _keys(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    known: set[tuple[str, str, str]] = set()
    for atom in facts.of("x-keys"):
        for place, relation in atom.raw.items():
            ((kind, other),) = relation.items()
            known.add((place, kind, other))
            if kind == "same":
                known.update(((other, "same", place), (place, "within", other), (other, "within", place)))
    for place, relation in goal.raw.items():
        ((kind, other),) = relation.items()
        if (place, kind, other) not in known:
            return None
    return Reason("each of these relations holds of what comes", facts.of("x-keys")[0])


def _equal(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    for atom in facts.of("x-equal"):
        if goal.raw.items() <= atom.raw.items():
            return Reason("all these parts agree in what comes", atom)
    return None


def _path(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    known = {part for atom in facts.of("x-path") for part in atom.raw}
    return Reason("what comes has these parts of the path", facts.of("x-path")[0]) if known >= set(goal.raw) else None


KEYWORD_RULES: Mapping[str, Callable[[Logic, Facts, Atom], Reason | None]] = {
    "x-order": _order,
    "x-in": _pairs,
    "x-not-in": _pairs,
    "x-keys": _keys,
    "x-equal": _equal,
    "x-path": _path,
}
