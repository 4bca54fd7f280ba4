"""The stored cases as a suite for validators in any language: each is one record, or the text of one file, and what must be said of it."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Literal

from srcos_contracts.contracts.catalog import Catalog, CatalogError, Contract
from srcos_contracts.contracts.engine import build
from srcos_contracts.evolve.cases import Case, CaseSet, Told
from srcos_contracts.evolve.stored_places import CasePlaces
from srcos_contracts.finding import Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import ABSENT
from srcos_contracts.reading.source import Form, Source, opened, reason, source_named
from srcos_contracts.refusal import Refusal

__all__ = ["LEVELS", "Level", "Suite", "SuiteCase", "conformance_suite"]

Level = Literal["schema", "verdict", "findings"]
LEVELS: tuple[Level, ...] = ("schema", "verdict", "findings")
"""What a validator is asked: whether plain JSON Schema takes a record for valid, whether its contract does, or for the exact findings."""


class SuiteCase(NamedTuple):
    """One question, and its answer at each level."""

    id: str
    """`<Contract>/<version>/<name>`, and the line of its file where that has several records; unique in a suite."""
    name: str
    """What cases.json calls it."""
    contract: Contract
    path: str
    """The example that it is or was made from, below the contract's folder: where a contract is bound to paths, its path."""
    parts: Mapping[str, str]
    """What a path that the contract is bound to says, by the names of its parts."""
    form: Form
    """How `text` is read."""
    line: int
    """The record's line, where its file has several; else 0."""
    record: Any
    """The record, exactly as it was read; ABSENT where the file is not one record."""
    text: str | None
    """The text of the file, where it says more than the record: of all that is not JSON, and of what is no record."""
    valid: bool
    """Whether it gives no error."""
    schema_valid: bool | None
    """What a validator must say that knows no x- keywords, and asserts formats; None where there is no record to ask about."""
    findings: frozenset[Told] | None
    """All findings, warnings included; None where none are stored. Their `line` is that of a record in `text`, 0 for `record`."""

    def asked_at(self, level: Level) -> bool:
        """Whether there is an answer at this level."""
        if level == "schema":
            return self.schema_valid is not None
        return level == "verdict" or self.findings is not None


class Suite(NamedTuple):
    """What validators are asked."""

    cases: tuple[SuiteCase, ...]
    """In the order in which they are stored."""
    schemas: Mapping[str, dict[str, Any]]
    """The self-contained schema of each contract, by its URI."""
    place_of: Callable[[SuiteCase], Location]
    """Where a case is stored."""
    stored: tuple[CaseSet, ...] = ()
    """The examples and cases that it was made from; none where it was read from a folder that it had been written to."""


def conformance_suite(catalog: Catalog, stored: Sequence[CaseSet]) -> Suite:
    """The suite of some stored cases.

    Raises CatalogError where a schema or an example cannot be used, or two cases would have one id.
    """
    found: dict[str, SuiteCase] = {}
    for cases in stored:
        plain = _plain(catalog, cases.contract)
        for case in cases.cases:
            for made in _made(plain, cases, case):
                if found.setdefault(made.id, made) is not made:
                    raise CatalogError(f"{cases.folder}: two cases have the name {made.name!r}; give each its own")
    schemas = {cases.contract.uri: catalog.document(cases.contract.bundle) for cases in stored}
    places = {cases.contract: CasePlaces(cases) for cases in stored}
    return Suite(tuple(found.values()), schemas, lambda case: places[case.contract].of(case.name), tuple(stored))


def _plain(catalog: Catalog, contract: Contract) -> Callable[[Any], bool]:
    """Whether a record is valid by plain JSON Schema, which takes keywords that it does not know for remarks."""
    try:
        is_valid: Callable[[Any], bool] = build(catalog.document(contract.bundle)).is_valid
    except CatalogError:
        raise
    except Refusal as error:
        raise CatalogError(f"{catalog.shown}/{contract.bundle}: {error}") from error
    return is_valid


def _made(plain: Callable[[Any], bool], cases: CaseSet, case: Case) -> Iterator[SuiteCase]:
    name = "/".join(part for part in (cases.contract.name, cases.contract.version, case.name) if part)
    expect = case.expect if isinstance(case.expect, frozenset) else None
    whole = SuiteCase(
        name, case.name, cases.contract, _inside(cases, case.file), case.parts, "json", 0, ABSENT, None, _valid(case.expect), None, expect
    )

    def about(record: Any, line: int) -> SuiteCase:
        findings = None if expect is None else frozenset(told._replace(line=0) for told in expect if told.line == line)
        valid = whole.valid if findings is None else _valid(findings)
        return whole._replace(record=record, valid=valid, schema_valid=plain(record), findings=findings)

    if case.name != case.file:
        yield about(*case.records[0])
        return
    source = source_named(str(cases.folder / case.file))
    if source is None or source.form is None:
        raise CatalogError(f"{cases.folder / case.file}: the file's form is not known from its name")
    # Which of several records a loose negative is about, nobody has said.
    one_by_one = not case.faults and (len(case.records) == 1 or (source.form == "jsonl" and (expect is not None or whole.valid)))
    if not case.records or not one_by_one:
        yield whole._replace(form=source.form, text=_text(source))
    elif source.form == "jsonl":
        for record, line in case.records:
            made = about(record, line)
            yield made if len(case.records) == 1 else made._replace(id=f"{name}:{line}", line=line)
    else:
        text = None if source.form == "json" else _text(source)
        yield about(*case.records[0])._replace(form=source.form, text=text)


def _valid(expect: frozenset[Told] | bool) -> bool:
    return expect if isinstance(expect, bool) else all(told.severity != "error" for told in expect)


def _inside(cases: CaseSet, file: str) -> str:
    if PurePosixPath(file).is_absolute() or ".." in PurePosixPath(file).parts:
        raise CatalogError(f"{cases.folder}: the example {file!r} lies elsewhere; move it here")
    return file


def _text(source: Source) -> str:
    try:
        with opened(source) as stream:
            return stream.read().decode("utf-8")
    except UnicodeDecodeError:
        raise CatalogError(f"{source.name} is not UTF-8 text, so that no line of JSON can hold it; it cannot be in a suite") from None
    except (OSError, EOFError, zlib.error) as error:
        raise CatalogError(f"{source.name} cannot be read: {reason(error)}") from error
