"""For a mutant that no case notices, a case that would: a single edit of a valid example which tells the two apart."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any, NamedTuple

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.contracts.judge import Judge
from srcos_contracts.contracts.resources import resources_of
from srcos_contracts.evolve.cases import Case, CaseSet, Told, told
from srcos_contracts.evolve.gate import Survivor, with_resource
from srcos_contracts.evolve.mutants import mutants
from srcos_contracts.pointer import Path as Way
from srcos_contracts.pointer import format_pointer, lookup
from srcos_contracts.refusal import Refusal

__all__ = ["Suggestion", "suggest"]

_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 1.5, "", " ", "x", "a b", "2026-05-06", "2026-05-06T00:00:00Z", [], ["x"], {}, {"x": 1}, {"x-own": 1},
)  # fmt: skip


class Suggestion(NamedTuple):
    """A case in the form of cases.json, as the contract has it today."""

    name: str
    base: str
    patch: tuple[dict[str, Any], ...]
    expect: frozenset[Told]

    def as_case(self) -> dict[str, Any]:
        """The case as JSON; its name is a proposal too."""
        expect = [{"rule": found.rule, "pointer": found.pointer} for found in sorted(self.expect)]
        return {"name": self.name, "base": self.base, "patch": list(self.patch), "expect": expect}


def suggest(catalog: Catalog, cases: CaseSet, survivor: Survivor) -> Suggestion | None:
    """A case that gives other findings under the mutant than under the contract, if one edit of one valid example makes it.

    `cases` are those of the contract that the survivor names.
    """
    contract = cases.contract
    bundle = catalog.document(contract.bundle)
    document = resources_of(bundle, contract.uri).get(survivor.uri)
    mutant = next((m for m in mutants(document) if (format_pointer(m.path), m.change) == (survivor.pointer, survivor.change)), None)
    if mutant is None:
        return None
    try:
        mutated = Judge(with_resource(bundle, contract.uri, survivor.uri, mutant.apply()), contract.uri)
    except Refusal:
        return None
    judge = catalog.judge(contract)
    for case in cases.cases:
        if case.name == case.file and case.valid and case.records:
            for operation, record in _edits(case.records[0][0]):
                edited = Case("", case.file, ((record, 0),), case.parts, frozenset(), frozenset())
                given = told(judge, contract, edited)
                under_mutant = told(mutated, contract, edited)
                # Of examples without stored findings only the verdict counts.
                if bool(given) is not bool(under_mutant) or (given != under_mutant and not isinstance(case.expect, bool)):
                    words = f"{operation['op']} {operation['path']}" + (f" {operation['value']!r}" if "value" in operation else "")
                    return Suggestion(words, case.file, (operation,), given)
    return None


def _edits(record: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    for way in _ways(record, ()):
        if way:
            yield {"op": "remove", "path": format_pointer(way)}, _edited(record, way, None, remove=True)
            for value in (*_VALUES, *_near(lookup(record, way))):
                yield {"op": "replace", "path": format_pointer(way), "value": value}, _edited(record, way, value)
        if isinstance(lookup(record, way), dict):
            yield {"op": "add", "path": format_pointer((*way, "undeclared")), "value": 1}, _edited(record, (*way, "undeclared"), 1)


def _near(value: Any) -> Iterator[Any]:
    if isinstance(value, str):
        yield from (value + "x", value[:-1], value + " ", value.upper(), "x" + value)
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


def _edited(record: Any, way: Way, value: Any, remove: bool = False) -> Any:
    edited = copy.deepcopy(record)
    holder = lookup(edited, way[:-1])
    if remove:
        del holder[way[-1]]
    else:
        holder[way[-1]] = value
    return edited
