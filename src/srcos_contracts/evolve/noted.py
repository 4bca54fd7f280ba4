"""What a change of a contract means beyond which records are valid: to those who read findings, generated types, or the words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from srcos_contracts.contracts.applicators import subschemas_of
from srcos_contracts.contracts.catalog import Catalog, Contract, shown_uri
from srcos_contracts.contracts.dialects import id_of, is_meta_schema
from srcos_contracts.contracts.outline import Field, Outline, outline
from srcos_contracts.contracts.resources import resources_of
from srcos_contracts.evolve.pairing import moved_constants, renamed
from srcos_contracts.evolve.warned import changed_conditions
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, format_pointer
from srcos_contracts.wording import show

__all__ = ["CATEGORIES", "Audience", "Note", "notes"]

Audience = Literal["RULES", "SHAPE", "ANNOTATION"]
CATEGORIES: Mapping[str, str] = {
    "INSTANCE": "which records are valid",
    "RULES": "rule ids and severities, conditions of warnings, and what an audit reads",
    "SHAPE": "what generated types see: names, types, titles",
    "ANNOTATION": "words only",
}
"""Whom a change concerns, as `diff` groups them."""

_WORDS = ("description", "$comment", "examples", "default", "deprecated", "readOnly", "writeOnly")
_RULE_WORDS = ("message", "help", "why")
_MARKS = ("x-ref", "x-id", "x-time", "x-owner", "x-session", "x-state", "x-final")
_ABOUT = ("discriminator", "paths", "markdown", "issued")
"""What x-contract says of how records are found, and of what becomes of them."""
_Stated = dict[tuple[str, Path, str], Any]


class Note(NamedTuple):
    """One change that breaks no record."""

    audience: Audience
    words: str
    """What changed: `session-owner is new, an error`."""


def notes(old_catalog: Catalog, old: Contract, new_catalog: Catalog, new: Contract) -> tuple[Note, ...]:
    """What changed between two versions for each audience but that of the records; that the new one has a name of its own is no change.

    Raises CatalogError.
    """
    moved = dict(moved_constants(old, new))
    before, after = outline(old_catalog, old), outline(new_catalog, new)
    documents = old_catalog.document(old.bundle), new_catalog.document(new.bundle)
    ends = (documents[0], old.uri), (documents[1], new.uri)
    return (
        *(Note("RULES", words) for words in _rules(before, after)),
        *(Note("RULES", words) for words in _conditions(before, after, (renamed(documents[0], old, new), old.uri), ends[1])),
        *(Note("RULES", words) for words in _marks(*ends, moved)),
        *(Note("SHAPE", words) for words in _fields(before, after, moved)),
        *(Note("SHAPE", words) for words in _definitions(*documents)),
        *(Note("SHAPE", words) for words in _titles(*ends)),
        *(Note("ANNOTATION", words) for words in _words(*ends, old.version != new.version)),
    )


def _rules(before: Outline, after: Outline) -> Iterator[str]:
    was = {rule.id: rule for rule in before.rules}
    now = {rule.id: rule for rule in after.rules}
    for id in sorted({*was, *now}):
        if id not in now:
            yield f"{id} is gone, {_article(was[id].severity)}"
        elif id not in was:
            yield f"{id} is new, {_article(now[id].severity)}"
        elif was[id].severity != now[id].severity:
            yield f"{id} was {_article(was[id].severity)} and is {_article(now[id].severity)}"


def _conditions(before: Outline, after: Outline, *ends: tuple[dict[str, Any], str]) -> Iterator[str]:
    warnings = [{rule.id for rule in end.rules if rule.severity == "warning"} for end in (before, after)]
    both = frozenset(warnings[0] & warnings[1])
    if both:
        yield from (f"the condition of {id} has changed, a warning" for id in changed_conditions(both, *ends))


def _article(severity: str) -> str:
    return f"an {severity}" if severity == "error" else f"a {severity}"


def _marks(before: tuple[dict[str, Any], str], after: tuple[dict[str, Any], str], moved: Mapping[str, Any]) -> Iterator[str]:
    was, now = (_stated(*end, lambda schema: _marks_of(schema, moved)) for end in (before, after))
    for key in dict.fromkeys([*was, *now]):
        if was.get(key) != now.get(key):
            old = f"it was {show(was[key])}" if key in was else "it is new"
            yield f"{key[2]} of {_place(key)} is {show(now[key])}; {old}" if key in now else f"{key[2]} of {_place(key)} is gone; {old}"


def _marks_of(schema: Mapping[str, Any], moved: Mapping[str, Any]) -> dict[str, Any]:
    about = schema.get("x-contract")
    told = {f"x-contract.{word}": about[word] for word in _ABOUT if word in about} if isinstance(about, dict) else {}
    named = told.get("x-contract.discriminator")
    if isinstance(named, dict):
        told["x-contract.discriminator"] = {member: constant for member, constant in named.items() if member not in moved}
    return {**{mark: schema[mark] for mark in _MARKS if mark in schema}, **told}


def _fields(before: Outline, after: Outline, moved: Mapping[str, Any]) -> Iterator[str]:
    was, now = ({field.pointer: field for field in end.fields if field.name not in moved} for end in (before, after))
    for pointer in dict.fromkeys([*was, *now]):
        if pointer not in now:
            yield f"the field {was[pointer].name} is gone"
        elif pointer not in was:
            yield f"the field {now[pointer].name} is new, {'required' if now[pointer].required else 'optional'}: {now[pointer].type}"
        else:
            yield from _field(was[pointer], now[pointer])


def _field(was: Field, now: Field) -> Iterator[str]:
    if was.type != now.type:
        yield f"{now.name} is {now.type}; it was {was.type}"
    if was.required is not now.required:
        yield f"{now.name} is {'required' if now.required else 'optional'} now"


def _definitions(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    was, now = _named(before), _named(after)
    for name in sorted({*was, *now}):
        if name not in now:
            yield f"the definition {name} is gone"
        elif name not in was:
            yield f"the definition {name} is new"


def _named(document: Mapping[str, Any]) -> set[str]:
    return {
        name
        for keyword in ("$defs", "definitions")
        for name, schema in document.get(keyword, {}).items()
        if isinstance(schema, dict) and "$id" not in schema
    }


def _titles(before: tuple[dict[str, Any], str], after: tuple[dict[str, Any], str]) -> Iterator[str]:
    was, now = _stated(*before, _title_of), _stated(*after, _title_of)
    for key in dict.fromkeys([*was, *now]):
        if was.get(key) != now.get(key):
            title = f"{_place(key)} is titled {show(now[key])}" if key in now else f"{_place(key)} has no title any more"
            yield f"{title}; it was titled {show(was[key])}" if key in was else title


def _title_of(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"title": schema["title"]} if isinstance(schema.get("title"), str) else {}


def _words(before: tuple[dict[str, Any], str], after: tuple[dict[str, Any], str], apart: bool) -> Iterator[str]:
    """`apart` says that these are two versions, each with a status of its own."""
    was, now = (_stated(*end, lambda schema: _words_of(schema, apart)) for end in (before, after))
    for key in dict.fromkeys([*was, *now]):
        if was.get(key) != now.get(key):
            yield f"{key[2]} of {_place(key)} is {'gone' if key not in now else 'new' if key not in was else 'worded otherwise'}"


def _words_of(schema: Mapping[str, Any], apart: bool) -> dict[str, Any]:
    rule, about = schema.get("x-rule"), schema.get("x-contract")
    told = {f"the rule's {word}": rule[word] for word in _RULE_WORDS if word in rule} if isinstance(rule, dict) else {}
    if isinstance(about, dict):
        others = (*_ABOUT, "name", "version", *(("status",) if apart else ()))
        told.update({f"x-contract.{word}": value for word, value in about.items() if word not in others})
    return {**{word: schema[word] for word in _WORDS if word in schema}, **told}


def _place(key: tuple[str, Path, str]) -> str:
    uri, path, _ = key
    return f"{shown_uri(uri)}#{format_pointer(path)}" if uri else format_pointer(path) or "the record"


def _stated(document: dict[str, Any], uri: str, of: Callable[[Mapping[str, Any]], dict[str, Any]]) -> _Stated:
    """What a schema and all it refers to say, by the resource (empty for the schema itself), the place and the keyword."""
    return {
        ("" if name == uri else name, path, keyword): value
        for name, resource in resources_of(document, uri).items()
        if not is_meta_schema(name)
        for path, schema in _schemas(resource)
        for keyword, value in of(schema).items()
    }


def _schemas(schema: Any, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A schema and all within it, but for resources of their own."""
    if isinstance(schema, dict) and not (path and id_of(schema, None) is not None):
        yield path, schema
        for step, member in subschemas_of(schema):
            yield from _schemas(member, (*path, *step))
