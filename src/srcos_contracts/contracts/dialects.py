"""The dialects of JSON Schema that are known here, and what the engine makes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import jsonschema_rs

__all__ = [
    "DEFINITIONS",
    "NEWEST",
    "VALIDATORS",
    "asserted_formats",
    "dialect_of",
    "format_checker",
    "id_of",
    "ignores_beside_references",
    "is_meta_schema",
    "is_schema",
    "uri_of",
]

NEWEST = "2020-12"

DEFINITIONS = ("$defs", "definitions")
"""Where schemas keep what they refer to: since draft 2019-09, and before."""

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


_KNOWN_HOST = "json-schema.org/"
_TELLING = ("type", "enum", "const", "required", "items", "not", "if", "pattern", "properties", "x-rule")
_SHAPES: tuple[tuple[str, type], ...] = (
    ("properties", dict),
    ("$defs", dict),
    ("definitions", dict),
    ("allOf", list),
    ("anyOf", list),
    ("oneOf", list),
    ("$ref", str),
)
_TYPES = frozenset(("string", "number", "integer", "boolean", "null", "array", "object"))
_TYPED_SHAPES: tuple[tuple[str, type | tuple[type, ...]], ...] = (
    ("required", list),
    ("enum", list),
    ("items", (dict, list, bool)),
    ("additionalProperties", (dict, bool)),
    ("patternProperties", dict),
    ("pattern", str),
    ("format", str),
    *((f"{bound}{what}", (int, float)) for bound in ("min", "max") for what in ("imum", "Length", "Items", "Properties")),
)
"""What stands beside a type in a schema, and in hardly any other JSON whose `type` is the name of one."""

_ANNOTATIONS = frozenset(("type", "title", "description", "$comment", "default", "examples", "deprecated"))
_KEYWORDS = frozenset(
    (
        *_ANNOTATIONS,
        *_TELLING,
        *(name for name, _ in (*_SHAPES, *_TYPED_SHAPES)),
        *("$schema", "$id", "id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef", "$vocabulary"),
        *("readOnly", "writeOnly", "contentEncoding", "contentMediaType", "contentSchema"),
        *("then", "else", "dependencies", "dependentRequired", "dependentSchemas", "propertyNames", "unevaluatedProperties"),
        *("prefixItems", "additionalItems", "contains", "minContains", "maxContains", "uniqueItems", "unevaluatedItems"),
        *("exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    )
)
"""The keywords of all dialects."""


def is_schema(value: Any, named: bool = False) -> bool:
    """Whether a JSON value looks like a JSON Schema, and not like any other JSON. One that was named as such needs to show less."""
    if not isinstance(value, dict):
        return False
    if "x-contract" in value or (named and (any(keyword in value for keyword in _TELLING) or value.keys() <= _KEYWORDS)):
        return True
    dialect = value.get("$schema")
    if isinstance(dialect, str):
        return _KNOWN_HOST in dialect or any(isinstance(value.get(name), dict) for name in ("properties", "$defs", "definitions"))
    identity = value.get("$id")
    if isinstance(identity, str) and any(mark in identity for mark in ":/."):
        return True
    return _is_typed(value) or any(isinstance(value.get(name), shape) for name, shape in _SHAPES)


def _is_typed(value: Mapping[str, Any]) -> bool:
    """Whether a value names a JSON type, or several, and says nothing else that a schema would not say."""
    stated = value.get("type")
    types = [stated] if isinstance(stated, str) else stated
    if not isinstance(types, list) or not types or not all(isinstance(name, str) and name in _TYPES for name in types):
        return False
    return value.keys() <= _ANNOTATIONS or any(isinstance(value.get(name), shape) for name, shape in _TYPED_SHAPES)


def dialect_of(document: Mapping[str, Any]) -> str | None:
    """The dialect that a schema document names, such as `draft-07`; None where it names none that is known."""
    named = document.get("$schema")
    if not isinstance(named, str) or "json-schema.org/" not in named:
        return None
    return next((name for name in VALIDATORS if f"/{name}/" in named), None)


def uri_of(dialect: str) -> str:
    """The URI by which a schema names a dialect."""
    return (
        f"http://json-schema.org/{dialect}/schema#" if dialect.startswith("draft-") else f"https://json-schema.org/draft/{dialect}/schema"
    )


def id_of(schema: Mapping[str, Any], around: str | None) -> str | None:
    """The name by which a schema is a resource of its own, as it is written; None where it is none. `around` is the dialect around it.

    Draft 4 has it in `id`. Before draft 2019-09 it does not count beside a `$ref`, and a fragment alone names a place in what is around.
    """
    dialect = dialect_of(schema) or around
    name = schema.get("id" if dialect == "draft-04" else "$id")
    if not isinstance(name, str) or name.startswith("#") or ("$ref" in schema and ignores_beside_references(dialect)):
        return None
    return name


def is_meta_schema(uri: str) -> bool:
    """Whether a URI, without a fragment, is one that the meta-schemas of the dialects and their parts have."""
    return uri.startswith(("http://json-schema.org/", "https://json-schema.org/")) and dialect_of({"$schema": uri}) is not None


@lru_cache
def asserted_formats(dialect: str) -> frozenset[str]:
    """The formats that the engine asserts in a dialect: those by which it refuses anything at all."""
    return frozenset(name for name in _FORMATS if not all(format_checker(dialect, name)(text) for text in _NO_FORMAT))


@lru_cache
def format_checker(dialect: str, name: str) -> Callable[[str], bool]:
    """Whether a text has a format, as the engine understands it in a dialect."""
    checks: Callable[[str], bool] = VALIDATORS[dialect]({"format": name}, validate_formats=True, offline=True).is_valid
    return checks


def ignores_beside_references(dialect: str | None) -> bool:
    """Whether what stands beside a `$ref` says nothing, as before draft 2019-09."""
    return dialect is not None and dialect.startswith("draft-")
