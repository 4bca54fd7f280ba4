"""Findings for a person: the rule, the place, the line with a caret, what demands it, and what to do."""

from __future__ import annotations

import re
import sys
from collections import Counter
from typing import TextIO

from srcos_contracts.finding import Excerpt, Finding, Related
from srcos_contracts.report.escape import escape, width
from srcos_contracts.report.summary import Summary
from srcos_contracts.wording import cut

__all__ = ["HumanReport"]

_ALIKE = 3
_LINES = 5
_HELP_LINES = 13
_HELP_WIDTH = 1200
_POINTER = 200
_INDEX = re.compile(r"/\d+(?=/|$)")
_RED, _YELLOW, _BLUE, _CYAN, _BOLD, _RESET = "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;34m", "\x1b[36m", "\x1b[1m", "\x1b[0m"

_Group = tuple[str, str, str, str, str, str]


class HumanReport:
    """Writes findings as they come. Of faults that are alike it shows the first few, and then says how many more there are."""

    def __init__(self, out: TextIO, color: bool = False, most: int = 0) -> None:
        """`most` is the number of findings to show; 0 is all."""
        self._out = out
        self._color = color
        self._most = most
        self._shown = 0
        self._capped = 0
        self._groups: Counter[_Group] = Counter()
        self._lines: dict[_Group, list[int]] = {}

    @property
    def hidden(self) -> int:
        return self._capped + sum(max(0, count - _ALIKE) for count in self._groups.values())

    def add(self, finding: Finding) -> None:
        """Shows a finding, or counts it."""
        if finding.rule == "broken-off" and self._out is sys.stdout:
            # Who reads this sees the error beside it.
            return
        group = _group(finding)
        # What could not be read decides the exit code, and nothing else says so.
        capped = self._most and self._shown >= self._most and finding.rule not in ("unreadable", "broken-off")
        if group not in self._groups and capped:
            self._capped += 1
            return
        self._groups[group] += 1
        if self._groups[group] > _ALIKE:
            lines = self._lines.setdefault(group, [])
            if len(lines) < _LINES and finding.location.line:
                lines.append(finding.location.line)
            return
        if capped:
            self._groups[group] -= 1
            self._capped += 1
            return
        self._shown += 1
        self._out.write(self._text(finding))

    def close(self, summary: Summary) -> None:
        """Says what was not shown. The totals themselves are a note for stderr."""
        for group, count in self._groups.items():
            if count > _ALIKE:
                rule, severity, file, _, contract, pointer = group
                lines = self._lines.get(group, [])
                where = f": line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines))}" if lines else ""
                more = " ..." if len(lines) < count - _ALIKE and lines else ""
                what = " ".join(part for part in (escape(contract), escape(cut(pointer, _POINTER))) if part.strip())
                head = self._paint(_RED if severity == "error" else _YELLOW, f"{severity}[{rule}]")
                self._out.write(
                    f"{head}: {count - _ALIKE:,} more like these in {escape(file)}{'  ' + what if what else ''}{where}{more}\n\n"
                )
        if self._capped:
            more = "finding is" if self._capped == 1 else "findings are"
            self._out.write(f"{self._capped:,} more {more} not shown; --max-findings 0 shows all\n")

    def _text(self, finding: Finding) -> str:
        tint = _RED if finding.severity == "error" else _YELLOW
        head = f"{self._paint(tint, f'{finding.severity}[{escape(finding.rule)}]')}{self._paint(_BOLD, ': ' + escape(finding.message))}\n"
        gutter = " " * len(str(finding.location.line)) if finding.location.line else "  "
        lines = [head, *self._place("-->", finding, finding.detail, tint)]
        for other in finding.related:
            lines += self._place(":::", other, other.note, _BLUE)
        equals = self._paint(_BLUE, "=")
        if finding.demand is not None:
            lines.append(f"{gutter} {equals} required by {escape(finding.demand.file)}:{finding.demand.line}:{finding.demand.column}\n")
        for index, line in enumerate(_help(finding.help)):
            lead = self._paint(_CYAN, "help:") if index == 0 else "     "
            lines.append(f"{gutter} {equals if index == 0 else ' '} {lead} {escape(line)}\n")
        return "".join(lines) + "\n"

    def _place(self, arrow: str, of: Finding | Related, label: str, tint: str) -> list[str]:
        location = of.location
        place = escape(location.file) + (
            f":{location.line}:{location.column}" if location.column else f":{location.line}" if location.line else ""
        )
        contract = f"  {escape(f'{of.contract} {of.version}')}" if of.contract else ""
        pointer = f"  {escape(cut(of.pointer, _POINTER))}" if of.pointer else ""
        lines = [f"  {self._paint(_BLUE, arrow)} {place}{contract}{pointer}\n"]
        gutter = " " * len(str(location.line)) if location.line else "  "
        bar = self._paint(_BLUE, "|")
        if location.excerpt is not None:
            shown, caret = _underlined(location.excerpt)
            said = f" {escape(label)}" if label else ""
            lines.append(f"{self._paint(_BLUE, str(location.line))} {bar} {shown}\n")
            lines.append(f"{gutter} {bar} {caret[: len(caret) - len(caret.lstrip())]}{self._paint(tint, caret.lstrip() + said)}\n")
        elif label:
            lines.append(f"{gutter} {self._paint(_BLUE, '=')} {escape(label)}\n")
        return lines

    def _paint(self, tint: str, text: str) -> str:
        return f"{tint}{text}{_RESET}" if self._color else text


def _help(help: str) -> list[str]:
    """The lines of a help, cut; of very many the first ones."""
    lines = [cut(line, _HELP_WIDTH) for line in help.split("\n")] if help else []
    hidden = len(lines) - _HELP_LINES
    return [*lines[:_HELP_LINES], f"... and {hidden} more; --format json has all"] if hidden > 1 else lines


def _group(finding: Finding) -> _Group:
    demand = finding.demand
    return (
        finding.rule,
        finding.severity,
        finding.location.file,
        f"{demand.file}{demand.pointer}" if demand else finding.message,
        f"{finding.contract} {finding.version}",
        _INDEX.sub("/*", finding.pointer),
    )


def _underlined(excerpt: Excerpt) -> tuple[str, str]:
    text = excerpt.text.replace("\t", " ")
    lead = escape(text[: excerpt.start])
    marked = escape(text[excerpt.start : excerpt.start + excerpt.width])
    rest = escape(text[excerpt.start + excerpt.width :])
    return lead + marked + rest, " " * width(lead) + "^" * max(1, width(marked))
