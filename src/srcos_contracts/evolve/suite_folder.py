"""A suite as files, for whoever prefers them to a conversation: cases.json (schemas/meta/conformance.json), payloads, schemas and sets."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from srcos_contracts.contracts.catalog import CatalogError, Contract
from srcos_contracts.evolve.conformance import Suite, SuiteCase
from srcos_contracts.exact import exact_text
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import ABSENT
from srcos_contracts.refusal import Refusal

__all__ = ["NotWritten", "suite_files", "write_suite"]

_FORM_VERSION = 1
_EXPECTED_FILE = "expected.json"
_LONGEST = 80
_NO_WORD = re.compile(r"[^a-z0-9]+")
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]")


class NotWritten(Refusal):
    """A folder that cannot be written."""


class _Payload(NamedTuple):
    """The files of a case; empty where it has none."""

    record: str
    text: str


def suite_files(suite: Suite, sets: Path | None = None) -> Iterator[tuple[str, bytes]]:
    """The files of a suite, each with its path, always the same for the same cases. `sets` is the folder of the stored sets of
    records, where they are to be in it.

    Raises CatalogError where an example cannot be read.
    """
    schemas = {cases.contract.uri: f"schemas/{_folder(cases.contract)}.json" for cases in suite.stored}
    for uri, bundle in suite.schemas.items():
        yield schemas[uri], _encoded(exact_text(bundle, "  "))
    payloads = list(_payloads(suite))
    folders = {cases.contract.uri: cases.folder for cases in suite.stored}
    for case, payload in zip(suite.cases, payloads, strict=True):
        if case.text is not None:
            yield payload.text, case.text.encode("utf-8")
        if case.record is not ABSENT:
            yield payload.record, _record(case, folders[case.contract.uri])
    found = sorted(path.parent for path in sets.glob(f"**/{_EXPECTED_FILE}")) if sets is not None else []
    named = {folder: f"sets/{folder.relative_to(sets).as_posix()}" for folder in found} if sets is not None else {}
    for folder, name in named.items():
        for file in sorted(file for file in folder.rglob("*") if file.is_file()):
            yield f"{name}/{file.relative_to(folder).as_posix()}", _content(file)
    yield "cases.json", _encoded(_index(suite.cases, payloads, schemas, list(named.values())))


def write_suite(folder: Path, files: Iterable[tuple[str, bytes]]) -> int:
    """Writes files to a folder that is not there yet, or is empty: all of them, or nothing. Returns how many. Raises NotWritten."""
    target = Path(os.path.abspath(folder))
    unfinished = target.with_name(f"{target.name}.{os.getpid()}.unfinished")
    count = 0
    try:
        if os.path.lexists(target) and not (target.is_dir() and not any(target.iterdir())):
            raise NotWritten(f"{folder} is there already; name a folder that is not, or remove it first")
        for name, content in files:
            path = unfinished / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as stream:
                stream.write(content)
            count += 1
        os.replace(unfinished, target)
    except FileExistsError as error:
        raise NotWritten(f"{folder} cannot be written: two cases would have the file {error.filename}") from error
    except OSError as error:
        raise NotWritten(f"{folder} cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return count


def _index(cases: Sequence[SuiteCase], payloads: Sequence[_Payload], schemas: Mapping[str, str], sets: Sequence[str]) -> str:
    """The text of cases.json: a case a line, so that a change of one shows as that."""
    entries = ",\n".join(f"    {exact_text(_entry(*pair))}" for pair in zip(cases, payloads, strict=True))
    named = exact_text(dict(schemas), "  ").replace("\n", "\n  ")
    listed = exact_text(list(sets), "  ").replace("\n", "\n  ")
    return f'{{\n  "form": {_FORM_VERSION},\n  "schemas": {named},\n  "cases": [\n{entries}\n  ],\n  "sets": {listed}\n}}'


def _entry(case: SuiteCase, payload: _Payload) -> dict[str, Any]:
    findings = (
        None
        if case.findings is None
        else [
            {"rule": told.rule, "pointer": told.pointer, "severity": told.severity, **({"line": told.line} if told.line else {})}
            for told in sorted(case.findings)
        ]
    )
    return {
        "id": case.id,
        "contract": case.contract.name,
        "version": case.contract.version,
        "schema": case.contract.uri,
        "path": case.path,
        **({"parts": dict(case.parts)} if case.parts else {}),
        **({"record": payload.record} if case.record is not ABSENT else {}),
        **({"form": case.form, "text": payload.text} if case.text is not None else {}),
        "expect": {
            **({"schema": case.schema_valid} if case.schema_valid is not None else {}),
            "verdict": case.valid,
            **({"findings": findings} if findings is not None else {}),
        },
    }


def _payloads(suite: Suite) -> Iterator[_Payload]:
    """Where the files of each case are to lie."""
    slugs = Counter((case.contract.uri, _slug(case.name)) for case in suite.cases if case.name != case.path)
    for case in suite.cases:
        folder = f"payloads/{_folder(case.contract)}"
        if case.name != case.path:
            slug = _slug(case.name)
            # Of two names that look alike, neither gets its file's name by coming first.
            apart = f"-{hashlib.sha256(case.name.encode()).hexdigest()[:8]}" if slugs[case.contract.uri, slug] > 1 else ""
            yield _Payload(f"{folder}/cases/{slug}{apart}.json", "")
            continue
        file = f"{folder}/{case.path.removesuffix('.gz')}"
        line = f".{case.line}" if case.line else ""
        yield _Payload(file if file.endswith(".json") and case.text is None else f"{file}{line}.record.json", file)


def _record(case: SuiteCase, folder: Path) -> bytes:
    """A stored JSON file as it is; any other record as it was read."""
    if case.name == case.path and case.path.endswith(".json") and case.text is None:
        return _content(folder / case.path)
    return _encoded(exact_text(case.record, "  "))


def _slug(name: str) -> str:
    return _NO_WORD.sub("-", name.lower()).strip("-")[:_LONGEST].strip("-") or "case"


def _folder(contract: Contract) -> str:
    """A folder's path from names that others have given, which leads nowhere else."""
    return "/".join(_NO_NAME.sub("-", part).replace("..", "--") for part in (contract.name, contract.version) if part)


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise CatalogError(f"{file} cannot be read: {error.strerror}") from error


def _encoded(text: str) -> bytes:
    return f"{text}\n".encode("ascii")
