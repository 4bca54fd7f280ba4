"""What can be the name of a revision, as far as that can be told without a repository."""

from __future__ import annotations

import re

__all__ = ["is_full_commit", "why_no_revision"]

_FULL = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_ABBREVIATED = re.compile(r"[0-9A-Fa-f]{4,64}")
_NO_NAME = re.compile(r"^-|\.\.|//|[\x00-\x20\x7f:?*\[\\]|[/.]$|\.lock$|^$")


def is_full_commit(name: str) -> bool:
    """Whether a name is that of a commit in full, as git writes it: 40 or 64 hex digits in lower case."""
    return _FULL.fullmatch(name) is not None


def why_no_revision(name: str) -> str:
    """Why a text cannot name a revision for long, for after it; empty where it can (git-check-ref-format(1))."""
    if is_full_commit(name):
        return ""
    if _ABBREVIATED.fullmatch(name):
        hint = f"; a tag of that name is refs/tags/{name}" if len(name) < 40 else ""
        return f"is no full commit, which has 40 or 64 hex digits in lower case{hint}"
    return "can be the name of no commit, tag or branch" if _NO_NAME.search(name) else ""
