"""Pointers of which only what a contract declares is left: the names that a record chose itself are hidden."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from srcos_contracts.contracts.applicators import subschemas_of
from srcos_contracts.contracts.bundle import resolve_from
from srcos_contracts.contracts.resources import Place, Resources
from srcos_contracts.pointer import format_pointer, parse_pointer

__all__ = ["HIDDEN", "declared_pointer"]

HIDDEN = "*"
"""What stands for a name that is not shown."""

_IN_PLACE = frozenset(("allOf", "anyOf", "oneOf", "x-warn", "if", "then", "else", "not", "dependentSchemas", "dependencies"))
_ITEMS = frozenset(("items", "prefixItems", "contains", "additionalItems", "unevaluatedItems"))
_FREE = frozenset(("patternProperties", "additionalProperties", "unevaluatedProperties"))
_LISTS_OF_NAMES = ("dependentRequired", "dependencies")


def declared_pointer(resources: Resources, uri: str, pointer: str) -> str:
    """`pointer` into a record, as the schema at `uri` knows it: names that it does not declare at their place are HIDDEN.

    A number is shown where the schema has an array; where it also has a map, the number may be a name, and is hidden.
    """
    shown = []
    places = [Place(uri, ())]
    for token in parse_pointer(pointer):
        schemas = list(_in_place(resources, places))
        declared = any(token in _names(schema) for _, schema in schemas)
        inner = [(place, way) for place, schema in schemas for way, _ in subschemas_of(schema)]
        free = [Place(place.uri, (*place.path, *way)) for place, way in inner if way[0] in _FREE]
        if declared:
            shown.append(token)
            places = [Place(place.uri, (*place.path, *way)) for place, way in inner if way == ("properties", token)]
        elif token.isdigit() and not free and any(_has_arrays(schema) for _, schema in schemas):
            shown.append(token)
            places = [Place(place.uri, (*place.path, *way)) for place, way in inner if way[0] in _ITEMS]
        else:
            shown.append(HIDDEN)
            places = free + [Place(place.uri, (*place.path, *way)) for place, way in inner if way[0] in _ITEMS]
    return format_pointer(shown)


def _in_place(resources: Resources, places: Iterable[Place]) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The schemas that have a say in a value where those at `places` have: what they refer to, their branches and conditions."""
    seen: set[Place] = set()
    waiting = list(places)
    while waiting:
        place = waiting.pop()
        schema = _at(resources, place)
        if place in seen or not isinstance(schema, dict):
            continue
        seen.add(place)
        yield place, schema
        if isinstance(schema.get("$ref"), str):
            waiting.append(resolve_from(resources, place, schema["$ref"]))
        waiting += [Place(place.uri, (*place.path, *way)) for way, _ in subschemas_of(schema) if way[0] in _IN_PLACE]


def _at(resources: Resources, place: Place) -> Any:
    node = resources[place.uri]
    for token in place.path:
        node = node[token]
    return node


def _names(schema: dict[str, Any]) -> set[str]:
    """The names of members that a schema says by itself."""
    named = {*schema.get("properties", ()), *schema.get("required", ())}
    for keyword in _LISTS_OF_NAMES:
        for name, others in schema.get(keyword, {}).items():
            named.update((name, *others) if isinstance(others, list) else (name,))
    return named


def _has_arrays(schema: dict[str, Any]) -> bool:
    types = schema.get("type", ())
    return not _ITEMS.isdisjoint(schema) or "array" in ([types] if isinstance(types, str) else types)
