"""Contracts in another repository, as somebody keeps them there: vendored from a git revision, drifted, restored, upgraded."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.repository import Ended, Repository

ROOT = Path(__file__).resolve().parents[2]
LOCK = "contracts/srcos.lock"
EVENT = "contracts/SessionEvent/0.1.0.json"
_SHORT = re.compile(r"\b[0-9a-f]{10}\b")


def _plain(text: str) -> str:
    return _SHORT.sub("SHORT", text)


def _lines(ended: Ended) -> list[str]:
    return _plain(ended.err).splitlines()


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository of contracts at its tag v1, and one that vendors two of them at that tag."""
    top = tmp_path_factory.mktemp("world")
    source, here = Repository(top / "source"), Repository(top / "here")
    for name in ("schemas/SessionEvent", "schemas/ConflictRecord", "schemas/DecisionCard", "schemas/defs", "examples/SessionEvent"):
        shutil.copytree(ROOT / name, source.root / name)
    for repository in (source, here):
        repository.root.mkdir(exist_ok=True)
        repository.git("init", "--quiet", "--initial-branch", "main")
    source.commit()
    source.git("tag", "v1")
    ended = here.validate("vendor", "add", "../source", "SessionEvent", "ConflictRecord", "--revision", "v1", "--into", "contracts")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "added: contracts/ConflictRecord/v1alpha1.json",
        "added: contracts/DecisionCard/v1alpha1.json",
        "added: contracts/SessionEvent/0.1.0.json",
        "added: contracts/defs/primitives/1.0.0.json",
        "added: contracts/defs/runtime-record/1.0.0.json",
        "added: contracts/defs/sync-record/1.0.0.json",
        "added: contracts/defs/urn/1.0.0.json",
    ]
    shutil.copy(ROOT / "examples/SessionEvent/0.1.0/valid/full.json", here.root / "full.json")
    shutil.copy(ROOT / "examples/SessionEvent/0.1.0/valid/minimal.json", here.root / "minimal.json")
    here.commit()
    return top


@pytest.fixture
def source(world: Path, tmp_path: Path) -> Repository:
    shutil.copytree(world, tmp_path, dirs_exist_ok=True, symlinks=True)
    return Repository(tmp_path / "source")


@pytest.fixture
def here(source: Repository) -> Repository:
    return Repository(source.root.parent / "here")


def test_a_vendored_folder_is_in_order(here: Repository) -> None:
    ended = here.validate("vendor", "check")
    assert (ended.code, ended.out) == (0, "")
    assert _lines(ended) == ["contracts: 7 files: 7 identical", "  ../source SHORT: has the 7 files that the lock says"]
    ended = here.validate("vendor", "check", "--format", "tap", "--format", "junit=found.xml", "--format", "markdown=found.md")
    assert ended.out == "TAP version 14\nok 1 - 7 vendored files\n1..1\n"
    assert '<testcase classname="srcos-validate" name="7 vendored files"/>' in here.read("found.xml")
    assert here.read("found.md") == "Nothing found in 7 vendored files.\n"
    # From anywhere in the repository, and with the folder named.
    assert here.validate("vendor", "check", ".", within="contracts").code == 0
    assert here.validate("vendor", "check", "contracts").code == 0


def test_what_is_written_is_what_the_revision_has(here: Repository, source: Repository) -> None:
    for path in (here.root / "contracts").rglob("*.json"):
        name = path.relative_to(here.root / "contracts")
        assert path.read_bytes() == (source.root / "schemas" / name).read_bytes()
    assert here.read(LOCK).count(f'commit = "{source.git("rev-parse", "v1")}"') == 7


def test_a_source_that_is_gone_is_a_warning_in_every_format(here: Repository, source: Repository) -> None:
    shutil.rmtree(source.root)
    ended = here.validate("vendor", "check", "--format", "json=found.json", "--format", "tap=found.tap", "--format", "junit=found.xml")
    assert ended.code == 0
    assert [(one["rule"], one["severity"]) for one in json.loads(here.read("found.json"))["findings"]] == [("vendor-unverified", "warning")]
    assert "vendor-unverified" in here.read("found.tap")
    assert "vendor-unverified" in here.read("found.xml")
    assert here.validate("vendor", "check", "--strict").code == 1


def _comment(here: Repository) -> None:
    here.edit(EVENT, lambda schema: schema.update({"$comment": "vendored"}))


def _stricter(here: Repository) -> None:
    here.edit(EVENT, lambda schema: schema["required"].append("data"))


def _drifted_in_each_way(here: Repository) -> None:
    _stricter(here)
    here.edit("contracts/DecisionCard/v1alpha1.json", lambda schema: schema.update(description="ours"))
    here.write("contracts/defs/urn/1.0.0.json", here.read("contracts/defs/urn/1.0.0.json").rstrip("\n"))
    (here.root / "contracts/defs/sync-record/1.0.0.json").unlink()
    here.write("contracts/Extra/1.0.0.json", '{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}\n')
    here.write("other/event.json", '{"$schema": "https://json-schema.org/draft/2020-12/schema",\n "title": "SessionEvent"}\n')


def test_drift_in_each_way_and_back(here: Repository) -> None:
    _drifted_in_each_way(here)
    ended = here.validate("vendor", "check", "--format", "json=found.json", "--format", "sarif=found.sarif", "--format", "human")
    assert ended.code == 1
    told = json.loads(here.read("found.json"))["findings"]
    found = [(one["rule"], one["severity"], f"{one['file']}:{one['line']}", one["message"].partition(": ")[2]) for one in told]
    line = here.line_of("contracts/SessionEvent/0.1.0.json", '"required": [')
    assert found == [
        (
            "vendor-missing",
            "error",
            f"{LOCK}:{here.line_of(LOCK, 'sync-record') - 1}",
            "contracts/defs/sync-record/1.0.0.json is not there",
        ),
        ("vendor-reworded", "warning", "contracts/DecisionCard/v1alpha1.json:5", "it asserts the same, in other words"),
        ("vendor-drifted", "error", f"{EVENT}:{line}", "it refuses what the original accepts: schema-required: data is missing"),
        ("vendor-reformatted", "warning", "contracts/defs/urn/1.0.0.json:120", "it is the same JSON, written otherwise"),
        ("vendor-unlisted", "error", "contracts/Extra/1.0.0.json:None", "srcos.lock does not know this schema"),
        ("vendor-reauthored", "error", "other/event.json:2", f"it has the title of SessionEvent 0.1.0, which is vendored in {EVENT}"),
    ]
    assert _lines(ended) == [
        "contracts: 7 files: 3 identical, 1 same JSON, 1 same assertions, 1 drifted, 1 missing",
        "  ../source SHORT: has the 7 files that the lock says",
        "beside them: 1 not listed, 1 written anew elsewhere",
    ]
    sarif = json.loads(here.read("found.sarif"))["runs"][0]
    assert len(sarif["results"]) == 6
    assert {rule["id"] for rule in sarif["tool"]["driver"]["rules"]} == {one[0] for one in found}

    ended = here.validate("vendor", "sync")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        "added: contracts/defs/sync-record/1.0.0.json",
        "written: contracts/DecisionCard/v1alpha1.json",
        "written: contracts/SessionEvent/0.1.0.json",
        "written: contracts/defs/urn/1.0.0.json",
    ]
    assert here.git("status", "--short", "contracts") == "?? contracts/Extra/"
    shutil.rmtree(here.root / "contracts/Extra")
    shutil.rmtree(here.root / "other")
    assert here.validate("vendor", "check").code == 0
    ended = here.validate("vendor", "sync")
    assert (ended.code, ended.out, ended.err) == (0, "contracts: all 7 files are as srcos.lock says\n", "")


@pytest.mark.parametrize(("drift", "codes"), [(_comment, (0, 1)), (_stricter, (1, 1))])
def test_other_words_fail_only_where_that_is_asked_for(
    here: Repository, drift: Callable[[Repository], None], codes: tuple[int, int]
) -> None:
    drift(here)
    assert (here.validate("vendor", "check").code, here.validate("vendor", "check", "--strict").code) == codes


def _next_version(source: Repository) -> None:
    """SessionEvent 0.2.0, which asks for `data`."""
    assert source.validate("new", "SessionEvent", "--version", "0.2.0").code == 0
    source.edit("schemas/SessionEvent/0.2.0.json", lambda schema: schema["required"].append("data"))
    source.commit()


BREAKING = """\
SessionEvent 0.1.0 -> 0.2.0  breaking
  set aside: specVersion 0.1.0 is read as 0.2.0
  backward: breaking
    --> ../source@SHORT:schemas/SessionEvent/0.2.0.json:LINE:3  /required
    witness: SessionEvent/0.2.0/valid/minimal.json as it is
      error[schema-required]: data is missing
  forward: compatible  (not asked for by the policy)
    proof: what the new version accepts, the old one accepts
      each of its demands is met by an equal one, or asks nothing of what can come
  SHAPE (what generated types see: names, types, titles)
    data is required now

"""
TRIED = """\
minimal.json: valid today, and no valid SessionEvent 0.2.0
    error[schema-required]: data is missing
2 records tried: 2 valid today, 1 of them not after this
"""


def _told(text: str, source: Repository) -> str:
    line = source.line_of("schemas/SessionEvent/0.2.0.json", '"required": [')
    return _plain(text).replace(f"0.2.0.json:{line}:", "0.2.0.json:LINE:")


UNTRIED = "no records of this repository were tried: there is no configuration that says where they are; --try PATH\n"


def test_an_upgrade_across_a_breaking_version(here: Repository, source: Repository) -> None:
    _next_version(source)
    before = here.read(LOCK)
    # What is newest and breaks nothing is what is there.
    ended = here.validate("vendor", "upgrade", "SessionEvent", "--try", "*.json")
    assert (ended.code, ended.err) == (0, "contracts: nothing is written: nothing newer is proved to break nothing\n")
    assert (
        _told(ended.out, source)
        == f"SessionEvent 0.1.0  unchanged\nnot taken:\n{BREAKING}2 records tried: 2 valid today, 0 of them not after this\n"
    )
    # Named, it is shown with the records that it would refuse.
    ended = here.validate("vendor", "upgrade", "SessionEvent", "--to", "0.2.0", "--try", "full.json", "--try", "minimal.json")
    assert (ended.code, _told(ended.out, source)) == (1, BREAKING + TRIED)
    assert ended.err == "nothing is written: 1 record of this repository breaks; --breaking writes it all the same\n"
    ended = here.validate("vendor", "upgrade", "SessionEvent", "--to", "0.2.0", "--breaking", "--dry-run")
    assert (ended.code, ended.err) == (0, UNTRIED + "nothing is written: --dry-run\n")
    assert here.read(LOCK) == before
    assert here.git("status", "--short") == ""
    # Asked for, it is written; the old version stays for the records that name it.
    ended = here.validate("vendor", "upgrade", "SessionEvent", "--breaking")
    assert (ended.code, ended.err) == (0, UNTRIED)
    assert ended.out.splitlines()[-1] == "added: contracts/SessionEvent/0.2.0.json"
    assert here.validate("vendor", "check").code == 0
    assert here.validate("check", "--schemas", "contracts", "minimal.json").code == 0
    ended = here.validate("vendor", "upgrade")
    assert (ended.code, ended.err) == (0, "contracts: nothing is written: all is as new as its source\n")


def test_the_old_version_goes_where_that_is_asked_for(here: Repository, source: Repository) -> None:
    _next_version(source)
    ended = here.validate("vendor", "upgrade", "SessionEvent", "--to", "0.2.0", "--replace", "--try", "full.json")
    assert ended.code == 1
    assert "full.json: valid today, and not after this\n    error[unclaimed-record]: " in ended.out
    ended = here.validate("vendor", "upgrade", "SessionEvent", "--to", "0.2.0", "--replace", "--breaking")
    assert ended.out.splitlines()[-2:] == ["added: contracts/SessionEvent/0.2.0.json", "removed: contracts/SessionEvent/0.1.0.json"]
    assert here.validate("vendor", "check").code == 0
    assert not (here.root / EVENT).exists()


def test_an_upgrade_that_breaks_nothing_is_written(here: Repository, source: Repository) -> None:
    source.edit(
        "schemas/SessionEvent/0.1.0.json", lambda schema: schema["properties"]["data"].update(description="Whatever else there is.")
    )
    commit = source.commit()
    ended = here.validate("vendor", "upgrade", "--try", "full.json")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-2:] == ["1 record tried: 1 valid today, 0 of them not after this", f"written: {EVENT}"]
    # Only what has changed is of the new commit.
    assert here.read(LOCK).count(commit) == 1


def test_definitions_that_change_take_all_contracts_along_that_use_them(here: Repository, source: Repository) -> None:
    def shorter(schema: Any) -> None:
        schema["$defs"]["time"]["maxLength"] = 30

    source.edit("schemas/defs/primitives/1.0.0.json", shorter)
    source.commit()
    ended = here.validate("vendor", "upgrade", "SessionEvent")
    assert (ended.code, ended.err) == (0, "contracts: nothing is written: nothing newer is proved to break nothing\n")
    ended = here.validate("vendor", "upgrade", "SessionEvent", "--breaking", "--dry-run")
    assert (ended.code, ended.err) == (0, UNTRIED + "nothing is written: --dry-run\n")
    # ConflictRecord was not named, and changes with them.
    assert {line.split("  ")[0] for line in ended.out.splitlines() if re.match(r"[A-Z]\w+ \S+  \w", line)} >= {
        "SessionEvent 0.1.0",
        "ConflictRecord v1alpha1",
        "DecisionCard v1alpha1",
    }


CONFIGURATION = """\
[vendor]
into = "wanted"

[[vendor.sources]]
source = "../source"
revision = "v1"
contracts = ["SessionEvent@0.1.0"]
with = ["cases"]

[[vendor.sources]]
source = "srcos-contracts"
contracts = ["AgentStatus"]
"""


def test_what_a_configuration_asks_for(here: Repository) -> None:
    here.write("srcos.toml", CONFIGURATION)
    (here.root / "below").mkdir()
    ended = here.validate("vendor", "check", "--format", "json")
    assert [
        (one["rule"], one["file"], one["line"], one["column"], one["message"].partition(": ")[2])
        for one in json.loads(ended.out)["findings"]
    ] == [
        ("vendor-wanted", "srcos.toml", 7, 14, "SessionEvent@0.1.0 of ../source is not in wanted/srcos.lock"),
        ("vendor-wanted", "srcos.toml", 12, 14, "AgentStatus of srcos-contracts is not in wanted/srcos.lock"),
    ]
    assert ended.code == 1
    # From wherever it is called, into the folder that the configuration means.
    ended = here.validate("vendor", "sync", within="below")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[:3] == [
        "../contracts: all 7 files are as srcos.lock says",
        "added: ../wanted/AgentStatus/1.0.0.json",
        "added: ../wanted/SessionEvent/0.1.0.json",
    ]
    assert sorted(path.name for path in (here.root / "wanted").iterdir()) == [
        "AgentStatus",
        "SessionEvent",
        "defs",
        "examples",
        "srcos.lock",
    ]
    assert here.read("wanted/srcos.lock").count('source = "../../source"') == here.read("wanted/srcos.lock").count("commit = ")
    assert here.validate("vendor", "check").code == 0
    # What is not asked for any more goes, and what was added by hand with it.
    here.write("srcos.toml", CONFIGURATION.partition('[[vendor.sources]]\nsource = "srcos')[0].replace('with = ["cases"]\n', ""))
    assert here.validate("vendor", "sync", "wanted").code == 0
    assert sorted(path.name for path in (here.root / "wanted").iterdir()) == ["SessionEvent", "defs", "srcos.lock"]
    assert here.validate("vendor", "check", "--no-config").code == 0


def test_the_revision_of_a_configuration_counts(here: Repository, source: Repository) -> None:
    def configured(revision: str) -> None:
        of_source = CONFIGURATION.partition('[[vendor.sources]]\nsource = "srcos')[0].replace('with = ["cases"]\n', "")
        here.write("srcos.toml", of_source.replace('"v1"', f'"{revision}"').replace("wanted", "contracts").replace("@0.1.0", ""))

    def found() -> list[str]:
        return [
            one["message"].partition(": ")[2] for one in json.loads(here.validate("vendor", "check", "--format", "json").out)["findings"]
        ]

    for version in ("v2", "v3"):
        source.edit("schemas/SessionEvent/0.1.0.json", lambda schema: schema.update(description=f"As of {version}."))  # noqa: B023
        source.commit()
        source.git("tag", version)
    configured("v1")
    assert found() == []
    ended = here.validate("vendor", "upgrade", "SessionEvent")
    assert (ended.code, ended.err) == (
        0,
        "contracts: nothing is written: all is as new as its source; the configuration asks for v1 of ../source\n",
    )
    configured("v2")
    assert found() == ["SessionEvent in contracts/srcos.lock is not as ../source has it at v2"]
    assert here.validate("vendor", "sync").code == 0
    assert found() == []
    assert "As of v2." in here.read(EVENT)
    # What an upgrade leaves at the commit before is in order too, for its content is the same.
    configured("v3")
    assert here.validate("vendor", "upgrade").code == 0
    assert {source.git("rev-parse", name) in here.read(LOCK) for name in ("v2", "v3")} == {True}
    assert found() == []
    configured("v4")
    assert found() == ["there is no revision v4 in the git repository of ../source"]
    assert here.validate("vendor", "sync").code == 2


def test_a_folder_with_nothing_vendored(here: Repository) -> None:
    here.write("empty/srcos.lock", "version = 1\nfile = []\n")
    ended = here.validate("vendor", "sync", "empty")
    assert (ended.code, ended.out, ended.err) == (0, "empty: nothing is vendored\n", "")


def test_a_configuration_that_asks_for_what_there_is_not(here: Repository) -> None:
    here.write("srcos.toml", CONFIGURATION.replace("AgentStatus", "AgentState"))
    ended = here.validate("vendor", "sync", "wanted")
    assert (ended.code, ended.out, ended.err) == (2, "", "error: there is no contract AgentState; did you mean AgentStatus?\n")
    assert not (here.root / "wanted").exists()
    here.write("wanted/notes.txt", "ours")
    here.write("srcos.toml", CONFIGURATION)
    ended = here.validate("vendor", "sync", "wanted")
    assert (ended.code, ended.err) == (2, "error: wanted holds other files, and no srcos.lock: name a folder of its own, new or empty\n")


def test_a_vendored_folder_judges_as_the_installed_contracts_do(tmp_path: Path) -> None:
    here = Repository(tmp_path)
    names = sorted(path.name for path in (ROOT / "schemas").iterdir() if path.is_dir() and path.name not in ("bundles", "defs", "meta"))
    assert here.validate("vendor", "add", "srcos-contracts", *names, "--into", "contracts", "--with", "rules,cases").code == 0
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    installed = here.validate("check", "examples", "--format", "json")
    vendored = here.validate("check", "examples", "--format", "json", "--schemas", "contracts")
    assert installed.code == vendored.code == 1
    told = json.loads(vendored.out.replace('"contracts/', '"schemas/'))
    expected = json.loads(installed.out)
    assert len(expected["findings"]) > 500
    assert told == expected
    note = "contracts: 2 reached only by --contract, for no constant tells their records apart: HumanSteeringRequest, MarkDone\n"
    assert vendored.err == installed.err + note
    # The cases came along, and give what they must.
    assert here.validate("test", "--schemas", "contracts", "--examples", "contracts/examples", "--no-peers").code == 0


REFUSED: list[tuple[str, Callable[[Repository], object], tuple[str, ...], str]] = [
    ("nothing vendored", lambda here: shutil.rmtree(here.root / "contracts"), ("check",),
     "contracts is not there, so it has no srcos.lock; vendor contracts with: srcos-validate vendor add SOURCE CONTRACT --into contracts"),
    ("nothing vendored ever", lambda here: here.git("rm", "-r", "--quiet", "contracts"), ("check",),
     "no folder here has a srcos.lock; vendor contracts with: srcos-validate vendor add SOURCE CONTRACT --into DIR"),
    ("a folder without a lock", lambda here: here.write("empty/x", ""), ("check", "empty"),
     "empty has no srcos.lock; vendor contracts with: srcos-validate vendor add SOURCE CONTRACT --into empty"),
    ("a folder that is not there", lambda here: None, ("sync", "gone"),
     "gone is not there, so it has no srcos.lock; vendor contracts with: srcos-validate vendor add SOURCE CONTRACT --into gone"),
    ("half a lock", lambda here: here.write(LOCK, here.read(LOCK)[:700]), ("check",),
     "contracts/srcos.lock:16:73: this is not TOML: unterminated string; restore it from the history of the repository, or remove it and vendor anew"),
    ("a lock of a newer version", lambda here: here.write(LOCK, here.read(LOCK).replace("version = 1", "version = 2")), ("check",),
     "contracts/srcos.lock:3:11: a lock of version 2; this program knows 1: install a newer srcos-contracts"),
    ("a lock that leads out", lambda here: here.write(LOCK, here.read(LOCK).replace('"SessionEvent/', '"../SessionEvent/')), ("sync",),
     "contracts/srcos.lock:32:8: path is \"../SessionEvent/0.1.0.json\", which does not fit the form \"Path that stays in its folder\" (a path below the folder of the lock, with slashes, and no part of it begins with a dot: it cannot lead out); restore it from the history of the repository, or remove it and vendor anew"),
    ("a lock with a name that moves", lambda here: here.write(LOCK, re.sub(r'"[0-9a-f]{40}"', '"main"', here.read(LOCK))), ("sync",),
     "contracts/srcos.lock:13: the commit is \"main\", a name that may move; a full one has 40 or 64 hex digits"),
    ("a copy of a copy", lambda here: None, ("add", "contracts", "SessionEvent", "--into", "second"),
     "contracts has SessionEvent/0.1.0.json at second hand, as its srcos.lock says; vendor it from ../source"),
    ("a source that is gone", lambda here: shutil.rmtree(here.root.parent / "source"), ("upgrade",),
     "there is no ../source; a source is srcos-contracts (the installed package), a folder, an archive or a git repository"),
    ("a version that is not there", lambda here: None, ("upgrade", "SessionEvent", "--to", "9.0.0"),
     "there is no contract SessionEvent@9.0.0; did you mean SessionEvent@0.1.0?"),
    ("a contract that is not there", lambda here: None, ("upgrade", "SessionEvents"),
     "there is no contract SessionEvents; did you mean SessionEvent?"),
    ("a version of several contracts", lambda here: None, ("upgrade", "--to", "0.1.0"),
     "one version can be named for one contract: srcos-validate vendor upgrade CONTRACT --to VERSION"),
    ("payloads that are not there", lambda here: None, ("upgrade", "--try", "gone.json"), "gone.json: no such file or directory; check the path"),
    ("an upgrade of what is not whole", lambda here: (here.root / EVENT).unlink(), ("upgrade",),
     "contracts is not what its lock lists: SessionEvent/0.1.0.json: No such file or directory; srcos-validate vendor sync contracts restores it"),
    ("an extra that is none", lambda here: None, ("add", "../source", "SessionEvent", "--into", "new", "--with", "docs"),
     "there is no docs to vendor beside contracts; there are rules and cases"),
    ("a link that leads out", lambda here: os.symlink("/tmp", here.root / "link"), ("add", "../source", "SessionEvent", "--into", "link/x"),
     "link is a symbolic link, and nothing is written through one; name the folder that it leads to"),
    ("several folders", lambda here: shutil.copytree(here.root / "contracts", here.root / "more"), ("upgrade",),
     "there are several vendored folders; name one with --into: contracts, more"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "words", "said"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_cannot_be_done(here: Repository, make: Callable[[Repository], object], words: tuple[str, ...], said: str) -> None:
    make(here)
    before = {path: path.read_bytes() for path in here.root.rglob("*") if path.is_file() and ".git" not in path.parts}
    ended = here.validate("vendor", *words)
    assert (ended.code, ended.out, ended.err) == (2, "", f"error: {said}\n")
    assert {path: path.read_bytes() for path in here.root.rglob("*") if path.is_file() and ".git" not in path.parts} == before


@pytest.mark.skipif(sys.platform != "linux", reason="/proc is a folder in which nobody can write")
def test_a_place_that_cannot_be_written(here: Repository) -> None:
    ended = here.validate("vendor", "add", "../source", "SessionEvent", "--into", "/proc/contracts")
    assert (ended.code, ended.out) == (2, "")
    assert re.fullmatch(r"error: /proc/contracts cannot be written: .*No such file or directory; nothing has been changed\n", ended.err)
