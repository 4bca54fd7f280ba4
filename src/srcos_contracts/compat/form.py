"""Schemas of every dialect in one form: each a set of atoms that all hold, whatever keywords they were written with.

The differences of dialects end here: tuples of items, exclusive bounds, dependencies, what stands beside a `$ref`, and which
keywords a dialect does not know. Members of `allOf` are taken in; a `$ref` stays an atom, so that recursion has an end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from srcos_contracts.compat.atoms import TYPES, Atom, Node, frozen, grouped, made
from srcos_contracts.compat.side import Side
from srcos_contracts.contracts.bundle import UnresolvableReference
from srcos_contracts.contracts.dialects import NEWEST, VALIDATORS, asserted_formats, dialect_of, is_meta_schema
from srcos_contracts.contracts.embedding import schemas_in
from srcos_contracts.contracts.resources import Place, stepped
from srcos_contracts.contracts.trace import REFERENCES
from srcos_contracts.contracts.vocabulary import ASSERTIONS
from srcos_contracts.pointer import ABSENT, lookup

__all__ = ["Form"]

_ORDER = tuple(VALIDATORS)
_SINCE = {
    "const": "draft-06",
    "contains": "draft-06",
    "contentMediaType": "draft-06",
    "contentEncoding": "draft-06",
    "propertyNames": "draft-06",
    "if": "draft-07",
    "dependentRequired": "2019-09",
    "dependentSchemas": "2019-09",
    "unevaluatedProperties": "2019-09",
    "unevaluatedItems": "2019-09",
    "$dynamicRef": NEWEST,
    "prefixItems": NEWEST,
}
_UNTIL = {"additionalItems": "2019-09", "contentMediaType": "draft-07", "contentEncoding": "draft-07", "$recursiveRef": "2019-09"}
_SCOPED = ("$dynamicRef", "$recursiveRef")
"""Keywords whose meaning depends on the way by which a schema was reached: two of them are never known to be equal."""

_CONTENT = ("contentMediaType", "contentEncoding")
"""Keywords that only some engines assert."""


class Form:
    """A side in atoms, made as they are asked for."""

    def __init__(self, side: Side) -> None:
        self.side = side
        self._dialect = _ORDER.index(side.dialect)
        self._formats = asserted_formats(side.dialect) if side.formats else frozenset()
        self._nodes: dict[Place, Node] = {}
        self.root = self.node(Place(side.uri, ()), side.asserted)

    def node(self, place: Place, schema: Any) -> Node:
        known = self._nodes.get(place)
        if known is None:
            known = self._nodes[place] = Node(place, lambda: tuple(self._atoms(place, schema)))
        return known

    def knows(self, keyword: str) -> bool:
        """Whether a keyword asserts anything in the side's dialect."""
        return _ORDER.index(_SINCE.get(keyword, _ORDER[0])) <= self._dialect <= _ORDER.index(_UNTIL.get(keyword, NEWEST))

    def resolved(self, place: Place, reference: str) -> Place | None:
        """The place that a reference leads to in the end; None where nothing that could be a schema is there."""
        try:
            found = self.side.led(place.uri, reference)
        except UnresolvableReference:
            return None
        return found if isinstance(self.schema(found), (dict, bool)) else None

    def schema(self, place: Place) -> Any:
        return lookup(self.side.resources.get(place.uri), place.path)

    def _atoms(self, place: Place, schema: Any) -> Iterator[Atom]:
        if schema is True:
            return
        if not isinstance(schema, dict):
            yield Atom("false", None, (), place)
            return
        if self._is_foreign(place, schema):
            yield self._foreign(place)
            return
        if isinstance(schema.get("$ref"), str):
            yield self._reference(place, schema["$ref"])
            if self._dialect < _ORDER.index("2019-09"):
                return
        for keyword, value in schema.items():
            make = _MAKERS.get(keyword)
            if make is not None and self.knows(keyword):
                yield from make(self, schema, value, place)
            elif keyword in ASSERTIONS:
                yield Atom(keyword, frozen(value), (), self._at(place, keyword), value)
            elif keyword in _SCOPED and self.knows(keyword):
                yield self._reference(place, value, keyword) if self._leads_one_way(keyword, value) else self._opaque(place, keyword)
            elif keyword in _CONTENT and self.knows(keyword):
                # What is of a media type is the text once it is decoded.
                encoding = schema.get("contentEncoding")
                yield Atom("opaque", (keyword, value, encoding), (), self._at(place, keyword))
        if any(keyword in schema for keyword in ("properties", "patternProperties", "additionalProperties")):
            yield self._members(place, schema)
        yield from self._items(place, schema)

    def _at(self, place: Place, *step: Any) -> Place:
        return Place(place.uri, (*place.path, *step))

    def below(self, place: Place, schema: Mapping[str, Any], *step: Any) -> Node:
        member = lookup(schema, step)
        return self.node(stepped(place, step, member), member)

    def _is_foreign(self, place: Place, schema: Mapping[str, Any]) -> bool:
        """Whether a schema within the document is of another dialect."""
        if place == Place(self.side.uri, ()):
            return False
        around = self.side.resources.get(place.uri, {})
        return any("$schema" in each and f"/{self.side.dialect}/" not in str(each["$schema"]) for each in (schema, around))

    def _foreign(self, place: Place) -> Atom:
        """A schema of another dialect, as a whole. Two sides with the same one mean the same, if all that it refers to is in it."""
        around = self.side.resources.get(place.uri)
        if not all(name == "$ref" and str(reference).startswith("#") for name, reference in _references(around)):
            return self._opaque(place, "$schema")
        return Atom("opaque", ("$schema", place.path, self.side.formats, repr(around)), (), self._at(place, "$schema"))

    def _opaque(self, place: Place, keyword: str) -> Atom:
        """An assertion of which nothing is known, but that it is what it is: no other side has the same."""
        return Atom("opaque", (keyword, id(self.side), place), (), self._at(place, keyword))

    def _leads_one_way(self, keyword: str, reference: str) -> bool:
        """Whether a dynamic reference leads to the same place whatever the way by which it was reached."""
        if keyword == "$recursiveRef":
            return len(self.side.resources) == 1
        name = reference.removeprefix("#")
        anchors = [held for held in schemas_in(self.side.asserted, self.side.uri) if held.schema.get("$dynamicAnchor") == name]
        # Without any it leads where a plain reference would.
        return reference.startswith("#") and "/" not in name and len(anchors) <= 1

    def _reference(self, place: Place, reference: str, keyword: str = "$ref") -> Atom:
        target = self.resolved(place, reference)
        at = self._at(place, keyword)
        schema = ABSENT if target is None else self.schema(target)
        if target is None or schema is ABSENT:
            return self._opaque(place, keyword)
        shipped = self._shipped(target) if keyword == "$ref" and not is_meta_schema(place.uri) else None
        if shipped is not None:
            return Atom("opaque", shipped, (), at)
        return Atom("ref", None, (), at, reference, lambda: self.node(target, schema))

    def _shipped(self, target: Place) -> tuple[Any, ...] | None:
        """What a place in a meta-schema demands, as what it is; None where it is none, or one that can be read like any schema.

        Two sides with the same one mean the same, as long as nothing around it extends it.
        """
        if not is_meta_schema(target.uri):
            return None
        dialect = dialect_of({"$schema": target.uri})
        if dialect == self.side.dialect and dialect.startswith("draft-"):
            return None
        family = {uri: node for uri, node in self.side.resources.items() if dialect_of({"$schema": uri}) == dialect and is_meta_schema(uri)}
        extended = any(
            "$recursiveAnchor" in held.schema or held.schema.get("$dynamicAnchor") == "meta"
            for held in schemas_in(self.side.asserted, self.side.uri)
            if held.base not in family
        )
        return None if extended else ("$ref", target, self.side.formats, repr(sorted(family.items())))

    def _members(self, place: Place, schema: Mapping[str, Any]) -> Atom:
        """What an object's members are: names, patterns and the rest belong together."""
        names = sorted(schema.get("properties", ()))
        patterns = sorted(schema.get("patternProperties", ()))
        nodes = [self.below(place, schema, "properties", name) for name in names]
        nodes += [self.below(place, schema, "patternProperties", pattern) for pattern in patterns]
        rest = "additionalProperties" in schema
        nodes += [self.below(place, schema, "additionalProperties")] if rest else []
        return grouped(names, patterns, rest, nodes, place)

    def _items(self, place: Place, schema: Mapping[str, Any]) -> Iterator[Atom]:
        first: list[Node] = []
        rest: list[Node] = []
        items = schema.get("items")
        if self.knows("prefixItems"):
            first = [self.below(place, schema, "prefixItems", index) for index in range(len(schema.get("prefixItems", ())))]
            rest = [self.below(place, schema, "items")] if "items" in schema else []
        elif isinstance(items, list):
            first = [self.below(place, schema, "items", index) for index in range(len(items))]
            rest = [self.below(place, schema, "additionalItems")] if "additionalItems" in schema else []
        elif "items" in schema:
            rest = [self.below(place, schema, "items")]
        if first or rest:
            yield Atom("items", (len(first), bool(rest)), (*first, *rest), place)

    # One method for each keyword, or family of keywords, in the order of the specification.

    def type(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        names = value if isinstance(value, list) else [value]
        types = frozenset[str]().union(*(TYPES.get(name, frozenset()) for name in names))
        if self.side.dialect == "draft-04" and "number" not in names:
            types -= {"whole"}
        yield Atom("type", types, (), self._at(place, "type"))

    def enum(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        yield Atom("enum", frozenset(frozen(item) for item in value), (), self._at(place, "enum"), value)

    def const(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        yield Atom("enum", frozenset((frozen(value),)), (), self._at(place, "const"), [value])

    def bound(self, keyword: str) -> Callable[[Any, Any, Place], Iterator[Atom]]:
        def make(schema: Any, value: Any, place: Place) -> Iterator[Atom]:
            strict = keyword.startswith("exclusive")
            if isinstance(value, bool):
                return
            if self.side.dialect == "draft-04":
                strict = schema.get(f"exclusive{keyword[0].upper()}{keyword[1:]}") is True
            lower = keyword.lower().endswith("minimum")
            yield Atom("least" if lower else "most", (value, strict), (), self._at(place, keyword))

        return make

    def count(self, keyword: str) -> Callable[[Any, Any, Place], Iterator[Atom]]:
        def make(schema: Any, value: Any, place: Place) -> Iterator[Atom]:
            if value or not keyword.startswith("min"):
                yield Atom(keyword, int(value), (), self._at(place, keyword))

        return make

    def multiple(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        yield Atom("multipleOf", value, (), self._at(place, "multipleOf"))

    def pattern(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        yield Atom("pattern", value, (), self._at(place, "pattern"))

    def format(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        if value in self._formats:
            # What a host name may be has changed: the engine knows four kinds.
            era = self.side.dialect if value in ("hostname", "idn-hostname") else ""
            yield Atom("format", (value, era), (), self._at(place, "format"), self.side.dialect)

    def unique(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        if value is True:
            yield Atom("uniqueItems", None, (), self._at(place, "uniqueItems"))

    def required(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        if isinstance(value, list):
            for index, name in enumerate(value):
                yield Atom("required", name, (), self._at(place, "required", index))

    def dependent_required(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        for name, names in value.items():
            for index, other in enumerate(names):
                at = self._at(place, "dependentRequired", name, index)
                yield Atom("dependent", name, (made(Atom("required", other, (), at), place=at),), at)

    def dependent_schemas(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        for name in value:
            yield Atom("dependent", name, (self.below(place, schema, "dependentSchemas", name),), self._at(place, "dependentSchemas", name))

    def dependencies(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        if self._dialect >= _ORDER.index("2019-09"):
            # Some engines go on asserting it, others do not: it follows from its like only, and nothing follows from it.
            lists = frozenset((name, frozen(member)) for name, member in value.items() if isinstance(member, list))
            names = tuple(sorted(name for name, member in value.items() if not isinstance(member, list)))
            nodes = tuple(self.below(place, schema, "dependencies", name) for name in names)
            yield Atom("opaque", ("dependencies", lists, names), nodes, self._at(place, "dependencies"))
            return
        for name, member in value.items():
            at = self._at(place, "dependencies", name)
            if isinstance(member, list):
                for index, other in enumerate(member):
                    where = Place(at.uri, (*at.path, index))
                    yield Atom("dependent", name, (made(Atom("required", other, (), where), place=where),), where)
            else:
                yield Atom("dependent", name, (self.below(place, schema, "dependencies", name),), at)

    def names(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        yield Atom("propertyNames", None, (self.below(place, schema, "propertyNames"),), self._at(place, "propertyNames"))

    def contains(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        counted = self.knows("dependentSchemas")
        least = int(schema.get("minContains", 1)) if counted else 1
        most = int(schema["maxContains"]) if counted and "maxContains" in schema else None
        yield Atom("contains", (least, most), (self.below(place, schema, "contains"),), self._at(place, "contains"))

    def all_of(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        for index in range(len(value)):
            yield from self.below(place, schema, "allOf", index).atoms

    def options(self, keyword: str) -> Callable[[Any, Any, Place], Iterator[Atom]]:
        def make(schema: Any, value: Any, place: Place) -> Iterator[Atom]:
            nodes = tuple(self.below(place, schema, keyword, index) for index in range(len(value)))
            if len(nodes) == 1:
                yield from nodes[0].atoms
            else:
                yield Atom(keyword, None, nodes, self._at(place, keyword))

        return make

    def negation(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        inner = self.below(place, schema, "not")
        at = self._at(place, "not")
        yield Atom("not", None, (inner,), at) if inner.atoms else Atom("false", None, (), at)

    def condition(self, schema: Any, value: Any, place: Place) -> Iterator[Atom]:
        branches = [self.below(place, schema, name) if name in schema else made() for name in ("if", "then", "else")]
        yield Atom("if", None, tuple(branches), self._at(place, "if"))

    def unevaluated(self, keyword: str) -> Callable[[Any, Any, Place], Iterator[Atom]]:
        def make(schema: Any, value: Any, place: Place) -> Iterator[Atom]:
            # What it says depends on all that judges the same value beside it.
            others = {name: member for name, member in schema.items() if not name.startswith("unevaluated")}
            beside = Node(place, lambda: tuple(self._atoms(place, others)))
            yield Atom(keyword, None, (self.below(place, schema, keyword), beside), self._at(place, keyword))

        return make


def _references(node: Any) -> Iterator[tuple[str, Any]]:
    """Whatever looks like a reference in a document, data included."""
    if isinstance(node, dict):
        yield from ((name, member) for name, member in node.items() if name in REFERENCES)
    for member in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _references(member)


_Maker = Callable[[Form, Any, Any, Place], Iterator[Atom]]


def _with_keyword(method: Callable[[Form, str], Callable[[Any, Any, Place], Iterator[Atom]]], keyword: str) -> _Maker:
    return lambda form, schema, value, place: method(form, keyword)(schema, value, place)


_MAKERS: Mapping[str, _Maker] = {
    "type": Form.type,
    "enum": Form.enum,
    "const": Form.const,
    **{name: _with_keyword(Form.bound, name) for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")},
    "multipleOf": Form.multiple,
    **{
        f"{bound}{what}": _with_keyword(Form.count, f"{bound}{what}")
        for bound in ("min", "max")
        for what in ("Length", "Items", "Properties")
    },
    "pattern": Form.pattern,
    "format": Form.format,
    "uniqueItems": Form.unique,
    "required": Form.required,
    "dependentRequired": Form.dependent_required,
    "dependentSchemas": Form.dependent_schemas,
    "dependencies": Form.dependencies,
    "propertyNames": Form.names,
    "contains": Form.contains,
    "allOf": Form.all_of,
    "anyOf": _with_keyword(Form.options, "anyOf"),
    "oneOf": _with_keyword(Form.options, "oneOf"),
    "not": Form.negation,
    "if": Form.condition,
    "unevaluatedProperties": _with_keyword(Form.unevaluated, "unevaluatedProperties"),
    "unevaluatedItems": _with_keyword(Form.unevaluated, "unevaluatedItems"),
}
