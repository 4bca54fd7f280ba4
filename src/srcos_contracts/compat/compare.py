"""Two versions of a schema compared: for each direction a proof, a payload that shows the contrary, or why there is neither."""

from __future__ import annotations

import time
from collections.abc import Sequence

from srcos_contracts.compat.arrays import MOST_ITEMS
from srcos_contracts.compat.at_changes import find_at_changes
from srcos_contracts.compat.covering import covered
from srcos_contracts.compat.objects import MOST_MEMBERS
from srcos_contracts.compat.plain_values import LONGEST, is_number
from srcos_contracts.compat.proof import Budget, Proof, Step, Unproved, Unshown, contained
from srcos_contracts.compat.side import Side
from srcos_contracts.compat.witness import DEFAULT_BUDGET, SearchBudget, Seed, Witness, find, from_seeds
from srcos_contracts.contracts.diagnosis import Diagnosis, diagnose
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import lookup

__all__ = ["Breaking", "Comparison", "Compatible", "Undecided", "Verdict", "compare", "judged"]


class Compatible(NamedTuple):
    """All that the one accepts the other accepts."""

    proof: Proof


class Breaking(NamedTuple):
    """Something that the one accepts the other rejects."""

    witness: Witness
    findings: tuple[Diagnosis, ...]
    """What the rejecting side has to say of it: errors alone. Each names the keyword of that side that is broken."""


class Undecided(NamedTuple):
    """Neither a proof nor a witness was found, or there are both, which is a fault of this program."""

    reason: str
    where: tuple[Unshown, ...] = ()
    """What of the accepting side was not shown to hold."""
    proof: Proof | None = None
    witness: Witness | None = None


_FIRST_SECONDS = 0.25
_FIRST_CANDIDATES = 100
_COVERING_SECONDS = 1.0
_LEAST_SECONDS = 0.01
_MOST = {"Length": LONGEST, "Items": MOST_ITEMS, "Properties": MOST_MEMBERS}

Verdict = Compatible | Breaking | Undecided


class Comparison(NamedTuple):
    """What came of comparing two versions."""

    backward: Verdict
    """Of all that the old version accepts: whether the new one accepts it."""
    forward: Verdict
    """Of all that the new version accepts: whether the old one accepts it."""


def compare(
    old: Side,
    new: Side,
    seeds_old: Sequence[Seed] = (),
    seeds_new: Sequence[Seed] = (),
    budget: SearchBudget = DEFAULT_BUDGET,
    name: str = "",
    cross_check: bool = False,
) -> Comparison:
    """The verdicts on two versions of a schema. `seeds_old` and `seeds_new` are the records stored with each, `name` the contract's.

    The time of the budget is for the pair; each direction has half of it. With `cross_check` a witness is looked for even where
    there is a proof. Raises SchemaError or VocabularyError where no validator can be built of a side.
    """
    half = budget._replace(seconds=budget.seconds / 2)
    return Comparison(
        judged(old, new, (*seeds_old, *seeds_new), half, name, cross_check),
        judged(new, old, (*seeds_new, *seeds_old), half, name, cross_check),
    )


def judged(
    inner: Side, outer: Side, seeds: Sequence[Seed] = (), budget: SearchBudget = DEFAULT_BUDGET, name: str = "", cross_check: bool = False
) -> Verdict:
    """Whether all that `inner` accepts `outer` accepts, as `compare` has it; the time of the budget is for this direction."""
    if (inner.warnings or outer.warnings) or _alike(inner, outer):
        proof = contained(inner, outer, _of_a_proof(budget.seconds))
        return Compatible(proof) if isinstance(proof, Proof) else Undecided(proof.reason, proof.where)
    # What takes longest comes last: to judge what is stored, to prove, to look for what is near and for what is at the changes,
    # to prove by canonical forms, to prove what took long, to look for all else.
    stored = from_seeds(inner, outer, seeds)
    if stored is not None and not cross_check:
        return _breaking(outer, stored, name)
    end = time.thread_time() + budget.seconds
    means = _of_a_proof(budget.seconds / 4)
    proof = contained(inner, outer, means)
    if isinstance(proof, Proof) and not cross_check:
        return Compatible(proof)
    witness = stored or find(inner, outer, seeds, _first_look(_until(end, budget)))
    if witness is None:
        left = _until(end, budget)
        doubted = frozenset(gap.outer for gap in proof.where if gap.outer is not None) if isinstance(proof, Unproved) else frozenset()
        witness = find_at_changes(inner, outer, seeds, left._replace(seconds=left.seconds / 2), doubted)
    if isinstance(proof, Unproved) and witness is None:
        asked = time.monotonic()
        if covered(inner, outer, min(_COVERING_SECONDS, max(end - time.thread_time(), _LEAST_SECONDS))):
            proof = Proof((Step(None, None, "the canonical form of the one covers that of the other (jsonschema-rs)"),))
        # Another process has answered, whose time is not this thread's.
        end -= time.monotonic() - asked
    if isinstance(proof, Unproved) and proof.spent and witness is None:
        more = _of_a_proof((end - time.thread_time()) / 2)
        if more.steps > means.steps or more.seconds > means.seconds:
            proof = contained(inner, outer, more)
    if witness is None and (cross_check or isinstance(proof, Unproved)):
        witness = find(inner, outer, seeds, _until(end, budget))
    if isinstance(proof, Proof):
        return Compatible(proof) if witness is None else _contradictory(proof, witness)
    return _breaking(outer, witness, name) if witness is not None else _undecided(proof, outer)


def _of_a_proof(seconds: float) -> Budget:
    """The means of a proof: its steps grow with its time where that is more than usual."""
    usual = Budget()
    return Budget(int(usual.steps * max(1.0, 4 * seconds)), seconds)


def _until(end: float, budget: SearchBudget) -> SearchBudget:
    return budget._replace(seconds=end - time.thread_time())


def _first_look(budget: SearchBudget) -> SearchBudget:
    return SearchBudget(min(_FIRST_SECONDS, budget.seconds), min(_FIRST_CANDIDATES, budget.candidates))


def _alike(inner: Side, outer: Side) -> bool:
    same = (inner.uri, inner.dialect, inner.formats) == (outer.uri, outer.dialect, outer.formats)
    return same and repr(inner.asserted) == repr(outer.asserted)


def _breaking(outer: Side, witness: Witness, name: str) -> Breaking:
    return Breaking(witness, tuple(diagnose(outer.judge(), witness.value, name, witness.parts)))


def _undecided(unproved: Unproved, outer: Side) -> Undecided:
    large = "; one as large as it would have to be is not made" if any(_is_large(outer, gap) for gap in unproved.where) else ""
    return Undecided(f"{unproved.reason}, and no payload was found that shows the contrary{large}", unproved.where)


def _is_large(outer: Side, gap: Unshown) -> bool:
    """Whether what was not shown is a bound on sizes past those of the payloads that are made."""
    most = _MOST.get(gap.keyword[3:]) if gap.keyword[:3] in ("min", "max") else None
    if most is None or gap.outer is None:
        return False
    bound = lookup(outer.resources.get(gap.outer.uri), gap.outer.path)
    return is_number(bound) and bool(bound > most)


def _contradictory(proof: Proof, witness: Witness) -> Undecided:
    return Undecided("there is a proof, and a payload that contradicts it: this is a fault of srcos-validate", (), proof, witness)
