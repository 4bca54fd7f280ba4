"""The original bytes of vendored files: from the history of the repository around the copy, from the installed package where it has
the very same, or from their source where that is at hand.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from srcos_contracts.contracts.checksums import checksum
from srcos_contracts.evolve.states import CannotOpen, folder_to_unpack, opened
from srcos_contracts.installed import installed_version
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.git import NoRevision, clone, extract, lacks, run
from srcos_contracts.refusal import Refusal
from srcos_contracts.vendor.lock import LOCK_FILE, Entry, Origin
from srcos_contracts.vendor.plain import content_of
from srcos_contracts.vendor.sources import (
    SecondHand,
    digest_of,
    is_remote,
    local_path,
    located,
    package_file,
    refuse_second_hand,
)

__all__ = ["Sourced", "originals", "sourced"]

_MOST_BLOBS = 500


class Sourced(NamedTuple):
    """What a source has of files that were vendored from it."""

    contents: Mapping[str, bytes]
    """By the path in the vendored folder."""
    second_hand: Mapping[str, str]
    """Of files that are vendored copies there themselves, what is to be said of them, by that path."""
    problem: str = ""
    """Why it could not be looked at; empty where it could."""
    lost: bool = False
    """Whether it is that the source is all here, and never had the state that the lock names."""


class _Lost(CannotOpen):
    """A repository that is all here, and does not have a commit."""


def sourced(folder: str, entries: Sequence[Entry], remote: bool = False) -> Sourced:
    """What the source of some entries of the lock in `folder`, which all have one origin, has of them, in the state that they came from.

    A URL is asked only with `remote`, but for one of this machine's files. Never raises a Refusal.
    """
    origin = located(folder, entries[0].origin)
    origin = origin._replace(source=local_path(origin.source) or origin.source)
    try:
        with _opened(origin, [entry.source_path for entry in entries], remote) as place:
            contents: dict[str, bytes] = {}
            second_hand: dict[str, str] = {}
            for entry in entries:
                file = place(entry.source_path)
                try:
                    refuse_second_hand(file, origin, place.root)
                except SecondHand as error:
                    second_hand[entry.path] = str(error)
                try:
                    contents[entry.path] = content_of(str(file.parent), file.name)
                except (OSError, Refusal):
                    # That it is not there is for whoever compares to say.
                    continue
            return Sourced(contents, second_hand)
    except (Refusal, OSError) as error:
        return Sourced({}, {}, str(error), isinstance(error, _Lost))


class _Place(NamedTuple):
    """Where the files of a source lie."""

    root: Path | None
    """None for the package."""

    def __call__(self, path: str) -> Path:
        return package_file(path) if self.root is None else self.root / path


@contextmanager
def _opened(origin: Origin, paths: Sequence[str], remote: bool) -> Iterator[_Place]:
    if origin.kind == "package":
        installed = installed_version()
        if origin.revision != installed:
            raise CannotOpen(f"installed is {installed or 'no version'}, not {origin.revision}")
        yield _Place(None)
    elif origin.kind == "folder":
        if not os.path.isdir(origin.source):
            raise CannotOpen(f"there is no folder {origin.source} here")
        yield _Place(Path(origin.source))
    elif origin.kind == "archive":
        if not os.path.isfile(origin.source):
            raise CannotOpen(f"there is no archive {origin.source} here")
        if digest_of(origin.source) != origin.revision:
            raise CannotOpen(f"{origin.source} is another archive now")
        with opened(origin.source) as state:
            yield _Place(state.root)
    else:
        with folder_to_unpack() as folder:
            yield _Place(_extracted(origin, paths, folder, remote))


def _extracted(origin: Origin, paths: Sequence[str], folder: Path, remote: bool) -> Path:
    here = Path(origin.source)
    if is_remote(origin.source):
        if not remote:
            raise CannotOpen(f"{origin.source} is not at hand")
        here = folder / "clone"
        clone(origin.source, here)
    elif not os.path.isdir(here):
        raise CannotOpen(f"there is no repository {origin.source} here")
    elif lacks(str(here), origin.revision):
        raise _Lost(f"{origin.source} has no commit {origin.revision}")
    elif run(str(here), "rev-parse", "--is-inside-work-tree").stdout.strip() != b"true":
        here = folder / "clone"
        clone(origin.source, here)
    files = folder / "files"
    files.mkdir()
    extract(here, origin.revision, files, [*paths, *_locks_above(paths)])
    return files


def _locks_above(paths: Iterable[str]) -> list[str]:
    above = {parent.as_posix() for path in paths for parent in Path(path).parents}
    return sorted(LOCK_FILE if folder == os.curdir else f"{folder}/{LOCK_FILE}" for folder in above)


def originals(folder: str, entries: Sequence[Entry], remote: bool = False) -> tuple[dict[str, bytes], dict[str, str]]:
    """The bytes that the lock in `folder` has the digests of, by path; and for entries of which they are nowhere, why."""
    found: dict[str, bytes] = {}
    lacking: dict[str, str] = {}
    groups: dict[Origin, list[Entry]] = {}
    for entry in entries:
        known = _of_history(folder, entry) or _of_package(entry)
        if known is not None:
            found[entry.path] = known
        else:
            groups.setdefault(entry.origin, []).append(entry)
    for origin, group in groups.items():
        had = sourced(folder, group, remote)
        for entry in group:
            content = had.contents.get(entry.path)
            if content is not None and checksum(content) == entry.digests.sha256:
                found[entry.path] = content
            else:
                named = located(folder, origin).source
                lacking[entry.path] = had.problem or (
                    f"{named} has other content now" if content is not None else f"{named} has it no more"
                )
    return found, lacking


def _of_package(entry: Entry) -> bytes | None:
    """The bytes of an entry, where the installed package has them at the same place, whatever the source."""
    try:
        file = package_file(entry.source_path)
        content = content_of(str(file.parent), file.name)
    except (OSError, Refusal):
        return None
    return content if checksum(content) == entry.digests.sha256 else None


def _of_history(folder: str, entry: Entry) -> bytes | None:
    """The bytes of an entry, where the repository that the folder lies in has had them at the path of the copy."""
    try:
        told = run(folder, "log", "--format=", "--raw", "--no-abbrev", "--no-renames", f"--max-count={_MOST_BLOBS}", "--", entry.path)
        if told.returncode:
            return None
        blobs = dict.fromkeys(line.split()[3] for line in told.stdout.splitlines() if line.startswith(b":"))
        for blob in blobs:
            if blob.strip(b"0"):
                content = run(folder, "cat-file", "blob", blob.decode())
                if not content.returncode and checksum(content.stdout) == entry.digests.sha256:
                    return content.stdout
    except NoRevision:
        return None
    return None
