"""Text from outside made safe to show: no control characters, no terminal codes, no forged workflow commands."""

from __future__ import annotations

import unicodedata

__all__ = ["escape", "width"]

_NAMED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def escape(text: str) -> str:
    """`text` on one line, with what a terminal would obey or could not show written as an escape.

    That takes in the bidirectional controls, zero-width characters and line separators. `##[` opens a command in the logs
    of some CI services wherever it stands in a line, so it is broken up; `::` does so only at a line's start, where no
    format puts text from outside.
    """
    if text.isascii() and text.isprintable():
        safe = text
    else:
        safe = "".join(_escaped(character) for character in text)
    return safe.replace("##[", "#\\x23[")


def _escaped(character: str) -> str:
    if character in _NAMED:
        return _NAMED[character]
    if character.isprintable() and unicodedata.category(character) not in _INVISIBLE:
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:
        # A byte of a file's name that is no UTF-8, as Python holds it.
        code -= 0xDC00
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"


def width(text: str) -> int:
    """The columns that a terminal gives to escaped text: two for East Asian wide characters, none for combining marks."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
