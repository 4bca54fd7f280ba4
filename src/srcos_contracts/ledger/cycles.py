"""Cycles in a graph of any shape. Queries cannot find them in reasonable time: a cycle of n records takes them n steps."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator

__all__ = ["cycles"]

_NONE = -1


def cycles(edges: Iterable[tuple[int, int]]) -> Iterator[list[int]]:
    """One cycle of each knot of edges: a shortest one through its highest node, which comes first.

    `edges` are pairs of nodes (64-bit integers), sorted. Takes time and memory in proportion to them.
    """
    graph = _Graph(edges)
    for knot in graph.knots():
        yield [graph.nodes[node] for node in graph.cycle(knot)]


class _Graph:
    """The nodes from which edges go out, numbered in their order, and the edges between them."""

    def __init__(self, edges: Iterable[tuple[int, int]]) -> None:
        nodes, starts, targets = array("q"), array("q"), array("q")
        for source, target in edges:
            if not nodes or nodes[-1] != source:
                nodes.append(source)
                starts.append(len(targets))
            targets.append(target)
        starts.append(len(targets))
        for place, target in enumerate(targets):
            number = bisect_left(nodes, target)
            targets[place] = number if number < len(nodes) and nodes[number] == target else _NONE
        self.nodes = nodes
        self._starts = starts
        self._targets = targets
        self._knot = _filled(len(nodes))
        """The number of each node's knot, as soon as it is known."""

    def _next(self, node: int) -> array[int]:
        return self._targets[self._starts[node] : self._starts[node + 1]]

    def knots(self) -> Iterator[list[int]]:
        """The strongly connected components that have a cycle (R. Tarjan, 1972, without recursion)."""
        targets, knot = self._targets, self._knot
        cursor = self._starts[:]
        order, lowest = _filled(len(self.nodes)), _filled(len(self.nodes))
        path, waiting = array("q"), array("q")
        count = 0
        for root in range(len(self.nodes)):
            if order[root] != _NONE:
                continue
            path.append(root)
            while path:
                node = path[-1]
                if order[node] == _NONE:
                    order[node] = lowest[node] = count
                    count += 1
                    waiting.append(node)
                place, end = cursor[node], self._starts[node + 1]
                while place < end:
                    target = targets[place]
                    place += 1
                    if target == _NONE or knot[target] != _NONE:
                        continue
                    if order[target] == _NONE:
                        path.append(target)
                        break
                    lowest[node] = min(lowest[node], order[target])
                else:
                    path.pop()
                    if path:
                        lowest[path[-1]] = min(lowest[path[-1]], lowest[node])
                    if lowest[node] == order[node]:
                        members = self._closed(node, waiting)
                        if len(members) > 1 or node in self._next(node):
                            yield members
                cursor[node] = place

    def _closed(self, node: int, waiting: array[int]) -> list[int]:
        """Takes the members of a node's knot from those that wait for one."""
        members: list[int] = []
        while not members or members[-1] != node:
            members.append(waiting.pop())
            self._knot[members[-1]] = node
        return members

    def cycle(self, knot: list[int]) -> list[int]:
        """A shortest cycle through the highest node of a knot."""
        start = max(knot)
        number = self._knot[start]
        before = {start: start}
        ring = [start]
        for node in ring:
            for target in self._next(node):
                if target == start:
                    way = [node]
                    while way[-1] != start:
                        way.append(before[way[-1]])
                    return way[::-1]
                if target != _NONE and target not in before and self._knot[target] == number:
                    before[target] = node
                    ring.append(target)
        raise AssertionError("a knot has a cycle through each of its nodes")


def _filled(amount: int) -> array[int]:
    return array("q", [_NONE]) * amount
