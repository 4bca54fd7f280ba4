"""What a person is told: which rule, at which place, in which words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts import Catalog, Finding, check
from srcos_contracts.contracts.judge import EngineName

BASE = "https://example.org/"


def _check(tmp_path: Path, schema: dict[str, Any], record: Any, engine: EngineName = "rust") -> list[Finding]:
    folder = tmp_path / "schemas"
    folder.mkdir(exist_ok=True)
    (folder / "thing.json").write_text(
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": BASE + "thing.json", "title": "Thing", **schema})
    )
    return check(record, contract="Thing", catalog=Catalog.at(str(folder)), engine=engine)


RULE = {"id": "a-rule", "message": "things are in order", "help": "put the thing in order", "why": "because of the order"}


@pytest.fixture(params=["rust", "reference"])
def engine(request: pytest.FixtureRequest) -> EngineName:
    name: EngineName = request.param
    return name


def test_of_very_many_faults_the_outermost_are_told_and_the_rest_counted(tmp_path: Path, engine: EngineName) -> None:
    items = {"items": {"type": "string"}}
    schema = {"required": ["z"], "properties": {"a": items, "b": {"x-warn": [items]}}}
    found = _check(tmp_path, schema, {"a": list(range(1500))}, engine)
    assert [(f.rule, f.pointer) for f in found[:-1]] == [("schema-required", "/z"), *(("schema-type", f"/a/{n}") for n in range(999))]
    assert (found[-1].rule, found[-1].severity, found[-1].pointer, found[-1].sentence) == (
        "too-many-faults",
        "error",
        "",
        "the record has more faults than the 1,000 that are told one by one: 501 further ones are left out",
    )
    warned = _check(tmp_path, schema, {"z": 1, "b": list(range(1001))}, engine)
    assert {f.severity for f in warned} == {"warning"}
    assert (len(warned), warned[-1].detail) == (1001, "1 further one is left out")
    assert len(_check(tmp_path, schema, {"z": 1, "a": list(range(1000))}, engine)) == 1000


def test_of_very_many_forms_the_first_are_told_and_the_rest_counted(tmp_path: Path, engine: EngineName) -> None:
    schema = {"properties": {"a": {"anyOf": [{"pattern": f"^{letter}"} for letter in "abcdefghijklmno"]}}}
    (finding,) = _check(tmp_path, schema, {"a": "z"}, engine)
    begun = "; ".join(f'a is "z", which does not begin with "{letter}"' for letter in "abcdefgh")
    assert finding.sentence == f"nothing that is asked for holds: {begun}; and 7 more"


def _brief(found: list[Finding]) -> list[tuple[str, str, str]]:
    return [(finding.rule, finding.pointer, finding.sentence) for finding in found]


@pytest.mark.parametrize(
    ("schema", "record", "expected"),
    [
        ({"properties": {"a": {"type": "string"}}}, {"a": 1}, ("schema-type", "/a", "a is an integer, not a string")),
        ({"properties": {"a": {"type": ["string", "null"]}}}, {"a": []}, ("schema-type", "/a", "a is an array, not a string or null")),
        ({"properties": {"a": {"const": True}}}, {"a": "true"}, ("schema-const", "/a", 'a is "true", not true')),
        ({"properties": {"a": {"enum": ["open", "closed"]}}}, {"a": "Open"}, ("schema-enum", "/a", 'a is "Open", which is not open or closed; did you mean open?')),
        ({"properties": {"a": {"enum": [1, None]}}}, {"a": 2}, ("schema-enum", "/a", "a is 2, which is not 1 or null")),
        ({"properties": {"a": {"format": "date-time"}}}, {"a": "2026-02-30T00:00:00Z"}, ("schema-format", "/a", 'a is "2026-02-30T00:00:00Z", which is not an RFC 3339 date-time with an offset and a real date')),
        ({"properties": {"a": {"format": "date-time"}}}, {"a": "+026-05-06T18:00:00Z"}, ("schema-format", "/a", 'a is "+026-05-06T18:00:00Z", which is not an RFC 3339 date-time with an offset and a real date')),
        ({"properties": {"a": {"pattern": "^x"}}}, {"a": "y"}, ("schema-pattern", "/a", 'a is "y", which does not begin with "x"')),
        ({"properties": {"a": {"pattern": "^(?=x)"}}}, {"a": "y"}, ("schema-pattern", "/a", 'a is "y", which does not fit the pattern ^(?=x)')),
        ({"properties": {"a": {"pattern": "\\S", "title": "Text", "description": "Not blank."}}}, {"a": " "}, ("schema-pattern", "/a", 'a is " ", which is blank')),
        ({"properties": {"a": {"pattern": "^[0-9]{2}$", "title": "Count", "description": "`00` to `99`."}}}, {"a": "1"}, ("schema-pattern", "/a", 'a is "1", which does not fit the form "Count": 00 to 99')),
        ({"properties": {"a": {"pattern": "^u:(?:x|y):[a-z]+$", "description": "`u:<kind>:<id>`, where the kind is x or y."}}}, {"a": "u:z:a"}, ("schema-pattern", "/a", 'a is "u:z:a", which is not what is asked for: u:<kind>:<id>, where the kind is x or y')),
        ({"properties": {"a": {"pattern": "^x", "title": "An x"}}}, {"a": "y"}, ("schema-pattern", "/a", 'a is "y", which does not fit the form "An x"')),
        ({"properties": {"a": {"pattern": "^x", "description": "It is `x<y>`."}}}, {"a": "y"}, ("schema-pattern", "/a", 'a is "y", which does not fit the form x<y>')),
        ({"properties": {"a": {"pattern": "^[^<>]+$", "title": "Name", "description": "Without `<` and `>`."}}}, {"a": "<x"}, ("schema-pattern", "/a", 'a is "<x", which has "<", and is to have no "<" or ">"')),
        ({"properties": {"a": {"minItems": 2}}}, {"a": [1]}, ("schema-min-items", "/a", "a has 1 item, not at least 2")),
        ({"properties": {"a": {"maxLength": 2}}}, {"a": "abc"}, ("schema-max-length", "/a", "a has 3 characters, not at most 2")),
        ({"properties": {"a": {"minProperties": 1}}}, {"a": {}}, ("schema-min-properties", "/a", "a has 0 members, not at least 1")),
        ({"properties": {"a": {"uniqueItems": True}}}, {"a": ["x", "y", "x"]}, ("schema-unique-items", "/a", 'a lists "x" twice')),
        ({"properties": {"a": {"contains": {"const": "x"}}}}, {"a": ["y"]}, ("schema-contains", "/a", "a has no x")),
        ({"properties": {"a": {"contains": {"pattern": "^x"}}}}, {"a": ["y"]}, ("schema-contains", "/a", "a has no item of the form that is asked for")),
        ({"properties": {"a": {"contains": {"description": "A word of praise. Any will do.", "pattern": "^x"}}}}, {"a": ["y"]}, ("schema-contains", "/a", "a has no word of praise")),
        ({"properties": {"a": {"contains": {"$ref": "#/$defs/x"}}}, "$defs": {"x": {"description": "URN of a session.", "pattern": "^x"}}}, {"a": ["y"]}, ("schema-contains", "/a", "a has no URN of a session")),
        ({"properties": {"a": {"minimum": 1}}}, {"a": 0}, ("schema-minimum", "/a", "a is 0, not at least 1")),
        ({"properties": {"a": {"exclusiveMaximum": 1}}}, {"a": 1.5}, ("schema-exclusive-maximum", "/a", "a is 1.5, not less than 1")),
        ({"properties": {"a": {"multipleOf": 5}}}, {"a": 7}, ("schema-multiple-of", "/a", "a is 7, not a multiple of 5")),
        ({"properties": {"a": {"not": {"const": 1}}}}, {"a": 1}, ("schema-not", "/a", "a is 1, where any value but 1 may stand")),
        ({"properties": {"a": {"not": {"enum": [1, 2]}}}}, {"a": 1}, ("schema-not", "/a", "a is 1, where any value but 1 and 2 may stand")),
        ({"properties": {"a": {"not": {"type": "null"}}}}, {"a": None}, ("schema-not", "/a", "a is null, where a value is wanted")),
        ({"properties": {"a": {"enum": ["x", "y", "z"]}}, "allOf": [{"properties": {"a": {"not": {"enum": ["x", "y"]}}}}]}, {"a": "x"}, ("schema-not", "/a", 'a is "x", where z is wanted')),
        ({"properties": {"a": {"type": "boolean"}}, "allOf": [{"properties": {"a": {"not": {"const": False}}}}]}, {"a": False}, ("schema-not", "/a", "a is false, where true is wanted")),
        ({"properties": {"a": {"prefixItems": [True], "items": False}}}, {"a": [1, 2]}, ("schema-false", "/a/1", "item 1 of a is 2, where the list is to end")),
        ({"properties": {"a": {"contains": {"const": 1}, "minContains": 2}}}, {"a": [1]}, ("schema-min-contains", "/a", "a has fewer than 2 items of the kind that the schema asks for")),
        ({"properties": {"a": {"oneOf": [{"minimum": 1}, {"maximum": 1}]}}}, {"a": 1}, ("schema-one-of", "/a", "a fits several of the forms that are allowed here, and is to fit only one")),
        ({"properties": {"a": False}}, {"a": 1}, ("schema-false", "/a", "a is 1, where nothing may stand")),
        ({"properties": {"a": {"not": {"description": "Text with a line break.", "pattern": "\n"}}}}, {"a": "x\n"}, ("schema-not", "/a", 'a is "x\\n", which is text with a line break')),
        ({"properties": {"a": {"not": {"$ref": "#/$defs/x"}}}, "$defs": {"x": {"description": "A path", "pattern": "^x"}}}, {"a": "x"}, ("schema-not", "/a", 'a is "x", which is a path')),
        ({"properties": {"a": {"pattern": "^[a-z]+$", "not": {"pattern": "^x"}}}}, {"a": "x1"}, ("schema-pattern", "/a", 'a is "x1", which has "1", and is to have only lower-case letters')),
        ({"required": ["a"]}, {}, ("schema-required", "/a", "a is missing")),
        ({"properties": {"o": {"required": ["a"]}}}, {"o": {}}, ("schema-required", "/o/a", "a is missing in o")),
        ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, ("schema-dependent-required", "/b", "b is missing")),
        ({"properties": {"a": True}, "additionalProperties": False}, {"b/c": 1}, ("schema-additional-properties", "/b~1c", '"b/c" is not a property of Thing')),
        ({"propertyNames": {"enum": ["a", "b"]}}, {"A": 1}, ("schema-property-names", "/A", 'the name "A" is not a or b')),
        ({"propertyNames": False}, {"A": 1}, ("schema-property-names", "/A", 'the name "A" is none that Thing may have')),
        ({"propertyNames": {"pattern": "^[a-z]+$"}}, {"A": 1}, ("schema-property-names", "/A", 'the name "A" has "A", and is to have only lower-case letters')),
        ({"properties": {"a": {"items": {"type": "string"}}}}, {"a": ["x", 2]}, ("schema-type", "/a/1", "item 1 of a is an integer, not a string")),
        ({"properties": {"a": {"anyOf": [{"pattern": "^x"}, {"pattern": "^y"}]}}}, {"a": "z"}, ("schema-any-of", "/a", 'nothing that is asked for holds: a is "z", which does not begin with "x"; a is "z", which does not begin with "y"')),
        ({"unevaluatedProperties": False}, {"a": 1}, ("schema-unevaluated-properties", "", "the record has properties that are not declared")),
        ({"type": "array"}, {"a": 1}, ("schema-type", "", "the record is an object, not an array")),
    ],
)  # fmt: skip
def test_a_fault_of_shape_in_words(
    tmp_path: Path, engine: EngineName, schema: dict[str, Any], record: Any, expected: tuple[str, str, str]
) -> None:
    assert _brief(_check(tmp_path, schema, record, engine)) == [expected]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"kind": "a", "n": "x"}, [("schema-type", "/v/n", "n is a string, not an integer")]),
        ({"kind": "b", "n": 1}, [("schema-required", "/v/m", "m is missing in v")]),
        (5, [("schema-type", "/v", "v is an integer, not an object")]),
        ("text", []),
        (None, []),
    ],
)
def test_only_the_branch_that_is_meant_is_told(tmp_path: Path, engine: EngineName, value: Any, expected: Any) -> None:
    a = {"type": "object", "properties": {"kind": {"const": "a"}, "n": {"type": "integer"}}, "required": ["kind"]}
    b = {"type": "object", "properties": {"kind": {"const": "b"}}, "required": ["kind", "m"]}
    branches = [a, b, {"type": "null"}, {"type": "string"}] if value in ("text", None) or isinstance(value, dict) else [a, {"type": "null"}]
    assert _brief(_check(tmp_path, {"properties": {"v": {"oneOf": branches}}}, {"v": value}, engine)) == expected


def test_the_innermost_rule_counts(tmp_path: Path, engine: EngineName) -> None:
    inner = {**RULE, "id": "inner-rule"}
    schema = {"allOf": [{"x-rule": RULE, "properties": {"a": {"type": "string"}, "b": {"x-rule": inner, "type": "string"}}}]}
    assert [(f.rule, f.pointer) for f in _check(tmp_path, schema, {"a": 1, "b": 1}, engine)] == [("a-rule", "/a"), ("inner-rule", "/b")]


def test_a_rule_reaches_through_references_and_covers_absence(tmp_path: Path, engine: EngineName) -> None:
    schema = {
        "properties": {"a": {"$ref": "#/$defs/ruled"}, "b": {"x-rule": {**RULE, "id": "outer-rule"}, "$ref": "#/$defs/ordered"}},
        "required": ["a"],
        "$defs": {"ruled": {"x-rule": RULE, "type": "string"}, "ordered": {"x-order": [["/from", "/to"]]}},
    }
    record = {"b": {"from": "2026-05-06T03:00:00Z", "to": "2026-05-06T02:00:00Z"}}
    found = _check(tmp_path, schema, record, engine)
    assert _brief(found) == [
        ("a-rule", "/a", "things are in order: a is missing"),
        ("outer-rule", "/b/to", 'things are in order: to "2026-05-06T02:00:00Z" is before from "2026-05-06T03:00:00Z"'),
    ]
    assert [f.demand.pointer for f in found if f.demand] == ["/required", "/$defs/ordered/x-order"]


def test_an_x_keyword_decides_in_a_condition(tmp_path: Path, engine: EngineName) -> None:
    schema = {"if": {"x-in": {"/pick": "/offers"}}, "then": {"required": ["ok"]}, "else": {"required": ["why"]}}
    assert [f.pointer for f in _check(tmp_path, schema, {"pick": "a", "offers": ["a"]}, engine)] == ["/ok"]
    assert [f.pointer for f in _check(tmp_path, schema, {"pick": "b", "offers": ["a"]}, engine)] == ["/why"]


def test_a_conditional_x_keyword_counts_for_what_is_evaluated(tmp_path: Path, engine: EngineName) -> None:
    condition = {"properties": {"pick": True, "offers": True}, "if": {"required": ["pick"]}, "then": {"x-in": {"/pick": "/offers"}}}
    schema = {"allOf": [condition], "unevaluatedProperties": False}
    record = {"pick": "a", "offers": ["a"]}
    assert _check(tmp_path, schema, record, engine) == []
    assert Catalog.at(str(tmp_path / "schemas")).judge(Catalog.at(str(tmp_path / "schemas")).find("Thing"), engine).accepts(record)
    # A subschema that fails has evaluated nothing (2020-12, section 7.7.1.1), so the record's members count as undeclared too.
    assert [f.pointer for f in _check(tmp_path, schema, {"pick": "b", "offers": ["a"]}, engine)] == ["", "/pick"]


def test_a_misspelt_name_is_one_finding(tmp_path: Path, engine: EngineName) -> None:
    schema = {
        "properties": {"policyDecisionRef": {"x-rule": RULE}, "origin": True},
        "required": ["policyDecisionRef", "origin"],
        "additionalProperties": False,
    }
    found = _check(tmp_path, schema, {"policy_decision_ref": 1, "orgin": 2, "colour": 3}, engine)
    assert _brief(found) == [
        (
            "a-rule",
            "/policy_decision_ref",
            'things are in order: "policy_decision_ref" stands where policyDecisionRef is missing; did you mean policyDecisionRef?',
        ),
        ("schema-required", "/orgin", '"orgin" stands where origin is missing; did you mean origin?'),
        ("schema-additional-properties", "/colour", '"colour" is not a property of Thing'),
    ]


CLOSED: dict[str, Any] = {
    "properties": {
        "stateReason": {"type": "string"},
        "ownerRefs": {"$ref": "#/$defs/refs"},
        "started_at": True,
        "type": True,
        "actor": True,
    },
    "$defs": {"refs": {"x-alias": ["principals"]}},
    "patternProperties": {"^x-": True},
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("record", "expected", "help"),
    [
        ({"stateReson": ""}, '"stateReson" is not a property of Thing; did you mean stateReason?', 'rename "stateReson" to stateReason; if it says something else, give it a name that begins with x-'),
        ({"state_reason": ""}, '"state_reason" is not a property of Thing; did you mean stateReason?', None),
        ({"ownerRef": ""}, '"ownerRef" is not a property of Thing; did you mean ownerRefs?', None),
        ({"startedAt": ""}, '"startedAt" is not a property of Thing; did you mean started_at?', None),
        ({"principals": ""}, '"principals" is not a property of Thing; did you mean ownerRefs?', None),
        ({"tpye": ""}, '"tpye" is not a property of Thing; did you mean type?', None),
        ({"statereason": "", "stateReason": ""}, '"statereason" is not a property of Thing; stateReason stands there already', "move what it holds to stateReason, or give it a name that begins with x-"),
        ({"stateReasons": "", "stateReason": ""}, '"stateReasons" is not a property of Thing; stateReason stands there already', None),
        ({"act": ""}, '"act" is not a property of Thing', "give it a name that begins with x-, or remove it"),
        ({"actor_id": "", "actor": ""}, '"actor_id" is not a property of Thing', None),
        ({"colour": ""}, '"colour" is not a property of Thing', None),
    ],
)  # fmt: skip
def test_a_name_that_is_nearly_declared(
    tmp_path: Path, engine: EngineName, record: dict[str, Any], expected: str, help: str | None
) -> None:
    found = _check(tmp_path, CLOSED, record, engine)
    assert _brief(found) == [("schema-additional-properties", f"/{next(iter(record))}", expected)]
    assert help is None or found[0].help == help


def test_a_misspelt_name_in_an_object_without_room_for_others(tmp_path: Path, engine: EngineName) -> None:
    schema = {"properties": {"scope": {"properties": {"tabRef": True}, "additionalProperties": False}}}
    found = _check(tmp_path, schema, {"scope": {"tabref": 1, "colour": 2}}, engine)
    assert [(f.pointer, f.message, f.help) for f in found] == [
        ("/scope/tabref", '"tabref" is not a property of scope; did you mean tabRef?', 'rename "tabref" to tabRef'),
        ("/scope/colour", '"colour" is not a property of scope', "correct the name, or remove it"),
    ]


def test_a_misspelt_name_stays_an_error_where_its_absence_is_only_warned_of(tmp_path: Path, engine: EngineName) -> None:
    schema = {**CLOSED, "x-warn": [{"x-rule": RULE, "required": ["actor", "type"]}]}
    found = _check(tmp_path, schema, {"acter": 1, "tipe": 2, "type": 3}, engine)
    assert [(f.severity, f.rule, f.pointer) for f in found] == [
        ("error", "schema-additional-properties", "/acter"),
        ("error", "schema-additional-properties", "/tipe"),
    ]
    assert [f.message.split("; ")[1] for f in found] == ["did you mean actor?", "type stands there already"]


def test_of_two_names_for_one_missing_member_each_is_a_finding(tmp_path: Path, engine: EngineName) -> None:
    schema = {**CLOSED, "required": ["stateReason"]}
    found = _check(tmp_path, schema, {"stateReson": "", "state_reason": ""}, engine)
    assert [(f.rule, f.pointer) for f in found] == [("schema-required", "/stateReson"), ("schema-additional-properties", "/state_reason")]


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"kind": "tri"}, ("/v/kind", 'kind is "tri", which is not circle, square or sq')),
        ({"kind": "squar"}, ("/v/kind", 'kind is "squar", which is not circle, square or sq; did you mean square?')),
        ({"kind": 1}, ("/v/kind", "kind is 1, which is not circle, square or sq")),
        ({"r": 1}, ("/v/kind", 'kind is missing in v; it says which form is meant: "circle", "square" or "sq"')),
        ({"kind": "circle", "mode": "z", "r": 1}, ("/v/mode", 'mode is "z", which is not x or y')),
        ({"kind": "sq", "side": 0}, ("/v/side", "side is 0, not at least 1")),
        (5, ("/v", "v is an integer, not an object")),
    ],
)
def test_a_member_that_tells_the_branches_apart(
    tmp_path: Path, engine: EngineName, keyword: str, value: Any, expected: tuple[str, str]
) -> None:
    circle = {
        "properties": {"kind": {"enum": ["circle"]}, "r": {"type": "number"}, "mode": {"enum": ["x", "y"]}},
        "required": ["kind", "r"],
    }
    square = {"properties": {"kind": {"enum": ["square", "sq"]}, "side": {"minimum": 1}}, "required": ["kind", "side"]}
    branches = [{"type": "object", **circle}, {"$ref": "#/$defs/square"}, {"type": "null"}]
    schema = {"properties": {"v": {keyword: branches}}, "$defs": {"square": {"type": "object", **square}}}
    found = [(f.pointer, f.sentence) for f in _check(tmp_path, schema, {"v": value}, engine)]
    if value == 5:
        expected = ("/v", "nothing that is asked for holds: v is an integer, not an object; v is an integer, not null")
    assert found == [expected]


def test_warnings_are_told_apart_and_give_way_to_errors(tmp_path: Path, engine: EngineName) -> None:
    warn = [{"x-rule": {**RULE, "severity": "warning"}, "properties": {"a": {"minItems": 1}, "b": {"minItems": 1}}}]
    schema = {"properties": {"a": {"items": {"type": "string"}}, "b": {"allOf": [{"minItems": 1}]}}, "x-warn": warn}
    found = _check(tmp_path, schema, {"a": [], "b": []}, engine)
    assert [(f.rule, f.severity, f.pointer) for f in found] == [("a-rule", "warning", "/a"), ("schema-min-items", "error", "/b")]
    assert [f.demand.pointer for f in found if f.demand] == ["/x-warn/0/properties/a/minItems", "/properties/b/allOf/0/minItems"]


def test_a_warning_in_a_shared_definition_counts_where_it_is_used(tmp_path: Path, engine: EngineName) -> None:
    schema = {"properties": {"card": {"$ref": "#/$defs/card"}}, "$defs": {"card": {"x-warn": [{"x-rule": RULE, "required": ["note"]}]}}}
    assert [(f.rule, f.severity, f.pointer) for f in _check(tmp_path, schema, {"card": {}}, engine)] == [
        ("a-rule", "warning", "/card/note")
    ]


def test_faults_come_in_the_order_of_the_record(tmp_path: Path, engine: EngineName) -> None:
    schema = {"properties": {name: {"type": "string"} for name in "abc"}, "required": ["z"]}
    assert [f.pointer for f in _check(tmp_path, schema, {"c": 1, "a": 1, "b": 1}, engine)] == ["/z", "/c", "/a", "/b"]


def test_exact_numbers_decide(tmp_path: Path, engine: EngineName) -> None:
    path = tmp_path / "r.json"
    schema: dict[str, Any] = {
        "properties": {"i": {"type": "integer"}, "n": {"type": "number"}, "m": {"maximum": 10**401}, "x": {"type": "integer"}}
    }
    path.write_text('{"i": 1' + "0" * 400 + ', "n": 1e400, "m": 1e400, "x": 1.5}')
    assert _brief(_check(tmp_path, schema, path, engine)) == [("schema-type", "/x", "x is a number, not an integer")]


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"type": "strnig"}, 'is not valid under any of the schemas|"strnig"'),
        ({"$ref": "http://example.net/x.json"}, "refers to http://example.net/x.json, which leads to no known schema"),
        ({"$ref": "file:///etc/passwd"}, "refers to file:///etc/passwd, which leads to no known schema"),
        ({"$ref": "#/$defs/none"}, "refers to #/\\$defs/none, which leads to no known schema"),
        ({"pattern": "("}, "regex"),
        ({"x-order": 5}, "x-order does not have the form"),
    ],
)
def test_a_schema_that_cannot_be_used_is_one_clear_error(tmp_path: Path, schema: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        _check(tmp_path, schema, {})
    assert "\n" not in str(caught.value)
    assert "thing.json" in str(caught.value)


@pytest.mark.parametrize(
    "schema",
    [{"$ref": "#"}, {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}],
)
def test_a_reference_that_only_leads_to_itself_is_refused(tmp_path: Path, engine: EngineName, schema: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="leads only to itself"):
        _check(tmp_path, schema, {}, engine)


def test_what_is_data_in_a_schema_stays_as_it_is(tmp_path: Path, engine: EngineName) -> None:
    data = {"format": "date-time", "x-warn": 1, "properties": {"a": False}}
    schema = {"properties": {"enum": {"format": "date-time"}, "a": {"const": data}, "b": {"enum": [data]}}}
    assert _check(tmp_path, schema, {"a": data, "b": data}, engine) == []
    assert [f.rule for f in _check(tmp_path, schema, {"enum": "2026-02-30"}, engine)] == ["schema-format"]


def test_a_recursive_schema_works(tmp_path: Path, engine: EngineName) -> None:
    schema = {"properties": {"child": {"$ref": "#"}, "n": {"type": "integer"}}, "additionalProperties": False}
    record: dict[str, Any] = {"n": "x"}
    for _ in range(100):
        record = {"child": record}
    assert [f.pointer for f in _check(tmp_path, schema, record, engine)] == ["/child" * 100 + "/n"]


def test_a_fault_is_found_through_a_reference_by_a_relative_identity(tmp_path: Path, engine: EngineName) -> None:
    schema = {"$defs": {"part": {"$id": "part.json", "type": "integer"}}, "properties": {"a": {"$ref": "part.json"}}}
    found = _check(tmp_path, schema, {"a": "x"}, engine)
    assert [(f.rule, f.pointer) for f in found] == [("schema-type", "/a")]


@pytest.mark.parametrize(
    ("schema", "record", "expected"),
    [
        ({"properties": {"": {"type": "string"}}}, {"": 1}, ("schema-type", "/", '"" is an integer, not a string')),
        ({"additionalProperties": {"uniqueItems": True}}, {"": [1, 1]}, ("schema-unique-items", "/", '"" lists 1 twice')),
        ({"additionalProperties": {"maxItems": 1}}, {"": [1, 2]}, ("schema-max-items", "/", '"" has 2 items, not at most 1')),
        ({"patternProperties": {"": {"type": "string"}}}, {"a": 1}, ("schema-type", "/a", "a is an integer, not a string")),
        (
            {"properties": {"": {"minLength": 3}, "minLength": {"type": "integer"}}},
            {"": "x"},
            ("schema-min-length", "/", '"" has 1 character, not at least 3'),
        ),
        (
            {"items": {"properties": {"": {"additionalProperties": False}}}},
            [{"": {"": 1}}],
            ("schema-additional-properties", "/0//", '"" is not a property of 0.""'),
        ),
        ({"additionalProperties": {"type": "integer"}}, {"01": "b", "1": 0}, ("schema-type", "/01", "01 is a string, not an integer")),
        ({"additionalProperties": {"maxItems": 1}}, {"2026": [1, 2]}, ("schema-max-items", "/2026", "2026 has 2 items, not at most 1")),
        ({"items": {"properties": {"+1": {"const": 1}}}}, [{"+1": 2}], ("schema-const", "/0/+1", "+1 is 2, not 1")),
        ({"patternProperties": {"0": {"type": "string"}}}, {"a0": 1}, ("schema-type", "/a0", "a0 is an integer, not a string")),
        ({"properties": {"": {"x-not-in": {"/a": "/b"}}}}, {"": {"a": 1, "b": [1]}}, ("schema-not-in", "//a", "a is 1, which b contains")),
    ],
)
def test_what_is_wrong_under_a_name_that_is_empty_or_a_number_is_told_there(
    tmp_path: Path, engine: EngineName, schema: dict[str, Any], record: Any, expected: tuple[str, str, str]
) -> None:
    assert _brief(_check(tmp_path, schema, record, engine)) == [expected]


def test_a_number_is_the_name_of_a_member_beside_others(tmp_path: Path, engine: EngineName) -> None:
    found = _check(tmp_path, {"properties": {"1": {"required": ["x"]}}, "required": ["a"]}, {"1": {}}, engine)
    assert sorted(_brief(found)) == [("schema-required", "/1/x", "x is missing in 1"), ("schema-required", "/a", "a is missing")]
