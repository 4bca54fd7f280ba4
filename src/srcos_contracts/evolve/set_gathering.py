"""The database of all stored sets: the files of their indexes in one table each, and what is made of them made once for all sets.

To plan the views of one small set takes longer than to read it; here they are planned once, whatever the number of sets.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.set_relations import ALL, DATABASE, SET, SETS, SetRelations
from srcos_contracts.ledger.columns import SCHEMAS
from srcos_contracts.ledger.content import content_of
from srcos_contracts.ledger.duck import MACROS
from srcos_contracts.ledger.index import Part
from srcos_contracts.ledger.past import HISTORY_SCHEMAS
from srcos_contracts.ledger.relations import CYCLES, FORMS, AuditFailed, Table, Terms, all_views, cycle_rows, edges_of, tables, texts_of
from srcos_contracts.ledger.set_rules import SetRule
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.json_text import decode

__all__ = ["IndexedSet", "gather"]

_SHARED = ("contracts", "kinds")
"""Tables that are the same for all sets; no rule reads them."""
_OF_HISTORY = ("issued", "finals")


class IndexedSet(NamedTuple):
    """A set whose index lies in the folder that is named by its number."""

    terms: Terms
    parts: tuple[Part, ...]


def gather(catalog: Catalog, folder: str, sets: Sequence[IndexedSet], rules: Iterable[SetRule]) -> None:
    """Makes the database of the indexes in `folder`, ready for these rules to be asked.

    Raises CatalogError where a schema cannot be read, AuditFailed where the database cannot be made.
    """
    import duckdb

    try:
        with duckdb.connect(os.path.join(folder, DATABASE)) as connection:
            connection.execute("set TimeZone = 'UTC'")
            for statement in MACROS:
                connection.execute(statement)
            for name, columns in {**SCHEMAS, **HISTORY_SCHEMAS}.items():
                _read(connection, folder, name, columns)
            _fill(connection, catalog, sets)
            relations = SetRelations(connection)
            for view in all_views():
                relations.make(view)
            _find_cycles(connection, relations, sets, rules)
            _take_forms(connection, relations, sets, rules)
    except duckdb.Error as error:
        raise AuditFailed(f"the stored sets cannot be put together: {str(error).strip().splitlines()[0]}") from error


def _read(connection: Any, folder: str, name: str, columns: Sequence[tuple[str, str]]) -> None:
    """One table of the files of a name in all indexes."""
    declared = ", ".join(f"{column} {kind}" for column, kind in columns)
    connection.execute(f"create table {ALL}stored_{name} ({SET} integer, {declared})")
    if any(Path(folder).glob(f"*/{name}-*.parquet")):
        files = os.path.join(folder, "*", f"{name}-*.parquet").replace("'", "''")
        number = "parse_filename(parse_dirpath(filename))::integer"
        connection.execute(
            f"insert into {ALL}stored_{name} select {number}, {', '.join(column for column, _ in columns)} "
            f"from read_parquet('{files}', filename = true)"
        )


def _fill(connection: Any, catalog: Catalog, sets: Sequence[IndexedSet]) -> None:
    """The relations that do not come from the records."""
    numbered = [(number, one.terms.closed, one.terms.since is not None) for number, one in enumerate(sets)]
    _create(connection, Table(SETS, ((SET, "integer"), ("closed", "boolean"), ("history", "boolean")), numbered))
    for table in tables(catalog, (), Terms(), history=True):
        if table.name in _SHARED:
            _create(connection, table)
        elif table.name in _OF_HISTORY:
            _create(connection, _numbered(table, [(number, row) for number, _, history in numbered if history for row in table.rows]))
    per_set = [{table.name: table for table in tables(catalog, one.parts, one.terms)} for one in sets]
    for name, table in per_set[0].items() if per_set else ():
        if name not in (*_SHARED, *_OF_HISTORY):
            _create(connection, _numbered(table, [(number, row) for number, one in enumerate(per_set) for row in one[name].rows]))
    for empty in (CYCLES, FORMS):
        _create(connection, _numbered(empty, []))


def _numbered(table: Table, rows: Iterable[tuple[int, tuple[Any, ...]]]) -> Table:
    return Table(f"{ALL}{table.name}", ((SET, "integer"), *table.columns), [(number, *row) for number, row in rows])


def _create(connection: Any, table: Table) -> None:
    connection.execute(f"create table {table.name} ({', '.join(f'{column} {kind}' for column, kind in table.columns)})")
    _insert(connection, table.name, table.columns, table.rows)


def _insert(connection: Any, name: str, columns: Sequence[tuple[str, str]], rows: Sequence[tuple[Any, ...]]) -> None:
    import pyarrow as pa

    if not rows:
        return
    types = {"integer": pa.int32(), "bigint": pa.int64(), "varchar": pa.string(), "boolean": pa.bool_()}
    arrays = [pa.array(values, type=types[kind]) for values, (_, kind) in zip(zip(*rows, strict=True), columns, strict=True)]
    connection.register("found", pa.table(arrays, names=[column for column, _ in columns]))
    connection.execute(f"insert into {name} select * from found")
    connection.unregister("found")


def _asked(sets: Sequence[IndexedSet], rules: Iterable[SetRule]) -> set[int]:
    """The numbers of the sets of which some of these rules is asked."""
    chosen = tuple(rules)
    return {
        number for number, one in enumerate(sets) if any(rule.applies(one.terms.closed, one.terms.since is not None) for rule in chosen)
    }


def _find_cycles(connection: Any, relations: SetRelations, sets: Sequence[IndexedSet], rules: Iterable[SetRule]) -> None:
    """Fills the relation `cycles` from the graphs that rules name."""
    named = [rule for rule in rules if rule.graph]
    rows: list[tuple[Any, ...]] = []
    for graph in dict.fromkeys(rule.graph for rule in named):
        edges: dict[int, list[tuple[int, int]]] = {}
        for number, source, target in relations.every(edges_of(graph), ("source", "target")):
            edges.setdefault(number, []).append((source, target))
        for number in sorted(_asked(sets, (rule for rule in named if rule.graph == graph)) & edges.keys()):
            columns = cycle_rows(sorted(edges[number]))
            rows += [(number, graph, *row) for row in zip(*columns.values(), strict=True)]
    _insert(connection, f"{ALL}{CYCLES.name}", ((SET, "integer"), *CYCLES.columns), rows)


def _take_forms(connection: Any, relations: SetRelations, sets: Sequence[IndexedSet], rules: Iterable[SetRule]) -> None:
    """Fills the relation `forms` with the records that rules compare as wholes."""
    named = [rule for rule in rules if rule.forms]
    for view in dict.fromkeys(rule.forms for rule in named):
        asked = _asked(sets, (rule for rule in named if rule.forms == view))
        found = [row for row in relations.every(texts_of(view), ("key", "doc")) if row[0] in asked]
        rows = [(number, key, content_of(decode(doc.encode("utf-8")))) for number, key, doc in found]
        _insert(connection, f"{ALL}{FORMS.name}", ((SET, "integer"), *FORMS.columns), rows)
