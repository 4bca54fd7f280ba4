"""Where many values stand in one JSON text: the work of `reading.locate`, in a single pass."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable

from srcos_contracts.pointer import Path, Token
from srcos_contracts.reading.locate import Spans

__all__ = ["Lines", "spans_of"]

_TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)


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
        token = match[0]
        if token in "{[":
            open_values.append((match.start(), path, key))
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
            name = json.loads(token)
            path, key = (*open_values[-1][1], name), match.span()
        elif path in wanted:
            found[path] = match.span(), key
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
