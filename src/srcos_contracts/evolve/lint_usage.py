"""How contracts use each subschema of their folder: what declares a record's properties, what only asserts, what warns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from srcos_contracts.contracts.catalog import BASE_URI
from srcos_contracts.contracts.resources import Place
from srcos_contracts.evolve.schema_file import LONGEST_CHAIN, Folder
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path

__all__ = ["Reached", "Role", "Usage", "chain", "parts", "usage_of"]

Role = Literal["declares", "option", "part", "asserts", "warns"]
"""Declares: says what a value of the record is. Option: one of several such, of `anyOf` or `oneOf`. Part: what a declaration takes
in by a `$ref` in `allOf`. Asserts: a condition or a rule on what is declared elsewhere. Warns: the same, within `x-warn`."""

_MOST_PARTS = 500
_TESTS = frozenset({"if", "not", "anyOf", "oneOf", "contains", "propertyNames"})
_MEMBERS = ("properties", "patternProperties")
_VALUES = ("items", "additionalProperties", "unevaluatedProperties", "unevaluatedItems")
_CONDITIONS = ("if", "then", "else", "not", "contains", "propertyNames")


class Reached(NamedTuple):
    """One way in which a contract uses a place."""

    role: Role
    tested: bool
    """Whether its failure decides over a branch: within `if`, `not`, `anyOf`, `oneOf` or the like."""


class Usage(NamedTuple):
    """What one contract uses."""

    uri: str
    contract: dict[str, Any]
    places: Mapping[Place, frozenset[Reached]]
    entrances: Mapping[Place, Path]
    """For each place, the place in the contract's own file from which it was first reached."""

    @property
    def camel_case(self) -> bool:
        """Whether the contract is of the family that is told by `type` and `specVersion`."""
        about = self.contract.get("x-contract")
        members = about.get("discriminator") if isinstance(about, dict) else None
        return isinstance(members, dict) and {"type", "specVersion"} <= members.keys()


def usage_of(folder: Folder) -> list[Usage]:
    """What each contract of a folder uses."""
    return [_usage(folder, uri, contract) for uri, contract in folder.contracts.items()]


def _usage(folder: Folder, uri: str, contract: dict[str, Any]) -> Usage:
    places: dict[Place, set[Reached]] = {}
    entrances: dict[Place, Path] = {}
    pending: list[tuple[Place, Reached, Path]] = [(Place(uri, ()), Reached("declares", False), ())]
    while pending:
        place, reached, entrance = pending.pop()
        known = places.setdefault(place, set())
        if reached in known:
            continue
        known.add(reached)
        if place.uri == uri:
            entrance = place.path
        entrances.setdefault(place, entrance)
        schema = folder.at(place)
        if not isinstance(schema, dict):
            continue
        target = _target(folder, place, schema)
        if target is not None:
            pending.append((target, reached, (*place.path, "$ref") if place.uri == uri else entrance))
        for steps, inner in _inner(schema, reached):
            pending.append((Place(place.uri, (*place.path, *steps)), inner, entrance))
    return Usage(uri, contract, {place: frozenset(found) for place, found in places.items()}, entrances)


def _target(folder: Folder, place: Place, schema: dict[str, Any]) -> Place | None:
    reference = schema.get("$ref")
    return folder.resolve(place.uri, reference) if isinstance(reference, str) else None


def _inner(schema: dict[str, Any], reached: Reached) -> Iterator[tuple[Path, Reached]]:
    deeper: Role = reached.role if reached.role in ("asserts", "warns") else "declares"
    for keyword in _MEMBERS:
        for name in _mapping(schema, keyword):
            yield (keyword, name), Reached(deeper, reached.tested)
    for keyword in _VALUES:
        if keyword in schema:
            yield (keyword,), Reached(deeper, reached.tested)
    for index in range(_length(schema, "prefixItems")):
        yield ("prefixItems", index), Reached(deeper, reached.tested)
    asserting: Role = "warns" if reached.role == "warns" else "asserts"
    for index in range(_length(schema, "allOf")):
        branch = schema["allOf"][index]
        takes_in = deeper == "declares" and isinstance(branch, dict) and "$ref" in branch and not {"if", "x-rule"} & branch.keys()
        yield ("allOf", index), Reached("part" if takes_in else asserting, reached.tested)
    for keyword in ("anyOf", "oneOf"):
        for index in range(_length(schema, keyword)):
            yield (keyword, index), Reached("option" if deeper == "declares" else asserting, True)
    for keyword in _CONDITIONS:
        if keyword in schema:
            yield (keyword,), Reached(asserting, reached.tested or keyword in _TESTS)
    for name in _mapping(schema, "dependentSchemas"):
        yield ("dependentSchemas", name), Reached(asserting, reached.tested)
    for index in range(_length(schema, "x-warn")):
        yield ("x-warn", index), Reached("warns", reached.tested)


def chain(folder: Folder, place: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The schema at a place and those that its chain of `$ref` leads to, each once."""
    seen: set[Place] = set()
    step: Place | None = place
    while step is not None and step not in seen and len(seen) <= LONGEST_CHAIN:
        seen.add(step)
        schema = folder.at(step)
        if not isinstance(schema, dict):
            return
        yield step, schema
        step = _target(folder, step, schema)


def parts(folder: Folder, place: Place) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The schema at a place and what it takes in for the same value, by `$ref` and `allOf`, each once, up to a bound."""
    seen: set[Place] = set()
    pending = [place]
    while pending and len(seen) < _MOST_PARTS:
        for step, schema in chain(folder, pending.pop()):
            if step in seen:
                break
            seen.add(step)
            yield step, schema
            pending += [Place(step.uri, (*step.path, "allOf", index)) for index in range(_length(schema, "allOf"))]


def own_definition(place: Place) -> tuple[str, str] | None:
    """The file and the definition that a place lies in; None outside of `$defs`."""
    inside = len(place.path) > 1 and place.path[0] == "$defs" and place.uri.startswith(BASE_URI)
    return (place.uri, str(place.path[1])) if inside else None


def _mapping(schema: dict[str, Any], keyword: str) -> dict[str, Any]:
    value = schema.get(keyword)
    return value if isinstance(value, dict) else {}


def _length(schema: dict[str, Any], keyword: str) -> int:
    value = schema.get(keyword)
    return len(value) if isinstance(value, list) else 0
