"""`srcos-validate why`: the provenance of a record."""

from __future__ import annotations

import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from srcos_contracts.checking import Demands, check_all, quiet_collector
from srcos_contracts.cli.audit import cannot_audit
from srcos_contracts.cli.check import NOT_SHOWN, UsageError, processors
from srcos_contracts.cli.terminal import refused
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.source import select
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.report.machine import as_json
from srcos_contracts.report.tree import as_svg, as_text

if TYPE_CHECKING:
    from srcos_contracts.configuration.settings import Settings

__all__ = ["FORMATS", "WhyRequest", "run_why"]

FORMATS = ("human", "json", "svg")


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
    """Prints what led to the record that is named. Returns the exit code."""
    missing = cannot_audit("why")
    if missing:
        return missing
    from srcos_contracts.ledger.audit import index_folder
    from srcos_contracts.ledger.duck import Queries
    from srcos_contracts.ledger.interrupts import heeding_signals
    from srcos_contracts.ledger.why import UnknownName, as_object, redacted, why

    quiet_collector()
    try:
        if request.format not in FORMATS:
            raise UsageError(f"there is no format {request.format}; there are {', '.join(FORMATS)}")
        catalog = Catalog.at(request.schemas) if request.schemas is not None else Catalog.shipped()
        if request.settings is not None:
            from srcos_contracts.configuration.application import bound

            catalog = bound(request.settings, catalog)
        selection = select(request.paths, bound=catalog.binds)
        errors = len(selection.problems)
        with index_folder() as folder:
            for batch in check_all(catalog, selection.sources, Demands(), processors(), folder):
                errors += sum(finding.severity == "error" for finding in batch.findings)
            with closing(Queries(folder, catalog, True)) as queries, heeding_signals(queries.interrupt):
                trees = why(queries, request.name)
    except UnknownName as error:
        return refused(UnknownName(error.name, ()) if request.redact else error)
    except Refusal as error:
        return refused(UsageError(NOT_SHOWN) if request.redact and error.quotes_records else error)
    if request.redact:
        trees = redacted(trees)
    if request.format == "json":
        sys.stdout.write(as_json([as_object(tree) for tree in trees], 2) + "\n")
    elif request.format == "svg":
        sys.stdout.write(as_svg(trees, "Provenance of a record" if request.redact else f"Provenance of {request.name}"))
    else:
        color = sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        sys.stdout.write(as_text(trees, color))
    sys.stdout.flush()
    if errors:
        print(f"{errors:,} errors in what was read: srcos-validate audit {escape(' '.join(request.paths))}", file=sys.stderr)
    return 0
