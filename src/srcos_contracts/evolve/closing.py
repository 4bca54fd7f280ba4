"""Names that a schema leaves free and does not declare: which a record has, and a side that rules them out.

A name is declared where any schema that has a say in the object lists it: under `properties` or by a pattern, beside it, in what is
taken in, or in a condition. One that may have to be there is declared too, for it is written. An object of which nothing lists names,
or whose further names have a schema, is a map: all its names are declared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from srcos_contracts.compat.form import Form
from srcos_contracts.compat.side import Side
from srcos_contracts.contracts.dialects import ignores_beside_references
from srcos_contracts.contracts.engine import matcher
from srcos_contracts.contracts.resources import Place, stepped
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path

__all__ = ["closed", "undeclared_names"]

_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLES = ("if", "then", "else", "not")
_MAPS = ("dependentSchemas", "dependencies")
_DEPENDENT = (*_MAPS, "dependentRequired")
_DYNAMIC = ("$dynamicRef", "$recursiveRef")
_FURTHER = ("additionalProperties", "unevaluatedProperties")
_ITEMS = ("items", "prefixItems", "additionalItems", "unevaluatedItems", "contains")

_Around = frozenset[Place]
"""The places of all schemas that have a say in one value."""


class _Object(NamedTuple):
    """What the schemas that have a say in an object list."""

    names: dict[str, list[Place]]
    patterns: dict[str, list[Place]]
    further: list[Place]
    items: list[Place]
    closes: bool
    """Whether a name that is not listed is undeclared."""


class _Names:
    def __init__(self, side: Side) -> None:
        self._form = side.once(Form)
        self._objects: dict[_Around, _Object] = {}

    def around(self, places: Iterable[Place]) -> _Around:
        found: dict[Place, None] = {}
        pending = list(places)
        while pending:
            place = pending.pop()
            schema = self._form.schema(place)
            if place in found or not isinstance(schema, dict):
                continue
            found[place] = None
            pending += [target for target in self._in_place(place, schema) if target is not None]
        return frozenset(found)

    def _in_place(self, place: Place, schema: dict[str, Any]) -> Iterator[Place | None]:
        for keyword in _LISTS:
            yield from _listed(place, schema, keyword)
        for keyword in _SINGLES:
            yield _at(place, (keyword,), schema.get(keyword))
        for keyword in _MAPS:
            members = schema.get(keyword)
            for name, member in members.items() if isinstance(members, dict) else ():
                yield _at(place, (keyword, name), member)
        if isinstance(schema.get("$ref"), str):
            yield self._form.resolved(place, schema["$ref"])

    def object(self, around: _Around) -> _Object:
        if around not in self._objects:
            self._objects[around] = self._listed(around)
        return self._objects[around]

    def _listed(self, around: _Around) -> _Object:
        names: dict[str, list[Place]] = {}
        patterns: dict[str, list[Place]] = {}
        further: list[Place] = []
        items: list[Place] = []
        unknown = False
        for place in sorted(around, key=repr):
            schema = self._form.schema(place)
            for keyword, kept in (("properties", names), ("patternProperties", patterns)):
                members = schema.get(keyword)
                for name, member in members.items() if isinstance(members, dict) else ():
                    kept.setdefault(name, []).extend(_places(_at(place, (keyword, name), member)))
            for keyword in _FURTHER:
                # `{}` is as free as `true`.
                further += _places(_at(place, (keyword,), schema.get(keyword) or None))
            for keyword in _ITEMS:
                items += [*_listed(place, schema, keyword), *_places(_at(place, (keyword,), schema.get(keyword)))]
            unknown = unknown or any(keyword in schema for keyword in _DYNAMIC)
        closes = bool(names) and not further and not unknown
        for place in around:
            for name in _demanded(self._form.schema(place)):
                names.setdefault(name, [])
        return _Object(names, patterns, further, items, closes)

    def below(self, found: _Object, name: str) -> _Around:
        """The schemas that may have a say in a member; patterns are not read for that, so those of all patterns."""
        return self.around([*found.names.get(name, ()), *(place for places in found.patterns.values() for place in places), *found.further])


def _demanded(schema: dict[str, Any]) -> Iterator[str]:
    """The names that a schema asks for, be it only beside others."""
    listed = [schema.get("required")]
    for keyword in _DEPENDENT:
        members = schema.get(keyword)
        if isinstance(members, dict):
            yield from members
            listed += members.values()
    for each in listed:
        yield from (name for name in each if isinstance(name, str)) if isinstance(each, list) else ()


def _listed(place: Place, schema: dict[str, Any], keyword: str) -> list[Place]:
    members = schema.get(keyword)
    if not isinstance(members, list):
        return []
    return [target for index, member in enumerate(members) for target in _places(_at(place, (keyword, index), member))]


def _at(place: Place, step: Path, member: Any) -> Place | None:
    return stepped(place, step, member) if isinstance(member, dict) else None


def _places(place: Place | None) -> list[Place]:
    return [] if place is None else [place]


def undeclared_names(side: Side, value: Any) -> Iterator[Path]:
    """Where a record has members that the side leaves free and does not declare; what lies within those is not looked at."""
    names = _Names(side)
    pending: list[tuple[Path, Any, _Around]] = [((), value, names.around([Place(side.uri, ())]))]
    while pending:
        path, node, around = pending.pop()
        if not around:
            continue
        found = names.object(around)
        if isinstance(node, list):
            pending += [((*path, index), item, names.around(found.items)) for index, item in enumerate(node)]
        elif isinstance(node, dict):
            for name, member in node.items():
                listed = name in found.names or any(matcher(pattern)(name) for pattern in found.patterns)
                if listed or not found.closes:
                    pending.append(((*path, name), member, names.below(found, name)))
                else:
                    yield (*path, name)


def closed(side: Side) -> Side:
    """A side that takes of what `side` takes the records without undeclared names: what producers write who keep to the declared ones."""
    names = _Names(side)
    shapes: dict[_Around, str] = {}
    made: dict[str, Any] = {}
    keyword = "definitions" if ignores_beside_references(side.dialect) else "$defs"

    def shape(around: _Around) -> Any:
        if not around:
            return {}
        if around not in shapes:
            name = shapes[around] = f"declared-names-{len(shapes)}"
            found = names.object(around)
            made[name] = {
                "properties": {member: shape(names.below(found, member)) for member in found.names},
                "patternProperties": {pattern: {} for pattern in found.patterns},
                "additionalProperties": False if found.closes else shape(names.below(found, "")),
                "items": shape(names.around(found.items)),
            }
        return {"$ref": f"#/{keyword}/{shapes[around]}"}

    root = shape(names.around([Place(side.uri, ())]))
    if not any(each["additionalProperties"] is False for each in made.values()):
        return side
    return side.also(root, made)
