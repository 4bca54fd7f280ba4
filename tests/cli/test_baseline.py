"""Baselines on the command line: what is known is not reported and does not fail, what is new is and does."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.shell import Ended, run, surroundings

PAYLOADS = Path(__file__).parent / "payloads"
SETS = Path(__file__).parents[2] / "examples/sets"
MISSING = '{"type": "BrowserAutomationReceipt", "specVersion": "0.1.0"}\n'


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return surroundings(tmp_path_factory.mktemp("bin"))


class Tree:
    """A folder with records, and a shell in it."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root, self._environment = root, environment
        (root / ".git").mkdir()
        for name in ("receipts.jsonl", "good.json", "alike.jsonl", "warned.json"):
            shutil.copy(PAYLOADS / name, root)

    def sh(self, line: str, within: str = ".") -> Ended:
        return run(line, self._environment, self.root / within)

    def entries(self, file: str = "known.json") -> list[tuple[str, str, int]]:
        value = json.loads((self.root / file).read_text())
        return [(entry["file"], entry["rule"], entry["times"]) for entry in value["findings"]]


@pytest.fixture
def tree(tmp_path: Path, environment: dict[str, str]) -> Tree:
    return Tree(tmp_path, environment)


def test_what_is_known_is_counted_and_does_not_fail(tree: Tree) -> None:
    assert tree.sh("srcos-validate .").code == 1
    written = tree.sh("srcos-validate check --write-baseline known.json .")
    assert written == Ended(
        0,
        "",
        "4 files, 18 records: nothing new; 19 known findings\nnot looked at in folders: 1 hidden\nknown.json: 19 findings are known from now on\n",
    )
    assert sum(times for _, _, times in tree.entries()) == 19
    again = tree.sh("srcos-validate check --baseline known.json .")
    assert again == Ended(0, "", "4 files, 18 records: nothing new; 19 known findings\nnot looked at in folders: 1 hidden\n")
    text = (tree.root / "known.json").read_bytes()
    assert tree.sh("srcos-validate check --write-baseline known.json warned.json receipts.jsonl *.json alike.jsonl").code == 0
    assert (tree.root / "known.json").read_bytes() == text, "in whatever order"


def test_a_moved_line_is_known_and_a_new_fault_is_new(tree: Tree) -> None:
    assert tree.sh("srcos-validate check --write-baseline known.json .").code == 0
    receipts = tree.root / "receipts.jsonl"
    receipts.write_text(MISSING.replace("}", ', "extra": 1}') + receipts.read_text())
    ended = tree.sh("srcos-validate check --baseline known.json --format json .")
    told = json.loads(ended.stdout)
    assert ended.code == 1
    assert {(finding["file"], finding["line"]) for finding in told["findings"]} == {("receipts.jsonl", 1)}
    assert told["summary"]["known"] == 19
    assert told["summary"]["errors"] + told["summary"]["warnings"] == len(told["findings"]) > 0


def test_of_twins_as_many_are_known_as_there_were(tree: Tree) -> None:
    twins = tree.root / "twins.jsonl"
    line = (tree.root / "alike.jsonl").read_text().splitlines(keepends=True)[0]
    twins.write_text(line * 2)
    assert tree.sh("srcos-validate check --write-baseline known.json twins.jsonl").code == 0
    assert tree.entries() == [("twins.jsonl", "session-owner", 2)]
    twins.write_text(line * 3)
    ended = tree.sh("srcos-validate check --baseline known.json --format jsonl twins.jsonl")
    assert ended.code == 1
    assert [json.loads(finding)["line"] for finding in ended.stdout.splitlines()] == [3]


def test_files_are_known_however_they_are_named(tree: Tree) -> None:
    (tree.root / "sub").mkdir()
    assert tree.sh("srcos-validate check --write-baseline ../known.json ../receipts.jsonl", "sub").code == 0
    assert {file for file, _, _ in tree.entries()} == {"receipts.jsonl"}
    for paths in ("receipts.jsonl", "./receipts.jsonl", '"$PWD"/receipts.jsonl', "'*ceipts.jsonl'"):
        assert tree.sh(f"srcos-validate check --baseline known.json {paths}").code == 0, paths


def test_what_is_gone_is_told_and_an_error_where_strict(tree: Tree) -> None:
    assert tree.sh("srcos-validate check --write-baseline known.json .").code == 0
    (tree.root / "warned.json").unlink()
    (tree.root / "receipts.jsonl").write_text((tree.root / "receipts.jsonl").read_text().splitlines(keepends=True)[0])
    ended = tree.sh("srcos-validate check --baseline known.json .")
    assert ended.code == 0
    assert ended.stderr.splitlines()[1:] == [
        "not looked at in folders: 1 hidden",
        "8 findings of known.json no longer occur:",
        "  operation-owner  receipts.jsonl  /actor_id",
        "  operation-owner  receipts.jsonl  /device_id",
        "  operation-owner  receipts.jsonl  /workspace_id",
        "  policy-decision-ref  receipts.jsonl  /policyDecisonRef",
        "  session-owner  receipts.jsonl  /sessionRef",
        "  and 3 more",
        "to forget what is gone: --baseline known.json --write-baseline known.json",
    ]
    strict = tree.sh("srcos-validate check --baseline known.json --strict .")
    assert strict.code == 1
    assert strict.stderr.splitlines()[2] == "error: 8 findings of known.json no longer occur:"
    assert tree.sh("srcos-validate check --baseline known.json --strict alike.jsonl").code == 1, "a file that was removed is gone for all"
    assert tree.sh("srcos-validate check --baseline known.json --strict --ignore operation-owner alike.jsonl").code == 0


def test_a_baseline_only_shrinks_where_it_is_both_read_and_written(tree: Tree) -> None:
    assert tree.sh("srcos-validate check --write-baseline known.json .").code == 0
    before = tree.entries()
    receipts = (tree.root / "receipts.jsonl").read_text().splitlines(keepends=True)
    (tree.root / "receipts.jsonl").write_text(receipts[0] + MISSING)
    ended = tree.sh("srcos-validate check --baseline known.json --write-baseline known.json receipts.jsonl")
    assert ended.code == 1
    assert ended.stderr.splitlines()[-1] == "known.json: 14 findings are known from now on"
    assert tree.entries() == [entry for entry in before if entry[0] != "receipts.jsonl"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--baseline gone.json .", "error: the baseline gone.json cannot be read: no such file or directory; --write-baseline gone.json writes one"),
        ("--baseline torn.json good.json", "error: torn.json:1:30: the text ends inside an object: "),
        ("--baseline later.json good.json", "error: later.json is a baseline of version 2, and this program knows version 1: "),
        ("--baseline . good.json", "error: the baseline . cannot be read: is a directory; "),
        ("--write-baseline no/known.json good.json", "error: no/known.json cannot be written: there is no such folder"),
        ("--write-baseline . good.json", "error: . is a folder; name a file for the baseline"),
        ("--write-baseline new.json good.json gone.json", "error: new.json is not written: not all could be looked at"),
        ("--write-baseline new.json torn.md", "error: new.json is not written: not all could be looked at"),
        ("--write-baseline new.json --contract Nope good.json", "error: there is no contract Nope; there are "),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_told_and_nothing_written(tree: Tree, line: str, said: str) -> None:
    (tree.root / "torn.json").write_text('{"baseline": "srcos-contracts"')
    (tree.root / "later.json").write_text('{"baseline": "srcos-contracts", "version": 2}')
    before = sorted(path.name for path in tree.root.iterdir())
    ended = tree.sh(f"srcos-validate check {line}")
    assert ended.code == 2
    assert any(told.startswith(said) for told in ended.stderr.splitlines()), ended.stderr
    assert sorted(path.name for path in tree.root.iterdir()) == before


def test_one_that_stands_stays_where_not_all_could_be_read(tree: Tree) -> None:
    assert tree.sh("srcos-validate check --write-baseline known.json receipts.jsonl").code == 0
    before = (tree.root / "known.json").read_bytes()
    assert tree.sh("srcos-validate check --baseline known.json --write-baseline known.json good.json gone.json").code == 2
    assert (tree.root / "known.json").read_bytes() == before


def test_a_baseline_is_never_one_of_the_records(tree: Tree) -> None:
    assert tree.sh("srcos-validate check --write-baseline sub.json good.json").stderr.splitlines()[0] == "1 file, 1 record: all in order"
    assert tree.sh("srcos-validate check --baseline sub.json good.json sub.json").stderr == "1 file, 1 record: all in order\n"
    ended = tree.sh("srcos-validate check --write-baseline good.json good.json")
    assert (ended.code, (tree.root / "good.json").read_bytes()) == (2, (PAYLOADS / "good.json").read_bytes())
    assert ended.stderr == "error: good.json is no baseline, and would be written over; name another file\n"


def test_every_format_has_only_what_is_new(tree: Tree) -> None:
    assert tree.sh("srcos-validate check --write-baseline known.json .").code == 0
    formats = ("json", "jsonl", "github", "gitlab", "junit", "markdown", "sarif", "tap")
    line = " ".join(f"--format {name}=out.{name}.txt" for name in formats)
    assert tree.sh(f"srcos-validate check --baseline known.json {line} .").code == 0
    for name in formats:
        assert "session-owner" not in (tree.root / f"out.{name}.txt").read_text(), name
    assert (tree.root / "out.markdown.txt").read_text() == "Nothing found in 18 records of 4 files, but for 19 that a baseline knows.\n"


def test_findings_about_a_set_are_known_too(tree: Tree) -> None:
    shutil.copytree(SETS / "invalid/session-single-owner/two-agents-in-one-tab/set", tree.root / "set")
    assert tree.sh("srcos-validate audit set").code == 1
    assert tree.sh("srcos-validate audit --write-baseline known.json set").code == 0
    rules = {rule for _, rule, _ in tree.entries()}
    assert "session-single-owner" in rules
    assert tree.sh("srcos-validate audit --baseline known.json set").code == 0
    assert tree.sh("srcos-validate audit --baseline known.json --strict --open set").code == 0, "what is not asked is not gone"
    assert tree.sh("srcos-validate check --baseline known.json --strict set").code == 0, "nor is it where rules of sets are not asked"
    second = tree.root / "set" / "second.json"
    second.unlink()
    ended = tree.sh("srcos-validate audit --baseline known.json --strict set")
    assert ended.code == 1
    assert any(line.startswith("  session-single-owner  set/second.json") for line in ended.stderr.splitlines())
