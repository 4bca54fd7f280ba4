"""The one family of errors that are not bugs."""

from __future__ import annotations

from typing import ClassVar

__all__ = ["Refusal"]


class Refusal(ValueError):
    """What was asked for cannot be done, for a reason that whoever asked can mend. Its text is one clear line."""

    quotes_records: ClassVar[bool] = False
    """Whether the text may hold what a record says."""
