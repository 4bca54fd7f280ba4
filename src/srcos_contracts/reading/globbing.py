"""Globs, expanded here so that they mean the same under every shell, and under none."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from fnmatch import translate

__all__ = ["base_of", "expand", "matches"]

_MAGIC = re.compile(r"[*?\[]")


def expand(pattern: str) -> list[str]:
    """The existing paths that a pattern matches, sorted. `*`, `?` and `[...]` stay within a name, `**` crosses folders.

    Hidden names match only where the pattern's part is hidden too. `**` does not follow links to folders, which may lead
    round in circles.
    """
    parts = pattern.split("/")
    start = "/" if pattern.startswith("/") else ""
    return sorted(dict.fromkeys(_matches(start, [part for part in parts if part not in ("", ".")])))


def matches(pattern: str, path: str) -> bool:
    """Whether a path that need not exist is one that a pattern matches, or lies in a folder that it matches."""
    return _takes(
        [part for part in pattern.split("/") if part not in ("", ".")], [part for part in path.split("/") if part not in ("", ".")]
    )


def base_of(pattern: str) -> str:
    """The folder in which the search for what a pattern matches begins."""
    parts = pattern.split("/")
    first = next((index for index, part in enumerate(parts) if _MAGIC.search(part)), len(parts))
    return "/".join(parts[:first]) or ("/" if pattern.startswith("/") else ".")


def _takes(parts: list[str], names: list[str]) -> bool:
    if not parts:
        return not any(name.startswith(".") for name in names)
    if not names:
        return False
    part, name = parts[0], names[0]
    if part == "**":
        return _takes(parts[1:] or ["*"], names) or (not name.startswith(".") and _takes(parts, names[1:]))
    if _MAGIC.search(part):
        fits = bool(re.match(translate(part), name)) and name.startswith(".") == part.startswith(".")
    else:
        fits = part == name
    return fits and _takes(parts[1:], names[1:])


def _matches(folder: str, parts: list[str]) -> Iterator[str]:
    if not parts:
        yield folder or os.curdir
        return
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from _matches(folder, rest or ["*"])
        for name in _names(folder):
            path = os.path.join(folder, name)
            if not name.startswith(".") and os.path.isdir(path) and not os.path.islink(path):
                yield from _matches(path, parts)
    elif _MAGIC.search(part):
        pattern = re.compile(translate(part))
        for name in _names(folder):
            if pattern.match(name) and name.startswith(".") == part.startswith("."):
                yield from _existing(os.path.join(folder, name), rest)
    else:
        yield from _existing(os.path.join(folder, part), rest)


def _existing(path: str, rest: list[str]) -> Iterator[str]:
    if os.path.isdir(path) or (not rest and os.path.lexists(path)):
        yield from _matches(path, rest)


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder or os.curdir))
    except OSError:
        return []
