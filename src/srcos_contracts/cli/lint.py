"""`srcos-validate lint`: rules about schemas."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack

from srcos_contracts.cli.check import UsageError, open_reports
from srcos_contracts.evolve.lint import Linted, lint, mend
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.report.summary import Summary
from srcos_contracts.wording import amount

__all__ = ["LintRequest", "run_lint"]

_SCHEMAS = "schemas"


class LintRequest(NamedTuple):
    """What a command line asks of `lint`."""

    paths: tuple[str, ...] = ()
    """Files and folders; none is the folder `schemas` here."""
    fix: bool = False
    """Whether to put the layout of contracts right first, where that changes no value."""
    formats: tuple[str, ...] = ("human",)
    """Each `FORMAT` for standard output or `FORMAT=FILE`."""
    most: int | None = None
    """None is 100 for people and all for programs; 0 is all."""


def run_lint(request: LintRequest) -> int:
    """Lints what the request names and reports it.

    Returns 0, 1 where there are errors, or 2 where something could not be read, mended or written, or nothing was linted.
    """
    try:
        paths = request.paths or _default()
        for file in mend(paths) if request.fix else ():
            print(f"mended: {escape(file)}", file=sys.stderr)
        linted = lint(paths)
        with ExitStack() as files:
            reports = open_reports(request.formats, request.most, files)
            for report in reports:
                for finding in linted.findings:
                    report.add(finding)
            errors = sum(finding.severity == "error" for finding in linted.findings)
            hidden = max(report.hidden for report in reports)
            schemas = len(linted.files)
            summary = Summary(schemas, schemas, errors, len(linted.findings) - errors, hidden, subject=amount(schemas, "schema"))
            for report in reports:
                report.close(summary)
        sys.stdout.flush()
        _say(summary, linted)
    except Refusal as error:
        sys.stdout.flush()
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2
    unread = any(finding.rule == "unreadable" for finding in linted.findings)
    return 2 if unread or not (linted.files or errors) else 1 if errors else 0


def _default() -> tuple[str, ...]:
    if not os.path.isdir(_SCHEMAS):
        raise UsageError(f"there is no folder {_SCHEMAS} here; name the schemas to lint")
    return (_SCHEMAS,)


def _say(summary: Summary, linted: Linted) -> None:
    hidden = f" ({summary.hidden:,} not shown)" if summary.hidden else ""
    found = f"{amount(summary.errors, 'error')}, {amount(summary.warnings, 'warning')}{hidden}"
    verdict = found if summary.errors or summary.warnings else "all in order" if linted.files else "nothing was linted"
    print(f"{amount(summary.files, 'schema')}: {verdict}", file=sys.stderr)
    if linted.passed_over:
        print(f"not linted: {amount(linted.passed_over, 'JSON file')}, no schemas or generated from schemas", file=sys.stderr)
