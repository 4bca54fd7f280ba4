"""docs/agent-ledger.md is carried out from top to bottom: what comes of it is what the page shows, but for the time that it took, and when.

To write that anew, after reading the difference that a failing test shows:

    SRCOS_REWRITE_GOLDEN=1 pytest tests/cli/test_agent_ledger_page.py
"""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from tests.cli.shell import run, surroundings

PAGE = Path(__file__).resolve().parents[2] / "docs/agent-ledger.md"
_BLOCK = re.compile(r"^```(sh|python|console|markdown)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_WHEN = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00)?)?|\b\d+(?:\.\d+)?(?= s \|)|(?<=\"duration_sec\":)\d+(?:\.\d+)?"
)


def test_the_page_is_what_happens(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "Makefile").write_text("test:\n\t@echo '3 passed'\n")
    environment = _environment(tmp_path)
    page = PAGE.read_text("utf-8")
    told, end, ran = "", 0, []
    for block in _BLOCK.finditer(page):
        language, shown = block[1], block[2]
        ran.append(language)
        if language == "console":
            commands = [line for line in shown.splitlines() if line.startswith("$ ")]
            shown = "".join(f"{command}\n{_written(command.removeprefix('$ '), environment, here)}" for command in commands)
        elif language == "markdown":
            (session,) = (here / "memory/cls/sessions").iterdir()
            shown = session.read_text("utf-8").partition("\n\n")[2]
            shown = shown[shown.index("## ") :]
        else:
            (here / {"sh": "agent.sh", "python": "agent.py"}[language]).write_text(shown, "utf-8")
        told += page[end : block.start(2)] + shown
        end = block.end(2)
    told += page[end:]
    assert ran == ["sh", "console", "python", "console", "markdown", "console", "console"]
    if os.environ.get("SRCOS_REWRITE_GOLDEN"):
        PAGE.write_text(told, "utf-8")
    assert _WHEN.sub("WHEN", told).splitlines() == _WHEN.sub("WHEN", page).splitlines()
    audited = run("srcos-validate audit --strict .", environment, here)
    assert (audited.code, audited.stdout) == (0, ""), audited.stderr


def _environment(folder: Path) -> dict[str, str]:
    """One in which the commands of the page are found, and the network is not."""
    found = folder / "bin"
    found.mkdir()
    scripts = {
        "srcos-ledger": f"exec '{sys.executable}' -P -m srcos_contracts.cli.agent_ledger.main \"$@\"",
        "python": f"exec '{sys.executable}' \"$@\"",
        # As curl ends where a name leads nowhere.
        "curl": "exit 6",
    }
    for name, line in scripts.items():
        (found / name).write_text(f"#!/bin/sh\n{line}\n")
        (found / name).chmod(0o755)
    told = {name: value for name, value in surroundings(found).items() if not name.startswith(("SRCOS_", "MAKE", "MFLAGS"))}
    return {**told, "TZ": "UTC"}


def _written(command: str, environment: dict[str, str], folder: Path) -> str:
    ended = run(f"{{ {command}; }} 2>&1", environment, folder)
    assert ended.code == 0, ended.stdout
    return ended.stdout
