"""A vendored folder changes as a whole: whatever happens on the way, it is as it was or as it is to be, and nothing of anybody's is lost."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.vendor import writing
from srcos_contracts.vendor.writing import CannotWrite, recover, replace_folder, sole_writer, staged_name, step_aside_name

OLD = {"a.json": b"old a", "sub/b.json": b"old b", "srcos.lock": b"old lock"}
NEW = {"a.json": b"new a", "sub/c.json": b"new c", "srcos.lock": b"new lock"}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(params=[True, False], ids=["exchanged", "stepping aside"])
def exchange(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the system can exchange folders."""
    if not request.param:
        monkeypatch.setattr(writing, "_exchange", lambda one, other: False)
    return bool(request.param)


def _content(folder: str | Path) -> dict[str, bytes]:
    top = Path(folder)
    return {
        path.relative_to(top).as_posix(): path.read_bytes() for path in sorted(top.rglob("*")) if path.is_file() and not path.is_symlink()
    }


def _made(files: dict[str, bytes], folder: str = "DIR") -> None:
    with sole_writer(folder):
        replace_folder(folder, files)


def test_a_new_folder(tmp_path: Path) -> None:
    _made(OLD, "deep/er/DIR")
    assert _content("deep/er/DIR") == OLD
    assert os.listdir("deep/er") == ["DIR"]
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(os.stat("deep/er/DIR/a.json").st_mode) == 0o666 & ~mask
    assert stat.S_IMODE(os.stat("deep/er/DIR").st_mode) == 0o777 & ~mask


@pytest.mark.usefixtures("exchange")
def test_an_empty_folder_is_filled() -> None:
    os.mkdir("DIR")
    _made(OLD)
    assert (_content("DIR"), os.listdir()) == (OLD, ["DIR"])


@pytest.mark.usefixtures("exchange")
def test_a_change_writes_removes_and_leaves_the_rest() -> None:
    _made({**OLD, "d.json": b"d"})
    Path("DIR/README.md").write_text("ours")
    Path("DIR/empty").mkdir()
    Path("DIR/link").symlink_to("README.md")
    os.chmod("DIR", 0o750)
    kept = os.stat("DIR/d.json").st_ino
    with sole_writer("DIR"):
        replace_folder("DIR", NEW, ["sub/b.json"])
    assert _content("DIR") == {**NEW, "d.json": b"d", "README.md": b"ours"}
    assert os.readlink("DIR/link") == "README.md"
    assert os.path.isdir("DIR/empty")
    assert os.stat("DIR/d.json").st_ino == kept, "what does not change is the same file"
    assert stat.S_IMODE(os.stat("DIR").st_mode) == 0o750
    assert os.listdir() == ["DIR"]


@pytest.mark.usefixtures("exchange")
def test_a_folder_that_is_left_empty_goes() -> None:
    _made(OLD)
    with sole_writer("DIR"):
        replace_folder("DIR", {"srcos.lock": b""}, ["sub/b.json", "a.json"])
    assert os.listdir("DIR") == ["srcos.lock"]


@pytest.mark.usefixtures("exchange")
def test_what_is_written_to_the_old_folder_meanwhile_is_carried_over(monkeypatch: pytest.MonkeyPatch) -> None:
    _made(OLD)
    Path("DIR/notes.txt").write_text("before")
    put = writing._put_in_place

    def meddle(staged: str, folder: str, aside: str) -> bool:
        os.unlink("DIR/notes.txt")
        Path("DIR/notes.txt").write_text("after, and longer")
        Path("DIR/late.txt").write_text("late")
        Path("DIR/a.json").write_text("edited")
        return put(staged, folder, aside)

    monkeypatch.setattr(writing, "_put_in_place", meddle)
    with sole_writer("DIR"):
        replace_folder("DIR", NEW, ["sub/b.json"])
    assert _content("DIR") == {**NEW, "notes.txt": b"after, and longer", "late.txt": b"late"}
    assert os.listdir() == ["DIR"]


@pytest.mark.usefixtures("exchange")
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_what_fails_before_the_exchange_changes_nothing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    _made(OLD)
    calls: list[int] = []
    sync = os.fsync

    def fail(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise error
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises((CannotWrite, KeyboardInterrupt)) as caught, sole_writer("DIR"):
        replace_folder("DIR", NEW)
    assert (_content("DIR"), os.listdir()) == (OLD, ["DIR"])
    if isinstance(error, OSError):
        assert str(caught.value) == "DIR cannot be written: No space left on device; nothing has been changed"


def test_what_cannot_be_put_in_place_is_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    _made(OLD)
    rename = os.rename
    staged = staged_name("DIR")

    def fail(source: str, target: str) -> None:
        if source == staged:
            raise OSError(errno.EIO, "Input/output error")
        rename(source, target)

    monkeypatch.setattr(writing, "_exchange", lambda one, other: False)
    monkeypatch.setattr(os, "rename", fail)
    with pytest.raises(CannotWrite, match="Input/output error"), sole_writer("DIR"):
        replace_folder("DIR", NEW)
    assert (_content("DIR"), os.listdir()) == (OLD, ["DIR"])


def _old_with(*further: Callable[[], Any]) -> None:
    _made(OLD)
    for make in further:
        make()


LEFT: list[tuple[str, list[Callable[[], Any]], dict[str, bytes]]] = [
    ("half a new state", [lambda: _lay(staged_name("DIR"), {"a.json": b"new a"})], OLD),
    ("an old state after the exchange", [lambda: _lay(staged_name("DIR"), {"sub/b.json": b"older"})], OLD),
    ("a new state, and the old one aside", [lambda: os.rename("DIR", step_aside_name("DIR")), lambda: _lay(staged_name("DIR"), NEW)], NEW),
    ("nothing but the old one aside", [lambda: os.rename("DIR", step_aside_name("DIR"))], OLD),
    ("the old one aside, after all was done", [lambda: _lay(step_aside_name("DIR"), {"a.json": b"older"})], OLD),
    ("a link where the new state would be", [lambda: os.symlink("/etc", staged_name("DIR"))], OLD),
    ("a file where the new state would be", [lambda: Path(staged_name("DIR")).write_text("x")], OLD),
]


def _lay(folder: str, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.mark.parametrize(("further", "state"), [case[1:] for case in LEFT], ids=[case[0] for case in LEFT])
def test_what_an_interrupted_run_left_is_ended(further: list[Callable[[], Any]], state: dict[str, bytes]) -> None:
    _old_with(*further)
    assert os.path.isdir("/etc")
    with sole_writer("DIR"):
        assert (_content("DIR"), os.listdir()) == (state, ["DIR"])
    recover("DIR")
    assert (_content("DIR"), os.listdir()) == (state, ["DIR"])
    assert os.path.exists("/etc/passwd")


def _link_above() -> None:
    Path("elsewhere").mkdir()
    Path("link").symlink_to("elsewhere")


PLACES: list[tuple[str, Callable[[], Any], str, str]] = [
    ("the current folder", lambda: None, ".", "contracts are vendored into a folder of their own, and . is, or holds, the folder that you are in; name one below it"),
    ("the one above", lambda: None, "..", "contracts are vendored into a folder of their own, and .. is, or holds, the folder that you are in; name one below it"),
    ("a link", _link_above, "link", "link is a symbolic link, and nothing is written through one; name the folder that it leads to"),
    ("below a link", _link_above, "link/DIR", "link is a symbolic link, and nothing is written through one; name the folder that it leads to"),
    ("a link that leads nowhere", lambda: Path("link").symlink_to("gone"), "link", "link is a symbolic link, and nothing is written through one; name the folder that it leads to"),
    ("a file", lambda: Path("DIR").write_text("x"), "DIR", "DIR is no folder"),
    ("below a file", lambda: Path("file").write_text("x"), "file/DIR", "file/DIR cannot be written: HERE/file: Not a directory; nothing has been changed"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "folder", "words"), [case[1:] for case in PLACES], ids=[case[0] for case in PLACES])
def test_places_that_are_not_written(tmp_path: Path, make: Callable[[], Any], folder: str, words: str) -> None:
    make()
    before = sorted(os.listdir())
    with pytest.raises(CannotWrite) as caught, sole_writer(folder):
        replace_folder(folder, NEW)
    assert str(caught.value).replace(str(tmp_path), "HERE") == words
    assert sorted(os.listdir()) == before


IN_THE_WAY: list[tuple[str, Callable[[], Any], str]] = [
    ("a link for a folder", lambda: os.symlink("/etc", "DIR/new"), "DIR/new is a symbolic link, or no folder, where a folder of contracts belongs; remove it"),
    ("a file for a folder", lambda: Path("DIR/new").write_text("x"), "DIR/new is a symbolic link, or no folder, where a folder of contracts belongs; remove it"),
    ("a folder for a file", lambda: Path("DIR/new/x.json/inner").mkdir(parents=True), "DIR/new/x.json is in the way; remove it"),
    ("what is no file", lambda: os.mkfifo("DIR/pipe"), "DIR/pipe is neither a file nor a link, and cannot come along; move it elsewhere"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "words"), [case[1:] for case in IN_THE_WAY], ids=[case[0] for case in IN_THE_WAY])
def test_what_is_in_the_way(make: Callable[[], Any], words: str) -> None:
    _made(OLD)
    make()
    with pytest.raises(CannotWrite) as caught, sole_writer("DIR"):
        replace_folder("DIR", {"new/x.json": b"x"})
    assert str(caught.value) == words
    assert (_content("DIR"), os.listdir()) == ({**OLD, **({"new": b"x"} if os.path.isfile("DIR/new") else {})}, ["DIR"])


def test_nothing_is_made_where_nothing_comes_of_it() -> None:
    with pytest.raises(CannotWrite, match="a fault"), sole_writer("deep/er/DIR"):
        raise OSError(errno.EIO, "a fault")
    assert os.listdir() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody who may not write")
@pytest.mark.parametrize(("read_only", "words"), [
    ("DIR", "DIR cannot be written: Permission denied; nothing has been changed"),
    (".", "DIR cannot be written: HERE/.DIR.srcos-new: Permission denied; nothing has been changed"),
])  # fmt: skip
def test_a_read_only_folder(monkeypatch: pytest.MonkeyPatch, read_only: str, words: str) -> None:
    # The folders of tests are closed to all others.
    with tempfile.TemporaryDirectory() as place:
        monkeypatch.chdir(place)
        _made(OLD)
        for path in (Path(place), *Path(place).rglob("*")):
            os.chown(path, 65534, 65534)
        os.chmod(read_only, 0o555)
        child = os.fork()
        if not child:
            os.setuid(65534)
            code = 0
            try:
                with sole_writer("DIR"):
                    replace_folder("DIR", NEW)
            except CannotWrite as error:
                code = 3 if str(error).replace(place, "HERE") == words else 4
            os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 3
        assert (_content("DIR"), os.listdir()) == (OLD, ["DIR"])
        os.chmod(read_only, 0o755)


def test_read_only_folders_within_are_no_hindrance(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as place:
        monkeypatch.chdir(place)
        _made(OLD)
        for path in (Path(place), *Path(place).rglob("*")):
            os.chown(path, 65534, 65534)
        os.chmod("DIR/sub", 0o555)
        child = os.fork()
        if not child:
            os.setuid(65534)
            code = 1
            try:
                _made(NEW)
                code = 0
            finally:
                os._exit(code)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert (os.listdir(), _content("DIR")["a.json"]) == (["DIR"], b"new a")


def test_what_cannot_be_removed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: str) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "b.json")

    os.mkdir(".DIR.srcos-new")
    monkeypatch.setattr(shutil, "rmtree", fail)
    with pytest.raises(CannotWrite) as caught:
        _made(NEW)
    assert str(caught.value).replace(str(tmp_path), "HERE") == (
        "DIR cannot be written: HERE/.DIR.srcos-new: Permission denied; nothing has been changed"
    )


def test_one_run_at_a_time() -> None:
    _made(OLD)
    held = os.open(".", os.O_RDONLY)
    fcntl.flock(held, fcntl.LOCK_EX)
    with pytest.raises(CannotWrite) as caught, sole_writer("DIR"):
        pass
    assert str(caught.value) == "another srcos-validate is writing beside DIR; run this again when it has ended"
    os.close(held)
    with sole_writer("DIR"):
        pass


def test_where_nothing_can_be_held_one_run_writes_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int, operation: int) -> None:
        raise OSError(errno.EBADF, "Bad file descriptor")

    monkeypatch.setattr(fcntl, "flock", fail)
    _made(OLD)
    assert _content("DIR") == OLD


def test_without_hard_links_files_are_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    _made(OLD)

    def fail(source: str, target: str, **_: Any) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", fail)
    _made({"a.json": b"new a"})
    assert _content("DIR") == {**OLD, "a.json": b"new a"}
