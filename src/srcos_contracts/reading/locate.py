"""Where in its text a value stands. Asked only for findings, so nothing is paid for records that are in order."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable

from srcos_contracts.finding import Finding
from srcos_contracts.pointer import Path, Token
from srcos_contracts.reading.document import Document, Spans
from srcos_contracts.reading.json_fault import STRING

__all__ = ["Places", "Spans", "locate"]

_ONE_BY_ONE = 4
_TOKEN = re.compile(r'[ \t\r\n]*("(?:[^"\\]++|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]+)', re.DOTALL)


class Places:
    """The text of one record, prepared for finding many of its values: each costs no more than a look-up."""

    def __init__(self, document: Document, paths: Iterable[Path]) -> None:
        """`paths` are the values that will be asked for. The document must be one that was read without a finding."""
        self.text = document.text.decode("utf-8")
        self._document = document
        wanted = set(paths)
        self._spans: dict[Path, Spans] = {}
        if document.syntax == "json" and len(wanted) > _ONE_BY_ONE:
            self._spans = _all_spans(self.text, wanted)
        self._starts: list[int] = []

    def spans(self, path: Path) -> Spans:
        """The spans of the value at `path`, or of the nearest ancestor that is there."""
        known = self._spans.get(path)
        if known is not None:
            return known
        return _locate_json(self.text, path) if self._document.syntax == "json" else locate(self._document, path)

    def line_and_column(self, index: int) -> tuple[int, int]:
        """The place in the file of a character of the text."""
        if not self._starts:
            self._starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        line = bisect_right(self._starts, index)
        return self._document.line + line - 1, index - self._starts[line - 1] + 1


def _all_spans(text: str, wanted: set[Path]) -> dict[Path, Spans]:
    """The spans of the wanted values and of those ancestors that stand in for absent ones, in one walk over the text."""
    found: dict[Path, Spans] = {}
    needed = {path[:length] for path in wanted for length in range(len(path) + 1)}
    stack: list[_Level] = []
    key: tuple[int, int] | None = None
    name: Token = ""
    for match in _TOKEN.finditer(text, _next(text, 0)):
        token, start, end = match[1], match.start(1), match.end(1)
        top = stack[-1] if stack else None
        if token in "}]":
            level = stack.pop()
            if level.path in needed:
                found[level.path] = ((level.start, end), level.key)
        elif token == ",":
            if top is not None and not top.mapping:
                top.index += 1
            key = None
        elif token != ":":
            if top is not None and top.mapping and key is None:
                key, name = (start, end), json.loads(token) if "\\" in token else token[1:-1]
                continue
            path: Path = () if top is None else (*top.path, name if top.mapping else top.index)
            own_key = key if top is not None and top.mapping else None
            if token in "{[":
                stack.append(_Level(path, start, own_key, token == "{"))
                key = None
            elif path in needed:
                found[path] = ((start, end), own_key)
    for path in wanted:
        ancestor = path
        while ancestor not in found and ancestor:
            ancestor = ancestor[:-1]
        found.setdefault(path, found.get(ancestor, ((0, 1), None)))
    return found


class _Level:
    """An array or object that a walk is in."""

    __slots__ = ("index", "key", "mapping", "path", "start")

    def __init__(self, path: Path, start: int, key: tuple[int, int] | None, mapping: bool) -> None:
        self.path, self.start, self.key, self.mapping, self.index = path, start, key, mapping, 0


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
