"""docs/agent-ledger.md is carried out from top to bottom: what comes of it is what the page shows, but for the time that it took, and when."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.cli.pages import carried_out
from tests.cli.shell import run, surroundings

PAGE = Path(__file__).resolve().parents[2] / "docs/agent-ledger.md"
_WHEN = re.compile(
    r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:\+00:00)?)?|\b\d+(?:\.\d+)?(?= s \|)|(?<=\"duration_sec\":)\d+(?:\.\d+)?"
)


def test_the_page_is_what_happens(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "Makefile").write_text("test:\n\t@echo '3 passed'\n")
    environment = _environment(tmp_path)

    def kept(name: str, text: str) -> str:
        (here / name).write_text(text, "utf-8")
        return text

    def summary(_: str) -> str:
        (session,) = (here / "memory/cls/sessions").iterdir()
        shown = session.read_text("utf-8")
        return shown[shown.index("## ") :]

    others: dict[str, Callable[[str], str]] = {"sh": partial(kept, "agent.sh"), "python": partial(kept, "agent.py"), "markdown": summary}
    ran = carried_out(PAGE, environment, here, others, _WHEN)
    assert ran == ["sh", "console", "python", "console", "markdown", "console", "console"]
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
