"""What a run of all checks compares the contracts of a checkout with: the state that was asked for, or the one before the change."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.git import NoRevision, commit_of, prefix_of, run
from srcos_contracts.refusal import Refusal

__all__ = ["Baseline", "NoBaseline", "baseline"]

_CONTENTS = ("schemas", "examples", "waivers.yaml")
_NO_REPOSITORY = "not a git repository"


class NoBaseline(Refusal):
    """There should be a state to compare with, and it cannot be had."""


class Baseline(NamedTuple):
    """An earlier state, or why there is none."""

    reference: str
    """A folder, an archive or a revision; empty where there is nothing to compare with."""
    shown: str
    """What people call it; where there is none, why."""


def baseline(asked: str | None, environment: Mapping[str, str], here: str = os.curdir) -> Baseline:
    """The state that was asked for. Otherwise, of a pull request on GitHub, where it leaves its target; of any other branch, where
    it leaves the default branch; of that one itself, the commit before, or the last one where the checkout has been changed since.

    Raises NoBaseline, NoRevision.
    """
    if asked is not None:
        if os.path.exists(asked):
            return Baseline(asked, asked)
        return _with_contracts(here, _commit(here, asked), asked)
    try:
        prefix_of(here)
    except NoRevision as error:
        if _NO_REPOSITORY in str(error):
            return Baseline("", "this is no git repository")
        raise
    head = _found(here, "HEAD")
    if head is None:
        return Baseline("", "nothing is committed yet")
    target = environment.get("GITHUB_BASE_REF")
    if target:
        name = f"origin/{target}"
        return _forked(here, name, _commit(here, name))
    for name in _branches(here):
        tip = _found(here, name)
        if tip is not None:
            left = _forked(here, name, tip)
            return _before(here, head) if left.reference == head else left
    return _before(here, head)


def _branches(here: str) -> Iterator[str]:
    """What may be the default branch, or stand for it."""
    named = run(here, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    if not named.returncode:
        yield named.stdout.decode("utf-8", "replace").strip()
    yield from ("origin/main", "origin/master", "@{upstream}", "main", "master")


def _forked(here: str, name: str, tip: str) -> Baseline:
    """Where HEAD leaves a branch."""
    base = run(here, "merge-base", "HEAD", tip)
    if base.returncode:
        if _is_shallow(here):
            raise NoBaseline(_shallow(f"where this branch leaves {name}"))
        return _with_contracts(here, tip, name)
    return _with_contracts(here, base.stdout.decode().strip(), name)


def _before(here: str, head: str) -> Baseline:
    """The state before the last change: the last commit where it is not committed yet, else the one before that."""
    changed = run(here, "status", "--porcelain", "--untracked-files=all", "--", *_CONTENTS)
    if changed.returncode == 0 and changed.stdout.strip():
        return _with_contracts(here, head, "HEAD")
    parent = _found(here, "HEAD^")
    if parent is not None:
        return _with_contracts(here, parent, "HEAD^")
    if _is_shallow(here):
        raise NoBaseline(_shallow("the commit before this one"))
    return Baseline("", "this is the first commit")


def _with_contracts(here: str, commit: str, name: str) -> Baseline:
    shown = f"{name} ({commit[:10]})" if not commit.startswith(name) else commit[:10]
    if run(here, "rev-parse", "--verify", "--quiet", f"{commit}:./{_CONTENTS[0]}").returncode:
        return Baseline("", f"{shown} has no folder {_CONTENTS[0]}: every contract is new")
    return Baseline(commit, shown)


def _commit(here: str, name: str) -> str:
    try:
        return commit_of(here, name)
    except NoRevision as error:
        if name.isprintable() and _is_shallow(here):
            raise NoBaseline(_shallow(name)) from error
        raise


def _found(here: str, name: str) -> str | None:
    found = run(here, "rev-parse", "--verify", "--quiet", f"{name}^{{commit}}")
    return None if found.returncode else found.stdout.decode().strip()


def _is_shallow(here: str) -> bool:
    return run(here, "rev-parse", "--is-shallow-repository").stdout.strip() == b"true"


def _shallow(what: str) -> str:
    return (
        f"{what} is not in this clone, which is shallow: let actions/checkout bring the whole history with `fetch-depth: 0`, "
        "or run: git fetch --unshallow"
    )
