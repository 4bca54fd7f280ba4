"""Markdown with front matter: the YAML mapping between two lines of three dashes at the top of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

from srcos_contracts.finding import Finding
from srcos_contracts.reading.document import Document, Record, fault
from srcos_contracts.reading.json_fault import encoding_fault
from srcos_contracts.reading.yaml_text import parse_yaml

__all__ = ["read_markdown"]

_FENCE = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
_HELP = "begin the file with a line of three dashes, then YAML, then another line of three dashes"


def read_markdown(document: Document) -> Iterator[Record | Finding]:
    """The front matter of a Markdown file as one record, with its places in the Markdown file."""
    bad_bytes = encoding_fault(document)
    if bad_bytes is not None:
        yield bad_bytes
        return
    text = document.text.decode("utf-8")
    opening = _FENCE.match(text)
    if opening is None:
        yield fault("front-matter", "the file does not begin with front matter", document, (0, max(text.find("\n"), 1)), _HELP)
        return
    closing = _FENCE.search(text, opening.end())
    if closing is None:
        yield fault("front-matter", "the front matter is not closed", document, opening.span(), _HELP)
        return
    block = Document(document.file, text[opening.end() + 1 : closing.start()].encode("utf-8"), "yaml", document.line + 1)
    node = parse_yaml(block)
    if isinstance(node, Finding):
        yield node
    elif node is None or not isinstance(node.value, dict):
        yield fault("front-matter", "the front matter is not a YAML mapping", document, opening.span(), "write one `key: value` a line")
    else:
        yield Record(node.value, block.text, block.line)
