"""The mutation gate of the set rules: no condition of any query may be lost or turned round without some stored set noticing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.set_relations import SetRelations, Unanswered, opened, shown
from srcos_contracts.evolve.set_trial import try_sets
from srcos_contracts.evolve.sets import set_examples
from srcos_contracts.evolve.sql_mutants import sql_mutants
from srcos_contracts.evolve.waivers import SetSurvivor, SetWaiver
from srcos_contracts.evolve.workers import spread
from srcos_contracts.ledger.set_rules import SetRule
from srcos_contracts.named import NamedTuple
from srcos_contracts.temporary import temporary_folder

__all__ = ["SetGateResult", "run_set_gate", "try_mutants"]

_SECONDS = 5.0
"""A changed query may never end: one that takes this long is noticed."""


class SetGateResult(NamedTuple):
    """What the gate found."""

    mutants: int
    survivors: tuple[SetSurvivor, ...]
    waived: int = 0
    unneeded: tuple[SetWaiver, ...] = ()
    """Waivers that no survivor needs any more."""


def run_set_gate(
    catalog: Catalog, folder: Path, rules: Sequence[SetRule], waivers: Sequence[SetWaiver] = (), jobs: int = 1
) -> SetGateResult:
    """Tries every mutant of the rules against the sets below a folder.

    Raises CatalogError, IndexFailed or AuditFailed where a set cannot be audited or a rule cannot be asked.
    """
    with temporary_folder("srcos-sets-") as kept:
        try_sets(catalog, set_examples(folder), rules, kept, jobs)
        return try_mutants(kept, rules, waivers, jobs)


def try_mutants(folder: str, rules: Sequence[SetRule], waivers: Sequence[SetWaiver] = (), jobs: int = 1) -> SetGateResult:
    """Tries every mutant of the rules against the relations that `try_sets` left in a folder.

    Raises AuditFailed where a rule itself cannot be asked.
    """

    def tried(rule: SetRule) -> SetGateResult:
        with opened(folder) as sets:
            return _of_rule(sets, rule)

    # The longest first, so that no process is left with one at the end.
    results = list(spread(tried, sorted(rules, key=lambda rule: -len(rule.sql)), jobs))
    survivors = sorted(survivor for result in results for survivor in result.survivors)
    kept = tuple(survivor for survivor in survivors if not any(waiver.covers(survivor) for waiver in waivers))
    unneeded = tuple(waiver for waiver in waivers if not any(waiver.covers(survivor) for survivor in survivors))
    return SetGateResult(sum(result.mutants for result in results), kept, len(survivors) - len(kept), unneeded)


def _of_rule(sets: SetRelations, rule: SetRule) -> SetGateResult:
    given = sets.answer(rule)
    rows, told = sorted(map(repr, given)), shown(given)
    lines = rule.sql.splitlines()
    sets.keep_steps(rule)
    count, survivors = 0, []
    for mutant in sql_mutants(rule):
        count += 1
        try:
            found = sets.ask(mutant.tree, rule.scope, _SECONDS)
        except Unanswered:
            continue
        if sorted(map(repr, found)) == rows or shown(found) == told:
            survivors.append(SetSurvivor(rule.id, mutant.place, mutant.change, lines[int(mutant.place.partition(":")[0]) - 1].strip()))
    return SetGateResult(count, tuple(survivors))
