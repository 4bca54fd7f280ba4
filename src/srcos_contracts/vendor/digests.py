"""The digests of a vendored file: of its bytes, of its value, and of what its value asserts."""

from __future__ import annotations

import hashlib
from decimal import Decimal
from itertools import pairwise
from typing import Any

from srcos_contracts.canonical import canonical_form
from srcos_contracts.contracts.applicators import subschemas_of
from srcos_contracts.contracts.bundle import MAPS
from srcos_contracts.contracts.checksums import checksum
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.json_text import parse_json

__all__ = ["ANNOTATIONS", "Digests", "assertions_of", "digests_of"]

ANNOTATIONS = frozenset(("$comment", "description", "examples", "title"))
"""Keywords that judge nothing."""
_RULE_WORDS = frozenset(("help", "message", "why"))
"""What a rule says to people."""


class Digests(NamedTuple):
    """SHA-256, each 64 hex digits in lower case."""

    sha256: str
    """Of the bytes."""
    canonical: str = ""
    """Of the RFC 8785 form of the value; empty where the file is no JSON, or has numbers that have no such form."""
    assertions: str = ""
    """Of that form of the value without annotations; empty where the file is no schema."""


def digests_of(content: bytes, schema: bool) -> Digests:
    """The digests of a file; `schema` says whether it is to be a JSON Schema."""
    value = parse_json(Document("", content))
    if isinstance(value, Finding):
        return Digests(checksum(content))
    return Digests(checksum(content), _digest(value), _digest(_judging(value)) if schema else "")


def _judging(schema: Any) -> Any:
    # What a reference leads to judges, wherever it stands.
    return schema if _refers_to_annotations(schema) else assertions_of(schema)


def _refers_to_annotations(node: Any) -> bool:
    if isinstance(node, list):
        return any(map(_refers_to_annotations, node))
    if not isinstance(node, dict):
        return False
    target = node.get("$ref")
    if isinstance(target, str):
        way = target.partition("#")[2].split("/")
        if any(token in ANNOTATIONS and before not in MAPS for before, token in pairwise(way)):
            return True
    return any(map(_refers_to_annotations, node.values()))


def _digest(value: Any) -> str:
    # The form knows doubles alone, and a schema is asked exactly: two numbers that it takes for one are not the same.
    if not _is_exact(value):
        return ""
    try:
        return hashlib.sha256(canonical_form(value)).hexdigest()
    except ValueError:
        return ""


def _is_exact(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_exact, value.values()))
    if isinstance(value, list):
        return all(map(_is_exact, value))
    return not isinstance(value, Decimal) or Decimal(repr(float(value))) == value


def assertions_of(schema: Any) -> Any:
    """A schema without its annotations, and without the words of its rules: what is left decides which records are valid, which
    rules they break and how they are found."""
    if not isinstance(schema, dict):
        return schema
    kept = {keyword: value for keyword, value in schema.items() if keyword not in ANNOTATIONS}
    rule = kept.get("x-rule")
    if isinstance(rule, dict):
        kept["x-rule"] = {word: value for word, value in rule.items() if word not in _RULE_WORDS}
    for way, member in subschemas_of(schema):
        keyword = way[0]
        if len(way) == 1:
            kept[str(keyword)] = assertions_of(member)
            continue
        held = kept[str(keyword)]
        if held is schema[str(keyword)]:
            held = kept[str(keyword)] = dict(held) if isinstance(held, dict) else list(held)
        held[way[1]] = assertions_of(member)
    return kept
