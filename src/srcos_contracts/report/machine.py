"""Findings for programs: one JSON object, or one JSON line a finding (schemas/meta/findings.json)."""

from __future__ import annotations

import json
from typing import Any, TextIO

from srcos_contracts.finding import Finding, Related
from srcos_contracts.report.capped import Capped
from srcos_contracts.report.summary import Summary
from srcos_contracts.wording import in_unicode

__all__ = ["JsonLinesReport", "JsonReport", "as_json", "as_object", "names_in_unicode"]


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


def as_json(value: Any, indent: int | None = None) -> str:
    """A value as JSON for programs, which every parser reads: what is no character in a file's name stands as `in_unicode` writes it.

    ASCII with escapes: nothing in a payload can forge a line or a terminal code.
    """
    text = json.dumps(value, indent=indent)
    return json.dumps(names_in_unicode(value), indent=indent) if "\\ud" in text else text


def names_in_unicode(value: Any) -> Any:
    """A JSON value with `in_unicode` done to all texts in it."""
    if isinstance(value, str):
        return in_unicode(value)
    if isinstance(value, dict):
        return {in_unicode(name): names_in_unicode(member) for name, member in value.items()}
    return [names_in_unicode(item) for item in value] if isinstance(value, (list, tuple)) else value


class JsonReport(Capped):
    """`{"findings": [...], "summary": {...}}`, written as findings come, so that memory does not grow with their number."""

    def __init__(self, out: TextIO, most: int = 0) -> None:
        super().__init__(out, most)
        out.write('{"findings": [')

    def add(self, finding: Finding) -> None:
        self._count += 1
        if not self.hidden:
            self._out.write(("\n  " if self._count == 1 else ",\n  ") + as_json(as_object(finding)))

    def close(self, summary: Summary) -> None:
        totals = summary._asdict()
        del totals["subject"]
        if not summary.known:
            del totals["known"]
        if not summary.unclaimed:
            del totals["unclaimed"]
        self._out.write(("\n" if self._count else "") + f'], "summary": {as_json(totals)}}}\n')


class JsonLinesReport(Capped):
    """One finding a line, and no summary: what other programs read line by line."""

    def add(self, finding: Finding) -> None:
        self._count += 1
        if not self.hidden:
            self._out.write(as_json(as_object(finding)) + "\n")

    def close(self, summary: Summary) -> None:
        """Nothing more to write."""
