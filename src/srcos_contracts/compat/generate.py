"""Instances made out of schemas: of those that hold and those that must not, each keyword read for what it demands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from srcos_contracts.compat.arrays import arrays
from srcos_contracts.compat.atoms import frozen
from srcos_contracts.compat.goals import KIND_OF, KINDS, Goal, Leaf, interleaved, kind, kinds_of, stated
from srcos_contracts.compat.objects import objects
from srcos_contracts.compat.plain_values import numbers, respelt, texts
from srcos_contracts.compat.reading import alike, same
from srcos_contracts.compat.relations import concerned, related
from srcos_contracts.compat.ways import Aim, aims, leaves
from srcos_contracts.pointer import ABSENT

__all__ = ["Generator"]

_MOST_DEEP = 60
_MOST_OF_A_LEAF = 120
_MOST_LEAVES = 24
_MOST_OTHERS = 40
_MOST_ROUNDS = 4

_Key = tuple[frozenset[tuple[int, str]], frozenset[tuple[int, str]]]


class Generator:
    """Makes instances, in a fixed order. `names` are those that any schema declares; `stopped` says when to give up."""

    def __init__(self, names: Sequence[str], stopped: Callable[[], bool]) -> None:
        self._names = names
        self._stopped = stopped
        self._under_way: set[_Key] = set()
        self._barren: set[_Key] = set()
        self._depth = 0

    def instances(self, goal: Goal, hint: Any = ABSENT, checked: bool = True) -> Iterator[Any]:
        """Values that hold every schema of the goal and break each that must fail, those nearest to the hint first.

        Unless they are `checked`, some may not.
        """
        key = frozenset(node.key for node in goal.holds), frozenset(node.key for node in goal.fails)
        # Inside a value for the same goal there would be a smaller one.
        if key in self._under_way or (hint is ABSENT and key in self._barren) or self._depth > _MOST_DEEP or self._hopeless(goal):
            return
        if hint is not ABSENT and checked and goal.met_by(hint):
            yield hint
        found = False
        for aim in self._entered(key, aims(goal, self._stopped)):
            for value in self._repaired(key, goal, aim, hint, checked):
                found = True
                yield value
        # What breaks nothing by itself is not searched again. Where it would within a goal that is under way, that goal has a way
        # of its own, which is as good.
        if not found and goal.fails and hint is ABSENT and not self._stopped():
            self._barren.add(key)

    def _repaired(self, key: _Key, goal: Goal, aim: Aim, hint: Any, checked: bool) -> Iterator[Any]:
        """The values for one aim: made near to the hint, then, where all else does not hold, near to what was made."""
        made = self._entered(key, self._of_leaf(aim.leaf, hint))
        near = next(made, ABSENT)
        if near is ABSENT:
            return
        yield from self._near(key, goal, aim, near, checked)
        # What is made near to the first has all that it has.
        for value in islice(made, 0 if aim.choices else _MOST_OTHERS):
            if self._stopped():
                return
            if not checked or goal.met_by(value):
                yield value

    def _near(self, key: _Key, goal: Goal, aim: Aim, near: Any, checked: bool) -> Iterator[Any]:
        for _ in range(_MOST_ROUNDS if aim.choices else 1):
            first: Any = ABSENT
            for leaf in islice(self._entered(key, leaves(aim, goal, near, self._stopped)), _MOST_LEAVES):
                for value in islice(self._entered(key, self._of_leaf(leaf, near)), _MOST_OF_A_LEAF):
                    if self._stopped():
                        return
                    first = value if first is ABSENT else first
                    if not checked or goal.met_by(value):
                        yield value
            if first is ABSENT or alike(first, near):
                return
            near = first

    def _entered(self, key: _Key, inner: Iterator[Any]) -> Iterator[Any]:
        """What an iterator gives, with the goal marked as under way while it works, and only then."""
        while True:
            self._under_way.add(key)
            self._depth += 1
            try:
                found = next(inner, ABSENT)
            finally:
                self._under_way.discard(key)
                self._depth -= 1
            if found is ABSENT:
                return
            yield found

    def _hopeless(self, goal: Goal) -> bool:
        return any(node.schema is True or any(same(node, other) for other in goal.holds) for node in goal.fails) or any(
            node.schema is False for node in goal.holds
        )

    def _of_leaf(self, leaf: Leaf, hint: Any) -> Iterator[Any]:
        listing = [literal for literal in leaf.yes if literal.keyword in ("const", "enum")]
        if listing:
            refused = {frozen(value) for literal in leaf.no for value in stated(literal)}
            allowed = [value for value in stated(listing[0]) if frozen(value) not in refused]
            yield from allowed
            if any(literal.node.reading.tells_spellings for literal in (*leaf.yes, *leaf.no)):
                yield from (respelt(value, fraction) for value in allowed for fraction in (True, False))
            return
        made = interleaved([self._of_kind(each, leaf, hint) for each in _ordered_kinds(leaf, hint)])
        if not concerned(leaf):
            yield from made
            return
        for value in made:
            yield from related(value, leaf)

    def _of_kind(self, name: str, leaf: Leaf, hint: Any) -> Iterator[Any]:
        if name == "null":
            yield None
        elif name == "boolean":
            yield from (True, False)
        elif name == "string":
            yield from texts(leaf, hint)
        elif name in ("integer", "fraction"):
            yield from numbers(leaf, hint, name == "fraction")
        elif name == "array":
            yield from arrays(leaf, hint, self.instances)
        else:
            yield from objects(leaf, hint, self.instances, self._names)


def _ordered_kinds(leaf: Leaf, hint: Any) -> list[str]:
    """The kinds of value that a leaf leaves, the likeliest first: that of the hint, then those of which its keywords speak."""
    spoken = {each for literal in (*leaf.no, *leaf.yes) for each in KIND_OF.get(literal.keyword, ())}
    mine = kind(hint)
    order = {each: (each != mine, each not in spoken, at) for at, each in enumerate(KINDS)}
    return sorted(kinds_of(leaf), key=lambda each: order[each])
