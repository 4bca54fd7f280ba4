"""A contract as one plain schema for tools that know neither `$id` within a schema nor files beside it: all references are local."""

from __future__ import annotations

from itertools import chain, count
from typing import Any
from urllib.parse import quote

from srcos_contracts.contracts.bundle import DATA, MAPS, resolve
from srcos_contracts.contracts.dialects import DEFINITIONS, dialect_of, id_of
from srcos_contracts.contracts.resources import Place, Resources, joined, resources_of
from srcos_contracts.pointer import format_pointer
from srcos_contracts.refusal import Refusal

__all__ = ["CannotFlatten", "flattened"]

_DYNAMIC = frozenset(("$dynamicRef", "$recursiveRef"))
_NAMES = frozenset(("$id", "$schema", "$anchor", "$dynamicAnchor", *DEFINITIONS))
"""What names a schema, or says of which language it is: once, at the top."""


class CannotFlatten(Refusal):
    """A schema that means something else where it stands elsewhere."""


def flattened(bundle: dict[str, Any], uri: str) -> dict[str, Any]:
    """The self-contained schema `bundle`, which is that of `uri`, with what it refers to under `$defs`, by plain names.

    It accepts what the bundle accepts. Raises CannotFlatten where a reference depends on the way by which it is come to,
    UnresolvableReference where one leads nowhere.
    """
    making = _Making(resources_of(bundle, uri), uri, "definitions" if "definitions" in bundle and "$defs" not in bundle else "$defs")
    for keyword in DEFINITIONS:
        for name, schema in bundle.get(keyword, {}).items():
            if not (isinstance(schema, dict) and "$id" in schema):
                making.name(Place(uri, (keyword, name)))
    own = ("$schema", "id" if dialect_of(bundle) == "draft-04" else "$id")
    named = {name: bundle[name] for name in own if name in bundle}
    return {**named, **making.copied(bundle, uri), **making.definitions()}


class _Making:
    """What has been named so far, and what of it is still to be copied."""

    def __init__(self, resources: Resources, uri: str, keyword: str) -> None:
        """`keyword` is that under which the flat schema has its definitions."""
        self._resources, self._uri, self._keyword = resources, uri, keyword
        # In draft 4 a schema is named by its `id`; later it is a keyword like any that is not known.
        self._early = dialect_of(resources[uri]) == "draft-04"
        self._names: dict[Place, str] = {}

    def name(self, place: Place) -> str:
        """The name that a schema has among the definitions."""
        if place not in self._names:
            last = str(place.path[-1]) if place.path else place.uri.rsplit("/", 1)[-1].removesuffix(".json")
            taken = set(self._names.values())
            self._names[place] = next(name for name in chain((last,), (f"{last}-{number}" for number in count(2))) if name not in taken)
        return self._names[place]

    def definitions(self) -> dict[str, Any]:
        """All that was named, and what that refers to in its turn, in the form of a schema's member; empty where there is nothing."""
        found: dict[str, Any] = {}
        while len(found) < len(self._names):
            place, name = list(self._names.items())[len(found)]
            found[name] = self.copied(_at(self._resources, place), place.uri)
        return {self._keyword: found} if found else {}

    def copied(self, node: Any, base: str, names: bool = False) -> Any:
        """A schema of the resource `base` as it stands in the flat one; `names` says that it is a map from names to schemas."""
        if isinstance(node, list):
            return [self._within(item, base) for item in node]
        if not isinstance(node, dict):
            return node
        if names:
            return {name: self._within(member, base) for name, member in node.items()}
        dynamic = sorted(_DYNAMIC & node.keys())
        if dynamic:
            raise CannotFlatten(f"{base} has a {dynamic[0]}, which leads to another place wherever the schema stands")
        copy: dict[str, Any] = {}
        for key, member in node.items():
            if key == "$ref" and isinstance(member, str):
                copy[key] = self._reference(base, member)
            elif key not in _NAMES and not (key == "id" and self._early):
                copy[key] = member if key in DATA else self._within(member, base, key in MAPS)
        return copy

    def _within(self, member: Any, base: str, names: bool = False) -> Any:
        """What stands in a schema of the resource `base`: it may be a resource of its own."""
        name = id_of(member, None) if isinstance(member, dict) and not names else None
        return self.copied(member, base if name is None else joined(base, name), names)

    def _reference(self, base: str, reference: str) -> str:
        """A reference in the resource `base`, as it is written in the flat schema."""
        place = resolve(self._resources, base, reference)
        if place.uri == self._uri and place.path[:1] not in (("$defs",), ("definitions",)):
            path = place.path
        else:
            path = (self._keyword, self.name(place))
        return "#" + quote(format_pointer(path), safe="/~$")


def _at(resources: Resources, place: Place) -> Any:
    node = resources[place.uri]
    for token in place.path:
        node = node[token]
    return node
