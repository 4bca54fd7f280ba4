"""Patterns as trees: the part of ECMA-262 whose meaning is the same in every engine that is used here.

What is read is what the engines make of it: a dot is all but a line feed, `\\d` and `\\w` are ASCII, `\\s` is the white space of
ECMA-262. Whatever else a pattern may hold (look-around, references back, word boundaries, Unicode classes, flags) is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from srcos_contracts.named import NamedTuple

__all__ = ["LAST", "Alternatives", "Anchor", "Characters", "Range", "Repeat", "Sequence", "Tree", "Unreadable", "read_pattern"]

LAST = 0x10FFFF

Range = tuple[int, int]
"""Code points from the first to the last one, both included."""


class Unreadable(Exception):
    """A pattern holds what is not read here. Its text says what."""


class Characters(NamedTuple):
    """One character out of some ranges, which are in order and do not touch."""

    ranges: tuple[Range, ...]


class Anchor(NamedTuple):
    """The start or the end of the text."""

    at: Literal["start", "end"]


class Sequence(NamedTuple):
    """Trees that match one after another."""

    parts: tuple[Tree, ...]


class Alternatives(NamedTuple):
    """Trees of which one matches."""

    options: tuple[Tree, ...]


class Repeat(NamedTuple):
    """A tree that matches several times over."""

    body: Tree
    least: int
    most: int | None


Tree = Characters | Anchor | Sequence | Alternatives | Repeat

_SPACE: tuple[Range, ...] = (
    (0x09, 0x0D), (0x20, 0x20), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
    (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF),
)  # fmt: skip
_DIGIT: tuple[Range, ...] = ((0x30, 0x39),)
_WORD: tuple[Range, ...] = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_CLASSES = {"s": _SPACE, "d": _DIGIT, "w": _WORD}
_CONTROLS = {"t": 0x09, "n": 0x0A, "v": 0x0B, "f": 0x0C, "r": 0x0D}
_ITSELF = frozenset("^$\\.*+?()[]{}|/-")
_HEX = re.compile(r"x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}|c([A-Za-z])")
_COUNT = re.compile(r"\{(\d{1,4})(?:(,)(\d{1,4})?)?\}")
_GROUP = re.compile(r"\((?:\?:|\?P?<[A-Za-z_]\w*>)?")
_MOST_LEVELS = 60


@lru_cache(maxsize=2048)
def read_pattern(pattern: str) -> Tree:
    """The tree of a pattern, which is searched for, not matched whole. Raises Unreadable."""
    reader = _Reader(pattern)
    tree = reader.alternatives(0)
    if reader.at < len(pattern):
        raise Unreadable("a group is closed that was not opened")
    return tree


def united(*classes: tuple[Range, ...]) -> tuple[Range, ...]:
    """The characters of any of some classes."""
    merged: list[Range] = []
    for first, last in sorted(each for ranges in classes for each in ranges):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = merged[-1][0], max(last, merged[-1][1])
        else:
            merged.append((first, last))
    return tuple(merged)


def others(ranges: tuple[Range, ...]) -> tuple[Range, ...]:
    """The characters that are in none of some ranges, which are in order."""
    found: list[Range] = []
    start = 0
    for first, last in ranges:
        if first > start:
            found.append((start, first - 1))
        start = last + 1
    if start <= LAST:
        found.append((start, LAST))
    return tuple(found)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def alternatives(self, level: int) -> Tree:
        if level > _MOST_LEVELS:
            raise Unreadable("its groups are nested too deep")
        options = [self._sequence(level)]
        while self._next("|"):
            options.append(self._sequence(level))
        return options[0] if len(options) == 1 else Alternatives(tuple(options))

    def _next(self, character: str) -> bool:
        found = self.text.startswith(character, self.at)
        self.at += found
        return found

    def _sequence(self, level: int) -> Tree:
        parts: list[Tree] = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            parts.append(self._repeated(self._atom(level)))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def _repeated(self, body: Tree) -> Tree:
        least, most = self._count()
        if (least, most) == (1, 1):
            return body
        if isinstance(body, Anchor):
            raise Unreadable("an anchor is repeated")
        self._next("?")
        if self._count() != (1, 1) or self.text.startswith("{", self.at):
            raise Unreadable("a repetition is repeated")
        return Repeat(body, least, most)

    def _count(self) -> tuple[int, int | None]:
        for sign, count in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._next(sign):
                return count
        match = _COUNT.match(self.text, self.at)
        if match is None:
            return 1, 1
        self.at = match.end()
        least = int(match[1])
        most = least if match[2] is None else int(match[3]) if match[3] is not None else None
        if most is not None and most < least:
            raise Unreadable("a repetition ends before it begins")
        # {1} is no sign that could be told from none; a repetition of it is.
        return least, most

    def _atom(self, level: int) -> Tree:
        character = self.text[self.at]
        if character == "(":
            match = _GROUP.match(self.text, self.at)
            if match is None or self.text.startswith("?", match.end()):
                raise Unreadable(f"it holds {self.text[self.at : self.at + 3]}")
            self.at = match.end()
            inner = self.alternatives(level + 1)
            if not self._next(")"):
                raise Unreadable("a group is not closed")
            return inner
        if character == "[":
            return Characters(self._class())
        self.at += 1
        if character == ".":
            return Characters(others(((0x0A, 0x0A),)))
        if character == "^":
            return Anchor("start")
        if character == "$":
            return Anchor("end")
        if character == "\\":
            found = self._escape()
            return Characters(found if isinstance(found, tuple) else ((found, found),))
        if character in "*+?{}]":
            raise Unreadable(f"{character} stands alone")
        return Characters(((ord(character), ord(character)),))

    def _escape(self) -> int | tuple[Range, ...]:
        """What follows a backslash: a code point, or the ranges of a class."""
        character = self.text[self.at : self.at + 1]
        if character.lower() in _CLASSES and character:
            self.at += 1
            ranges = _CLASSES[character.lower()]
            return others(ranges) if character.isupper() else ranges
        if character in _CONTROLS:
            self.at += 1
            return _CONTROLS[character]
        match = _HEX.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
            code = ord(match[4]) % 32 if match[4] else int(match[1] or match[2] or match[3], 16)
            if 0xD800 <= code <= 0xDFFF or code > LAST:
                raise Unreadable("it names half a character")
            return code
        if not character or character not in _ITSELF:
            raise Unreadable(f"it holds \\{character}")
        self.at += 1
        return ord(character)

    def _class(self) -> tuple[Range, ...]:
        self.at += 1
        negated = self._next("^")
        found: list[tuple[Range, ...]] = []
        while not self._next("]"):
            first = self._member()
            if self.text.startswith("-", self.at) and not self.text.startswith("-]", self.at):
                self.at += 1
                last = self._member()
                if isinstance(first, tuple) or isinstance(last, tuple) or last < first:
                    raise Unreadable("a class holds a range without ends")
                found.append(((first, last),))
            else:
                found.append(first if isinstance(first, tuple) else ((first, first),))
        if not found:
            raise Unreadable("a class is empty")
        ranges = united(*found)
        return others(ranges) if negated else ranges

    def _member(self) -> int | tuple[Range, ...]:
        if self.at >= len(self.text):
            raise Unreadable("a class is not closed")
        character = self.text[self.at]
        if character == "[" or self.text[self.at : self.at + 2] in ("&&", "--", "~~"):
            raise Unreadable("a class holds what some engines take for another class")
        self.at += 1
        return self._escape() if character == "\\" else ord(character)
