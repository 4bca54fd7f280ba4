"""What of a folder of schemas records do not come to by themselves, in a few words for people."""

from __future__ import annotations

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.report.escape import escape
from srcos_contracts.wording import listed

__all__ = ["unreached_notes"]


def unreached_notes(catalog: Catalog) -> list[str]:
    """One line for each reason, with how many there are and the names of the first."""
    by_reason: dict[str, list[str]] = {}
    for name, why in catalog.unreached:
        by_reason.setdefault(why, []).append(name)
    return [f"{escape(catalog.shown)}: {len(names):,} {why}: {escape(listed(names))}" for why, names in by_reason.items()]
