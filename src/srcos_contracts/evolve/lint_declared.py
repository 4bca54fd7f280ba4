"""The lint rules about what contracts declare: objects, their properties, references, and where warnings stand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from srcos_contracts.contracts.catalog import BASE_URI
from srcos_contracts.contracts.resources import Place
from srcos_contracts.evolve.lint_contract import Surroundings
from srcos_contracts.evolve.lint_rules import Fault
from srcos_contracts.evolve.lint_usage import Reached, Usage, chain, parts
from srcos_contracts.evolve.schema_file import Folder, SchemaFile
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path
from srcos_contracts.wording import cut, join_words

__all__ = ["declared_faults"]

_URNS = BASE_URI + "defs/urn/"
_REFERENCE_NAME = re.compile(r"(?:^r|R|_r)efs?$")
_CAMEL = re.compile(r"[a-z][a-zA-Z0-9]*")
_SNAKE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_OPEN_KEY = "^x-"
_CLOSING = ("additionalProperties", "unevaluatedProperties")


class _Use(NamedTuple):
    """How contracts use one place of a file."""

    reached: frozenset[Reached]
    camel: bool
    snake: bool

    @property
    def declares(self) -> bool:
        return any(reached.role in ("declares", "part") for reached in self.reached)

    @property
    def offers(self) -> bool:
        return any(reached.role == "option" for reached in self.reached)


def declared_faults(file: SchemaFile, around: Surroundings) -> Iterator[Fault]:
    """Every breach of a rule about declarations that one file shows, in the light of how contracts use it."""
    uses = {path: _use(file, path, around) for path in (subschema.path for subschema in file.subschemas)}
    for subschema in file.subschemas:
        path, schema, use = subschema.path, subschema.schema, uses[subschema.path]
        if not isinstance(schema, dict):
            continue
        yield from _warnings(path, schema, use)
        yield from _targets(path, schema, around)
        yield from _final_states(file.folder, Place(file.uri, path), schema)
        yield from _series(Place(file.uri, path), schema, around)
        if use.declares or (use.offers and _is_object(schema)):
            if any(reached.role != "part" for reached in use.reached):
                yield from _closed(file.folder, Place(file.uri, path), schema)
            for name, value in _mapping(schema, "properties").items():
                if value is not False:
                    yield from _property(file.folder, Place(file.uri, (*path, "properties", name)), name, use)


def _use(file: SchemaFile, path: Path, around: Surroundings) -> _Use:
    place = Place(file.uri, path)
    users = [usage for usage in around.usages if place in usage.places]
    reached = frozenset(way for usage in users for way in usage.places[place])
    return _Use(reached, any(usage.camel_case for usage in users), any(not usage.camel_case for usage in users))


def _is_object(schema: dict[str, Any]) -> bool:
    named = schema.get("type")
    return named == "object" or (isinstance(named, list) and "object" in named)


def _closed(folder: Folder, place: Place, schema: dict[str, Any]) -> Iterator[Fault]:
    shut = next((keyword for keyword in _CLOSING if schema.get(keyword) is False), None)
    if not _mapping(schema, "properties") and shut is None:
        return
    taken_in = [part for _, part in parts(folder, place)]
    if shut is None and not any(keyword in part for part in taken_in for keyword in _CLOSING):
        yield Fault("lint-closed-object", place.path, "the object does not say whether it is open", at_key=True)
    if shut is not None and not any(_OPEN_KEY in _mapping(part, "patternProperties") for part in taken_in):
        help = 'add "patternProperties": { "^x-": true }'
        yield Fault("lint-closed-object", (*place.path, shut), "the object leaves no room for ^x- names", help, True)


def _property(folder: Folder, place: Place, name: str, use: _Use) -> Iterator[Fault]:
    links = [schema for _, schema in chain(folder, place)]
    # A chain that ends in a reference is broken, and has a finding of its own.
    broken = bool(links) and "$ref" in links[-1]
    texts = [schema.get("description") for schema in links]
    if not broken and not any(isinstance(text, str) and text.strip() for text in texts):
        yield Fault("lint-description", place.path, f"the property {cut(name)} has no description", at_key=True)
    for style, form, applies in (("camelCase", _CAMEL, use.camel), ("snake_case", _SNAKE, use.snake)):
        if applies and not name.startswith("x-") and not form.fullmatch(name):
            yield Fault("lint-property-name", place.path, f"{cut(name)} is not {style}", f"write {_restyled(name, style)}", True)
    values = _value_schemas(folder, place)
    if any("x-ref" in schema or "x-id" in schema for _, schema in values):
        return
    if _REFERENCE_NAME.search(name):
        yield Fault("lint-typed-reference", place.path, f"{cut(name)} is a reference by its name, and has no x-ref", at_key=True)
    elif any(step.uri.startswith(_URNS) for step, _ in values):
        yield Fault("lint-typed-reference", place.path, f"{cut(name)} is a URN, and has neither x-ref nor x-id", at_key=True)


def _restyled(name: str, style: str) -> str:
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", cut(name))] or ["name"]
    return "_".join(words) if style == "snake_case" else words[0] + "".join(word.capitalize() for word in words[1:])


def _value_schemas(folder: Folder, place: Place) -> list[tuple[Place, dict[str, Any]]]:
    """The schemas of a property's value and of its items, through references and options such as null."""
    found: dict[Place, dict[str, Any]] = {}
    pending = [place]
    while pending:
        for step, schema in parts(folder, pending.pop()):
            if step in found:
                break
            found[step] = schema
            branches = [(keyword, index) for keyword in ("anyOf", "oneOf") for index in range(len(_list(schema, keyword)))]
            pending += [Place(step.uri, (*step.path, *steps)) for steps in (*branches, ("items",))]
    return list(found.items())


def _targets(path: Path, schema: dict[str, Any], around: Surroundings) -> Iterator[Fault]:
    for index, name in enumerate(_list(_mapping(schema, "x-ref"), "to")):
        if isinstance(name, str) and name not in around.names:
            known = f"there are {join_words(sorted(around.names), 'and', 30)}"
            yield Fault("lint-typed-reference", (*path, "x-ref", "to", index), f"there is no contract {cut(name)}", known)


def _final_states(folder: Folder, place: Place, schema: dict[str, Any]) -> Iterator[Fault]:
    if "x-final" not in schema:
        return
    if schema.get("x-state") is not True:
        yield Fault("lint-final-state", (*place.path, "x-final"), "x-final stands where no x-state does", at_key=True)
    possible = {
        state for _, part in _value_schemas(folder, place) for state in [*_list(part, "enum"), part.get("const")] if isinstance(state, str)
    }
    for index, state in enumerate(_list(schema, "x-final")):
        if isinstance(state, str) and state not in possible:
            known = f"there are {join_words(sorted(possible), 'and', 30)}" if possible else "list the states in an enum"
            yield Fault("lint-final-state", (*place.path, "x-final", index), f"there is no state {cut(state)}", known)


def _series(place: Place, schema: dict[str, Any], around: Surroundings) -> Iterator[Fault]:
    if schema.get("x-id") != "series":
        return
    for usage in around.usages:
        if place in usage.places and not _has_moments(usage, around.folder):
            about = _mapping(usage.contract, "x-contract")
            yield Fault("lint-series", (*place.path, "x-id"), f"{cut(str(about.get('name')))} has a series, and neither x-time nor x-state")


def _has_moments(usage: Usage, folder: Folder) -> bool:
    """Whether a contract marks a time or a state of its records."""
    schemas = (folder.at(place) for place in usage.places)
    return any(isinstance(schema, dict) and (schema.get("x-time") is True or schema.get("x-state") is True) for schema in schemas)


def _warnings(path: Path, schema: dict[str, Any], use: _Use) -> Iterator[Fault]:
    if "x-warn" in schema and any(reached.tested for reached in use.reached):
        yield Fault("lint-warning", (*path, "x-warn"), "whether a warning fails decides here which branch is taken", at_key=True)
    rule = _mapping(schema, "x-rule")
    warned = [reached.role == "warns" for reached in use.reached]
    if rule.get("severity") == "warning" and not all(warned):
        yield Fault("lint-warning", (*path, "x-rule", "severity"), "a rule of severity warning stands outside of x-warn")
    elif rule and rule.get("severity") != "warning" and any(warned):
        help = 'give the rule "severity": "warning", or move it out of x-warn'
        yield Fault("lint-warning", (*path, "x-rule"), "a rule within x-warn has not the severity warning", help)


def _mapping(schema: dict[str, Any], keyword: str) -> dict[str, Any]:
    value = schema.get(keyword)
    return value if isinstance(value, dict) else {}


def _list(schema: dict[str, Any], keyword: str) -> list[Any]:
    value = schema.get(keyword)
    return value if isinstance(value, list) else []
