"""JSON text in which numbers stand as exactly as they were read, and members in the order in which they were."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

__all__ = ["exact_text"]


def exact_text(value: Any, indent: str | None = None, ascii: bool = True) -> str:
    """A JSON value as text: on one line, or, where there is an `indent`, with a line for each member and item.

    Only ASCII for programs, because many a reader of lines takes U+2028 for the end of one; for people, the characters themselves.
    """
    return _text(value, indent, "\n", ascii)


def _text(value: Any, indent: str | None, newline: str, ascii: bool) -> str:
    inner = newline + (indent or "")
    if isinstance(value, dict):
        return _enclosed(
            "{",
            "}",
            [f"{json.dumps(name, ensure_ascii=ascii)}: {_text(member, indent, inner, ascii)}" for name, member in value.items()],
            indent,
            newline,
        )
    if isinstance(value, (list, tuple)):
        return _enclosed("[", "]", [_text(item, indent, inner, ascii) for item in value], indent, newline)
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=ascii, allow_nan=False)


def _enclosed(opening: str, closing: str, parts: Sequence[str], indent: str | None, newline: str) -> str:
    if indent is None or not parts:
        return opening + ", ".join(parts) + closing
    inner = newline + indent
    return opening + inner + f",{inner}".join(parts) + newline + closing
