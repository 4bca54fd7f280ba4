"""What lint is made of: layout, regular expressions, formats, and places in a text."""

from __future__ import annotations

import json
from typing import Any

import pytest

from srcos_contracts.contracts.dialects import asserted_formats
from srcos_contracts.evolve.lint_layout import layout_faults, mended
from srcos_contracts.evolve.lint_pattern import is_anchored, is_single_class, matching, unportable, why_not_linear
from srcos_contracts.reading.document import Document, line_and_column
from srcos_contracts.reading.locate import Lines, locate, spans_of

LAYOUTS: list[tuple[str, str, str, list[tuple[str, int, int, str]]]] = [
    ("no newline at the end", '{\n  "a": 1\n}', '{\n  "a": 1\n}\n', [("lint-layout", 3, 1, "the file does not end with a newline")]),
    ("blank lines at the end", '{\n  "a": 1\n}\n\n', '{\n  "a": 1\n}\n', [("lint-layout", 3, 1, "there is more white space after the last line")]),
    ("white space at the end of a line", '{\n  "a": 1 \n}\n', '{\n  "a": 1\n}\n', [("lint-layout", 2, 9, "the line ends with white space")]),
    ("carriage returns", '{\r\n  "a": 1\r\n}\r\n', '{\n  "a": 1\n}\n', [("lint-layout", 1, 2, "the line ends with a carriage return")]),
    ("four spaces", '{\n    "a": {\n        "b": [1, 2]\n    }\n}\n', '{\n  "a": {\n    "b": [1, 2]\n  }\n}\n', [("lint-layout", 2, 1, "the line is indented by 4 spaces, not by 2")]),
    ("tabs", '{\n\t"a": 1\n}\n', '{\n  "a": 1\n}\n', [("lint-layout", 2, 1, "the line is indented with tabs, not by 2 spaces")]),
    ("all on one line", '{ "a": [1, { "b": 2 }], "c": 3 }\n', '{\n  "a": [1, { "b": 2 }],\n  "c": 3\n}\n', [("lint-layout", 1, 1, "the root's members do not each begin a line, one right after the other")]),
    ("order", '{\n  "$defs": { "}": "{\\"" },\n  "title": "a",\n  "zzz": [\n    1\n  ],\n  "allOf": [],\n  "$id": "x"\n}\n', '{\n  "$id": "x",\n  "title": "a",\n  "zzz": [\n    1\n  ],\n  "allOf": [],\n  "$defs": { "}": "{\\"" }\n}\n', [("lint-key-order", 2, 3, "the order is $id, title, zzz, allOf, $defs")]),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), [case[1:] for case in LAYOUTS], ids=[case[0] for case in LAYOUTS])
def test_layout_is_mended_without_a_change_of_any_value(before: str, after: str, expected: list[tuple[str, int, int, str]]) -> None:
    document, value = Document("a.json", before.encode()), json.loads(before)
    faults = list(layout_faults(document, value))
    spans = spans_of(before, [fault.path for fault in faults])
    places = [Lines(before).place((fault.span or spans[fault.path][1] or spans[fault.path][0])[0]) for fault in faults]
    assert [(fault.rule, *place, fault.detail) for fault, place in zip(faults, places, strict=True)] == expected
    assert mended(document, value) == after
    assert json.loads(after) == value
    again = document._replace(text=after.encode())
    assert list(layout_faults(again, json.loads(after))) == []
    assert mended(again, json.loads(after)) == after


@pytest.mark.parametrize(
    ("pattern", "anchored"),
    [
        ("^a$", True),
        ("^a", False),
        ("a$", False),
        ("^a|b$", False),
        ("^a$|^b$", True),
        ("^(?:a|b)$", True),
        ("^[|$]$", True),
        ("^a\\$", False),
        ("^(a|^b$)|c$", False),
        ("", False),
        ("^", False),
        ("(?i)^a$", False),
    ],
)
def test_anchors(pattern: str, anchored: bool) -> None:
    assert is_anchored(pattern) is anchored


@pytest.mark.parametrize(
    ("pattern", "single"), [("\\S", True), ("[^\\]a]+", True), ("[a][b]", False), ("a", False), ("\\Sa", False), ("[]", False)]
)
def test_single_classes(pattern: str, single: bool) -> None:
    assert is_single_class(pattern) is single


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("^[^\\s\\x00-\\x1f]+\\.(?:a|b)(?<name>[0-9]{2,3})$", None),
        ("\\\\d", None),
        ("a\\u0041", "\\u is not known to every engine"),
        ("[\\p{L}]", "\\p is not known to every engine, or only in some of their modes"),
        ("\\w", "\\w takes in the letters of all scripts in some engines"),
        ("(?i)a", "the flags (?i) are not known to every engine"),
        ("(?i:a)", "the flags (?i: are not known to every engine"),
        ("(?P<n>a)", "(?P<n> is not ECMA-262"),
        ("[[:alpha:]]", "the class [[:alpha:] has a bracket or && in it, which some engines take for a nested class"),
        ("[\\[a]", None),
    ],
)
def test_portable_patterns(pattern: str, reason: str | None) -> None:
    assert unportable(pattern) == reason


def test_linear_patterns() -> None:
    assert [matching(pattern) for pattern in ("^(a|b)*$", "(?<=a)b", "(a)\\1", "(a{1000}){1000}", "(")] == [
        "linear",
        "backtracking",
        "backtracking",
        "none",
        "none",
    ]
    assert why_not_linear("(?<=a)b") == "it looks around with (?<="
    assert why_not_linear("(?<n>a)\\k<n>") == "it refers back with \\k"
    assert why_not_linear("(a{1000}){1000}") == "no engine of linear time can compile it, or only into something huge"


def test_formats_are_those_that_the_engine_asserts() -> None:
    newest = asserted_formats("2020-12")
    assert newest == {
        "date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6", "uri", "uri-reference",
        "iri", "iri-reference", "uuid", "uri-template", "json-pointer", "relative-json-pointer", "regex",
    }  # fmt: skip
    assert newest - asserted_formats("draft-07") == {"duration", "uuid"}
    assert asserted_formats("draft-04") == {"date-time", "date", "time", "email", "idn-email", "hostname", "ipv4", "ipv6", "uri", "regex"}


def test_many_places_are_found_in_one_pass() -> None:
    for text in (
        json.dumps({"x-warn": [{"x-rule": {"id": "a"}}], "properties": {"id": {"type": ["string"]}}}, indent=2),
        ' [ {"a\\u0062":[[],{}] ,"c":"}\\"" },\n[1,[2]], null]',
        "{}",
        "3",
    ):
        paths: list[tuple[Any, ...]] = [
            ("x-warn", 0, "x-rule"),
            ("properties", "id"),
            (0, "ab", 1),
            (0, "c"),
            (1, 1, 0),
            (2,),
            (9,),
            ("none", 1),
            (),
        ]
        document = Document("a.json", text.encode())
        assert spans_of(text, paths) == {path: locate(document, path) for path in paths}
        lines = Lines(text)
        assert [lines.place(index) for index in range(len(text))] == [line_and_column(text, index) for index in range(len(text))]
