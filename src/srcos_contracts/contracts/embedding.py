"""Resources within a schema document: schemas that name themselves, wherever a schema may stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from srcos_contracts.contracts.applicators import steps_to_schema, subschemas_of
from srcos_contracts.contracts.dialects import DEFINITIONS, dialect_of, id_of, ignores_beside_references
from srcos_contracts.contracts.resources import Place, Resources, joined, stepped
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path

__all__ = ["Held", "ambiguous", "embedded", "innermost", "schemas_in"]


class Held(NamedTuple):
    """A schema in a document."""

    schema: dict[str, Any]
    path: Path
    """From the root of the document, through resources that it holds."""
    base: str
    """The URI of the innermost resource around it, or of itself."""
    dialect: str | None
    own: bool = False
    """Whether it is a resource of its own."""
    idle: bool = False
    """Whether it says nothing, for it stands beside a `$ref` in a dialect that ignores what does; of definitions that is never so."""


def schemas_in(document: Any, base: str, dialect: str | None = None) -> Iterator[Held]:
    """The schema objects in a document, itself included, outermost first; those of the resources in it too.

    Only what stands where a schema may stand is one: no data, and nothing under a keyword that is not known. `base` is the URI of the
    document, `dialect` counts where it names none.
    """
    if not isinstance(document, dict):
        return
    pending = [Held(document, (), base, dialect_of(document) or dialect)]
    while pending:
        held = pending.pop()
        yield held
        schema, path, base, dialect, _, idle = held
        alone = "$ref" in schema and ignores_beside_references(dialect)
        inner = []
        for step, member in subschemas_of(schema):
            if isinstance(member, dict):
                name = id_of(member, dialect)
                at = base if name is None else joined(base, name)
                silent = idle or (alone and step[0] not in DEFINITIONS)
                inner.append(Held(member, (*path, *step), at, dialect_of(member) or dialect, name is not None, silent))
        pending += reversed(inner)


def embedded(document: Any, base: str, dialect: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """The resources that are embedded in a schema document, at any depth, by their absolute URI."""
    # The ways are not asked for, and to keep them costs twice as much as all else.
    pending = [(document, base, dialect)] if isinstance(document, dict) else []
    while pending:
        schema, base, dialect = pending.pop()
        dialect = dialect_of(schema) or dialect
        inner = []
        for _, member in subschemas_of(schema):
            if isinstance(member, dict):
                name = id_of(member, dialect)
                at = base if name is None else joined(base, name)
                if name is not None:
                    yield at, member
                inner.append((member, at, dialect))
        pending += reversed(inner)


def ambiguous(document: Any, base: str) -> tuple[str, Path] | None:
    """A name that two schemas in a document have that are not the same, with the place of the second; None where each has its own.

    What a reference to it means is not said (JSON Schema 2020-12, section 8.2.1), and engines differ.
    """
    known: dict[str, Any] = {}
    for held in schemas_in(document, base):
        for name in _names_of(held):
            if known.setdefault(name, held.schema) != held.schema:
                return name, held.path
    return None


def _names_of(held: Held) -> Iterator[str]:
    """The URIs by which references may lead to a schema as such."""
    if held.own or not held.path:
        yield held.base
    if ignores_beside_references(held.dialect):
        name = held.schema.get("id" if held.dialect == "draft-04" else "$id")
        if isinstance(name, str) and name.startswith("#") and len(name) > 1 and "$ref" not in held.schema:
            yield f"{held.base}{name}"
        return
    for keyword in ("$anchor", "$dynamicAnchor"):
        if isinstance(held.schema.get(keyword), str):
            yield f"{held.base}#{held.schema[keyword]}"


def innermost(resources: Resources, place: Place) -> Place:
    """A place as one in the innermost resource around it."""
    found, node, left = Place(place.uri, ()), resources[place.uri], place.path
    while left:
        length = steps_to_schema(node, left)
        if not 0 < length <= len(left):
            return Place(found.uri, (*found.path, *left))
        step, left = left[:length], left[length:]
        for token in step:
            node = node[token]
        found = stepped(found, step, node)
    return found
