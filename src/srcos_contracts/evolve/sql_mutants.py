"""Every way in which one condition of a set rule can be lost or turned round, one at a time.

DuckDB itself parses a query and writes it again, so what is changed is the query's tree, never its text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from srcos_contracts.ledger.relations import AuditFailed
from srcos_contracts.ledger.set_rules import SetRule
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import line_and_column

__all__ = ["SqlMutant", "sql_mutants"]

_COMPARISONS = {
    "COMPARE_EQUAL": ("COMPARE_NOTEQUAL",),
    "COMPARE_NOTEQUAL": ("COMPARE_EQUAL",),
    "COMPARE_LESSTHAN": ("COMPARE_LESSTHANOREQUALTO", "COMPARE_GREATERTHAN"),
    "COMPARE_LESSTHANOREQUALTO": ("COMPARE_LESSTHAN", "COMPARE_GREATERTHANOREQUALTO"),
    "COMPARE_GREATERTHAN": ("COMPARE_GREATERTHANOREQUALTO", "COMPARE_LESSTHAN"),
    "COMPARE_GREATERTHANOREQUALTO": ("COMPARE_GREATERTHAN", "COMPARE_LESSTHANOREQUALTO"),
    "COMPARE_IN": ("COMPARE_NOT_IN",),
    "COMPARE_NOT_IN": ("COMPARE_IN",),
    "OPERATOR_IS_NULL": ("OPERATOR_IS_NOT_NULL",),
    "OPERATOR_IS_NOT_NULL": ("OPERATOR_IS_NULL",),
    "CONJUNCTION_AND": ("CONJUNCTION_OR",),
    "CONJUNCTION_OR": ("CONJUNCTION_AND",),
}
_FUNCTIONS = {"min": "max", "max": "min"}
_JOINS = {"LEFT": "INNER"}
_SKIPPED = ("query_location", "query_location_length")
_Way = tuple[str | int, ...]
_QUERY: _Way = ("statements", 0, "node")


class SqlMutant(NamedTuple):
    """A rule with one change."""

    place: str
    """`line:column` of the rule's file at which the change was made."""
    change: str
    tree: Any
    """The changed query, in the form of DuckDB's `json_serialize_sql`."""


def sql_mutants(rule: SetRule) -> Iterator[SqlMutant]:
    """The mutants of a rule's query. Raises AuditFailed where DuckDB cannot write a changed query."""
    import duckdb

    with duckdb.connect() as connection:
        (serialised,) = connection.execute("select json_serialize_sql(?)", [rule.sql]).fetchone() or ("{}",)
        tree = json.loads(serialised)
        originals: dict[_Way, str] = {}
        for way, change, value in _changes(tree["statements"][0]["node"], _QUERY):
            mutated = _replaced(tree, way, value)
            step = _step(way)
            if step not in originals:
                originals[step] = _written(connection, tree, step)
            if _written(connection, mutated, step) == originals[step]:
                raise AuditFailed(f"{rule.id}: DuckDB {duckdb.__version__} does not know its own tree: {change}, and the query is the same")
            yield SqlMutant(_place(rule.sql, tree, way), change, mutated)


def _step(way: _Way) -> _Way:
    """The way to the query that is changed at the end of a way: a common table expression, or all else."""
    return (*way[:6], "value", "query_node") if way[3:5] == ("cte_map", "map") else _QUERY


def _written(connection: Any, tree: Any, step: _Way) -> str:
    """The text of one query within a tree, without those that it only refers to: they may be many times its size."""
    node = tree
    for key in step:
        node = node[key]
    alone = {**tree, "statements": [{**tree["statements"][0], "node": {**node, "cte_map": {**node["cte_map"], "map": []}}}]}
    (text,) = connection.execute("select json_deserialize_sql(?)", [json.dumps(alone)]).fetchone()
    return str(text)


def _changes(node: Any, way: _Way) -> Iterator[tuple[_Way, str, Any]]:
    if isinstance(node, list):
        for index, item in enumerate(node):
            yield from _changes(item, (*way, index))
        return
    if not isinstance(node, dict):
        return
    kind = node.get("type")
    for other in _COMPARISONS.get(str(kind), ()):
        yield (*way, "type"), f"{_word(str(kind))} became {_word(other)}", other
    if node.get("class") == "CONJUNCTION":
        for index in range(len(node["children"])):
            rest = [child for position, child in enumerate(node["children"]) if position != index]
            yield way, f"condition {index + 1} dropped", rest[0] if len(rest) == 1 else {**node, "children": rest}
    if kind == "SELECT_NODE":
        for clause in ("where_clause", "having"):
            if node.get(clause) is not None:
                yield (*way, clause), f"{clause.split('_')[0]} dropped", None
        if any(modifier.get("type") == "DISTINCT_MODIFIER" for modifier in node.get("modifiers", ())):
            rest = [modifier for modifier in node["modifiers"] if modifier.get("type") != "DISTINCT_MODIFIER"]
            yield (*way, "modifiers"), "distinct dropped", rest
    if kind == "JOIN" and node.get("join_type") in _JOINS:
        yield (*way, "join_type"), "left join became inner", _JOINS[node["join_type"]]
    if kind == "FUNCTION" and node.get("function_name") in _FUNCTIONS:
        other = _FUNCTIONS[node["function_name"]]
        # Which of the two names counts depends on the version of DuckDB.
        renamed = {**node, "function_name": other}
        if "qualified_name" in node:
            renamed["qualified_name"] = {**node["qualified_name"], "path": [*node["qualified_name"]["path"][:-1], other]}
        yield way, f"{node['function_name']} became {other}", renamed
    if kind == "OPERATOR_NOT":
        yield way, "not dropped", node["children"][0]
    if kind == "CASE_EXPR" and len(node["case_checks"]) > 1:
        for index in range(len(node["case_checks"])):
            rest = [check for position, check in enumerate(node["case_checks"]) if position != index]
            yield (*way, "case_checks"), f"case {index + 1} dropped", rest
    for key, member in node.items():
        if key not in _SKIPPED:
            yield from _changes(member, (*way, key))


def _word(name: str) -> str:
    return name.partition("_")[2].lower().replace("_", " ")


def _replaced(node: Any, way: _Way, value: Any) -> Any:
    """A tree with another value at the end of the way; it shares all else with the first."""
    if not way:
        kept = isinstance(value, dict) and isinstance(node, dict) and "alias" in node
        return {**value, "alias": node["alias"]} if kept else value
    copied = node.copy()
    copied[way[0]] = _replaced(node[way[0]], way[1:], value)
    return copied


def _place(sql: str, tree: Any, way: _Way) -> str:
    """The place of the innermost part of the tree on the way that has one in the text."""
    node, found = tree, 0
    for step in way:
        node = node[step]
        place = node.get("query_location") if isinstance(node, dict) else None
        if isinstance(place, int) and 0 < place < len(sql):
            found = place
    line, column = line_and_column(sql, found)
    return f"{line}:{column}"
