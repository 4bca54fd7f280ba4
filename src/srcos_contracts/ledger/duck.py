"""The set rules on DuckDB, over the Parquet files of an index."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.ledger.cycles import cycles
from srcos_contracts.ledger.index import SCHEMAS, IndexFolder, kinds_of
from srcos_contracts.ledger.set_rules import COLUMNS, SetRule, views
from srcos_contracts.refusal import Refusal

__all__ = ["AuditFailed", "Breach", "Entry", "Involved", "Queries"]

_MEMORY = "700MB"
_PART = 1 << 32
_MACROS = """
create macro field(doc, path) as json_extract_string(doc, path);
create macro instant(stamp) as try_cast(stamp as timestamptz);
"""
_VIEWS = f"""
create view records as
  select r.part::bigint * {_PART} + r.n as key, p.file, p.lines + r.line as line, c.name as contract, c.version, r.id,
         instant(r.time) as at, r.session, r.owner, r.state, r.parts, r.digest, r.doc
  from stored_records r join parts p using (part) join contracts c using (kind);
create view names as select part::bigint * {_PART} + n as key, name from stored_names;
create view refs as
  select r.part::bigint * {_PART} + r.n as key, k.role, r.target, k.types,
         coalesce(r.way, k.first || case when r.item >= 0 then r.item || k.rest else '' end) as pointer
  from stored_refs r join kinds k using (kind);
"""


class AuditFailed(Refusal):
    """The rules could not be asked."""


class Involved(NamedTuple):
    """A record's part in a breach."""

    key: int
    pointer: str
    note: str


class Breach(NamedTuple):
    """One breach of one rule: the record at which it stands, then the others."""

    rule: SetRule
    level: str
    records: tuple[Involved, ...]


class Entry(NamedTuple):
    """A record of the index."""

    key: int
    file: str
    line: int
    contract: str
    version: str
    doc: str


class Queries:
    """A DuckDB database over an index. Close it when it is no longer asked."""

    def __init__(self, folder: IndexFolder, catalog: Catalog, closed: bool, assumed: Iterable[str] = (), known: Iterable[str] = ()) -> None:
        """`assumed` are the roles whose records live elsewhere, `known` the names of records that do.

        Raises AuditFailed where the index cannot be opened.
        """
        import duckdb

        self._error = duckdb.Error
        try:
            self._connection = duckdb.connect(config={"memory_limit": _MEMORY, "temp_directory": os.path.join(folder.path, "spill")})
            self._asked = self._connection
            run = self._connection.execute
            run("set TimeZone = 'UTC'")
            for name, columns in SCHEMAS.items():
                files = f"{folder.path}/{name}-*.parquet"
                if any(entry.startswith(f"{name}-") for entry in os.listdir(folder.path)):
                    run(f"create view stored_{name} as select * from read_parquet({_quoted(files)})")
                else:
                    run(f"create table stored_{name} ({', '.join(f'{column} {kind}' for column, kind in columns)})")
            run("create table parts (part integer, file varchar, lines bigint)")
            self._insert("parts", folder.parts)
            run("create table contracts (kind integer, name varchar, version varchar)")
            self._insert("contracts", [(number, contract.name, contract.version) for number, contract in enumerate(catalog.contracts)])
            run("create table kinds (kind integer, role varchar, types varchar, first varchar, rest varchar)")
            self._insert("kinds", kinds_of(catalog))
            for statement in (*_MACROS.split(";"), *_VIEWS.split(";\n")):
                if statement.strip():
                    run(statement)
            for name, query in views():
                run(f"create view {name} as {query}")
            run("create table cycles (graph varchar, cycle bigint, place bigint, source bigint, target bigint)")
            self._graphs: set[str] = set()
            run("create table scope (closed boolean)")
            self._insert("scope", [(closed,)])
            run("create table assumed (role varchar)")
            self._insert("assumed", [(role,) for role in assumed])
            run("create table known (name varchar)")
            self._insert("known", [(name,) for name in known])
        except duckdb.Error as error:
            raise AuditFailed(_told(error)) from error

    def close(self) -> None:
        self._connection.close()

    def interrupt(self) -> None:
        """Ends what is being asked, from another thread, with AuditFailed there."""
        self._asked.interrupt()

    def breaches(self, rule: SetRule) -> Iterator[Breach]:
        """The breaches of a rule, in the order of the records at which they stand. Raises AuditFailed."""
        if rule.graph and rule.graph not in self._graphs:
            self._find_cycles(rule.graph)
        last: Any = None
        level, records = "error", list[Involved]()
        for breach, key, pointer, note, severity in self.rows(
            # The first record of a breach says where it stands among the others.
            f"with found as ({_body(rule)}), heads as (select breach, min(key) as head from found where rank = 0 group by breach) "
            "select f.breach, f.key, f.pointer, f.note, f.level from found f join heads h using (breach) "
            "order by h.head, f.breach, f.rank, f.key, f.pointer, f.note"
        ):
            if records and breach != last:
                yield Breach(rule, level, tuple(records))
                records = []
            if not records:
                last, level = breach, severity
            records.append(Involved(key, pointer, note))
        if records:
            yield Breach(rule, level, tuple(records))

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, a few at a time. Raises AuditFailed."""
        try:
            # Two queries may be drawn from at a time.
            found = self._asked = self._connection.cursor().execute(sql, parameters)
            while batch := found.fetchmany(1000):
                yield from batch
        except self._error as error:
            raise AuditFailed(_told(error)) from error

    def entries(self, keys: Iterable[int]) -> dict[int, Entry]:
        """The records with these keys. Raises AuditFailed."""
        wanted = list(dict.fromkeys(keys))
        found = self.rows("select key, file, line, contract, version, doc from records where key in (select unnest(?))", [wanted])
        return {row[0]: Entry(*row) for row in found}

    def _find_cycles(self, graph: str) -> None:
        """Fills the relation `cycles` from a graph.

        Records mostly refer to earlier ones. A cycle has an edge to a later one too, and lies between the ends of all such edges.
        """
        import pyarrow as pa

        self._graphs.add(graph)
        edges = self.rows(
            f"with edges as (select distinct source, target from {graph}), "
            "ends as (select min(source) as low, max(target) as high from edges where target >= source) "
            "select source, target from edges, ends where source between low and high and target between low and high "
            "order by source, target"
        )
        columns: dict[str, list[Any]] = {"cycle": [], "place": [], "source": [], "target": []}
        for number, nodes in enumerate(cycles(edges)):
            columns["cycle"] += [number] * len(nodes)
            columns["place"] += range(len(nodes))
            columns["source"] += nodes
            columns["target"] += [*nodes[1:], nodes[0]]
        table = pa.table({name: pa.array(column, type=pa.int64()) for name, column in columns.items()})
        try:
            self._connection.register("found", table)
            self._connection.execute(f"insert into cycles select {_quoted(graph)}, * from found")
            self._connection.unregister("found")
        except self._error as error:
            raise AuditFailed(_told(error)) from error

    def _insert(self, table: str, rows: Sequence[tuple[Any, ...]]) -> None:
        if rows:
            self._connection.executemany(f"insert into {table} values ({', '.join('?' * len(rows[0]))})", rows)


def _body(rule: SetRule) -> str:
    """A rule's query without what cannot stand in a bracket."""
    return f"select {', '.join(COLUMNS)} from (\n{rule.sql.rstrip().removesuffix(';')}\n)"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _told(error: Exception) -> str:
    return f"the set rules could not be asked: {str(error).strip().splitlines()[0]}"
