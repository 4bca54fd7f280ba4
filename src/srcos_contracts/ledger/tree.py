"""An earlier tree that can be read: its files, checked and indexed as the tree of now is."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from functools import partial

from srcos_contracts.checking import Demands, check_all
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.ledger.duck import Queries
from srcos_contracts.ledger.index import IndexFailed, IndexFolder
from srcos_contracts.ledger.lines import measure
from srcos_contracts.ledger.snapshot import Earlier, Kept, KnownLedger, Since, kept_of
from srcos_contracts.reading.source import Source, opened, select
from srcos_contracts.wording import in_unicode

__all__ = ["earlier_of", "ledgers_in", "since_tree"]

_LEDGERS = "select distinct file from records"


def earlier_of(label: str, catalog: Catalog, sources: Sequence[Source], folder: str, jobs: int) -> Earlier:
    """The earlier state that these sources are, which are named as they would be now. `folder` is for the work, and stays.

    What is wrong with earlier records is not told again. Raises IndexFailed, AuditFailed, CatalogError or WorkerLost.
    """
    index = IndexFolder(IndexFolder(folder).room("index"), history=True)
    for _ in check_all(catalog, list(sources), Demands(), jobs, index):
        pass
    queries = Queries(index, catalog, True)
    try:
        ledgers = list(ledgers_in(queries, sources, IndexFolder(folder).room("marks")))
    except BaseException:
        queries.close()
        raise
    return Earlier(label, ledgers, _kept(queries), {source.name: source for source in sources})


def since_tree(label: str, folder: str, place: str) -> Since:
    """The earlier state that lies in a folder, as if it lay at `place`."""

    def since(catalog: Catalog, sources: Sequence[Source], work: str, jobs: int) -> Earlier:
        held = select([folder], bound=catalog.binds).sources
        named = [source._replace(name=os.path.join(place, os.path.relpath(source.name, folder))) for source in held]
        return earlier_of(label, catalog, named, work, jobs)

    return since


def _kept(queries: Queries) -> Iterator[Kept]:
    with closing(queries):
        yield from kept_of(queries, docs=True)


def ledgers_in(queries: Queries, sources: Sequence[Source], folder: str) -> Iterator[KnownLedger]:
    """The ledgers among sources that were indexed: JSON Lines of which a contract claims at least one record. Marks go to `folder`.

    Telemetry buffers and other lines that no contract claims may be cut and rewritten as their writers like. A ledger that can no longer
    be read is left out. Raises IndexFailed or AuditFailed.
    """
    claimed = {file for (file,) in queries.rows(_LEDGERS)}
    for number, source in enumerate(sorted(sources)):
        if source.form != "jsonl" or in_unicode(source.name) not in claimed:
            continue
        path = os.path.join(folder, f"{number:06}")
        try:
            stream = open(path, "wb")  # noqa: SIM115 - it is closed below
        except OSError as error:
            raise IndexFailed(f"the index cannot be written in {folder}: {error.strerror or error}") from error
        with stream:
            try:
                extent = measure(partial(opened, source), stream)
            except (OSError, EOFError, zlib.error):
                continue
        yield KnownLedger(source.name, extent, path)
