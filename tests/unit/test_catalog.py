"""Which contract a record is judged by, and what a record that none claims is told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts import Catalog, check
from srcos_contracts.contracts.catalog import CatalogError, UnknownContract
from srcos_contracts.rules import UnknownRule, check_rule_names

ROOT = Path(__file__).resolve().parents[2]
CATALOG = Catalog.shipped()


def _schema(name: str, **members: Any) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"https://example.org/{name}.json", "title": name, **members}


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    """An event that is bound to a path, a receipt in two versions that is told by its constants, and a schema that nothing routes to."""
    folder = tmp_path / "schemas"
    folder.mkdir()
    event: dict[str, Any] = {
        "x-contract": {
            "name": "Event",
            "version": "1.0.0",
            "status": "draft",
            "owner": "agents",
            "paths": ["g/ledger/{agent}/{date}.jsonl"],
        },
        "properties": {"agent": {"type": "string"}, "ts": {"type": "string", "x-alias": ["time"]}},
        "required": ["agent", "ts"],
        "patternProperties": {"^x-": True},
        "additionalProperties": False,
        "allOf": [
            {
                "x-rule": {
                    "id": "path-binding",
                    "message": "the path names the agent and the day",
                    "help": "move the record",
                    "why": "readers go by the path",
                },
                "x-equal": {
                    "/agent": "^(?<agent>.*)$",
                    "path:agent": "^(?<agent>.*)$",
                    "/ts": "^(?<date>.{10})",
                    "path:date": "^(?<date>.*)$",
                },
            }
        ],
    }
    receipts: list[dict[str, Any]] = [
        {
            "x-contract": {"name": "Receipt", "version": version, "status": "draft", "owner": "x", "discriminator": {"type": "Receipt", "specVersion": version}},
            "properties": {"type": {"const": "Receipt"}, "specVersion": {"const": version}, "receiptOwner": {"type": "string"}},
            "required": ["type", "specVersion", "receiptOwner"],
        }
        for version in ("0.9.0", "0.10.0")
    ]  # fmt: skip
    guessed: dict[str, Any] = {"properties": {"kind": {"const": "guessed"}, "n": {"type": "integer"}}, "required": ["kind"]}
    for name, members in [
        ("Event", event),
        ("Receipt09", receipts[0]),
        ("Receipt10", receipts[1]),
        ("Guessed", guessed),
        ("Loose", {"type": "object"}),
    ]:
        (folder / f"{name}.json").write_text(json.dumps(_schema(name, **members)))
    (folder / "not-a-schema.json").write_text('["data"]')
    return Catalog.at(str(folder))


def _claimed(catalog: Catalog, record: Any, file: str = "") -> str | None:
    claim = catalog.claim(record, file)
    return claim.contract.label if claim else None


def test_a_record_is_claimed_by_its_discriminator(catalog: Catalog) -> None:
    assert _claimed(catalog, {"type": "Receipt", "specVersion": "0.9.0"}) == "Receipt 0.9.0"
    assert _claimed(catalog, {"type": "Receipt", "specVersion": "0.10.0"}) == "Receipt 0.10.0"
    assert _claimed(catalog, {"kind": "guessed"}) == "Guessed"
    unclaimed: tuple[Any, ...] = (
        {"type": "Receipt"},
        {"type": ["Receipt"], "specVersion": "0.9.0"},
        {"type": "Receipt", "specVersion": {}},
        {},
        [],
        None,
        "Receipt",
    )
    assert [_claimed(catalog, record) for record in unclaimed] == [None] * 7


def test_the_newest_version_is_the_one_without_a_version(catalog: Catalog) -> None:
    assert catalog.find("Receipt").version == "0.10.0"
    assert catalog.find("Receipt@0.9.0").version == "0.9.0"
    with pytest.raises(UnknownContract, match=r"^there is no contract Reciept; did you mean Receipt\?$"):
        catalog.find("Reciept")
    with pytest.raises(UnknownContract, match=r"^there is no contract Receipt@0\.11\.0; did you mean Receipt@0\."):
        catalog.find("Receipt@0.11.0")


@pytest.mark.parametrize("root", ["", "/srv/data/", "deep/er/"])
def test_a_path_binding_works_from_any_root(catalog: Catalog, root: str) -> None:
    claim = catalog.claim({"agent": "cls"}, f"{root}g/ledger/cls/2025-11-16.jsonl")
    assert claim is not None
    assert (claim.contract.name, dict(claim.parts)) == ("Event", {"agent": "cls", "date": "2025-11-16"})
    assert _claimed(catalog, {}, f"{root}g/ledger/cls/2025-11-16.jsonl.gz") == "Event 1.0.0"
    assert _claimed(catalog, {}, f"{root}xg/ledger/cls/2025-11-16.jsonl") is None
    assert _claimed(catalog, {}, f"{root}g/ledger/2025-11-16.jsonl") is None


@pytest.fixture
def notes(tmp_path: Path) -> Catalog:
    """Notes that two patterns bind, where a third keeps them off."""
    paths = ["notes/{agent}/{session}.jsonl", "notes/{agent}/{date}_{id}.jsonl", "!drafts/{name}.jsonl"]
    about = {"name": "Note", "version": "1.0.0", "status": "draft", "owner": "x", "paths": paths}
    schema = _schema("Note", **{"x-contract": about, "properties": {"text": {"type": "string"}}, "required": ["text"]})
    folder = tmp_path / "schemas"
    folder.mkdir()
    (folder / "Note.json").write_text(json.dumps(schema))
    return Catalog.at(str(folder))


def test_a_file_that_fits_several_patterns_has_the_parts_of_all(notes: Catalog) -> None:
    (note,) = notes.contracts
    assert notes.parts(note, "notes/cls/2025-11-16_cls_001.jsonl") == {
        "agent": "cls",
        "session": "2025-11-16_cls_001",
        "date": "2025-11-16",
        "id": "cls_001",
    }
    assert notes.parts(note, "notes/cls/latest.jsonl.gz") == {"agent": "cls", "session": "latest"}


@pytest.mark.parametrize("name", ["a", "2025-11-16_cls_001"])
def test_a_pattern_with_an_exclamation_mark_keeps_a_contract_off(notes: Catalog, tmp_path: Path, name: str) -> None:
    (note,) = notes.contracts
    assert (note.paths, note.never) == (("notes/{agent}/{session}.jsonl", "notes/{agent}/{date}_{id}.jsonl"), ("drafts/{name}.jsonl",))
    path = tmp_path / f"notes/drafts/{name}.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text('{"text": "x"}\n')
    assert not notes.binds(str(path))
    assert notes.parts(note, str(path)) == {}
    assert notes.binds(str(path.parent.parent / "other" / path.name))
    assert check(path, contract="Note", catalog=notes) == []
    (found,) = check(path, catalog=notes)
    assert (found.rule, found.message) == ("unclaimed-record", "no contract claims this record; the nearest is Note 1.0.0")
    assert found.help == (
        "what lies on the path drafts/{name}.jsonl is never Note 1.0.0: append what is to be kept to a file such as "
        "notes/{agent}/{session}.jsonl, leave this one out, or check it with --contract Note"
    )


@pytest.mark.parametrize("folder", ["g/telemetry", "g/ledger/telemetry"])
def test_a_telemetry_buffer_is_never_a_ledger(folder: str) -> None:
    shipped = Catalog.shipped()
    assert shipped.claim({"agent": "cls"}, f"{folder}/2025-11-16.jsonl") is None
    assert shipped.keeps_off(shipped.find("AgentLedgerEvent"), f"{folder}/2025-11-16.jsonl") == "telemetry/{name}.jsonl"
    assert _claimed(shipped, {"agent": "cls"}, "g/ledger/telemetry-2/2025-11-16.jsonl") == "AgentLedgerEvent 1.0.0"


def test_the_parts_of_the_path_take_part_in_the_judgement(catalog: Catalog, tmp_path: Path) -> None:
    path = tmp_path / "g/ledger/cls/2025-11-16.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text('{"agent": "cls", "ts": "2025-11-16T02:00:00+07:00"}\n{"agent": "andy", "ts": "2025-11-15T19:00:00Z"}\n')
    found = check(path, catalog=catalog)
    assert [(f.rule, f.pointer, f.location.line, f.detail) for f in found] == [
        ("path-binding", "/agent", 2, 'agent is "andy", the path\'s agent "cls"'),
        ("path-binding", "/ts", 2, 'the date in ts is "2025-11-15", the path\'s date "2025-11-16"'),
    ]
    assert [f.rule for f in check({"agent": "andy", "ts": "2025-11-15T19:00:00Z"}, contract="Event", catalog=catalog)] == []


def test_an_unclaimed_record_is_told_what_it_comes_nearest_to(catalog: Catalog) -> None:
    (found,) = check({"type": "Receipt", "specVersion": "0.11.0", "receipt_owner": 5, "colour": "red"}, catalog=catalog)
    assert found.rule == "unclaimed-record"
    assert found.message == "no contract claims this record; the nearest is Receipt 0.10.0"
    assert found.help.split("\n") == [
        "what would make it Receipt 0.10.0:",
        "rename receipt_owner to receiptOwner",
        'set specVersion to "0.10.0"',
        "change receiptOwner [schema-type]: receiptOwner is an integer, not a string",
    ]
    (event,) = check({"agent": "cls", "time": "now", "x-own": 1, "colour": 2}, catalog=catalog)
    assert event.help.split("\n") == [
        "what would make it Event 1.0.0:",
        "rename time to ts",
        "remove colour, or begin its name with x-",
    ]


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"colour": 1}, "the record has no member in common with any contract"),
        ([1], "the record is an array, not an object"),
        ("x", "the record is a string, not an object"),
    ],
)
def test_a_record_that_is_near_to_nothing(catalog: Catalog, tmp_path: Path, record: Any, words: str) -> None:
    path = tmp_path / "r.json"
    path.write_text(json.dumps(record))
    (found,) = check(path, catalog=catalog)
    assert found.message == "no contract claims this record"
    assert found.help.startswith(words + "; a record is one JSON object of a contract: ")


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({}, "holds no JSON Schema"),
        ({"a.json": "{"}, r"a\.json:1:1: the text ends inside an object"),
        (
            {"a.json": '{"$id": "https://example.org/x"}', "b.json": '{"$id": "https://example.org/x", "type": "object"}'},
            "have one \\$id, https://example.org/x, and are not the same",
        ),
        ({"catalog.json": "{}"}, "is not a catalog of contracts"),
    ],
)
def test_a_folder_that_cannot_be_used_is_one_clear_error(tmp_path: Path, files: dict[str, str], problem: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(CatalogError, match=problem) as caught:
        Catalog.at(str(tmp_path))
    assert "\n" not in str(caught.value)


def test_schemas_refer_to_their_neighbours_by_relative_path(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.json").write_text(
        json.dumps(_schema("A", properties={"n": {"$ref": "sub/b.json#/$defs/n"}, "m": {"$ref": "sub/b.json#m"}}))
    )
    (tmp_path / "sub/b.json").write_text(
        json.dumps(
            {
                "$id": "https://example.org/sub/b.json",
                "$defs": {"n": {"type": "integer"}, "m": {"$anchor": "m", "type": "null"}, "unused": {"$ref": "nope.json"}},
            }
        )
    )
    found = check({"n": "x", "m": 1}, contract="A", catalog=Catalog.at(str(tmp_path)))
    assert [(f.pointer, f.demand.file.removeprefix(str(tmp_path)), f.demand.pointer) for f in found if f.demand] == [
        ("/n", "/sub/b.json", "/$defs/n/type"),
        ("/m", "/sub/b.json", "/$defs/m/type"),
    ]


def test_rule_names_are_known_ones() -> None:
    check_rule_names(CATALOG, ["session-owner", "schema-type", "duplicate-key", "unclaimed-record"])
    with pytest.raises(UnknownRule, match=r"^there is no rule session-ownr; did you mean session-owner\?$"):
        check_rule_names(CATALOG, ["session-ownr"])
