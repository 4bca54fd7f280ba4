"""Whether two schemas say the same in the same words, whatever their annotations and the names of their definitions."""

from __future__ import annotations

from srcos_contracts.compat.atoms import Atom, Node

__all__ = ["Equality"]


class Equality:
    """Remembers what was found equal, and what was not. Two schemas that lead back to themselves are equal if nothing tells them apart
    on the way. Those that lead deeper than calls may be are not found equal."""

    def __init__(self) -> None:
        # What is compared is held, so that its identity is not used again.
        self._same: dict[tuple[Node, Node], None] = {}
        self._different: set[tuple[Node, Node]] = set()

    def same(self, first: Node, second: Node) -> bool:
        """Whether two schemas say the same in the same words, references followed."""
        if first is second:
            return True
        key = first, second
        if key in self._different or first.digest != second.digest:
            return False
        if key in self._same:
            return True
        mark = len(self._same)
        self._same[key] = None
        try:
            equal = self._alike(first, second)
        except RecursionError:
            equal = False
        if not equal:
            # They differ though others were taken for equal on the way. What was found equal meanwhile may hang on that.
            while len(self._same) > mark:
                self._same.popitem()
            self._different.add(key)
        return equal

    def _alike(self, first: Node, second: Node) -> bool:
        mine, others = first.by_digest, second.by_digest
        return mine.keys() == others.keys() and all(
            all(any(self.same_atom(atom, other) for other in others[digest]) for atom in atoms)
            and all(any(self.same_atom(atom, other) for atom in atoms) for other in others[digest])
            for digest, atoms in mine.items()
        )

    def same_atom(self, first: Atom, second: Atom) -> bool:
        if first is second:
            return True
        if first.kind != second.kind or first.value != second.value or len(first.nodes) != len(second.nodes):
            return False
        if first.kind == "ref":
            return self.same(first.target, second.target)
        mine, theirs = first.nodes, second.nodes
        if first.kind in ("anyOf", "oneOf"):
            mine, theirs = tuple(sorted(mine, key=_digest)), tuple(sorted(theirs, key=_digest))
        return all(self.same(one, other) for one, other in zip(mine, theirs, strict=True))


def _digest(node: Node) -> int:
    return node.digest
