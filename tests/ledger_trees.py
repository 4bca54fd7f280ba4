"""Trees that the agent ledger's writer made, and what an audit says of them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from srcos_contracts.checking import Demands
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.ledger.audit import Terms, audit
from srcos_contracts.ledger.duck import Queries
from srcos_contracts.ledger.seal import seal, since_seal, stamps_of
from srcos_contracts.reading.source import select

__all__ = ["Found", "audited", "events", "lines", "status"]

_CATALOG = Catalog.shipped()


def lines(root: Path, agent: str = "cls") -> list[bytes]:
    """Every line of an agent's ledger, day after day, without newlines; the last one of a day may be torn."""
    found = []
    for path in sorted((root / "g/ledger" / agent).glob("*.jsonl")):
        content = path.read_bytes()
        found += content.removesuffix(b"\n").split(b"\n") if content else []
    return found


def events(root: Path, agent: str = "cls") -> list[dict[str, Any]]:
    """Every event of an agent's ledger, in the order in which they stand."""
    return [json.loads(line) for line in lines(root, agent)]


def status(root: Path, agent: str = "cls") -> dict[str, Any]:
    value: dict[str, Any] = json.loads((root / "agents" / agent / "status.json").read_bytes())
    return value


Found = list[tuple[str, str, str, int]]
"""Of each finding the rule, the severity, the file below the root, and the line."""


def audited(root: Path, since: Path | None = None, seal_at: Path | None = None) -> Found:
    """What an audit finds in a tree, also since a seal; it may make a seal too."""
    sources = select([str(root)], bound=_CATALOG.binds).sources
    before = stamps_of(sources)
    terms = Terms(since=since_seal(str(since), [str(root)]) if since is not None else None, sealed=seal_at is not None)

    def at_end(queries: Queries) -> None:
        if seal_at is not None:
            seal(str(seal_at), [str(root)], sources, queries, before)

    found: Found = []
    for batch in audit(_CATALOG, sources, Demands(), terms, at_end=at_end):
        found += [(one.rule, one.severity, os.path.relpath(one.location.file, root), one.location.line) for one in batch.findings]
    return found
