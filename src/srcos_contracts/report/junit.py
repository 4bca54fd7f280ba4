"""Findings as JUnit XML, in the form that CI services read: a suite a file, a failed case a finding."""

from __future__ import annotations

from typing import TextIO
from xml.sax.saxutils import escape as xml_text
from xml.sax.saxutils import quoteattr

from srcos_contracts.finding import Finding
from srcos_contracts.report.capped import Capped
from srcos_contracts.report.escape import escape
from srcos_contracts.report.plain import place, told
from srcos_contracts.report.summary import Summary

__all__ = ["JunitReport"]


class JunitReport(Capped):
    """One document, written at the end: its root states the totals. Warnings are cases that passed with a word."""

    def __init__(self, out: TextIO, most: int = 0) -> None:
        super().__init__(out, most)
        self._suites: dict[str, list[Finding]] = {}

    def add(self, finding: Finding) -> None:
        self._count += 1
        if not self.hidden:
            self._suites.setdefault(finding.location.file, []).append(finding)

    def close(self, summary: Summary) -> None:
        shown = [finding for findings in self._suites.values() for finding in findings]
        failures = sum(finding.severity == "error" for finding in shown)
        passed = 0 if shown else 1
        write = self._out.write
        write('<?xml version="1.0" encoding="UTF-8"?>\n')
        write(f'<testsuites name="srcos-validate" tests="{len(shown) + passed}" failures="{failures}" errors="0">\n')
        for file, findings in self._suites.items():
            failed = sum(finding.severity == "error" for finding in findings)
            write(f'  <testsuite name={_attribute(file)} tests="{len(findings)}" failures="{failed}" errors="0">\n')
            for finding in findings:
                write(_case(finding))
            write("  </testsuite>\n")
        if passed:
            write('  <testsuite name="srcos-validate" tests="1" failures="0" errors="0">\n')
            write(f'    <testcase classname="srcos-validate" name={_attribute(summary.judged)}/>\n  </testsuite>\n')
        write("</testsuites>\n")


def _case(finding: Finding) -> str:
    name = " ".join(part for part in (finding.rule, place(finding.location), finding.pointer) if part)
    head = f"    <testcase classname={_attribute(finding.contract or finding.rule)} name={_attribute(name)}>"
    text = xml_text("\n".join(escape(line) for line in told(finding)))
    if finding.severity == "warning":
        return f"{head}<system-out>{text}</system-out></testcase>\n"
    message = _attribute(finding.sentence)
    return f"{head}<failure type={_attribute(finding.rule)} message={message}>{text}</failure></testcase>\n"


def _attribute(text: str) -> str:
    return quoteattr(escape(text))
