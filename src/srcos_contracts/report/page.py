"""An audit as one page for a browser: self-contained, offline, with nothing from a payload that could run in it.

The data stand in the page as JSON, from which its own script makes text; a policy in the page allows that script alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any, TextIO

from srcos_contracts.finding import Excerpt, Finding, Location, Related
from srcos_contracts.ledger.background import Background, Link, SessionLine
from srcos_contracts.report.escape import escape
from srcos_contracts.report.summary import Summary
from srcos_contracts.wording import cut

__all__ = ["PageReport"]

_MOST = 20_000
_LONGEST = 160
"""Characters of a name or state: an id may be a megabyte, and a page tells it once for each record and reference."""


class PageReport:
    """Collects findings and writes the page at the end."""

    def __init__(self, out: TextIO, about: str) -> None:
        """`about` says what was audited."""
        self._out = out
        self._about = about
        self._findings: list[Finding] = []
        self._hidden = 0
        self.background = Background()

    @property
    def hidden(self) -> int:
        return self._hidden

    @property
    def places(self) -> list[tuple[str, int]]:
        """Where the findings stand."""
        return list(dict.fromkeys((finding.location.file, finding.location.line) for finding in self._findings if finding.location.line))

    def add(self, finding: Finding) -> None:
        if len(self._findings) < _MOST:
            self._findings.append(finding)
        else:
            self._hidden += 1

    def close(self, summary: Summary) -> None:
        """Writes the page."""
        background = self.background
        data = {
            "about": escape(self._about),
            "totals": [["files", summary.files], ["records", summary.records], ["errors", summary.errors], ["warnings", summary.warnings]],
            "rules": {escape(rule): escape(why) for rule, why in background.reasons.items()},
            "hidden": self._hidden,
            "findings": [_finding(finding, background.links) for finding in self._findings],
            "sessions": [_session(line) for line in background.sessions],
            "sessionsLeftOut": background.sessions_left_out,
            "redacted": background.hidden,
        }
        script = "\n" + _read("page.js")
        digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
        self._out.write(Template(_read("page.html")).substitute(policy=f"sha256-{digest}", script=script, data=_embedded(data)))


def _embedded(value: Any) -> str:
    """JSON that can stand in a script element: ASCII, and no markup whatever the texts hold."""
    return (
        json.dumps(value, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    )


def _finding(finding: Finding, links: Mapping[tuple[str, int], Sequence[Link]]) -> dict[str, Any]:
    found = links.get((finding.location.file, finding.location.line), ())
    return {
        "rule": escape(finding.rule),
        "severity": finding.severity,
        "message": escape(finding.message),
        "detail": escape(finding.detail),
        "help": "\n".join(map(escape, finding.help.split("\n"))),
        "pointer": escape(finding.pointer),
        "contract": escape(finding.contract),
        **_place(finding.location),
        "related": [_related(other) for other in finding.related],
        "links": [_escaped(link._asdict()) for link in found],
    }


def _escaped(members: Mapping[str, Any]) -> dict[str, Any]:
    # A file's name is what a finding's place is compared with.
    return {
        name: escape(value if name == "file" else cut(value, _LONGEST)) if isinstance(value, str) else value
        for name, value in members.items()
    }


def _related(other: Related) -> dict[str, Any]:
    return {"note": escape(other.note), "contract": escape(other.contract), **_place(other.location)}


def _place(location: Location) -> dict[str, Any]:
    return {"file": escape(location.file), "line": location.line, "column": location.column, "excerpt": _excerpt(location.excerpt)}


def _excerpt(excerpt: Excerpt | None) -> list[Any] | None:
    if excerpt is None:
        return None
    before = escape(excerpt.text[: excerpt.start])
    marked = escape(excerpt.text[excerpt.start : excerpt.start + excerpt.width])
    return [before + marked + escape(excerpt.text[excerpt.start + excerpt.width :]), len(before), len(marked)]


def _session(line: SessionLine) -> dict[str, Any]:
    records = [_escaped(seen._asdict()) for seen in line.records]
    owners = [escape(cut(owner, _LONGEST)) for owner in line.owners]
    return {
        "name": escape(cut(line.name, _LONGEST)),
        "owners": owners,
        "ownersLeftOut": line.owners_left_out,
        "count": line.amount,
        "records": records,
    }


def _read(name: str) -> str:
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8") as stream:
        return stream.read()
