"""`srcos-validate conformance`: the stored cases put to a validator in any language."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from srcos_contracts.cli.check import UsageError, formats_asked, open_reports
from srcos_contracts.cli.terminal import refused
from srcos_contracts.cli.unreached import unreached_notes
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.agreement import Interview, interview
from srcos_contracts.evolve.conformance import LEVELS, Level, Suite, SuiteCase, conformance_suite
from srcos_contracts.evolve.conformance_findings import conformance_findings
from srcos_contracts.evolve.expected_failures import excused, expected_failures
from srcos_contracts.evolve.generate import catalog_to_test
from srcos_contracts.evolve.suite_folder import suite_files, write_suite
from srcos_contracts.evolve.suite_reading import read_suite
from srcos_contracts.evolve.suites import suites_in
from srcos_contracts.evolve.tally import Tally, tally
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.source import select
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.agreement import as_text, in_short
from srcos_contracts.report.escape import escape
from srcos_contracts.report.formats import FORMATS
from srcos_contracts.report.summary import Summary
from srcos_contracts.wording import amount, listed

__all__ = ["ConformanceRequest", "run_conformance"]

_SETS = "sets"
_LONGEST_SILENCE = 86_400


class ConformanceRequest(NamedTuple):
    """What a command line asks of `conformance`."""

    command: tuple[str, ...]
    """The validator's words; none where the suite is only to be written."""
    level: str = "findings"
    contracts: tuple[str, ...] = ()
    expected: str | None = None
    """The file of expected failures."""
    into: str | None = None
    """The folder to write the suite to."""
    timeout: float = 60.0
    formats: tuple[str, ...] = ("human",)
    """Each `FORMAT` for standard output or `FORMAT=FILE`."""
    most: int | None = None
    """None is 100 for people and all for programs; 0 is all."""
    suite: str | None = None
    """The folder of a suite that was written; None asks about the examples of contracts."""
    schemas: str = "schemas"
    examples: str = "examples"
    verbose: bool = False
    """Whether rules that all is agreed on are told too."""


def run_conformance(request: ConformanceRequest) -> int:
    """Writes the suite where that is asked for, and puts it to the command, if there is one.

    Returns 0 where the command agrees with the suite but for expected failures, 1 where it does not, 2 where not all could be asked.
    """
    try:
        level = _level(request)
        if request.suite is not None:
            suite = read_suite(Path(request.suite), request.contracts)
        else:
            suite = _suite(catalog_to_test(request.schemas), request)
        if request.into is not None:
            sets = None if request.contracts else Path(request.examples) / _SETS
            count = write_suite(Path(request.into), suite_files(suite, sets))
            print(f"{escape(request.into)}: {len(suite.cases):,} cases in {count:,} files", file=sys.stderr)
        return _ask(suite, level, request) if request.command else 0
    except Refusal as error:
        return refused(error)


def _level(request: ConformanceRequest) -> Level:
    """The level that is asked for, where the rest of the request makes sense."""
    for level in LEVELS:
        if level == request.level:
            break
    else:
        raise UsageError(f"there is no level {request.level}; there are {', '.join(LEVELS)}")
    if not 0 < request.timeout <= _LONGEST_SILENCE:
        raise UsageError(f"--timeout is a number of seconds, more than 0 and at most {_LONGEST_SILENCE:,}")
    if not request.command and request.into is None:
        raise UsageError("name the command to put the cases to after --, as in: srcos-validate conformance -- node client.mjs")
    if request.into is not None and request.suite is not None:
        raise UsageError("--suite is written already; copy its folder")
    if not request.command and request.expected is not None:
        raise UsageError("--expected-failures is for the answers of a command, and none is named")
    return level


def _suite(catalog: Catalog, request: ConformanceRequest) -> Suite:
    """The suite of the examples and cases of contracts."""
    found = suites_in(Path(request.examples), catalog, request.contracts)
    notes = list(unreached_notes(catalog))
    if found.without:
        notes.append(f"{len(found.without):,} without examples in {request.examples}: {escape(listed([c.label for c in found.without]))}")
    for note in notes:
        print(note, file=sys.stderr)
    suite = conformance_suite(catalog, found.cases)
    if not suite.cases:
        raise UsageError(f"there is no case to ask about: no contract of {request.schemas} has examples in {request.examples}")
    return suite


def _ask(suite: Suite, level: Level, request: ConformanceRequest) -> int:
    left_out = sum(not case.asked_at(level) for case in suite.cases)
    if left_out == len(suite.cases):
        raise UsageError(f"no case has an answer at the level {level}; choose another")
    entries = expected_failures(Path(request.expected)) if request.expected is not None else ()
    with ExitStack() as files:
        kept = select([path for path in (request.expected, request.suite or request.examples) if path is not None]).sources
        reports = open_reports(request.formats, request.most, files, kept)
        run = interview(suite, level, request.command, request.timeout)
        sorted_out = excused(run.differences, entries, run.asked, run.unanswered, lambda: _others(suite, run, request))
        counted = tally(run, sorted_out)
        found = list(conformance_findings(suite, sorted_out))
        judged = f"{amount(counted.total.cases, 'case')} of {amount(len(suite.schemas), 'contract')}"
        for report in reports:
            for finding in found:
                report.add(finding)
        for report in reports:
            report.close(Summary(len(suite.schemas), counted.total.cases, len(found), hidden=report.hidden, subject=judged))
    out = sys.stdout if ("human", "") in formats_asked(request.formats, FORMATS) else sys.stderr
    if run.answered:
        print(*as_text(counted, request.verbose), sep="\n", file=out)
    sys.stdout.flush()
    _say(run, level, left_out, len(found) - len(sorted_out.unexpected), counted)
    return 2 if run.failure else 1 if found else 0


def _others(suite: Suite, run: Interview, request: ConformanceRequest) -> Sequence[SuiteCase] | None:
    """The cases that were not asked, those of contracts that are not named among them; None where these cannot be read."""
    asked = {case.id for case in run.asked}
    try:
        whole = _whole(request) if request.contracts else suite
    except Refusal as error:
        print(f"note: what is expected of contracts that are not named is not verified: {escape(str(error))}", file=sys.stderr)
        return None
    return [case for case in whole.cases if case.id not in asked]


def _whole(request: ConformanceRequest) -> Suite:
    if request.suite is not None:
        return read_suite(Path(request.suite))
    catalog = catalog_to_test(request.schemas)
    return conformance_suite(catalog, suites_in(Path(request.examples), catalog).cases)


def _say(run: Interview, level: Level, left_out: int, idle: int, counted: Tally) -> None:
    """Says what came of it. `left_out` cases have no answer at the level, `idle` entries of the expected failures excuse nothing."""
    if left_out:
        why = "nobody has said what they are to give" if level == "findings" else "no record can be read in them"
        print(f"{left_out:,} case{' is' if left_out == 1 else 's are'} not asked at the level {level}: {why}", file=sys.stderr)
    if run.remark:
        print(f"note: {escape(run.remark)}", file=sys.stderr)
    if run.answered:
        needless = f"; {idle:,} expected failure{' is' if idle == 1 else 's are'} none" if idle else ""
        print(f"{escape(run.client)}, level {level}: {in_short(counted)}{needless}", file=sys.stderr)
    if run.failure:
        print(f"error: {escape(run.failure)}", file=sys.stderr)
