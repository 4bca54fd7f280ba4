"""JSON text in which numbers stand as exactly as they were read, and members in the order in which they were."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

__all__ = ["exact_text"]


def exact_text(value: Any, indent: str | None = None) -> str:
    """A JSON value as ASCII text: on one line, or, where there is an `indent`, with a line for each member and item.

    Only ASCII, because many a reader of lines takes U+2028 for the end of one.
    """
    return _text(value, indent, "\n")


def _text(value: Any, indent: str | None, newline: str) -> str:
    inner = newline + (indent or "")
    if isinstance(value, dict):
        return _enclosed(
            "{", "}", [f"{json.dumps(name)}: {_text(member, indent, inner)}" for name, member in value.items()], indent, newline
        )
    if isinstance(value, list):
        return _enclosed("[", "]", [_text(item, indent, inner) for item in value], indent, newline)
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, allow_nan=False)


def _enclosed(opening: str, closing: str, parts: Sequence[str], indent: str | None, newline: str) -> str:
    if indent is None or not parts:
        return opening + ", ".join(parts) + closing
    inner = newline + indent
    return opening + inner + f",{inner}".join(parts) + newline + closing
