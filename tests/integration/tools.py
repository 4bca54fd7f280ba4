"""Tools of others, in an environment of their own, and the project as whoever clones it gets it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["ROOT", "environment", "snapshot", "tool"]

ROOT = Path(__file__).resolve().parents[2]
_GIT = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    **{f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


def tool(name: str) -> str:
    """The program of one of the tools, which are installed where they are not yet."""
    return str(environment("requirements-tools.txt") / "bin" / name)


def environment(requirements: str) -> Path:
    """An environment with what a file beside this one asks for, made where it is not there yet."""
    wanted = Path(__file__).with_name(requirements)
    folder = ROOT / f".venv-{wanted.stem.removeprefix('requirements-')}"
    stamp = folder / ".made-from"
    if not stamp.exists() or stamp.read_text() != wanted.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        pip = [str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", str(wanted)]
        subprocess.run(pip, check=True)
        stamp.write_text(wanted.read_text())
    return folder


def snapshot(folder: Path) -> str:
    """Makes a repository of the project as it stands, committed or not, and gives its commit."""
    told = _git(ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for file in filter(None, told.split("\0")):
        if (ROOT / file).is_file():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, folder / file)
    _git(folder, "init", "--quiet")
    _git(folder, "add", "--all", "--force")
    _git(folder, "commit", "--quiet", "--message", "snapshot")
    return _git(folder, "rev-parse", "HEAD").strip()


def _git(folder: Path, *words: str) -> str:
    ended = subprocess.run(["git", *words], cwd=folder, env={**os.environ, **_GIT}, capture_output=True, text=True, check=True)
    return ended.stdout
