"""The stored sets of records, and the exact findings that an audit of each must give (schemas/meta/sets.json)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from srcos_contracts.checking import Batch, Demands
from srcos_contracts.contracts.catalog import Catalog, CatalogError
from srcos_contracts.finding import Finding, Location
from srcos_contracts.ledger.audit import Terms
from srcos_contracts.ledger.tree import since_tree
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.reading.source import Source, select

__all__ = ["EARLIER_FOLDER", "EXPECTED_FILE", "SET_FOLDER", "Audited", "SetExample", "as_expected", "found_in", "set_examples"]

EXPECTED_FILE = "expected.json"
SET_FOLDER = "set"
EARLIER_FOLDER = "earlier"
"""What the set is compared with, where it is there."""

Audited = Callable[[Catalog, list[Source], Demands, Terms, int], Iterator[Batch]]


class SetExample(NamedTuple):
    """One stored set."""

    name: str
    """`valid/<case>` or `invalid/<rule>/<case>`."""
    folder: Path
    says: str
    terms: Terms
    findings: tuple[dict[str, Any], ...]
    """What must be found, in the form of the file."""

    @property
    def rule(self) -> str:
        """The rule that it breaks; empty for a valid set."""
        kind, _, rest = self.name.partition("/")
        return rest.partition("/")[0] if kind == "invalid" else ""


def set_examples(folder: Path) -> tuple[SetExample, ...]:
    """The sets below a folder, by name. Raises CatalogError where one does not have the form."""
    return tuple(_read(folder, path) for path in sorted(folder.glob(f"**/{EXPECTED_FILE}")))


def _read(folder: Path, path: Path) -> SetExample:
    stored = parse_json(Document(str(path), path.read_bytes()))
    if isinstance(stored, Finding):
        raise CatalogError(f"{path}:{stored.location.line}:{stored.location.column}: {stored.message}")
    try:
        earlier = path.parent / EARLIER_FOLDER
        since = since_tree(EARLIER_FOLDER, str(earlier), str(path.parent / SET_FOLDER)) if earlier.is_dir() else None
        terms = Terms(not stored.get("open", False), tuple(stored.get("assume", ())), tuple(stored.get("known", ())), since)
        return SetExample(path.parent.relative_to(folder).as_posix(), path.parent, stored["says"], terms, tuple(stored["findings"]))
    except (AttributeError, KeyError, TypeError) as error:
        raise CatalogError(f"{path} does not have the form of schemas/meta/sets.json: {error!r}") from error


def found_in(catalog: Catalog, example: SetExample, audited: Audited) -> list[dict[str, Any]]:
    """What an audit of a set gives, in the form of the file, sorted. Raises CatalogError, IndexFailed or AuditFailed."""
    root = example.folder / SET_FOLDER
    sources = select([str(root)], bound=catalog.binds).sources
    batches = audited(catalog, sources, Demands(), example.terms, 1)
    return as_expected([finding for batch in batches for finding in batch.findings], root)


def as_expected(findings: Sequence[Finding], root: Path) -> list[dict[str, Any]]:
    """Findings in the form of expected.json, sorted."""
    told = [
        {
            "rule": finding.rule,
            "severity": finding.severity,
            "at": _place(finding.location, finding.pointer, finding.detail or finding.message, root),
            **({"related": [_place(o.location, o.pointer, o.note, root) for o in finding.related]} if finding.related else {}),
        }
        for finding in findings
    ]
    return sorted(told, key=repr)


def _place(location: Location, pointer: str, note: str, root: Path) -> dict[str, Any]:
    return {"file": os.path.relpath(location.file, root).replace(os.sep, "/"), "line": location.line, "pointer": pointer, "note": note}
