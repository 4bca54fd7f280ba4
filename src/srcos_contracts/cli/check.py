"""`srcos-validate check`: every record by itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple, Protocol, TextIO

from srcos_contracts.checking import Batch, Demands, check_all, quiet_collector
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.contracts.judge import EngineName
from srcos_contracts.finding import Finding
from srcos_contracts.reading.source import Selection, Source, select
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.report.summary import Summary

__all__ = ["FORMATS", "CheckRequest", "Checks", "UsageError", "open_reports", "processors", "run_check"]

FORMATS = ("human", "json", "jsonl")
_HUMAN_MOST = 100


class UsageError(Refusal):
    """A command line that asks for what cannot be done; the text says what to do instead."""


class CheckRequest(NamedTuple):
    """What a command line asks of `check`."""

    paths: tuple[str, ...]
    contract: str | None = None
    schemas: str | None = None
    strict: bool = False
    formats: tuple[str, ...] = ("human",)
    """Each `FORMAT` for standard output or `FORMAT=FILE`."""
    engine: EngineName = "rust"
    jobs: int = 0
    """0 is one for each processor."""
    most: int | None = None
    """None is 100 for people and all for programs; 0 is all."""
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    stdin_name: str | None = None


class Report(Protocol):
    """What findings are handed to."""

    @property
    def hidden(self) -> int: ...

    def add(self, finding: Finding) -> None: ...

    def close(self, summary: Summary) -> None: ...


Checks = Callable[[Catalog, list[Source], Demands, int], Iterator[Batch]]
"""From sources, what is asked of them, and a number of processes to what is found."""


def run_check(request: CheckRequest, checks: Checks = check_all, further: Sequence[Report] = ()) -> int:
    """Checks what the request names and reports it, also to `further` reports. Returns the exit code."""
    quiet_collector()
    try:
        catalog = Catalog.at(request.schemas) if request.schemas is not None else Catalog.shipped()
        demands = _demands(catalog, request)
        with ExitStack() as files:
            reports = [*open_reports(request.formats, request.most, files), *further]
            return _run(catalog, demands, request, reports, checks)
    except Refusal as error:
        sys.stdout.flush()
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2


def _run(catalog: Catalog, demands: Demands, request: CheckRequest, reports: Sequence[Report], checks: Checks) -> int:
    selection = select(request.paths, request.stdin_name, catalog.binds)
    files = records = errors = warnings = 0
    unread = False

    def take(finding: Finding) -> None:
        nonlocal errors, warnings, unread
        if finding.severity == "error":
            errors += 1
        else:
            warnings += 1
        unread = unread or finding.rule == "unreadable"
        for report in reports:
            report.add(finding)

    for problem in selection.problems:
        take(problem)
    ticker = _Ticker(sys.stderr, selection)
    refused: Refusal | None = None
    try:
        for batch in checks(catalog, selection.sources, demands, request.jobs or processors()):
            for finding in batch.findings:
                take(finding)
            files += batch.last
            records += batch.records
            ticker.tick(batch.bytes, records)
    except Refusal as error:
        # What was found before stands, in a report that is whole.
        refused = error
    ticker.clear()
    # A file that was opened but gave nothing at all is no success either.
    nothing = not records and not errors
    summary = Summary(files, records, errors, warnings)
    for report in reports:
        report.close(summary._replace(hidden=report.hidden))
    sys.stdout.flush()
    if refused is not None:
        raise refused
    _say(summary._replace(hidden=min(report.hidden for report in reports)), selection, nothing)
    if catalog.unreached:
        from srcos_contracts.cli.unreached import unreached_notes

        print(*unreached_notes(catalog), sep="\n", file=sys.stderr)
    if unread or nothing:
        return 2
    return 1 if errors else 0


def _say(summary: Summary, selection: Selection, nothing: bool) -> None:
    hidden = f" ({summary.hidden:,} not shown)" if summary.hidden else ""
    found = f"{_count(summary.errors, 'error')}, {_count(summary.warnings, 'warning')}{hidden}"
    verdict = "nothing was checked" if nothing else found if summary.errors or summary.warnings else "all in order"
    print(f"{_count(summary.files, 'file')}, {_count(summary.records, 'record')}: {verdict}", file=sys.stderr)
    if selection.left_out:
        kinds = ", ".join(f"{count} {escape(suffix) or 'without suffix'}" for suffix, count in sorted(selection.left_out.items())[:8])
        print(f"not looked at in folders: {kinds}", file=sys.stderr)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _demands(catalog: Catalog, request: CheckRequest) -> Demands:
    contract = catalog.find(request.contract) if request.contract is not None else None
    if request.select or request.ignore:
        from srcos_contracts.rules import check_rule_names

        check_rule_names(catalog, (*request.select, *request.ignore))
    return Demands(contract, request.engine, request.strict, frozenset(request.select), frozenset(request.ignore))


def open_reports(formats: Sequence[str], most: int | None, files: ExitStack) -> list[Report]:
    """The reports that `--format` asks for; `files` closes what they write to. Raises UsageError."""
    wanted = [(name, file) for name, _, file in (text.partition("=") for text in formats)]
    for name, _ in wanted:
        if name not in FORMATS:
            raise UsageError(f"there is no format {name}; there are {', '.join(FORMATS)}")
    if [file for _, file in wanted].count("") > 1:
        raise UsageError("two formats cannot share standard output; give one a file: --format json=report.json")
    reports: list[Report] = []
    for name, file in wanted:
        out = files.enter_context(_opened(file)) if file else _stdout()
        reports.append(_report(name, out, most, _colored(out)))
    return reports


def _opened(file: str) -> TextIO:
    try:
        return open(file, "w", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error


def _report(name: str, out: TextIO, most: int | None, color: bool) -> Report:
    if name == "human":
        from srcos_contracts.report.human import HumanReport

        return HumanReport(out, color, _HUMAN_MOST if most is None else most)
    from srcos_contracts.report.machine import JsonLinesReport, JsonReport

    return JsonReport(out, most or 0) if name == "json" else JsonLinesReport(out, most or 0)


def _stdout() -> TextIO:
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")
    return sys.stdout


def _colored(out: TextIO) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return out.isatty() and os.environ.get("TERM") != "dumb"


class _Ticker:
    """How far a long check has come, on a terminal only."""

    def __init__(self, out: TextIO, selection: Selection) -> None:
        self._out = out
        self._active = out.isatty()
        self._done = 0
        self._total = 0
        self._written = False
        if self._active:
            self._total = sum(os.stat(source.path).st_size for source in selection.sources if source.path and os.path.exists(source.path))

    def tick(self, done: int, records: int) -> None:
        self._done += done
        if self._active and done and self._total > 1 << 24:
            self._written = True
            self._out.write(f"\r\x1b[K{100 * self._done // self._total} %  {records:,} records")
            self._out.flush()

    def clear(self) -> None:
        if self._written:
            self._out.write("\r\x1b[K")
            self._out.flush()
