"""What trials, the mutation gates and generated files come to, as findings at the places where it is mended."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.cases import CaseSet
from srcos_contracts.evolve.check_rules import finding_of_rule
from srcos_contracts.evolve.form import read_formed
from srcos_contracts.evolve.stored_places import CasePlaces, place_in, rule_place, schema_place
from srcos_contracts.evolve.suggest import Suggestion
from srcos_contracts.evolve.suites import Suites
from srcos_contracts.evolve.trial import Disagreement, Trial
from srcos_contracts.evolve.waivers import SetSurvivor, SetWaiver, Survivor, Waiver, waiver_for
from srcos_contracts.exact import exact_text
from srcos_contracts.finding import Finding, Location
from srcos_contracts.pointer import parse_pointer
from srcos_contracts.refusal import Refusal

if TYPE_CHECKING:
    from srcos_contracts.evolve.set_trial import SetTrial

__all__ = [
    "absent",
    "set_findings",
    "set_survivor_finding",
    "stale_findings",
    "survivor_finding",
    "trial_findings",
    "unneeded_finding",
]


_EXPECTED = "expected.json"
_KINDS = {"files": "case-files", "rules": "case-missing"}


def trial_findings(catalog: Catalog, cases: CaseSet, trial: Trial) -> Iterator[Finding]:
    """What is wrong with the cases of a contract: one finding for each fault, whoever finds it."""
    places = CasePlaces(cases)
    by_fault: dict[tuple[str, str, str], list[str]] = {}
    for item in trial.disagreements:
        by_fault.setdefault((item.case, _KINDS.get(item.who, "case-differs"), item.detail), []).append(item.who)
    for (case, rule, detail), who in by_fault.items():
        place = rule_place(catalog, cases, case) if rule == "case-missing" else places.of(case)
        yield finding_of_rule(rule, place, _in_words(Disagreement(case, ", ".join(who), detail)), named=_named(cases))


def _named(cases: CaseSet) -> tuple[str, str]:
    return cases.contract.name, cases.contract.version


def _in_words(item: Disagreement) -> str:
    return f"{item.who}: {item.case}: {item.detail}"


def absent(catalog: Catalog, suites: Suites, examples: str) -> Iterator[Finding]:
    """The contracts that have no cases, and the examples that belong to none."""
    for contract in suites.without:
        if contract.owner:
            yield finding_of_rule("contract-untested", schema_place(catalog, contract.uri, ()), f"{contract.label} has none")
    if suites.closed:
        for file in suites.strays:
            yield finding_of_rule("example-stray", Location(os.path.join(examples, file)), f"{file} does not")


def survivor_finding(catalog: Catalog, cases: CaseSet, survivor: Survivor, suggestion: Suggestion | None, sought: bool = True) -> Finding:
    """A change of a contract that no case notices, at the keyword that was changed. `sought` says whether a case was looked for."""
    if suggestion is not None:
        help = f"a case that would notice: {exact_text(suggestion.as_case())}"
    elif sought:
        help = f"no single edit of a stored record shows it; if no record can, waive it: {waiver_for(survivor)}"
    else:
        help = "srcos-validate test --mutate --write-cases proposes a case"
    place = schema_place(catalog, survivor.uri, parse_pointer(survivor.pointer))
    detail = f"not noticed: {survivor.schema}#{survivor.pointer}: {survivor.change}"
    return finding_of_rule("mutant-survives", place, detail, help, survivor.pointer, _named(cases))


def set_findings(folder: Path, trial: SetTrial) -> Iterator[Finding]:
    """What a stored set does not give as it is stored: at the finding in expected.json, or at the list where it would stand."""
    file = str(folder / trial.name / _EXPECTED)
    for difference in trial.wrong:
        way = ("findings",) if difference.stored is None else ("findings", difference.stored)
        yield finding_of_rule("set-differs", place_in(file, way), difference.words)


def set_survivor_finding(survivor: SetSurvivor, file: str) -> Finding:
    """A change of a rule about several records that no stored set notices, in the rule's `file`."""
    line, _, column = survivor.place.partition(":")
    help = f"store a set that shows it; if none can, make the query simpler, or waive it: {waiver_for(survivor)}"
    detail = f"not noticed: {survivor.rule}.sql:{survivor.place}: {survivor.change}: {survivor.line}"
    return finding_of_rule("set-mutant-survives", Location(file, int(line), int(column)), detail, help)


def unneeded_finding(path: Path, waiver: Waiver | SetWaiver) -> Finding:
    """A waiver of a file that excuses nothing any more."""
    about = (
        f"{waiver.schema} {waiver.pointer}: {waiver.change}"
        if isinstance(waiver, Waiver)
        else f"{waiver.rule}: {waiver.change}: {waiver.line}"
    )
    try:
        number = list(read_formed(path, "waivers.json") or ()).index(waiver._asdict())
    except (Refusal, ValueError):
        return finding_of_rule("waiver-unneeded", Location(str(path)), about)
    return finding_of_rule("waiver-unneeded", place_in(str(path), (number,)), about)


def stale_findings(changed: Mapping[Path, str | None]) -> Iterator[Finding]:
    """The generated files that are not what they should be, at the first line that differs."""
    for path, text in changed.items():
        if text is None:
            yield finding_of_rule("generated-stale", Location(str(path)), "nothing generates this file any more")
        elif not path.is_file():
            yield finding_of_rule("generated-stale", Location(str(path)), "this file is not there")
        else:
            found = path.read_text(encoding="utf-8", errors="replace")
            yield finding_of_rule(
                "generated-stale", Location(str(path), _first_difference(found, text)), "this file is not what they generate"
            )


def _first_difference(found: str, wanted: str) -> int:
    """The first line, from 1, that is not as it should be; the last one where only lines are missing."""
    lines: Sequence[str] = found.splitlines()
    for number, (mine, right) in enumerate(zip(lines, wanted.splitlines(), strict=False), 1):
        if mine != right:
            return number
    return min(len(lines), len(wanted.splitlines())) or 1
