"""Files elsewhere in a repository that are taken for vendored contracts: of the same name, title, `$id` or discriminator."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from srcos_contracts.contracts.catalog import LOCAL_URI
from srcos_contracts.contracts.checksums import checksum
from srcos_contracts.contracts.dialects import is_schema
from srcos_contracts.contracts.foreign import LOCK_FILE, all_constants, telling_constants
from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import Document, line_and_column
from srcos_contracts.reading.git import NoRevision, run
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.reading.locate import locate
from srcos_contracts.vendor.lock import BadLock, Entry, Lock, Origin, read_lock
from srcos_contracts.vendor.plain import NotPlain, content_of
from srcos_contracts.vendor.rules import finding_of
from srcos_contracts.vendor.sources import is_remote, local_path, located

__all__ = ["Vendored", "namesakes", "others_locked", "tree_files", "tree_of", "vendored_folders"]

_YAML = (".yaml", ".yml")
_SUFFIXES = (".json", ".schema", *_YAML)
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
    constants: dict[str, str]
    """The members, and their texts, by which its records are told apart."""


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
        if not file.lower().endswith(_SUFFIXES) or any(_lies_in(os.path.join(top, file), folder) for folder in apart):
            continue
        try:
            content = content_of(top, file)
        except (NotPlain, OSError):
            continue
        if words and not any(word in content for word in words):
            continue
        shown = os.path.relpath(os.path.join(top, file))
        for document, value in _schemas(file, content):
            found = next(((name, same) for name in names if (same := _same(name, value)) is not None), None)
            if found is not None:
                name, (how, path) = found
                alike = ", and is the same, byte for byte" if checksum(content) == name.entry.digests.sha256 else ""
                detail = f"{how} of {name.entry.label}, which is vendored in {name.file}{alike}"
                place, key = locate(document, path)
                line, column = line_and_column(document.text.decode("utf-8"), key[0] if key is not None else place[0])
                finding = finding_of("vendor-reauthored", Location(shown, document.line + line - 1, column), detail)
                yield finding._replace(contract=name.entry.contract, version=name.entry.version)


def _schemas(file: str, content: bytes) -> Iterator[tuple[Document, dict[str, Any]]]:
    """The schemas that a file holds, of which only YAML can hold several."""
    whole = Document(file, content)
    if file.lower().endswith(_YAML):
        from srcos_contracts.reading.yaml_text import read_yaml

        records = [record for record in read_yaml(whole) if not isinstance(record, Finding)]
        found = [(Document(file, record.text, "yaml", record.line), record.value) for record in records]
    else:
        found = [(whole, parse_json(whole))]
    yield from ((document, value) for document, value in found if isinstance(value, dict) and is_schema(value))


def _words(names: Sequence[_Name]) -> list[bytes]:
    """Parts of texts of which every namesake has one; none where JSON may well write them otherwise."""
    texts = {text for name in names for text in (name.entry.contract, name.title, name.uri, *name.constants.values())}
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
            _stated(document) or _texts(telling_constants(document, *_alone(document))),
        )


def _stated(document: dict[str, Any]) -> dict[str, str]:
    """The texts of the discriminator that an `x-contract` states."""
    about = document.get("x-contract")
    stated = about.get("discriminator") if isinstance(about, dict) else None
    return _texts(stated) if isinstance(stated, dict) else {}


def _texts(constants: dict[str, Any]) -> dict[str, str]:
    return {name: value for name, value in constants.items() if isinstance(value, str)}


def _alone(document: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The URI of a schema, and it as the only one that references lead to."""
    uri = document.get("$id")
    uri = uri.partition("#")[0] if isinstance(uri, str) else LOCAL_URI
    return uri, {uri: document}


def _same(name: _Name, document: dict[str, Any]) -> tuple[str, tuple[str, ...]] | None:
    """In what a schema is the namesake of a contract, in words and as the place in it."""
    about = document.get("x-contract")
    if isinstance(about, dict) and about.get("name") == name.entry.contract:
        return "it has the name", ("x-contract",)
    if name.uri and document.get("$id") == name.uri:
        return "it has the $id", ("$id",)
    constants = {**_texts(all_constants(document, *_alone(document))), **_stated(document)}
    if name.constants and name.constants.items() <= constants.items():
        return "it has the discriminator", next(((key,) for key in ("properties", "allOf", "x-contract") if key in document), ())
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
            source = local_path(source) or source
            if not is_remote(source) and os.path.isdir(source):
                # Only its schemas: the repository may be that of the vendored folder itself.
                within = os.path.join(source, "schemas")
                if os.path.isdir(within):
                    yield within
                elif not _lies_in(one.folder, os.path.realpath(source)):
                    yield source
                else:
                    yield from (os.path.join(source, place) for place in _places(one.lock, origin))


def _places(lock: Lock, origin: Origin) -> set[str]:
    """Where a source has what was vendored of it: the folders of the files, and the files themselves that lie at its top."""
    paths = [entry.source_path for entry in lock.entries if entry.origin == origin]
    return {os.path.dirname(path) or path for path in paths}


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
