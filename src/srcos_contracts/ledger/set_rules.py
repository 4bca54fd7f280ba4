"""The rules about several records: one query each, with what it states in comments above it.

    -- message: one session has one owner
    -- help: ...
    -- why: ...
    -- scope: open
    select ...

The query gives one row for each record that has a part in a breach; the rule holds where it gives none. Its columns:

    breach    what the rows of one breach share
    rank      0 for the record at which the finding stands, then 1, 2, ... for the others
    key       the record's key
    pointer   the JSON Pointer of the value in question; '' for the record
    note      what this record says
    level     error or warning
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Literal, NamedTuple

from srcos_contracts.refusal import Refusal

__all__ = ["COLUMNS", "BadRule", "SetRule", "rules_of", "set_rules"]

COLUMNS = ("breach", "rank", "key", "pointer", "note", "level")
Scope = Literal["open", "closed"]
_FIELDS = ("message", "help", "why", "scope")
_SUFFIX = ".sql"


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
    sql: str
    file: str


@lru_cache
def set_rules() -> tuple[SetRule, ...]:
    """The rules that come with the package, by id. Raises BadRule."""
    return rules_of(os.path.join(os.path.dirname(os.path.abspath(__file__)), "rules"))


def rules_of(folder: str) -> tuple[SetRule, ...]:
    """The rules of a folder, by id. Raises BadRule where a file does not have the form."""
    return tuple(_read(folder, name) for name in sorted(os.listdir(folder)) if name.endswith(_SUFFIX))


def _read(folder: str, name: str) -> SetRule:
    path = os.path.join(folder, name)
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    said: dict[str, str] = {}
    field = ""
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        words = line[2:].strip()
        head, colon, rest = words.partition(":")
        if colon and head in _FIELDS:
            field = head
            said[field] = rest.strip()
        elif field:
            said[field] = f"{said[field]} {words}".strip()
    missing = [field for field in _FIELDS if not said.get(field)]
    if missing:
        raise BadRule(f"{name} has no {missing[0]} in its head")
    if said["scope"] not in ("open", "closed"):
        raise BadRule(f"the scope of {name} is {said['scope']}, not open or closed")
    scope: Scope = "open" if said["scope"] == "open" else "closed"
    return SetRule(name.removesuffix(_SUFFIX), said["message"], said["help"], said["why"], scope, text, path)
