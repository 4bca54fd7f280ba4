"""Contracts made self-contained: a schema with every resource that it refers to embedded under `$defs` by its `$id`.

Bundling follows JSON Schema 2020-12, section 9.3. Embedded resources keep their structure, so that a place in the bundle is a
place in a source file; of their `$defs` only those that are reached stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from srcos_contracts.contracts.dialects import DEFINITIONS, NEWEST, dialect_of, id_of, ignores_beside_references, is_meta_schema
from srcos_contracts.contracts.resources import Place, Resources, joined, settled
from srcos_contracts.pointer import Path, Token, lookup, parse_pointer
from srcos_contracts.refusal import Refusal

__all__ = ["DATA", "MAPS", "UnresolvableReference", "bundle", "objects", "resolve", "resolve_from"]


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
        return f"{self.shown} refers to {self.reference}, which leads to no known schema"


def resolve(resources: Resources, base: str, reference: str) -> Place:
    """The place that a `$ref` in the resource `base` leads to, in the innermost resource around it.

    Raises UnresolvableReference where it leads nowhere.
    """
    return settled(resources, _led(resources, base, reference))


def resolve_from(resources: Resources, place: Place, reference: str) -> Place:
    """The same for a `$ref` in the schema at a place, whichever resource that is in."""
    return resolve(resources, settled(resources, place).uri, reference)


def _led(resources: Resources, base: str, reference: str) -> Place:
    """The place that a reference leads to, in the resource that it names."""
    try:
        uri, fragment, pointer = _read(base, reference)
    except ValueError:
        raise UnresolvableReference(reference, base) from None
    document = resources.get(uri)
    if document is None:
        raise UnresolvableReference(reference, base)
    if not fragment:
        return Place(uri, ())
    if pointer is None:
        anchored = _anchor(document, fragment)
        if anchored is None:
            raise UnresolvableReference(reference, base)
        return Place(uri, anchored)
    path: list[Token] = []
    node = document
    for token in pointer:
        key: Token = int(token) if isinstance(node, list) and token.isdigit() else token
        try:
            node = node[key]
        except (KeyError, IndexError, TypeError):
            raise UnresolvableReference(reference, base) from None
        path.append(key)
    return Place(uri, tuple(path))


@lru_cache(maxsize=4096)
def _read(base: str, reference: str) -> tuple[str, str, Sequence[str] | None]:
    """The resource that a reference names, its fragment, and the tokens of that where it is a pointer.

    Raises ValueError where it is no URI.
    """
    # Not every check follows references, and to import this takes as long as many a check.
    from urllib.parse import unquote, urldefrag, urljoin

    uri, fragment = urldefrag(urljoin(base, reference))
    words = unquote(fragment)
    try:
        return uri, words, parse_pointer(words)
    except ValueError:
        return uri, words, None


def _anchor(document: Any, name: str) -> Path | None:
    from srcos_contracts.contracts.embedding import schemas_in

    for held in schemas_in(document, ""):
        if held.base or held.own:
            continue
        # Before draft 2019-09 an anchor is an `$id`, or in draft 4 an `id`, that is only a fragment.
        schema, early = held.schema, f"#{name}"
        if held.dialect is None:
            found = name in (schema.get("$anchor"), schema.get("$dynamicAnchor")) or early in (schema.get("$id"), schema.get("id"))
        elif ignores_beside_references(held.dialect):
            found = schema.get("id" if held.dialect == "draft-04" else "$id") == early and "$ref" not in schema
        else:
            found = name in (schema.get("$anchor"), schema.get("$dynamicAnchor") if held.dialect == NEWEST else None)
        if found:
            return held.path
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


def bundle(uri: str, resources: Resources) -> dict[str, Any]:
    """The schema `uri` with all that it refers to, directly or not, embedded: meta-schemas too, which nobody has to bring.

    Raises UnresolvableReference where a reference leads to none of these.
    """
    from srcos_contracts.contracts.embedding import embedded, schemas_in

    root = resources[uri]
    dialect = dialect_of(root)
    within = dict(embedded(root, uri))
    at_hand = {uri, *within}
    # What a schema brings itself is what it means, whatever else has that name.
    known = {**resources, **within, uri: root}
    reached: dict[str, set[str | None]] = {}
    walked: set[int] = set()
    pending: list[tuple[str, Any]] = [(uri, root)]
    while pending:
        at, node = pending.pop()
        for held in schemas_in(node, at, dialect_of(known[at]) or dialect):
            if id(held.schema) in walked:
                continue
            walked.add(id(held.schema))
            for reference in _references(held.schema, held.dialect):
                try:
                    place = _led_or_shipped(known, held.base, reference)
                except UnresolvableReference:
                    # The engines ignore it too, unless it names a document that they do not have.
                    if held.idle and joined(held.base, reference).partition("#")[0] in known:
                        continue
                    raise
                inner = settled(known, place)
                if place.uri in at_hand:
                    # A pointer may lead to where no schema is looked for.
                    pending.append((inner.uri, lookup(known[inner.uri], inner.path)))
                    continue
                definition = str(place.path[1]) if len(place.path) >= 2 and place.path[0] in DEFINITIONS else None
                if is_meta_schema(place.uri):
                    definition = None
                kept = reached.setdefault(place.uri, set())
                if definition not in kept and None not in kept:
                    kept.add(definition)
                    document = known[place.uri]
                    pending.append((place.uri, document if definition is None else document[place.path[0]][definition]))
                pending.append((inner.uri, lookup(known[inner.uri], inner.path)))
    if not reached:
        return dict(root)
    # Before draft 2019-09 an `$id` counts only where that draft knows schemas to stand.
    early = "/draft-0" in str(root.get("$schema")) or ("definitions" in root and "$defs" not in root)
    keyword = "definitions" if early else "$defs"
    own = dict(root.get(keyword, {}))
    names = ("$id", "id") if dialect == "draft-04" else ("$id",)
    added = {name: _pruned(known[name], dict.fromkeys(names, name), reached[name]) for name in sorted(reached)}
    # What a whole document brings along needs no copy of its own, which might hold less.
    brought = {name for uri, document in added.items() for name, _ in embedded(document, uri)}
    return {**root, keyword: {**own, **{name: document for name, document in added.items() if name not in brought}}}


def _references(schema: Mapping[str, Any], dialect: str | None) -> Iterator[str]:
    """The references of a schema that say something in its dialect."""
    for keyword, only in (("$ref", None), ("$dynamicRef", NEWEST), ("$recursiveRef", "2019-09")):
        if isinstance(schema.get(keyword), str) and (only is None or dialect is None or dialect == only):
            yield schema[keyword]


def _led_or_shipped(known: dict[str, Any], base: str, reference: str) -> Place:
    """The place that a reference leads to; a meta-schema that it leads to is added to what is known."""
    try:
        return _led(known, base, reference)
    except UnresolvableReference:
        from srcos_contracts.contracts.meta_schemas import meta_schema

        uri = joined(base, reference).partition("#")[0]
        document = meta_schema(uri)
        if document is None or uri in known:
            raise
        known[uri] = document
        return _led(known, base, reference)


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
