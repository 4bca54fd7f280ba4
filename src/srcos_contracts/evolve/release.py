"""A draft of a contract made a release: the smallest version that its proofs allow, then frozen, and vouched for by SHA256SUMS."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from srcos_contracts.contracts.catalog import BASE_URI, VERSION, Catalog, Contract, UnknownContract, version_order
from srcos_contracts.contracts.checksums import SUMS_FILE, checksum, read_sums, sums_text
from srcos_contracts.contracts.resources import taken_in
from srcos_contracts.evolve.approvals import Standing
from srcos_contracts.evolve.cases import CASES_FILE, Case, load_cases, rejections
from srcos_contracts.evolve.changelog import with_entry
from srcos_contracts.evolve.checkout import bring_up
from srcos_contracts.evolve.diff import Compared, Terms, compared
from srcos_contracts.evolve.generate import BUNDLES, catalog_of_sources
from srcos_contracts.evolve.lint import lint
from srcos_contracts.evolve.new_version import moved_waivers, new_version, with_values
from srcos_contracts.evolve.pairing import pair_of, seeds_renamed
from srcos_contracts.evolve.set_renaming import renamed_records
from srcos_contracts.evolve.states import State
from srcos_contracts.evolve.trial import try_contract
from srcos_contracts.evolve.waivers import WAIVERS_FILE
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.whole_file import replace_text

__all__ = ["Bump", "CannotRelease", "Plan", "Undecidable", "plan", "publish", "smallest"]

Bump = Literal["major", "minor", "patch"]
"""major: some valid record becomes invalid; minor: more becomes valid, or findings and types change; patch: words."""
_SEMANTIC = re.compile(r"(\d+)\.(\d+)\.(\d+)")
_ALPHA = re.compile(r"v\d+(?:alpha|beta)\d+")
_GENERATION = re.compile(r"v(\d+)(?:(?:alpha|beta)\d+)?")
_STATUS = ("x-contract", "status")
_CHANGELOG = "CHANGELOG.md"
_CHANGES: Mapping[Bump, str] = {
    "major": "it refuses records that were valid",
    "minor": "it accepts more, or its rules and names have changed",
    "patch": "with other words alone",
}


class CannotRelease(Refusal):
    """The draft cannot be released; the text says why, and what to do."""


class Undecidable(CannotRelease):
    """It is not known whether the draft breaks anything, so the version that it needs is not known."""


class Plan(NamedTuple):
    """A release that may be made."""

    draft: Contract
    version: str
    before: Contract | None
    """The release that it follows."""
    bump: Bump | None
    """What the change is; None for a first release."""
    comparison: Compared | None
    cases_kept: int
    cases: int
    """How many of the records that were valid by the last release are valid still, and how many there were."""
    may_break: bool
    """Whether the release that it follows is an alpha or beta version, which promises nothing."""


def plan(schemas: Path, examples: Path, name: str, version: str | None = None, seconds: float = 10.0) -> Plan:
    """What a release of a contract's draft would be, as `version` or as the draft's own.

    Raises CannotRelease, UnknownContract, CannotRename, and CatalogError or BadSums where the contracts cannot be read.
    """
    catalog = catalog_of_sources(str(schemas))
    sums = read_sums(str(schemas))
    draft = _draft(catalog, name, sums)
    wanted = version or draft.version
    if not VERSION.fullmatch(wanted):
        raise CannotRelease(f"a version has the form 0.1.0 or v1alpha1, without leading zeros, not {wanted}")
    if f"{name}/{wanted}.json" in sums:
        raise CannotRelease(f"{name} {wanted} is released, and a release never changes; name a later version with --as")
    _refuse_faulty(schemas, examples, catalog, draft)
    if wanted != draft.version:
        renamed_records(catalog, examples, draft, wanted)
    before = _last_release(catalog, name, sums)
    if before is None:
        return Plan(draft, wanted, None, None, None, 0, 0, False)
    state = State(catalog, {}, schemas.parent, examples)
    comparison = compared(pair_of(before, draft), state, state, Terms(seconds), Standing((), ()))
    if comparison.problem:
        raise CannotRelease(comparison.problem)
    bump = _bump(comparison)
    _refuse_small(name, before.version, wanted, bump)
    kept, total = _kept(examples, catalog, before, draft)
    return Plan(draft, wanted, before, bump, comparison, kept, total, bool(_ALPHA.fullmatch(before.version)))


def _draft(catalog: Catalog, name: str, sums: Mapping[str, object]) -> Contract:
    found = [contract for contract in catalog.contracts if contract.name == name]
    if not found:
        raise UnknownContract(name, tuple(dict.fromkeys(contract.name for contract in catalog.contracts)))
    newest = max(found, key=lambda contract: version_order(contract.version))
    if newest.file in sums:
        raise CannotRelease(f"{newest.label} is released already; begin the next version: srcos-validate new {name} --version VERSION")
    # A stable one that nothing vouches for is one whose release was interrupted, or older than this program.
    if newest.status not in ("draft", "stable"):
        raise CannotRelease(f"{newest.label} has the status {newest.status}, and is not in {SUMS_FILE}: a release is made of a draft")
    return newest


def _last_release(catalog: Catalog, name: str, sums: Mapping[str, object]) -> Contract | None:
    released = [contract for contract in catalog.contracts if contract.name == name and contract.file in sums]
    return max(released, key=lambda contract: version_order(contract.version), default=None)


def _refuse_faulty(schemas: Path, examples: Path, catalog: Catalog, draft: Contract) -> None:
    errors = [finding for finding in lint([str(schemas / file) for file in _files(catalog, draft)]).findings if finding.severity == "error"]
    if errors:
        first = errors[0]
        place = f"{first.location.file}:{first.location.line}:{first.location.column}"
        raise CannotRelease(
            f"{draft.label} has {len(errors)} lint error{'s' if len(errors) > 1 else ''}, the first at {place}: {first.sentence}"
        )
    if not (examples / draft.name / draft.version / CASES_FILE).is_file():
        raise CannotRelease(f"{draft.label} has no cases in {examples}/{draft.name}/{draft.version}: what nothing tests is not released")
    # Each engine may have its own to say of one case.
    wrong = [*dict.fromkeys(found.case for found in try_contract(catalog, load_cases(examples, catalog, draft)).disagreements)]
    if wrong:
        one = len(wrong) == 1
        said = f"{len(wrong)} case{'' if one else 's'} of {draft.label} {'does not give what it' if one else 'do not give what they'} must"
        raise CannotRelease(f"{said}, the first is {wrong[0]}; run: srcos-validate test")


def _files(catalog: Catalog, contract: Contract) -> list[str]:
    """The files that a contract is made of: its own, and those of the definitions that it takes in."""
    resources = taken_in(catalog.document(contract.bundle), contract.uri)
    return [contract.file, *sorted(uri.removeprefix(BASE_URI) for uri in resources if uri != contract.uri)]


def _bump(comparison: Compared) -> Bump:
    verdicts = [outcome.verdict if outcome is not None else "undecided" for outcome in (comparison.backward, comparison.forward)]
    if verdicts[0] == "breaking":
        return "major"
    if verdicts[0] == "undecided":
        reason = comparison.backward.reason if comparison.backward is not None else ""
        raise Undecidable(f"it is undecided whether the draft breaks records: {reason}; a larger --budget may decide it")
    if verdicts[1] != "compatible" or any(note.audience != "ANNOTATION" for note in comparison.notes):
        return "minor"
    return "patch"


def smallest(before: str, bump: Bump) -> str | None:
    """The smallest version after `before` that a change may have; None where versions are not semantic ones.

    Before 1.0.0 the second number is the one that may break, and the third the one that may add, as package managers read it.
    """
    match = _SEMANTIC.fullmatch(before)
    if match is None:
        return None
    major, minor, patch = map(int, match.groups())
    if major == 0:
        return f"0.{minor + 1}.0" if bump == "major" else f"0.{minor}.{patch + 1}"
    return {"major": f"{major + 1}.0.0", "minor": f"{major}.{minor + 1}.0", "patch": f"{major}.{minor}.{patch + 1}"}[bump]


def _refuse_small(name: str, before: str, wanted: str, bump: Bump) -> None:
    if version_order(wanted) <= version_order(before):
        raise CannotRelease(f"{name} {wanted} does not come after the release {before}; name a later version with --as")
    least = smallest(before, bump)
    what = {"major": "refuses records that it accepted", "minor": "accepts or tells more than it did", "patch": "changes words"}[bump]
    if least is None or _SEMANTIC.fullmatch(wanted) is None:
        if bump == "major" and not _begins_anew(before, wanted):
            raise CannotRelease(f"{name} {wanted} {what}, which only a release after an alpha or beta version may, or one of a new number")
        return
    if version_order(wanted) < version_order(least):
        raise CannotRelease(
            f"{name} {wanted} {what}, so after {before} it is at least {least}: --as {least}; srcos-validate diff shows the records"
        )


def _begins_anew(before: str, wanted: str) -> bool:
    """Whether a version without three numbers may break what the one before it accepts."""
    old, new = _GENERATION.fullmatch(before), _GENERATION.fullmatch(wanted)
    return bool(_ALPHA.fullmatch(before)) or (old is not None and new is not None and int(new[1]) > int(old[1]))


def _kept(examples: Path, catalog: Catalog, before: Contract, draft: Contract) -> tuple[int, int]:
    """How many of the records that are stored as valid by the last release the draft accepts, and how many there are."""
    valid = [case for case in load_cases(examples, catalog, before).cases if case.valid] if _has_cases(examples, before) else []
    judge = catalog.judge(draft)
    moved = [_moved(case, seeds_renamed([record for record, _ in case.records], before, draft)) for case in valid]
    return sum(not any(rejections(judge, case)) for case in moved), len(moved)


def _moved(case: Case, records: Sequence[object]) -> Case:
    return case._replace(records=tuple((record, line) for record, (_, line) in zip(records, case.records, strict=True)))


def _has_cases(examples: Path, contract: Contract) -> bool:
    return (examples / contract.name / contract.version / CASES_FILE).is_file()


def publish(schemas: Path, examples: Path, made: Plan) -> Iterator[Path]:
    """Makes the release, and gives the files that were written, or removed. SHA256SUMS comes last: until then nothing is released.

    Raises CatalogError where a file cannot be read, OSError where one cannot be written.
    """
    draft, version = made.draft, made.version
    if version != draft.version:
        yield from _renamed(schemas, examples, draft, version)
    for leftover in _leftovers(schemas, draft.name, version):
        _remove(schemas, examples, draft.name, leftover)
    source = schemas / draft.name / f"{version}.json"
    replace_text(source, with_values(source.read_text(encoding="utf-8"), {_STATUS: "stable"}))
    yield source
    yield from bring_up(schemas)
    yield from _noted(schemas.parent / _CHANGELOG, made)
    catalog = catalog_of_sources(str(schemas))
    released = {file: one.digest for file, one in read_sums(str(schemas)).items()}
    contract = catalog.find(f"{draft.name}@{version}")
    for file in (*_files(catalog, contract), f"{BUNDLES}/{contract.file}"):
        if (schemas / file).is_file():
            released.setdefault(file, checksum((schemas / file).read_bytes()))
    replace_text(schemas / SUMS_FILE, sums_text(released))
    yield schemas / SUMS_FILE


def _renamed(schemas: Path, examples: Path, draft: Contract, new: str) -> Iterator[Path]:
    """Writes a version under another number and removes it under its own. What makes it a version, the schema, comes after its examples."""
    name, old = draft.name, draft.version
    schema = schemas / name / f"{new}.json"
    texts = new_version(schemas, examples, name, old, new)
    texts.update(renamed_records(catalog_of_sources(str(schemas)), examples, draft, new))
    waived = moved_waivers(examples / WAIVERS_FILE, name, old, new)
    if waived is not None:
        texts[examples / WAIVERS_FILE] = waived
    texts[schema] = texts.pop(schema)
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_text(path, text)
        if path != schema:
            yield path
    _remove(schemas, examples, name, old)


def _remove(schemas: Path, examples: Path, name: str, version: str) -> None:
    if (examples / name / version).is_dir():
        shutil.rmtree(examples / name / version)
    (schemas / name / f"{version}.json").unlink()


def _leftovers(schemas: Path, name: str, version: str) -> list[str]:
    """The versions that are this one under another number: what an interrupted release has not removed."""
    schema = schemas / name / f"{version}.json"
    text = with_values(schema.read_text(encoding="utf-8"), {_STATUS: "draft"})
    released = read_sums(str(schemas))
    others = [path.stem for path in sorted((schemas / name).glob("*.json")) if path != schema and f"{name}/{path.name}" not in released]
    # No examples are asked for: some may be gone already.
    return [other for other in others if new_version(schemas, schemas, name, other, version)[schema] == text]


def _noted(changelog: Path, made: Plan) -> Iterator[Path]:
    """The changelog with an entry about the release, where there is a changelog with a place for it."""
    if not changelog.is_file():
        return
    said = "its first release"
    if made.before is not None and made.bump is not None:
        said = f"after {made.before.version}, {_CHANGES[made.bump]}"
    text = with_entry(changelog.read_text(encoding="utf-8"), f"The contract {made.draft.name} {made.version} is released: {said}.")
    if text is not None:
        replace_text(changelog, text)
        yield changelog
