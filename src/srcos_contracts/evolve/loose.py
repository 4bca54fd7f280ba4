"""Examples without stored findings, as most repositories keep them: whether one is to be valid, its path says.

An example belongs to the schema that claims it, or else to the one whose name its file or one of its folders begins with. It
is to be invalid where a part of its path is a word such as `invalid`, and valid anywhere else.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from srcos_contracts.checking import markdown_value
from srcos_contracts.contracts.catalog import Catalog, Claim, Contract
from srcos_contracts.contracts.vocabulary import NO_PARTS
from srcos_contracts.evolve.cases import CASES_FILE, Case, CaseSet, Told
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import Record
from srcos_contracts.reading.source import Source, read, select

__all__ = ["LooseExamples", "loose_examples"]

_NEGATIVE = frozenset(("invalid", "bad", "negative", "negatives", "malformed", "broken", "wrong"))
"""Words that make an example a negative wherever they stand in its path."""

_NEGATIVE_FOLDERS = _NEGATIVE | {"fail", "failing", "reject", "rejected", "rejects", "errors", "nonconforming"}
"""In the name of a file these may be what a record is about."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


class LooseExamples(NamedTuple):
    """The examples of a folder, by the contracts they belong to."""

    cases: Mapping[str, CaseSet]
    """By the URI of the contract."""
    strays: tuple[str, ...]
    """Files that belong to no contract, or to several."""


def loose_examples(examples: Path, catalog: Catalog, contracts: Sequence[Contract], apart: Sequence[Path] = ()) -> LooseExamples:
    """The examples in a folder, but for those in the folders `apart` and the catalog's own schemas.

    Raises CatalogError where a contract's schema cannot be used.
    """
    names = sorted(((words, contract) for contract in contracts for words in _names(contract)), key=lambda item: -len(item[0]))
    found: dict[str, list[Case]] = {}
    strays: list[str] = []
    left = tuple(f"{os.path.realpath(folder)}{os.sep}" for folder in apart)
    for source in select([str(examples)]).sources:
        path = os.path.realpath(source.name)
        if path.startswith(left) or os.path.basename(path) == CASES_FILE:
            continue
        items = list(read(source))
        if any(isinstance(item, Record) and _is_schema(item.value) for item in items):
            continue
        file = os.path.relpath(source.name, examples).replace(os.sep, "/")
        contract, case = _case(catalog, source, items, file, _named(file, names))
        if contract is None or contract not in contracts:
            strays.append(file)
        else:
            found.setdefault(contract.uri, []).append(case)
    by_uri = {contract.uri: contract for contract in contracts}
    sets = {uri: CaseSet(by_uri[uri], examples, tuple(cases), ()) for uri, cases in found.items()}
    return LooseExamples(sets, tuple(strays))


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict) and "json-schema.org/" in str(value.get("$schema", ""))


def _case(
    catalog: Catalog, source: Source, items: Sequence[Record | Finding], file: str, named: Contract | None
) -> tuple[Contract | None, Case]:
    """The contract of a file's records, None where there is none or several, and the case they make."""
    records: list[tuple[Any, int]] = []
    faults: set[Told] = set()
    owners: list[Contract | None] = []
    parts: Mapping[str, str] = NO_PARTS
    numbered = source.form == "jsonl"
    for item in items:
        if isinstance(item, Finding):
            faults.add(Told(item.rule, item.pointer, item.severity, item.location.line if numbered else 0))
            continue
        claim = catalog.claim(item.value, source.name) or (Claim(named) if named is not None else None)
        owners.append(claim.contract if claim is not None else None)
        value = item.value
        if source.form == "markdown":
            value, _, fault = markdown_value(source, item, claim)
            if fault is not None:
                faults.add(Told(fault.rule, fault.pointer, fault.severity))
        if claim is not None:
            parts = claim.parts
        records.append((value, item.line if numbered else 0))
    contract = (owners[0] if len(set(owners)) == 1 else None) if owners else named
    return contract, Case(file, file, tuple(records), parts, frozenset(faults), not _negative(file))


def _names(contract: Contract) -> Iterator[tuple[str, ...]]:
    """The words of the names by which a file may say that it is of a contract."""
    stem = os.path.basename(contract.file).removesuffix(".json").removesuffix(".schema")
    yield from {_words(contract.name), _words(stem)} - {()}


def _words(name: str) -> tuple[str, ...]:
    return tuple(word.lower() for word in _WORD.findall(name))


def _named(file: str, names: Sequence[tuple[tuple[str, ...], Contract]]) -> Contract | None:
    """The contract with the longest name with which the file's name or that of a folder begins, the innermost first."""
    for part in reversed(file.split("/")):
        words = tuple(word for word in _words(part) if word not in _NEGATIVE)
        for name, contract in names:
            if words[: len(name)] == name:
                return contract
    return None


def _negative(file: str) -> bool:
    *folders, name = file.split("/")
    return not _NEGATIVE.isdisjoint(_words(name)) or any(not _NEGATIVE_FOLDERS.isdisjoint(_words(folder)) for folder in folders)
