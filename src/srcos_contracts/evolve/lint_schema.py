"""The lint rules that hold for any JSON Schema: valid, spelt right, referring to something, with patterns and formats that work."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from srcos_contracts.contracts.dialects import NEWEST, VALIDATORS, asserted_formats, dialect_of
from srcos_contracts.evolve.lint_pattern import matching, why_not_linear
from srcos_contracts.evolve.lint_reference import reference_faults
from srcos_contracts.evolve.lint_rules import Fault
from srcos_contracts.evolve.schema_file import SchemaFile, Subschema
from srcos_contracts.finding import Severity
from srcos_contracts.pointer import Path
from srcos_contracts.wording import cut, nearest, show

__all__ = ["DIALECT", "errors_of", "general_faults", "patterns"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

_FEW = 20
_ALWAYS = frozenset(
    [
        "$schema",
        "$id",
        "$ref",
        "$comment",
        "title",
        "description",
        "default",
        "examples",
        "readOnly",
        "writeOnly",
        "enum",
        "const",
        "type",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "properties",
        "patternProperties",
        "additionalProperties",
        "propertyNames",
        "required",
        "minProperties",
        "maxProperties",
        "items",
        "contains",
        "minItems",
        "maxItems",
        "uniqueItems",
        "minLength",
        "maxLength",
        "pattern",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "format",
        "contentEncoding",
        "contentMediaType",
    ]
)
_SINCE_2019 = frozenset(
    [
        "$defs",
        "$anchor",
        "$vocabulary",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedProperties",
        "unevaluatedItems",
        "minContains",
        "maxContains",
        "contentSchema",
        "deprecated",
    ]
)
_SINCE_2020 = frozenset({"prefixItems", "$dynamicRef", "$dynamicAnchor"})
_BEFORE_2020 = frozenset({"definitions", "dependencies", "additionalItems", "id", "$recursiveRef", "$recursiveAnchor"})
_STILL_READ = frozenset({"definitions", "dependencies"})
_OTHER_TOOLS = frozenset(
    [
        "example",
        "nullable",
        "discriminator",
        "markdownDescription",
        "enumDescriptions",
        "markdownEnumDescriptions",
        "defaultSnippets",
        "errorMessage",
        "deprecationMessage",
        "patternErrorMessage",
        "doNotSuggest",
        "tsType",
        "tsEnumNames",
        "javaType",
        "enumNames",
        "order",
    ]
)
"""Annotations of widely used tools, some of them close to the name of a keyword."""


def general_faults(file: SchemaFile, x_keywords: frozenset[str]) -> Iterator[Fault]:
    """Every breach of a general rule. In schemas that are no contracts, what is legal but of no effect is a warning."""
    dialect = dialect_of(file.value)
    if file.kind == "foreign" and dialect is None and "$schema" in file.value:
        detail = f"{show(file.value['$schema'])} is no dialect that is known here, and was read as {NEWEST}"
        yield Fault("lint-dialect", ("$schema",), detail, severity="warning")
    elif file.kind == "foreign":
        yield from _invalid(file.value, dialect or NEWEST)
    mild: Severity = "warning" if file.kind == "foreign" else "error"
    keywords = _keywords(file, dialect, x_keywords)
    formats = asserted_formats(dialect or NEWEST)
    for subschema in file.subschemas:
        if isinstance(subschema.schema, dict):
            yield from _unknown(subschema, keywords, dialect if file.kind == "foreign" else NEWEST, file.kind == "foreign")
            yield from _format(subschema, formats, mild)
    yield from reference_faults(file)
    for path, pattern in patterns(file):
        found = matching(pattern)
        if found == "none":
            help = "close every bracket, escape what is meant as it stands, and keep counts small"
            yield Fault("lint-schema", path, f"{show(pattern)} is no regular expression, or one that is too large to compile", help)
        elif found == "backtracking":
            yield Fault("lint-pattern-linear", path, why_not_linear(pattern), severity=mild)


def patterns(file: SchemaFile) -> Iterator[tuple[Path, str]]:
    """Every regular expression in a schema, with its place; for `patternProperties` the path of the member that it names."""
    for subschema in file.subschemas:
        schema = subschema.schema
        if isinstance(schema, dict):
            if isinstance(schema.get("pattern"), str):
                yield (*subschema.path, "pattern"), schema["pattern"]
            named = schema.get("patternProperties")
            for pattern in named if isinstance(named, dict) else ():
                yield (*subschema.path, "patternProperties", pattern), pattern
            equal = schema.get("x-equal") if file.kind != "foreign" else None
            for place, pattern in equal.items() if isinstance(equal, dict) else ():
                if isinstance(pattern, str):
                    yield (*subschema.path, "x-equal", place), pattern


def _invalid(value: dict[str, Any], dialect: str) -> Iterator[Fault]:
    for path, detail in errors_of(_meta_schema(dialect), value):
        yield Fault("lint-schema", path, detail)


@lru_cache
def _meta_schema(dialect: str) -> Any:
    """A validator of schemas of a dialect."""
    uri = f"https://json-schema.org/draft/{dialect}/schema" if dialect[0] == "2" else f"http://json-schema.org/{dialect}/schema#"
    return VALIDATORS[dialect]({"$ref": uri}, offline=True, validate_formats=True)


def errors_of(validator: Any, value: Any) -> Iterator[tuple[Path, str]]:
    """What a validator of schemas has against one, each place once; not what `matching` says of patterns."""
    if validator.is_valid(value):
        return
    said: set[Path] = set()
    for error in validator.iter_errors(value):
        path: Path = tuple(error.instance_path)
        keyword = error.kind.name
        if path in said or len(said) == _FEW or (keyword in ("format", "propertyNames") and "pattern" in str(path[-1:]).lower()):
            continue
        said.add(path)
        if keyword in ("anyOf", "oneOf", "falseSchema"):
            yield path, f"{show(error.instance)} is not allowed here"
        else:
            yield path, cut(error.message.split("\n")[0], 160)


def _keywords(file: SchemaFile, dialect: str | None, x_keywords: frozenset[str]) -> frozenset[str]:
    if file.kind != "foreign":
        return _ALWAYS | _SINCE_2019 | _SINCE_2020 | x_keywords
    if dialect is None:
        return _ALWAYS | _SINCE_2019 | _SINCE_2020 | _BEFORE_2020
    if dialect == NEWEST:
        return _ALWAYS | _SINCE_2019 | _SINCE_2020 | _STILL_READ
    # $defs has no meaning of its own in old drafts, but references into it work.
    return _ALWAYS | _BEFORE_2020 | (_SINCE_2019 if dialect == "2019-09" else {"$defs"})


def _unknown(subschema: Subschema, keywords: frozenset[str], dialect: str | None, foreign: bool) -> Iterator[Fault]:
    for name in subschema.schema:
        if name in keywords or (foreign and name.startswith("x-")):
            continue
        path = (*subschema.path, name)
        if name in _SINCE_2019 | _SINCE_2020 | _BEFORE_2020:
            detail = f"{name} is not a keyword of {dialect or NEWEST}, and does nothing there"
            yield Fault("lint-keyword", path, detail, "write what this dialect has for it, or name another dialect in $schema", True)
            continue
        others = foreign and (name in _OTHER_TOOLS or name.startswith(("$$", "_", "@")))
        close = None if others else _closest(name, keywords)
        hint = f"; did you mean {close}?" if close else ""
        # An extension of someone else's is their business; a misspelling is nobody's.
        severity: Severity = "warning" if foreign and close is None else "error"
        yield Fault("lint-keyword", path, f"{cut(name)} is no keyword{hint}", at_key=True, severity=severity)


def _closest(name: str, keywords: frozenset[str]) -> str | None:
    folded = {keyword.lower(): keyword for keyword in sorted(keywords)}
    close = nearest(name.lower(), folded, 0.75)
    return folded[close] if close else None


def _format(subschema: Subschema, formats: frozenset[str], severity: Severity) -> Iterator[Fault]:
    named = subschema.schema.get("format")
    if isinstance(named, str) and named not in formats:
        detail = f"nothing asserts the format {cut(named)}"
        close = nearest(named, sorted(formats), 0.75)
        yield Fault("lint-format", (*subschema.path, "format"), detail + (f"; did you mean {close}?" if close else ""), severity=severity)
