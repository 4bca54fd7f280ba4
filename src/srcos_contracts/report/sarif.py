"""Findings as SARIF 2.1.0 (OASIS), for code scanning: one run, its rules with what they say, stable fingerprints."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from typing import Any, TextIO
from urllib.parse import quote

from srcos_contracts.evolve.rule_texts import general_texts
from srcos_contracts.finding import Finding, Location, Related
from srcos_contracts.fingerprint import fingerprint
from srcos_contracts.report.capped import Capped
from srcos_contracts.report.escape import escape
from srcos_contracts.report.machine import as_json
from srcos_contracts.report.summary import Summary
from srcos_contracts.rule_texts import RuleText, RuleTexts

__all__ = ["SarifReport"]

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_FINGERPRINT = "srcosFinding/v1"


def _no_texts(rule: str, contract: str, version: str) -> tuple[RuleText, ...]:
    return ()


class SarifReport(Capped):
    """A SARIF log, written as findings come: the results first, then the rules that they name."""

    def __init__(self, out: TextIO, most: int = 0, version: str = "", texts: RuleTexts = _no_texts) -> None:
        """`version` is that of the program, `texts` what the rules say."""
        super().__init__(out, most)
        self._version = version
        self._texts = texts
        self._rules: dict[str, dict[str, Any]] = {}
        self._seen: Counter[str] = Counter()
        out.write('{"$schema": "' + _SCHEMA + '", "version": "2.1.0", "runs": [{"columnKind": "unicodeCodePoints", "results": [')

    def add(self, finding: Finding) -> None:
        self._count += 1
        if self.hidden:
            return
        if finding.rule not in self._rules:
            self._rules[finding.rule] = _rule(finding, self._texts(finding.rule, finding.contract, finding.version))
        base = fingerprint(finding)
        self._seen[base] += 1
        result = _result(finding, list(self._rules).index(finding.rule), f"{base}:{self._seen[base]}")
        self._out.write(("\n  " if self._count == 1 else ",\n  ") + as_json(result))

    def close(self, summary: Summary) -> None:
        driver: dict[str, Any] = {"name": "srcos-validate", "rules": list(self._rules.values())}
        if self._version:
            driver["semanticVersion"] = self._version
        hidden = {"properties": {"notShown": summary.hidden}} if summary.hidden else {}
        end = {"tool": {"driver": driver}, **hidden}
        self._out.write(("\n" if self._count else "") + f"], {as_json(end)[1:-1]}}}]}}\n")


def _rule(finding: Finding, texts: Sequence[RuleText]) -> dict[str, Any]:
    """A rule as it is explained; of one that is explained nowhere, what its first finding says."""
    said = texts or (general_texts().get(finding.rule) or RuleText(finding.message or finding.rule, "", finding.help),)
    says, why, help = (list(dict.fromkeys(text[index] for text in said if text[index])) for index in range(3))
    full = "\n\n".join(part for part in (_sentences(says) if len(says) > 1 else "", _sentences(why)) if part)
    return {
        "id": finding.rule,
        "shortDescription": {"text": _text(says[0] if says else finding.rule)},
        **({"fullDescription": {"text": full}} if full else {}),
        "defaultConfiguration": {"level": finding.severity},
        **({"help": {"text": _sentences(help)}} if help else {}),
    }


def _sentences(statements: Sequence[str]) -> str:
    return "\n".join(_text(statement) for statement in statements)


def _text(words: str) -> str:
    """Words as a plain text message: in those, `[text](target)` would be a link (SARIF 2.1.0, section 3.11.6)."""
    safe = "\n".join(escape(line) for line in words.split("\n"))
    return safe.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]") if "](" in safe else safe


def _result(finding: Finding, index: int, known_by: str) -> dict[str, Any]:
    logical = {"fullyQualifiedName": f"{finding.contract}{finding.pointer}", "kind": "member"} if finding.contract else None
    text = finding.sentence + (f"\n{finding.help}" if finding.help else "")
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": finding.severity,
        "message": {"text": _text(text)},
        "locations": [{"physicalLocation": _physical(finding.location), **({"logicalLocations": [logical]} if logical else {})}],
        **({"relatedLocations": [_related(number, other) for number, other in enumerate(finding.related)]} if finding.related else {}),
        "partialFingerprints": {_FINGERPRINT: known_by},
    }


def _related(number: int, other: Related) -> dict[str, Any]:
    return {"id": number, "physicalLocation": _physical(other.location), "message": {"text": _text(other.note)}}


def _physical(location: Location) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(location.file.replace(os.sep, "/").encode("utf-8", "surrogateescape"))}}
    # What is about a whole file stands at its first line: code hosts want a region for each result.
    region = {"startLine": max(1, location.line)}
    if location.line and location.column:
        region["startColumn"] = location.column
        if location.excerpt is not None:
            region["endColumn"] = location.column + location.excerpt.width
    place["region"] = region
    return place
