"""The one family of errors that are not bugs."""

from __future__ import annotations

__all__ = ["Refusal"]


class Refusal(ValueError):
    """What was asked for cannot be done, for a reason that whoever asked can mend. Its text is one clear line."""
