"""`srcos-validate audit`: records together."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

from srcos_contracts.checking import Batch, Demands, Progress
from srcos_contracts.cli.check import CheckRequest, UsageError, WhyUnasked, keep, output, run_check
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.source import Source, select
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.wording import listed, nearest

if TYPE_CHECKING:
    from srcos_contracts.ledger.duck import Queries
    from srcos_contracts.ledger.relations import Terms
    from srcos_contracts.ledger.seal import Stamp
    from srcos_contracts.ledger.snapshot import Since

__all__ = ["AuditRequest", "SparkRequest", "cannot_audit", "run_audit"]


_MOST_KNOWN = 64 * 1024 * 1024
"""Bytes of a file of known names."""


class SparkRequest(NamedTuple):
    """What a command line says of Spark."""

    master: str | None = None
    conf: tuple[str, ...] = ()
    """Settings, each NAME=VALUE."""
    staging: str | None = None
    """A folder that all workers reach."""


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
    since: str | None = None
    """What the set is compared with: a git revision, or the file of a seal."""
    seal: str | None = None
    """Where a seal of the set is to be written."""
    spark: SparkRequest | None = None
    """Where Spark is to judge; None where this process is to."""


def run_audit(request: AuditRequest) -> int:
    """Audits what the request names and reports it. Returns the exit code."""
    missing = cannot_audit("audit") if request.spark is None else 0
    if missing:
        return missing
    from srcos_contracts.ledger.relations import Terms
    from srcos_contracts.ledger.set_rules import set_rules

    try:
        _check_roles(request)
        known = _names(request.known) if request.known is not None else ()
        since = _since(request.since, request.check.paths) if request.since is not None else None
        if request.seal is not None:
            _can_seal(request.seal, request.check.paths)
    except Refusal as error:
        return _refused(error)
    terms = Terms(not request.open, request.assume, known, since, request.seal is not None)
    why_unasked = partial(_why_unasked, terms)
    if request.spark is not None:
        return _on_spark(request, request.spark, terms, why_unasked)
    if request.report is None:
        return run_check(request.check, partial(_audited, request, terms, None), why_unasked=why_unasked, outputs=(request.seal,))
    from srcos_contracts.ledger.background import Background, background_of
    from srcos_contracts.report.page import PageReport

    file = request.report
    pages: list[PageReport] = []

    def further(files: ExitStack, sources: Sequence[Source]) -> Sequence[PageReport]:
        keep(file, sources)
        pages.append(PageReport(output(files, file), listed(request.check.paths)))
        return pages

    def at_end(queries: Queries) -> None:
        reasons = {rule.id: rule.why for rule in set_rules()}
        for page in pages:
            if request.check.redact:
                page.background = Background(reasons, hidden=True)
            else:
                page.background = background_of(queries, reasons, page.places)

    return run_check(
        request.check, partial(_audited, request, terms, at_end), further, why_unasked=why_unasked, outputs=(file, request.seal)
    )


def _check_roles(request: AuditRequest) -> None:
    """Raises UsageError for a role that no reference of any contract has."""
    if not request.assume:
        return
    from srcos_contracts.ledger.columns import kinds_of, marks_of_all

    catalog = Catalog.at(request.check.schemas) if request.check.schemas is not None else Catalog.shipped()
    roles = sorted({kind.role for kind in kinds_of(marks_of_all(catalog))})
    for role in request.assume:
        if role not in roles:
            close = nearest(role, roles, 0.5)
            raise UsageError(
                f"no reference has the role {role or '(empty)'}; "
                + (f"did you mean {close}?" if close else f"there are {', '.join(roles)}")
            )


def _why_unasked(terms: Terms, rule: str) -> str:
    from srcos_contracts.ledger.set_rules import set_rules

    for together in set_rules():
        if rule == together.id and not together.applies(terms.closed, terms.since is not None):
            return "needs --since" if together.scope == "history" else "is not asked with --open"
    return ""


def _refused(error: Refusal) -> int:
    print(f"error: {escape(str(error))}", file=sys.stderr)
    return 2


def _on_spark(request: AuditRequest, asked: SparkRequest, terms: Terms, why_unasked: WhyUnasked) -> int:
    if request.report is not None or request.seal is not None:
        option = "--report" if request.report is not None else "--seal"
        print(f"error: {option} is written by --engine duckdb; for Spark's findings use --format json=FILE", file=sys.stderr)
        return 2
    try:
        conf = dict(_setting(text) for text in asked.conf)
        from srcos_contracts.ledger.spark.session import Cluster, own_session

        with own_session(Cluster(asked.master, conf)) as session:
            from srcos_contracts.ledger.spark import audit_on_spark, select_on, staging

            with staging(session, asked.staging) as folder:

                def checks(
                    catalog: Catalog, sources: list[Source], demands: Demands, jobs: int, progress: Progress | None
                ) -> Iterator[Batch]:
                    return audit_on_spark(session, catalog, sources, demands, terms, folder)

                return run_check(
                    request.check,
                    checks,
                    selecting=lambda check, bound: select_on(session, check.paths, bound),
                    why_unasked=why_unasked,
                )
    except Refusal as error:
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{text} is no setting: write --conf NAME=VALUE")
    return name.strip(), value


def _audited(
    request: AuditRequest,
    terms: Terms,
    at_end: Callable[[Queries], None] | None,
    catalog: Catalog,
    sources: list[Source],
    demands: Demands,
    jobs: int,
    progress: Progress | None,
) -> Iterator[Batch]:
    from srcos_contracts.ledger.audit import audit

    unread = False
    before: Mapping[str, Stamp | None] = {}
    if request.seal is not None:
        from srcos_contracts.ledger.seal import stamps_of

        before = stamps_of(sources)

    def ending(queries: Queries) -> None:
        if at_end is not None:
            at_end(queries)
        if request.seal is not None:
            _seal(request.seal, request.check.paths, sources, queries, unread, before)

    for batch in audit(catalog, sources, demands, terms, jobs, ending, progress):
        unread = unread or any(finding.rule == "unreadable" for finding in batch.findings)
        yield batch


def _since(name: str, paths: tuple[str, ...]) -> Since:
    """The earlier state that was named: a file that begins as a seal does is one, and all else is a revision."""
    from srcos_contracts.ledger.revision import since_revision
    from srcos_contracts.ledger.seal import is_seal, since_seal

    if is_seal(name):
        return since_seal(name, paths)
    since, passed_over = since_revision(name, paths)
    told = [
        f"{count:,} {noun}{'' if count == 1 else 's'}"
        for count, noun in ((passed_over.links, "symbolic link"), (passed_over.modules, "submodule"))
        if count
    ]
    # Whoever moves a folder, and the path in the command with it, would else have nothing compared and not know.
    if passed_over.absent:
        told.append(f"{escape(listed(passed_over.absent))}, of which it has nothing")
    if told:
        print(f"not compared with {escape(name)}: {' and '.join(told)}", file=sys.stderr)
    return since


def _can_seal(file: str, paths: tuple[str, ...]) -> None:
    from srcos_contracts.ledger.seal import seal_names

    seal_names(paths)
    selection = select(paths)
    keep(file, selection.sources)
    if os.path.isdir(file):
        raise UsageError(f"{file} is a folder; name a file for the seal")
    if not os.path.isdir(os.path.dirname(os.path.abspath(file))):
        raise UsageError(f"{file} cannot be written: there is no such folder")


def _seal(
    file: str, paths: tuple[str, ...], sources: list[Source], queries: Queries, unread: bool, before: Mapping[str, Stamp | None]
) -> None:
    from srcos_contracts.ledger.seal import seal

    if unread or select(paths).problems:
        raise UsageError(f"{file} is not written: a seal of what could not be read would vouch for nothing")
    seal(file, paths, sources, queries, before)


def cannot_audit(command: str) -> int:
    """2, with a word to the user, where a library is missing that a command needs."""
    missing = [name for name in ("duckdb", "pyarrow") if find_spec(name) is None]
    if missing:
        print(f"error: {command} needs {' and '.join(missing)}: pip install 'srcos-contracts[audit]'", file=sys.stderr)
    return 2 if missing else 0


def _names(file: str) -> tuple[str, ...]:
    try:
        with open(file, "rb") as stream:
            content = stream.read(_MOST_KNOWN + 1)
        # Editors of Windows begin a text with a mark, which is no part of its first name.
        lines = content.decode("utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise UsageError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    if len(content) > _MOST_KNOWN:
        raise UsageError(f"{file} holds more than {_MOST_KNOWN >> 20} MiB of names; --assume takes all references of a role for known")
    return tuple(line.strip() for line in lines if line.strip())
