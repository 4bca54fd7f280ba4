"""When `unevaluatedProperties` and `unevaluatedItems` follow from their like: no less is evaluated beside them."""

from __future__ import annotations

from srcos_contracts.compat.atoms import Atom, Node
from srcos_contracts.compat.facts import Facts, Logic
from srcos_contracts.compat.unevaluated import UNEVALUATED

__all__ = ["evaluates_no_less"]

_ALTERNATIVES = ("anyOf", "oneOf")
_EVALUATING = frozenset(("members", "items", "contains", "ref", "anyOf", "oneOf", "if", "dependent", "opaque", *UNEVALUATED))


def evaluates_no_less(logic: Logic, facts: Facts, goal: Atom) -> bool:
    """Whether another schema evaluates all that this one's does, and judges the rest as strictly."""
    return any(
        logic.tries(logic.facts((known.nodes[0],)), goal.nodes[0]) and _covers(logic, facts, known.nodes[1], goal.nodes[1])
        for known in facts.of(goal.kind)
    )


def _covers(logic: Logic, facts: Facts, first: Node, second: Node) -> bool:
    """Whether `second` evaluates whatever `first` evaluates of a value that satisfies both."""
    return all(any(_covers_atom(logic, facts, atom, other) for other in second.atoms) for atom in first.atoms if atom.kind in _EVALUATING)


def _covers_atom(logic: Logic, facts: Facts, first: Atom, second: Atom) -> bool:
    if first.kind in _ALTERNATIVES and second.kind in _ALTERNATIVES:
        # For each that holds of the one there is one that holds of the other, most often in the same place.
        return all(
            any(
                logic.tries(logic.with_(facts, one), other) and _covers(logic, facts, one, other)
                for other in (*second.nodes[index : index + 1], *second.nodes)
            )
            for index, one in enumerate(first.nodes)
        )
    if first.kind != second.kind:
        return False
    if logic.same_atom(first, second):
        return True
    if first.kind == "members":
        names, patterns, rest = first.value
        others, other_patterns, other_rest = second.value
        return other_rest or (not rest and set(names) <= set(others) and set(patterns) <= set(other_patterns))
    if first.kind == "items":
        count, rest = first.value
        other_count, other_rest = second.value
        return other_rest or (not rest and count <= other_count)
    if first.kind == "ref":
        return _covers(logic, facts, first.target, second.target)
    if first.kind == "if":
        branches = zip(first.nodes[1:], second.nodes[1:], strict=True)
        return logic.same(first.nodes[0], second.nodes[0]) and all(_covers(logic, facts, one, other) for one, other in branches)
    if first.kind == "dependent":
        return first.value == second.value and _covers(logic, facts, first.nodes[0], second.nodes[0])
    return False
