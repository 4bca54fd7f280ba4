"""Pages of text for a terminal: wrapped to its width, with colour only where it shows some."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence

from srcos_contracts.cli.streams import colored, stdout
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape, width

__all__ = ["Page", "refused", "show"]

_NARROWEST, _PROSE, _LEAST = 40, 100, 24
_BOLD, _CYAN, _RED, _YELLOW, _RESET = "\x1b[1m", "\x1b[36m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[0m"


class Page:
    """Text in the making. Whatever is added is escaped here, and nowhere before."""

    def __init__(self, columns: int = 0, color: bool | None = None) -> None:
        """`columns` is the terminal's width, 0 for that of the terminal at hand; `color` None where that says so itself."""
        self.columns = max(columns or shutil.get_terminal_size().columns, _NARROWEST)
        self._color = colored(sys.stdout) if color is None else color
        self._lines: list[str] = []

    @property
    def text(self) -> str:
        return "\n".join(self._lines) + "\n"

    def title(self, name: str, rest: str = "") -> None:
        """The first line: what the page is about."""
        self._lines.append(self._paint(_BOLD, escape(name)) + escape(f"  {rest}" if rest else ""))

    def heading(self, words: str) -> None:
        self._lines += ["", self._paint(_BOLD, escape(words))]

    def paragraph(self, words: str, indent: int = 2, hang: int = 0) -> None:
        """Words, wrapped; lines after the first stand `hang` columns further in."""
        lead = " " * indent
        room = min(self.columns, _PROSE + indent)
        self._lines += textwrap.wrap(
            escape(words), room, initial_indent=lead, subsequent_indent=lead + " " * hang, break_long_words=False, break_on_hyphens=False
        )

    def term(self, name: str, rest: str) -> None:
        """A name, and after it what it is, wrapped."""
        before = len(self._lines)
        self.paragraph(f"{name}  {rest}" if rest else name, 2, 6)
        shown = escape(name)
        self._lines[before] = self._lines[before].replace(shown, self._paint(_CYAN, shown), 1)

    def block(self, lines: Iterable[str]) -> None:
        """Lines as they are: excerpts, which lose their sense when they are wrapped."""
        for line in lines:
            shown = f"  {escape(line)}".rstrip()
            tint = _RED if line.startswith("error[") else _YELLOW if line.startswith("warning[") else ""
            self._lines.append(self._paint(tint, shown) if tint else shown)

    def space(self) -> None:
        self._lines.append("")

    def table(self, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Columns with two spaces between them. The last one is wrapped where the terminal is too narrow for it."""
        cells = [[escape(cell) for cell in row] for row in rows]
        widths = [max(width(line) for line in column) for column in zip(heads, *cells, strict=True)]
        room = self.columns - sum(widths[:-1]) - 2 * (len(heads) - 1)
        widths[-1] = max(_LEAST, min(widths[-1], room))
        self._row(heads, widths, _BOLD)
        for row in cells:
            self._row(row, widths)

    def _row(self, cells: Sequence[str], widths: Sequence[int], tint: str = "") -> None:
        last = textwrap.wrap(cells[-1], widths[-1], break_long_words=False, break_on_hyphens=False) or [""]
        for index, part in enumerate(last):
            first = cells[:-1] if index == 0 else [""] * (len(cells) - 1)
            line = "  ".join([*(cell + " " * (limit - width(cell)) for cell, limit in zip(first, widths, strict=False)), part]).rstrip()
            self._lines.append(self._paint(tint, line) if tint else line)

    def _paint(self, tint: str, words: str) -> str:
        return f"{tint}{words}{_RESET}" if self._color else words


def show(words: str) -> int:
    """Writes to standard output, whatever its encoding can hold. Returns the exit code of success."""
    stdout().write(words)
    return 0


def refused(error: Refusal) -> int:
    """Says why what was asked for cannot be done. Returns the exit code of wrong usage."""
    sys.stdout.flush()
    print(f"error: {escape(str(error))}", file=sys.stderr)
    return 2
