"""JSON Pointers (RFC 6901): text to tokens and back, and the value that one leads to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["ABSENT", "Path", "Token", "format_pointer", "lookup", "parse_pointer"]

Token = str | int
Path = tuple[Token, ...]


class _Absent:
    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT = _Absent()
"""What `lookup` gives where a pointer leads nowhere; JSON has no such value."""


def format_pointer(path: Iterable[Token]) -> str:
    """`("a/b", 0)` as `/a~1b/0`; the empty path is the empty pointer, the whole document."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in path)


def parse_pointer(pointer: str) -> tuple[str, ...]:
    """The reference tokens of a pointer, all as text.

    Raises ValueError where the text is not a JSON Pointer (RFC 6901, section 3).
    """
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise ValueError(f"a JSON Pointer is empty or begins with '/': {pointer!r}")
    return tuple(token.replace("~1", "/").replace("~0", "~") for token in pointer[1:].split("/"))


def lookup(value: Any, path: Iterable[Token]) -> Any:
    """The value at `path`, or ABSENT. A text token indexes an array where it is a number (RFC 6901, section 4)."""
    for token in path:
        if isinstance(value, dict):
            if token not in value:
                return ABSENT
            value = value[token]
        elif isinstance(value, list):
            if isinstance(token, str):
                if not (token.isascii() and token.isdigit()):
                    return ABSENT
                token = int(token)
            if token >= len(value):
                return ABSENT
            value = value[token]
        else:
            return ABSENT
    return value
