"""What a record should name and does not, as its own contract finds: its schema alone says what it demands, and when."""

from __future__ import annotations

import json

from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.contracts.diagnosis import places_at_fault
from srcos_contracts.contracts.vocabulary import NO_PARTS
from srcos_contracts.ledger.columns import marks_in
from srcos_contracts.ledger.marks import ANY
from srcos_contracts.pointer import Path
from srcos_contracts.reading.json_text import decode

__all__ = ["lacks"]


def lacks(catalog: Catalog, contract: Contract, role: str, parts: str | None, doc: str) -> bool:
    """Whether a record that names nothing of a role would have to, or a warning of its contract asks for it.

    `parts` are those of the path that it is bound to, as JSON. Raises CatalogError where the contract's schema cannot be used.
    """
    members = [reference.path for reference in marks_in(catalog, contract).references if reference.role == role]
    if not members:
        return False
    record, known = decode(doc.encode("utf-8")), NO_PARTS if parts is None else json.loads(parts)
    judge = catalog.judge(contract)
    return not judge.accepts(record, known) and any(
        _is_at(fault, member) for fault in places_at_fault(judge, record, known) for member in members
    )


def _is_at(fault: Path, member: Path) -> bool:
    """Whether a fault is at a member, or at the list of which it is an item."""
    if len(fault) == len(member) - 1 and member[-1] == ANY:
        member = member[:-1]
    return len(fault) == len(member) and all(wanted in (ANY, found) for wanted, found in zip(member, fault, strict=True))
