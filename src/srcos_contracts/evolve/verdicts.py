"""What a comparison of contracts comes to under a policy, and its findings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from os.path import normpath
from typing import Any, Literal

from srcos_contracts.compat.witness import Witness
from srcos_contracts.evolve.check_rules import finding_of_rule
from srcos_contracts.evolve.diff import DIRECTIONS, Break, Compared, Direction, Doubt, Outcome
from srcos_contracts.exact import exact_text
from srcos_contracts.finding import Finding, Location, SchemaPlace, Severity
from srcos_contracts.named import NamedTuple
from srcos_contracts.wording import cut, join_words

__all__ = [
    "POLICIES",
    "UNUSABLE_BEFORE",
    "Label",
    "Policy",
    "Problem",
    "Totals",
    "as_object",
    "asked",
    "dropped",
    "findings",
    "label",
    "mended",
    "open_names",
    "payload",
    "totals",
]

Policy = Literal["backward", "forward", "full"]
POLICIES: dict[Policy, tuple[Direction, ...]] = {"backward": ("backward",), "forward": ("forward",), "full": DIRECTIONS}
"""The directions in which nothing may break."""
Label = Literal["unchanged", "compatible", "approved", "breaking", "undecided", "added", "removed", "mended", "not compared"]
_BREAKS: dict[Direction, str] = {"backward": "breaks-backward", "forward": "breaks-forward"}
_UNDECIDED: dict[Direction, str] = {"backward": "undecided-backward", "forward": "undecided-forward"}
_PLACED = re.compile(r":(\d+):(\d+): (.*)", re.DOTALL)
_WIDTH = 2000
UNUSABLE_BEFORE = "the earlier state cannot be used, so nothing could rely on it"
"""What is to be said before a problem of a state that is over."""


class Problem(NamedTuple):
    """What keeps something from being compared that is no contract, or is no use to one: a schema, a waiver."""

    file: str
    """Where it is, or would be, in the new state."""
    words: str
    severity: Severity = "error"
    """A warning where it is of a state that is over."""


def asked(one: Compared, policy: Policy) -> tuple[Direction, ...]:
    """The directions that count for a contract. That one is gone breaks whoever writes it or reads it, whatever the policy."""
    return ("backward",) if one.pair.kind == "removed" else POLICIES[policy]


class Totals(NamedTuple):
    """How many contracts came to what, under a policy."""

    breaking: int
    undecided: int
    problems: int
    """How many could not be compared."""
    compared: int
    """How many could."""


def label(one: Compared, policy: Policy) -> Label:
    """One contract in a word."""
    if one.problem:
        return "not compared"
    if one.mended:
        return "mended"
    if one.pair.kind in ("added", "removed"):
        return "added" if one.pair.kind == "added" else "removed"
    told = [outcome.verdict for direction in POLICIES[policy] if (outcome := one.outcome(direction)) is not None]
    if "breaking" in told:
        return "breaking"
    if "undecided" in told:
        return "undecided"
    if "approved" in told:
        return "approved"
    both = [outcome for direction in DIRECTIONS if (outcome := one.outcome(direction)) is not None]
    equal = all(outcome.verdict == "compatible" and _is_equality(outcome) for outcome in both)
    return "unchanged" if equal and not one.notes else "compatible"


def _is_equality(outcome: Outcome) -> bool:
    return outcome.proof is not None and len(outcome.proof.steps) == 1 and outcome.proof.steps[0].outer is None


def totals(all_compared: Sequence[Compared], policy: Policy) -> Totals:
    """What a run came to."""
    told = [_weight(one, policy) for one in all_compared]
    problems, passed_over = sum(bool(one.problem) for one in all_compared), sum(bool(one.mended) for one in all_compared)
    return Totals(told.count("breaking"), told.count("undecided"), problems, len(all_compared) - problems - passed_over)


def _weight(one: Compared, policy: Policy) -> str:
    verdicts = [outcome.verdict for direction in asked(one, policy) if (outcome := one.outcome(direction)) is not None]
    return "breaking" if "breaking" in verdicts else "undecided" if "undecided" in verdicts else "compatible"


def findings(all_compared: Sequence[Compared], policy: Policy, problems: Sequence[Problem] = ()) -> Iterator[Finding]:
    """What a run came to as findings: errors for what the policy rules out, warnings for what was approved.

    `problems` are those of schemas and waivers that could not be used.
    """
    for problem in problems:
        words = problem.words if problem.severity == "error" else f"{UNUSABLE_BEFORE}: {problem.words}"
        yield _cannot_compare(words, problem.file, ("", ""), problem.severity)
    for one in all_compared:
        if one.problem:
            yield _cannot_compare(one.problem, one.file, _named(one))
        if one.mended:
            yield _cannot_compare(mended(one), one.file, _named(one), "warning")
        for direction in asked(one, policy):
            outcome = one.outcome(direction)
            if outcome is not None:
                yield from _of_outcome(one, direction, outcome)


def mended(one: Compared) -> str:
    """What is to be said of a contract whose old schema cannot be used."""
    return f"it cannot be compared, for the old schema cannot be used, so nothing could rely on it: {one.mended}"


def _cannot_compare(problem: str, file: str, named: tuple[str, str], severity: Severity = "error") -> Finding:
    placed = _PLACED.fullmatch(problem.removeprefix(file)) if problem.startswith(file) else None
    # As a pull request names files: without `./`.
    location = Location(normpath(file), int(placed[1]), int(placed[2])) if placed is not None else Location(normpath(file))
    detail = placed[3] if placed is not None else problem.removeprefix(f"{file}: ")
    return finding_of_rule("cannot-compare", location, detail, named=named, severity=severity)


def _of_outcome(one: Compared, direction: Direction, outcome: Outcome) -> Iterator[Finding]:
    for broken in outcome.breaks:
        severity: Severity = "error" if broken.approval is None else "warning"
        location = _location(one, broken.near)
        yield finding_of_rule(_BREAKS[direction], location, _detail(broken), _help(broken), broken.pointer, _named(one), severity)
    if outcome.verdict == "undecided":
        where = "; ".join(map(str, outcome.where[:3]))
        detail = f"{outcome.reason}{f': {where}' if where else ''}"
        first = next((doubt for doubt in outcome.where if doubt.near is not None), Doubt(None, ""))
        yield finding_of_rule(_UNDECIDED[direction], _location(one, first.near), detail, pointer=first.pointer, named=_named(one))


def _location(one: Compared, place: SchemaPlace | None) -> Location:
    return Location(normpath(place.file), place.line, place.column) if place is not None else Location(normpath(one.file))


def _detail(broken: Break) -> str:
    if broken.gone:
        return "the contract is gone"
    return "; ".join(dict.fromkeys(f"{fault.rule}: {fault.detail or fault.message}" for fault in broken.findings))


def _help(broken: Break) -> str:
    lines = [f"witness: {payload(broken.witness)}"]
    if broken.dropped:
        lines.append(dropped(broken))
    if broken.approval is not None:
        lines.append(f"approved until {broken.approval.until}: {broken.approval.reason}")
    elif broken.undeclared:
        lines.append(open_names(broken.undeclared))
    return "\n".join(lines)


def open_names(name: str) -> str:
    """What is to be said of a break that only concerns a name which was left free."""
    return (
        f"the accepting version leaves {name} free without declaring it, so a record may have it with any value; "
        "--closed-producers presumes that nobody writes such names"
    )


def dropped(broken: Break) -> str:
    """What is to be said of a break by properties that are declared no longer."""
    return f"the accepting version declares {join_words(broken.dropped, 'and')}, the refusing one does not"


def payload(witness: Witness) -> str:
    """A witness in one line: the payload where it is short, or the change that makes it of a stored example."""
    if witness.seed and witness.patch:
        return f"{witness.seed} with {exact_text(witness.patch, ascii=False)}"
    return f"{witness.seed} as it is" if witness.seed else cut(exact_text(witness.value, ascii=False), _WIDTH)


def _named(one: Compared) -> tuple[str, str]:
    contract = one.pair.new or one.pair.old
    return (contract.name, contract.version) if contract is not None else ("", "")


def as_object(one: Compared, policy: Policy) -> dict[str, Any]:
    """One contract as JSON: null where there is nothing to say."""
    pair = one.pair
    return {
        "contract": pair.name,
        "old": pair.old.version if pair.old is not None else None,
        "new": pair.new.version if pair.new is not None else None,
        "kind": pair.kind,
        "label": label(one, policy),
        "problem": one.problem or None,
        "mended": one.mended or None,
        "remarks": list(one.remarks),
        "backward": _outcome_object(one.backward),
        "forward": _outcome_object(one.forward),
        "notes": [{"audience": note.audience, "words": note.words} for note in one.notes],
        "milliseconds": round(one.milliseconds, 1),
    }


def _outcome_object(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    return {
        "verdict": outcome.verdict,
        "proof": [str(step) for step in outcome.proof.steps] if outcome.proof is not None else None,
        "breaks": [_break_object(broken) for broken in outcome.breaks],
        "reason": outcome.reason or None,
        "where": [{"pointer": doubt.pointer, "keyword": doubt.keyword, "schema": _shown(doubt.place)} for doubt in outcome.where],
    }


def _break_object(broken: Break) -> dict[str, Any]:
    return {
        "pointer": broken.pointer,
        "schema": _shown(broken.place),
        "payload": broken.witness.value,
        "example": broken.witness.seed or None,
        "patch": list(broken.witness.patch),
        "findings": [
            {"rule": fault.rule, "message": fault.message, "detail": fault.detail, "help": fault.help} for fault in broken.findings
        ],
        "undeclaredName": broken.undeclared or None,
        "dropped": list(broken.dropped),
        "approvedUntil": broken.approval.until if broken.approval is not None else None,
        "reason": broken.approval.reason if broken.approval is not None else None,
    }


def _shown(place: SchemaPlace | None) -> str | None:
    return f"{place.file}:{place.line}:{place.column}" if place is not None else None
