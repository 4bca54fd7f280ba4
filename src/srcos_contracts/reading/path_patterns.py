"""Patterns for the paths of files that need not exist, as a configuration states them: relative to a folder."""

from __future__ import annotations

import os

from srcos_contracts.named import NamedTuple

__all__ = ["PathPatterns", "why_no_pattern"]

_ANY = "**"
_UP = ".."


class PathPatterns(NamedTuple):
    """Patterns of which a path is to fit one. `*`, `?` and `[...]` stay within a name, `**` crosses folders; hidden names are names.

    A pattern that fits a folder fits all that is in it.
    """

    folder: str
    """The absolute folder that they begin at."""
    patterns: tuple[str, ...]
    here: str
    """The absolute folder that names of files are relative to: worker processes may have another working directory."""

    def fit(self, file: str) -> bool:
        """Whether a file is one of those."""
        if "://" in file:
            # A place that is none of this machine's folders.
            return False
        path = os.path.normpath(os.path.join(self.here, file))
        names = self._names(path)
        if names[0] == _UP:
            # The working directory may have been come to by a link.
            names = self._names(os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path)))
        return any(_fits(_parts(pattern), names) for pattern in self.patterns)

    def _names(self, path: str) -> list[str]:
        return os.path.relpath(path, self.folder).split(os.sep)


def why_no_pattern(text: str) -> str:
    """What keeps a text from being a pattern for paths; empty where it is one."""
    if text.startswith("/"):
        return "a pattern is relative to the folder of its file"
    parts = _parts(text)
    if not parts:
        return "a pattern names files or folders"
    if _UP in parts[next((index for index, part in enumerate(parts) if part != _UP), len(parts)) :]:
        return "in a pattern, .. stands at the beginning only"
    return ""


def _parts(pattern: str) -> list[str]:
    parts: list[str] = []
    for part in pattern.split("/"):
        if part not in ("", ".") and not (part == _ANY and parts[-1:] == [_ANY]):
            parts.append(part)
    # What crosses folders comes to something in them.
    return [*parts, "*"] if parts[-1:] == [_ANY] else parts


def _fits(parts: list[str], names: list[str]) -> bool:
    from fnmatch import fnmatchcase

    # Every part that may be the next one is kept, so that the time does not grow with the ways to match.
    places = _reached(parts, {0})
    for name in names:
        following = set()
        for place in places:
            if place == len(parts):
                following.add(place)
            elif parts[place] == _ANY:
                following.update({place} if name != _UP else ())
            elif fnmatchcase(name, parts[place]) if name != _UP else parts[place] == _UP:
                following.add(place + 1)
        places = _reached(parts, following)
    return len(parts) in places


def _reached(parts: list[str], places: set[int]) -> set[int]:
    """Those places, and what is reached from them where `**` stands for no folder."""
    reached = set(places)
    for place in places:
        while place < len(parts) and parts[place] == _ANY:
            place += 1
            reached.add(place)
    return reached
