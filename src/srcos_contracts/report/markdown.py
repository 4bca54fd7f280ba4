"""Findings as Markdown, for a pull-request comment or a job's summary."""

from __future__ import annotations

import re
from typing import TextIO

from srcos_contracts.evolve.markdown import code, text
from srcos_contracts.finding import Finding
from srcos_contracts.report.capped import Capped
from srcos_contracts.report.plain import place
from srcos_contracts.report.summary import Summary

__all__ = ["MarkdownReport", "safe_text"]

_MOST = 200
_ACTING = re.compile(r"@(?=\w)|#(?=\d)|://|www\.", re.IGNORECASE)
"""What begins a mention, a reference to an issue or a link: an empty comment within keeps it from being one."""


class MarkdownReport(Capped):
    """A table of findings and, below, what to do about each rule. Text from outside is shown as text, whatever it looks like."""

    def __init__(self, out: TextIO, most: int | None = None) -> None:
        """`most` findings are shown, None for a number that a comment has room for; 0 is all."""
        super().__init__(out, _MOST if most is None else most)
        self._help: dict[str, str] = {}

    def add(self, finding: Finding) -> None:
        self._count += 1
        if self.hidden:
            return
        if self._count == 1:
            self._out.write("| | rule | place | what is wrong |\n| --- | --- | --- | --- |\n")
        if finding.help:
            self._help.setdefault(finding.rule, finding.help)
        said = safe_text(finding.sentence)
        for other in finding.related:
            said += f"<br>{code(place(other.location))}: {safe_text(other.note)}"
        where = code(place(finding.location)) + (f" {code(finding.pointer)}" if finding.pointer else "")
        self._out.write(f"| {finding.severity} | {code(finding.rule)} | {where} | {said} |\n")

    def close(self, summary: Summary) -> None:
        if self._help:
            self._out.write("\n")
        for rule, help in self._help.items():
            self._out.write(f"- {code(rule)}: {safe_text(help.split(chr(10))[0])}\n")
        if self.hidden:
            self._out.write(f"\n{self.hidden:,} more are not shown.\n")
        if not self._count:
            known = f", but for {summary.known:,} that a baseline knows" if summary.known else ""
            self._out.write(f"Nothing found in {safe_text(summary.judged)}{known}.\n")


def safe_text(words: str) -> str:
    """Words as text that names nobody and links nowhere on a code host, whatever they hold; on one line, also in a table."""
    return _ACTING.sub(lambda match: match[0][0] + "<!-- -->" + match[0][1:], text(words))
