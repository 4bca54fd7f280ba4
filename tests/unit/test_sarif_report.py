"""SARIF: one log, written as findings come, with regions, rules and fingerprints that outlive a moved line."""

from __future__ import annotations

import io
import json
from typing import Any

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.finding import Excerpt, Finding, Location, Related
from srcos_contracts.fingerprint import fingerprint
from srcos_contracts.report.sarif import SarifReport
from srcos_contracts.report.summary import Summary
from srcos_contracts.rule_texts import texts_of

FINDING = Finding(
    "session-owner",
    "error",
    "exactly one session owns it",
    Location("a b/ü.jsonl", 4, 7, Excerpt('"x": []', 5, 2)),
    "write one record\nper session",
    "an array",
    "/sessionRef",
    "BrowserAutomationReceipt",
    "0.1.0",
    None,
    (Related(Location("c.json", 2), "first owner here"),),
)


def log(*findings: Finding, most: int = 0) -> Any:
    out = io.StringIO()
    report = SarifReport(out, most, "1.2.3")
    for finding in findings:
        report.add(finding)
    report.close(Summary(hidden=report.hidden))
    return json.loads(out.getvalue())


def test_a_result_has_its_region_rule_and_related_places() -> None:
    (run,) = log(FINDING)["runs"]
    (result,) = run["results"]
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b/%C3%BC.jsonl"},
        "region": {"startLine": 4, "startColumn": 7, "endColumn": 9},
    }
    assert result["message"]["text"] == "exactly one session owns it: an array\nwrite one record\nper session"
    assert result["relatedLocations"][0]["message"]["text"] == "first owner here"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "session-owner"
    assert run["tool"]["driver"]["semanticVersion"] == "1.2.3"


def test_a_fingerprint_outlives_a_moved_line_and_tells_twins_apart() -> None:
    moved = FINDING._replace(location=FINDING.location._replace(line=90, column=2))
    assert fingerprint(moved) == fingerprint(FINDING)
    assert fingerprint(FINDING._replace(pointer="/ownerRef")) != fingerprint(FINDING)
    results = log(FINDING, moved)["runs"][0]["results"]
    assert len({result["partialFingerprints"]["srcosFinding/v1"] for result in results}) == 2


def test_an_empty_log_and_a_capped_one_are_whole() -> None:
    assert log()["runs"][0]["results"] == []
    run = log(FINDING, FINDING, FINDING, most=1)["runs"][0]
    assert (len(run["results"]), run["properties"]) == (1, {"notShown": 2})


def test_a_rule_says_what_it_is_and_not_what_broke_it() -> None:
    out = io.StringIO()
    texts = texts_of(Catalog.shipped())
    report = SarifReport(out, 0, "1.2.3", texts)
    unknown = FINDING._replace(rule="of-nobody")
    for finding in (FINDING, FINDING._replace(rule="schema-type", message="sessionRef is an array, not a string", detail=""), unknown):
        report.add(finding)
    report.close(Summary())
    owner, shape, other = json.loads(out.getvalue())["runs"][0]["tool"]["driver"]["rules"]
    stated = texts("session-owner", "BrowserAutomationReceipt", "0.1.0")
    assert len(stated) > 1
    says, why, help = ("\n".join(dict.fromkeys(filter(None, column))) for column in zip(*stated, strict=True))
    full = f"{says}\n\n{why}" if "\n" in says else why
    assert owner == {
        "id": "session-owner",
        "shortDescription": {"text": stated[0].message},
        "fullDescription": {"text": full},
        "defaultConfiguration": {"level": "error"},
        "help": {"text": help},
    }
    assert shape["shortDescription"] == {"text": "a value has the type that the contract gives for it"}
    assert (other["shortDescription"]["text"], other["help"]["text"]) == (FINDING.message, FINDING.help)


def test_a_finding_about_a_file_stands_at_its_first_line() -> None:
    (run,) = log(FINDING._replace(location=Location("a.json")))["runs"]
    assert run["results"][0]["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "a.json"}, "region": {"startLine": 1}}


def test_no_text_becomes_a_link() -> None:
    (run,) = log(FINDING._replace(message="see [this](https://evil.example) \\ now", detail="a [b]\x1b"))["runs"]
    assert run["results"][0]["message"]["text"].split("\n")[0] == "see \\[this\\](https://evil.example) \\\\ now: a \\[b\\]\\\\x1b"
    (run,) = log(FINDING._replace(message="a [b]", detail=""))["runs"]
    assert run["results"][0]["message"]["text"].split("\n")[0] == "a [b]"
