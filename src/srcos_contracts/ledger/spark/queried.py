"""Records as Spark is to query them: its JSON functions write some numbers otherwise than the record, and than DuckDB, does."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from srcos_contracts.ledger.pages import doc_of

__all__ = ["queried", "written"]

_MAY_HAVE = re.compile(rb"[:,\[]\s*-?[0-9]+[.eE]")
_PLAIN_DIGITS = 15
"""Doubles of no more digits are written alike everywhere, where they need no exponent."""


def queried(value: Any, text: bytes | None) -> bytes:
    """The JSON of a record in which numbers that Spark would write otherwise stand as texts; `text` itself where there are none."""
    written_out = doc_of(value) if text is None else text
    if _MAY_HAVE.search(written_out) is None:
        return written_out
    spelt = _spelt(value)
    return written_out if spelt is value else json.dumps(spelt, default=float).encode("utf-8")


def _spelt(value: Any) -> Any:
    """The same value where nothing in it is written otherwise."""
    if isinstance(value, dict):
        members = {name: _spelt(member) for name, member in value.items()}
        return members if any(members[name] is not member for name, member in value.items()) else value
    if isinstance(value, list):
        items = [_spelt(item) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if isinstance(value, Decimal):
        number = float(value)
        plain = (number == 0 or 1e-3 <= abs(number) < 1e7) and len(value.as_tuple().digits) <= _PLAIN_DIGITS
        return value if plain else written(value)
    return value


def written(number: Decimal) -> str:
    """A number with a fraction or an exponent as DuckDB writes it: the shortest form of the nearest double."""
    double = float(number)
    if double in (float("inf"), float("-inf")):
        # What is no double is left as it is written.
        return str(number).replace("E+", "e").replace("E", "e")
    _, digits, exponent = Decimal(repr(double)).normalize().as_tuple()
    assert isinstance(exponent, int)
    sign = "-" if double < 0 or repr(double).startswith("-") else ""
    text = "".join(map(str, digits))
    point = len(text) + exponent
    if not double:
        return f"{sign}0.0"
    if len(text) <= point <= 21:
        return f"{sign}{text}{'0' * (point - len(text))}.0"
    if 0 < point <= 21:
        return f"{sign}{text[:point]}.{text[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{text}"
    return f"{sign}{text[0]}{'.' if text[1:] else ''}{text[1:]}e{point - 1}"
