"""Entries of a changelog in the form of Keep a Changelog (https://keepachangelog.com/en/1.1.0/)."""

from __future__ import annotations

import re

__all__ = ["with_entry"]

_UNRELEASED = re.compile(r"^## \[?Unreleased\]?[^\n]*\n(?P<said>.*?)(?=^## |^\[[^\]\n]+\]:|\Z)", re.MULTILINE | re.DOTALL)
_ADDED = re.compile(r"^### Added[^\n]*\n(?P<said>.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)


def with_entry(text: str, entry: str) -> str | None:
    """A changelog with an entry at the end of what was added and is not released; None where it has it, or has no such section."""
    section = _UNRELEASED.search(text)
    line = f"- {entry}\n"
    if section is None or line in section["said"]:
        return None
    before, said, after = text[: section.start("said")], section["said"], text[section.end("said") :]
    added = _ADDED.search(said)
    if added is None:
        first, rest = "\n### Added\n\n", f"\n{said.lstrip()}" if said.strip() else ""
    else:
        listed = said[: added.end()].rstrip()
        first = f"{listed}\n" if added["said"].strip() else f"{listed}\n\n"
        rest = f"\n{said[added.end() :]}" if said[added.end() :] else ""
    gap = "\n" if after and not rest else ""
    return f"{before}{first}{line}{rest}{gap}{after}"
