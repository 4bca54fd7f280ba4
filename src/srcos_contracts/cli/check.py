"""`srcos-validate check`: every record by itself."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple, Protocol, TextIO

from srcos_contracts.checking import Batch, Demands, Progress, check_all, quiet_collector
from srcos_contracts.cli.commands import COMMANDS
from srcos_contracts.cli.progress import Ticker
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.contracts.judge import EngineName
from srcos_contracts.finding import Finding
from srcos_contracts.reading.source import Selection, Source, select
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.report.summary import Summary

__all__ = ["FORMATS", "CheckRequest", "Checks", "UsageError", "keep", "open_reports", "processors", "run_check"]

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


Checks = Callable[[Catalog, list[Source], Demands, int, Progress | None], Iterator[Batch]]
"""From sources, what is asked of them, a number of processes, and who is told of the progress, to what is found."""


def _check(catalog: Catalog, sources: list[Source], demands: Demands, jobs: int, progress: Progress | None) -> Iterator[Batch]:
    return check_all(catalog, sources, demands, jobs, progress=progress)


def run_check(request: CheckRequest, checks: Checks = _check, further: Sequence[Report] = ()) -> int:
    """Checks what the request names and reports it, also to `further` reports. Returns the exit code."""
    quiet_collector()
    try:
        catalog = Catalog.at(request.schemas) if request.schemas is not None else Catalog.shipped()
        demands = _demands(catalog, request)
        selection = select(request.paths, request.stdin_name, catalog.binds)
        with ExitStack() as files:
            reports = [*open_reports(request.formats, request.most, files, selection.sources), *further]
            return _run(catalog, demands, request, selection, reports, checks)
    except Refusal as error:
        sys.stdout.flush()
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2


def _run(catalog: Catalog, demands: Demands, request: CheckRequest, selection: Selection, reports: Sequence[Report], checks: Checks) -> int:
    files = records = unclaimed = errors = warnings = 0
    unread = False
    empty: list[str] = []

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
        take(_as_command(problem, request.paths[0]))
    before = (0, errors + warnings)
    ticker = Ticker(sys.stderr, selection.sources)
    refused: Refusal | None = None
    try:
        for batch in checks(catalog, selection.sources, demands, request.jobs or processors(), ticker.progress):
            for finding in batch.findings:
                take(finding)
            records += batch.records
            unclaimed += batch.unclaimed
            if batch.last:
                if (records, errors + warnings) == before:
                    empty.append(selection.sources[files].name)
                files += 1
                before = (records, errors + warnings)
    except Refusal as error:
        # What was found before stands, in a report that is whole.
        refused = error
    ticker.clear()
    # Files that were opened but gave nothing at all are no success either.
    nothing = records == unclaimed and not errors
    summary = Summary(files, records, errors, warnings, 0, unclaimed)
    for report in reports:
        report.close(summary._replace(hidden=report.hidden))
    sys.stdout.flush()
    if refused is not None:
        raise refused
    _say(summary._replace(hidden=min(report.hidden for report in reports)), demands, nothing)
    for note in _notes(selection, empty):
        print(note, file=sys.stderr)
    if catalog.unreached:
        from srcos_contracts.cli.unreached import unreached_notes

        print(*unreached_notes(catalog), sep="\n", file=sys.stderr)
    if unread or nothing:
        return 2
    return 1 if errors else 0


def _say(summary: Summary, demands: Demands, nothing: bool) -> None:
    hidden = f" ({summary.hidden:,} not shown)" if summary.hidden else ""
    unjudged = f" ({summary.unclaimed:,} judged by no contract)" if summary.unclaimed else ""
    if nothing:
        verdict = "nothing was checked"
    elif summary.errors or summary.warnings:
        verdict = f"{_count(summary.errors, 'error')}, {_count(summary.warnings, 'warning')}{hidden}"
    elif demands.select:
        verdict = "no finding of the selected rules"
    else:
        verdict = "no finding of rules that are not ignored" if demands.ignore else "all in order"
    print(f"{_count(summary.files, 'file')}, {_count(summary.records, 'record')}{unjudged}: {verdict}", file=sys.stderr)


def _notes(selection: Selection, empty: Sequence[str]) -> Iterator[str]:
    """What was passed over, so that nobody takes it for checked."""
    if empty:
        yield f"without a record: {_listed([escape(name) for name in empty], 5)}"
    if selection.left_out:
        counted = sorted(selection.left_out.items())
        kinds = [_count(count, kind) if " " in kind else f"{count:,} {escape(kind) or 'without suffix'}" for kind, count in counted]
        yield f"not looked at in folders: {_listed(kinds, 8)}"


def _listed(names: Sequence[str], most: int) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def _as_command(problem: Finding, first: str) -> Finding:
    """A path that is not there, with the command that it may be misspelt for."""
    if problem.location.file != first or os.path.lexists(first) or not first.isalpha():
        return problem
    import difflib

    close = difflib.get_close_matches(first, COMMANDS, 1, 0.6)
    return problem._replace(help=f"check the path; or is the command {close[0]} meant?") if close else problem


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


def open_reports(formats: Sequence[str], most: int | None, files: ExitStack, sources: Iterable[Source] = ()) -> list[Report]:
    """The reports that `--format` asks for; `files` closes what they write to.

    Raises UsageError, also where a report would be written over one of the `sources`.
    """
    wanted = [(name, file) for name, _, file in (text.partition("=") for text in formats)]
    for name, _ in wanted:
        if name not in FORMATS:
            raise UsageError(f"there is no format {name}; there are {', '.join(FORMATS)}")
    if [file for _, file in wanted].count("") > 1:
        raise UsageError("two formats cannot share standard output; give one a file: --format json=report.json")
    for _, file in wanted:
        keep(file, sources)
    reports: list[Report] = []
    for name, file in wanted:
        out = files.enter_context(_opened(file)) if file else _stdout()
        reports.append(_report(name, out, most, _colored(out)))
    return reports


def keep(file: str, sources: Iterable[Source]) -> None:
    """Raises UsageError where one of the sources is this very file, under whatever name: it is not to be written over."""
    try:
        about = os.stat(file)
    except OSError:
        return
    if stat.S_ISREG(about.st_mode) and any(_comes_from(source, about) for source in sources):
        raise UsageError(f"{file} is one of the files to check; give the report a file of its own")


def _comes_from(source: Source, about: os.stat_result) -> bool:
    try:
        return os.path.samestat(os.fstat(0) if source.path is None else os.stat(source.path), about)
    except OSError:
        return False


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
