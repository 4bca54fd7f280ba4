"""`audit --since` with real git repositories and with seals, and what is said where neither can be had."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from srcos_contracts.cli.audit import AuditRequest, run_audit
from srcos_contracts.cli.check import CheckRequest

ROOT = Path(__file__).resolve().parents[2]
MINIMAL = json.loads((ROOT / "examples/BrowserAutomationReceipt/0.1.0/valid/minimal.json").read_text("utf-8"))
RECEIPT = {**MINIMAL, "evidenceRefs": ["urn:srcos:evidence:form-help-0001"]}


def _event(number: int, **members: Any) -> str:
    event = {
        "schema": "work-ledger.event/v1alpha1",
        "event_id": f"event:{number}",
        "event": "issue_claimed",
        "issue_id": f"ABC-{number}",
        "attempt": None,
        "timestamp": f"2026-05-18T08:{number:02}:00Z",
    }
    return json.dumps({**event, **members}) + "\n"


def _git(where: Path, *words: str) -> str:
    settings = [
        "-c",
        "user.name=Ann",
        "-c",
        "user.email=ann@example.org",
        "-c",
        "init.defaultBranch=main",
        "-c",
        "protocol.file.allow=always",
    ]
    done = subprocess.run(["git", *settings, *words], cwd=where, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _commit(where: Path, message: str = "as it was") -> str:
    _git(where, "add", "-A")
    _git(where, "commit", "-q", "--allow-empty", "-m", message)
    return _git(where, "rev-parse", "HEAD")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a ledger and a receipt, committed once."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    where = tmp_path / "tree"
    (where / "ledger").mkdir(parents=True)
    (where / "receipts").mkdir()
    (where / "ledger/work.jsonl").write_text(_event(1) + _event(2), "utf-8")
    (where / "receipts/a.json").write_text(json.dumps(RECEIPT), "utf-8")
    _git(where, "init", "-q")
    _commit(where)
    monkeypatch.chdir(where)
    return where


Told = list[tuple[str, str, int]]


class _Audit:
    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *paths: str, code: int | None = None, **asked: Any) -> Told:
        """Rule, file and line of each finding, and `code` is what the exit code must be."""
        check = CheckRequest(paths or (".",), formats=("jsonl",), jobs=1)
        got = run_audit(AuditRequest(check, **{"open": True, **asked}))
        out, self.err = self._capsys.readouterr()
        found = [json.loads(line) for line in out.splitlines()]
        told = [(one["rule"], one["file"], one["line"] or 0) for one in found if "rule" in one]
        assert got == (code if code is not None else bool([one for one in found if one.get("severity") == "error"])), self.err
        return told


@pytest.fixture
def audit(capsys: pytest.CaptureFixture[str]) -> _Audit:
    return _Audit(capsys)


def _append(file: Path, text: str) -> None:
    with open(file, "a", encoding="utf-8") as stream:
        stream.write(text)


def test_nothing_changed_and_a_ledger_that_grew(tree: Path, audit: _Audit) -> None:
    assert audit(since="HEAD") == []
    _append(tree / "ledger/work.jsonl", _event(3))
    assert audit(since="HEAD") == []
    assert audit("ledger", since="main") == []


def test_a_ledger_that_was_rewritten_and_forced_on_others(tree: Path, audit: _Audit) -> None:
    (tree / "ledger/work.jsonl").write_text(_event(1, issue_id="ABC-9") + _event(2), "utf-8")
    _git(tree, "tag", "pushed")
    _git(tree, "add", "-A")
    _git(tree, "commit", "-q", "--amend", "-m", "forced")
    assert audit(since="HEAD") == []
    assert audit(since="pushed") == [("append-only", "./ledger/work.jsonl", 1)]
    assert audit("ledger/work.jsonl", since="pushed~0") == [("append-only", "ledger/work.jsonl", 1)]
    assert audit("receipts", since="pushed") == []


def test_a_merge_of_two_copies_keeps_every_line(tree: Path, audit: _Audit) -> None:
    _git(tree, "checkout", "-q", "-b", "other")
    _append(tree / "ledger/work.jsonl", _event(4))
    mine = _commit(tree)
    (tree / "ledger/work.jsonl").write_text(_event(1) + _event(2) + _event(3) + _event(4), "utf-8")
    assert audit(since=mine) == [("append-only-reordered", "./ledger/work.jsonl", 3)]
    assert audit(since="main") == []


def test_a_ledger_renamed_and_edited_packed_and_moved(tree: Path, audit: _Audit) -> None:
    _append(tree / "ledger/work.jsonl", _event(3) + _event(4))
    _commit(tree)
    os.rename(tree / "ledger/work.jsonl", tree / "work-2026.jsonl")
    assert audit(since="HEAD") == []
    (tree / "work-2026.jsonl").write_text(_event(1) + _event(2) + _event(3) + _event(5), "utf-8")
    assert audit(since="HEAD") == [("append-only", "work-2026.jsonl", 4)]
    os.remove(tree / "work-2026.jsonl")
    lines = (_event(1) + _event(2) + _event(3) + _event(4)).encode()
    (tree / "ledger/2026.jsonl.gz").write_bytes(gzip.compress(lines + _event(5).encode()))
    assert audit(since="HEAD") == []
    (tree / "ledger/2026.jsonl.gz").write_bytes(gzip.compress(lines.replace(b"ABC-4", b"ABC-7")))
    assert audit(since="HEAD") == [("append-only", "./ledger/2026.jsonl.gz", 4)]
    os.remove(tree / "ledger/2026.jsonl.gz")
    assert audit(since="HEAD") == [("append-only", "./ledger/work.jsonl@HEAD", 0)]
    assert audit("ledger", "receipts", since="HEAD", code=2) == [
        ("unreadable", "ledger", 0),
        ("append-only", "ledger/work.jsonl@HEAD", 0),
    ]


def test_ledgers_that_are_rotated_again(tree: Path, tmp_path: Path, audit: _Audit) -> None:
    ledger = tree / "ledger"
    (ledger / "work.1.jsonl").write_text(_event(3) + _event(4), "utf-8")
    _commit(tree)
    seal = str(tmp_path / "seal")
    assert audit("ledger", seal=seal) == []
    os.rename(ledger / "work.1.jsonl", ledger / "work.2.jsonl")
    os.rename(ledger / "work.jsonl", ledger / "work.1.jsonl")
    (ledger / "work.jsonl").write_text(_event(5), "utf-8")
    assert audit("ledger", since="HEAD") == audit("ledger", since=seal) == []
    (ledger / "work.1.jsonl").write_text(_event(1), "utf-8")
    assert audit("ledger", since="HEAD") == [("append-only", "ledger/work.jsonl", 1)]
    (ledger / "work.1.jsonl").write_text(_event(1) + _event(2), "utf-8")
    (ledger / "work.2.jsonl").unlink()
    assert audit("ledger", since="HEAD") == [("append-only", "ledger/work.1.jsonl@HEAD", 0)]


def test_two_ledgers_that_change_names(tree: Path, audit: _Audit) -> None:
    ledger = tree / "ledger"
    (ledger / "other.jsonl").write_text(_event(3) + _event(4), "utf-8")
    _commit(tree)
    work, other = (ledger / "work.jsonl").read_text("utf-8"), (ledger / "other.jsonl").read_text("utf-8")
    (ledger / "work.jsonl").write_text(other + _event(5), "utf-8")
    (ledger / "other.jsonl").write_text(work, "utf-8")
    assert audit("ledger", since="HEAD") == []
    # One that is reordered is no other ledger.
    (ledger / "other.jsonl").write_text(_event(4) + _event(3), "utf-8")
    (ledger / "work.jsonl").write_text(work, "utf-8")
    assert audit("ledger", since="HEAD") == [("append-only-reordered", "ledger/other.jsonl", 1)]


def test_a_tracker_is_one_however_its_folders_are_named(tree: Path, audit: _Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    issues = tree / "issues"
    for state in ("todo", "done"):
        (issues / state).mkdir(parents=True)
    (issues / "todo/A.md").write_text("---\ntitle: first\n---\n", "utf-8")
    (issues / "todo/B.md").write_text("---\ntitle: second\nblocked_by: [A]\n---\n", "utf-8")
    (issues / "done/C.md").write_text("---\ntitle: third\n---\n", "utf-8")
    _commit(tree)
    os.rename(issues / "todo/A.md", issues / "done/A.md")
    for todo in ("issues/todo", "./issues/todo", "issues/../issues//todo", str(issues / "todo")):
        assert audit(todo, "issues/done", since="HEAD", open=False) == []
    monkeypatch.chdir(issues / "todo")
    assert audit(".", "../done", since="HEAD", open=False) == []
    (issues / "todo/A.md").write_text("---\ntitle: again\n---\n", "utf-8")
    assert audit(".", "../done") == [("issue-unique", "../done/A.md", 1)]


def test_paths_of_which_a_revision_has_nothing_are_named(tree: Path, audit: _Audit) -> None:
    os.rename(tree / "ledger", tree / "moved")
    (tree / "linked.jsonl").symlink_to("moved/work.jsonl")
    assert audit("moved", "receipts", since="HEAD") == []
    assert audit.err.startswith("not compared with HEAD: moved, of which it has nothing\n")
    assert audit("moved/work.jsonl", "linked.jsonl", since="HEAD")
    assert audit.err.startswith("not compared with HEAD: moved/work.jsonl, linked.jsonl, of which it has nothing\n")
    assert audit(since="HEAD")
    assert "not compared" not in audit.err


def test_the_old_line_is_shown_with_what_differs(tree: Path, audit: _Audit, capsys: pytest.CaptureFixture[str]) -> None:
    (tree / "ledger/work.jsonl").write_text(_event(1) + _event(2, issue_id="AB\x1b[31mC-2"), "utf-8")
    assert run_audit(AuditRequest(CheckRequest(("ledger",), jobs=1, select=("append-only",)), open=True, since="HEAD")) == 1
    out = capsys.readouterr().out.splitlines()
    column = _event(2).index("ABC-2") + 3
    assert out[1] == f"  --> ledger/work.jsonl:2:{column}"
    assert out[4] == f"  ::: ledger/work.jsonl@HEAD:2:{column}"
    assert "\\u001b[31mC-2" in out[2]
    assert '"ABC-2"' in out[5]
    assert out[5].index("C-2") == out[6].index("^")


@pytest.mark.parametrize(
    ("before", "now", "line", "note"),
    [
        ("\n", "\r\n", 2, "line 2 ends in CR LF now, and did in LF"),
        ("\r\n", "\n", 2, "line 2 ends in LF now, and did in CR LF"),
        ("\n", "", 2, "line 2 has lost the line break at its end"),
        ("\n", " \n", 2, "line 2 is not what it was"),
    ],
    ids=["CR LF", "LF", "none", "a blank"],
)
def test_another_end_of_a_line_is_shown_behind_the_line(
    tree: Path, capsys: pytest.CaptureFixture[str], before: str, now: str, line: int, note: str
) -> None:
    text = _event(2).rstrip("\n")
    (tree / "ledger/work.jsonl").write_bytes((_event(1) + text + before).encode())
    _commit(tree)
    (tree / "ledger/work.jsonl").write_bytes((_event(1) + text + now).encode())
    assert run_audit(AuditRequest(CheckRequest(("ledger",), jobs=1, select=("append-only",)), open=True, since="HEAD")) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[1] == f"  --> ledger/work.jsonl:{line}:{len(text) + 1}"
    assert out[3].endswith(f"^ {note}")
    assert out[4] == f"  ::: ledger/work.jsonl@HEAD:{line}:{len(text) + 1}"


def test_of_a_line_that_differs_beyond_what_is_shown_only_the_number_is_told(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    long = _event(2, **{"x-note": "y" * 70_000}).rstrip("\n")
    (tree / "ledger/work.jsonl").write_text(_event(1) + long + "\n", "utf-8")
    _commit(tree)
    (tree / "ledger/work.jsonl").write_text(_event(1) + long + " \n", "utf-8")
    assert run_audit(AuditRequest(CheckRequest(("ledger",), jobs=1, select=("append-only",)), open=True, since="HEAD")) == 1
    out = capsys.readouterr().out.splitlines()
    assert out[1] == "  --> ledger/work.jsonl:2"
    assert "line 2 is not what it was" in out[2]


def test_a_receipt_is_reformatted_moved_edited_and_removed(tree: Path, audit: _Audit) -> None:
    file = tree / "receipts/a.json"
    file.write_text(json.dumps(RECEIPT, indent=8, sort_keys=True), "utf-8")
    assert audit(since="HEAD") == []
    os.rename(file, tree / "moved.json")
    assert audit(since="HEAD") == []
    (tree / "moved.json").write_text(json.dumps({**RECEIPT, "origin": "remote"}), "utf-8")
    assert audit(since="HEAD") == [("receipt-immutable", "moved.json", 1)]
    os.remove(tree / "moved.json")
    assert audit(since="HEAD") == [("receipt-immutable", "./receipts/a.json@HEAD", 1)]


def test_yaml_and_markdown_that_changed_in_form_only(tree: Path, audit: _Audit) -> None:
    """Comments, quotes, styles, the order of members and of documents say nothing; nor does the text of an issue, where only its place counts."""
    first, second = ({**RECEIPT, "id": f"{RECEIPT['id']}-{number}"} for number in (8, 9))
    issue = tree / "issues/Todo/ABC-1.md"
    issue.parent.mkdir(parents=True)
    (tree / "receipts/a.yaml").write_text(f"---\n{json.dumps(first)}\n---\n{json.dumps(second)}\n", "utf-8")
    issue.write_text("---\ntitle: A thing\ncreated_at: 2026-05-06T18:00:00Z\n---\n\nDo it.\n", "utf-8")
    seal = str(tree.parent / "seal")
    assert audit(since="HEAD", seal=seal) == []
    _commit(tree)
    block = "".join(f"{member}: {json.dumps(value)} # said so\n" for member, value in reversed(first.items()))
    (tree / "receipts/a.yaml").write_text(f"# moved\n--- # one\n{json.dumps(second, indent=2)}\n---\n{block}...\n", "utf-8")
    issue.write_text('---\n# moved\ncreated_at:   "2026-05-06T18:00:00Z"\ntitle: "A thing"\n---\nDo it, then.\n', "utf-8")
    for since in ("HEAD", seal):
        assert audit(since=since) == []
    edited = block.replace(json.dumps(first["capturedAt"]), '"2026-05-06T18:59:00Z"')
    assert edited != block
    (tree / "receipts/a.yaml").write_text(f"{edited}---\n{json.dumps(second)}\n", "utf-8")
    issue.unlink()
    for since in ("HEAD", seal):
        label = "HEAD" if since == "HEAD" else "seal"
        assert audit(since=since) == [
            ("issue-moved", f"./issues/Todo/ABC-1.md@{label}", 1),
            ("receipt-immutable", "./receipts/a.yaml", 1),
        ]


def test_a_worktree_of_a_bare_repository(tree: Path, tmp_path: Path, audit: _Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = tmp_path / "bare.git"
    _git(tmp_path, "clone", "-q", "--bare", str(tree), str(bare))
    _git(bare, "worktree", "add", "-q", str(tmp_path / "linked"), "main")
    (tmp_path / "linked/ledger/work.jsonl").write_text(_event(2), "utf-8")
    monkeypatch.chdir(tmp_path / "linked/ledger")
    assert audit(since="main") == [("append-only", "work.jsonl", 1)]
    assert audit("..", since="main") == [("append-only", "../ledger/work.jsonl", 1)]
    monkeypatch.chdir(tmp_path)
    assert audit(str(tmp_path / "linked"), since="main") == [("append-only", str(tmp_path / "linked/ledger/work.jsonl"), 1)]
    assert audit(str(bare), since="main", code=2) == []
    assert "in no working tree of one; compare in a checkout, as of git worktree add" in audit.err
    monkeypatch.setenv("GIT_DIR", "bare.git")
    monkeypatch.setenv("GIT_WORK_TREE", "linked")
    assert audit("linked/ledger", since="main") == [("append-only", "linked/ledger/work.jsonl", 1)]


def test_a_revision_beyond_the_end_of_a_shallow_clone(tree: Path, tmp_path: Path, audit: _Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _git(tree, "rev-parse", "HEAD")
    _append(tree / "ledger/work.jsonl", _event(3))
    _commit(tree)
    _git(tmp_path, "clone", "-q", "--depth", "1", f"file://{tree}", "shallow")
    monkeypatch.chdir(tmp_path / "shallow")
    assert audit(since="HEAD") == []
    for name in (first, "HEAD~1"):
        assert audit(since=name, code=2) == []
        assert "the clone is shallow: git fetch --deepen=100, or --unshallow, brings more of its history" in audit.err


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("releese", "there is no revision releese in the git repository of {tree}, and no seal of that name; did you mean release?"),
        ("HEAD:ledger", "HEAD:ledger is a tree in the git repository of {tree}, not a commit, and no seal of that name\n"),
        (
            "HEAD:ledger/work.jsonl",
            "HEAD:ledger/work.jsonl is a blob in the git repository of {tree}, not a commit, and no seal of that name\n",
        ),
        ("bytes", "bytes is a blob in the git repository of {tree}, not a commit, and no seal of that name\n"),
        ("^HEAD", "there is no revision ^HEAD in the git repository of {tree}, and no seal of that name\n"),
        ("HEAD..HEAD", "there is no revision HEAD..HEAD in the git repository of {tree}, and no seal of that name\n"),
        (":/nobody said this", "there is no revision :/nobody said this in the git repository of {tree}, and no seal of that name\n"),
        ("ledger", "there is no revision ledger in the git repository of {tree}, and what has that name here is no seal\n"),
        ("--output=x", "'--output=x' is no git revision, and no seal"),
        ("-h", "'-h' is no git revision, and no seal"),
        ("", "'' is no git revision, and no seal"),
        ("a\nb", "'a\\nb' is no git revision, and no seal"),
        (
            "receipts/a.json",
            "there is no revision receipts/a.json in the git repository of {tree}, and what has that name here is no seal\n",
        ),
    ],
)
def test_a_revision_that_is_none(tree: Path, audit: _Audit, name: str, said: str) -> None:
    _git(tree, "branch", "release")
    _git(tree, "tag", "bytes", "HEAD:ledger/work.jsonl")
    assert audit(since=name, code=2) == []
    assert said.format(tree=tree) in audit.err
    assert audit.err.count("\n") == 1
    assert sorted(path.name for path in tree.iterdir()) == [".git", "ledger", "receipts"]


def test_a_pipe_that_is_named_as_a_seal_is_not_waited_for(tree: Path, tmp_path: Path, audit: _Audit) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert audit(since=str(tmp_path / "pipe"), code=2) == []
    assert f"there is no revision {tmp_path}/pipe in the git repository of {tree}, and what has that name here is no seal\n" in audit.err


def test_a_commit_can_be_named_by_words_of_its_message(tree: Path, audit: _Audit) -> None:
    (tree / "ledger/work.jsonl").write_text(_event(1), "utf-8")
    _commit(tree, "one line less")
    assert audit(since=":/as it was") == [("append-only", "./ledger/work.jsonl", 1)]
    assert audit(since=":/one line") == []


def test_no_repository_no_git_and_standard_input(tree: Path, tmp_path: Path, audit: _Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.json").write_text(json.dumps(RECEIPT), "utf-8")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    assert audit(str(outside), since="HEAD", code=2) == []
    assert "lies in no git repository that can be read: not a git repository" in audit.err
    assert audit("-", since="HEAD", code=2) == []
    assert "standard input has no earlier state" in audit.err
    monkeypatch.setenv("PATH", str(outside))
    assert audit(since="HEAD", code=2) == []
    assert "git is not installed, and --since needs it to read a revision; a seal needs no git" in audit.err


def test_a_repository_that_lost_an_object(tree: Path, audit: _Audit) -> None:
    blob = _git(tree, "rev-parse", "HEAD:ledger/work.jsonl")
    os.remove(tree / ".git/objects" / blob[:2] / blob[2:])
    assert audit(since="HEAD", code=2) == [("broken-off", ".", 0)]
    assert "the repository does not have the content of ./ledger/work.jsonl at the revision" in audit.err


def test_names_that_git_would_quote(tree: Path, audit: _Audit) -> None:
    names = [b'a "quoted"\n name.jsonl', "größe.jsonl".encode(), b"no utf-8 \xff.jsonl", b"tab\t.jsonl", b"*.jsonl"]
    for number, name in enumerate(names, 10):
        with open(os.path.join(b"ledger", name), "w", encoding="utf-8") as stream:
            stream.write(_event(number) + _event(number + 20))
    _commit(tree)
    assert audit(since="HEAD") == []
    for number, name in enumerate(names, 10):
        with open(os.path.join(b"ledger", name), "w", encoding="utf-8") as stream:
            stream.write(_event(number) + _event(number + 40))
    told = audit(since="HEAD")
    assert [(rule, line) for rule, _, line in told] == [("append-only", 2)] * 5
    assert sorted(file for _, file, _ in told) == sorted(
        [
            './ledger/a "quoted"\n name.jsonl',
            "./ledger/größe.jsonl",
            "./ledger/no utf-8 \\xff.jsonl",
            "./ledger/tab\t.jsonl",
            "./ledger/*.jsonl",
        ]
    )
    assert audit("ledger/gr*.jsonl", since="HEAD") == [("append-only", "ledger/größe.jsonl", 2)]


def test_links_submodules_hidden_and_other_files_are_left_out(tree: Path, audit: _Audit) -> None:
    os.symlink("work.jsonl", tree / "ledger/link.jsonl")
    (tree / ".hidden").mkdir()
    (tree / ".hidden/x.jsonl").write_text(_event(5), "utf-8")
    (tree / "notes.txt").write_text("x", "utf-8")
    _git(tree, "update-index", "--add", "--cacheinfo", f"160000,{_git(tree, 'rev-parse', 'HEAD')},sub")
    _commit(tree)
    os.remove(tree / "ledger/link.jsonl")
    os.remove(tree / ".hidden/x.jsonl")
    assert audit(since="HEAD") == []
    assert audit.err.startswith("not compared with HEAD: 1 symbolic link")


def test_lines_that_no_contract_claims_are_no_ledger(tree: Path, audit: _Audit) -> None:
    (tree / "telemetry").mkdir()
    buffer = tree / "telemetry/buffer.jsonl"
    buffer.write_text('{"metric": 1}\n{"metric": 2}\n', "utf-8")
    _commit(tree)
    buffer.write_text('{"metric": 3}\n', "utf-8")
    assert "append-only" not in {rule for rule, _, _ in audit(since="HEAD")}
    buffer.write_text('{"metric": 3}\n' + _event(7), "utf-8")
    _commit(tree)
    buffer.write_text('{"metric": 4}\n' + _event(7), "utf-8")
    assert ("append-only", "./telemetry/buffer.jsonl", 1) in audit(since="HEAD")


def test_a_ledger_of_which_no_record_is_left(tree: Path, audit: _Audit) -> None:
    (tree / "receipts/a.json").unlink()
    (tree / "ledger/work.jsonl").write_text('{"metric": 3}\n', "utf-8")
    found = audit(since="HEAD")
    assert sorted(one for one in found if one[1].startswith("./ledger")) == [
        ("append-only", "./ledger/work.jsonl", 1),
        ("unclaimed-record", "./ledger/work.jsonl", 1),
    ]


def test_history_rules_can_be_chosen_and_are_left_out_without_an_earlier_state(tree: Path, audit: _Audit) -> None:
    (tree / "ledger/work.jsonl").write_text(_event(2), "utf-8")
    os.remove(tree / "receipts/a.json")
    assert audit() == []
    assert audit(since="HEAD") == [("append-only", "./ledger/work.jsonl", 1), ("receipt-immutable", "./receipts/a.json@HEAD", 1)]
    chosen = CheckRequest((".",), formats=("jsonl",), jobs=1, ignore=("append-only", "receipt-immutable"))
    assert run_audit(AuditRequest(chosen, open=True, since="HEAD")) == 0


# Seals


def test_a_seal_says_what_a_revision_says(tree: Path, tmp_path: Path, audit: _Audit) -> None:
    for name in ("a.seal", "b.seal.gz"):
        assert audit(seal=str(tmp_path / name)) == []
    assert (tmp_path / "b.seal.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert gzip.decompress((tmp_path / "b.seal.gz").read_bytes()) == (tmp_path / "a.seal").read_bytes()
    (tree / "ledger/work.jsonl").write_text(_event(1) + _event(3), "utf-8")
    os.remove(tree / "receipts/a.json")
    for seal in ("a.seal", "b.seal.gz"):
        shown = f"./receipts/a.json@{seal}"
        assert audit(since=str(tmp_path / seal)) == [("append-only", "./ledger/work.jsonl", 2), ("receipt-immutable", shown, 1)]


def test_the_same_tree_gives_the_same_seal_wherever_it_lies(
    tree: Path, tmp_path: Path, audit: _Audit, monkeypatch: pytest.MonkeyPatch
) -> None:
    audit(seal="../one.seal")
    _git(tmp_path, "clone", "-q", str(tree), "copy")
    monkeypatch.chdir(tmp_path)
    audit("copy", seal="two.seal")
    assert (tmp_path / "one.seal").read_bytes() == (tmp_path / "two.seal").read_bytes()
    assert audit(str(tmp_path / "copy"), since="one.seal") == []
    schema = json.loads((ROOT / "schemas/meta/seal.json").read_text("utf-8"))
    validator = jsonschema_rs.validator_for(schema)
    lines = [json.loads(line) for line in (tmp_path / "one.seal").read_text("utf-8").splitlines()]
    assert [[error.message for error in validator.iter_errors(line)] for line in lines] == [[]] * 5
    assert lines[1]["ledger"] == "ledger/work.jsonl"
    assert lines[3]["file"] == "receipts/a.json"


def test_a_seal_of_other_paths_is_refused(tree: Path, tmp_path: Path, audit: _Audit) -> None:
    audit("ledger", "receipts", seal="../both.seal")
    assert audit("receipts", "ledger", since="../both.seal") == []
    assert audit("receipts", since="../both.seal", code=2) == []
    assert "is a seal of ledger, receipts, not of .; audit the paths that were sealed" in audit.err


def test_a_file_that_is_a_seal_wins_over_a_branch(tree: Path, audit: _Audit) -> None:
    audit(seal="release")
    _append(tree / "ledger/work.jsonl", _event(3))
    _commit(tree)
    _git(tree, "branch", "release")
    (tree / "ledger/work.jsonl").write_text(_event(1) + _event(2), "utf-8")
    assert audit(since="release") == []
    assert audit(since="refs/heads/release") == [("append-only", "./ledger/work.jsonl", 2)]


def test_a_seal_is_written_whole_or_not_at_all(tree: Path, tmp_path: Path, audit: _Audit) -> None:
    (tmp_path / "kept.seal").write_text("as it was", "utf-8")
    (tree / "broken.jsonl.gz").write_bytes(b"\x1f\x8b\x08 not whole")
    assert audit(seal="../kept.seal", code=2)[0][0] == "unreadable"
    assert "../kept.seal is not written: a seal of what could not be read would vouch for nothing" in audit.err
    assert (tmp_path / "kept.seal").read_text("utf-8") == "as it was"
    os.remove(tree / "broken.jsonl.gz")
    for place, said in (
        ("nowhere/x.seal", "there is no such folder"),
        ("ledger", "is a folder"),
        ("ledger/work.jsonl", "is one of the files to check"),
    ):
        assert audit(seal=place, code=2) == []
        assert said in audit.err
    assert audit("-", seal="../x.seal", code=2) == []
    assert "standard input cannot be sealed" in audit.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.seal", "tree"]


def _sealed(lines: list[str]) -> bytes:
    body = "".join(line + "\n" for line in lines).encode()
    return body + json.dumps({"lines": len(lines), "sha256": sha256(body).hexdigest()}).encode() + b"\n"


HEAD = '{"seal":"srcos-contracts","version":1,"paths":["."]}'
LEDGER = '{"ledger":"ledger/work.jsonl","bytes":20,"lines":2,"sha256":"00"}'
RECORD = '{"file":"a.json","line":1,"contract":"X","version":"1"}'
OTHER_VERSION = "seal:1: the version of the seal is 2, not 1; make it anew with --seal"
OTHER_PATHS = "seal is a seal of nothing, not of .; audit the paths that were sealed"
AT_ONCE = (OTHER_VERSION, OTHER_PATHS)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEAD.encode() + b"\n", "seal:1: the seal ends in the middle"),
        (_sealed([HEAD, RECORD])[:-30], "seal:3: this is no line of a seal"),
        (_sealed([HEAD]) + b"{}\n", "seal:3: something follows the end of the seal"),
        (
            _sealed([HEAD, RECORD]).replace(b"a.json", b"b.json"),
            "seal:3: what is said here of the lines before does not fit them, so the seal was changed",
        ),
        (_sealed([HEAD.replace('"version":1', '"version":2')]), OTHER_VERSION),
        (_sealed([HEAD.replace('["."]', '{"a": 1}')]), OTHER_PATHS),
        (_sealed([HEAD, LEDGER]), "seal:3: 2 marks of the ledger ledger/work.jsonl are missing"),
        (
            _sealed([HEAD, LEDGER, json.dumps({"marks": b64encode(bytes(24)).decode()})]),
            "seal:3: there are more marks than the ledger has lines",
        ),
        (_sealed([HEAD, json.dumps({"marks": b64encode(bytes(8)).decode()})]), "seal:2: there are more marks than the ledger has lines"),
        (_sealed([HEAD, LEDGER, '{"marks": "!"}']), "seal:3: marks are Base64 of 8 bytes a line"),
        (_sealed([HEAD, LEDGER, '{"marks": 3}']), "seal:3: marks are Base64 of 8 bytes a line"),
        (_sealed([HEAD, LEDGER.replace("20", "-1")]), "seal:2: this is no ledger of a seal"),
        (_sealed([HEAD, LEDGER.replace("20", "1" + "0" * 30)]), "seal:2: this is no ledger of a seal"),
        (_sealed([HEAD, LEDGER.replace('"00"', "true")]), "seal:2: this is no ledger of a seal"),
        (_sealed([HEAD, RECORD.replace(":1", ':"x"')]), "seal:2: line is not what it is in a record of a seal"),
        (_sealed([HEAD, RECORD.replace(":1", ":true")]), "seal:2: line is not what it is in a record of a seal"),
        (_sealed([HEAD, RECORD.replace(":1", ":1" + "0" * 30)]), "seal:2: line is not what it is in a record of a seal"),
        (_sealed([HEAD, RECORD.replace("contract", "colour")]), "seal:2: colour is not what it is in a record of a seal"),
        (_sealed([HEAD, '{"file":"a.json","line":1}']), "seal:2: a record of a seal has its contract"),
        (_sealed([HEAD, "[" * 100_000]), "seal:2: this is no line of a seal"),
        (_sealed([HEAD, "[1]"]), "seal:2: this is no line of a seal"),
        (_sealed([HEAD, "{}"]), "seal:2: what is said here of the lines before does not fit them"),
        (gzip.compress(_sealed([HEAD, RECORD]))[:-12], "seal cannot be read to its end"),
    ],
)
def test_hostile_seals(tree: Path, tmp_path: Path, audit: _Audit, content: bytes, said: str) -> None:
    (tmp_path / "seal").write_bytes(content)
    # What the first line says is seen before any record is judged.
    assert audit(since="../seal", code=2) == ([] if said in AT_ONCE else [("broken-off", ".", 0)])
    assert said in audit.err


def test_a_seal_may_name_files_that_no_path_leads_to(tree: Path, tmp_path: Path, audit: _Audit) -> None:
    strange = [
        json.dumps({"ledger": name, "bytes": 0, "lines": 0, "sha256": sha256(b"").hexdigest()})
        for name in ("../../etc/passwd", "\ud800", "a\0b")
    ]
    (tmp_path / "seal").write_bytes(_sealed([HEAD, *strange]))
    assert [rule for rule, _, _ in audit(since="../seal")] == ["append-only"] * 3
