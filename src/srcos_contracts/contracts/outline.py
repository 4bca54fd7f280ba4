"""What a contract says, as values: its fields, rules and references, read from its schema without building a validator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.contracts.clauses import ITEM, NAME, Clause, clauses, conditions, dotted, pointer
from srcos_contracts.contracts.resources import Place, Resources, resources_of
from srcos_contracts.contracts.trace import Step
from srcos_contracts.contracts.type_words import applied, branches, definition, inner, items_of, type_words
from srcos_contracts.finding import Severity
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, format_pointer
from srcos_contracts.wording import join_words

__all__ = ["MARKS", "Field", "Outline", "Reference", "Rule", "as_object", "outline", "plain", "recognised"]

MARKS = ("id", "time", "owner", "session", "state")
"""What an index of records needs to know: `x-id` and the rest."""

_DEEPEST = 6
_VALUE_NEUTRAL = frozenset({"description", "title", "$comment", "examples", "deprecated"})


class Reference(NamedTuple):
    """What a field leads to."""

    role: str
    to: tuple[str, ...]
    """The contracts of the records that it may name; empty where it leads outside."""


class Field(NamedTuple):
    """A member that a contract declares, at any depth."""

    name: str
    """Dotted, with `[]` for the items of a list and `*` for the values of a map: `artifacts[].digest`."""
    pointer: str
    """As a JSON Pointer in which `*` stands for any item or name: `/artifacts/*/digest`."""
    words: str
    """What it may hold; between backticks what is to be written exactly so."""
    required: bool
    """Whether the object in which it stands must have it."""
    required_when: tuple[str, ...]
    """The conditions under which it must be there all the same."""
    meaning: str
    reference: Reference | None
    holds: str
    """The contract whose shape the value has, where that is one of its own."""
    marks: tuple[str, ...]
    """Of MARKS, those that the field is."""
    aliases: tuple[str, ...]

    @property
    def type(self) -> str:
        """What it may hold, in plain words."""
        return plain(self.words)


class Rule(NamedTuple):
    """A rule of a contract: one idea, which may be put in several clauses."""

    id: str
    severity: Severity
    clauses: tuple[Clause, ...]

    @property
    def messages(self) -> tuple[str, ...]:
        """What it says, each way of putting it once."""
        return tuple(dict.fromkeys(clause.message for clause in self.clauses))

    @property
    def about(self) -> tuple[str, ...]:
        """The fields that it looks at."""
        return tuple(dict.fromkeys(name for clause in self.clauses for name in clause.about))


class Outline(NamedTuple):
    """One version of a contract."""

    contract: Contract
    purpose: str
    closed: bool
    """Whether a record has no other members than these and those whose names begin with x-."""
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...]
    kinds: tuple[tuple[str, str], ...]
    """The named kinds of text that fields hold, with their meanings."""

    @property
    def references(self) -> dict[Reference, tuple[str, ...]]:
        """The names of the fields that refer, by where they lead."""
        found: dict[Reference, tuple[str, ...]] = {}
        for field in self.fields:
            if field.reference is not None:
                found[field.reference] = (*found.get(field.reference, ()), field.name)
        return found

    def marked(self, mark: str) -> tuple[str, ...]:
        """The names of the fields that are the record's id, time, owner, session or state."""
        return tuple(field.name for field in self.fields if mark in field.marks)


class _Making(NamedTuple):
    resources: Resources
    homes: dict[str, str]
    """Contracts' names by the URIs of their schemas."""
    conditions: dict[Path, tuple[str, ...]]
    kinds: dict[str, str]


def outline(catalog: Catalog, contract: Contract) -> Outline:
    """The outline of a contract.

    Raises CatalogError where its schema cannot be read.
    """
    document = catalog.document(contract.bundle)
    resources = resources_of(document, contract.uri)
    root = Step(document, Place(contract.uri, ()))
    steps = applied(resources, root)
    homes = {other.uri: other.name for other in catalog.contracts if other.uri != contract.uri}
    making = _Making(resources, homes, conditions(resources, root), {})
    fields = tuple(_fields(making, steps, (), frozenset(step.place for step in steps)))
    purpose = str(document.get("description") or contract.title)
    closed = _says_of_all(steps, "additionalProperties", False) or _says_of_all(steps, "unevaluatedProperties", False)
    return Outline(contract, purpose, closed, fields, _rules(clauses(resources, root)), tuple(making.kinds.items()))


def _says_of_all(steps: Sequence[Step], keyword: str, value: Any) -> bool:
    return any(step.schema.get(keyword, None) is value for step in steps)


def _rules(found: Iterator[Clause]) -> tuple[Rule, ...]:
    by_id: dict[str, list[Clause]] = {}
    for clause in found:
        by_id.setdefault(clause.rule, []).append(clause)
    return tuple(
        Rule(name, "error" if any(clause.severity == "error" for clause in listed) else "warning", tuple(listed))
        for name, listed in by_id.items()
    )


def _fields(making: _Making, steps: Sequence[Step], path: Path, above: frozenset[Place]) -> Iterator[Field]:
    """The members of an object to which `steps` apply, each followed by its own."""
    if len(path) > _DEEPEST:
        return
    required = {name for step in steps for name in step.schema.get("required", ())}
    # The fullest declaration has them in the order in which they are written.
    fullest = sorted(steps, key=lambda step: -len(step.schema.get("properties", ())))
    names = dict.fromkeys(name for step in fullest for name in step.schema.get("properties", ()))
    for name in names:
        declared = [inner(step, "properties", name) for step in steps if name in step.schema.get("properties", ())]
        yield from _member(making, declared, (*path, name), name in required, above)
    # A name may be demanded that is declared nowhere.
    for name in sorted(required - names.keys()):
        if not path and not any(step.schema.get("additionalProperties") is False for step in steps):
            yield Field(dotted((*path, name)), pointer((*path, name)), "anything", True, (), "", None, "", (), ())


def _member(making: _Making, declared: Sequence[Step], path: Path, required: bool, above: frozenset[Place]) -> Iterator[Field]:
    steps = [step for start in declared for step in applied(making.resources, start)]
    yield _field(making, declared, steps, path, required)
    # A schema that refers to one in which it stands is shown once, not for ever.
    here = above | {step.place for step in steps}
    for held, where in _inside(making.resources, steps, path):
        if not any(step.place in above for step in held):
            yield from _fields(making, held, where, here | {step.place for step in held})


def _inside(resources: Resources, steps: Sequence[Step], path: Path) -> Iterator[tuple[list[Step], Path]]:
    """The schemas whose members are shown below a field: those of an object, of a list's items, of a map's values."""
    forms = branches(resources, steps)
    yield forms, path
    items = branches(resources, items_of(resources, forms))
    if items:
        yield items, (*path, ITEM)
    for form in forms:
        if isinstance(form.schema.get("additionalProperties"), dict):
            yield branches(resources, applied(resources, inner(form, "additionalProperties"))), (*path, NAME)


def _field(making: _Making, declared: Sequence[Step], steps: Sequence[Step], path: Path, required: bool) -> Field:
    forms = branches(making.resources, steps)
    said = [*forms, *items_of(making.resources, forms)]
    for step in said:
        named = definition([step])
        if named is not None and named[1]:
            making.kinds.setdefault(*named)
    marks = tuple(mark for mark in MARKS if any(step.schema.get(f"x-{mark}") in (True, "series") for step in said))
    aliases = tuple(dict.fromkeys(str(alias) for step in forms for alias in _listed(step.schema.get("x-alias"))))
    return Field(
        dotted(path),
        pointer(path),
        type_words(making.resources, steps) if steps else "anything",
        required,
        () if required else making.conditions.get(path, ()),
        _meaning(declared, steps),
        _reference(said),
        _held(making, declared, forms),
        marks,
        aliases,
    )


def _held(making: _Making, declared: Sequence[Step], steps: Sequence[Step]) -> str:
    """The other contract whose object the field has, where its `$ref` leads into that contract's schema."""
    here = {step.place.uri for step in declared}
    for step in steps:
        if step.place.uri not in here and step.place.uri in making.homes and "properties" in step.schema:
            return making.homes[step.place.uri]
    return ""


def _meaning(declared: Sequence[Step], steps: Sequence[Step]) -> str:
    """The description nearest to the field; of several declarations, that of one which also says what the value is."""
    saying = [step for step in declared if isinstance(step.schema, dict) and isinstance(step.schema.get("description"), str)]
    for step in saying:
        if any(key not in _VALUE_NEUTRAL and not key.startswith("x-") for key in step.schema):
            return str(step.schema["description"])
    for step in (*saying, *steps):
        if isinstance(step.schema.get("description"), str):
            return str(step.schema["description"])
    return ""


def _reference(steps: Sequence[Step]) -> Reference | None:
    for step in steps:
        stated = step.schema.get("x-ref")
        if isinstance(stated, dict) and isinstance(stated.get("role"), str):
            return Reference(stated["role"], tuple(str(name) for name in _listed(stated.get("to"))))
    return None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def plain(words: str) -> str:
    """Words without the backticks that mark what is to be written exactly so."""
    return words.replace("`", "")


def recognised(contract: Contract) -> str:
    """How a record is known to be the contract's: its constants, the path of its file, or by nothing but being told."""
    ways = []
    if contract.discriminator:
        ways.append(" and ".join(f'{name} "{constant}"' for name, constant in contract.discriminator))
    ways += contract.paths
    exception = f", but never {join_words(contract.never)}" if contract.never else ""
    return ", or ".join(ways) + exception or f"--contract {contract.name}"


def as_object(described: Outline) -> dict[str, Any]:
    """An outline as JSON data."""
    contract = described.contract
    return {
        "name": contract.name,
        "version": contract.version,
        "status": contract.status,
        "owner": contract.owner,
        "purpose": described.purpose,
        "uri": contract.uri,
        "file": contract.file,
        "discriminator": dict(contract.discriminator),
        "paths": list(contract.paths),
        "closed": described.closed,
        "marks": {mark: list(described.marked(mark)) for mark in MARKS},
        "fields": [
            {
                "name": field.name,
                "pointer": field.pointer,
                "type": field.type,
                "required": field.required,
                "required_when": list(field.required_when),
                "meaning": field.meaning,
                "reference": {"role": field.reference.role, "to": list(field.reference.to)} if field.reference else None,
                "holds": field.holds or None,
                "aliases": list(field.aliases),
            }
            for field in described.fields
        ],
        "rules": [
            {
                "id": rule.id,
                "severity": rule.severity,
                "clauses": [
                    {
                        "message": clause.message,
                        "help": clause.help,
                        "why": clause.why,
                        "field": clause.field,
                        "about": list(clause.about),
                        "schema": clause.place.uri,
                        "schema_pointer": format_pointer(clause.place.path),
                    }
                    for clause in rule.clauses
                ],
            }
            for rule in described.rules
        ],
    }
