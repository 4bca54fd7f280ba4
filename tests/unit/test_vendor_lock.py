"""The lock of a vendored folder: what is written is read again, and what must not be read is told with its line."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.contracts.catalog import shipped_root
from srcos_contracts.contracts.engine import build
from srcos_contracts.vendor.digests import Digests
from srcos_contracts.vendor.lock import BadLock, Entry, Origin, lock_text, parse_lock, read_lock

COMMIT, SHA = "1" * 40, "a" * 64
GIT = Origin("git", "../contracts", COMMIT)
NOTE = Entry("Note/1.0.0.json", "contract", "Note", "1.0.0", GIT, "schemas/Note/1.0.0.json", Digests(SHA, "b" * 64, "c" * 64))
KINDS = NOTE._replace(path="defs/kinds.json", role="definitions", contract="", version="", source_path="schemas/defs/kinds.json")
TEXT = f"""\
# Written by `srcos-validate vendor`: where each file of this folder comes from. Not to be edited;
# `srcos-validate vendor check` tells what has drifted, `srcos-validate vendor sync` restores it.
version = 1

[[file]]
path = "Note/1.0.0.json"
role = "contract"
contract = "Note"
version = "1.0.0"
kind = "git"
source = "../contracts"
source_path = "schemas/Note/1.0.0.json"
commit = "{COMMIT}"
sha256 = "{SHA}"
canonical_sha256 = "{"b" * 64}"
assertions_sha256 = "{"c" * 64}"

[[file]]
path = "defs/kinds.json"
role = "definitions"
kind = "git"
source = "../contracts"
source_path = "schemas/defs/kinds.json"
commit = "{COMMIT}"
sha256 = "{SHA}"
canonical_sha256 = "{"b" * 64}"
assertions_sha256 = "{"c" * 64}"
"""


def test_the_text_and_what_is_read_of_it() -> None:
    assert lock_text([KINDS, NOTE]) == TEXT
    lock = parse_lock(TEXT.encode())
    assert lock.entries == (NOTE._replace(line=5), KINDS._replace(line=18))
    assert (lock.faults, lock.contracts) == ((), (NOTE._replace(line=5),))


ORIGINS = [
    GIT,
    GIT._replace(revision="f" * 64),
    Origin("git", "https://example.org/contracts.git", COMMIT),
    Origin("package", "srcos-contracts", "0.1.0"),
    Origin("archive", "/a/contracts.tar.gz", SHA),
    Origin("folder", '../with "quotes", \\ and \u00e9'),
]


@pytest.mark.parametrize("origin", ORIGINS, ids=[origin.kind for origin in ORIGINS])
def test_all_kinds_of_sources_come_back(origin: Origin) -> None:
    entry = NOTE._replace(origin=origin, path="with space/\u540d.json", digests=Digests(SHA))
    lock = parse_lock(lock_text([entry]).encode())
    assert (lock.entries, lock.faults) == ((entry._replace(line=5),), ())


def test_an_empty_lock() -> None:
    assert parse_lock(lock_text([]).encode()).entries == ()


def _with(old: str, new: str) -> bytes:
    assert old in TEXT
    return TEXT.replace(old, new, 1).encode("utf-8", "surrogateescape")


RESTORE = "; restore it from the history of the repository, or remove it and vendor anew"
BAD: list[tuple[str, bytes, str]] = [
    ("nothing", b"", f"srcos.lock:1:1: file is missing (add file: Every vendored file, each once, in the order of their paths){RESTORE}"),
    ("no TOML", b"version = 1\n<<<<<<< HEAD\n", f"srcos.lock:2:1: this is not TOML: invalid statement{RESTORE}"),
    ("cut short", TEXT.encode()[:300], f"srcos.lock:10:3: this is not TOML: expected '=' after a key in a key/value pair{RESTORE}"),
    ("no text", b"version = 1\n\xff", f"srcos.lock:2:1: this is not UTF-8: write the file as UTF-8 text{RESTORE}"),
    ("too deep", b"a = " + b"[" * 100_000, f"srcos.lock:1:133: arrays and tables lie more than 128 deep within one another{RESTORE}"),
    ("an integer too long", b"version = " + b"1" * 5000, f"srcos.lock:1:11: a number has more than 4300 digits{RESTORE}"),
    ("a later version", _with("version = 1\n", "version = 2\n"), "srcos.lock:3:11: a lock of version 2; this program knows 1: install a newer srcos-contracts"),
    ("a later version of another form", b"version = 9\nfiles = {}\n", "srcos.lock:1:11: a lock of version 9; this program knows 1: install a newer srcos-contracts"),
    ("an earlier version", _with("version = 1\n", "version = 0\n"), f"srcos.lock:3:11: version is 0, not 1 (The version of this form){RESTORE}"),
    ("a version that is none", _with("version = 1\n", "version = true\n"), f"srcos.lock:3:11: version is true, not 1 (The version of this form){RESTORE}"),
    ("an unknown member", _with("version = 1\n", "version = 1\nowner = 1\n"), f"srcos.lock:4:1: \"owner\" is not a property of the lock (correct the name, or remove it){RESTORE}"),
    ("an unknown member of a file", _with('role = "contract"', 'role = "contract"\nshasum = "x"'), f"srcos.lock:8:1: \"shasum\" is not a property of file.0 (correct the name, or remove it){RESTORE}"),
    ("no digest", _with(f'sha256 = "{SHA}"\n', ""), f"srcos.lock:5:1: sha256 is missing in file.0 (add sha256: the SHA-256 of the file's bytes: 64 hex digits in lower case){RESTORE}"),
    ("a digest of capitals", _with(f'\nsha256 = "{SHA}"', f'\nsha256 = "{"A" * 64}"'), f"srcos.lock:14:10: sha256 is \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAA...AAAAAAAAAAAAAAAAAAAAAAAAAAAA\", which is not 64 of the lower-case hex digits (the SHA-256 of the file's bytes: 64 hex digits in lower case){RESTORE}"),
    ("no commit", _with(f'commit = "{COMMIT}"\n', ""), f"srcos.lock:5:1: commit is missing in file.0{RESTORE}"),
    ("a commit of a folder", _with('kind = "git"', 'kind = "folder"'), f"srcos.lock:13:10: commit is \"1111111111111111111111111111111111111111\", where nothing may stand{RESTORE}"),
    ("a role that is none", _with('role = "contract"', 'role = "schema"'), f"srcos.lock:7:8: role is \"schema\", which is not contract, definitions, rule, view or example (what the file is: a contract's schema, definitions that schemas refer to, a set rule, a view that set rules read, or an example or list of cases){RESTORE}"),
    ("one path twice", _with('path = "defs/kinds.json"', 'path = "Note/1.0.0.json"'), f"srcos.lock:18: Note/1.0.0.json stands in line 5 already, as Note/1.0.0.json{RESTORE}"),
    ("one path twice but for case", _with('path = "defs/kinds.json"', 'path = "NOTE/1.0.0.JSON"'), f"srcos.lock:18: NOTE/1.0.0.JSON stands in line 5 already, as Note/1.0.0.json{RESTORE}"),
    ("a file below a file", _with('path = "defs/kinds.json"', 'path = "Note/1.0.0.json/x.json"'), f"srcos.lock:18: Note/1.0.0.json/x.json would lie below Note/1.0.0.json, which is a file{RESTORE}"),
    ("a password", _with('source = "../contracts"', 'source = "https://ann:secret@example.org/x.git"'), f"srcos.lock:5: the URL of example.org has a name or password in it, which all would read in the lock; leave it to a credential helper{RESTORE}"),
    ("the lock itself", _with('path = "defs/kinds.json"', 'path = "srcos.lock"'), f"srcos.lock:18: a file cannot have the path of the lock itself{RESTORE}"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "words"), [case[1:] for case in BAD], ids=[case[0] for case in BAD])
def test_a_lock_that_cannot_be_used(content: bytes, words: str) -> None:
    with pytest.raises(BadLock) as caught:
        parse_lock(content)
    assert str(caught.value) == words


PATHS = (
    "../x.json",
    "a/../x.json",
    "/etc/passwd",
    "a//b.json",
    "a/",
    ".git/hooks/x",
    "a/.hidden",
    "C:x.json",
    "a\\\\..\\\\x",
    "",
    "a\\u0000b",
    "a\\nb",
    "x" * 1001,
)


@pytest.mark.parametrize("path", PATHS, ids=[f"{path[:12]!r}" for path in PATHS])
@pytest.mark.parametrize(("key", "line"), [("path", 6), ("source_path", 12)])
def test_a_path_that_leads_out_is_refused(path: str, key: str, line: int) -> None:
    old = {"path": '\npath = "Note/1.0.0.json"', "source_path": '\nsource_path = "schemas/Note/1.0.0.json"'}[key]
    with pytest.raises(BadLock) as caught:
        parse_lock(_with(old, f'\n{key} = "{path}"'))
    assert str(caught.value).startswith(f"srcos.lock:{line}:{8 if key == 'path' else 15}: {key} ")


COMMITS = [
    ("HEAD", 'the commit is "HEAD", a name that may move; a full one has 40 or 64 hex digits'),
    ("main", 'the commit is "main", a name that may move; a full one has 40 or 64 hex digits'),
    ("origin/main~2", 'the commit is "origin/main~2", a name that may move; a full one has 40 or 64 hex digits'),
    ("1234567", 'the commit "1234567" is abbreviated, so another may come to have that name; a full one has 40 or 64 hex digits'),
    ("abcdef", 'the commit "abcdef" is abbreviated, so another may come to have that name; a full one has 40 or 64 hex digits'),
    ("1" * 41, f'the commit "{"1" * 41}" has 41 hex digits; a full one has 40 or 64'),
    ("A" * 40, f'the commit "{"A" * 40}" is not in lower case, as git writes it'),
    ("g" * 40, f'the commit is "{"g" * 40}", a name that may move; a full one has 40 or 64 hex digits'),
    ("fatal: not a git repository", 'the commit is "fatal: not a git repository", which is no commit; a full one has 40 or 64 hex digits'),
    ("", "the commit is empty; a full one has 40 or 64 hex digits"),
]


@pytest.mark.parametrize(("named", "words"), COMMITS, ids=[case[0][:12] or "empty" for case in COMMITS])
def test_a_commit_that_is_not_named_in_full(named: str, words: str) -> None:
    lock = parse_lock(_with(f'commit = "{COMMIT}"', f'commit = "{named}"'))
    assert [(fault.words, fault.line, fault.path) for fault in lock.faults] == [(words, 13, "Note/1.0.0.json")]


def test_reading_from_a_folder(tmp_path: Path) -> None:
    assert read_lock(str(tmp_path / "gone")) is None
    assert read_lock(str(tmp_path)) is None
    lock = tmp_path / "srcos.lock"
    lock.write_text(TEXT)
    assert read_lock(str(tmp_path)) == parse_lock(TEXT.encode())
    lock.rename(tmp_path / "other")
    lock.symlink_to("other")
    with pytest.raises(BadLock, match=r"DIR/srcos\.lock: srcos\.lock is a symbolic link, which is not followed; put the file itself there"):
        read_lock(str(tmp_path), "DIR")
    lock.unlink()
    os.mkfifo(lock)
    with pytest.raises(BadLock, match=r"DIR/srcos\.lock: srcos\.lock is no regular file"):
        read_lock(str(tmp_path), "DIR")


def test_the_schema_is_one_and_says_what_is_read() -> None:
    import json

    import jsonschema_rs

    schema: Any = json.loads(Path(shipped_root(), "meta/lock.json").read_text("utf-8"))
    jsonschema_rs.meta.validate(schema)
    assert build(schema).is_valid(tomllib.loads(TEXT))
    assert schema["$id"] == "https://schemas.srcos.ai/meta/lock.json"
