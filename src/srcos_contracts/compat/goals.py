"""What an instance is to accept and to break, and which kinds of value that leaves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from srcos_contracts.compat.reading import Node
from srcos_contracts.named import NamedTuple
from srcos_contracts.wording import is_whole

__all__ = ["ABSENCE", "KINDS", "KIND_OF", "PRESENCE", "Goal", "Leaf", "Literal", "interleaved", "kind", "kinds_of", "stated"]

PRESENCE, ABSENCE = "(present)", "(absent)"
"""Of a member that a `dependent...` keyword speaks of."""

KIND_OF = {
    **dict.fromkeys(("minLength", "maxLength", "pattern", "format", "x-template"), ("string",)),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"), ("integer", "fraction")),
    **dict.fromkeys(
        ("items", "prefixItems", "additionalItems", "contains", "minItems", "maxItems", "uniqueItems", "unevaluatedItems", "x-unique"),
        ("array",),
    ),
    **dict.fromkeys(
        (
            "properties", "patternProperties", "additionalProperties", "propertyNames", "required", "minProperties", "maxProperties",
            "unevaluatedProperties", "x-keys", "x-digest", PRESENCE,
        ),
        ("object",),
    ),
    **dict.fromkeys(("x-order", "x-in", "x-not-in", "x-equal"), ("object", "array")),
}  # fmt: skip
"""Keywords that speak of one kind of value only, or of two."""


KINDS = ("string", "integer", "object", "array", "null", "boolean", "fraction")


class Goal(NamedTuple):
    """What an instance is to be."""

    holds: tuple[Node, ...]
    fails: tuple[Node, ...] = ()

    def met_by(self, value: Any) -> bool:
        """Whether a value is that, by the reference engine."""
        held = all(node.reading.accepts(node, value) for node in self.holds)
        return held and not any(node.reading.accepts(node, value) for node in self.fails)


class Literal(NamedTuple):
    """One keyword, and the schema in which it stands."""

    keyword: str
    value: Any
    node: Node


class Leaf(NamedTuple):
    """One way to a goal: keywords that hold, and keywords that do not."""

    yes: tuple[Literal, ...] = ()
    no: tuple[Literal, ...] = ()


def stated(literal: Literal) -> list[Any]:
    """The values that a const or an enum names; of other keywords none."""
    if literal.keyword == "const":
        return [literal.value]
    return literal.value if literal.keyword == "enum" and isinstance(literal.value, list) else []


def kinds_of(leaf: Leaf) -> set[str]:
    """The kinds of value that a leaf leaves."""
    allowed = set(KINDS)
    for literal in leaf.yes:
        if literal.keyword == "type":
            allowed &= _of_types(literal.value)
        elif literal.keyword in ("const", "enum"):
            allowed &= {kind(value) for value in (literal.value if literal.keyword == "enum" else [literal.value])}
        elif literal.keyword == PRESENCE:
            allowed &= {"object"}
    for literal in leaf.no:
        if literal.keyword == "type":
            # In some dialects 1.0 is no integer.
            allowed -= _of_types(literal.value) - ({"integer"} if "number" not in _listed(literal.value) else set())
    for keyword in {literal.keyword for literal in leaf.no}.intersection(KIND_OF):
        allowed.intersection_update(KIND_OF[keyword])
    return allowed


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _of_types(value: Any) -> set[str]:
    names = set(_listed(value))
    return {*names & set(KINDS), *(("integer", "fraction") if "number" in names else ())}


def kind(value: Any) -> str:
    """The kind of a value; empty where it is none."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, (float, Decimal)):
        return "integer" if is_whole(value) else "fraction"
    return {str: "string", list: "array", dict: "object"}.get(value.__class__, "")


def interleaved(ways: Sequence[Iterator[Any]]) -> Iterator[Any]:
    """One of each in turn, so that none keeps another waiting for ever."""
    pending = list(ways)
    while pending:
        remaining = []
        for way in pending:
            for found in way:
                yield found
                remaining.append(way)
                break
        pending = remaining
