"""What is known of one value: schemas that it satisfies, whatever side they come from, and what follows from them at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any, Protocol

from srcos_contracts.compat.atoms import ALL_TYPES, WHOLE, Atom, Node, frozen, grouped, made
from srcos_contracts.compat.evaluation import holds, item_at, members_for, type_of
from srcos_contracts.compat.unevaluated import UNEVALUATED, as_fact
from srcos_contracts.named import NamedTuple

__all__ = ["CONTRADICTION", "Facts", "Logic", "Reason", "matching", "negated", "one_of_values", "present", "typed", "with_member"]

_OF_OBJECTS = ("members", "required", "propertyNames", "minProperties", "maxProperties", "dependent", "unevaluatedProperties")
_OF_ARRAYS = ("items", "contains", "minItems", "maxItems", "uniqueItems", "unevaluatedItems", "x-unique")
_TYPED: dict[str, frozenset[str]] = {
    **dict.fromkeys(_OF_OBJECTS, frozenset(("object",))),
    **dict.fromkeys(_OF_ARRAYS, frozenset(("array",))),
    **dict.fromkeys(("x-order", "x-digest"), frozenset(("object",))),
    "x-keys": frozenset(("object", "array")),
    **dict.fromkeys(("pattern", "minLength", "maxLength", "format", "x-template"), frozenset(("string",))),
    **dict.fromkeys(("least", "most", "multipleOf"), frozenset(("integer", "whole", "fraction"))),
}
"""The types of values of which an atom can be false; of one that is not here, any."""

_MOST_VALUES = 512


class Reason(NamedTuple):
    """Why a goal follows."""

    words: str
    fact: Atom | None = None
    """What it follows from, where that is one atom."""


class Logic(Protocol):
    """What rules ask of the prover."""

    def facts(self, nodes: Iterable[Node]) -> Facts:
        """What is known of a value that satisfies these schemas."""

    def with_(self, facts: Facts, *nodes: Node) -> Facts:
        """What is known when these schemas hold as well."""

    def proves(self, facts: Facts, node: Node) -> bool:
        """Whether a schema is shown to hold for the value itself."""

    def proves_below(self, facts: Facts, node: Node) -> bool:
        """Whether a schema is shown to hold for a value within the one at hand."""

    def refutes(self, facts: Facts) -> bool:
        """Whether it is shown that there is no such value."""

    def refutes_below(self, facts: Facts) -> bool:
        """Whether it is shown that there is no such value within the one at hand."""

    def excludes(self, facts: Facts, *nodes: Node) -> bool:
        """Whether it is shown that these schemas do not hold as well, with all that follows from them."""

    def same(self, first: Node, second: Node) -> bool:
        """Whether two schemas say the same in the same words, references followed."""

    def same_atom(self, first: Atom, second: Atom) -> bool:
        """Whether two atoms do."""

    def alone(self, atom: Atom) -> Node:
        """The schema of one atom; always the same one."""

    def negation(self, node: Node) -> Node:
        """The schema of what a schema refuses; always the same one."""

    def supposed_value(self, name: str, value: Any) -> Node:
        """The schema of objects whose member of a name, if it is there, is one value; always the same one."""

    def wrong(self, name: str, node: Node) -> Node:
        """The schema of objects whose member of a name, if it is there, does not satisfy a schema; always the same one."""

    def tries(self, facts: Facts, node: Node) -> bool:
        """As `proves`, without case distinctions, and without a word where it fails."""

    def shows(self, facts: Facts, node: Node) -> bool:
        """As `proves`, without a word where it fails."""


class Facts:
    """The schemas that one value satisfies, taken apart into atoms. Made by `Logic.facts`, which knows those it made."""

    def __init__(self, nodes: tuple[Node, ...]) -> None:
        self.nodes = nodes
        self.closed: Facts | None = None
        """The same with what conditionals and alternatives are known to add, once that was found out."""

    @cached_property
    def atoms(self) -> tuple[Atom, ...]:
        """All atoms, those behind references included, each once."""
        found: dict[int, Atom] = {}
        seen: set[int] = set()
        pending = list(self.nodes)
        required: set[Any] = set()
        waiting: list[Atom] = []
        types = ALL_TYPES
        while pending:
            node = pending.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            for atom in node.atoms:
                found[id(atom)] = atom
                if atom.kind == "ref":
                    pending.append(atom.target)
                elif atom.kind == "required":
                    required.add(atom.value)
                elif atom.kind == "dependent":
                    waiting.append(atom)
                elif atom.kind == "type":
                    types &= atom.value
                elif atom.kind in UNEVALUATED:
                    fact = as_fact(atom)
                    found.update({} if fact is None else {id(fact): fact})
            if not pending and types == {"object"}:
                pending = [atom.nodes[0] for atom in waiting if atom.value in required and id(atom.nodes[0]) not in seen]
        return tuple(found.values())

    @cached_property
    def by_digest(self) -> dict[int, list[Atom]]:
        found: dict[int, list[Atom]] = {}
        for atom in self.atoms:
            found.setdefault(atom.digest, []).append(atom)
        return found

    @cached_property
    def _by_kind(self) -> dict[str, list[Atom]]:
        found: dict[str, list[Atom]] = {}
        for atom in self.atoms:
            found.setdefault(atom.kind, []).append(atom)
        return found

    def of(self, kind: str) -> list[Atom]:
        return self._by_kind.get(kind, [])

    @cached_property
    def required(self) -> frozenset[Any]:
        return frozenset(atom.value for atom in self.of("required"))

    @cached_property
    def types(self) -> frozenset[str]:
        """The types that the value may have."""
        types = ALL_TYPES
        for atom in self.of("type"):
            types &= atom.value
        for atom in self.of("not"):
            inner = atom.nodes[0].atoms
            if len(inner) == 1 and inner[0].kind == "type":
                types -= inner[0].value
        for atom in self.of("enum"):
            types &= frozenset(kind for value in atom.raw for kind in _written(value))
        return types

    @cached_property
    def values(self) -> list[Any] | None:
        """All values that it can be, where they are few and known; some may not satisfy all that is known."""
        lists: list[list[Any]] = [atom.raw for atom in self.of("enum") if not atom.value or len(atom.raw) <= _MOST_VALUES]
        if self.types <= {"null", "boolean"}:
            lists.append([value for value in (None, True, False) if type_of(value) in self.types])
        if not lists:
            return None
        return [value for value in min(lists, key=len) if all(holds(atom, value) is not False for atom in self.atoms)]

    def can_fail(self, atom: Atom) -> bool:
        """Whether an atom says anything of values of the types that this one may have."""
        types = _TYPED.get(atom.kind)
        return types is None or not types.isdisjoint(self.types)

    def member(self, name: str) -> Iterator[Node]:
        """The schemas that the member of a name satisfies."""
        named, others = self._members
        yield from named.get(name, ())
        for group in others:
            yield from members_for(group, name)

    @cached_property
    def _members(self) -> tuple[dict[str, list[Node]], list[Atom]]:
        """Schemas of members by name, and the groups that say something of members that they do not name."""
        named: dict[str, list[Node]] = {}
        others: list[Atom] = []
        for group in self.of("members"):
            if group.value[1] or group.value[2]:
                others.append(group)
                continue
            for name, node in group.raw.items():
                named.setdefault(name, []).append(node)
        return named, others

    def item(self, index: int) -> Iterator[Node]:
        """The schemas that the item at a position satisfies."""
        for group in self.of("items"):
            node = item_at(group, index)
            if node is not None:
                yield node

    def most(self, kind: str) -> int | None:
        """The smallest of the upper bounds of a kind, such as maxItems."""
        return min((int(atom.value) for atom in self.of(kind)), default=None)

    def least(self, kind: str) -> int:
        """The greatest of the lower bounds of a kind, such as minItems."""
        return max((int(atom.value) for atom in self.of(kind)), default=0)


def _written(value: Any) -> frozenset[str]:
    """The types of a value in all ways in which it can be written."""
    kind = type_of(value)
    return WHOLE if kind in WHOLE else frozenset((kind,))


CONTRADICTION = made(Atom("false", None))
"""The schema that nothing satisfies."""


def negated(node: Node) -> Node:
    """The schema of what a schema refuses."""
    return made(Atom("not", None, (node,), node.place), place=node.place)


@lru_cache(maxsize=4096)
def present(name: str) -> Node:
    """The schema of objects that have a member of a name."""
    return made(Atom("required", name))


@lru_cache(maxsize=256)
def typed(*names: str) -> Node:
    """The schema of values of some types."""
    return made(Atom("type", frozenset(names)))


_KINDS = (("null",), ("boolean",), ("string",), ("integer", "whole"), ("fraction",), ("array",), ("object",))


def kinds_of(types: frozenset[str]) -> list[tuple[str, ...]]:
    """Types in groups, each of values that the same atoms are about."""
    found = (tuple(name for name in kind if name in types) for kind in _KINDS)
    return [kind for kind in found if kind]


def one_of_values(value: Any) -> Node:
    """The schema of one value."""
    return made(Atom("enum", frozenset((frozen(value),)), raw=[value]))


@lru_cache(maxsize=256)
def matching(pattern: str) -> Node:
    """The schema of texts that a pattern matches."""
    return made(Atom("pattern", pattern))


def with_member(name: str, node: Node) -> Node:
    """The schema of objects whose member of a name satisfies a schema."""
    return made(grouped((name,), (), False, (node,), node.place))
