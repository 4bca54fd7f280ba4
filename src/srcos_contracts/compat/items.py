"""When atoms about the items of arrays follow from what is known of a value."""

from __future__ import annotations

from srcos_contracts.compat.atoms import Atom, Node
from srcos_contracts.compat.evaluation import item_at
from srcos_contracts.compat.facts import Facts, Logic, Reason

__all__ = ["contains", "impossible_array", "items", "number", "unique"]

_MOST_POSITIONS = 200


def _positions(facts: Facts, *more: Atom) -> int:
    """How many positions have schemas of their own."""
    return max((atom.value[0] for atom in (*facts.of("items"), *more)), default=0)


def _most_items(logic: Logic, facts: Facts) -> int | None:
    """The greatest number of items that there may be; None where nothing bounds it."""
    most = facts.most("maxItems")
    count = min(_positions(facts), _MOST_POSITIONS)
    for index in range(count + 1 if most is None else min(most, count + 1)):
        if logic.refutes_below(logic.facts(facts.item(index))):
            return index
    return most


def items(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    _, rest = goal.value
    count = _positions(facts, goal)
    if count > _MOST_POSITIONS:
        return None
    most = _most_items(logic, facts)
    for index in range(count + 1 if rest else count):
        wanted = item_at(goal, index)
        if most is not None and index >= most:
            break
        if wanted is not None and wanted.atoms and not logic.proves_below(logic.facts(facts.item(index)), wanted):
            return None
    return Reason("")


def contains(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    least, most = goal.value
    wanted = goal.nodes[0]
    if least > 0 and not _has(logic, facts, wanted, least):
        return None
    if most is not None and not _has_no_more(logic, facts, wanted, most):
        return None
    return Reason("")


def _every(facts: Facts) -> list[Node]:
    """Schemas that every item satisfies, wherever it stands."""
    return [atom.nodes[-1] for atom in facts.of("items") if atom.value == (0, True)]


def _has(logic: Logic, facts: Facts, wanted: Node, least: int) -> bool:
    for atom in facts.of("contains"):
        known, _ = atom.value
        if known >= least and logic.proves_below(logic.facts((atom.nodes[0], *_every(facts))), wanted):
            return True
    present = facts.least("minItems")
    count = min(present, _positions(facts) + 1)
    fitting = [index for index in range(count) if logic.proves_below(logic.facts(facts.item(index)), wanted)]
    # All items past the positions that have schemas of their own are alike.
    alike = present - count if count - 1 in fitting and count == _positions(facts) + 1 else 0
    return len(fitting) + alike >= least


def _has_no_more(logic: Logic, facts: Facts, wanted: Node, most: int) -> bool:
    bound = _most_items(logic, facts)
    if bound is not None and bound <= most:
        return True
    for atom in facts.of("contains"):
        _, known = atom.value
        if known is not None and known <= most and logic.proves_below(logic.facts((wanted, *_every(facts))), atom.nodes[0]):
            return True
    return _positions(facts) == 0 and logic.refutes_below(logic.facts((wanted, *_every(facts))))


def unique(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    most = _most_items(logic, facts)
    return Reason("one item can come at most") if most is not None and most <= 1 else None


def number(logic: Logic, facts: Facts, goal: Atom) -> Reason | None:
    wanted = int(goal.value)
    if goal.kind == "minItems":
        known = max(facts.least("minItems"), *(atom.value[0] for atom in facts.of("contains")), 0)
        return Reason("as many items always come", next(iter(facts.of("minItems")), None)) if known >= wanted else None
    most = _most_items(logic, facts)
    return Reason("no more items can come", next(iter(facts.of("maxItems")), None)) if most is not None and most <= wanted else None


def impossible_array(logic: Logic, facts: Facts) -> bool:
    """Whether no array satisfies all that is known."""
    least = max(facts.least("minItems"), *(atom.value[0] for atom in facts.of("contains")), 0)
    if any(atom.value[1] is not None and atom.value[1] < atom.value[0] for atom in facts.of("contains")):
        return True
    if least == 0:
        return False
    most = _most_items(logic, facts)
    if most is not None and least > most:
        return True
    return any(atom.value[0] > 0 and logic.refutes_below(logic.facts((atom.nodes[0], *_every(facts)))) for atom in facts.of("contains"))
