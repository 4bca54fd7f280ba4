"""`srcos-validate vendor upgrade`: vendored contracts taken to a newer state, after saying what that breaks."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from srcos_contracts.checking import UNCLAIMED
from srcos_contracts.cli.check import UsageError
from srcos_contracts.cli.streams import colored
from srcos_contracts.cli.vendor import asked_for, changed_by, locked, refused, tell, vendored
from srcos_contracts.evolve.diff import Terms
from srcos_contracts.evolve.differences import policy_named
from srcos_contracts.evolve.verdicts import Policy, label
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.source import select
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.report.plain import place
from srcos_contracts.report.verdicts import as_text
from srcos_contracts.vendor.changes import carry_out
from srcos_contracts.vendor.grades import grade_of
from srcos_contracts.vendor.lock import Lock
from srcos_contracts.vendor.own_records import own_records
from srcos_contracts.vendor.plain import content_of
from srcos_contracts.vendor.upgrade import Step, Tried, Upgrade, Wish, broken_by, catalog_of, judges_otherwise, upgrade_of
from srcos_contracts.vendor.writing import sole_writer
from srcos_contracts.wording import amount

if TYPE_CHECKING:
    from srcos_contracts.configuration.settings import Settings

__all__ = ["UpgradeRequest", "run_upgrade"]

_MOST_SHOWN = 10
_FORMATS = ("human", "json")


class UpgradeRequest(NamedTuple):
    """What a command line asks of `vendor upgrade`."""

    contracts: tuple[str, ...] = ()
    to: str | None = None
    tried: tuple[str, ...] = ()
    into: str | None = None
    source: str | None = None
    revision: str | None = None
    replace: bool = False
    breaking: bool = False
    dry: bool = False
    policy: str = "backward"
    budget: float = 2.0
    verbose: bool = False
    redact: bool = False
    """Whether to tell nothing of what records say."""
    format: str = "human"
    settings: Settings | None = None
    """The configuration, for the revisions that it names, for where records are and what it asks of them."""


def run_upgrade(request: UpgradeRequest) -> int:
    """Shows what an upgrade changes, and makes it. Returns 0, 1 where it would break something and is not made, 2 where it cannot be
    made, 3 where it is undecided whether it breaks something."""
    try:
        policy = policy_named(request.policy)
        if request.format not in _FORMATS:
            raise UsageError(f"there is no format {request.format}; there are {', '.join(_FORMATS)}")
        folder = request.into or _only()
        if request.dry:
            return _upgrade(folder, request, policy)
        with sole_writer(folder):
            return _upgrade(folder, request, policy)
    except Refusal as error:
        return refused(error)


def _only() -> str:
    folders = vendored()
    if len(folders) > 1:
        raise UsageError(f"there are several vendored folders; name one with --into: {', '.join(folders)}")
    return folders[0]


def _upgrade(folder: str, request: UpgradeRequest, policy: Policy) -> int:
    lock = locked(folder)
    asked = asked_for(request.settings).get(os.path.normpath(folder), ())
    wish = Wish(request.contracts, request.to, request.source, request.revision, policy, request.breaking, request.replace, asked)
    found = upgrade_of(folder, lock, wish, Terms(request.budget))
    tried, untried = _tried(folder, lock, found, request)
    for entry in lock.entries:
        if grade_of(entry, content_of(folder, entry.path)) != "identical":
            name = os.path.join(folder, entry.path)
            print(
                f"note: {escape(name)} is not what it was vendored as, and is compared as it is: srcos-validate vendor check",
                file=sys.stderr,
            )
    if request.format == "human":
        for step in found.steps:
            _show(step, policy, request.verbose)
        _show_tried(tried, "" if request.tried else " of this repository")
        sys.stdout.flush()
    _note_unread(tried.unread if tried is not None else ())
    if untried:
        print(f"no records of this repository were tried: {escape(untried)}; --try PATH", file=sys.stderr)
    held = _held_back(found, tried, policy)
    code, unwritten = 0, ""
    if held and not request.breaking:
        code, unwritten = 3 if held == _UNDECIDED else 1, f"{held}; --breaking writes it all the same"
        print(f"nothing is written: {unwritten}", file=sys.stderr)
    elif request.dry:
        unwritten = "--dry-run"
        print(f"nothing is written: {unwritten}", file=sys.stderr)
    elif not carry_out(folder, found.change, lock):
        unwritten = _nothing_newer(found, wish)
        print(f"{escape(folder)}: nothing is written: {escape(unwritten)}", file=sys.stderr)
    if request.format == "json":
        from srcos_contracts.report.upgrade import upgrade_text

        written = found.change if not unwritten else found.change._replace(files={}, new=(), gone=())
        changed = {word: [os.path.join(folder, path) for path in paths] for word, paths in changed_by(written).items()}
        sys.stdout.write(upgrade_text(folder, found.steps, policy, tried, untried, unwritten, changed))
    elif not unwritten:
        tell(folder, found.change, lock)
    return code


def _nothing_newer(found: Upgrade, wish: Wish) -> str:
    """Why an upgrade changes nothing."""
    newest = "nothing newer is proved to break nothing" if any(step.passed for step in found.steps) else "all is as new as its source"
    asking = [one for one in wish.configured if one.revision is not None] if wish.source is None and wish.revision is None else []
    states = ", ".join(dict.fromkeys(f"{one.revision} of {one.source}" for one in asking))
    return newest + (f"; the configuration asks for {states}" if states else "")


_UNDECIDED = "it is undecided whether records break"


def _held_back(found: Upgrade, tried: Tried | None, policy: Policy) -> str:
    """Why an upgrade is not to be written without being asked for; empty where it is."""
    labels = {label(step.compared, policy) for step in found.steps if step.new and step.compared is not None}
    if tried is not None and tried.broken:
        broken = len({(one.file, one.line) for one in tried.broken})
        return f"{broken:,} record{' of this repository breaks' if broken == 1 else 's of this repository break'}"
    if "breaking" in labels:
        return "records break that were valid"
    return _UNDECIDED if "undecided" in labels else ""


def _tried(folder: str, lock: Lock, found: Upgrade, request: UpgradeRequest) -> tuple[Tried | None, str]:
    """What came of a trial of records, of this repository where none are named; or why none were tried, where they could be judged
    otherwise than today."""
    if not request.tried:
        if not judges_otherwise(folder, lock, found.change):
            return None, ""
        own = own_records(catalog_of(folder, request.settings), request.settings)
        return (None, own.why_none) if own.why_none else (broken_by(folder, found, own.sources, request.settings, request.redact), "")
    selection = select(request.tried, bound=catalog_of(folder, request.settings).binds)
    if selection.problems:
        problem = selection.problems[0]
        raise UsageError(f"{problem.location.file}: {problem.message}; {problem.help}")
    inside = os.path.realpath(folder) + os.sep
    sources = [source for source in selection.sources if not os.path.realpath(source.path or "").startswith(inside)]
    tried = broken_by(folder, found, sources, request.settings, request.redact)
    for problem in tried.unread:
        if problem.rule == "unreadable":
            raise UsageError(f"{problem.location.file}: {problem.message}; {problem.help}")
    return tried, ""


def _show(step: Step, policy: Policy, verbose: bool) -> None:
    if step.compared is not None:
        for line in as_text([step.compared], policy, colored(sys.stdout), verbose):
            print(line if not line.endswith(" unchanged") else f"{escape(step.old.label)}  unchanged")
    elif step.why:
        print(f"{escape(step.old.label)}  stays: {escape(step.why)}")
    if step.passed is not None:
        print("not taken:")
        for line in as_text([step.passed], policy, colored(sys.stdout), verbose):
            print(line)


def _note_unread(unread: Sequence[Finding]) -> None:
    for problem in unread[:_MOST_SHOWN]:
        print(f"note: {escape(place(problem.location))} was not tried: {escape(problem.sentence)}; {escape(problem.help)}", file=sys.stderr)
    if len(unread) > _MOST_SHOWN:
        print(f"note: and {len(unread) - _MOST_SHOWN:,} more", file=sys.stderr)


def _show_tried(tried: Tried | None, whose: str) -> None:
    if tried is None:
        return
    for one in tried.broken[:_MOST_SHOWN]:
        at = f"{one.file}:{one.line}" if one.line else one.file
        print(f"{escape(at)}: valid today, and {f'no valid {escape(one.version)}' if one.version else 'not after this'}")
        for finding in one.findings:
            print(f"    error[{escape(finding.rule)}]: {escape(finding.sentence)}")
            if finding.rule == UNCLAIMED:
                print(*(f"        {escape(line)}" for line in finding.help.splitlines()), sep="\n")
    if len(tried.broken) > _MOST_SHOWN:
        print(f"and {len(tried.broken) - _MOST_SHOWN:,} more")
    records = f"{amount(tried.records, 'record')}{whose} tried"
    told = len({(one.file, one.line) for one in tried.broken})
    print(f"{records}: {tried.valid:,} valid today, {told:,} of them not after this")
