"""The index of a set: what its contracts mark in each record, as columns that queries read.

Workers write Parquet files into one folder, so that memory stays flat and nothing is sent between processes. Lines are
counted from the beginning of the part of a file that a worker had; where each part begins is known at the end.
"""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as parquet

from srcos_contracts.contracts.catalog import Catalog, Claim, Contract
from srcos_contracts.contracts.vocabulary import digest_without
from srcos_contracts.ledger.marks import ANY, COLUMNS, Marks, marks_of, values_at
from srcos_contracts.pointer import Path, Token, format_pointer
from srcos_contracts.refusal import Refusal

__all__ = ["SCHEMAS", "IndexFailed", "IndexFolder", "IndexWriter", "Kind", "Part", "kinds_of"]

_ROWS = 20_000
_BYTES = 32 * 1024 * 1024
_PART_THAT_NAMES = "id"
"""The part of a bound path that is a name of the record."""
_KINDS = 1000
"""More references than any contract has."""

SCHEMAS: dict[str, tuple[tuple[str, str], ...]] = {
    "records": (
        ("n", "bigint"),
        ("line", "bigint"),
        ("kind", "integer"),
        *((name, "varchar") for name in COLUMNS),
        ("parts", "varchar"),
        ("digest", "varchar"),
        ("doc", "varchar"),
        ("part", "integer"),
    ),
    "names": (("n", "bigint"), ("name", "varchar"), ("part", "integer")),
    "refs": (("n", "bigint"), ("kind", "integer"), ("item", "integer"), ("target", "varchar"), ("way", "varchar"), ("part", "integer")),
}
"""The columns of each kind of file, with their types in SQL. A record's kind is its contract's number, a reference's one of `kinds_of`."""

_CODES = {"integer": "i", "bigint": "q"}
_ARROW = {"integer": pa.int32(), "bigint": pa.int64(), "varchar": pa.string()}
_REPEATING = {"records": ["state", "owner"], "names": [], "refs": []}
_NO_ITEM = -1


class IndexFailed(Refusal):
    """The index could not be written: the folder for temporary files is full, or may not be written to."""


class Part(NamedTuple):
    """A file, or a part of one that a worker read."""

    number: int
    file: str
    lines: int
    """The lines of the file before the part."""


class Kind(NamedTuple):
    """A member of a contract that refers to other records. Its pointer is `before`, the item's index, `after`."""

    number: int
    role: str
    types: str
    """The contracts that it may refer to, each between commas; empty where it is kept elsewhere."""
    before: str
    after: str


class IndexFolder:
    """Where an index is written: a `checking.Watch`."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.parts: list[Part] = []

    def writer(self, catalog: Catalog, part: int) -> IndexWriter:
        """The writer of one part."""
        return IndexWriter(self.path, catalog, part)

    def placed(self, part: int, file: str, lines: int) -> None:
        """Says of which file a part is, and how many lines of it stand before the part."""
        self.parts.append(Part(part, file, lines))


def kinds_of(catalog: Catalog) -> list[Kind]:
    """The references that the contracts of a catalog have. Raises CatalogError where a schema cannot be read."""
    found = []
    for position, contract in enumerate(catalog.contracts):
        marks = marks_of(catalog.document(contract.bundle), contract.uri)
        for index, (path, role, types) in enumerate(marks.references):
            at = path.index(ANY) if ANY in path else len(path)
            before = format_pointer(path[:at]) + ("/" if at < len(path) else "")
            stated = f",{','.join(types)}," if types else ""
            found.append(Kind(position * _KINDS + index, role, stated, before, format_pointer(path[at + 1 :])))
    return found


class IndexWriter:
    """Takes the records of one part and writes what their contracts mark."""

    def __init__(self, folder: str, catalog: Catalog, part: int) -> None:
        self._folder = folder
        self._catalog = catalog
        self._part = part
        self._count = 0
        self._files = 0
        self._readers: dict[str, _Reader] = {}
        self._clear()

    def take(self, claim: Claim, values: Sequence[Any], texts: Sequence[bytes | None], lines: Sequence[int]) -> None:
        """Adds records of one contract; a record whose text is not JSON has None for it. Raises IndexFailed."""
        contract = claim.contract
        reader = self._readers.get(contract.uri)
        if reader is None:
            reader = self._readers[contract.uri] = _Reader(self._catalog, contract)
        amount = len(values)
        numbers = range(self._count, self._count + amount)
        self._count += amount
        docs = [_doc(value) if text is None else text for value, text in zip(values, texts, strict=True)]
        parts = json.dumps(dict(claim.parts)) if claim.parts else None
        marked = [reader.column(name, values) for name in COLUMNS]
        filled = (numbers, lines, [reader.number] * amount, *marked, [parts] * amount, reader.digests(values), docs)
        for column, more in zip(self._columns["records"], filled, strict=True):
            column.extend(more)
        self._size += sum(map(len, docs))
        self._name(reader, numbers, values, marked[0], claim.parts.get(_PART_THAT_NAMES))
        self._refer(reader, numbers, values)
        if len(self._columns["records"][0]) >= _ROWS or self._size >= _BYTES:
            self.flush()

    def _name(self, reader: _Reader, numbers: Sequence[int], values: Sequence[Any], ids: Sequence[str | None], in_path: str | None) -> None:
        owners, names = self._columns["names"]
        if in_path is not None:
            owners.extend(numbers)
            names.extend([in_path] * len(numbers))
        for number, name in zip(numbers, ids, strict=True):
            if name is not None:
                owners.append(number)
                names.append(name)
        for alias in reader.marks.aliases:
            for number, value in zip(numbers, values, strict=True):
                for _, name in values_at(value, alias):
                    owners.append(number)
                    names.append(name)

    def _refer(self, reader: _Reader, numbers: Sequence[int], values: Sequence[Any]) -> None:
        owners, kinds, items, targets, ways = self._columns["refs"]
        for kind, name in reader.members:
            for number, value in zip(numbers, values, strict=True):
                target = value.get(name)
                if target.__class__ is str:
                    owners.append(number)
                    kinds.append(kind)
                    items.append(_NO_ITEM)
                    targets.append(target)
        for kind, holder, name in reader.held:
            for number, value in zip(numbers, values, strict=True):
                inner = value.get(holder)
                if inner.__class__ is dict and (target := inner.get(name)).__class__ is str:
                    owners.append(number)
                    kinds.append(kind)
                    items.append(_NO_ITEM)
                    targets.append(target)
        for kind, name, member in reader.arrays:
            for number, value in zip(numbers, values, strict=True):
                listed = value.get(name)
                if listed.__class__ is not list:
                    continue
                for index, target in enumerate(listed):
                    if member is not None:
                        target = target.get(member) if target.__class__ is dict else None
                    if target.__class__ is str:
                        owners.append(number)
                        kinds.append(kind)
                        items.append(index)
                        targets.append(target)
        for kind, path in reader.others:
            for number, value in zip(numbers, values, strict=True):
                for way, target in values_at(value, path):
                    ways += [None] * (len(owners) - len(ways))
                    owners.append(number)
                    kinds.append(kind)
                    items.append(_NO_ITEM)
                    targets.append(target)
                    ways.append(way)

    def flush(self) -> None:
        """Writes what has been taken. Raises IndexFailed."""
        for name, columns in self._columns.items():
            amount = len(columns[0])
            if amount:
                fields = SCHEMAS[name]
                arrays = [_arrow(column, kind, amount) for column, (_, kind) in zip(columns, fields[:-1], strict=True)]
                arrays.append(pa.repeat(pa.scalar(self._part, pa.int32()), amount))
                table = pa.Table.from_arrays(arrays, names=[field for field, _ in fields])
                path = os.path.join(self._folder, f"{name}-{self._part:06}-{self._files:04}.parquet")
                try:
                    parquet.write_table(table, path, compression="lz4", use_dictionary=_REPEATING[name], write_statistics=False)
                except OSError as error:
                    raise IndexFailed(f"the index cannot be written in {self._folder}: {error.strerror or error}") from error
        self._files += 1
        self._clear()

    def _clear(self) -> None:
        # All columns but the last, which is the part everywhere. Numbers lie in arrays that Arrow takes as they are.
        self._columns: dict[str, list[Any]] = {
            name: [array(_CODES[kind]) if kind in _CODES else [] for _, kind in fields[:-1]] for name, fields in SCHEMAS.items()
        }
        self._size = 0


def _arrow(column: Any, kind: str, amount: int) -> Any:
    if kind in _CODES:
        return pa.Array.from_buffers(_ARROW[kind], amount, [None, pa.py_buffer(column)])
    if not column:
        return pa.nulls(amount, _ARROW[kind])
    if isinstance(column[0], bytes):
        # Texts that have been read are UTF-8: Arrow need not look at each again.
        offsets = array("i", accumulate(map(len, column), initial=0))
        return pa.Array.from_buffers(_ARROW[kind], amount, [None, pa.py_buffer(offsets), pa.py_buffer(b"".join(column))])
    return pa.array(column + [None] * (amount - len(column)) if len(column) < amount else column, type=_ARROW[kind])


class _Reader:
    """What is read of the records of one contract, sorted by how it is come by."""

    def __init__(self, catalog: Catalog, contract: Contract) -> None:
        self.number = catalog.contracts.index(contract)
        self.marks: Marks = marks_of(catalog.document(contract.bundle), contract.uri)
        self.members: list[tuple[int, Token]] = []
        self.held: list[tuple[int, Token, Token]] = []
        """A member of a member."""
        self.arrays: list[tuple[int, Token, Token | None]] = []
        """The items of an array, or a member of each."""
        self.others: list[tuple[int, Path]] = []
        for index, reference in enumerate(self.marks.references):
            kind, path = self.number * _KINDS + index, reference.path
            anywhere = [token == ANY for token in path]
            if anywhere == [False]:
                self.members.append((kind, path[0]))
            elif anywhere == [False, False]:
                self.held.append((kind, path[0], path[1]))
            elif anywhere in ([False, True], [False, True, False]):
                self.arrays.append((kind, path[0], path[2] if len(path) > 2 else None))
            else:
                self.others.append((kind, path))

    def column(self, name: str, values: Sequence[Any]) -> list[str | None]:
        paths = self.marks.columns[name]
        if not paths:
            return [None] * len(values)
        if len(paths) == 1 and len(paths[0]) == 1:
            member = paths[0][0]
            found = [value.get(member) for value in values]
            return [text if text.__class__ is str else None for text in found]
        return [_first(value, paths) for value in values]

    def digests(self, values: Sequence[Any]) -> list[str | None]:
        omitted = self.marks.unsealed
        return [None] * len(values) if omitted is None else [_digest(value, omitted) for value in values]


def _first(value: Any, paths: Sequence[Path]) -> str | None:
    return next((text for path in paths for _, text in values_at(value, path)), None)


def _digest(value: Any, omitted: Sequence[tuple[str, ...]]) -> str | None:
    try:
        return digest_without(value, omitted) if value.__class__ is dict else None
    except ValueError:
        return None


def _doc(value: Any) -> bytes:
    return json.dumps(value, default=_number).encode("utf-8")


def _number(value: object) -> float | str:
    # Of numbers with a fraction queries see the nearest double.
    return float(value) if isinstance(value, Decimal) else str(value)
