"""Names of resources within others, as RFC 3986 joins them."""

from __future__ import annotations

from urllib.parse import urljoin

import pytest

from srcos_contracts.contracts.resources import joined

_BASES = ("https://schemas.srcos.ai/Thing/0.1.0.json", "http://example.org", "urn:srcos:schema:thing", "thing.json", "", "https://[::1/")
_NAMES = (
    "https://schemas.srcos.ai/defs/urn/1.0.0.json",
    "http://example.org",
    "https://example.org/a/../b/./c",
    "https://example.org/a//b",
    "https://example.org/a?",
    "https://example.org/a?q=1",
    "https://example.org/a#",
    "https://example.org/a#b",
    "https://example.org/a;",
    "https://example.org/a b",
    "https://example.org/a\tb",
    "https://example.org/\u00e9",
    "https://[::1]/a",
    "https://[::1/a",
    "https://user@example.org:80/a",
    "https://",
    "https:///a",
    "https:a",
    "HTTPS://example.org/a",
    "urn:srcos:schema:other",
    "other.json",
    "/other.json",
    "//example.com/a",
    "#a",
    "",
)


@pytest.mark.parametrize("base", _BASES)
@pytest.mark.parametrize("name", _NAMES)
def test_a_name_is_joined_as_the_standard_library_does(base: str, name: str) -> None:
    try:
        expected = urljoin(base, name).removesuffix("#")
    except ValueError:
        expected = name
    assert joined(base, name) == expected
