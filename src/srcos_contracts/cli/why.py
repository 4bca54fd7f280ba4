"""`srcos-validate why`: the provenance of a record."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from srcos_contracts.checking import Demands, check_all, quiet_collector
from srcos_contracts.cli.audit import cannot_audit
from srcos_contracts.cli.check import NOT_SHOWN, UsageError, processors
from srcos_contracts.cli.streams import colored, stdout
from srcos_contracts.cli.terminal import refused
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.source import select
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.report.machine import as_json
from srcos_contracts.report.tree import as_svg, as_text
from srcos_contracts.wording import amount, in_unicode

if TYPE_CHECKING:
    from srcos_contracts.configuration.settings import Settings

__all__ = ["FORMATS", "WhyRequest", "run_why"]

FORMATS = ("human", "json", "svg")
_MOST_UNREAD = 10


class WhyRequest(NamedTuple):
    """What a command line asks of `why`."""

    name: str
    paths: tuple[str, ...]
    format: str = "human"
    schemas: str | None = None
    settings: Settings | None = None
    """The configuration, for what it binds to contracts."""
    redact: bool = False
    """Whether to tell nothing of what records say."""


def run_why(request: WhyRequest) -> int:
    """Prints what led to the record that is named. Returns the exit code: 2 also where a part of what was named could not be read."""
    missing = cannot_audit("why")
    if missing:
        return missing
    from srcos_contracts.ledger.audit import index_folder
    from srcos_contracts.ledger.duck import Queries
    from srcos_contracts.ledger.interrupts import heeding_signals
    from srcos_contracts.ledger.why import UnknownName, as_object, redacted, why

    quiet_collector()
    errors = 0
    unread: list[Finding] = []
    # Ids are Unicode, and a word of the command line may be any bytes.
    name = in_unicode(request.name)
    try:
        if request.format not in FORMATS:
            raise UsageError(f"there is no format {request.format}; there are {', '.join(FORMATS)}")
        catalog = Catalog.at(request.schemas) if request.schemas is not None else Catalog.shipped()
        if request.settings is not None:
            from srcos_contracts.configuration.application import bound

            catalog = bound(request.settings, catalog)
        selection = select(request.paths, bound=catalog.binds)
        unread += selection.problems
        with index_folder() as folder:
            for batch in check_all(catalog, selection.sources, Demands(), processors(), folder):
                unread += [finding for finding in batch.findings if finding.rule == "unreadable"]
                errors += sum(finding.severity == "error" and finding.rule != "unreadable" for finding in batch.findings)
            with closing(Queries(folder, catalog, True)) as queries, heeding_signals(queries.interrupt):
                trees = why(queries, catalog, name)
    except UnknownName as error:
        # What is looked for may stand in what could not be read.
        _say_unread(unread)
        return refused(UnknownName(error.name, ()) if request.redact else error)
    except Refusal as error:
        return refused(UsageError(NOT_SHOWN) if request.redact and error.quotes_records else error)
    if request.redact:
        trees = redacted(trees)
    out = stdout()
    if request.format == "json":
        out.write(as_json([as_object(tree) for tree in trees], 2) + "\n")
    elif request.format == "svg":
        out.write(as_svg(trees, "Provenance of a record" if request.redact else f"Provenance of {name}"))
    else:
        out.write(as_text(trees, colored(out)))
    out.flush()
    _say_unread(unread)
    if errors:
        print(f"{amount(errors, 'error')} in what was read: srcos-validate audit {escape(' '.join(request.paths))}", file=sys.stderr)
    return 2 if unread else 0


def _say_unread(unread: Sequence[Finding]) -> None:
    for finding in unread[:_MOST_UNREAD]:
        print(f"error: {escape(finding.location.file)}: {escape(finding.sentence)}; {escape(finding.help)}", file=sys.stderr)
    if len(unread) > _MOST_UNREAD:
        print(f"error: and {len(unread) - _MOST_UNREAD:,} more could not be read", file=sys.stderr)
