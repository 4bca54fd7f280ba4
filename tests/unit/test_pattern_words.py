"""Why a text does not fit a pattern, in words."""

from __future__ import annotations

import pytest

from srcos_contracts.contracts.engine import matcher
from srcos_contracts.contracts.pattern_words import misfit


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        (r"\S", "", "is empty"),
        (r"\S", " \t", "is blank"),
        (r"[^\s]", " ", "is blank"),
        (r"^\S+$", "a b", 'has " ", and is to have no white space'),
        (r"^[^0-9][a-z]*$", "1", ""),
        (r"^[^,*]*$", "a,b", 'has ",", and is to have no "," or "*"'),
        (r"^[^\s\x00-\x1f]+$", "", "is empty"),
        (r"^[^\s\x00-\x1f]+$", "a\tb", 'has "\\t", and is to have no white space or control characters'),
        (r"^[a-z0-9._-]+$", "aB", 'has "B", and is to have only lower-case letters, digits, ".", "_" and "-"'),
        (r"^[a-z][a-z0-9_]*$", "Merged", 'begins with "M", and is to begin with one of the lower-case letters'),
        (r"^[a-z][a-z0-9_]*$", "a b", 'has " ", and is to have only lower-case letters, digits and "_"'),
        (r"^[a-z][a-z0-9_]*$", "", "is empty"),
        (r"^sha256:[0-9A-Fa-f]{64}$", "sha1:", 'is not "sha256:", then 64 of the hex digits'),
        (r"^\d{1,3}\.\d+$", "1", 'is not 1 to 3 of the digits, then ".", then at least one of the digits'),
        (r"^v[0-9]{2,}$", "v1", 'is not "v", then at least 2 of the digits'),
        (r"^v[A-Za-z]?[0-9]$", "v", 'is not "v", then at most one of the letters, then one of the digits'),
        (r"^urn:", "x", 'does not begin with "urn:"'),
        (r"\.json$", "x", 'does not end with ".json"'),
        (r"a\+b", "x", 'does not contain "a+b"'),
        (r"^(?:low|high)$", "mid", "is not low or high"),
        (r"^(low|mid|high)$", "x", "is not low, mid or high"),
        (r"^(?:a+|b)$", "x", ""),
        (r"^(?=a)", "x", ""),
        (r"a|b", "x", ""),
        (r"^a.c$", "x", ""),
        (r"^\bx$", "y", ""),
        (r"a\$", "x", 'does not contain "a$"'),
        (r"^[^a]b$", "x", ""),
        (r"ab*", "x", ""),
        (r"^", "x", ""),
    ],
)
def test_a_simple_pattern_is_said_and_no_other(pattern: str, text: str, expected: str) -> None:
    assert misfit(pattern, text) == expected
    assert not matcher(pattern)(text) or pattern == "^"
