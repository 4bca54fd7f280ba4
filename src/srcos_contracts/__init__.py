"""Contracts for the records that agents, browsers, terminals and orchestrators write, and the validator that enforces them.

from srcos_contracts import Catalog, check, validate

for finding in check("receipts/2026-05-06.jsonl"):
    print(finding.location.line, finding.rule, finding.message)
validate({"type": "CapabilityLedger", ...})    # raises ContractViolation
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from srcos_contracts.asserting import assert_conforms
    from srcos_contracts.contracts.catalog import Catalog, Contract
    from srcos_contracts.emit.agent_ledger import AgentLedger
    from srcos_contracts.finding import Excerpt, Finding, Location, Related, SchemaPlace
    from srcos_contracts.library import ContractViolation, check, validate

__all__ = [
    "AgentLedger",
    "Catalog",
    "Contract",
    "ContractViolation",
    "Excerpt",
    "Finding",
    "Location",
    "Related",
    "SchemaPlace",
    "assert_conforms",
    "check",
    "validate",
]

HOMES = {
    "AgentLedger": "emit.agent_ledger",
    "Catalog": "contracts.catalog",
    "Contract": "contracts.catalog",
    "ContractViolation": "library",
    "Excerpt": "finding",
    "Finding": "finding",
    "Location": "finding",
    "Related": "finding",
    "SchemaPlace": "finding",
    "assert_conforms": "asserting",
    "check": "library",
    "validate": "library",
}


def __getattr__(name: str) -> Any:
    # The command imports this package too, and needs none of these before it knows what to do.
    if name not in HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{HOMES[name]}"), name)
