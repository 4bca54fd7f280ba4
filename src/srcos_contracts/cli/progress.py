"""How far a long check has come, on a terminal only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from srcos_contracts.checking import Progress
from srcos_contracts.reading.source import Source, size_of

__all__ = ["Ticker"]

_WORTHWHILE_BYTES = 16 * 1024 * 1024


class Ticker:
    """A line that is written over and over, and gone at the end."""

    def __init__(self, out: TextIO, sources: Iterable[Source]) -> None:
        self._out = out
        self._shown = -1
        self._total = sum(size_of(source) for source in sources) if out.isatty() else 0

    @property
    def progress(self) -> Progress | None:
        """What is to be told how far the check has come; None where nobody would see it."""
        return self._show if self._total >= _WORTHWHILE_BYTES else None

    def _show(self, behind: int, records: int) -> None:
        # A ledger may grow while it is read.
        percent = min(100, 100 * behind // self._total)
        if percent != self._shown:
            self._shown = percent
            self._out.write(f"\r\x1b[K{percent} %  {records:,} records")
            self._out.flush()

    def clear(self) -> None:
        """Leaves the terminal as it was."""
        if self._shown >= 0:
            self._out.write("\r\x1b[K")
            self._out.flush()
