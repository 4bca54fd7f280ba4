"""Where in its text a value stands. Asked only for findings, so nothing is paid for records that are in order."""

from __future__ import annotations

import json
import re

from srcos_contracts.finding import Finding
from srcos_contracts.pointer import Path
from srcos_contracts.reading.document import Document, Spans
from srcos_contracts.reading.json_fault import STRING

__all__ = ["locate"]

_TOKEN = re.compile(r'[ \t\r\n]*("(?:[^"\\]++|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]+)', re.DOTALL)


def locate(document: Document, path: Path) -> Spans:
    """The spans of the value at `path`, or of the nearest ancestor that is there.

    The document must be one that was read without a finding.
    """
    text = document.text.decode("utf-8")
    if document.syntax == "markdown":
        from srcos_contracts.reading.markdown import locate_markdown

        return locate_markdown(document, path)
    return _locate_yaml(document, path) if document.syntax == "yaml" else _locate_json(text, path)


def _locate_yaml(document: Document, path: Path) -> Spans:
    from srcos_contracts.reading.yaml_text import parse_yaml

    node = parse_yaml(document)
    if node is None or isinstance(node, Finding):
        return (0, 1), None
    key = None
    for token in path:
        child = node.children.get(token)
        if child is None:
            break
        key = node.keys.get(token) if isinstance(token, str) else None
        node = child
    return node.span, key


def _locate_json(text: str, path: Path) -> Spans:
    start = _next(text, 0)
    key: tuple[int, int] | None = None
    for token in path:
        member = _member(text, start, token) if isinstance(token, str) else _item(text, start, token)
        if member is None:
            break
        start, key = member
    return (start, _end(text, start)), key


def _next(text: str, index: int) -> int:
    match = _TOKEN.match(text, index)
    return match.start(1) if match else index


def _member(text: str, start: int, name: str) -> tuple[int, tuple[int, int]] | None:
    if text[start] != "{":
        return None
    index = _next(text, start + 1)
    while text[index] == '"':
        key = STRING.match(text, index)
        assert key is not None
        value = _next(text, _next(text, key.end()) + 1)
        raw = key[0]
        if (json.loads(raw) if "\\" in raw else raw[1:-1]) == name:
            return value, key.span()
        index = _next(text, _end(text, value))
        if text[index] == "}":
            return None
        index = _next(text, index + 1)
    return None


def _item(text: str, start: int, position: int) -> tuple[int, None] | None:
    if text[start] != "[":
        return None
    index = _next(text, start + 1)
    while text[index] != "]":
        if position == 0:
            return index, None
        position -= 1
        index = _next(text, _end(text, index))
        if text[index] == "]":
            break
        index = _next(text, index + 1)
    return None


def _end(text: str, start: int) -> int:
    """The offset just after the value that begins at `start`."""
    depth = 0
    for match in _TOKEN.finditer(text, start):
        token = match[1]
        if token in "{[":
            depth += 1
        elif token in "}]":
            depth -= 1
        if depth <= 0:
            return match.end()
    return len(text)
