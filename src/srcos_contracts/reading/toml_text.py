"""TOML 1.0: one text to its value, with the place of everything in it, or to the refusal that says where it is no TOML.

The standard library reads the values and tells no places, so a text that it has taken is gone through once more for those.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path
from srcos_contracts.reading.document import Spans, line_and_column
from srcos_contracts.reading.limits import MAX_DEPTH, MAX_INTEGER_DIGITS
from srcos_contracts.refusal import Refusal

__all__ = ["Toml", "TomlFault", "parse_toml"]

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_STRING = re.compile(r'"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\]|\\.)*"|\'[^\']*\'', re.DOTALL)
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_OTHER = re.compile(r"\d{4}-\d\d-\d\d[ Tt]\d\d:[^\s,\]}#]*|[^\s,\]}#]+")

_TOKEN = re.compile(_STRING.pattern + r"|#[^\n]*|[\[\]{}.=,\n]", re.DOTALL)
_LONG_NUMBER = re.compile(rf"[0-9](?:_?[0-9]){{{MAX_INTEGER_DIGITS},}}")

_Named = tuple[str, tuple[int, int]]


class TomlFault(Refusal):
    """A text that is no TOML."""

    def __init__(self, file: str, line: int, column: int, message: str) -> None:
        super().__init__(file, line, column, message)
        self.file, self.line, self.column, self.message = file, line, column, message

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class Toml(NamedTuple):
    """What a text says, and where."""

    value: dict[str, Any]
    """Tables are dicts, arrays lists; dates and times are those of `datetime`."""
    text: str
    spans: Mapping[Path, Spans]
    """Of every table, array and value but the whole, the span of the value and of the last part of its key. Of a table with a header
    that is both the header's."""

    def place(self, path: Path, at_key: bool = False) -> tuple[int, int]:
        """Line and column of what stands at `path`, or of the nearest that it would be in. `at_key` is where its key begins."""
        for length in range(len(path), 0, -1):
            found = self.spans.get(path[:length])
            if found is not None:
                value, key = found
                return line_and_column(self.text, key[0] if key is not None and at_key and length == len(path) else value[0])
        return 1, 1


def parse_toml(file: str, content: bytes) -> Toml:
    """The value of a file's content. `file` is how messages name it.

    Raises TomlFault where it is not TOML, not UTF-8, or lies too deep within itself.
    """
    if content.startswith(b"\xef\xbb\xbf"):
        raise TomlFault(file, 1, 1, "the file begins with a byte order mark: write it as UTF-8 without one")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        raise TomlFault(file, *line_and_column(before, len(before)), "this is not UTF-8: write the file as UTF-8 text") from error
    deep = _too_deep(text)
    if deep is not None:
        raise TomlFault(file, *line_and_column(text, deep), f"arrays and tables lie more than {MAX_DEPTH} deep within one another")
    try:
        value = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _explained(file, text, str(error)) from error
    except ValueError as error:
        # The interpreter's own bound on what it converts.
        long = _LONG_NUMBER.search(text)
        place = line_and_column(text, long.start() if long else 0)
        raise TomlFault(file, *place, f"a number has more than {MAX_INTEGER_DIGITS} digits") from error
    return Toml(value, text, _Scan(text).spans())


def _too_deep(text: str) -> int | None:
    """Where values or the parts of a key lie deeper than the bound, if any do: the time to read them grows with its square, and more."""
    if max(text.count("[") + text.count("{"), text.count(".")) <= MAX_DEPTH:
        return None
    depth = parts = 0
    for match in _TOKEN.finditer(text):
        token = match[0]
        parts = parts + 1 if token == "." else parts if len(token) > 1 else 0
        if token in "[{":
            depth += 1
        elif token in "]}":
            depth -= 1
        if max(depth, parts) > MAX_DEPTH:
            return match.start()
    return None


def _explained(file: str, text: str, message: str) -> TomlFault:
    at = _AT.search(message)
    if at is None:
        return TomlFault(file, 1, 1, f"this is not TOML: {message}")
    line, column = (int(at[1]), int(at[2])) if at[1] else line_and_column(text, len(text))
    said = message[: at.start()]
    return TomlFault(file, line, column, f"this is not TOML: {said[:1].lower()}{said[1:]}")


class _Scan:
    """Goes through a text that is TOML, and notes where everything stands."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._spans: dict[Path, Spans] = {}
        self._counts: dict[Path, int] = {}
        """Of each array of tables, the index of the last one that has begun."""

    def spans(self) -> dict[Path, Spans]:
        table: Path = ()
        index = self._blank(0)
        while index < len(self._text):
            if self._text[index] == "[":
                table, index = self._header(index)
            else:
                index = self._member(index, table)
            index = self._blank(index)
        return self._spans

    def _header(self, index: int) -> tuple[Path, int]:
        start, many = index, self._text.startswith("[[", index)
        names, index = self._key(index + 1 + many)
        index += 1 + many
        path: Path = ()
        for position, (name, span) in enumerate(names):
            path = (*path, name)
            if position < len(names) - 1 or not many:
                self._spans.setdefault(path, ((start, index), span))
                path = (*path, self._counts[path]) if path in self._counts else path
            else:
                self._spans.setdefault(path, ((start, index), span))
                self._counts[path] = self._counts.get(path, -1) + 1
                path = (*path, self._counts[path])
                self._spans[path] = (start, index), span
        return path, index

    def _member(self, index: int, table: Path) -> int:
        names, index = self._key(index)
        path = table
        for name, span in names[:-1]:
            path = (*path, name)
            self._spans.setdefault(path, (span, span))
        name, span = names[-1]
        return self._value(self._space(index + 1), (*path, name), span)

    def _key(self, index: int) -> tuple[list[_Named], int]:
        """The parts of a key, and where it and the white space after it end."""
        names: list[_Named] = []
        while True:
            index = self._space(index)
            match = _NAME.match(self._text, index) or _STRING.match(self._text, index)
            assert match is not None, "the text has been read as TOML before"
            names.append((_name_of(match[0]), match.span()))
            index = self._space(match.end())
            if self._text[index] != ".":
                return names, index
            index += 1

    def _value(self, start: int, path: Path, key: tuple[int, int] | None) -> int:
        opening = self._text[start]
        if opening == "[":
            end = self._items(start + 1, path)
        elif opening == "{":
            end = self._inline(start + 1, path)
        else:
            match = _STRING.match(self._text, start) or _OTHER.match(self._text, start)
            assert match is not None, "the text has been read as TOML before"
            end = match.end()
        self._spans[path] = (start, end), key
        return end

    def _items(self, index: int, path: Path) -> int:
        for position in _numbers():
            index = self._blank(index)
            if self._text[index] == "]":
                break
            index = self._blank(self._value(index, (*path, position), None))
            index += self._text[index] == ","
        return index + 1

    def _inline(self, index: int, path: Path) -> int:
        index = self._blank(index)
        while self._text[index] != "}":
            index = self._blank(self._member(index, path))
            index += self._text[index] == ","
            index = self._blank(index)
        return index + 1

    def _blank(self, index: int) -> int:
        match = _BLANK.match(self._text, index)
        return match.end() if match else index

    def _space(self, index: int) -> int:
        match = _SPACE.match(self._text, index)
        return match.end() if match else index


def _numbers() -> Iterator[int]:
    number = 0
    while True:
        yield number
        number += 1


def _name_of(raw: str) -> str:
    if raw[0] not in "\"'":
        return raw
    return str(tomllib.loads(f"name = {raw}")["name"]) if "\\" in raw else raw[1:-1]
