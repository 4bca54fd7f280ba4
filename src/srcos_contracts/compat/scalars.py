"""When atoms about numbers and texts follow from what is known of a value."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from srcos_contracts.compat.atoms import WHOLE, Atom, frozen
from srcos_contracts.compat.evaluation import holds
from srcos_contracts.compat.facts import Facts, Logic, Reason, kinds_of, typed
from srcos_contracts.compat.language import TooLarge, Unreadable, any_of_texts, shortest

__all__ = ["bound", "empty_interval", "empty_language", "length", "listed", "multiple", "pattern", "type_"]

_NUMBERS = frozenset(("integer", "whole", "fraction"))
_FEW: dict[str, list[Any]] = {"null": [None], "boolean": [False, True]}
_MOST_NUMBERS = 512
_LONGEST = 300
_FINEST = 2**20
_LARGEST = 10**300


def type_(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    wanted: frozenset[str] = goal.value
    types = facts.types
    if types <= wanted:
        return Reason("every type that can come is taken", next(iter(facts.of("type")), None))
    if types - wanted <= {"fraction"} and any(isinstance(atom.value, int) and atom.value != 0 for atom in facts.of("multipleOf")):
        return Reason("multiples of a whole number are whole", facts.of("multipleOf")[0])
    if types & wanted and all(logic.refutes(logic.with_(facts, typed(*kind))) for kind in kinds_of(types - wanted)):
        return Reason("no value of another type can come", next(iter(facts.of("type")), None))
    return None


def listed(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    """Of types that have few values, or whose texts and whole numbers are bound, whether all that can come is in a list."""
    if facts.values is not None:
        return None
    for kind in sorted(facts.types - WHOLE):
        values = _FEW.get(kind)
        if not (_are_listed(facts, goal, values) if values is not None else kind == "string" and _texts_are_listed(facts, goal)):
            return None
    if not facts.types.isdisjoint(WHOLE) and not _are_listed(facts, goal, _whole_numbers(facts)):
        return None
    return Reason("every value that can come is taken", next(iter(facts.of("pattern")), None))


def _are_listed(facts: Facts, goal: Atom, values: Iterable[Any] | None) -> bool:
    if values is None:
        return False
    return all(frozen(value) in goal.value or any(holds(atom, value) is False for atom in facts.atoms) for value in values)


def _whole_numbers(facts: Facts) -> range | None:
    """The whole numbers within the bounds, of what can be no other number; None where they are many."""
    low, _, high, _ = _interval(facts)
    if not _is_small(low) or not _is_small(high) or high - low >= _MOST_NUMBERS:
        return None
    return range(int(low), int(high) + 1)


def _texts_are_listed(facts: Facts, goal: Atom) -> bool:
    matched, unmatched = _patterns(facts)
    least, most = _counted(facts)
    if not matched and most is None:
        return False
    return _none(_readable(matched), _readable(unmatched) | {any_of_texts(goal.raw)}, least, most)


def _interval(facts: Facts) -> tuple[Any, bool, Any, bool]:
    """The bounds of a number that is known, each with whether it is strict; None for those that are not there."""
    low: tuple[Any, bool] = (None, False)
    high: tuple[Any, bool] = (None, False)
    for atom in facts.of("least"):
        value, strict = atom.value
        if low[0] is None or value > low[0] or (value == low[0] and strict):
            low = value, strict
    for atom in facts.of("most"):
        value, strict = atom.value
        if high[0] is None or value < high[0] or (value == high[0] and strict):
            high = value, strict
    if facts.types.isdisjoint({"fraction"}) and not facts.types.isdisjoint(_NUMBERS):
        if _is_small(low[0]):
            low = (math.floor(low[0]) + 1 if low[1] else math.ceil(low[0])), False
        if _is_small(high[0]):
            high = (math.ceil(high[0]) - 1 if high[1] else math.floor(high[0])), False
    return *low, *high


def _is_small(value: Any) -> bool:
    """Whether a bound is one that doubles and whole numbers agree on."""
    return value is not None and abs(value) < 2**53


def bound(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    value, strict = goal.value
    low, low_strict, high, high_strict = _interval(facts)
    known, known_strict = (low, low_strict) if goal.kind == "least" else (high, high_strict)
    if known is None:
        return None
    fact = next(iter(facts.of(goal.kind)), None)
    if known == value and (known_strict or not strict):
        return Reason("what comes is bound at least as tightly", fact)
    # Engines reckon in doubles: what is not apart there is not apart.
    apart = _apart(known, value) if goal.kind == "least" else _apart(value, known)
    if apart or (not strict and (known > value if goal.kind == "least" else known < value)):
        return Reason("what comes is bound more tightly", fact)
    return None


def _apart(greater: Any, smaller: Any) -> bool:
    try:
        return float(greater) > float(smaller)
    except OverflowError:
        return False


def multiple(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    divisor = _step(goal.value)
    if divisor is None:
        return None
    if Fraction(1) % divisor == 0 and facts.types.isdisjoint({"fraction"}):
        return Reason(f"whole numbers are multiples of {goal.value}", next(iter(facts.of("type")), None))
    for atom in facts.of("multipleOf"):
        known = _step(atom.value)
        if known is not None and known % divisor == 0:
            return Reason(f"multiples of {atom.value} are multiples of {goal.value}", atom)
    return None


def _step(value: Any) -> Fraction | None:
    """A step that engines reckon with exactly; what they make of other fractions depends on how they round."""
    if not 1 / _FINEST <= value <= _LARGEST:
        return None
    step = Fraction(value)
    return None if step.denominator & (step.denominator - 1) or step.denominator > _FINEST else step


def empty_interval(facts: Facts) -> bool:
    """Whether no number satisfies all bounds."""
    low, low_strict, high, high_strict = _interval(facts)
    if low is None or high is None:
        return False
    return _apart(low, high) or (low == high and (low_strict or high_strict))


def _patterns(facts: Facts) -> tuple[frozenset[str], frozenset[str]]:
    """Patterns that the text is known to match, and not to match."""
    matched = frozenset(str(atom.value) for atom in facts.of("pattern"))
    unmatched = set()
    for atom in facts.of("not"):
        inner = [part for part in atom.nodes[0].atoms if part.kind != "type" or "string" not in part.value]
        if len(inner) == 1 and inner[0].kind == "pattern":
            unmatched.add(str(inner[0].value))
        elif len(inner) == 1 and inner[0].kind == "enum":
            unmatched.add(any_of_texts(inner[0].raw))
    return matched, frozenset(unmatched)


def _none(matched: frozenset[str], unmatched: frozenset[str], least: int, most: int | None) -> bool:
    """Whether it is certain that there is no such text."""
    try:
        return shortest(matched, unmatched, least, most) is None
    except TooLarge:
        return False
    except Unreadable:
        return False


def _readable(patterns: frozenset[str]) -> frozenset[str]:
    """Those patterns that are understood. What the others demand as well only leaves fewer texts."""
    found = set()
    for each in patterns:
        try:
            shortest(frozenset((each,)), frozenset())
        except (TooLarge, Unreadable):
            continue
        found.add(each)
    return frozenset(found)


def pattern(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    matched, unmatched = _patterns(facts)
    wanted = str(goal.value)
    if wanted in matched:
        return Reason("what comes matches the same pattern")
    least, most = _counted(facts)
    for alone in matched:
        if _none(frozenset((alone,)), frozenset((wanted,)), 0, None):
            fact = next(atom for atom in facts.of("pattern") if atom.value == alone)
            return Reason("every text that the pattern of what comes matches is taken (automata)", fact)
    if _none(_readable(matched), _readable(unmatched) | {wanted}, least, most):
        return Reason("every text that can come is taken (automata)", next(iter(facts.of("pattern")), None))
    return None


def _counted(facts: Facts) -> tuple[int, int | None]:
    """The lengths that are known, as far as they are few enough to be counted."""
    least, most = facts.least("minLength"), facts.most("maxLength")
    return (least if least <= _LONGEST else 0), (most if most is not None and most <= _LONGEST else None)


def length(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    wanted = int(goal.value)
    shorter = goal.kind == "minLength"
    known = facts.least("minLength") if shorter else facts.most("maxLength")
    if known is not None and (known >= wanted if shorter else known <= wanted):
        return Reason("the length of what comes is bound at least as tightly", next(iter(facts.of(goal.kind)), None))
    matched, unmatched = _patterns(facts)
    if matched and wanted <= _LONGEST:
        bounds = (0, wanted - 1) if shorter else (wanted + 1, None)
        if _none(_readable(matched), _readable(unmatched), *bounds):
            return Reason("the pattern of what comes matches no text of another length (automata)", facts.of("pattern")[0])
    return None


def empty_language(facts: Facts) -> bool:
    """Whether no text satisfies all patterns and lengths."""
    least, most = facts.least("minLength"), facts.most("maxLength")
    if most is not None and least > most:
        return True
    matched, unmatched = _patterns(facts)
    if not matched and (not unmatched or least or most is not None):
        return False
    return _none(_readable(matched), _readable(unmatched), *_counted(facts))
