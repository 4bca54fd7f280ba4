"""The report of an audit as data: what it holds is bounded, whatever records say."""

from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path
from typing import Any

from srcos_contracts.cli.audit import AuditRequest, run_audit
from srcos_contracts.cli.check import CheckRequest
from srcos_contracts.ledger.background import Background, Link, Seen, SessionLine
from srcos_contracts.report.page import PageReport
from srcos_contracts.report.summary import Summary

ROOT = Path(__file__).resolve().parents[2]
RECEIPT = json.loads((ROOT / "examples/BrowserAutomationReceipt/0.1.0/valid/full.json").read_text("utf-8"))


def _data(page: str) -> Any:
    found = re.search(r'<script type="application/json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found[1])


def test_names_and_states_of_any_length_are_cut() -> None:
    out = StringIO()
    page = PageReport(out, "x")
    long = "n" * 100_000
    seen = Seen(0.0, "1970-01-01T00:00:00Z", "AgentSession", f"state-{long}", f"id-{long}", "a.jsonl", 1)
    page.background = Background(sessions=[SessionLine(f"session-{long}", (f"owner-{long}",), 1, (seen,))])
    page.close(Summary(1, 1))
    (session,) = _data(out.getvalue())["sessions"]
    (record,) = session["records"]
    told = (session["name"], session["owners"][0], record["state"], record["id"])
    assert [len(text) for text in told] == [160] * 4
    assert [text.partition("-")[0] for text in told] == ["session", "owner", "state", "id"]
    assert record["file"] == "a.jsonl"


def test_so_are_references(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps({**RECEIPT, "policyDecisionRef": "urn:srcos:decision:" + "d" * 100_000}), "utf-8")
    assert run_audit(AuditRequest(CheckRequest((str(tmp_path),), most=1), report=str(tmp_path / "page.html"))) == 1
    findings = _data((tmp_path / "page.html").read_text("utf-8"))["findings"]
    (policy,) = {link["target"] for finding in findings for link in finding["links"] if link["role"] == "policy"}
    assert len(policy) == 160
    assert Link("policy", policy, "", True)._asdict() in findings[0]["links"]


def test_some_of_many_owners_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    with (tmp_path / "r.jsonl").open("w", encoding="utf-8") as stream:
        for number in range(40):
            session = f"urn:srcos:session:s{0 if number < 33 else 1}"
            members = {"sessionRef": session, "ownerRef": f"urn:srcos:agent:a{number // 2:02}"}
            stream.write(json.dumps({**RECEIPT, "id": f"urn:srcos:receipt:browser-automation:r{number}", **members}) + "\n")
    run_audit(AuditRequest(CheckRequest((str(tmp_path),), most=1), open=True, report=str(tmp_path / "page.html")))
    sessions = _data((tmp_path / "page.html").read_text("utf-8"))["sessions"]
    assert [(one["owners"], one["ownersLeftOut"], one["count"]) for one in sessions] == [
        ([f"urn:srcos:agent:a{number:02}" for number in range(5)], 12, 33),
        ([f"urn:srcos:agent:a{number:02}" for number in range(16, 20)], 0, 7),
    ]
