"""`diff` on schemas of every dialect: what is compatible, what breaks and by which payload, and what is said of the rest.

Every witness is put to the schemas as they stand in their files, by both engines.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.checking import Demands, check_value
from srcos_contracts.cli.diff import DiffRequest, differences, run_diff
from srcos_contracts.compat.side import Side
from srcos_contracts.compat.witness import Witness
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.contracts.checksums import checksum, sums_text
from srcos_contracts.evolve.cases import load_cases
from srcos_contracts.evolve.diff import Break, Compared
from srcos_contracts.evolve.differences import Differences, told_as_findings
from srcos_contracts.evolve.noted import Note
from srcos_contracts.evolve.pairing import renamed
from srcos_contracts.evolve.verdicts import as_object, findings, label, payload
from srcos_contracts.finding import Location, SchemaPlace
from srcos_contracts.report.verdicts import as_markdown, as_text
from tests.compat.random_schemas import DIALECTS
from tests.unit.repositories import commit, git, schema, without_git_settings, write

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_git_settings(monkeypatch)
    monkeypatch.chdir(tmp_path)


def _accepts(catalog: Catalog, one: Compared, old: bool, value: Any, engine: Any, parts: Any) -> bool:
    contract = one.pair.old if old else one.pair.new
    assert contract is not None
    assert one.pair.new is not None
    document = renamed(catalog.document(contract.bundle), contract, one.pair.new)
    return Side(document, contract.uri).accepts(value, parts, engine)


def _confirm(one: Compared, old: Catalog, new: Catalog) -> None:
    """That both engines accept each witness by the one schema and reject it by the other."""
    for outcome, forward in ((one.backward, False), (one.forward, True)):
        for broken in outcome.breaks if outcome is not None and one.pair.new is not None else ():
            witness = broken.witness
            for engine in ("rust", "reference"):
                told = [_accepts(catalog, one, catalog is old, witness.value, engine, witness.parts) for catalog in (old, new)]
                assert told == ([False, True] if forward else [True, False]), (engine, broken)


def _files(old: Any, new: Any, **asked: Any) -> Compared:
    """Two schemas, compared as two files."""
    write(Path(), old=old, new=new)
    found = differences(DiffRequest(("old.json", "new.json"), **asked))
    (one,) = found.compared
    assert found.unusable == ()
    if not one.problem:
        _confirm(one, Catalog.at("old.json"), Catalog.at("new.json"))
    return one


def _verdicts(one: Compared) -> tuple[str, str]:
    assert one.backward is not None
    assert one.forward is not None
    return one.backward.verdict, one.forward.verdict


def _breaks(one: Compared, direction: str = "backward") -> Sequence[Break]:
    outcome = one.backward if direction == "backward" else one.forward
    assert outcome is not None
    return outcome.breaks


def _told(one: Compared, direction: str = "backward") -> list[tuple[str, str]]:
    """Where it breaks, and the detail of what the refusing version says."""
    return [(broken.pointer, "; ".join(fault.detail or fault.message for fault in broken.findings)) for broken in _breaks(one, direction)]


def _of(dialect: str, **keywords: Any) -> dict[str, Any]:
    document = schema("Note", **keywords)
    identity = {"id": document.pop("$id")} if dialect == "draft-04" else {}
    return {**document, **identity, "$schema": DIALECTS[dialect]}


# One pair a keyword, each side in its own dialect

NODE = {
    "$ref": "#/definitions/node",
    "definitions": {"node": {"type": "object", "properties": {"next": {"$ref": "#/definitions/node"}, "n": {"type": "integer"}}}},
}
NODE_POSITIVE = json.loads(json.dumps(NODE).replace('"integer"', '"integer", "minimum": 0'))
PAIRS: dict[str, tuple[str, Any, Any, tuple[str, str], list[str]]] = {
    "a type narrowed": (
        "2020-12",
        {"properties": {"a": {"type": ["string", "null"]}}},
        {"properties": {"a": {"type": "string"}}},
        ("breaking", "compatible"),
        ["/properties/a/type"],
    ),
    "an enum that grew": (
        "2020-12",
        {"properties": {"a": {"enum": [1]}}},
        {"properties": {"a": {"enum": [1, 2]}}},
        ("compatible", "breaking"),
        [],
    ),
    "a recursive reference": ("draft-07", NODE, NODE_POSITIVE, ("breaking", "compatible"), ["/definitions/node/properties/n/minimum"]),
    "oneOf with a branch more": (
        "2020-12",
        {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
        {"oneOf": [{"required": ["a"]}, {"required": ["b"]}, {"required": ["c"]}]},
        ("breaking", "breaking"),
        ["/oneOf"],
    ),
    "not": (
        "2020-12",
        {"properties": {"a": True}},
        {"properties": {"a": {"not": {"const": 1}}}},
        ("breaking", "compatible"),
        ["/properties/a/not"],
    ),
    "if": (
        "draft-07",
        {"properties": {"a": {}, "b": {}}},
        {"properties": {"a": {}, "b": {}}, "if": {"required": ["a"]}, "then": {"required": ["b"]}},
        ("breaking", "compatible"),
        ["/then/required"],
    ),
    "unevaluatedProperties": (
        "2019-09",
        {"allOf": [{"properties": {"a": True}}]},
        {"allOf": [{"properties": {"a": True}}], "unevaluatedProperties": False},
        ("breaking", "compatible"),
        ["/unevaluatedProperties"],
    ),
    "unevaluatedItems": (
        "2020-12",
        {"type": ["object", "array"], "prefixItems": [True]},
        {"type": ["object", "array"], "prefixItems": [True], "unevaluatedItems": False},
        ("breaking", "compatible"),
        ["/unevaluatedItems"],
    ),
    "a boolean schema": (
        "draft-06",
        {"properties": {"a": True}},
        {"properties": {"a": False}},
        ("breaking", "compatible"),
        ["/properties/a"],
    ),
    "an exclusive bound of draft 4": (
        "draft-04",
        {"properties": {"a": {"type": "integer", "minimum": 0}}},
        {"properties": {"a": {"type": "integer", "minimum": 0, "exclusiveMinimum": True}}},
        ("breaking", "compatible"),
        ["/properties/a/exclusiveMinimum"],
    ),
    "a pattern": (
        "2020-12",
        {"properties": {"a": {"type": "string", "pattern": "^[a-z]+$"}}},
        {"properties": {"a": {"type": "string", "pattern": "^[a-y]+$"}}},
        ("breaking", "compatible"),
        ["/properties/a/pattern"],
    ),
    "a format": (
        "2020-12",
        {"properties": {"a": {"type": "string"}}},
        {"properties": {"a": {"type": "string", "format": "date-time"}}},
        ("breaking", "compatible"),
        ["/properties/a/format"],
    ),
    "what a property asks for that is called as a keyword of ours": (
        "2020-12",
        {"dependentRequired": {"x-warn": ["a"]}},
        {"dependentRequired": {"x-warn": ["a", "b"]}},
        ("breaking", "compatible"),
        ["/dependentRequired"],
    ),
    "moved to a definition": (
        "2020-12",
        {"properties": {"a": {"type": "string"}}},
        {"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"type": "string"}}},
        ("compatible", "compatible"),
        [],
    ),
}


@pytest.mark.parametrize("case", PAIRS)
def test_verdicts_and_places(case: str) -> None:
    dialect, old, new, verdicts, pointers = PAIRS[case]
    one = _files(_of(dialect, **old), _of(dialect, **new))
    assert _verdicts(one) == verdicts
    assert [broken.pointer for broken in _breaks(one)] == pointers
    for broken in _breaks(one):
        assert broken.place is not None
        assert broken.place.file == "./new.json"
        assert broken.near == broken.place


@pytest.mark.parametrize("old", DIALECTS)
@pytest.mark.parametrize("new", DIALECTS)
def test_each_side_is_read_in_its_own_dialect(old: str, new: str) -> None:
    """`const` says nothing in draft 4, and in all others it does."""
    one = _files(_of(old, properties={"a": {"const": 1}}), _of(new, properties={"a": {"const": 1}}))
    free = [dialect == "draft-04" for dialect in (old, new)]
    assert _verdicts(one) == (
        "breaking" if free[0] and not free[1] else "compatible",
        "breaking" if free[1] and not free[0] else "compatible",
    )


def test_what_is_neither_proved_nor_shown_is_undecided_with_its_place() -> None:
    # Every multiple of 2**60 that fits is one of 3, which no search finds out and no rule proves.
    word = {"type": "string", "pattern": "^(?=a)[ab]{1,3}$"}
    one = _files(
        schema("Note", properties={"a": word}), schema("Note", properties={"a": {**word, "pattern": "^(?=[a])[ab]{1,3}$"}}), budget=0.2
    )
    assert _verdicts(one) == ("undecided", "undecided")
    assert one.backward is not None
    assert "no payload was found" in one.backward.reason
    assert [gap.outer.path for gap in one.backward.where if gap.outer is not None] == [("properties", "a", "pattern")]
    line = next(n for n, text in enumerate(Path("new.json").read_text("utf-8").splitlines(), 1) if '"pattern"' in text)
    column = 4
    (doubt,) = one.backward.where
    assert doubt.place == doubt.near == SchemaPlace("./new.json", line, column, "/properties/a/pattern")
    assert f"      --> ./new.json:{line}:{column}  /properties/a/pattern (pattern)" in as_text([one], "backward")
    assert f"- `./new.json:{line}` `/properties/a/pattern (pattern)`\n" in as_markdown([one], "backward")
    (told,) = findings([one], "backward")
    assert told.location == Location("new.json", line, column)
    assert told.pointer == "/properties/a/pattern"
    assert as_object(one, "backward")["backward"]["where"] == [
        {"pointer": "/properties/a/pattern", "keyword": "pattern", "schema": f"./new.json:{line}:{column}"}
    ]


def test_several_breaks_are_told_one_by_one_each_with_its_witness() -> None:
    old = {"a": {"type": "string"}, "b": {"enum": ["x", "y"]}, "c": {"type": "integer", "maximum": 9}, "d": True}
    new = {"a": {"type": "string", "maxLength": 3}, "b": {"enum": ["x"]}, "c": {"type": "integer", "maximum": 5}, "d": True}
    one = _files(schema("Note", properties=old), schema("Note", properties=new, required=["d"]))
    assert sorted(_told(one)) == [
        ("/properties/a/maxLength", "a has 4 characters, not at most 3"),
        ("/properties/b/enum", 'b is "y", which is not x'),
        ("/properties/c/maximum", "c is 9, not at most 5"),
        ("/required", "d is missing"),
    ]
    assert _verdicts(one)[1] == "compatible"


def test_of_very_many_breaks_the_first_are_told_and_that_there_may_be_more() -> None:
    names = [f"n{number}" for number in range(20)]
    one = _files(
        schema("Note", properties={name: {"type": "integer"} for name in names}),
        schema("Note", properties={name: {"type": "integer", "minimum": 0} for name in names}),
    )
    assert len({broken.pointer for broken in _breaks(one)}) == 10
    assert one.backward is not None
    assert one.backward.reason == "what else changed was not looked at"


def test_an_example_and_its_change_are_shown_with_exact_numbers() -> None:
    one = _files(schema("Note", properties={"v": {"maximum": 2}}), schema("Note", properties={"v": {"maximum": 1}}))
    patch = ({"op": "replace", "path": "/v", "value": Decimal("0.10")},)
    witness = Witness({"v": Decimal("0.10")}, "valid/full.json", patch)
    assert payload(witness) == 'valid/full.json with [{"op": "replace", "path": "/v", "value": 0.10}]'
    assert one.backward is not None
    broken = one.backward._replace(breaks=(one.backward.breaks[0]._replace(witness=witness),))
    markdown = "".join(as_markdown([one._replace(backward=broken)], "backward"))
    assert payload(witness) in markdown
    assert '{\n  "v": 0.10\n}' in markdown


# Names that were left free


def test_an_optional_property_where_names_were_free_is_explained_and_may_be_presumed_away() -> None:
    old, new = schema("Note", properties={"a": True}), schema("Note", properties={"a": True, "b": {"type": "string"}})
    one = _files(old, new)
    assert [(broken.pointer, broken.undeclared, broken.witness.value) for broken in _breaks(one)] == [
        ("/properties/b/type", "/b", {"b": 0})
    ]
    assert _verdicts(_files(old, new, closed_producers=True)) == ("compatible", "compatible")


@pytest.mark.parametrize("old", [{}, {"additionalProperties": {}}, {"patternProperties": {"^x-": True}}])
def test_an_object_of_which_no_names_are_listed_is_a_map(old: dict[str, Any]) -> None:
    for closed in (False, True):
        one = _files(schema("Note", **old), schema("Note", **old, properties={"a": {"type": "string"}}), closed_producers=closed)
        assert [(broken.pointer, broken.undeclared) for broken in _breaks(one)] == [("/properties/a/type", "")]


def test_presuming_that_no_undeclared_name_is_written_hides_no_other_break() -> None:
    old = schema("Note", properties={"a": {"type": "object", "properties": {"x": True}}})
    new = schema("Note", properties={"a": {"type": "object", "properties": {"x": {"type": "string"}, "y": {"type": "string"}}}})
    one = _files(old, new, closed_producers=True)
    assert [(broken.pointer, broken.undeclared) for broken in _breaks(one)] == [("/properties/a/properties/x/type", "")]
    assert {broken.pointer: broken.undeclared for broken in _breaks(_files(old, new))} == {
        "/properties/a/properties/x/type": "",
        "/properties/a/properties/y/type": "/a/y",
    }


def test_a_name_that_is_required_from_now_on_is_no_free_name() -> None:
    old, new = schema("Note", properties={"a": True}), schema("Note", properties={"a": True, "b": True}, required=["b"])
    for closed in (False, True):
        assert [(broken.pointer, broken.undeclared) for broken in _breaks(_files(old, new, closed_producers=closed))] == [("/required", "")]


@pytest.mark.parametrize("asking", [{"required": ["b"]}, {"required": ["a"], "dependentRequired": {"a": ["b"]}}])
def test_a_name_that_is_asked_for_is_written_whoever_declares_it(asking: dict[str, Any]) -> None:
    old, new = (schema("Note", properties={"a": member}, **asking) for member in (True, {"type": "integer"}))
    one = _files(old, new, closed_producers=True)
    assert [(broken.pointer, broken.undeclared) for broken in _breaks(one)] == [("/properties/a/type", "")]


def test_closed_producers_of_the_new_version_are_presumed_of_what_it_declares() -> None:
    old, new = schema("Note", properties={"a": True}, additionalProperties=False), schema("Note", properties={"a": True})
    assert _verdicts(_files(old, new)) == ("compatible", "breaking")
    assert _verdicts(_files(old, new, closed_producers=True)) == ("compatible", "compatible")


# Whom a change concerns


def test_changes_that_break_no_record_are_told_by_whom_they_concern() -> None:
    old = schema(
        "Note",
        description="As it was.",
        properties={"a": {"type": "string"}, "title": {"type": "string"}},
        **{"$defs": {"x": {"title": "X"}}},
    )
    new = schema(
        "Note",
        description="As it is.",
        properties={"a": {"type": "string", "title": "A"}, "title": {"type": "string", "description": "Its title."}},
        required=["a"],
        **{"$defs": {"x": {"title": "Y"}, "z": {}}},
    )
    assert [tuple(note) for note in _files(old, new).notes] == [
        ("SHAPE", "a is required now"),
        ("SHAPE", "the definition z is new"),
        ("SHAPE", '/$defs/x is titled "Y"; it was titled "X"'),
        ("SHAPE", '/properties/a is titled "A"'),
        ("ANNOTATION", "description of the record is worded otherwise"),
        ("ANNOTATION", "description of /properties/title is new"),
    ]


def _ruled(**rule: Any) -> dict[str, Any]:
    about = {"name": "Note", "version": "1.0.0", "status": "draft", "owner": "writers", "discriminator": {"kind": "note"}}
    rules = {"id": "note-text", "message": "a note has a text", "help": "add text to it", "why": "It says nothing.", **rule}
    return schema(
        "Note",
        properties={"kind": {"const": "note"}, "text": True},
        required=["kind"],
        allOf=[{"x-rule": rules, "required": ["text"]}],
        **{"x-contract": about},
    )


def test_rules_their_severities_and_their_words() -> None:
    told = _files(_ruled(), _ruled(severity="warning", message="a note says something"))
    assert _verdicts(told) == ("compatible", "breaking")
    assert [tuple(note) for note in told.notes] == [
        ("RULES", "note-text was an error and is a warning"),
        ("ANNOTATION", "the rule's message of /allOf/0 is worded otherwise"),
    ]
    told = _files(_ruled(), _ruled(id="text-missing"))
    assert [tuple(note) for note in told.notes] == [("RULES", "note-text is gone, an error"), ("RULES", "text-missing is new, an error")]
    assert label(told, "full") == "compatible"


def _warning(**condition: Any) -> dict[str, Any]:
    return {"x-rule": {"id": "few", "severity": "warning", "message": "a note is short", "help": "leave out a member"}, **condition}


_LONG = {"if": {"required": ["a"]}, "then": {"maxProperties": 3}}
_CHANGED = [Note("RULES", "the condition of few has changed, a warning")]


@pytest.mark.parametrize(
    ("old", "new", "notes"),
    [
        ({"x-warn": [_warning(maxProperties=3)]}, {"x-warn": [_warning(maxProperties=2)]}, _CHANGED),
        ({"allOf": [_warning(maxProperties=3)]}, {"allOf": [_warning(maxProperties=2)]}, _CHANGED),
        ({"x-warn": [_warning(maxProperties=3)]}, {"allOf": [_warning(maxProperties=3)]}, []),
        ({"x-warn": [_warning(maxProperties=3)]}, {"x-warn": [_warning(maxProperties=3), _warning(minProperties=1)]}, _CHANGED),
        ({"x-warn": [_warning(**_LONG)]}, {"x-warn": [_warning(**{**_LONG, "if": {"required": ["b"]}})]}, _CHANGED),
        (
            {"if": {"required": ["a"]}, "then": _warning(maxProperties=3)},
            {"if": {"required": ["b"]}, "then": _warning(maxProperties=3)},
            _CHANGED,
        ),
        (
            {"x-warn": [_warning(**{"$ref": "#/$defs/small"})], "$defs": {"small": {"maxProperties": 3}}},
            {"x-warn": [_warning(**{"$ref": "#/$defs/small"})], "$defs": {"small": {"maxProperties": 2}}},
            _CHANGED,
        ),
        (
            {"properties": {"a": {"$ref": "#/$defs/small"}}, "$defs": {"small": {"x-warn": [_warning(maxProperties=3)]}}},
            {"properties": {"a": {"$ref": "#/$defs/small"}}, "$defs": {"small": {"x-warn": [_warning(maxProperties=2)]}}},
            _CHANGED,
        ),
        (
            {"properties": {"a": {"x-warn": [_warning(maxProperties=3)]}, "b": True}},
            {"properties": {"a": True, "b": {"x-warn": [_warning(maxProperties=3)]}}},
            _CHANGED,
        ),
        (
            {"x-warn": [_warning(maxProperties=3)]},
            {"x-warn": [_warning(maxProperties=3, description="No more than three.")]},
            [],
        ),
    ],
)
def test_a_warning_that_is_given_under_another_condition_is_told(old: dict[str, Any], new: dict[str, Any], notes: list[Note]) -> None:
    one = _files(schema("Note", **old), schema("Note", **new))
    assert _verdicts(one) == ("compatible", "compatible")
    assert [note for note in one.notes if note.audience == "RULES"] == notes


def test_nothing_changed() -> None:
    one = _files(_ruled(), _ruled())
    assert label(one, "full") == "unchanged"


# Two states of a repository


def _folders(old: dict[str, Any], new: dict[str, Any], **asked: Any) -> Differences:
    write(Path("old"), **old)
    write(Path("new"), **new)
    return differences(DiffRequest(("old", "new"), **asked))


def _labels(found: Differences) -> list[tuple[str, str]]:
    return [(one.pair.name, label(one, found.policy)) for one in found.compared]


def test_contracts_that_came_and_went() -> None:
    a, b = schema("Gone", properties={"a": {"type": "string"}}), schema("Come", properties={"a": {"type": "string"}})
    found = _folders({"gone": a, "same": schema("Same")}, {"come": b, "same": schema("Same")})
    assert _labels(found) == [("Come", "added"), ("Gone", "removed"), ("Same", "unchanged")]
    assert found.code == 1
    gone = found.compared[1].backward
    assert gone is not None
    assert (gone.verdict, gone.breaks[0].place, gone.breaks[0].pointer) == ("breaking", None, "")


@pytest.mark.parametrize("policy", ["backward", "forward", "full"])
def test_that_a_contract_is_gone_breaks_under_every_policy(policy: str) -> None:
    found = _folders({"gone": schema("Gone"), "same": schema("Same")}, {"same": schema("Same")}, policy=policy)
    assert (found.code, found.totals.breaking) == (1, 1)


@pytest.mark.parametrize(("policy", "code"), [("backward", 0), ("forward", 1), ("full", 1)])
def test_a_policy_says_which_direction_counts(policy: str, code: int) -> None:
    old, new = schema("Note", properties={"a": {"type": "string"}}), schema("Note", properties={"a": {"type": ["string", "null"]}})
    found = _folders({"note": old}, {"note": new}, policy=policy)
    assert (found.code, label(found.compared[0], found.policy)) == (code, "breaking" if code else "compatible")


BAD: dict[str, tuple[Any, str]] = {
    "no schema by its dialect": (
        schema("Bad", properties={"b": {"type": "strin"}}),
        "new/bad.json:8:4: \"strin\" is not valid under any of the schemas listed in the 'anyOf' keyword",
    ),
    "a reference to nothing": (
        schema("Bad", properties={"b": {"$ref": "#/$defs/none"}}),
        "new/bad.json:7:3: https://example.org/bad.json refers to #/$defs/none, which leads to no known schema",
    ),
    "a reference to another server": (
        schema("Bad", properties={"b": {"$ref": "https://e.org/x"}}),
        "new/bad.json:7:3: https://example.org/bad.json refers to https://e.org/x, which leads to no known schema",
    ),
    "a reference to itself": (
        schema("Bad", **{"$ref": "#"}),
        "new/bad.json:6:2: the reference # leads only to itself: no validation would end",
    ),
    "a reference to itself by way of a dependency": (
        {**schema("Bad", dependencies={"a": {"$ref": "#"}}), "$schema": DIALECTS["draft-07"]},
        "new/bad.json:8:4: the reference # leads only to itself: no validation would end",
    ),
    "a pattern that is none": (schema("Bad", properties={"b": {"pattern": "("}}), 'new/bad.json:8:4: "(" is not a "regex"'),
    "a dialect nobody knows": (
        {**schema("Bad"), "$schema": "https://json-schema.org/draft/2031-12/schema"},
        "new/bad.json:2:2: the dialect https://json-schema.org/draft/2031-12/schema is not known; there are drafts 4, 6, 7, 2019-09 and 2020-12",
    ),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("both", [True, False], ids=["changed", "new"])
def test_what_is_wrong_with_one_contract_keeps_no_other_from_being_compared(case: str, both: bool) -> None:
    document, said = BAD[case]
    good = schema("Good", properties={"a": {"type": "string"}}), schema("Good", properties={"a": {"type": "integer"}})
    found = _folders({"good": good[0], **({"bad": schema("Bad")} if both else {})}, {"good": good[1], "bad": document})
    assert _labels(found) == [("Bad", "not compared"), ("Good", "breaking")]
    assert found.compared[0].problem == said
    assert (found.code, found.totals.problems, found.totals.compared) == (2, 1, 1)


def test_what_cannot_be_read_is_told_once_and_not_taken_for_gone() -> None:
    found = _folders({"good": schema("Good"), "bad": schema("Bad")}, {"good": schema("Good"), "bad": "{,}"})
    assert _labels(found) == [("Good", "unchanged")]
    said = "bad.json:1:2: this is not JSON: key must be a string"
    assert [tuple(problem) for problem in found.unusable] == [("new/bad.json", f"new/{said}", "error")]
    assert found.code == 2
    found = _folders({"good": schema("Good"), "bad": "{,}"}, {"good": schema("Good"), "bad": schema("Bad")})
    assert _labels(found) == [("Bad", "not compared"), ("Good", "unchanged")]
    assert (found.compared[0].problem, found.unusable) == (f"old/{said}", ())


def test_what_is_wrong_with_contracts_that_were_not_asked_about_is_not_told(tmp_path: Path) -> None:
    write(Path("schemas"), good=schema("Good"), bad=schema("Bad"))
    commit(tmp_path)
    write(Path("schemas"), bad="{,}")
    told = [problem.words for problem in differences(DiffRequest(("Bad",), against="HEAD")).unusable]
    assert told == ["schemas/bad.json:1:2: this is not JSON: key must be a string"]
    found = differences(DiffRequest(("Good",), against="HEAD"))
    assert (found.code, found.unusable) == (0, ())
    write(Path("schemas"), first=_versioned("0.1.0"), second=_versioned("0.2.0"))
    assert differences(DiffRequest(("Note@0.1.0", "Note"))).code == 0


# A baseline that is mended

MENDED = "it cannot be compared, for the old schema cannot be used, so nothing could rely on it: HEAD:schemas/bad.json"
NOT_JSON = ":1:2: this is not JSON: key must be a string"


def _against(old: dict[str, Any], new: dict[str, Any], only: tuple[str, ...] = ()) -> Differences:
    write(Path("schemas"), **old)
    commit(Path())
    for name in old.keys() - new.keys():
        Path("schemas", f"{name}.json").unlink()
    write(Path("schemas"), **new)
    return differences(DiffRequest(only, against="HEAD"))


def _warned(found: Differences) -> list[tuple[str, str, str, str]]:
    return [(one.rule, one.severity, one.location.file, one.detail) for one in told_as_findings(found)]


@pytest.mark.parametrize("case", BAD)
def test_a_change_may_mend_a_schema_that_could_not_be_used(case: str) -> None:
    document, said = BAD[case]
    found = _against({"good": schema("Good"), "bad": document}, {"good": schema("Good"), "bad": schema("Bad")})
    assert _labels(found) == [("Bad", "mended"), ("Good", "unchanged")]
    assert (found.code, found.totals, found.unusable) == (0, (0, 0, 0, 1), ())
    assert found.compared[0].mended == f"HEAD:schemas{said.removeprefix('new')}"
    ((rule, severity, file, detail),) = _warned(found)
    assert (rule, severity, file) == ("cannot-compare", "warning", "schemas/bad.json")
    assert detail == MENDED + said.removeprefix("new/bad.json")


def test_a_file_that_was_no_json_may_be_mended_or_removed() -> None:
    bad = {"good": schema("Good"), "bad": "{,}"}
    found = _against(bad, {"good": schema("Good"), "bad": schema("Bad")})
    assert (_labels(found), found.code) == ([("Bad", "mended"), ("Good", "unchanged")], 0)
    assert _warned(found) == [("cannot-compare", "warning", "schemas/bad.json", MENDED + NOT_JSON)]
    found = _against(bad, {"good": schema("Good")})
    assert (_labels(found), found.code) == ([("Good", "unchanged")], 0)
    gone = f"the earlier state cannot be used, so nothing could rely on it: HEAD:schemas/bad.json{NOT_JSON}"
    assert _warned(found) == [("cannot-compare", "warning", "schemas/bad.json", gone)]


def test_a_contract_that_could_not_be_used_and_is_gone_breaks_nothing() -> None:
    document, _ = BAD["no schema by its dialect"]
    found = _against({"good": schema("Good"), "bad": document}, {"good": schema("Good")})
    assert (_labels(found), found.code) == ([("Bad", "mended"), ("Good", "unchanged")], 0)


def test_what_cannot_be_used_now_is_an_error_whatever_it_was() -> None:
    document, said = BAD["no schema by its dialect"]
    for old in ("{,}", document, schema("Bad")):
        found = _against({"good": schema("Good"), "bad": old}, {"good": schema("Good"), "bad": document})
        assert (_labels(found), found.code) == ([("Bad", "not compared"), ("Good", "unchanged")], 2)
        assert found.compared[0].problem == f"schemas{said.removeprefix('new')}"
    found = _against({"good": schema("Good"), "bad": "{,}"}, {"good": schema("Good"), "bad": "[,]"})
    assert (_labels(found), found.code) == ([("Good", "unchanged")], 2)
    assert [(problem.severity, problem.file) for problem in found.unusable] == [("error", "schemas/bad.json")]


def test_a_baseline_in_which_nothing_could_be_used() -> None:
    found = _against({"bad": "{,}"}, {"bad": schema("Bad")})
    assert (_labels(found), found.code, found.totals.compared) == ([("Bad", "mended")], 0, 0)
    found = _against({"bad": "{,}"}, {"bad": schema("Bad")}, ("Bad",))
    assert (_labels(found), found.code) == ([("Bad", "mended")], 0)


def test_what_breaks_beside_what_is_mended_still_breaks() -> None:
    old, new = schema("Good", properties={"a": {"type": "string"}}), schema("Good", properties={"a": {"type": "integer"}})
    found = _against({"good": old, "bad": "{,}"}, {"good": new, "bad": schema("Bad")})
    assert (_labels(found), found.code) == ([("Bad", "mended"), ("Good", "breaking")], 1)


def test_of_two_sides_that_are_named_both_must_be_of_use() -> None:
    document, said = BAD["no schema by its dialect"]
    found = _folders({"bad": document}, {"bad": schema("Bad")})
    assert (_labels(found), found.code, found.compared[0].problem) == ([("Bad", "not compared")], 2, f"old{said.removeprefix('new')}")


# Versions side by side


def _versioned(version: str, **keywords: Any) -> dict[str, Any]:
    about = {
        "name": "Note",
        "version": version,
        "status": "draft",
        "owner": "writers",
        "discriminator": {"kind": "note", "specVersion": version},
    }
    constants = {"kind": {"const": "note"}, "specVersion": {"const": version}}
    properties = {**constants, **keywords.pop("properties", {})}
    return {
        **schema("Note", properties=properties, required=[*constants], **keywords),
        "$id": f"https://example.org/Note/{version}.json",
        "x-contract": about,
    }


def test_a_new_version_is_compared_with_the_one_before_it_whatever_it_calls_itself() -> None:
    first, second = (
        _versioned("0.1.0", properties={"a": {"type": "string"}}),
        _versioned("0.2.0", properties={"a": {"type": ["string", "null"]}}),
    )
    found = _folders({"first": first}, {"first": first, "second": second})
    assert [(one.pair.kind, label(one, "backward"), one.remarks) for one in found.compared] == [
        ("same", "unchanged", ()),
        ("next", "compatible", ("set aside: specVersion 0.1.0 is read as 0.2.0",)),
    ]
    third = _versioned("0.3.0", properties={"a": {"type": "null"}})
    found = _folders({"first": first}, {"first": first, "second": second, "third": third})
    assert [(one.pair.old.version, _verdicts(one)) for one in found.compared if one.pair.old is not None and one.pair.kind == "next"] == [
        ("0.1.0", ("compatible", "breaking")),
        ("0.2.0", ("breaking", "compatible")),
    ]
    assert _told(found.compared[2]) == [("/properties/a/type", "a is a string, not null")]


def test_two_versions_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    write(
        Path("schemas"),
        first=_versioned("0.1.0", properties={"a": {"type": "string"}}),
        second=_versioned("0.10.0", properties={"a": {"type": "integer"}}),
    )
    for sides in (("Note@0.1.0", "Note@0.10.0"), ("Note@0.1.0", "Note")):
        (one,) = differences(DiffRequest(sides)).compared
        assert _verdicts(one) == ("breaking", "breaking")
        assert _told(one)[0][0] == "/properties/a/type"
    assert differences(DiffRequest(("Note@0.1.0", "Note@0.1.0"))).code == 0


def test_two_versions_of_the_shipped_contracts_where_there_is_no_folder() -> None:
    (one,) = differences(DiffRequest(("MarkDone@0.1.0", "MarkDone"))).compared
    assert label(one, "full") == "unchanged"


# A git repository, with examples and cases


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    where = tmp_path / "repository"
    for name in ("MarkDone", "WorkspaceOperationRecord", "AgentStatus", "defs"):
        shutil.copytree(ROOT / "schemas" / name, where / "schemas" / name)
    for name in ("MarkDone", "WorkspaceOperationRecord", "AgentStatus"):
        shutil.copytree(ROOT / "examples" / name, where / "examples" / name)
    commit(where)
    git(where, "tag", "released")
    monkeypatch.chdir(where)
    return where


def _edit(file: str, before: str, after: str) -> None:
    path = Path(file)
    text = path.read_text("utf-8")
    assert text.count(before) == 1, (before, text.count(before))
    path.write_text(text.replace(before, after), "utf-8")


MARK_DONE = "schemas/MarkDone/0.1.0.json"


@pytest.mark.parametrize("against", ["released", "main", "HEAD", "../released.tar.gz", "../copy"])
def test_against_a_tag_a_branch_a_commit_an_archive_and_a_folder(repository: Path, against: str) -> None:
    git(repository, "archive", "--prefix=contracts/", "-o", "../released.tar.gz", "HEAD")
    git(repository, "worktree", "add", "-q", "../copy", "HEAD")
    _edit(MARK_DONE, '"maxLength": 72', '"maxLength": 30')
    found = differences(DiffRequest(against=against))
    assert _labels(found) == [("AgentStatus", "unchanged"), ("MarkDone", "breaking"), ("WorkspaceOperationRecord", "unchanged")]
    (broken,) = _breaks(found.compared[1])
    assert (broken.pointer, broken.witness.seed, broken.witness.patch) == (
        "/properties/title/maxLength",
        "MarkDone/0.1.0/valid/full.json",
        (),
    )
    assert broken.place is not None
    assert broken.place.file == MARK_DONE
    one = differences(DiffRequest(("MarkDone",), against=against)).compared
    assert [label(each, "backward") for each in one] == ["breaking"]


def test_a_link_of_order_that_was_added_narrows_and_one_that_was_dropped_widens(repository: Path) -> None:
    catalog = Catalog.at("schemas")
    contract = catalog.find("WorkspaceOperationRecord")
    schema_file = Path("schemas") / contract.file
    document = json.loads(schema_file.read_text("utf-8"))
    assert [part.pop("x-order") for part in document["allOf"] if "x-order" in part] == [[["/created_at", "/updated_at"]]]
    schema_file.write_text(json.dumps(document), "utf-8")
    (dropped,) = differences(DiffRequest(("WorkspaceOperationRecord",), against="HEAD")).compared
    assert _verdicts(dropped) == ("compatible", "breaking")
    assert [broken.pointer.rsplit("/", 1)[-1] for broken in _breaks(dropped, "forward")] == ["x-order"]
    commit(repository)
    (added,) = differences(DiffRequest((), against="HEAD")).compared[-1:]
    assert label(added, "full") == "unchanged"
    git(repository, "checkout", "-q", "HEAD~1", "--", "schemas")
    (added,) = differences(DiffRequest(("WorkspaceOperationRecord",), against="HEAD")).compared
    assert _verdicts(added) == ("breaking", "compatible")
    (broken,) = _breaks(added)
    old = Catalog.at("schemas")
    assert not old.judge(old.find("WorkspaceOperationRecord")).accepts(broken.witness.value)
    assert broken.witness.seed


def test_a_shared_definition_breaks_every_contract_that_takes_it_in_at_its_own_place(repository: Path) -> None:
    path = Path("schemas/defs/primitives/1.0.0.json")
    document = json.loads(path.read_text("utf-8"))
    document["$defs"]["text"]["maxLength"] = 5
    path.write_text(json.dumps(document, indent=1), "utf-8")
    (one,) = differences(DiffRequest(("MarkDone",), against="HEAD")).compared
    (broken,) = _breaks(one)
    assert broken.pointer == "defs/primitives/1.0.0.json#/$defs/text/maxLength"
    assert broken.place is not None
    assert broken.place.file == "schemas/defs/primitives/1.0.0.json"


def test_cases_that_cannot_be_loaded_are_told_and_done_without(repository: Path) -> None:
    _edit(MARK_DONE, '"maxLength": 72', '"maxLength": 30')
    Path("examples/MarkDone/0.1.0/cases.json").write_text("[]")
    (one,) = differences(DiffRequest(("MarkDone",), against="HEAD")).compared
    assert [broken.witness.seed for broken in _breaks(one)] == ["MarkDone/0.1.0/valid/full.json"]
    (remark,) = one.remarks
    assert remark.startswith("the records stored with MarkDone 0.1.0 are not used: examples/MarkDone/0.1.0/cases.json:1:1: ")


def test_a_place_that_only_the_old_version_has_is_annotated_in_the_new_tree(repository: Path) -> None:
    _edit(MARK_DONE, '"maxLength": 72', '"minLength": 0')
    (one,) = differences(DiffRequest(("MarkDone",), against="HEAD", policy="forward")).compared
    (broken,) = _breaks(one, "forward")
    assert broken.place is not None
    assert broken.place.file == f"HEAD:{MARK_DONE}"
    assert broken.near is not None
    assert (broken.near.file, broken.near.pointer) == (MARK_DONE, "/properties/title/maxLength")
    line = Path(MARK_DONE).read_text("utf-8").split("\n")[broken.near.line - 1]
    assert '"title"' in line


def test_a_contract_that_is_gone_is_shown_by_a_record_of_it(repository: Path) -> None:
    shutil.rmtree("schemas/MarkDone")
    found = differences(DiffRequest(against="HEAD"))
    gone = found.compared[1]
    assert (gone.pair.name, label(gone, "backward"), gone.file) == ("MarkDone", "removed", MARK_DONE)
    (broken,) = _breaks(gone)
    valid = [case.name for case in load_cases(ROOT / "examples", Catalog.shipped(), Catalog.shipped().find("MarkDone")).cases if case.valid]
    assert broken.witness.seed.removeprefix("MarkDone/0.1.0/") in valid
    assert broken.gone
    assert "    the contract is gone: its records are claimed by none" in list(as_text(found.compared, found.policy))


def test_a_break_of_a_released_file_is_told_at_its_line(repository: Path) -> None:
    """That the file was to stay as it is, is another finding."""
    Path("schemas/SHA256SUMS").write_text(sums_text({"MarkDone/0.1.0.json": checksum(Path(MARK_DONE).read_bytes())}), "utf-8")
    commit(repository)
    _edit(MARK_DONE, '"maxLength": 72', '"maxLength": 30')
    found = differences(DiffRequest(("MarkDone",), against="HEAD"))
    (broken,) = _breaks(found.compared[0])
    assert broken.place is not None
    assert (broken.place.file, broken.place.pointer, broken.gone) == (MARK_DONE, "/properties/title/maxLength", False)
    (finding,) = told_as_findings(found)
    assert finding.location.line == broken.place.line
    assert finding.detail.startswith("schema-max-length: title has ")
    nowhere = found.compared[0]._replace(
        backward=found.compared[0].backward and found.compared[0].backward._replace(breaks=(broken._replace(place=None),))
    )
    for told in (list(as_text((nowhere,), "backward")), list(as_markdown((nowhere,), "backward"))):
        assert not any("is gone" in line for line in told)
        assert any("/properties/title/maxLength" in line for line in told)


# Schemas that have no version, and what tells which is which


def _plain(title: str = "", type: str = "string", **more: Any) -> dict[str, Any]:
    return {"$schema": DIALECTS["2020-12"], **({"title": title} if title else {}), "type": type, **more}


def _triples(found: Differences) -> list[tuple[str, str, str, str]]:
    """Of each comparison the file that was, the file that is, the name, and what came of it."""
    files = [(one.pair.old.file if one.pair.old else "", one.pair.new.file if one.pair.new else "") for one in found.compared]
    return [(*pair, one.pair.name, label(one, found.policy)) for pair, one in zip(files, found.compared, strict=True)]


def test_one_title_of_several_schemas_makes_none_of_them_gone() -> None:
    found = _folders({"order": _plain("Item")}, {"order": _plain("Item"), "cart": _plain("Item", "number")})
    assert _triples(found) == [("", "cart.json", "cart", "added"), ("order.json", "order.json", "order", "unchanged")]
    assert found.code == 0


def test_a_schema_whose_title_changed_is_compared_and_the_title_is_told() -> None:
    found = _folders({"order": _plain("Alpha")}, {"order": _plain("Beta", "integer")})
    assert _triples(found) == [("order.json", "order.json", "Beta", "breaking")]
    (one,) = found.compared
    assert _told(one) == [("/type", "the record is a string, not an integer")]
    titled = ("SHAPE", 'the record is titled "Beta"; it was titled "Alpha"')
    assert titled in [tuple(note) for note in one.notes]
    write(Path("new"), order=_plain("Beta"))
    (one,) = differences(DiffRequest(("old", "new"))).compared
    assert [tuple(note) for note in one.notes] == [titled]
    assert label(one, "full") == "compatible"


def test_titles_that_were_exchanged_exchange_no_schemas() -> None:
    found = _folders({"a": _plain("A"), "b": _plain("B", "number")}, {"a": _plain("B"), "b": _plain("A", "number")})
    assert _triples(found) == [("b.json", "b.json", "A", "compatible"), ("a.json", "a.json", "B", "compatible")]


def test_what_tells_a_schema_without_a_version_is_its_id_then_its_name_then_its_file() -> None:
    one, two = "https://one.example/a", "https://one.example/b"
    moved = _folders({"a": _plain("A", **{"$id": one})}, {"b": _plain("B", "number", **{"$id": one})})
    assert _triples(moved) == [("a.json", "b.json", "B", "breaking")]
    shutil.rmtree("new")
    renamed_file = _folders({"a": _plain("A", **{"$id": one})}, {"b": _plain("A", "number", **{"$id": two})})
    assert _triples(renamed_file) == [("a.json", "b.json", "A", "breaking")]
    shutil.rmtree("new")
    other_id = _folders({"a": _plain("A", **{"$id": one})}, {"a": _plain("B", "number", **{"$id": two})})
    assert _triples(other_id) == [("a.json", "a.json", "B", "breaking")]


def test_versions_are_told_by_their_names_whatever_their_files_are_called() -> None:
    found = _folders({"note": _versioned("0.1.0")}, {"note": _versioned("0.2.0"), "old-note": _versioned("0.1.0")})
    assert _triples(found) == [("note.json", "old-note.json", "Note", "unchanged"), ("note.json", "note.json", "Note", "unchanged")]


def test_a_schema_that_becomes_a_contract_is_compared_with_what_it_was() -> None:
    about = {"name": "Note", "version": "0.1.0", "status": "draft", "owner": "writers"}
    found = _folders({"note": _plain("Remark")}, {"note": _plain("Note", "number", **{"x-contract": about})})
    assert _triples(found) == [("note.json", "note.json", "Note", "breaking")]


@pytest.mark.parametrize("name", ["Alpha", "Beta"])
def test_a_schema_is_asked_for_by_the_name_that_it_had_or_by_the_one_that_it_has(name: str) -> None:
    found = _against({"a": _plain("Alpha"), "b": _plain("Gamma")}, {"a": _plain("Beta"), "b": _plain("Gamma")}, (name,))
    assert _triples(found) == [("a.json", "a.json", "Beta", "compatible")]


# Schemas that demand nothing

DEMAND_NOTHING: dict[str, Any] = {
    "a boolean": True,
    "an empty object": {},
    "annotations": {"title": "Any", "description": "Whatever there is."},
    "a dialect and annotations": {"$schema": DIALECTS["2020-12"], "title": "Any"},
    "definitions": {"$schema": DIALECTS["draft-07"], "definitions": {"a": {"type": "string"}}},
}


@pytest.mark.parametrize("case", DEMAND_NOTHING)
def test_a_schema_that_demands_nothing_accepts_all_whatever_it_looks_like(case: str) -> None:
    free, bound = DEMAND_NOTHING[case], _plain("Any")
    for other in ({"other": _plain("other")}, {}):
        shutil.rmtree("schemas", ignore_errors=True)
        found = _against({"any": free, **other}, {"any": bound, **other})
        assert (_triples(found)[0][:2], label(found.compared[0], "full"), found.code) == (("any.json", "any.json"), "breaking", 1)
        assert _told(found.compared[0]) == [("/type", "the record is an integer, not a string")]
        found = _against({"any": bound, **other}, {"any": free, **other})
        assert _triples(found)[0] == ("any.json", "any.json", found.compared[0].pair.name, "compatible")
        assert (found.code, len(found.compared)) == (0, 1 + len(other))
    assert _verdicts(_files(free, bound)) == ("breaking", "compatible")
    assert _verdicts(_files(bound, free)) == ("compatible", "breaking")


def test_a_schema_that_becomes_false_is_no_removed_one() -> None:
    found = _against({"any": _plain("Any"), "other": _plain("Other")}, {"any": False, "other": _plain("Other")})
    assert _triples(found) == [("other.json", "other.json", "Other", "unchanged"), ("any.json", "any.json", "any", "breaking")]
    assert _told(found.compared[1]) == [("", 'the record is "", where nothing may stand')]
    assert found.compared[1].backward is not None
    assert found.compared[1].backward.reason == ""


@pytest.mark.parametrize("value", [True, False, {}, {"title": "x"}, {"minLength": 1}, {"default": 1}], ids=repr)
def test_any_schema_may_be_named(value: Any) -> None:
    assert label(_files(value, value), "full") == "unchanged"


def test_schemas_that_demand_nothing_on_both_sides_are_no_contracts() -> None:
    found = _folders({"any": {}, "other": _plain("Other")}, {"any": {"title": "Any"}, "other": _plain("Other")})
    assert _labels(found) == [("Other", "unchanged")]


def test_data_that_becomes_a_schema_was_none() -> None:
    found = _folders({"any": {"name": "x"}, "other": _plain("Other")}, {"any": _plain("Any"), "other": _plain("Other")})
    assert _labels(found) == [("Any", "added"), ("Other", "unchanged")]


def test_a_reference_leads_to_a_schema_that_demands_nothing() -> None:
    old = {"a": _plain("A", "object", properties={"b": {"$ref": "b.json"}}), "b": True}
    found = _folders(old, {**old, "b": False})
    assert _triples(found) == [("a.json", "a.json", "A", "breaking")]


# What is said of a break


def test_a_property_that_a_closed_object_does_not_have_any_more_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    inner = {"properties": {"a": {"type": "string"}, "b": {}}, "additionalProperties": False}
    less = {"properties": {"b": {}}, "additionalProperties": False}
    one = _files(_plain("N", "object", properties={"in": inner}), _plain("N", "object", properties={"in": less}))
    assert [(broken.pointer, broken.dropped) for broken in _breaks(one)] == [
        ("/properties/in/additionalProperties", ("/properties/in/properties/a",))
    ]
    assert run_diff(DiffRequest(("old.json", "new.json"))) == 1
    said = "the accepting version declares /properties/in/properties/a, the refusing one does not"
    assert f"      {said}" in capsys.readouterr().out.splitlines()
    assert run_diff(DiffRequest(("old.json", "new.json"), formats=("markdown", "json=told.json"))) == 1
    assert f" {said}." in capsys.readouterr().out
    (broken,) = json.loads(Path("told.json").read_text("utf-8"))["contracts"][0]["backward"]["breaks"]
    assert broken["dropped"] == ["/properties/in/properties/a"]


def test_an_object_that_is_closed_drops_no_property() -> None:
    one = _files(_plain("N", "object", properties={"a": {}}), _plain("N", "object", properties={"a": {}}, additionalProperties=False))
    assert [(broken.pointer, broken.dropped) for broken in _breaks(one)] == [("/additionalProperties", ())]


@pytest.mark.parametrize("text", ["1.0", "1e2"])
def test_that_draft_4_takes_what_has_a_fraction_for_no_integer_is_said(text: str) -> None:
    write(Path(), a={"$schema": DIALECTS["draft-04"], "properties": {"n": {"type": ["integer", "null"]}}})
    (finding,) = check_value(Catalog.at("a.json"), {"n": Decimal(text)}, Demands())
    assert finding.message == f"n is {Decimal(text)}, written with a fraction or an exponent, which draft 4 takes for no integer"


@pytest.mark.parametrize("dialect", ["draft-04", "draft-06", "draft-07"])
def test_what_stands_beside_a_reference_says_nothing_in_early_drafts(dialect: str) -> None:
    """Neither that it leads nowhere, nor that it leads back, nor what it would ask of a record."""
    beside = {"properties": {"b": {"$ref": "#/nowhere"}}, "allOf": [{"$ref": "#/properties/a"}], "required": ["b"]}
    member = {"$ref": "#/definitions/whole", **beside}
    old, new = (_of(dialect, properties={"a": member}, definitions={"whole": {"type": types}}) for types in ("object", ["object", "null"]))
    one = _files(old, new)
    assert (one.problem, _verdicts(one)) == ("", ("compatible", "breaking"))
    assert _told(one, "forward") == [("/definitions/whole/type", "a is null, not an object")]
    assert [note.words for note in one.notes] == ["a is object or null, of any members; it was object, of any members"]
    same = _files(old, _of(dialect, properties={"a": {"$ref": "#/definitions/whole"}}, definitions={"whole": {"type": "object"}}))
    assert _verdicts(same) == ("compatible", "compatible")


@pytest.mark.parametrize(
    ("dialect", "beside", "words"),
    [
        ("draft-07", {"properties": {"b": {"$ref": "https://example.org/nowhere.json"}}}, "https://example.org/nowhere.json"),
        ("draft-07", {"definitions": {"b": {"$ref": "#/nowhere"}}}, "#/nowhere"),
        ("2019-09", {"properties": {"b": {"$ref": "#/nowhere"}}}, "#/nowhere"),
    ],
)
def test_but_what_the_engines_need_there_is_asked_for(dialect: str, beside: dict[str, Any], words: str) -> None:
    whole = {"definitions": {"whole": {"type": "object"}}}
    document = _of(dialect, properties={"a": {"$ref": "#/definitions/whole", **beside}}, **whole)
    one = _files(document, document)
    line = next(number for number, text in enumerate(Path("new.json").read_text("utf-8").splitlines(), 1) if f'"$ref": "{words}"' in text)
    assert one.problem == f"./new.json:{line - 1}:5: https://example.org/note.json refers to {words}, which leads to no known schema"
