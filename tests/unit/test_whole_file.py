"""A file is replaced as a whole, or left as it was."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from srcos_contracts.whole_file import replace_text, whole_bytes, whole_file


class _Broken(Exception):
    pass


@pytest.mark.parametrize("before", [None, "old"])
def test_what_breaks_off_leaves_what_was_there(before: str | None, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    if before is not None:
        file.write_text(before, encoding="utf-8")
    seen: list[str | None] = []

    def write() -> None:
        with whole_file(file) as stream:
            stream.write("half")
            stream.flush()
            seen.append(file.read_text("utf-8") if file.exists() else None)
            raise _Broken

    with pytest.raises(_Broken):
        write()
    assert seen == [before]
    assert [path.read_text("utf-8") for path in tmp_path.iterdir()] == ([before] if before is not None else [])


def test_a_file_keeps_its_mode_and_a_new_one_has_that_of_any(tmp_path: Path) -> None:
    known, new, usual = (tmp_path / name for name in ("known", "new", "usual"))
    known.write_text("old", encoding="utf-8")
    known.chmod(0o640)
    usual.touch()
    for file in (known, new):
        replace_text(file, "größer\n")
        assert file.read_bytes() == "größer\n".encode()
    assert stat.S_IMODE(known.stat().st_mode) == 0o640
    assert new.stat().st_mode == usual.stat().st_mode


def test_a_link_stays_one(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    link = tmp_path / "link"
    link.symlink_to("folder/file")
    for text in ("new", "newer"):
        replace_text(link, text)
        assert (link.is_symlink(), (tmp_path / "folder/file").read_text("utf-8")) == (True, text)
    assert [path.name for path in (tmp_path / "folder").iterdir()] == ["file"]


def test_a_pipe_is_written_and_stays_one(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    with whole_bytes(pipe) as stream:
        stream.write(b"all of it")
    reader.join(10)
    assert (read, stat.S_ISFIFO(pipe.stat().st_mode)) == ([b"all of it"], True)


@pytest.mark.parametrize("named", ["folder", "none/file"])
def test_what_cannot_be_written_is_an_error_at_once(named: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"Is a directory|No such file"), whole_file(tmp_path / named):
        pytest.fail("there is nothing to write to")
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]
