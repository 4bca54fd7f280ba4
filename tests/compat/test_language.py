"""Texts in the languages of patterns, checked with the engine that the contracts are judged by."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srcos_contracts.compat.language import TooLarge, Unreadable, shortest
from srcos_contracts.contracts.engine import SchemaError, matcher


def _shortest(matched: str, unmatched: str = "", least: int = 0, most: int | None = None) -> str | None:
    return shortest(frozenset((matched,)), frozenset((unmatched,)) if unmatched else frozenset(), least, most)


@pytest.mark.parametrize(
    ("inner", "outer"),
    [
        ("^a+$", "^a*$"),
        ("^a+$", "a"),
        ("^x-y", "^x-"),
        ("^(?:ab|ac)$", "^a[bc]$"),
        ("^a[bc]$", "^(?:ab|ac)$"),
        ("^[0-9]{3}$", r"^\d{2,4}$"),
        (r"^\d+$", r"^\w+$"),
        (r"^\s+$", r"^[^\w]+$"),
        ("^$", "^(?:a*)$"),
        ("a|b", "[ab]"),
        ("(?:^|,)a(?:,|$)", "a"),
        (r"^\u0061\x62$", "^ab$"),
        ("^a{2,3}$", "^a{1,3}$"),
        ("^a{2,}$", "^a+$"),
        ("b$", "b"),
        ("^[^a]$", "^(?:.|\\n)$"),
        ("^.$", "^[^\\n]$"),
        ("^(?:a|bc)$", "^(?:a|b)c?$"),
        ("^(?<year>[0-9]{4})$", "^[0-9]+$"),
    ],
)
def test_inclusion(inner: str, outer: str) -> None:
    assert _shortest(inner, outer) is None


@pytest.mark.parametrize(
    ("inner", "outer", "text"),
    [
        ("^a*$", "^a+$", ""),
        ("a", "^a", "0a"),
        ("^[a-z]+$", "^[a-y]+$", "z"),
        ("^a{1,3}$", "^a{2,3}$", "a"),
        ("^ab", "^ab$", "aba"),
        ("^[^a]$", "^.$", "\n"),
        (r"^\W$", r"^[ -~]$", None),
        ("^\\s$", "^[\\t-\\r ]$", "\u00a0"),
    ],
)
def test_a_text_that_shows_that_one_is_not_in_the_other(inner: str, outer: str, text: str | None) -> None:
    found = _shortest(inner, outer)
    assert found is not None
    assert matcher(inner)(found)
    assert not matcher(outer)(found)
    assert text is None or found == text


def test_lengths_are_counted() -> None:
    assert _shortest("^a+$", least=3) == "aaa"
    assert _shortest("^a{3,5}$", least=6) is None
    assert _shortest("^a{3,5}$", most=2) is None
    assert _shortest("^(?:aa)+$", least=3, most=3) is None
    assert _shortest("^\U0001f600$", least=2) is None
    assert shortest(frozenset(), frozenset()) == ""
    assert shortest(frozenset(), frozenset(("^a*$",)), 1, 1) == "0"


@pytest.mark.parametrize(
    "pattern",
    [
        "(?=a)",
        "(?!a)b",
        "(?<=a)b",
        r"(a)\1",
        r"\bword\b",
        r"\p{L}",
        "(?i)a",
        "[[:alpha:]]",
        "[a&&b]",
        "a**",
        "(",
        "[",
        r"\ud83d",
        "a{3,2}",
        "a{1}{2}",
    ],
)
def test_what_is_not_read_is_refused(pattern: str) -> None:
    with pytest.raises(Unreadable):
        _shortest(pattern)


def test_what_grows_too_large_is_given_up() -> None:
    with pytest.raises(TooLarge):
        _shortest("^(?:a{1,200}){1,200}$")
    with pytest.raises(TooLarge):
        _shortest("^[ab]*a[ab]{16}$", "^[ab]*b[ab]{15}$|^c")


def test_classes_are_those_of_the_engine() -> None:
    for escape in ("s", "S", "d", "D", "w", "W"):
        engine = matcher(f"^\\{escape}$")
        inside = [chr(code) for code in range(0x3100) if engine(chr(code))]
        assert all(_shortest(f"^[{_quoted(text)}]$", f"^\\{escape}$") is None for text in inside[:: max(1, len(inside) // 60)])
        edges = [code for code in range(1, 0x3100) if engine(chr(code)) != engine(chr(code - 1))]
        for code in {each for edge in edges for each in (edge - 1, edge)}:
            told = _shortest(f"^[{_quoted(chr(code))}]$", f"^\\{escape}$") is None
            assert told == engine(chr(code)), (escape, hex(code))


def _quoted(character: str) -> str:
    return f"\\u{ord(character):04x}"


def _pattern(random: Random, depth: int = 3) -> str:
    kind = random.random()
    if depth == 0 or kind < 0.35:
        return random.choice(("a", "b", "[ab]", "[^a]", ".", r"\d", "ab", "^", "$", "-"))
    if kind < 0.6:
        return "".join(_pattern(random, depth - 1) for _ in range(random.randint(1, 3)))
    if kind < 0.8:
        return "(?:" + "|".join(_pattern(random, depth - 1) for _ in range(2)) + ")"
    inner = _pattern(random, depth - 1)
    return inner if inner[-1:] in "^$*+?}" else f"(?:{inner}){random.choice(('*', '+', '?', '{2}', '{1,2}'))}"


@given(st.integers(0, 2**32))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_random_patterns_agree_with_the_engine(seed: int) -> None:
    random = Random(seed)
    patterns = [_pattern(random) for _ in range(3)]
    try:
        first, second, third = [matcher(pattern) for pattern in patterns]
        found = shortest(frozenset(patterns[:2]), frozenset(patterns[2:]))
    except (SchemaError, Unreadable, TooLarge):
        return
    if found is not None:
        assert first(found)
        assert second(found)
        assert not third(found)
    samples = ["".join(random.choice("ab0-\n") for _ in range(random.randint(0, 5))) for _ in range(60)]
    shown = [text for text in samples if first(text) and second(text) and not third(text)]
    assert found is not None or not shown, (patterns, shown)
    assert found is None or not shown or len(found) <= min(map(len, shown))
