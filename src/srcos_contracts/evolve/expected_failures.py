"""Cases that a validator is known to fail: a file that lists them, each with its reason (schemas/meta/expected-failures.json)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from srcos_contracts.evolve.agreement import Difference
from srcos_contracts.evolve.conformance import SuiteCase
from srcos_contracts.evolve.form import read_formed
from srcos_contracts.evolve.stored_places import place_in
from srcos_contracts.finding import Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path as Way

__all__ = ["Excused", "ExpectedFailure", "excused", "expected_failures"]


class ExpectedFailure(NamedTuple):
    """What an entry says of one case, or of a rule of one contract or of all."""

    file: str
    way: Way
    """Where in the file it stands."""
    case: str = ""
    rule: str = ""
    contract: str = ""
    """`NAME` or `NAME@VERSION`; empty is all."""

    @property
    def location(self) -> Location:
        """Its place; that of the file where that has been changed meanwhile."""
        return place_in(self.file, self.way)

    @property
    def about(self) -> str:
        """What it excuses, in words."""
        return self.case or self.rule + (f" of {self.contract}" if self.contract else "")

    def concerns(self, case: SuiteCase) -> bool:
        """Whether the case is what it is about, or expects its rule."""
        if self.case:
            return case.id == self.case
        return self._of(case) and any(told.rule == self.rule for told in case.findings or ())

    def excuses(self, rule: str, case: SuiteCase) -> bool:
        """Whether it is about what the rule says of the case."""
        return self.rule == rule and self._of(case)

    def _of(self, case: SuiteCase) -> bool:
        contract = case.contract
        return self.contract in ("", contract.name, f"{contract.name}@{contract.version}")


class Excused(NamedTuple):
    """Differences, by whether an entry excuses them."""

    expected: tuple[Difference, ...]
    unexpected: tuple[Difference, ...]
    lapsed: tuple[ExpectedFailure, ...]
    """Those about cases that were asked, none of which they are needed for."""
    unknown: tuple[ExpectedFailure, ...]
    """Those about no case at all."""


def expected_failures(path: Path) -> tuple[ExpectedFailure, ...]:
    """What a YAML or JSON file lists. Raises CatalogError where it cannot be read or does not have the form."""
    found: list[ExpectedFailure] = []
    for number, entry in enumerate(read_formed(path, "expected-failures.json") or ()):
        if "rule" in entry:
            found.append(ExpectedFailure(str(path), (number, "rule"), "", entry["rule"], entry.get("contract", "")))
        found += [ExpectedFailure(str(path), (number, "cases", at), case) for at, case in enumerate(entry.get("cases", ()))]
    return tuple(found)


def excused(
    differences: Sequence[Difference],
    entries: Sequence[ExpectedFailure],
    asked: Sequence[SuiteCase],
    unanswered: frozenset[str],
    others: Callable[[], Sequence[SuiteCase] | None],
) -> Excused:
    """Which differences the entries excuse: those of a case that is listed, and those that rules which are listed account for wholly.

    Of cases that were not answered nothing is known, nor of `others`, which were not asked, so that entries about them are left alone;
    where there are none to be had, which is None, so are all that may be about such.
    """
    needed: set[ExpectedFailure] = set()
    expected: list[Difference] = []
    unexpected: list[Difference] = []
    for found in differences:
        by = [entry for entry in entries if entry.case == found.case.id]
        if not by and found.rules:
            of_rules = {rule: [entry for entry in entries if entry.excuses(rule, found.case)] for rule in found.rules}
            by = [entry for some in of_rules.values() for entry in some] if all(of_rules.values()) else []
        needed.update(by)
        (expected if by else unexpected).append(found)
    idle = [entry for entry in entries if entry not in needed]
    concerned = {entry: [case for case in asked if entry.concerns(case)] for entry in idle}
    # One case is asked or it is not; of a rule those of some contracts may be.
    open_ones = [entry for entry, cases in concerned.items() if entry.rule or not cases]
    further = others() if open_ones else ()
    selected = {case.contract.label for case in asked}
    left_alone = {
        entry
        for entry in open_ones
        if further is None or any(entry.concerns(case) for case in further if not (concerned[entry] and case.contract.label in selected))
    }
    settled = {entry: cases for entry, cases in concerned.items() if entry not in left_alone}
    lapsed = tuple(entry for entry, cases in settled.items() if cases and not any(case.id in unanswered for case in cases))
    return Excused(tuple(expected), tuple(unexpected), lapsed, tuple(entry for entry, cases in settled.items() if not cases))
