"""Numbers and texts that have a chance of being what a leaf demands: whoever uses one checks it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice, pairwise
from typing import Any

from srcos_contracts.compat.goals import Leaf, Literal, stated
from srcos_contracts.compat.samples import FORMS, NEAR_MISSES, SAMPLES
from srcos_contracts.compat.words import words
from srcos_contracts.wording import is_whole

__all__ = ["LONGEST", "is_number", "numbers", "respelt", "texts"]

_PLAIN_TEXTS = ("a", "", "b", "0", "A", " ", "é", "\U0001f600", "a b", "x-a", "2026-01-01T00:00:00Z", "zzz", "\n")
_PLAIN_NUMBERS = (0, 1, -1, 2, 3, 5, 7, 10, 100, -2, -10, 1000000)
_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
_MOST_WORDS = 6
LONGEST = 200_000
_LONGEST_WORD = 5_000
_EXACT = 2**53
_HALF = Decimal("0.5")


def _values(literals: Sequence[Literal], *keywords: str) -> list[Any]:
    return [literal.value for literal in literals if literal.keyword in keywords]


def is_number(value: Any) -> bool:
    """Whether a value is a number that can be reckoned with: one past all doubles is only good as it stands."""
    if isinstance(value, (float, Decimal)):
        return math.isfinite(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _exact(number: float | Decimal) -> int | Decimal:
    """The number that a text means, as an engine that knows no doubles reads it."""
    return Decimal(repr(number)) if isinstance(number, float) else number


def numbers(leaf: Leaf, hint: Any, fractional: bool) -> Iterator[Any]:
    """Numbers at and beside every bound, multiples near them, and plain ones; `fractional` ones, or whole ones."""
    both = (*leaf.yes, *leaf.no)
    bounds = [value for value in _values(both, *_BOUNDS) if is_number(value)]
    steps = [_exact(value) for value in _values(both, "multipleOf") if is_number(value) and value > 0]
    constants = [value for literal in both for value in stated(literal) if is_number(value)]
    given = [*([hint] if is_number(hint) else []), *bounds, *constants, 0]
    centres = [_exact(value) for value in given]
    found: list[Any] = list(given)
    for centre in centres:
        found += [centre + 1, centre - 1, centre + _HALF, centre - _HALF]
        for step in steps:
            ratio = Decimal(centre) / step
            nearest = math.floor(ratio) if abs(ratio) < _EXACT else 0
            found += [nearest * step, (nearest + 1) * step, (nearest - 1) * step, (nearest + 2) * step, nearest * step + step * _HALF]
    # Two bounds may be nearer to each other than all of these.
    found += [(low + high) * _HALF for low, high in pairwise(sorted({*centres}))]
    product: Any = 1
    for step in steps:
        product = product * step
        found += [product, 2 * product, -product, 3 * step, step * _HALF]
    found += [*_PLAIN_NUMBERS, _HALF, 1 + _HALF, -_HALF]
    seen: set[Any] = set()
    for value in found:
        whole = isinstance(value, int) or value == math.floor(value)
        if whole is fractional or value in seen:
            continue
        seen.add(value)
        yield int(value) if whole and abs(value) < _EXACT else value
    if not fractional:
        yield from (float(value) for value in (1, 0, *given) if abs(value) < _EXACT and value == math.floor(value))
        yield from (1e308, -1e308)


def respelt(value: Any, fraction: bool) -> Any:
    """A value with all its whole numbers written with a fraction of zero, or without one."""
    if isinstance(value, dict):
        return {name: respelt(member, fraction) for name, member in value.items()}
    if isinstance(value, list):
        return [respelt(item, fraction) for item in value]
    if not is_number(value) or not is_whole(value):
        return value
    return Decimal(f"{int(value)}.0") if fraction else int(value)


def texts(leaf: Leaf, hint: Any) -> Iterator[str]:
    """The hint, texts with the formats and near misses of them, texts out of the patterns, texts at the bounds of length."""
    seen: set[str] = set()
    for text in _texts(leaf, hint):
        if text not in seen and len(text) <= LONGEST:
            seen.add(text)
            yield text


def _texts(leaf: Leaf, hint: Any) -> Iterator[str]:
    matched = [value for value in _values(leaf.yes, "pattern") if isinstance(value, str)]
    unmatched = [value for value in _values(leaf.no, "pattern") if isinstance(value, str)]
    least, most = _lengths(leaf)
    if isinstance(hint, str):
        yield hint
        yield from _edits(hint, least, most)
    had, missed = _values(leaf.yes, "format"), _values(leaf.no, "format")
    for name in missed:
        yield from NEAR_MISSES.get(name, ())
    for name in had:
        yield from SAMPLES.get(name, ())
    if least > _LONGEST_WORD:
        yield "a" * min(least, LONGEST)
    forms = [FORMS[name] for name in had if name in FORMS]
    if forms:
        yield from islice(words([*matched, *forms], unmatched, min(least, _LONGEST_WORD), most), _MOST_WORDS)
    yield from islice(words(matched, unmatched, min(least, _LONGEST_WORD), most), _MOST_WORDS)
    for name in (*had, *missed):
        yield from (*SAMPLES.get(name, ()), *NEAR_MISSES.get(name, ()))
    yield from (text for literal in (*leaf.yes, *leaf.no) for text in stated(literal) if isinstance(text, str))
    if had:
        yield from (text for name in SAMPLES for text in (*SAMPLES[name], *NEAR_MISSES[name]))
    yield from _PLAIN_TEXTS
    # A text with a format that is not long enough, or too long, is drawn out or cut.
    for text in ("a", *(text for name in had for text in SAMPLES.get(name, ()))):
        yield from _drawn_out(text, least)
    if unmatched and matched:
        yield from islice(words(matched, (), min(least, _LONGEST_WORD), most), _MOST_WORDS)


def _edits(text: str, least: int, most: int | None) -> Iterator[str]:
    yield from (text + "a", text[:-1], text[1:], "a" + text, text + " ", text + "\n", text.upper(), text.lower())
    if len(text) < least:
        yield from _drawn_out(text, least)
    if most is not None and len(text) > most:
        yield text[:most]


def _drawn_out(text: str, least: int) -> Iterator[str]:
    missing = least - len(text)
    if 0 < missing <= LONGEST:
        yield text + (text[-1:] or "a") * missing
        yield text + "a" * missing
        yield "a" * missing + text
        head, at, host = text.partition("@")
        if at:
            yield head + "a" * missing + at + host


def _lengths(leaf: Leaf) -> tuple[int, int | None]:
    """Between which lengths the text must be."""
    least = [int(value) for value in _values(leaf.yes, "minLength") if is_number(value)]
    least += [int(value) + 1 for value in _values(leaf.no, "maxLength") if is_number(value)]
    most = [int(value) for value in _values(leaf.yes, "maxLength") if is_number(value)]
    most += [int(value) - 1 for value in _values(leaf.no, "minLength") if is_number(value)]
    return max([0, *least]), min(most, default=None)
