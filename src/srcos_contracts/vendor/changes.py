"""What is to become of a vendored folder, decided before anything is written."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping, Sequence

from srcos_contracts.contracts.checksums import checksum
from srcos_contracts.evolve.states import CannotOpen, folder_to_unpack, state_of
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.git import NoRevision, commit_of
from srcos_contracts.reading.revision_names import is_full_commit
from srcos_contracts.refusal import Refusal
from srcos_contracts.vendor.copying import Extra, Item, contract_named, files_of, items_of
from srcos_contracts.vendor.lock import LOCK_FILE, BadLock, Entry, Lock, known_as, lock_text, parse_lock
from srcos_contracts.vendor.originals import originals
from srcos_contracts.vendor.plain import NotPlain, content_of
from srcos_contracts.vendor.sources import Source, is_remote, local_path, located, named_from, opened_source
from srcos_contracts.vendor.writing import replace_folder
from srcos_contracts.wording import in_unicode

__all__ = [
    "CannotVendor",
    "Change",
    "Wanted",
    "added",
    "carry_out",
    "is_from",
    "is_named",
    "lacking_of",
    "merged",
    "refuse_faults",
    "resolved",
    "restored",
    "synced",
    "unmet_of",
]


class CannotVendor(Refusal):
    """What was asked for cannot be vendored; nothing has been written."""


class Wanted(NamedTuple):
    """What a folder is to hold of one source."""

    source: str
    """As `opened_source` takes it, from the current folder."""
    revision: str | None
    """Of a git repository. A full commit is what the lock must have; another name is looked up by `resolved`, or when its contracts are
    vendored first."""
    into: str
    contracts: tuple[str, ...]
    """Each `NAME` or `NAME@VERSION`."""
    extras: frozenset[Extra] = frozenset()


class Change(NamedTuple):
    """What is to be written to a folder."""

    entries: tuple[Entry, ...]
    """All that its lock will list."""
    files: Mapping[str, bytes]
    """What is written, by path; the lock comes beside it."""
    gone: tuple[str, ...]
    """The paths of what is removed."""
    new: tuple[str, ...] = ()
    """Those of `files` that the lock did not list."""


def added(wanted: Wanted, lock: Lock | None) -> Change:
    """The folder with contracts of a source, beside what its lock lists already.

    Raises CannotVendor where two files would have one path, and what `opened_source`, `contract_named` and `items_of` raise.
    """
    _refuse_others(wanted.into, lock)
    refuse_faults(lock, wanted.into)
    with opened_source(wanted.source, wanted.revision) as source:
        items: dict[str, Item] = {}
        for name in wanted.contracts:
            for item in items_of(source, contract_named(source, name), wanted.extras):
                items.setdefault(item.entry.path, item)
    return merged(wanted.into, lock.entries if lock is not None else (), items.values())


def _refuse_others(folder: str, lock: Lock | None) -> None:
    above = _vendored_above(folder) if lock is None else ""
    if above:
        raise CannotVendor(f"{folder} lies in {os.path.relpath(above)}, which has a {LOCK_FILE}: name that one, or a folder beside it")
    if lock is None and os.path.isdir(folder) and os.listdir(folder):
        raise CannotVendor(f"{folder} holds other files, and no {LOCK_FILE}: name a folder of its own, new or empty")


def _vendored_above(folder: str) -> str:
    """The vendored folder that a folder lies in, up to the top of the repository; empty where it lies in none."""
    place = os.path.abspath(folder)
    while not os.path.lexists(os.path.join(place, ".git")) and place != os.path.dirname(place):
        place = os.path.dirname(place)
        if os.path.lexists(os.path.join(place, LOCK_FILE)):
            return place
    return ""


def merged(folder: str, entries: Sequence[Entry], items: Iterable[Item], replacing: Collection[str] = ()) -> Change:
    """The files of a lock and further ones. What was vendored at the paths `replacing` gives way to the new ones.

    Raises CannotVendor.
    """
    kept = {entry.path: entry for entry in entries}
    names = {known_as(path): path for path in kept}
    files: dict[str, bytes] = {}
    new: list[str] = []
    for item in items:
        entry = item.entry._replace(origin=named_from(folder, item.entry.origin))
        other = names.setdefault(known_as(entry.path), entry.path)
        if other != entry.path:
            raise CannotVendor(f"{entry.path} and {other} would be one file where names have no case: vendor one of them elsewhere")
        present = kept.get(entry.path)
        if present is not None and entry.path not in replacing:
            if present.digests.sha256 != entry.digests.sha256:
                raise CannotVendor(_clash(present, entry))
            continue
        if present is not None and present.digests == entry.digests and present.origin.source == entry.origin.source:
            # A state of the source in which the file is the same tells nothing new; but what has drifted is put right.
            files[entry.path] = item.content
            continue
        if present is None:
            if entry.path not in replacing:
                _refuse_in_the_way(folder, entry)
            new.append(entry.path)
        kept[entry.path] = entry
        files[entry.path] = item.content
    return Change(tuple(kept[path] for path in sorted(kept)), files, (), tuple(new))


def _clash(present: Entry, entry: Entry) -> str:
    what = f"{present.path} is vendored already, from {_shown(present)}, and {_shown(entry)} has other content for it"
    if present.origin._replace(revision="") == entry.origin._replace(revision=""):
        return f"{what}: srcos-validate vendor upgrade takes all of it to one state"
    return f"{what}: two sources cannot have one path; vendor one of them into another folder"


def _shown(entry: Entry) -> str:
    revision = entry.origin.revision
    return f"{entry.origin.source}@{revision[:10]}" if revision else entry.origin.source


def _refuse_in_the_way(folder: str, entry: Entry) -> None:
    try:
        content = content_of(folder, entry.path)
    except FileNotFoundError:
        return
    except (NotPlain, OSError) as error:
        raise CannotVendor(f"{os.path.join(folder, entry.path)} is in the way: {error}") from error
    if checksum(content) != entry.digests.sha256:
        raise CannotVendor(f"{os.path.join(folder, entry.path)} is there already, was not vendored, and has other content; move it away")


def refuse_faults(lock: Lock | None, folder: str) -> None:
    """Raises BadLock where a lock says what it must not."""
    if lock is not None and lock.faults:
        fault = lock.faults[0]
        raise BadLock(f"{os.path.join(folder, LOCK_FILE)}:{fault.line}: {fault.words}")


def restored(folder: str, lock: Lock, remote: bool = True) -> Change:
    """The folder as its lock says, whatever became of it. Raises CannotVendor where an original is nowhere, BadLock."""
    refuse_faults(lock, folder)
    wrong = [entry for entry in lock.entries if _content(folder, entry.path) != entry.digests.sha256]
    found, lacking = originals(folder, wrong, remote) if wrong else ({}, {})
    if lacking:
        path, why = next(iter(lacking.items()))
        more = f"; and {len(lacking) - 1} more" if len(lacking) > 1 else ""
        raise CannotVendor(f"{os.path.join(folder, path)} cannot be restored: {why}, and the history here does not have it{more}")
    new = tuple(entry.path for entry in wrong if not os.path.lexists(os.path.join(folder, entry.path)))
    return Change(lock.entries, found, (), new)


def _content(folder: str, path: str) -> str:
    try:
        return checksum(content_of(folder, path))
    except (NotPlain, OSError):
        return ""


def synced(folder: str, wanted: Sequence[Wanted], lock: Lock | None) -> Change:
    """The folder with what is wanted and nothing else: what the lock has stays in the state that it names, the rest is vendored.

    Raises as `added` and `restored` do.
    """
    _refuse_others(folder, lock)
    lock = lock if lock is not None else Lock(())
    refuse_faults(lock, folder)
    restoring = restored(folder, lock)
    missing = [one for want in wanted if (one := lacking_of(folder, want, lock)).contracts]
    kept = _kept(folder, wanted, lock, restoring.files)
    entries: tuple[Entry, ...] = tuple(entry for entry in lock.entries if entry.path in kept)
    files = {path: content for path, content in restoring.files.items() if path in kept}
    new = [path for path in restoring.new if path in kept]
    for want in missing:
        with opened_source(want.source, want.revision) as source:
            items = [item for name in want.contracts for item in items_of(source, contract_named(source, name), want.extras)]
        change = merged(folder, entries, items, lock.by_path.keys() - kept)
        entries = change.entries
        files.update(change.files)
        new += (path for path in change.new if path not in lock.by_path)
    left = {entry.path for entry in entries}
    gone = tuple(entry.path for entry in lock.entries if entry.path not in left)
    return Change(entries, files, gone, tuple(new))


def resolved(want: Wanted) -> Wanted:
    """What is wanted, with the commit that its revision is now, where the source is a repository on this machine.

    Raises CannotOpen where that has no such revision.
    """
    source = local_path(want.source) or want.source
    if want.revision is None or is_remote(source) or not os.path.isdir(source):
        return want
    try:
        return want._replace(revision=commit_of(source, want.revision))
    except NoRevision as error:
        if is_full_commit(want.revision):
            # The files of a commit that is not at hand may be.
            return want
        raise CannotOpen(str(error)) from error


def lacking_of(folder: str, want: Wanted, lock: Lock) -> Wanted:
    """What is wanted of a source that a lock does not have; where its revision is a full commit, at that commit."""
    have = [entry for entry in lock.entries if _is_of(folder, entry, want)]
    if "rules" in want.extras and not any(entry.role == "rule" for entry in have):
        return want
    with_cases = {entry.label for entry in have if entry.role == "example"}
    whole = [entry for entry in have if "cases" not in want.extras or entry.label in with_cases]
    return want._replace(contracts=tuple(name for name in want.contracts if not any(is_named(entry, name) for entry in whole)))


def unmet_of(folder: str, want: Wanted, lock: Lock) -> Wanted:
    """What is wanted of a source that a lock does not have with the content of its revision. Of a source that is at hand it does not
    matter at which commit that was vendored."""
    lacking = lacking_of(folder, want, lock)
    place = local_path(want.source) or want.source
    if want.revision is None or not lacking.contracts or not os.path.isdir(place):
        return lacking
    digests = {entry.path: entry.digests.sha256 for entry in lock.entries if is_from(folder, entry, want)}
    try:
        with opened_source(place, want.revision) as source:
            return lacking._replace(contracts=tuple(name for name in lacking.contracts if not _is_met(source, name, want.extras, digests)))
    except Refusal:
        return lacking


def _is_met(source: Source, name: str, extras: Collection[Extra], digests: Mapping[str, str]) -> bool:
    try:
        items = list(items_of(source, contract_named(source, name), extras))
    except Refusal:
        return False
    return all(digests.get(item.entry.path) == item.entry.digests.sha256 for item in items)


def is_from(folder: str, entry: Entry, want: Wanted) -> bool:
    """Whether an entry of the lock in `folder` comes from the source of what is wanted, in whatever state."""
    source = located(folder, entry.origin).source
    return os.path.normpath(source) == os.path.normpath(want.source) or source == want.source


def _is_of(folder: str, entry: Entry, want: Wanted) -> bool:
    pinned = want.revision is not None and is_full_commit(want.revision)
    return is_from(folder, entry, want) and (not pinned or entry.origin.revision == want.revision)


def is_named(entry: Entry, name: str) -> bool:
    """Whether an entry is the contract `NAME`, or `NAME@VERSION`."""
    wanted, _, version = name.partition("@")
    return entry.role == "contract" and entry.contract == wanted and version in ("", entry.version)


def _kept(folder: str, wanted: Sequence[Wanted], lock: Lock, restoring: Mapping[str, bytes]) -> set[str]:
    """The paths of a lock that are still wanted: contracts that are named, all that they refer to, and their cases and rules."""
    kept: set[str] = set()
    for want in wanted:
        of_it = [entry for entry in lock.entries if _is_of(folder, entry, want)]
        named = [entry for entry in of_it if any(is_named(entry, name) for name in want.contracts)]
        labels = {entry.label for entry in named}
        kept |= _with_references(folder, lock, restoring, named)
        kept |= {entry.path for entry in of_it if entry.role == "example" and "cases" in want.extras and entry.label in labels}
        kept |= {entry.path for entry in of_it if entry.role in ("rule", "view") and "rules" in want.extras and named}
    return kept


def _with_references(folder: str, lock: Lock, restoring: Mapping[str, bytes], named: Sequence[Entry]) -> set[str]:
    """The paths of some contracts and of the schemas that they refer to."""
    schemas = [entry.path for entry in lock.entries if entry.role in ("contract", "definitions")]
    if len(named) == len(lock.contracts):
        return set(schemas)
    with folder_to_unpack() as whole:
        for path in schemas:
            target = whole / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(restoring.get(path) or content_of(folder, path))
        catalog = state_of(whole, folder).catalog
        contracts = {contract.file: contract for contract in catalog.contracts}
        return {path for entry in named for path in (entry.path, *files_of(catalog, contracts[entry.path]))}


def carry_out(folder: str, change: Change, lock: Lock | None) -> bool:
    """Writes a change, within `sole_writer`; says whether there was anything to write. Raises CannotWrite, OSError, CannotVendor."""
    if not change.files and not change.gone and lock is not None and change.entries == lock.entries:
        return False
    text = lock_text(change.entries)
    try:
        parse_lock(text.encode())
    except UnicodeEncodeError as error:
        name = next(name for entry in change.entries for name in (entry.path, entry.origin.source) if name != in_unicode(name))
        raise CannotVendor(f"what would be vendored cannot stand in a lock: the name {name} is no UTF-8") from error
    except BadLock as error:
        # The names of a source's files are its own.
        raise CannotVendor(f"what would be vendored cannot stand in a lock: {error}") from error
    replace_folder(folder, {**change.files, LOCK_FILE: text.encode()}, change.gone)
    return True
