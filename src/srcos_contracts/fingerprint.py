"""What a finding is known by from run to run."""

from __future__ import annotations

import hashlib

from srcos_contracts.finding import Finding

__all__ = ["fingerprint"]


def fingerprint(finding: Finding, file: str | None = None) -> str:
    """32 hex digits of its rule, contract, file, pointer and the text at fault, but not the line.

    Of what no contract judged, one character mostly is at fault and the rest unknown: there all of the text that is shown counts.
    `file` is the name to take instead of the one that the finding has for its file.
    """
    excerpt = finding.location.excerpt
    marked = "" if excerpt is None else excerpt.text
    if excerpt is not None and finding.contract:
        marked = marked[excerpt.start : excerpt.start + excerpt.width]
    name = finding.location.file if file is None else file
    told = (finding.rule, finding.contract, finding.version, name, finding.pointer, finding.detail, marked)
    return hashlib.sha256("\0".join(told).encode("utf-8", "surrogatepass")).hexdigest()[:32]
