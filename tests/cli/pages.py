"""Pages of docs/ that are carried out from top to bottom: what comes of each block is what the page shows.

To write that anew, after reading the difference that a failing test shows, run the page's test with SRCOS_REWRITE_GOLDEN=1.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.cli.shell import run

__all__ = ["carried_out"]

_BLOCK = re.compile(r"^```([a-z]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NOTHING = re.compile(r"(?!)")


def carried_out(
    page: Path,
    environment: Mapping[str, str],
    folder: Path,
    others: Mapping[str, Callable[[str], str]] | None = None,
    varying: re.Pattern[str] = _NOTHING,
    codes: tuple[int, ...] = (0,),
) -> list[str]:
    """Runs the commands of each block of `console` of a page in a folder, and asserts that they write what it shows.

    `others` has, for blocks in other languages, what is done with one and what the page is to show then; those of which it says nothing
    are left. `varying` is what may differ, `codes` are those that a command may end with. Gives the languages of the blocks.
    """
    text = page.read_text("utf-8")
    told, end, languages = "", 0, []
    for block in _BLOCK.finditer(text):
        language, shown = block[1], block[2]
        if language == "console":
            commands = [line for line in shown.splitlines() if line.startswith("$ ")]
            shown = "".join(f"{command}\n{_written(command, dict(environment), folder, codes)}" for command in commands)
        elif others and language in others:
            shown = others[language](shown)
        else:
            continue
        languages.append(language)
        told += text[end : block.start(2)] + shown
        end = block.end(2)
    told += text[end:]
    if os.environ.get("SRCOS_REWRITE_GOLDEN"):
        page.write_text(told, "utf-8")
    assert varying.sub("VARYING", told).splitlines() == varying.sub("VARYING", text).splitlines()
    return languages


def _written(command: str, environment: dict[str, str], folder: Path, codes: tuple[int, ...]) -> str:
    ended = run(f"{{ {command.removeprefix('$ ')}; }} 2>&1", environment, folder)
    assert ended.code in codes, ended.stdout
    assert "Traceback" not in ended.stdout
    # A block of code in the page cannot hold the end of one.
    return ended.stdout.replace("```", "~~~")
