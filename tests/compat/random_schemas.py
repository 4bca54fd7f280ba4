"""Schemas at random, changes of them at random, and values that they may tell apart: few names and few constants, so that keywords meet."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

DIALECTS = {
    "draft-04": "http://json-schema.org/draft-04/schema#",
    "draft-06": "http://json-schema.org/draft-06/schema#",
    "draft-07": "http://json-schema.org/draft-07/schema#",
    "2019-09": "https://json-schema.org/draft/2019-09/schema",
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
}
_ORDER = list(DIALECTS)
_NAMES = ("a", "b", "ab", "x-a")
_PATTERNS = ("^a", "b", "^x-", "^[ab]+$", "^a?b*$", "a$", "^(?:a|b){1,2}$", "^$", r"\S", r"^\d", "^[^a]*$")
_CONSTANTS: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    1,
    2,
    1.5,
    -1,
    "",
    "a",
    "b",
    "ab",
    "x-a",
    "1",
    [],
    ["a"],
    [1, 1],
    {},
    {"a": 1},
    {"a": "a"},
    {"b": None},
)
_TYPES = ("null", "boolean", "integer", "number", "string", "array", "object")
_TIMES = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "not a time")


class Maker:
    """Makes schemas of one dialect out of a source of chance."""

    def __init__(self, random: Random, dialect: str) -> None:
        self.random = random
        self.level = _ORDER.index(dialect)
        self.dialect = dialect

    def document(self) -> dict[str, Any]:
        schema = self.schema(3)
        document = schema if isinstance(schema, dict) else {"allOf": [schema]} if self.level else {}
        definitions = "$defs" if self.level >= 3 else "definitions"
        return {**document, "$schema": DIALECTS[self.dialect], definitions: {"d": self.schema(2, True), "e": self.schema(1, True)}}

    def schema(self, depth: int, whole: bool = False) -> Any:
        if self.level >= 1 and not whole and self.random.random() < 0.08:
            return self.random.random() < 0.6
        found: dict[str, Any] = {}
        for _ in range(self.random.choice((1, 1, 2, 2, 3, 4))):
            keyword, value = self.keyword(depth)
            found[keyword] = value
            if keyword == "then":
                found["if"] = self.schema(depth - 1)
        if self.level < 1:
            for bound in ("inimum", "aximum"):
                if f"exclusive{'M' + bound}" in found:
                    found.setdefault("m" + bound, 1)
        return found

    def keyword(self, depth: int) -> tuple[str, Any]:
        makers = _LEAVES if depth <= 0 else (*_LEAVES, *_BRANCHES, *_BRANCHES)
        _, keyword, make = self.random.choice([maker for maker in makers if maker[0] <= self.level])
        return keyword, make(self, depth - 1)

    def some(self, choices: tuple[Any, ...], most: int = 3) -> list[Any]:
        count = self.random.randint(1, most)
        chosen: list[Any] = []
        for value in self.random.sample(choices, min(count, len(choices))):
            if not any(repr(value) == repr(other) for other in chosen):
                chosen.append(value)
        return chosen

    def map(self, depth: int, names: tuple[str, ...] = _NAMES) -> dict[str, Any]:
        return {name: self.schema(depth) for name in self.some(names, 2)}

    def list(self, depth: int) -> list[Any]:
        return [self.schema(depth) for _ in range(self.random.choice((1, 2, 2, 3)))]

    def reference(self) -> str:
        definitions = "$defs" if self.level >= 3 else "definitions"
        return f"#/{definitions}/{self.random.choice('de')}"

    def changed(self, node: Any, depth: int = 3) -> Any:
        """A schema with one change somewhere."""
        if not isinstance(node, dict) or not node or self.random.random() < 0.3:
            return self._changed_here(node, depth)
        keyword = self.random.choice([key for key in node if key != "$schema"] or [""])
        if keyword in ("$defs", "definitions", "properties", "patternProperties", "dependentSchemas") and node[keyword]:
            name = self.random.choice(list(node[keyword]))
            return {**node, keyword: {**node[keyword], name: self.changed(node[keyword][name], depth - 1)}}
        if keyword in ("allOf", "anyOf", "oneOf", "prefixItems") or (keyword == "items" and isinstance(node[keyword], list)):
            items = list(node[keyword])
            if items:
                index = self.random.randrange(len(items))
                items[index] = self.changed(items[index], depth - 1)
                return {**node, keyword: items}
        if isinstance(node.get(keyword), dict) and not keyword.startswith(("x-", "depend")) and keyword not in ("const", "enum"):
            return {**node, keyword: self.changed(node[keyword], depth - 1)}
        return self._changed_here(node, depth)

    def _changed_here(self, node: Any, depth: int) -> Any:
        if not isinstance(node, dict):
            return self.schema(max(depth, 0), self.level < 1)
        keys = [key for key in node if key not in ("$schema", "$defs", "definitions")]
        chance = self.random.random()
        if keys and chance < 0.4:
            gone = self.random.choice(keys)
            return {key: value for key, value in node.items() if key != gone}
        keyword, value = self.keyword(max(depth, 0))
        if keys and chance < 0.7:
            old = self.random.choice(keys)
            same = [maker for maker in (*_LEAVES, *_BRANCHES) if maker[1] == old and maker[0] <= self.level]
            if same:
                return {**node, old: same[0][2](self, max(depth - 1, 0))}
        made = {**node, keyword: value}
        if self.level < 1:
            for bound in ("inimum", "aximum"):
                if f"exclusive{'M' + bound}" in made:
                    made.setdefault("m" + bound, 1)
        return made

    def value(self, depth: int = 2) -> Any:
        """A value of any type, out of few."""
        kind = self.random.random()
        if depth and kind < 0.35:
            return {name: self.value(depth - 1) for name in self.random.sample((*_NAMES, "c"), self.random.randint(0, 3))}
        if depth and kind < 0.6:
            return [self.value(depth - 1) for _ in range(self.random.randint(0, 3))]
        return self.random.choice((*_CONSTANTS, *_TIMES, 1.0, 3, "abb", "ba", "c"))


_Made = tuple[int, str, Callable[[Maker, int], Any]]

_LEAVES: tuple[_Made, ...] = (
    (0, "type", lambda make, depth: make.random.choice(_TYPES) if make.random.random() < 0.6 else make.some(_TYPES)),
    (0, "type", lambda make, depth: make.random.choice(("object", "array", "string"))),
    (0, "enum", lambda make, depth: make.some(_CONSTANTS)),
    (1, "const", lambda make, depth: make.random.choice(_CONSTANTS)),
    (0, "minimum", lambda make, depth: make.random.choice((-1, 0, 1, 1.5))),
    (0, "maximum", lambda make, depth: make.random.choice((0, 1, 2))),
    (0, "exclusiveMinimum", lambda make, depth: make.random.choice((-1, 0, 1)) if make.level else make.random.random() < 0.5),
    (0, "exclusiveMaximum", lambda make, depth: make.random.choice((1, 2)) if make.level else make.random.random() < 0.5),
    (0, "multipleOf", lambda make, depth: make.random.choice((1, 2, 0.5))),
    (0, "minLength", lambda make, depth: make.random.choice((0, 1, 2))),
    (0, "maxLength", lambda make, depth: make.random.choice((0, 1, 2))),
    (0, "pattern", lambda make, depth: make.random.choice(_PATTERNS)),
    (0, "format", lambda make, depth: make.random.choice(("date-time", "ipv4", "email"))),
    (0, "required", lambda make, depth: make.some(_NAMES, 2)),
    (0, "minProperties", lambda make, depth: make.random.choice((0, 1, 2))),
    (0, "maxProperties", lambda make, depth: make.random.choice((0, 1, 2))),
    (0, "minItems", lambda make, depth: make.random.choice((0, 1, 2))),
    (0, "maxItems", lambda make, depth: make.random.choice((0, 1, 2))),
    (0, "uniqueItems", lambda make, depth: make.random.random() < 0.8),
    (3, "dependentRequired", lambda make, depth: {make.random.choice(_NAMES): make.some(_NAMES, 2)}),
    (0, "$ref", lambda make, depth: make.reference()),
    (0, "x-order", lambda make, depth: [[f"/{name}" for name in make.random.sample(_NAMES, 3)][: make.random.choice((2, 3))]]),
    (0, "x-in", lambda make, depth: {"/a": "/b"}),
    (0, "x-not-in", lambda make, depth: {"/a": "/b"}),
    (0, "x-keys", lambda make, depth: {"/a": {make.random.choice(("within", "same")): "/b"}}),
)  # fmt: skip

_BRANCHES: tuple[_Made, ...] = (
    (0, "properties", lambda make, depth: make.map(depth)),
    (0, "properties", lambda make, depth: make.map(depth)),
    (0, "patternProperties", lambda make, depth: make.map(depth, ("^a", "^x-", "b$"))),
    (0, "additionalProperties", lambda make, depth: False if make.random.random() < 0.5 else make.schema(depth)),
    (1, "propertyNames", lambda make, depth: make.schema(0)),
    (0, "items", lambda make, depth: make.schema(depth) if make.random.random() < 0.6 or make.level == 4 else make.list(depth)),
    (0, "additionalItems", lambda make, depth: make.schema(depth)),
    (4, "prefixItems", lambda make, depth: make.list(depth)),
    (1, "contains", lambda make, depth: make.schema(depth)),
    (3, "minContains", lambda make, depth: make.random.choice((0, 1, 2))),
    (3, "maxContains", lambda make, depth: make.random.choice((0, 1, 2))),
    (0, "allOf", lambda make, depth: make.list(depth)),
    (0, "anyOf", lambda make, depth: make.list(depth)),
    (0, "oneOf", lambda make, depth: make.list(depth)),
    (0, "not", lambda make, depth: make.schema(depth)),
    (2, "if", lambda make, depth: make.schema(depth)),
    (2, "then", lambda make, depth: make.schema(depth)),
    (2, "else", lambda make, depth: make.schema(depth)),
    (3, "dependentSchemas", lambda make, depth: make.map(depth)),
    (0, "dependencies", lambda make, depth: make.map(depth) if make.random.random() < 0.5 else {make.random.choice(_NAMES): make.some(_NAMES, 2)}),
    (3, "unevaluatedProperties", lambda make, depth: False if make.random.random() < 0.6 else make.schema(depth)),
    (3, "unevaluatedItems", lambda make, depth: False if make.random.random() < 0.6 else make.schema(depth)),
)  # fmt: skip
