"""Repositories of contracts, with git and without, for tests of what changes between two states of them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

__all__ = ["DIALECT", "commit", "git", "schema", "without_git_settings", "write"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SETTINGS = ("user.name=Ann", "user.email=ann@example.org", "init.defaultBranch=main", "protocol.file.allow=always")


def without_git_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes git answer for the repository of the test alone, whoever runs the tests."""
    import os

    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)


def git(where: Path, *words: str) -> str:
    options = [option for setting in _SETTINGS for option in ("-c", setting)]
    return subprocess.run(["git", *options, *words], cwd=where, capture_output=True, text=True, check=True).stdout.strip()


def commit(where: Path, message: str = "as it was") -> str:
    """Commits all there is, in a repository that is made where there is none; gives the commit's name."""
    if not (where / ".git").exists():
        git(where, "init", "-q")
    git(where, "add", "-A")
    git(where, "commit", "-q", "--allow-empty", "-m", message)
    return git(where, "rev-parse", "HEAD")


def schema(name: str, **keywords: Any) -> dict[str, Any]:
    """A schema of objects, named by its title."""
    return {"$schema": DIALECT, "$id": f"https://example.org/{name.lower()}.json", "title": name, "type": "object", **keywords}


def write(root: Path, **documents: Any) -> Path:
    """Writes documents as `NAME.json`: values as JSON, texts and bytes as they are."""
    root.mkdir(parents=True, exist_ok=True)
    for name, document in documents.items():
        path = root / f"{name}.json"
        if isinstance(document, bytes):
            path.write_bytes(document)
        else:
            path.write_text(document if isinstance(document, str) else json.dumps(document, indent=1) + "\n", "utf-8")
    return root
