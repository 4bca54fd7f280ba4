"""The pairs of schemas whose verdicts are known, and instances to attack a verdict with."""

from __future__ import annotations

import random
from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any, Literal, NamedTuple

from srcos_contracts.compat.generate import Generator
from srcos_contracts.compat.goals import Goal
from srcos_contracts.compat.reading import Reading
from srcos_contracts.compat.samples import NEAR_MISSES, SAMPLES
from srcos_contracts.compat.side import Side
from srcos_contracts.compat.witness import names_of
from srcos_contracts.reading.json_text import decode

__all__ = ["DIRECTIONS", "PAIRS", "Direction", "Pair", "instances"]

Direction = Literal["backward", "forward"]
DIRECTIONS: tuple[Direction, Direction] = ("backward", "forward")
CORPUS = Path(__file__).parent / "corpus"


class Pair(NamedTuple):
    """Two schemas, and for each direction what is true of them."""

    name: str
    old: Any
    new: Any
    expected: dict[Direction, str]
    witnesses: dict[Direction, Any]

    def sides(self, direction: Direction) -> tuple[Side, Side]:
        """The side that accepts, and the one that is asked whether it accepts the same."""
        old, new = Side(self.old), Side(self.new)
        return (old, new) if direction == "backward" else (new, old)


def _pairs() -> Iterator[Pair]:
    """The pairs as the commands would read them: numbers with a fraction are exact, as those of records are."""
    for path in sorted(CORPUS.glob("*.json")):
        for entry in decode(path.read_bytes()):
            expected = {direction: entry[direction] for direction in DIRECTIONS}
            yield Pair(f"{path.stem}: {entry['name']}", entry["old"], entry["new"], expected, entry.get("witnesses", {}))


PAIRS = list(_pairs())


def instances(accepts: Side, other: Side, count: int, seed: int) -> Iterator[Any]:
    """Values around what two schemas speak of: made for the one, made for the other, changed at random, and built of their constants."""
    draw = random.Random(seed)
    names = list(names_of(accepts, other))
    generator = Generator(names, lambda: False)
    made = [value for side in (accepts, other) for value in islice(generator.instances(Goal((Reading(side).root,))), 40)]
    atoms = [*_atoms(accepts.asserted), *_atoms(other.asserted), *_COMMON]
    names = [*names, "zzz", "x-a", *(atom for atom in atoms if isinstance(atom, str))][:60]
    yield from made
    for _ in range(count):
        if made and draw.random() < 0.6:
            yield _changed(draw.choice(made), draw, atoms, names)
        else:
            yield _built(draw, atoms, names, 3)


_COMMON: list[Any] = [None, True, False, 0, 1, -1, 1.0, 0.5, 2, 3, 6, 100, "", "a", "ab", "b", "\n", "é", "\U0001f600", " ", "x-a", [], {}]


def _atoms(node: Any) -> Iterator[Any]:
    """The constants in a schema, and what lies beside each."""
    if isinstance(node, dict):
        if isinstance(node.get("format"), str):
            yield from (*SAMPLES.get(node["format"], ()), *NEAR_MISSES.get(node["format"], ()))
        for keyword, member in node.items():
            if keyword in ("const", "default"):
                yield member
            elif keyword == "enum" and isinstance(member, list):
                yield from member
            else:
                yield from _atoms(member)
    elif isinstance(node, list):
        for item in node:
            yield from _atoms(item)
    elif isinstance(node, (int, float, Decimal)) and not isinstance(node, bool):
        near: Any = Decimal(repr(node)) if isinstance(node, float) else node
        yield from (node, near + 1, near - 1, near + Decimal("0.5"), 2 * near)
        if 0 <= node <= 8:
            yield from ("a" * int(node), "a" * (int(node) + 1), ["a"] * int(node), list(range(int(node) + 1)))
    elif isinstance(node, str) and len(node) < 40:
        yield node


def _built(draw: random.Random, atoms: list[Any], names: list[str], depth: int) -> Any:
    kind = draw.random()
    if depth == 0 or kind < 0.4:
        return draw.choice(atoms)
    if kind < 0.65:
        return [_built(draw, atoms, names, depth - 1) for _ in range(draw.randrange(4))]
    return {draw.choice(names): _built(draw, atoms, names, depth - 1) for _ in range(draw.randrange(4))}


def _changed(value: Any, draw: random.Random, atoms: list[Any], names: list[str]) -> Any:
    """A value with one or two places changed."""
    if isinstance(value, dict) and value and draw.random() < 0.8:
        name = draw.choice(list(value))
        what = draw.random()
        if what < 0.25:
            return {other: member for other, member in value.items() if other != name}
        if what < 0.5:
            return {**value, draw.choice(names): _built(draw, atoms, names, 1)}
        return {**value, name: _changed(value[name], draw, atoms, names)}
    if isinstance(value, list) and value and draw.random() < 0.8:
        at = draw.randrange(len(value))
        what = draw.random()
        if what < 0.25:
            return value[:at] + value[at + 1 :]
        if what < 0.5:
            return [*value, draw.choice([*value, draw.choice(atoms)])]
        return [*value[:at], _changed(value[at], draw, atoms, names), *value[at + 1 :]]
    if isinstance(value, dict):
        return {**value, draw.choice(names): _built(draw, atoms, names, 1)}
    if isinstance(value, str) and value and draw.random() < 0.5:
        return draw.choice([value + "a", value[:-1], value[1:], value + "\n", value.upper()])
    return _built(draw, atoms, names, 1)
