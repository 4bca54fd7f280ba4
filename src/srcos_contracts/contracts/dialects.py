"""The dialects of JSON Schema that are known here, and what the engine makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs

__all__ = ["NEWEST", "VALIDATORS", "asserted_formats", "dialect_of", "ignores_beside_references"]

NEWEST = "2020-12"

VALIDATORS: dict[str, Callable[..., Any]] = {
    "draft-04": jsonschema_rs.Draft4Validator,
    "draft-06": jsonschema_rs.Draft6Validator,
    "draft-07": jsonschema_rs.Draft7Validator,
    "2019-09": jsonschema_rs.Draft201909Validator,
    NEWEST: jsonschema_rs.Draft202012Validator,
}
_FORMATS = [
    "date-time",
    "date",
    "time",
    "duration",
    "email",
    "idn-email",
    "hostname",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "uri",
    "uri-reference",
    "iri",
    "iri-reference",
    "uuid",
    "uri-template",
    "json-pointer",
    "relative-json-pointer",
    "regex",
]
_NO_FORMAT = ("", "%", "\x00 {", "[", "-1")
"""Strings of which every format refuses at least one."""


def dialect_of(document: Mapping[str, Any]) -> str | None:
    """The dialect that a schema document names, such as `draft-07`; None where it names none that is known."""
    named = document.get("$schema")
    if not isinstance(named, str) or "json-schema.org/" not in named:
        return None
    return next((name for name in VALIDATORS if f"/{name}/" in named), None)


@lru_cache
def asserted_formats(dialect: str) -> frozenset[str]:
    """The formats that the engine asserts in a dialect: those by which it refuses anything at all."""
    validators = {name: VALIDATORS[dialect]({"format": name}, validate_formats=True, offline=True) for name in _FORMATS}
    return frozenset(name for name, validator in validators.items() if not all(validator.is_valid(text) for text in _NO_FORMAT))


def ignores_beside_references(dialect: str | None) -> bool:
    """Whether what stands beside a `$ref` says nothing, as before draft 2019-09."""
    return dialect is not None and dialect.startswith("draft-")
