"""Findings without what payloads say: what is left is what contracts and this program say, and where it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from srcos_contracts.contracts.catalog import Catalog, CatalogError
from srcos_contracts.contracts.declared import HIDDEN, declared_pointer
from srcos_contracts.finding import Finding, Location, Related
from srcos_contracts.pointer import parse_pointer
from srcos_contracts.rule_texts import RuleText, texts_of

__all__ = ["redaction"]

_ABOUT_FILES = frozenset(("broken-off", "unreadable"))
"""Rules whose findings speak of files and runs alone."""
_COUNTED = re.compile(r"and [0-9,]+ more")
_OTHER = "has a part in it"
_UNKNOWN = RuleText("what the schema asks for does not hold", "", "")
"""For rules that have no text: those of keywords that only other people's schemas use."""


def redaction(catalog: Catalog) -> Callable[[Finding], Finding]:
    """From a finding of a check by this catalog to one that tells nothing of any payload but where its fault is.

    What stays: rule, severity, file, line, column, contract, the place in the schema, and of pointers the names that the
    contract declares. A rule is told in its own words, never with the value that breaks it, and what a record says of itself
    is nowhere: not in message, detail, help, excerpt, nor in what is told of other records.
    """
    texts = texts_of(catalog)
    versions = {(contract.name, contract.version): contract for contract in catalog.contracts}

    def pointer(shown: str, name: str, version: str) -> str:
        contract = versions.get((name, version))
        try:
            judge = catalog.judge(contract) if shown and contract is not None else None
        except CatalogError:
            judge = None
        return declared_pointer(judge.resources, judge.uri, shown) if judge is not None else f"/{HIDDEN}" * len(parse_pointer(shown))

    def related(other: Related) -> Related:
        note = other.note if _COUNTED.fullmatch(other.note) else _OTHER
        return other._replace(location=_bare(other.location), note=note, pointer=pointer(other.pointer, other.contract, other.version))

    def redacted(finding: Finding) -> Finding:
        if finding.rule in _ABOUT_FILES:
            return finding._replace(location=_bare(finding.location))
        message, help = _said(finding, texts(finding.rule, finding.contract, finding.version) or (_UNKNOWN,))
        return finding._replace(
            message=message,
            help=help,
            detail="",
            location=_bare(finding.location),
            pointer=pointer(finding.pointer, finding.contract, finding.version),
            related=tuple(map(related, finding.related)),
        )

    return redacted


def _said(finding: Finding, texts: Sequence[RuleText]) -> tuple[str, str]:
    """Message and help of a finding where they are the rule's own, else those of the way in which the rule is put that is nearest."""
    own = max(texts, key=lambda text: (text.message == finding.message, text.help == finding.help))
    return own.message, own.help


def _bare(location: Location) -> Location:
    return location._replace(excerpt=None)
