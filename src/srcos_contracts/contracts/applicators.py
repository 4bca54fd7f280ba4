"""Where schemas stand within a schema: the applicator keywords of all dialects (JSON Schema 2020-12, section 10), and ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from srcos_contracts.contracts.dialects import DEFINITIONS
from srcos_contracts.pointer import Path

__all__ = ["CONDITIONAL", "steps_to_schema", "subschemas_of"]

CONDITIONAL = ("if", "then", "else")

_MAPS = frozenset(("properties", "patternProperties", "dependentSchemas", "dependencies", *DEFINITIONS))
_LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems", "items", "x-warn"))
_SINGLES = frozenset(
    (
        "additionalProperties",
        "unevaluatedProperties",
        "propertyNames",
        "items",
        "contains",
        "unevaluatedItems",
        "additionalItems",
        "not",
        *CONDITIONAL,
        "contentSchema",
    )
)


def subschemas_of(schema: Mapping[str, Any], warnings: bool = True) -> Iterator[tuple[Path, Any]]:
    """The schemas that stand directly in a schema, each with the way there; with `warnings` also those in `x-warn`."""
    for keyword, value in schema.items():
        if keyword in _MAPS and isinstance(value, dict):
            for name, member in value.items():
                if not (keyword == "dependencies" and isinstance(member, list)):
                    yield (keyword, name), member
        elif keyword in _LISTS and isinstance(value, list) and (warnings or keyword != "x-warn"):
            for index, item in enumerate(value):
                yield (keyword, index), item
        elif keyword in _SINGLES and isinstance(value, (dict, bool)):
            yield (keyword,), value


def steps_to_schema(schema: Any, way: Path) -> int:
    """How many tokens of a way lead from a schema to the next schema on it; 0 where it leads to none."""
    value = schema.get(way[0]) if isinstance(schema, dict) else None
    if (way[0] in _MAPS and isinstance(value, dict)) or (way[0] in _LISTS and isinstance(value, list)):
        return 2
    return 1 if way[0] in _SINGLES and isinstance(value, (dict, bool)) else 0
