"""What an upgrade would take, what it leaves, and whose records it would break."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.cli.vendor import AddRequest, run_add
from srcos_contracts.cli.vendor_upgrade import UpgradeRequest, run_upgrade
from srcos_contracts.configuration.discovery import candidates
from srcos_contracts.configuration.settings import Settings, settings_of
from srcos_contracts.vendor.lock import Lock, read_lock
from tests.unit.repositories import DIALECT, commit, without_git_settings

KINDS: dict[str, Any] = {"$schema": DIALECT, "$id": "https://example.org/kinds.json", "$defs": {"name": {"type": "string", "minLength": 1}}}


def _contract(name: str, version: str, names_version: bool = True, **keywords: Any) -> dict[str, Any]:
    about = {"name": name, "version": version, "status": "draft", "owner": "writers", "discriminator": {"type": name}}
    constant = {}
    if names_version:
        about["discriminator"] = {"type": name, "version": version}
        constant = {"version": {"const": version}}
    return {
        "$schema": DIALECT,
        "$id": f"https://example.org/{name}/{version}.json",
        "description": "What somebody wrote down.",
        "x-contract": about,
        "type": "object",
        "properties": {"type": {"const": name}, **constant, "name": {"$ref": "../kinds.json#/$defs/name"}, "size": {"type": "integer"}},
        "required": ["type", *constant],
        **keywords,
    }


@pytest.fixture(autouse=True)
def _repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Contracts at their first state, vendored into DIR of the current folder, which has records of them."""
    without_git_settings(monkeypatch)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    _put("kinds", KINDS)
    _put("Note/1.0.0", _contract("Note", "1.0.0"))
    _put("Card/1.0.0", _contract("Card", "1.0.0", False))
    commit(tmp_path / "source")
    assert run_add(AddRequest("../source", ("Note", "Card"), "DIR", "HEAD")) == 0
    records = [
        {"type": "Note", "version": "1.0.0"},
        {"type": "Note", "version": "1.0.0", "name": "a", "size": 1},
        {"type": "Card", "size": "?"},
    ]
    Path("records.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    Path("card.yaml").write_text("type: Card\nname: ace\n")


def _put(name: str, document: dict[str, Any]) -> None:
    path = Path(f"../source/schemas/{name}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, indent=1) + "\n")


def _edit(name: str, edit: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads(Path(f"../source/schemas/{name}.json").read_text())
    edit(document)
    _put(name, document)


def _committed() -> str:
    return commit(Path("../source"))


def _lock() -> Lock:
    lock = read_lock("DIR")
    assert lock is not None
    return lock


def _labels() -> list[str]:
    return [entry.label for entry in _lock().contracts]


def _upgraded(capsys: pytest.CaptureFixture[str], **asked: Any) -> tuple[int, str, str]:
    capsys.readouterr()
    code = run_upgrade(UpgradeRequest(**asked))
    told = capsys.readouterr()
    return code, told.out, told.err


def test_the_newest_version_that_breaks_nothing_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    _put("Note/1.1.0", _contract("Note", "1.1.0", properties={**_contract("Note", "1.1.0")["properties"], "size": {"type": "number"}}))
    _put("Note/2.0.0", _contract("Note", "2.0.0", required=["type", "version", "name"]))
    _committed()
    code, out, err = _upgraded(capsys, contracts=("Note",), tried=("records.jsonl", "card.yaml"))
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == "Note 1.0.0 -> 1.1.0  compatible"
    assert "not taken:\nNote 1.0.0 -> 2.0.0  breaking\n" in out
    assert out.endswith("4 records tried: 3 valid today, 0 of them not after this\nadded: DIR/Note/1.1.0.json\n")
    assert _labels() == ["Card 1.0.0", "Note 1.0.0", "Note 1.1.0"]
    # From here on it is the newer one that is compared.
    code, out, _ = _upgraded(capsys, contracts=("Note",))
    assert (code, out.splitlines()[0]) == (0, "Note 1.1.0  unchanged")


def test_records_that_a_breaking_version_would_refuse_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    _put("Note/2.0.0", _contract("Note", "2.0.0", required=["type", "version", "name"]))
    _committed()
    code, out, err = _upgraded(capsys, contracts=("Note",), to="2.0.0", tried=("records.jsonl",))
    assert (code, err) == (1, "nothing is written: 1 record of this repository breaks; --breaking writes it all the same\n")
    assert out.splitlines()[-3:] == [
        "records.jsonl:1: valid today, and no valid Note 2.0.0",
        "    error[schema-required]: name is missing",
        "3 records tried: 2 valid today, 1 of them not after this",
    ]
    assert _labels() == ["Card 1.0.0", "Note 1.0.0"]
    code, out, _ = _upgraded(capsys, contracts=("Note",), to="2.0.0", tried=("records.jsonl",), breaking=True, replace=True)
    assert (code, out.splitlines()[-2:]) == (0, ["added: DIR/Note/2.0.0.json", "removed: DIR/Note/1.0.0.json"])
    assert _labels() == ["Card 1.0.0", "Note 2.0.0"]


def _settings(text: str) -> Settings:
    Path("srcos.toml").write_text(text)
    settings = settings_of(candidates(os.getcwd()))
    assert settings is not None
    return settings


HELD = "nothing is written: 1 record of this repository breaks; --breaking writes it all the same\n"


def test_records_are_tried_that_lie_where_the_configuration_says(capsys: pytest.CaptureFixture[str]) -> None:
    _edit("Card/1.0.0", lambda schema: schema["required"].append("name"))
    _committed()
    os.makedirs("cards/deep")
    Path("cards/deep/none.json").write_text('{"type": "Card", "size": 1}')
    Path("cards/deep/notes.txt").write_text("no record")
    Path("elsewhere.json").write_text('{"type": "Card"}')
    settings = _settings('[[paths]]\nmatch = ["cards", "DIR"]\nstrict = true\n[[paths]]\nmatch = "*.yaml"\nstrict = true\n')
    code, out, err = _upgraded(capsys, contracts=("Card",), to="1.0.0", settings=settings)
    assert (code, err) == (1, HELD)
    assert out.splitlines()[-3:] == [
        "cards/deep/none.json: valid today, and not after this",
        "    error[schema-required]: name is missing",
        "2 records of this repository tried: 2 valid today, 1 of them not after this",
    ]
    # What is named is tried, and nothing else.
    _, out, _ = _upgraded(capsys, contracts=("Card",), to="1.0.0", settings=settings, tried=("card.yaml",), dry=True)
    assert out.splitlines()[-1] == "1 record tried: 1 valid today, 0 of them not after this"


def test_records_are_judged_as_the_configuration_asks(capsys: pytest.CaptureFixture[str]) -> None:
    _edit("Card/1.0.0", lambda schema: schema.update(required=[]))
    _committed()
    assert _upgraded(capsys, contracts=("Card",))[0] == 0
    _edit("Card/1.0.0", lambda schema: schema.update(required=["name"]))
    _committed()
    os.mkdir("cards")
    Path("cards/bound.json").write_text('{"size": 1}')
    Path("cards/ignored.json").write_text('{"size": "?"}')
    settings = _settings('ignore = ["schema-type"]\n[[paths]]\nmatch = "cards"\ncontract = "Card"\n')
    code, out, _ = _upgraded(capsys, contracts=("Card",), to="1.0.0", settings=settings)
    assert (code, out.splitlines()[-5:]) == (
        1,
        [
            "cards/bound.json: valid today, and not after this",
            "    error[schema-required]: name is missing",
            "cards/ignored.json: valid today, and not after this",
            "    error[schema-required]: name is missing",
            "2 records of this repository tried: 2 valid today, 2 of them not after this",
        ],
    )


def test_programs_are_told_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    _put("Card/2.0.0", _contract("Card", "2.0.0", False, required=["type", "name"]))
    _committed()
    settings = _settings('[[paths]]\nmatch = "records.jsonl"\nstrict = true\n')
    Path("records.jsonl").write_text('{"type": "Card"}\n{"type": "Card", "name": "ace"}\n')
    asked = {"contracts": ("Card",), "to": "2.0.0", "settings": settings, "format": "json"}
    code, out, err = _upgraded(capsys, **asked)
    told = json.loads(out)
    assert (code, err) == (1, HELD)
    assert (told["folder"], told["policy"], told["untried"]) == ("DIR", "backward", None)
    assert [(one["contract"], one["version"], one["to"], one["not_taken"]) for one in told["contracts"]] == [
        ("Card", "1.0.0", "2.0.0", None)
    ]
    assert told["contracts"][0]["change"]["label"] == "breaking"
    assert (told["tried"]["records"], told["tried"]["valid"], told["tried"]["unread"]) == (2, 2, [])
    (broken,) = told["tried"]["broken"]
    assert (broken["file"], broken["line"], broken["as"]) == ("records.jsonl", 1, None)
    assert [(one["rule"], one["message"]) for one in broken["findings"]] == [("schema-required", "name is missing")]
    assert told["unwritten"] == "1 record of this repository breaks; --breaking writes it all the same"
    assert (told["added"], told["written"], told["removed"]) == ([], [], [])
    os.unlink("records.jsonl")
    code, out, err = _upgraded(capsys, **asked, breaking=True)
    told = json.loads(out)
    why = "no file lies where the paths of srcos.toml say"
    assert (code, err) == (0, f"no records of this repository were tried: {why}; --try PATH\n")
    assert (told["tried"], told["untried"], told["unwritten"]) == (None, why, None)
    assert (told["added"], told["written"], told["removed"]) == (["DIR/Card/2.0.0.json"], [], ["DIR/Card/1.0.0.json"])
    code, out, err = _upgraded(capsys, **asked)
    assert (code, json.loads(out)["unwritten"]) == (0, "all is as new as its source")
    assert _upgraded(capsys, format="xml") == (2, "", "error: there is no format xml; there are human, json\n")


def test_what_records_say_is_hidden_where_that_is_asked(capsys: pytest.CaptureFixture[str]) -> None:
    _edit("Card/1.0.0", lambda schema: schema["properties"].update(name={"const": "ace"}))
    _committed()
    Path("card.yaml").write_text("type: Card\nname: canary\nx: canary\n")
    told = _upgraded(capsys, contracts=("Card",), to="1.0.0", tried=("card.yaml",))[1].splitlines()
    assert told[-2] == '    error[schema-const]: name is "canary", not "ace"'
    told = _upgraded(
        capsys, contracts=("Card",), to="1.0.0", settings=_settings('[[paths]]\nmatch = "*.yaml"\nstrict = true\n'), redact=True
    )[1].splitlines()
    assert told[-3:] == [
        "card.yaml: valid today, and not after this",
        "    error[schema-const]: a member holds the one value that the contract gives for it",
        "1 record of this repository tried: 1 valid today, 1 of them not after this",
    ]


def test_records_are_tried_that_lie_where_a_contract_says(capsys: pytest.CaptureFixture[str]) -> None:
    _edit("Card/1.0.0", lambda schema: schema["x-contract"].update(paths=["cards/{name}.json"]))
    _committed()
    assert _upgraded(capsys, contracts=("Card",))[0] == 0
    _edit("Card/1.0.0", lambda schema: schema["required"].append("name"))
    _committed()
    os.mkdir("cards")
    Path("cards/none.json").write_text('{"type": "Card"}')
    code, out, err = _upgraded(capsys, contracts=("Card",), to="1.0.0")
    assert (code, err) == (1, HELD)
    assert out.splitlines()[-1] == "1 record of this repository tried: 1 valid today, 1 of them not after this"


@pytest.mark.parametrize(
    ("configuration", "why"),
    [
        ("", "srcos.toml has no paths that say where they are"),
        ('[[paths]]\nmatch = "cards"\nstrict = true\n', "no file lies where the paths of srcos.toml say"),
        ('[[paths]]\nmatch = "DIR"\nstrict = true\n', "no file lies where the paths of srcos.toml say"),
    ],
)
def test_that_no_record_was_tried_is_said_where_some_could_break(configuration: str, why: str, capsys: pytest.CaptureFixture[str]) -> None:
    settings = _settings(configuration)
    _edit("Card/1.0.0", lambda schema: schema.update(title="A card", description="Of paper."))
    _committed()
    code, _, err = _upgraded(capsys, contracts=("Card",), settings=settings)
    assert (code, err) == (0, ""), "words break nothing"
    _edit("Card/1.0.0", lambda schema: schema["properties"].update(size={"type": "number"}))
    _committed()
    code, out, err = _upgraded(capsys, contracts=("Card",), settings=settings)
    assert (code, err) == (0, f"no records of this repository were tried: {why}; --try PATH\n")
    assert out.splitlines()[-1] == "written: DIR/Card/1.0.0.json"


def test_a_file_that_cannot_be_read_is_told_and_holds_nothing_up_where_nobody_named_it(capsys: pytest.CaptureFixture[str]) -> None:
    _edit("Card/1.0.0", lambda schema: schema["properties"].update(size={"type": "number"}))
    _committed()
    Path("torn.json.gz").write_bytes(b"no gzip")
    settings = _settings('[[paths]]\nmatch = "*.json.gz"\nstrict = true\n')
    why = "this is not a whole gzip file: Not a gzipped file (b'no'); check the file, and read it again"
    code, _, err = _upgraded(capsys, contracts=("Card",), settings=settings, dry=True)
    assert (code, err) == (0, f"note: torn.json.gz was not tried: {why}\nnothing is written: --dry-run\n")
    code, _, err = _upgraded(capsys, contracts=("Card",), tried=("torn.json.gz",))
    assert (code, err) == (2, f"error: torn.json.gz: {why}\n")


def test_what_is_no_record_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    _edit("Card/1.0.0", lambda schema: schema["properties"].update(size={"type": "number"}))
    _committed()
    Path("records.jsonl").write_text('{"type": "Card"}\n\n{"type": "Card", "canary": canary}\n' + 11 * "x\n")
    asked = {"contracts": ("Card",), "tried": ("records.jsonl",), "dry": True}
    code, out, err = _upgraded(capsys, **asked)
    assert (code, out.splitlines()[-1]) == (0, "1 record tried: 1 valid today, 0 of them not after this")
    first, *_, more, last = err.splitlines()
    assert (
        first
        == "note: records.jsonl:3:28 was not tried: this is not JSON: expected value; write it as RFC 8259 says; most editors mark the place"
    )
    assert (more, last) == ("note: and 2 more", "nothing is written: --dry-run")
    assert "canary" not in _upgraded(capsys, **asked, redact=True)[2]


def test_a_version_that_its_records_do_not_name_gives_way(capsys: pytest.CaptureFixture[str]) -> None:
    _put("Card/1.1.0", _contract("Card", "1.1.0", False))
    _committed()
    code, out, _ = _upgraded(capsys, contracts=("Card",), tried=("card.yaml",))
    assert (code, out.splitlines()[-2:]) == (0, ["added: DIR/Card/1.1.0.json", "removed: DIR/Card/1.0.0.json"])
    assert _labels() == ["Card 1.1.0", "Note 1.0.0"]


def test_what_breaks_in_place_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    _edit("Card/1.0.0", lambda schema: schema["required"].append("size"))
    _committed()
    before = _lock()
    code, out, err = _upgraded(capsys)
    assert (code, err) == (0, "DIR: nothing is written: nothing newer is proved to break nothing\n")
    assert out.startswith("Card 1.0.0  stays: nothing newer is proved to break nothing\nnot taken:\nCard 1.0.0  breaking\n")
    code, out, err = _upgraded(capsys, breaking=True, tried=("card.yaml",))
    assert (code, out.splitlines()[-1]) == (0, "written: DIR/Card/1.0.0.json")
    assert "card.yaml: valid today, and not after this\n    error[schema-required]: size is missing\n" in out
    assert _lock() != before


def test_what_is_undecided_is_not_taken_for_safe(capsys: pytest.CaptureFixture[str]) -> None:
    marks = {"type": "object", "propertyNames": {"pattern": "^[ab]$"}}
    _edit("Card/1.0.0", lambda schema: schema["properties"].update(marks=marks))
    _committed()
    assert _upgraded(capsys, contracts=("Card",), breaking=True)[0] == 0
    # There are no more than two such names, which no rule knows.
    _edit("Card/1.0.0", lambda schema: schema["properties"].update(marks={**marks, "maxProperties": 2}))
    _committed()
    before = _lock()
    code, out, err = _upgraded(capsys, contracts=("Card",), budget=0.2)
    assert (code, err) == (0, "DIR: nothing is written: nothing newer is proved to break nothing\n")
    assert "not taken:\nCard 1.0.0  undecided\n" in out
    code, _, err = _upgraded(capsys, contracts=("Card",), to="1.0.0", budget=0.2)
    assert (code, err) == (
        3,
        (
            "no records of this repository were tried: there is no configuration that says where they are; --try PATH\n"
            "nothing is written: it is undecided whether records break; --breaking writes it all the same\n"
        ),
    )
    assert _lock() == before


def test_definitions_that_nobody_refers_to_any_more_go(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("Card", "Note"):
        _edit(f"{name}/1.0.0", lambda schema: schema["properties"].update(name={"type": "string", "minLength": 1}))
    _committed()
    code, out, _ = _upgraded(capsys)
    assert (code, out.splitlines()[-3:]) == (0, ["written: DIR/Card/1.0.0.json", "written: DIR/Note/1.0.0.json", "removed: DIR/kinds.json"])
    assert not os.path.exists("DIR/kinds.json")


def test_shared_definitions_are_told_of_all_that_use_them(capsys: pytest.CaptureFixture[str]) -> None:
    _edit("kinds", lambda schema: schema["$defs"]["name"].update(minLength=2))
    _edit("Note/1.0.0", lambda schema: schema["properties"].update(name={"type": "string"}))
    _committed()
    # Note alone would go; but Card goes along with the definitions, and only where Note still has them.
    code, out, _ = _upgraded(capsys, contracts=("Note",))
    assert (code, out.splitlines()[-1]) == (0, "written: DIR/Note/1.0.0.json")
    code, out, err = _upgraded(capsys, contracts=("Card",), to="1.0.0", tried=("card.yaml",))
    assert (code, err) == (1, "nothing is written: records break that were valid; --breaking writes it all the same\n")


def test_another_source_and_one_state_of_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _edit("Note/1.0.0", lambda schema: schema.update(title="A note"))
    first = _committed()
    _edit("Note/1.0.0", lambda schema: schema.update(title="The note"))
    _committed()
    code, out, _ = _upgraded(capsys, contracts=("Note",), revision=first)
    assert (code, out.splitlines()[-1]) == (0, "written: DIR/Note/1.0.0.json")
    assert _lock().by_path["Note/1.0.0.json"].origin.revision == first
    os.rename("../source/schemas", "../moved")
    code, _, _ = _upgraded(capsys, source="../moved")
    assert code == 0
    assert {(entry.origin.kind, entry.origin.source) for entry in _lock().entries} == {("folder", "../../moved")}
    code, _, err = _upgraded(capsys, source="../moved")
    assert (code, err) == (0, "DIR: nothing is written: all is as new as its source\n")


def test_a_drifted_copy_is_what_is_compared(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("DIR/Card/1.0.0.json")
    path.write_text(path.read_text().replace('"integer"', '"number"'))
    code, out, err = _upgraded(capsys, contracts=("Card",))
    assert (code, out.splitlines()[0]) == (0, "Card 1.0.0  stays: nothing newer is proved to break nothing")
    assert err.splitlines()[0] == (
        "note: DIR/Card/1.0.0.json is not what it was vendored as, and is compared as it is: srcos-validate vendor check"
    )
    assert "not taken:\nCard 1.0.0  breaking\n" in out


def test_a_copy_that_drifted_and_is_put_right_by_an_upgrade(capsys: pytest.CaptureFixture[str]) -> None:
    path = Path("DIR/Card/1.0.0.json")
    before = path.read_text()
    path.write_text(before.replace('"type"\n ]', '"type",\n  "size"\n ]'))
    assert path.read_text() != before
    code, out, _ = _upgraded(capsys, contracts=("Card",))
    assert (code, out.splitlines()[0], out.splitlines()[-1]) == (0, "Card 1.0.0  compatible", "written: DIR/Card/1.0.0.json")
    assert path.read_text() == before
