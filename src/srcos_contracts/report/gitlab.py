"""Findings as GitLab's code quality report: a JSON array in the form of Code Climate issues."""

from __future__ import annotations

from collections import Counter
from typing import Any, TextIO

from srcos_contracts.finding import Finding
from srcos_contracts.fingerprint import fingerprint
from srcos_contracts.report.capped import Capped
from srcos_contracts.report.escape import escape
from srcos_contracts.report.machine import as_json
from srcos_contracts.report.summary import Summary

__all__ = ["GitlabReport"]

_SEVERITIES = {"error": "major", "warning": "minor"}


class GitlabReport(Capped):
    """An array, written as findings come. GitLab wants a line for each, so what is about a whole file stands at its first."""

    def __init__(self, out: TextIO, most: int = 0) -> None:
        super().__init__(out, most)
        self._seen: Counter[str] = Counter()
        out.write("[")

    def add(self, finding: Finding) -> None:
        self._count += 1
        if not self.hidden:
            known_by = fingerprint(finding)
            self._seen[known_by] += 1
            text = as_json(_issue(finding, f"{known_by}-{self._seen[known_by]}"))
            self._out.write(("\n  " if self._count == 1 else ",\n  ") + text)

    def close(self, summary: Summary) -> None:
        self._out.write(("\n" if self._count else "") + "]\n")


def _issue(finding: Finding, known_by: str) -> dict[str, Any]:
    location = finding.location
    about = " ".join(part for part in (finding.contract, finding.pointer) if part)
    return {
        "type": "issue",
        "check_name": finding.rule,
        "description": escape(f"{finding.sentence} ({about})" if about else finding.sentence),
        "categories": ["Bug Risk"],
        "severity": _SEVERITIES[finding.severity],
        "fingerprint": known_by,
        "location": {"path": location.file.removeprefix("./"), "lines": {"begin": max(1, location.line)}},
    }
