"""All contracts of two states compared: what came of each, and the waivers that approve none of it."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from srcos_contracts.contracts.catalog import CatalogError
from srcos_contracts.evolve.approvals import APPROVALS_FILE, Approval, approvals_in, standing
from srcos_contracts.evolve.check_rules import finding_of_rule
from srcos_contracts.evolve.diff import Compared, Terms, compared
from srcos_contracts.evolve.pairing import Pair
from srcos_contracts.evolve.states import State
from srcos_contracts.evolve.stored_places import place_in
from srcos_contracts.evolve.verdicts import POLICIES, Policy, Problem, Totals, asked, findings, totals
from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal

__all__ = ["Differences", "UnknownPolicy", "Useless", "between", "policy_named", "told_as_findings"]


class UnknownPolicy(Refusal):
    """There is no policy of this name."""


class Useless(NamedTuple):
    """A waiver that approves nothing."""

    approval: Approval
    why: str
    """What is wrong with it."""
    help: str
    """What to do."""

    @property
    def words(self) -> str:
        return f"{self.approval.place}: {self.why}; {self.help}"


class Differences(NamedTuple):
    """What a run came to."""

    compared: tuple[Compared, ...]
    unusable: tuple[Problem, ...]
    """What keeps schemas of either state from being used, but for what is told of a contract that was compared."""
    useless: tuple[Useless, ...]
    lapsed: tuple[Approval, ...]
    policy: Policy

    @property
    def totals(self) -> Totals:
        return totals(self.compared, self.policy)

    @property
    def code(self) -> int:
        """The exit code: what could not be compared outweighs what is wrong, and that what is undecided."""
        counted = self.totals
        if counted.problems or any(problem.severity == "error" for problem in self.unusable):
            return 2
        return 1 if counted.breaking or self.useless else 3 if counted.undecided else 0


def policy_named(name: str) -> Policy:
    """Raises UnknownPolicy."""
    for policy in POLICIES:
        if policy == name:
            return policy
    raise UnknownPolicy(f"there is no policy {name}; there are {', '.join(POLICIES)}")


def between(
    old: State, new: State, pairs: Sequence[Pair], terms: Terms, policy: Policy, whole: bool, only: frozenset[str] = frozenset()
) -> Differences:
    """Compares pairs of two states; `whole` says that these are all there are, so that a waiver which approves none of them is useless.

    Of schemas that cannot be used, and of useless waivers, those of the contracts named in `only` are told, where any are. Raises
    CatalogError where the waivers cannot be read.
    """
    given, told = approvals_in(new.root, new.waivers), list[Problem]()
    try:
        before = approvals_in(old.root, old.waivers)
    except CatalogError as error:
        if not terms.mending:
            raise
        before = ()
        told.append(Problem(APPROVALS_FILE, str(error), "warning"))
    approvals = standing(given, before)
    done = tuple(compared(pair, old, new, terms, approvals) for pair in pairs)
    concerned = [approval for approval in approvals.live if whole or approval.contract in only]
    useless = tuple(_useless(concerned, done, policy, terms.today))
    of_contracts = {words for one in done for words in (one.problem, one.mended)}
    told += (problem for problem in _unusable(old, new, only, terms.mending) if problem.words not in of_contracts)
    return Differences(done, tuple(told), useless, approvals.lapsed, policy)


def _unusable(old: State, new: State, only: frozenset[str], mending: bool) -> Iterator[Problem]:
    """The schemas that cannot be used, each said once; of one that cannot be used in either state, what is wrong now."""
    files = {contract.file for state in (old, new) for contract in state.catalog.contracts if contract.name in only}
    told: set[str] = set()
    for state in (new, old):
        for file, error in state.problems.items():
            if (not only or file in files) and str(error) not in told and (state is new or not mending or file not in new.problems):
                told.add(str(error))
                yield Problem(f"{new.catalog.shown}/{file}", str(error), "warning" if state is old and mending else "error")


def told_as_findings(found: Differences) -> Iterator[Finding]:
    """What a run came to as findings: errors for what the policy rules out, warnings for what was approved, has lapsed or was mended."""
    yield from findings(found.compared, found.policy, found.unusable)
    for waiver in found.useless:
        yield finding_of_rule("waiver-useless", _waiver_place(waiver.approval), waiver.why, waiver.help)
    for approval in found.lapsed:
        yield finding_of_rule("waiver-lapsed", _waiver_place(approval), f"the waiver of {approval.about} is not needed any more")


def _waiver_place(approval: Approval) -> Location:
    return place_in(approval.file, (approval.number,))


def _useless(live: Sequence[Approval], done: Sequence[Compared], policy: Policy, today: datetime.date) -> Iterator[Useless]:
    outcomes = [outcome for one in done for direction in asked(one, policy) if (outcome := one.outcome(direction)) is not None]
    used = {broken.approval for outcome in outcomes for broken in outcome.breaks}
    versions = {one.pair.name: one.pair.new.version for one in done if one.pair.new is not None}
    for approval in live:
        if approval in used:
            continue
        if approval.ended(versions.get(approval.contract, ""), today):
            yield Useless(approval, f"the waiver of {approval.about} ended with {approval.until}", "remove it, or have it approved again")
        else:
            yield Useless(approval, f"the waiver of {approval.about} approves nothing that breaks", "correct or remove it")
