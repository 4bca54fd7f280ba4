"""Schemas in which every name of a resource counts, and every resource says of which dialect it is."""

from __future__ import annotations

from typing import Any

from srcos_contracts.contracts.bundle import DATA, MAPS
from srcos_contracts.contracts.dialects import dialect_of, ignores_beside_references, uri_of
from srcos_contracts.contracts.embedding import embedded, schemas_in

__all__ = ["with_plain_names"]


def with_plain_names(document: dict[str, Any], dialect: str | None) -> dict[str, Any]:
    """A document in which each resource says of which dialect it is, and no name stands that does not count.

    Before draft 2019-09 a name beside a `$ref` does not count, and draft 4 knows no `$id`. The root keeps its own. `dialect` is that of
    the document where it is one that is known: then nobody has to know what a resource lies in.
    """
    within = [schema for _, schema in embedded(document, "", dialect)]
    early = any(ignores_beside_references(each) for each in (dialect, *(dialect_of(schema) for schema in within)))
    if not early and all(dialect_of(schema) is not None for schema in within):
        return document
    held = schemas_in(document, "", dialect) if within else ()
    unsaid = {id(each.schema) for each in held if each.own and each.dialect is not None and dialect_of(each.schema) is None}
    names = {name: document[name] for name in ("$id", "id") if name in document}
    return {**document, **_plainly(document, dialect, unsaid), **names}


def _plainly(node: Any, dialect: str | None, unsaid: set[int], names: bool = False) -> Any:
    if isinstance(node, list):
        return [_plainly(item, dialect, unsaid) for item in node]
    if not isinstance(node, dict):
        return node
    idle: tuple[str, ...] = ()
    if not names:
        dialect = dialect_of(node) or dialect
        if ignores_beside_references(dialect):
            idle = ("$id", "id") if isinstance(node.get("$ref"), str) else ("$id",) if dialect == "draft-04" else ()
    copy = {
        key: member if key in DATA and not names else _plainly(member, dialect, unsaid, key in MAPS and not names)
        for key, member in node.items()
        if key not in idle or not isinstance(member, str)
    }
    return {"$schema": uri_of(dialect), **copy} if id(node) in unsaid and dialect is not None else copy
