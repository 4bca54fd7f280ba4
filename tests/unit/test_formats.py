"""Every form in which findings travel: whole, honest about what it leaves out, and deaf to what payloads say."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import jsonschema_rs
import pytest
from markdown_it import MarkdownIt

from srcos_contracts.cli.audit import AuditRequest, run_audit
from srcos_contracts.cli.check import CheckRequest, run_check
from srcos_contracts.finding import Excerpt, Finding, Location, Related
from srcos_contracts.report.formats import FORMATS, report_in
from srcos_contracts.report.summary import Summary

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = 'a\n::error::b\x1b[31m</failure>]]>`<script>alert(1)</script>` @team #12 https://evil.example "\u202e # TODO | x'
FINDING = Finding(
    "session-owner",
    "error",
    HOSTILE,
    Location("dir/" + HOSTILE, 4, 7, Excerpt('"x": []', 5, 2)),
    HOSTILE,
    HOSTILE,
    "/" + HOSTILE,
    "Contract",
    "0.1.0",
    None,
    (Related(Location(HOSTILE, 2), HOSTILE),),
)
WARNING = FINDING._replace(severity="warning")


def written(name: str, *findings: Finding, most: int | None = None) -> str:
    out = io.StringIO()
    report = report_in(name, out, most, False)
    for finding in findings:
        report.add(finding)
    report.close(Summary(1, 2, len(findings), 0, report.hidden))
    return out.getvalue()


@pytest.mark.parametrize("name", FORMATS)
def test_no_form_lets_a_payload_act(name: str) -> None:
    text = written(name, FINDING, WARNING)
    assert text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert not re.search(r"^::error::b", text, re.MULTILINE)
    if name == "markdown":
        shown = MarkdownIt("commonmark", {"html": True}).enable("table").render(text)
        assert "<script" not in shown
        assert shown.count("<tr>") == 3


@pytest.mark.parametrize("name", FORMATS)
def test_nothing_found_is_a_whole_document_too(name: str) -> None:
    assert (
        written(name)
        == {
            "human": "",
            "json": '{"findings": [], "summary": {"files": 1, "records": 2, "errors": 0, "warnings": 0, "hidden": 0}}\n',
            "jsonl": "",
            "github": "",
            "gitlab": "[]\n",
            "junit": '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="srcos-validate" tests="1" failures="0" errors="0">\n'
            '  <testsuite name="srcos-validate" tests="1" failures="0" errors="0">\n'
            '    <testcase classname="srcos-validate" name="2 records of 1 file"/>\n  </testsuite>\n</testsuites>\n',
            "markdown": "Nothing found in 2 records of 1 file.\n",
            "sarif": written("sarif"),
            "tap": "TAP version 14\nok 1 - 2 records of 1 file\n1..1\n",
        }[name]
    )


def test_what_was_judged_is_said_where_it_is_no_records() -> None:
    judged = Summary(4, 0, subject="4 vendored <files>")
    said = {}
    for name in FORMATS:
        out = io.StringIO()
        report_in(name, out, None, False).close(judged)
        said[name] = out.getvalue()
    assert 'name="4 vendored &lt;files&gt;"/>' in said["junit"]
    assert said["markdown"] == "Nothing found in 4 vendored &lt;files&gt;.\n"
    assert said["tap"].splitlines()[1] == "ok 1 - 4 vendored <files>"
    assert said["json"] == '{"findings": [], "summary": {"files": 4, "records": 0, "errors": 0, "warnings": 0, "hidden": 0}}\n'


@pytest.mark.parametrize("name", FORMATS)
def test_names_that_are_no_utf8_stand_as_escapes_in_every_form(name: str) -> None:
    file = "caf\udce9.json"
    said = f"{file} is a link"
    text = written(
        name, Finding("vendor-x", "error", "m", Location(file, 1), said, said, "", "", "", None, (Related(Location(file, 2), said),))
    )
    assert text.encode("utf-8").decode() == text
    assert not re.search(r"\\u(?:\{)?d[89a-f]", text), "no half of a pair, written out or as an escape"
    doubled = ("json", "jsonl", "gitlab", "markdown", "tap", "sarif")
    assert ("caf\\\\xe9.json is a link" if name in doubled else "caf\\xe9.json is a link") in text
    if name in ("json", "jsonl"):
        (found,) = json.loads(text)["findings"] if name == "json" else [json.loads(text)]
        assert (found["file"], found["related"][0]["file"]) == ("caf\\xe9.json", "caf\\xe9.json")
    elif name == "gitlab":
        assert json.loads(text)[0]["location"]["path"] == "caf\\xe9.json"
    elif name == "sarif":
        (result,) = json.loads(text)["runs"][0]["results"]
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "caf%E9.json"
        # On POSIX a backslash is a character like others: no folder ends with it.
        named = written(name, FINDING._replace(location=Location("a\\b.json")))
        assert '"uri": "a%5Cb.json"' in named
        assert result["message"]["text"] == "m: caf\\xe9.json is a link\ncaf\\xe9.json is a link"


def test_junit_is_xml_with_a_failure_an_error_and_words_a_warning() -> None:
    root = ElementTree.fromstring(written("junit", FINDING, WARNING))
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    (suite,) = root
    failure, note = suite
    assert failure[0].tag == "failure"
    assert failure[0].get("type") == "session-owner"
    assert "</failure>]]>" in str(failure[0].text)
    assert note[0].tag == "system-out"


def test_gitlab_has_what_gitlab_reads() -> None:
    first, second = json.loads(written("gitlab", FINDING, FINDING._replace(location=Location("./a.json"))))
    assert first["severity"] == "major"
    assert first["location"]["lines"] == {"begin": 4}
    assert second["location"] == {"path": "a.json", "lines": {"begin": 1}}
    assert first["fingerprint"] != second["fingerprint"]


def test_tap_has_a_plan_and_no_directives() -> None:
    lines = written("tap", FINDING, WARNING).splitlines()
    assert lines[0] == "TAP version 14"
    assert lines[-1] == "1..2"
    points = [line for line in lines if line.startswith(("ok", "not ok"))]
    assert [point.split(" - ")[0] for point in points] == ["not ok 1", "ok 2"]
    assert all("\\#" in point and " # " not in point for point in points)


def test_markdown_names_nobody_and_links_nowhere() -> None:
    text = written("markdown", FINDING)
    outside = re.sub(r"(`+) ?.*? ?\1", "", text)
    for acting in ("@team", "#12", "https://"):
        assert acting not in outside
    rows = [line for line in text.splitlines() if line.startswith("| error")]
    assert len(rows) == 1
    assert len(re.findall(r"(?<!\\)\|", rows[0])) == 5


@pytest.mark.parametrize("name", FORMATS)
def test_a_cap_is_kept(name: str) -> None:
    findings = [FINDING._replace(rule=f"rule-{number}") for number in range(5)]
    text = written(name, *findings, most=2)
    assert len(set(re.findall(r"rule-\d", text))) == 2


PATHS = [str(ROOT / "examples" / name) for name in ("sets/invalid/session-single-owner", "BrowserAutomationReceipt/0.1.0/invalid")]


@pytest.mark.parametrize("redact", [False, True])
def test_all_forms_of_one_run_tell_the_same_findings_each_in_its_file(
    redact: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rule by rule the same number, and what a form leaves out it counts."""
    forms = tuple(f"{name}={tmp_path / name}" for name in FORMATS if name != "jsonl")
    assert run_audit(AuditRequest(CheckRequest(tuple(PATHS), formats=(*forms, "jsonl"), most=0, redact=redact))) == 1
    rules = Counter(json.loads(line)["rule"] for line in capsys.readouterr().out.splitlines())
    text = {name: (tmp_path / name).read_text("utf-8") for name in FORMATS if name != "jsonl"}
    assert rules["session-single-owner"] >= 2
    run = json.loads(text["sarif"])["runs"][0]
    assert Counter(finding["rule"] for finding in json.loads(text["json"])["findings"]) == rules
    assert Counter(result["ruleId"] for result in run["results"]) == rules
    assert [run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] for result in run["results"]] == [r["ruleId"] for r in run["results"]]
    assert Counter(issue["check_name"] for issue in json.loads(text["gitlab"])) == rules
    assert Counter(re.findall(r"^::(?:error|warning) .*?,title=([\w-]+)", text["github"], re.MULTILINE)) == rules
    assert Counter(case.get("name", "").split()[0] for case in ElementTree.fromstring(text["junit"]).iter("testcase")) == rules
    assert Counter(re.findall(r"^(?:not )?ok \d+ - ([\w-]+)", text["tap"], re.MULTILINE)) == rules
    assert Counter(re.findall(r"^\| (?:error|warning) \| `([\w-]+)`", text["markdown"], re.MULTILINE)) == rules
    shown = Counter(re.findall(r"^(?:error|warning)\[([\w-]+)\]: (?!\d+ more like these)", text["human"], re.MULTILINE))
    for rule, more in re.findall(r"^(?:error|warning)\[([\w-]+)\]: (\d+) more like these", text["human"], re.MULTILINE):
        shown[rule] += int(more)
    assert shown == rules


GITLAB = {
    "type": "object",
    "required": ["description", "check_name", "fingerprint", "severity", "location"],
    "properties": {
        "description": {"type": "string", "minLength": 1},
        "check_name": {"type": "string", "minLength": 1},
        "fingerprint": {"type": "string", "minLength": 1},
        "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
        "location": {
            "type": "object",
            "required": ["path", "lines"],
            "properties": {
                "path": {"type": "string", "pattern": r"^(?!\./)."},
                "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
            },
        },
    },
}
"""What GitLab's documentation of code quality reports demands of each entry."""


def test_every_entry_for_gitlab_has_what_it_demands_and_a_fingerprint_of_its_own(tmp_path: Path) -> None:
    paths = (*PATHS, "./nowhere.json")
    assert run_check(CheckRequest(paths, formats=(f"gitlab={tmp_path / 'report'}",))) == 2
    entries = json.loads((tmp_path / "report").read_text("utf-8"))
    schema = {"type": "array", "minItems": 40, "items": GITLAB}
    assert [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(entries)] == []
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)
