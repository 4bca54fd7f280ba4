"""Why a record is as it is: the tree of what led to it, in the terminal, as JSON and as a picture."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from srcos_contracts.cli.why import WhyRequest, run_why

ROOT = Path(__file__).resolve().parents[2]
PROOF = ROOT / "examples/sets/valid/accepted-with-proof/set"


@pytest.fixture
def proof(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROOF)


def _said(capsys: pytest.CaptureFixture[str], name: str, *paths: str, form: str = "human") -> str:
    assert run_why(WhyRequest(name, paths or (".",), form)) == 0
    return capsys.readouterr().out


@pytest.mark.usefixtures("proof")
@pytest.mark.parametrize("name", ["ABC-2", "receipt:ABC-2:2"])
def test_an_accepted_issue_is_explained_in_one_screen(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert _said(capsys, name).splitlines() == [
        "AcceptanceReceipt  receipt:ABC-2:2  2026-05-19T12:05:00Z  receipts.jsonl:1",
        "│  issue ABC-2",
        "│  gate unit-tests: pass",
        "│  gate benchmark: fail, not required",
        "│  reviewer: approved by actor:dana",
        "│  merged as 89e6c98d92887913cadf06b2adb97f26cde4849b",
        "├─ merge: WorkLedgerEvent  work-event:3  2026-05-19T11:40:00Z  work.jsonl:3",
        "│  │  pull_request_opened",
        "│  │  head 89e6c98d92887913cadf06b2adb97f26cde4849b",
        "│  └─ session: AgentSession  urn:srcos:session:abc-2-c  completed  2026-05-19T11:01:00Z  (shown elsewhere)  sessions.jsonl:1",
        "├─ run: WorkLedgerEvent  work-event:4  2026-05-19T11:45:00Z  work.jsonl:4",
        "│  │  run_finished: success",
        "│  │  head 89e6c98d92887913cadf06b2adb97f26cde4849b",
        "│  └─ session: AgentSession  urn:srcos:session:abc-2-c  completed  2026-05-19T11:01:00Z  (shown elsewhere)  sessions.jsonl:1",
        "├─ session: AgentSession  urn:srcos:session:abc-2-c  completed  2026-05-19T11:01:00Z  sessions.jsonl:1",
        "│  ├─ event: SessionEvent  urn:srcos:event:abc-2-started  2026-05-19T11:01:01Z  sessions.jsonl:2",
        "│  │  │  agent_lifecycle",
        "│  │  ├─ policy: PolicyDecision  urn:srcos:decision:run-abc-2  permit  2026-05-19T10:55:00Z  policy.jsonl:2",
        "│  │  │  │  permit for work on ABC-2",
        "│  │  │  └─ policy-definition: urn:srcos:policy:agents",
        f"│  │  └─ evidence: sha256:{'3' * 64}",
        "│  └─ event: SessionEvent  urn:srcos:event:abc-2-tests  2026-05-19T11:38:02Z  sessions.jsonl:3",
        "│     │  terminal_workspace",
        "│     ├─ policy: PolicyDecision  urn:srcos:decision:run-abc-2  permit  2026-05-19T10:55:00Z  (shown elsewhere)  policy.jsonl:2",
        f"│     └─ evidence: sha256:{'4' * 64}",
        "├─ policy: PolicyDecisionRecord  policy-decision:accept-abc-2  allow  2026-05-19T12:00:00Z  policy.jsonl:1",
        "│  │  allow: All required gates passed and a reviewer approved.",
        "│  └─ policy-document: policy:acceptance",
        "├─ evidence: https://ci.example.org/runs/502",
        "└─ evidence: https://git.example.org/abc/pulls/17",
        "",
    ]


@pytest.mark.usefixtures("proof")
def test_links_that_should_be_there_are_shown_as_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert _said(capsys, "ABC-2", "receipts.jsonl").splitlines()[6:9] == [
        "├─ run: missing",
        "├─ session: urn:srcos:session:abc-2-c",
        "├─ policy: missing: policy-decision:accept-abc-2",
    ]


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
        "facts": ["permit for work on ABC-2"],
        "missing": False,
        "repeated": False,
        "children": [
            {
                "link": "policy-definition",
                "name": "urn:srcos:policy:agents",
                "contract": None,
                "version": None,
                "state": None,
                "at": None,
                "file": None,
                "line": None,
                "facts": [],
                "missing": False,
                "repeated": False,
                "children": [],
                "leftOut": 0,
            }
        ],
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


def test_a_cycle_of_causes_ends(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = json.loads((ROOT / "examples/WorkspaceOperationRecord/v1alpha1/valid/full.json").read_text("utf-8"))
    for number in range(3):
        parents = [f"local-op:{(number + 1) % 3}"]
        changed = {**record, "local_operation_id": f"local-op:{number}", "operation_id": f"op:{number}", "causal_parent_ids": parents}
        (tmp_path / f"{number}.json").write_text(json.dumps(changed), encoding="utf-8")
    lines = _said(capsys, "local-op:0", str(tmp_path)).splitlines()
    assert [line for line in lines if "causal-parent" in line] == [line for line in lines if "local-op:1" in line or "local-op:2" in line]
