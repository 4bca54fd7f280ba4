"""Where in its file a value of an indexed record stands."""

from __future__ import annotations

from typing import Any

from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, Token, lookup, parse_pointer
from srcos_contracts.reading.document import Document, excerpt
from srcos_contracts.reading.json_text import decode
from srcos_contracts.reading.locate import Places
from srcos_contracts.reading.source import Source, read

__all__ = ["Shown", "place_in"]


class Shown(NamedTuple):
    """A record as the index has it, and the file it came from."""

    file: str
    line: int
    contract: str
    """Empty for a line that stands for itself."""
    doc: str | None
    """None where its text is not known any more."""
    column: int
    """Of a line that stands for itself, the character in question, from 1."""
    source: Source | None
    """None for standard input, which cannot be read again."""
    text: bytes | None = None
    """The record's own text, where that is at hand and is not `doc`."""


def place_in(record: Shown, pointer: str) -> Location:
    """The place of a value, or of the record where the value is not there; only the line where the text cannot be had any more."""
    if record.doc is None or not record.line:
        return Location(record.file, record.line)
    if not record.contract:
        return Location(record.file, record.line, record.column, excerpt(record.doc, record.column - 1, record.column))
    document = _document(record, record.doc)
    if document is None:
        return Location(record.file, record.line)
    path = _path(record.doc, pointer)
    places = Places(document, [path])
    span, _ = places.spans(path)
    if not path:
        span = (span[0], span[0] + 1)
    line, column = places.line_and_column(span[0])
    return Location(record.file, line, column, excerpt(places.text, *span))


def _path(doc: str, pointer: str) -> Path:
    """A pointer as a path: whether a number is an index or a name, only the record can tell."""
    node: Any = decode(doc.encode("utf-8"))
    path: list[Token] = []
    for token in parse_pointer(pointer):
        step: Token = int(token) if isinstance(node, list) and token.isdigit() else token
        path.append(step)
        node = lookup(node, (step,))
    return tuple(path)


def _document(record: Shown, doc: str) -> Document | None:
    source = record.source
    if record.text is not None:
        return Document(record.file, record.text, source.syntax if source is not None else "json", record.line)
    if source is None or source.syntax == "json":
        return Document(record.file, doc.encode("utf-8"), "json", record.line)
    # The index has these records as JSON; their own text is in the file, which may have changed since.
    for item in read(source):
        if not isinstance(item, Finding) and item.line == record.line:
            return source.document(item)
    return None
