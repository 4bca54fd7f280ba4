"""The schema documents of a bundle, and places in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from srcos_contracts.contracts.dialects import dialect_of, id_of
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path

__all__ = ["DEFINITIONS", "Place", "Resources", "resources_of"]

Resources = Mapping[str, Any]
"""Schema documents by their absolute URI."""

DEFINITIONS = ("$defs", "definitions")
"""Where schemas keep what they refer to: since draft 2019-09, and before."""


class Place(NamedTuple):
    """A place in a schema document."""

    uri: str
    path: Path


def resources_of(document: dict[str, Any], uri: str) -> dict[str, Any]:
    """The resources of a bundle: its root, and what is embedded in its definitions, by URI."""
    found: dict[str, Any] = {uri: document}
    dialect = dialect_of(document)
    for keyword in DEFINITIONS:
        for schema in document.get(keyword, {}).values():
            name = id_of(schema, dialect) if isinstance(schema, dict) else None
            if name is not None:
                # Few schemas have what needs it, and to import it takes as long as many a check.
                from urllib.parse import urljoin

                found[urljoin(uri, name).removesuffix("#")] = schema
    return found
