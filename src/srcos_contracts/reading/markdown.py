"""Markdown files as records: front matter, and what a contract asks of the rest (its layout).

Front matter is the YAML mapping between two lines of three dashes at the top of the file.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from srcos_contracts.finding import Finding
from srcos_contracts.pointer import Path
from srcos_contracts.reading.document import Document, Layout, Record, Spans, fault
from srcos_contracts.reading.json_fault import encoding_fault
from srcos_contracts.reading.yaml_text import Node, parse_yaml, spans_in

__all__ = ["front_matter_missing", "laid_out", "locate_markdown", "read_markdown"]

_FENCE = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
_HEADING = re.compile(r"^(#{1,6})[ \t]+(.*?)[ \t]*#*[ \t]*\r?$", re.MULTILINE)
_CODE_FENCE = re.compile(r"^(`{3,}|~{3,})", re.MULTILINE)
_HELP = "begin the file with a line of three dashes, then YAML, then another line of three dashes"


class _Parts(NamedTuple):
    """The front matter's text with its place in the file, and where the body begins."""

    front: Document | None
    offset: int
    body: int


def read_markdown(document: Document) -> Iterator[Record | Finding]:
    """A Markdown file as one record, whose value is its front matter: empty where there is none."""
    bad_bytes = encoding_fault(document)
    if bad_bytes is not None:
        yield bad_bytes
        return
    parts = _parts(document)
    if isinstance(parts, Finding):
        yield parts
        return
    node = parse_yaml(parts.front) if parts.front is not None else None
    if isinstance(node, Finding):
        yield node
    elif parts.front is not None and (node is None or not isinstance(node.value, dict)):
        yield fault("front-matter", "the front matter is not a YAML mapping", document, (0, 3), "write one `key: value` a line")
    else:
        yield Record(node.value if node is not None else {}, document.text, document.line)


def _parts(document: Document) -> _Parts | Finding:
    text = document.text.decode("utf-8")
    opening = _FENCE.match(text)
    if opening is None:
        return _Parts(None, 0, 0)
    closing = _FENCE.search(text, opening.end())
    if closing is None:
        return fault("front-matter", "the front matter is not closed", document, opening.span(), _HELP)
    start = opening.end() + 1
    front = Document(document.file, text[start : closing.start()].encode("utf-8"), "yaml", document.line + 1)
    return _Parts(front, start, min(closing.end() + 1, len(text)))


def front_matter_missing(document: Document) -> Finding | None:
    """The finding for a file that has no front matter, where its contract asks for it."""
    text = document.text.decode("utf-8")
    if _FENCE.match(text) is not None:
        return None
    return fault("front-matter", "the file does not begin with front matter", document, (0, max(text.find("\n"), 1)), _HELP)


def laid_out(record: Record, document: Document, layout: Layout, path_parts: Mapping[str, str]) -> Any:
    """The record's value with what the layout takes from the body and from the path. Front matter is never overwritten."""
    parts = _parts(document)
    if isinstance(parts, Finding):
        return record.value
    text = document.text.decode("utf-8")
    taken: dict[str, Any] = {member: path_parts[part] for member, part in layout.path if part in path_parts}
    if layout.body:
        taken[layout.body] = text[parts.body :]
    headings = list(_headings(text, parts.body))
    if layout.title:
        taken.update((layout.title, title) for title, level, _ in reversed(headings) if level == 1)
    if layout.sections:
        taken[layout.sections] = [title for title, level, _ in headings if level == 2]
    return {**taken, **record.value}


def _headings(text: str, start: int) -> Iterator[tuple[str, int, tuple[int, int]]]:
    """The headings of a body (ATX, outside fenced code): text, level and span."""
    fences = [match.start() for match in _CODE_FENCE.finditer(text, start)]
    for match in _HEADING.finditer(text, start):
        inside_code = bisect_left(fences, match.start()) % 2 == 1
        if not inside_code:
            yield match[2], len(match[1]), match.span()


def locate_markdown(document: Document, path: Path) -> Spans:
    """The spans of a value in a Markdown file: in the front matter, or of the body or heading that the layout takes it from."""
    text, layout = document.text.decode("utf-8"), document.layout
    parts = _parts(document)
    whole: Spans = ((0, max(text.find("\n"), 1)), None)
    if isinstance(parts, Finding) or not path:
        return whole
    node = parse_yaml(parts.front) if parts.front is not None else None
    if isinstance(node, Node) and path[0] in node.children:
        return _shifted(node, path, parts.offset)
    if layout is None:
        return whole
    headings = list(_headings(text, parts.body))
    if path[0] == layout.body and parts.body < len(text):
        return (parts.body, max(len(text), parts.body + 1)), None
    if path[0] == layout.title:
        return next(((span, None) for _, level, span in headings if level == 1), whole)
    if path[0] == layout.sections and len(path) > 1 and isinstance(path[1], int):
        sections = [span for _, level, span in headings if level == 2]
        return (sections[path[1]], None) if path[1] < len(sections) else whole
    return whole


def _shifted(node: Node, path: Path, offset: int) -> Spans:
    span, key = spans_in(node, path)
    return (span[0] + offset, span[1] + offset), (key[0] + offset, key[1] + offset) if key is not None else None
