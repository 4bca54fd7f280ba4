"""Every way in which one constraint of a schema can be lost, loosened or tightened, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from srcos_contracts.contracts.applicators import CONDITIONAL, subschemas_of
from srcos_contracts.contracts.dialects import NEWEST, asserted_formats, dialect_of, ignores_beside_references
from srcos_contracts.pointer import Path, lookup, parse_pointer

__all__ = ["Mutant", "mutants"]

_BOUNDS = {
    "minimum": -1, "exclusiveMinimum": -1, "minLength": -1, "minItems": -1, "minProperties": -1, "minContains": -1,
    "maximum": 1, "exclusiveMaximum": 1, "maxLength": 1, "maxItems": 1, "maxProperties": 1, "maxContains": 1,
}  # fmt: skip
"""Bounds, each with the step that loosens it."""

_DROPPED = (
    "const", "pattern", "format", "uniqueItems", "not", "contains", "propertyNames", "items", "additionalProperties",
    "additionalItems", "unevaluatedProperties", "unevaluatedItems", "multipleOf", "x-unique", "x-digest", "x-rule",
    "$ref", "$dynamicRef", "$recursiveRef",
)  # fmt: skip
"""Keywords that are dropped whole."""

_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems", "x-warn")
_MAPS = ("x-in", "x-not-in", "x-keys", "x-equal", "dependentRequired", "dependentSchemas", "dependencies", "patternProperties")


class Mutant(NamedTuple):
    """A schema document with one change."""

    path: Path
    """The keyword, or the member of it, that was changed."""
    change: str
    """What was done to it, in words."""
    apply: Callable[[], Any]
    """Makes the changed document; the original is not touched."""


def mutants(document: Any) -> Iterator[Mutant]:
    """The mutants of one schema document, not of the resources that are embedded in it."""
    for path, schema in _schemas(document, ()):
        for keyword, change, value in _changes(document, schema):
            member = (keyword[1],) if isinstance(keyword, tuple) else ()
            name = keyword[0] if isinstance(keyword, tuple) else keyword
            yield Mutant((*path, name, *member), change, _applied(document, path, name, value))


_MOST_STEPS = 8
_GONE = object()
_Change = tuple[str | tuple[str, Any], str, Any]


def _applied(document: Any, path: Path, keyword: str, value: Any) -> Callable[[], Any]:
    def apply() -> Any:
        return _replaced(document, path, keyword, value)

    return apply


def _replaced(node: Any, path: Path, keyword: str, value: Any) -> Any:
    """A copy along the path; all else is the original's."""
    if not path:
        copy = dict(node)
        if value is _GONE:
            del copy[keyword]
        else:
            copy[keyword] = value
        return copy
    step = path[0]
    if isinstance(node, list):
        return [_replaced(item, path[1:], keyword, value) if index == step else item for index, item in enumerate(node)]
    return {name: _replaced(member, path[1:], keyword, value) if name == step else member for name, member in node.items()}


def _schemas(node: Any, path: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The schema objects in a document, each with its path."""
    if not isinstance(node, dict) or (path and "$id" in node):
        return
    yield path, node
    for way, member in subschemas_of(node):
        yield from _schemas(member, (*path, *way))


def _changes(document: Any, schema: Mapping[str, Any]) -> Iterator[_Change]:
    dialect = dialect_of(document) if isinstance(document, dict) else None
    if "$ref" in schema and ignores_beside_references(dialect):
        yield "$ref", "dropped", _GONE
        return
    for keyword, value in schema.items():
        if keyword == "format" and value not in asserted_formats(dialect or NEWEST):
            continue
        if keyword in _DROPPED and not (keyword == "additionalProperties" and value is True):
            yield keyword, "dropped", _GONE
        elif keyword in _BOUNDS:
            step = _BOUNDS[keyword]
            yield keyword, "dropped", _GONE
            if isinstance(value, bool):
                # In draft 4 exclusiveMinimum only says how minimum is meant.
                continue
            yield keyword, f"loosened to {value + step}", value + step
            yield keyword, f"tightened to {value - step}", value - step
        elif keyword == "required":
            yield from _required(document, schema, value)
        elif keyword == "enum":
            yield keyword, "dropped", _GONE
            for index, option in enumerate(value):
                yield (keyword, index), f"lost {option!r}", [*value[:index], *value[index + 1 :]]
        elif keyword == "type":
            yield from _types(value)
        elif keyword in CONDITIONAL and "if" in schema and len(schema.keys() & set(CONDITIONAL)) > 1:
            yield from _conditions(schema, keyword)
        elif keyword == "x-order":
            yield from _orders(value)
        elif keyword == "properties":
            for name, member in value.items():
                if member is not False:
                    yield (keyword, name), "forbidden", {**value, name: False}
    yield from _members(schema)


def _required(document: Any, schema: Mapping[str, Any], value: list[str]) -> Iterator[_Change]:
    for index, name in enumerate(value):
        yield ("required", index), f"{name} is no longer required", [*value[:index], *value[index + 1 :]]
    already = _always_required(document, schema)
    for name in schema.get("properties", {}):
        if name not in already:
            yield "required", f"{name} is required too", [*value, name]


def _always_required(document: Any, schema: Any, depth: int = 0) -> set[str]:
    """The names that a schema requires, itself or by what it always includes: to require them once more changes nothing."""
    if not isinstance(schema, dict) or depth > _MOST_STEPS:
        return set()
    names = set(schema.get("required", ()))
    included = list(schema.get("allOf", ()))
    reference = schema.get("$ref")
    if isinstance(reference, str) and reference.startswith("#"):
        included.append(lookup(document, parse_pointer(reference[1:])))
    return names.union(*(_always_required(document, other, depth + 1) for other in included))


def _types(value: Any) -> Iterator[_Change]:
    yield "type", "dropped", _GONE
    if isinstance(value, list):
        for name in value:
            yield "type", f"lost {name}", [other for other in value if other != name]


def _conditions(schema: Mapping[str, Any], keyword: str) -> Iterator[_Change]:
    if keyword == "if":
        yield "if", "always true", True
        yield "if", "always false", False
    else:
        yield keyword, "dropped", _GONE


def _orders(value: list[Any]) -> Iterator[_Change]:
    for index, chain in enumerate(value):
        others = [*value[:index], *value[index + 1 :]]
        yield ("x-order", index), "chain dropped", others if others else _GONE
        links = chain["chain"] if isinstance(chain, dict) else chain
        strict = isinstance(chain, dict) and chain.get("strict", False)
        yield ("x-order", index), "strictness flipped", [*value[:index], {"chain": links, "strict": not strict}, *value[index + 1 :]]
        if len(links) > 2:
            for link in links:
                rest = [other for other in links if other != link]
                shorter = {**chain, "chain": rest} if isinstance(chain, dict) else rest
                yield ("x-order", index), f"link {link} dropped", [*value[:index], shorter, *value[index + 1 :]]


def _members(schema: Mapping[str, Any]) -> Iterator[_Change]:
    for keyword in _LISTS:
        items = schema.get(keyword, ())
        for index in range(len(items)):
            others = [*items[:index], *items[index + 1 :]]
            yield (keyword, index), "dropped", others if others else _GONE
    for keyword in _MAPS:
        for name, member in schema.get(keyword, {}).items():
            others_by_name = {other: value for other, value in schema[keyword].items() if other != name}
            if keyword == "x-equal" and len(others_by_name) < 2:
                others_by_name = {}
            yield (keyword, name), "dropped", others_by_name if others_by_name else _GONE
            if keyword == "x-keys" and "same" in member:
                yield (keyword, name), "same loosened to within", {**schema[keyword], name: {"within": member["same"]}}
