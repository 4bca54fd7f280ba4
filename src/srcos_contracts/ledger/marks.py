"""What the index of a set needs to know of a record, as `x-` keywords mark it: id, time, session, owner, state and references."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from srcos_contracts.contracts.bundle import resolve_from
from srcos_contracts.contracts.resources import Place, Resources, resources_of
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, format_pointer, lookup, parse_pointer

__all__ = ["ANY", "COLUMNS", "Lasting", "Marks", "Reference", "declared_paths", "lasting_of", "marks_of", "values_at"]

ANY = "*"
"""In a path: every item of an array, or every member of an object whose names are data."""

COLUMNS = ("id", "time", "session", "owner", "state")
"""The marks of which a record has one value each; the first place that has a value counts."""

_ALIAS = "alias"
_SERIES = "series"
_MOST_STEPS = 24


class Reference(NamedTuple):
    """A member that refers to other records."""

    path: Path
    role: str
    types: tuple[str, ...]
    """The contracts of which what it refers to may be; none where it is kept elsewhere."""


class Marks(NamedTuple):
    """Where the marked members of a contract's records stand; paths lead through ANY."""

    columns: dict[str, tuple[Path, ...]]
    """By each of COLUMNS."""
    aliases: tuple[Path, ...]
    """Further names by which references may lead to the record (`x-id: alias`)."""
    series: bool
    """Whether a record is one of several under its id, told apart by time and state (`x-id: series`)."""
    references: tuple[Reference, ...]
    unsealed: tuple[tuple[str, ...], ...] | None
    """What is left out of a record before its digest is taken; None where the contract knows no digest of its records."""


def marks_of(bundle: dict[str, Any], uri: str) -> Marks:
    """The marks in a contract's bundle. Those within conditions and warnings count too: they say what a member is."""
    columns: dict[str, list[Path]] = {name: [] for name in COLUMNS}
    aliases: list[Path] = []
    series = False
    references: list[Reference] = []
    unsealed: tuple[tuple[str, ...], ...] | None = None
    resources = resources_of(bundle, uri)
    for path, schema in _declared(resources, Place(uri, ()), (), 0):
        for name in COLUMNS:
            mark = schema.get(f"x-{name}")
            if mark in (True, _SERIES) and path not in columns[name]:
                columns[name].append(path)
                series = series or mark == _SERIES
            elif mark == _ALIAS and path not in aliases:
                aliases.append(path)
        sealed = schema.get("x-digest")
        if isinstance(sealed, dict) and not path:
            unsealed = tuple(parse_pointer(pointer) for pointer in sealed["omit"])
        stated = schema.get("x-ref")
        if isinstance(stated, dict):
            reference = Reference(path, stated["role"], tuple(stated.get("to", ())))
            if reference not in references:
                references.append(reference)
    return Marks({name: tuple(paths) for name, paths in columns.items()}, tuple(aliases), series, tuple(references), unsealed)


class Lasting(NamedTuple):
    """What of a contract's records is not to change from one state of a tree to the next."""

    issued: bool
    """Whether a record is never edited or removed (`x-contract.issued`)."""
    final: tuple[tuple[str, str], ...]
    """States from which there is no way back (`x-final`), each with the pointer of the member that says it."""


def lasting_of(bundle: dict[str, Any], uri: str) -> Lasting:
    """What a contract's bundle says of the time after its records were written."""
    about = bundle.get("x-contract")
    final = {
        (state, format_pointer(path)): None
        for path, schema in _declared(resources_of(bundle, uri), Place(uri, ()), (), 0)
        if schema.get("x-state") is True and ANY not in path
        for state in schema.get("x-final", ())
    }
    return Lasting(isinstance(about, dict) and about.get("issued") is True, tuple(final))


def declared_paths(bundle: dict[str, Any], uri: str) -> frozenset[Path]:
    """The members of which a contract's bundle says anything."""
    return frozenset(path for path, _ in _declared(resources_of(bundle, uri), Place(uri, ()), (), 0))


def _declared(resources: Resources, place: Place, path: Path, steps: int) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Every schema that a value in a record may be judged by, with the path of the value."""
    schema = lookup(resources[place.uri], place.path)
    if not isinstance(schema, dict) or steps > _MOST_STEPS:
        return
    yield path, schema
    if isinstance(schema.get("$ref"), str):
        yield from _declared(resources, resolve_from(resources, place, schema["$ref"]), path, steps + 1)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index in range(len(schema.get(keyword, ()))):
            yield from _declared(resources, _inner(place, keyword, index), path, steps + 1)
    for name in schema.get("properties", ()):
        yield from _declared(resources, _inner(place, "properties", name), (*path, name), steps + 1)
    for keyword in ("items", "additionalProperties"):
        if isinstance(schema.get(keyword), dict):
            yield from _declared(resources, _inner(place, keyword), (*path, ANY), steps + 1)


def _inner(place: Place, *steps: str | int) -> Place:
    return Place(place.uri, (*place.path, *steps))


def values_at(value: Any, path: Path) -> Iterator[tuple[str, str]]:
    """The texts that stand at a path, each with its pointer; anything but a text is nobody's id."""
    for way, found in _found(value, path, ()):
        if isinstance(found, str):
            yield format_pointer(way), found


def _found(value: Any, path: Path, way: Path) -> Iterator[tuple[Path, Any]]:
    if not path:
        yield way, value
    elif path[0] == ANY:
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, member in members:
            yield from _found(member, path[1:], (*way, key))
    elif isinstance(value, dict) and path[0] in value:
        yield from _found(value[path[0]], path[1:], (*way, path[0]))
