"""Markdown files as records: front matter, and what a contract asks of the rest (its layout).

Front matter is the YAML mapping between two lines of three dashes at the top of the file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, format_pointer
from srcos_contracts.reading.document import Document, Layout, Record, Spans, fault
from srcos_contracts.reading.json_fault import encoding_fault
from srcos_contracts.reading.limits import MAX_HEADED_LINES
from srcos_contracts.reading.yaml_text import Node, parse_yaml, spans_in

if TYPE_CHECKING:
    from srcos_contracts.reading.headings import Heading

__all__ = ["laid_out", "layout_fault", "markdown_locator", "members_of_text", "read_markdown"]

_FENCE = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
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


def layout_fault(document: Document, layout: Layout) -> Finding | None:
    """The finding that keeps a file from being read as a layout says: it lacks front matter, or has too many lines to look for headings."""
    text = document.text.decode("utf-8")
    if layout.front_matter and _FENCE.match(text) is None:
        return fault("front-matter", "the file does not begin with front matter", document, (0, max(text.find("\n"), 1)), _HELP)
    if (layout.title or layout.sections) and text.count("\n") + text.count("\r") > MAX_HEADED_LINES:
        message = f"the text has more than {MAX_HEADED_LINES:,} lines"
        return fault("too-many-values", message, document, (0, 1), "keep logs and listings in files of their own, and refer to them")
    return None


def members_of_text(document: Document, value: Mapping[str, Any], layout: Layout) -> Iterator[Finding]:
    """A finding for each member of the front matter that the layout takes from the text: what it says is passed over."""
    for member in layout.of_text:
        if member in value:
            found = fault(
                "front-matter-member",
                f"the front matter has the member {member}, which is read from the text",
                document,
                _in_front_matter(document, (member,)),
                f"remove {member} from the front matter, or give it another name: what it holds is passed over",
            )
            yield found._replace(pointer=format_pointer((member,)))


def _in_front_matter(document: Document, path: Path) -> tuple[int, int]:
    parts = _parts(document)
    assert isinstance(parts, _Parts)
    assert parts.front is not None
    node = parse_yaml(parts.front)
    assert isinstance(node, Node)
    span, key = _shifted(node, path, parts.offset)
    return key or span


def laid_out(record: Record, document: Document, layout: Layout, path_parts: Mapping[str, str]) -> Any:
    """The record's value with what the layout takes from the body and from the path.

    What the body holds is its alone to say; a title, and what the path says, come from the front matter where it has them.
    """
    parts = _parts(document)
    if isinstance(parts, Finding):
        return record.value
    text = document.text.decode("utf-8")
    taken: dict[str, Any] = {member: path_parts[part] for member, part in layout.path if part in path_parts}
    found = _headings(text, parts, layout)
    if layout.title:
        taken.update((layout.title, heading.text) for heading in reversed(found) if heading.level == 1)
    taken.update(record.value)
    if layout.body:
        taken[layout.body] = text[parts.body :]
    if layout.sections:
        taken[layout.sections] = [heading.text for heading in found if heading.level == 2]
    return taken


def _headings(text: str, parts: _Parts, layout: Layout) -> list[Heading]:
    """The headings of a body, where the layout asks for any."""
    if not layout.title and not layout.sections:
        return []
    from srcos_contracts.reading.headings import headings

    return list(headings(text, parts.body))


def markdown_locator(document: Document) -> Callable[[Path], Spans]:
    """What gives the spans of a value in a Markdown file: in the front matter, or of the body or heading that the layout takes it from."""
    text, layout = document.text.decode("utf-8"), document.layout
    parts = _parts(document)
    whole: Spans = ((0, max(text.find("\n"), 1)), None)
    if isinstance(parts, Finding):
        return lambda path: whole
    node = parse_yaml(parts.front) if parts.front is not None else None
    found = _headings(text, parts, layout) if layout is not None else []
    title = next((heading.span for heading in found if heading.level == 1), whole[0])
    sections = [heading.span for heading in found if heading.level == 2]

    def located(path: Path) -> Spans:
        if not path:
            return whole
        if isinstance(node, Node) and path[0] in node.children and (layout is None or path[0] not in layout.of_text):
            return _shifted(node, path, parts.offset)
        if layout is None:
            return whole
        if path[0] == layout.body and parts.body < len(text):
            return (parts.body, max(len(text), parts.body + 1)), None
        if path[0] == layout.title:
            return title, None
        if path[0] == layout.sections and len(path) > 1 and isinstance(path[1], int) and path[1] < len(sections):
            return sections[path[1]], None
        return whole

    return located


def _shifted(node: Node, path: Path, offset: int) -> Spans:
    span, key = spans_in(node, path)
    return (span[0] + offset, span[1] + offset), (key[0] + offset, key[1] + offset) if key is not None else None
