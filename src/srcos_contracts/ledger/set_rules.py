"""The rules about several records: one query each, with what it states in comments above it.

    -- message: one session has one owner
    -- help: ...
    -- why: ...
    -- scope: open
    -- graph: causes
    select ...

The query gives one row for each record that has a part in a breach; the rule holds where it gives none. Its columns:

    breach    what the rows of one breach share
    rank      0 for the record at which the finding stands, then 1, 2, ... for the others
    key       the record's key
    pointer   the JSON Pointer of the value in question; '' for the record
    note      what this record says
    level     error or warning

A rule about cycles names a graph, one of VIEWS that gives edges: the runner then puts the graph's cycles into the relation
`cycles(graph, cycle, place, source, target)`, an edge a row.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Literal, NamedTuple

from srcos_contracts.refusal import Refusal

__all__ = ["COLUMNS", "VIEWS", "BadRule", "SetRule", "View", "rules_of", "set_rules", "views"]

COLUMNS = ("breach", "rank", "key", "pointer", "note", "level")
VIEWS = ("operations", "operation_names", "causes", "issues", "blockers")
"""The relations that rules share, each after those that it is made of."""
Scope = Literal["open", "closed"]
_FIELDS = ("message", "help", "why", "scope")
_GRAPH = "graph"
_SUFFIX = ".sql"
_HERE = os.path.dirname(os.path.abspath(__file__))


class BadRule(Refusal):
    """A rule file that does not have the form."""


class SetRule(NamedTuple):
    """A rule about several records."""

    id: str
    message: str
    """The rule in plain words."""
    help: str
    why: str
    scope: Scope
    """`closed` where it holds only of a set that has everything that is referred to."""
    graph: str
    """The view in which it looks for cycles; empty where it does not."""
    sql: str
    file: str


class View(NamedTuple):
    """A relation that several rules read."""

    name: str
    sql: str


@lru_cache
def views() -> tuple[View, ...]:
    """VIEWS, in their order."""
    return tuple(View(name, _text(os.path.join(_HERE, "views", name + _SUFFIX))) for name in VIEWS)


@lru_cache
def set_rules() -> tuple[SetRule, ...]:
    """The rules that come with the package, by id. Raises BadRule."""
    return rules_of(os.path.join(_HERE, "rules"))


def rules_of(folder: str) -> tuple[SetRule, ...]:
    """The rules of a folder, by id. Raises BadRule where a file does not have the form."""
    return tuple(_read(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(_SUFFIX))


def _read(folder: str, name: str) -> SetRule:
    path = os.path.join(folder, name)
    text = _text(path)
    said: dict[str, str] = {}
    field = ""
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        words = line[2:].strip()
        head, colon, rest = words.partition(":")
        if colon and (head in _FIELDS or head == _GRAPH):
            field = head
            said[field] = rest.strip()
        elif field:
            said[field] = f"{said[field]} {words}".strip()
    missing = [field for field in _FIELDS if not said.get(field)]
    if missing:
        raise BadRule(f"{name} has no {missing[0]} in its head")
    if said["scope"] not in ("open", "closed"):
        raise BadRule(f"the scope of {name} is {said['scope']}, not open or closed")
    graph = said.get(_GRAPH, "")
    if graph and graph not in VIEWS:
        raise BadRule(f"the graph of {name} is {graph}, which is no view")
    scope: Scope = "open" if said["scope"] == "open" else "closed"
    return SetRule(name.removesuffix(_SUFFIX), said["message"], said["help"], said["why"], scope, graph, text, path)


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as stream:
        return stream.read()
