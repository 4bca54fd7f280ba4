"""The rules about several records: one query each, with what it states in comments above it.

    -- message: one session has one owner
    -- help: ...
    -- why: ...
    -- scope: open, closed or history
    -- graph: causes
    -- forms: namesakes
    select ...

The query gives one row for each record that has a part in a breach; the rule holds where it gives none. Its columns:

    breach    what the rows of one breach share
    rank      0 for the record at which the finding stands, then 1, 2, ... for the others
    key       the record's key
    pointer   the JSON Pointer of the value in question; '' for the record
    note      what this record says
    level     error or warning

A rule about cycles names a graph, one of VIEWS that gives edges: the runner then puts the graph's cycles into the relation
`cycles(graph, cycle, place, source, target)`, an edge a row. A rule that compares whole records names one of VIEWS that has
keys of records in its column `text`: the runner then puts what `content.content_of` makes of each into the relation `forms(key, form)`.

A rule of scope history says what may change between two states of a tree, and is asked where there is an earlier one. It sees further:

    earlier_records(key, file, line, contract, version, id, at, attempt, state, parts, content, doc, path)
                what is kept of the earlier records: those that are issued, those of an id that had come to a final state, and
                those named by a path. doc is null where only a seal is left
    contents(key, content)
                of the records of now that are issued or may come to a final state, the digest of what they say
    ledgers(key, earlier_key, file, now, whole, kept, lines, now_lines, line, ends)
                what became of each earlier ledger. now is its name now, null where it is gone; whole: the old bytes are a prefix
                of the new; kept: every old line is still there. line is the first line that is not what it was, or is gone;
                ends how it ends now where only that has changed: in CR LF, in LF, or in nothing
    issued(contract), finals(contract, state, pointer)
                what any version of a contract says: whose records are issued, and which states are final
    present(file)
                the files of now, read or not
    earlier_issues, endings, earlier_endings
                views: the issues of the earlier state, and the records of now and of then that are in a final state

`file` is the name that an earlier file has, or would have, among those of now, and `path` is where that leads, whatever name a command
gives it; `records` have both too. Keys of records are positive. Those of earlier records
are 2n + 1 - 2**62, n counting from 0; those of ledgers 4n + 2 - 2**62 (`key`, a ledger's line as it is now) and 4n + 4 - 2**62
(`earlier_key`, as it was).
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal

__all__ = [
    "COLUMNS",
    "KEPT",
    "RULES_FOLDER",
    "VIEWS",
    "VIEWS_FOLDER",
    "BadRule",
    "SetRule",
    "View",
    "kept_for",
    "rules_of",
    "set_rules",
    "views",
    "views_read",
]

COLUMNS = ("breach", "rank", "key", "pointer", "note", "level")
VIEWS = (
    "issue_attempts", "operations", "operation_names", "causes", "issues", "blockers", "namesakes", "parents", "earlier_issues", "endings",
    "earlier_endings", "sessions", "orphans", "held_elsewhere", "orphan_keys", "session_keys", "matches", "waiting",
)  # fmt: skip
"""The relations that rules share, each after those that it is made of."""
KEPT = ("namesakes", "sessions", "orphans", "orphan_keys", "matches")
"""Those of VIEWS that are made once for a set: they are asked often, and are small beside what they are made of."""
Scope = Literal["open", "closed", "history"]
_SCOPES: dict[str, Scope] = {"open": "open", "closed": "closed", "history": "history"}
_FIELDS = ("message", "help", "why", "scope")
_GRAPH = "graph"
_FORMS = "forms"
_SUFFIX = ".sql"
_WORD = re.compile(r"\w+")
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)
_HERE = os.path.dirname(os.path.abspath(__file__))
RULES_FOLDER = os.path.join(_HERE, "rules")
"""The folder of the rules that come with the package."""
VIEWS_FOLDER = os.path.join(_HERE, "views")
"""The folder of VIEWS."""


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
    """`closed` where it holds only of a set that has everything that is referred to, `history` where it compares two states of a tree."""
    graph: str
    """The view in which it looks for cycles; empty where it does not."""
    forms: str
    """The view of records that it compares as wholes; empty where it does not."""
    sql: str
    file: str

    def applies(self, closed: bool, history: bool) -> bool:
        """Whether it is to be asked of a set that is closed or not, and of which an earlier state is known or not."""
        return history if self.scope == "history" else closed or self.scope == "open"


class View(NamedTuple):
    """A relation that several rules read."""

    name: str
    sql: str


@lru_cache
def views() -> tuple[View, ...]:
    """VIEWS, in their order."""
    return tuple(View(name, _text(os.path.join(VIEWS_FOLDER, name + _SUFFIX))) for name in VIEWS)


def kept_for(sql: str, among: Sequence[str] = KEPT) -> tuple[str, ...]:
    """Which of the views that are kept a query reads, itself or through other views, in their order."""
    return tuple(view.name for view in views_read(sql, views()) if view.name in among)


def views_read(sql: str, defined: Sequence[View]) -> list[View]:
    """Which of the views a query may read, itself or through others, in their order: each stands after those that it is made of."""
    words = _words(sql)
    for view in reversed(defined):
        if view.name in words:
            words |= _words(view.sql)
    return [view for view in defined if view.name in words]


def _words(sql: str) -> set[str]:
    # Comments are of everything, and what they name is not read.
    return set(_WORD.findall(_COMMENT.sub("", sql)))


@lru_cache
def set_rules() -> tuple[SetRule, ...]:
    """The rules that come with the package, by id. Raises BadRule."""
    return rules_of(RULES_FOLDER)


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
        if colon and (head in _FIELDS or head in (_GRAPH, _FORMS)):
            field = head
            said[field] = rest.strip()
        elif field:
            said[field] = f"{said[field]} {words}".strip()
    missing = [field for field in _FIELDS if not said.get(field)]
    if missing:
        raise BadRule(f"{name} has no {missing[0]} in its head")
    scope = _SCOPES.get(said["scope"])
    if scope is None:
        raise BadRule(f"the scope of {name} is {said['scope']}, not open, closed or history")
    for field in (_GRAPH, _FORMS):
        if said.get(field) and said[field] not in VIEWS:
            raise BadRule(f"the {field} of {name} {'is' if field == _GRAPH else 'are'} {said[field]}, which is no view")
    graph, forms = said.get(_GRAPH, ""), said.get(_FORMS, "")
    return SetRule(name.removesuffix(_SUFFIX), said["message"], said["help"], said["why"], scope, graph, forms, text, path)


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as stream:
        return stream.read()
