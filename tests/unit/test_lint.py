"""What lint says of schemas: a small folder of contracts that is in order, and one change at a time."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import jsonpatch
import pytest

from srcos_contracts.cli.lint import LintRequest, run_lint
from srcos_contracts.contracts.checksums import BadSums, checksum
from srcos_contracts.evolve.lint import LINT_RULES, CannotMend, Linted, lint, mend

ROOT = Path(__file__).resolve().parents[2]
DIALECT = "https://json-schema.org/draft/2020-12/schema"
BASE = "https://schemas.srcos.ai/"
THING = "Thing/1.0.0.json"
DEFS = "defs/base/1.0.0.json"
URNS = "defs/urn/1.0.0.json"


def _rule(rule: str, **members: Any) -> dict[str, Any]:
    return {
        "id": rule,
        "message": "what holds when all is well",
        "help": "what to do about it",
        "why": "What goes wrong without it.",
        **members,
    }


CONTRACT: dict[str, Any] = {
    "$schema": DIALECT,
    "$id": BASE + THING,
    "title": "Thing",
    "description": "A thing that a test is about.",
    "x-contract": {
        "name": "Thing",
        "version": "1.0.0",
        "status": "draft",
        "owner": "tests",
        "discriminator": {"type": "Thing", "specVersion": "1.0.0"},
    },
    "type": "object",
    "properties": {
        "id": {"description": "Its name.", "$ref": "../defs/urn/1.0.0.json#/$defs/thing", "x-id": True},
        "type": {"description": "The discriminator.", "const": "Thing"},
        "specVersion": {"description": "The version.", "const": "1.0.0"},
        "parentRef": {
            "description": "What it is a part of.",
            "$ref": "../defs/urn/1.0.0.json#/$defs/thing",
            "x-ref": {"role": "parent", "to": ["Thing"]},
        },
        "label": {"$ref": "../defs/base/1.0.0.json#/$defs/label"},
        "size": {
            "description": "Its size, or null.",
            "anyOf": [
                {
                    "type": "object",
                    "properties": {"width": {"description": "From side to side.", "type": "number"}},
                    "patternProperties": {"^x-": True},
                    "additionalProperties": False,
                },
                {"type": "null"},
            ],
        },
        "extra": {"description": "What its producer likes.", "type": "object"},
    },
    "required": ["id", "type", "specVersion"],
    "patternProperties": {"^x-": True},
    "additionalProperties": False,
    "allOf": [
        {
            "x-rule": _rule("thing-label"),
            "if": {"properties": {"label": {"pattern": "^part of"}}, "required": ["label"]} | {"properties": {"label": {"const": "part"}}},
            "then": {"required": ["parentRef"]},
        }
    ],
    "x-warn": [
        {"x-rule": _rule("thing-size", severity="warning"), "required": ["size"]},
        {"$ref": "../defs/base/1.0.0.json#/$defs/labelled"},
    ],
}
SHARED: dict[str, Any] = {
    "$schema": DIALECT,
    "$id": BASE + DEFS,
    "title": "Shared",
    "description": "What contracts share.",
    "$defs": {
        "label": {"description": "A word or two.", "type": "string", "pattern": "\\S"},
        "labelled": {"description": "A thing with a label.", "x-rule": _rule("thing-labelled", severity="warning"), "required": ["label"]},
    },
}
NAMES: dict[str, Any] = {
    "$schema": DIALECT,
    "$id": BASE + URNS,
    "title": "Names",
    "description": "How things are named.",
    "$defs": {"thing": {"description": "The URN of a thing.", "type": "string", "pattern": "^urn:srcos:thing:[a-z]+$"}},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of contracts that is in order, with its examples beside it."""
    for file, document in ((THING, CONTRACT), (DEFS, SHARED), (URNS, NAMES)):
        _write(tmp_path / "schemas" / file, document)
    for example in ("valid/minimal", "invalid/thing-label/no-parent", "invalid/thing-size/none", "invalid/thing-labelled/none"):
        _write(tmp_path / f"examples/Thing/1.0.0/{example}.json", {"type": "Thing"})
    return tmp_path / "schemas"


def _write(path: Path, document: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _change(folder: Path, file: str, *operations: dict[str, Any]) -> None:
    path = folder / file
    _write(path, jsonpatch.apply_patch(json.loads(path.read_text("utf-8")), operations))


def _told(linted: Linted) -> list[tuple[str, str, str]]:
    return [(finding.rule, finding.pointer, finding.detail) for finding in linted.findings]


def _add(path: str, value: Any) -> dict[str, Any]:
    return {"op": "add", "path": path, "value": value}


def _remove(path: str) -> dict[str, Any]:
    return {"op": "remove", "path": path}


def _object(**properties: Any) -> dict[str, Any]:
    described = {name: {"description": "It.", **value} for name, value in properties.items()}
    return {
        "description": "An object.",
        "type": "object",
        "properties": described,
        "patternProperties": {"^x-": True},
        "additionalProperties": False,
    }


def test_a_folder_in_order_gives_nothing(folder: Path) -> None:
    linted = lint([str(folder)])
    assert _told(linted) == []
    assert [os.path.relpath(file, folder) for file in linted.files] == [THING, DEFS, URNS]
    assert linted.passed_over == 0


CASES: list[tuple[str, str, list[dict[str, Any]], list[tuple[str, str, str]]]] = [
    # Keywords
    ("misspelt keyword", THING, [_add("/properties/type/desciption", "x")], [("lint-keyword", "/properties/type/desciption", "desciption is no keyword; did you mean description?")]),
    ("keyword in another case", THING, [_add("/properties/extra/minproperties", 1)], [("lint-keyword", "/properties/extra/minproperties", "minproperties is no keyword; did you mean minProperties?")]),
    ("word that is like no keyword", DEFS, [_add("/$defs/label/zzz", 1)], [("lint-keyword", "/$defs/label/zzz", "zzz is no keyword")]),
    ("misspelt x-keyword", THING, [_add("/properties/extra/x-waarn", [])], [("lint-keyword", "/properties/extra/x-waarn", "x-waarn is no keyword; did you mean x-warn?")]),
    ("keyword in a warning", THING, [_add("/x-warn/0/requird", [])], [("lint-keyword", "/x-warn/0/requird", "requird is no keyword; did you mean required?")]),
    ("keyword of an older draft", THING, [_add("/properties/extra/definitions", {})], [("lint-keyword", "/properties/extra/definitions", "definitions is not a keyword of 2020-12, and does nothing there")]),
    ("names that are no keywords are looked at only where schemas stand", THING, [_add("/properties/extra/examples", [{"typ": 1}]), _add("/properties/extra/default", {"typ": 1}), _add("/properties/extra/enum", [{"typ": 1}])], []),
    # Dialect, identity
    ("another dialect", THING, [_add("/$schema", "http://json-schema.org/draft-07/schema#")], [("lint-dialect", "/$schema", '$schema is "http://json-schema.org/draft-07/schema#"')]),
    ("no dialect", DEFS, [_remove("/$schema")], [("lint-dialect", "/$schema", "$schema is missing")]),
    ("another id", THING, [_add("/$id", BASE + "Thing/1.0.1.json")], [("lint-id", "/$id", f'it is "{BASE}Thing/1.0.1.json"')]),
    ("no id", DEFS, [_remove("/$id")], [("lint-id", "/$id", "it is missing")]),
    ("another version", THING, [_add("/x-contract/version", "1.0.1")], [("lint-contract", "/x-contract/version", "the file is Thing/1.0.0.json, not Thing/1.0.1.json")]),
    ("another name", THING, [_add("/x-contract/name", "Think")], [("lint-contract", "/x-contract/name", "the file is Thing/1.0.0.json, not Think/1.0.0.json"), ("lint-typed-reference", "/properties/parentRef/x-ref/to/0", "there is no contract Thing")]),
    # Discriminator
    ("discriminator without const", THING, [_add("/properties/type", {"description": "It.", "type": "string"})], [("lint-discriminator", "/x-contract/discriminator/type", 'the property type has no const, not "Thing"')]),
    ("discriminator with another const", THING, [_add("/properties/specVersion/const", "1.0.1")], [("lint-discriminator", "/x-contract/discriminator/specVersion", 'the property specVersion has the const "1.0.1", not "1.0.0"')]),
    ("discriminator that may be absent", THING, [_add("/required", ["id", "type"])], [("lint-discriminator", "/x-contract/discriminator/specVersion", "the property specVersion is not required")]),
    # Closed objects
    ("open root", THING, [_remove("/additionalProperties")], [("lint-closed-object", "", "the object does not say whether it is open")]),
    ("open on purpose", THING, [_add("/additionalProperties", True)], []),
    ("open for values of a kind", THING, [_add("/additionalProperties", {"type": "string"})], []),
    ("no room for x-names", THING, [_remove("/patternProperties")], [("lint-closed-object", "/additionalProperties", "the object leaves no room for ^x- names")]),
    ("open object in anyOf", THING, [_remove("/properties/size/anyOf/0/additionalProperties")], [("lint-closed-object", "/properties/size/anyOf/0", "the object does not say whether it is open")]),
    ("open items", THING, [_add("/properties/extra", {"description": "It.", "type": "array", "items": {"type": "object", "properties": {}, "additionalProperties": False}})], [("lint-closed-object", "/properties/extra/items/additionalProperties", "the object leaves no room for ^x- names")]),
    ("closed by unevaluatedProperties", THING, [_add("/properties/extra", {"description": "It.", "properties": {}, "patternProperties": {"^x-": True}, "unevaluatedProperties": False})], []),
    ("closed by what it takes in", THING, [_add("/properties/extra", {"description": "It.", "$ref": "#/properties/size/anyOf/0", "properties": {"width": {"$ref": "../defs/base/1.0.0.json#/$defs/label"}}})], []),
    ("rules need not be closed", THING, [_add("/allOf/0/then", {"properties": {"size": {"type": "object", "properties": {"width": {"minimum": 1}}}}})], []),
    # Patterns
    ("open pattern", DEFS, [_add("/$defs/label/pattern", "[a-z]+x$")], [("lint-pattern-anchored", "/$defs/label/pattern", '"[a-z]+x$" is not anchored on both sides')]),
    ("anchors that miss an alternative", DEFS, [_add("/$defs/label/pattern", "^a|b$")], [("lint-pattern-anchored", "/$defs/label/pattern", '"^a|b$" is not anchored on both sides')]),
    ("pattern of names", DEFS, [_add("/$defs/label/patternProperties", {"^a": True})], [("lint-pattern-anchored", "/$defs/label/patternProperties/^a", '"^a" is not anchored on both sides')]),
    ("what may stand nowhere need not be anchored", DEFS, [_add("/$defs/label/not", {"pattern": "[\\r\\n]x"})], []),
    ("parts of strings need not be anchored", THING, [_add("/allOf/0/then/x-equal", {"/id": "(?<a>[a-z])", "/label": "^(?<a>.)"})], []),
    ("look-around", DEFS, [_add("/$defs/label/pattern", "^(?!a).*$")], [("lint-pattern-linear", "/$defs/label/pattern", "it looks around with (?!")]),
    ("back-reference", DEFS, [_add("/$defs/label/pattern", "^(a)\\1$")], [("lint-pattern-linear", "/$defs/label/pattern", "it refers back with \\1")]),
    ("no pattern", DEFS, [_add("/$defs/label/pattern", "^(a$")], [("lint-schema", "/$defs/label/pattern", '"^(a$" is no regular expression, or one that is too large to compile')]),
    ("escape that engines read differently", DEFS, [_add("/$defs/label/pattern", "^\\d$")], [("lint-pattern-portable", "/$defs/label/pattern", "\\d takes in the digits of all scripts in some engines")]),
    # Prose
    ("property without description", THING, [_remove("/properties/extra/description")], [("lint-description", "/properties/extra", "the property extra has no description")]),
    ("blank description", THING, [_add("/properties/size/anyOf/0/properties/width/description", " ")], [("lint-description", "/properties/size/anyOf/0/properties/width", "the property width has no description")]),
    ("property that is true", THING, [_add("/properties/extra", True)], [("lint-description", "/properties/extra", "the property extra has no description")]),
    ("property that is forbidden", THING, [_add("/properties/extra", False)], []),
    ("contract without title", THING, [_remove("/title")], [("lint-description", "/title", "the contract has no title")]),
    ("rule without why", THING, [_remove("/allOf/0/x-rule/why")], [("lint-rule-text", "/allOf/0/x-rule/why", 'the rule "thing-label" has no why')]),
    ("a rule about several records", THING, [_add("/allOf/0/x-rule/id", "causal-cycle")], [("lint-rule-example", "/allOf/0/x-rule/id", "there is no example in examples/Thing/1.0.0/invalid/causal-cycle"), ("lint-rule-id", "/allOf/0/x-rule/id", '"causal-cycle" is the id of a rule that no contract states')]),
    ("a rule of reading", THING, [_add("/allOf/0/x-rule/id", "duplicate-key")], [("lint-rule-example", "/allOf/0/x-rule/id", "there is no example in examples/Thing/1.0.0/invalid/duplicate-key"), ("lint-rule-id", "/allOf/0/x-rule/id", '"duplicate-key" is the id of a rule that no contract states')]),
    ("blank help", THING, [_add("/allOf/0/x-rule/help", "          ")], [("lint-rule-text", "/allOf/0/x-rule/help", 'the rule "thing-label" has no help')]),
    ("message with a full stop", DEFS, [_add("/$defs/labelled/x-rule/message", "a thing has a label.")], [("lint-rule-text", "/$defs/labelled/x-rule/message", "the message ends with a full stop")]),
    # Names and references
    ("name in the other style", THING, [_add("/properties/other_size", {"description": "It."})], [("lint-property-name", "/properties/other_size", "other_size is not camelCase")]),
    ("camel case where it does not belong", THING, [_add("/x-contract/discriminator", {"type": "Thing"})], [("lint-property-name", "/properties/specVersion", "specVersion is not snake_case"), ("lint-property-name", "/properties/parentRef", "parentRef is not snake_case")]),
    ("x-name", THING, [_add("/properties/x-other_Size", {"description": "It."})], []),
    ("reference by its name", THING, [_add("/properties/ownerRefs", {"description": "They.", "type": "array", "items": {"type": "string"}})], [("lint-typed-reference", "/properties/ownerRefs", "ownerRefs is a reference by its name, and has no x-ref")]),
    ("reference typed in its items", THING, [_add("/properties/ownerRefs", {"description": "They.", "type": "array", "items": {"x-ref": {"role": "owner", "to": []}}})], []),
    ("URN without a type", THING, [_remove("/properties/id/x-id")], [("lint-typed-reference", "/properties/id", "id is a URN, and has neither x-ref nor x-id")]),
    ("URN or null", THING, [_add("/properties/id", {"description": "It.", "anyOf": [{"$ref": "../defs/urn/1.0.0.json#/$defs/thing"}, {"type": "null"}]})], [("lint-typed-reference", "/properties/id", "id is a URN, and has neither x-ref nor x-id")]),
    ("final state that is none", THING, [_add("/properties/stage", {"description": "It.", "enum": ["open", "done"], "x-state": True, "x-final": ["done", "gone"]})], [("lint-final-state", "/properties/stage/x-final/1", "there is no state gone")]),
    ("final state of no state", THING, [_add("/properties/stage", {"description": "It.", "enum": ["open", "done"], "x-final": ["done"]})], [("lint-final-state", "/properties/stage/x-final", "x-final stands where no x-state does")]),
    ("series of nothing that changes", THING, [_add("/properties/id/x-id", "series")], [("lint-series", "/properties/id/x-id", "Thing has a series, and neither x-time nor x-state")]),
    ("series with a mark that is none", THING, [_add("/properties/id/x-id", "series"), _add("/properties/at", {"description": "It.", "x-time": False})], [("lint-series", "/properties/id/x-id", "Thing has a series, and neither x-time nor x-state"), ("lint-vocabulary", "/properties/at/x-time", "true was expected")]),
    ("series that another file defines", URNS, [_add("/$defs/thing/x-id", "series")], [("lint-series", "/$defs/thing/x-id", "Thing has a series, and neither x-time nor x-state")]),
    ("series in time", THING, [_add("/properties/id/x-id", "series"), _add("/properties/at", {"description": "It.", "x-time": True})], []),
    ("series of states, by reference", THING, [_add("/properties/id/x-id", "series"), _add("/properties/stage", {"description": "It.", "$ref": "#/$defs/stage"}), _add("/$defs", {"stage": {"enum": ["open", "done"], "x-state": True}})], []),
    ("further name, and nothing that changes", THING, [_add("/properties/id/x-id", "alias")], []),
    ("reference to no contract", THING, [_add("/properties/parentRef/x-ref/to", ["Thing", "Think"])], [("lint-typed-reference", "/properties/parentRef/x-ref/to/1", "there is no contract Think")]),
    # Warnings
    ("warning among the errors", THING, [_add("/allOf/0/x-rule/severity", "warning")], [("lint-warning", "/allOf/0/x-rule/severity", "a rule of severity warning stands outside of x-warn")]),
    ("error among the warnings", THING, [_remove("/x-warn/0/x-rule/severity")], [("lint-warning", "/x-warn/0/x-rule", "a rule within x-warn has not the severity warning")]),
    ("warning in an if", THING, [_add("/allOf/0/if/x-warn", [{"minProperties": 1}])], [("lint-warning", "/allOf/0/if/x-warn", "whether a warning fails decides here which branch is taken")]),
    ("warning in an anyOf", THING, [_add("/properties/size/anyOf/0/properties/width/x-warn", [{"minimum": 1}])], [("lint-warning", "/properties/size/anyOf/0/properties/width/x-warn", "whether a warning fails decides here which branch is taken")]),
    ("warning in a then", THING, [_add("/allOf/0/then/x-warn", [{"minProperties": 1}])], []),
    # Conditions
    ("if without required", THING, [_remove("/allOf/0/if/required")], [("lint-if-required", "/allOf/0/if/properties/label", "the condition tests label and does not require it")]),
    ("if with the required of another branch", THING, [_add("/allOf/0/if", {"anyOf": [{"properties": {"label": {"const": "a"}}}, {"required": ["label"]}]})], [("lint-if-required", "/allOf/0/if/anyOf/0/properties/label", "the condition tests label and does not require it")]),
    ("if with the required around it", THING, [_add("/allOf/0/if", {"required": ["label"], "anyOf": [{"properties": {"label": {"const": "a"}}}]})], []),
    ("if with the required beside it", THING, [_add("/allOf/0/if", {"allOf": [{"required": ["label"]}], "properties": {"label": {"const": "a"}}})], []),
    ("if within an object", THING, [_add("/allOf/0/if", {"required": ["size"], "properties": {"size": {"properties": {"width": {"const": 1}}}}})], [("lint-if-required", "/allOf/0/if/properties/size/properties/width", "the condition tests width and does not require it")]),
    ("if of what is absent", THING, [_add("/allOf/0/if", {"not": {"properties": {"label": {"const": "a"}}}})], []),
    ("if by reference", THING, [_add("/allOf/0/if", {"$ref": "#/$defs/part"}), _add("/$defs", {"part": {"properties": {"label": {"const": "part"}}}})], [("lint-if-required", "/$defs/part/properties/label", "the condition tests label and does not require it")]),
    # The form of x-keywords, and of schemas
    ("x-keyword of another form", THING, [_add("/x-contract/status", "final")], [("lint-vocabulary", "/x-contract/status", '"final" is not one of "draft", "stable" or "deprecated"')]),
    ("keyword of another form", THING, [_add("/properties/label/minLength", -1)], [("lint-schema", "/properties/label/minLength", "-1 is less than the minimum of 0")]),
    ("type that is none", THING, [_add("/properties/extra/type", "objekt")], [("lint-schema", "/properties/extra/type", '"objekt" is not allowed here')]),
    ("format that nothing asserts", DEFS, [_add("/$defs/label/format", "datetime")], [("lint-format", "/$defs/label/format", "nothing asserts the format datetime; did you mean date-time?")]),
    ("format that is asserted", DEFS, [_add("/$defs/label/format", "date-time")], []),
    # References and definitions
    ("reference to no file", THING, [_add("/properties/label/$ref", "../defs/none/1.0.0.json")], [("lint-ref", "/properties/label/$ref", "../defs/none/1.0.0.json leads nowhere")]),
    ("reference to no definition", THING, [_add("/properties/label/$ref", "#/$defs/label")], [("lint-ref", "/properties/label/$ref", "#/$defs/label leads nowhere")]),
    ("reference to no schema", THING, [_add("/properties/label/$ref", "#/title")], [("lint-ref", "/properties/label/$ref", "#/title leads to something that is no schema")]),
    ("reference to itself", THING, [_add("/$defs", {"a": {"description": "It.", "$ref": "#/$defs/a"}}), _add("/properties/label/$ref", "#/$defs/a")], [("lint-ref", "/$defs/a/$ref", "#/$defs/a leads back to where it stands")]),
    ("reference to what takes it in", THING, [_add("/allOf/-", {"allOf": [{"$ref": "#"}]})], [("lint-ref", "/allOf/1/allOf/0/$ref", "# leads back to where it stands")]),
    ("reference that goes deeper", THING, [_add("/properties/extra", {"description": "It.", "$ref": "#"})], []),
    ("definition that nothing uses", THING, [_add("/$defs", {"a": {"type": "string"}})], [("lint-unused-definition", "/$defs/a", "no contract uses a")]),
    ("shared definition that nothing uses", DEFS, [_add("/$defs/a", {"type": "string"})], [("lint-unused-definition", "/$defs/a", "no contract uses a")]),
    ("definition that only another unused one uses", DEFS, [_add("/$defs/a", {"$ref": "#/$defs/b"}), _add("/$defs/b", {})], [("lint-unused-definition", "/$defs/a", "no contract uses a"), ("lint-unused-definition", "/$defs/b", "no contract uses b")]),
]  # fmt: skip


@pytest.mark.parametrize(("file", "operations", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_one_change_gives_these_findings(
    folder: Path, file: str, operations: list[dict[str, Any]], expected: list[tuple[str, str, str]]
) -> None:
    _change(folder, file, *operations)
    assert _told(lint([str(folder / file)])) == expected


def test_findings_about_shared_definitions_depend_on_how_contracts_use_them(folder: Path) -> None:
    _change(folder, THING, _add("/allOf/-", {"$ref": "../defs/base/1.0.0.json#/$defs/labelled"}))
    assert _told(lint([str(folder)])) == [
        ("lint-warning", "/$defs/labelled/x-rule/severity", "a rule of severity warning stands outside of x-warn")
    ]
    _change(folder, THING, _remove("/allOf/1"), _add("/properties/extra", {"$ref": "../defs/base/1.0.0.json#/$defs/label"}))
    _change(folder, DEFS, _remove("/$defs/label/description"), _add("/$defs/label/properties", {"snake_case": {"type": "string"}}))
    assert _told(lint([str(folder / THING)])) == [
        ("lint-description", "/properties/label", "the property label has no description"),
        ("lint-description", "/properties/extra", "the property extra has no description"),
    ]
    assert _told(lint([str(folder / DEFS)])) == [
        ("lint-closed-object", "/$defs/label", "the object does not say whether it is open"),
        ("lint-description", "/$defs/label/properties/snake_case", "the property snake_case has no description"),
        ("lint-property-name", "/$defs/label/properties/snake_case", "snake_case is not camelCase"),
    ]


def test_a_finding_has_its_place_its_help_and_the_line(folder: Path) -> None:
    _change(folder, THING, _add("/properties/other_size", {"description": "It."}))
    (finding,) = lint([str(folder / THING)]).findings
    line = (folder / THING).read_text("utf-8").split("\n").index('    "other_size": {') + 1
    assert (finding.location.file, finding.location.line, finding.location.column) == (str(folder / THING), line, 5)
    assert finding.location.excerpt == ('    "other_size": {', 4, 12)
    assert (finding.severity, finding.message) == ("error", LINT_RULES["lint-property-name"].message)
    assert finding.help == "write otherSize"


def test_every_rule_has_its_texts() -> None:
    for name, rule in LINT_RULES.items():
        assert name.startswith("lint-")
        assert not rule.message.endswith(".")
        assert len(rule.help) >= 10
        assert rule.why.endswith(".")
    assert {name for name, rule in LINT_RULES.items() if rule.general} == {
        "lint-schema",
        "lint-dialect",
        "lint-keyword",
        "lint-pattern-linear",
        "lint-format",
        "lint-ref",
    }


def test_every_rule_of_a_contract_has_examples(folder: Path) -> None:
    examples = folder.parent / "examples/Thing/1.0.0"
    shutil.rmtree(examples / "valid")
    (examples / "invalid/thing-label/no-parent.json").unlink()
    (examples / "invalid/thing-label/.hidden").touch()
    shutil.rmtree(examples / "invalid/thing-labelled")
    assert _told(lint([str(folder)])) == [
        ("lint-rule-example", "/x-contract", "there is no example in examples/Thing/1.0.0/valid"),
        ("lint-rule-example", "/allOf/0/x-rule/id", "there is no example in examples/Thing/1.0.0/invalid/thing-label"),
        ("lint-rule-example", "/x-warn/1/$ref", "there is no example in examples/Thing/1.0.0/invalid/thing-labelled"),
    ]
    shutil.rmtree(folder.parent / "examples")
    assert _told(lint([str(folder)])) == []


def test_a_schema_among_contracts_that_is_none(folder: Path) -> None:
    _write(folder / "Think/1.0.0.json", {"$schema": DIALECT, "type": "object", "propertis": {}})
    _write(folder / "bundles/Thing/1.0.0.json", {"$schema": DIALECT, "anything": True})
    _write(folder / "catalog.json", {"$schema": "https://json.schemastore.org/schema-catalog.json", "schemas": []})
    linted = lint([str(folder)])
    assert _told(linted) == [
        ("lint-contract", "/x-contract", f"{BASE}Think/1.0.0.json lies among contracts and has no x-contract"),
        ("lint-keyword", "/propertis", "propertis is no keyword; did you mean properties?"),
    ]
    assert (len(linted.files), linted.passed_over) == (4, 2)


def test_every_way_of_writing_nonsense_gives_findings_and_no_error(folder: Path) -> None:
    def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        return [path, *(place for name, member in members for place in places(member, (*path, name)))]

    silent = []
    nonsense: Any
    for path in places(CONTRACT)[1:]:
        for nonsense in (None, 0, [], {"$ref": "#"}):
            document = json.loads(json.dumps(CONTRACT))
            parent = document
            for token in path[:-1]:
                parent = parent[token]
            parent[path[-1]] = nonsense
            _write(folder / THING, document)
            findings = lint([str(folder / THING)]).findings
            assert {finding.rule for finding in findings} <= LINT_RULES.keys()
            if not findings:
                silent.append(("/".join(map(str, path)), nonsense))
    # What is left are changes of meaning, and no nonsense after all.
    assert silent == [
        ("properties/id", {"$ref": "#"}),
        ("properties/parentRef/x-ref/to", []),
        ("properties/label", {"$ref": "#"}),
        ("properties/size", {"$ref": "#"}),
        ("properties/extra", {"$ref": "#"}),
        ("patternProperties/^x-", {"$ref": "#"}),
        ("additionalProperties", {"$ref": "#"}),
        ("allOf/0/if/properties/label/const", None),
        ("allOf/0/if/properties/label/const", 0),
        ("allOf/0/if/properties/label/const", []),
        ("allOf/0/if/properties/label/const", {"$ref": "#"}),
        ("allOf/0/then/required", []),
        ("x-warn/0/required", []),
    ]


def test_a_hostile_schema_is_cut_short(tmp_path: Path) -> None:
    _write(tmp_path / "main.json", {"$schema": DIALECT, **{f"unheard{number}": 1 for number in range(3000)}})
    findings = lint([str(tmp_path)]).findings
    assert len(findings) == 1001
    assert [finding.detail for finding in findings if finding.rule == "lint-schema"] == [
        "there are more than 1,000 faults; the others are not listed"
    ]
    chain = {f"a{number}": {"$ref": f"#/$defs/a{number + 1}"} for number in range(3000)}
    _write(tmp_path / "main.json", {"$schema": DIALECT, "$ref": "#/$defs/a0", "$defs": chain})
    assert _told(lint([str(tmp_path)])) == [("lint-ref", "/$defs/a2999/$ref", "#/$defs/a3000 leads nowhere")]


def test_what_cannot_be_linted(tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"type": "object",}', encoding="utf-8")
    (tmp_path / "notes.md").write_text("---\n---\n", encoding="utf-8")
    _write(tmp_path / "data.json", [1])
    names = ["bad.json", "notes.md", "data.json", "none.json"]
    linted = lint([str(tmp_path / name) for name in names])
    found = [(finding.rule, os.path.basename(finding.location.file), finding.message) for finding in linted.findings]
    assert found == [
        ("unreadable", "none.json", "no such file or directory"),
        ("json-syntax", "bad.json", "this is not JSON: trailing comma"),
        ("unreadable", "notes.md", "lint reads schemas from .json files"),
        ("unreadable", "data.json", "this is JSON, and no JSON Schema"),
    ]
    assert linted.files == ()


def test_mend_writes_what_it_can(folder: Path) -> None:
    assert mend([str(folder)]) == ()
    order = ["$defs", *[name for name in SHARED if name != "$defs"]]
    (folder / DEFS).write_text(json.dumps({name: SHARED[name] for name in order}, indent=4), encoding="utf-8")
    (folder / DEFS).chmod(0o640)
    _write(folder.parent / "elsewhere/a.json", {"title": "a", "$schema": DIALECT})
    assert mend([str(folder), str(folder.parent / "elsewhere")]) == (str(folder / DEFS),)
    assert (folder / DEFS).read_text("utf-8") == json.dumps(SHARED, indent=2) + "\n"
    assert (folder / DEFS).stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in (folder / DEFS).parent.iterdir()) == ["1.0.0.json"]
    assert lint([str(folder)]).findings == ()


def test_mend_leaves_released_versions_alone(folder: Path) -> None:
    path = folder / THING
    path.write_text(path.read_text("utf-8").rstrip(), encoding="utf-8")
    sums = folder / "SHA256SUMS"
    sums.write_text(f"{checksum(path.read_bytes())}  {THING}\n", encoding="utf-8")
    assert mend([str(folder)]) == ()
    assert [finding.rule for finding in lint([str(folder)]).findings] == ["lint-layout"]
    sums.write_text(f"{'0' * 64}  {THING}\n{'1' * 64}  {THING}.gone\n", encoding="utf-8")
    found = [finding for finding in lint([str(folder)]).findings if finding.rule == "lint-released"]
    assert [(finding.location.file, finding.location.line) for finding in found] == [(str(path), 0), (str(sums), 2)]
    sums.write_text("0123  x\n", encoding="utf-8")
    with pytest.raises(BadSums, match=r"SHA256SUMS:1: a line is 64 hex digits"):
        lint([str(folder)])


def test_mend_says_what_cannot_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / THING
    before = path.read_text("utf-8").rstrip()
    path.write_text(before, encoding="utf-8")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(CannotMend) as caught:
        mend([str(folder)])
    assert str(caught.value) == f"{path} cannot be written: Permission denied"
    assert path.read_text("utf-8") == before
    assert [file.name for file in path.parent.iterdir()] == ["1.0.0.json"]


def test_the_shipped_contracts_are_in_order() -> None:
    linted = lint([str(ROOT / "schemas")])
    assert [(finding.rule, finding.location.file, finding.pointer, finding.detail) for finding in linted.findings] == []
    assert len(linted.files) >= 12


def test_exit_codes_and_what_is_said(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    monkeypatch.setenv("NO_COLOR", "1")
    assert run_lint(LintRequest()) == 0
    assert capsys.readouterr() == ("", "3 schemas: all in order\n")

    _change(folder, THING, _add("/properties/label/minLenght", 1))
    assert run_lint(LintRequest(("schemas",))) == 1
    out, err = capsys.readouterr()
    line = (folder / THING).read_text("utf-8").split("\n").index('      "minLenght": 1') + 1
    assert out == (
        "error[lint-keyword]: every keyword is one that the dialect or the vocabulary knows\n"
        f"  --> schemas/Thing/1.0.0.json:{line}:7  /properties/label/minLenght\n"
        f'{line} |       "minLenght": 1\n'
        f"{' ' * len(str(line))} |       ^^^^^^^^^^^ minLenght is no keyword; did you mean minLength?\n"
        f"{' ' * len(str(line))} = help: correct the spelling, or take the keyword out\n\n"
    )
    assert err == "3 schemas: 1 error, 0 warnings\n"

    assert run_lint(LintRequest(("schemas",), formats=("json",))) == 1
    report = json.loads(capsys.readouterr().out)
    assert [(finding["rule"], finding["pointer"]) for finding in report["findings"]] == [("lint-keyword", "/properties/label/minLenght")]
    assert report["summary"] == {"files": 3, "records": 3, "errors": 1, "warnings": 0, "hidden": 0}

    _write(Path("odd/a.json"), {"$schema": DIALECT, "format": "odd"})
    _write(Path("odd/b.json"), [])
    assert run_lint(LintRequest(("odd",))) == 0
    assert capsys.readouterr().err == "1 schema: 0 errors, 1 warning\nnot linted: 1 JSON file, no schemas or generated from schemas\n"


def test_nothing_to_lint_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run_lint(LintRequest()) == 2
    assert capsys.readouterr() == ("", "error: there is no folder schemas here; name the schemas to lint\n")
    _write(Path("odd/b.json"), [])
    assert run_lint(LintRequest(("odd",))) == 2
    assert capsys.readouterr() == ("", "0 schemas: nothing was linted\nnot linted: 1 JSON file, no schemas or generated from schemas\n")
    assert run_lint(LintRequest(("odd", "none.json"))) == 2
    assert capsys.readouterr().err == "0 schemas: 1 error, 0 warnings\nnot linted: 1 JSON file, no schemas or generated from schemas\n"
    assert run_lint(LintRequest(("odd",), formats=("xml",))) == 2


def test_fix_says_what_it_mended(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder.parent)
    path = folder / THING
    path.write_text(path.read_text("utf-8").rstrip(), encoding="utf-8")
    assert run_lint(LintRequest(fix=True)) == 0
    assert capsys.readouterr().err == "mended: schemas/Thing/1.0.0.json\n3 schemas: all in order\n"
    assert path.read_text("utf-8") == json.dumps(CONTRACT, indent=2) + "\n"
