"""What Spark's workers do: from files, ranges of ledgers or lines to findings and to the rows of the index.

The functions that `mapInArrow` is given are sent to the workers by their names, so that these need the package; contracts and
validators are made anew in each worker, once.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain
from typing import Any

import pyarrow as pa

from srcos_contracts.checking import Demands, Reading, check_source, quiet_collector
from srcos_contracts.contracts.catalog import Catalog, Claim, PathBinding
from srcos_contracts.finding import Finding
from srcos_contracts.ledger.pages import IndexWriter, Pages
from srcos_contracts.ledger.spark.queried import queried
from srcos_contracts.ledger.spark.staged import COUNTS, FINDINGS, TEXTS, batch_of, finding_object, part_of
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import Record
from srcos_contracts.reading.jsonl import Blocks, Counter, Unsettled, blocks_of, read_blocks
from srcos_contracts.reading.limits import MAX_RECORD_BYTES
from srcos_contracts.reading.source import Source, opened, read, unreadable

__all__ = ["Edges", "Job", "judge_files", "judge_lines", "judge_ranges"]

_PIECE = 8 * 1024 * 1024
"""Bytes of a packed ledger that are judged together."""
_MOST_LINES = 4096

Batches = Iterator[pa.RecordBatch]


class Edges(NamedTuple):
    """What the lines of a ledger do not say of it once Spark has cut it into lines."""

    head: bytes
    """Its first bytes."""
    unended: int
    """Where its last line begins, if no newline ends it; -1 if one does."""


class Job(NamedTuple):
    """What all workers know."""

    root: str | None
    """The folder of the contracts; None for those that come with the package."""
    shown: str
    demands: Demands
    sources: Sequence[Source]
    history: bool = False
    """Whether states of the tree are to be compared."""
    places: Mapping[str, int] = {}
    """The places of sources that Spark reads, by their URIs as Spark writes them."""
    edges: Mapping[int, Edges] = {}
    """Of the ledgers that Spark reads, by their places."""
    further: tuple[PathBinding, ...] = ()
    """What the catalog binds beside what its contracts say."""


@lru_cache
def _catalog(root: str | None, shown: str) -> Catalog:
    quiet_collector()
    return Catalog.shipped() if root is None else Catalog.at(root, shown)


def judge_ranges(job: Job, batches: Batches) -> Batches:
    """Rows of (source, start, length), files or ranges of ledgers that the worker opens itself; length -1 is to the end."""
    for batch in batches:
        for source, start, length in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            yield from _judged(job, source, start, None if length < 0 else length)


def judge_files(job: Job, batches: Batches) -> Batches:
    """Rows of (URI, content): whole files that Spark has read."""
    for batch in batches:
        for uri, content in zip(batch.column(0), batch.column(1), strict=True):
            yield from _judged(job, job.places[uri.as_py()], 0, None, content.as_py())


def judge_lines(job: Job, batches: Batches) -> Batches:
    """Rows of (URI, block start, block length, line): ledgers that Spark has cut into lines, block by block."""
    waiting: tuple[str, int, int, list[bytes]] | None = None
    for batch in batches:
        rows = zip(*(column.to_pylist() for column in batch.columns), strict=True)
        for uri, start, length, line in rows:
            if waiting is not None and (waiting[0], waiting[1]) == (uri, start):
                waiting[3].append(line)
                continue
            if waiting is not None:
                yield from _judged_block(job, *waiting)
            waiting = (uri, start, length, [line])
    if waiting is not None:
        yield from _judged_block(job, *waiting)


def _judged_block(job: Job, uri: str, start: int, length: int, lines: list[bytes]) -> Batches:
    number = job.places[uri]
    edges = job.edges[number]
    if not start and edges.head.startswith(b"\xef\xbb\xbf"):
        # Spark takes the mark from the beginning of a file.
        lines[0] = b"\xef\xbb\xbf" + lines[0]
    # A block has the lines that begin after its first byte, up to the first byte of the next one.
    has_last = edges.unended >= 0 and (start < edges.unended or not start) and edges.unended <= start + length
    whole = lines[:-1] if has_last else lines
    bounded: list[bytes | None] = [line if len(line) <= MAX_RECORD_BYTES else None for line in whole]
    blocks: Iterable[tuple[list[bytes | None], bool]] = (
        (bounded[at : at + _MOST_LINES], True) for at in range(0, len(bounded), _MOST_LINES)
    )
    if has_last:
        last = lines[-1]
        blocks = chain(blocks, [([last if len(last) <= MAX_RECORD_BYTES else None], False)])
    yield from _part(job, number, start, _reading(blocks, edges.head if start else b""))


def _judged(job: Job, number: int, start: int, length: int | None, content: bytes | None = None) -> Batches:
    source = job.sources[number]
    if source.form == "jsonl" and source.gzipped:
        yield from _unpacked(job, number, source, content)
    else:
        reading: Reading = read if content is None else partial(read, content=content)
        yield from _part(job, number, start, reading, length)


def _unpacked(job: Job, number: int, source: Source, content: bytes | None) -> Batches:
    """A packed ledger, piece by piece, each as a part of it."""
    start, head = 0, b""
    for blocks, failed in _pieces(source, content):
        yield from _part(job, number, start, _reading(blocks, head), failed=failed)
        if not start and blocks:
            head = (blocks[0][0][0] or b"")[:8] + b"\n"
        start += sum(len(line or b"") + 1 for lines, _ in blocks for line in lines)


def _pieces(source: Source, content: bytes | None) -> Iterator[tuple[list[tuple[list[bytes | None], bool]], Finding | None]]:
    """Lines of about a piece's size, and at the end what kept the rest from being read."""
    held: list[tuple[list[bytes | None], bool]] = []
    size = 0
    failed: Finding | None = None
    try:
        with opened(source, content) as stream:
            for lines, whole in blocks_of(stream):
                held.append((lines, whole))
                size += sum(len(line or b"") for line in lines)
                if size >= _PIECE:
                    yield held, None
                    held, size = [], 0
    except (OSError, EOFError, zlib.error):
        # What is wrong is told in the words of the reader, which meets it again.
        failed = _fault_of(source, content)
    yield held, failed


def _fault_of(source: Source, content: bytes | None) -> Finding:
    for item in read(source, content=content, unsettled=lambda values, texts, lines: ()):
        if isinstance(item, Finding) and item.rule == "unreadable":
            return item
    return unreadable(source.name, "it could not be read at first", "check it again")


def _reading(blocks: Blocks, head: bytes) -> Reading:
    def reading(source: Source, counter: Counter, unsettled: Unsettled, start: int, length: int | None) -> Iterator[Record | Finding]:
        return read_blocks(blocks, source.name, counter, unsettled, head)

    return reading


class _Observer:
    """Hands records to the index as Spark is to query them, and keeps the texts of those that this changes."""

    def __init__(self, catalog: Catalog, part: int, history: bool) -> None:
        self.tables: list[tuple[str, pa.Table]] = []
        self._pages = Pages(catalog, self._keep, history)
        self._writer = IndexWriter(self._pages, part)
        self.numbers: list[int] = []
        self.texts: list[bytes] = []

    def take(self, claim: Claim, values: Sequence[Any], texts: Sequence[bytes | None], lines: Sequence[int]) -> None:
        docs: list[bytes | None] = []
        for value, text, line in zip(values, texts, lines, strict=True):
            doc = queried(value, text)
            docs.append(doc)
            if text is not None and doc is not text:
                self.numbers.append(line)
                self.texts.append(text)
        self._writer.take(claim, values, docs, lines)

    def flush(self) -> None:
        self._pages.write()

    def _keep(self, name: str, tables: Sequence[pa.Table]) -> None:
        self.tables += [(name, table) for table in tables]


def _part(job: Job, number: int, start: int, reading: Reading, length: int | None = None, failed: Finding | None = None) -> Batches:
    """The rows that a part of a source gives."""
    catalog, source = _catalog(job.root, job.shown).binding(job.further), job.sources[number]
    part = part_of(number, start)
    observer, counter = _Observer(catalog, part, job.history), Counter()
    findings = list(check_source(catalog, source, job.demands, counter, start, length, observer, reading))
    if failed is not None:
        findings.append(failed)
    observer.flush()
    if source.syntax != "json" and counter.records:
        for item in reading(source, Counter(), lambda values, texts, lines: range(len(values)), 0, None):
            if isinstance(item, Record):
                observer.numbers.append(item.line)
                observer.texts.append(item.text)
    for name, table in observer.tables:
        yield batch_of(name, table)
    if observer.numbers:
        yield _rows(TEXTS, part, n=observer.numbers, text=observer.texts)
    if findings:
        yield _rows(FINDINGS, part, n=list(range(len(findings))), doc=[json.dumps(finding_object(finding)) for finding in findings])
    lines = counter.lines if source.form == "jsonl" else 0
    yield _rows(COUNTS, part, lines=[lines], records=[counter.records], unclaimed=[counter.unclaimed])


def _rows(relation: str, part: int, **columns: list[Any]) -> pa.RecordBatch:
    amount = len(next(iter(columns.values())))
    return batch_of(relation, pa.table({"part": pa.repeat(pa.scalar(part, pa.int64()), amount), **columns}))
