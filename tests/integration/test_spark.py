"""Both engines of audit find the same, whatever the records: run by `make test-spark`, which installs PySpark; Java 17 must be there."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import warnings
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import pytest

from srcos_contracts.checking import Batch, Demands
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.sets import EARLIER_FOLDER, SET_FOLDER, SetExample, found_in, set_examples
from srcos_contracts.finding import Finding
from srcos_contracts.ledger.audit import audit
from srcos_contracts.ledger.relations import Terms
from srcos_contracts.ledger.set_rules import set_rules
from srcos_contracts.ledger.tree import since_tree
from srcos_contracts.reading.source import Source, select
from srcos_contracts.report.machine import as_object
from tests.unit.test_instant_sql import CASES, made_up, microseconds

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.spark

ROOT = Path(__file__).resolve().parents[2]
CATALOG = Catalog.shipped()
EXAMPLES = set_examples(ROOT / "examples" / "sets")
MANY = int(os.environ.get("SPARK_TEST_RECORDS", "1000000"))
FEWER = 25_000
"""So many that what rules read is written out, not held in memory."""


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark's two halves talk to each other on this machine; nothing else is reached."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        assert not isinstance(address, tuple) or address[0] in ("127.0.0.1", "::1", "localhost")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    from srcos_contracts.ledger.spark.session import LOGGING, Cluster, own_session

    # Most of the work of a short run is to compile what is run for a while: it is done lightly.
    conf = {"spark.driver.extraJavaOptions": f"{LOGGING} -XX:TieredStopAtLevel=1"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with own_session(Cluster("local[2]", conf)) as session:
            yield session


def on_spark(
    spark: SparkSession, catalog: Catalog, sources: list[Source], demands: Demands, terms: Terms, jobs: int = 1
) -> Iterator[Batch]:
    from srcos_contracts.ledger.spark import audit_on_spark, staging

    with staging(spark, None) as folder:
        yield from audit_on_spark(spark, catalog, sources, demands, terms, folder)


def told(batches: Iterator[Batch]) -> tuple[list[Finding], int, int, int]:
    """Findings, records, records without a contract, sources."""
    seen = list(batches)
    findings = [finding for batch in seen for finding in batch.findings]
    return findings, sum(batch.records for batch in seen), sum(batch.unclaimed for batch in seen), sum(batch.last for batch in seen)


def both(spark: SparkSession, paths: list[Path], jobs: int = 1, terms: Terms = Terms()) -> tuple[list[Finding], list[Finding]]:  # noqa: B008
    """What DuckDB and what Spark finds; that they count the same is seen to."""
    sources = select([str(path) for path in paths], bound=CATALOG.binds).sources
    one = told(audit(CATALOG, sources, Demands(), terms, jobs))
    other = told(on_spark(spark, CATALOG, sources, Demands(), terms))
    assert other[1:] == one[1:]
    return one[0], other[0]


class Tree(NamedTuple):
    """Stored sets that are judged as one, each in a folder of its own: planning the rules for each would take minutes, not seconds."""

    closed: bool
    elsewhere: bool
    """Whether some of what is referred to is known, or assumed, to live elsewhere."""
    history: bool

    @property
    def name(self) -> str:
        said = ("closed" if self.closed else "open", *(word for word in ("elsewhere", "history") if getattr(self, word)))
        return "-".join(said)

    @property
    def sets(self) -> list[SetExample]:
        return [example for example in EXAMPLES if tree_of(example) == self]

    def planted(self, folder: Path) -> tuple[Path, Terms]:
        """Its folder and its terms: those of all its sets together."""
        now, earlier = folder / "now", folder / EARLIER_FOLDER
        for example in self.sets:
            shutil.copytree(example.folder / SET_FOLDER, now / example.name)
            if self.history:
                shutil.copytree(example.folder / EARLIER_FOLDER, earlier / example.name)
        assumed = tuple(sorted({role for example in self.sets for role in example.terms.assumed}))
        known = tuple(sorted({name for example in self.sets for name in example.terms.known}))
        since = since_tree(EARLIER_FOLDER, str(earlier), str(now)) if self.history else None
        return now, Terms(self.closed, assumed, known, since)


def tree_of(example: SetExample) -> Tree:
    terms = example.terms
    return Tree(terms.closed, bool(terms.assumed or terms.known), terms.since is not None)


TREES = sorted({tree_of(example) for example in EXAMPLES})


@pytest.fixture(scope="module")
def told_by_trees() -> set[str]:
    """The rules that findings about the trees were of."""
    return set()


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_all_stored_sets_of_the_same_kind_as_one_tree(spark: SparkSession, tmp_path: Path, told_by_trees: set[str], tree: Tree) -> None:
    folder, terms = tree.planted(tmp_path)
    one, other = both(spark, [folder], terms=terms)
    assert other == one
    assert {example.rule for example in tree.sets if example.rule and not tree.elsewhere} <= {finding.rule for finding in one}
    told_by_trees.update(finding.rule for finding in other)


def test_the_trees_break_every_rule(told_by_trees: set[str]) -> None:
    assert {rule.id for rule in set_rules()} <= told_by_trees


@pytest.mark.parametrize(
    "name",
    ["invalid/session-single-owner/a-session-and-its-ledgers", "invalid/append-only/renamed-and-edited", "valid/an-orphan-event-recovered"],
)
def test_a_stored_set_gives_what_is_stored(spark: SparkSession, name: str) -> None:
    example = next(example for example in EXAMPLES if example.name == name)
    found = found_in(CATALOG, example, lambda *asked: on_spark(spark, *asked))
    assert found == sorted(example.findings, key=repr)


def test_all_examples_as_one_tree(spark: SparkSession) -> None:
    one, other = both(spark, [ROOT / "examples"])
    assert other == one
    assert len({finding.rule for finding in one}) > 60


def hostile_files(folder: Path) -> None:
    """Ledgers and documents that readers trip over."""
    folder.mkdir()
    record = (ROOT / EXAMPLES[0].folder / SET_FOLDER).rglob("*.json*")
    line = next(path.read_bytes().splitlines()[0] for path in record if path.suffix == ".jsonl") if EXAMPLES else b"{}"
    files = {
        "torn.jsonl": line + b"\n" + line[: len(line) // 2],
        "torn-alike.jsonl": b'{"a\n' + line + b'\n{"a',
        "ended.jsonl": b'{"a\n' + line + b'\n{"a\n',
        "bom.jsonl": b"\xef\xbb\xbf" + line + b"\n" + line,
        "crlf.jsonl": line + b"\r\n\r\n\n" + line + b"\r\n",
        "zeros.jsonl": line + b"\n" + b"\0" * 512,
        "bytes.jsonl": b"\xff\xfe\x80\n" + line + b"\n\xc3",
        "wide.jsonl": '{"a": 1}\n{"b": 2}\n'.encode("utf-16"),
        "empty.jsonl": b"",
        "newline.jsonl": b"\n",
        "long.jsonl": b'{"a": "' + b"x" * (17 << 20) + b'"}\n' + line + b"\n",
        "packed.jsonl": gzip.compress(line),
        "packed.jsonl.gz": gzip.compress(line + b"\n" + line + b"\n{", mtime=0),
        "cut.jsonl.gz": gzip.compress(b"".join(b"%d\n" % number for number in range(50_000)), mtime=0)[:-900],
        "empty.json.gz": b"",
        "numbers.json": b'{"attempt": 1e5, "b": [1.5e-7, 1E400, -0.0]}',
        "broken.yaml": b"a: [1\n",
        "two.yaml": b"a: 1\n---\nb: 2\n",
        "note.md": b"---\nid: x\n---\n# T\n",
        "odd name %20#.jsonl": line,
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)


def test_hostile_files(spark: SparkSession, tmp_path: Path) -> None:
    hostile_files(tmp_path / "files")
    one, other = both(spark, [tmp_path / "files"])
    assert other == one
    assert {"torn-last-line", "blank-line", "utf-16", "unreadable", "record-too-large"} <= {finding.rule for finding in one}


def test_a_file_that_vanishes(spark: SparkSession, tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_bytes(b"{}\n")
    sources = select([str(tmp_path)]).sources
    (tmp_path / "a.jsonl").unlink()
    findings, *_ = told(on_spark(spark, CATALOG, sources, Demands(), Terms()))
    assert [(os.path.basename(finding.location.file), finding.rule) for finding in findings] == [
        ("a.jsonl", "unreadable"),
        ("b.jsonl", "unclaimed-record"),
    ]


def test_what_only_spark_reads(spark: SparkSession, tmp_path: Path) -> None:
    """The same files by way of Hadoop: their lines, numbers of lines and places are the same, and names are URIs."""
    from srcos_contracts.ledger.spark import select_on

    hostile_files(tmp_path / "files")
    example = next(example for example in EXAMPLES if example.name.endswith("a-session-and-its-ledgers"))
    shutil.copytree(example.folder / SET_FOLDER, tmp_path / "files" / "set")
    line = (example.folder / SET_FOLDER / "records.jsonl").read_bytes().splitlines()[0] + b"\n"
    # More than one block, and a last line that no newline ends.
    (tmp_path / "files" / "blocks.jsonl").write_bytes(line * ((40 << 20) // len(line)) + b'{"n"')
    spark.sparkContext._jsc.hadoopConfiguration().set("fs.viewfs.mounttable.cluster.link./data", f"file://{tmp_path}/files")
    here = select([str(tmp_path / "files")], bound=CATALOG.binds)
    there = select_on(spark, ["viewfs://cluster/data"], CATALOG.binds)
    assert [os.path.basename(source.name) for source in there.sources] == [os.path.basename(source.name) for source in here.sources]
    one = told(audit(CATALOG, here.sources, Demands(select=frozenset(["session-single-owner"])), Terms(), 1))
    other = told(on_spark(spark, CATALOG, there.sources, Demands(select=frozenset(["session-single-owner"])), Terms()))
    assert other[1:] == one[1:]
    assert _moved(other[0], "viewfs://cluster/data") == _moved(one[0], str(tmp_path / "files"))


def _moved(findings: list[Finding], folder: str) -> str:
    return repr(findings).replace(folder, "")


@pytest.mark.parametrize("name", ["invalid/session-single-owner/a-session-and-its-ledgers", "invalid/append-only/renamed-and-edited"])
def test_findings_as_a_table(spark: SparkSession, tmp_path: Path, name: str) -> None:
    from srcos_contracts.ledger.spark import findings

    example = next(example for example in EXAMPLES if example.name == name)
    folder = str(example.folder / SET_FOLDER)
    rows = findings(spark, [folder], f"file://{tmp_path}/index", example.terms).collect()
    wanted = [
        as_object(finding)
        for batch in audit(CATALOG, select([folder], bound=CATALOG.binds).sources, Demands(), example.terms)
        for finding in batch.findings
    ]
    assert wanted
    assert sorted((row.asDict(recursive=True) for row in rows), key=repr) == sorted(
        ({"related": [], **finding} for finding in wanted), key=repr
    )


def test_spark_reads_times_as_rfc_3339_says(spark: SparkSession) -> None:
    from srcos_contracts.ledger.spark.asked import FUNCTIONS
    from srcos_contracts.ledger.spark.session import prepared

    session = prepared(spark)
    for statement in FUNCTIONS:
        session.sql(statement)
    times = [*CASES, *made_up(2000)]
    session.createDataFrame([(text,) for text in times], "text string").createOrReplaceTempView("times")
    found = session.sql("select text, unix_micros(instant(text)) from times").collect()
    assert {row[0]: row[1] for row in found} == {text: microseconds(text) for text in times}


def test_both_engines_read_members_alike(spark: SparkSession) -> None:
    from srcos_contracts.ledger.spark.asked import FUNCTIONS
    from srcos_contracts.ledger.spark.queried import queried
    from srcos_contracts.ledger.spark.session import prepared
    from srcos_contracts.reading.json_text import decode

    chance = random.Random(20260506)
    numbers = [
        "1",
        "-0",
        "1.0",
        "1.50",
        "1e5",
        "1E-7",
        "1.5e-7",
        "1e20",
        "1e21",
        "1.2e22",
        "5e-324",
        "0.00001",
        "12345678.25",
        "1e400",
        "-0.0",
    ]
    numbers += [repr(chance.uniform(-1, 1) * 10.0 ** chance.randint(-30, 30)) for _ in range(300)]
    others = ['"x"', '"a\\u00e9\\n\\"\\\\ \\u0000 \\ud83d\\ude00"', "true", "null", "[]", '[1,"a"]', '{"b":null}', "1" * 30, '"1.5E-7"']
    docs = [f'{{"a": {value}, "c": "2026-01-02T03:04:05.5Z"}}' for value in (*numbers, *others)]
    with duckdb.connect() as connection:
        wanted = [connection.execute("select json_extract_string(?, '$.a')", [doc]).fetchall()[0][0] for doc in docs]
    session = prepared(spark)
    for statement in FUNCTIONS:
        session.sql(statement)
    rows = [(number, queried(decode(doc.encode()), doc.encode()).decode()) for number, doc in enumerate(docs)]
    session.createDataFrame(rows, "n int, doc string").createOrReplaceTempView("docs")
    found = dict(tuple(row) for row in session.sql("select n, field(doc, '$.a') from docs").collect())
    assert {docs[number]: value for number, value in found.items()} == dict(zip(docs, wanted, strict=True))


def test_numbers_that_need_no_other_form_are_left_as_they_are() -> None:
    from srcos_contracts.ledger.spark.queried import queried

    text = b'{"a": 0.95, "b": [1, 2.5], "c": "1e5"}'
    assert queried({"a": Decimal("0.95"), "b": [1, Decimal("2.5")], "c": "1e5"}, text) is text


RECORDS_A_FAULT = 200
SEEDED = Terms(assumed=("policy",))
_NAME = re.compile(r"(?!sha256:|https?:|file:)[A-Za-z][\w-]*:\S+|[A-Z][A-Z0-9]*-\d+")


def renamed(value: Any, number: int) -> Any:
    """The same record of another set: its names, and those that it refers to, end in that number."""
    if isinstance(value, dict):
        return {name: renamed(member, number) for name, member in value.items()}
    if isinstance(value, list):
        return [renamed(item, number) for item in value]
    return f"{value}{number:06}" if isinstance(value, str) and _NAME.fullmatch(value) else value


def copied(records: Sequence[Any], number: int) -> list[str]:
    return [json.dumps(renamed(record, number), ensure_ascii=False) + "\n" for record in records]


def records_of(example: SetExample) -> list[Any]:
    """Its records of JSON, file by file."""
    texts = (path.read_text("utf-8") for path in sorted((example.folder / SET_FOLDER).rglob("*.json")))
    ledgers = (path.read_text("utf-8").splitlines() for path in sorted((example.folder / SET_FOLDER).rglob("*.jsonl")))
    return [json.loads(text) for text in (*texts, *(line for lines in ledgers for line in lines if line.strip()))]


def _ledger(file: Path) -> Source:
    return select([str(file)]).sources[0]


def seeded(file: Path, amount: int) -> int:
    """A ledger of about as many records: copies of valid sets under names of their own, and now and then one of an invalid set.

    Gives how many findings there are at least.
    """
    stored = {f"{place:04}.jsonl": example for place, example in enumerate(EXAMPLES) if example.terms.since is None}
    alone = file.parent / "alone"
    alone.mkdir()
    for place, (name, example) in enumerate(stored.items()):
        (alone / name).write_text("".join([*copied(records_of(example), 2 * place), *copied(records_of(example), 2 * place + 1)]), "utf-8")
    findings, *_ = told(audit(CATALOG, select([str(alone)]).sources, Demands(), SEEDED, 2))
    found = {
        (os.path.basename(place.file), finding.rule)
        for finding in findings
        for place in (finding.location, *(r.location for r in finding.related))
    }
    faulty = {name for name, _ in found}
    valid = [records_of(example) for name, example in stored.items() if name not in faulty]
    invalid = [records_of(example) for name, example in stored.items() if (name, example.rule) in found]
    written, number, broken = 0, 0, 0
    with file.open("w", encoding="utf-8") as out:
        while written < amount:
            due = written >= broken * RECORDS_A_FAULT
            for records in (*valid, *([invalid[broken % len(invalid)]] if due else [])):
                number += 1
                out.writelines(copied(records, number))
                written += len(records)
            broken += due
    return broken


@pytest.mark.parametrize("amount", [FEWER, pytest.param(MANY, marks=pytest.mark.long)])
def test_a_ledger_of_many_records(spark: SparkSession, tmp_path: Path, amount: int) -> None:
    broken = seeded(tmp_path / "many.jsonl", amount)
    sources = [_ledger(tmp_path / "many.jsonl")]
    one = told(audit(CATALOG, sources, Demands(), SEEDED, 2))
    other = told(on_spark(spark, CATALOG, sources, Demands(), SEEDED))
    assert other == one
    assert len(one[0]) >= broken
    assert one[1] >= amount


def _command(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "srcos_contracts.cli.main", "audit", "--engine", "spark", *words]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)


def test_without_java(tmp_path: Path) -> None:
    run = _command(str(tmp_path), PATH=str(tmp_path), JAVA_HOME="")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "error: --engine spark needs Java 17 or newer: there is no java on the PATH, and JAVA_HOME is not set\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--conf", "nothing"), "error: nothing is no setting: write --conf NAME=VALUE\n"),
        (("--report", "x.html"), "error: --report is written by --engine duckdb; for Spark's findings use --format json=FILE\n"),
    ],
)
def test_what_cannot_be_asked_of_spark(words: tuple[str, ...], said: str) -> None:
    run = _command("examples", *words)
    assert (run.returncode, run.stdout, run.stderr) == (2, "", said)


def test_the_command_says_what_the_other_engine_says(tmp_path: Path) -> None:
    example = next(example for example in EXAMPLES if example.rule == "session-single-owner")
    folder = str(example.folder / SET_FOLDER)
    run = _command(folder, "--format", "jsonl", TMPDIR=str(tmp_path))
    command = [sys.executable, "-m", "srcos_contracts.cli.main", "audit", folder, "--format", "jsonl"]
    other = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (other.returncode, other.stdout)
    assert other.stdout
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("srcos-")] == []
