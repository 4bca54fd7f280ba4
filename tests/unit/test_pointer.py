"""JSON Pointers as RFC 6901 has them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srcos_contracts.pointer import ABSENT, format_pointer, lookup, parse_pointer

# The document and the table of RFC 6901, section 5.
DOCUMENT: dict[str, Any] = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8}


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        ("", DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_the_examples_of_the_rfc(pointer: str, value: Any) -> None:
    assert lookup(DOCUMENT, parse_pointer(pointer)) == value
    assert format_pointer(parse_pointer(pointer)) == pointer


@pytest.mark.parametrize("pointer", ["/foo/2", "/foo/-", "/foo/bar", "/nope", "/foo/0/x", "/foo/٠"])
def test_a_pointer_that_leads_nowhere(pointer: str) -> None:
    assert lookup(DOCUMENT, parse_pointer(pointer)) is ABSENT


def test_what_is_no_pointer() -> None:
    with pytest.raises(ValueError, match="begins with '/'"):
        parse_pointer("foo")


@given(st.lists(st.text()))
def test_tokens_survive_the_way_there_and_back(tokens: list[str]) -> None:
    assert parse_pointer(format_pointer(tokens)) == tuple(tokens)
