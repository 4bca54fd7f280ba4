"""Where contracts can be vendored from: the installed package, a folder, a revision of a git repository, a release archive."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import unquote_to_bytes

from srcos_contracts.contracts.catalog import shipped_root
from srcos_contracts.evolve.states import ARCHIVES, EXAMPLES, SCHEMAS, CannotOpen, State, folder_to_unpack, opened, state_of
from srcos_contracts.installed import PACKAGE, installed_version
from srcos_contracts.ledger.set_rules import RULES_FOLDER, VIEWS_FOLDER
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.credentials import why_not_kept
from srcos_contracts.reading.git import NoRevision, clone, extract, is_bare
from srcos_contracts.vendor.lock import LOCK_FILE, BadLock, Origin, read_lock

__all__ = [
    "PACKAGE",
    "Part",
    "SecondHand",
    "Source",
    "digest_of",
    "is_remote",
    "local_path",
    "located",
    "named_from",
    "opened_source",
    "package_file",
    "refuse_second_hand",
]

Part = Literal["schemas", "examples", "rules", "views"]
_PACKAGE_RULES = "src/srcos_contracts/ledger/rules"
_VIEWS = "views"
_RULES = "rules"
_SCP = re.compile(r"[\w.-]+@[\w.-]+:.+")
_BLOCK = 1024 * 1024


class SecondHand(CannotOpen):
    """A source that is a vendored copy itself."""


class Source(NamedTuple):
    """A source that is open: its files can be read."""

    state: State
    origin: Origin
    """As named from the current folder."""
    parts: dict[Part, tuple[str, Path]]
    """What it has: for each part the path in the source, empty for its top, and the folder where that lies for the moment."""

    def path_in(self, part: Part, file: str) -> str:
        """The source path of a file of one part."""
        prefix = self.parts[part][0]
        return f"{prefix}/{file}" if prefix else file


def is_remote(source: str) -> bool:
    """Whether a source is named by a URL, or as ssh names repositories."""
    return "://" in source or (_SCP.match(source) is not None and not os.path.lexists(source))


def local_path(source: str) -> str | None:
    """The path of a source that a `file` URL names, as git reads that; None of others, also where it names a host."""
    if not source.startswith("file:///"):
        return None
    path = os.fsdecode(unquote_to_bytes(os.fsencode(source.removeprefix("file://"))))
    return None if "\0" in path else path


def named_from(folder: str, origin: Origin) -> Origin:
    """An origin as the lock in `folder` names it: a path that is not absolute is relative to that folder."""
    if origin.kind == "package" or is_remote(origin.source) or os.path.isabs(origin.source):
        return origin
    return origin._replace(source=os.path.relpath(origin.source, folder).replace(os.sep, "/"))


def located(folder: str, origin: Origin) -> Origin:
    """The reverse: an origin of the lock in `folder` as named from the current folder."""
    if origin.kind == "package" or is_remote(origin.source) or os.path.isabs(origin.source):
        return origin
    return origin._replace(source=os.path.normpath(os.path.join(folder, origin.source)))


@contextmanager
def opened_source(name: str, revision: str | None = None) -> Iterator[Source]:
    """The source of a name: PACKAGE, a folder, an archive, or with a revision a git repository. What must be unpacked is gone at the
    end. A URL is cloned: that is the one call that goes to a network, and only when the command names the URL or sync needs it.

    Raises CannotOpen, CatalogError where it holds no schema that can be used, NoRevision.
    """
    if name == PACKAGE:
        if revision is not None:
            raise CannotOpen(f"the installed package has no revisions; install another version of {PACKAGE}, or name a git repository")
        yield _package()
    elif is_remote(name) or is_bare(name):
        _refuse_credentials(name)
        with folder_to_unpack() as folder:
            yield _cloned(name, revision or "HEAD", folder)
    elif revision is not None:
        if not os.path.isdir(name):
            raise CannotOpen(
                f"{name} is no folder in a git repository, so it has no revision {revision}" if os.path.lexists(name) else _gone(name)
            )
        with folder_to_unpack() as folder:
            yield _of_revision(name, revision, folder)
    elif os.path.isdir(name):
        yield _of_folder(name)
    elif os.path.isfile(name):
        if not name.endswith(ARCHIVES):
            raise CannotOpen(f"{name} is no archive ({', '.join(ARCHIVES)}) and no folder; name the folder that it lies in")
        digest = digest_of(name)
        with opened(name) as state:
            yield _source(state, Origin("archive", name, digest), state.root)
    else:
        raise CannotOpen(_gone(name))


def _gone(name: str) -> str:
    return f"there is no {name}; a source is {PACKAGE} (the installed package), a folder, an archive or a git repository"


def _package() -> Source:
    root = Path(shipped_root())
    installed = installed_version()
    if not installed:
        raise CannotOpen(f"{PACKAGE} runs without being installed, so its contracts have no version; name a folder or a git repository")
    state = state_of(root, PACKAGE)
    parts: dict[Part, tuple[str, Path]] = {
        "schemas": (SCHEMAS, root),
        "rules": (_RULES, Path(RULES_FOLDER)),
        "views": (_VIEWS, Path(VIEWS_FOLDER)),
    }
    if state.examples is not None:
        parts["examples"] = (EXAMPLES, state.examples)
    return Source(state, Origin("package", PACKAGE, installed), parts)


def _of_folder(name: str) -> Source:
    path = Path(name)
    # A folder of schemas belongs to what is above it, where the examples are.
    if path.resolve().name == SCHEMAS and not (path / SCHEMAS).is_dir():
        name = os.path.normpath(os.path.join(name, os.pardir))
        path = Path(name)
    return _source(state_of(path), Origin("folder", name), path)


def _source(state: State, origin: Origin, root: Path) -> Source:
    within = (root / SCHEMAS).is_dir()
    parts: dict[Part, tuple[str, Path]] = {"schemas": (SCHEMAS, root / SCHEMAS) if within else ("", root)}
    if (root / EXAMPLES).is_dir():
        parts["examples"] = (EXAMPLES, root / EXAMPLES)
    rules = next((place for place in (_RULES, _PACKAGE_RULES) if (root / place).is_dir()), None)
    if rules is not None:
        parts["rules"] = (rules, root / rules)
        views = rules.removesuffix(_RULES) + _VIEWS
        if (root / views).is_dir():
            parts["views"] = (views, root / views)
    return Source(state, origin, parts)


def _of_revision(name: str, revision: str, folder: Path) -> Source:
    if os.path.basename(os.path.abspath(name)) == SCHEMAS and not os.path.isdir(os.path.join(name, SCHEMAS)):
        name = os.path.normpath(os.path.join(name, os.pardir))
    rules = (_RULES, _VIEWS, _PACKAGE_RULES, _PACKAGE_RULES.removesuffix(_RULES) + _VIEWS)
    here = Path(name)
    try:
        commit = extract(here, revision, folder, (SCHEMAS, EXAMPLES, LOCK_FILE, *rules))
        if not (folder / SCHEMAS).is_dir():
            extract(here, commit, folder, ("",), (".json", ".sql", LOCK_FILE))
    except NoRevision as error:
        raise CannotOpen(f"{name}: {error}") from error
    except OSError as error:
        raise CannotOpen(f"{revision} of {name} cannot be unpacked: {error.strerror or error}") from error
    if not any(folder.iterdir()):
        raise CannotOpen(f"the revision {revision} of {name} has no schemas")
    return _source(state_of(folder, f"{name}@{commit[:10]}"), Origin("git", name, commit), folder)


def _cloned(url: str, revision: str, folder: Path) -> Source:
    clones, extracted = folder / "clone", folder / "files"
    extracted.mkdir()
    try:
        clone(url, clones)
    except NoRevision as error:
        raise CannotOpen(f"{url} cannot be cloned: {error}") from error
    source = _of_revision(str(clones), revision, extracted)
    source.state.catalog.shown = source.state.catalog.shown.replace(str(clones), url)
    return source._replace(origin=source.origin._replace(source=url))


def _refuse_credentials(url: str) -> None:
    why = why_not_kept(url)
    if why:
        raise CannotOpen(why)


def digest_of(path: str) -> str:
    """The SHA-256 of an archive, in hex. Raises CannotOpen."""
    digest = hashlib.sha256()
    try:
        with open(path, "rb") as stream:
            while block := stream.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise CannotOpen(f"{path} cannot be read: {error.strerror}") from error
    return digest.hexdigest()


def package_file(path: str) -> Path:
    """Where a file of the installed package lies, by its source path."""
    part, _, below = path.partition("/")
    root = Path(shipped_root())
    places = {SCHEMAS: root, EXAMPLES: root.parent / EXAMPLES, _RULES: Path(RULES_FOLDER), _VIEWS: Path(VIEWS_FOLDER)}
    return places.get(part, root.parent / part) / below


def refuse_second_hand(file: Path, origin: Origin, root: Path | None) -> None:
    """Raises SecondHand where a file of a source was vendored there itself: a lock in a folder above it lists it.

    `root` is where the files of the source lie for the moment, and what is above that is no part of an archive or a revision.
    Raises CannotOpen where such a lock cannot be read.
    """
    path = file.parent.resolve() / file.name
    top = root.resolve() if root is not None and origin.kind in ("archive", "git") else None
    for folder in path.parents:
        if top is not None and not folder.is_relative_to(top):
            return
        shown = os.path.relpath(folder) if top is None else os.path.normpath(os.path.join(origin.source, folder.relative_to(top)))
        try:
            lock = read_lock(str(folder), shown)
        except BadLock as error:
            raise CannotOpen(f"whether {origin.source} has {file.name} at second hand cannot be told: {error.words}") from error
        entry = lock.by_path.get(path.relative_to(folder).as_posix()) if lock is not None else None
        if entry is not None:
            # What lies on this machine is named from here; in an archive or a clone, as its lock names it.
            first = located(shown, entry.origin).source if os.path.isdir(origin.source) else entry.origin.source
            raise SecondHand(f"{origin.source} has {entry.path} at second hand, as its {LOCK_FILE} says; vendor it from {first}")
