"""How a schema is read within its side: which keywords speak in its dialect, where its references lead, what a part of it accepts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from srcos_contracts.compat.side import Side
from srcos_contracts.contracts.bundle import UnresolvableReference
from srcos_contracts.contracts.dialects import dialect_of, ignores_beside_references
from srcos_contracts.contracts.resources import Place, stepped
from srcos_contracts.contracts.trace import REFERENCES
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, lookup

if TYPE_CHECKING:
    from srcos_contracts.contracts.reference import ReferenceEngine

__all__ = ["Node", "Reading", "alike", "same", "same_keywords"]

_ORDER = ("draft-04", "draft-06", "draft-07", "2019-09", "2020-12")
_SINCE = {
    **dict.fromkeys(("const", "contains", "propertyNames"), "draft-06"),
    **dict.fromkeys(("if", "then", "else"), "draft-07"),
    **dict.fromkeys(
        (
            "dependentRequired",
            "dependentSchemas",
            "minContains",
            "maxContains",
            "unevaluatedItems",
            "unevaluatedProperties",
            "$recursiveRef",
        ),
        "2019-09",
    ),
    **dict.fromkeys(("prefixItems", "$dynamicRef"), "2020-12"),
}
_UNTIL = {"additionalItems": "2019-09", "$recursiveRef": "2019-09"}


_MOST_KNOWN = 20_000


class Node(NamedTuple):
    """A schema of one side."""

    schema: Any
    place: Place
    reading: Reading

    def under(self, *way: str | int) -> Node:
        """The schema that stands in this one."""
        member = lookup(self.schema, way)
        return Node(member, stepped(self.place, way, member), self.reading)

    @property
    def key(self) -> tuple[int, str]:
        """What tells nodes apart: the very schema, and the resource in which its references are read."""
        return id(self.schema), self.place.uri


class Reading:
    """One side, opened for looking at its parts. It remembers the validator that it has built."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._age = _ORDER.index(side.dialect)
        self._parts: dict[int, tuple[Mapping[str, Any], Mapping[str, Any]]] = {}
        self._same: dict[tuple[tuple[int, str], tuple[int, str]], tuple[Node, Node, bool]] = {}
        self._known: dict[tuple[int, str, int], tuple[Any, Any, bool]] = {}

    @property
    def root(self) -> Node:
        return Node(self.side.asserted, Place(self.side.uri, ()), self)

    @cached_property
    def _engine(self) -> ReferenceEngine:
        from srcos_contracts.contracts.reference import ReferenceEngine

        return ReferenceEngine(self.side.asserted, self.side.uri)

    @property
    def tuples_in_items(self) -> bool:
        """Whether `items` may be a list, one schema an item."""
        return self._age < _ORDER.index("2020-12")

    @property
    def tells_spellings(self) -> bool:
        """Whether 1.0 is no integer."""
        return self._age == 0

    @property
    def exclusive_is_boolean(self) -> bool:
        """Whether exclusiveMinimum only says how minimum is meant."""
        return self._age == 0

    def keywords(self, schema: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
        """The keywords of a schema that say something in its dialect."""
        return self.parts(schema).items()

    def parts(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """The same, by their names."""
        known = self._parts.get(id(schema))
        if known is None or known[0] is not schema:
            known = self._parts[id(schema)] = schema, dict(self._speaking(schema))
        return known[1]

    def _speaking(self, schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        if self.is_of_another_dialect(schema):
            # It is left to the engine.
            return
        if "$ref" in schema and ignores_beside_references(self.side.dialect):
            yield "$ref", schema["$ref"]
            return
        for keyword, value in schema.items():
            if self._age < _ORDER.index(_SINCE.get(keyword, _ORDER[0])) or self._age > _ORDER.index(_UNTIL.get(keyword, _ORDER[-1])):
                continue
            yield keyword, value

    def is_of_another_dialect(self, schema: Mapping[str, Any]) -> bool:
        """Whether a resource within the side names another dialect than the side's own."""
        return dialect_of(schema) not in (None, self.side.dialect)

    def target(self, node: Node, keyword: str, reference: str) -> Node | None:
        """The schema that a reference in a node leads to in the end.

        A dynamic one leads to the root where that is what extends it, else where it would lead if it were not dynamic.
        """
        if keyword == "$recursiveRef" and self.side.asserted.get("$recursiveAnchor") is True:
            return self.root
        if keyword == "$dynamicRef" and self.side.asserted.get("$dynamicAnchor") == reference.rpartition("#")[2]:
            return self.root
        try:
            place = self.side.led(node.place.uri, reference)
        except UnresolvableReference:
            return None
        if self.is_of_another_dialect(self.side.resources[place.uri]):
            return None
        return Node(lookup(self.side.resources[place.uri], place.path), place, self)

    def says_same(self, node: Node, other: Node) -> bool:
        """As `same` does, for a node of this side; what was asked once is remembered."""
        key = node.key, other.key
        known = self._same.get(key)
        if known is None or known[1].reading is not other.reading:
            known = self._same[key] = node, other, _same(node, other, set())
        return known[2]

    def accepts(self, node: Node, value: Any) -> bool:
        """Whether a part of the schema accepts a value, by the reference engine."""
        if isinstance(node.schema, bool):
            return node.schema
        key = id(node.schema), node.place.uri, id(value)
        known = self._known.get(key)
        if known is None:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            # What is asked of is held, so that its identity is not used again.
            known = self._known[key] = node.schema, value, self._engine.accepts_by(node.schema, node.place.uri, value)
        return known[2]


_NAMED = frozenset(("properties", "patternProperties", "dependentSchemas", "dependencies"))
_LISTED = frozenset(("allOf", "anyOf", "oneOf", "prefixItems"))
_SINGLE = frozenset(
    (
        "additionalProperties", "unevaluatedProperties", "propertyNames", "items", "contains", "unevaluatedItems", "additionalItems",
        "not", "if", "then", "else",
    )
)  # fmt: skip
_SILENT = frozenset(
    (
        "title", "description", "$comment", "examples", "default", "deprecated", "readOnly", "writeOnly", "$id", "id", "$schema", "$anchor",
        "$dynamicAnchor", "$defs", "definitions", "$vocabulary", "x-contract", "x-ref", "x-rule", "x-id", "x-time", "x-owner", "x-session",
        "x-state", "x-alias", "x-warn",
    )
)  # fmt: skip


def same(first: Node, second: Node) -> bool:
    """Whether two schemas say the same in the same words, through their references; of two dialects they never do."""
    if first.reading.side.dialect != second.reading.side.dialect or first.reading.side.formats != second.reading.side.formats:
        return False
    return first.reading.says_same(first, second)


def _same(first: Node, second: Node, assumed: set[tuple[tuple[int, str], tuple[int, str]]]) -> bool:
    one, other = first.schema, second.schema
    if one is other and first.reading is second.reading and first.place.uri == second.place.uri:
        return True
    if isinstance(one, bool) or isinstance(other, bool) or not isinstance(one, dict) or not isinstance(other, dict):
        return one is other
    if first.reading.is_of_another_dialect(one):
        return False
    pair = first.key, second.key
    if pair in assumed:
        return True
    assumed.add(pair)
    ones, others = (node.reading.parts(node.schema) for node in (first, second))
    names = [name for name in ones if name not in _SILENT]
    if len(names) != sum(name not in _SILENT for name in others):
        return False
    return all(name in others and _same_keyword(name, first, second, assumed) for name in names)


def same_keywords(names: Iterable[str], first: Node, second: Node) -> bool:
    """Whether some keywords of two schemas say the same in the same words. Both are of one dialect."""
    ones, others = (node.reading.parts(node.schema) for node in (first, second))
    spoken = [name for name in names if name in ones or name in others]
    return all(name in ones and name in others and _same_keyword(name, first, second, set()) for name in spoken)


def _same_keyword(name: str, first: Node, second: Node, assumed: set[tuple[tuple[int, str], tuple[int, str]]]) -> bool:
    one, other = first.schema[name], second.schema[name]
    if name in REFERENCES and isinstance(one, str) and isinstance(other, str):
        targets = first.reading.target(first, name, one), second.reading.target(second, name, other)
        return targets[0] is not None and targets[1] is not None and _same(targets[0], targets[1], assumed)
    ways: list[Path] | None = None
    if isinstance(one, dict) and isinstance(other, dict) and name in _NAMED:
        ways = [(name, key) for key in one] if one.keys() == other.keys() else None
    elif isinstance(one, list) and isinstance(other, list) and (name in _LISTED or name == "items"):
        ways = [(name, index) for index in range(len(one))] if len(one) == len(other) else None
    elif name in _SINGLE:
        ways = [(name,)]
    else:
        return alike(one, other)
    if ways is None:
        return False
    return all(
        alike(lookup(one, way[1:]), lookup(other, way[1:]))
        if isinstance(lookup(one, way[1:]), list)
        else _same(first.under(*way), second.under(*way), assumed)
        for way in ways
    )


def alike(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal, as JSON Schema means it: true is not 1, and 1.0 is."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    return isinstance(one, bool) is isinstance(other, bool) and bool(one == other)
