"""A record as it was read: its value, and the text it came from."""

from __future__ import annotations

from typing import Any, Literal

from srcos_contracts.finding import Excerpt, Finding, Location
from srcos_contracts.named import NamedTuple

__all__ = ["Document", "Layout", "Record", "Spans", "Syntax", "excerpt", "fault", "line_and_column"]

Syntax = Literal["json", "yaml", "markdown"]

Spans = tuple[tuple[int, int], tuple[int, int] | None]
"""The span of a value and, of an object's member, that of its key: character offsets in the document's text."""

_EXCERPT_WIDTH = 80
_EXCERPT_LEAD = 24


class Layout(NamedTuple):
    """How a Markdown file becomes a record of a contract: which members come from where (`x-contract.markdown`)."""

    front_matter: bool = False
    """Whether there must be front matter."""
    body: str = ""
    """The member that holds the text after the front matter. It never comes from the front matter."""
    title: str = ""
    """The member that holds the first heading of level 1, where the front matter does not have it."""
    sections: str = ""
    """The member that holds the headings of level 2, in order. It never comes from the front matter."""
    path: tuple[tuple[str, str], ...] = ()
    """Members that come from parts of the path where the front matter does not have them."""

    @property
    def of_text(self) -> tuple[str, ...]:
        """The members that only the text says."""
        return tuple(member for member in (self.body, self.sections) if member)


class Document(NamedTuple):
    """The text of one record and where in which file it begins."""

    file: str
    text: bytes
    syntax: Syntax = "json"
    line: int = 1
    """The file's line, from 1, that holds the first byte of `text`, which is the first of that line."""
    layout: Layout | None = None


class Record(NamedTuple):
    """One JSON value, with numbers exact (int, or Decimal for what has a fraction or an exponent), and its text."""

    value: Any
    text: bytes
    line: int
    """The file's line, from 1, on which `text` begins."""


def line_and_column(text: str, index: int) -> tuple[int, int]:
    """Line and column, both from 1, of the character at `index`."""
    return text.count("\n", 0, index) + 1, index - text.rfind("\n", 0, index)


def excerpt(text: str, start: int, end: int) -> Excerpt:
    """The line of `text` around `start`, cut to about 80 characters, with what stands at fault up to `end`.

    Only what can be shown is looked at: a line may be as long as a record, and have a fault in every place.
    """
    left = max(0, start - _EXCERPT_LEAD)
    newline = text.rfind("\n", left, start)
    lead = "..." if newline < 0 and left > 0 and text[left - 1] != "\n" else ""
    left = max(left, newline + 1)
    right = min(len(text), left + _EXCERPT_WIDTH)
    newline = text.find("\n", start, right + 1)
    tail = "..." if newline < 0 and right < len(text) else ""
    right = right if newline < 0 else newline
    end = max(start + 1, min(end, right))
    shown = text[left:right].removesuffix("\r")
    width = max(1, min(end, left + len(shown)) - start)
    return Excerpt(lead + shown + tail, len(lead) + start - left, width)


def fault(rule: str, message: str, document: Document, span: tuple[int, int], help: str) -> Finding:
    """The finding of a reader: `span` are character offsets in the decoded text, which may be cut where bytes are bad."""
    text = document.text.decode("utf-8", "replace")
    line, column = line_and_column(text, span[0])
    shown = excerpt(text, *span) if text else None
    return Finding(rule, "error", message, Location(document.file, document.line + line - 1, column, shown), help)
