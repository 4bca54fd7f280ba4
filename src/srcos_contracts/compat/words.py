"""Texts that some patterns match and others do not, the shortest first, for whoever can check them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from srcos_contracts.compat.language import TooLarge, Unreadable, shortest

__all__ = ["words"]

_APPROXIMATED = (
    (re.compile(r"\(\?<?[=!](?:[^()\\]|\\.)*\)|\\[bB]"), ""),
    (re.compile(r"\\p\{(?:[^}]*=)?(?:N|Nd)\}"), "[0-9]"),
    (re.compile(r"\\p\{(?:[^}]*=)?(?:Lu)\}"), "[A-Z]"),
    (re.compile(r"\\p\{(?:[^}]*=)?(?:L|Ll|Letter|Alphabetic)\}"), "[a-z]"),
    (re.compile(r"\\P\{[^}]*\}"), "[!-/]"),
)
"""What automata do not know, and what stands for it: the text that comes of it is checked."""

_MOST = 12


def words(matched: Sequence[str], unmatched: Sequence[str] = (), least: int = 0, most: int | None = None) -> Iterator[str]:
    """Texts of `least` to `most` characters that are likely to match all of the first patterns and none of the others.

    None at all where a pattern cannot be read, or is too large.
    """
    sides = [frozenset(map(_approximated, patterns)) for patterns in (matched, unmatched)]
    found: list[str] = []
    while len(found) < _MOST:
        known = (f"^{re.sub('([^A-Za-z0-9 _-])', _escaped, text)}$" for text in found)
        try:
            text = shortest(sides[0], sides[1].union(known), least, most)
        except (Unreadable, TooLarge):
            return
        if text is None:
            return
        found.append(text)
        yield text


@lru_cache(maxsize=512)
def _approximated(pattern: str) -> str:
    for unknown, known in _APPROXIMATED:
        pattern = unknown.sub(known, pattern)
    return pattern


def _escaped(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 0x10000 else match[0]
