"""The index of a set: what its contracts mark in each record, as columns that queries read.

Workers write Parquet files into one folder, so that memory stays flat and nothing is sent between processes. Lines are
counted from the beginning of the part of a file that a worker had; where each part begins is known at the end.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as parquet

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.ledger.pages import IndexWriter, Pages
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.wording import in_unicode

__all__ = ["IndexFailed", "IndexFolder", "Part"]

_REPEATING = {"records": ["kind", "state", "owner", "part"], "names": ["part"], "refs": ["kind", "item", "part"], "contents": ["part"]}
_SORTED = {"records": ["kind", "part"], "names": [], "refs": ["kind"], "contents": []}
"""Columns of which each row group says the least and the greatest value: what is outside is not read."""


class IndexFailed(Refusal):
    """The index could not be written: the folder for temporary files is full, or may not be written to."""


class Part(NamedTuple):
    """A file, or a part of one that a worker read."""

    number: int
    file: str
    lines: int
    """The lines of the file before the part."""
    source: int
    """The file's place among the files."""


class _Files:
    """The files of one process, which are named by the first part that it reads: no other process has that one."""

    def __init__(self, folder: str, first: int) -> None:
        self._folder, self._first = folder, first
        self._count = 0

    def write(self, name: str, tables: Sequence[pa.Table]) -> None:
        """One file, with a row group for each table. Raises OSError."""
        path = os.path.join(self._folder, f"{name}-{self._first:06}-{self._count:04}.parquet")
        self._count += 1
        with parquet.ParquetWriter(
            path, tables[0].schema, compression="lz4", use_dictionary=_REPEATING[name], write_statistics=_SORTED[name]
        ) as writer:
            for table in tables:
                writer.write_table(table)


class IndexFolder:
    """Where an index is written: a `checking.Watch`."""

    def __init__(self, path: str, history: bool = False) -> None:
        """`history` says whether states of the tree are to be compared by this index."""
        self.path = path
        self.history = history
        self.parts: list[Part] = []
        self._pages: Pages | None = None
        self._failure = ""

    def room(self, name: str) -> str:
        """A folder in it for something else. Raises IndexFailed."""
        path = os.path.join(self.path, name)
        try:
            os.mkdir(path)
        except OSError as error:
            raise IndexFailed(f"the index cannot be written in {self.path}: {error.strerror or error}") from error
        return path

    def writer(self, catalog: Catalog, part: int) -> IndexWriter:
        """The writer of one part. The parts that one process reads share files: many small ones would be slow to query."""
        if self._pages is None:
            self._pages = Pages(catalog, _Files(self.path, part).write, self.history)
        return IndexWriter(self._pages, part)

    def flush(self) -> str:
        """Writes what this process still holds. Returns why the index is not whole; empty where it is, as far as this process goes."""
        if self._pages is None:
            return ""
        self._pages.write()
        failure = self._pages.failure
        return f"the index cannot be written in {self.path}: {failure}; name a folder with more room with TMPDIR" if failure else ""

    def lost(self, reason: str) -> None:
        """Says why some process could not write all that it took."""
        self._failure = self._failure or reason

    def complete(self) -> None:
        """Raises IndexFailed where not all that was taken could be written."""
        if self._failure:
            raise IndexFailed(self._failure)

    def placed(self, part: int, file: str, lines: int) -> None:
        """Says of which file a part is, and how many lines of it stand before the part."""
        name = in_unicode(file)
        last = self.parts[-1] if self.parts else None
        source = 0 if last is None else last.source + (last.file != name)
        self.parts.append(Part(part, name, lines, source))
