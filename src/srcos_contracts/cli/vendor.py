"""`srcos-validate vendor add` and `vendor sync`: contracts copied into a folder, and a folder made what its lock says."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from srcos_contracts.cli.check import UsageError
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.vendor.changes import Change, Wanted, added, carry_out, resolved, restored, synced
from srcos_contracts.vendor.copying import EXTRAS, extras_named
from srcos_contracts.vendor.lock import LOCK_FILE, Lock, read_lock
from srcos_contracts.vendor.namesakes import tree_files, tree_of, vendored_folders
from srcos_contracts.vendor.sources import PACKAGE, is_remote
from srcos_contracts.vendor.writing import sole_writer, step_aside_name

if TYPE_CHECKING:
    from srcos_contracts.configuration.settings import Settings, VendorWanted

__all__ = ["AddRequest", "asked_for", "changed_by", "locked", "run_add", "run_sync", "tell", "vendored", "wanted_here"]


class AddRequest(NamedTuple):
    """What a command line asks of `vendor add`."""

    source: str
    contracts: tuple[str, ...]
    into: str
    revision: str | None = None
    extras: str = ""
    """Words with commas between them."""


def run_add(request: AddRequest) -> int:
    """Vendors contracts. Returns 0, or 2 where it cannot be done."""
    try:
        wanted = Wanted(request.source, request.revision, request.into, request.contracts, extras_named(request.extras))
        with sole_writer(request.into):
            lock = read_lock(request.into)
            change = added(wanted, lock)
            written = carry_out(request.into, change, lock)
            tell(request.into, change, lock)
    except Refusal as error:
        return refused(error)
    if not written:
        print(f"{escape(request.into)} has all of it already: nothing is written", file=sys.stderr)
    if any(entry.origin.kind == "folder" for entry in change.entries if entry.path in change.files):
        print(
            f"note: {escape(request.source)} is a folder, which changes; --revision REV vendors a commit of it, which does not",
            file=sys.stderr,
        )
    return 0


def run_sync(folders: Sequence[str] = (), settings: Settings | None = None) -> int:
    """Makes folders what the configuration asks for, or else what their locks say. Returns 0, or 2 where that cannot be done."""
    try:
        asked = asked_for(settings)
        for folder in folders or vendored(asked):
            wanted = asked.get(os.path.normpath(folder))
            with sole_writer(folder):
                lock = read_lock(folder) if wanted is not None else locked(folder)
                if wanted is not None:
                    change = synced(folder, tuple(map(resolved, wanted)), lock)
                else:
                    change = restored(folder, lock or Lock(()))
                if carry_out(folder, change, lock):
                    tell(folder, change, lock)
                elif not change.entries:
                    print(f"{escape(folder)}: nothing is vendored")
                else:
                    print(f"{escape(folder)}: all {len(change.entries):,} files are as {LOCK_FILE} says")
    except Refusal as error:
        return refused(error)
    return 0


def asked_for(settings: Settings | None) -> dict[str, tuple[Wanted, ...]]:
    """What a configuration wants to be vendored, by the folder, as named from here."""
    found: dict[str, tuple[Wanted, ...]] = {}
    for one in settings.vendor if settings is not None else ():
        if settings is not None:
            into = os.path.normpath(one.into)
            found[into] = (*found.get(into, ()), wanted_here(settings, one))
    return found


def wanted_here(settings: Settings, one: VendorWanted) -> Wanted:
    """One entry of a configuration, its source named from here."""
    source = one.source
    if source != PACKAGE and not is_remote(source) and not os.path.isabs(source):
        source = os.path.normpath(os.path.join(os.path.dirname(settings.file), source))
    return Wanted(source, one.revision, one.into, one.contracts, frozenset(extra for extra in EXTRAS if extra in one.with_))


def vendored(further: Iterable[str] = ()) -> list[str]:
    """The vendored folders of this repository, and `further` ones, as named from here. Raises UsageError where there is none."""
    top = tree_of(os.curdir)
    found = sorted({*vendored_folders(top, tree_files(top), os.curdir), *further})
    if not found:
        raise UsageError(f"no folder here has a {LOCK_FILE}; vendor contracts with: srcos-validate vendor add SOURCE CONTRACT --into DIR")
    return found


def locked(folder: str) -> Lock:
    """The lock of a folder. Raises UsageError where it has none, BadLock."""
    lock = read_lock(folder)
    if lock is None:
        if os.path.isdir(step_aside_name(folder)):
            raise UsageError(f"{folder} was being written when a run was interrupted: srcos-validate vendor sync {folder} ends it")
        what = "has no" if os.path.isdir(folder) else "is not there, so it has no"
        raise UsageError(f"{folder} {what} {LOCK_FILE}; vendor contracts with: srcos-validate vendor add SOURCE CONTRACT --into {folder}")
    return lock


def changed_by(change: Change) -> dict[str, list[str]]:
    """The paths that a change adds, writes anew and removes, by these words."""
    renewed = [path for path in change.files if path not in change.new]
    return {"added": sorted(change.new), "written": sorted(renewed), "removed": sorted(change.gone)}


def tell(folder: str, change: Change, lock: Lock | None) -> None:
    """Says what was written, a file a line; of many examples only how many."""
    roles = {entry.path: entry.role for entry in (*(lock.entries if lock is not None else ()), *change.entries)}
    for word, paths in changed_by(change).items():
        examples = [path for path in paths if roles[path] == "example"]
        for path in paths:
            if roles[path] != "example":
                print(f"{word}: {escape(os.path.join(folder, path))}")
        if examples:
            print(f"{word}: {len(examples):,} files of examples and cases below {escape(os.path.join(folder, 'examples'))}")


def refused(error: Refusal) -> int:
    """Says why something is not done; the exit code for that."""
    sys.stdout.flush()
    print(f"error: {escape(str(error))}", file=sys.stderr)
    return 2
