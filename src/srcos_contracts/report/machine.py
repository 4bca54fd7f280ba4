"""Findings for programs: one JSON object, or one JSON line a finding (schemas/meta/findings.json)."""

from __future__ import annotations

import json
from typing import Any, TextIO

from srcos_contracts.finding import Finding, Related
from srcos_contracts.report.capped import Capped
from srcos_contracts.report.summary import Summary

__all__ = ["JsonLinesReport", "JsonReport", "as_object"]


def as_object(finding: Finding) -> dict[str, Any]:
    """A finding as the JSON object that schemas/meta/findings.json describes; null where there is nothing to say."""
    location, demand = finding.location, finding.demand
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "message": finding.sentence,
        "file": location.file,
        "line": location.line or None,
        "column": location.column or None,
        "pointer": finding.pointer,
        "contract": finding.contract or None,
        "version": finding.version or None,
        "schema": f"{demand.file}:{demand.line}:{demand.column}" if demand else None,
        "schema_pointer": demand.pointer if demand else None,
        "help": finding.help,
        **({"related": [_related(other) for other in finding.related]} if finding.related else {}),
    }


def _related(other: Related) -> dict[str, Any]:
    location = other.location
    return {
        "message": other.note,
        "file": location.file,
        "line": location.line or None,
        "column": location.column or None,
        "pointer": other.pointer,
        "contract": other.contract or None,
        "version": other.version or None,
    }


def _dump(value: Any) -> str:
    # ASCII with escapes: nothing in a payload can forge a line or a terminal code, and a lone surrogate in a file name is no error.
    return json.dumps(value, ensure_ascii=True)


class JsonReport(Capped):
    """`{"findings": [...], "summary": {...}}`, written as findings come, so that memory does not grow with their number."""

    def __init__(self, out: TextIO, most: int = 0) -> None:
        super().__init__(out, most)
        out.write('{"findings": [')

    def add(self, finding: Finding) -> None:
        self._count += 1
        if not self.hidden:
            self._out.write(("\n  " if self._count == 1 else ",\n  ") + _dump(as_object(finding)))

    def close(self, summary: Summary) -> None:
        totals = summary._asdict()
        if not summary.known:
            del totals["known"]
        if not summary.unclaimed:
            del totals["unclaimed"]
        self._out.write(("\n" if self._count else "") + f'], "summary": {_dump(totals)}}}\n')


class JsonLinesReport(Capped):
    """One finding a line, and no summary: what other programs read line by line."""

    def add(self, finding: Finding) -> None:
        self._count += 1
        if not self.hidden:
            self._out.write(_dump(as_object(finding)) + "\n")

    def close(self, summary: Summary) -> None:
        """Nothing more to write."""
