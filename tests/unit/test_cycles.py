"""Cycles in graphs of any shape."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from srcos_contracts.ledger.cycles import cycles

EDGES = st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), unique=True, max_size=20).map(sorted)


def _reached(edges: list[tuple[int, int]], start: int) -> set[int]:
    found: set[int] = set()
    todo = [start]
    while todo:
        node = todo.pop()
        new = {target for source, target in edges if source == node} - found
        found |= new
        todo += new
    return found


def test_a_graph_without_a_cycle_has_none() -> None:
    assert list(cycles([])) == []
    assert list(cycles([(1, 2), (1, 3), (2, 3)])) == []


def test_a_cycle_begins_at_its_highest_node() -> None:
    assert list(cycles([(1, 2), (2, 3), (3, 1)])) == [[3, 1, 2]]


def test_a_node_that_leads_to_itself_is_a_cycle() -> None:
    assert list(cycles([(1, 2), (5, 5)])) == [[5]]


def test_of_several_ways_round_the_shortest_is_told() -> None:
    assert list(cycles([(1, 2), (2, 3), (3, 4), (4, 1), (4, 3)])) == [[4, 3]]


def test_nodes_are_numbers_of_64_bits() -> None:
    high = 2**62
    assert list(cycles([(high, high + 1), (high + 1, high)])) == [[high + 1, high]]


def test_a_long_way_round_is_no_trouble() -> None:
    amount = 50_000
    found = list(cycles([*((node, node + 1) for node in range(amount)), (amount, 0)]))
    assert [len(cycle) for cycle in found] == [amount + 1]
    assert found[0][:3] == [amount, 0, 1]


@given(EDGES)
def test_each_knot_of_edges_gives_one_cycle_through_its_highest_node(edges: list[tuple[int, int]]) -> None:
    reached = {node: _reached(edges, node) for node in range(8)}
    highest = {max(other for other in reached[node] if node in reached[other]) for node in range(8) if node in reached[node]}
    found = list(cycles(edges))
    assert sorted(cycle[0] for cycle in found) == sorted(highest)
    for cycle in found:
        assert len(set(cycle)) == len(cycle)
        assert {*zip(cycle, [*cycle[1:], cycle[0]], strict=True)} <= {*edges}
