"""The states that can be compared: folders, schema files, archives, revisions of real repositories; and what is said where they cannot be had."""

from __future__ import annotations

import io
import os
import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.contracts.catalog import CatalogError
from srcos_contracts.evolve import states
from srcos_contracts.evolve.states import CannotOpen, State, opened
from tests.unit.repositories import commit, git, schema, without_git_settings, write

NOTE = schema("Note", properties={"a": {"type": "string"}})
CARD = schema("Card", properties={"a": {"type": "string"}})


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_git_settings(monkeypatch)
    monkeypatch.chdir(tmp_path)


def _names(state: State) -> list[str]:
    return sorted(contract.name for contract in state.catalog.contracts)


def _refused(reference: str) -> str:
    with pytest.raises((CannotOpen, CatalogError)) as caught, opened(reference):
        pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


def _placed(state: State) -> str:
    contract = state.catalog.contracts[0]
    return state.catalog.place(contract.uri, ("properties", "a", "type")).file


def test_a_folder_that_has_schemas_and_one_that_is_schemas(tmp_path: Path) -> None:
    write(tmp_path / "top/schemas", note=NOTE)
    (tmp_path / "top/examples").mkdir()
    for reference, file in (("top", "top/schemas/note.json"), ("top/schemas", "top/schemas/note.json")):
        with opened(reference) as state:
            assert _names(state) == ["Note"]
            assert _placed(state) == file
            assert (state.root, state.examples, state.waivers) == (Path("top"), Path("top/examples"), "top/waivers.yaml")
    write(tmp_path / "loose", note=NOTE)
    with opened("loose") as state:
        assert (_placed(state), state.root, state.examples) == ("loose/note.json", Path("loose"), None)


def test_where_one_is_names_need_no_folder(tmp_path: Path) -> None:
    write(tmp_path / "schemas", note=NOTE)
    with opened(".") as state:
        assert (_placed(state), state.waivers) == ("schemas/note.json", "waivers.yaml")


def test_a_schema_file(tmp_path: Path) -> None:
    write(tmp_path, note=NOTE, other=CARD)
    with opened("note.json") as state:
        assert _names(state) == ["Note"]
    assert _refused("missing.json").startswith("missing.json is no file, folder or archive here, and ")
    write(tmp_path, other={"a": 1}, text="[1,")
    assert _refused("text.json") == "./text.json:1:3: the text ends inside a value"
    assert _refused("other.json") == "other.json holds no JSON Schema"


def test_what_cannot_be_used_is_told_and_the_rest_is_there(tmp_path: Path) -> None:
    write(tmp_path / "schemas", note=NOTE, broken='{"$schema": 1,,}', list="[1]")
    with opened(".") as state:
        assert _names(state) == ["Note"]
        assert {file: str(error) for file, error in state.problems.items()} == {
            "broken.json": "schemas/broken.json:1:15: this is not JSON: key must be a string"
        }


def test_two_schemas_with_one_id_are_both_left_out(tmp_path: Path) -> None:
    write(tmp_path / "schemas", note=NOTE, other={**NOTE, "title": "Other"}, card=CARD)
    said = "schemas/note.json and schemas/other.json have one $id, https://example.org/note.json, and are not the same: keep one of them"
    with opened(".") as state:
        assert _names(state) == ["Card"]
        assert [str(error) for error in dict.fromkeys(map(str, state.problems.values()))] == [said]
    (tmp_path / "schemas/card.json").unlink()
    assert _refused(".") == f"schemas holds no JSON Schema that can be used: {said}"


def test_a_folder_without_contracts(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    more = "holds no JSON Schema; name the folder of the contracts, or the one above it"
    assert _refused("empty") == f"empty {more}"
    assert _refused(".") == f"{tmp_path} {more}"
    write(tmp_path / "empty", data={"a": 1})
    assert _refused("empty") == f"empty {more}"


def test_a_schema_nested_deep_and_one_that_is_no_text(tmp_path: Path) -> None:
    deep = '{"$schema": "x", "properties": ' + '{"properties":{"x":' * 1000 + "{}" + "}}" * 1000 + "}"
    write(tmp_path / "schemas", note=NOTE, deep=deep, nul=b"\0", mark=b"\xef\xbb\xbf{}")
    with opened(".") as state:
        assert _names(state) == ["Note"]
        told = {file: re.sub(r":\d+:\d+:", "", str(error)) for file, error in state.problems.items()}
    assert told == {
        "deep.json": "schemas/deep.json arrays and objects lie more than 128 deep within one another",
        "mark.json": "schemas/mark.json the text begins with a byte order mark",
        "nul.json": "schemas/nul.json there is nothing but zero bytes here",
    }


# Revisions of git


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one contract at first, tagged `first`, and two now."""
    where = tmp_path / "repository"
    write(where / "schemas", note=NOTE)
    (where / "waivers.yaml").write_text("[]\n")
    (where / "other.txt").write_text("left out\n")
    commit(where)
    git(where, "tag", "first")
    write(where / "schemas", card=CARD)
    commit(where)
    monkeypatch.chdir(where)
    return where


@pytest.mark.parametrize(
    ("revision", "names"), [("first", ["Note"]), ("main", ["Card", "Note"]), ("HEAD~1", ["Note"]), ("HEAD", ["Card", "Note"])]
)
def test_a_revision(repository: Path, revision: str, names: list[str]) -> None:
    (repository / "schemas/card.json").write_text("not committed")
    with opened(revision) as state:
        assert _names(state) == names
        assert _placed(state).startswith(f"{revision}:schemas/")
        assert state.waivers == f"{revision}:waivers.yaml"
        kept = state.root
        assert sorted(os.listdir(kept)) == ["schemas", "waivers.yaml"]
    assert not kept.exists()


def test_a_folder_is_meant_before_a_revision_of_that_name(repository: Path) -> None:
    write(repository / "first", thing=schema("Thing", properties={"a": {"type": "string"}}))
    with opened("first") as state:
        assert _names(state) == ["Thing"]


def test_a_revision_seen_from_below_the_top(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(repository / "team/schemas", card=CARD)
    commit(repository)
    monkeypatch.chdir(repository / "team")
    with opened("HEAD") as state:
        assert _names(state) == ["Card"]
    assert _refused("first") == f"the revision first has no folder schemas in {repository}/team; name a later one, or a folder"
    monkeypatch.chdir(repository / "schemas")
    with opened("first") as state:
        assert (_names(state), _placed(state)) == (["Note"], "first/note.json")


def test_links_and_submodules_of_a_revision_are_left_out(repository: Path) -> None:
    os.symlink("/etc/passwd", repository / "schemas/link.json")
    commit(repository)
    with opened("HEAD") as state:
        assert sorted(os.listdir(state.root / "schemas")) == ["card.json", "note.json"]


def test_a_revision_that_does_not_exist(repository: Path) -> None:
    assert _refused("v9") == f"v9 is no file, folder or archive here, and there is no revision v9 in the git repository of {repository}"
    assert _refused("frist").endswith("; did you mean first?")
    assert _refused("-x") == "-x is no file, folder or archive here, and '-x' is no git revision"


def test_a_shallow_clone(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    assert _refused("first").endswith("; the clone is shallow: git fetch --deepen=100, or --unshallow, brings more of its history")
    with opened("HEAD") as state:
        assert _names(state) == ["Card", "Note"]


def test_a_partial_clone_lacks_content(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(repository, "config", "uploadpack.allowFilter", "true")
    (repository / "schemas/note.json").write_text("{}")
    commit(repository)
    git(tmp_path, "clone", "-q", "--filter=blob:none", f"file://{repository}", "partial")
    monkeypatch.chdir(tmp_path / "partial")
    said = "first is no file, folder or archive here, and the repository does not have the content of schemas/note.json at the revision; "
    assert _refused("first") == said + "in a partial clone, git fetch --refetch brings it"


def test_no_repository_no_working_tree_and_no_git(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert _refused("HEAD").startswith(
        f"HEAD is no file, folder or archive here, and {tmp_path} lies in no git repository that can be read: "
    )
    git(tmp_path, "clone", "-q", "--bare", str(repository), "bare")
    monkeypatch.chdir(tmp_path / "bare")
    assert _refused("main").endswith("in no working tree of one; compare in a checkout, as of git worktree add")
    monkeypatch.chdir(repository)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert _refused("HEAD") == "HEAD is no file, folder or archive here, and git is not installed, and is needed to read a revision"


# Archives


def _archive(name: str, members: dict[str, bytes], mode: str = "w:gz") -> None:
    with tarfile.open(name, mode) as archive:  # type: ignore[call-overload]
        for path, content in members.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def _text(document: Any) -> bytes:
    import json

    return json.dumps(document).encode()


@pytest.mark.parametrize(("name", "mode"), [("v1.tar.gz", "w:gz"), ("v1.tgz", "w:gz"), ("v1.tar", "w")])
@pytest.mark.parametrize("top", ["", "contracts-1.0/"])
def test_an_archive_with_its_contracts_at_the_top_or_in_the_one_folder_there(name: str, mode: str, top: str) -> None:
    _archive(name, {f"{top}schemas/note.json": _text(NOTE), f"{top}waivers.yaml": b"[]"}, mode)
    with opened(name) as state:
        assert (_names(state), _placed(state), state.waivers) == (["Note"], f"{name}:schemas/note.json", f"{name}:waivers.yaml")
        kept = state.root
    assert not kept.exists()


def test_an_archive_of_schemas_alone_and_of_nothing() -> None:
    _archive("loose.tgz", {"note.json": _text(NOTE)})
    with opened("loose.tgz") as state:
        assert (_names(state), _placed(state)) == (["Note"], "loose.tgz/note.json")
    _archive("empty.tgz", {})
    assert _refused("empty.tgz") == "empty.tgz holds no JSON Schema; name the folder of the contracts, or the one above it"


@pytest.mark.parametrize("path", ["../evil.json", "schemas/../../evil.json"])
def test_an_archive_with_a_path_that_climbs_out(path: str, tmp_path: Path) -> None:
    _archive("bad.tgz", {"schemas/note.json": _text(NOTE), path: b"{}"})
    assert _refused("bad.tgz") == f"bad.tgz is not unpacked: '{path}' would lie outside the folder that it is unpacked to"
    assert not list(tmp_path.parent.glob("**/evil.json"))


def test_links_in_an_archive_are_not_followed() -> None:
    with tarfile.open("bad.tgz", "w:gz") as archive:
        link = tarfile.TarInfo("schemas")
        link.type, link.linkname = tarfile.SYMTYPE, "/"
        archive.addfile(link)
        member = tarfile.TarInfo("schemas/note.json")
        member.size = len(_text(NOTE))
        archive.addfile(member, io.BytesIO(_text(NOTE)))
    with opened("bad.tgz") as state:
        assert _names(state) == ["Note"]
        assert not (state.root / "schemas").is_symlink()


class _Zeros(io.RawIOBase):
    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        buffer[:] = bytes(len(buffer))
        return len(buffer)


def test_an_archive_that_is_small_and_unpacks_to_more_than_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "_MOST_BYTES", 4 << 20)
    with tarfile.open("bomb.tgz", "w:gz") as archive:
        member = tarfile.TarInfo("schemas/big.json")
        member.size = 64 << 20
        archive.addfile(member, io.BufferedReader(_Zeros()))
    assert os.path.getsize("bomb.tgz") < 100_000
    assert _refused("bomb.tgz") == "bomb.tgz holds more than 4 MiB"
    monkeypatch.setattr(states, "_MOST_FILES", 3)
    _archive("many.tgz", {f"schemas/{number}.json": b"{}" for number in range(4)})
    assert _refused("many.tgz") == "many.tgz holds more than 3 files"


def _damaged() -> Iterator[tuple[str, bytes]]:
    _archive("whole.tgz", {"schemas/note.json": _text(NOTE)})
    whole = Path("whole.tgz").read_bytes()
    yield "cut.tgz", whole[: len(whole) // 2]
    yield "junk.tgz", b"not an archive"
    yield "empty.tgz", b""
    yield "flipped.tgz", whole[:40] + bytes(8) + whole[48:]
    yield "packed.tgz", b"\x1f\x8b" + whole[2:20]


def test_damaged_archives() -> None:
    for name, content in list(_damaged()):
        Path(name).write_bytes(content)
        assert re.fullmatch(rf"{name} cannot be unpacked: \S.*", _refused(name)), name


def test_an_archive_that_has_a_file_where_a_folder_is_needed() -> None:
    _archive("bad.tgz", {"schemas": b"", "schemas/note.json": _text(NOTE)})
    assert _refused("bad.tgz") == "bad.tgz cannot be unpacked: File exists"


def test_no_room_to_unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tempfile

    _archive("v1.tgz", {"schemas/note.json": _text(NOTE)})
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    assert _refused("v1.tgz") == "there is no folder to unpack in: No such file or directory; name one with TMPDIR"
