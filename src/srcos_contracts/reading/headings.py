"""The headings of a Markdown text: those that CommonMark 0.31 finds outside lists and quotes, in linear time.

Only blocks are told apart, as far as it takes to know what is a heading: what stands in code, in HTML, in a list or in a quote is
none. Of the specification two things are left out that no heading of a summary turns on: link reference definitions count as
paragraphs, and containers more than ten deep as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from srcos_contracts.named import NamedTuple

__all__ = ["Heading", "headings"]

_BREAK = re.compile(r"\r\n|\n|\r")
_LINE = re.compile(r"([^\r\n]*+)(?:\r\n|\n|\r|\Z)")
_SPACES = re.compile(" *+")
_ATX = re.compile(r"#{1,6}+(?= |$)")
_SETEXT = re.compile(r"(?:=++|-++) *+$")
_THEMATIC_BREAK = re.compile(r"(?:(?:\* *+){3,}+|(?:- *+){3,}+|(?:_ *+){3,}+)$")
_MARKER = re.compile(r"(?:[-+*]|([0-9]{1,9})[.)])(?= |$)")
_FENCE = re.compile(r"`{3,}+(?=[^`]*+$)|~{3,}+")

# The kinds of HTML blocks in the order of the specification: how each begins, and what ends it; None is a blank line.
_BLOCK_TAGS = (
    "address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|"
    "figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|"
    "p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul"
)
_ATTRIBUTE = r" ++[a-zA-Z_:][a-zA-Z0-9:._-]*+(?: *+= *+(?:[^\"'=<>` ]++|'[^']*+'|\"[^\"]*+\"))?+"
_HTML: tuple[tuple[re.Pattern[str], re.Pattern[str] | None], ...] = (
    (re.compile(r"<(?:script|pre|style|textarea)(?:[ >]|$)", re.IGNORECASE), re.compile("</(?:script|pre|style|textarea)>", re.IGNORECASE)),
    (re.compile("<!--"), re.compile("-->")),
    (re.compile(r"<\?"), re.compile(r"\?>")),
    (re.compile("<![a-zA-Z]"), re.compile(">")),
    (re.compile(r"<!\[CDATA\["), re.compile(r"\]\]>")),
    (re.compile(rf"</?(?:{_BLOCK_TAGS})(?: |/?>|$)", re.IGNORECASE), None),
)
_ANY_TAG = re.compile(rf"(?:<[a-zA-Z][a-zA-Z0-9-]*+(?:{_ATTRIBUTE})*+ *+/?>|</[a-zA-Z][a-zA-Z0-9-]*+ *+>) *+$")

_BEGINNINGS = frozenset("#>`~<=-*_+0123456789")
"""What a line that is no text can begin with."""

_QUOTE = 0
"""Among the widths of open containers, a block quote."""
_DEEPEST = 10


class Heading(NamedTuple):
    """One heading, by its text as it is written."""

    text: str
    level: int
    span: tuple[int, int]
    """Character offsets of its text, for a heading of number signs with these."""


class _Line(NamedTuple):
    """What is left of a line after the containers that it continues."""

    text: str
    """The whole line, its tabs expanded."""
    at: int
    content: int
    """Where the first character that is no space stands; the text's length where there is none."""

    @property
    def indent(self) -> int:
        return self.content - self.at

    @property
    def blank(self) -> bool:
        return self.content == len(self.text)

    def after(self, at: int) -> _Line:
        at = min(at, len(self.text))
        return _Line(self.text, at, self.content if at <= self.content else _content(self.text, at))


_Ends = Callable[[_Line], bool]
"""Whether a line is the last one of a block of code or HTML."""


def headings(text: str, start: int = 0) -> Iterator[Heading]:
    """The headings from `start` on, which is the beginning of a line."""
    blocks = _Blocks()
    for match in _LINE.finditer(text, start):
        raw = match[1]
        line = raw.expandtabs(4) if "\t" in raw else raw
        yield from blocks.read(_Line(line, 0, _content(line, 0)), text, match.span(1))


class _Blocks:
    """The blocks that are open at the end of a line."""

    def __init__(self) -> None:
        self.containers: list[int] = []
        """From the outside in: _QUOTE, or of a list's item how far its content is indented."""
        self.begun_blank = False
        """Whether the innermost container is an item with nothing in it yet: it ends with the next blank line."""
        self.paragraph: tuple[int, int] | None = None
        """The span of the open paragraph."""
        self.ends: _Ends | None = None
        """Of an open block of code or HTML."""

    def read(self, line: _Line, text: str, span: tuple[int, int]) -> Iterator[Heading]:
        """Takes one more line, and gives the heading that it makes, if it makes one that counts."""
        depth, line = self._continued(line)
        inside = depth == len(self.containers)
        if inside and self.ends is not None:
            if self.ends(line):
                self.ends = None
            return
        paragraph = self.paragraph if inside else None
        lazy = not inside and self.paragraph is not None
        opened: list[int] = []
        while not line.blank and line.indent < 4 and depth + len(opened) < _DEEPEST:
            first = line.text[line.content]
            if first not in _BEGINNINGS:
                break
            if first == ">":
                opened.append(_QUOTE)
                line = _unquoted(line)
                paragraph, lazy = None, False
                continue
            heading = _atx(line, text, span)
            if heading is None and paragraph is not None:
                heading = _setext(line, text, paragraph)
            if heading is not None:
                self._enter(depth, opened)
                if not self.containers:
                    yield heading
                return
            ends = _verbatim(line, paragraph is not None or lazy)
            if ends is not None:
                self._enter(depth, opened)
                self.ends = ends if ends is not _at_once else None
                return
            if _THEMATIC_BREAK.match(line.text, line.content):
                self._enter(depth, opened)
                return
            width = _item_width(line, paragraph is not None)
            if not width:
                break
            opened.append(width)
            line = line.after(line.at + width)
            paragraph, lazy = None, False
        if line.blank:
            self._enter(depth, opened)
            self.begun_blank = bool(opened) and opened[-1] != _QUOTE
        elif paragraph is not None:
            self.paragraph = paragraph[0], span[1]
        elif not lazy:
            self._enter(depth, opened)
            if line.indent < 4:
                self.paragraph = span

    def _continued(self, line: _Line) -> tuple[int, _Line]:
        """How many of the open containers go on in this line, and what is left of it in them."""
        for depth, width in enumerate(self.containers):
            if width == _QUOTE:
                if line.blank or line.indent > 3 or line.text[line.content] != ">":
                    return depth, line
                line = _unquoted(line)
            elif line.blank:
                if self.begun_blank and depth == len(self.containers) - 1:
                    return depth, line
            elif line.indent >= width:
                line = line.after(line.at + width)
            else:
                return depth, line
        return len(self.containers), line

    def _enter(self, depth: int, opened: list[int]) -> None:
        """Closes what is open below `depth`, and opens containers there."""
        self.containers[depth:] = opened
        self.begun_blank, self.paragraph, self.ends = False, None, None


def _content(text: str, at: int) -> int:
    match = _SPACES.match(text, at)
    return match.end() if match else at


def _unquoted(line: _Line) -> _Line:
    after = line.content + 1
    return line.after(after + (line.text[after : after + 1] == " "))


def _atx(line: _Line, text: str, span: tuple[int, int]) -> Heading | None:
    match = _ATX.match(line.text, line.content)
    if match is None:
        return None
    # The text as it is written: in the line that is read tabs are expanded.
    start = text.index("#", *span)
    written = text[start : span[1]].rstrip(" \t")
    level = match.end() - match.start()
    content = written[level:].strip(" \t")
    unclosed = content.rstrip("#")
    if not unclosed or unclosed[-1] in " \t":
        content = unclosed.rstrip(" \t")
    return Heading(content, level, (start, start + len(written)))


def _setext(line: _Line, text: str, paragraph: tuple[int, int]) -> Heading | None:
    """The heading that a line below an open paragraph makes of it."""
    if not _SETEXT.match(line.text, line.content):
        return None
    lines = [part.strip(" \t") for part in _BREAK.split(text[slice(*paragraph)])]
    start = text.index(lines[0], *paragraph)
    end = paragraph[1] - len(text[slice(*paragraph)]) + len(text[slice(*paragraph)].rstrip(" \t"))
    return Heading(" ".join(lines), 1 if line.text[line.content] == "=" else 2, (start, end))


def _verbatim(line: _Line, in_paragraph: bool) -> _Ends | None:
    """Of a line that begins a block of code or HTML, what ends it."""
    fence = _FENCE.match(line.text, line.content)
    if fence:
        return _fence_end(fence[0])
    if line.text[line.content] == "<":
        for begins, end in _HTML:
            if begins.match(line.text, line.content):
                return _html_end(line, end)
        if not in_paragraph and _ANY_TAG.match(line.text, line.content):
            return _html_end(line, None)
    return None


def _fence_end(fence: str) -> _Ends:
    def ends(line: _Line) -> bool:
        if line.indent > 3 or not line.text.startswith(fence, line.content):
            return False
        return not line.text[line.content :].rstrip(" ").strip(fence[0])

    return ends


def _html_end(first: _Line, end: re.Pattern[str] | None) -> _Ends:
    if end is None:
        return lambda line: line.blank
    if end.search(first.text, first.content):
        return _at_once
    return lambda line: end.search(line.text, line.at) is not None


def _at_once(line: _Line) -> bool:
    """The end of a block of HTML that ends in the line in which it begins."""
    return True


def _item_width(line: _Line, in_paragraph: bool) -> int:
    """Of a line that begins a list's item, how far the item's content is indented; else 0."""
    marker = _MARKER.match(line.text, line.content)
    if marker is None:
        return 0
    after = _content(line.text, marker.end())
    empty = after == len(line.text)
    if in_paragraph and (empty or (marker[1] is not None and int(marker[1]) != 1)):
        return 0
    spaces = after - marker.end()
    return marker.end() - line.at + (1 if empty or spaces > 4 else spaces)
