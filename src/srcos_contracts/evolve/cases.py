"""The stored examples and cases of a contract: records, and the exact findings that each must give (schemas/meta/cases.json)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from srcos_contracts.checking import markdown_value
from srcos_contracts.contracts.catalog import Catalog, CatalogError, Claim, Contract
from srcos_contracts.contracts.diagnosis import Diagnosis, diagnose
from srcos_contracts.contracts.judge import Judge
from srcos_contracts.contracts.vocabulary import NO_PARTS
from srcos_contracts.evolve.form import read_formed
from srcos_contracts.finding import Finding, Severity
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import format_pointer
from srcos_contracts.reading.source import read, select
from srcos_contracts.refusal import Refusal

__all__ = [
    "CASES_FILE",
    "Case",
    "CaseSet",
    "PatchFailed",
    "Told",
    "as_told",
    "diagnoses",
    "differing",
    "listed",
    "load_cases",
    "patched",
    "rejections",
    "shortcoming",
    "told",
]

CASES_FILE = "cases.json"


class Told(NamedTuple):
    """What a case says of one finding."""

    rule: str
    pointer: str
    severity: Severity = "error"
    line: int = 0
    """The line of the record in its file; 0 in files of one record."""

    def as_entry(self) -> dict[str, Any]:
        """The finding as cases.json has it."""
        severity = {} if self.severity == "error" else {"severity": self.severity}
        return {"rule": self.rule, "pointer": self.pointer, **severity, **({"line": self.line} if self.line else {})}


class Case(NamedTuple):
    """Records that belong together, as one file holds them, and what they must give."""

    name: str
    file: str
    """The example, or the one that was patched, below the contract's folder."""
    records: tuple[tuple[Any, int], ...]
    """Each record's value, and its line where the file has several."""
    parts: Mapping[str, str]
    """The parts of the path that the contract is bound to, where the file lies on such a path."""
    faults: frozenset[Told]
    """What the reader has to say; no contract has a part in it."""
    expect: frozenset[Told] | bool
    """The exact findings, or of an example that has none stored whether it is to be valid."""
    patch: tuple[dict[str, Any], ...] = ()
    """The operations that made the record from that of the example."""

    @property
    def valid(self) -> bool:
        """Whether nothing at all is to be found."""
        return self.expect if isinstance(self.expect, bool) else not self.expect


class CaseSet(NamedTuple):
    """All cases of one version of a contract."""

    contract: Contract
    folder: Path
    cases: tuple[Case, ...]
    stray: tuple[str, ...]
    """Files that cases.json does not list, and listed ones that are not there."""

    @property
    def loose(self) -> bool:
        """Whether these are examples without stored findings."""
        return any(isinstance(case.expect, bool) for case in self.cases)


def load_cases(examples: Path, catalog: Catalog, contract: Contract) -> CaseSet:
    """The cases of a contract, from `examples/<Contract>/<version>/`.

    Raises CatalogError where cases.json cannot be read or does not have its form.
    """
    folder = examples / contract.name / contract.version
    path = folder / CASES_FILE
    stored = read_formed(path, "cases.json")
    if (stored["contract"], stored["version"]) != (contract.name, contract.version):
        raise CatalogError(f"{path} is about {stored['contract']} {stored['version']}, and lies where those of {contract.label} belong")
    bases = {entry["file"]: _file_case(catalog, contract, folder, entry) for entry in stored["files"]}
    cases = [*bases.values(), *(_patched(bases, entry, path) for entry in stored["cases"])]
    on_disk = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file() and file.name != CASES_FILE}
    return CaseSet(contract, folder, tuple(cases), tuple(sorted(on_disk ^ bases.keys())))


def _expected(entry: Mapping[str, Any]) -> frozenset[Told]:
    return frozenset(
        Told(finding["rule"], finding["pointer"], finding.get("severity", "error"), finding.get("line", 0)) for finding in entry["expect"]
    )


def _file_case(catalog: Catalog, contract: Contract, folder: Path, entry: Mapping[str, Any]) -> Case:
    path = folder / entry["file"]
    records: list[tuple[Any, int]] = []
    faults: set[Told] = set()
    parts = catalog.parts(contract, str(path))
    for source in select([str(path)]).sources:
        numbered = source.form == "jsonl"
        for item in read(source):
            if isinstance(item, Finding):
                faults.add(Told(item.rule, item.pointer, item.severity, item.location.line if numbered else 0))
                continue
            value, fault = item.value, None
            if source.form == "markdown":
                value, _, fault = markdown_value(source, item, Claim(contract, parts))
            if fault is not None:
                faults.add(Told(fault.rule, fault.pointer, fault.severity))
            else:
                records.append((value, item.line if numbered else 0))
    return Case(entry["file"], entry["file"], tuple(records), parts, frozenset(faults), _expected(entry))


def _patched(bases: Mapping[str, Case], entry: Mapping[str, Any], path: Path) -> Case:
    base = bases.get(entry["base"])
    if base is None or not base.records:
        what = "a file without a record" if base is not None else "no file of this list"
        raise CatalogError(f"{path}: the base of {entry['name']!r}, {entry['base']}, is {what}")
    try:
        record = patched(base.records[0][0], entry["patch"])
    except PatchFailed as error:
        raise CatalogError(f"{path}: the patch of {entry['name']!r} does not apply: {error}") from error
    return Case(entry["name"], entry["base"], ((record, 0),), base.parts, frozenset(), _expected(entry), tuple(entry["patch"]))


class PatchFailed(Refusal):
    """A JSON Patch does not fit the record."""


def patched(record: Any, patch: Sequence[Mapping[str, Any]]) -> Any:
    """A record after a JSON Patch (RFC 6902); the original is not touched.

    Raises PatchFailed where the patch does not apply, CatalogError where there is nothing to apply it with.
    """
    try:
        import jsonpatch
    except ImportError:
        raise CatalogError("the patches of cases.json are applied by jsonpatch: pip install 'srcos-contracts[author]'") from None
    try:
        return jsonpatch.apply_patch(copy.deepcopy(record), list(patch))
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException, IndexError, TypeError) as error:
        raise PatchFailed(str(error)) from error


def shortcoming(case: Case, faults: Sequence[tuple[Diagnosis, int]]) -> str:
    """How what came of a case differs from what it must give, in words; empty where it does not."""
    if isinstance(case.expect, bool):
        errors = as_told(case, [(fault, line) for fault, line in faults if fault.severity == "error"])
        if bool(errors) is not case.expect:
            return ""
        return f"is to be valid, but {listed(errors)} came" if errors else "is to be invalid by its path, but no error came"
    return differing(case.expect, as_told(case, faults))


def differing(expected: frozenset[Told], given: frozenset[Told]) -> str:
    """How findings differ from those that are expected, in words; empty where they do not."""
    sides = ((expected - given, "did not come"), (given - expected, "came"))
    return " and ".join(f"{listed(side)} {what}" for side, what in sides if side)


def listed(told_of: frozenset[Told]) -> str:
    """Findings in words."""
    return ", ".join(_words(found) for found in sorted(told_of))


def _words(found: Told) -> str:
    line = f" in line {found.line}" if found.line else ""
    return f"{found.rule}{' (a warning)' if found.severity == 'warning' else ''} at {found.pointer or 'the record'}{line}"


def diagnoses(judge: Judge, contract: Contract, case: Case) -> Iterator[tuple[Diagnosis, int]]:
    """Every fault of a case's records, with the line of its record."""
    for record, line in case.records:
        for fault in diagnose(judge, record, contract.name, case.parts):
            yield fault, line


def told(judge: Judge, contract: Contract, case: Case) -> frozenset[Told]:
    """What a case gives, in the form of what it must give."""
    return as_told(case, list(diagnoses(judge, contract, case)))


def as_told(case: Case, faults: Sequence[tuple[Diagnosis, int]]) -> frozenset[Told]:
    """Faults of a case's records, with those that its reader found, in the form of what it must give."""
    return case.faults.union([Told(fault.rule, format_pointer(fault.path), fault.severity, line) for fault, line in faults])


def rejections(judge: Judge, case: Case) -> tuple[bool, ...]:
    """Whether each of a case's records breaks anything: far cheaper to ask than what."""
    return tuple(not judge.accepts(record, case.parts or NO_PARTS) for record, _ in case.records)
