"""Each way in which vendored contracts drift, with what is said of it."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.contracts.catalog import Catalog, CatalogError
from srcos_contracts.evolve.check_rules import CHECK_RULES
from srcos_contracts.evolve.diff import Terms
from srcos_contracts.finding import Finding
from srcos_contracts.installed import installed_version
from srcos_contracts.vendor.changes import Wanted, added, carry_out
from srcos_contracts.vendor.digests import digests_of
from srcos_contracts.vendor.drift import Checked, check_folder
from srcos_contracts.vendor.lock import Lock, Origin, lock_text, read_lock
from srcos_contracts.vendor.namesakes import Vendored, namesakes, tree_files, tree_of
from srcos_contracts.vendor.sources import SecondHand
from srcos_contracts.vendor.writing import sole_writer
from tests.unit.repositories import DIALECT, commit, git, without_git_settings

KIND = {
    "$schema": DIALECT,
    "$id": "https://example.org/defs/kinds.json",
    "title": "Kinds",
    "$defs": {"name": {"type": "string", "minLength": 1}},
}
NOTE = {
    "$schema": DIALECT,
    "$id": "https://example.org/note.json",
    "title": "Note",
    "description": "What somebody wrote down.",
    "type": "object",
    "properties": {"type": {"const": "note"}, "name": {"$ref": "defs/kinds.json#/$defs/name"}},
    "required": ["type"],
    "additionalProperties": False,
}
CARD = {**NOTE, "$id": "https://example.org/card.json", "title": "Card", "properties": {"type": {"const": "card"}}}
TERMS = Terms(1.0)


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"


@pytest.fixture(autouse=True)
def _repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository of contracts, and one in which they are vendored into DIR, which is the current folder."""
    without_git_settings(monkeypatch)
    for name, document in (("note", NOTE), ("card", CARD), ("defs/kinds", KIND)):
        path = tmp_path / f"source/schemas/{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_text(document))
    commit(tmp_path / "source")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    _vendored("../source", "HEAD", "Note", "Card")
    commit(tmp_path / "here")


def _vendored(source: str, revision: str | None, *contracts: str, into: str = "DIR") -> None:
    with sole_writer(into):
        lock = read_lock(into)
        carry_out(into, added(Wanted(source, revision, into, contracts), lock), lock)


def _lock(folder: str = "DIR") -> Lock:
    lock = read_lock(folder)
    assert lock is not None
    return lock


def _checked() -> Checked:
    return check_folder("DIR", _lock(), TERMS)


def _place(finding: Finding) -> str:
    location = finding.location
    return f"{location.file}:{location.line}:{location.column}" if location.line else location.file


def _found(checked: Checked) -> list[tuple[str, str, str, str]]:
    return [(finding.rule, finding.severity, _place(finding), finding.detail) for finding in checked.findings]


def _edit(file: str, edit: Callable[[dict[str, Any]], object]) -> None:
    value = json.loads(Path(file).read_text())
    edit(value)
    Path(file).write_text(_text(value))


def test_nothing_has_drifted() -> None:
    checked = _checked()
    assert (checked.findings, dict(checked.grades)) == ((), {"identical": 3})
    (source,) = checked.sources
    assert (source.origin.source, source.files, source.moved_on, source.problem) == ("../source", 3, 0, "")


def _put_a_folder() -> None:
    os.unlink("DIR/note.json")
    os.mkdir("DIR/note.json")


def _moved_out(name: str) -> None:
    os.rename(f"DIR/{name}", name)
    os.symlink(f"../{name}", f"DIR/{name}")


def _put(file: str, text: str) -> None:
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(text)


def _generated() -> None:
    _put("DIR/catalog.json", "{}")
    _put("DIR/bundles/note.txt", "{}")


def _by_hand(detail: str, line: int = 5) -> list[tuple[str, str, str, str]]:
    """What is said of a lock whose entry in a line is not what it was vendored with."""
    return [("vendor-source", "error", f"DIR/srcos.lock:{line}:1", f"{detail}, so the lock has been changed by hand")]


NAME = "schema-required: name is missing"
DRIFTS: list[tuple[str, Callable[[], object], list[tuple[str, str, str, str]]]] = [
    ("white space", lambda: Path("DIR/note.json").write_text(json.dumps(NOTE)),
     [("vendor-reformatted", "warning", "DIR/note.json:1:1", "it is the same JSON, written otherwise")]),
    ("no final newline", lambda: Path("DIR/note.json").write_text(_text(NOTE).rstrip()),
     [("vendor-reformatted", "warning", "DIR/note.json:19:1", "it is the same JSON, written otherwise")]),
    ("a comment", lambda: _edit("DIR/note.json", lambda value: value.update({"$comment": "ours"})),
     [("vendor-reworded", "warning", "DIR/note.json:18:1", "it asserts the same, in other words")]),
    ("a title", lambda: _edit("DIR/note.json", lambda value: value.update(title="A note")),
     [("vendor-reworded", "warning", "DIR/note.json:4:1", "it asserts the same, in other words")]),
    ("stricter", lambda: _edit("DIR/note.json", lambda value: value["required"].append("name")),
     [("vendor-drifted", "error", "DIR/note.json:15:3", f"it refuses what the original accepts: {NAME}")]),
    ("looser", lambda: _edit("DIR/note.json", lambda value: value.update(required=[])),
     [("vendor-drifted", "error", "DIR/note.json:15:3", "it accepts what the original refuses: schema-required: type is missing")]),
    ("the same records, another schema", lambda: _edit("DIR/note.json", lambda value: value.update(minProperties=1)),
     [("vendor-drifted", "error", "DIR/note.json:18:1", "it accepts the same records as the original, but is another schema")]),
    ("shared definitions", lambda: _edit("DIR/defs/kinds.json", lambda value: value["$defs"]["name"].update(minLength=3)),
     [("vendor-drifted", "error", "DIR/defs/kinds.json:8:7", "it refuses what the original accepts: schema-min-length: name has 1 character, not at least 3")]),
    ("no JSON", lambda: Path("DIR/note.json").write_text("{\n oops"),
     [("vendor-drifted", "error", "DIR/note.json:2:2", "it is no JSON any more: this is not JSON: key must be a string")]),
    ("no schema", lambda: Path("DIR/note.json").write_text('{"type": 3}\n'),
     [("vendor-drifted", "error", "DIR/note.json", "it is not usable any more: it is no contract's schema any more")]),
    ("a copy of another", lambda: Path("DIR/note.json").write_bytes(Path("DIR/card.json").read_bytes()),
     [("vendor-drifted", "error", "DIR/note.json", "it is not usable any more: it is the same as another file")]),
    ("gone", lambda: os.unlink("DIR/note.json"), [("vendor-missing", "error", "DIR/srcos.lock:28:1", "DIR/note.json is not there")]),
    ("a folder in its place", _put_a_folder,
     [("vendor-not-verified", "error", "DIR/note.json", "not verified: note.json is no regular file")]),
    ("a link in its place", lambda: _moved_out("note.json"),
     [("vendor-not-verified", "error", "DIR/note.json", "not verified: note.json is a symbolic link, which is not followed; put the file itself there")]),
    ("a link above it", lambda: _moved_out("defs"),
     [("vendor-not-verified", "error", "DIR/defs/kinds.json", "not verified: defs is a symbolic link, which is not followed; put the file itself there"),
      ("vendor-unlisted", "error", "DIR/defs", "srcos.lock does not know what this symbolic link leads to")]),
    ("a schema too many", lambda: Path("DIR/more.json").write_text(_text({**NOTE, "$id": "x", "title": "More"})),
     [("vendor-unlisted", "error", "DIR/more.json", "srcos.lock does not know this schema")]),
    ("a file of no schema", lambda: (Path("DIR/README.md").write_text("x"), Path("DIR/data.json").write_text("[1]")), []),
    ("a catalog", _generated,
     [("vendor-unlisted", "error", "DIR/catalog.json", "srcos.lock does not know it"),
      ("vendor-unlisted", "error", "DIR/bundles/note.txt", "srcos.lock does not know it")]),
    ("half a file", lambda: Path("DIR/more.json").write_text('{"a"'),
     [("vendor-unlisted", "error", "DIR/more.json", "srcos.lock does not know it, and it is no JSON, so the folder cannot be used for checks")]),
    ("a commit by its short name", lambda: _of_lock("commit", lambda commit: commit[:7]),
     [("vendor-commit", "error", "DIR/srcos.lock:12:1", "the commit \"SHORT\" is abbreviated, so another may come to have that name; a full one has 40 or 64 hex digits")]),
    ("another commit", lambda: _of_lock("commit", lambda commit: "0" * 40),
     [("vendor-source", "error", "DIR/srcos.lock:5:1", f"../source has no commit {'0' * 40}, so the lock has been changed by hand, or the commit was removed there")]),
    ("another digest of the value", lambda: _of_lock("canonical_sha256", lambda _: "0" * 64), _by_hand("of card.json canonical_sha256 is not that of the file")),
    ("another digest of what it asserts", lambda: _of_lock("assertions_sha256", lambda _: "0" * 64), _by_hand("of card.json assertions_sha256 is not that of the file")),
    ("another name", lambda: _of_lock("contract", lambda _: "Note"), _by_hand("of card.json it says contract Note, and the file is the contract Card")),
    ("another version", lambda: _of_lock("contract", lambda name: f'{name}"\nversion = "2'), _by_hand("of card.json it says contract Card 2, and the file is the contract Card")),
    ("another role", lambda: _of_lock("role", lambda _: "definitions"), _by_hand("of card.json it says definitions Card, and the file is the contract Card")),
    ("definitions that are a contract", lambda: _of_lock("role", lambda _: 'contract"\ncontract = "Kinds', 1),
     _by_hand("of defs/kinds.json it says contract Kinds, and the file holds definitions only", 17)),
    ("a schema that is an example", lambda: _of_lock("role", lambda _: "example"),
     [*_by_hand("of card.json assertions_sha256 is not that of the file"), *_by_hand("of card.json it says example Card, which lies in examples/Card/")]),
    ("another digest", lambda: _of_lock("sha256", lambda digest: "0" * 64),
     [("vendor-reformatted", "warning", "DIR/card.json", "it is the same JSON, written otherwise"),
      ("vendor-source", "error", "DIR/srcos.lock:5:1", "../source at SHORT has other content for it, so the lock has been changed by hand")]),
]  # fmt: skip


def _of_lock(key: str, change: Callable[[str], str], which: int = 0, folder: str = "DIR") -> None:
    """Changes a value of a key in the lock, the first one or a later one."""
    lines = Path(folder, "srcos.lock").read_text().splitlines()
    number = [number for number, line in enumerate(lines) if line.startswith(f"{key} = ")][which]
    value = json.loads(lines[number].split(" = ")[1])
    lines[number] = f'{key} = "{change(value)}"'
    Path(folder, "srcos.lock").write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize(("drift", "expected"), [case[1:] for case in DRIFTS], ids=[case[0] for case in DRIFTS])
def test_each_way_of_drifting(tmp_path: Path, drift: Callable[[], object], expected: list[tuple[str, str, str, str]]) -> None:
    commit = git(tmp_path / "source", "rev-parse", "HEAD")
    drift()
    found = _found(_checked())
    told = [(*one[:3], one[3].replace(commit[:10], "SHORT").replace(commit[:7], "SHORT")) for one in found]
    assert told == expected


def _entry(**about: Any) -> dict[str, Any]:
    return {
        "url": "https://example.org/note.json",
        "x-contract": {"name": "Note", "version": "", "discriminator": {"type": "note"}, **about},
    }


def test_a_catalog_that_the_lock_does_not_know_judges_nothing() -> None:
    Path("DIR/catalog.json").write_text(json.dumps({"schemas": [_entry(file="note.json", bundle=".evil/note.json")]}))
    _put("DIR/.evil/note.json", _text({"$id": NOTE["$id"], "$defs": {NOTE["$id"]: {"$id": NOTE["$id"]}}}))
    catalog = Catalog.at("DIR")
    assert [contract.name for contract in catalog.contracts] == ["Card", "Note"]
    assert not catalog.judge(catalog.find("Note")).accepts({"type": "note", "more": 1})


@pytest.mark.parametrize(
    "path", ["../outside.json", "a/../../outside.json", "/outside.json", ".evil.json", "a/.evil/b.json", "a\\b.json", "c:b.json"]
)
@pytest.mark.parametrize("key", ["file", "bundle"])
def test_a_catalog_names_what_lies_in_its_folder(key: str, path: str) -> None:
    _put("FOLDER/catalog.json", json.dumps({"schemas": [_entry(**{"file": "note.json", "bundle": "note.json", key: path})]}))
    with pytest.raises(CatalogError) as caught:
        Catalog.at("FOLDER")
    said = f"FOLDER/catalog.json is not a catalog of contracts: the path {path!r} leads out of the folder, or to what is hidden"
    assert str(caught.value) == said


def test_what_is_hidden_is_no_contract() -> None:
    _put("DIR/.evil.json", _text({**NOTE, "$id": "https://example.org/evil.json", "properties": {"type": {"const": "evil"}}}))
    assert _checked().findings == ()
    assert Catalog.at("DIR").claim({"type": "evil"}) is None


def test_a_witness_shows_what_drifted() -> None:
    _edit("DIR/note.json", lambda value: value["required"].append("name"))
    (finding,) = _checked().findings
    assert (finding.message, finding.pointer, finding.contract) == ("a vendored file is what it was in its source", "/required", "Note")
    assert finding.help.splitlines()[0] == 'witness: {"type": "note"}'
    assert finding.help.splitlines()[1].startswith("srcos-validate vendor sync restores it; ")


def test_a_copy_that_says_that_it_is_another_is_compared_as_what_it_was() -> None:
    _edit(
        "DIR/note.json",
        lambda value: value.update({"$id": "https://example.org/other.json", "title": "Other", "required": ["type", "name"]}),
    )
    (finding,) = _checked().findings
    assert (finding.rule, finding.detail) == ("vendor-drifted", f"it refuses what the original accepts: {NAME}")


def test_a_contract_that_uses_two_files_that_drifted_is_told_once() -> None:
    _edit("DIR/defs/kinds.json", lambda value: value["$defs"]["name"].update(minLength=3))
    _edit("DIR/note.json", lambda value: value["required"].append("name"))
    assert sorted(_found(_checked())) == [
        (
            "vendor-drifted",
            "error",
            "DIR/defs/kinds.json:8:7",
            "it refuses what the original accepts: schema-min-length: name has 1 character, not at least 3",
        ),
        ("vendor-drifted", "error", "DIR/note.json:15:3", f"it refuses what the original accepts: {NAME}"),
    ]


def _without_history() -> None:
    shutil.rmtree(".git")


def test_the_original_comes_from_the_history_where_the_source_is_gone(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "source")
    _edit("DIR/note.json", lambda value: value["required"].append("name"))
    commit(tmp_path / "here", "drifted")
    checked = _checked()
    assert [finding.detail for finding in checked.findings] == [f"it refuses what the original accepts: {NAME}", _unverified()[3]]
    assert checked.sources[0].problem == "there is no repository ../source here"


def _unverified(
    source: str = "../source", why: str = "there is no repository ../source here", folder: str = "DIR"
) -> tuple[str, str, str, str]:
    return "vendor-unverified", "warning", f"{folder}/srcos.lock:5:1", f"not verified that the lock says what {source} has: {why}"


def test_a_source_that_cannot_be_looked_at_is_told_once(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "source")
    assert _found(_checked()) == [_unverified()]


@pytest.mark.parametrize("name", ["source", "a source", "bare.git"])
def test_a_url_of_files_of_this_machine_is_looked_at_as_a_path_is(tmp_path: Path, name: str) -> None:
    shutil.rmtree("DIR")
    if name == "bare.git":
        git(tmp_path, "clone", "--quiet", "--bare", "source", name)
    else:
        os.rename(tmp_path / "source", tmp_path / name)
    url = f"file://{tmp_path}/{name.replace(' ', '%20')}"
    _vendored(url, "HEAD", "Note")
    checked = _checked()
    assert (checked.findings, [source.problem for source in checked.sources]) == ((), [""])
    for which in (0, 1):
        _of_lock("commit", lambda _: "0" * 40, which)
    assert _found(_checked())[-1] == (
        "vendor-source",
        "error",
        "DIR/srcos.lock:5:1",
        f"{tmp_path}/{name} has no commit {'0' * 40}, so the lock has been changed by hand, or the commit was removed there",
    )
    shutil.rmtree(tmp_path / name)
    assert _found(_checked())[-1] == _unverified(url, f"there is no repository {tmp_path}/{name} here")


def test_a_url_with_a_host_is_asked_for_nothing(tmp_path: Path) -> None:
    Path("DIR/srcos.lock").write_text(Path("DIR/srcos.lock").read_text().replace('"../../source"', f'"file://host{tmp_path}/source"'))
    assert _found(_checked()) == [_unverified(f"file://host{tmp_path}/source", f"file://host{tmp_path}/source is not at hand")]


def test_a_commit_that_a_partial_history_lacks_is_not_verified(tmp_path: Path) -> None:
    os.rename(tmp_path / "source", tmp_path / "whole")
    git(tmp_path / "whole", "commit", "--quiet", "--allow-empty", "--message", "newer")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{tmp_path}/whole", "source")
    (found,) = _found(_checked())
    assert found[0] == "vendor-unverified"
    assert "the clone is shallow" in found[3]


def test_another_version_than_the_installed_one_is_not_verified() -> None:
    _vendored("srcos-contracts", None, "MarkDone", into="OURS")
    for which in (0, 1):
        _of_lock("package_version", lambda _: "9.9.9", which, "OURS")
    why = f"installed is {installed_version()}, not 9.9.9"
    assert _found(check_folder("OURS", _lock("OURS"), TERMS)) == [_unverified("srcos-contracts", why, "OURS")]


def test_a_copy_is_graded_by_its_original_and_not_by_digests_that_fit_the_copy() -> None:
    _edit("DIR/note.json", lambda value: value.update(additionalProperties=True))
    digests = digests_of(Path("DIR/note.json").read_bytes(), schema=True)
    _of_lock("assertions_sha256", lambda _: digests.assertions, 2)
    _of_lock("canonical_sha256", lambda _: digests.canonical, 2)
    assert [finding[:2] for finding in _found(_checked())] == [("vendor-drifted", "error"), *[("vendor-source", "error")] * 2]


def test_the_original_may_be_what_is_installed(tmp_path: Path) -> None:
    shutil.copytree(Path(__file__).parents[2] / "schemas", tmp_path / "elsewhere/schemas")
    commit(tmp_path / "elsewhere")
    _vendored("../elsewhere", "HEAD", "HumanSteeringRequest", into="OURS")
    shutil.rmtree(tmp_path / "elsewhere")
    _without_history()
    _edit("OURS/HumanSteeringRequest/0.1.0.json", lambda value: value["properties"]["question"].update(maxLength=1))
    checked = check_folder("OURS", _lock("OURS"), TERMS)
    assert [(finding.rule, finding.detail) for finding in checked.findings] == [
        ("vendor-drifted", "it refuses what the original accepts: schema-max-length: question has 2 characters, not at most 1"),
        ("vendor-unverified", "not verified that the lock says what ../elsewhere has: there is no repository ../elsewhere here"),
    ]


def test_without_any_original_the_grade_is_told_and_no_verdict(tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "source")
    _without_history()
    _edit("DIR/note.json", lambda value: value["required"].append("name"))
    _edit("DIR/card.json", lambda value: value.update(title="A card"))
    assert _found(_checked()) == [
        ("vendor-reworded", "warning", "DIR/card.json", "it asserts the same, in other words"),
        (
            "vendor-drifted",
            "error",
            "DIR/note.json",
            "it asserts something else; what that breaks is not verified, for its original is not at hand: there is no repository ../source here",
        ),
        _unverified(),
    ]


def test_a_folder_that_moved_on_is_no_fault_of_the_copy(tmp_path: Path) -> None:
    _vendored("../source", None, "Note", into="FROM_FOLDER")
    _edit(str(tmp_path / "source/schemas/note.json"), lambda value: value.update(title="Newer"))
    checked = check_folder("FROM_FOLDER", _lock("FROM_FOLDER"), TERMS)
    assert checked.findings == ()
    assert [(source.origin.kind, source.files, source.moved_on) for source in checked.sources] == [("folder", 2, 1)]


def test_what_git_says_to_its_hooks_is_not_said_of_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    of_source = git(tmp_path / "source", "rev-parse", "HEAD")
    git(tmp_path, "clone", "--quiet", "--bare", "source", "source.git")
    monkeypatch.setenv("GIT_DIR", ".git")
    monkeypatch.setenv("GIT_WORK_TREE", ".")
    monkeypatch.setenv("GIT_INDEX_FILE", ".git/index")
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", ".git/objects")
    assert _checked().findings == ()
    for source in ("../source", "../source.git"):
        _vendored(source, "HEAD", "Note", into=f"FROM_{os.path.basename(source)}")
        assert {entry.origin.revision for entry in _lock(f"FROM_{os.path.basename(source)}").entries} == {of_source}
    # Of the repository around the current folder they hold from anywhere in it.
    assert "DIR/note.json" in tree_files(os.getcwd())
    _edit("DIR/note.json", lambda value: value["required"].append("name"))
    shutil.rmtree(tmp_path / "source")
    assert _checked().findings[0].detail == f"it refuses what the original accepts: {NAME}"


def test_a_source_that_became_a_copy_is_second_hand(tmp_path: Path) -> None:
    _vendored("../source", None, "Note", into="FROM_FOLDER")
    lock = _lock("FROM_FOLDER")
    first = Origin("git", "../../first", "1" * 40)
    others = [entry._replace(path=entry.source_path, origin=first) for entry in lock.entries if entry.role == "contract"]
    (tmp_path / "source/srcos.lock").write_text(lock_text(others))
    (finding,) = check_folder("FROM_FOLDER", lock, TERMS).findings
    assert (finding.rule, _place(finding)) == ("vendor-second-hand", "FROM_FOLDER/srcos.lock:15:1")
    assert finding.detail == "../source has schemas/note.json at second hand, as its srcos.lock says; vendor it from ../../first"
    with pytest.raises(SecondHand) as caught:
        _vendored("../source", None, "Note", into="NEW")
    assert (str(caught.value), os.path.exists("NEW")) == (finding.detail, False)


CARDS: list[tuple[str, dict[str, Any]]] = [
    ("and more", {"properties": {"type": {"const": "card"}, "of": {"const": "us"}}, "required": ["type", "of"]}),
    ("as an enum", {"properties": {"type": {"enum": ["card"]}}, "required": ["type"]}),
    ("that is not required", {"properties": {"type": {"const": "card"}}}),
    ("in allOf", {"allOf": [{"properties": {"type": {"const": "card"}}, "required": ["type"]}]}),
    ("behind a reference of its member", {"properties": {"type": {"$ref": "#/$defs/kind"}}, "$defs": {"kind": {"const": "card"}}}),
]  # fmt: skip
NAMESAKES: list[tuple[str, str, dict[str, Any], tuple[str, str] | None]] = [
    ("the same title", "x.json", {"$schema": DIALECT, "title": "Note", "type": "object"}, ("x.json:3:3", "it has the title of Note, which is vendored in DIR/note.json")),
    ("the same $id", "deep/er/x.json", {**NOTE, "title": "Mine", "properties": {}}, ("deep/er/x.json:3:3", "it has the $id of Note, which is vendored in DIR/note.json")),
    ("the same discriminator", "x.json", {"$schema": DIALECT, "properties": {"type": {"const": "card"}}, "required": ["type"]}, ("x.json:3:3", "it has the discriminator of Card, which is vendored in DIR/card.json")),
    *((f"the same discriminator {how}", "x.json", {"$schema": DIALECT, **schema}, ("x.json:3:3", "it has the discriminator of Card, which is vendored in DIR/card.json"))
      for how, schema in CARDS),
    ("a reference from a URI that is none", "x.json", {"$schema": DIALECT, "$id": "http://[x", "title": "Note", "$ref": "#/$defs/x"}, ("x.json:4:3", "it has the title of Note, which is vendored in DIR/note.json")),
    ("the same discriminator behind a reference", "x.json", {"$schema": DIALECT, "$ref": "#/$defs/x", "$defs": {"x": {"properties": {"type": {"const": "card"}}}}}, ("x.json:1:1", "it has the discriminator of Card, which is vendored in DIR/card.json")),
    *((f"the same title in {file}", file, {"$schema": DIALECT, "title": "Note", "type": "object"}, (f"{file}:3:3", "it has the title of Note, which is vendored in DIR/note.json"))
      for file in ("x.yaml", "x.yml", "x.schema", "x.JSON")),
    ("the same name", "x.json", {"$schema": DIALECT, "x-contract": {"name": "Note"}}, ("x.json:3:3", "it has the name of Note, which is vendored in DIR/note.json")),
    ("the same bytes", "x.json", NOTE, ("x.json:3:3", "it has the $id of Note, which is vendored in DIR/note.json, and is the same, byte for byte")),
    ("no schema", "x.json", {"title": "Note", "name": "a"}, None),
    ("another", "x.json", {"$schema": DIALECT, "title": "Notes", "properties": {"type": {"const": "notes"}}, "required": ["type"]}, None),
    ("in no JSON file", "x.txt", NOTE, None),
    ("ignored", "build/x.json", NOTE, None),
]  # fmt: skip


@pytest.mark.parametrize(("file", "document", "expected"), [case[1:] for case in NAMESAKES], ids=[case[0] for case in NAMESAKES])
def test_contracts_that_are_written_anew_elsewhere(file: str, document: dict[str, Any], expected: tuple[str, str] | None) -> None:
    Path(".gitignore").write_text("build/\n")
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_text(_text(document))
    Path("broken.json").write_text("{Note")
    top = tree_of("DIR")
    assert top == os.getcwd()
    found = [(_place(finding), finding.detail) for finding in namesakes(top, tree_files(top), [Vendored("DIR", _lock())])]
    assert found == ([expected] if expected is not None else [])


def test_without_git_the_current_folder_is_looked_through_but_for_environments() -> None:
    _without_history()
    for file in ("x.json", ".hidden/x.json", "node_modules/x.json", "venv/x.json"):
        Path(file).parent.mkdir(exist_ok=True)
        Path(file).write_text(_text(NOTE))
    Path("venv/pyvenv.cfg").touch()
    top = tree_of("DIR")
    assert [_place(finding) for finding in namesakes(top, tree_files(top), [Vendored("DIR", _lock())])] == ["x.json:3:3"]


def test_a_source_in_the_same_repository_is_no_namesake(tmp_path: Path) -> None:
    os.rename(tmp_path / "source/schemas", "schemas")
    _vendored(".", None, "Note", into="COPY")
    top = tree_of("COPY")
    assert list(namesakes(top, tree_files(top), [Vendored("COPY", _lock("COPY"))], ["DIR"])) == []


def test_a_source_that_is_named_by_a_url_is_no_namesake_either(tmp_path: Path) -> None:
    shutil.rmtree("DIR")
    os.rename(tmp_path / "source/schemas", "schemas")
    commit(tmp_path / "here")
    _vendored(f"file://{tmp_path}/here", None, "Note", into="COPY")
    top = tree_of("COPY")
    assert list(namesakes(top, tree_files(top), [Vendored("COPY", _lock("COPY"))])) == []


def test_a_source_without_a_folder_of_schemas_around_the_copy(tmp_path: Path) -> None:
    shutil.rmtree("DIR")
    Path("note.json").write_text(_text({key: value for key, value in NOTE.items() if key != "properties"}))
    commit(tmp_path / "here")
    _vendored(".", "HEAD", "Note", into="COPY")
    _put("other/again.yaml", f"# ours\n---\n$schema: {DIALECT}\ntitle: Note\ntype: object\n")
    top = tree_of("COPY")
    found = [_place(finding) for finding in namesakes(top, tree_files(top), [Vendored("COPY", _lock("COPY"))])]
    assert found == ["other/again.yaml:4:1"]


def test_every_rule_can_be_explained(capsys: pytest.CaptureFixture[str]) -> None:
    from srcos_contracts.cli.explain import run_explain

    told = {case[0] for expected in DRIFTS for case in expected[2]}
    rules = {name: rule for name, rule in CHECK_RULES.items() if rule.about == "vendored"}
    assert told | {"vendor-second-hand", "vendor-reauthored", "vendor-unverified", "vendor-wanted"} == rules.keys()
    for name, rule in rules.items():
        assert run_explain(name) == 0
        page = " ".join(capsys.readouterr().out.split())
        assert page.startswith(
            f"{name} {rule.severity}, a rule about contracts in other repositories What it says {rule.message} Why {rule.why} "
        )
