"""The provenance of a record: which decisions, evidence, cards, events and sessions led to it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.ledger.duck import Queries
from srcos_contracts.ledger.lacking import lacks
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal

__all__ = ["Node", "UnknownName", "as_object", "redacted", "why"]

_MOST_CHILDREN = 12
_MOST_NODES = 400
_MOST_DEPTH = 12
_FACTS = "facts.sql"
_UNNAMED = "unnamed.sql"
_ORDER = (
    "accepted by", "merge", "handoff", "run", "conflict", "card", "decision", "operation", "receipt", "matched by", "event", "task",
    "session", "parent-session", "candidate-session", "capability", "checkpoint", "policy", "evidence", "cause", "causal-parent",
)  # fmt: skip
"""The order in which the links of a record answer the question; others come after them, by name."""


class UnknownName(Refusal):
    """A name that no record has, and none refers to."""

    quotes_records = True

    def __init__(self, name: str, nearest: Sequence[str]) -> None:
        super().__init__(name, nearest)
        self.name, self.nearest = name, tuple(nearest)

    def __str__(self) -> str:
        near = f"; the nearest are {', '.join(self.nearest)}" if self.nearest else ""
        return f"no record has the id {self.name or '(empty)'}, and none refers to it{near}"


class Node(NamedTuple):
    """A record in a provenance tree, or a name that leads to none."""

    link: str
    """How it is linked to the node above: a reference's role, or a word such as `run`; empty for the root."""
    name: str
    contract: str
    """Empty where there is no record."""
    version: str
    state: str
    at: str
    file: str
    line: int
    facts: tuple[str, ...]
    """What the record says that answers for it."""
    missing: bool
    """Whether there should be a record and is none."""
    repeated: bool
    """Whether the record stands in the tree already, with what led to it."""
    children: tuple[Node, ...]
    left_out: int
    """Further children that are not shown."""


class _Edge(NamedTuple):
    label: str
    target: int | None
    name: str
    missing: bool


class _Asked(NamedTuple):
    """What is known of a record."""

    own: tuple[Any, ...]
    """Its id, contract, version, state, time, file and line."""
    facts: tuple[str, ...]
    edges: list[_Edge]


class _Above(NamedTuple):
    """What stands above a record in its tree."""

    keys: frozenset[int]
    edges: frozenset[_Edge]


_NOTHING = _Above(frozenset(), frozenset())


def why(queries: Queries, catalog: Catalog, name: str) -> tuple[Node, ...]:
    """The tree below each record that has this name, or that is about it: the receipts of an issue, say.

    Raises UnknownName, with names that come near, AuditFailed, and CatalogError where a contract's schema cannot be used.
    """
    for sql in (*_links(), _unnamed()):
        queries.keep(sql)
    keys = [row[0] for row in queries.rows("select key from names where name = ? order by key", [name])]
    if not keys:
        # What is no record itself is answered for by the records about it, the receipts first.
        about = (
            "select f.key from refs f join records r using (key) where f.target = ? "
            "order by case when r.contract = 'AcceptanceReceipt' then 0 else 1 end, f.key limit 20"
        )
        found = [row[0] for row in queries.rows(about, [name])]
        keys = _foremost(queries, list(dict.fromkeys(found)))
    if not keys:
        nearest = (
            "select name from (select name from names union select target from refs) "
            "order by jaro_winkler_similarity(lower(name), lower(?)) desc, name limit 3"
        )
        close = [row[0] for row in queries.rows(nearest, [name])]
        raise UnknownName(name, close)
    grower = _Grower(queries, catalog)
    return tuple(grower.node("", key, "", False) for key in keys)


def _foremost(queries: Queries, keys: list[int]) -> list[int]:
    receipts = {
        row[0] for row in queries.rows("select key from records where contract = 'AcceptanceReceipt' and key in (select unnest(?))", [keys])
    }
    return [key for key in keys if key in receipts] or keys


class _Grower:
    """Grows trees, each record once."""

    def __init__(self, queries: Queries, catalog: Catalog) -> None:
        self._queries = queries
        self._catalog = catalog
        self._seen: set[int] = set()
        self._count = 0
        self._asked: dict[int, _Asked] = {}

    def node(self, link: str, key: int | None, name: str, missing: bool, above: _Above = _NOTHING, known: bool = False) -> Node:
        """The tree below a record; `known` says that it stands elsewhere with what led to it."""
        if key is None:
            return Node(link, name, "", "", "", "", "", 0, (), missing, False, (), 0)
        self._count += 1
        self._seen.add(key)
        if key not in self._asked:
            self._ask([key], _MOST_DEPTH - len(above.keys))
        asked = self._asked[key]
        own, contract, version, state, at, file, line = asked.own
        if known:
            return Node(link, name or own, contract, version, state, at, file, line, (), False, True, (), 0)
        children, left_out = self._children(asked.edges, key, above)
        return Node(link, own or name, contract, version, state, at, file, line, asked.facts, False, False, children, left_out)

    def _children(self, edges: list[_Edge], key: int, above: _Above) -> tuple[tuple[Node, ...], int]:
        shown: list[_Edge] = []
        left_out = 0
        counts: Counter[str] = Counter()
        keys = above.keys | {key}
        for edge in edges:
            # What a record above has in the same way is told there.
            if edge.target in keys or (edge in above.edges and (edge.name or edge.target is not None)):
                continue
            counts[edge.label] += 1
            too_many = counts[edge.label] > _MOST_CHILDREN or self._count + len(shown) >= _MOST_NODES
            if too_many or len(above.keys) >= _MOST_DEPTH:
                left_out += 1
            else:
                shown.append(edge)
        # What is linked here directly is told here, not further down below one of its neighbours.
        known = {edge for edge in shown if edge.target in self._seen}
        self._seen.update(edge.target for edge in shown if edge.target is not None)
        first: set[int] = set()
        nodes = []
        self._ask([edge.target for edge in shown if edge.target is not None], _MOST_DEPTH - len(keys))
        within = _Above(keys, above.edges.union(shown))
        for edge in shown:
            again = edge in known or (edge.target is not None and edge.target in first)
            nodes.append(self.node(edge.label, edge.target, edge.name, edge.missing, within, again))
            if edge.target is not None:
                first.add(edge.target)
        return tuple(nodes), left_out

    def _ask(self, keys: Iterable[int], levels: int) -> None:
        """Asks for what is known of records, and of those on so many levels below them: to ask for one takes as long as for many."""
        wanted = sorted({key for key in keys if key not in self._asked})
        enough = len(self._asked) + _MOST_NODES
        for _ in range(levels + 1):
            if not wanted or len(self._asked) >= enough:
                return
            self._ask_together(wanted)
            near = {edge.target for key in wanted for edge in _foremost_of(self._asked[key].edges) if edge.target is not None}
            wanted = sorted(near - self._asked.keys())[:_MOST_NODES]

    def _ask_together(self, keys: Sequence[int]) -> None:
        wanted = ", ".join(map(str, keys))
        facts: dict[int, list[str]] = {}
        for key, fact in self._queries.rows(f"select key, fact from ({_facts()}) where key in ({wanted}) order by rank, fact"):
            if fact:
                facts.setdefault(key, []).append(fact)
        edges: dict[int, dict[_Edge, None]] = {}
        for sql in _links():
            told = f"select source, label, target, name, missing from ({sql}) where source in ({wanted}) order by target, name"
            for key, *edge in self._queries.rows(told):
                edges.setdefault(key, {})[_Edge(*edge)] = None
        for key, role, contract, version, parts, doc in self._queries.rows(f"select * from ({_unnamed()}) where key in ({wanted})"):
            if lacks(self._catalog, self._catalog.find(f"{contract}@{version}"), role, parts, doc):
                edges.setdefault(key, {})[_Edge(role, None, "", True)] = None
        own = (
            "select key, coalesce(id, ''), contract, version, coalesce(state, ''), coalesce(strftime(r.at, '%Y-%m-%dT%H:%M:%SZ'), ''), "
            f"file, line from records r where key in ({wanted})"
        )
        for key, *row in self._queries.rows(own):
            self._asked[key] = _Asked(tuple(row), tuple(facts.get(key, ())), sorted(edges.get(key, ()), key=_place))


def _foremost_of(edges: Iterable[_Edge]) -> Iterator[_Edge]:
    """Of each kind of links as many as may be shown."""
    counts: Counter[str] = Counter()
    for edge in edges:
        counts[edge.label] += 1
        if counts[edge.label] <= _MOST_CHILDREN:
            yield edge


def _place(edge: _Edge) -> tuple[int, str]:
    return (_ORDER.index(edge.label) if edge.label in _ORDER else len(_ORDER), edge.label)


@lru_cache
def _links() -> tuple[str, ...]:
    return tuple(_read(name) for name in sorted(os.listdir(_folder())) if name.endswith(".sql") and name not in (_FACTS, _UNNAMED))


@lru_cache
def _facts() -> str:
    return _read(_FACTS)


@lru_cache
def _unnamed() -> str:
    return _read(_UNNAMED)


def _folder() -> str:
    return os.path.join(os.path.dirname(os.path.abspath(__file__)), "links")


def _read(name: str) -> str:
    with open(os.path.join(_folder(), name), encoding="utf-8") as stream:
        return stream.read()


def redacted(trees: Sequence[Node]) -> tuple[Node, ...]:
    """The trees without what records say: contracts and places are left, and a number for each record in place of its name."""
    numbers: dict[str, int] = {}

    def hidden(node: Node) -> Node:
        name = f"record {numbers.setdefault(node.name, len(numbers) + 1)}" if node.name else ""
        # The node's own name has its number before those below it.
        return node._replace(name=name, state="", at="", facts=(), children=tuple(map(hidden, node.children)))

    return tuple(map(hidden, trees))


def as_object(node: Node) -> dict[str, Any]:
    """A tree as JSON: null or nothing where there is nothing to say."""
    return {
        "link": node.link or None,
        "name": node.name or None,
        "contract": node.contract or None,
        "version": node.version or None,
        "state": node.state or None,
        "at": node.at or None,
        "file": node.file or None,
        "line": node.line or None,
        "facts": list(node.facts),
        "missing": node.missing,
        "repeated": node.repeated,
        "children": [as_object(child) for child in node.children],
        "leftOut": node.left_out,
    }
