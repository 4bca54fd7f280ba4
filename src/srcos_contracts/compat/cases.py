"""What follows from conditionals and alternatives, and the cases that may be told apart where nothing follows yet."""

from __future__ import annotations

from collections.abc import Iterator

from srcos_contracts.compat.atoms import Atom, Node
from srcos_contracts.compat.facts import CONTRADICTION, Facts, Logic, kinds_of, present, typed

__all__ = ["additions", "distinctions"]

_MOST_DISTINCTIONS = 12
_MOST_VALUES = 12


def additions(logic: Logic, facts: Facts) -> Iterator[Node]:
    """What conditionals, alternatives and what does not hold are shown to add to what is known."""
    for atom in facts.of("if"):
        asked, then, otherwise = atom.nodes
        if then.atoms and logic.proves(facts, asked):
            yield then
        elif otherwise.atoms and logic.refutes(logic.with_(facts, asked)):
            yield otherwise
    for kind in ("anyOf", "oneOf"):
        for atom in facts.of(kind):
            left = [node for node in atom.nodes if not logic.refutes(logic.with_(facts, node))]
            if len(left) < 2:
                yield left[0] if left else CONTRADICTION
            elif kind == "oneOf":
                held = [node for node in left if logic.proves(facts, node)]
                yield from (logic.negation(node) for node in left if held and node is not held[0])
    for atom in facts.of("not"):
        yield from _narrowed(logic, facts, atom)


def _narrowed(logic: Logic, facts: Facts, atom: Atom) -> Iterator[Node]:
    """Of a schema that does not hold, what alone can be wrong with it."""
    inner = atom.nodes[0].atoms
    left = [part for part in inner if not logic.proves(facts, logic.alone(part))]
    if len(left) != 1:
        return
    part = left[0]
    if part.kind == "ref":
        yield logic.negation(part.target)
    elif part.kind == "not":
        yield part.nodes[0]
    elif part.kind == "anyOf":
        yield from (logic.negation(node) for node in part.nodes)
    elif part.kind == "members" and part.value[1:] == ((), False) and len(part.nodes) == 1:
        name = part.value[0][0]
        yield logic.wrong(name, part.nodes[0])
        yield present(name)
        yield typed("object")
    elif len(inner) > 1:
        yield logic.negation(logic.alone(part))


def distinctions(logic: Logic, facts: Facts, goal: Atom) -> Iterator[list[tuple[Node, ...]]]:
    """Cases of which one holds, each with what is known in it; the likeliest to help come first."""
    if goal.kind in ("anyOf", "oneOf", "if"):
        kinds = kinds_of(facts.types)
        if len(kinds) > 1:
            yield [(typed(*kind),) for kind in kinds]
    about = _names_in(goal, 3)
    count = 0
    for kind in ("anyOf", "oneOf", "if"):
        for atom in facts.of(kind):
            if about and about.isdisjoint(_names_in(atom, 3)):
                continue
            count += 1
            if count > _MOST_DISTINCTIONS:
                return
            if kind == "if":
                asked, then, otherwise = atom.nodes
                yield [(asked, then), (logic.negation(asked), otherwise)]
            else:
                yield [(node,) for node in atom.nodes]
    for name in sorted(about & facts.required):
        values = logic.facts(facts.member(name)).values
        if values is not None and 1 < len(values) <= _MOST_VALUES:
            yield [(logic.supposed_value(name, value),) for value in values]


def _names_in(atom: Atom, depth: int) -> set[str]:
    """The names of members that an atom is about."""
    found: set[str] = set()
    if atom.kind == "members":
        found.update(atom.value[0])
    elif atom.kind in ("required", "dependent"):
        found.add(str(atom.value))
    if depth and atom.kind in ("if", "anyOf", "oneOf", "not", "dependent"):
        for node in atom.nodes:
            for inner in node.atoms:
                found |= _names_in(inner, depth - 1)
    return found
