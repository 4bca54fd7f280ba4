"""A set of records, judged together: every record by itself, then by the rules about several of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import islice

from srcos_contracts.checking import Batch, Demands, Progress, check_all
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.ledger.breaches import kept_finding_of
from srcos_contracts.ledger.duck import Queries
from srcos_contracts.ledger.index import IndexFailed, IndexFolder
from srcos_contracts.ledger.interrupts import heeding_signals
from srcos_contracts.ledger.relations import Terms
from srcos_contracts.ledger.set_rules import SetRule, set_rules
from srcos_contracts.ledger.snapshot import write_history
from srcos_contracts.reading.source import Source
from srcos_contracts.temporary import temporary_folder
from srcos_contracts.wording import in_unicode

__all__ = ["Terms", "audit", "index_folder"]

_TOGETHER = 2000


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

    Raises CatalogError where a contract's schema cannot be used; at the end, when every record has been judged, IndexFailed or
    AuditFailed where the index could not be kept.
    """
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(index_folder(terms.since is not None or terms.sealed))
        except IndexFailed:
            yield from check_all(catalog, sources, demands, jobs, None, progress)
            raise
        yield from check_all(catalog, sources, demands, jobs, folder, progress)
        forms = {in_unicode(source.name): source for source in sources}
        if terms.since is not None:
            earlier = terms.since(catalog, sources, folder.room("earlier"), jobs)
            yield Batch(write_history(folder.path, earlier, sources), 0, 0, False)
            forms.update((in_unicode(earlier.shown(name)), source) for name, source in earlier.sources.items())
        queries = Queries(folder, catalog, terms.closed, terms.assumed, terms.known)
        with closing(queries), heeding_signals(queries.interrupt):
            for rule in set_rules():
                if demands.keeps(rule.id) and rule.applies(terms.closed, terms.since is not None):
                    yield from _of_rule(queries, rule, forms, demands)
            if at_end is not None:
                at_end(queries)


@contextmanager
def index_folder(history: bool = False) -> Iterator[IndexFolder]:
    """A folder for an index, removed at the end: where TMPDIR says, if it says anything. Raises IndexFailed where there can be none."""
    # Left to itself the library takes another folder where this one is of no use: a small one, mostly.
    named = os.environ.get("TMPDIR") or None
    with ExitStack() as stack:
        try:
            path = stack.enter_context(temporary_folder("srcos-index-", named))
        except OSError as error:
            where = f" in {named}, which TMPDIR names" if named else ""
            advice = "name another, or unset it" if named else "name one with TMPDIR"
            raise IndexFailed(f"the index cannot be written{where}: {error.strerror or error}; {advice}") from error
        yield IndexFolder(path, history)


def _of_rule(queries: Queries, rule: SetRule, forms: dict[str, Source], demands: Demands) -> Iterator[Batch]:
    breaches = queries.breaches(rule)
    while some := list(islice(breaches, _TOGETHER)):
        entries = queries.entries(record.key for breach in some for record in breach.records)
        found = [kept_finding_of(breach, entries, forms, demands) for breach in some]
        yield Batch([finding for finding in found if finding is not None], 0, 0, False)
