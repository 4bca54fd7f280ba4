"""The search for a payload that one schema accepts and another rejects.

What is stored is tried first; then instances are made for the goal "holds the one, breaks the other", each near to a valid
example where there is one. A candidate counts when both engines agree on it, and is then made as small as it can be.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from srcos_contracts.compat.generate import Generator
from srcos_contracts.compat.goals import Goal, interleaved
from srcos_contracts.compat.path_parts import other_parts, speaks_of_paths
from srcos_contracts.compat.reading import Reading
from srcos_contracts.compat.shrink import patch_between, shrunk, size
from srcos_contracts.compat.side import Side
from srcos_contracts.contracts.applicators import subschemas_of
from srcos_contracts.contracts.engine import SchemaError
from srcos_contracts.contracts.vocabulary import NO_PARTS
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import ABSENT

__all__ = [
    "DEFAULT_BUDGET",
    "Pair",
    "SearchBudget",
    "Seed",
    "Witness",
    "clock",
    "confirmed",
    "find",
    "from_seeds",
    "names_of",
    "smallest",
]

_MOST_HINTS = 5
_BATCH = 32
_LOOKED_AT = 16
_MOST_NAMES = 400


class SearchBudget(NamedTuple):
    """How much is spent on one search. The number of candidates alone decides what is found, unless time runs out before."""

    seconds: float = 2.0
    """Of the processor's time, so that a busy machine finds what an idle one does."""
    candidates: int = 6000


DEFAULT_BUDGET = SearchBudget()


class Seed(NamedTuple):
    """A stored record to begin with."""

    value: Any
    name: str = ""
    """The file or case that it is."""
    parts: Mapping[str, str] = NO_PARTS
    """The parts of the path that it is bound to."""
    example: bool = True
    """Whether it is an example in full, on which others are based."""


class Witness(NamedTuple):
    """A payload that one side accepts and the other rejects."""

    value: Any
    seed: str = ""
    """The stored record that it is, or that it was made from; empty where there is none."""
    patch: tuple[dict[str, Any], ...] = ()
    """The JSON Patch that makes it of that record; nothing where it is that record."""
    parts: Mapping[str, str] = NO_PARTS


class Pair:
    """The two sides, as something that a value is put to."""

    def __init__(self, accepts: Side, rejects: Side) -> None:
        self.accepts, self.rejects = accepts, rejects

    def shown_by(self, value: Any, parts: Mapping[str, str]) -> bool:
        """Whether a value shows the difference, by the fast engine."""
        return self.accepts.accepts(value, parts) and not self.rejects.accepts(value, parts)

    def first_shown(self, values: Sequence[Any], parts: Mapping[str, str]) -> Iterator[Any]:
        """Those of the values that show it, by the fast engine."""
        refused = self.rejects.judge().rejected(values, parts)
        kept = [values[at] for at in sorted(refused)]
        bad = self.accepts.judge().rejected(kept, parts)
        yield from (value for at, value in enumerate(kept) if at not in bad)


def confirmed(accepts: Side, rejects: Side, value: Any, parts: Mapping[str, str] = NO_PARTS) -> bool:
    """Whether both engines say that the one side accepts a value and the other rejects it."""
    try:
        return all(accepts.accepts(value, parts, engine) and not rejects.accepts(value, parts, engine) for engine in ("rust", "reference"))
    except (SchemaError, RecursionError):
        return False


def from_seeds(accepts: Side, rejects: Side, seeds: Sequence[Seed]) -> Witness | None:
    """A stored record that shows the difference as it is: an example in full if there is one, else the smallest change to one."""
    pair = Pair(accepts, rejects)
    shown = [seed for seed in seeds if pair.shown_by(seed.value, seed.parts)]
    shown.sort(key=lambda seed: (not seed.example, size(seed.value), seed.name))
    for seed in shown:
        if confirmed(accepts, rejects, seed.value, seed.parts):
            if seed.example:
                return Witness(seed.value, seed.name, (), seed.parts)
            bases = [other for other in seeds if other.example and other.parts == seed.parts]
            return smallest(pair, seed.value, bases, seed.parts)
    return None


def find(
    accepts: Side,
    rejects: Side,
    seeds: Sequence[Seed] = (),
    budget: SearchBudget = DEFAULT_BUDGET,
) -> Witness | None:
    """A payload that `accepts` accepts and `rejects` rejects, as small as can be, or as near to one of the seeds; None if none is found.

    Raises SchemaError or VocabularyError where a validator cannot be built.
    """
    accepts.judge(), rejects.judge()
    try:
        return from_seeds(accepts, rejects, seeds) or _made(accepts, rejects, seeds, budget)
    except (RecursionError, SchemaError):
        # A schema that refers to itself for the same value, or is nested too deep to be walked.
        return None


def _made(accepts: Side, rejects: Side, seeds: Sequence[Seed], budget: SearchBudget) -> Witness | None:
    """A payload that is made for the purpose, near to each of a few examples in turn and near to none."""
    pair = Pair(accepts, rejects)
    bases = [seed for seed in seeds if seed.example and accepts.accepts(seed.value, seed.parts)]
    bases.sort(key=lambda seed: (size(seed.value), seed.name))
    moved = _under_another_path(pair, bases)
    if moved is not None:
        return moved
    ways = [(seed.value, seed.parts) for seed in _spread(bases)] + [(ABSENT, NO_PARTS)]
    goal = Goal((accepts.once(Reading).root,), (rejects.once(Reading).root,))
    generator = Generator(names_of(accepts, rejects), clock(budget.seconds))
    searches = [(islice(generator.instances(goal, hint, checked=False), budget.candidates), parts) for hint, parts in ways]
    for value, parts in interleaved([_shown(pair, values, parts) for values, parts in searches]):
        if confirmed(accepts, rejects, value, parts):
            return smallest(pair, value, [seed for seed in bases if seed.parts == parts], parts)
    return None


def _under_another_path(pair: Pair, bases: Sequence[Seed]) -> Witness | None:
    """An example that shows it once its path is another."""
    if not (speaks_of_paths(pair.accepts) or speaks_of_paths(pair.rejects)):
        return None
    for seed in bases:
        for parts in other_parts(seed.value, seed.parts):
            if pair.shown_by(seed.value, parts) and confirmed(pair.accepts, pair.rejects, seed.value, parts):
                return Witness(seed.value, seed.name, (), parts)
    return None


def clock(seconds: float) -> Callable[[], bool]:
    """Whether so much of the processor's time is used up; it is looked at every so many questions, for to ask costs time as well."""
    deadline = time.thread_time() + seconds
    asked, over = 0, False

    def stopped() -> bool:
        nonlocal asked, over
        asked += 1
        if not over and asked % _LOOKED_AT == 0:
            over = time.thread_time() > deadline
        return over

    return stopped


def _spread(bases: Sequence[Seed]) -> list[Seed]:
    """A few of the examples, small and large ones."""
    if len(bases) <= _MOST_HINTS:
        return list(bases)
    step = (len(bases) - 1) / (_MOST_HINTS - 1)
    return [bases[round(at * step)] for at in range(_MOST_HINTS)]


def _shown(pair: Pair, values: Iterator[Any], parts: Mapping[str, str]) -> Iterator[tuple[Any, Mapping[str, str]]]:
    length = 2
    while batch := list(islice(values, length)):
        length = min(2 * length, _BATCH)
        yield from ((value, parts) for value in pair.first_shown(batch, parts))


def names_of(*sides: Side) -> tuple[str, ...]:
    """The names of members that the sides declare, each once: what one side declares is undeclared to the other."""
    found: dict[str, None] = {}
    for side in sides:
        pending: list[Any] = [*side.resources.values()]
        while pending and len(found) < _MOST_NAMES:
            schema = pending.pop(0)
            if not isinstance(schema, dict):
                continue
            for keyword in ("properties", "dependentRequired", "dependentSchemas", "dependencies"):
                members = schema.get(keyword)
                found.update(dict.fromkeys(members if isinstance(members, dict) else ()))
            required = schema.get("required")
            found.update(dict.fromkeys(name for name in (required if isinstance(required, list) else ()) if isinstance(name, str)))
            pending += [member for _, member in subschemas_of(schema)]
    return tuple(found)


def smallest(pair: Pair, value: Any, bases: Sequence[Seed], parts: Mapping[str, str]) -> Witness:
    """The witness with the least to say: the fewest changes to an example, or where there is none the shortest payload."""

    def shows(candidate: Any) -> bool:
        return pair.shown_by(candidate, parts)

    best: Witness | None = None
    usable = [seed for seed in bases if pair.accepts.accepts(seed.value, parts)] or list(bases)
    for seed in sorted(usable, key=lambda seed: size(patch_between(seed.value, value)))[:3]:
        near = shrunk(value, shows, seed.value)
        if not confirmed(pair.accepts, pair.rejects, near, parts):
            near = value
        witness = Witness(near, seed.name, patch_between(seed.value, near), parts)
        if best is None or _effort(witness) < _effort(best):
            best = witness
    if best is not None:
        return best
    small = shrunk(value, shows)
    return Witness(small if confirmed(pair.accepts, pair.rejects, small, parts) else value, "", (), parts)


def _effort(witness: Witness) -> tuple[int, int]:
    return len(witness.patch), size(witness.patch)
