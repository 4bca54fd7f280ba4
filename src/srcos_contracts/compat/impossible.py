"""When what is known of a value cannot all be so: there is no such value."""

from __future__ import annotations

from srcos_contracts.compat import items, members, scalars
from srcos_contracts.compat.facts import Facts, Logic

__all__ = ["is_impossible"]


def is_impossible(logic: Logic, facts: Facts) -> bool:
    """Whether it is shown at once, or by a question about alternatives and conditionals, that nothing satisfies all that is known."""
    if not facts.types or facts.of("false") or facts.values == []:
        return True
    if all(_is_impossible_type(logic, facts, kind) for kind in facts.types):
        return True
    if any(logic.proves(facts, atom.nodes[0]) for atom in facts.of("not")):
        return True
    if any(all(logic.refutes(logic.with_(facts, node)) for node in atom.nodes) for kind in ("anyOf", "oneOf") for atom in facts.of(kind)):
        return True
    for atom in facts.of("oneOf"):
        if sum(logic.proves(facts, node) for node in atom.nodes) > 1:
            return True
    for atom in facts.of("if"):
        asked, then, otherwise = atom.nodes
        if then.atoms and logic.proves(facts, asked) and logic.refutes(logic.with_(facts, then)):
            return True
        if otherwise.atoms and logic.refutes(logic.with_(facts, asked)) and logic.refutes(logic.with_(facts, otherwise)):
            return True
    return False


def _is_impossible_type(logic: Logic, facts: Facts, kind: str) -> bool:
    if kind == "object":
        return members.impossible_object(logic, facts)
    if kind == "array":
        return items.impossible_array(logic, facts)
    if kind == "string":
        return scalars.empty_language(facts)
    return kind in ("integer", "whole", "fraction") and scalars.empty_interval(facts)
