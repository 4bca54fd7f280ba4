"""What DuckDB alone takes to extract from a ledger what an audit reads of it: run as a script, beside `srcos-validate audit`.

    python bench/extraction.py LEDGER PLAN.json FOLDER

writes records.parquet and refs.parquet into FOLDER: of each record its line, id, time, session, owner, state and text, and what
it refers to. The plan says where these stand in the contracts; each text is parsed once, for all of them together. Nothing is
judged. DuckDB may use both processors and 1 GB.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb

__all__ = ["extract"]

_COLUMNS = ("id", "time", "session", "owner", "state")


def extract(ledger: str, plan: list[dict[str, Any]], folder: str) -> None:
    """Extracts what `plan` says of each contract: `member` and `value` by which its records are known, `columns`, `refs`."""
    run = duckdb.connect(config={"memory_limit": "1GB", "threads": 2, "temp_directory": f"{folder}/spill"}).execute
    shape: dict[str, Any] = {}
    for one in plan:
        for path in [[one["member"]], *(path for name in _COLUMNS for path in one["columns"][name]), *(path for _, path in one["refs"])]:
            _enter(shape, path)
    members = ", ".join(f"found.{_name(member)}" for member in dict.fromkeys(one["member"] for one in plan))
    columns = ", ".join(
        f"case kind {' '.join(_when(one, name) for one in plan if one['columns'][name])} end as {name}"
        for name in _COLUMNS
        if any(one["columns"][name] for one in plan)
    )
    records, refs = f"{folder}/records.parquet", f"{folder}/refs.parquet"
    run(
        f"copy (select line, kind, {columns}, found, doc from (select *, coalesce({members}) as kind from ("
        f"select row_number() over () as line, "
        f"json_transform(json, {_quoted(json.dumps(_structure(shape)))}) as found, json::varchar as doc "
        f"from read_ndjson_objects({_quoted(ledger)}, maximum_object_size = 16777216)))) "
        f"to {_quoted(records)} (format parquet, compression lz4)"
    )
    parts = [
        f"select line, {_quoted(role)} as role, {_items(path)} as target from {_quoted(records)} where kind = {_quoted(one['value'])}"
        for one in plan
        for role, path in one["refs"]
    ]
    run(f"copy (select * from ({' union all '.join(parts)}) where target is not null) to {_quoted(refs)} (format parquet, compression lz4)")


def _enter(shape: dict[str, Any], path: list[str]) -> None:
    for token in path:
        shape = shape.setdefault(token, {})


def _structure(shape: dict[str, Any]) -> Any:
    if not shape:
        return "VARCHAR"
    if "*" in shape:
        return [_structure(shape["*"])]
    return {name: _structure(inner) for name, inner in shape.items()}


def _when(one: dict[str, Any], column: str) -> str:
    return f"when {_quoted(one['value'])} then coalesce({', '.join(_items(path) for path in one['columns'][column])})"


def _items(path: list[str]) -> str:
    """What stands at a path of the structure; of an array, one row an item."""
    found = "found"
    for token in path:
        found = f"unnest({found})" if token == "*" else f"({found}).{_name(token)}"
    return found


def _name(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


if __name__ == "__main__":
    extract(sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")), sys.argv[3])
