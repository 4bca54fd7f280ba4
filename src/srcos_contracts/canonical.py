"""The canonical form of JSON (RFC 8785): the bytes that digests are taken of."""

from __future__ import annotations

from typing import Any

from jsonschema_rs.canonical.json import to_string

__all__ = ["canonical_form"]

_SAFE_INTEGER = 2**53


def canonical_form(value: Any) -> bytes:
    """The RFC 8785 form of a JSON value.

    Raises ValueError where it has none: integers past 2^53, lone surrogates, numbers that are no IEEE doubles.
    """
    if _is_simple(value):
        # The same bytes, many times as fast. It is no RFC 8785 elsewhere: fractions and the order of keys are its own.
        return to_string(value).encode("utf-8")
    import rfc8785

    return rfc8785.dumps(_plain(value))


def _is_simple(value: Any) -> bool:
    """Whether a value has no fractions, no integers past 2^53, and only keys whose order is that of their UTF-16 code units."""
    kind = value.__class__
    if kind is dict:
        for key, member in value.items():  # noqa: SIM110 - a generator costs as much again
            if not key.isascii() or (member.__class__ is not str and not _is_simple(member)):
                return False
        return True
    if kind is list:
        for item in value:  # noqa: SIM110
            if item.__class__ is not str and not _is_simple(item):
                return False
        return True
    if kind is int:
        return bool(-_SAFE_INTEGER < value < _SAFE_INTEGER)
    return kind is str or kind is bool or value is None


def _plain(value: Any) -> Any:
    # The numbers of RFC 8785 are IEEE doubles; ours are exact.
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, (str, int)) else float(value)
