"""Files elsewhere in a repository that are taken for vendored contracts: of the same name, title, `$id` or discriminator."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from srcos_contracts.contracts.checksums import checksum
from srcos_contracts.contracts.dialects import is_schema
from srcos_contracts.contracts.foreign import LOCK_FILE
from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import Document, line_and_column
from srcos_contracts.reading.git import NoRevision, run
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.reading.locate import locate
from srcos_contracts.vendor.lock import BadLock, Entry, Lock, read_lock
from srcos_contracts.vendor.plain import NotPlain, content_of
from srcos_contracts.vendor.rules import finding_of
from srcos_contracts.vendor.sources import is_remote, located

__all__ = ["Vendored", "namesakes", "others_locked", "tree_files", "tree_of", "vendored_folders"]

_SUFFIX = ".json"
_SKIPPED = frozenset(("node_modules", "__pycache__", "site-packages"))
_ENVIRONMENT = "pyvenv.cfg"


class Vendored(NamedTuple):
    """A vendored folder and its lock."""

    folder: str
    lock: Lock


class _Name(NamedTuple):
    """By what a contract is known."""

    entry: Entry
    file: str
    title: str
    uri: str
    constants: tuple[tuple[str, Any], ...]


def tree_of(folder: str) -> str:
    """The top of the repository that a folder lies in; where it lies in none, the current folder, or itself where it is not below that."""
    place = whole = os.path.abspath(folder)
    while True:
        if os.path.lexists(os.path.join(place, ".git")):
            return place
        above = os.path.dirname(place)
        if above == place:
            here = os.path.abspath(os.curdir)
            return here if whole.startswith(here + os.sep) else whole
        place = above


def tree_files(top: str) -> list[str]:
    """The files below a folder, relative to it: in a git repository those that it does not ignore, elsewhere all but hidden ones and
    those of environments for Python and Node."""
    if os.path.lexists(os.path.join(top, ".git")):
        try:
            told = run(top, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
            if not told.returncode:
                return sorted({os.fsdecode(name) for name in told.stdout.split(b"\0") if name})
        except NoRevision:
            pass
    found = []
    for here, folders, files in os.walk(top):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _SKIPPED]
        folders[:] = [name for name in folders if not os.path.exists(os.path.join(here, name, _ENVIRONMENT))]
        found += [os.path.relpath(os.path.join(here, name), top).replace(os.sep, "/") for name in files if not name.startswith(".")]
    return sorted(found)


def namesakes(top: str, files: Sequence[str], vendored: Sequence[Vendored], others: Sequence[str] = ()) -> Iterator[Finding]:
    """The files of a tree, by their paths below `top`, that are taken for a contract that is vendored elsewhere in it.

    Files of vendored folders, of which `others` are further ones, are not, nor those of a folder that contracts are vendored from.
    """
    names = [name for one in vendored for name in _names(one)]
    words = _words(names)
    apart = [os.path.realpath(folder) for folder in (*_apart(vendored), *others)]
    for file in files if names else ():
        if not file.endswith(_SUFFIX) or any(_lies_in(os.path.join(top, file), folder) for folder in apart):
            continue
        try:
            content = content_of(top, file)
        except (NotPlain, OSError):
            continue
        if words and not any(word in content for word in words):
            continue
        value = parse_json(Document(file, content))
        if isinstance(value, Finding) or not isinstance(value, dict) or not is_schema(value):
            continue
        shown = os.path.relpath(os.path.join(top, file))
        found = next(((name, same) for name in names if (same := _same(name, value)) is not None), None)
        if found is not None:
            name, (how, path) = found
            alike = ", and is the same, byte for byte" if checksum(content) == name.entry.digests.sha256 else ""
            detail = f"{how} of {name.entry.label}, which is vendored in {name.file}{alike}"
            place, key = locate(Document(file, content), path)
            line, column = line_and_column(content.decode("utf-8"), key[0] if key is not None else place[0])
            finding = finding_of("vendor-reauthored", Location(shown, line, column), detail)
            yield finding._replace(contract=name.entry.contract, version=name.entry.version)


def _words(names: Sequence[_Name]) -> list[bytes]:
    """Parts of texts of which every namesake has one; none where JSON may well write them otherwise."""
    texts = {text for name in names for text in (name.entry.contract, name.title, name.uri, *(constant for _, constant in name.constants))}
    parts = sorted({max(text.split("/"), key=len) for text in texts if text})
    plain = all(part.isascii() and part.isprintable() and not set(part) & {'"', "\\"} for part in parts)
    return [part.encode() for part in parts] if plain else []


def _names(one: Vendored) -> Iterator[_Name]:
    for entry in one.lock.contracts:
        try:
            value = parse_json(Document(entry.path, content_of(one.folder, entry.path)))
        except (NotPlain, OSError):
            value = None
        document = value if isinstance(value, dict) else {}
        title, uri = document.get("title"), document.get("$id")
        yield _Name(
            entry,
            os.path.join(one.folder, entry.path),
            title if isinstance(title, str) else "",
            uri if isinstance(uri, str) else "",
            _constants(document),
        )


def _constants(document: dict[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The texts that a schema demands of the members by which records are told apart."""
    about = document.get("x-contract")
    stated = about.get("discriminator") if isinstance(about, dict) else None
    if isinstance(stated, dict):
        return tuple(sorted((name, value) for name, value in stated.items() if isinstance(value, str)))
    properties, required = document.get("properties"), document.get("required")
    if not isinstance(properties, dict) or not isinstance(required, list):
        return ()
    found = [(name, schema.get("const")) for name, schema in properties.items() if name in required and isinstance(schema, dict)]
    return tuple(sorted((name, value) for name, value in found if isinstance(value, str)))


def _same(name: _Name, document: dict[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    """In what a schema is the namesake of a contract, in words and as the place in it."""
    about = document.get("x-contract")
    if isinstance(about, dict) and about.get("name") == name.entry.contract:
        return "it has the name", ("x-contract",)
    if name.uri and document.get("$id") == name.uri:
        return "it has the $id", ("$id",)
    constants = _constants(document)
    if constants and constants == name.constants:
        return "it has the discriminator", ("properties",) if "properties" in document else ("x-contract",)
    title = document.get("title")
    if isinstance(title, str) and name.title and title == name.title:
        return "it has the title", ("title",)
    return None


def _apart(vendored: Sequence[Vendored]) -> Iterator[str]:
    """Folders whose files are not looked at."""
    for one in vendored:
        yield one.folder
        for origin in {entry.origin for entry in one.lock.entries if entry.origin.kind in ("folder", "git")}:
            source = located(one.folder, origin).source
            if not is_remote(source) and os.path.isdir(source):
                # Only its schemas: the repository may be that of the vendored folder itself.
                within = os.path.join(source, "schemas")
                yield within if os.path.isdir(within) else source


def _lies_in(path: str, folder: str) -> bool:
    real = os.path.realpath(path)
    return real == folder or real.startswith(folder + os.sep)


def vendored_folders(top: str, files: Collection[str], shown: str) -> Iterator[str]:
    """The folders of a tree that have a lock, as seen from `shown`."""
    for file in files:
        if file == LOCK_FILE or file.endswith(f"/{LOCK_FILE}"):
            yield os.path.relpath(os.path.dirname(os.path.join(top, file)), shown)


def others_locked(folders: Sequence[str]) -> list[Vendored]:
    """Those of some folders whose lock can be read."""
    found = []
    for folder in folders:
        try:
            lock = read_lock(folder)
        except BadLock:
            continue
        if lock is not None:
            found.append(Vendored(folder, lock))
    return found
