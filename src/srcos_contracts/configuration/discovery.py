"""Where a configuration is. Asked at every call, so nothing is imported here that a call without one does without."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator

from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal

__all__ = ["OWN_FILE", "SHARED_FILE", "BadConfiguration", "Candidate", "candidates", "has_candidate", "named"]

OWN_FILE = "srcos.toml"
SHARED_FILE = "pyproject.toml"
_REPOSITORY = ".git"
_MOST_BYTES = 4 * 1024 * 1024
_WITHOUT = "mend it, or do without it: --no-config"


class BadConfiguration(Refusal):
    """A configuration that cannot be used. Its text is the first of its faults, and how many more there are."""

    def __init__(self, *faults: str) -> None:
        super().__init__(*faults)
        self.faults = faults

    def __str__(self) -> str:
        more = len(self.faults) - 1
        return self.faults[0] + (f" (and {more} more: srcos-validate config tells all)" if more else "")


class Candidate(NamedTuple):
    """A file that is a configuration, or a `pyproject.toml` that seems to have one."""

    path: str
    """Absolute."""
    shown: str
    """As messages name it: relative to the working directory, or as the user wrote it."""
    content: bytes
    passed_over: str = ""
    """A file beside it that has a configuration as well, which does not count."""

    @property
    def shared(self) -> bool:
        """Whether the configuration is the table `[tool.srcos]` of a file that others have their settings in as well."""
        return os.path.basename(self.path) == SHARED_FILE


def candidates(folder: str) -> Iterator[Candidate]:
    """The files that may configure a call in an absolute folder, the nearest first: upwards, up to the root of a git repository.

    Raises BadConfiguration where one cannot be read.
    """
    start = folder
    while True:
        own, shared = os.path.join(folder, OWN_FILE), os.path.join(folder, SHARED_FILE)
        content = _content(own, os.path.relpath(own, start)) if os.path.lexists(own) else None
        beside = _content(shared, os.path.relpath(shared, start)) if os.path.isfile(shared) else None
        beside = beside if beside is not None and _has_table(beside) else None
        if content is not None:
            yield Candidate(own, os.path.relpath(own, start), content, os.path.relpath(shared, start) if beside is not None else "")
        elif beside is not None:
            yield Candidate(shared, os.path.relpath(shared, start), beside)
        above = os.path.dirname(folder)
        if above == folder or os.path.lexists(os.path.join(folder, _REPOSITORY)):
            return
        folder = above


def has_candidate() -> bool:
    """Whether something may configure a call in the working directory: also a file that then cannot be read."""
    try:
        return next(candidates(os.getcwd()), None) is not None
    except (BadConfiguration, OSError):
        return True


def named(file: str) -> Candidate:
    """The configuration that a user names. Raises BadConfiguration where it cannot be read."""
    content = _content(file, file, "name another")
    try:
        return Candidate(os.path.abspath(file), file, content)
    except OSError as error:
        raise BadConfiguration(f"{file} cannot be used: the working directory is gone") from error


def _content(path: str, shown: str, help: str = _WITHOUT) -> bytes:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise BadConfiguration(f"{shown} is no file, and no configuration: {help}")
        with open(path, "rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, BadConfiguration):
            raise
        why = str(getattr(error, "strerror", None) or error)
        raise BadConfiguration(f"{shown} cannot be read: {why[:1].lower()}{why[1:]}; {help}") from error
    if len(content) > _MOST_BYTES:
        raise BadConfiguration(f"{shown} has more than {_MOST_BYTES // 1024 // 1024} MiB, and was not read: {help}")
    return content


def _has_table(content: bytes) -> bool:
    """Whether a `pyproject.toml` has something that may be a part of the name of our table: a package's name is none."""
    if b"srcos" not in content:
        return False
    import re

    # A head that is not closed may be meant: whoever parses the file says so.
    named, unclosed = rb"""(?<![\w-])srcos["']?[ \t]*[.\]=]""", rb"""^[ \t]*\[[^\]\n]*(?<![\w-])srcos["']?[ \t]*\r?$"""
    return re.search(named + rb"|" + unclosed, content, re.MULTILINE) is not None
