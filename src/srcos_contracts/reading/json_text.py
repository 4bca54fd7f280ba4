"""Strict JSON (RFC 8259): one text to one value, or to the finding that says where it is not JSON.

Stricter than most parsers where they disagree with each other: no duplicate keys, no NaN, no lone surrogates, no byte order
mark, bounded depth. Numbers stay exact.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from jiter import from_json

from srcos_contracts.finding import Finding
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.limits import LARGE_BYTES, MAX_DEPTH, MAX_RECORD_BYTES

__all__ = ["decode", "parse_json"]

decode: Callable[[bytes], Any] = partial(from_json, catch_duplicate_keys=True, allow_inf_nan=False, float_mode="decimal", cache_mode="keys")
"""The value of a JSON text no larger than a record may be. Raises ValueError, which `json_fault.explain` turns into a finding."""


def parse_json(document: Document) -> Any | Finding:
    """The value of a JSON text, or the one finding that keeps it from having one. Never raises."""
    text = document.text
    if len(text) > MAX_RECORD_BYTES:
        from srcos_contracts.reading.json_fault import too_large

        return too_large(document)
    if len(text) > LARGE_BYTES:
        from srcos_contracts.reading.json_fault import too_much

        much = too_much(document)
        if much is not None:
            return much
    try:
        value = decode(text)
    except ValueError as error:
        from srcos_contracts.reading.json_fault import explain

        return explain(document, str(error))
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH:
        from srcos_contracts.reading.json_fault import too_deep

        return too_deep(document) or value
    return value
