"""Where in its text a value stands. Asked only for findings, so nothing is paid for records that are in order."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import partial

from srcos_contracts.finding import Finding
from srcos_contracts.pointer import Path, Token
from srcos_contracts.reading.document import Document, Spans
from srcos_contracts.reading.json_fault import STRING

__all__ = ["Lines", "Places", "Spans", "locate", "spans_of"]

_ONE_BY_ONE, _SHORT = 4, 10_000
"""How many values of a text with at least so many characters are looked for each by itself: it need not be read to its end for them."""
_TOKEN = re.compile(r'[ \t\r\n]*("(?:[^"\\]++|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]+)', re.DOTALL)


class Places:
    """The text of one record, prepared for finding many of its values: each costs no more than a look-up."""

    def __init__(self, document: Document, paths: Iterable[Path]) -> None:
        """`paths` are the values that will be asked for. The document must be one that was read without a finding."""
        self.text = document.text.decode("utf-8")
        self._document = document
        wanted = set(paths)
        self._spans: dict[Path, Spans] = {}
        self._locate = _locator(document, self.text)
        if document.syntax == "json" and len(wanted) > (_ONE_BY_ONE if len(self.text) >= _SHORT else 1):
            self._spans = spans_of(self.text, wanted)
        self._lines: Lines | None = None

    def spans(self, path: Path) -> Spans:
        """The spans of the value at `path`, or of the nearest ancestor that is there."""
        known = self._spans.get(path)
        return known if known is not None else self._locate(path)

    def character(self, path: Path, value: str, offset: int) -> int | None:
        """Where the character at `offset` of the string at `path` stands in the text; None where the writing does not show it."""
        from srcos_contracts.reading.character import character_at

        return character_at(self.text, self.spans(path)[0], value, offset, self._document.syntax == "json")

    def line_and_column(self, index: int) -> tuple[int, int]:
        """The place in the file of a character of the text."""
        if self._lines is None:
            self._lines = Lines(self.text)
        line, column = self._lines.place(index)
        return self._document.line + line - 1, column


def spans_of(text: str, paths: Iterable[Path]) -> dict[Path, Spans]:
    """The spans of the value and the key at each path, or of the nearest ancestor that is there. The text is valid JSON."""
    wanted = {path[:length] for path in paths for length in range(len(path) + 1)}
    found: dict[Path, Spans] = {}
    # One entry for each array or object that is open: where it begins, its path, its key's span.
    open_values: list[tuple[int, Path, tuple[int, int] | None]] = []
    path: Path = ()
    key: tuple[int, int] | None = None
    names: list[Token] = []
    expects_name = False
    for match in _TOKEN.finditer(text):
        token = match[1]
        if token in "{[":
            open_values.append((match.start(1), path, key))
            expects_name = token == "{"
            names.append("" if expects_name else 0)
            path, key = ((*path, 0), None) if token == "[" else (path, None)
        elif token in "}]":
            start, path, key = open_values.pop()
            names.pop()
            expects_name = False
            if path in wanted:
                found[path] = (start, match.end()), key
        elif token == ",":
            inside = open_values[-1][1]
            expects_name = isinstance(names[-1], str)
            if not expects_name:
                names[-1] = int(names[-1]) + 1
                path, key = (*inside, names[-1]), None
        elif token == ":":
            expects_name = False
        elif expects_name:
            path, key = (*open_values[-1][1], _text_of(token)), match.span(1)
        elif path in wanted:
            found[path] = match.span(1), key
    nearest = {}
    for asked in paths:
        present = next(asked[:length] for length in range(len(asked), -1, -1) if asked[:length] in found)
        nearest[asked] = found[present]
    return nearest


class Lines:
    """The lines of a text, to be asked for many places."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def place(self, index: int) -> tuple[int, int]:
        """Line and column, both from 1, of the character at `index`."""
        line = bisect_right(self._starts, index)
        return line, index - self._starts[line - 1] + 1


def locate(document: Document, path: Path) -> Spans:
    """The spans of the value at `path`, or of the nearest ancestor that is there.

    The document must be one that was read without a finding.
    """
    return _locator(document, document.text.decode("utf-8"))(path)


def _locator(document: Document, text: str) -> Callable[[Path], Spans]:
    """What `locate` does for one document, which is parsed no more than once however many paths are asked for."""
    if document.syntax == "markdown":
        from srcos_contracts.reading.markdown import markdown_locator

        return markdown_locator(document)
    return _yaml_locator(document) if document.syntax == "yaml" else partial(_locate_json, text)


def _yaml_locator(document: Document) -> Callable[[Path], Spans]:
    from srcos_contracts.reading.yaml_text import parse_yaml, spans_in

    node = parse_yaml(document)
    return lambda path: ((0, 1), None) if node is None or isinstance(node, Finding) else spans_in(node, path)


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
        if _text_of(key[0]) == name:
            return value, key.span()
        index = _next(text, _end(text, value))
        if text[index] == "}":
            return None
        index = _next(text, index + 1)
    return None


def _text_of(string: str) -> str:
    return str(json.loads(string)) if "\\" in string else string[1:-1]


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
