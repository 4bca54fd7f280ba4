"""Findings as GitHub workflow commands: annotations on the lines of a pull request."""

from __future__ import annotations

from srcos_contracts.finding import Finding, Location
from srcos_contracts.report.capped import Capped
from srcos_contracts.report.escape import escape
from srcos_contracts.report.summary import Summary

__all__ = ["GithubReport", "annotation"]


class GithubReport(Capped):
    """One command a finding. GitHub itself shows the first ten errors and the first ten warnings of a step."""

    def add(self, finding: Finding) -> None:
        self._count += 1
        if not self.hidden:
            self._out.write(annotation(finding) + "\n")

    def close(self, summary: Summary) -> None:
        """Nothing more to write."""


def annotation(finding: Finding) -> str:
    """The workflow command that annotates the place of a finding. No text from outside can end it, or begin another."""
    subject = " ".join(part for part in (finding.contract, finding.version, finding.pointer) if part)
    title = f"{finding.rule}: {subject}" if subject else finding.rule
    lines = [finding.sentence, *(f"{_place(other.location)}: {other.note}" for other in finding.related)]
    if finding.demand is not None:
        lines.append(f"required by {finding.demand.file}:{finding.demand.line}:{finding.demand.column}")
    lines += [f"help: {line}" if index == 0 else line for index, line in enumerate(finding.help.split("\n")) if line]
    properties = {"file": finding.location.file, **_region(finding.location), "title": title}
    stated = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{finding.severity} {stated}::{'%0A'.join(_data(line) for line in lines)}"


def _region(location: Location) -> dict[str, int]:
    if not location.line:
        return {}
    if not location.column:
        return {"line": location.line}
    wide = location.excerpt.width if location.excerpt is not None else 1
    return {"line": location.line, "col": location.column, "endColumn": location.column + wide}


def _place(location: Location) -> str:
    return f"{location.file}:{location.line}" if location.line else location.file


def _data(text: str) -> str:
    return escape(text).replace("%", "%25")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
