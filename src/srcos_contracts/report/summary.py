"""The totals of a run."""

from __future__ import annotations

from srcos_contracts.named import NamedTuple
from srcos_contracts.wording import amount

__all__ = ["Summary"]


class Summary(NamedTuple):
    """What was looked at and what was found."""

    files: int = 0
    records: int = 0
    errors: int = 0
    warnings: int = 0
    hidden: int = 0
    """Findings that were counted but not shown."""
    unclaimed: int = 0
    """How many of the records no contract judged."""
    known: int = 0
    """Findings that a baseline knows. They are not among the errors and warnings, and not shown."""
    subject: str = ""
    """What was judged, in words, where that is not the records."""

    @property
    def judged(self) -> str:
        """What was judged, in words."""
        return self.subject or f"{amount(self.records, 'record')} of {amount(self.files, 'file')}"
