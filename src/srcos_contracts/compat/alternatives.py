"""When alternatives follow from what is known of a value: by one of them, or each from the one in its place."""

from __future__ import annotations

from srcos_contracts.compat.atoms import Atom, Node
from srcos_contracts.compat.facts import Facts, Logic

__all__ = ["any_of", "one_of"]

_MOST_CHANGED = 2
"""Where more than these are not what stood in their place, they were moved, and none is worth a long look."""


def any_of(logic: Logic, facts: Facts, goal: Atom) -> bool:
    """Whether some alternative is shown to hold."""
    return (
        any(logic.tries(facts, node) for node in goal.nodes)
        or _unless_all_hold(logic, facts, goal)
        or _branch_by_branch(logic, facts, goal)
    )


def one_of(logic: Logic, facts: Facts, goal: Atom) -> bool:
    """Whether one alternative is shown to hold, and no other."""
    return _first_and_no_other(logic, facts, goal) or _branch_by_branch(logic, facts, goal)


def _first_and_no_other(logic: Logic, facts: Facts, goal: Atom) -> bool:
    for node in goal.nodes:
        if logic.tries(facts, node):
            return all(other is node or logic.refutes(logic.with_(facts, other)) for other in goal.nodes)
    return False


def _unless_all_hold(logic: Logic, facts: Facts, goal: Atom) -> bool:
    """Alternatives that say what does not hold: if all of that did, another one would be shown to hold, or there is no such value."""
    refused = [node.atoms[0].nodes[0] for node in goal.nodes if len(node.atoms) == 1 and node.atoms[0].kind == "not"]
    if not refused:
        return False
    supposed = logic.with_(facts, *refused)
    return logic.refutes(supposed) or any(logic.tries(supposed, node) for node in goal.nodes)


def _branch_by_branch(logic: Logic, facts: Facts, goal: Atom) -> bool:
    """Alternatives from as many others, each from the one in its place.

    Of `oneOf` no second one may come to hold: a branch asks for no less than the one in its place, or rules out all the others.
    """
    for known in facts.of(goal.kind):
        pairs = list(zip(known.nodes, goal.nodes, strict=True)) if len(known.nodes) == len(goal.nodes) else []
        if pairs and _each_follows(logic, facts, pairs):
            wider = [] if goal.kind == "anyOf" else [b for a, b in pairs if not logic.tries(logic.with_(facts, b), a)]
            if all(other is node or logic.refutes(logic.with_(facts, node, other)) for node in wider for other in goal.nodes):
                return True
    return False


def _each_follows(logic: Logic, facts: Facts, pairs: list[tuple[Node, Node]]) -> bool:
    """Whether each alternative follows from the one in its place; of a few that changed, cases are told apart as well."""
    changed = []
    for mine, theirs in pairs:
        if not logic.tries(logic.with_(facts, mine), theirs):
            changed.append((mine, theirs))
            if len(changed) > _MOST_CHANGED:
                return False
    return all(logic.shows(logic.with_(facts, mine), theirs) for mine, theirs in changed)
