"""Folders of JSON Schemas that know nothing of us: routed, judged, tested and mutated as they are."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.checking import Demands, check_value
from srcos_contracts.cli.diff import DiffRequest, differences
from srcos_contracts.cli.lint import LintRequest, run_lint
from srcos_contracts.cli.test import TrialRequest, run_trials
from srcos_contracts.contracts.catalog import CATALOG_FILE, Catalog, CatalogError
from srcos_contracts.contracts.checksums import SUMS_FILE
from srcos_contracts.contracts.judge import EngineName, Judge
from srcos_contracts.contracts.outline import outline
from srcos_contracts.finding import Finding

DRAFTS = {
    "draft-07": "http://json-schema.org/draft-07/schema#",
    "2019-09": "https://json-schema.org/draft/2019-09/schema",
    "2020-12": "https://json-schema.org/draft/2020-12/schema",
}


ENGINES: tuple[EngineName, ...] = ("rust", "reference")


def _write(root: Path, files: dict[str, Any]) -> None:
    for file, value in files.items():
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value, indent=2), encoding="utf-8")


def _catalog(root: Path, files: dict[str, Any]) -> Catalog:
    _write(root, files)
    return Catalog.at(str(root), "schemas")


def _found(catalog: Catalog, record: Any) -> list[Finding]:
    return check_value(catalog, record, Demands())


def _kind(name: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": {"type": {"const": name}}, "required": ["type"], **more}


@pytest.mark.parametrize("host", [None, "https://one.example/schemas/order.json"])
@pytest.mark.parametrize("draft", DRAFTS)
def test_a_reference_by_path_leads_to_the_neighbouring_file_whatever_the_ids_say(tmp_path: Path, draft: str, host: str | None) -> None:
    order: dict[str, Any] = {
        "$schema": DRAFTS[draft],
        **({"$id": host} if host else {}),
        **_kind("Order"),
    }
    order["properties"]["id"] = {"$ref": "../common/base.json#/definitions/id"}
    base = {"$schema": DRAFTS["draft-07"], "definitions": {"id": {"type": "string", "pattern": "^[a-z]+$"}}}
    catalog = _catalog(tmp_path, {"orders/order.json": order, "common/base.json": base})
    assert [contract.name for contract in catalog.contracts] == ["order"]
    assert _found(catalog, {"type": "Order", "id": "abc"}) == []
    (finding,) = _found(catalog, {"type": "Order", "id": "ABC"})
    assert (finding.rule, finding.pointer) == ("schema-pattern", "/id")
    assert finding.demand is not None
    assert finding.demand.file == f"{tmp_path}/common/base.json"
    assert finding.demand.pointer == "/definitions/id/pattern"
    assert finding.demand.line == 6


def test_a_finding_in_an_embedded_resource_names_its_place_in_the_file(tmp_path: Path) -> None:
    schema = {
        "$schema": DRAFTS["2020-12"],
        "$id": "https://one.example/a.json",
        **_kind("A"),
        "$defs": {"n": {"$id": "https://one.example/n.json", "minimum": 1}},
    }
    schema["properties"]["n"] = {"$ref": "n.json"}
    (finding,) = _found(_catalog(tmp_path, {"a.json": schema}), {"type": "A", "n": 0})
    assert finding.demand is not None
    assert finding.demand.pointer == "/$defs/n/minimum"


def test_constants_route_wherever_a_schema_always_demands_them(tmp_path: Path) -> None:
    catalog = _catalog(
        tmp_path,
        {
            "by-enum.json": {"properties": {"kind": {"enum": ["ByEnum"]}}, "required": ["kind"]},
            "by-all-of.json": {"allOf": [{"$ref": "#/$defs/head"}], "$defs": {"head": _kind("ByAllOf")}},
            "by-file.json": {"$ref": "head.json"},
            "head.json": {"$defs": {"head": _kind("Unused")}, **_kind("Head")},
            "optional.json": {"properties": {"type": {"const": "Optional"}}},
        },
    )
    claimed = {constant: catalog.claim({"type": constant}) for constant in ("ByAllOf", "Optional")}
    assert {constant: claim.contract.name for constant, claim in claimed.items() if claim} == {
        "ByAllOf": "by-all-of",
        "Optional": "optional",
    }
    by_enum = catalog.claim({"kind": "ByEnum"})
    assert by_enum is not None
    assert by_enum.contract.name == "by-enum"
    # Two schemas that demand the same constants cannot be told apart.
    assert catalog.claim({"type": "Head"}) is None


def test_versions_are_told_apart_by_further_constants_of_their_own_type(tmp_path: Path) -> None:
    def versioned(version: Any) -> dict[str, Any]:
        return {"properties": {"type": {"const": "Order"}, "version": {"const": version}}, "required": ["type", "version"]}

    catalog = _catalog(tmp_path, {"v1/order.json": versioned(1), "v2/order.json": versioned(2), "flag/order.json": versioned(True)})
    found = {repr(version): catalog.claim({"type": "Order", "version": version}) for version in (1, 2, True, 3)}
    named = {version: claim.contract.name if claim else None for version, claim in found.items()}
    assert named == {"1": "v1/order", "2": "v2/order", "True": "flag/order", "3": None}


def test_the_more_constants_a_schema_demands_the_sooner_it_is_asked(tmp_path: Path) -> None:
    special = _kind("Order")
    special["properties"]["mode"] = {"const": "special"}
    special["required"].append("mode")
    catalog = _catalog(tmp_path, {"a-general.json": _kind("Order"), "b-special.json": special})
    claims = [catalog.claim({"type": "Order", **more}) for more in ({}, {"mode": "special"})]
    assert [claim.contract.name for claim in claims if claim] == ["a-general", "b-special"]


def test_what_cannot_be_routed_is_named_with_the_reason(tmp_path: Path) -> None:
    plain = {"properties": {"x": {"type": "integer"}}}
    files = {"plain.json": plain, "order.json": _kind("Order"), "package.json": {"name": "x"}, "copy/order.json": _kind("Order")}
    files["twice.json"] = {"$id": "https://one.example/twice.json", **_kind("Twice")}
    files["vendored/twice.json"] = files["twice.json"]
    catalog = _catalog(tmp_path, files)
    unrouted = "reached only by --contract, for no constant tells their records apart"
    assert sorted(catalog.unreached) == [
        ("copy/order", unrouted),
        ("order", unrouted),
        ("package.json", "no JSON Schema"),
        ("plain", unrouted),
        ("vendored/twice.json", "the same as another file"),
    ]
    judged = check_value(catalog, {"x": "1"}, Demands(catalog.find("plain")))
    assert [finding.rule for finding in judged] == ["schema-type"]


def test_two_schemas_with_one_id_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"b\.json and .*a\.json have one \$id, https://one\.example/a, and are not the same"):
        _catalog(tmp_path, {"a.json": {"$id": "https://one.example/a", "type": "object"}, "b.json": {"$id": "https://one.example/a"}})


def test_a_schema_that_cannot_be_used_stops_only_its_own_records(tmp_path: Path) -> None:
    broken = _kind("Broken")
    broken["properties"]["x"] = {"$ref": "missing.json"}
    catalog = _catalog(tmp_path, {"broken.json": broken, "order.json": _kind("Order", additionalProperties=False)})
    assert _found(catalog, {"type": "Order"}) == []
    assert [finding.rule for finding in _found(catalog, {"type": "Nothing"})] == ["unclaimed-record"]
    with pytest.raises(CatalogError, match=r"broken\.json:7:5: .* refers to missing\.json, which leads to no known schema"):
        _found(catalog, {"type": "Broken", "x": 1})


def test_one_schema_file_judges_every_record(tmp_path: Path) -> None:
    order = {"properties": {"id": {"$ref": "../common/base.json#/definitions/id"}, "lines": {"$ref": "lines.json"}}}
    files: dict[str, Any] = {
        "orders/order.json": order,
        "orders/lines.json": {"type": "array", "items": {"$ref": "order.json"}},
        "orders/broken.json": {"type": 5},
        "common/base.json": {"definitions": {"id": {"pattern": "^[a-z]+$"}}},
    }
    _write(tmp_path, files)
    catalog = Catalog.at(str(tmp_path / "orders" / "order.json"))
    assert ([contract.name for contract in catalog.contracts], catalog.unreached) == (["order"], ())
    found = _found(catalog, {"id": "A", "lines": [{"id": "B"}]})
    assert [(finding.rule, finding.pointer) for finding in found] == [("schema-pattern", "/id"), ("schema-pattern", "/lines/0/id")]
    assert found[0].demand is not None
    assert (Path(found[0].demand.file).resolve(), found[0].demand.line) == (tmp_path / "common/base.json", 4)
    again = Catalog.at(catalog.root, catalog.shown)
    assert _found(again, {"id": "A", "lines": [{"id": "B"}]}) == found


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "object", "required": ["k"]}, True),
        ({"type": ["string", "null"]}, True),
        ({"type": "string", "description": "Any text."}, True),
        ({"type": "integer", "minimum": 1}, True),
        ({"$id": "https://one.example/a", "required": ["k"]}, True),
        ({"$id": "1", "name": "x"}, False),
        ({"type": "string", "name": "x"}, False),
        ({"type": "Order", "required": ["k"]}, False),
        ({"type": [], "items": {}}, False),
        ({"$schema": "https://one.example/config.json", "items": {}}, False),
        ({"properties": [1]}, False),
    ],
)
def test_what_is_a_schema_among_other_files(tmp_path: Path, schema: dict[str, Any], told: bool) -> None:
    catalog = _catalog(tmp_path, {"a.json": schema, "other.json": _kind("Order")})
    assert [contract.name for contract in catalog.contracts] == (["a", "other"] if told else ["other"])


@pytest.mark.parametrize(
    ("path", "problem"),
    [("none", r"none does not exist"), ("empty", r"empty holds no JSON Schema"), ("data.json", r"data\.json holds no JSON Schema")],
)
def test_schemas_that_are_not_there(tmp_path: Path, path: str, problem: str) -> None:
    (tmp_path / "empty").mkdir()
    _write(tmp_path, {"data.json": {"name": "x"}})
    with pytest.raises(CatalogError, match=problem):
        Catalog.at(str(tmp_path / path))


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository as many are: schemas of an older draft, examples beside them, negatives told by their path."""
    order = {"$schema": DRAFTS["draft-07"], **_kind("Order", additionalProperties=False)}
    order["properties"]["count"] = {"type": "integer", "minimum": 1}
    order["required"].append("count")
    mark = {"$schema": DRAFTS["draft-07"], "title": "Mark Done", "type": "object", "properties": {"done": {"const": True}}}
    _write(
        tmp_path,
        {
            "schemas/order.schema.json": order,
            "schemas/mark-done.schema.json": mark,
            "examples/order.json": {"type": "Order", "count": 1},
            "examples/invalid/order.no-count.json": {"type": "Order"},
            "examples/order.bad-count.json": {"type": "Order", "count": 0},
            "examples/mark-done.json": {"done": True},
            "examples/invalid/mark-done-later.json": {"done": "later"},
            "examples/notes.json": {"text": "nobody's"},
        },
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_examples_without_stored_findings_are_valid_or_not_as_their_path_says(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_trials(TrialRequest(peers=False)) == 0
    assert capsys.readouterr().out.splitlines() == [
        "schemas: 1 reached only by --contract, for no constant tells their records apart: MarkDone",
        "1 file in examples belongs to no contract: notes.json",
        "MarkDone      2 cases  ok",
        "order         3 cases  ok",
        "2 contracts, 5 cases by rust, reference: all as stored",
    ]


def test_an_example_that_is_not_what_its_path_says_is_told_by_both_engines(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _write(
        repository, {"examples/order.json": {"type": "Order", "count": 0}, "examples/order.bad-count.json": {"type": "Order", "count": 1}}
    )
    assert run_trials(TrialRequest(peers=False, contracts=("order",))) == 1
    lines = capsys.readouterr().out.splitlines()
    wanted = [
        "order.bad-count.json: is to be invalid by its path, but no error came",
        "order.json: is to be valid, but schema-minimum at /count came",
    ]
    assert [line.strip() for line in lines[2:-1]] == [f"rust, reference: {detail}" for detail in wanted]


def test_the_gate_mutates_foreign_schemas_and_proposes_what_would_notice(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_trials(TrialRequest(peers=False, mutate=True, contracts=("order",), jobs=1)) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "13 mutants: 6 noticed, 0 waived, 7 not noticed" in lines
    survivors = [line.removeprefix("  not noticed: order.schema.json#") for line in lines if line.startswith("  not noticed")]
    assert survivors == [
        "/type: dropped",
        "/type: loosened by null",
        "/required/0: type is no longer required",
        "/additionalProperties: dropped",
        "/properties/type/const: dropped",
        "/properties/count/type: dropped",
        "/properties/count/type: loosened by null",
    ]
    proposed = next(line for line in lines if '"add /undeclared 1"' in line)
    assert '"expect": [{"rule": "schema-additional-properties", "pointer": "/undeclared"}]' in proposed


def test_what_stands_beside_a_reference_is_not_mutated_before_2019_09(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = {"$schema": DRAFTS["draft-07"], "definitions": {"n": {"minimum": 1}}, **_kind("N")}
    schema["properties"]["n"] = {"$ref": "#/definitions/n", "maximum": 9}
    _write(repository, {"schemas/n.json": schema, "examples/n.json": {"type": "N", "n": 1}, "examples/bad/n.json": {"type": "N", "n": 0}})
    run_trials(TrialRequest(peers=False, mutate=True, contracts=("n",), jobs=1))
    assert "maximum" not in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["pipe", "socket", "device"])
def test_what_is_no_file_among_schemas_is_told_and_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.chdir(tmp_path)
    _write(tmp_path, {"schemas/order.json": _kind("Order")})
    with socket.socket(socket.AF_UNIX) as heard:
        if kind == "pipe":
            os.mkfifo("schemas/x.json")
        elif kind == "socket":
            heard.bind("schemas/x.json")
        else:
            Path("schemas/x.json").symlink_to(os.devnull)
        with pytest.raises(CatalogError, match=r"^schemas/x\.json: this is not a regular file$"):
            Catalog.at("schemas")
        found = differences(DiffRequest(("schemas", "schemas")))
    assert [problem.words for problem in found.unusable] == ["schemas/x.json: this is not a regular file"]
    assert (len(found.compared), found.code) == (1, 2)


@pytest.mark.parametrize("file", ["order.json", SUMS_FILE])
def test_a_pipe_in_place_of_a_released_contract_is_not_waited_for(tmp_path: Path, file: str) -> None:
    about = {"name": "Order", "version": "0.1.0", "file": "order.json", "bundle": "order.json"}
    _write(tmp_path, {CATALOG_FILE: {"schemas": [{"url": "https://one.example/order.json", "x-contract": about}]}, "order.json": {}})
    (tmp_path / file).unlink(missing_ok=True)
    os.mkfifo(tmp_path / file)
    catalog = Catalog.at(str(tmp_path))
    with pytest.raises(CatalogError, match="this is not a regular file"):
        catalog.document("order.json")


@pytest.mark.parametrize("engine", ["rust", "reference"])
@pytest.mark.parametrize(
    ("keywords", "valid", "invalid"),
    [
        ({"dependentRequired": {"x-warn": ["a"]}}, {"allOf": 1}, {"x-warn": 1}),
        ({"dependentRequired": {"x-order": ["a"]}}, {"x-order": 1, "a": 1}, {"x-order": 1}),
        ({"dependencies": {"x-warn": ["a"]}}, {"allOf": 1}, {"x-warn": 1}),
        ({"dependencies": {"x-order": {"required": ["a"]}}}, {"x-order": 1, "a": 1}, {"x-order": 1}),
        ({"dependencies": {"enum": {"$ref": "#/definitions/x-in"}}, "definitions": {"x-in": {"required": ["a"]}}}, {"a": 1}, {"enum": 1}),
        ({"dependentSchemas": {"x-warn": {"required": ["a"]}}}, {"allOf": 1}, {"x-warn": 1}),
        ({"dependentSchemas": {"x-keys": {"required": ["a"]}}}, {"a": 1}, {"x-keys": 1}),
        ({"patternProperties": {"x-unique": {"type": "string"}}}, {"x-unique": "a"}, {"x-unique": 1}),
        ({"properties": {"x-warn": False, "format": {"const": "date-time"}}}, {"pattern": 1}, {"x-warn": 1}),
        ({"const": {"x-order": ["a"], "x-warn": [1]}}, {"x-order": ["a"], "x-warn": [1]}, {"allOf": [1]}),
        ({"enum": [{"x-order": ["a"], "format": "date-time"}]}, {"x-order": ["a"], "format": "date-time"}, {}),
        ({"default": {"x-warn": 1, "x-order": 1}, "examples": [{"x-warn": 1, "x-in": 1}], "type": "object"}, {}, 1),
    ],
)
def test_a_name_that_is_also_a_keyword_is_a_name(keywords: dict[str, Any], valid: Any, invalid: Any, engine: EngineName) -> None:
    dialect = "draft-07" if "dependencies" in keywords else "2020-12"
    judge = Judge({"$schema": DRAFTS[dialect], **keywords}, "https://one.example/a.json", engine)
    assert (judge.accepts(valid), judge.accepts(invalid)) == (True, False)
    assert (judge.failures(valid), len(judge.failures(invalid))) == ([], 1)


DRAFT_4 = "http://json-schema.org/draft-04/schema#"
DRAFT_6 = "http://json-schema.org/draft-06/schema#"
_TEXT = {"type": "string"}
NAMED: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "an anchor of draft 6": (
        {"$schema": DRAFT_6, "properties": {"a": {"$ref": "#text"}}, "definitions": {"t": {"$id": "#text", **_TEXT}}},
        {"a": "x"},
        {"a": 1},
    ),
    "an anchor of draft 7 by a whole URI": (
        {
            "$schema": DRAFTS["draft-07"],
            "$id": "https://one.example/r.json",
            "properties": {"a": {"$ref": "r.json#text"}},
            "definitions": {"t": {"$id": "#text", **_TEXT}},
        },
        {"a": "x"},
        {"a": 1},
    ),
    "an anchor of draft 4": (
        {"$schema": DRAFT_4, "properties": {"a": {"$ref": "#text"}}, "definitions": {"t": {"id": "#text", **_TEXT}}},
        {"a": "x"},
        {"a": 1},
    ),
    "a resource of draft 4": (
        {
            "$schema": DRAFT_4,
            "properties": {"a": {"$ref": "s.json#/definitions/b"}, "id": _TEXT},
            "definitions": {"s": {"id": "s.json", "definitions": {"b": {"$ref": "#/definitions/t"}, "t": _TEXT}}},
        },
        {"a": "x"},
        {"a": 1},
    ),
    "an $id beside a $ref in draft 7": (
        {
            "$schema": DRAFTS["draft-07"],
            "properties": {"a": {"$id": "sub/", "$ref": "#/definitions/t"}, "$id": _TEXT},
            "definitions": {"t": _TEXT},
        },
        {"a": "x"},
        {"a": 1},
    ),
    "a root of draft 7 with a $ref and a relative $id": (
        {"$schema": DRAFTS["draft-07"], "$id": "sub/", "$ref": "#/definitions/t", "definitions": {"t": _TEXT}},
        "x",
        1,
    ),
    "a relative $id with a folder": (
        {"$schema": DRAFTS["2020-12"], "$id": "sub/r.json", "properties": {"a": {"$ref": "#/$defs/t"}}, "$defs": {"t": _TEXT}},
        {"a": "x"},
        {"a": 1},
    ),
}
_LIST = {"items": [_TEXT], "additionalItems": {"type": "null"}}


def _in_2020(reference: str, **keywords: Any) -> dict[str, Any]:
    inner = {"$schema": DRAFTS["draft-07"], "$id": "s.json", **keywords}
    return {"$schema": DRAFTS["2020-12"], "properties": {"a": {"$ref": reference}}, "$defs": {"s": inner}}


MIXED: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "a list of items within 2020-12": (_in_2020("s.json", **_LIST), {"a": ["x", None]}, {"a": [1]}),
    "a part of a list of items within 2020-12": (
        _in_2020("s.json#/definitions/l", definitions={"l": _LIST}),
        {"a": ["x", None]},
        {"a": ["x", 1]},
    ),
    "what stands beside a $ref within 2020-12": (
        _in_2020("s.json#/definitions/l", definitions={"l": {"$ref": "#/definitions/t", "maxLength": 1}, "t": _TEXT}),
        {"a": "xyz"},
        {"a": 1},
    ),
}
UNDECIDED = [case for case in MIXED if case != "what stands beside a $ref within 2020-12"]
"""What one dialect says of a list takes more than some plain value to break."""


@pytest.mark.parametrize("case", [*NAMED, *MIXED])
def test_a_reference_leads_where_its_dialect_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    schema, valid, invalid = {**NAMED, **MIXED}[case]
    monkeypatch.chdir(tmp_path)
    other = json.loads(json.dumps(schema).replace('"string"', '"integer"'))
    _write(tmp_path, {"old/a.json": schema, "new/a.json": other, "old/b.json": {"type": "null"}, "new/b.json": {"type": "null"}})
    for catalog in (Catalog.at("old"), Catalog.at("old/a.json")):
        for engine in ENGINES:
            judge = catalog.judge(catalog.find("a"), engine)
            assert (judge.accepts(valid), judge.accepts(invalid)) == (True, False)
            assert len(judge.failures(invalid)) == 1
        (finding,) = check_value(catalog, invalid, Demands(catalog.find("a")))
        assert finding.demand is not None
        assert finding.demand.file in ("old/a.json", "old/b.json")
    for sides in (("old", "new"), ("old/a.json", "new/a.json")):
        one = differences(DiffRequest(sides, budget=0.5)).compared[0]
        assert one.problem == ""
        assert one.backward is not None
        assert one.backward.verdict == ("undecided" if case in UNDECIDED else "breaking")
        assert all(broken.place is not None and broken.place.file.endswith("new/a.json") for broken in one.backward.breaks)
    assert [one.backward.verdict for one in differences(DiffRequest(("old", "old"))).compared if one.backward] == ["compatible"] * 2


def test_no_dialect_is_taken_for_another_in_a_comparison(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draft 7 does not read what stands beside a `$ref`, so the text that comes may be of any length."""
    monkeypatch.chdir(tmp_path)
    plain = {"$schema": DRAFTS["2020-12"], "properties": {"a": {**_TEXT, "maxLength": 1}}}
    _write(tmp_path, {"old.json": MIXED["what stands beside a $ref within 2020-12"][0], "new.json": plain})
    (one,) = differences(DiffRequest(("old.json", "new.json"))).compared
    assert one.backward is not None
    assert [broken.pointer for broken in one.backward.breaks] == ["/properties/a/maxLength"]


def test_what_is_wrong_in_a_resource_of_another_dialect_is_told_at_its_place(tmp_path: Path) -> None:
    schema = _in_2020("s.json", **_LIST)
    schema["$defs"]["s"]["items"] = [{"type": "strin"}]
    catalog = _catalog(tmp_path, {"a.json": schema})
    with pytest.raises(CatalogError, match=r"a\.json:12:7: \[\{\"type\":\"strin\"\}\] is not valid under any of the"):
        catalog.document("a.json")


def test_a_schema_without_an_id_is_named_by_its_file_in_messages(tmp_path: Path) -> None:
    catalog = _catalog(tmp_path, {"a.json": _kind("A", allOf=[{"$ref": "b.json"}]), "b.json": _kind("B", allOf=[{"$ref": "c.json"}])})
    with pytest.raises(CatalogError, match=r"b\.json:\d+:\d+: \S*/b\.json refers to c\.json, which leads to no known schema$"):
        catalog.document("a.json")


@pytest.mark.parametrize(("bound", "words"), [("minimum", "more than"), ("maximum", "less than")])
def test_an_exclusive_bound_of_draft_4_is_told_by_its_number(tmp_path: Path, bound: str, words: str) -> None:
    strict = {"type": "number", bound: 1, f"exclusive{bound.capitalize()}": True}
    catalog = _catalog(tmp_path, {"a.json": {"$schema": DRAFT_4, **_kind("A")}})
    schema = {"$schema": DRAFT_4, **_kind("A")}
    schema["properties"]["a"] = strict
    catalog = _catalog(tmp_path, {"a.json": schema})
    for engine in ENGINES:
        (finding,) = check_value(catalog, {"type": "A", "a": 1}, Demands(engine=engine))
        assert (finding.rule, finding.message, finding.demand and finding.demand.pointer) == (
            f"schema-exclusive-{bound}",
            f"a is 1, not {words} 1",
            f"/properties/a/exclusive{bound.capitalize()}",
        )
    (contract,) = catalog.contracts
    (field,) = [field for field in outline(catalog, contract).fields if field.name == "a"]
    assert field.words == f"number, {words} 1"


@pytest.mark.parametrize("name", ["my schema", "ä", "100%", "a%20b", "a#b", "a?b", "a[1]", "a\\b", "a\x1bb", os.fsdecode(b"a\xffb")])
def test_a_file_may_have_any_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    for folder, text in (("old", "string"), ("new", "integer")):
        shared = {"$schema": DRAFTS["2020-12"], "$defs": {"t": {"type": text}}}
        members = {"a": {"$ref": "#/$defs/t"}, "b": {"$ref": "d%20e.json#/$defs/t"}}
        schema = {"$schema": DRAFTS["2020-12"], "title": "A", "type": "object", "properties": members, "$defs": shared["$defs"]}
        _write(tmp_path, {f"{folder}/{name}.json": schema, f"{folder}/d e.json": shared})
        judges = [Catalog.at(folder).judge(Catalog.at(folder).find("A"), engine) for engine in ENGINES]
        assert [judge.accepts({"a": value, "b": value}) for judge in judges for value in ("x", 1)] == [
            text == "string",
            text == "integer",
        ] * 2
        assert run_lint(LintRequest((folder,))) == 0
    (one,) = differences(DiffRequest(("old", "new"))).compared
    assert one.backward is not None
    assert sorted(broken.pointer for broken in one.backward.breaks) == ["/$defs/t/type", "d e.json#/$defs/t/type"]
    assert {broken.place and broken.place.file for broken in one.backward.breaks} == {f"new/{name}.json", "new/d e.json"}


def test_the_gate_changes_what_stands_in_a_file_and_nothing_of_a_meta_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    inner = {"$id": "inner.json", "properties": {"b": {"$ref": "#/$defs/s"}}, "$defs": {"s": {"maxLength": 3}}}
    schema = _kind("M", additionalProperties={"$ref": "other.json"}, **{"$id": "https://one.example/m.json"})
    schema["properties"] = {**schema["properties"], "a": inner, "c": {"$ref": DRAFTS["2020-12"]}}
    schema["$defs"] = {"o": {"$id": "other.json", "minimum": 1}}
    _write(
        tmp_path,
        {
            "schemas/m.json": {"$schema": DRAFTS["2020-12"], "title": "M", **schema},
            "examples/M/valid/a.json": {"type": "M", "a": {"b": "abc"}, "c": {}, "d": 1},
        },
    )
    assert run_trials(TrialRequest(mutate=True, peers=False)) == 1
    said = capsys.readouterr().out
    places = {line.split(": ")[1] for line in said.splitlines() if line.startswith("  not noticed: ")}
    assert {"https://one.example/m.json#/properties/a/$defs/s/maxLength", "https://one.example/m.json#/$defs/o/minimum"} <= places
    assert not any("json-schema.org" in place for place in places)
