"""Annotations for GitHub: the place and the words of a finding, and nothing that a payload could forge."""

from __future__ import annotations

import io

from srcos_contracts.finding import Excerpt, Finding, Location, Related, SchemaPlace
from srcos_contracts.report.github import GithubReport, annotation


def test_an_annotation_has_place_title_and_words() -> None:
    finding = Finding(
        "session-owner",
        "error",
        "exactly one session owns it",
        Location("a/b.jsonl", 4, 7, Excerpt('"x": []', 5, 2)),
        "write one record\nper session",
        "an array",
        "/sessionRef",
        "BrowserAutomationReceipt",
        "0.1.0",
        SchemaPlace("schemas/defs/urn/1.0.0.json", 10, 7, "/x"),
        (Related(Location("c.json", 2), "first owner here"),),
    )
    assert annotation(finding) == (
        "::error file=a/b.jsonl,line=4,col=7,endColumn=9,title=session-owner%3A BrowserAutomationReceipt 0.1.0 /sessionRef::"
        "exactly one session owns it: an array%0Ac.json:2: first owner here%0Arequired by schemas/defs/urn/1.0.0.json:10:7"
        "%0Ahelp: write one record%0Aper session"
    )


def test_a_payload_cannot_begin_a_command() -> None:
    forged = "x\n::error file=y,line=1::gotcha\r##[error]50%"
    finding = Finding("schema-const", "warning", forged, Location("a,b:c\n.json"), detail=forged, pointer="/\n::stop-commands::x")
    out = io.StringIO()
    report = GithubReport(out)
    report.add(finding)
    assert out.getvalue() == (
        "::warning file=a%2Cb%3Ac\\n.json,title=schema-const%3A /\\n%3A%3Astop-commands%3A%3Ax::"
        "x\\n::error file=y,line=1::gotcha\\r#\\x23[error]50%25: x\\n::error file=y,line=1::gotcha\\r#\\x23[error]50%25\n"
    )


def test_a_cap_is_counted() -> None:
    out = io.StringIO()
    report = GithubReport(out, 1)
    for line in (1, 2, 3):
        report.add(Finding("a", "error", "m", Location("f", line)))
    assert (out.getvalue(), report.hidden) == ("::error file=f,line=1,title=a::m\n", 2)
