"""Findings as TAP 14, the Test Anything Protocol: `not ok` for each error, with what it says as YAML."""

from __future__ import annotations

from typing import TextIO

from srcos_contracts.finding import Finding
from srcos_contracts.report.capped import Capped
from srcos_contracts.report.escape import escape
from srcos_contracts.report.machine import as_json
from srcos_contracts.report.plain import place
from srcos_contracts.report.summary import Summary

__all__ = ["TapReport"]


class TapReport(Capped):
    """A test point a finding, warnings as `ok`; where nothing was found one `ok` for the whole run. The plan comes last."""

    def __init__(self, out: TextIO, most: int = 0) -> None:
        super().__init__(out, most)
        self._written = 0
        out.write("TAP version 14\n")

    def add(self, finding: Finding) -> None:
        self._count += 1
        if self.hidden:
            return
        self._written += 1
        verdict = "not ok" if finding.severity == "error" else "ok"
        about = " ".join(part for part in (place(finding.location), finding.pointer) if part)
        said = {
            "rule": finding.rule,
            "severity": finding.severity,
            "message": finding.sentence,
            "at": place(finding.location),
            **({"help": finding.help} if finding.help else {}),
            **({"related": [f"{place(other.location)}: {other.note}" for other in finding.related]} if finding.related else {}),
        }
        # JSON strings are YAML strings; ASCII ones cannot end the block.
        body = "".join(f"  {key}: {as_json(value)}\n" for key, value in said.items())
        self._out.write(f"{verdict} {self._written} - {_description(f'{finding.rule} {about}')}\n  ---\n{body}  ...\n")

    def close(self, summary: Summary) -> None:
        if not self._written:
            self._written = 1
            self._out.write(f"ok 1 - {_description(summary.judged)}\n")
        self._out.write(f"1..{self._written}\n")


def _description(text: str) -> str:
    # `#` would begin a directive such as TODO, which makes a failure count as none.
    return escape(text).replace("\\", "\\\\").replace("#", "\\#")
