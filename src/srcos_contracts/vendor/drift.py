"""What has become of vendored files: each graded, and of what has drifted what that breaks, with proof."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from pathlib import Path

from srcos_contracts.contracts.catalog import CATALOG_FILE, CatalogError
from srcos_contracts.contracts.checksums import checksum
from srcos_contracts.contracts.dialects import is_schema
from srcos_contracts.contracts.foreign import VENDORED_BESIDE
from srcos_contracts.evolve.approvals import Standing
from srcos_contracts.evolve.diff import Compared, Outcome, Terms, compared
from srcos_contracts.evolve.pairing import pair_of
from srcos_contracts.evolve.states import folder_to_unpack, state_of
from srcos_contracts.evolve.verdicts import payload
from srcos_contracts.finding import Finding, Location, Severity
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.vendor.copying import files_of
from srcos_contracts.vendor.digests import Digests, digests_of
from srcos_contracts.vendor.grades import Grade, grade_of
from srcos_contracts.vendor.lock import LOCK_FILE, SCHEMA_ROLES, Entry, Lock, Origin
from srcos_contracts.vendor.originals import originals, sourced
from srcos_contracts.vendor.plain import NotPlain, content_of
from srcos_contracts.vendor.rules import finding_of
from srcos_contracts.vendor.sources import located
from srcos_contracts.vendor.statements import misstated

__all__ = ["Checked", "SourceCheck", "check_folder"]

_GENERATED = (CATALOG_FILE, "bundles")
"""What others than this program may go by: the catalog of a folder, and the self-contained forms that it names."""


class SourceCheck(NamedTuple):
    """Whether the lock says of a source what that has."""

    origin: Origin
    """As named from the current folder."""
    files: int
    moved_on: int
    """How many of them it has with other content now, where its state is not one that stays as it is."""
    problem: str
    """Why it was not looked at; empty where it was."""


class Checked(NamedTuple):
    """What a vendored folder has come to."""

    folder: str
    findings: tuple[Finding, ...]
    grades: Mapping[Grade, int]
    sources: tuple[SourceCheck, ...]


def check_folder(folder: str, lock: Lock, terms: Terms) -> Checked:
    """Grades all files of a vendored folder. Asks no network, and writes nothing there. `folder` is as messages name it.

    What the originals are is looked up in the history of the repository, in the installed package, and in their source where that is on
    this machine.
    """
    findings = [finding_of("vendor-commit", _at(folder, fault.line), fault.words) for fault in lock.faults]
    grades: Counter[Grade] = Counter()
    contents: dict[str, bytes] = {}
    changed: list[Entry] = []
    for entry in lock.entries:
        grade, found = _graded(folder, entry, contents)
        grades[grade] += 1
        findings += found
        if grade in ("same JSON", "same assertions", "drifted"):
            changed.append(entry._replace(line=0))
            grades[grade] -= 1
    faulty = {fault.path for fault in lock.faults}
    sought = [*changed, *(entry for entry in lock.entries if entry.path not in contents)] if changed else []
    had, lacking = originals(folder, [entry for entry in sought if entry.path not in faulty])
    lacking.update(dict.fromkeys(faulty & {entry.path for entry in changed}, "the lock does not name its commit"))
    # What the lock says of a file can be checked where the bytes are at hand of which it has the digest.
    known = {entry.path: had.get(entry.path) or contents.get(entry.path, b"") for entry in lock.entries}
    known = {path: content for path, content in known.items() if checksum(content) == lock.by_path[path].digests.sha256}
    changed = [entry._replace(digests=_digests(entry, had.get(entry.path))) for entry in changed]
    verdicts = _verdicts(folder, lock, changed, contents, had, terms)
    for entry in changed:
        grade = grade_of(entry, contents[entry.path])
        grades[grade] += 1
        line = _first_difference(had.get(entry.path), contents[entry.path])
        if grade == "drifted":
            told = verdicts.get(entry.path) or (_drifted(folder, entry, contents[entry.path], line, lacking.get(entry.path, "")),)
            findings += told
        else:
            findings.append(_harmless(folder, entry, grade, line))
    findings += _misstated(folder, lock, known)
    findings += _unlisted(folder, lock)
    sources, told_of_sources = _sources(folder, lock)
    return Checked(folder, (*findings, *told_of_sources), +grades, sources)


def _at(folder: str, line: int) -> Location:
    return Location(os.path.join(folder, LOCK_FILE), line, 1 if line else 0)


def _graded(folder: str, entry: Entry, contents: dict[str, bytes]) -> tuple[Grade, list[Finding]]:
    name = os.path.join(folder, entry.path)
    try:
        content = contents[entry.path] = content_of(folder, entry.path)
    except FileNotFoundError:
        return "missing", [_about(entry, finding_of("vendor-missing", _at(folder, entry.line), f"{name} is not there"))]
    except NotPlain as error:
        return "not verified", [_about(entry, finding_of("vendor-not-verified", Location(name), f"not verified: {error}"))]
    except OSError as error:
        detail = f"not verified: it cannot be read: {error.strerror or error}"
        return "not verified", [_about(entry, finding_of("vendor-not-verified", Location(name), detail))]
    return grade_of(entry, content), []


def _about(entry: Entry, finding: Finding) -> Finding:
    return finding._replace(contract=entry.contract, version=entry.version)


def _in_file(folder: str, entry: Entry, line: int) -> Location:
    return Location(os.path.join(folder, entry.path), line, 1 if line else 0)


def _harmless(folder: str, entry: Entry, grade: Grade, line: int) -> Finding:
    location = _in_file(folder, entry, line)
    if grade == "same JSON":
        return _about(entry, finding_of("vendor-reformatted", location, "it is the same JSON, written otherwise"))
    return _about(entry, finding_of("vendor-reworded", location, "it asserts the same, in other words"))


def _drifted(folder: str, entry: Entry, content: bytes, line: int, lacking: str) -> Finding:
    location = _in_file(folder, entry, line)
    if entry.role in SCHEMA_ROLES:
        value = parse_json(Document(location.file, content))
        if isinstance(value, Finding):
            place = Location(location.file, value.location.line, value.location.column)
            return _about(entry, finding_of("vendor-drifted", place, f"it is no JSON any more: {value.message}"))
        detail = "it asserts something else"
        if lacking:
            detail += f"; what that breaks is not verified, for its original is not at hand: {lacking}"
        return _about(entry, finding_of("vendor-drifted", location, detail))
    return _about(entry, finding_of("vendor-drifted", location, f"{_ROLE_WORDS[entry.role]} says something else"))


_ROLE_WORDS = {"rule": "the rule", "view": "the view", "example": "the example"}


def _first_difference(original: bytes | None, content: bytes) -> int:
    """The first line that is not as it was; 0 where that is not known."""
    if original is None:
        return 0
    was, now = original.split(b"\n"), content.split(b"\n")
    first = next((number for number, (one, other) in enumerate(zip(was, now, strict=False), 1) if one != other), min(len(was), len(now)))
    return min(first, max(1, len(now) - (now[-1] == b"")))


def _verdicts(
    folder: str, lock: Lock, changed: Sequence[Entry], contents: Mapping[str, bytes], had: Mapping[str, bytes], terms: Terms
) -> dict[str, tuple[Finding, ...]]:
    """For each schema that has drifted what its contracts break; nothing for those of which that cannot be told."""
    drifted = [entry for entry in changed if entry.role in SCHEMA_ROLES and grade_of(entry, contents[entry.path]) == "drifted"]
    if not any(entry.path in had for entry in drifted):
        return {}
    with folder_to_unpack() as before:
        for entry in lock.entries:
            original = had.get(entry.path)
            content = original if original is not None else contents.get(entry.path)
            if content is not None and entry.role not in ("rule", "view"):
                target = before / entry.path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
        try:
            old, new = state_of(before, f"{folder} as vendored"), state_of(Path(folder), folder)
        except CatalogError as error:
            return {entry.path: (_unusable(folder, entry, str(error)),) for entry in drifted if entry.path in had}
        found: dict[str, list[Finding]] = {}
        elsewhere: dict[str, str] = {}
        now = {contract.file: contract for contract in new.catalog.contracts}
        for contract in old.catalog.contracts:
            if contract.file not in lock.by_path:
                continue
            try:
                files = files_of(old.catalog, contract)
            except CatalogError:
                # An original that it refers to is nowhere.
                continue
            concerned = [entry for entry in drifted if entry.path in files]
            if not concerned or any(entry.path not in had or _is_broken(contents[entry.path]) for entry in concerned):
                continue
            entry = next((entry for entry in concerned if entry.path == contract.file), concerned[0])
            line = _first_difference(had[entry.path], contents[entry.path])
            if contract.file not in now:
                passed_over = next((f"it is {other.why}" for other in new.catalog.unreached if other.name == contract.file), "")
                why = (
                    new.problems.get(contract.file) or new.problems.get(entry.path) or passed_over or "it is no contract's schema any more"
                )
                found.setdefault(entry.path, []).append(_unusable(folder, entry, str(why)))
                continue
            # A copy that claims to be another version is compared as what it was.
            one = compared(pair_of(contract, now[contract.file]), old, new, terms, Standing((), ()))
            places = {os.path.join(folder, each.path): each.path for each in concerned}
            for finding in _of_comparison(folder, entry, one, line, places.keys()):
                path = places[finding.location.file]
                found.setdefault(path, []).append(finding)
                elsewhere.update((each.path, path) for each in concerned if each.path != path)
        for entry in drifted:
            if entry.path in elsewhere and entry.path not in found:
                line = _first_difference(had[entry.path], contents[entry.path])
                told = f"it asserts something else; what that breaks is told of {elsewhere[entry.path]}"
                found[entry.path] = [_about(entry, finding_of("vendor-drifted", _in_file(folder, entry, line), told))]
        return {path: tuple(dict.fromkeys(told)) for path, told in found.items()}


def _is_broken(content: bytes) -> bool:
    return isinstance(parse_json(Document("", content)), Finding)


def _unusable(folder: str, entry: Entry, why: str) -> Finding:
    return _about(entry, finding_of("vendor-drifted", Location(os.path.join(folder, entry.path)), f"it is not usable any more: {why}"))


def _of_comparison(folder: str, entry: Entry, one: Compared, line: int, drifted: Set[str]) -> Iterator[Finding]:
    """The findings about a contract; each stands in one of the files that have `drifted`."""
    place = _in_file(folder, entry, line)
    contract = one.pair.old
    assert contract is not None

    def about(detail: str, help: str = "", location: Location = place, pointer: str = "") -> Finding:
        found = finding_of("vendor-drifted", location, detail, help)
        return found._replace(contract=contract.name, version=contract.version, pointer=pointer)

    if one.problem:
        yield about(f"it is not usable any more: {one.problem}")
        return
    told = False
    for outcome, words in ((one.backward, "it refuses what the original accepts"), (one.forward, "it accepts what the original refuses")):
        for broken in outcome.breaks if outcome is not None else ():
            told = True
            near = broken.near
            said = "; ".join(dict.fromkeys(f"{fault.rule}: {fault.detail or fault.message}" for fault in broken.findings))
            location = Location(near.file, near.line, near.column) if near is not None and near.file in drifted else place
            yield about(f"{words}: {said}", f"witness: {payload(broken.witness)}", location, broken.pointer)
    undecided = [words for words, outcome in _directions(one) if outcome.verdict == "undecided"]
    if undecided:
        told = True
        yield about(f"not verified whether {' or whether '.join(undecided)}")
    if not told:
        notes = "; ".join(note.words for note in one.notes if note.audience in ("RULES", "SHAPE"))
        yield about(f"it accepts the same records as the original, but is another schema{f': {notes}' if notes else ''}")


def _directions(one: Compared) -> Iterator[tuple[str, Outcome]]:
    if one.backward is not None:
        yield "it refuses what the original accepts", one.backward
    if one.forward is not None:
        yield "it accepts what the original refuses", one.forward


def _digests(entry: Entry, original: bytes | None) -> Digests:
    """What the digests of an entry are by its original; those of the lock where that is not at hand."""
    return entry.digests if original is None else digests_of(original, entry.role in SCHEMA_ROLES)


def _misstated(folder: str, lock: Lock, known: Mapping[str, bytes]) -> Iterator[Finding]:
    """What the lock says of files otherwise than the bytes do that it has the digests of."""
    for entry in lock.entries:
        for words in misstated(entry, known[entry.path]) if entry.path in known else ():
            detail = f"of {entry.path} {words}, so the lock has been changed by hand"
            yield _about(entry, finding_of("vendor-source", _at(folder, entry.line), detail))


def _unlisted(folder: str, lock: Lock) -> Iterator[Finding]:
    """What lies in the folder as if it had been vendored."""
    listed = lock.by_path
    beside = {entry.path.split("/")[0] for entry in lock.entries if entry.role not in SCHEMA_ROLES}
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if os.path.islink(os.path.join(here, name))]
        for name in sorted([*files, *links]):
            path = os.path.relpath(os.path.join(here, name), folder).replace(os.sep, "/")
            if path in listed or path == LOCK_FILE or name.startswith("."):
                continue
            top = path.split("/")[0] if "/" in path else ""
            location = Location(os.path.join(folder, path))
            if top in beside or path.split("/")[0] in _GENERATED:
                yield finding_of("vendor-unlisted", location, f"{LOCK_FILE} does not know it")
            elif top not in VENDORED_BESIDE and (why := _as_schema(folder, path, name in links)):
                yield finding_of("vendor-unlisted", location, f"{LOCK_FILE} does not know {why}")


def _as_schema(folder: str, path: str, link: bool) -> str:
    """How a file is taken for a schema by whoever reads the folder; empty where it is not."""
    if link:
        return "what this symbolic link leads to"
    if not path.endswith(".json"):
        return ""
    try:
        value = parse_json(Document(path, content_of(folder, path)))
    except (NotPlain, OSError) as error:
        return f"it, and it cannot be read: {error}"
    if isinstance(value, Finding):
        return "it, and it is no JSON, so the folder cannot be used for checks"
    return "this schema" if isinstance(value, dict) and is_schema(value) else ""


def _sources(folder: str, lock: Lock) -> tuple[tuple[SourceCheck, ...], list[Finding]]:
    """What the sources that are on this machine say of the lock."""
    checks: list[SourceCheck] = []
    findings: list[Finding] = []
    faulty = {fault.path for fault in lock.faults}
    groups: dict[Origin, list[Entry]] = {}
    for entry in lock.entries:
        if entry.path not in faulty:
            groups.setdefault(entry.origin, []).append(entry)
    for origin, entries in groups.items():
        had = sourced(folder, entries)
        source = located(folder, origin)
        if had.lost:
            detail = f"{had.problem}, so the lock has been changed by hand, or the commit was removed there"
            findings.append(finding_of("vendor-source", _at(folder, entries[0].line), detail))
        elif had.problem:
            detail = f"not verified that the lock says what {source.source} has: {had.problem}"
            findings.append(finding_of("vendor-unverified", _at(folder, entries[0].line), detail))
        lasting = origin.kind in ("git", "archive")
        moved = 0
        for entry in entries:
            second = had.second_hand.get(entry.path)
            if second is not None:
                findings.append(_about(entry, finding_of("vendor-second-hand", _at(folder, entry.line), second)))
            content = had.contents.get(entry.path)
            if had.problem or (content is not None and checksum(content) == entry.digests.sha256):
                continue
            if lasting:
                what = "has no such file" if content is None else "has other content for it"
                detail = f"{source.source} at {origin.revision[:10]} {what}, so the lock has been changed by hand"
                findings.append(_about(entry, finding_of("vendor-source", _at(folder, entry.line), detail)))
            else:
                moved += 1
        checks.append(SourceCheck(source, len(entries), moved, had.problem))
    return tuple(checks), findings


def severity_of(finding: Finding, strict: bool) -> Severity:
    """The severity of a finding of a check that is strict or not."""
    return "error" if strict else finding.severity
