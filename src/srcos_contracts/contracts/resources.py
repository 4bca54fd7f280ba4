"""The schema documents of a bundle, and places in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from srcos_contracts.contracts.dialects import DEFINITIONS, dialect_of, id_of, is_meta_schema
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path

__all__ = ["Place", "Resources", "joined", "resources_of", "settled", "stepped", "taken_in"]

Resources = Mapping[str, Any]
"""Schema documents by their absolute URI."""

_UNPLAIN = frozenset("?#;[]@\\ ")
"""What a URI may hold that is read, or written anew, when it is joined to another."""


class Place(NamedTuple):
    """A place in a schema document."""

    uri: str
    path: Path


def resources_of(document: dict[str, Any], uri: str) -> dict[str, Any]:
    """The resources of a bundle by URI: its root, then what is embedded in it wherever a schema may stand."""
    found: dict[str, Any] = {uri: document}
    dialect = dialect_of(document)
    named = 0
    for keyword in DEFINITIONS:
        for schema in document.get(keyword, {}).values():
            name = id_of(schema, dialect) if isinstance(schema, dict) else None
            if name is not None:
                found[joined(uri, name)] = schema
                named += 1
    # In nearly all bundles these are all, and to look at every schema takes many times as long as to count what might be a name.
    text = str(document)
    names = text.count("'$id': ") + (text.count("'id': ") if "draft-04" in text else 0)
    if names > named + ("$id" in document or "id" in document):
        from srcos_contracts.contracts.embedding import embedded

        found.update(embedded(document, uri))
    return found


def taken_in(document: dict[str, Any], uri: str) -> dict[str, Any]:
    """The root of a bundle, and what was embedded in it for what it refers to, by URI: all that has a file. Meta-schemas have none."""
    found = {uri: document}
    for keyword in DEFINITIONS:
        for name, schema in document.get(keyword, {}).items():
            if isinstance(schema, dict) and id_of(schema, None) == name and not is_meta_schema(name):
                found[name] = schema
    return found


def joined(base: str, name: str) -> str:
    """The absolute URI of a resource that is named within the resource `base`."""
    if _is_absolute(name):
        return name
    # Few schemas have what needs it, and to import it takes as long as many a check.
    from urllib.parse import urljoin

    try:
        return urljoin(base, name).removesuffix("#")
    except ValueError:
        return name


def _is_absolute(name: str) -> bool:
    """Whether a name is a URI that nothing is relative to, written so plainly that to join it to another would give it as it is."""
    host = name.partition("://")[2] if name.startswith(("https://", "http://")) else ""
    return host[:1] not in ("", "/") and name.isascii() and name.isprintable() and _UNPLAIN.isdisjoint(host)


def stepped(place: Place, step: Path, member: Any) -> Place:
    """The place of a member of the schema at `place`: in a resource of its own where the member names itself."""
    name = id_of(member, None) if isinstance(member, dict) else None
    return Place(place.uri, (*place.path, *step)) if name is None else Place(joined(place.uri, name), ())


def settled(resources: Resources, place: Place) -> Place:
    """A place as one in the innermost resource around it, which is what references there are relative to."""
    node = resources[place.uri]
    nested = False
    for token in place.path:
        node = node[token]
        nested = nested or (isinstance(node, dict) and (isinstance(node.get("$id"), str) or isinstance(node.get("id"), str)))
    if not nested:
        return place
    from srcos_contracts.contracts.embedding import innermost

    return innermost(resources, place)
