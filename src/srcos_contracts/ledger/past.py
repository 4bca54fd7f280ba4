"""What history rules read beside the index: the columns of its files, the views over them, and what contracts say of what is to last.

The statements are written for DuckDB and Spark alike.
"""

from __future__ import annotations

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.ledger.columns import lasting_in
from srcos_contracts.ledger.set_rules import View

__all__ = ["HISTORY_SCHEMAS", "HISTORY_VIEWS", "lasting_words"]

_EARLIER = 1 << 62
"""Taken from the keys of what was there earlier, so that they are negative, and in order."""

HISTORY_SCHEMAS: dict[str, tuple[tuple[str, str], ...]] = {
    "earlier_records": (
        ("n", "bigint"),
        ("place", "varchar"),
        ("file", "varchar"),
        ("line", "bigint"),
        ("contract", "varchar"),
        ("version", "varchar"),
        ("id", "varchar"),
        ("time", "varchar"),
        ("attempt", "varchar"),
        ("state", "varchar"),
        ("parts", "varchar"),
        ("content", "varchar"),
        ("doc", "varchar"),
        ("path", "varchar"),
    ),
    "ledgers": (
        ("n", "bigint"),
        ("place", "varchar"),
        ("file", "varchar"),
        ("now", "varchar"),
        ("whole", "boolean"),
        ("kept", "boolean"),
        ("lines", "bigint"),
        ("now_lines", "bigint"),
        ("line", "bigint"),
        ("differs", "bigint"),
        ("text", "varchar"),
        ("now_text", "varchar"),
        ("ends", "varchar"),
    ),
}
"""The columns of the files that history rules read beside those of the index, with their types in SQL. `place` is the name to show."""

HISTORY_VIEWS = (
    View("present", "select distinct file from parts"),
    View(
        "earlier_records",
        f"select 2 * n + 1 - {_EARLIER} as key, place, file, line, contract, version, id, instant(time) as at, attempt, state, parts, "
        "content, doc, path from stored_earlier_records",
    ),
    View(
        "ledgers",
        f"select 4 * n + 2 - {_EARLIER} as key, 4 * n + 4 - {_EARLIER} as earlier_key, place, file, now, whole, kept, lines, now_lines, "
        "line, differs, text, now_text, ends from stored_ledgers",
    ),
    View(
        "past_entries",
        "select key, place as file, line, contract, version, doc, 0 as differs from earlier_records "
        "union all select key, now, least(line, now_lines), '', '', now_text, differs from ledgers where now is not null "
        "union all select earlier_key, place, coalesce(line, 0), '', '', text, differs from ledgers",
    ),
    View(
        "entries",
        "select key, file, line, contract, version, doc, 0 as differs from records "
        "union all select key, file, line, contract, version, doc, differs from past_entries",
    ),
)
"""Views over these files, each after those that it is made of. `entries` are the records and lines that keys of breaches name, and
`past_entries` those of a negative key; lines have no contract, and the character from which they differ."""


def lasting_words(catalog: Catalog) -> tuple[list[tuple[str]], list[tuple[str, str, str]]]:
    """The relations `issued` and `finals`. Raises CatalogError where a schema cannot be read."""
    issued: dict[tuple[str], None] = {}
    finals: dict[tuple[str, str, str], None] = {}
    for contract in catalog.contracts:
        lasting = lasting_in(catalog, contract)
        if lasting.issued:
            issued[contract.name,] = None
        finals.update({(contract.name, state, pointer): None for state, pointer in lasting.final})
    return list(issued), list(finals)
