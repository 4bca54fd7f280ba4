"""How values and lists of words are put into sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

__all__ = ["a_kind", "amount", "cut", "in_unicode", "is_whole", "join_words", "kind", "listed", "nearest", "quoted", "show"]

_WIDTH = 60
_COMPARED = 100
"""Characters of a word that is looked for: to compare long ones takes long."""


def cut(text: str, width: int = _WIDTH) -> str:
    """`text`, with its middle left out where it is longer than `width` characters."""
    if len(text) <= width:
        return text
    half = (width - 3) // 2
    return text[: width - 3 - half] + "..." + text[-half:]


def amount(number: int, noun: str) -> str:
    """So many of something: `1 file`, `2,000 files`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def in_unicode(name: str) -> str:
    """A file's name as text that every encoding has: bytes in it that are no UTF-8 stand as escapes, as in `caf\\xe9.json`."""
    try:
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    except UnicodeEncodeError:
        return name.encode("utf-8", "backslashreplace").decode("utf-8")


def quoted(text: str, width: int = _WIDTH) -> str:
    """`text` cut short, as it stands between the quotes of a JSON string: on one line, whatever it holds."""
    shown = cut(text, width)
    return shown if shown.isascii() and shown.isprintable() and '"' not in shown and "\\" not in shown else _encoded(shown)


def _encoded(text: str) -> str:
    escapes = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return "".join(escapes.get(character, character) for character in text)


def show(value: Any) -> str:
    """A value as short JSON on one line. Other control characters stay as they are: whoever prints a sentence escapes it."""
    if isinstance(value, str):
        return '"' + quoted(value) + '"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, dict):
        return "{}" if not value else "{" + cut(", ".join(f'"{quoted(str(key), 20)}"' for key in list(value)[:8])) + "}"
    if isinstance(value, (list, tuple)):
        return cut("[" + ", ".join(show(item) for item in value[:8]) + (", ..." if len(value) > 8 else "") + "]")
    if isinstance(value, (int, float, Decimal)):
        return cut(str(value))
    return cut(repr(value))


def kind(value: Any) -> str:
    """The JSON Schema name of a value's type; a number without a fraction is an integer."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, str):
        return "string"
    if isinstance(value, dict):
        return "object"
    if isinstance(value, (list, tuple)):
        return "array"
    return "integer" if is_whole(value) else "number"


def is_whole(value: int | float | Decimal) -> bool:
    """Whether a number has no fraction: what JSON Schema calls an integer, however it is written."""
    if isinstance(value, Decimal):
        # Neither of the two depends on a precision, as % does: numbers are exact here, however long they are.
        return value == value.to_integral_value()
    return isinstance(value, int) or value.is_integer()


def a_kind(name: str) -> str:
    """A type's name with its article: `an array`, `null`."""
    if name == "null":
        return name
    return ("an " if name[0] in "aeio" else "a ") + name


def listed(names: Sequence[str], most: int = 5) -> str:
    """The first of some names, and how many more there are."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most:,} more"


def nearest(word: str, known: Iterable[str], least: float) -> str | None:
    """The known word that comes nearest to what may be one misspelt, if any is as like it as `least`, by difflib's ratio from 0 to 1."""
    import difflib

    close = difflib.get_close_matches(word[:_COMPARED], known, 1, least)
    return close[0] if close else None


def join_words(words: Sequence[str], last: str = "or", most: int = 12) -> str:
    """`a, b or c`; past `most` words, how many more there are."""
    if len(words) > most:
        return ", ".join(words[:most]) + f" ({len(words) - most} more)"
    if len(words) <= 1:
        return "".join(words)
    return ", ".join(words[:-1]) + f" {last} {words[-1]}"
