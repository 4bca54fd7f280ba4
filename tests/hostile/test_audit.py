"""Bad input and bad surroundings never win over an audit: what can be judged is judged, and nothing half-written stays."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.checking import Demands
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.finding import Finding
from srcos_contracts.ledger import duck
from srcos_contracts.ledger.audit import Terms, audit
from srcos_contracts.ledger.relations import AuditFailed
from srcos_contracts.reading.source import select

from .entries import CORPUS
from .process import COMMAND, Outcome, run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits and signals are tried as Linux has them")

_OWNERS = ("urn:srcos:agent:form-filler", "urn:srcos:agent:shopper")
_EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
_OPERATION = json.loads((_EXAMPLES / "WorkspaceOperationRecord/v1alpha1/valid/minimal.json").read_text("utf-8"))
BROKEN_OFF = ("broken-off", None)
_RECEIPT = json.loads((_EXAMPLES / "BrowserAutomationReceipt/0.1.0/valid/full.json").read_text("utf-8"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder, beside one for temporary files, both gone after the test."""
    with tempfile.TemporaryDirectory() as outer:
        for name in ("in", "tmp"):
            Path(outer, name).mkdir()
        yield Path(outer, "in")


def _receipt(number: int, **members: Any) -> str:
    return json.dumps({**_RECEIPT, "id": f"urn:srcos:receipt:browser-automation:r{number}", **members}) + "\n"


def _two_owners() -> list[str]:
    return [_receipt(number, ownerRef=owner) for number, owner in enumerate(_OWNERS)]


def _audited(
    folder: Path, *options: str, shell: str = 'exec "$@"', seconds: int = 60, closed: bool = False
) -> tuple[Outcome, list[dict[str, Any]]]:
    scope = () if closed else ("--open",)
    arguments = ("audit", ".", *scope, "--format", "human", "--format", "json=../findings.json", *options)
    outcome = run(arguments, folder, f'export TMPDIR="$PWD/../tmp"; {shell}', seconds)
    assert b"Traceback" not in outcome.stderr
    assert list((folder.parent / "tmp").iterdir()) == []
    report = folder.parent / "findings.json"
    return outcome, json.loads(report.read_text("utf-8"))["findings"] if report.exists() else []


def test_a_torn_line_hides_no_breach_between_the_others(folder: Path) -> None:
    first, second = _two_owners()
    (folder / "x.jsonl").write_text(first + '{"id": \n' + second + first[:40], encoding="utf-8")
    outcome, findings = _audited(folder, "--select", "session-single-owner")
    assert outcome.code == 1
    assert [(finding["rule"], finding["line"]) for finding in findings] == [
        ("json-syntax", 2),
        ("torn-last-line", 4),
        ("session-single-owner", 3),
    ]
    assert [other["line"] for other in findings[-1]["related"]] == [1]


def test_an_index_that_has_no_room_stops_no_check(folder: Path) -> None:
    lines = [
        *_two_owners(),
        *(_receipt(number, capturedAt="yesterday" if number == 2_990 else _RECEIPT["capturedAt"]) for number in range(2, 3_000)),
    ]
    (folder / "x.jsonl").write_text("".join(lines), encoding="utf-8")
    outcome, findings = _audited(folder, shell='ulimit -f 64; exec "$@"')
    assert outcome.code == 2
    assert [(finding["rule"], finding["line"]) for finding in findings] == [("schema-format", 2_991), BROKEN_OFF]
    told = outcome.stderr.decode().splitlines()
    assert len(told) == 1
    assert told[0].startswith("error: the index cannot be written in ")
    assert told[0].endswith(": File too large; name a folder with more room with TMPDIR")


def test_the_same_holds_for_workers(folder: Path) -> None:
    number = 30_000
    lines = [_receipt(place, capturedAt="yesterday" if place in (5, number - 1) else _RECEIPT["capturedAt"]) for place in range(number)]
    (folder / "x.jsonl").write_text("".join(lines), encoding="utf-8")
    assert (folder / "x.jsonl").stat().st_size > 13_000_000
    outcome, findings = _audited(folder, "--jobs", "2", shell='ulimit -f 64; exec "$@"')
    assert outcome.code == 2
    assert [(finding["rule"], finding["line"]) for finding in findings] == [("schema-format", 6), ("schema-format", number), BROKEN_OFF]
    assert outcome.stderr.startswith(b"error: the index cannot be written in ")
    assert outcome.stderr.count(b"\n") == 1


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("moment", ["*/", "*/records-*"], ids=["early", "late"])
def test_an_audit_that_is_ended_leaves_nothing_behind(number: int, code: int, moment: str, folder: Path) -> None:
    with (folder / "x.jsonl").open("w", encoding="utf-8") as stream:
        for place in range(60_000):
            stream.write(_receipt(place, sessionRef=f"urn:srcos:session:s{place}"))
    report = folder / "report.html"
    report.write_text("the one before", encoding="utf-8")
    temporary = folder.parent / "tmp"
    process = subprocess.Popen(
        [*COMMAND, "audit", "x.jsonl", "--jobs", "2", "--report", "report.html"],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    # It ends by itself where it makes none. A clock would not do: a machine that stands still for a while has it run on.
    while not list(temporary.glob(moment)) and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(number)
    _, stderr = process.communicate(timeout=60)
    assert (process.returncode, stderr) == (code, b"")
    assert list(temporary.iterdir()) == []
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "x.jsonl"]
    assert report.read_text("utf-8") == "the one before"


# Clocks that are wrong


def _ledger(folder: Path, *events: tuple[str, str, str]) -> None:
    """Lines of one session, each with its time, event and task."""
    target = folder / "g/ledger/cls/2026-05-18.jsonl"
    target.parent.mkdir(parents=True)
    common = {"agent": "cls", "session_id": "2026-05-18_cls_001", "source": "scheduler", "summary": "said", "data": {}}
    with target.open("w", encoding="utf-8") as stream:
        for time_, event, task in events:
            data = {"status": "success"} if event == "task_result" else {}
            stream.write(json.dumps({"ts": time_, "event": event, "task_id": task, **common, "data": data}) + "\n")


def test_a_clock_that_runs_backwards_is_a_contradiction_where_a_rule_needs_the_order(folder: Path) -> None:
    """Line by line the times decrease. Who ended what had not begun by the clock is told; one instant, and all else, is in order."""
    _ledger(
        folder,
        ("2026-05-18T10:09:00Z", "task_start", "wo-1"),
        ("2026-05-18T10:08:00Z", "task_result", "wo-1"),
        ("2026-05-18T10:07:00Z", "task_start", "wo-2"),
        ("2026-05-18T12:07:00+02:00", "task_result", "wo-2"),
        ("2026-05-18T10:05:00Z", "heartbeat", "wo-2"),
        ("2026-05-18T10:04:00Z", "task_result", "wo-3"),
    )
    (folder / "x.jsonl").write_text("".join(_two_owners()), encoding="utf-8")
    outcome, findings = _audited(folder, "--ignore", "ref-unresolved", closed=True)
    assert outcome.code == 1
    assert [
        (finding["rule"], finding["file"], finding["line"], [other["line"] for other in finding.get("related", ())]) for finding in findings
    ] == [
        ("session-single-owner", "x.jsonl", 2, [1]),
        ("task-paired", "./g/ledger/cls/2026-05-18.jsonl", 2, [1]),
        ("task-paired", "./g/ledger/cls/2026-05-18.jsonl", 6, []),
    ]
    assert findings[1]["message"].endswith(": wo-1 had not begun in 2026-05-18_cls_001")
    assert findings[1]["related"][0]["message"] == "wo-1 begins only here"


@pytest.mark.parametrize(
    "time_", ["0000-01-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59.999999999Z", "9999-12-31T23:59:59-23:59"]
)
def test_times_at_the_ends_of_the_calendar_keep_nothing_from_being_judged(time_: str, folder: Path) -> None:
    lines = [
        *_two_owners(),
        _receipt(7, capturedAt=time_, sessionRef="urn:srcos:session:s7"),
        _receipt(7, sessionRef="urn:srcos:session:s7"),
    ]
    (folder / "x.jsonl").write_text("".join(lines), encoding="utf-8")
    outcome, findings = _audited(folder, "--report", "../page.html", "--ignore", "policy-contradicted")
    assert outcome.code == 1
    # What was written before it had begun is that record's own fault.
    own = [("time-order", 3)] if time_ < "1" else []
    assert [(finding["rule"], finding["line"]) for finding in findings] == [*own, ("id-unique", 4), ("session-single-owner", 2)]
    assert "urn:srcos:session:s7" in (folder.parent / "page.html").read_text("utf-8")


def test_a_time_that_is_far_ahead_is_named_by_what_is_judged_by_it(folder: Path) -> None:
    stored = _EXAMPLES / "sets/invalid/orphan-unattended/longer-than-its-time/set/ledger.jsonl"
    lines = stored.read_text("utf-8").splitlines(keepends=True)
    ahead = json.dumps({**json.loads(lines[0]), "id": "urn:srcos:session:ahead", "time": {"startedAt": "2999-01-01T00:00:00Z"}}) + "\n"
    (folder / "x.jsonl").write_text("".join([*lines, ahead]), encoding="utf-8")
    outcome, findings = _audited(folder, "--assume", "policy,evidence", "--select", "orphan-unattended", closed=True)
    assert outcome.code == 1
    # Three events wait, one of them for some minutes yet by the clock of the others.
    assert [(finding["line"], [(other["line"], other["message"]) for other in finding["related"]]) for finding in findings] == [
        (line, [(11, "this record has the latest time, by which it is judged")]) for line in (4, 7, 10)
    ]


# Temporary folders that are of no use


def _mounted(folder: Path, options: str) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    return os.geteuid() == 0 and subprocess.run(command, capture_output=True, timeout=60).returncode == 0


@pytest.fixture
def mounted(folder: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """The folder of records, where the one for temporary files is a file system of its own; skipped where that may not be."""
    temporary = folder.parent / "tmp"
    if not _mounted(temporary, request.param):
        pytest.skip("no file system may be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(temporary)], check=True, timeout=60)


@pytest.mark.parametrize("mounted", ["size=64k", "size=400k", "size=1m,nr_inodes=3"], indirect=True)
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_temporary_folder_that_is_full(mounted: Path, jobs: str) -> None:
    number = 12_000
    owners = [
        _receipt(place, sessionRef=f"urn:srcos:session:s{place}", capturedAt="x" if place == 9_000 else _RECEIPT["capturedAt"])
        for place in range(number)
    ]
    (mounted / "x.jsonl").write_text("".join(owners), encoding="utf-8")
    outcome, findings = _audited(mounted, "--jobs", jobs, "--report", "report.html")
    assert outcome.code == 2
    assert [(finding["rule"], finding["line"]) for finding in findings] == [("schema-format", 9_001), BROKEN_OFF]
    (told,) = outcome.stderr.decode().splitlines()
    assert told.startswith("error: the index cannot be written in ")
    assert told.endswith(": No space left on device; name a folder with more room with TMPDIR")
    # The page tells of what could be judged, that it is not all, and is whole.
    assert "broken-off" in (mounted / "report.html").read_text("utf-8")
    assert sorted(path.name for path in mounted.iterdir()) == ["report.html", "x.jsonl"]
    assert (mounted / "report.html").read_text("utf-8").rstrip().endswith("</html>")
    assert outcome.memory < 500_000_000


@pytest.mark.parametrize("mounted", ["size=1m,nr_inodes=1", "size=1m,ro"], indirect=True)
def test_a_temporary_folder_in_which_nothing_can_be_made(mounted: Path) -> None:
    (mounted / "x.jsonl").write_text("".join([*_two_owners(), "{}\n"]), encoding="utf-8")
    outcome, findings = _audited(mounted)
    assert (outcome.code, [(finding["rule"], finding["line"]) for finding in findings]) == (2, [("unclaimed-record", 3), BROKEN_OFF])
    (told,) = outcome.stderr.decode().splitlines()
    assert told.startswith("error: the index cannot be written in ")
    assert re.search(r"/tmp, which TMPDIR names: (No space left on device|Read-only file system); name another, or unset it$", told)


@pytest.mark.parametrize(("named", "why"), [("../none", "No such file or directory"), ("x.jsonl", "Not a directory")])
def test_a_temporary_folder_that_is_none(named: str, why: str, folder: Path) -> None:
    """Another one is not taken in its place: whoever names one has a reason."""
    (folder / "x.jsonl").write_text("".join([*_two_owners(), "{}\n"]), encoding="utf-8")
    outcome, findings = _audited(folder, shell=f'export TMPDIR={named}; exec "$@"')
    assert (outcome.code, [(finding["rule"], finding["line"]) for finding in findings]) == (2, [("unclaimed-record", 3), BROKEN_OFF])
    assert (
        outcome.stderr.decode() == f"error: the index cannot be written in {named}, which TMPDIR names: {why}; name another, or unset it\n"
    )


# Files that grow

_APPENDER = """
import json, os, sys, time
line = (sys.argv[2] + "\\n").encode()
into = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND)
print("begun", flush=True)
while os.getppid() != 1:
    os.write(into, line)
    time.sleep(0.0002)
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_ledger_that_grows_faster_than_it_is_read(jobs: str, folder: Path) -> None:
    """It is judged as far as it went when it was opened: no line of that is torn, and the audit ends though the writer does not."""
    target = folder / "x.jsonl"
    with target.open("w", encoding="utf-8") as stream:
        stream.write("".join(_two_owners()))
        for place in range(2, 12_000):
            stream.write(_receipt(place, sessionRef=f"urn:srcos:session:s{place}"))
    size = target.stat().st_size
    broken = json.dumps({**_RECEIPT, "capturedAt": "yesterday", "x-padding": "." * 20_000})
    appender = subprocess.Popen([sys.executable, "-c", _APPENDER, str(target), broken], stdout=subprocess.PIPE)
    try:
        assert appender.stdout is not None
        appender.stdout.readline()
        # Nothing that was there before is wrong but this, and what came after it was opened is left for the next audit.
        outcome, findings = _audited(folder, "--jobs", jobs, "--select", "session-single-owner", "--select", "schema-type")
    finally:
        appender.kill()
        appender.communicate()
        grown = target.stat().st_size
        target.unlink()
    assert [(finding["rule"], finding["line"]) for finding in findings] == [("session-single-owner", 2)]
    assert outcome.code == 1
    assert grown > size
    records = int(re.findall(rb"1 file, ([0-9,]+) records: 1 error, 0 warnings", outcome.stderr)[0].replace(b",", b""))
    assert 12_000 <= records < 12_000 + (grown - size) / 20_000


def _found(path: Path, after_records: Any = lambda: None) -> list[Finding]:
    """The findings of an audit during which something happens when all records have been judged."""
    found = []
    for batch in audit(Catalog.shipped(), select([str(path)]).sources, Demands(select=frozenset(("session-single-owner",))), Terms(False)):
        found += batch.findings
        if batch.last:
            after_records()
    return found


def test_what_a_finding_shows_is_what_was_judged(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("".join(_two_owners()), encoding="utf-8")
    before = _found(path)
    assert [(finding.rule, finding.location.line) for finding in before] == [("session-single-owner", 2)]
    assert _found(path, lambda: path.write_text("{}\n" * 9, encoding="utf-8")) == before
    path.write_text("".join(_two_owners()), encoding="utf-8")
    assert _found(path, path.unlink) == before


def test_of_a_file_that_is_gone_the_line_is_told(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("".join(f"---\n{line}" for line in _two_owners()), encoding="utf-8")
    (there,) = _found(path)
    assert there.location.excerpt is not None
    (gone,) = _found(path, path.unlink)
    assert (gone.rule, gone.location.line, gone.location.excerpt) == (there.rule, 3, None)
    path.write_text("".join(f"---\n{line}" for line in _two_owners()), encoding="utf-8")
    (changed,) = _found(path, lambda: path.write_text("---\n{}\n---\n{}\n", encoding="utf-8"))
    assert (changed.rule, changed.location.line) == (there.rule, 4)


def test_rules_that_cannot_be_asked_hide_no_finding_about_a_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duck, "_MEMORY", "1MB")
    path = tmp_path / "x.jsonl"
    path.write_text("{}\n" + "".join(_two_owners()), encoding="utf-8")
    found: list[Finding] = []

    def take() -> None:
        for batch in audit(Catalog.shipped(), select([str(path)]).sources, Demands(), Terms(False)):
            found.extend(batch.findings)

    with pytest.raises(AuditFailed, match=r"^the set rules could not be asked: [^\n]+$"):
        take()
    assert [(finding.rule, finding.location.line) for finding in found] == [("unclaimed-record", 1)]


@pytest.mark.long
def test_an_id_that_stands_there_a_million_times(folder: Path) -> None:
    first, second = _two_owners()
    with (folder / "x.jsonl").open("w", encoding="utf-8") as stream:
        for _ in range(500_000):
            stream.write(first + second)
    outcome, findings = _audited(folder, "--select", "session-single-owner", "--select", "id-unique", seconds=600)
    assert outcome.code == 1
    told = [(finding["rule"], finding["severity"], finding["line"], len(finding["related"])) for finding in findings]
    # Each of two ids stands there half a million times: one finding each, with the number of those that are not shown.
    assert told == [
        ("id-unique", "warning", 999_999, 21),
        ("id-unique", "warning", 1_000_000, 21),
        ("session-single-owner", "error", 2, 1),
    ]
    assert [finding["related"][-1]["message"] for finding in findings[:2]] == ["and 499,979 more"] * 2
    assert outcome.memory < 1_000_000_000


@pytest.mark.long
def test_a_cycle_of_a_hundred_thousand_records(folder: Path) -> None:
    amount = 100_000
    with (folder / "x.jsonl").open("w", encoding="utf-8") as stream:
        for place in range(amount):
            names = {"local_operation_id": f"local-op:{place}", "causal_parent_ids": [f"local-op:{(place + 1) % amount}"]}
            stream.write(json.dumps({**_OPERATION, **names}) + "\n")
    outcome, findings = _audited(folder, "--select", "causal-cycle", seconds=600)
    assert outcome.code == 1
    assert [(finding["rule"], finding["line"]) for finding in findings] == [("causal-cycle", amount)]
    assert [other["line"] for other in findings[0]["related"][:2]] == [1, 2]
    assert findings[0]["related"][-1]["message"] == f"and {amount - 21:,} more"
    assert outcome.memory < 1_000_000_000


def test_whatever_stands_where_a_path_binds_it_is_told_by_audit_as_by_check(folder: Path) -> None:
    # Paths bind any value at all to a contract, also what no contract would claim.
    for number, path in enumerate(sorted(CORPUS.iterdir())):
        where = {
            ".json": f"agents/a{number}/status.json",
            ".jsonl": f"g/ledger/a{number}/2025-11-16.jsonl",
            ".md": f"issues/Todo/ABC-{number}.md",
        }
        target = folder / where.get(path.suffix, path.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    for number, value in enumerate(("[1]", "7", '"text"', "null", "true", "[]", "{}")):
        for target in (folder / f"agents/v{number}/status.json", folder / f"g/ledger/v{number}/2025-11-16.jsonl"):
            target.parent.mkdir(parents=True)
            target.write_text(value + "\n", "utf-8")
    told = {}
    for command in (("check", "."), ("audit", ".", "--open")):
        outcome = run((*command, "--format", "json=../findings.json"), folder, 'export TMPDIR="$PWD/../tmp"; exec "$@"', 60)
        assert b"Traceback" not in outcome.stderr
        assert outcome.code == 1, outcome.stderr.decode()
        told[command[0]] = [json.dumps(one) for one in json.loads((folder.parent / "findings.json").read_text("utf-8"))["findings"]]
    assert len(told["check"]) > len(list(CORPUS.iterdir())) / 2
    assert Counter(told["check"]) <= Counter(told["audit"])
    assert "schema-type" in {json.loads(one)["rule"] for one in told["audit"]}
