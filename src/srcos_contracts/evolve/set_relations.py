"""All stored sets in one database, so that a set rule is asked of every one of them by a single query.

Each relation has the rows of all sets, with the set's number in front. A rule's query is put behind `lateral`, and each relation
that it names becomes the rows of one set: what it gives is exactly what it gives of each set by itself.
"""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from srcos_contracts.ledger.relations import MOST_NAMED, AuditFailed, Breach, Entry, Involved
from srcos_contracts.ledger.set_rules import COLUMNS, Scope, SetRule, View
from srcos_contracts.named import NamedTuple

__all__ = ["ALL", "DATABASE", "SET", "SETS", "Answer", "SetRelations", "Shown", "Unanswered", "opened", "shown"]

DATABASE = "sets.duckdb"
SETS, SET = "sets_stored", "of_set"
"""The table of all sets, and the column that has a set's number."""
ALL = "all_"
"""What begins the names of relations that have the rows of all sets."""
_PATIENCE = 60.0
"""Seconds for a rule as it stands."""
Answer = Sequence[tuple[Any, ...]]
"""Rows of a set's number and the COLUMNS of a rule."""


class Shown(NamedTuple):
    """A breach as an audit of its set tells it, but for the rule."""

    number: int
    level: str
    records: tuple[Involved, ...]
    left_out: int
    """Further records that have a part in it."""


class _Step(NamedTuple):
    """A common table expression of a rule whose rows have been worked out."""

    tree: Any
    reads: frozenset[str]
    """The names of what it reads."""


class Unanswered(Exception):
    """A query that the database refuses, or that was ended."""


@contextmanager
def opened(folder: str) -> Iterator[SetRelations]:
    """What `set_gathering.gather` made, for one process."""
    import duckdb

    with duckdb.connect(os.path.join(folder, DATABASE), read_only=True, config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield SetRelations(connection)


class SetRelations:
    """The database, to ask rules of."""

    def __init__(self, connection: Any) -> None:
        import duckdb

        self._error = duckdb.Error
        self._connection = connection
        tables = connection.execute("select table_name from information_schema.tables where table_schema = 'main'").fetchall()
        names = [name.removeprefix(ALL) for (name,) in tables if name.startswith(ALL)]
        self._parts = {name: self._part(name) for name in names}
        self._steps: dict[str, _Step] = {}

    def answer(self, rule: SetRule) -> Answer:
        """The rows that a rule gives. Raises AuditFailed where it cannot be asked."""
        try:
            return self.ask(self._tree(rule.sql), rule.scope, _PATIENCE)
        except Unanswered as error:
            raise AuditFailed(f"{rule.id} cannot be asked of all stored sets at once: {str(error).strip().splitlines()[0]}") from error

    def keep_steps(self, rule: SetRule) -> None:
        """Works out the common table expressions of a rule: `ask` does so again only where a query has another, or reads one."""
        tree = self._tree(rule.sql)
        node = tree["statements"][0]["node"]
        steps = node["cte_map"]["map"]
        # A name that means something else within a step has to be looked up in the query itself, and whatever is made of it.
        unclear = frozenset().union(*(_shadowing(step["value"]) for step in steps), _shadowing({**node, "cte_map": None}), self._parts)
        left: set[str] = set()
        for step in steps:
            name, value = step["key"], step["value"]
            reads = _read(value)
            if name in unclear or value["aliases"] or not reads.isdisjoint(left):
                left.add(name)
                continue
            self._make(name, {**tree, "statements": [{**tree["statements"][0], "node": value["query_node"]}]}, "temp table")
            self._steps[name] = _Step(step, reads)

    def breaches(self, rule: SetRule) -> dict[int, list[Breach]]:
        """The breaches of a rule in each set that has any. Raises AuditFailed where it cannot be asked."""
        found: dict[int, list[Breach]] = {}
        for breach in shown(self.answer(rule)):
            found.setdefault(breach.number, []).append(Breach(rule, breach.level, breach.records, breach.left_out))
        return found

    def entries(self, number: int) -> dict[int, Entry]:
        """The records, and lines of ledgers, of a set, by their keys."""
        sql = f"select key, file, line, contract, version, doc, differs from {ALL}entries where {SET} = ?"
        return {row[0]: Entry(*row) for row in self._connection.execute(sql, [number]).fetchall()}

    def ask(self, tree: Any, scope: Scope, seconds: float) -> Answer:
        """The rows that a query of this scope gives, in no order. `tree` has the form of `json_serialize_sql`.

        Raises Unanswered where the query is refused, or takes longer than that.
        """
        timer = threading.Timer(seconds, self._connection.interrupt)
        timer.start()
        try:
            found: Answer = self._connection.execute(self._of_every_set(self._remaining(tree), ", ".join(COLUMNS), scope)).fetchall()
            return found
        except self._error as error:
            raise Unanswered(str(error)) from error
        finally:
            timer.cancel()

    def every(self, sql: str, columns: Sequence[str]) -> Answer:
        """The rows that a query gives of each set, with the set's number in front, in no order."""
        tree = self._tree(sql)
        found: Answer = self._connection.execute(self._of_every_set(tree, ", ".join(columns))).fetchall()
        return found

    def make(self, view: View) -> None:
        """Makes a view of one set a relation of all sets; those that it reads have been made before."""
        self._make(view.name, self._tree(view.sql), "table")

    def _make(self, name: str, tree: Any, kind: str) -> None:
        self._connection.execute(f"create {kind} {ALL}{name} as {self._of_every_set(tree, '*')}")
        self._parts[name] = self._part(name)

    def _remaining(self, tree: Any) -> Any:
        """A query without the steps that have been worked out."""
        statement = tree["statements"][0]
        node = statement["node"]
        anew: dict[str, Any] = {}
        for step in node["cte_map"]["map"]:
            kept = self._steps.get(step["key"])
            if kept is None or kept.tree != step or not kept.reads.isdisjoint(anew):
                anew[step["key"]] = step
        return {**tree, "statements": [{**statement, "node": {**node, "cte_map": {**node["cte_map"], "map": [*anew.values()]}}}]}

    def _of_every_set(self, tree: Any, columns: str, scope: Scope = "open") -> str:
        """The query for what a query of this scope gives of each set."""
        placed = self._one("select json_deserialize_sql(?)", json.dumps(self._placed(tree, _shadowing(tree))))
        only = "" if scope == "open" else f" where {scope}"
        return (
            f"select {SETS}.{SET}, answer.* from (select * from {SETS}{only}) {SETS}, "
            f"lateral (select {columns} from ({placed}) given) answer"
        )

    def _tree(self, sql: str) -> Any:
        return json.loads(self._one("select json_serialize_sql(?)", sql))

    def _one(self, sql: str, value: str) -> str:
        (text,) = self._connection.execute(sql, [value]).fetchone()
        return str(text)

    def _part(self, name: str) -> dict[str, Any]:
        """The tree of the rows that one set has of a relation."""
        sql = f"select 1 from (select * from {ALL}{name} part where part.{SET} = {SETS}.{SET}) part"
        tree = self._tree(sql)
        node: dict[str, Any] = tree["statements"][0]["node"]["from_table"]
        return node

    def _placed(self, node: Any, shadowing: frozenset[str]) -> Any:
        """A query's tree, with the rows of one set in place of each relation."""
        if isinstance(node, list):
            return [self._placed(item, shadowing) for item in node]
        if not isinstance(node, dict):
            return node
        name = node.get("table_name")
        if node.get("type") == "BASE_TABLE" and name in self._parts and name not in shadowing:
            return {**self._parts[name], "alias": node.get("alias") or name}
        return {key: self._placed(member, shadowing) for key, member in node.items()}


def _shadowing(node: Any) -> frozenset[str]:
    """The names that a query itself gives to parts of it."""
    if isinstance(node, list):
        return frozenset().union(*map(_shadowing, node))
    if not isinstance(node, dict):
        return frozenset()
    given = node.get("cte_map", {}).get("map", ()) if isinstance(node.get("cte_map"), dict) else ()
    return frozenset(entry["key"] for entry in given).union(*map(_shadowing, node.values()))


def _read(node: Any) -> frozenset[str]:
    """The names of the tables that a query reads."""
    if isinstance(node, list):
        return frozenset().union(*map(_read, node))
    if not isinstance(node, dict):
        return frozenset()
    if node.get("type") == "BASE_TABLE":
        return frozenset((node["table_name"],))
    return frozenset().union(*map(_read, node.values()))


def shown(answer: Answer) -> list[Shown]:
    """The breaches at whose head a record stands, each with its records in order; in the order of their sets."""
    breaches: dict[tuple[int, Any], list[tuple[Any, ...]]] = {}
    for number, breach, rank, key, pointer, note, level in answer:
        if breach is not None:
            breaches.setdefault((number, breach), []).append((rank, key, pointer, note, level))
    told = []
    for (number, _), rows in breaches.items():
        if any(row[0] == 0 for row in rows):
            rows.sort(key=_nulls_last)
            told.append(
                Shown(number, rows[0][-1], tuple(Involved(*row[1:-1]) for row in rows[:MOST_NAMED]), max(0, len(rows) - MOST_NAMED))
            )
    return sorted(told, key=repr)


def _nulls_last(row: tuple[Any, ...]) -> list[tuple[bool, Any]]:
    return [(value is None, value) for value in row]
