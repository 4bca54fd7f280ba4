"""For a mutant that no case notices, a case that would: a single edit of an example or case which tells the two apart."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from itertools import islice
from typing import Any

from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.contracts.judge import Judge
from srcos_contracts.contracts.resources import resources_of
from srcos_contracts.evolve.cases import Case, CaseSet, Told, rejections, told
from srcos_contracts.evolve.gate import with_resource
from srcos_contracts.evolve.mutants import mutants
from srcos_contracts.evolve.waivers import Survivor
from srcos_contracts.exact import exact_text
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path as Way
from srcos_contracts.pointer import format_pointer, lookup, parse_pointer
from srcos_contracts.refusal import Refusal

__all__ = ["Suggestion", "suggest"]

_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.5, "", " ", "x", "a b", "2026-05-06", "2026-05-06T00:00:00Z", [], ["x"], {}, {"x": 1}, {"x-own": 1},
)  # fmt: skip

_MOST_EDITS = 3000
"""Of records that are not valid examples."""

_GONE = object()


class Suggestion(NamedTuple):
    """A case in the form of cases.json, as the contract has it today."""

    name: str
    base: str
    patch: tuple[dict[str, Any], ...]
    expect: frozenset[Told]

    def as_case(self) -> dict[str, Any]:
        """The case as JSON; its name is a proposal too."""
        expect = [found.as_entry() for found in sorted(self.expect)]
        return {"name": self.name, "base": self.base, "patch": list(self.patch), "expect": expect}


def suggest(catalog: Catalog, cases: CaseSet, survivor: Survivor) -> Suggestion | None:
    """A case that gives other findings under the mutant than under the contract, if one edit of a stored record makes it.

    Valid examples are tried first, then all other cases. `cases` are those of the contract that the survivor names.
    """
    contract = cases.contract
    bundle = catalog.document(contract.bundle)
    document = resources_of(bundle, contract.uri).get(survivor.uri)
    mutant = next((m for m in mutants(document) if (format_pointer(m.path), m.change) == (survivor.pointer, survivor.change)), None)
    if mutant is None:
        return None
    try:
        mutated = Judge(with_resource(bundle, contract.uri, survivor.uri, mutant.apply(document)), contract.uri)
    except Refusal:
        return None
    judges = catalog.judge(contract), mutated
    options = list(_options(bundle))
    examples = [case for case in cases.cases if not case.patch and case.valid and case.records]
    for case in examples:
        for operation, record in _edits(case.records[0][0], options):
            edited = _edited_case(case, operation, record)
            # Of examples without stored findings only the verdict counts.
            if _differ(judges, edited) or (not isinstance(case.expect, bool) and _findings_differ(judges, contract, edited)):
                return _suggestion(judges[0], contract, edited)
    # What others tell apart by their findings alone, the valid examples do.
    names = {*parse_pointer(survivor.pointer), *survivor.change.split()}
    others = (case for case in cases.cases if case.records and case not in examples)
    further = ((case, *edit) for case in others for edit in _edits(case.records[0][0], options, names))
    for case, operation, record in islice(further, _MOST_EDITS):
        edited = _edited_case(case, operation, record)
        if _differ(judges, edited):
            return _suggestion(judges[0], contract, edited)
    return None


_Judges = tuple[Judge, Judge]
"""The contract as it is, and under the mutant."""


def _edited_case(case: Case, operation: dict[str, Any], record: Any) -> Case:
    words = f"{operation['op']} {operation['path'] or 'the record'}" + (
        f" {exact_text(operation['value'])}" if "value" in operation else ""
    )
    name = f"{case.name}, and {words}" if case.patch else words
    return Case(name, case.file, ((record, 0),), case.parts, frozenset(), frozenset(), (*case.patch, operation))


def _differ(judges: _Judges, case: Case) -> bool:
    return rejections(judges[0], case) != rejections(judges[1], case)


def _findings_differ(judges: _Judges, contract: Contract, case: Case) -> bool:
    # What nothing rejects has no findings.
    return any(rejections(judges[0], case)) and told(judges[0], contract, case) != told(judges[1], contract, case)


def _suggestion(judge: Judge, contract: Contract, case: Case) -> Suggestion:
    return Suggestion(case.name, case.file, case.patch, told(judge, contract, case))


def _options(schema: Any) -> Iterator[list[Any]]:
    """The lists of values that a schema allows somewhere."""
    for value in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _options(value)
    if isinstance(schema, dict) and isinstance(schema.get("enum"), list):
        yield schema["enum"]


def _edits(record: Any, options: Sequence[list[Any]], names: Container[Any] | None = None) -> Iterator[tuple[dict[str, Any], Any]]:
    """Single edits of a record, each with what it makes; with `names` only of members that are called so, and of those in them."""
    for value in _VALUES if names is None else ():
        yield {"op": "replace", "path": "", "value": value}, value
    for way in _ways(record, ()):
        if names is not None and not any(token in names for token in way):
            continue
        if way:
            yield {"op": "remove", "path": format_pointer(way)}, _edited(record, way, _GONE)
            for value in (*_VALUES, *_near(lookup(record, way), options)):
                yield {"op": "replace", "path": format_pointer(way), "value": value}, _edited(record, way, value)
        if isinstance(lookup(record, way), dict):
            yield {"op": "add", "path": format_pointer((*way, "undeclared")), "value": 1}, _edited(record, (*way, "undeclared"), 1)


def _near(value: Any, options: Sequence[list[Any]]) -> Iterator[Any]:
    if isinstance(value, str):
        yield from (value + "x", value[:-1], value + " ", value.upper(), "x" + value)
        others = {str(other): other for allowed in options if value in allowed for other in allowed if other != value}
        yield from others.values()
    elif isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value - 1)
    elif isinstance(value, list):
        yield from (value[:-1], [*value, *value[:1]])


def _ways(value: Any, way: Way) -> Iterator[Way]:
    yield way
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from _ways(member, (*way, key))


def _edited(record: Any, way: Way, value: Any) -> Any:
    """A copy along the way with another value at its end, or without what stands there; all else is the original's."""
    if not way:
        return value
    step, rest = way[0], way[1:]
    if isinstance(record, list):
        items = [_edited(item, rest, value) if index == step else item for index, item in enumerate(record)]
        return [item for item in items if item is not _GONE]
    members = {**record, step: _edited(record.get(step), rest, value)}
    return {name: member for name, member in members.items() if member is not _GONE}
