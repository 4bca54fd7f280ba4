"""`srcos-validate vendor check`: whether vendored files are what they were."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

from srcos_contracts.cli.check import open_reports
from srcos_contracts.cli.vendor import asked_for, locked, refused, vendored, wanted_here
from srcos_contracts.evolve.diff import Terms
from srcos_contracts.evolve.states import CannotOpen
from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.report.summary import Summary
from srcos_contracts.vendor.changes import lacking_of, resolved, unmet_of
from srcos_contracts.vendor.drift import Checked, SourceCheck, check_folder
from srcos_contracts.vendor.grades import GRADES
from srcos_contracts.vendor.lock import LOCK_FILE, Lock, read_lock
from srcos_contracts.vendor.namesakes import Vendored, namesakes, others_locked, tree_files, tree_of, vendored_folders
from srcos_contracts.vendor.rules import finding_of
from srcos_contracts.wording import amount

if TYPE_CHECKING:
    from srcos_contracts.configuration.settings import Settings

__all__ = ["VendorCheckRequest", "run_vendor_check"]


class VendorCheckRequest(NamedTuple):
    """What a command line asks of `vendor check`."""

    folders: tuple[str, ...] = ()
    """None is all in this repository that have a lock."""
    strict: bool = False
    formats: tuple[str, ...] = ("human",)
    """Each `FORMAT` for standard output or `FORMAT=FILE`."""
    most: int | None = None
    """None is 100 for people and all for programs; 0 is all."""
    budget: float = 2.0
    settings: Settings | None = None
    """The configuration, for what it asks to be vendored."""


def run_vendor_check(request: VendorCheckRequest) -> int:
    """Checks vendored folders and reports it. Returns 0, 1 where there are errors, 2 where a lock cannot be used or there is none."""
    try:
        asked = asked_for(request.settings)
        folders = request.folders or tuple(vendored(asked))
        unmet = list(_unmet(folders, request.settings))
        there = [folder for folder in folders if os.path.normpath(folder) not in asked or read_lock(folder) is not None]
        locks = [Vendored(folder, locked(folder)) for folder in there]
        checked = [check_folder(one.folder, one.lock, Terms(request.budget)) for one in locks]
        found = [*unmet, *(finding for one in checked for finding in one.findings), *_elsewhere(locks)]
        findings = [finding._replace(severity="error") for finding in found] if request.strict else found
        summary = _report(request, checked, findings)
    except Refusal as error:
        return refused(error)
    sys.stdout.flush()
    for line in _told(checked, findings):
        print(line, file=sys.stderr)
    return 1 if summary.errors else 0


def _unmet(folders: Sequence[str], settings: Settings | None) -> Iterator[Finding]:
    """What the configuration asks for and the folders do not have."""
    places = {os.path.normpath(folder): folder for folder in folders}
    for number, one in enumerate(settings.vendor if settings is not None else ()):
        folder = places.get(os.path.normpath(one.into))
        if settings is None or folder is None:
            continue
        want, lock = wanted_here(settings, one), read_lock(folder) or Lock(())
        place = ("vendor", "sources", number)
        try:
            at = resolved(want)
        except CannotOpen as error:
            yield finding_of("vendor-wanted", Location(settings.file, *settings.places[*place, "revision"]), str(error))
            continue
        absent = lacking_of(folder, want._replace(revision=None), lock).contracts
        for name in unmet_of(folder, at, lock).contracts:
            there = os.path.join(folder, LOCK_FILE)
            other = f"{name} in {there} is not as {want.source} has it at {want.revision}"
            detail = f"{name} of {want.source} is not in {there}" if name in absent else other
            location = Location(settings.file, *settings.places[*place, "contracts", one.contracts.index(name)])
            yield finding_of("vendor-wanted", location, detail)


def _elsewhere(locks: Sequence[Vendored]) -> Iterator[Finding]:
    """Findings about what lies outside of the folders, in the repository that each of them lies in."""
    by_tree: dict[str, list[Vendored]] = {}
    for one in locks:
        by_tree.setdefault(tree_of(one.folder), []).append(one)
    for top, within in by_tree.items():
        files = tree_files(top)
        known = {os.path.realpath(one.folder) for one in within}
        others = [folder for folder in vendored_folders(top, files, os.curdir) if os.path.realpath(folder) not in known]
        yield from namesakes(top, files, within, [one.folder for one in others_locked(others)])


def _report(request: VendorCheckRequest, checked: Sequence[Checked], findings: Sequence[Finding]) -> Summary:
    with ExitStack() as files:
        reports = open_reports(request.formats, request.most, files)
        for report in reports:
            for finding in findings:
                report.add(finding)
        errors = sum(finding.severity == "error" for finding in findings)
        looked_at = sum(sum(one.grades.values()) for one in checked)
        summary = Summary(looked_at, 0, errors, len(findings) - errors, max(report.hidden for report in reports))
        summary = summary._replace(subject=amount(looked_at, "vendored file"))
        for report in reports:
            report.close(summary)
    return summary


def _told(checked: Sequence[Checked], findings: Sequence[Finding]) -> Iterator[str]:
    others = Counter(finding.rule for finding in findings)
    for one in checked:
        total = sum(one.grades.values())
        parts = [f"{one.grades[grade]:,} {grade}" for grade in GRADES if one.grades.get(grade)]
        yield f"{escape(one.folder)}: {amount(total, 'file')}: {', '.join(parts) or 'nothing is vendored'}"
        for source in one.sources:
            yield f"  {_source(source)}"
    apart = [
        f"{others[rule]} {word}"
        for rule, word in (("vendor-unlisted", "not listed"), ("vendor-reauthored", "written anew elsewhere"))
        if others[rule]
    ]
    if apart:
        yield f"beside them: {', '.join(apart)}"


def _source(source: SourceCheck) -> str:
    origin = source.origin
    revision = origin.revision[:10] if origin.kind in ("git", "archive") else origin.revision
    name = escape(f"{origin.source} {revision}".strip())
    if source.problem:
        return f"{name}: not verified that the lock says what the source has: {escape(source.problem)}"
    if source.moved_on:
        return f"{name}: {source.moved_on:,} of {source.files:,} files have other content there now; srcos-validate vendor upgrade takes it"
    return f"{name}: has the {amount(source.files, 'file')} that the lock says"
