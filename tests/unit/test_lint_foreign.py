"""What lint says of schemas that are no contracts: only what holds for any JSON Schema."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.evolve.lint import LINT_RULES, lint

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def _write(path: Path, document: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


FOREIGN: list[tuple[str, Any, list[tuple[str, str, str]]]] = [
    ("what contracts must not do", {"type": "object", "properties": {"anyRef": {"pattern": "a|b"}}, "x-anything": 1, "$defs": {"a": {}}}, []),
    ("misspelling", {"$schema": DIALECT, "requred": ["a"]}, [("error", "/requred", "requred is no keyword; did you mean required?")]),
    ("extension of another tool", {"$schema": DIALECT, "markdownDescription": "", "$$description": "", "customThing": 1}, [("warning", "/markdownDescription", "markdownDescription is no keyword"), ("warning", "/$$description", "$$description is no keyword"), ("warning", "/customThing", "customThing is no keyword")]),
    ("keyword that the draft does not have", {"$schema": "http://json-schema.org/draft-07/schema#", "unevaluatedProperties": False}, [("error", "/unevaluatedProperties", "unevaluatedProperties is not a keyword of draft-07, and does nothing there")]),
    ("keywords of old drafts", {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {}, "dependencies": {"a": ["b"], "c": {}}, "additionalItems": False, "$defs": {}}, []),
    ("boolean exclusiveMinimum", {"$schema": "http://json-schema.org/draft-04/schema#", "id": "http://example.org/x#", "exclusiveMinimum": True, "minimum": 1}, []),
    ("boolean exclusiveMinimum since draft-06", {"$schema": "http://json-schema.org/draft-06/schema#", "exclusiveMinimum": True}, [("error", "/exclusiveMinimum", 'true is not of type "number"')]),
    ("array of items", {"$schema": DIALECT, "items": [{}]}, [("error", "/items", '[{}] is not of types "boolean", "object"')]),
    ("dialect that nobody knows", {"$schema": "https://example.org/dialect", "properties": {}}, [("warning", "/$schema", '"https://example.org/dialect" is no dialect that is known here, and was read as 2020-12')]),
    ("format of another tool", {"$schema": DIALECT, "format": "int32"}, [("warning", "/format", "nothing asserts the format int32")]),
    ("format that the draft does not have", {"$schema": "http://json-schema.org/draft-07/schema#", "format": "uuid"}, [("warning", "/format", "nothing asserts the format uuid")]),
    ("look-around", {"$schema": DIALECT, "patternProperties": {"^(?!a)": {}}}, [("warning", "/patternProperties/^(?!a)", "it looks around with (?!")]),
    ("pattern that is none", {"$schema": DIALECT, "patternProperties": {"[": {}}}, [("error", "/patternProperties/[", '"[" is no regular expression, or one that is too large to compile')]),
    ("reference into an old kind of name", {"$schema": "http://json-schema.org/draft-07/schema#", "$ref": "#here", "definitions": {"a": {"$id": "#here"}}}, []),
    ("reference to an anchor", {"$schema": DIALECT, "allOf": [{"$ref": "#here"}, {"$ref": "#there"}], "$defs": {"a": {"$anchor": "here"}}}, [("error", "/allOf/1/$ref", "#there leads nowhere")]),
    (
        "reference to a neighbour",
        {"$schema": DIALECT, "$id": "https://example.org/main.json", "allOf": [{"$ref": "other.json#/$defs/a"}, {"$ref": "other.json#/$defs/b"}, {"$ref": "more/none.json"}]},
        [("error", "/allOf/1/$ref", "other.json#/$defs/b leads nowhere"), ("error", "/allOf/2/$ref", "more/none.json leads nowhere")],
    ),
    ("reference by the neighbour's id", {"$schema": DIALECT, "$id": "https://example.org/main.json", "$ref": "https://example.net/id-of-other#/$defs/a"}, []),
    ("reference to an embedded resource", {"$schema": DIALECT, "$id": "https://example.org/main.json", "$ref": "inner.json#/$defs/a", "$defs": {"i": {"$id": "inner.json", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {}}}}}, []),
    ("reference to a dialect", {"$schema": DIALECT, "$ref": "http://json-schema.org/draft-07/schema#"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "expected"), [case[1:] for case in FOREIGN], ids=[case[0] for case in FOREIGN])
def test_schemas_that_are_no_contracts_are_held_to_the_general_rules(
    tmp_path: Path, schema: Any, expected: list[tuple[str, str, str]]
) -> None:
    _write(tmp_path / "main.json", schema)
    _write(tmp_path / "other.json", {"$schema": DIALECT, "$id": "https://example.net/id-of-other", "$defs": {"a": {}}})
    _write(tmp_path / "data.json", {"properties": [1]})
    linted = lint([str(tmp_path)])
    assert [(finding.severity, finding.pointer, finding.detail) for finding in linted.findings] == expected
    assert all(LINT_RULES[finding.rule].general for finding in linted.findings)
    assert ([os.path.basename(file) for file in linted.files], linted.passed_over) == (["main.json", "other.json"], 1)


def test_a_reference_to_a_neighbour_that_was_not_named(tmp_path: Path) -> None:
    _write(
        tmp_path / "a/main.json",
        {"$schema": DIALECT, "$id": "https://example.org/x", "allOf": [{"$ref": "../b/other.json"}, {"$ref": "../b/data.txt"}]},
    )
    _write(tmp_path / "b/other.json", {"type": "string"})
    _write(tmp_path / "b/data.txt", {"type": "string"})
    assert [(finding.rule, finding.pointer, finding.detail) for finding in lint([str(tmp_path / "a")]).findings] == [
        ("lint-ref", "/allOf/1/$ref", "../b/data.txt leads nowhere")
    ]
