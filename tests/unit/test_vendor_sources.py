"""What is vendored from each kind of source, and what is said of sources that cannot be used: then nothing is written."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve import states
from srcos_contracts.refusal import Refusal
from srcos_contracts.vendor.changes import Wanted, added, carry_out, lacking_of, resolved, restored, synced, unmet_of
from srcos_contracts.vendor.copying import Extra, extras_named
from srcos_contracts.vendor.lock import Lock, Origin, lock_text, read_lock
from srcos_contracts.vendor.sources import PACKAGE
from srcos_contracts.vendor.writing import sole_writer
from tests.unit.repositories import DIALECT, commit, git, without_git_settings

ROOT = Path(__file__).resolve().parents[2]
NOTE = {
    "$schema": DIALECT,
    "$id": "https://example.org/note/1.json",
    "x-contract": {"name": "Note", "version": "1.0.0", "status": "stable", "owner": "writers", "discriminator": {"type": "note"}},
    "description": "What somebody wrote down.",
    "type": "object",
    "properties": {"type": {"const": "note"}, "name": {"$ref": "../defs/kinds.json#/$defs/name"}},
    "required": ["type"],
}
KINDS = {"$schema": DIALECT, "$id": "https://example.org/defs/kinds.json", "$defs": {"name": {"type": "string", "minLength": 1}}}
CASES = {"contract": "Note", "version": "1.0.0", "files": [{"file": "valid/minimal.json", "expect": []}], "cases": []}
FILES = {
    "schemas/Note/1.0.0.json": NOTE,
    "schemas/defs/kinds.json": KINDS,
    "examples/Note/1.0.0/cases.json": CASES,
    "examples/Note/1.0.0/valid/minimal.json": {"type": "note"},
}
RULES = {
    "rules/note-alone.sql": "-- message: m\n-- help: h\n-- why: w\n-- scope: open\nselect 1 from records r join sessions s on true where r.contract = 'Note'\n",
    "rules/other.sql": "-- message: m\n-- help: h\n-- why: w\n-- scope: open\nselect 1 from records where contract = 'Other'\n",
    "views/sessions.sql": "select 1\n",
    "views/orphans.sql": "select 1\n",
}


@pytest.fixture(autouse=True)
def _source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A repository of a contract, and an empty folder beside it, which is the current one."""
    without_git_settings(monkeypatch)
    for name, document in FILES.items():
        _write(tmp_path / "source" / name, json.dumps(document, indent=1) + "\n")
    for name, text in RULES.items():
        _write(tmp_path / "source" / name, text)
    commit(tmp_path / "source")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _add(source: str, *contracts: str, revision: str | None = None, extras: frozenset[Extra] = frozenset(), into: str = "DIR") -> None:
    with sole_writer(into):
        lock = read_lock(into)
        carry_out(into, added(Wanted(source, revision, into, contracts or ("Note",), extras), lock), lock)


def _lock(folder: str = "DIR") -> Lock:
    lock = read_lock(folder)
    assert lock is not None
    return lock


def _files(folder: str = "DIR") -> dict[str, bytes]:
    top = Path(folder)
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file()}


def _content(name: str) -> bytes:
    return (json.dumps(FILES[name], indent=1) + "\n").encode()


def _origins() -> set[Origin]:
    return {entry.origin for entry in _lock().entries}


def _archive(path: str, members: dict[str, bytes], mode: str = "w:gz") -> str:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            about = tarfile.TarInfo(name)
            about.size = len(content)
            archive.addfile(about, io.BytesIO(content))
    return path


def _released() -> str:
    return _archive("release.tar.gz", _members())


COPY = {"Note/1.0.0.json": _content("schemas/Note/1.0.0.json"), "defs/kinds.json": _content("schemas/defs/kinds.json")}


@pytest.mark.parametrize("source", ["../source", "../source/", "../source/schemas", "../here/../source"])
def test_a_folder(source: str) -> None:
    _add(source)
    assert {name: content for name, content in _files().items() if name != "srcos.lock"} == COPY
    assert [(entry.path, entry.role, entry.label, entry.source_path) for entry in _lock().entries] == [
        ("Note/1.0.0.json", "contract", "Note 1.0.0", "schemas/Note/1.0.0.json"),
        ("defs/kinds.json", "definitions", "", "schemas/defs/kinds.json"),
    ]
    assert _origins() == {Origin("folder", "../../source")}


def test_a_folder_of_schemas_alone_and_by_its_absolute_path(tmp_path: Path) -> None:
    os.rename("../source/schemas", "../loose")
    _add(str(tmp_path / "loose"))
    assert _files().keys() == {*COPY, "srcos.lock"}
    assert _origins() == {Origin("folder", str(tmp_path / "loose"))}
    assert _lock().entries[0].source_path == "Note/1.0.0.json"


@pytest.mark.parametrize("revision", ["HEAD", "main", "v1", "SHORT", "FULL"])
def test_a_revision_of_a_repository(tmp_path: Path, revision: str) -> None:
    full = git(tmp_path / "source", "rev-parse", "HEAD")
    git(tmp_path / "source", "branch", "-M", "main")
    git(tmp_path / "source", "tag", "v1")
    (tmp_path / "source/schemas/Note/1.0.0.json").write_text("{}")
    _add("../source", revision={"SHORT": full[:8], "FULL": full}.get(revision, revision))
    assert {name: content for name, content in _files().items() if name != "srcos.lock"} == COPY
    assert _origins() == {Origin("git", "../../source", full)}


def test_a_revision_of_a_folder_within_a_repository(tmp_path: Path) -> None:
    (tmp_path / "outer").mkdir()
    os.rename("../source", "../outer/inner")
    shutil.rmtree("../outer/inner/.git")
    full = commit(tmp_path / "outer")
    for name in ("../outer/inner", "../outer/inner/schemas"):
        _add(name, revision="HEAD", into=os.path.basename(name))
        lock = _lock(os.path.basename(name))
        assert {entry.origin for entry in lock.entries} == {Origin("git", "../../outer/inner", full)}
        assert lock.entries[0].source_path == "schemas/Note/1.0.0.json"


def test_a_repository_without_a_folder_of_schemas(tmp_path: Path) -> None:
    os.rename("../source/schemas", "../loose")
    full = commit(tmp_path / "loose")
    _add("../loose", revision="HEAD")
    assert _lock().entries[0].source_path == "Note/1.0.0.json"
    assert _origins() == {Origin("git", "../../loose", full)}


@pytest.mark.parametrize("name", ["../bare.git", "FILE_URL"])
def test_a_repository_without_a_working_tree_and_one_by_its_url(tmp_path: Path, name: str) -> None:
    git(tmp_path, "clone", "-q", "--bare", "source", "bare.git")
    full = git(tmp_path / "bare.git", "rev-parse", "HEAD")
    url = f"file://{tmp_path}/bare.git" if name == "FILE_URL" else name
    _add(url)
    assert {name: content for name, content in _files().items() if name != "srcos.lock"} == COPY
    assert _origins() == {Origin("git", url if name == "FILE_URL" else "../../bare.git", full)}
    os.unlink("DIR/defs/kinds.json")
    _synced()
    assert {name: content for name, content in _files().items() if name != "srcos.lock"} == COPY


def test_an_archive() -> None:
    name = _released()
    _add(name, extras=frozenset(("cases",)))
    digest = hashlib.sha256(Path(name).read_bytes()).hexdigest()
    assert _origins() == {Origin("archive", "../release.tar.gz", digest)}
    assert _lock().by_path["examples/Note/1.0.0/cases.json"].source_path == "examples/Note/1.0.0/cases.json"
    os.unlink("DIR/defs/kinds.json")
    _synced()
    assert _files()["defs/kinds.json"] == COPY["defs/kinds.json"]


def test_the_installed_package() -> None:
    from importlib.metadata import version

    _add(PACKAGE, "AgentStatus", "ConflictRecord@v1alpha1", extras=frozenset(("rules",)))
    assert _origins() == {Origin("package", PACKAGE, version(PACKAGE))}
    entries = _lock().by_path
    assert {entry.label for entry in _lock().contracts} == {"AgentStatus 1.0.0", "ConflictRecord v1alpha1", "DecisionCard v1alpha1"}
    assert entries["rules/conflict-decided.sql"].role == "rule"
    assert entries["views/namesakes.sql"].role == "view"
    assert "rules/acceptance-proven.sql" not in entries
    assert _files()["AgentStatus/1.0.0.json"] == (ROOT / "schemas/AgentStatus/1.0.0.json").read_bytes()
    shutil.rmtree("DIR/AgentStatus")
    _synced()
    assert _files()["AgentStatus/1.0.0.json"] == (ROOT / "schemas/AgentStatus/1.0.0.json").read_bytes()


def test_rules_and_cases() -> None:
    _add("../source", extras=extras_named("rules, cases"))
    further = {path: entry.role for path, entry in _lock().by_path.items() if path not in COPY}
    assert further == {
        "examples/Note/1.0.0/cases.json": "example",
        "examples/Note/1.0.0/valid/minimal.json": "example",
        "rules/note-alone.sql": "rule",
        "views/sessions.sql": "view",
    }
    assert _lock().by_path["views/sessions.sql"].source_path == "views/sessions.sql"
    # What is no schema is none of the catalog's business, also where it is not even JSON.
    Path("DIR/examples/Note/1.0.0/broken.json").write_text("{")
    catalog = Catalog.at("DIR")
    assert ([contract.label for contract in catalog.contracts], catalog.unreached) == (["Note 1.0.0"], ())


def test_further_contracts_stand_beside_the_first(tmp_path: Path) -> None:
    _add("../source", revision="HEAD")
    later = {**NOTE, "x-contract": {**NOTE["x-contract"], "version": "2.0.0"}, "$id": "https://example.org/note/2.json"}  # type: ignore[dict-item]
    _write(tmp_path / "source/schemas/Note/2.0.0.json", json.dumps(later))
    commit(tmp_path / "source")
    before = _lock()
    _add("../source", "Note@2.0.0", revision="HEAD")
    assert [entry.label for entry in _lock().contracts] == ["Note 1.0.0", "Note 2.0.0"]
    # What both refer to, and has not changed, stays where it came from.
    assert [entry.origin for entry in _lock().entries if entry.path == "defs/kinds.json"] == [before.by_path["defs/kinds.json"].origin]
    _add("../source", "Note@2.0.0", revision="HEAD")
    assert [entry.label for entry in _lock().contracts] == ["Note 1.0.0", "Note 2.0.0"]


def _change_definitions(where: Path) -> None:
    _write(where / "schemas/defs/kinds.json", json.dumps({**KINDS, "title": "Changed"}))
    commit(where)


def _second_source(where: Path) -> None:
    shutil.copytree(where / "source", where / "other", ignore=shutil.ignore_patterns(".git"))
    _change_definitions(where / "other")


def _climbing(name: str) -> Callable[[Path], object]:
    return lambda where: _archive(str(where / "here/bad.tar.gz"), {name: b"{}"})


def _twice(where: Path) -> None:
    with tarfile.open(where / "here/bad.tar", "w") as archive:
        for name in ("x.json", "./x.json"):
            archive.addfile(tarfile.TarInfo(name), io.BytesIO())


def _members() -> dict[str, bytes]:
    return {f"contracts-1.0/{name}": _content(name) for name in FILES}


def _copied(where: Path) -> None:
    """A repository whose schemas are vendored ones."""
    (where / "copy").mkdir()
    _add("../source", "Note", revision="HEAD", into="../copy/schemas")
    commit(where / "copy")


def _damaged(where: Path) -> None:
    content = Path(_released()).read_bytes()
    (where / "here/bad.tar.gz").write_bytes(content[: len(content) // 2])


def _link_within(where: Path) -> None:
    os.unlink(where / "source/examples/Note/1.0.0/valid/minimal.json")
    os.symlink("/etc/passwd", where / "source/examples/Note/1.0.0/valid/minimal.json")


def _badly_named(where: Path) -> None:
    os.rename(where / "source/schemas/Note/1.0.0.json", where / "source/schemas/Note/caf\udce9.json")


def _in_the_way(where: Path) -> None:
    _add("../source", "Note")
    lock = _lock()
    carry_out("DIR", synced("DIR", [], lock), lock)
    _write(where / "here/DIR/Note/1.0.0.json", "{}")


NO_SOURCE = "; a source is srcos-contracts (the installed package), a folder, an archive or a git repository"
REFUSED: list[tuple[str, Callable[[Path], Any], dict[str, Any], str]] = [
    ("no source", lambda where: None, {"source": "gone"}, f"there is no gone{NO_SOURCE}"),
    ("no source with a revision", lambda where: None, {"source": "gone", "revision": "HEAD"}, f"there is no gone{NO_SOURCE}"),
    ("no archive", lambda where: _write(where / "here/x.zip", ""), {"source": "x.zip"}, "x.zip is no archive (.tar.gz, .tgz, .tar) and no folder; name the folder that it lies in"),
    ("a revision of a file", lambda where: _write(where / "here/x.tar", ""), {"source": "x.tar", "revision": "v1"}, "x.tar is no folder in a git repository, so it has no revision v1"),
    ("a revision of the package", lambda where: None, {"source": PACKAGE, "revision": "v1"}, "the installed package has no revisions; install another version of srcos-contracts, or name a git repository"),
    ("no revision", lambda where: None, {"revision": "nope"}, "../source: there is no revision nope in the git repository of WHERE/source"),
    ("an option for a revision", lambda where: None, {"revision": "--upload-pack=x"}, "../source: '--upload-pack=x' is no git revision"),
    ("no repository", lambda where: shutil.rmtree(where / "source/.git"), {"revision": "HEAD"}, "../source: WHERE/source lies in no git repository that can be read: not a git repository (or any of the parent directories): .git"),
    ("a URL of nothing", lambda where: None, {"source": "file:///nowhere/x.git"}, "file:///nowhere/x.git cannot be cloned: '/nowhere/x.git' does not appear to be a git repository"),
    ("a URL that runs a program", lambda where: None, {"source": "ext::sh -c touch% /tmp/x://"}, "ext::sh -c touch% /tmp/x:// cannot be cloned: transport 'ext' not allowed"),
    ("a URL with a password", lambda where: None, {"source": "https://ann:secret@example.org/x.git"}, "the URL of example.org has a name or password in it, which all would read in the lock; leave it to a credential helper"),
    ("a URL with a token", lambda where: None, {"source": "https://token@example.org/x.git"}, "the URL of example.org has a name or password in it, which all would read in the lock; leave it to a credential helper"),
    ("no contract", lambda where: None, {"contracts": ("Not",)}, "there is no contract Not; did you mean Note?"),
    ("no version", lambda where: None, {"contracts": ("Note@2.0.0",)}, "there is no contract Note@2.0.0; did you mean Note@1.0.0?"),
    ("no cases", lambda where: shutil.rmtree(where / "source/examples"), {"extras": frozenset(("cases",))}, "../source has no cases of Note 1.0.0; leave out --with cases, or name a git repository or an archive"),
    ("no rules", lambda where: shutil.rmtree(where / "source/rules"), {"extras": frozenset(("rules",))}, "../source has no set rules; leave out --with rules"),
    ("a rule without a head", lambda where: _write(where / "source/rules/bad.sql", "select 1"), {"extras": frozenset(("rules",))}, "bad.sql has no message in its head"),
    ("a link among the cases", _link_within, {"extras": frozenset(("cases",))}, "../source: Note/1.0.0/valid/minimal.json is a symbolic link, which is not vendored"),
    ("a schema that is none", lambda where: _write(where / "source/schemas/Note/1.0.0.json", "{"), {}, "../source/schemas/Note/1.0.0.json:1:1: the text ends inside an object"),
    ("definitions that are gone", lambda where: os.unlink(where / "source/schemas/defs/kinds.json"), {}, "../source/schemas/Note/1.0.0.json:19:3: https://example.org/note/1.json refers to ../defs/kinds.json#/$defs/name, which leads to no known schema"),
    ("an archive that climbs out", _climbing("../../x.json"), {"source": "bad.tar.gz"}, "bad.tar.gz is not unpacked: '../../x.json' would lie outside the folder that it is unpacked to"),
    ("an archive with an absolute path", _climbing("/x.json"), {"source": "bad.tar.gz"}, "bad.tar.gz is not unpacked: '/x.json' would lie outside the folder that it is unpacked to"),
    ("an archive with a file twice", _twice, {"source": "bad.tar"}, "bad.tar is not unpacked: it holds './x.json' twice"),
    ("an archive with half a lock", lambda where: _archive(str(where / "here/bad.tar"), {**_members(), "contracts-1.0/schemas/srcos.lock": b"x"}, "w"), {"source": "bad.tar"},
     "whether bad.tar has 1.0.0.json at second hand cannot be told: bad.tar/schemas/srcos.lock:1:2: this is not TOML: expected '=' after a key in a key/value pair"),
    ("an archive of half the bytes", _damaged, {"source": "bad.tar.gz"}, "bad.tar.gz cannot be unpacked: Compressed file ended before the end-of-stream marker was reached"),
    ("a folder of other things", lambda where: _write(where / "here/DIR/main.py", ""), {}, "DIR holds other files, and no srcos.lock: name a folder of its own, new or empty"),
    ("a folder within a vendored one", lambda where: _write(where / "here/srcos.lock", "version = 1\nfile = []\n"), {}, "DIR lies in ., which has a srcos.lock: name that one, or a folder beside it"),
    ("a tag with the form of a commit", lambda where: git(where / "source", "tag", "a" * 40), {"revision": "a" * 40},
     f"../source: there is no revision {'a' * 40} in the git repository of WHERE/source; a tag or a branch of that name is refs/tags/{'a' * 40} or refs/heads/{'a' * 40}"),
    ("a revision of a copy", _copied, {"source": "../copy", "revision": "HEAD"}, "../copy has Note/1.0.0.json at second hand, as its srcos.lock says; vendor it from ../source"),
    ("a file whose name is no UTF-8", _badly_named, {}, "what would be vendored cannot stand in a lock: the name Note/caf\udce9.json is no UTF-8"),
    ("a source whose name is no UTF-8", lambda where: os.rename(where / "source", where / "caf\udce9"), {"source": "../caf\udce9"}, "what would be vendored cannot stand in a lock: the name ../../caf\udce9 is no UTF-8"),
    ("no contracts at all", lambda where: shutil.rmtree(where / "source/schemas/Note"), {}, "there is no contract Note; there are none"),
    ("no name of a folder", lambda where: None, {"into": ""}, "the name of the folder to vendor into is empty"),
    ("a file in the way", _in_the_way, {}, "DIR/Note/1.0.0.json is there already, was not vendored, and has other content; move it away"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "asked", "words"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_cannot_be_vendored_is_said_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], Any], asked: dict[str, Any], words: str
) -> None:
    make(tmp_path)
    before = _files("..")
    left = tmp_path / "tmp"
    left.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(left))
    with pytest.raises(Refusal) as caught:
        _add(
            asked.get("source", "../source"),
            *asked.get("contracts", ()),
            revision=asked.get("revision"),
            extras=asked.get("extras", frozenset()),
            into=asked.get("into", "DIR"),
        )
    assert str(caught.value).replace(str(tmp_path), "WHERE") == words
    assert _files("..") == before
    assert list(left.iterdir()) == []


@pytest.mark.parametrize(("limit", "words"), [
    ({"_MOST_BYTES": 100}, "release.tar.gz holds more than 0 MiB"),
    ({"_MOST_FILES": 2}, "release.tar.gz holds more than 2 files"),
])  # fmt: skip
def test_an_archive_that_is_larger_than_any_release(monkeypatch: pytest.MonkeyPatch, limit: dict[str, int], words: str) -> None:
    name = os.path.basename(_released())
    for constant, value in limit.items():
        monkeypatch.setattr(states, constant, value)
    with pytest.raises(Refusal) as caught:
        _add(name)
    assert (str(caught.value), os.path.exists("DIR")) == (words, False)


def test_one_path_has_one_source(tmp_path: Path) -> None:
    _add("../source", revision="HEAD")
    before = _files()
    first = git(tmp_path / "source", "rev-parse", "HEAD")[:10]
    _second_source(tmp_path)
    with pytest.raises(Refusal) as caught:
        _add("../other")
    assert str(caught.value) == (
        f"defs/kinds.json is vendored already, from ../../source@{first}, and ../../other has other content for it: "
        "two sources cannot have one path; vendor one of them into another folder"
    )
    _change_definitions(tmp_path / "source")
    with pytest.raises(Refusal, match="has other content for it: srcos-validate vendor upgrade takes all of it to one state"):
        _add("../source", revision="HEAD")
    assert _files() == before


def test_paths_that_differ_in_case_alone(tmp_path: Path) -> None:
    other = {**NOTE, "x-contract": {**NOTE["x-contract"], "name": "NOTE"}, "$id": "https://example.org/NOTE.json"}  # type: ignore[dict-item]
    _write(tmp_path / "source/schemas/NOTE/1.0.0.json", json.dumps(other))
    with pytest.raises(Refusal) as caught:
        _add("../source", "Note", "NOTE")
    assert (
        str(caught.value) == "NOTE/1.0.0.json and Note/1.0.0.json would be one file where names have no case: vendor one of them elsewhere"
    )
    assert not os.path.exists("DIR")


def test_a_tree_that_leads_out_of_its_commit_is_not_read(tmp_path: Path) -> None:
    source = tmp_path / "source"
    blob = git(source, "rev-parse", "HEAD:schemas/Note/1.0.0.json")
    raw = b"100644 ..\x00" + bytes.fromhex(blob)
    inner = _object(source, b"40000 schemas\x00" + bytes.fromhex(_object(source, raw)))
    bad = git(source, "commit-tree", "-m", "bad", inner)
    with pytest.raises(Refusal) as caught:
        _add("../source", revision=bad)
    assert str(caught.value) == f"../source: {bad[:10]} has the path 'schemas/..', which leads out of it; git fsck says what is wrong"
    assert not os.path.exists("DIR")


def _object(where: Path, content: bytes) -> str:
    words = ["git", "hash-object", "-t", "tree", "-w", "--stdin", "--literally"]
    return subprocess.run(words, cwd=where, input=content, capture_output=True, check=True).stdout.decode().strip()


def _synced(*wanted: Wanted) -> None:
    with sole_writer("DIR"):
        lock = _lock()
        carry_out("DIR", synced("DIR", wanted, lock) if wanted else restored("DIR", lock), lock)


def test_sync_brings_what_is_wanted_and_takes_what_is_not(tmp_path: Path) -> None:
    for name, kinds in (("Card", "kinds"), ("Pack", "packs")):
        about = {**NOTE["x-contract"], "name": name, "discriminator": {"type": name.lower()}}  # type: ignore[dict-item]
        properties = {"type": {"const": name.lower()}, "name": {"$ref": f"../defs/{kinds}.json#/$defs/name"}}
        document = {**NOTE, "x-contract": about, "$id": f"https://example.org/{name}.json", "properties": properties}
        _write(tmp_path / f"source/schemas/{name}/1.0.0.json", json.dumps(document))
    _write(tmp_path / "source/schemas/defs/packs.json", json.dumps({**KINDS, "$id": "https://example.org/defs/packs.json"}))
    commit(tmp_path / "source")
    _add("../source", "Note", "Pack", revision="HEAD")
    assert _files().keys() == {*COPY, "Pack/1.0.0.json", "defs/packs.json", "srcos.lock"}
    _synced(Wanted("../source", None, "DIR", ("Note", "Card")))
    assert _files().keys() == {*COPY, "Card/1.0.0.json", "srcos.lock"}
    _synced(Wanted("../source", None, "DIR", ("Note", "Card"), frozenset(("rules",))))
    assert "rules/note-alone.sql" in _files()
    _synced(Wanted("../source", None, "DIR", ("Card",)))
    assert _files().keys() == {"Card/1.0.0.json", "defs/kinds.json", "srcos.lock"}


def test_a_pinned_commit_is_what_sync_takes(tmp_path: Path) -> None:
    _add("../source", revision="HEAD")
    (tmp_path / "source/schemas/Note/1.0.0.json").write_text(json.dumps({**NOTE, "title": "Newer"}))
    newer = commit(tmp_path / "source")
    _synced(Wanted("../source", "main", "DIR", ("Note",)))
    assert _files()["Note/1.0.0.json"] == COPY["Note/1.0.0.json"], "a name that moves is what the lock says"
    _synced(Wanted("../source", newer, "DIR", ("Note",)))
    assert json.loads(_files()["Note/1.0.0.json"])["title"] == "Newer"
    assert _lock().by_path["Note/1.0.0.json"].origin.revision == newer


def test_a_name_of_a_revision_is_looked_up_behind_a_url_of_files_too(tmp_path: Path) -> None:
    wanted = Wanted(f"file://{tmp_path}/source", "main", "DIR", ("Note",))
    first = git(tmp_path / "source", "rev-parse", "HEAD")
    assert resolved(wanted).revision == first
    _add(wanted.source, revision="main")
    (tmp_path / "source/schemas/Note/1.0.0.json").write_text(json.dumps({**NOTE, "title": "Newer"}))
    newer = commit(tmp_path / "source")
    assert unmet_of("DIR", resolved(wanted), _lock()).contracts == ("Note",)
    _synced(resolved(wanted))
    assert _lock().by_path["Note/1.0.0.json"].origin == Origin("git", wanted.source, newer)
    commit(tmp_path / "source", "nothing new")
    assert unmet_of("DIR", resolved(wanted), _lock()).contracts == ()
    with pytest.raises(Refusal, match=f"^there is no revision mian in the git repository of {tmp_path}/source; did you mean main\\?$"):
        resolved(wanted._replace(revision="mian"))


def test_cases_are_asked_for_of_each_contract() -> None:
    _add("../source", revision="HEAD", extras=frozenset(("cases",)))
    entry = next(entry for entry in _lock().entries if entry.role == "contract")
    card = entry._replace(path="Card/1.0.0.json", contract="Card")
    want = Wanted("../source", None, "DIR", ("Note", "Card"), frozenset(("cases",)))
    assert lacking_of("DIR", want, Lock((*_lock().entries, card))).contracts == ("Card",)


def test_sync_takes_nothing_that_the_lock_lists(tmp_path: Path) -> None:
    _add("../source", revision="HEAD", extras=frozenset(("cases", "rules")))
    # As after an upgrade, which leaves what has not changed at the commit before.
    newer = commit(tmp_path / "source")
    moved = [
        entry._replace(origin=entry.origin._replace(revision=newer)) if entry.role == "contract" else entry for entry in _lock().entries
    ]
    Path("DIR/srcos.lock").write_text(lock_text(moved))
    before = _files()
    _synced()
    assert _files() == before


def test_what_cannot_be_restored_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    _add("../source", revision="HEAD")
    shutil.rmtree(tmp_path / "source")
    os.unlink("DIR/defs/kinds.json")
    Path("DIR/Note/1.0.0.json").write_text("{}")
    before = _files()
    with pytest.raises(Refusal) as caught:
        _synced()
    assert str(caught.value) == (
        "DIR/Note/1.0.0.json cannot be restored: there is no repository ../source here, and the history here does not have it; and 1 more"
    )
    assert _files() == before
