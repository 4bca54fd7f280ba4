"""Whether all that one schema accepts another accepts, with the proof of it. Never a yes that is wrong; a no is only "not shown"."""

from __future__ import annotations

from srcos_contracts.compat.atoms import Atom
from srcos_contracts.compat.form import Form
from srcos_contracts.compat.prover import Gap, Prover, Spent, Taken
from srcos_contracts.compat.side import Side
from srcos_contracts.contracts.resources import Place
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import format_pointer

__all__ = ["Budget", "Proof", "Step", "Unproved", "Unshown", "contained"]


class Budget(NamedTuple):
    """How far a proof is searched for; what runs out first ends the search."""

    steps: int = 4_000
    seconds: float = 2.0
    """Of this thread on a processor: what else the machine does changes no answer."""


class Step(NamedTuple):
    """An assertion of the outer schema, and why it holds for all that the inner one accepts: what comes, in its words."""

    inner: Place | None
    """What it follows from, where that is one keyword."""
    outer: Place | None
    words: str

    def __str__(self) -> str:
        return f"{_pointer(self.outer)}: {self.words}" if self.outer is not None else self.words


class Proof(NamedTuple):
    """All that the inner schema accepts the outer one accepts. Whatever has no step of its own stands in both alike."""

    steps: tuple[Step, ...]


class Unshown(NamedTuple):
    """An assertion of the outer schema that was not shown to hold for all that the inner one accepts."""

    inner: Place | None
    """The nearest that the inner schema says."""
    outer: Place | None
    keyword: str

    def __str__(self) -> str:
        return f"{_pointer(self.outer)} ({self.keyword})"


class Unproved(NamedTuple):
    """No proof was found. Whether there is one is not known."""

    reason: str
    where: tuple[Unshown, ...] = ()
    spent: bool = False
    """Whether the budget ended the search, so that a larger one may find more."""


def contained(inner: Side, outer: Side, budget: Budget = Budget()) -> Proof | Unproved:  # noqa: B008 - it is immutable
    """Whether all that `inner` accepts `outer` accepts: a proof, or what kept one from being found.

    Both are schemas that are valid in their dialects, as `Side.judge` finds out.
    """
    if inner.warnings or outer.warnings:
        if _are_equal(inner, outer) and repr(inner.document) == repr(outer.document):
            return Proof((Step(None, None, "the two are the same, word for word"),))
        side, path = (inner, inner.warnings[0]) if inner.warnings else (outer, outer.warnings[0])
        where = (Unshown(None, Place(side.uri, path), "x-rule"),)
        return Unproved("a warning stands where it takes part in the verdict, so that errors cannot be told apart from it", where)
    if _are_equal(inner, outer):
        return Proof((Step(None, None, "equal after annotations are set aside"),))
    prover = Prover(*budget)
    try:
        first, second = inner.once(Form).root, outer.once(Form).root
        if prover.same(first, second):
            return Proof((Step(None, None, "equal after annotations are set aside"),))
        if prover.proves(prover.facts((first,)), second):
            return Proof(tuple(dict.fromkeys(_step(taken) for taken in prover.taken)))
        return Unproved("no rule shows it", tuple(dict.fromkeys(_unshown(gap) for gap in prover.gaps)))
    except Spent as spent:
        most = f"{budget.steps} steps" if spent.what == "steps" else f"{budget.seconds:g} s"
        return Unproved(f"the search for a proof was given up: its budget is used up, which is {most}", _broken_off(prover), True)
    except RecursionError:
        return Unproved("nested too deep", _broken_off(prover))


def _broken_off(prover: Prover) -> tuple[Unshown, ...]:
    """What was found not to be shown until the search ended, or else what was being asked then."""
    gaps = prover.gaps or [Gap(None, goal) for goal in (prover.broken_off,) if goal is not None]
    return tuple(dict.fromkeys(map(_unshown, gaps)))


def _are_equal(inner: Side, outer: Side) -> bool:
    """Whether the two are equal as they stand. Their text is compared, for in JSON true is not 1."""
    return (inner.uri, inner.dialect, inner.formats) == (outer.uri, outer.dialect, outer.formats) and repr(inner.asserted) == repr(
        outer.asserted
    )


def _step(taken: Taken) -> Step:
    return Step(taken.fact.place if taken.fact is not None else None, taken.goal.place, taken.words)


def _unshown(gap: Gap) -> Unshown:
    return Unshown(gap.near.place if gap.near is not None else None, gap.goal.place, _keyword(gap.goal))


def _keyword(atom: Atom) -> str:
    last = [token for token in (atom.place.path if atom.place is not None else ()) if isinstance(token, str)]
    return last[-1] if last and atom.kind not in ("members", "items", "false") else atom.kind


def _pointer(place: Place | None) -> str:
    return format_pointer(place.path) or "the root" if place is not None else "a supposed schema"
