"""From records to the rows of an index, by what their contracts mark."""

from __future__ import annotations

import json
import os
from array import array
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import accumulate
from typing import Any

import pyarrow as pa

from srcos_contracts.contracts.catalog import Catalog, Claim, Contract
from srcos_contracts.contracts.vocabulary import digest_without
from srcos_contracts.ledger.columns import KINDS, SCHEMAS, lasting_in, marks_in
from srcos_contracts.ledger.content import content_of
from srcos_contracts.ledger.marks import ANY, COLUMNS, Marks, values_at
from srcos_contracts.pointer import Path, Token

__all__ = ["IndexWriter", "Pages", "doc_of"]

_ROWS = 20_000
_BYTES = 32 * 1024 * 1024
_PART_THAT_NAMES = "id"
"""The part of a bound path that is a name of the record."""

Column = Callable[[Sequence[Any]], list[Any]]
"""From records of one contract to what one place in each has."""

_CODES = {"integer": "i", "bigint": "q"}
_ARROW = {"integer": pa.int32(), "bigint": pa.int64(), "varchar": pa.string()}
_NO_ITEM = -1
Tables = Callable[[str, Sequence[pa.Table]], None]
"""Takes tables of one of SCHEMAS, each with the records of one contract. May raise OSError."""


class IndexWriter:
    """Takes the records of one part. Each is numbered by its line, which no other record of the part begins on."""

    def __init__(self, pages: Pages, part: int) -> None:
        self._pages = pages
        self._part = part

    def take(self, claim: Claim, values: Sequence[Any], texts: Sequence[bytes | None], lines: Sequence[int]) -> None:
        """Adds records of one contract; a record whose text is not JSON has None for it."""
        self._pages.take(self._part, claim, values, texts, lines)


class Pages:
    """What one process takes for an index: rows in memory, handed on as soon as they are many.

    The records of one contract stand together: a rule that asks about one contract reads no other.
    """

    def __init__(self, catalog: Catalog, hand_on: Tables, history: bool = False) -> None:
        """`history` says whether the contents of records that are to last are taken too."""
        self._catalog = catalog
        self._hand_on = hand_on
        self._history = history
        self._readers: dict[str, _Reader] = {}
        self.failure = ""
        """Why not all could be handed on. Nothing more is taken then; records are judged all the same."""
        self._clear()

    def take(self, part: int, claim: Claim, values: Sequence[Any], texts: Sequence[bytes | None], lines: Sequence[int]) -> None:
        if self.failure:
            return
        objects = [index for index, value in enumerate(values) if value.__class__ is dict]
        if len(objects) < len(values):
            # A file's path may bind what is no object, and says nothing of itself that could be marked.
            values, texts = [values[index] for index in objects], [texts[index] for index in objects]
            lines = [lines[index] for index in objects]
        contract = claim.contract
        reader = self._readers.get(contract.uri)
        if reader is None:
            reader = self._readers[contract.uri] = _Reader(self._catalog, contract)
        amount = len(values)
        docs = [doc_of(value) if text is None else text for value, text in zip(values, texts, strict=True)]
        parts = json.dumps(dict(claim.parts)) if claim.parts else None
        marked = [reader.column(name, values) for name in COLUMNS]
        columns = self._records.get(reader.number)
        if columns is None:
            columns = self._records[reader.number] = _columns("records")
        filled = (lines, lines, [reader.number] * amount, *marked, [parts] * amount, reader.digests(values), docs, [part] * amount)
        for column, more in zip(columns, filled, strict=True):
            column.extend(more)
        self._count += amount
        self._size += sum(map(len, docs))
        names = self._names
        self._name(reader, lines, values, marked[0], claim.parts.get(_PART_THAT_NAMES))
        names[-1].extend([part] * (len(names[0]) - len(names[-1])))
        refs = self._refs.get(reader.number)
        if refs is None:
            refs = self._refs[reader.number] = _columns("refs")
        _refer(reader, lines, values, refs)
        refs[-1].extend([part] * (len(refs[0]) - len(refs[-1])))
        if self._history and reader.lasts:
            owners, contents, of_parts = self._contents
            owners.extend(lines)
            contents.extend(map(content_of, values))
            of_parts.extend([part] * amount)
        if self._count >= _ROWS or self._size >= _BYTES:
            self.write()

    def _name(self, reader: _Reader, numbers: Sequence[int], values: Sequence[Any], ids: Sequence[str | None], in_path: str | None) -> None:
        owners, names, _ = self._names
        if in_path is not None:
            owners.extend(numbers)
            names.extend([in_path] * len(numbers))
        told = [name for name in ids if name is not None]
        owners.extend(numbers if len(told) == len(ids) else [number for number, name in zip(numbers, ids, strict=True) if name is not None])
        names += told
        for alias in reader.marks.aliases:
            found = [(number, name) for number, value in zip(numbers, values, strict=True) for _, name in values_at(value, alias)]
            owners.extend([number for number, _ in found])
            names += [name for _, name in found]

    def write(self) -> None:
        """Hands on what has been taken; where that cannot be done, `failure` says why."""
        found = {
            "records": [self._records[number] for number in sorted(self._records)],
            "names": [self._names],
            "refs": [self._refs[number] for number in sorted(self._refs)],
            "contents": [self._contents],
        }
        try:
            for name, groups in found.items():
                tables = [_table(name, columns) for columns in groups if columns[0]]
                if tables:
                    self._hand_on(name, tables)
        except OSError as error:
            self.failure = os.strerror(error.errno) if error.errno else str(error)
        self._clear()

    def _clear(self) -> None:
        self._records: dict[int, list[Any]] = {}
        self._refs: dict[int, list[Any]] = {}
        """Columns by the number of the contract."""
        self._names, self._contents = _columns("names"), _columns("contents")
        self._count = self._size = 0


def _refer(reader: _Reader, numbers: Sequence[int], values: Sequence[Any], refs: Sequence[Any]) -> None:
    owners, kinds, items, targets, ways, _ = refs
    # Column by column, as far as it goes: this is run for every reference of every record.
    for kind, place in reader.members:
        found = place(values)
        texts = [target for target in found if target.__class__ is str]
        if len(texts) == len(found):
            owners.extend(numbers)
        else:
            owners.extend([number for number, target in zip(numbers, found, strict=True) if target.__class__ is str])
        kinds.extend([kind] * len(texts))
        items.extend([_NO_ITEM] * len(texts))
        targets += texts
    for kind, name, member in reader.arrays:
        listed = [(number, value.get(name)) for number, value in zip(numbers, values, strict=True)]
        rows = [(number, index, item) for number, items_of in listed if items_of.__class__ is list for index, item in enumerate(items_of)]
        if member is not None:
            rows = [(number, index, item.get(member)) for number, index, item in rows if item.__class__ is dict]
        rows = [row for row in rows if row[2].__class__ is str]
        owners.extend([row[0] for row in rows])
        kinds.extend([kind] * len(rows))
        items.extend([row[1] for row in rows])
        targets += [row[2] for row in rows]
    for kind, path in reader.others:
        for number, value in zip(numbers, values, strict=True):
            for way, target in values_at(value, path):
                ways += [None] * (len(owners) - len(ways))
                owners.append(number)
                kinds.append(kind)
                items.append(_NO_ITEM)
                targets.append(target)
                ways.append(way)


def _member(name: Token) -> Column:
    return lambda values: [value.get(name) for value in values]


def _held_member(holder: Token, name: Token) -> Column:
    return lambda values: [inner.get(name) if inner.__class__ is dict else None for inner in [value.get(holder) for value in values]]


def _columns(name: str) -> list[Any]:
    """Numbers lie in arrays that Arrow takes as they are."""
    return [array(_CODES[kind]) if kind in _CODES else [] for _, kind in SCHEMAS[name]]


def _table(name: str, columns: Sequence[Any]) -> Any:
    amount = len(columns[0])
    fields = SCHEMAS[name]
    arrays = [_arrow(column, kind, amount) for column, (_, kind) in zip(columns, fields, strict=True)]
    return pa.Table.from_arrays(arrays, names=[field for field, _ in fields])


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
        self.marks: Marks = marks_in(catalog, contract)
        lasting = lasting_in(catalog, contract)
        self.lasts = lasting.issued or bool(lasting.final)
        self.members: list[tuple[int, Column]] = []
        """Members, and members of members."""
        self.arrays: list[tuple[int, Token, Token | None]] = []
        """The items of an array, or a member of each."""
        self.others: list[tuple[int, Path]] = []
        for index, reference in enumerate(self.marks.references):
            kind, path = self.number * KINDS + index, reference.path
            anywhere = [token == ANY for token in path]
            if anywhere == [False]:
                self.members.append((kind, _member(path[0])))
            elif anywhere == [False, False]:
                self.members.append((kind, _held_member(path[0], path[1])))
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


def doc_of(value: Any) -> bytes:
    """A record as the JSON that queries read, where it was written otherwise."""
    return json.dumps(value, default=_number).encode("utf-8")


def _number(value: object) -> float | str:
    # Of numbers with a fraction queries see the nearest double.
    return float(value) if isinstance(value, Decimal) else str(value)
