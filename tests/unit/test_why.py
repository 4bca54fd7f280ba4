"""Why a record is as it is: the tree of what led to it, in the terminal, as JSON and as a picture."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from srcos_contracts.cli.why import WhyRequest, run_why
from srcos_contracts.ledger.duck import Queries
from srcos_contracts.ledger.set_rules import kept_for
from srcos_contracts.report.escape import width

ROOT = Path(__file__).resolve().parents[2]
PROOF = ROOT / "examples/sets/valid/accepted-with-proof/set"


@pytest.fixture
def proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROOF)


def _said(capsys: pytest.CaptureFixture[str], name: str, *paths: str, form: str = "human") -> str:
    assert run_why(WhyRequest(name, paths or (".",), form)) == 0
    return capsys.readouterr().out


SHOWN = re.findall(
    r"```text\n\$ cd (\S+)\n\$ srcos-validate why (\S+) \.\n(.*?)```", (ROOT / "docs/audit.md").read_text("utf-8"), re.DOTALL
)


@pytest.mark.parametrize(("folder", "name", "tree"), SHOWN, ids=[f"{name} in {folder}" for folder, name, _ in SHOWN])
def test_what_the_documentation_shows_is_what_is_printed_and_fits_one_screen(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: str, name: str, tree: str
) -> None:
    monkeypatch.chdir(ROOT / folder)
    assert _said(capsys, name) == tree + "\n"
    lines = tree.splitlines()
    assert len(lines) <= 40
    assert max(map(width, lines)) <= 100


def test_the_documentation_shows_an_issue_an_operation_and_an_event() -> None:
    assert [name for _, name, _ in SHOWN] == ["ABC-2", "local-op:0042", "local-op:0042", "urn:srcos:event:turn-1-started"]


@pytest.mark.usefixtures("proof")
def test_a_receipt_is_explained_as_its_issue_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert _said(capsys, "receipt:ABC-2:2") == _said(capsys, "ABC-2")


def test_what_lies_too_deep_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    minimal = json.loads((ROOT / "examples/WorkspaceOperationRecord/v1alpha1/valid/minimal.json").read_text("utf-8"))
    chain = [{**minimal, "local_operation_id": f"local-op:{n}", "causal_parent_ids": [f"local-op:{n + 1}"]} for n in range(30)]
    (tmp_path / "x.jsonl").write_text("".join(json.dumps(record) + "\n" for record in chain), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    (node,) = json.loads(_said(capsys, "local-op:0", form="json"))
    depth = 0
    while below := [child for child in node["children"] if child["link"] == "causal-parent"]:
        (node,), depth = below, depth + 1
    assert (depth, node["name"], node["children"]) == (12, "local-op:12", [])
    assert node["leftOut"] == 1
    assert "and 1 more" in _said(capsys, "local-op:0")


@pytest.mark.usefixtures("proof")
def test_a_line_that_is_too_long_gives_its_place_on_the_next(capsys: pytest.CaptureFixture[str]) -> None:
    lines = _said(capsys, "ABC-2").splitlines()
    at = lines.index("│  │  ├─ policy: PolicyDecision  urn:srcos:decision:run-abc-2  permit")
    assert lines[at + 1] == "│  │  │     2026-05-19T10:55:00Z  policy.jsonl:2"


@pytest.mark.usefixtures("proof")
def test_links_that_should_be_there_are_shown_as_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert _said(capsys, "ABC-2", "receipts.jsonl").splitlines()[6:9] == [
        "├─ run: missing",
        "├─ session: missing: urn:srcos:session:abc-2-c",
        "├─ policy: missing: policy-decision:accept-abc-2",
    ]


def _record(path: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((ROOT / path).read_text("utf-8").splitlines()[0])
    return record


def _missing(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, *records: dict[str, Any]) -> list[str]:
    """Of the tree of a name the lines below its root that say what is missing."""
    (tmp_path / "records.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return [line for line in _said(capsys, name, str(tmp_path)).splitlines() if "missing" in line]


RECEIPT = "examples/sets/valid/accepted-with-proof/set/receipts.jsonl"
CONFLICT = "examples/sets/valid/an-operation-after-its-conflict/set/conflicts.jsonl"
SESSION = "examples/sets/valid/accepted-with-proof/set/sessions.jsonl"


@pytest.mark.parametrize(
    ("changes", "link"),
    [({}, "merge"), ({"merge_commit_sha": None, "handoff_state": "handed_to_release"}, "handoff")],
    ids=["merge", "handoff"],
)
def test_a_merge_or_handoff_that_nothing_shows_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], link: str
) -> None:
    receipt = {**_record(RECEIPT), **changes}
    unshown = {**receipt, "evidence_refs": [], "gate_outcomes": [{"gate": "unit-tests", "outcome": "pass"}]}
    assert _missing(tmp_path, capsys, "ABC-2", receipt)[0] == "├─ run: missing"
    assert _missing(tmp_path, capsys, "ABC-2", unshown) == [
        f"├─ {link}: missing",
        "├─ run: missing",
        "├─ session: missing: urn:srcos:session:abc-2-c",
        "├─ policy: missing: policy-decision:accept-abc-2",
        "└─ evidence: missing",
    ]


@pytest.mark.parametrize("written", [{"attempt": None}, {"attempt": 1}, {}], ids=["null", "one", "absent"])
def test_the_first_attempt_is_one_however_it_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], written: dict[str, Any]
) -> None:
    work = [json.loads(line) for line in (ROOT / RECEIPT).with_name("work.jsonl").read_text("utf-8").splitlines()]
    runs = [{**event, "issue_id": "abc-2", "attempt": None} for event in work if event["event"] in ("pull_request_opened", "run_finished")]
    receipt = {key: value for key, value in _record(RECEIPT).items() if key != "attempt"}
    assert _missing(tmp_path, capsys, "receipt:ABC-2:2", {**receipt, **written}, *runs) == [
        "├─ session: missing: urn:srcos:session:abc-2-c",
        "├─ policy: missing: policy-decision:accept-abc-2",
    ]


@pytest.mark.parametrize(
    ("card", "missing"),
    [
        ({"selected_option": None}, ["└─ decision: missing"]),
        ({"selected_at": "soon"}, ["└─ decision: missing"]),
        (None, ["└─ card: missing"]),
    ],
    ids=["no choice", "no time", "no card"],
)
def test_a_conflict_that_nobody_decided_lacks_its_decision(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], card: dict[str, Any] | None, missing: list[str]
) -> None:
    conflict = _record(CONFLICT)
    conflict["decision_card"] = card and {**conflict["decision_card"], **card}
    assert _missing(tmp_path, capsys, "conflict:shopping-list", conflict) == missing


@pytest.mark.parametrize(("status", "missing"), [("completed", ["└─ event: missing"]), ("running", ["└─ event: missing"]), ("created", [])])
def test_a_session_that_has_begun_has_events(tmp_path: Path, capsys: pytest.CaptureFixture[str], status: str, missing: list[str]) -> None:
    session = {**_record(SESSION), "status": status}
    assert _missing(tmp_path, capsys, session["id"], session) == missing


def test_records_below_one_another_that_name_no_policy_lack_one_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    full = json.loads((ROOT / "examples/WorkspaceOperationRecord/v1alpha1/valid/full.json").read_text("utf-8"))
    bare = {**full, "policy_decision_ref": None, "ledger_evidence_refs": [], "conflict_ids": [], "checkpoint_ref": None}
    chain = [{**bare, "local_operation_id": f"local-op:{n}", "causal_parent_ids": [f"local-op:{n + 1}"][: 1 - n]} for n in range(2)]
    assert [line.strip("│├─└ ") for line in _missing(tmp_path, capsys, "local-op:0", *chain)] == [
        "policy: missing",
        "evidence: missing",
    ] * 2


LATER = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://schemas.srcos.ai/BuildReceipt/1.0.0.json",
    "type": "object",
    "properties": {
        "type": {"const": "BuildReceipt"},
        "id": {"type": "string", "x-id": True},
        "state": {"enum": ["begun", "done"], "x-state": True},
        "allowedBy": {"type": "string", "x-ref": {"role": "policy", "to": ["PolicyDecision"]}},
        "steps": {"items": {"properties": {"log": {"type": "string", "x-ref": {"role": "evidence", "to": []}}}, "required": ["log"]}},
        "shown": {"items": {"type": "string", "x-ref": {"role": "evidence", "to": []}}},
    },
    "required": ["type", "id", "state"],
    "additionalProperties": False,
    "if": {"properties": {"state": {"const": "done"}}},
    "then": {"required": ["allowedBy"], "x-warn": [{"properties": {"shown": {"minItems": 1}}}]},
}


@pytest.mark.parametrize(
    ("members", "missing"),
    [
        ({"state": "begun", "shown": []}, []),
        ({"state": "done", "shown": []}, ["policy: missing", "evidence: missing"]),
        ({"state": "done", "alowedBy": "urn:srcos:decision:one"}, ["policy: missing"]),
        ({"state": "begun", "steps": [{}]}, ["evidence: missing"]),
        ({"state": "done", "shown": [], "steps": [{"log": "log:1"}, {}]}, ["policy: missing"]),
        (
            {"state": "done", "allowedBy": "urn:srcos:decision:one", "shown": [1]},
            ["policy: missing: urn:srcos:decision:one", "evidence: missing"],
        ),
    ],
)
def test_a_contract_added_later_decides_by_its_schema_what_a_record_lacks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], members: dict[str, Any], missing: list[str]
) -> None:
    file = "BuildReceipt/1.0.0.json"
    about = {"name": "BuildReceipt", "version": "1.0.0", "discriminator": {"type": "BuildReceipt"}, "file": file, "bundle": file}
    (tmp_path / "schemas/BuildReceipt").mkdir(parents=True)
    (tmp_path / "schemas" / file).write_text(json.dumps(LATER), encoding="utf-8")
    catalog = {"schemas": [{"url": LATER["$id"], "x-contract": about}]}
    (tmp_path / "schemas/catalog.json").write_text(json.dumps(catalog), encoding="utf-8")
    (tmp_path / "r.jsonl").write_text(json.dumps({"type": "BuildReceipt", "id": "build:1", **members}) + "\n", encoding="utf-8")
    assert run_why(WhyRequest("build:1", (str(tmp_path / "r.jsonl"),), schemas=str(tmp_path / "schemas"))) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line.strip("│├─└ ") for line in told if "missing" in line] == missing


@pytest.mark.usefixtures("proof")
def test_the_tree_as_json_has_the_places(capsys: pytest.CaptureFixture[str]) -> None:
    (tree,) = json.loads(_said(capsys, "urn:srcos:decision:run-abc-2", form="json"))
    assert tree == {
        "link": None,
        "name": "urn:srcos:decision:run-abc-2",
        "contract": "PolicyDecision",
        "version": "2.0.0",
        "state": "permit",
        "at": "2026-05-19T10:55:00Z",
        "file": "policy.jsonl",
        "line": 2,
        "facts": ["for work on ABC-2, under urn:srcos:policy:agents"],
        "missing": False,
        "repeated": False,
        "children": [],
        "leftOut": 0,
    }


@pytest.mark.usefixtures("proof")
def test_the_picture_is_well_formed_and_says_what_the_terminal_says(capsys: pytest.CaptureFixture[str]) -> None:
    picture = ElementTree.fromstring(_said(capsys, "ABC-2", form="svg"))
    lines = ["".join(text.itertext()) for text in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert lines[0] == "AcceptanceReceipt  receipt:ABC-2:2  2026-05-19T12:05:00Z  receipts.jsonl:1"
    assert lines[-1] == "evidence: https://git.example.org/abc/pulls/17"
    assert len(lines) == 30


def test_payload_text_runs_nothing_and_forges_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads((PROOF / "policy.jsonl").read_text("utf-8").splitlines()[0])
    hostile = "<script>alert(1)</script>\x1b[31m\n└─ forged"
    (tmp_path / "p.json").write_text(json.dumps({**record, "rationale": hostile}), encoding="utf-8")
    shown = _said(capsys, record["decision_id"], str(tmp_path))
    assert "\x1b" not in shown
    assert "\\n└─ forged" in shown
    drawn = _said(capsys, record["decision_id"], str(tmp_path), form="svg")
    assert "<script>" not in drawn
    assert "&lt;script&gt;" in drawn


@pytest.mark.usefixtures("proof")
def test_a_name_that_nobody_knows_is_refused_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_why(WhyRequest("receipt:ABC-3:2", (".",))) == 2
    assert capsys.readouterr().err.startswith(
        "error: no record has the id receipt:ABC-3:2, and none refers to it; the nearest are receipt:ABC-2:2"
    )


@pytest.mark.usefixtures("proof")
def test_an_issue_in_other_letters_is_among_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_why(WhyRequest("abc-2", (".",))) == 2
    assert capsys.readouterr().err.startswith("error: no record has the id abc-2, and none refers to it; the nearest are ABC-2, ")


def test_a_cycle_of_causes_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads((ROOT / "examples/WorkspaceOperationRecord/v1alpha1/valid/full.json").read_text("utf-8"))
    for number in range(3):
        parents = [f"local-op:{(number + 1) % 3}"]
        changed = {**record, "local_operation_id": f"local-op:{number}", "operation_id": f"op:{number}", "causal_parent_ids": parents}
        (tmp_path / f"{number}.json").write_text(json.dumps(changed), encoding="utf-8")
    lines = _said(capsys, "local-op:0", str(tmp_path)).splitlines()
    assert [line for line in lines if "causal-parent" in line] == [line for line in lines if "local-op:1" in line or "local-op:2" in line]


def test_records_that_stand_beside_one_another_are_asked_for_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each question takes as long as the set is large, so that a tree of many records took minutes."""
    record = json.loads((ROOT / "examples/WorkspaceOperationRecord/v1alpha1/valid/full.json").read_text("utf-8"))
    with (tmp_path / "o.jsonl").open("w", encoding="utf-8") as stream:
        for number in range(1 + 10 + 100):
            parents = [f"local-op:{10 * number + child}" for child in range(1, 11)] if number < 11 else []
            changed = {"local_operation_id": f"local-op:{number}", "operation_id": f"op:{number}", "causal_parent_ids": parents}
            stream.write(json.dumps({**record, **changed}) + "\n")
    asked = []
    rows = Queries.rows

    def counted(self: Queries, sql: str, parameters: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        asked.append(sql)
        return rows(self, sql, parameters)

    monkeypatch.setattr(Queries, "rows", counted)
    assert run_why(WhyRequest("local-op:0", (str(tmp_path),))) == 0
    # Once for the root, once for what stands below it, and once for all that stands below those.
    assert sum(" from records r where key in (" in sql for sql in asked) == 1 + 1 + 1
    assert len(asked) < 15 * 3


def test_what_a_query_reads_often_is_made_once_with_what_it_is_made_of() -> None:
    assert kept_for("select event from waiting") == ("sessions", "orphans")
    assert kept_for("select event from matches") == ("sessions", "orphans", "orphan_keys", "matches")
    assert kept_for("select key from records") == ()


@pytest.mark.usefixtures("proof")
def test_what_could_not_be_read_is_named_and_the_rest_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_why(WhyRequest("ABC-2", (".", "nowhere"))) == 2
    said = capsys.readouterr()
    assert said.out.startswith("AcceptanceReceipt  receipt:ABC-2:2")
    assert said.err == "error: nowhere: no such file or directory; check the path\n"
    # What is looked for may stand there.
    assert run_why(WhyRequest("ABC-2", ("nowhere", str(tmp_path)))) == 2
    assert [line.split("; ")[0] for line in capsys.readouterr().err.splitlines()] == [
        "error: nowhere: no such file or directory",
        f"error: {tmp_path}: the folder holds no file to check",
        "error: no record has the id ABC-2, and none refers to it",
    ]
    assert run_why(WhyRequest("ABC-2", (".", *(f"nowhere-{number}" for number in range(12))))) == 2
    assert capsys.readouterr().err.splitlines()[-1] == "error: and 2 more could not be read"


def test_one_error_in_what_was_read_is_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "r.json").write_text(json.dumps({**_record(SESSION), "status": "asleep"}), encoding="utf-8")
    assert run_why(WhyRequest(_record(SESSION)["id"], (str(tmp_path),))) == 0
    assert capsys.readouterr().err == f"1 error in what was read: srcos-validate audit {tmp_path}\n"


@pytest.mark.usefixtures("proof")
@pytest.mark.parametrize(("name", "told"), [("", "(empty)"), ("\udcff\udce9", "\\xff\\xe9")])
def test_a_name_that_can_be_none_is_one_that_nobody_has(name: str, told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_why(WhyRequest(name, (".",))) == 2
    assert capsys.readouterr().err.startswith(f"error: no record has the id {told}, and none refers to it")


def test_texts_of_any_length_are_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = {
        "status": "s" * 100_000,
        "ownerRef": "urn:srcos:agent:" + "a" * 100_000,
        "parentSessionRef": "urn:srcos:session:" + "p" * 100_000,
    }
    (tmp_path / "s.json").write_text(json.dumps({**_record(SESSION), **long}), encoding="utf-8")
    lines = _said(capsys, _record(SESSION)["id"], str(tmp_path)).splitlines()
    assert max(map(len, lines)) < 200
    # A name that takes a line of its own has nothing to say on the next.
    assert all(line.strip("│ ") for line in lines[:-1])


def test_of_many_gates_the_first_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To read each of them out of the record would take time and memory by the square of their number."""
    for amount, rest in ((20, []), (21, ["and 1 more gate"]), (20_000, ["and 19980 more gates"])):
        gates = [{"gate": f"g{number}", "outcome": "pass"} for number in range(amount)]
        (tmp_path / "r.json").write_text(json.dumps({**_record(RECEIPT), "gate_outcomes": gates}), encoding="utf-8")
        (tree,) = json.loads(_said(capsys, "ABC-2", str(tmp_path), form="json"))
        assert tree["facts"] == [
            "issue ABC-2",
            *(f"gate g{number}: pass" for number in range(20)),
            *rest,
            "reviewer: approved by actor:dana",
            "merged as 89e6c98d92887913cadf06b2adb97f26cde4849b",
        ]


@pytest.mark.usefixtures("proof")
@pytest.mark.parametrize("form", ["human", "svg"])
def test_any_encoding_of_standard_output_will_do(form: str) -> None:
    command = [sys.executable, "-P", "-m", "srcos_contracts.cli.main", "why", "ABC-2", ".", "--format", form]
    done = subprocess.run(command, capture_output=True, env={**os.environ, "PYTHONIOENCODING": "ascii"}, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
    if form == "human":
        assert b"\\u251c\\u2500 merge: WorkLedgerEvent" in done.stdout
    else:
        assert "evidence: sha256:333333333333…" in "".join(ElementTree.fromstring(done.stdout).itertext())
