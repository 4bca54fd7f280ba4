"""`srcos-validate ci`: all that a change of contracts must pass, in one run with one exit code."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from typing import TextIO

from srcos_contracts.cli.check import UsageError, formats_asked, keep, output, processors
from srcos_contracts.cli.streams import colored
from srcos_contracts.evolve.checks import EXAMPLES, SCHEMAS, CheckTerms
from srcos_contracts.evolve.differences import policy_named
from srcos_contracts.evolve.steps import MUTANTS, STEPS, Step, code_of, steps
from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.git import NoRevision, prefix_of
from srcos_contracts.reading.source import select
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.report.formats import FORMATS, Report, report_in
from srcos_contracts.report.run import RunText, as_run_markdown, counted
from srcos_contracts.report.summary import Summary
from srcos_contracts.wording import amount

__all__ = ["CiRequest", "run_ci"]


class CiRequest(NamedTuple):
    """What a command line asks of `ci`."""

    against: str | None = None
    policy: str = "backward"
    budget: float = 2.0
    closed_producers: bool = False
    mutate: bool = True
    skip: tuple[str, ...] = ()
    formats: tuple[str, ...] = ("human",)
    """Each `FORMAT` for standard output or `FORMAT=FILE`."""
    most: int | None = None
    jobs: int = 0


class _Outputs(NamedTuple):
    """Where a run is told."""

    texts: list[RunText]
    reports: list[Report]
    markdown: list[TextIO]


def run_ci(request: CiRequest) -> int:
    """Does all steps in the current folder and reports them. Returns 0, 1 where something is wrong, 2 where something could not be
    done, 3 where it is undecided whether something breaks.
    """
    begun = time.monotonic()
    on_github = os.environ.get("GITHUB_ACTIONS") == "true"
    try:
        terms = CheckTerms(
            request.against or None, policy_named(request.policy), request.budget, request.closed_producers, request.jobs or processors()
        )
        skipped = _skipped(request)
        if not os.path.isdir(SCHEMAS):
            raise UsageError(f"there is no folder {SCHEMAS} here; run this at the top of a repository of contracts")
        with ExitStack() as files:
            outputs = _outputs(request, files, on_github)
            done = []
            top = _from_top()
            for step in steps(terms, os.environ, skipped):
                done.append(step)
                for text in outputs.texts:
                    text.tell(step)
                for report in outputs.reports:
                    for finding in step.findings:
                        report.add(_rooted(finding, top))
            for report in outputs.reports:
                report.close(_summary(done, report.hidden))
            for out in outputs.markdown:
                out.write(as_run_markdown(done, request.most))
        if on_github:
            _tell_github(done, request.most, os.environ)
    except Refusal as error:
        sys.stdout.flush()
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2
    sys.stdout.flush()
    print(f"{len(done)} steps in {time.monotonic() - begun:.1f} s: {counted(done)}", file=sys.stderr)
    for step in done:
        if step.bug is not None:
            raise step.bug
    return code_of(done)


def _skipped(request: CiRequest) -> frozenset[str]:
    for name in request.skip:
        if name not in STEPS:
            raise UsageError(f"there is no step {name}; there are {', '.join(STEPS)}")
    return frozenset((*request.skip, *(() if request.mutate else MUTANTS)))


def _outputs(request: CiRequest, files: ExitStack, on_github: bool) -> _Outputs:
    wanted = formats_asked(request.formats, FORMATS)
    found = _Outputs([], [], [])
    for _, file in wanted:
        keep(file, select([folder for folder in (SCHEMAS, EXAMPLES) if os.path.isdir(folder)]).sources)
    for name, file in wanted:
        out = output(files, file) if file else sys.stdout
        if name == "human":
            found.texts.append(RunText(out, colored(out), request.most))
        elif name == "markdown":
            found.markdown.append(out)
        else:
            found.reports.append(report_in(name, out, request.most, False))
    if all(name != "human" or file for name, file in wanted):
        found.texts.append(RunText(sys.stderr, colored(sys.stderr), request.most, details=False))
    if on_github and all(name != "github" for name, _ in wanted):
        found.reports.append(report_in("github", sys.stderr, request.most, False))
    return found


def _from_top() -> str:
    """The path of this folder from the top of its repository: what reads reports knows files by their paths from there."""
    try:
        return os.fsdecode(prefix_of(os.curdir))
    except NoRevision:
        return ""


def _rooted(finding: Finding, top: str) -> Finding:
    if not top:
        return finding
    demand = finding.demand
    return finding._replace(
        location=_below(finding.location, top),
        demand=demand._replace(file=top + demand.file) if demand is not None else None,
        related=tuple(other._replace(location=_below(other.location, top)) for other in finding.related),
    )


def _below(location: Location, top: str) -> Location:
    return location if os.path.isabs(location.file) else location._replace(file=top + location.file)


def _summary(done: Iterable[Step], hidden: int) -> Summary:
    looked_at = {step.name: step.looked_at for step in done}
    severities = [finding.severity for step in done for finding in step.findings]
    files, cases = looked_at.get("lint", 0), looked_at.get("cases", 0)
    judged = f"{amount(files, 'schema')} and {amount(cases, 'case')}"
    return Summary(files, cases, severities.count("error"), severities.count("warning"), hidden, subject=judged)


def _tell_github(done: list[Step], most: int | None, environment: Mapping[str, str]) -> None:
    """The job's summary, and what later steps of the job are told."""
    _append(environment.get("GITHUB_STEP_SUMMARY"), as_run_markdown(done, most))
    differences = next((step.differences for step in done if step.differences is not None), None)
    breaking, undecided = ("", "") if differences is None else (differences.totals.breaking, differences.totals.undecided)
    _append(environment.get("GITHUB_OUTPUT"), f"breaking={breaking}\nundecided={undecided}\n")


def _append(file: str | None, text: str) -> None:
    if not file:
        return
    try:
        with open(file, "a", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(text)
    except OSError as error:
        raise UsageError(f"{file} cannot be written: {error.strerror}") from error
