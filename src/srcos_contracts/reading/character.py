"""Where in a file a character of a string stands, past quotes, escapes and indentation."""

from __future__ import annotations

import re

__all__ = ["character_at"]

_JSON_PIECE = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|[^\\]++")
_BLOCK_HEADER = re.compile(r"\|[^\r\n]*(?:\r\n|\n|\r)")


def character_at(text: str, span: tuple[int, int], value: str, offset: int, json: bool) -> int | None:
    """The place in `text` of the character at `offset` in the string `value`, which is written at `span`.

    None where the writing does not show it, as in YAML text that is folded. `json` says that it is a JSON string.
    """
    start, end = span
    if json:
        return _in_json(text, start + 1, offset)
    written = start + (text[start : start + 1] in ("'", '"'))
    if text.startswith(value, written):
        return written + offset
    header = _BLOCK_HEADER.match(text, start)
    return _in_block(text, header.end(), end, value, offset) if header else None


def _in_json(text: str, at: int, offset: int) -> int:
    for piece in _JSON_PIECE.finditer(text, at):
        length = 1 if piece[0][0] == "\\" else len(piece[0])
        if offset < length:
            return piece.start() + offset
        offset -= length
    return at


def _in_block(text: str, at: int, end: int, value: str, offset: int) -> int | None:
    """In a YAML literal, whose lines are those of the value, each behind the same indentation."""
    line = value.count("\n", 0, offset)
    for _ in range(line):
        at = text.find("\n", at) + 1
        if not 0 < at < end:
            return None
    line_start = value.rfind("\n", 0, offset) + 1
    written = text[at:].split("\n", 1)[0].removesuffix("\r")
    wanted = value[line_start:].split("\n", 1)[0]
    return at + len(written) - len(wanted) + offset - line_start if written.endswith(wanted) else None
