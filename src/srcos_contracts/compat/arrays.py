"""Arrays that are what a leaf demands: how many items, and what each of them accepts and breaks."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any

from srcos_contracts.compat.goals import Goal, Leaf, Literal, stated
from srcos_contracts.compat.reading import Node
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import ABSENT

__all__ = ["MOST_ITEMS", "arrays"]

Make = Callable[[Goal, Any], Iterator[Any]]

MOST_ITEMS = 10_000
_MOST_PLANS = 48
_MOST_VARIANTS = 6
_ITEM_KEYWORDS = ("items", "prefixItems", "additionalItems")
_SPARE: tuple[Any, ...] = ("a", "b", 0, 1, None, True, 0.5, [], {}, "c", 2)


class _Plan(NamedTuple):
    least: int
    most: int
    wanted: tuple[tuple[int, Node, bool], ...] = ()
    """By position what an item accepts, or breaks; -1 is every item, -2 the one after all others."""
    doubled: bool = False
    without: tuple[Node, ...] = ()
    """What no item that is taken over from the hint may be."""


_EVERY = -1


def arrays(leaf: Leaf, hint: Any, make: Make) -> Iterator[list[Any]]:
    """Arrays for a leaf; whoever uses one checks it."""
    positioned = _distinct(literal.node for literal in leaf.yes if literal.keyword in (*_ITEM_KEYWORDS, "unevaluatedItems"))
    least = max([0, *(_count(literal.value) for literal in leaf.yes if literal.keyword == "minItems")])
    most = min([MOST_ITEMS, *(_count(literal.value) for literal in leaf.yes if literal.keyword == "maxItems")])
    plans = [_Plan(least, most)]
    for literal in leaf.yes:
        if literal.keyword == "contains":
            plans = list(islice((plan for each in plans for plan in _containing(each, literal, hint)), _MOST_PLANS))
    for literal in leaf.no:
        plans = list(islice((broken for plan in plans for broken in _broken(plan, literal, hint)), _MOST_PLANS))
    for plan in plans:
        if plan.least <= plan.most:
            yield from _filled(plan, leaf, positioned, hint, make)


def _distinct(nodes: Iterator[Node]) -> list[Node]:
    return list({node.key: node for node in nodes}.values())


def _count(value: Any) -> int:
    return int(min(value, MOST_ITEMS)) if isinstance(value, (int, float, Decimal)) else 0


def _contained(literal: Literal) -> tuple[Node, int, int | None]:
    """The schema of a `contains`, and how many items it asks for."""
    parts = literal.node.reading.parts(literal.node.schema)
    most = parts.get("maxContains")
    return literal.node.under("contains"), _count(parts.get("minContains", 1)), None if most is None else _count(most)


def _containing(plan: _Plan, literal: Literal, hint: Any) -> Iterator[_Plan]:
    inner, least, most = _contained(literal)
    held = [item for item in hint if inner.reading.accepts(inner, item)] if isinstance(hint, list) else []
    enough = len(held) >= least and (most is None or len(held) <= most)
    if least == 0 or enough:
        yield plan
    taken = [at for at, _, wanted in plan.wanted if wanted and at >= 0]
    first = max(taken, default=-1) + 1
    # One place further on leaves the first to what must be at fault there.
    for start in dict.fromkeys((max(first, len(hint) if isinstance(hint, list) else 0), first, 0, first + 1)):
        wanted = tuple((start + at, inner, True) for at in range(least))
        yield plan._replace(least=max(plan.least, start + least), wanted=(*plan.wanted, *wanted))


def _broken(plan: _Plan, literal: Literal, hint: Any) -> Iterator[_Plan]:
    keyword, value, _ = literal
    length = len(hint) if isinstance(hint, list) else 0
    if keyword == "minItems":
        yield plan._replace(most=min(plan.most, _count(value) - 1))
    elif keyword == "maxItems":
        yield plan._replace(least=max(plan.least, _count(value) + 1))
    elif keyword in ("uniqueItems", "x-unique"):
        yield plan._replace(least=max(plan.least, 2), doubled=True)
        for more in (3, 4):
            yield plan._replace(least=max(plan.least, more), doubled=True)
    elif keyword == "contains":
        inner, least, most = _contained(literal)
        if least:
            if length:
                yield plan._replace(without=(*plan.without, inner), wanted=(*plan.wanted, (_EVERY, inner, False)))
            for kept in range(least):
                yield (
                    plan._replace(most=min(plan.most, kept))
                    if kept == 0
                    else plan._replace(
                        wanted=(*plan.wanted, *((at, inner, True) for at in range(kept)), (kept, inner, False), (kept + 1, inner, False)),
                        most=min(plan.most, kept + 2),
                        least=max(plan.least, kept),
                    )
                )
            yield plan._replace(wanted=(*plan.wanted, (_EVERY, inner, False)), least=max(plan.least, min(1, plan.most)))
        if most is not None:
            yield plan._replace(least=max(plan.least, most + 1), wanted=(*plan.wanted, *((at, inner, True) for at in range(most + 1))))
    elif keyword in ("const", "enum"):
        # Another value than each that is named: with more items, or with another one.
        yield plan
        lengths = {len(each) for each in stated(literal) if isinstance(each, list)}
        if lengths:
            yield plan._replace(least=max(plan.least, *(length + 1 for length in lengths)))
            anything = (0, literal.node._replace(schema=True), True)
            yield from (plan._replace(least=max(plan.least, each), wanted=(*plan.wanted, anything)) for each in sorted(lengths - {0}))
    elif keyword in (*_ITEM_KEYWORDS, "unevaluatedItems"):
        for at, inner in _at_fault(literal, length):
            yield plan._replace(least=max(plan.least, at + 1), wanted=(*plan.wanted, (at, inner, False)))
    else:
        yield plan


def _at_fault(literal: Literal, length: int) -> Iterator[tuple[int, Node]]:
    """The positions at which an item may break a keyword, and the schema that it breaks there."""
    keyword, value, node = literal
    if isinstance(value, list):
        yield from ((at, node.under(keyword, at)) for at in range(len(value)))
        return
    start = _tuple_length(node) if keyword in ("items", "additionalItems") else 0
    tries = dict.fromkeys((start, start + 1, *range(min(length, 4)), length, start + 2))
    yield from ((at, node.under(keyword)) for at in tries if at >= start)


def _tuple_length(node: Node) -> int:
    """How many items have schemas of their own."""
    parts = node.reading.parts(node.schema)
    listed = parts.get("items") if node.reading.tuples_in_items else parts.get("prefixItems")
    return len(listed) if isinstance(listed, list) else 0


def _applied(node: Node, at: int) -> list[Node]:
    """The schemas that a node has for the item at a position."""
    parts = node.reading.parts(node.schema)
    unevaluated = [node.under("unevaluatedItems")] if isinstance(parts.get("unevaluatedItems"), dict) else []
    keyword = "items" if node.reading.tuples_in_items else "prefixItems"
    listed = parts.get(keyword)
    if isinstance(listed, list):
        if at < len(listed):
            return [node.under(keyword, at)]
        rest = "additionalItems" if keyword == "items" else "items"
        return [node.under(rest)] if rest in parts else unevaluated
    return [node.under("items")] if "items" in parts else unevaluated


def _filled(plan: _Plan, leaf: Leaf, positioned: Sequence[Node], hint: Any, make: Make) -> Iterator[list[Any]]:
    base = hint if isinstance(hint, list) else []
    if plan.without:
        base = [item for item in base if not any(node.reading.accepts(node, item) for node in plan.without)]
    length = max(plan.least, min(len(base), plan.most))
    wanted = [at for at, _, _ in plan.wanted if at >= 0]
    unique = any(literal.keyword == "uniqueItems" and literal.value is True for literal in leaf.yes)
    items: list[Any] = []
    choices: list[tuple[int, Iterator[Any]]] = []
    for at in range(length):
        goal = _goal(plan, positioned, at)
        if not goal.holds and not goal.fails:
            options: Iterator[Any] = iter((base[at], *_SPARE) if at < len(base) else _SPARE)
        else:
            options = make(goal, base[at] if at < len(base) else ABSENT)
        item = next((option for option in islice(options, 40) if not unique or option not in items), ABSENT)
        if item is ABSENT and unique:
            # Beyond what is made one by one, numbers and texts still differ.
            item = next((option for option in (at + 100, f"a{at}") if goal.met_by(option)), ABSENT)
        if item is ABSENT:
            return
        items.append(item)
        if at in wanted or (_EVERY in [at for at, _, _ in plan.wanted] and at < 3):
            choices.append((at, options))
    if plan.doubled:
        yield from _doubled(items)
        return
    yield items
    for at, options in choices[:4]:
        for option in islice(options, _MOST_VARIANTS):
            yield [*items[:at], option, *items[at + 1 :]]


def _goal(plan: _Plan, positioned: Sequence[Node], at: int) -> Goal:
    applied = [node for each in positioned for node in _applied(each, at)]
    mine = [(node, holds) for position, node, holds in plan.wanted if position in (at, _EVERY)]
    return Goal((*applied, *(node for node, holds in mine if holds)), tuple(node for node, holds in mine if not holds))


def _doubled(items: list[Any]) -> Iterator[list[Any]]:
    """Each item once more, in the place of another."""
    for first in range(min(len(items), 4)):
        for second in range(min(len(items), 4)):
            if first != second:
                changed = copy.deepcopy(items)
                changed[second] = copy.deepcopy(items[first])
                yield changed
