"""Where in its file a value of an indexed record stands."""

from __future__ import annotations

from typing import NamedTuple

from srcos_contracts.finding import Finding, Location
from srcos_contracts.pointer import Path, parse_pointer
from srcos_contracts.reading.document import Document, excerpt
from srcos_contracts.reading.locate import Places
from srcos_contracts.reading.source import Source, read

__all__ = ["Shown", "place_in"]


class Shown(NamedTuple):
    """A record as the index has it, and the file it came from."""

    file: str
    line: int
    doc: str
    source: Source | None
    """None for standard input, which cannot be read again."""


def place_in(record: Shown, pointer: str) -> Location:
    """The place of a value, or of the record where the value is not there; only the line where the text cannot be had any more."""
    document = _document(record)
    if document is None:
        return Location(record.file, record.line)
    path: Path = tuple(parse_pointer(pointer))
    places = Places(document, [path])
    span, _ = places.spans(path)
    if not path:
        span = (span[0], span[0] + 1)
    line, column = places.line_and_column(span[0])
    return Location(record.file, line, column, excerpt(places.text, *span))


def _document(record: Shown) -> Document | None:
    source = record.source
    if source is None or source.syntax == "json":
        return Document(record.file, record.doc.encode("utf-8"), "json", record.line)
    # The index has these records as JSON; their own text is in the file, which may have changed since.
    for item in read(source):
        if not isinstance(item, Finding) and item.line == record.line:
            return source.document(item)
    return None
