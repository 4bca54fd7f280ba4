"""How long the answers take that a change of contracts needs: comparisons with proof, the mutation gate, and `ci` as a whole."""

from __future__ import annotations

import shutil
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure import seconds
from table import Budget, Row

import compat

__all__ = ["evolving_rows"]

ROOT = Path(__file__).resolve().parent.parent
EVERY = 25
"""One in so many of the changes to the contracts is tried."""
_MUTATE = ("test", "--mutate", "--no-peers")


def evolving_rows() -> list[Row]:
    """The rows of the table. Raises Failed where a command did not end well."""
    compat.warm_up()
    ours, corpus = _milliseconds(compat.contracts(EVERY)), _milliseconds(compat.corpus())
    program = str(Path(sys.executable).with_name("srcos-validate"))
    return [
        _median(f"`diff` of a contract and a changed one, {len(ours):,} pairs", ours, Budget(True, 150, 20)),
        _median(f"the same of the small schemas of tests/compat, {len(corpus):,} pairs", corpus, Budget(True, 5)),
        _mutants_of_contracts(program),
        _whole("the same and that of all set rules", (program, *_MUTATE)),
        _whole("`ci` of this repository", (program, "ci", "--against", "HEAD"), Budget(True, 60)),
    ]


def _milliseconds(timed: compat.Timing) -> list[float]:
    return sorted(1000 * taken for _, taken in timed)


def _median(what: str, times: Sequence[float], budget: Budget) -> Row:
    middle = statistics.median(times)
    shown = f"{middle:.1f} ms, of 95 % at most {times[int(0.95 * len(times))]:.0f} ms"
    return Row(what, shown, "", "", _with_unit(budget, "ms"), budget.met(middle))


def _mutants_of_contracts(program: str) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        examples = Path(folder, "examples")
        shutil.copytree(ROOT / "examples", examples, ignore=shutil.ignore_patterns("sets"))
        return _whole("`test --mutate` of all contracts", (program, *_MUTATE, "--examples", str(examples)), Budget(True, 20, 5))


def _whole(what: str, command: Sequence[str], budget: Budget | None = None) -> Row:
    taken = seconds(command, ROOT)
    told = (_with_unit(budget, "s"), budget.met(taken)) if budget is not None else ("", "")
    return Row(what, f"{taken:.1f} s", "", "", *told)


def _with_unit(budget: Budget, unit: str) -> str:
    return ", ".join(f"{part} {unit}" for part in str(budget).split(", "))
