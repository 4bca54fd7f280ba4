"""A provenance tree for a person: in the terminal, and as a picture."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape as escape_markup
from typing import Protocol

from srcos_contracts.named import NamedTuple
from srcos_contracts.report.escape import escape, width
from srcos_contracts.wording import cut

__all__ = ["as_svg", "as_text"]

_BOLD, _DIM, _RED, _CYAN, _RESET = "\x1b[1m", "\x1b[2m", "\x1b[1;31m", "\x1b[36m", "\x1b[0m"
_COLUMNS = 100
"""Where a line is longer, its time and place stand on one of their own."""
_LONGEST = 90
_GAP = "  "
_DIGEST = re.compile(r"\b(sha256:[0-9a-f]{12})[0-9a-f]{52}\b")
"""Of a digest as much as people compare."""


class Tree(Protocol):
    """A record, or the lack of one, with what led to it."""

    @property
    def link(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def contract(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def at(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def line(self) -> int: ...
    @property
    def facts(self) -> tuple[str, ...]: ...
    @property
    def missing(self) -> bool: ...
    @property
    def repeated(self) -> bool: ...
    @property
    def children(self) -> Sequence[Tree]: ...
    @property
    def left_out(self) -> int: ...


class _Row(NamedTuple):
    lead: str
    link: str
    text: str
    place: str
    missing: bool
    plain: bool
    """Whether it is a fact of the record above it."""


def as_text(trees: Sequence[Tree], color: bool = False) -> str:
    """The trees, one line a record or fact."""
    lines = []
    for tree in trees:
        for row in _rows(tree, "", "", ""):
            link = f"{row.link}: " if row.link else ""
            tint = _RED if row.missing else "" if row.plain else _BOLD
            place = f"  {_painted(row.place, _DIM, color)}" if row.place else ""
            lines.append(f"{row.lead}{_painted(link, _CYAN, color)}{_painted(row.text, tint, color)}{place}\n")
        lines.append("\n")
    return "".join(lines)


def _painted(text: str, tint: str, color: bool) -> str:
    return f"{tint}{text}{_RESET}" if color and tint and text else text


def _rows(tree: Tree, lead: str, below: str, link: str) -> Iterator[_Row]:
    plain = not tree.contract and not tree.missing
    words = _words(tree)
    place = f"{escape(tree.file)}:{tree.line}" if tree.file and not tree.repeated else ""
    inner = below + ("│  " if tree.children or tree.left_out else "   ")
    at = escape(tree.at) if tree.contract and not tree.repeated else ""
    row = _Row(lead, escape(link), _GAP.join(filter(None, (*words, at))), place, tree.missing, plain)
    if _across(row) <= _COLUMNS:
        yield row
    else:
        yield row._replace(text=_GAP.join(words), place="")
        if at or place:
            yield _Row(inner, "", at, place, False, True)
    for fact in tree.facts:
        yield _Row(inner, "", escape(cut(fact, _LONGEST)), "", False, True)
    for index, child in enumerate(tree.children):
        last = index == len(tree.children) - 1 and not tree.left_out
        yield from _rows(child, below + ("└─ " if last else "├─ "), below + ("   " if last else "│  "), child.link)
    if tree.left_out:
        yield _Row(below + "└─ ", "", f"and {tree.left_out:,} more", "", False, True)


def _across(row: _Row) -> int:
    return width(row.lead) + width(f"{row.link}: {row.text}{_GAP}{row.place}")


def _words(tree: Tree) -> list[str]:
    """What a record is called."""
    name = escape(cut(_DIGEST.sub(r"\1…", tree.name), _LONGEST))
    if tree.missing:
        return [f"missing{': ' + name if name else ''}"]
    if tree.repeated:
        return [name, "(shown elsewhere)"]
    return [word for word in (escape(tree.contract), name, escape(cut(tree.state, _LONGEST))) if word]


_ROW, _STEP, _CHARACTER, _MARGIN = 24, 24, 7.9, 16
_STYLE = (
    "text{font:13px ui-monospace,Menlo,Consolas,monospace;fill:#1b1f24}path{stroke:#afb8c1;fill:none}rect{fill:#fff}"
    ".k{fill:#0b6bcb}.m{fill:#c0262d;font-weight:bold}.r{font-weight:bold}.p{fill:#6a737d}"
    "@media(prefers-color-scheme:dark){text{fill:#e6e8eb}.k{fill:#6cb6ff}.m{fill:#ff7b72}.p{fill:#8b949e}rect{fill:#14171a}path{stroke:#444c56}}"
)


def as_svg(trees: Sequence[Tree], title: str) -> str:
    """The trees as a picture that needs nothing else: the lines of the terminal, in the colours of the reader's screen."""
    rows = [row for tree in trees for row in (*_rows(tree, "", "", ""), _Row("", "", "", "", False, True))][:-1]
    across = int(max((_indent(row) + width(row.link + row.text + row.place) * _CHARACTER + 40 for row in rows), default=0)) + _MARGIN
    down = len(rows) * _ROW + 2 * _MARGIN
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{across}" height="{down}" viewBox="0 0 {across} {down}" role="img">',
        f"<title>{escape_markup(escape(title))}</title><style>{_STYLE}</style>",
        f'<rect width="{across}" height="{down}"/>',
    ]
    for index, row in enumerate(rows):
        top = _MARGIN + index * _ROW
        lines = _branches(row, top)
        if lines:
            drawn.append(f'<path d="{lines}"/>')
        kind = "m" if row.missing else "" if row.plain else "r"
        spans = [("k", f"{row.link}: " if row.link else ""), (kind, row.text), ("p", f"  {row.place}" if row.place else "")]
        text = "".join(f'<tspan class="{name}">{escape_markup(said)}</tspan>' for name, said in spans if said)
        if text:
            drawn.append(f'<text xml:space="preserve" x="{_indent(row)}" y="{top + 16}">{text}</text>')
    # Who opens the file takes it for UTF-8, and standard output may have another encoding.
    return "\n".join([*drawn, "</svg>\n"]).encode("ascii", "xmlcharrefreplace").decode("ascii")


def _indent(row: _Row) -> int:
    return _MARGIN + len(row.lead) // _UNIT * _STEP


_UNIT = 3
"""The characters of each level in a row's lead."""


def _branches(row: _Row, top: int) -> str:
    """The lines before a row: each level's character says whether one goes on, turns off, or ends here."""
    found = []
    for level, mark in enumerate(row.lead[::_UNIT]):
        across, middle = _MARGIN + level * _STEP + 6, top + _ROW // 2
        if mark in "│├":
            found.append(f"M{across} {top}V{top + _ROW}")
        if mark == "└":
            found.append(f"M{across} {top}V{middle}")
        if mark in "├└":
            found.append(f"M{across} {middle}h{_STEP - 10}")
    return "".join(found)
