"""Contracts made self-contained: a schema with every resource that it refers to embedded under `$defs` by its `$id`.

Bundling follows JSON Schema 2020-12, section 9.3. Embedded resources keep their structure, so that a place in the bundle is a
place in a source file; of their `$defs` only those that are reached stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from srcos_contracts.contracts.dialects import dialect_of, id_of
from srcos_contracts.contracts.resources import DEFINITIONS, Place, Resources
from srcos_contracts.pointer import Path, Token, parse_pointer
from srcos_contracts.refusal import Refusal

__all__ = ["DATA", "MAPS", "UnresolvableReference", "bundle", "embedded", "objects", "resolve"]


DATA = frozenset(("const", "enum", "default", "examples", "dependentRequired", "x-contract", "x-rule", "x-ref", "x-alias", "x-final"))
"""Keywords whose values are data, not schemas."""

MAPS = frozenset(("properties", "patternProperties", "dependentSchemas", "dependencies", *DEFINITIONS))
"""Keywords whose values are maps from names to schemas; of `dependencies` some are lists of names."""


class UnresolvableReference(Refusal):
    """A `$ref` leads to no schema that is at hand. Nothing is ever fetched."""

    def __init__(self, reference: str, base: str, shown: str = "") -> None:
        """`shown` is how the text names the resource `base`."""
        super().__init__(reference, base, shown)
        self.reference, self.base, self.shown = reference, base, shown or base

    def __str__(self) -> str:
        if dialect_of({"$schema": self.reference}) is not None:
            help = "references to those are not followed; keep a copy of it among the schemas"
            return f"{self.shown} refers to {self.reference}, a meta-schema: {help}"
        return f"{self.shown} refers to {self.reference}, which leads to no known schema"


def resolve(resources: Resources, base: str, reference: str) -> Place:
    """The place that a `$ref` in the resource `base` leads to.

    Raises UnresolvableReference where it leads nowhere.
    """
    # Not every check follows references, and to import this takes as long as many a check.
    from urllib.parse import unquote, urldefrag, urljoin

    try:
        uri, fragment = urldefrag(urljoin(base, reference))
    except ValueError:
        raise UnresolvableReference(reference, base) from None
    document = resources.get(uri)
    if document is None:
        raise UnresolvableReference(reference, base)
    if not fragment:
        return Place(uri, ())
    try:
        tokens = parse_pointer(unquote(fragment))
    except ValueError:
        anchored = _anchor(document, fragment)
        if anchored is None:
            raise UnresolvableReference(reference, base) from None
        return Place(uri, anchored)
    path: list[Token] = []
    node = document
    for token in tokens:
        key: Token = int(token) if isinstance(node, list) and token.isdigit() else token
        try:
            node = node[key]
        except (KeyError, IndexError, TypeError):
            raise UnresolvableReference(reference, base) from None
        path.append(key)
    return Place(uri, tuple(path))


def _anchor(node: Any, name: str) -> Path | None:
    for path, schema in objects(node):
        # Before draft 2019-09 an anchor is an `$id`, or in draft 4 an `id`, that is only a fragment.
        if name in (schema.get("$anchor"), schema.get("$dynamicAnchor")) or f"#{name}" in (schema.get("$id"), schema.get("id")):
            return path
    return None


def objects(node: Any, path: Path = (), names: bool = False, dialect: str | None = None) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every JSON object in a schema document that may be a schema, with its path; not those of embedded resources, nor data.

    `names` says that the node is a map from names to schemas, `dialect` is that of what is around it.
    """
    if isinstance(node, dict):
        if not names:
            if path and id_of(node, dialect) is not None:
                return
            dialect = dialect_of(node) or dialect
        yield path, node
        for key, member in node.items():
            if names or key not in DATA:
                yield from objects(member, (*path, key), not names and key in MAPS, dialect)
    elif isinstance(node, list):
        for index, item in enumerate(node):
            yield from objects(item, (*path, index), False, dialect)


def embedded(node: Any, base: str, names: bool = False, dialect: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The resources that are embedded in a schema document, at any depth, by their absolute URI."""
    if isinstance(node, dict):
        if not names:
            dialect = dialect_of(node) or dialect
        for key, member in node.items():
            if not names and key in DATA:
                continue
            name = id_of(member, dialect) if isinstance(member, dict) and (names or key not in MAPS) else None
            if name is not None:
                from urllib.parse import urljoin

                uri = urljoin(base, name).removesuffix("#")
                yield uri, member
                yield from embedded(member, uri, False, dialect)
            else:
                yield from embedded(member, base, not names and key in MAPS, dialect)
    elif isinstance(node, list):
        for item in node:
            yield from embedded(item, base, False, dialect)


def _references(node: Any, base: str, dialect: str | None) -> Iterator[tuple[str, str]]:
    """Every reference in a schema, embedded resources included, each with the URI that it is relative to."""
    for _, schema in objects(node, dialect=dialect):
        for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
            if isinstance(schema.get(keyword), str):
                yield base, schema[keyword]
    for uri, resource in embedded(node, base, dialect=dialect):
        for _, schema in objects(resource, dialect=dialect):
            if isinstance(schema.get("$ref"), str):
                yield uri, schema["$ref"]


def bundle(uri: str, resources: Resources) -> dict[str, Any]:
    """The schema `uri` with all that it refers to, directly or not, embedded.

    Raises UnresolvableReference where a reference leads to none of `resources`.
    """
    root = resources[uri]
    reached: dict[str, set[str | None]] = {}
    pending: list[tuple[str, Any]] = [(uri, root)]
    dialect = dialect_of(root)
    at_hand = {uri, *(name for name, _ in embedded(root, uri))}
    while pending:
        at, node = pending.pop()
        for base, reference in _references(node, at, dialect_of(resources[at]) or dialect):
            place = resolve(resources, base, reference)
            if place.uri in at_hand:
                continue
            definition = str(place.path[1]) if len(place.path) >= 2 and place.path[0] in DEFINITIONS else None
            known = reached.setdefault(place.uri, set())
            if definition not in known and None not in known:
                known.add(definition)
                document = resources[place.uri]
                pending.append((place.uri, document if definition is None else document[place.path[0]][definition]))
    if not reached:
        return dict(root)
    # Before draft 2019-09 an `$id` counts only where that draft knows schemas to stand.
    early = "/draft-0" in str(root.get("$schema")) or ("definitions" in root and "$defs" not in root)
    keyword = "definitions" if early else "$defs"
    own = dict(root.get(keyword, {}))
    names = ("$id", "id") if dialect == "draft-04" else ("$id",)
    added = {name: _pruned(resources[name], dict.fromkeys(names, name), reached[name]) for name in sorted(reached)}
    return {**root, keyword: {**own, **added}}


def _pruned(document: Any, named: Mapping[str, str], definitions: Iterable[str | None]) -> Any:
    kept = set(definitions)
    if not isinstance(document, dict):
        return document
    if None in kept:
        return {**named, **document}
    result: dict[str, Any] = {**named}
    if "$schema" in document:
        result["$schema"] = document["$schema"]
    for keyword in DEFINITIONS:
        if keyword in document:
            result[keyword] = {name: schema for name, schema in document[keyword].items() if name in kept}
    return result
