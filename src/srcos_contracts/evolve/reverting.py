"""Schemas in which changes are taken back."""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import Any

from srcos_contracts.compat.side import Side
from srcos_contracts.contracts.bundle import UnresolvableReference
from srcos_contracts.contracts.embedding import embedded
from srcos_contracts.contracts.resources import Place
from srcos_contracts.pointer import ABSENT, Path, lookup

__all__ = ["reverted"]

_UNDECLARED = (("additionalProperties",), ("unevaluatedProperties",))


def reverted(side: Side, other: Side, places: Collection[Place]) -> Side | None:
    """A side in which the keywords at these places of its document are as the other side has them, or gone where it has none.

    Where that makes no difference, for what changed stands beside the keyword, the schema around it is taken from the other side.
    None where that makes none either, or makes a schema of which a reference leads nowhere.
    """
    if Place(side.uri, ()) in places:
        # No keyword of a schema refuses all: the schema does.
        return other
    document = copy.deepcopy(side.document)
    for place in places:
        mine, theirs = _resource(document, side.uri, place.uri), _counterpart(side, other, place.uri)
        if mine is None:
            continue
        if place.path[-1:] in _UNDECLARED and theirs is not None:
            _declare(lookup(mine, place.path[:-1]), lookup(theirs, place.path[:-1]))
        for path in (place.path, place.path[:-1]):
            before = lookup(mine, path)
            after = lookup(theirs, path) if theirs is not None else ABSENT
            if path and before is not ABSENT and repr(before) != repr(after):
                _put(mine, path, after)
                break
    if repr(document) == repr(side.document):
        return None
    try:
        return Side(document, side.uri, formats=side.formats)
    except UnresolvableReference:
        return None


def _declare(mine: Any, theirs: Any) -> None:
    """Lets a schema declare what the other one declares: it is for a missing declaration that a name is refused."""
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for keyword in ("properties", "patternProperties"):
            if isinstance(theirs.get(keyword), dict):
                mine[keyword] = {**copy.deepcopy(theirs[keyword]), **mine.get(keyword, {})}


def _resource(document: Any, uri: str, wanted: str) -> Any:
    return document if wanted == uri else next((node for name, node in embedded(document, uri) if name == wanted), None)


def _counterpart(side: Side, other: Side, uri: str) -> Any:
    """The other side's document of the same name; the two themselves answer to one another whatever they are called."""
    return other.document if uri == side.uri else _resource(other.document, other.uri, uri)


def _put(document: Any, path: Path, value: Any) -> None:
    node = lookup(document, path[:-1])
    last: Any = path[-1]
    if value is not ABSENT:
        node[last] = copy.deepcopy(value)
    elif isinstance(node, list):
        # The places of what comes after it stay.
        node[last] = {}
    else:
        del node[last]
