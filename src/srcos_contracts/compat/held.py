"""What the schemas that hold say in so many words, by which it is seen that a keyword cannot be broken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from srcos_contracts.compat.goals import Goal, Literal
from srcos_contracts.compat.reading import Node, alike, same, same_keywords
from srcos_contracts.contracts.trace import REFERENCES
from srcos_contracts.pointer import ABSENT, lookup

__all__ = ["ALONE", "BESIDE", "Held"]

BESIDE = {
    "additionalProperties": ("properties", "patternProperties", "additionalProperties"),
    "if": ("if", "then", "else"),
    "items": ("items", "prefixItems", "additionalItems"),
    "additionalItems": ("items", "additionalItems"),
    "contains": ("contains", "minContains", "maxContains"),
    "minimum": ("minimum", "exclusiveMinimum"),
    "maximum": ("maximum", "exclusiveMaximum"),
}
"""Keywords that others beside them have a part in."""

ALONE = frozenset(
    (
        "type", "enum", "const", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
        "pattern", "format", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "x-order", "x-in", "x-not-in",
        "x-keys", "x-unique", "x-equal", "x-digest", "x-template", "required", "dependentRequired",
    )
)  # fmt: skip
"""Keywords that say the same wherever they stand, but for those that others beside them have a part in."""


class Held:
    """What the schemas that hold say, for seeing that something cannot be broken."""

    def __init__(self, goal: Goal) -> None:
        self.nodes = tuple(_taken_in(goal.holds))

    def excludes(self, literal: Literal) -> bool:
        """Whether one of the schemas that hold says the very same."""
        return any(_says_same(node, literal) for node in self.nodes)

    def demands(self, node: Node, *way: str) -> bool:
        """Whether one of the schemas that hold has the same schema at that place."""
        inner = node.under(*way)
        return any(lookup(held.schema, way) is not ABSENT and same(held.under(*way), inner) for held in self.nodes)


def _taken_in(nodes: Iterable[Node], depth: int = 0) -> Iterator[Node]:
    for node in nodes:
        if not isinstance(node.schema, dict) or depth > 8:
            continue
        yield node
        for keyword, value in node.reading.keywords(node.schema):
            if keyword == "allOf":
                yield from _taken_in([node.under("allOf", index) for index in range(len(value))], depth + 1)
            elif keyword in REFERENCES and isinstance(value, str):
                target = node.reading.target(node, keyword, value)
                yield from _taken_in([target] if target is not None else [], depth + 1)


def _says_same(node: Node, literal: Literal) -> bool:
    if (
        literal.keyword not in node.reading.parts(node.schema)
        or literal.keyword.startswith("unevaluated")
        or node.reading.side.dialect != literal.node.reading.side.dialect
    ):
        return False
    if literal.keyword in ALONE and literal.keyword not in BESIDE:
        return alike(node.schema[literal.keyword], literal.value)
    return same_keywords(BESIDE.get(literal.keyword, (literal.keyword,)), node, literal.node)
