"""What the forms share that show only so many findings."""

from __future__ import annotations

from typing import TextIO

__all__ = ["Capped"]


class Capped:
    """Findings written to `out`, at most so many; all where `most` is 0. Each one counts in `_count`, written or not."""

    def __init__(self, out: TextIO, most: int = 0) -> None:
        self._out = out
        self._most = most
        self._count = 0

    @property
    def hidden(self) -> int:
        """How many are not shown."""
        return max(0, self._count - self._most) if self._most else 0
