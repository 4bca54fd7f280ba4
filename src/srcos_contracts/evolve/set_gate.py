"""The mutation gate of the set rules: no condition of any query may be lost or turned round without some stored set noticing."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from srcos_contracts.checking import Demands, check_all
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.sets import SET_FOLDER, SetExample, set_examples
from srcos_contracts.evolve.sql_mutants import sql_mutants
from srcos_contracts.ledger.duck import AuditFailed, Queries
from srcos_contracts.ledger.index import IndexFolder
from srcos_contracts.ledger.set_rules import SetRule
from srcos_contracts.reading.source import select

__all__ = ["SetGateResult", "SetSurvivor", "run_set_gate"]

_SECONDS = 5.0
"""A changed query may never end: one that takes this long is noticed."""


class SetSurvivor(NamedTuple):
    """A change of a set rule that no stored set notices."""

    rule: str
    place: str
    change: str


class SetGateResult(NamedTuple):
    """What the gate found."""

    mutants: int
    survivors: tuple[SetSurvivor, ...]


def run_set_gate(catalog: Catalog, folder: Path, rules: Sequence[SetRule]) -> SetGateResult:
    """Tries every mutant of the rules against the stored sets. Raises AuditFailed where a rule itself cannot be asked."""
    count = 0
    survivors: list[SetSurvivor] = []
    with _opened(catalog, set_examples(folder)) as sets:
        for rule in rules:
            # The sets that are stored for the rule are the likeliest to notice.
            asked = [queries for example, queries in sorted(sets, key=lambda item: item[0].rule != rule.id) if _applies(rule, example)]
            given = [_given(queries, rule) for queries in asked]
            for mutant in sql_mutants(rule):
                count += 1
                changed = rule._replace(sql=mutant.sql)
                if not any(_noticed(queries, changed, wanted) for queries, wanted in zip(asked, given, strict=True)):
                    survivors.append(SetSurvivor(rule.id, mutant.place, mutant.change))
    return SetGateResult(count, tuple(survivors))


def _applies(rule: SetRule, example: SetExample) -> bool:
    return rule.scope == "open" or example.terms.closed


@contextmanager
def _opened(catalog: Catalog, examples: Sequence[SetExample]) -> Iterator[list[tuple[SetExample, Queries]]]:
    """Every set, indexed."""
    root = tempfile.mkdtemp(prefix="srcos-sets-")
    opened: list[tuple[SetExample, Queries]] = []
    try:
        for number, example in enumerate(examples):
            path = Path(root, str(number))
            path.mkdir()
            index = IndexFolder(str(path))
            sources = select([str(example.folder / SET_FOLDER)], bound=catalog.binds).sources
            for _ in check_all(catalog, sources, Demands(), 1, index):
                pass
            opened.append((example, Queries(index, catalog, example.terms.closed, example.terms.assumed, example.terms.known)))
        yield opened
    finally:
        for _, queries in opened:
            queries.close()
        shutil.rmtree(root, ignore_errors=True)


def _given(queries: Queries, rule: SetRule) -> list[Any]:
    return [(breach.level, breach.records) for breach in queries.breaches(rule)]


def _noticed(queries: Queries, rule: SetRule, wanted: list[Any]) -> bool:
    timer = threading.Timer(_SECONDS, queries.interrupt)
    timer.start()
    try:
        return _given(queries, rule) != wanted
    except AuditFailed:
        return True
    finally:
        timer.cancel()
