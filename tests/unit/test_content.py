"""What makes two records the same, and what does not."""

from __future__ import annotations

import pytest

from srcos_contracts.ledger.content import content_of
from srcos_contracts.reading.json_text import decode


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a": 1, "b": [true, null]}', b'{"b":[true,null],\n "a":1}'),
        (b'{"a": "\\u0041"}', b'{"a": "A"}'),
        (b'{"a": 1.0}', b'{"a": 1}'),
        (b'{"a": 1e2}', b'{"a": 100.00}'),
        (b'{"a": 0.10}', b'{"a": 1e-1}'),
        (b'{"a": 1e999999999}', b'{"a": 10e999999998}'),
    ],
)
def test_how_a_record_is_written_makes_no_difference(one: bytes, other: bytes) -> None:
    assert content_of(decode(one)) == content_of(decode(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b'{"a": 1}', b'{"a": "1"}'),
        (b'{"a": 1}', b'{"a": true}'),
        (b'{"a": 0.1}', b'{"a": "NaN"}'),
        (b'{"a": 0.1, "b": 0.2}', b'{"a": 0.2, "b": 0.1}'),
        (b'{"a": 0.1, "b": "NaN"}', b'{"a": "NaN", "b": 0.1}'),
        (b'{"a": 0.1234567890123456789012345678901}', b'{"a": 0.1234567890123456789012345678902}'),
        (b'{"a": 12345678901234567890123}', b'{"a": 12345678901234567890124}'),
        (b'{"a": -0.5}', b'{"a": 0.5}'),
        (b"[1, 2]", b"[2, 1]"),
        (b'{"a": null}', b"{}"),
    ],
)
def test_what_a_record_says_does(one: bytes, other: bytes) -> None:
    assert content_of(decode(one)) != content_of(decode(other))
