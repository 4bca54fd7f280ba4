"""The set rules, and those of single records, on Spark: for ledgers that outgrow one machine."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from glob import glob
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as parquet

from srcos_contracts.checking import Batch, Demands, check_source
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.finding import Finding
from srcos_contracts.ledger.audit import index_folder
from srcos_contracts.ledger.index import IndexFailed, IndexFolder, Part
from srcos_contracts.ledger.past import HISTORY_SCHEMAS
from srcos_contracts.ledger.relations import AuditFailed, Terms, tables
from srcos_contracts.ledger.set_rules import KEPT, VIEWS, kept_for, set_rules
from srcos_contracts.ledger.snapshot import write_history
from srcos_contracts.ledger.spark.asked import Telling, keeping, register, told
from srcos_contracts.ledger.spark.paths import edges_of, is_remote, select_on, spark_uri
from srcos_contracts.ledger.spark.session import for_few_records, is_local, prepared
from srcos_contracts.ledger.spark.staged import (
    COUNTS,
    FINDING_DDL,
    FINDINGS,
    RELATION,
    ddl,
    finding_from,
    finding_object,
    source_of,
    staged_columns,
)
from srcos_contracts.ledger.spark.worker import Edges, Job, judge_files, judge_lines, judge_ranges
from srcos_contracts.named import NamedTuple
from srcos_contracts.parallel import tasks_of
from srcos_contracts.reading.source import Source, read
from srcos_contracts.refusal import Refusal
from srcos_contracts.temporary import temporary_folder
from srcos_contracts.wording import in_unicode

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

__all__ = ["audit_on_spark", "findings", "select_on", "staging"]

_TOGETHER = 500
_FEW = 20_000
_FLAT = (
    "f.rule, f.severity, case when f.detail = '' then f.message else concat(f.message, ': ', f.detail) end as message, "
    "f.location.file as file, "
    "nullif(case when f.location.line > 0 then f.location.line + lines else 0 end, 0) as line, nullif(f.location.column, 0) as column, "
    "f.pointer, nullif(f.contract, '') as contract, nullif(f.version, '') as version, "
    "case when f.demand is not null then concat(f.demand.file, ':', f.demand.line, ':', f.demand.column) end as schema, "
    "f.demand.pointer as schema_pointer, f.help, "
    "transform(f.related, r -> struct(r.note as message, r.location.file as file, nullif(r.location.line, 0) as line, "
    "nullif(r.location.column, 0) as column, r.pointer as pointer, nullif(r.contract, '') as contract, "
    "nullif(r.version, '') as version)) as related"
)
"""A finding as schemas/meta/findings.json describes it; `related` is empty where the JSON has no such member."""


def findings(
    spark: SparkSession,
    paths: Sequence[str],
    staging_folder: str,
    terms: Terms | None = None,
    demands: Demands | None = None,
    catalog: Catalog | None = None,
) -> DataFrame:
    """The findings of an audit as a table, one row each, with the members that schemas/meta/findings.json describes as columns.

    `staging_folder` is a URI at which nothing is yet, and that every worker reaches: the index lies there as long as the table is
    used, and is the caller's to remove. Raises AuditFailed, IndexFailed, and Refusal where `paths` name nothing that can be read.
    """
    catalog, demands, terms = catalog or Catalog.shipped(), demands or Demands(), terms or Terms()
    selection = select_on(spark, paths, catalog.binds)
    run = _Run(prepared(spark), catalog, selection.sources, demands, staging_folder, terms.since is not None)
    with _told_plainly(), index_folder() as own:
        run.stage()
        past = _past(catalog, selection.sources, terms, own.path)
        rows = run.session.read.schema(ddl(staged_columns())).parquet(run.staged)
        parts = run.session.createDataFrame([(part.number, part.lines) for part in run.parts], "part bigint, lines bigint")
        found = (
            rows.where(rows[RELATION] == FINDINGS)
            .select("part", "doc")
            .join(parts, "part")
            .selectExpr(f"from_json(doc, '{FINDING_DDL}') as f", "lines")
        )
        of_set = run.of_set(terms, past)
        if of_set is not None:
            found = found.unionAll(of_set.selectExpr(f"from_json(doc, '{FINDING_DDL}') as f", "0l as lines"))
        elsewhere = [*selection.problems, *past.problems, *(finding for unread in run.unread.values() for finding in unread)]
        if elsewhere:
            rows = run.session.createDataFrame([(json.dumps(finding_object(finding)),) for finding in elsewhere], "doc string")
            found = found.unionAll(rows.selectExpr(f"from_json(doc, '{FINDING_DDL}') as f", "0l as lines"))
        found.createOrReplaceTempView("found")
        return run.session.sql(f"select {_FLAT} from found")


def audit_on_spark(
    spark: SparkSession, catalog: Catalog, sources: list[Source], demands: Demands, terms: Terms, staging_folder: str
) -> Iterator[Batch]:
    """What `ledger.audit.audit` gives, drawn from Spark. Raises AuditFailed."""
    run = _Run(prepared(spark), catalog, sources, demands, staging_folder, terms.since is not None)
    with _told_plainly(), index_folder() as own:
        run.stage()
        yield from run.of_records()
        past = _past(catalog, sources, terms, own.path)
        yield Batch(list(past.problems), 0, 0, False)
        of_set = run.of_set(terms, past)
        if of_set is not None:
            some: list[Finding] = []
            for row in of_set.orderBy("rule", "head", "breach").toLocalIterator(prefetchPartitions=True):
                some.append(finding_from(json.loads(row["doc"])))
                if len(some) == _TOGETHER:
                    yield Batch(some, 0, 0, False)
                    some = []
            yield Batch(some, 0, 0, False)


@contextmanager
def staging(spark: SparkSession, folder: str | None) -> Iterator[str]:
    """Where the index of one audit lies, removed at the end: a place of its own in `folder`, or on this machine.

    Raises IndexFailed where there can be none, Refusal where workers on other machines would not reach it.
    """
    if folder is None:
        if not is_local(spark):
            raise Refusal("the workers are on other machines: name a folder that all of them reach with --staging, as hdfs:///tmp/srcos")
        with ExitStack() as stack:
            try:
                path = stack.enter_context(temporary_folder("srcos-index-"))
            except OSError as error:
                raise IndexFailed(f"there is no folder for the index: {error.strerror or error}; name one with TMPDIR") from error
            yield f"file://{path}/index"
        return
    import uuid

    own = f"{folder.rstrip('/')}/srcos-index-{uuid.uuid4().hex}"
    try:
        yield f"{own}/index"
    finally:
        jvm: Any = spark._jvm
        place = jvm.org.apache.hadoop.fs.Path(own)
        place.getFileSystem(spark._jsc.hadoopConfiguration()).delete(place, True)


class Past(NamedTuple):
    """An earlier state, as the rules of history read it."""

    tables: Mapping[str, Any]
    """Arrow tables, by their names among HISTORY_SCHEMAS."""
    sources: Mapping[str, Source]
    """Its files, by the names that findings have for them."""
    problems: tuple[Finding, ...] = ()


NO_PAST = Past({}, {})


class _Run:
    """One audit: what is staged, and what was counted of it."""

    def __init__(
        self, session: SparkSession, catalog: Catalog, sources: Sequence[Source], demands: Demands, staged: str, history: bool = False
    ) -> None:
        self.session, self.staged = session, staged
        self._history = history
        self._few = False
        self._catalog, self._demands = catalog, demands
        self._sources = sources
        self.unread: dict[int, list[Finding]] = {}
        self.parts: list[Part] = []
        self._counts: list[tuple[int, int, int]] = []

    def stage(self) -> None:
        """Has all sources judged, and the index written."""
        shipped = Catalog.shipped().root == self._catalog.root
        # What workers open is found from wherever they are started.
        sources = [
            source if is_remote(source.name) or source.path is None else source._replace(path=os.path.abspath(source.path))
            for source in self._sources
        ]
        edges: dict[int, Edges] = {}
        lines, files, here = [], [], []
        for number, source in enumerate(sources):
            if not is_remote(source.name):
                here.append(source)
            elif source.form == "jsonl" and not source.gzipped:
                seen = edges_of(self.session, source)
                if isinstance(seen, Finding):
                    self.unread[number] = [seen]
                else:
                    edges[number] = seen
                    lines.append(source.name)
            else:
                files.append(source.name)
        places = {spark_uri(self.session, source.name): number for number, source in enumerate(sources) if is_remote(source.name)}
        root = None if shipped else os.path.abspath(self._catalog.root)
        job = Job(root, self._catalog.shown, self._demands, sources, self._history, places, edges, self._catalog.further)
        staged = [self._ranges(job, sources, here), self._lines(job, lines), self._files(job, files)]
        rows: DataFrame | None = None
        for part in staged:
            if part is not None:
                rows = part if rows is None else rows.unionAll(part)
        if rows is None:
            rows = self.session.createDataFrame([], ddl(staged_columns()))
        rows.write.partitionBy(RELATION).parquet(self.staged)
        self._count()

    def _ranges(self, job: Job, sources: Sequence[Source], here: list[Source]) -> DataFrame | None:
        if not here:
            return None
        numbers = {source.name: number for number, source in enumerate(sources)}
        rows = [(numbers[task.source.name], task.start, -1 if task.length is None else task.length) for task in tasks_of(here)]
        slices = min(len(rows), 8 * self.session.sparkContext.defaultParallelism)
        tasks = self.session.createDataFrame(self.session.sparkContext.parallelize(rows, slices), "source int, start bigint, length bigint")
        return tasks.mapInArrow(partial(judge_ranges, job), ddl(staged_columns()))

    def _lines(self, job: Job, names: list[str]) -> DataFrame | None:
        if not names:
            return None
        read = self.session.read.option("lineSep", "\n").text([_unmagical(name) for name in names])
        rows = read.selectExpr("_metadata.file_path", "_metadata.file_block_start", "_metadata.file_block_length", "cast(value as binary)")
        return rows.mapInArrow(partial(judge_lines, job), ddl(staged_columns()))

    def _files(self, job: Job, names: list[str]) -> DataFrame | None:
        if not names:
            return None
        read = self.session.read.format("binaryFile").load([_unmagical(name) for name in names])
        return read.selectExpr("_metadata.file_path", "content").mapInArrow(partial(judge_files, job), ddl(staged_columns()))

    def _count(self) -> None:
        rows = self.session.read.schema(ddl(staged_columns())).parquet(self.staged)
        counted = rows.where(rows[RELATION] == COUNTS).select("part", "lines", "records", "unclaimed").collect()
        before: dict[int, int] = {}
        for row in sorted(counted):
            number = source_of(row["part"])
            # What Spark cannot write as a text names no file of its, and is shown by its source.
            file = self._sources[number].name.encode("utf-8", "replace").decode("utf-8")
            self.parts.append(Part(row["part"], file, before.get(number, 0), number))
            before[number] = before.get(number, 0) + row["lines"]
            self._counts.append((number, row["records"], row["unclaimed"]))
        judged = {number for number, _, _ in self._counts}
        for number, source in enumerate(self._sources):
            if number not in judged and number not in self.unread:
                # Spark hands on nothing of a file without a byte.
                empty = check_source(self._catalog, source, self._demands, reading=partial(read, content=b""))
                self.unread[number] = list(empty)
        self._few = sum(records for _, records, _ in self._counts) <= _FEW
        if self._few:
            for_few_records(self.session)

    def of_records(self) -> Iterator[Batch]:
        """The findings about each record, source by source."""
        rows = self.session.read.schema(ddl(staged_columns())).parquet(self.staged)
        found = rows.where(rows[RELATION] == FINDINGS).select("part", "n", "doc").orderBy("part", "n")
        lines = {part.number: part.lines for part in self.parts}
        waiting = found.toLocalIterator(prefetchPartitions=True)
        row = next(waiting, None)
        totals: dict[int, tuple[int, int]] = {}
        for number, records, unclaimed in self._counts:
            before = totals.get(number, (0, 0))
            totals[number] = (before[0] + records, before[1] + unclaimed)
        for number in range(len(self._sources)):
            some = list(self.unread.get(number, ()))
            while row is not None and source_of(row["part"]) == number:
                some.append(finding_from(json.loads(row["doc"]), lines[row["part"]]))
                row = next(waiting, None)
                if len(some) == _TOGETHER:
                    yield Batch(some, 0, 0, False)
                    some = []
            yield Batch(some, *totals.get(number, (0, 0)), True)

    def of_set(self, terms: Terms, past: Past = NO_PAST) -> DataFrame | None:
        """The findings about the set, and about what became of an earlier state; None where there are none."""
        history = terms.since is not None
        rules = [rule for rule in set_rules() if self._demands.keeps(rule.id) and rule.applies(terms.closed, history)]
        # Planning is most of the work for few records, and the more so the more views a query is made of.
        kept = {name for rule in rules for name in kept_for(rule.sql, VIEWS if self._few else KEPT)}
        keep = keeping(self.session, self.staged, self._few)
        register(self.session, self.staged, tables(self._catalog, self.parts, terms, history), past.tables, keep, kept)
        return told(self.session, Telling(rules, self._sources, self._demands, past.sources), keep)


def _past(catalog: Catalog, sources: Sequence[Source], terms: Terms, folder: str) -> Past:
    """The earlier state of files of this machine. Raises Refusal where some lie elsewhere, IndexFailed."""
    if terms.since is None:
        return NO_PAST
    if any(is_remote(source.name) for source in sources):
        raise Refusal("--since compares files of this machine; those of other file systems cannot be compared")
    index = IndexFolder(folder)
    earlier = terms.since(catalog, sources, index.room("earlier"), 1)
    problems = write_history(index.path, earlier, sources)
    found = {name: sorted(glob(os.path.join(folder, f"{name}-*.parquet"))) for name in HISTORY_SCHEMAS}
    tables_of = {name: parquet.read_table(files) for name, files in found.items() if files}
    return Past(tables_of, {in_unicode(earlier.shown(name)): source for name, source in earlier.sources.items()}, tuple(problems))


@contextmanager
def _told_plainly() -> Iterator[None]:
    """What Spark says of a failure, in one line."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError) as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise AuditFailed(f"Spark could not do it: {lines[0] if lines else type(error).__name__}") from error


def _unmagical(name: str) -> str:
    """A path that Spark is not to take for a pattern."""
    return "".join(f"\\{character}" if character in "\\*?[]{}" else character for character in name)
