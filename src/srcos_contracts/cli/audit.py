"""`srcos-validate audit`: records together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, NamedTuple

from srcos_contracts.checking import Batch, Demands, Progress
from srcos_contracts.cli.check import CheckRequest, UsageError, keep, run_check
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.reading.source import Source, select
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape

if TYPE_CHECKING:
    from srcos_contracts.ledger.audit import Terms
    from srcos_contracts.ledger.duck import Queries

__all__ = ["AuditRequest", "cannot_audit", "run_audit"]


class AuditRequest(NamedTuple):
    """What a command line asks of `audit`."""

    check: CheckRequest
    open: bool = False
    """Whether the set is part of a larger one."""
    assume: tuple[str, ...] = ()
    """Roles of references whose records live elsewhere."""
    known: str | None = None
    """A file with one name a line of records that live elsewhere."""
    report: str | None = None
    """Where a page for a browser is to be written."""


def run_audit(request: AuditRequest) -> int:
    """Audits what the request names and reports it. Returns the exit code."""
    missing = cannot_audit("audit")
    if missing:
        return missing
    from srcos_contracts.ledger.audit import Terms
    from srcos_contracts.ledger.set_rules import set_rules

    try:
        known = _names(request.known) if request.known is not None else ()
    except Refusal as error:
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2
    terms = Terms(not request.open, request.assume, known)

    if request.report is None:
        return run_check(request.check, partial(_audited, terms, None))
    from srcos_contracts.ledger.background import background_of
    from srcos_contracts.report.page import PageReport

    try:
        keep(request.report, select(request.check.paths, request.check.stdin_name).sources)
        stream = open(request.report, "w", encoding="utf-8")  # noqa: SIM115 - it is closed below
    except Refusal as error:
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {escape(request.report)} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    with stream:
        page = PageReport(stream, ", ".join(request.check.paths))

        def at_end(queries: Queries) -> None:
            page.background = background_of(queries, {rule.id: rule.why for rule in set_rules()}, page.places)

        return run_check(request.check, partial(_audited, terms, at_end), [page])


def _audited(
    terms: Terms,
    at_end: Callable[[Queries], None] | None,
    catalog: Catalog,
    sources: list[Source],
    demands: Demands,
    jobs: int,
    progress: Progress | None,
) -> Iterator[Batch]:
    from srcos_contracts.ledger.audit import audit

    return audit(catalog, sources, demands, terms, jobs, at_end, progress)


def cannot_audit(command: str) -> int:
    """2, with a word to the user, where a library is missing that a command needs."""
    missing = [name for name in ("duckdb", "pyarrow") if find_spec(name) is None]
    if missing:
        print(f"error: {command} needs {' and '.join(missing)}: pip install 'srcos-contracts[audit]'", file=sys.stderr)
    return 2 if missing else 0


def _names(file: str) -> tuple[str, ...]:
    try:
        with open(file, encoding="utf-8") as stream:
            return tuple(line.strip() for line in stream if line.strip())
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
