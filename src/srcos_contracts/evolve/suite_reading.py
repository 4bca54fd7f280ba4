"""A suite that was written to a folder, read back: where there are neither contracts nor examples, but a validator to try."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from srcos_contracts.contracts.catalog import CatalogError, Contract, UnknownContract
from srcos_contracts.evolve.cases import CASES_FILE, Told
from srcos_contracts.evolve.conformance import Suite, SuiteCase
from srcos_contracts.evolve.form import read_formed
from srcos_contracts.finding import Finding, Location
from srcos_contracts.pointer import ABSENT
from srcos_contracts.reading.document import Document, excerpt
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.reading.locate import Places

__all__ = ["read_suite"]


def read_suite(folder: Path, names: Sequence[str] = ()) -> Suite:
    """The suite in a folder, or that of the contracts with these names: NAME or NAME@VERSION.

    Raises CatalogError where a file of it cannot be read or does not have its form, UnknownContract.
    """
    index = folder / CASES_FILE
    stored = read_formed(index, "conformance.json")
    chosen = _chosen(stored["cases"], names)
    cases: dict[str, SuiteCase] = {}
    numbers: dict[str, int] = {}
    for number, entry in enumerate(stored["cases"]):
        if (entry["contract"], entry["version"]) not in chosen:
            continue
        if entry["schema"] not in stored["schemas"] or entry["id"] in cases:
            what = "has an id that another has too" if entry["id"] in cases else f"names the schema {entry['schema']}, which is not listed"
            raise CatalogError(f"{index}: the case {entry['id']!r} {what}")
        cases[entry["id"]] = _case(folder, entry)
        numbers[entry["id"]] = number
    used = dict.fromkeys(case.contract.uri for case in cases.values())
    schemas = {uri: _schema(folder / stored["schemas"][uri]) for uri in used}
    places = _CasePlaces(index, numbers)
    return Suite(tuple(cases.values()), schemas, places.of)


def _chosen(entries: Sequence[Mapping[str, Any]], names: Sequence[str]) -> set[tuple[str, str]]:
    """The names and versions of the contracts that are asked for."""
    known = dict.fromkeys((entry["contract"], entry["version"]) for entry in entries)
    found: set[tuple[str, str]] = set()
    for name in names:
        wanted, _, version = name.partition("@")
        these = {contract for contract in known if contract[0] == wanted and version in ("", contract[1])}
        if not these:
            raise UnknownContract(name, tuple(dict.fromkeys("@".join(contract) if version else contract[0] for contract in known)))
        found |= these
    return found if names else set(known)


def _case(folder: Path, entry: Mapping[str, Any]) -> SuiteCase:
    uri, expect = entry["schema"], entry["expect"]
    findings = expect.get("findings")
    return SuiteCase(
        entry["id"],
        entry["id"],
        Contract(entry["contract"], entry["version"], "", "", "", uri, uri, uri, (), ()),
        entry["path"],
        entry.get("parts", {}),
        entry.get("form", "json"),
        0,
        _value(folder / entry["record"]) if "record" in entry else ABSENT,
        _text(folder / entry["text"]) if "text" in entry else None,
        expect["verdict"],
        expect.get("schema"),
        None if findings is None else frozenset(_told(findings)),
    )


def _told(findings: Sequence[Mapping[str, Any]]) -> Iterator[Told]:
    for found in findings:
        yield Told(found["rule"], found["pointer"], found["severity"], found.get("line", 0))


def _value(path: Path) -> Any:
    value = parse_json(Document(str(path), _content(path)))
    if isinstance(value, Finding):
        raise CatalogError(f"{path}:{value.location.line}:{value.location.column}: {value.message}")
    return value


def _schema(path: Path) -> dict[str, Any]:
    if not isinstance(_value(path), dict):
        raise CatalogError(f"{path}: a contract's schema is an object")
    # As the catalog reads schemas: only records need their numbers exact.
    schema: dict[str, Any] = json.loads(_content(path))
    return schema


def _text(path: Path) -> str:
    try:
        return _content(path).decode("utf-8")
    except UnicodeDecodeError as error:
        raise CatalogError(f"{path} is not UTF-8 text: {error}") from error


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}") from error


class _CasePlaces:
    """The places of cases in an index, all found when the first is asked for: there may be thousands."""

    def __init__(self, index: Path, numbers: Mapping[str, int]) -> None:
        self._index, self._numbers = index, numbers

    def of(self, case: SuiteCase) -> Location:
        (start, end), _ = self._places.spans(("cases", self._numbers[case.id], "id"))
        return Location(str(self._index), *self._places.line_and_column(start), excerpt(self._places.text, start, end))

    @cached_property
    def _places(self) -> Places:
        document = Document(str(self._index), _content(self._index))
        return Places(document, [("cases", number, "id") for number in self._numbers.values()])
