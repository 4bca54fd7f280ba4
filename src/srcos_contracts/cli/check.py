"""`srcos-validate check`: every record by itself."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, TextIO

from srcos_contracts.checking import Batch, Demands, Progress, check_all, quiet_collector
from srcos_contracts.cli.commands import COMMANDS
from srcos_contracts.cli.ending import end_if_told
from srcos_contracts.cli.progress import Ticker
from srcos_contracts.cli.streams import colored, stdout
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.contracts.judge import EngineName
from srcos_contracts.demands import PathDemands
from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.source import Selection, Source, select
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.report.formats import FORMATS, Report, report_in
from srcos_contracts.report.summary import Summary
from srcos_contracts.wording import amount, listed, nearest

if TYPE_CHECKING:
    from srcos_contracts.cli.baseline import Sieve
    from srcos_contracts.configuration.settings import Settings
    from srcos_contracts.rule_texts import RuleTexts

__all__ = [
    "NOT_SHOWN",
    "CheckRequest",
    "Checks",
    "Further",
    "Selects",
    "UsageError",
    "WhyUnasked",
    "formats_asked",
    "keep",
    "open_reports",
    "output",
    "processors",
    "run_check",
]


NOT_SHOWN = "what went wrong is not shown: its text may quote records; without --redact it is"
"""Said in place of an error that may quote what is to be hidden."""
_BROKEN_OFF = "see to what kept it from going on, and run it again; what was found before stands, and there may be more"


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
    baseline: str | None = None
    """A file of findings that are known: only others are reported, and fail."""
    write_baseline: str | None = None
    """Where to write what is known from now on."""
    settings: Settings | None = None
    """The configuration, for what it says of some files only; all else of it is in the other members already."""
    redact: bool = False
    """Whether to tell nothing of what records say."""


Checks = Callable[[Catalog, list[Source], Demands, int, Progress | None], Iterator[Batch]]
"""From sources, what is asked of them, a number of processes, and who is told of the progress, to what is found."""

Selects = Callable[[CheckRequest, Callable[[str], bool]], Selection]
"""From a request, and which files contracts bind by their paths, to what there is to check."""

Further = Callable[[ExitStack, Sequence[Source]], Sequence[Report]]
"""From what closes files, and the sources, to reports beside those that `--format` asks for."""

WhyUnasked = Callable[[str], str]
"""Why the checks do not ask a rule; empty where they do."""


def _check(catalog: Catalog, sources: list[Source], demands: Demands, jobs: int, progress: Progress | None) -> Iterator[Batch]:
    return check_all(catalog, sources, demands, jobs, progress=progress)


def _select(request: CheckRequest, bound: Callable[[str], bool]) -> Selection:
    return select(request.paths, request.stdin_name, bound)


def _by_themselves(rule: str) -> str:
    from srcos_contracts.ledger.set_rules import set_rules

    return "is about several records: srcos-validate audit" if any(rule == together.id for together in set_rules()) else ""


def _no_further(files: ExitStack, sources: Sequence[Source]) -> Sequence[Report]:
    return ()


def run_check(
    request: CheckRequest,
    checks: Checks = _check,
    further: Further = _no_further,
    selecting: Selects = _select,
    why_unasked: WhyUnasked = _by_themselves,
    outputs: Sequence[str | None] = (),
) -> int:
    """Checks what the request names and reports it, also to `further` reports. Returns the exit code.

    `outputs` are the files that are written beside those that the request names itself.
    """
    quiet_collector()
    try:
        _keep_apart([*(file for _, file in formats_asked(request.formats, FORMATS)), request.write_baseline, *outputs])
        catalog = Catalog.at(request.schemas) if request.schemas is not None else Catalog.shipped()
        catalog, demands = _demands(catalog, request)
        sieve = _sieve(request)
        selection = selecting(request, catalog.binds)
        if sieve is not None:
            selection = selection._replace(sources=sieve.without_itself(selection.sources))
        with ExitStack() as files:
            reports = [
                *open_reports(request.formats, request.most, files, selection.sources, lambda: _texts(catalog)),
                *further(files, selection.sources),
            ]
            return _run(catalog, demands, request, selection, reports, checks, sieve, why_unasked)
    except Refusal as error:
        return _refused(_told(error, request))


def _refused(words: str) -> int:
    sys.stdout.flush()
    print(f"error: {escape(words)}", file=sys.stderr)
    return 2


def _told(error: Refusal, request: CheckRequest) -> str:
    return NOT_SHOWN if request.redact and error.quotes_records else str(error)


def _texts(catalog: Catalog) -> RuleTexts:
    from srcos_contracts.rule_texts import texts_of

    return texts_of(catalog)


def _as_it_is(finding: Finding) -> Finding:
    return finding


def _redaction(catalog: Catalog) -> Callable[[Finding], Finding]:
    from srcos_contracts.redaction import redaction

    return redaction(catalog)


def _sieve(request: CheckRequest) -> Sieve | None:
    if request.baseline is None and request.write_baseline is None:
        return None
    from srcos_contracts.cli.baseline import Sieve

    return Sieve(request.baseline, request.write_baseline, request.redact)


def _run(
    catalog: Catalog,
    demands: Demands,
    request: CheckRequest,
    selection: Selection,
    reports: Sequence[Report],
    checks: Checks,
    sieve: Sieve | None,
    why_unasked: WhyUnasked,
) -> int:
    files = records = unclaimed = errors = warnings = 0
    unread = False
    empty: list[str] = []
    shown = _redaction(catalog) if request.redact else _as_it_is

    def take(finding: Finding) -> None:
        nonlocal errors, warnings, unread
        if sieve is not None and sieve.takes(finding):
            return
        finding = shown(finding)
        if finding.severity == "error":
            errors += 1
        else:
            warnings += 1
        unread = unread or finding.rule == "unreadable"
        for report in reports:
            report.add(finding)

    for problem in selection.problems:
        take(_as_command(problem, request.paths[0]))
    before = (0, errors + warnings, 0)
    ticker = Ticker(sys.stderr, selection.sources)
    refused: str | None = None
    try:
        for batch in checks(catalog, selection.sources, demands, request.jobs or processors(), ticker.progress):
            # The engine takes what a handler raises in a keyword of ours for a breach.
            end_if_told()
            for finding in batch.findings:
                take(finding)
            records += batch.records
            unclaimed += batch.unclaimed
            if batch.last:
                known = sieve.count if sieve is not None else 0
                if (records, errors + warnings, known) == before:
                    empty.append(selection.sources[files].name)
                files += 1
                before = (records, errors + warnings, known)
    except Refusal as error:
        # What was found before stands; whoever reads the reports alone is to know that it is not all.
        refused = _told(error, request)
        take(_broken_off(request.paths[0], refused))
    ticker.clear()
    # Files that were opened but gave nothing at all are no success either.
    nothing = records == unclaimed and not errors and not (sieve is not None and sieve.errors)
    summary = Summary(files, records, errors, warnings, 0, unclaimed, sieve.count if sieve is not None else 0)
    for report in reports:
        report.close(summary._replace(hidden=report.hidden))
    sys.stdout.flush()
    if refused is not None:
        return _refused(refused)
    _say(summary._replace(hidden=min(report.hidden for report in reports)), demands, nothing)
    if request.settings is not None:
        _say_configured(request.settings)
    for note in _notes(selection, empty):
        print(note, file=sys.stderr)
    for rule in request.select:
        if why := why_unasked(rule):
            print(f"not asked: {rule}, which {why}", file=sys.stderr)
    if catalog.unreached:
        from srcos_contracts.cli.unreached import unreached_notes

        print(*unreached_notes(catalog), sep="\n", file=sys.stderr)
    if unread or nothing:
        if request.write_baseline is not None:
            print(f"error: {escape(request.write_baseline)} is not written: not all could be looked at", file=sys.stderr)
        return 2
    stale = (
        sieve.end(selection.sources, lambda rule, file: not why_unasked(rule) and demands.of(file).keeps(rule), demands.strict)
        if sieve
        else False
    )
    return 1 if errors or stale else 0


def _broken_off(first: str, why: str) -> Finding:
    return Finding("broken-off", "error", "a check is carried to its end", Location(first), _BROKEN_OFF, why)


def _say_configured(settings: Settings) -> None:
    beside = f"; that in {escape(settings.passed_over)} does not count" if settings.passed_over else ""
    print(f"configuration: {escape(settings.file)}{beside}", file=sys.stderr)


def _say(summary: Summary, demands: Demands, nothing: bool) -> None:
    hidden = f" ({summary.hidden:,} not shown)" if summary.hidden else ""
    unjudged = f" ({summary.unclaimed:,} judged by no contract)" if summary.unclaimed else ""
    if nothing:
        verdict = "nothing was checked"
    elif summary.errors or summary.warnings:
        verdict = f"{amount(summary.errors, 'error')}, {amount(summary.warnings, 'warning')}{hidden}"
    elif summary.known:
        verdict = "nothing new"
    elif demands.select:
        verdict = "no finding of the selected rules"
    else:
        filtered = demands.ignore or any(paths.ignore or paths.select is not None for paths in demands.paths)
        verdict = "no finding of rules that are not ignored" if filtered else "all in order"
    known = f"; {amount(summary.known, 'known finding')}" if summary.known else ""
    print(f"{amount(summary.files, 'file')}, {amount(summary.records, 'record')}{unjudged}: {verdict}{known}", file=sys.stderr)


def _notes(selection: Selection, empty: Sequence[str]) -> Iterator[str]:
    """What was passed over, so that nobody takes it for checked."""
    if empty:
        yield f"without a record: {escape(listed(empty))}"
    if selection.left_out:
        counted = sorted(selection.left_out.items())
        kinds = [amount(count, kind) if " " in kind else f"{count:,} {escape(kind) or 'without suffix'}" for kind, count in counted]
        yield f"not looked at in folders: {listed(kinds, 8)}"


def _as_command(problem: Finding, first: str) -> Finding:
    """A path that is not there, with the command that it may be misspelt for."""
    if problem.location.file != first or os.path.lexists(first) or not first.isalpha():
        return problem
    close = nearest(first, COMMANDS, 0.6)
    return problem._replace(help=f"check the path; or is the command {close} meant?") if close else problem


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _demands(catalog: Catalog, request: CheckRequest) -> tuple[Catalog, Demands]:
    """What is asked of all records, and the catalog with what a configuration adds to it."""
    contract = catalog.find(request.contract) if request.contract is not None else None
    named = [*request.select, *request.ignore]
    settings = request.settings
    paths: tuple[PathDemands, ...] = ()
    if settings is not None:
        from srcos_contracts.configuration.application import bound, demanded_of_paths, refuse_unknown

        if request.schemas == settings.schemas:
            # Of other schemas than those that it was written for, a configuration may name what they do not have.
            refuse_unknown(settings, catalog)
        named = [rule for rule in named if rule not in (*(settings.select or ()), *(settings.ignore or ()))]
        catalog, paths = bound(settings, catalog), demanded_of_paths(settings)
    if named:
        from srcos_contracts.rules import check_rule_names

        check_rule_names(catalog, named)
    return catalog, Demands(contract, request.engine, request.strict, frozenset(request.select), frozenset(request.ignore), paths)


def formats_asked(formats: Sequence[str], known: Sequence[str]) -> list[tuple[str, str]]:
    """The names and files of `FORMAT` and `FORMAT=FILE`; the file is empty where standard output is meant. Raises UsageError."""
    wanted = [(name, file) for name, _, file in (text.partition("=") for text in formats)]
    for name, _ in wanted:
        if name not in known:
            raise UsageError(f"there is no format {name}; there are {', '.join(known)}")
    if [file for _, file in wanted].count("") > 1:
        raise UsageError("two formats cannot share standard output; give one a file: --format json=report.json")
    _keep_apart(file for _, file in wanted)
    return wanted


def open_reports(
    formats: Sequence[str],
    most: int | None,
    files: ExitStack,
    sources: Iterable[Source] = (),
    texts: Callable[[], RuleTexts] | None = None,
) -> list[Report]:
    """The reports that `--format` asks for; `files` closes what they write to, `texts` says what rules say.

    Raises UsageError, also where a report would be written over one of the `sources`.
    """
    wanted = formats_asked(formats, FORMATS)
    for _, file in wanted:
        keep(file, sources)
    reports: list[Report] = []
    for name, file in wanted:
        out = output(files, file) if file else stdout()
        reports.append(report_in(name, out, most, colored(out), texts))
    if os.environ.get("GITHUB_ACTIONS") == "true" and all(name != "github" for name, _ in wanted):
        # GitHub reads commands on either stream; standard output belongs to what was asked for.
        reports.append(report_in("github", sys.stderr, most, False))
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


def output(files: ExitStack, file: str) -> TextIO:
    """A stream for a file that is written as a whole, or not at all. Raises UsageError."""
    from srcos_contracts.whole_file import whole_file

    try:
        return files.enter_context(whole_file(file))
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error


def _keep_apart(files: Iterable[str | None]) -> None:
    """Raises UsageError where two outputs would be written to one file, of which one would be lost."""
    named = [file for file in files if file]
    if len(named) < 2:
        return
    from srcos_contracts.whole_file import is_device

    places: set[str] = set()
    for file in named:
        place = os.path.realpath(file)
        if place in places and not is_device(file):
            raise UsageError(f"two outputs cannot share {file}; give each a file of its own")
        places.add(place)
