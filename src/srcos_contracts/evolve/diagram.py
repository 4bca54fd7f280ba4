"""A contract's references as a picture: what it refers to on its right, what refers to it on its left. Plain SVG, light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from math import ceil

from srcos_contracts.contracts.outline import Outline
from srcos_contracts.named import NamedTuple

__all__ = ["HOLDS", "Edge", "edges", "svg"]

HOLDS = "holds"
"""In place of a role: the one record has the other inside it."""

_CHARACTER = 7.3
"""Width of a character of the 12-pixel monospace font, with a little to spare for fonts that are wider."""

_ELSEWHERE = "elsewhere"
_ROW, _BOX, _PAD, _MARGIN, _TURN, _NOTE = 38, 26, 10, 8, 22, 15
_STYLE = """
  text { font: 12px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2328 }
  .role { font-size: 11px; fill: #57606a }
  .box { fill: #f6f8fa; stroke: #8c959f }
  .self { fill: #ddf4ff; stroke: #0969da; stroke-width: 1.5 }
  .self-name { font-weight: bold }
  .outside { fill: none; stroke: #8c959f; stroke-dasharray: 4 3 }
  .line { fill: none; stroke: #57606a }
  .tip { fill: #57606a }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 }
    .role { fill: #9da7b3 }
    .box { fill: #161b22; stroke: #6e7681 }
    .self { fill: #0c2d6b; stroke: #58a6ff }
    .outside { stroke: #6e7681 }
    .line { stroke: #9da7b3 }
    .tip { fill: #9da7b3 }
  }
"""


class Edge(NamedTuple):
    """One contract refers to another, in some roles."""

    source: str
    target: str
    roles: tuple[str, ...]


class _Row(NamedTuple):
    name: str
    roles: str
    known: bool


def edges(outlines: Iterable[Outline]) -> list[Edge]:
    """Who refers to whom, each pair once, with roles in the order of the fields. References that lead outside have no edge."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for described in outlines:
        for field in described.fields:
            name = described.contract.name
            for target in field.reference.to if field.reference is not None else ():
                found.setdefault((name, target), {})[field.reference.role if field.reference else ""] = None
            if field.holds:
                found.setdefault((name, field.holds), {})[HOLDS] = None
    return [Edge(source, target, tuple(roles)) for (source, target), roles in found.items()]


def svg(name: str, linked: Sequence[Edge], outside: Sequence[str], known: Iterable[str]) -> str:
    """The picture of one contract: `linked` are the edges of the whole catalog, `outside` the roles that lead out of it.

    A contract that is not `known` is drawn with a broken line. The same input gives the same bytes.
    """
    names = frozenset(known)
    left = sorted(_Row(edge.source, ", ".join(edge.roles), True) for edge in linked if edge.target == name != edge.source)
    right = sorted(_Row(edge.target, ", ".join(edge.roles), edge.target in names) for edge in linked if edge.source == name)
    words = _described(name, left, right, outside)
    notes = _notes(outside)
    right += [_Row("", _ELSEWHERE, False)] if outside else []
    rows = max(len(left), len(right), 1)
    height = 2 * _MARGIN + rows * _ROW + max(len(notes) - 1, 0) * _NOTE
    left_width, self_width, right_width = (
        _widest([row.name for row in left]),
        _widest([name]),
        _widest([*(row.name for row in right), *notes]),
    )
    x_self = _MARGIN + (left_width + _gap(left) if left else 0)
    x_right = x_self + self_width + _gap(right)
    width = (x_right + right_width if right else x_self + self_width) + _MARGIN
    middle = _MARGIN + rows * _ROW / 2
    parts = [_box("self", x_self, middle, self_width, name, "self-name")]
    for index, row in enumerate(left):
        y = _row_y(index, len(left), middle)
        parts += [_box("box", _MARGIN, y, left_width, row.name), _arrow_in(_MARGIN + left_width, y, x_self, middle, row.roles)]
    for index, row in enumerate(right):
        y = _row_y(index, len(right), middle)
        parts.append(_arrow_out(x_self + self_width, middle, x_right, y, row.roles))
        if row.name:
            parts.append(_box("box" if row.known else "outside", x_right, y, right_width, row.name))
        else:
            parts.append(_note_box(x_right, y, right_width, notes))
    title = f"References of {name}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}" '
        f'role="img" aria-labelledby="title description">\n<title id="title">{escape(title)}</title>\n'
        f'<desc id="description">{escape(words)}</desc>\n<style>{_STYLE}</style>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _described(name: str, left: Iterable[_Row], right: Iterable[_Row], outside: Sequence[str]) -> str:
    """The picture in words."""
    words = [f"{row.name} refers to {name} ({row.roles})" for row in left]
    words += [f"{name} refers to {row.name} ({row.roles})" for row in right]
    return ". ".join([*words, *([f"Roles that lead elsewhere: {', '.join(outside)}"] if outside else [])])


def _notes(outside: Sequence[str]) -> list[str]:
    """The roles that lead outside, a few a line."""
    lines: list[str] = []
    for role in outside:
        if lines and len(lines[-1]) + len(role) < 28:
            lines[-1] += f", {role}"
        else:
            lines.append(role)
    return lines


def _widest(texts: Sequence[str]) -> int:
    return ceil(max((len(text) for text in texts), default=0) * _CHARACTER) + 2 * _PAD


def _gap(rows: Sequence[_Row]) -> int:
    return ceil(max((len(row.roles) for row in rows), default=0) * _CHARACTER * 11 / 12) + 2 * _TURN + 8


def _row_y(index: int, count: int, middle: float) -> float:
    return middle + (index - (count - 1) / 2) * _ROW


def _box(style: str, x: float, y: float, width: float, name: str, text_style: str = "") -> str:
    shaped = f' class="{text_style}"' if text_style else ""
    return (
        f'<rect class="{style}" x="{x:g}" y="{y - _BOX / 2:g}" width="{width:g}" height="{_BOX}" rx="5"/>'
        f'<text{shaped} x="{x + width / 2:g}" y="{y + 4:g}" text-anchor="middle">{escape(name)}</text>'
    )


def _note_box(x: float, y: float, width: float, notes: Sequence[str]) -> str:
    height = _BOX + _NOTE * (len(notes) - 1)
    lines = "".join(
        f'<text class="role" x="{x + width / 2:g}" y="{y + 4 + _NOTE * index:g}" text-anchor="middle">{escape(note)}</text>'
        for index, note in enumerate(notes)
    )
    return f'<rect class="outside" x="{x:g}" y="{y - _BOX / 2:g}" width="{width:g}" height="{height}" rx="5"/>{lines}'


def _arrow_out(x1: float, y1: float, x2: float, y2: float, role: str) -> str:
    """From the contract in the middle: it turns at once, so that the role stands on the level part."""
    return _arrow(f"M{x1:g} {y1:g}H{x1 + _TURN:g}V{y2:g}H{x2 - 6:g}", x2, y2, role, x1 + _TURN + 4, y2)


def _arrow_in(x1: float, y1: float, x2: float, y2: float, role: str) -> str:
    """To the contract in the middle: it turns just before it."""
    return _arrow(f"M{x1:g} {y1:g}H{x2 - _TURN:g}V{y2:g}H{x2 - 6:g}", x2, y2, role, x1 + 8, y1)


def _arrow(path: str, x: float, y: float, role: str, label_x: float, label_y: float) -> str:
    tip = f'<path class="tip" d="M{x:g} {y:g}l-7 -4v8z"/>'
    label = f'<text class="role" x="{label_x:g}" y="{label_y - 5:g}">{escape(role)}</text>'
    return f'<path class="line" d="{path}"/>{tip}{label}'
