"""The report for people: what it leaves out, and what it never does."""

from __future__ import annotations

import io

from srcos_contracts.finding import Finding, Location
from srcos_contracts.report.human import HumanReport
from srcos_contracts.report.summary import Summary


def _shown(findings: list[Finding], most: int) -> tuple[list[str], int]:
    out = io.StringIO()
    report = HumanReport(out, most=most)
    for finding in findings:
        report.add(finding)
    report.close(Summary())
    return [line for line in out.getvalue().splitlines() if line and not line.startswith("  -->")], report.hidden


def _finding(rule: str, file: str) -> Finding:
    return Finding(rule, "error", f"the rule {rule}", Location(file))


def test_what_could_not_be_read_is_shown_however_many_findings_there_are() -> None:
    findings = [_finding("a", "x"), _finding("b", "x"), _finding("unreadable", "y"), _finding("c", "x"), _finding("unreadable", "z")]
    assert _shown(findings, 1) == (
        [
            "error[a]: the rule a",
            "error[unreadable]: the rule unreadable",
            "error[unreadable]: the rule unreadable",
            "2 more findings are not shown; --max-findings 0 shows all",
        ],
        2,
    )


def test_one_more_finding_is_one() -> None:
    assert _shown([_finding("a", "x"), _finding("b", "x")], 1) == (
        ["error[a]: the rule a", "1 more finding is not shown; --max-findings 0 shows all"],
        1,
    )
