"""What a conformance run comes to, as findings at the stored cases and at the entries of the file of expected failures."""

from __future__ import annotations

from collections.abc import Iterator

from srcos_contracts.evolve.agreement import Difference
from srcos_contracts.evolve.check_rules import finding_of_rule
from srcos_contracts.evolve.conformance import Suite
from srcos_contracts.evolve.expected_failures import Excused, ExpectedFailure
from srcos_contracts.finding import Finding, Location

__all__ = ["conformance_findings"]


def conformance_findings(suite: Suite, sorted_out: Excused) -> Iterator[Finding]:
    """One finding for each difference that is not excused, and for each entry that excuses nothing."""
    for found in sorted_out.unexpected:
        yield _difference(found, suite.place_of(found.case))
    for entry in sorted_out.lapsed:
        yield _of_entry(entry, "expected-failure-lapsed", "agrees with the suite")
    for entry in sorted_out.unknown:
        yield _of_entry(entry, "expected-failure-unknown", "is no such case")


def _difference(found: Difference, location: Location) -> Finding:
    case = found.case
    named = case.contract.name, case.contract.version
    return finding_of_rule("conformance-differs", location, f"{case.id}: {found.words}", named=named)


def _of_entry(entry: ExpectedFailure, rule: str, detail: str) -> Finding:
    return finding_of_rule(rule, entry.location, f"{entry.about} {detail}")
