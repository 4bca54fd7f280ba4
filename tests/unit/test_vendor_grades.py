"""What a vendored file is beside its entry in the lock: each way of changing one has its grade."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from srcos_contracts.vendor.digests import assertions_of, digests_of
from srcos_contracts.vendor.grades import Grade, grade_of
from srcos_contracts.vendor.lock import Entry, Origin

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.org/note.json",
    "title": "Note",
    "description": "What somebody wrote down.",
    "type": "object",
    "properties": {"title": {"type": "string", "description": "Its title.", "examples": ["a"]}, "size": {"type": "number", "maximum": 1.5}},
    "required": ["title"],
    "allOf": [{"x-rule": {"id": "r", "message": "m", "help": "h", "why": "w"}, "required": ["size"]}],
    "$defs": {"description": {"const": {"title": "data", "description": "data"}}},
}
TEXT = json.dumps(SCHEMA, indent=2).encode() + b"\n"
ENTRY = Entry("note.json", "contract", "Note", "", Origin("folder", "."), "note.json", digests_of(TEXT, True))


def _changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    value = json.loads(TEXT)
    change(value)
    return json.dumps(value, indent=2).encode() + b"\n"


GRADES: list[tuple[str, bytes | None, Grade]] = [
    ("nothing", TEXT, "identical"),
    ("no final newline", TEXT.rstrip(), "same JSON"),
    ("line ends of Windows", TEXT.replace(b"\n", b"\r\n"), "same JSON"),
    ("another indent", json.dumps(SCHEMA).encode(), "same JSON"),
    ("another order", json.dumps(SCHEMA, sort_keys=True).encode(), "same JSON"),
    ("a number written otherwise", TEXT.replace(b"1.5", b"15e-1"), "same JSON"),
    ("a character written otherwise", TEXT.replace(b'"Note"', b'"\\u004eote"'), "same JSON"),
    ("a comment", _changed(lambda value: value.update({"$comment": "copied from elsewhere"})), "same assertions"),
    ("a description", _changed(lambda value: value.update({"description": "other"})), "same assertions"),
    ("no description of a property", _changed(lambda value: value["properties"]["title"].pop("description")), "same assertions"),
    ("examples", _changed(lambda value: value["properties"]["title"].update({"examples": []})), "same assertions"),
    ("a title", _changed(lambda value: value.update({"title": "A note"})), "same assertions"),
    ("words of a rule", _changed(lambda value: value["allOf"][0]["x-rule"].update({"message": "other"})), "same assertions"),
    ("the id of a rule", _changed(lambda value: value["allOf"][0]["x-rule"].update({"id": "other"})), "drifted"),
    ("a property named title", _changed(lambda value: value["properties"].pop("title")), "drifted"),
    ("data that looks like words", _changed(lambda value: value["$defs"]["description"]["const"].update({"title": "other"})), "drifted"),
    ("an assertion", _changed(lambda value: value["required"].append("size")), "drifted"),
    ("the $id", _changed(lambda value: value.update({"$id": "https://example.org/other.json"})), "drifted"),
    ("a byte order mark", b"\xef\xbb\xbf" + TEXT, "drifted"),
    ("a key twice", TEXT.replace(b'"title": "Note"', b'"title": "Note", "title": "Note"'), "drifted"),
    ("half of it", TEXT[:100], "drifted"),
    ("nothing in it", b"", "drifted"),
    ("no file", None, "missing"),
]  # fmt: skip


def test_what_a_reference_leads_to_judges_wherever_it_stands() -> None:
    plain: dict[str, Any] = {"examples": [{"type": "string"}], "properties": {"title": {"type": "string"}}}
    for target, grade in (("#/examples/0", "drifted"), ("#/properties/title", "same assertions")):
        before, after = ({**plain, "$ref": target, "examples": [{"type": kind}]} for kind in ("string", "integer"))
        entry = ENTRY._replace(digests=digests_of(json.dumps(before).encode(), True))
        assert grade_of(entry, json.dumps(after).encode()) == grade


@pytest.mark.parametrize(("before", "after"), [("0.1", "0.10000000000000000001"), ("9007199254740992.0", "9007199254740993.0")])
def test_numbers_that_are_one_double_are_not_the_same(before: str, after: str) -> None:
    entry = ENTRY._replace(digests=digests_of(b'{"minimum": %s}' % before.encode(), True))
    assert grade_of(entry, b'{"minimum": %s}' % after.encode()) == "drifted"
    assert grade_of(entry, b'{"minimum":%s}' % before.encode()) == "same JSON"


@pytest.mark.parametrize(("content", "grade"), [case[1:] for case in GRADES], ids=[case[0] for case in GRADES])
def test_each_change_has_its_grade(content: bytes | None, grade: Grade) -> None:
    assert content is None or grade == "identical" or content != TEXT
    assert grade_of(ENTRY, content) == grade


def test_what_is_no_schema_has_no_assertions() -> None:
    example = ENTRY._replace(role="example", digests=digests_of(TEXT, False))
    assert example.digests.assertions == ""
    assert grade_of(example, json.dumps(SCHEMA).encode()) == "same JSON"
    assert grade_of(example, _changed(lambda value: value.update({"$comment": "x"}))) == "drifted"


def test_what_is_no_json_is_identical_or_not() -> None:
    rule = ENTRY._replace(role="rule", digests=digests_of(b"select 1\n", False))
    assert rule.digests[1:] == ("", "")
    assert grade_of(rule, b"select 1\n") == "identical"
    assert grade_of(rule, b"select 1") == "drifted"
    # Nothing is the same as another for both having no canonical form.
    huge = ENTRY._replace(digests=digests_of(b'{"maximum": 9007199254740993}', True))
    assert huge.digests[1:] == ("", "")
    assert grade_of(huge, b'{"maximum": 9007199254740995}') == "drifted"


def test_assertions_leave_the_schema_as_it_was() -> None:
    before = json.loads(TEXT)
    told = assertions_of(before)
    assert before == SCHEMA
    assert told["properties"] == {"title": {"type": "string"}, "size": {"type": "number", "maximum": 1.5}}
    assert told["allOf"] == [{"x-rule": {"id": "r"}, "required": ["size"]}]
    assert told["$defs"] == SCHEMA["$defs"]
    assert "title" not in told
    assert assertions_of(True) is True
