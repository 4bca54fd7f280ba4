"""`srcos-validate diff`: what a change of contracts breaks, with proof."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, TextIO

from srcos_contracts.cli.check import UsageError, formats_asked, output
from srcos_contracts.cli.streams import colored
from srcos_contracts.contracts.catalog import Catalog, CatalogError, UnknownContract
from srcos_contracts.evolve.approvals import Approval
from srcos_contracts.evolve.diff import Terms
from srcos_contracts.evolve.differences import Differences, between, policy_named, told_as_findings
from srcos_contracts.evolve.pairing import Pair, pair_of, pairs
from srcos_contracts.evolve.states import State, matched, opened, state_of
from srcos_contracts.evolve.verdicts import UNUSABLE_BEFORE, as_object, label
from srcos_contracts.exact import exact_text
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.report.formats import FORMATS, report_in
from srcos_contracts.report.machine import names_in_unicode
from srcos_contracts.report.summary import Summary
from srcos_contracts.report.verdicts import as_markdown, as_text
from srcos_contracts.wording import amount

__all__ = ["DIFF_FORMATS", "DiffRequest", "differences", "run_diff", "write"]

DIFF_FORMATS = ("human", "json", "markdown", *(name for name in FORMATS if name not in ("human", "json", "markdown")))


class DiffRequest(NamedTuple):
    """What a command line asks of `diff`."""

    sides: tuple[str, ...] = ()
    """Two files, folders, archives, revisions or versions; with `against` the names of contracts."""
    against: str | None = None
    """The state that the contracts of this folder are compared with."""
    policy: str = "backward"
    budget: float = 2.0
    closed_producers: bool = False
    formats: tuple[str, ...] = ("human",)
    """Each `FORMAT` for standard output or `FORMAT=FILE`."""
    schemas: str = "schemas"
    """Where versions of contracts are looked up."""
    verbose: bool = False


def run_diff(request: DiffRequest) -> int:
    """Compares what the request names and reports it. Returns 0 compatible, 1 breaking, 2 not comparable, 3 undecided."""
    try:
        formats = formats_asked(request.formats, DIFF_FORMATS)
        found = differences(request)
        with ExitStack() as files:
            for name, file in formats:
                out = output(files, file) if file else sys.stdout
                write(found, name, out, request.verbose)
    except Refusal as error:
        sys.stdout.flush()
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2
    sys.stdout.flush()
    _say(found)
    return found.code


def differences(request: DiffRequest) -> Differences:
    """What the request asks for. Raises a Refusal where nothing can be compared."""
    policy = policy_named(request.policy)
    terms = Terms(request.budget, True, request.closed_producers, datetime.date.today(), mending=request.against is not None)
    only = frozenset(request.sides) if request.against is not None else frozenset[str]()
    with _states(request) as (old, new, wanted):
        found = between(old, new, wanted, terms, policy, request.against is not None and not request.sides, only)
    if not found.compared and not found.unusable:
        raise UsageError("there is nothing to compare: neither side has a contract")
    return found


@contextmanager
def _states(request: DiffRequest) -> Iterator[tuple[State, State, list[Pair]]]:
    if request.against is not None:
        with opened(request.against, may_be_unusable=True) as old, opened(os.curdir) as new:
            old, new = matched(old, new)
            yield old, new, pairs(old, new, frozenset(request.sides))
        return
    if len(request.sides) != 2:
        raise UsageError("name two files, folders, archives, revisions or versions of a contract, or one state with --against")
    before, after = request.sides
    versions = _versions(before, after, request.schemas)
    if versions is not None:
        yield versions
        return
    with opened(before) as old, opened(after) as new:
        if len(old.catalog.contracts) == len(new.catalog.contracts) == 1 and os.path.isfile(before) and os.path.isfile(after):
            # Two files are compared whatever they are called.
            yield old, new, [pair_of(old.catalog.contracts[0], new.catalog.contracts[0])]
        else:
            old, new = matched(old, new)
            yield old, new, pairs(old, new)


def _versions(before: str, after: str, schemas: str) -> tuple[State, State, list[Pair]] | None:
    """Two versions of a contract of one folder, where that is what the words name."""
    if os.path.lexists(before) or os.path.lexists(after) or "@" not in before + after:
        return None
    if os.path.isdir(schemas):
        state = state_of(Path(schemas))
    else:
        state = State(Catalog.shipped(), {}, Path(), None)
    try:
        wanted = [pair_of(state.catalog.find(before), state.catalog.find(after))]
    except UnknownContract as error:
        raise CatalogError(f"{error}; it was looked for in {schemas if os.path.isdir(schemas) else 'the shipped contracts'}") from error
    # What else there is was not asked about.
    state = state._replace(problems={})
    return state, state, wanted


def write(found: Differences, name: str, out: TextIO, verbose: bool = False) -> None:
    """Writes what a run came to in one of DIFF_FORMATS."""
    if name == "human":
        out.writelines(line + "\n" for line in as_text(found.compared, found.policy, colored(out), verbose))
    elif name == "markdown":
        out.writelines(block + "\n" for block in as_markdown(found.compared, found.policy))
    elif name == "json":
        told = {
            "policy": found.policy,
            "contracts": [as_object(one, found.policy) for one in found.compared],
            "problems": [problem.words for problem in found.unusable if problem.severity == "error"],
            "warnings": [problem.words for problem in found.unusable if problem.severity == "warning"],
            "waivers": [_waiver(one.approval, one.words) for one in found.useless] + [_waiver(one) for one in found.lapsed],
        }
        out.write(exact_text(names_in_unicode(told), "  ") + "\n")
    else:
        report = report_in(name, out, None, False)
        told_findings = list(told_as_findings(found))
        for finding in told_findings:
            report.add(finding)
        errors, contracts = sum(finding.severity == "error" for finding in told_findings), len(found.compared)
        judged = amount(contracts, "contract")
        report.close(Summary(contracts, contracts, errors, len(told_findings) - errors, report.hidden, subject=judged))


def _waiver(approval: Approval, problem: str | None = None) -> dict[str, Any]:
    """A waiver that approves nothing: one with a problem, or one that has lapsed."""
    return {
        "contract": approval.contract,
        "pointer": approval.pointer,
        "rule": approval.rule,
        "until": approval.until,
        "place": approval.place,
        "problem": problem,
        "lapsed": problem is None,
    }


def _say(found: Differences) -> None:
    for problem in found.unusable:
        before = f"{UNUSABLE_BEFORE}: " if problem.severity == "warning" else ""
        print(f"{problem.severity}: {before}{escape(problem.words)}", file=sys.stderr)
    for waiver in found.useless:
        print(f"error: {escape(waiver.words)}", file=sys.stderr)
    for approval in found.lapsed:
        print(f"note: the waiver of {escape(approval.about)} has lapsed: the other state has the change; remove it", file=sys.stderr)
    counted = found.totals
    unusable = counted.problems + sum(problem.severity == "error" for problem in found.unusable)
    told = [label(one, found.policy) for one in found.compared]
    extra = [f"{told.count(word)} {word}" for word in ("approved", "added", "removed", "mended") if word in told]
    parts = [f"{counted.breaking} breaking", f"{counted.undecided} undecided", *extra]
    if unusable:
        parts.append(f"{unusable} not compared")
    contracts = f"{counted.compared} contract{'' if counted.compared == 1 else 's'}"
    print(f"{contracts} compared, policy {found.policy}: {', '.join(parts)}", file=sys.stderr)
