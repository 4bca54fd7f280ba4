"""The rows of the table, and the budgets that they are held against."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Budget", "Row"]


class Row(NamedTuple):
    """One line of the table."""

    what: str
    ours: str
    peer: str
    ratio: str
    budget: str
    met: str


class Budget(NamedTuple):
    """What a ratio must keep to, and what it should come to one day. The bound is lower for speeds and upper for costs."""

    most: bool
    bound: float | None = None
    aim: float | None = None

    def __str__(self) -> str:
        sign = "≤" if self.most else "≥"
        return ", ".join(text for text in (self.bound and f"{sign} {self.bound:g}", self.aim and f"aim {sign} {self.aim:g}") if text)

    def met(self, ratio: float) -> str:
        words = []
        if self.bound is not None:
            words.append("yes" if self._holds(ratio, self.bound) else "**no**")
        if self.aim is not None:
            words.append("aim: " + ("yes" if self._holds(ratio, self.aim) else "not yet"))
        return ", ".join(words)

    def _holds(self, ratio: float, bound: float) -> bool:
        return ratio <= bound if self.most else ratio >= bound
