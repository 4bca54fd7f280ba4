"""What a record says, however it is written: the digest by which a record is known again in another state of a tree."""

from __future__ import annotations

import json
from base64 import b64encode
from decimal import Decimal
from hashlib import sha256
from typing import Any

__all__ = ["content_of"]

_DIGITS = 400
"""Whole numbers of more digits stay decimals: 1e999999999 is short only as it is written."""

_PLACE = float("nan")


def content_of(value: Any) -> str:
    """The SHA-256 of a JSON value, in Base64 without padding. White space, the order of members, escapes and the way in which a number
    is written make no difference; every digit of a number does, which is why this is not the RFC 8785 form.
    """
    decimals: list[str] = []

    def plain(number: object) -> int | float:
        if isinstance(number, Decimal) and number.adjusted() < _DIGITS and number == number.to_integral_value():
            return int(number)
        # Its place is taken by what no JSON value is written as, and what it is stands apart.
        decimals.append(_exact(number) if isinstance(number, Decimal) else str(number))
        return _PLACE

    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=plain)
    return b64encode(sha256("\n".join((text, *decimals)).encode()).digest()).decode().rstrip("=")


def _exact(number: Decimal) -> str:
    # Decimal.normalize() would round to the digits of the context.
    sign, digits, exponent = number.as_tuple()
    written = "".join(map(str, digits))
    shorter = written.rstrip("0")
    return f"{'-' * sign}{shorter}e{int(exponent) + len(written) - len(shorter)}"
