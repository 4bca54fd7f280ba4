"""The names of files that may be there no more, as a search through the paths of a command would give them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from srcos_contracts.reading.globbing import base_of, matches
from srcos_contracts.reading.source import Source

__all__ = ["common_root", "is_pattern", "names_for"]

_MAGIC = frozenset("*?[")


def names_for(paths: Sequence[str], sources: Sequence[Source]) -> Callable[[str], str | None]:
    """From the absolute path of a file to its name among `sources`, or the name that it would have among them; None where none of
    the `paths` of the command leads to it.
    """
    known = {os.path.abspath(source.path): source.name for source in sources if source.path is not None}
    roots = [(path, os.path.abspath(path)) for path in paths]

    def name_of(file: str) -> str | None:
        if file in known:
            return known[file]
        for path, root in roots:
            if file == root:
                return path
            inside = root if root.endswith(os.sep) else root + os.sep
            if file.startswith(inside):
                rest = file[len(inside) :]
                if not any(part.startswith(".") for part in rest.split(os.sep)):
                    return rest if path == os.curdir and os.sep not in rest else os.path.join(path, rest)
            elif is_pattern(path) and matches(root, file):
                return file if os.path.isabs(path) else os.path.relpath(file)
        return None

    return name_of


def common_root(paths: Sequence[str]) -> str:
    """The folder that the paths of a command have in common."""
    roots = [_fixed(path) for path in paths]
    if len(roots) == 1:
        return roots[0]
    return os.path.commonpath(roots)


def _fixed(path: str) -> str:
    """The folder that a path, which may be a pattern, is or lies in."""
    if is_pattern(path):
        return os.path.abspath(base_of(path))
    whole = os.path.abspath(path)
    return whole if os.path.isdir(whole) else os.path.dirname(whole)


def is_pattern(path: str) -> bool:
    """Whether a path of a command names files by a pattern."""
    return bool(_MAGIC & set(path)) and not os.path.lexists(path)
