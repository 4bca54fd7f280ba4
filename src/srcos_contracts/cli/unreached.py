"""What of a folder of schemas records do not come to by themselves, in a few words for people."""

from __future__ import annotations

from collections.abc import Sequence

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.report.escape import escape

__all__ = ["listed", "unreached_notes"]

_MOST = 5


def unreached_notes(catalog: Catalog) -> list[str]:
    """One line for each reason, with how many there are and the names of the first."""
    by_reason: dict[str, list[str]] = {}
    for name, why in catalog.unreached:
        by_reason.setdefault(why, []).append(name)
    return [f"{escape(catalog.shown)}: {len(names):,} {why}: {listed(names)}" for why, names in by_reason.items()]


def listed(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    shown = ", ".join(escape(name) for name in names[:_MOST])
    return shown if len(names) <= _MOST else f"{shown} and {len(names) - _MOST:,} more"
