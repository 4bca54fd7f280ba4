"""Lint: what is wrong with schemas themselves, before any record is judged by them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

import jsonschema_rs

from srcos_contracts.contracts.catalog import shipped_root
from srcos_contracts.contracts.checksums import read_sums
from srcos_contracts.evolve.lint_contract import Surroundings, contract_faults, stray_fault
from srcos_contracts.evolve.lint_declared import declared_faults
from srcos_contracts.evolve.lint_layout import layout_faults, mended
from srcos_contracts.evolve.lint_released import released_faults
from srcos_contracts.evolve.lint_rules import LINT_RULES, Fault
from srcos_contracts.evolve.lint_schema import errors_of, general_faults
from srcos_contracts.evolve.lint_usage import usage_of
from srcos_contracts.evolve.schema_file import (
    GENERATED,
    Folder,
    Kind,
    SchemaFile,
    contracts_above,
    is_schema,
    load_folder,
    place_file,
    read_schema,
)
from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, format_pointer
from srcos_contracts.reading.document import Document, excerpt
from srcos_contracts.reading.locate import Lines, Spans, spans_of
from srcos_contracts.reading.source import Source, select, unreadable
from srcos_contracts.refusal import Refusal
from srcos_contracts.whole_file import replace_text

__all__ = ["LINT_RULES", "CannotMend", "Linted", "lint", "mend"]

_MOST = 1000


class CannotMend(Refusal):
    """A schema file could not be written."""


class Linted(NamedTuple):
    """What lint looked at and what it found."""

    findings: tuple[Finding, ...]
    """In the order of the files, and in each from top to bottom."""
    files: tuple[str, ...]
    """The schemas that were looked at."""
    passed_over: int
    """JSON files in folders that are no schemas, or are generated from schemas."""


def lint(paths: Iterable[str]) -> Linted:
    """Lints the schemas that `paths` name: files, or folders and all that is in them.

    Contracts, and the definitions that they share, are held to every rule; any other JSON Schema only to the general ones.
    Raises BadSums where the checksums of released files do not have their form.
    """
    files, findings, passed_over = _collect(paths)
    surroundings: dict[str, Surroundings] = {}
    for file in files:
        around = surroundings.get(file.folder.path)
        if around is None:
            around = surroundings[file.folder.path] = Surroundings(file.folder, usage_of(file.folder))
        findings += _findings(file, around)
    for around in surroundings.values():
        if around.folder.contracts:
            findings += released_faults(around.folder.path, _from_here(around.folder.path))
    return Linted(tuple(findings), tuple(file.document.file for file in files), passed_over)


def _from_here(folder: str) -> str:
    """The path of a folder as short as it can be: relative where it lies below the working directory."""
    near = os.path.relpath(folder)
    return folder if near.split(os.sep)[0] == os.pardir else near


def mend(paths: Iterable[str]) -> tuple[str, ...]:
    """Puts the layout of contracts right where that changes no value, and gives the files that were written.

    A released file, which SHA256SUMS lists, is never written. Raises CannotMend where a file cannot be, BadSums.
    """
    written = []
    for file in _collect(paths)[0]:
        if (
            file.kind in ("contract", "definitions")
            and file.file not in read_sums(file.folder.path)
            and any(layout_faults(file.document, file.value))
        ):
            text = mended(file.document, file.value)
            if text != file.text:
                _write(file.document.file, text)
                written.append(file.document.file)
    return tuple(written)


def _collect(paths: Iterable[str]) -> tuple[list[SchemaFile], list[Finding], int]:
    """The schemas to look at, the findings for what could not be read, and how many files were passed over."""
    selection = select(paths)
    named = {os.path.normpath(path) for path in paths}
    files: list[SchemaFile] = []
    findings = list(selection.problems)
    passed_over = 0
    folders: dict[str, Folder] = {}
    for source in selection.sources:
        given = os.path.normpath(source.name) in named
        if source.form != "json" or source.gzipped or source.path is None:
            if given:
                findings.append(unreadable(source.name, "lint reads schemas from .json files", "name a .json file or a folder"))
            continue
        item = read_schema(source)
        if isinstance(item, Finding):
            findings.append(item)
        elif item is not None:
            file = _placed(source, *item, given, folders)
            if file is not None:
                files.append(file)
            elif given:
                findings.append(unreadable(source.name, "this is JSON, and no JSON Schema", "name the file of a schema"))
            else:
                passed_over += 1
    return files, findings, passed_over


def _placed(source: Source, document: Document, value: Any, given: bool, folders: dict[str, Folder]) -> SchemaFile | None:
    if not is_schema(value, given):
        return None
    top = contracts_above(source.name, value)
    if top is not None:
        folder = folders.get(top) or folders.setdefault(top, load_folder(top))
        if folder.contracts:
            first = os.path.relpath(os.path.abspath(source.name), top).split(os.sep)[0]
            if first not in GENERATED:
                kind: Kind = "contract" if "x-contract" in value else "definitions" if first == "defs" else "stray"
                return place_file(document, value, folder, kind)
            if not given:
                return None
    anywhere = folders.setdefault("", Folder(os.getcwd(), {}))
    return place_file(document, value, anywhere, "foreign")


def _findings(file: SchemaFile, around: Surroundings) -> list[Finding]:
    faults = list(dict.fromkeys(islice(_faults(file, around), _MOST + 1)))
    if file.kind != "foreign":
        faults += _against_vocabulary(file, [fault.path for fault in faults if fault.span is None])
    if len(faults) > _MOST:
        faults[_MOST:] = [Fault("lint-schema", (), f"there are more than {_MOST:,} faults; the others are not listed", "mend these first")]
    text = file.text
    spans, lines = spans_of(text, [fault.path for fault in faults]), Lines(text)
    found = [_finding(file.document.file, text, spans[fault.path], lines, fault) for fault in faults]
    return sorted(found, key=lambda finding: (finding.location.line, finding.location.column, finding.rule, finding.pointer))


def _faults(file: SchemaFile, around: Surroundings) -> Iterator[Fault]:
    yield from general_faults(file, _x_keywords())
    if file.kind == "stray":
        yield stray_fault(file)
    elif file.kind != "foreign":
        yield from contract_faults(file, around)
        yield from declared_faults(file, around)
        yield from layout_faults(file.document, file.value)


def _finding(name: str, text: str, spans: Spans, lines: Lines, fault: Fault) -> Finding:
    rule = LINT_RULES[fault.rule]
    value, key = spans
    span = fault.span or (key if fault.at_key and key is not None else value)
    line, column = lines.place(span[0])
    location = Location(name, line, column, excerpt(text, *span))
    return Finding(fault.rule, fault.severity, rule.message, location, fault.help or rule.help, fault.detail, format_pointer(fault.path))


def _against_vocabulary(file: SchemaFile, explained: list[Path]) -> Iterator[Fault]:
    """What the schema of the vocabulary has against a file, but for what a finding at the same place, or below it, says better."""
    for path, detail in errors_of(_vocabulary()[0], file.value):
        if not any(known[: len(path)] == path for known in explained):
            own = any(isinstance(token, str) and token.startswith("x-") for token in path)
            yield Fault("lint-vocabulary" if own else "lint-schema", path, detail)


@lru_cache(maxsize=1)
def _vocabulary() -> tuple[Any, frozenset[str]]:
    """A validator of the vocabulary's schema, and the keywords that it adds to JSON Schema."""
    with open(os.path.join(shipped_root(), "meta", "vocabulary.json"), encoding="utf-8") as stream:
        schema = json.load(stream)
    options = jsonschema_rs.FancyRegexOptions()
    validator = jsonschema_rs.Draft202012Validator(schema, offline=True, validate_formats=True, pattern_options=options)
    return validator, frozenset(schema["properties"])


def _x_keywords() -> frozenset[str]:
    return _vocabulary()[1]


def _write(path: str, text: str) -> None:
    try:
        replace_text(path, text)
    except OSError as error:
        raise CannotMend(f"{path} cannot be written: {error.strerror or error}") from error
