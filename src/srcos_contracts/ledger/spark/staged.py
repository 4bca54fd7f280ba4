"""What Spark's workers hand back: one table, whose rows are of several relations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from srcos_contracts.finding import Excerpt, Finding, Location, Related, SchemaPlace
from srcos_contracts.ledger.columns import SCHEMAS

__all__ = [
    "COUNTS",
    "FINDINGS",
    "FINDING_DDL",
    "RELATION",
    "TEXTS",
    "batch_of",
    "ddl",
    "finding_from",
    "finding_object",
    "part_of",
    "source_of",
    "staged_columns",
    "table_of",
]

RELATION = "relation"
FINDINGS, TEXTS, COUNTS = "findings", "texts", "counts"
_BEGINNINGS = 1 << 42
"""More bytes than a ledger has. A part's number says its file's place and where in the file it begins."""

_RELATIONS: dict[str, tuple[tuple[str, str], ...]] = {
    **SCHEMAS,
    # The number of a finding in its part, and the finding as JSON, with lines counted from the part's beginning.
    FINDINGS: (("part", "bigint"), ("n", "bigint"), ("doc", "varchar")),
    # The texts of records that the index does not have as they are written.
    TEXTS: (("part", "bigint"), ("n", "bigint"), ("text", "blob")),
    COUNTS: (("part", "bigint"), ("lines", "bigint"), ("records", "bigint"), ("unclaimed", "bigint")),
}
_SPARK = {"integer": "int", "bigint": "bigint", "varchar": "string", "boolean": "boolean", "blob": "binary"}
_ARROW = {"integer": pa.int32(), "bigint": pa.int64(), "varchar": pa.string(), "boolean": pa.bool_(), "blob": pa.binary()}

_LOCATION = "struct<file:string,line:bigint,column:bigint,excerpt:struct<text:string,start:bigint,width:bigint>>"
FINDING_DDL = (
    "rule string, severity string, message string, help string, detail string, pointer string, contract string, version string, "
    f"location {_LOCATION}, demand struct<file:string,line:bigint,column:bigint,pointer:string>, "
    f"related array<struct<location:{_LOCATION},note:string,pointer:string,contract:string,version:string>>"
)
"""A finding's JSON as Spark reads it."""


def part_of(source: int, start: int) -> int:
    """The number of the part of a source that begins at an offset: in the order of the sources, then of their parts."""
    return source * _BEGINNINGS + start


def source_of(part: int) -> int:
    """The place of the source that a part is of."""
    return part // _BEGINNINGS


def ddl(columns: Sequence[tuple[str, str]]) -> str:
    """Columns with types as the index has them, as Spark writes a schema."""
    return ", ".join(f"`{name}` {_SPARK[kind]}" for name, kind in columns)


def staged_columns(relation: str = "") -> tuple[tuple[str, str], ...]:
    """The columns of a relation, or those of all relations, with the one that says which relation a row is of."""
    if relation:
        return _RELATIONS[relation]
    return tuple({RELATION: "varchar", **{name: kind for columns in _RELATIONS.values() for name, kind in columns}}.items())


def table_of(columns: Sequence[tuple[str, str]], rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Rows as Arrow has them, under columns with types as the index has them."""
    values = zip(*rows, strict=True) if rows else [()] * len(columns)
    return pa.table({name: pa.array(column, _ARROW[kind]) for (name, kind), column in zip(columns, values, strict=True)})


def batch_of(relation: str, table: pa.Table) -> pa.RecordBatch:
    """A table of one relation as rows of the whole; what it has no column for is null."""
    amount = table.num_rows
    arrays = []
    for name, kind in staged_columns():
        if name == RELATION:
            arrays.append(pa.repeat(pa.scalar(relation), amount))
        elif name in table.column_names:
            arrays.append(table.column(name).cast(_ARROW[kind]).combine_chunks())
        else:
            arrays.append(pa.nulls(amount, _ARROW[kind]))
    flat = [array.chunk(0) if isinstance(array, pa.ChunkedArray) else array for array in arrays]
    return pa.RecordBatch.from_arrays(flat, names=[name for name, _ in staged_columns()])


def finding_object(finding: Finding) -> dict[str, Any]:
    """A finding as FINDING_DDL describes it."""
    return {
        **finding._asdict(),
        "location": _place_object(finding.location),
        "demand": finding.demand._asdict() if finding.demand is not None else None,
        "related": [{**other._asdict(), "location": _place_object(other.location)} for other in finding.related],
    }


def finding_from(stored: dict[str, Any], lines: int = 0) -> Finding:
    """The finding that was stored, as many lines further down as stand before its part."""
    demand = stored["demand"]
    location = _place_from(stored["location"])
    return Finding(
        **{
            **stored,
            "location": location._replace(line=location.line + lines) if location.line else location,
            "demand": SchemaPlace(**demand) if demand is not None else None,
            "related": tuple(Related(**{**other, "location": _place_from(other["location"])}) for other in stored["related"]),
        }
    )


def _place_object(location: Location) -> dict[str, Any]:
    return {**location._asdict(), "excerpt": location.excerpt._asdict() if location.excerpt is not None else None}


def _place_from(stored: dict[str, Any]) -> Location:
    excerpt = stored["excerpt"]
    return Location(**{**stored, "excerpt": Excerpt(**excerpt) if excerpt is not None else None})
