"""Vendored contracts taken to a newer state of their source, and what that would break, before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from srcos_contracts.checking import Demands, check_value, claim_of, markdown_value
from srcos_contracts.configuration.application import bound, demanded_of_paths
from srcos_contracts.contracts.catalog import Catalog, CatalogError, Contract, UnknownContract, version_order
from srcos_contracts.evolve.approvals import Standing
from srcos_contracts.evolve.diff import Compared, Terms, compared
from srcos_contracts.evolve.pairing import moved_constants, pair_of, seeds_renamed
from srcos_contracts.evolve.states import State, folder_to_unpack, state_of
from srcos_contracts.evolve.verdicts import Policy, label
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import Record
from srcos_contracts.reading.source import Source as Payloads
from srcos_contracts.reading.source import read
from srcos_contracts.redaction import redaction
from srcos_contracts.vendor.changes import CannotVendor, Change, Wanted, is_from, is_named, merged, refuse_faults
from srcos_contracts.vendor.copying import Extra, Item, files_of, items_of
from srcos_contracts.vendor.digests import digests_of
from srcos_contracts.vendor.lock import SCHEMA_ROLES, Entry, Lock
from srcos_contracts.vendor.plain import NotPlain, content_of
from srcos_contracts.vendor.sources import Source, located, opened_source

if TYPE_CHECKING:
    from srcos_contracts.configuration.settings import Settings

__all__ = ["Broken", "Step", "Tried", "Upgrade", "Wish", "broken_by", "catalog_of", "judges_otherwise", "upgrade_of"]


class Step(NamedTuple):
    """One contract, and what becomes of it."""

    old: Entry
    new: str
    """The version that it is taken to, the same where only its content changes; empty where it stays as it is."""
    compared: Compared | None
    """The old version beside the new one."""
    beside: bool = False
    """Whether the old version stays beside the new one: its records name it, and the new one does not claim them."""
    passed: Compared | None = None
    """The newest version beside the old one, where that was not taken, for it is not proved to break nothing."""
    why: str = ""
    """Of one that stays, why."""


class Upgrade(NamedTuple):
    """What would become of a folder."""

    change: Change
    steps: tuple[Step, ...]
    policy: Policy


class Broken(NamedTuple):
    """A record that is valid today and would not be."""

    file: str
    line: int
    """Of the record in a ledger; 0 where the file is one record."""
    version: str
    """The version of which it would be no valid record, where it would have to name another than it does; else empty."""
    findings: tuple[Finding, ...]
    """The errors."""


class Tried(NamedTuple):
    """What came of a trial of payloads."""

    records: int
    valid: int
    """How many are valid today."""
    broken: tuple[Broken, ...]
    unread: tuple[Finding, ...] = ()
    """What is no record that could be tried: files that cannot be read, and places in others."""


class Wish(NamedTuple):
    """What is asked of an upgrade."""

    names: tuple[str, ...] = ()
    """Contracts; none is all."""
    to: str | None = None
    """The version of the one contract that is named."""
    source: str | None = None
    """Another source than the lock names, as `opened_source` takes it."""
    revision: str | None = None
    policy: Policy = "backward"
    breaking: bool = False
    """Whether the newest version is wanted, whatever it breaks."""
    replace: bool = False
    """Whether the old version goes also where its records name it."""
    configured: tuple[Wanted, ...] = ()
    """What the configuration asks for in the folder: an upgrade stays within the revisions that it names."""

    def configured_for(self, folder: str, entry: Entry) -> str | None:
        """The revision that the configuration names for a contract, if it does."""
        named = (want for want in self.configured if is_from(folder, entry, want) and any(is_named(entry, name) for name in want.contracts))
        return next((want.revision for want in named if want.revision is not None), None)


def upgrade_of(folder: str, lock: Lock, wish: Wish, terms: Terms) -> Upgrade:
    """What an upgrade would be: each contract in the newest version of its source that is proved to break nothing, or the one wished for.

    Raises CannotVendor, UnknownContract, BadLock, and what `opened_source` and `items_of` raise.
    """
    refuse_faults(lock, folder)
    _refuse_incomplete(folder, lock)
    chosen = _chosen(lock, wish.names)
    if wish.to is not None and len({entry.contract for entry in chosen}) != 1:
        raise CannotVendor("one version can be named for one contract: srcos-validate vendor upgrade CONTRACT --to VERSION")
    wanted: dict[tuple[str, str | None], list[Entry]] = {}
    for entry in chosen:
        wanted.setdefault(_state_wanted(folder, entry, wish), []).append(entry)
    today = state_of(Path(folder), folder)
    steps: list[Step] = []
    items: list[Item] = []
    for (name, at), entries in wanted.items():
        with opened_source(name, at) as opened:
            found = [_step(today, entry, opened, wish, terms) for entry in entries]
            steps += found
            items += _items(lock, opened, found)
    change = _change(folder, lock, steps, items)
    return Upgrade(change, (*steps, *_carried(folder, lock, today, change, steps, terms)), wish.policy)


def _state_wanted(folder: str, entry: Entry, wish: Wish) -> tuple[str, str | None]:
    if wish.source is not None:
        return wish.source, wish.revision
    place = located(folder, entry.origin)
    return place.source, wish.revision or wish.configured_for(folder, entry) or ("HEAD" if place.kind == "git" else None)


def _carried(folder: str, lock: Lock, today: State, change: Change, steps: Sequence[Step], terms: Terms) -> Iterator[Step]:
    """The contracts that were not asked about and change all the same, with definitions that they share."""
    touched = {*change.files, *change.gone}
    asked = {step.old.path for step in steps if step.new and not step.beside}
    by_path = lock.by_path
    concerned = [
        contract
        for contract in today.catalog.contracts
        if contract.file in by_path and contract.file not in asked | touched and touched.intersection(files_of(today.catalog, contract))
    ]
    if not concerned:
        return
    with trial_folder(folder, change) as trial:
        after = state_of(trial, folder)
        for old in concerned:
            new = next((contract for contract in after.catalog.contracts if contract.file == old.file), None)
            if new is None:
                raise CannotVendor(f"{old.label} cannot be used any more after this: {after.problems.get(old.file, 'its schema is gone')}")
            yield Step(by_path[old.file], old.version, compared(pair_of(old, new), today, after, terms, Standing((), ())))


def _refuse_incomplete(folder: str, lock: Lock) -> None:
    for entry in lock.entries:
        try:
            content_of(folder, entry.path)
        except (NotPlain, OSError) as error:
            why = str(error) if isinstance(error, NotPlain) else f"{entry.path}: {error.strerror or error}"
            raise CannotVendor(f"{folder} is not what its lock lists: {why}; srcos-validate vendor sync {folder} restores it") from error


def _chosen(lock: Lock, names: Sequence[str]) -> list[Entry]:
    """The contracts that are named, or all; of several versions of one the newest, where none is named."""
    known = tuple(dict.fromkeys(entry.contract for entry in lock.contracts))
    if not names:
        names = known
    found: list[Entry] = []
    for name in dict.fromkeys(names):
        wanted, _, version = name.partition("@")
        entries = [entry for entry in lock.contracts if entry.contract == wanted and version in ("", entry.version)]
        if not entries:
            raise UnknownContract(name, known)
        found.append(max(entries, key=lambda entry: version_order(entry.version)))
    return found


def _step(today: State, entry: Entry, source: Source, wish: Wish, terms: Terms) -> Step:
    old = next((contract for contract in today.catalog.contracts if contract.file == entry.path), None)
    if old is None:
        problem = today.problems.get(entry.path)
        raise CannotVendor(f"{problem or f'{entry.path} is no contract here any more'}; srcos-validate vendor sync restores it")
    passed: Compared | None = None
    for new in _candidates(source, entry, wish.to):
        one = compared(pair_of(old, new), today, source.state, terms, Standing((), ()))
        if one.problem:
            raise CatalogError(one.problem)
        told = label(one, wish.policy)
        if told in ("unchanged", "compatible") or wish.breaking or wish.to is not None:
            beside = new.version != old.version and not wish.replace and any(True for _ in moved_constants(old, new))
            return Step(entry, new.version, one, beside, passed)
        passed = passed or one
    if passed is not None:
        return Step(entry, "", None, False, passed, "nothing newer is proved to break nothing")
    return Step(entry, "", None, False, None, f"{source.origin.source} has no version of it from {entry.version} on")


def _candidates(source: Source, entry: Entry, to: str | None) -> list[Contract]:
    """The versions that a contract may be taken to, the newest first: later ones, and its own."""
    versions = [contract for contract in source.state.catalog.contracts if contract.name == entry.contract]
    if not versions:
        raise UnknownContract(entry.contract, tuple(dict.fromkeys(contract.name for contract in source.state.catalog.contracts)))
    if to is not None:
        found = [contract for contract in versions if contract.version == to]
        if not found:
            raise UnknownContract(f"{entry.contract}@{to}", tuple(f"{contract.name}@{contract.version}" for contract in versions))
        return found
    later = [contract for contract in versions if version_order(contract.version) >= version_order(entry.version)]
    return sorted(later, key=lambda contract: version_order(contract.version), reverse=True)


def _items(lock: Lock, source: Source, steps: Sequence[Step]) -> Iterator[Item]:
    roles = {entry.role for entry in lock.entries}
    for step in steps:
        if step.new:
            extras: set[Extra] = set()
            if "rule" in roles:
                extras.add("rules")
            if any(entry.role == "example" and entry.label == step.old.label for entry in lock.entries):
                extras.add("cases")
            yield from items_of(source, source.state.catalog.find(f"{step.old.contract}@{step.new}"), extras)


def _change(folder: str, lock: Lock, steps: Sequence[Step], items: Sequence[Item]) -> Change:
    """The folder after all steps. Files that several contracts share are taken to one state, or else nothing is."""
    by_path: dict[str, Item] = {}
    for item in items:
        other = by_path.setdefault(item.entry.path, item)
        if other.content != item.content:
            raise CannotVendor(f"{item.entry.path} differs between {other.entry.origin.source} and {item.entry.origin.source}")
    moved = {step.old.label for step in steps if step.new and step.new != step.old.version}
    renewed = {step.old.label for step in steps if step.new} - moved
    left_behind = moved - {step.old.label for step in steps if step.beside}
    gone = {entry.path for entry in lock.entries if entry.role in ("contract", "example") and entry.label in left_behind}
    gone |= {entry.path for entry in lock.entries if entry.role == "example" and entry.label in renewed}
    gone -= by_path.keys()
    left = [entry for entry in lock.entries if entry.path not in gone]
    whole = merged(folder, left, by_path.values(), replacing=by_path.keys() & lock.by_path.keys())
    files = {path: content for path, content in whole.files.items() if not _is_same(lock.by_path.get(path), content, folder)}
    change = whole._replace(files=files, gone=tuple(sorted(gone)))
    return _without_unused(folder, lock, change)


def _is_same(entry: Entry | None, content: bytes, folder: str) -> bool:
    if entry is None:
        return False
    try:
        return content_of(folder, entry.path) == content
    except (NotPlain, OSError):
        return False


def _without_unused(folder: str, lock: Lock, change: Change) -> Change:
    """A change that also removes the definitions to which no contract refers any more."""
    with trial_folder(folder, change) as trial:
        catalog = state_of(trial, folder).catalog
        used = {file for contract in catalog.contracts for file in files_of(catalog, contract)}
    unused = {entry.path for entry in change.entries if entry.role == "definitions" and entry.path not in used}
    return change._replace(
        entries=tuple(entry for entry in change.entries if entry.path not in unused),
        files={path: content for path, content in change.files.items() if path not in unused},
        gone=tuple(sorted({*change.gone, *(unused & lock.by_path.keys())})),
    )


@contextmanager
def trial_folder(folder: str, change: Change) -> Iterator[Path]:
    """A folder with the schemas that a vendored one would have after a change; it is gone at the end. Raises CannotOpen."""
    with folder_to_unpack() as top:
        for entry in change.entries:
            if entry.role in ("contract", "definitions"):
                content = change.files.get(entry.path)
                target = top / entry.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content if content is not None else content_of(folder, entry.path))
        yield top


def judges_otherwise(folder: str, lock: Lock, change: Change) -> bool:
    """Whether a change reaches anything that schemas assert, so that a record may be judged otherwise after it."""
    by_path = {entry.path: entry for entry in change.entries}
    schemas = [path for path in change.files if by_path[path].role in SCHEMA_ROLES]
    gone = any(lock.by_path[path].role in SCHEMA_ROLES for path in change.gone)
    return gone or any(_asserted(folder, path) != by_path[path].digests.assertions for path in schemas)


def _asserted(folder: str, path: str) -> str:
    """The digest of what a schema asserts, as it lies in the folder now; empty where it does not."""
    try:
        return digests_of(content_of(folder, path), True).assertions
    except (NotPlain, OSError):
        return ""


def broken_by(folder: str, found: Upgrade, payloads: Sequence[Payloads], settings: Settings | None = None, redact: bool = False) -> Tried:
    """Which of some payloads are valid by the folder as it is, and would not be after an upgrade: as they are, or as records of the new
    version of their contract. What is valid is what a check by the configuration finds no error in; `redact` hides what they say.

    Raises CatalogError where either state cannot be used.
    """
    before = catalog_of(folder, settings)
    asked = _demands(settings)
    records = valid = 0
    broken: list[Broken] = []
    unread: list[Finding] = []
    with trial_folder(folder, found.change) as trial:
        after = catalog_of(str(trial), settings)
        after.shown = folder
        shown = redaction(after) if redact else _as_it_is
        moves = dict(_moves(found.steps))
        for source in payloads:
            demands = asked.of(source.name)
            for item in read(source):
                if isinstance(item, Finding):
                    # A warning hides no record.
                    unread += [shown(item)] if item.severity == "error" else []
                    continue
                records += 1
                claim = claim_of(before, item.value, demands, source.name)
                if claim is None or _errors(before, source, item, item.value, demands):
                    continue
                valid += 1
                line = item.line if source.form == "jsonl" else 0
                errors = _errors(after, source, item, item.value, demands)
                if errors:
                    broken.append(Broken(source.name, line, "", tuple(map(shown, errors))))
                for old, new in moves.get(claim.contract.file, ()):
                    errors = _errors(after, source, item, seeds_renamed([item.value], old, new)[0], demands)
                    if errors:
                        broken.append(Broken(source.name, line, new.label, tuple(map(shown, errors))))
    return Tried(records, valid, tuple(broken), tuple(unread))


def _as_it_is(finding: Finding) -> Finding:
    return finding


def catalog_of(folder: str, settings: Settings | None) -> Catalog:
    """The contracts of a folder, with the bindings that a configuration adds. Raises CatalogError."""
    catalog = Catalog.at(folder)
    return bound(settings, catalog) if settings is not None else catalog


def _demands(settings: Settings | None) -> Demands:
    """What a check by a configuration asks of records."""
    if settings is None:
        return Demands()
    selected, ignored = frozenset(settings.select or ()), frozenset(settings.ignore or ())
    return Demands(strict=bool(settings.strict), select=selected, ignore=ignored, paths=demanded_of_paths(settings))


def _moves(steps: Sequence[Step]) -> Iterator[tuple[str, list[tuple[Contract, Contract]]]]:
    """The versions whose records are to name another version, by the path of the old one."""
    for step in steps:
        if step.new and step.compared is not None and step.compared.pair.old is not None and step.compared.pair.new is not None:
            pair = step.compared.pair.old, step.compared.pair.new
            if any(True for _ in moved_constants(*pair)):
                yield step.old.path, [pair]


def _errors(catalog: Catalog, source: Payloads, record: Record, value: Any, demands: Demands) -> tuple[Finding, ...]:
    document = source.document(record)
    claim = claim_of(catalog, value, demands, source.name)
    if source.form != "markdown":
        if claim is not None and not catalog.judge(claim.contract, demands.engine).rejected([value], claim.parts):
            # What breaks nothing is not diagnosed: there may be millions.
            return ()
    else:
        value, document, fault = markdown_value(source, record, claim)
        if fault is not None:
            return (fault,)
    return tuple(finding for finding in check_value(catalog, value, demands, source.name, document) if finding.severity == "error")
