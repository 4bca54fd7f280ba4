"""The lint rules for contracts and their shared definitions, one file at a time."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from srcos_contracts.contracts.catalog import BASE_URI
from srcos_contracts.contracts.resources import Place
from srcos_contracts.evolve.lint_pattern import is_anchored, is_single_class, unportable
from srcos_contracts.evolve.lint_rules import Fault
from srcos_contracts.evolve.lint_schema import DIALECT, patterns
from srcos_contracts.evolve.lint_usage import Usage, own_definition, parts
from srcos_contracts.evolve.rule_texts import texts_of_checkouts
from srcos_contracts.evolve.schema_file import Folder, SchemaFile
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path
from srcos_contracts.rules import rule_ids_taken
from srcos_contracts.wording import cut, show

__all__ = ["Surroundings", "contract_faults"]

_EXAMPLES = "examples"
_OPEN_KEY = "^x-"
_MOST_TESTS = 20_000


class Surroundings(NamedTuple):
    """What is known of the contracts that a file lies among."""

    folder: Folder
    usages: Sequence[Usage]

    @property
    def names(self) -> frozenset[str]:
        """The names of all contracts."""
        abouts = (usage.contract.get("x-contract") for usage in self.usages)
        return frozenset(str(about.get("name")) for about in abouts if isinstance(about, dict))


def contract_faults(file: SchemaFile, around: Surroundings) -> Iterator[Fault]:
    """Every breach of a rule for contracts that one file shows, but for those about declared properties and the vocabulary."""
    yield from _identity(file)
    yield from _patterns(file)
    yield from _rule_texts(file)
    yield from _conditions(file)
    yield from _unused(file, around)
    if file.kind == "contract":
        yield from _name(file)
        yield from _prose(file)
        yield from _discriminator(file)
        yield from _examples(file, around)


def _identity(file: SchemaFile) -> Iterator[Fault]:
    if file.value.get("$schema") != DIALECT:
        named = f"$schema is {show(file.value['$schema'])}" if "$schema" in file.value else "$schema is missing"
        yield Fault("lint-dialect", ("$schema",), named)
    if file.value.get("$id") != file.uri:
        named = f"it is {show(file.value['$id'])}" if "$id" in file.value else "it is missing"
        yield Fault("lint-id", ("$id",), named, f'set $id to "{file.uri}"')


def _name(file: SchemaFile) -> Iterator[Fault]:
    about = file.value["x-contract"]
    if not isinstance(about, dict):
        return
    wanted = f"{about.get('name')}/{about.get('version')}.json"
    if file.file != wanted:
        member = "name" if file.file.split("/")[0] != about.get("name") else "version"
        yield Fault("lint-contract", ("x-contract", member), f"the file is {file.file}, not {cut(wanted)}")


def _prose(file: SchemaFile) -> Iterator[Fault]:
    for member in ("title", "description"):
        if not _text(file.value.get(member)):
            yield Fault("lint-description", (member,), f"the contract has no {member}", f"add a {member}: what its records say")


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _discriminator(file: SchemaFile) -> Iterator[Fault]:
    about = file.value["x-contract"]
    members = about.get("discriminator") if isinstance(about, dict) else None
    if not isinstance(members, dict):
        return
    taken_in = [schema for _, schema in parts(file.folder, Place(file.uri, ()))]
    required = {name for schema in taken_in for name in _list(schema, "required") if isinstance(name, str)}
    for member, constant in members.items():
        path = ("x-contract", "discriminator", member)
        declared = [_mapping(schema, "properties").get(member) for schema in taken_in]
        constants = [schema["const"] for schema in declared if isinstance(schema, dict) and "const" in schema]
        if constants != [constant]:
            found = f"has the const {show(constants[0])}" if constants else "has no const"
            yield Fault("lint-discriminator", path, f"the property {cut(member)} {found}, not {show(constant)}", at_key=True)
        if member not in required:
            yield Fault("lint-discriminator", path, f"the property {cut(member)} is not required", at_key=True)


def _patterns(file: SchemaFile) -> Iterator[Fault]:
    negated = {subschema.path for subschema in file.subschemas if "not" in subschema.via}
    for path, pattern in patterns(file):
        reason = unportable(pattern)
        if reason is not None:
            yield Fault("lint-pattern-portable", path, reason)
        # A pattern under `not` looks for what may stand nowhere; those of x-equal take a part out of a string.
        search = path[-1] == "pattern" and (is_single_class(pattern) or path[:-1] in negated)
        if not search and not is_anchored(pattern) and pattern != _OPEN_KEY and path[-2:-1] != ("x-equal",):
            yield Fault("lint-pattern-anchored", path, f"{show(pattern)} is not anchored on both sides")


def _rule_texts(file: SchemaFile) -> Iterator[Fault]:
    for subschema in file.subschemas:
        rule = subschema.schema.get("x-rule") if isinstance(subschema.schema, dict) else None
        if not isinstance(rule, dict):
            continue
        path = (*subschema.path, "x-rule")
        name = rule.get("id")
        if isinstance(name, str) and (name in rule_ids_taken() or name in texts_of_checkouts()):
            yield Fault("lint-rule-id", (*path, "id"), f"{show(name)} is the id of a rule that no contract states")
        for member in ("message", "help", "why"):
            if not _text(rule.get(member)):
                yield Fault("lint-rule-text", (*path, member), f"the rule {show(rule.get('id'))} has no {member}")
        message = rule.get("message")
        if isinstance(message, str) and message.rstrip().endswith("."):
            yield Fault("lint-rule-text", (*path, "message"), "the message ends with a full stop", "take the full stop out")


def _conditions(file: SchemaFile) -> Iterator[Fault]:
    pending: list[_Test] = []
    for subschema in file.subschemas:
        if subschema.via[-1:] == ("if",):
            pending.append(_Test(Place(file.uri, subschema.path), frozenset(), ()))
    seen: set[_Test] = set()
    while pending and len(seen) < _MOST_TESTS:
        test = pending.pop()
        if test not in seen:
            seen.add(test)
            yield from _untested(file, test)
            pending += _inner_tests(file, test)


class _Test(NamedTuple):
    """A schema that a condition consists of, or takes in."""

    place: Place
    required: frozenset[str]
    """The members that the condition requires of the value that this schema is about."""
    entrance: Path
    """The reference in this file that led out of it, where the place is in another one."""


def _untested(file: SchemaFile, test: _Test) -> Iterator[Fault]:
    schema = file.folder.at(test.place)
    known = test.required | _required(schema)
    for name, value in _mapping(schema, "properties").items():
        if name not in known and value not in (True, {}):
            path = (*test.place.path, "properties", name) if test.place.uri == file.uri else test.entrance
            yield Fault("lint-if-required", path, f"the condition tests {cut(name)} and does not require it", at_key=True)


def _inner_tests(file: SchemaFile, test: _Test) -> Iterator[_Test]:
    """What a condition also asks. What stands under `not` is left out: there it is the absence that passes."""
    (uri, path), _, entrance = test
    schema = file.folder.at(test.place)
    known = test.required | _required(schema)
    for keyword in ("allOf", "anyOf", "oneOf"):
        for index in range(len(_list(schema, keyword))):
            yield _Test(Place(uri, (*path, keyword, index)), known, entrance)
    values: list[Path] = [("properties", name) for name in _mapping(schema, "properties")]
    values += [(keyword,) for keyword in ("items", "contains") if _mapping(schema, keyword)]
    for steps in values:
        yield _Test(Place(uri, (*path, *steps)), frozenset(), entrance)
    reference = schema.get("$ref") if isinstance(schema, dict) else None
    target = file.folder.resolve(uri, reference) if isinstance(reference, str) else None
    if target is not None:
        yield _Test(target, known, (*path, "$ref") if uri == file.uri else entrance)


def _required(schema: Any) -> frozenset[str]:
    siblings = [schema, *_list(schema, "allOf")]
    return frozenset(name for sibling in siblings for name in _list(sibling, "required") if isinstance(name, str))


def _unused(file: SchemaFile, around: Surroundings) -> Iterator[Fault]:
    used = {definition for usage in around.usages for place in usage.places if (definition := own_definition(place))}
    for name in _mapping(file.value, "$defs"):
        if (file.uri, name) not in used:
            yield Fault("lint-unused-definition", ("$defs", name), f"no contract uses {cut(name)}", at_key=True)


def _examples(file: SchemaFile, around: Surroundings) -> Iterator[Fault]:
    examples = os.path.join(os.path.dirname(file.folder.path), _EXAMPLES)
    usage = next((usage for usage in around.usages if usage.uri == file.uri), None)
    if usage is None or not os.path.isdir(examples):
        return
    stem = file.file.removesuffix(".json")
    folder = os.path.join(examples, *stem.split("/"))
    if not _holds_file(os.path.join(folder, "valid")):
        yield Fault(
            "lint-rule-example",
            ("x-contract",),
            f"there is no example in {_EXAMPLES}/{stem}/valid",
            "store one that keeps every rule",
            True,
        )
    for rule, path in _rules_of(file.folder, usage).items():
        if re.fullmatch(r"[a-z0-9-]+", rule) and not _holds_file(os.path.join(folder, "invalid", rule)):
            yield Fault("lint-rule-example", path, f"there is no example in {_EXAMPLES}/{stem}/invalid/{rule}")


def _rules_of(folder: Folder, usage: Usage) -> Mapping[str, Path]:
    """The rules that a contract states or takes in, each with the first place in its own file that does so."""
    found: dict[str, Path] = {}
    for place in usage.places:
        schema = folder.at(place)
        rule = schema.get("x-rule") if isinstance(schema, dict) else None
        if isinstance(rule, dict) and isinstance(rule.get("id"), str):
            own = place.uri == usage.uri
            found.setdefault(rule["id"], (*place.path, "x-rule", "id") if own else usage.entrances[place])
    return found


def _holds_file(folder: str) -> bool:
    return any(not name.startswith(".") for _, _, names in os.walk(folder) for name in names)


def _mapping(schema: Any, keyword: str) -> dict[str, Any]:
    value = schema.get(keyword) if isinstance(schema, dict) else None
    return value if isinstance(value, dict) else {}


def _list(schema: Any, keyword: str) -> list[Any]:
    value = schema.get(keyword) if isinstance(schema, dict) else None
    return value if isinstance(value, list) else []


def stray_fault(file: SchemaFile) -> Fault:
    """What is wrong with a schema that lies among contracts and is none."""
    where = f"{BASE_URI}{file.file}"
    return Fault(
        "lint-contract", ("x-contract",), f"{where} lies among contracts and has no x-contract", "add x-contract, or move it to defs/"
    )
