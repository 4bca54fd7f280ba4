"""The earlier state of a tree that is a revision of its git repository."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.ledger.index import IndexFailed
from srcos_contracts.ledger.naming import is_pattern, names_for
from srcos_contracts.ledger.snapshot import Earlier, Since
from srcos_contracts.ledger.tree import earlier_of
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.git import LINK, MODULE, Blobs, Lacking, NoRevision, commit_of, listed, prefix_of
from srcos_contracts.reading.globbing import base_of
from srcos_contracts.reading.source import STDIN, Source, found

__all__ = ["PassedOver", "since_revision"]

_FURTHER: Mapping[Lacking, str] = {
    "repository": "; --since takes a revision of one, or a seal",
    "name": ", and no seal",
    "revision": ", and no seal of that name",
}
"""What is said of a seal, which is what else could have been named."""
_NO_SEAL = ", and what has that name here is no seal"


class PassedOver(NamedTuple):
    """What is not compared with a revision."""

    links: int = 0
    """Symbolic links that the revision has."""
    modules: int = 0
    """Submodules that it has."""
    absent: tuple[str, ...] = ()
    """Paths of the command under which it has nothing."""


class _Folder(NamedTuple):
    """Where a path of a command lies in its repository."""

    here: str
    """The existing folder in which git is run."""
    root: str
    """The absolute path that `within` is."""
    within: bytes
    """The path below the top of the working tree; empty for all of it."""
    commit: str


class _Blob(NamedTuple):
    here: str
    object: bytes


def since_revision(revision: str, paths: Sequence[str]) -> tuple[Since, PassedOver]:
    """What finds a revision's state of the files that the paths of a command lead to, and what of it is left out.

    Raises NoRevision where there is no such revision, or no repository, or no git.
    """
    blobs: dict[str, _Blob] = {}
    links = modules = 0
    absent: list[str] = []
    for path, folder in [(path, _folder(path, revision)) for path in paths]:
        entries = list(listed(folder.here, folder.commit, [folder.within] if folder.within else []))
        if not entries:
            absent.append(path)
        for entry in entries:
            links += entry.mode == LINK
            modules += entry.mode == MODULE
            if entry.mode not in (LINK, MODULE):
                blobs.setdefault(_absolute(folder, entry.path), _Blob(folder.here, entry.object))

    def since(catalog: Catalog, sources: Sequence[Source], work: str, jobs: int) -> Earlier:
        name_of = names_for(paths, sources)
        named = {name: blob for file, blob in blobs.items() if (name := name_of(file)) is not None}
        return earlier_of(revision, catalog, list(_extracted(named, catalog, work)), work, jobs)

    return since, PassedOver(links, modules, tuple(absent))


def _folder(path: str, revision: str) -> _Folder:
    if path == STDIN:
        raise NoRevision("standard input has no earlier state; name files or folders for --since")
    root = os.path.abspath(base_of(path) if is_pattern(path) else path)
    here, rest = root, list[str]()
    while not os.path.isdir(here):
        here, name = os.path.split(here)
        rest.insert(0, name)
    try:
        prefix, commit = prefix_of(here, path), commit_of(here, revision)
    except NoRevision as error:
        if error.lacking == "git":
            raise NoRevision("git is not installed, and --since needs it to read a revision; a seal needs no git", "git") from None
        further = _NO_SEAL if error.lacking == "revision" and os.path.lexists(revision) else _FURTHER.get(error.lacking, "")
        raise NoRevision(f"{error.words}{further}", error.lacking, error.hint) from None
    return _Folder(here, root, (prefix + os.fsencode("/".join(rest))).rstrip(b"/"), commit)


def _absolute(folder: _Folder, path: bytes) -> str:
    return os.path.normpath(folder.root + os.fsdecode(b"/" + path[len(folder.within) :].lstrip(b"/")))


def _extracted(named: Mapping[str, _Blob], catalog: Catalog, work: str) -> Iterator[Source]:
    """The files of a revision that an audit looks at, written to a folder for the work."""
    wanted = [(name, blob) for name, blob in named.items() if found(name, os.path.join(work, "none"), catalog.binds) is not None]
    for here in sorted({blob.here for _, blob in wanted}):
        with Blobs(here) as blobs:
            for number, (name, blob) in enumerate(wanted):
                if blob.here == here:
                    path = os.path.join(work, f"{number:08}")
                    try:
                        blobs.write(blob.object, name, path)
                    except OSError as error:
                        raise IndexFailed(f"the earlier files cannot be written in {work}: {error.strerror or error}") from error
                    source = found(name, path, catalog.binds)
                    if source is not None:
                        yield source
