"""Every way in which one constraint of a schema can be lost, loosened or tightened, one at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from srcos_contracts.contracts.applicators import CONDITIONAL, subschemas_of
from srcos_contracts.contracts.dialects import DEFINITIONS, NEWEST, asserted_formats, dialect_of, ignores_beside_references
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, lookup, parse_pointer

__all__ = ["Mutant", "mutants"]

_BOUNDS = {
    "minimum": -1, "exclusiveMinimum": -1, "minLength": -1, "minItems": -1, "minProperties": -1, "minContains": -1,
    "maximum": 1, "exclusiveMaximum": 1, "maxLength": 1, "maxItems": 1, "maxProperties": 1, "maxContains": 1,
}  # fmt: skip
"""Bounds, each with the step that loosens it."""

_DROPPED = (
    "const", "pattern", "format", "uniqueItems", "not", "contains", "propertyNames", "items", "additionalProperties",
    "additionalItems", "unevaluatedProperties", "unevaluatedItems", "multipleOf", "x-unique", "x-digest", "x-path", "x-template",
    "x-rule", "$ref", "$dynamicRef", "$recursiveRef",
)  # fmt: skip
"""Keywords that are dropped whole."""

_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems", "x-warn")
_MAPS = ("x-in", "x-not-in", "x-keys", "x-equal", "dependentRequired", "dependentSchemas", "dependencies", "patternProperties")
_SAME_VALUE = ("allOf", "anyOf", "oneOf", "x-warn", "not", "dependentSchemas", *CONDITIONAL)
"""Keywords whose subschemas judge the value that the schema itself judges."""

_MOST_STEPS = 8


class Mutant(NamedTuple):
    """A schema document with one change."""

    path: Path
    """The keyword, or the member of it, that was changed."""
    change: str
    """What was done to it, in words."""
    narrows: bool
    """Whether it can be seen at once that it refuses more than before."""
    apply: Callable[[Any], Any]
    """From a document that holds what is changed to the changed one; the original is not touched."""


class _Spot(NamedTuple):
    """A schema in a document."""

    path: Path
    schema: Mapping[str, Any]
    around: tuple[Any, ...]
    """Other schemas of the document that judge the same value, whatever this one says."""
    nullable: bool = False
    """Whether another branch beside it takes null."""


class _Change(NamedTuple):
    where: Path
    """From the schema to the keyword, or to the member of it."""
    words: str
    keywords: Mapping[str, Any]
    """The keywords that get another value, _GONE for those that go."""
    narrows: bool = False


_GONE = object()


def mutants(document: Any) -> Iterator[Mutant]:
    """The mutants of one schema document, not of the resources that are embedded in it."""
    for spot in _spots(document, document, (), ()):
        for where, words, keywords, narrows in _changes(document, spot):
            yield Mutant((*spot.path, *where), words, narrows, _applied(spot.path, keywords))


def _applied(path: Path, keywords: Mapping[str, Any]) -> Callable[[Any], Any]:
    return lambda document: _replaced(document, path, keywords)


def _replaced(node: Any, path: Path, keywords: Mapping[str, Any]) -> Any:
    """A copy along the path; all else is the original's."""
    if not path:
        return {keyword: value for keyword, value in {**node, **keywords}.items() if value is not _GONE}
    step = path[0]
    if isinstance(node, list):
        return [_replaced(item, path[1:], keywords) if index == step else item for index, item in enumerate(node)]
    return {name: _replaced(member, path[1:], keywords) if name == step else member for name, member in node.items()}


def _spots(document: Any, node: Any, path: Path, around: tuple[Any, ...], nullable: bool = False) -> Iterator[_Spot]:
    # What a bundle has taken in is changed where it comes from, for all that share it.
    if not isinstance(node, dict) or (len(path) == 2 and path[0] in DEFINITIONS and path[1] == node.get("$id")):
        return
    yield _Spot(path, node, around, nullable)
    here = tuple(_taken_in(document, (*around, node)))
    for way, member in subschemas_of(node):
        if way[0] in _SAME_VALUE:
            others = (*here, node["if"]) if way == ("then",) else here
        else:
            others = tuple(inner for schema in here if (inner := lookup(schema, way)) is not member and isinstance(inner, dict))
        beside = node["anyOf"] if way[0] == "anyOf" else ()
        null = any(branch == {"type": "null"} and branch is not member for branch in beside)
        yield from _spots(document, member, (*path, *way), others, null)


def _taken_in(document: Any, schemas: Iterable[Any], depth: int = 0) -> Iterator[dict[str, Any]]:
    """Schemas, and what they always include for the same value."""
    for schema in schemas:
        if isinstance(schema, dict) and depth <= _MOST_STEPS:
            yield schema
            reference = schema.get("$ref")
            local = isinstance(reference, str) and reference.startswith("#/")
            included = [lookup(document, parse_pointer(str(reference)[1:]))] if local else []
            yield from _taken_in(document, [*schema.get("allOf", ()), *included], depth + 1)


def _changes(document: Any, spot: _Spot) -> Iterator[_Change]:
    schema = spot.schema
    dialect = dialect_of(document) if isinstance(document, dict) else None
    if "$ref" in schema and ignores_beside_references(dialect):
        yield _Change(("$ref",), "dropped", {"$ref": _GONE})
        return
    for keyword, value in schema.items():
        if keyword == "format" and value not in asserted_formats(dialect or NEWEST):
            continue
        if keyword in _DROPPED and not (keyword == "additionalProperties" and value is True):
            yield _Change((keyword,), "dropped", {keyword: _GONE})
        if keyword in _BOUNDS:
            yield from _bound(keyword, value)
        elif keyword == "required":
            for index, name in enumerate(value):
                yield _Change((keyword, index), f"{name} is no longer required", {keyword: _without(value, index)})
        elif keyword == "enum":
            yield _Change((keyword,), "dropped", {keyword: _GONE})
            for index, option in enumerate(value):
                yield _Change((keyword, index), f"lost {option!r}", {keyword: _without(value, index)}, True)
        elif keyword == "type":
            yield from _types(spot, value)
        elif keyword == "pattern" and schema.get("format") != "date-time":
            # Beside that format a pattern only says for others what the format asserts.
            yield from _anchors(value)
        elif keyword in CONDITIONAL and "if" in schema and len(schema.keys() & set(CONDITIONAL)) > 1:
            yield from _conditions(keyword)
        elif keyword == "x-order":
            yield from _orders(value)
        elif keyword == "properties":
            for name, member in value.items():
                words = "allowed" if member is False else "forbidden"
                yield _Change((keyword, name), words, {keyword: {**value, name: member is False}}, member is not False)
    yield from _new_required(document, spot)
    yield from _members(schema)
    yield from _parts(schema)
    yield from _severities(spot)


def _without(items: list[Any], index: int) -> Any:
    return [*items[:index], *items[index + 1 :]]


def _or_gone(value: Any) -> Any:
    return value or _GONE


def _bound(keyword: str, value: Any) -> Iterator[_Change]:
    yield _Change((keyword,), "dropped", {keyword: _GONE})
    # In draft 4 exclusiveMinimum only says how minimum is meant.
    if not isinstance(value, bool):
        step = _BOUNDS[keyword]
        yield _Change((keyword,), f"loosened to {value + step}", {keyword: value + step})
        yield _Change((keyword,), f"tightened to {value - step}", {keyword: value - step}, True)


def _new_required(document: Any, spot: _Spot) -> Iterator[_Change]:
    """What is required already, here or around, changes nothing when it is required once more."""
    already = {name for schema in _taken_in(document, (*spot.around, spot.schema)) for name in schema.get("required", ())}
    required = spot.schema.get("required", [])
    for name, member in spot.schema.get("properties", {}).items():
        if name not in already and member is not False:
            yield _Change(("required",), f"{name} is required too", {"required": [*required, name]}, True)


def _types(spot: _Spot, value: Any) -> Iterator[_Change]:
    yield _Change(("type",), "dropped", {"type": _GONE})
    names = value if isinstance(value, list) else [value]
    for name in names if isinstance(value, list) else ():
        yield _Change(("type",), f"lost {name}", {"type": [other for other in names if other != name]}, True)
    if "null" not in names and not spot.nullable and not {"const", "enum"} & spot.schema.keys():
        yield _Change(("type",), "loosened by null", {"type": [*names, "null"]})


def _anchors(pattern: str) -> Iterator[_Change]:
    if pattern.startswith("^"):
        yield _Change(("pattern",), "loosened at its start", {"pattern": pattern[1:]})
    escapes = len(pattern) - len(pattern.removesuffix("$").rstrip("\\")) - 1
    if pattern.endswith("$") and escapes % 2 == 0:
        yield _Change(("pattern",), "loosened at its end", {"pattern": pattern[:-1]})


def _conditions(keyword: str) -> Iterator[_Change]:
    if keyword == "if":
        yield _Change(("if",), "always true", {"if": True})
        yield _Change(("if",), "always false", {"if": False})
    else:
        yield _Change((keyword,), "dropped", {keyword: _GONE})


def _orders(value: list[Any]) -> Iterator[_Change]:
    for index, chain in enumerate(value):
        where = ("x-order", index)
        yield _Change(where, "chain dropped", {"x-order": _or_gone(_without(value, index))})
        links = chain["chain"] if isinstance(chain, dict) else chain
        strict = isinstance(chain, dict) and chain.get("strict", False)
        flipped = {"chain": links, "strict": not strict}
        yield _Change(where, "strictness flipped", {"x-order": [*value[:index], flipped, *value[index + 1 :]]})
        for link in links if len(links) > 2 else ():
            rest = [other for other in links if other != link]
            shorter = {**chain, "chain": rest} if isinstance(chain, dict) else rest
            yield _Change(where, f"link {link} dropped", {"x-order": [*value[:index], shorter, *value[index + 1 :]]})


def _members(schema: Mapping[str, Any]) -> Iterator[_Change]:
    """The members of keywords that are lists or maps of constraints, each dropped."""
    for keyword in _LISTS:
        items = schema.get(keyword, ())
        for index in range(len(items)):
            yield _Change((keyword, index), "dropped", {keyword: _or_gone(_without(items, index))})
    for keyword in _MAPS:
        for name, member in schema.get(keyword, {}).items():
            others = {other: value for other, value in schema[keyword].items() if other != name}
            if keyword == "x-equal" and len(others) < 2:
                others = {}
            yield _Change((keyword, name), "dropped", {keyword: _or_gone(others)})
            if keyword == "x-keys" and "same" in member:
                yield _Change((keyword, name), "same loosened to within", {keyword: {**schema[keyword], name: {"within": member["same"]}}})


def _parts(schema: Mapping[str, Any]) -> Iterator[_Change]:
    """Single names within a member of a keyword, each dropped."""
    for keyword in ("dependentRequired", "dependencies"):
        for name, names in schema.get(keyword, {}).items():
            for index in range(len(names)) if isinstance(names, list) and len(names) > 1 else ():
                changed = {**schema[keyword], name: _without(names, index)}
                yield _Change((keyword, name, index), f"{names[index]} is no longer required", {keyword: changed})
    digest = schema.get("x-digest", {})
    for index, place in enumerate(digest.get("omit", ())):
        fewer = {**digest, "omit": _without(digest["omit"], index)}
        yield _Change(("x-digest", "omit", index), f"{place} is no longer left out", {"x-digest": fewer})
    parts = schema.get("x-path", ())
    for index in range(len(parts)) if len(parts) > 1 else ():
        yield _Change(("x-path", index), f"lost {parts[index]}", {"x-path": _without(parts, index)})


def _severities(spot: _Spot) -> Iterator[_Change]:
    """A rule that is an error made a warning, by its own word and by moving it to x-warn, and the other way round."""
    schema = spot.schema
    if _severity(schema) == "error" and "x-warn" not in spot.path:
        yield _Change(("x-rule",), "made a warning", {"x-rule": {**schema["x-rule"], "severity": "warning"}})
    for source, target, severity in (("allOf", "x-warn", "error"), ("x-warn", "allOf", "warning")):
        for index, item in enumerate(schema.get(source, ())):
            if _severity(item) == severity:
                moved = item if target == "x-warn" else {**item, "x-rule": {**item["x-rule"], "severity": "error"}}
                keywords = {source: _or_gone(_without(schema[source], index)), target: [*schema.get(target, ()), moved]}
                yield _Change((source, index), f"moved to {target}", keywords)


def _severity(schema: Any) -> str:
    """That of the rule that a schema states; empty where it states none."""
    rule = schema.get("x-rule") if isinstance(schema, dict) else None
    if not isinstance(rule, dict) or not isinstance(rule.get("id"), str):
        return ""
    return str(rule.get("severity", "error"))
