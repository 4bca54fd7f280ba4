"""What `unevaluatedProperties` and `unevaluatedItems` say in atoms that do not depend on what was evaluated beside them."""

from __future__ import annotations

from collections.abc import Iterator

from srcos_contracts.compat.atoms import Atom, Node, grouped, made

__all__ = ["UNEVALUATED", "as_fact", "as_goal", "contributions"]

UNEVALUATED = {"unevaluatedProperties": "members", "unevaluatedItems": "items"}
"""The two keywords, each with the kind of atom in which it can be said what is evaluated."""

_ANY = made()


def contributions(node: Node, maybe: bool, seen: frozenset[int] = frozenset()) -> Iterator[Atom]:
    """The atoms for a value that say what they evaluate: those that always hold, or with `maybe` all that may hold."""
    if id(node) in seen:
        return
    seen |= {id(node)}
    for atom in node.atoms:
        if atom.kind == "ref":
            yield from contributions(atom.target, maybe, seen)
        elif maybe and atom.kind in ("anyOf", "oneOf", "if", "dependent"):
            for inner in atom.nodes:
                yield from contributions(inner, maybe, seen)
        elif atom.kind != "not":
            yield atom


def as_goal(atom: Atom) -> Atom | None:
    """An atom that says no less: what is surely evaluated is left out. None where all is evaluated beside it."""
    return _grouped(atom, list(contributions(atom.nodes[1], False)), False)


def as_fact(atom: Atom) -> Atom | None:
    """An atom that says no more: what may be evaluated is left out. None where that could be all."""
    return _grouped(atom, list(contributions(atom.nodes[1], True)), True)


def _grouped(atom: Atom, beside: list[Atom], maybe: bool) -> Atom | None:
    kind = UNEVALUATED[atom.kind]
    groups = [each for each in beside if each.kind == kind]
    whole = any(each.kind == atom.kind for each in beside) or any(bool(each.value[-1]) for each in groups)
    if whole or (maybe and any(each.kind == "opaque" or (kind == "items" and each.kind == "contains") for each in beside)):
        return None
    rest = atom.nodes[0]
    if kind == "items":
        first = max((each.value[0] for each in groups), default=0)
        return Atom("items", (first, True), (*[_ANY] * first, rest), atom.place)
    names = tuple(sorted({name for each in groups for name in each.value[0]}))
    patterns = tuple(sorted({pattern for each in groups for pattern in each.value[1]}))
    return grouped(names, patterns, True, (*[_ANY] * (len(names) + len(patterns)), rest), atom.place)
