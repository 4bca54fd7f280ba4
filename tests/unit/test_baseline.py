"""What a run of all checks is compared with, in every state in which a clone may be."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from srcos_contracts.evolve.baseline import Baseline, NoBaseline, baseline
from srcos_contracts.reading.git import NoRevision

Git = Callable[..., str]
_SETTINGS = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def git_in(folder: Path) -> Git:
    def run(*words: str) -> str:
        ended = subprocess.run(["git", *words], cwd=folder, env={**os.environ, **_SETTINGS}, capture_output=True, check=True)
        return ended.stdout.decode().strip()

    return run


def _commit(folder: Path, text: str) -> str:
    (folder / "schemas").mkdir(exist_ok=True)
    (folder / "schemas/a.json").write_text(text)
    git = git_in(folder)
    git("add", "--all")
    git("commit", "--quiet", "--message", text)
    return git("rev-parse", "HEAD")


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """A repository with two commits on main, and one on a branch that left it after the first."""
    folder = tmp_path / "origin"
    folder.mkdir()
    git = git_in(folder)
    git("init", "--quiet", "--initial-branch", "main")
    _commit(folder, "1")
    git("checkout", "--quiet", "-b", "change")
    _commit(folder, "change")
    git("checkout", "--quiet", "main")
    _commit(folder, "2")
    return folder


def _clone(origin: Path, *words: str) -> Path:
    folder = origin.parent / "clone"
    git_in(origin.parent)("clone", "--quiet", *words, f"file://{origin}", str(folder))
    return folder


def _at(folder: Path, revision: str, shown: str) -> Baseline:
    commit = git_in(folder)("rev-parse", revision)
    return Baseline(commit, f"{shown} ({commit[:10]})")


def test_a_branch_is_compared_with_where_it_leaves_the_default_branch(origin: Path) -> None:
    clone = _clone(origin, "--branch", "change")
    assert baseline(None, {}, str(clone)) == _at(clone, "origin/main~1", "origin/main")


def test_whatever_the_default_branch_is_called(origin: Path) -> None:
    git_in(origin)("branch", "--move", "main", "trunk")
    clone = _clone(origin, "--branch", "trunk")
    git_in(clone)("checkout", "--quiet", "change")
    assert baseline(None, {}, str(clone)) == _at(clone, "origin/trunk~1", "origin/trunk")


def test_a_pull_request_is_compared_with_where_it_leaves_its_target(origin: Path) -> None:
    git_in(origin)("branch", "release", "main~1")
    clone = _clone(origin)
    assert baseline(None, {"GITHUB_BASE_REF": "release"}, str(clone)) == _at(clone, "origin/release", "origin/release")
    # The merge that GitHub makes for a pull request has its target in it.
    git_in(clone)("checkout", "--quiet", "--detach", "origin/change")
    git_in(clone)("merge", "--quiet", "--strategy=ours", "origin/main", "--message", "merged")
    assert baseline(None, {"GITHUB_BASE_REF": "main"}, str(clone)) == _at(clone, "origin/main", "origin/main")


def test_the_default_branch_is_compared_with_its_commit_before(origin: Path) -> None:
    clone = _clone(origin)
    assert baseline(None, {"GITHUB_BASE_REF": ""}, str(clone)) == _at(clone, "HEAD^", "HEAD^")
    (clone / "waivers.yaml").write_text("[]")
    assert baseline(None, {}, str(clone)) == _at(clone, "HEAD", "HEAD")


def test_what_is_not_pushed_yet_is_compared_with_what_is(origin: Path) -> None:
    clone = _clone(origin)
    _commit(clone, "3")
    _commit(clone, "4")
    assert baseline(None, {}, str(clone)) == _at(clone, "origin/main", "origin/main")


def test_without_an_origin_the_branch_main_stands_for_it(origin: Path) -> None:
    git_in(origin)("checkout", "--quiet", "change")
    assert baseline(None, {}, str(origin)) == _at(origin, "main~1", "main")


@pytest.mark.parametrize("change", [False, True])
def test_a_branch_whose_default_branch_is_unknown(tmp_path: Path, change: bool) -> None:
    git = git_in(tmp_path)
    git("init", "--quiet", "--initial-branch", "topic")
    _commit(tmp_path, "1")
    assert baseline(None, {}, str(tmp_path)) == Baseline("", "this is the first commit")
    _commit(tmp_path, "2")
    if change:
        (tmp_path / "schemas/b.json").write_text("{}")
    assert baseline(None, {}, str(tmp_path)) == (_at(tmp_path, "HEAD", "HEAD") if change else _at(tmp_path, "HEAD^", "HEAD^"))


def test_no_repository_and_no_commit(tmp_path: Path) -> None:
    assert baseline(None, {}, str(tmp_path)) == Baseline("", "this is no git repository")
    git_in(tmp_path)("init", "--quiet")
    assert baseline(None, {}, str(tmp_path)) == Baseline("", "nothing is committed yet")


def test_a_state_without_contracts_is_none_to_compare_with(origin: Path) -> None:
    git = git_in(origin)
    git("checkout", "--quiet", "--orphan", "empty")
    git("rm", "--quiet", "-r", "--force", ".")
    git("commit", "--quiet", "--allow-empty", "--message", "empty")
    commit = git("rev-parse", "HEAD")
    git("checkout", "--quiet", "change")
    said = Baseline("", f"empty ({commit[:10]}) has no folder schemas: every contract is new")
    assert baseline("empty", {}, str(origin)) == said
    # Two histories that have nothing in common.
    git("branch", "--force", "main", "empty")
    assert baseline(None, {}, str(origin)).shown == said.shown.replace("empty (", "main (")


def test_the_state_that_was_asked_for(origin: Path, tmp_path: Path) -> None:
    assert baseline("main", {"GITHUB_BASE_REF": "never"}, str(origin)) == _at(origin, "main", "main")
    commit = git_in(origin)("rev-parse", "main")
    assert baseline(commit, {}, str(origin)) == Baseline(commit, commit[:10])
    assert baseline(str(tmp_path), {}, str(origin)) == Baseline(str(tmp_path), str(tmp_path))
    with pytest.raises(NoRevision, match=r"there is no revision mian in the git repository of .*; did you mean main"):
        baseline("mian", {}, str(origin))


@pytest.mark.parametrize(
    ("words", "asked", "target", "missing"),
    [
        (("--branch", "change", "--single-branch"), None, "main", "origin/main"),
        (("--branch", "change", "--single-branch"), "v1", None, "v1"),
        (("--no-single-branch", "--branch", "change"), None, None, "where this branch leaves origin/main"),
        (("--branch", "main"), None, None, "the commit before this one"),
    ],
)
def test_a_shallow_clone_without_it(origin: Path, words: tuple[str, ...], asked: str | None, target: str | None, missing: str) -> None:
    clone = _clone(origin, "--depth=1", *words)
    with pytest.raises(NoBaseline) as raised:
        baseline(asked, {} if target is None else {"GITHUB_BASE_REF": target}, str(clone))
    assert str(raised.value) == (
        f"{missing} is not in this clone, which is shallow: let actions/checkout bring the whole history with `fetch-depth: 0`, "
        "or run: git fetch --unshallow"
    )
