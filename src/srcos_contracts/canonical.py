"""The canonical form of JSON (RFC 8785): the bytes that digests are taken of."""

from __future__ import annotations

from typing import Any

__all__ = ["canonical_form"]

_SAFE_INTEGER = 2**53


def canonical_form(value: Any) -> bytes:
    """The RFC 8785 form of a JSON value.

    Raises ValueError where it has none: integers past 2^53, lone surrogates, numbers that are no IEEE doubles.
    """
    if _is_simple(value):
        import json

        # The standard encoder, written in C, gives the same bytes for such values, five times as fast.
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False).encode("utf-8")
    import rfc8785

    return rfc8785.dumps(_plain(value))


def _is_simple(value: Any) -> bool:
    """Whether a value has no fractions, no integers past 2^53, and only keys whose order is that of their UTF-16 code units."""
    if isinstance(value, dict):
        return all(key.isascii() and _is_simple(member) for key, member in value.items())
    if isinstance(value, list):
        return all(_is_simple(item) for item in value)
    if isinstance(value, int):
        return -_SAFE_INTEGER < value < _SAFE_INTEGER
    return value is None or isinstance(value, str)


def _plain(value: Any) -> Any:
    # The numbers of RFC 8785 are IEEE doubles; ours are exact.
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value if value is None or isinstance(value, (str, int)) else float(value)
