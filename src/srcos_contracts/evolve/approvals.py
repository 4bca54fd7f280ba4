"""Breaking changes that somebody has approved: waivers.yaml at the top of a repository of contracts.

A waiver counts for the change with which it comes. As soon as the state that is compared with has it too, that state has the
change as well, and the waiver has lapsed: it approves nothing more.
"""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Collection
from pathlib import Path

from srcos_contracts.contracts.catalog import CatalogError, version_order
from srcos_contracts.evolve.form import read_entries
from srcos_contracts.named import NamedTuple

__all__ = ["APPROVALS_FILE", "Approval", "Standing", "approvals_in", "standing"]

APPROVALS_FILE = "waivers.yaml"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Approval(NamedTuple):
    """One waiver."""

    contract: str
    reason: str
    until: str
    """A day, or a version of the contract: the first for which it does not count."""
    pointer: str | None = None
    """Of the keyword that changed, or of a schema around it."""
    rule: str | None = None
    """The rule that refuses what was accepted; either this or the pointer."""
    place: str = APPROVALS_FILE
    """Where it stands: file, line and column."""
    number: int = 0
    """Its place among the waivers of its file."""

    @property
    def file(self) -> str:
        """The file in which it stands."""
        return self.place.rsplit(":", 2)[0]

    @property
    def about(self) -> str:
        """What it approves, in words."""
        return f"{self.contract} {self.rule if self.pointer is None else self.pointer or 'as a whole'}"

    def covers(self, pointer: str, rules: Collection[str]) -> bool:
        """Whether it is about a change of the keyword at `pointer`, by which records break these rules."""
        if self.pointer is None:
            return self.rule in rules
        return pointer == self.pointer or pointer.startswith(self.pointer + "/")

    def ended(self, version: str, today: datetime.date) -> bool:
        """Whether its day is over, or its version reached."""
        if _DAY.fullmatch(self.until):
            return today > datetime.date.fromisoformat(self.until)
        return version_order(version) >= version_order(self.until)


class Standing(NamedTuple):
    """The waivers of a state, by what they are worth beside an earlier one."""

    live: tuple[Approval, ...]
    lapsed: tuple[Approval, ...]
    """Those that the earlier state has too."""


def approvals_in(root: Path, shown: str | None = None) -> tuple[Approval, ...]:
    """The waivers of a repository; none where there is no file. `shown` is how messages name it.

    Raises CatalogError where the file does not have the form of schemas/meta/change-waivers.json.
    """
    path = root / APPROVALS_FILE
    if not os.path.lexists(path):
        return ()
    shown = APPROVALS_FILE if shown is None else shown
    found = []
    for number, (entry, (line, column)) in enumerate(read_entries(path, "change-waivers.json", shown)):
        approval = Approval(**entry, place=f"{shown}:{line}:{column}", number=number)
        if _DAY.fullmatch(approval.until) and not _is_day(approval.until):
            raise CatalogError(f"{approval.place}: the waiver of {approval.about} counts until {approval.until}, which is no day")
        found.append(approval)
    return tuple(found)


def _is_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def standing(new: tuple[Approval, ...], old: tuple[Approval, ...]) -> Standing:
    """Which of the waivers still count, wherever in their file they stand."""
    before = {approval._replace(place="", number=0) for approval in old}
    lapsed = [approval._replace(place="", number=0) in before for approval in new]
    live = tuple(approval for approval, gone in zip(new, lapsed, strict=True) if not gone)
    return Standing(live, tuple(approval for approval, gone in zip(new, lapsed, strict=True) if gone))
