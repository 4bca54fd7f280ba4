"""Assertions in one form for all dialects: atoms, and schemas that are sets of atoms."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from srcos_contracts.contracts.resources import Place

__all__ = ["ALL_TYPES", "TYPES", "WHOLE", "Atom", "Node", "frozen", "grouped", "made"]

WHOLE = frozenset(("integer", "whole"))
"""Whole numbers as draft 4 knows them, and those that are written with a fraction of zero."""

TYPES: dict[str, frozenset[str]] = {
    **{name: frozenset((name,)) for name in ("null", "boolean", "string", "array", "object")},
    "integer": WHOLE,
    "number": WHOLE | {"fraction"},
}
ALL_TYPES = frozenset().union(*TYPES.values())


class Atom:
    """One assertion: it holds or it does not, without any other."""

    __slots__ = ("_digest", "_target", "kind", "nodes", "place", "raw", "value")

    def __init__(
        self,
        kind: str,
        value: Any,
        nodes: tuple[Node, ...] = (),
        place: Place | None = None,
        raw: Any = None,
        target: Callable[[], Node] | None = None,
    ) -> None:
        """`value`, which is hashable, identifies it together with `nodes`; `raw` is what stands in the schema, where that is more."""
        self.kind, self.value, self.nodes, self.place, self.raw = kind, value, nodes, place, raw
        self._target = target
        self._digest: int | None = None

    @property
    def target(self) -> Node:
        """Of a reference, the schema that it leads to."""
        if self._target is None:
            raise TypeError(f"{self.kind} is no reference")
        return self._target()

    @property
    def digest(self) -> int:
        """Equal for atoms that say the same in the same words; those of references are all equal."""
        if self._digest is None:
            nodes = [node.digest for node in self.nodes]
            self._digest = hash((self.kind, self.value, tuple(sorted(nodes) if self.kind in ("anyOf", "oneOf") else nodes)))
        return self._digest

    def __repr__(self) -> str:
        return f"{self.kind}({self.value!r}, {self.nodes!r})"


class Node:
    """A schema: all of its atoms hold for what it accepts."""

    __slots__ = ("_by_digest", "_digest", "_made", "_make", "place")

    def __init__(self, place: Place | None, make: Callable[[], tuple[Atom, ...]]) -> None:
        self.place = place
        self._make = make
        self._made: tuple[Atom, ...] | None = None
        self._digest: int | None = None
        self._by_digest: dict[int, list[Atom]] | None = None

    @property
    def atoms(self) -> tuple[Atom, ...]:
        if self._made is None:
            self._made = self._make()
        return self._made

    @property
    def digest(self) -> int:
        if self._digest is None:
            self._digest = hash(frozenset(atom.digest for atom in self.atoms))
        return self._digest

    @property
    def by_digest(self) -> dict[int, list[Atom]]:
        if self._by_digest is None:
            self._by_digest = {}
            for atom in self.atoms:
                self._by_digest.setdefault(atom.digest, []).append(atom)
        return self._by_digest

    def __repr__(self) -> str:
        return f"Node({self.place.path if self.place else '-'})"


def made(*atoms: Atom, place: Place | None = None) -> Node:
    """A schema that stands nowhere: one that a proof supposes."""
    return Node(place, lambda: atoms)


def grouped(names: Sequence[str], patterns: Sequence[str], rest: bool, nodes: Sequence[Node], place: Place | None = None) -> Atom:
    """The atom of what an object's members are: by name, by pattern, and with `rest` all others."""
    return Atom("members", (tuple(names), tuple(patterns), rest), tuple(nodes), place, dict(zip(names, nodes, strict=False)))


def frozen(value: Any) -> Hashable:
    """A hashable stand-in: equal for values that JSON Schema calls equal, where true is not 1 and 1.0 is."""
    if isinstance(value, dict):
        return ("object", frozenset((key, frozen(member)) for key, member in value.items()))
    if isinstance(value, list):
        return ("array", tuple(frozen(item) for item in value))
    return ("boolean", value) if isinstance(value, bool) else ("", value)
