"""The set rules on Spark, over the rows that the workers staged."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial, reduce
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from srcos_contracts.checking import Demands
from srcos_contracts.ledger.breaches import kept_finding_of
from srcos_contracts.ledger.columns import SCHEMAS
from srcos_contracts.ledger.content import content_of
from srcos_contracts.ledger.instant_sql import instant_sql
from srcos_contracts.ledger.past import HISTORY_SCHEMAS, HISTORY_VIEWS
from srcos_contracts.ledger.relations import (
    CYCLES,
    FORMS,
    INDEX_VIEWS,
    KEYS_A_FILE,
    MOST_NAMED,
    Breach,
    Entry,
    Involved,
    Table,
    body,
    cycle_rows,
    edges_of,
    texts_of,
)
from srcos_contracts.ledger.set_rules import SetRule, views
from srcos_contracts.ledger.spark.staged import RELATION, TEXTS, ddl, finding_object, staged_columns, table_of
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.json_text import decode
from srcos_contracts.reading.source import Source

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["FUNCTIONS", "TOLD", "Keep", "Telling", "keeping", "register", "told"]

_INSTANT = instant_sql(
    matches=lambda pattern: f"stamp rlike '{pattern}'",
    cast=lambda text: f"try_cast({text} as timestamp)",
    add=lambda unit, amount, time: f"timestampadd({unit}, {amount}, {time})",
)
FUNCTIONS = (
    "create or replace temporary function field(doc string, path string) returns string return get_json_object(doc, path)",
    f"create or replace temporary function instant(stamp string) returns timestamp return {_INSTANT}",
)

_AT_A_TIME = 4

TOLD = "rule int, head bigint, breach string, doc string"
"""A finding of a set rule: the rule's place, the key of its first record, what names it among those, and it as JSON."""

_RANKED = f"""
with found as ({{body}}),
placed as (
  select f.*, min(case when rank = 0 then key end) over (partition by breach) as head, count(*) over (partition by breach) as amount,
         row_number() over (partition by breach order by rank, key, pointer, note) as place
  from found f
)
select {{number}} as rule, head, breach, place, amount, key, pointer, note, level
from placed where head is not null and place <= {MOST_NAMED}
"""
_NAMED = """
select b.rule, b.head, b.breach, b.place, b.amount, b.key, b.pointer, b.note, b.level,
       r.file, r.line, r.contract, r.version, r.doc, r.differs, t.text
from breaches b join entries r on r.key = b.key left join texts t on t.key = b.key
"""


class Telling(NamedTuple):
    """What turns rows into findings."""

    rules: Sequence[SetRule]
    sources: Sequence[Source]
    demands: Demands
    earlier: Mapping[str, Source]
    """The files of an earlier state, by the names that findings have for them."""


Keep = Callable[["DataFrame", str], "DataFrame"]
"""Makes rows once and for all, under a name of their own."""


def keeping(session: SparkSession, staged: str, few: bool) -> Keep:
    """How rows are kept: written out beside `staged`, or those of a set of few records in memory, where Spark sees them as it plans."""
    if few:
        return lambda found, name: session.createDataFrame(found.toArrow())

    def written(found: DataFrame, name: str) -> DataFrame:
        found.write.parquet(f"{staged}-{name}")
        return session.read.schema(found.schema).parquet(f"{staged}-{name}")

    return written


def register(
    session: SparkSession, staged: str, tables: Sequence[Table], past: Mapping[str, pa.Table], keep: Keep, kept: Collection[str]
) -> None:
    """Makes the relations of the set rules, over the rows that lie at `staged`.

    `past` are the tables of HISTORY_SCHEMAS that there are, `kept` the views that are made once and for all.
    """
    for statement in FUNCTIONS:
        session.sql(statement)
    columns = ddl(staged_columns())
    # Where each relation lies is known from its folder's name; one without rows has no folder.
    rows = session.read.schema(columns).parquet(staged)
    for name in (*SCHEMAS, TEXTS):
        rows.where(rows[RELATION] == name).select(*(column for column, _ in staged_columns(name))).createOrReplaceTempView(f"stored_{name}")
    for name, columns_of in HISTORY_SCHEMAS.items():
        earlier = past[name] if name in past else table_of(columns_of, ())
        session.createDataFrame(earlier).createOrReplaceTempView(f"stored_{name}")
    for table in (*tables, CYCLES, FORMS):
        # Of an Arrow table Spark has the rows at hand when it plans; of a list, a job of a worker whenever they are read.
        session.createDataFrame(table_of(table.columns, table.rows)).createOrReplaceTempView(table.name)
    for view in (*INDEX_VIEWS, *HISTORY_VIEWS, *views()):
        found = session.sql(view.sql)
        # Rules read these relations dozens of times, each time in full.
        if view in INDEX_VIEWS or view.name in kept:
            found = keep(found, view.name)
        found.createOrReplaceTempView(view.name)
    session.sql(
        f"select p.source * {KEYS_A_FILE} + p.lines + t.n as key, t.text from stored_{TEXTS} t join parts p on p.part = t.part"
    ).createOrReplaceTempView("texts")


def told(session: SparkSession, telling: Telling, keep: Keep) -> DataFrame | None:
    """The findings of rules, as TOLD says, in no order; None where every rule holds."""
    rules = telling.rules
    _find_cycles(session, rules)
    _take_forms(session, telling, keep)
    if not rules:
        return None

    def ask(numbered: tuple[int, SetRule]) -> DataFrame:
        number, rule = numbered
        return keep(session.sql(_RANKED.format(body=body(rule), number=number)), f"breaches-{number}")

    # Each by itself: of one query for all rules, planning anew after each of its steps is most of the work. Planning is done by one
    # processor, so some are asked at a time.
    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        breaches = reduce(lambda some, more: some.unionAll(more), threads.map(ask, enumerate(rules)))
    if breaches.isEmpty():
        return None
    breaches.createOrReplaceTempView("breaches")
    rows = session.sql(_NAMED).repartition("rule", "breach").sortWithinPartitions("rule", "breach", "place")
    return rows.mapInArrow(partial(_tell, telling), TOLD)


def _tell(telling: Telling, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Rows of _NAMED, those of one breach together and in order, to rows of TOLD."""
    forms = {**telling.earlier, **{source.name: source for source in telling.sources}}
    rows = (row for batch in batches for row in zip(*(column.to_pylist() for column in batch.columns), strict=True))
    for (number, head, breach), records in groupby(rows, key=itemgetter(0, 1, 2)):
        involved, entries, amount, level = _of_breach(telling.sources, records)
        rule = telling.rules[number]
        finding = kept_finding_of(Breach(rule, level, tuple(involved), amount - len(involved)), entries, forms, telling.demands)
        if finding is None:
            continue
        yield pa.RecordBatch.from_pydict(
            {
                "rule": pa.array([number], pa.int32()),
                "head": pa.array([head], pa.int64()),
                "breach": pa.array([breach]),
                "doc": pa.array([json.dumps(finding_object(finding))]),
            }
        )


def _of_breach(sources: Sequence[Source], rows: Iterator[tuple[Any, ...]]) -> tuple[list[Involved], Mapping[int, Entry], int, str]:
    involved: list[Involved] = []
    entries: dict[int, Entry] = {}
    amount, said = 0, ""
    for _, _, _, place, amount, key, pointer, note, level, file, line, contract, version, doc, differs, text in rows:  # noqa: B007
        said = level if place == 1 else said
        involved.append(Involved(key, pointer, note))
        name = sources[key // KEYS_A_FILE].name if key >= 0 else file
        entries[key] = Entry(key, name, line, contract, version, doc, differs, text)
    return involved, entries, amount, said


def _find_cycles(session: SparkSession, rules: Sequence[SetRule]) -> None:
    """Fills the relation `cycles` from the graphs that rules name."""
    tables = []
    for graph in sorted({rule.graph for rule in rules if rule.graph}):
        edges = session.sql(edges_of(graph)).toLocalIterator(prefetchPartitions=True)
        columns = cycle_rows((row[0], row[1]) for row in edges)
        amount = len(columns["cycle"])
        if amount:
            tables.append(pa.table({"graph": pa.repeat(pa.scalar(graph), amount), **columns}))
    if tables:
        session.createDataFrame(pa.concat_tables(tables)).createOrReplaceTempView(CYCLES.name)


def _take_forms(session: SparkSession, telling: Telling, keep: Keep) -> None:
    """Fills the relation `forms` with the records that rules compare as wholes."""
    for view in sorted({rule.forms for rule in telling.rules if rule.forms}):
        rows = session.sql(f"select w.key, w.doc, t.text from ({texts_of(view)}) w left join texts t on t.key = w.key")
        formed = rows.mapInArrow(partial(_form, [source.syntax == "json" for source in telling.sources]), ddl(FORMS.columns))
        session.table(FORMS.name).unionAll(keep(formed, f"forms-{view}")).createOrReplaceTempView(FORMS.name)


def _form(written_as_json: Sequence[bool], batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Rows of (key, document, own text where that is another) to rows of FORMS."""
    for batch in batches:
        keys, docs, texts = (column.to_pylist() for column in batch.columns)
        forms = [
            content_of(decode(text if text is not None and written_as_json[key // KEYS_A_FILE] else doc.encode("utf-8")))
            for key, doc, text in zip(keys, docs, texts, strict=True)
        ]
        yield pa.RecordBatch.from_pydict({"key": pa.array(keys, pa.int64()), "form": pa.array(forms, pa.string())})
