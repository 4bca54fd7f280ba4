"""TOML with the place of everything in it, and where a text is no TOML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from srcos_contracts.pointer import ABSENT, Path, lookup
from srcos_contracts.reading.toml_text import TomlFault, parse_toml

EVERYTHING = """\
# a comment [with] = signs
plain = "x # no comment" # one
literal = 'C:\\path'
"quoted \\u00e9".'single'.bare = 1
 spaced . out = 1979-05-27 07:32:00Z
when = 1979-05-27T07:32:00.5-07:00
multi = \"\"\"
one "quoted" and
[not.a.table]
four quotes: \"\"\"\"
lines = '''a
[[no]]'''''
items = [ 1, [2, 3], # comment ]
  "a]b", { k = "v", n.m = [true] },
]
empty = []
none = {}

[table . "of tables"]
x = 0x1F
[table.second]
y = -inf

[[array]]
name = "first"
[[array.inner]]
z = 1
[[array.inner]]
z = 2
[array.sub]
w = 1_000

[[array]]
name = "second"
[[array.inner]]
z = 3
"""


def _paths(value: Any, at: Path = ()) -> Iterator[Path]:
    if at:
        yield at
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield from _paths(member, (*at, key))


def test_every_value_has_a_place_and_every_place_a_value() -> None:
    toml = parse_toml("x.toml", EVERYTHING.encode())
    assert set(toml.spans) == set(_paths(toml.value))


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (("plain",), '"x # no comment"'),
        (("literal",), "'C:\\path'"),
        (("quoted é", "single", "bare"), "1"),
        (("spaced", "out"), "1979-05-27 07:32:00Z"),
        (("when",), "1979-05-27T07:32:00.5-07:00"),
        (("multi",), '"""\none "quoted" and\n[not.a.table]\nfour quotes: """"'),
        (("lines",), "'''a\n[[no]]'''''"),
        (("items", 1, 1), "3"),
        (("items", 2), '"a]b"'),
        (("items", 3, "n", "m", 0), "true"),
        (("items", 3), '{ k = "v", n.m = [true] }'),
        (("empty",), "[]"),
        (("table", "of tables", "x"), "0x1F"),
        (("table", "second"), "[table.second]"),
        (("table", "second", "y"), "-inf"),
        (("array", 0, "inner", 1, "z"), "2"),
        (("array", 0, "sub", "w"), "1_000"),
        (("array", 1), "[[array]]"),
        (("array", 1, "inner", 0, "z"), "3"),
    ],
    ids=str,
)
def test_a_span_is_the_text_of_the_value(path: Path, text: str) -> None:
    toml = parse_toml("x.toml", EVERYTHING.encode())
    (start, end), _ = toml.spans[path]
    assert toml.text[start:end] == text


def test_a_place_is_that_of_the_value_of_the_key_or_of_what_would_hold_it() -> None:
    toml = parse_toml("x.toml", b"[a]\r\nbcd = 1\r\n\r\n  [[c]]\r\n")
    assert toml.place(("a", "bcd")) == (2, 7)
    assert toml.place(("a", "bcd"), at_key=True) == (2, 1)
    assert toml.place(("a", "missing"), at_key=True) == (1, 1)
    assert toml.place(("c", 0)) == (4, 3)
    assert toml.place(("nowhere",)) == (1, 1)


_KEYS = st.text(st.sampled_from("ab é.\"'\\=[]#\n"), max_size=4)
_LEAVES = st.one_of(st.integers(-5, 5), st.booleans(), st.text(st.sampled_from("ab \"'\\#]},\n\té"), max_size=6))
_VALUES = st.recursive(_LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3), max_leaves=8)


def _quoted(text: str) -> str:
    return '"' + "".join(f"\\u{ord(character):04x}" if character in '"\\\n\t' else character for character in text) + '"'


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(key)} = {_written(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",\n# ]\n ".join(map(_written, value)) + "]"
    return _quoted(value) if isinstance(value, str) else str(value).lower()


@given(st.dictionaries(_KEYS, _VALUES, max_size=4))
def test_whatever_is_written_is_found_again(value: dict[str, Any]) -> None:
    text = "\n".join(f"{_quoted(key)} = {_written(member)}" for key, member in value.items())
    toml = parse_toml("x.toml", text.encode())
    assert toml.value == value
    assert set(toml.spans) == set(_paths(value))
    for path, ((start, end), _) in toml.spans.items():
        assert toml.text[start:end] == _written(lookup(value, path))
        assert lookup(value, path) is not ABSENT


@pytest.mark.parametrize(
    "content", [b"a = " + b"[" * 128 + b"]" * 128, b"a = [" + b"[1.5], " * 200 + b"]", b'a = "' + b"a.[{" * 500 + b'"']
)
def test_what_is_not_too_deep_is_read(content: bytes) -> None:
    assert parse_toml("x.toml", content).value.keys() == {"a"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a = 1\nb = \n", "x.toml:2:5: this is not TOML: invalid value"),
        (b"a = 1\na = 2\n", "x.toml:2:6: this is not TOML: cannot overwrite a value"),
        (b'a = "open', "x.toml:1:10: this is not TOML: unterminated string"),
        (b"a = [1,\n", "x.toml:2:1: this is not TOML: invalid value"),
        (b"[a\n", "x.toml:1:3: this is not TOML: expected ']' at the end of a table declaration"),
        (b"\xef\xbb\xbfa = 1\n", "x.toml:1:1: the file begins with a byte order mark: write it as UTF-8 without one"),
        (b'a = 1\nb = "\xc3\xa9 \xff"\n', "x.toml:2:8: this is not UTF-8: write the file as UTF-8 text"),
        (b"a = " + b"[" * 20_000, "x.toml:1:133: arrays and tables lie more than 128 deep within one another"),
        (b"a = " + b"[" * 129 + b"]" * 129, "x.toml:1:133: arrays and tables lie more than 128 deep within one another"),
        (b"\na" + b".a" * 500_000 + b" = 1", "x.toml:2:258: arrays and tables lie more than 128 deep within one another"),
        (b"[" + b"a . " * 300 + b"a]", "x.toml:1:516: arrays and tables lie more than 128 deep within one another"),
        (b"a = " + b"{a = " * 20_000, "x.toml:1:645: arrays and tables lie more than 128 deep within one another"),
        (b"a = 1\nb = " + b"9" * 5000, "x.toml:2:5: a number has more than 4300 digits"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_toml_is_told_with_its_place(content: bytes, said: str) -> None:
    with pytest.raises(TomlFault) as raised:
        parse_toml("x.toml", content)
    assert str(raised.value) == said
