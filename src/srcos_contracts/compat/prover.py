"""The search for a proof that whatever satisfies some schemas satisfies another.

A goal is taken apart into atoms, and each must follow from what is known of the value: by being among it, by a rule of its kind,
or in every case of a distinction. A step into members or items asks the same of smaller values, so what is being proved for a
value may be used for those within it (induction over the value). A search that ends without a proof says nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from srcos_contracts.compat.alternatives import any_of, one_of
from srcos_contracts.compat.atoms import Atom, Node, made
from srcos_contracts.compat.cases import additions, distinctions
from srcos_contracts.compat.equality import Equality
from srcos_contracts.compat.evaluated import evaluates_no_less
from srcos_contracts.compat.evaluation import holds
from srcos_contracts.compat.facts import Facts, Reason, negated, one_of_values, with_member
from srcos_contracts.compat.impossible import is_impossible
from srcos_contracts.compat.rules import RULES
from srcos_contracts.compat.unevaluated import UNEVALUATED, as_goal
from srcos_contracts.named import NamedTuple

__all__ = ["Gap", "Prover", "Spent", "Taken"]

_CASES = 2
"""How many distinctions of cases are made within one another."""

_NOTHING = 1 << 30
"""Past all positions of open questions."""


class Spent(Exception):
    """The budget of a search is used up; `what` says which part of it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Taken(NamedTuple):
    """A step of a proof: an atom of the outer schema and what it follows from."""

    fact: Atom | None
    goal: Atom
    words: str


class Gap(NamedTuple):
    """An atom of the outer schema that was not shown to follow."""

    near: Atom | None
    goal: Atom


class Prover:
    """One search. Raises Spent, from any question, when its steps or its time are used up."""

    def __init__(self, steps: int, seconds: float) -> None:
        self._steps = steps
        self._end = time.thread_time() + seconds
        self._known: dict[frozenset[int], Facts] = {}
        self._single: dict[int, Node] = {}
        self._negated: dict[int, Node] = {}
        self._proved: set[tuple[int, int]] = set()
        self._failed: dict[tuple[int, int], int] = {}
        self._supposed: dict[tuple[object, ...], Node] = {}
        self._equality = Equality()
        self._open: dict[tuple[int, int], tuple[int, int]] = {}
        self._level = 0
        self._lowest = _NOTHING
        self._cases = _CASES
        self.taken: list[Taken] = []
        self.gaps: list[Gap] = []
        self.broken_off: Atom | None = None
        """What was being asked where the search ended before its time."""
        self._silent = 0

    # What is known

    def facts(self, nodes: Iterable[Node]) -> Facts:
        unique = {id(node): node for node in nodes if node.atoms}
        key = frozenset(unique)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = Facts(tuple(unique.values()))
        return known

    def with_(self, facts: Facts, *nodes: Node) -> Facts:
        return self.facts((*facts.nodes, *nodes))

    def alone(self, atom: Atom) -> Node:
        return self._single.setdefault(id(atom), made(atom, place=atom.place))

    def negation(self, node: Node) -> Node:
        return self._negated.setdefault(id(node), negated(node))

    def same(self, first: Node, second: Node) -> bool:
        return self._equality.same(first, second)

    def same_atom(self, first: Atom, second: Atom) -> bool:
        return self._equality.same_atom(first, second)

    # Questions

    def proves(self, facts: Facts, node: Node) -> bool:
        key = id(facts), id(node)
        if key in self._proved or not node.atoms or any(self.same(known, node) for known in facts.nodes):
            return True
        if key in self._open:
            level, position = self._open[key]
            if level < self._level:
                self._lowest = min(self._lowest, position)
                return True
            return False
        if self._failed.get(key, -1) >= self._cases and self._silent:
            return False
        return self._within(key, lambda: self._all_follow(facts, node))

    def _all_follow(self, facts: Facts, node: Node) -> bool:
        shown = True
        for atom in node.atoms:
            try:
                shown = self._follows(facts, atom) and shown
            except (RecursionError, Spent):
                if self.broken_off is None and atom.place is not None:
                    self.broken_off = atom
                raise
            # Else whatever is not shown is to be told.
            if self._silent and not shown:
                break
        return shown

    def _within(self, key: tuple[int, int], ask: Callable[[], bool]) -> bool:
        """Asks a question while it is open, and remembers the answer where it hangs on no other open one."""
        self._step()
        position = len(self._open)
        self._open[key] = self._level, position
        outer, self._lowest = self._lowest, _NOTHING
        cases = self._cases
        try:
            answer = ask()
        finally:
            del self._open[key]
            inner, self._lowest = self._lowest, min(outer, self._lowest if self._lowest < position else _NOTHING)
        if answer:
            if inner >= position:
                self._proved.add(key)
        else:
            self._failed[key] = max(cases, self._failed.get(key, -1))
        return answer

    def _step(self) -> None:
        self._steps -= 1
        if self._steps < 0:
            raise Spent("steps")
        if self._steps % 8 == 0 and time.thread_time() > self._end:
            raise Spent("time")

    def proves_below(self, facts: Facts, node: Node) -> bool:
        self._level += 1
        try:
            return self.proves(facts, node)
        finally:
            self._level -= 1

    def refutes_below(self, facts: Facts) -> bool:
        self._level += 1
        try:
            return self.refutes(facts)
        finally:
            self._level -= 1

    def tries(self, facts: Facts, node: Node) -> bool:
        cases, self._cases = self._cases, 0
        try:
            return self._quietly(lambda: self.proves(facts, node))
        finally:
            self._cases = cases

    def shows(self, facts: Facts, node: Node) -> bool:
        return self._quietly(lambda: self.proves(facts, node))

    def _quietly(self, ask: Callable[[], bool]) -> bool:
        """Asks without a word of what failed."""
        self._silent += 1
        try:
            return ask()
        finally:
            self._silent -= 1

    def refutes(self, facts: Facts) -> bool:
        if not facts.nodes:
            return False
        key = id(facts), 0
        if key in self._proved:
            return True
        if key in self._open:
            level, position = self._open[key]
            if level < self._level:
                self._lowest = min(self._lowest, position)
                return True
            return False
        if key in self._failed:
            return False
        cases, self._cases = self._cases, 0
        try:
            return self._quietly(lambda: self._within(key, lambda: is_impossible(self, facts)))
        finally:
            self._cases = cases

    def excludes(self, facts: Facts, *nodes: Node) -> bool:
        if self._cases == 0:
            return False
        supposed = self.with_(facts, *nodes)
        closed = self._closed(supposed)
        return closed is not supposed and self.refutes(closed)

    # One atom

    def _follows(self, facts: Facts, goal: Atom) -> bool:
        if any(self.same_atom(known, goal) for known in facts.by_digest.get(goal.digest, ())):
            return True
        mark, gaps = len(self.taken), len(self.gaps)
        if self._follows_at_once(facts, goal) or self._quietly(lambda: self._follows_by_cases(facts, goal)):
            del self.gaps[gaps:]
            return True
        del self.taken[mark:]
        if not self._silent and all(gap.goal.place is None for gap in self.gaps[gaps:]):
            self.gaps[gaps:] = [Gap(_nearest(facts, goal), goal)]
        return False

    def _follows_at_once(self, facts: Facts, goal: Atom) -> bool:
        self._step()
        if goal.kind == "ref":
            return self.proves(facts, goal.target)
        if not facts.can_fail(goal):
            return True
        if facts.values is not None:
            answers = [holds(goal, value) for value in facts.values]
            if all(answers):
                return self._take(facts, goal, Reason("every value that can come is taken", _nearest(facts, goal)))
            if False in answers and len(facts.values) == len(answers) and goal.kind in ("enum", "type"):
                return self.refutes(facts)
        if goal.kind in UNEVALUATED:
            stronger = as_goal(goal)
            if stronger is None or self._follows(facts, stronger) or evaluates_no_less(self, facts, goal):
                return True
        elif goal.kind == "not":
            return self.refutes(self.with_(facts, goal.nodes[0]))
        elif goal.kind == "anyOf":
            if any_of(self, facts, goal):
                return True
        elif goal.kind == "oneOf":
            if one_of(self, facts, goal):
                return True
        elif goal.kind == "if":
            asked, then, otherwise = goal.nodes
            if not self.proves(self.with_(facts, asked), then):
                return False
            return not otherwise.atoms or self.proves(self.with_(facts, self.negation(asked)), otherwise)
        else:
            rule = RULES.get(goal.kind)
            reason = rule(self, facts, goal) if rule is not None else None
            if reason is not None:
                return self._take(facts, goal, reason)
        return self.refutes(facts)

    def _take(self, facts: Facts, goal: Atom, reason: Reason) -> bool:
        if reason.words:
            self.taken.append(Taken(reason.fact, goal, reason.words))
        return True

    # Cases

    def _follows_by_cases(self, facts: Facts, goal: Atom) -> bool:
        if self._cases == 0:
            return False
        closed = self._closed(facts)
        if closed is not facts:
            return self._follows(closed, goal)
        if self.excludes(facts, goal.nodes[0] if goal.kind == "not" else self.negation(self.alone(goal))):
            return True
        for cases in distinctions(self, facts, goal):
            self._cases -= 1
            try:
                if all(self.proves(self.with_(facts, *case), self.alone(goal)) for case in cases):
                    return True
            finally:
                self._cases += 1
        return False

    def _closed(self, facts: Facts) -> Facts:
        """What is known, with what alternatives and conditionals are shown to add."""
        if facts.closed is not None:
            return facts.closed
        facts.closed = facts
        cases, self._cases = self._cases, 0
        outer, self._lowest = self._lowest, _NOTHING
        self._silent += 1
        try:
            added = list(additions(self, facts))
        finally:
            self._silent -= 1
            self._cases = cases
            inner, self._lowest = self._lowest, min(outer, self._lowest)
        more = self.with_(facts, *added)
        if inner < _NOTHING:
            # It hangs on what is still open.
            facts.closed = None
            return more
        facts.closed = self._closed(more) if more is not facts else facts
        return facts.closed

    def _made(self, key: tuple[object, ...], make: Callable[[], Node]) -> Node:
        node = self._supposed.get(key)
        if node is None:
            node = self._supposed[key] = make()
        return node

    def wrong(self, name: str, node: Node) -> Node:
        return self._made(("member", name, id(node)), lambda: with_member(name, self.negation(node)))

    def supposed_value(self, name: str, value: Any) -> Node:
        return self._made(("value", name, repr(value)), lambda: with_member(name, one_of_values(value)))


def _nearest(facts: Facts, goal: Atom) -> Atom | None:
    """What is known of the same kind, to show beside a goal."""
    alike = facts.of(goal.kind)
    return alike[0] if alike else facts.atoms[0] if facts.atoms else None
