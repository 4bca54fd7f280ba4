"""The set rules on DuckDB, over the Parquet files of an index."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.ledger.columns import SCHEMAS
from srcos_contracts.ledger.content import content_of
from srcos_contracts.ledger.index import IndexFolder
from srcos_contracts.ledger.instant_sql import instant_sql
from srcos_contracts.ledger.past import HISTORY_SCHEMAS
from srcos_contracts.ledger.relations import (
    CYCLES,
    FORMS,
    INDEX_VIEWS,
    KEYS_A_FILE,
    MOST_NAMED,
    AuditFailed,
    Breach,
    Entry,
    Involved,
    Table,
    Terms,
    all_views,
    body,
    cycle_rows,
    edges_of,
    tables,
    texts_of,
)
from srcos_contracts.ledger.set_rules import KEPT, SetRule, kept_for, views_read
from srcos_contracts.reading.json_text import decode

__all__ = ["INSTANT", "MACROS", "Queries"]

_MEMORY = "500MB"
_T = TypeVar("_T")
_TOGETHER = 1000
_ROWS = 500
_SMALL = 4 * 1024 * 1024
"""Bytes of an index that is read whole."""
INSTANT = instant_sql(
    matches=lambda pattern: f"regexp_matches(stamp, '{pattern}')",
    cast=lambda text: f"try_cast({text} as timestamptz)",
    add=lambda unit, amount, time: f"{time} + to_{unit}s({amount})",
)
MACROS = (
    "create macro field(doc, path) as json_extract_string(doc, path)",
    f"create macro instant(stamp) as {INSTANT}",
)
"""The functions that the SQL of rules has beside what DuckDB and Spark both know."""


class Queries:
    """A DuckDB database over an index. Close it when it is no longer asked."""

    def __init__(self, folder: IndexFolder, catalog: Catalog, closed: bool, assumed: Iterable[str] = (), known: Iterable[str] = ()) -> None:
        """`assumed` are the roles whose records live elsewhere, `known` the names of records that do.

        Raises IndexFailed where the index is not whole, AuditFailed where it cannot be opened.
        """
        import duckdb

        folder.complete()

        self._error, self._out_of_memory = duckdb.Error, duckdb.OutOfMemoryException
        self._folder = folder.path
        self._files: list[tuple[str, int, int]] | None = None
        self._parts: dict[int, list[tuple[int, int]]] = {}
        """By the number of a file its parts, each with the lines before it and its own number."""
        for part in folder.parts:
            self._parts.setdefault(part.source, []).append((part.lines, part.number))
        try:
            self._connection = duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": os.path.join(folder.path, "spill")})
            self._asked = self._connection
            run = self._connection.execute
            run("set TimeZone = 'UTC'")
            for name, columns in {**SCHEMAS, **HISTORY_SCHEMAS}.items():
                if any(entry.startswith(f"{name}-") for entry in os.listdir(folder.path)):
                    files = os.path.join(_as_pattern(folder.path), f"{name}-*.parquet")
                    run(f"create view stored_{name} as select * from read_parquet({_quoted(files)})")
                else:
                    run(f"create table stored_{name} ({', '.join(f'{column} {kind}' for column, kind in columns)})")
            for table in (*tables(catalog, folder.parts, Terms(closed, tuple(assumed), tuple(known)), folder.history), CYCLES, FORMS):
                self._create(table)
            for statement in MACROS:
                run(statement)
            # Of a small set, planning takes longer than reading: what all else is made of is read and worked out once.
            self._tables = {*KEPT, *(view.name for view in INDEX_VIEWS)} if self._is_small() else set()
            self._defined: set[str] = set()
            self._graphs: set[str] = set()
            self._kept: set[str] = {*KEPT} & self._tables
            self._formed: set[str] = set()
        except duckdb.Error as error:
            raise AuditFailed(_told(error)) from error

    def close(self) -> None:
        self._connection.close()

    def _is_small(self) -> bool:
        return sum(entry.stat().st_size for entry in os.scandir(self._folder) if entry.is_file()) <= _SMALL

    def interrupt(self) -> None:
        """Ends what is being asked, from another thread, with AuditFailed there."""
        self._asked.interrupt()

    def _define(self, sql: str) -> None:
        """Makes the relations that a query reads, itself or through others: to define one takes longer than a small set is read."""
        for view in views_read(sql, all_views()):
            if view.name not in self._defined:
                self._connection.execute(f"create {'table' if view.name in self._tables else 'view'} {view.name} as {view.sql}")
                self._defined.add(view.name)

    def keep(self, sql: str) -> None:
        """Makes what a query reads of KEPT once and for all. Raises AuditFailed."""
        for name in kept_for(sql):
            if name not in self._kept:
                self._kept.add(name)
                self._asked = self._connection
                made = f"create table kept_{name} as select * from {name}"
                try:
                    self._define(name)
                    self._with_what_room_there_is(partial(self._connection.execute, made))
                    self._connection.execute(f"create or replace view {name} as select * from kept_{name}")
                except self._error as error:
                    raise AuditFailed(_told(error)) from error

    def prepare(self, rule: SetRule) -> None:
        """Fills the relations that are made for rules like this one, so that its query can be asked. Raises AuditFailed."""
        self.keep(rule.sql)
        if rule.graph and rule.graph not in self._graphs:
            self._find_cycles(rule.graph)
        if rule.forms and rule.forms not in self._formed:
            self._take_forms(rule.forms)

    def breaches(self, rule: SetRule) -> Iterator[Breach]:
        """The breaches of a rule, in the order of the records at which they stand. Raises AuditFailed."""
        self.prepare(rule)
        last: Any = None
        level, records, left_out = "error", list[Involved](), 0
        for breach, key, pointer, note, severity in self.rows(
            # The first record of a breach says where it stands among the others.
            f"with found as ({body(rule)}), heads as (select breach, min(key) as head from found where rank = 0 group by breach) "
            "select f.breach, f.key, f.pointer, f.note, f.level from found f join heads h using (breach) "
            "order by h.head, f.breach, f.rank, f.key, f.pointer, f.note"
        ):
            if records and breach != last:
                yield Breach(rule, level, tuple(records), left_out)
                records, left_out = [], 0
            if not records:
                last, level = breach, severity
            if len(records) < MOST_NAMED:
                records.append(Involved(key, pointer, note))
            else:
                left_out += 1
        if records:
            yield Breach(rule, level, tuple(records), left_out)

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, a few at a time. Raises AuditFailed."""
        # Two queries may be drawn from at a time.
        found = self._connection.cursor()

        def first() -> list[tuple[Any, ...]]:
            # `interrupt` must reach this one while it is at work, not only when it is done.
            self._asked = found
            found.execute(sql, parameters)
            return found.fetchmany(_TOGETHER)

        try:
            self._define(sql)
            batch = self._with_what_room_there_is(first)
            while batch:
                yield from batch
                batch = found.fetchmany(_TOGETHER)
        except self._error as error:
            raise AuditFailed(_told(error)) from error
        except RuntimeError as error:
            # So DuckDB passes on whatever a signal raised while it was at work.
            if "interrupted" in str(error).lower():
                raise KeyboardInterrupt from error
            raise

    def _with_what_room_there_is(self, ask: Callable[[], _T]) -> _T:
        """What `ask` gives. Each thread holds what it works on: where that is too much together, one of them does all, and takes longer."""
        try:
            return ask()
        except self._out_of_memory:
            self._connection.execute("set threads = 1")
            try:
                return ask()
            finally:
                self._connection.execute("reset threads")

    def entries(self, keys: Iterable[int]) -> dict[int, Entry]:
        """The records, and lines of ledgers, with these keys. Raises AuditFailed."""
        wanted = list(dict.fromkeys(keys))
        found: dict[int, Entry] = {}
        past = [key for key in wanted if key < 0]
        if past:
            columns = "key, file, line, contract, version, doc, differs"
            for row in self.rows(f"select {columns} from past_entries where key in (select unnest(?))", [past]):
                found[row[0]] = Entry(*row)
        numbers = {number for key in wanted if key >= 0 and (number := self._part_of(key)) is not None}
        # Texts are most of an index: those that cannot have a record that is wanted are left alone.
        files = [file for file, first, last in self._spans() if any(first <= number <= last for number in numbers)]
        if files:
            key = f"(p.source * {KEYS_A_FILE} + p.lines + r.n)"
            for row in self.rows(
                f"select {key}, p.file, p.lines + r.line, c.name, c.version, r.doc, 0 "
                f"from read_parquet([{', '.join(map(_quoted, files))}]) r join parts p using (part) join contracts c using (kind) "
                f"where r.part in ({', '.join(map(str, sorted(numbers)))}) and {key} in (select unnest(?))",
                [wanted],
            ):
                found[row[0]] = Entry(*row)
        return found

    def _part_of(self, key: int) -> int | None:
        """The part that has the record with a key, as far as it can be told without reading any."""
        source, line = divmod(key, KEYS_A_FILE)
        parts = self._parts.get(source, [])
        # Of each part the lines before it are known.
        at = bisect_left(parts, (line, 0)) - 1
        return parts[at][1] if at >= 0 else None

    def _spans(self) -> list[tuple[str, int, int]]:
        """The files that hold records, each with the first and the last of the parts that they are of."""
        if self._files is None:
            written = [entry.path for entry in os.scandir(self._folder) if entry.name.startswith("records-")]
            spans = self.rows(
                "select file_name, min(stats_min_value::bigint), max(stats_max_value::bigint) from parquet_metadata(?) "
                "where path_in_schema = 'part' group by file_name order by file_name",
                [written],
            )
            self._files = [(file, first, last) for file, first, last in spans] if written else []
        return self._files

    def _find_cycles(self, graph: str) -> None:
        """Fills the relation `cycles` from a graph."""
        import pyarrow as pa

        self._graphs.add(graph)
        columns = cycle_rows((source, target) for source, target in self.rows(edges_of(graph)))
        table = pa.table({name: pa.array(column, type=pa.int64()) for name, column in columns.items()})
        try:
            self._connection.register("found", table)
            self._connection.execute(f"insert into cycles select {_quoted(graph)}, * from found")
            self._connection.unregister("found")
        except self._error as error:
            raise AuditFailed(_told(error)) from error

    def _take_forms(self, view: str) -> None:
        """Fills the relation `forms` with the records that a view names."""
        import pyarrow as pa

        self._formed.add(view)
        texts = self.rows(texts_of(view))
        try:
            while some := list(islice(texts, _TOGETHER)):
                forms = [content_of(decode(doc.encode("utf-8"))) for _, doc in some]
                table = pa.table({"key": pa.array([key for key, _ in some], type=pa.int64()), "form": pa.array(forms, type=pa.string())})
                self._connection.register("found", table)
                self._connection.execute("insert into forms select * from found")
                self._connection.unregister("found")
        except self._error as error:
            raise AuditFailed(_told(error)) from error

    def _create(self, table: Table) -> None:
        columns = ", ".join(f"{column} {kind}" for column, kind in table.columns)
        self._connection.execute(f"create table {table.name} ({columns})")
        # One statement for many rows: a row at a time takes longer than the rules do of a small set.
        hole = f"({', '.join('?' * len(table.columns))})"
        for start in range(0, len(table.rows), _ROWS):
            some = table.rows[start : start + _ROWS]
            values = [value for row in some for value in row]
            self._connection.execute(f"insert into {table.name} values {', '.join([hole] * len(some))}", values)


def _as_pattern(path: str) -> str:
    """A pattern that matches this path alone."""
    return "".join(f"[{character}]" if character in "*?[" else character for character in path)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _told(error: Exception) -> str:
    text = str(error).strip().splitlines()[0]
    # Its own words for these say nothing of what to do.
    short = "could not allocate" in text or type(error).__name__ in ("OutOfMemoryException", "IOException")
    advice = f"; they need {_MEMORY} of memory, and room for temporary files: name a folder with more with TMPDIR" if short else ""
    return f"the set rules could not be asked: {text}{advice}"
