"""What is kept of a tree to tell later what may not have changed: the extent of its ledgers, and the records that are to last.

The same is taken from an earlier tree as such and from a seal that was made of it, so that history rules see one thing.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as parquet

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.finding import Finding
from srcos_contracts.ledger.duck import Queries
from srcos_contracts.ledger.index import IndexFailed
from srcos_contracts.ledger.lines import MARK_BYTES, Extent, compare, ending, is_whole, line_of
from srcos_contracts.ledger.moved import moved_to
from srcos_contracts.ledger.past import HISTORY_SCHEMAS
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.source import Source, opened, reason, unreadable
from srcos_contracts.wording import in_unicode

__all__ = ["Earlier", "Kept", "KnownLedger", "Since", "kept_of", "write_history"]

_KEPT = """
with lasting as (
  select r.key, r.file, r.line, r.contract, r.version, r.id,
         strftime(r.at, '%Y-%m-%dT%H:%M:%S.%fZ') as time, field(r.doc, '$.attempt') as attempt,
         r.state, r.parts, c.content, {doc} as doc, i.contract is not null as issued, f.state is not null as final
  from records r
  left join contents c on c.key = r.key
  left join issued i on i.contract = r.contract
  left join finals f on f.contract = r.contract and f.state = r.state
),
-- What came before a final state is kept too: it is no way back from it.
ended as (
  select contract, id, coalesce(try_cast(attempt as double), 0) as attempt from lasting
  where final and id is not null group by contract, id, coalesce(try_cast(attempt as double), 0)
)
select l.file, l.line, l.contract, l.version, l.id, l.time, l.attempt, l.state, l.parts, l.content, l.doc
from lasting l left join ended e on e.contract = l.contract and e.id = l.id and e.attempt = coalesce(try_cast(l.attempt as double), 0)
where l.issued or e.id is not null or field(l.parts, '$.state') is not null or field(l.parts, '$.id') is not null
order by l.file, l.line, l.contract, l.content, l.key
"""
"""Of an index, what is kept of its records: those that are issued, those of an id that has come to its end, and those that a path names."""

_ROWS = 20_000
_TYPES = {"bigint": pa.int64(), "varchar": pa.string(), "boolean": pa.bool_()}


class Kept(NamedTuple):
    """A record of an earlier state."""

    file: str
    line: int
    contract: str
    version: str
    id: str | None
    time: str | None
    attempt: str | None
    state: str | None
    parts: str | None
    """The parts of the path that it was bound to, as a JSON object."""
    content: str | None
    doc: str | None
    """None where the record itself is not known any more."""


class KnownLedger(NamedTuple):
    """A ledger of an earlier state."""

    name: str
    extent: Extent
    marks: str
    """The file that has the marks of its lines."""


class Earlier(NamedTuple):
    """An earlier state of a tree, by the names that its files have or would have among the sources of now."""

    label: str
    """What it is called: shown after the names of its files."""
    ledgers: Sequence[KnownLedger]
    records: Iterable[Kept]
    sources: Mapping[str, Source]
    """Its files, where they can still be read."""

    def shown(self, name: str) -> str:
        """What one of its files is called, so that nobody takes it for the file of now."""
        return f"{name}@{self.label}"


Since = Callable[[Catalog, Sequence[Source], str, int], Earlier]
"""Finds the earlier state for a catalog, the sources of now, an empty folder to work in, and a number of processes."""


def kept_of(queries: Queries, docs: bool) -> Iterator[Kept]:
    """What is kept of the records of an index, with their text where `docs` is so, in the order of files and lines. Raises AuditFailed."""
    return (Kept(*row) for row in queries.rows(_KEPT.format(doc="r.doc" if docs else "null")))


def write_history(folder: str, earlier: Earlier, sources: Sequence[Source]) -> list[Finding]:
    """Writes what history rules read into the folder of an index. Gives a finding for each ledger that could not be compared.

    Raises IndexFailed where the folder cannot be written to.
    """
    problems: list[Finding] = []
    try:
        _write(folder, "earlier_records", _numbered(earlier, ((*record, os.path.abspath(record.file)) for record in earlier.records)))
        _write(folder, "ledgers", _numbered(earlier, _ledgers(earlier, sources, problems)))
    except OSError as error:
        raise IndexFailed(f"the index cannot be written in {folder}: {error.strerror or error}") from error
    return problems


def _numbered(earlier: Earlier, rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Rows that begin with the name of an earlier file, each with a number and what that name is shown as."""
    for number, row in enumerate(rows):
        yield (number, in_unicode(earlier.shown(row[0])), *(in_unicode(value) if isinstance(value, str) else value for value in row))


def _write(folder: str, name: str, rows: Iterator[tuple[Any, ...]]) -> None:
    schema = pa.schema([(column, _TYPES[kind]) for column, kind in HISTORY_SCHEMAS[name]])
    with parquet.ParquetWriter(os.path.join(folder, f"{name}-0.parquet"), schema, compression="lz4") as writer:
        while some := list(islice(rows, _ROWS)):
            columns = [pa.array(column, type=field.type) for column, field in zip(zip(*some, strict=True), schema, strict=True)]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema))


def _ledgers(earlier: Earlier, sources: Sequence[Source], problems: list[Finding]) -> Iterator[tuple[Any, ...]]:
    """Of each earlier ledger: its name, the name it has now, what became of it, and the first line in which that shows, old and new."""
    ledgers = {source.name: source for source in sources if source.form == "jsonl"}
    renamed = moved_to(earlier.ledgers, ledgers)
    # A file that another ledger is now says nothing of the one that had its name.
    own = ledgers.keys() - {source.name for source in renamed.values()}
    for known in earlier.ledgers:
        now = renamed.get(known.name) or (ledgers[known.name] if known.name in own else None)
        if now is None:
            yield (known.name, None, False, False, known.extent.lines, *[None] * 6)
            continue
        try:
            outcome = compare(known.extent, partial(_marks_of, known), partial(opened, now))
            line, old, new, ends = outcome.line, None, None, None
            if line is not None:
                before = earlier.sources.get(known.name)
                old = line_of(partial(opened, before), line) if before is not None else None
                new = line_of(partial(opened, now), min(line, outcome.lines or 0))
                ends = ending(new, _mark_of(known, line))
                if old == new and not is_whole(new):
                    # Where they differ is not known: to show two equal lines would say nothing.
                    old = new = None
        except (OSError, EOFError, zlib.error) as error:
            message = f"the ledger cannot be compared with what it was: {reason(error)}"
            problems.append(unreadable(now.name, message, "check the file, and audit again"))
            continue
        text, now_text = _text(old), _text(new)
        differs = _differs_at(text, now_text, ends)
        yield (known.name, now.name, outcome.whole, outcome.kept, known.extent.lines, outcome.lines, line, differs, text, now_text, ends)


def _text(line: bytes | None) -> str | None:
    return None if line is None else line.decode("utf-8", "replace")


def _differs_at(old: str | None, new: str | None, ends: str | None) -> int:
    """The first character, from 1, in which two lines differ, or the one behind the shorter; 1 where that is not known."""
    if new is not None and ends is not None:
        return len(new.removesuffix("\r") if ends == "CR LF" else new) + 1
    if old is None or new is None:
        return 1
    pairs = enumerate(zip(old, new, strict=False), 1)
    return next((place for place, (before, after) in pairs if before != after), min(len(old), len(new)) + 1)


def _mark_of(known: KnownLedger, line: int) -> bytes:
    with _marks_of(known) as stream:
        stream.seek((line - 1) * MARK_BYTES)
        return stream.read(MARK_BYTES)


def _marks_of(known: KnownLedger) -> IO[bytes]:
    return open(known.marks, "rb")
