"""A set of records, judged together: every record by itself, then by the rules about several of them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice
from typing import NamedTuple

from srcos_contracts.checking import Batch, Demands, Progress, check_all
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.finding import Finding, Location, Related, Severity
from srcos_contracts.ledger.duck import Breach, Entry, Queries
from srcos_contracts.ledger.index import IndexFailed, IndexFolder
from srcos_contracts.ledger.places import Shown, place_in
from srcos_contracts.ledger.set_rules import SetRule, set_rules
from srcos_contracts.reading.source import Source

__all__ = ["Terms", "audit", "index_folder"]

_TOGETHER = 500
_MOST_RELATED = 20


class Terms(NamedTuple):
    """How a set is to be read."""

    closed: bool = True
    """Whether what is referred to must be in the set."""
    assumed: tuple[str, ...] = ()
    """Roles of references whose records live elsewhere."""
    known: tuple[str, ...] = ()
    """Names of records that live elsewhere."""


def audit(
    catalog: Catalog,
    sources: list[Source],
    demands: Demands,
    terms: Terms,
    jobs: int = 1,
    at_end: Callable[[Queries], None] | None = None,
    progress: Progress | None = None,
) -> Iterator[Batch]:
    """The findings about each record, in order, then those about the set, in the order of the rules. `at_end` may ask more of the set.

    Raises CatalogError where a contract's schema cannot be used, IndexFailed or AuditFailed where the index cannot be kept.
    """
    with index_folder() as folder:
        yield from check_all(catalog, sources, demands, jobs, folder, progress)
        with closing(Queries(folder, catalog, terms.closed, terms.assumed, terms.known)) as queries:
            forms = {source.name: source for source in sources}
            for rule in set_rules():
                if demands.keeps(rule.id) and (terms.closed or rule.scope == "open"):
                    yield from _of_rule(queries, rule, forms, demands)
            if at_end is not None:
                at_end(queries)


@contextmanager
def index_folder() -> Iterator[IndexFolder]:
    """A folder for an index, removed at the end. Raises IndexFailed where there can be none."""
    try:
        path = tempfile.mkdtemp(prefix="srcos-index-")
    except OSError as error:
        raise IndexFailed(f"there is no folder for the index: {error.strerror or error}; name one with TMPDIR") from error
    try:
        yield IndexFolder(path)
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _of_rule(queries: Queries, rule: SetRule, forms: dict[str, Source], demands: Demands) -> Iterator[Batch]:
    breaches = queries.breaches(rule)
    while some := list(islice(breaches, _TOGETHER)):
        entries = queries.entries(record.key for breach in some for record in breach.records[: _MOST_RELATED + 1])
        yield Batch([_finding(breach, entries, forms, demands) for breach in some], 0, 0, False)


def _finding(breach: Breach, entries: dict[int, Entry], forms: dict[str, Source], demands: Demands) -> Finding:
    first, *others = breach.records
    entry = entries[first.key]
    severity: Severity = "error" if demands.strict or breach.level == "error" else "warning"
    location = _location(entry, first.pointer, forms)
    related = [_related(entries[other.key], other.pointer, other.note, forms) for other in others[:_MOST_RELATED]]
    if len(others) > _MOST_RELATED:
        related.append(Related(location, f"and {len(others) - _MOST_RELATED:,} more"))
    rule = breach.rule
    return Finding(
        rule.id, severity, rule.message, location, rule.help, first.note, first.pointer, entry.contract, entry.version, None, tuple(related)
    )


def _related(entry: Entry, pointer: str, note: str, forms: dict[str, Source]) -> Related:
    return Related(_location(entry, pointer, forms), note, pointer, entry.contract, entry.version)


def _location(entry: Entry, pointer: str, forms: dict[str, Source]) -> Location:
    return place_in(Shown(entry.file, entry.line, entry.doc, forms.get(entry.file)), pointer)
