"""How far a validator agrees with a suite: in all, by contract, and by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from srcos_contracts.evolve.agreement import Interview
from srcos_contracts.evolve.conformance import SuiteCase
from srcos_contracts.evolve.expected_failures import Excused
from srcos_contracts.named import NamedTuple

__all__ = ["Count", "Tally", "tally"]


class Count(NamedTuple):
    """What came of some cases."""

    cases: int = 0
    agree: int = 0
    expected: int = 0
    """Failures that were expected."""
    differ: int = 0
    unanswered: int = 0


class Tally(NamedTuple):
    """The counts of a run."""

    total: Count
    contracts: Mapping[str, Count]
    """By name and version, in the order of the suite."""
    rules: Mapping[str, Count]
    """By the rules that cases are expected to break, sorted: a case counts for each of its rules."""


def tally(run: Interview, sorted_out: Excused) -> Tally:
    """Counts the cases that were asked."""
    expected = {found.case.id for found in sorted_out.expected}
    differ = {found.case.id for found in sorted_out.unexpected}

    def outcome(case: SuiteCase) -> str:
        if case.id in run.unanswered:
            return "unanswered"
        return "expected" if case.id in expected else "differ" if case.id in differ else "agree"

    def counts(keys: Callable[[SuiteCase], Iterable[str]]) -> dict[str, Count]:
        found: dict[str, Counter[str]] = {}
        for case in run.asked:
            for key in keys(case):
                found.setdefault(key, Counter())[outcome(case)] += 1
        return {key: Count(sum(counted.values()), **counted) for key, counted in found.items()}

    rules = counts(lambda case: {told.rule for told in case.findings or ()})
    whole = counts(lambda case: ("",))
    return Tally(whole.get("", Count()), counts(lambda case: (case.contract.label,)), dict(sorted(rules.items())))
