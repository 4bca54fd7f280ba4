"""All that a change of contracts must pass, step by step. What cannot be done in one step keeps no other from being done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Literal

from srcos_contracts.evolve.checks import Checkout, CheckTerms, LeftOut, Told, undone_finding
from srcos_contracts.evolve.differences import Differences
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal

__all__ = ["MUTANTS", "STEPS", "Status", "Step", "code_of", "steps"]

Status = Literal["ok", "wrong", "undecided", "not done", "left out"]

_CHECKS: Mapping[str, Callable[[Checkout], Told]] = {
    "lint": Checkout.lint,
    "released": Checkout.released,
    "diff": Checkout.diff,
    "docs": Checkout.docs,
    "cases": Checkout.cases,
    "mutants": Checkout.mutants,
    "sets": Checkout.sets,
    "set-mutants": Checkout.set_mutants,
}
STEPS = tuple(_CHECKS)
"""The names of the steps, in their order: what is soonest told comes first."""
MUTANTS = ("mutants", "set-mutants")
_UNDONE = frozenset(("unreadable", "cannot-compare", "step-undone"))
"""The rules of findings that say that something could not be looked at."""


class Step(NamedTuple):
    """What came of a step."""

    name: str
    status: Status
    seconds: float
    words: str
    """The result in a line."""
    findings: tuple[Finding, ...] = ()
    differences: Differences | None = None
    looked_at: int = 0
    bug: Exception | None = None
    """An error of this program."""


def steps(terms: CheckTerms, environment: Mapping[str, str], skipped: frozenset[str] = frozenset()) -> Iterator[Step]:
    """Does all steps in the current folder, but for the skipped ones. `environment` is that of the process."""
    with ExitStack() as stack:
        checkout = Checkout(terms, environment, stack)
        known: dict[str, str] = {}
        for name in _CHECKS:
            yield Step(name, "left out", 0.0, "as was asked for") if name in skipped else _done(checkout, name, known)


def _done(checkout: Checkout, name: str, known: dict[str, str]) -> Step:
    """One step. `known` are the reasons for which earlier ones were not done, with their names."""
    begun = time.monotonic()
    bug = None
    try:
        told = _CHECKS[name](checkout)
    except LeftOut as error:
        return Step(name, "left out", time.monotonic() - begun, str(error))
    except Refusal as error:
        told = Told("", undone=str(error))
    except OSError as error:
        told = Told("", undone=f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error))
    except Exception as error:
        # The steps that are left are done before it is told as what it is.
        told, bug = Told("", undone="a bug of this program"), error
    findings, words = told.findings, told.words
    if told.undone:
        reason = f"for the same reason as {known[told.undone]}" if told.undone in known else told.undone
        words = f"{words}; {reason}" if words else reason
        if told.undone not in known:
            findings = (*findings, undone_finding(name, told.undone))
        known.setdefault(told.undone, name)
    status = "not done" if told.undone else _status(findings)
    return Step(name, status, time.monotonic() - begun, words, findings, told.differences, told.looked_at, bug)


def _status(findings: tuple[Finding, ...]) -> Status:
    rules = {finding.rule for finding in findings if finding.severity == "error"}
    if rules & _UNDONE:
        return "not done"
    if any(not rule.startswith("undecided-") for rule in rules):
        return "wrong"
    return "undecided" if rules else "ok"


def code_of(done: list[Step]) -> int:
    """The exit code: what could not be done outweighs what is wrong, and that what is undecided."""
    told = {step.status for step in done}
    return 2 if "not done" in told else 1 if "wrong" in told else 3 if "undecided" in told else 0
