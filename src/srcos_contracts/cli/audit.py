"""`srcos-validate audit`: records together."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import find_spec
from typing import NamedTuple

from srcos_contracts.checking import Batch, Demands
from srcos_contracts.cli.check import CheckRequest, UsageError, run_check
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.reading.source import Source
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape

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
    from srcos_contracts.ledger.audit import Terms, audit
    from srcos_contracts.ledger.duck import Queries
    from srcos_contracts.ledger.set_rules import set_rules

    try:
        known = _names(request.known) if request.known is not None else ()
    except Refusal as error:
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2
    terms = Terms(not request.open, request.assume, known)

    if request.report is None:
        return run_check(request.check, lambda catalog, sources, demands, jobs: audit(catalog, sources, demands, terms, jobs))
    from srcos_contracts.ledger.background import background_of
    from srcos_contracts.report.page import PageReport

    try:
        stream = open(request.report, "w", encoding="utf-8")  # noqa: SIM115 - it is closed below
    except OSError as error:
        print(f"error: {escape(request.report)} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    with stream:
        page = PageReport(stream, ", ".join(request.check.paths))

        def audited(catalog: Catalog, sources: list[Source], demands: Demands, jobs: int) -> Iterator[Batch]:
            def at_end(queries: Queries) -> None:
                page.background = background_of(queries, {rule.id: rule.why for rule in set_rules()}, page.places)

            return audit(catalog, sources, demands, terms, jobs, at_end)

        return run_check(request.check, audited, [page])


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
