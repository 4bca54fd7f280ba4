"""What a check finds: frozen values that every part of the product passes on and none changes."""

from __future__ import annotations

from typing import Literal

from srcos_contracts.named import NamedTuple

__all__ = ["Excerpt", "Finding", "Location", "Related", "SchemaPlace", "Severity"]

Severity = Literal["error", "warning"]


class Excerpt(NamedTuple):
    """One line of the payload around a finding, cut for display, still unescaped."""

    text: str
    start: int
    """Offset in `text` of the first character at fault."""
    width: int
    """Number of characters at fault, at least 1."""


class Location(NamedTuple):
    """A place in a file, as editors count: lines and columns from 1, columns in characters.

    Line 0 means that the finding is about the file as a whole, or about a value that came from no file.
    """

    file: str
    line: int = 0
    column: int = 0
    excerpt: Excerpt | None = None


class SchemaPlace(NamedTuple):
    """The keyword that demands what a finding misses."""

    file: str
    line: int
    column: int
    pointer: str


class Related(NamedTuple):
    """Another record that has a part in a finding."""

    location: Location
    note: str
    """What it says."""
    pointer: str = ""
    contract: str = ""
    version: str = ""


class Finding(NamedTuple):
    """One breach of one rule at one place."""

    rule: str
    severity: Severity
    message: str
    """The rule in plain words, or for a fault of shape what is wrong."""
    location: Location
    help: str = ""
    """What to do; may have several lines."""
    detail: str = ""
    """What is wrong with this very value, where `message` states the rule in general."""
    pointer: str = ""
    """JSON Pointer (RFC 6901) of the value at fault, or of the place where a missing one should be."""
    contract: str = ""
    version: str = ""
    demand: SchemaPlace | None = None
    related: tuple[Related, ...] = ()
    """Of a finding about several records, the others, in order."""

    @property
    def sentence(self) -> str:
        """Rule and value in one line: what formats without room for a label show."""
        return f"{self.message}: {self.detail}" if self.detail else self.message
