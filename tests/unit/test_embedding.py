"""Resources within a schema, wherever a schema may stand, and the meta-schemas of all dialects: both engines follow references there."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import jsonschema_specifications
import pytest

from srcos_contracts.checking import Demands, check_value
from srcos_contracts.cli.diff import DiffRequest, differences
from srcos_contracts.cli.lint import LintRequest, run_lint
from srcos_contracts.compat.proof import Proof, Step
from srcos_contracts.contracts.catalog import Catalog, CatalogError
from srcos_contracts.contracts.diagnosis import diagnose
from srcos_contracts.contracts.dialects import VALIDATORS
from srcos_contracts.contracts.embedding import embedded, innermost, schemas_in
from srcos_contracts.contracts.engine import SchemaError, build
from srcos_contracts.contracts.flat import flattened
from srcos_contracts.contracts.judge import EngineName
from srcos_contracts.contracts.meta_schemas import meta_schema
from srcos_contracts.contracts.plain_names import with_plain_names
from srcos_contracts.contracts.resources import Place
from srcos_contracts.evolve.verdicts import label
from tests.compat.random_schemas import DIALECTS

ENGINES: tuple[EngineName, ...] = ("rust", "reference")
EARLY = ("draft-04", "draft-06", "draft-07")
ROOT = "https://one.example/root.json"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _catalog(document: Any, name: str = "s.json") -> Catalog:
    Path(name).write_text(json.dumps(document), encoding="utf-8")
    return Catalog.at(name)


def _accepts(catalog: Catalog, value: Any) -> bool:
    """What both engines say, which is one thing."""
    (contract,) = catalog.contracts
    said = {catalog.judge(contract, engine).accepts(value) for engine in ENGINES}
    assert len(said) == 1, said
    return said.pop()


def _plainly(dialect: str, document: Any, value: Any) -> bool:
    """What both libraries say of the schema as it is written. Within `not` python-jsonschema forgets that a schema may name itself."""
    rust = VALIDATORS[dialect](document, offline=True, validate_formats=True).is_valid(value)
    if "not" not in document:
        python = jsonschema.validators.validator_for(document)(document, registry=jsonschema_specifications.REGISTRY).is_valid(value)
        assert rust is python
    return bool(rust)


def _named(dialect: str, name: str, **more: Any) -> dict[str, Any]:
    return {"id" if dialect == "draft-04" else "$id": name, **more}


def _anchored(dialect: str, name: str, **more: Any) -> dict[str, Any]:
    return _named(dialect, f"#{name}", **more) if dialect in EARLY else {"$anchor": name, **more}


def _inner(dialect: str) -> dict[str, Any]:
    """A resource with references of all kinds that are relative to itself."""
    keyword = "definitions" if dialect in EARLY else "$defs"
    return _named(
        dialect,
        "sub/inner.json",
        properties={
            "pointer": {"$ref": f"#/{keyword}/text"},
            "anchor": {"$ref": "#number"},
            "itself": {"$ref": "#"},
            "sibling": {"$ref": "other.json"},
            "above": {"$ref": f"../root.json#/{keyword}/flag"},
        },
        **{
            keyword: {
                "text": {"type": "string"},
                "number": _anchored(dialect, "number", type="integer"),
                "other": _named(dialect, "other.json", type="null"),
            }
        },
    )


def _positions(dialect: str) -> list[tuple[dict[str, Any], Any]]:
    """Where a resource may stand, each with the way of a value there; `...` stands for the resource and for the value."""
    found: list[tuple[dict[str, Any], Any]] = [
        ({"properties": {"x": ...}}, {"x": ...}),
        ({"patternProperties": {"^x": ...}}, {"x": ...}),
        ({"additionalProperties": ...}, {"x": ...}),
        ({"items": ...}, [...]),
        ({"allOf": [{}, ...]}, ...),
        ({"anyOf": [...]}, ...),
        ({"oneOf": [...]}, ...),
        ({"not": {"not": ...}}, ...),
        ({"properties": {"$id": ..., "id": {}}}, {"$id": ...}),
    ]
    if dialect != "2020-12":
        found.append(({"items": [{}, ...], "additionalItems": {}}, [0, ...]))
        found.append(({"items": [{}], "additionalItems": ...}, [0, ...]))
    else:
        found.append(({"prefixItems": [{}, ...]}, [0, ...]))
    if dialect in EARLY:
        found.append(({"dependencies": {"pointer": ...}}, ...))
    else:
        found.append(({"dependentSchemas": {"pointer": ...}}, ...))
        found.append(({"unevaluatedProperties": ...}, {"x": ...}))
    if dialect not in ("draft-04", "draft-06"):
        found.append(({"if": True, "then": ...}, ...))
    return found


def _filled(pattern: Any, hole: Any) -> Any:
    if pattern is ...:
        return hole
    if isinstance(pattern, dict):
        return {key: _filled(member, hole) for key, member in pattern.items()}
    return [_filled(item, hole) for item in pattern] if isinstance(pattern, list) else pattern


@pytest.mark.parametrize("dialect", DIALECTS)
def test_references_in_a_resource_are_relative_to_it_wherever_it_stands(dialect: str) -> None:
    keyword = "definitions" if dialect in EARLY else "$defs"
    for pattern, way in _positions(dialect):
        around = {"$schema": DIALECTS[dialect], "title": "T", keyword: {"flag": {"type": "boolean"}, "text": {"type": "array"}}}
        document = {**_named(dialect, ROOT), **around, **_filled(pattern, _inner(dialect))}
        catalog = _catalog(document)
        good = {"pointer": "a", "anchor": 1, "itself": {"pointer": "b"}, "sibling": None, "above": True}
        wrong = [{**good, name: value} for name, value in (("pointer", []), ("anchor", "a"), ("sibling", 0), ("above", "a"))]
        wrong.append({**good, "itself": {"anchor": 0.5}})
        for value, expected in ((good, True), *((value, False) for value in wrong)):
            record = _filled(way, value)
            assert _accepts(catalog, record) is _plainly(dialect, document, record) is expected, (pattern, value)
        if set(pattern) <= {"properties", "items", "prefixItems", "allOf"}:
            (contract,) = catalog.contracts
            for engine in ENGINES:
                (fault,) = diagnose(catalog.judge(contract, engine), _filled(way, wrong[1]), "T")
                place = catalog.place(fault.demand.uri, fault.demand.path)
                assert fault.demand == Place("https://one.example/sub/inner.json", (keyword, "number", "type"))
                assert place.pointer.endswith(f"/{keyword}/number/type")
                assert place.pointer.startswith(f"/{next(iter(pattern))}/")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_no_schema_names_no_resource(dialect: str) -> None:
    thing = _named(dialect, "inner.json", type="string")
    data: dict[str, Any] = {"enum": [thing, 1], "default": thing, "x-own": thing}
    data.update({} if dialect == "draft-04" else {"const": 1, "examples": [thing]})
    document = {
        **_named(dialect, ROOT),
        "$schema": DIALECTS[dialect],
        "title": "T",
        "properties": {"a": data, "b": {"$ref": "#/properties/a"}},
    }
    assert list(embedded(document, ROOT)) == []
    assert _accepts(_catalog(document), {"b": 1})
    document["properties"]["c"] = {"$ref": "inner.json"}
    with pytest.raises(
        CatalogError, match=r"s\.json:1:\d+: https://one\.example/root\.json refers to inner\.json, which leads to no known schema$"
    ):
        _catalog(document).document("s.json")


@pytest.mark.parametrize("dialect", EARLY)
def test_a_name_beside_a_reference_does_not_count_before_draft_2019_09(dialect: str) -> None:
    inner = _named(dialect, "inner.json", **{"$ref": "#/definitions/a"})
    document = {
        **_named(dialect, ROOT),
        "$schema": DIALECTS[dialect],
        "title": "T",
        "properties": {"x": inner},
        "definitions": {"a": {"type": "string"}},
    }
    catalog = _catalog(document)
    for value in ({"x": "a"}, {"x": 1}):
        assert _accepts(catalog, value) is _plainly(dialect, document, value) is (value == {"x": "a"})


def test_draft_4_knows_no_dollar_id_and_later_drafts_no_id() -> None:
    for dialect, idle in (("draft-04", "$id"), ("draft-06", "id"), ("draft-07", "id"), ("2019-09", "id"), ("2020-12", "id")):
        members = {"x": {idle: "inner.json", "$ref": "#/properties/y"}, "y": {idle: "#y", "type": "string"}}
        document = {**_named(dialect, ROOT), idle: "idle", "$schema": DIALECTS[dialect], "title": "T", "properties": members}
        catalog = _catalog(document)
        assert catalog.contracts[0].uri == ROOT
        assert [_accepts(catalog, {"x": value}) for value in ("a", 1)] == [True, False], dialect


def test_a_resource_says_of_which_dialect_it_is() -> None:
    inner = _named("draft-04", "inner.json", items=_named("draft-04", "deep.json"))
    made = with_plain_names({"$schema": DIALECTS["draft-04"], "properties": {"x": inner}}, "draft-04")
    assert made["properties"]["x"]["$schema"] == made["properties"]["x"]["items"]["$schema"] == DIALECTS["draft-04"]
    plain = {"$schema": DIALECTS["2020-12"], "properties": {"x": {"type": "string"}}}
    assert with_plain_names(plain, "2020-12") is plain


def test_a_resource_that_another_file_takes_in_keeps_its_dialect(tmp_path: Path) -> None:
    # In draft 7 a list of schemas stands in `items`, and `prefixItems` says nothing.
    held = {"$id": "https://one.example/held.json", "items": [{"type": "string"}], "prefixItems": [{"type": "null"}]}
    (tmp_path / "schemas").mkdir()
    for name, document in {
        "a": {"$schema": DIALECTS["draft-07"], "$id": "https://one.example/a.json", "title": "A", "properties": {"x": held}},
        "b": {
            "$schema": DIALECTS["2020-12"],
            "$id": "https://one.example/b.json",
            "title": "B",
            "properties": {"y": {"$ref": "held.json"}},
        },
    }.items():
        (tmp_path / "schemas" / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    catalog = Catalog.at("schemas")
    for engine in ENGINES:
        judge = catalog.judge(catalog.find("B"), engine)
        assert [judge.accepts({"y": [item]}) for item in ("a", None)] == [True, False], engine


def test_what_a_schema_brings_itself_is_what_it_means(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    for name, kind in (("a", "string"), ("b", "integer")):
        common = {"$id": "https://one.example/common.json", "$defs": {name: {"type": kind}}}
        document = {
            "$id": f"https://one.example/{name}.json",
            "title": name,
            "type": "object",
            "properties": {"x": {"$ref": f"common.json#/$defs/{name}"}},
        }
        text = json.dumps({"$schema": DIALECTS["2020-12"], **document, "$defs": {"common": common}})
        (tmp_path / "schemas" / f"{name}.json").write_text(text, encoding="utf-8")
    catalog = Catalog.at("schemas")
    for name, good, bad in (("a", "s", 1), ("b", 1, "s")):
        for engine in ENGINES:
            judge = catalog.judge(catalog.find(name), engine)
            assert [judge.accepts({"x": value}) for value in (good, bad)] == [True, False]


def test_a_pointer_that_passes_a_resource_leads_into_it() -> None:
    inner = {"$id": "inner.json", "properties": {"a": {"items": {"$ref": "#/$defs/s"}}}, "$defs": {"s": {"type": "string"}}}
    document = {
        "$id": ROOT,
        "title": "T",
        "properties": {"x": inner, "y": {"$ref": "#/properties/x/properties/a"}},
        "$defs": {"s": {"type": "null"}},
    }
    resources = {ROOT: document, "https://one.example/inner.json": inner}
    place = innermost(resources, Place(ROOT, ("properties", "x", "properties", "a")))
    assert place == Place("https://one.example/inner.json", ("properties", "a"))
    catalog = _catalog({"$schema": DIALECTS["2020-12"], **document})
    assert [_accepts(catalog, {"y": [value]}) for value in ("a", None)] == [True, False]


def test_a_reference_where_no_schema_stands_is_none() -> None:
    document: dict[str, Any] = {
        "$schema": DIALECTS["2020-12"],
        "title": "T",
        "type": "object",
        "x-own": {"$ref": "nowhere.json"},
        "properties": {"a": {"$ref": "#/x-more/b"}},
    }
    document["x-more"] = {"b": {"properties": {"c": {"$ref": "#/x-more/d"}}}, "d": {"type": "string"}}
    catalog = _catalog(document)
    assert [_accepts(catalog, {"a": {"c": value}}) for value in ("a", 1)] == [True, False]
    document["x-more"]["b"] = {"$ref": "nowhere.json"}
    with pytest.raises(CatalogError, match=r"refers to nowhere\.json, which leads to no known schema$"):
        _catalog(document).document("s.json")


def test_a_thousand_resources_in_one_another_are_found() -> None:
    document: dict[str, Any] = {}
    for number in range(1000):
        document = {"$id": f"{number}/", "properties": {"a": document}}
    found = dict(embedded(document, "https://one.example/"))
    assert len(found) == 999
    assert "https://one.example/998/997/996/" in found
    assert sum(held.own for held in schemas_in(document, "https://one.example/")) == 999


def test_a_change_in_a_resource_within_a_schema_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    for dialect in DIALECTS:
        keyword = "definitions" if dialect in EARLY else "$defs"
        for name, kind in (("old.json", "string"), ("new.json", "integer")):
            inner = _inner(dialect)
            inner[keyword]["text"] = {"type": kind}
            around = {"$schema": DIALECTS[dialect], "title": "T", keyword: {"flag": {"type": "boolean"}}}
            Path(name).write_text(json.dumps({**_named(dialect, ROOT), **around, "properties": {"x": inner}}), encoding="utf-8")
        (one,) = differences(DiffRequest(("old.json", "new.json"))).compared
        assert one.backward is not None
        (broken,) = one.backward.breaks
        assert (label(one, "full"), broken.pointer) == ("breaking", f"https://one.example/sub/inner.json#/{keyword}/text/type")
        assert broken.place is not None
        assert broken.place.pointer == f"/properties/x/{keyword}/text/type"
        assert broken.witness.value in ({"x": {"pointer": ""}}, {"x": {"pointer": "a"}})
        (same,) = differences(DiffRequest(("old.json", "old.json"))).compared
        assert label(same, "full") == "unchanged"


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("meta", DIALECTS)
def test_any_schema_may_refer_to_the_meta_schema_of_any_dialect(dialect: str, meta: str) -> None:
    reference = {"$ref": DIALECTS[meta]}
    document: dict[str, Any] = {"$schema": DIALECTS[dialect], "title": "T", "properties": {"kind": {}, "schema": reference}}
    catalog = _catalog(document, "old.json")
    for value, expected in (({"type": "string"}, True), ({"type": "strin"}, False), ({"minLength": -1}, False), (True, meta != "draft-04")):
        assert _accepts(catalog, {"schema": value}) is expected
    (finding,) = check_value(catalog, {"schema": {"properties": {"a": {"minLength": -1}}}}, Demands())
    assert (finding.rule, finding.pointer) == ("schema-minimum", "/schema/properties/a/minLength")
    assert finding.demand is not None
    assert finding.demand.pointer == "/properties/schema/$ref"
    document["properties"]["kind"] = {"type": "string"}
    _catalog(document, "new.json")
    (one,) = differences(DiffRequest(("old.json", "new.json"))).compared
    assert one.backward is not None
    assert one.forward is not None
    assert (one.backward.verdict, one.forward.verdict) == ("breaking", "compatible")
    assert [broken.pointer for broken in one.backward.breaks] == ["/properties/kind/type"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_another_meta_schema_is_another_demand(dialect: str) -> None:
    for name, members in (("free.json", {}), ("old.json", {"$ref": DIALECTS["draft-07"]}), ("new.json", {"$ref": DIALECTS["draft-04"]})):
        document = {"$schema": DIALECTS[dialect], "title": "T", "type": "object", "properties": {"schema": members}}
        Path(name).write_text(json.dumps(document), encoding="utf-8")
    for old, new, value in (("old.json", "new.json", False), ("free.json", "old.json", 0)):
        (one,) = differences(DiffRequest((old, new))).compared
        assert one.backward is not None
        assert one.backward.verdict == "breaking"
        assert one.backward.breaks[0].witness.value == {"schema": value}
        assert one.backward.breaks[0].pointer == "/properties/schema/$ref"
        # What the meta-schemas say in words is nobody's here.
        assert [note.words for note in one.notes if note.audience == "ANNOTATION"] == []


def test_a_schema_that_extends_the_meta_schema_is_not_taken_for_it() -> None:
    """A dynamic reference in the meta-schema leads to whatever extends it, which differs here."""
    for name, kind in (("old.json", "string"), ("new.json", "integer")):
        document = {
            "$schema": DIALECTS["2020-12"],
            "$id": ROOT,
            "title": "T",
            "$dynamicAnchor": "meta",
            "properties": {"x": {"type": kind}},
        }
        Path(name).write_text(json.dumps({**document, "allOf": [{"$ref": DIALECTS["2020-12"]}]}), encoding="utf-8")
    (one,) = differences(DiffRequest(("old.json", "new.json"))).compared
    assert label(one, "full") in ("breaking", "undecided")
    (same,) = differences(DiffRequest(("old.json", "old.json"))).compared
    assert label(same, "full") == "unchanged"


def test_a_fault_behind_a_dynamic_reference_is_told_where_it_leads() -> None:
    tree = {"$id": "tree.json", "$dynamicAnchor": "node", "properties": {"inner": {"items": {"$dynamicRef": "#node"}}}}
    strict: dict[str, Any] = {
        "$dynamicAnchor": "node",
        "$ref": "tree.json",
        "properties": {"name": {"type": "string"}},
        "$defs": {"tree": tree},
    }
    catalog = _catalog({"$schema": DIALECTS["2020-12"], "$id": ROOT, "title": "T", **strict})
    (contract,) = catalog.contracts
    for engine in ENGINES:
        (fault,) = diagnose(catalog.judge(contract, engine), {"inner": [{"name": 1}]}, "T")
        assert (fault.rule, fault.detail or fault.message) == ("schema-type", "name is an integer, not a string")
        assert fault.demand == Place(ROOT, ("properties", "name", "type"))
    old = {"$id": "tree.json", "$recursiveAnchor": True, "properties": {"inner": {"items": {"$recursiveRef": "#"}}}}
    strict = {
        "$recursiveAnchor": True,
        "allOf": [{"$ref": "tree.json"}],
        "properties": {"name": {"type": "string"}},
        "$defs": {"tree": old},
    }
    catalog = _catalog({"$schema": DIALECTS["2019-09"], "$id": ROOT, "title": "T", **strict})
    for engine in ENGINES:
        (fault,) = diagnose(catalog.judge(catalog.contracts[0], engine), {"inner": [{"name": 1}]}, "T")
        assert fault.demand == Place(ROOT, ("properties", "name", "type"))


def test_a_part_of_a_meta_schema_may_be_referred_to(capsys: pytest.CaptureFixture[str]) -> None:
    good = "https://json-schema.org/draft/2020-12/meta/validation#/$defs/nonNegativeInteger"
    document = {"$schema": DIALECTS["2020-12"], "title": "T", "type": "object", "properties": {"a": {"$ref": good}}}
    catalog = _catalog(document)
    assert [_accepts(catalog, {"a": value}) for value in (1, -1)] == [True, False]


@pytest.mark.parametrize(
    "reference",
    [
        "https://json-schema.org/draft/2020-12/nothing",
        "http://json-schema.org/draft-03/schema#",
        f"{DIALECTS['draft-07']}/definitions/nothing",
    ],
)
def test_what_no_meta_schema_is_leads_nowhere(reference: str, capsys: pytest.CaptureFixture[str]) -> None:
    def linted() -> tuple[int, str]:
        return run_lint(LintRequest(("s.json",))), capsys.readouterr().out

    document: dict[str, Any] = {"$schema": DIALECTS["draft-07"], "title": "T", "properties": {"a": {"$ref": reference}}}
    with pytest.raises(CatalogError, match=r"which leads to no known schema$"):
        _catalog(document).document("s.json")
    code, said = linted()
    assert code == 1
    assert f" {reference} leads nowhere\n" in said
    document["properties"]["a"]["$ref"] = DIALECTS["2020-12"]
    _catalog(document)
    assert linted() == (0, "")


def test_lint_knows_the_resources_that_stand_in_a_schema(capsys: pytest.CaptureFixture[str]) -> None:
    for dialect in DIALECTS:
        document = {**_named(dialect, ROOT), "$schema": DIALECTS[dialect], "title": "T", "type": "object"}
        document["properties"] = {"x": _inner(dialect), "y": {"$ref": "sub/inner.json#number"}, "z": {"$ref": "#number"}}
        keyword = "definitions" if dialect in EARLY else "$defs"
        document[keyword] = {"flag": {"type": "boolean"}}
        _catalog(document)
        assert run_lint(LintRequest(("s.json",))) == 1
        said = capsys.readouterr().out
        # In the root there is no such name.
        assert (said.count("error["), said.count(" #number leads nowhere\n")) == (1, 1), said
        assert "  /properties/z/$ref\n" in said


def test_a_resource_within_a_file_has_no_neighbours(capsys: pytest.CaptureFixture[str]) -> None:
    """Its references are relative to its own URI, wherever the file lies that it stands in."""
    Path("b.json").write_text(json.dumps({"$schema": DIALECTS["2020-12"], "title": "B", "type": "string"}), encoding="utf-8")
    near = {"$ref": "b.json"}
    document = {"$schema": DIALECTS["2020-12"], "title": "T", "type": "object"}
    assert _accepts(_catalog({**document, "properties": {"a": near}}), {"a": "x"})
    assert run_lint(LintRequest(("s.json",))) == 0
    apart = {**document, "properties": {"a": {"$id": "https://two.example/inner.json", "properties": {"c": near}}}}
    with pytest.raises(CatalogError, match=r"https://two\.example/inner\.json refers to b\.json, which leads to no known schema$"):
        _catalog(apart).document("s.json")
    assert run_lint(LintRequest(("s.json",))) == 1
    assert " b.json leads nowhere\n" in capsys.readouterr().out


def test_the_meta_schemas_are_those_of_the_known_dialects() -> None:
    for uri in DIALECTS.values():
        document = meta_schema(uri.removesuffix("#"))
        assert document is not None
        jsonschema_rs.meta.validate(document)
    assert meta_schema("http://json-schema.org/draft-03/schema") is None
    assert meta_schema("https://one.example/draft/2020-12/schema") is None


@pytest.mark.parametrize(
    ("dialect", "schema", "reference"),
    [
        ("2019-09", {"not": {"$recursiveRef": "#"}}, "#"),
        ("2019-09", {"anyOf": [{"properties": {"a": {"$recursiveRef": "#"}}}, {"$recursiveRef": "#"}]}, "#"),
        ("2020-12", {"$dynamicAnchor": "n", "allOf": [{"$dynamicRef": "#n"}]}, "#n"),
    ],
)
def test_a_dynamic_reference_that_leads_only_to_itself_is_told(dialect: str, schema: Any, reference: str) -> None:
    document = {"$schema": DIALECTS[dialect], **schema, "title": "T"}
    Path("s.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    words = f"the reference {reference} leads only to itself: no validation would end"
    with pytest.raises(CatalogError, match=rf"^\./s\.json:\d+:\d+: {words}$"):
        Catalog.at("s.json").document("s.json")


def test_a_dynamic_reference_that_something_extends_is_judged_and_a_run_without_end_is_told() -> None:
    inner = {"$id": "inner.json", "$dynamicAnchor": "n", "anyOf": [{"type": "integer"}, {"$dynamicRef": "#n"}]}
    document = {
        "$schema": DIALECTS["2020-12"],
        "$id": ROOT,
        "title": "T",
        "$dynamicAnchor": "n",
        "$ref": "inner.json",
        "$defs": {"i": inner},
    }
    catalog = _catalog(document)
    judge = catalog.judge(catalog.contracts[0], "reference")
    assert judge.accepts(1)
    with pytest.raises(SchemaError, match=r"^references of the schema come back to the same value without end, or it is nested too deep$"):
        judge.accepts("a")


@pytest.mark.parametrize(
    ("dialect", "members", "name", "pointer"),
    [
        (
            "2020-12",
            {"a": {"$id": "x.json", "type": "string"}, "b": {"$id": "x.json", "type": "integer"}},
            "https://one.example/x.json",
            "b",
        ),
        ("2020-12", {"a": {"$id": "root.json", "type": "string"}}, ROOT, "a"),
        ("2019-09", {"a": {"$anchor": "x", "type": "string"}, "b": {"$anchor": "x"}}, f"{ROOT}#x", "b"),
        ("draft-07", {"a": {"$id": "#x", "type": "string"}, "b": {"$id": "#x"}}, f"{ROOT}#x", "b"),
        ("draft-04", {"a": {"id": "x", "type": "string"}, "b": {"id": "x"}}, "https://one.example/x", "b"),
    ],
)
def test_a_name_that_two_schemas_have_is_told(dialect: str, members: Any, name: str, pointer: str) -> None:
    document = {"$schema": DIALECTS[dialect], **_named(dialect, ROOT), "title": "T", "properties": members}
    catalog = _catalog(document)
    place = catalog.place(ROOT, ("properties", pointer))
    words = f"{place.file}:{place.line}:{place.column}: {name} names two schemas that are not the same: give each its own name"
    with pytest.raises(CatalogError, match=f"^{re.escape(words)}$"):
        catalog.document("s.json")
    same = dict.fromkeys(members, next(iter(members.values())))
    if len(same) > 1:
        assert _accepts(_catalog({**document, "properties": same}), {"b": "a"})


def test_what_a_document_brings_along_is_not_embedded_again(tmp_path: Path) -> None:
    """The same resource, reached by its own name and within the file that holds it."""
    (tmp_path / "schemas").mkdir()
    inner = {"$id": "https://one.example/inner.json", "type": "string", "$defs": {"n": {"type": "integer"}}}
    holder = {"$schema": DIALECTS["2020-12"], "$id": "https://one.example/holder.json", "title": "H", "properties": {"x": inner}}
    user = {"title": "U", "properties": {"a": {"$ref": "inner.json#/$defs/n"}, "b": {"$ref": "holder.json"}, "c": {"$ref": "inner.json"}}}
    user = {"$schema": DIALECTS["2020-12"], "$id": "https://one.example/user.json", **user}
    for name, document in (("holder", holder), ("user", user)):
        (tmp_path / "schemas" / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    catalog = Catalog.at("schemas")
    assert list(catalog.document("user.json")["$defs"]) == ["https://one.example/holder.json"]
    for engine in ENGINES:
        judge = catalog.judge(catalog.find("U"), engine)
        good = {"a": 1, "b": {"x": "s"}, "c": "s"}
        assert judge.accepts(good)
        assert not any(judge.accepts({**good, **wrong}) for wrong in ({"a": "s"}, {"b": {"x": 1}}, {"c": 1}))


def test_a_panic_of_the_engine_is_an_error_of_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    def panicking(*_: Any, **__: Any) -> None:
        raise PanicException("A named target lives in its resolver's resource\nmore")

    monkeypatch.setattr(jsonschema_rs, "validator_for", panicking)
    with pytest.raises(SchemaError, match=r"^jsonschema-rs fails on it: A named target lives in its resolver's resource$"):
        build({"type": "string"})


def _chained(name: str, link: Callable[[dict[str, Any]], dict[str, Any]], last: dict[str, Any], length: int = 1000) -> Catalog:
    """A schema in which a member is at the end of a chain of references."""
    links = {f"d{number}": link({"$ref": f"#/$defs/d{number + 1}"}) for number in range(length)}
    document = {"$schema": DIALECTS["2020-12"], "title": "T", "type": "object", "properties": {"x": {"$ref": "#/$defs/d0"}}}
    Path(name).write_text(json.dumps({**document, "$defs": {**links, f"d{length}": last}}, indent=1), encoding="utf-8")
    return Catalog.at(name)


@pytest.mark.parametrize(
    ("link", "record", "length", "start"),
    [
        (lambda link: {"properties": {"a": link}}, {}, 1000, ("$defs",)),
        (lambda link: {"anyOf": [link, {"type": "null"}]}, None, 1500, ()),
    ],
    ids=["member", "branch"],
)
def test_a_chain_that_leads_deeper_than_calls_may_be_is_undecided_and_said_where(
    link: Any, record: Any, length: int, start: tuple[str, ...]
) -> None:
    _chained("old.json", link, {"type": "string"}, length)
    catalog = _chained("new.json", link, {"type": "integer"}, length)
    assert catalog.judge(catalog.contracts[0]).accepts({"x": record})
    (one,) = differences(DiffRequest(("old.json", "new.json"), budget=20)).compared
    assert one.problem == ""
    assert one.remarks == ("what changed for others than records is not told: the references of the schema lead too deep",)
    text = Path("new.json").read_text("utf-8").splitlines()
    assert one.backward is not None
    assert (one.backward.verdict, one.backward.reason) == ("undecided", "nested too deep, and no payload was found that shows the contrary")
    (doubt,) = one.backward.where
    assert doubt.place is not None
    assert doubt.outer is not None
    assert doubt.outer.path[:1] == start
    assert doubt.place.pointer == doubt.pointer
    keyword = next((f'"{token}":' for token in reversed(doubt.outer.path) if isinstance(token, str)), "{")
    assert text[doubt.place.line - 1].lstrip().startswith(keyword)


def test_a_chain_of_a_thousand_references_is_what_it_leads_to() -> None:
    _chained("old.json", dict, {"type": "string"})
    catalog = _chained("new.json", dict, {"type": "integer"})
    assert catalog.judge(catalog.contracts[0]).accepts({"x": 1})
    (one,) = differences(DiffRequest(("old.json", "new.json"))).compared
    assert (one.problem, one.remarks) == ("", ())
    for outcome, payload in ((one.backward, {"x": ""}), (one.forward, {"x": 0})):
        assert outcome is not None
        (broken,) = outcome.breaks
        assert (broken.pointer, broken.witness.value) == ("/$defs/d1000/type", payload)
    _chained("short.json", lambda link: {"description": "A link.", **link}, {"type": "string"}, 3)
    (same,) = differences(DiffRequest(("old.json", "short.json"))).compared
    assert same.backward is not None
    assert same.forward is not None
    assert same.backward.proof == same.forward.proof == Proof((Step(None, None, "equal after annotations are set aside"),))


def test_a_keyword_of_ours_in_a_resource_of_another_file_is_told_at_its_place(tmp_path: Path) -> None:
    inner = {
        "$id": "inner.json",
        "$defs": {"span": {"if": True, "then": {"x-order": [["/from", "/to"]]}}},
        "items": {"$ref": "#/$defs/span"},
    }
    document: dict[str, Any] = {"$schema": DIALECTS["2020-12"], "$id": ROOT, "title": "H", "type": "object"}
    document["properties"] = {"x": inner, "y": {"$ref": "inner.json#/$defs/span"}}
    user = {**document, "$id": "https://one.example/user.json", "title": "U", "properties": {"h": {"$ref": "root.json"}}}
    (tmp_path / "schemas").mkdir()
    for name, each in (("holder", document), ("user", user)):
        (tmp_path / "schemas" / f"{name}.json").write_text(json.dumps(each), encoding="utf-8")
    catalog = Catalog.at("schemas")
    late = {"from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}
    for record, pointer in (({"h": {"x": [late]}}, ("h", "x", 0, "to")), ({"h": {"y": late}}, ("h", "y", "to"))):
        for engine in ENGINES:
            (fault,) = diagnose(catalog.judge(catalog.find("U"), engine), record, "U")
            assert (fault.rule, fault.path) == ("schema-order", pointer)
            assert fault.demand == Place("https://one.example/inner.json", ("$defs", "span", "then", "x-order"))
            place = catalog.place(fault.demand.uri, fault.demand.path)
            assert (place.file, place.pointer) == ("schemas/holder.json", "/properties/x/$defs/span/then/x-order")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_schema_in_one_piece_accepts_what_one_with_resources_does(dialect: str) -> None:
    keyword = "definitions" if dialect in EARLY else "$defs"
    for pattern, way in _positions(dialect):
        around = {"$schema": DIALECTS[dialect], "title": "T", keyword: {"flag": {"type": "boolean"}}}
        catalog = _catalog({**_named(dialect, ROOT), **around, **_filled(pattern, _inner(dialect))})
        (contract,) = catalog.contracts
        flat = flattened(catalog.document(contract.bundle), contract.uri)
        assert "inner.json" not in json.dumps(flat)
        good = {"pointer": "a", "anchor": 1, "itself": {"pointer": "b"}, "sibling": None, "above": True}
        for value in (good, *({**good, name: wrong} for name, wrong in (("pointer", []), ("anchor", "a"), ("sibling", 0), ("above", "a")))):
            record = _filled(way, value)
            assert build(flat).is_valid(record) is _accepts(catalog, record)
