"""The checks of a whole checkout of contracts: what each looks at, and what it finds."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.contracts.checksums import SUMS_FILE, read_sums
from srcos_contracts.evolve.baseline import Baseline, baseline
from srcos_contracts.evolve.check_rules import finding_of_rule
from srcos_contracts.evolve.checkout import out_of_step
from srcos_contracts.evolve.diff import Terms
from srcos_contracts.evolve.differences import Differences, between, told_as_findings
from srcos_contracts.evolve.gate import run_gate
from srcos_contracts.evolve.generate import catalog_to_test
from srcos_contracts.evolve.lint import lint
from srcos_contracts.evolve.lint_released import RELEASED, released_faults, withdrawn_faults
from srcos_contracts.evolve.pairing import pairs
from srcos_contracts.evolve.shortfalls import (
    absent,
    set_findings,
    set_survivor_finding,
    stale_findings,
    survivor_finding,
    trial_findings,
    unneeded_finding,
)
from srcos_contracts.evolve.states import State, matched, opened
from srcos_contracts.evolve.suggest import suggest
from srcos_contracts.evolve.suites import Suites, suites_in
from srcos_contracts.evolve.trial import ENGINES, try_contracts
from srcos_contracts.evolve.verdicts import Policy, label
from srcos_contracts.evolve.waivers import WAIVERS_FILE, Waivers, load_waivers
from srcos_contracts.finding import Finding, Location
from srcos_contracts.ledger.set_rules import RULES_FOLDER, SetRule, set_rules
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.temporary import temporary_folder

if TYPE_CHECKING:
    from srcos_contracts.evolve.set_trial import SetTrial

__all__ = ["CheckTerms", "Checkout", "LeftOut", "Told", "undone_finding"]

SCHEMAS, EXAMPLES, SETS = "schemas", "examples", "sets"
_LIBRARIES = ("duckdb", "pyarrow")
_MOST_SOUGHT = 50
"""The survivors for which a case is looked for: each takes many trials."""
_PLACED = re.compile(r"([^:\n]+)(?::([0-9]+))?(?::([0-9]+))?: ")


class LeftOut(Refusal):
    """There is nothing to check, for a reason that is no fault."""


class CheckTerms(NamedTuple):
    """How a checkout is checked."""

    against: str | None = None
    """The state to compare with; None is the one before the change."""
    policy: Policy = "backward"
    seconds: float = 2.0
    """For each contract and direction, before it is undecided."""
    closed_producers: bool = False
    jobs: int = 1


class Told(NamedTuple):
    """What came of a check."""

    words: str
    findings: tuple[Finding, ...] = ()
    undone: str = ""
    """Why part of it could not be done."""
    differences: Differences | None = None
    looked_at: int = 0
    """How many files, or cases."""


class Checkout:
    """The checkout in the current folder, with what several checks need, which is made when the first asks for it."""

    def __init__(self, terms: CheckTerms, environment: Mapping[str, str], stack: ExitStack) -> None:
        """`stack` closes what is opened. `environment` is that of the process."""
        self._terms, self._environment, self._stack = terms, environment, stack

    @cached_property
    def _catalog(self) -> Catalog:
        return catalog_to_test(SCHEMAS)

    @cached_property
    def _suites(self) -> Suites:
        found = suites_in(Path(EXAMPLES), self._catalog)
        if not found.cases:
            raise Refusal(f"nothing is tested: no contract of {SCHEMAS} has cases in {EXAMPLES}")
        return found

    @cached_property
    def _waivers(self) -> Waivers:
        return load_waivers(Path(EXAMPLES) / WAIVERS_FILE)

    @cached_property
    def _baseline(self) -> Baseline:
        return baseline(self._terms.against, self._environment)

    @cached_property
    def _old(self) -> State | None:
        """The state to compare with; None where there is none."""
        reference = self._baseline.reference
        return self._stack.enter_context(opened(reference, may_be_unusable=True)) if reference else None

    @cached_property
    def _relations(self) -> tuple[str, tuple[SetRule, ...], list[SetTrial]]:
        """The folder with the relations of the stored sets, the rules, and what they gave."""
        folder = Path(EXAMPLES) / SETS
        if not folder.is_dir():
            raise LeftOut(f"there are no sets of records in {folder}")
        missing = [name for name in _LIBRARIES if find_spec(name) is None]
        if missing:
            raise Refusal(f"sets of records need {' and '.join(missing)}: pip install 'srcos-contracts[audit]'")
        from srcos_contracts.evolve.set_trial import try_sets
        from srcos_contracts.evolve.sets import set_examples

        kept = self._stack.enter_context(temporary_folder("srcos-sets-"))
        rules = set_rules()
        return kept, rules, try_sets(self._catalog, set_examples(folder), rules, kept, self._terms.jobs)

    def lint(self) -> Told:
        """How the schemas are written."""
        linted = lint((SCHEMAS,))
        found = tuple(finding for finding in linted.findings if finding.rule != RELEASED)
        if not linted.files and not found:
            raise Refusal(f"{SCHEMAS} holds no schema")
        errors = sum(finding.severity == "error" for finding in found)
        verdict = f"{_count(errors, 'error')}, {_count(len(found) - errors, 'warning')}" if found else "all in order"
        return Told(f"{_count(len(linted.files), 'schema')}: {verdict}", found, looked_at=len(linted.files))

    def released(self) -> Told:
        """Whether what was released is as it was, and is still vouched for."""
        sums = read_sums(SCHEMAS)
        found = list(released_faults(SCHEMAS, SCHEMAS))
        words = f"{_count(len(sums), 'released file')}: {f'{len(found)} not as released' if found else 'as released'}"
        words = words if sums else "no released files"
        try:
            old = self._old
        except Refusal as error:
            return Told(words, tuple(found), str(error))
        if old is None:
            return Told(f"{words}; none to compare with: {self._baseline.shown}", tuple(found))
        shown = f"{SCHEMAS}/{SUMS_FILE}"
        gone = list(withdrawn_faults(read_sums(old.catalog.folder, old.catalog.shown), sums, shown))
        since = f"{len(gone)} withdrawn" if gone else "none withdrawn"
        return Told(f"{words}, {since} since {self._baseline.shown}", (*found, *gone))

    def diff(self) -> Told:
        """What the change breaks."""
        old = self._old
        if old is None:
            raise LeftOut(f"nothing to compare with: {self._baseline.shown}")
        terms = self._terms
        limits = Terms(terms.seconds, True, terms.closed_producers, datetime.date.today(), mending=True)
        with opened(os.curdir) as new:
            old, new = matched(old, new)
            done = between(old, new, pairs(old, new), limits, terms.policy, True)
        counted = done.totals
        labels = [label(one, terms.policy) for one in done.compared]
        parts = [f"{counted.breaking} breaking", f"{counted.undecided} undecided"]
        parts += [f"{labels.count(word)} {word}" for word in ("approved", "added", "removed", "mended") if word in labels]
        unusable = counted.problems + sum(problem.severity == "error" for problem in done.unusable)
        parts += [f"{unusable} not compared"] if unusable else []
        found = [_here(finding) for finding in told_as_findings(done)]
        words = f"{_count(counted.compared, 'contract')} compared with {self._baseline.shown}: {', '.join(parts)}"
        return Told(words, tuple(found), differences=done)

    def docs(self) -> Told:
        """Whether what is generated is in step with the contracts."""
        changed = out_of_step(Path(SCHEMAS), self._terms.jobs)
        if changed is None:
            raise LeftOut("nothing is generated here")
        verdict = f"{_count(len(changed), 'file')} not in step" if changed else "in step"
        return Told(f"generated files: {verdict}", tuple(stale_findings(changed)))

    def cases(self) -> Told:
        """Whether every stored case gives what is stored for it, in both engines."""
        suites = self._suites
        found = list(absent(self._catalog, suites, EXAMPLES))
        wrong = 0
        trials = try_contracts(self._catalog, [(cases, ()) for cases in suites.cases], self._terms.jobs)
        for cases, trial in zip(suites.cases, trials, strict=True):
            differing = list(trial_findings(self._catalog, cases, trial))
            wrong += len(differing)
            found += differing
        amount = sum(len(cases.cases) for cases in suites.cases)
        verdict = f"{wrong} do not give what they must" if wrong else "all as stored"
        without = f"; {_count(len(suites.without), 'contract')} without cases" if suites.without else ""
        words = f"{_count(len(suites.cases), 'contract')}, {_count(amount, 'case')} by {' and '.join(ENGINES)}: {verdict}{without}"
        return Told(words, tuple(found), looked_at=amount)

    def mutants(self) -> Told:
        """Whether some case notices every change of a contract."""
        catalog, suites, waivers = self._catalog, self._suites, self._waivers
        result = run_gate(catalog, suites.cases, waivers.contracts, suites.whole, self._terms.jobs)
        by_label = {cases.contract.label: cases for cases in suites.cases}
        found = []
        for number, survivor in enumerate(result.survivors):
            cases, sought = by_label[survivor.contract], number < _MOST_SOUGHT
            found.append(survivor_finding(catalog, cases, survivor, suggest(catalog, cases, survivor) if sought else None, sought))
        found += [unneeded_finding(Path(EXAMPLES) / WAIVERS_FILE, waiver) for waiver in result.unneeded]
        return Told(_noticed("mutants", result.mutants, len(result.survivors), result.waived), tuple(found))

    def sets(self) -> Told:
        """Whether every stored set gives what is stored for it."""
        _, rules, trials = self._relations
        found = tuple(finding for trial in trials for finding in set_findings(Path(EXAMPLES) / SETS, trial))
        verdict = f"{len(found)} findings are not as stored" if found else "all as stored"
        words = f"{_count(len(trials), 'set')} of records by {_count(len(rules), 'rule')} about several records: {verdict}"
        return Told(words, found, looked_at=len(trials))

    def set_mutants(self) -> Told:
        """Whether some stored set notices every change of a rule about several records, where these rules are of this checkout."""
        rules_folder = os.path.relpath(RULES_FOLDER)
        if rules_folder.startswith(os.pardir):
            raise LeftOut("the rules about several records are not of this checkout, but of the package that is installed")
        kept, rules, _ = self._relations
        waivers = self._waivers
        from srcos_contracts.evolve.set_gate import try_mutants

        result = try_mutants(kept, rules, waivers.rules, self._terms.jobs)
        found = [set_survivor_finding(survivor, f"{rules_folder}/{survivor.rule}.sql") for survivor in result.survivors]
        found += [unneeded_finding(Path(EXAMPLES) / WAIVERS_FILE, waiver) for waiver in result.unneeded]
        return Told(_noticed("mutants of rules", result.mutants, len(result.survivors), result.waived), tuple(found))


def undone_finding(step: str, why: str) -> Finding:
    """That a step could not be done, at the place with which the reason begins."""
    begins = _PLACED.match(why)
    location = Location(SCHEMAS)
    if begins is not None and os.path.isfile(begins[1]):
        location = Location(begins[1], int(begins[2] or 0), int(begins[3] or 0))
    return finding_of_rule("step-undone", location, f"{step}: {why}")


def _here(finding: Finding) -> Finding:
    """A finding of a file of this checkout: what stands only in the state before is told of the file as a whole."""
    _, colon, file = finding.location.file.rpartition(f":{SCHEMAS}/")
    return finding._replace(location=Location(f"{SCHEMAS}/{file}")) if colon else finding


def _noticed(what: str, mutants: int, survivors: int, waived: int) -> str:
    return f"{mutants:,} {what}: {mutants - survivors - waived:,} noticed, {waived} waived, {survivors} not noticed"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
