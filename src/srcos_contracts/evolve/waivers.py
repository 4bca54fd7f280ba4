"""Changes of contracts that no case notices, and those of them that are waived because no record can show them."""

from __future__ import annotations

import json
import os
from pathlib import Path

from srcos_contracts.contracts.catalog import shown_uri
from srcos_contracts.evolve.form import read_formed
from srcos_contracts.named import NamedTuple

__all__ = ["WAIVERS_FILE", "SetSurvivor", "SetWaiver", "Survivor", "Waiver", "Waivers", "load_waivers", "waiver_for"]

WAIVERS_FILE = "waivers.yaml"


class Survivor(NamedTuple):
    """A change of a contract that no case notices."""

    uri: str
    pointer: str
    change: str
    contract: str
    """One contract that the change concerns."""

    @property
    def schema(self) -> str:
        """The schema file below its folder, as waivers name it."""
        return shown_uri(self.uri)


class Waiver(NamedTuple):
    """A mutant that is equivalent to the original, with the reason why no record can tell them apart."""

    schema: str
    pointer: str
    change: str
    reason: str

    def covers(self, survivor: Survivor) -> bool:
        return (survivor.schema, survivor.pointer, survivor.change) == (self.schema, self.pointer, self.change)


class SetSurvivor(NamedTuple):
    """A change of a set rule that no stored set notices."""

    rule: str
    place: str
    """`line:column` of the rule's file."""
    change: str
    line: str
    """The text of that line."""


class SetWaiver(NamedTuple):
    """A mutant of a set rule that is equivalent to the rule, with the reason why no set can tell them apart."""

    rule: str
    line: str
    """The text of the line of the rule's file at which the change is made."""
    change: str
    reason: str

    def covers(self, survivor: SetSurvivor) -> bool:
        return (survivor.rule, survivor.line, survivor.change) == (self.rule, self.line, self.change)


class Waivers(NamedTuple):
    """What a file of waivers holds."""

    contracts: tuple[Waiver, ...] = ()
    rules: tuple[SetWaiver, ...] = ()


def load_waivers(path: Path) -> Waivers:
    """The waivers of a file; none where there is no file.

    Raises CatalogError where it does not have the form of schemas/meta/waivers.json.
    """
    entries = (read_formed(path, "waivers.json") or ()) if os.path.lexists(path) else ()
    return Waivers(
        tuple(Waiver(**entry) for entry in entries if "schema" in entry), tuple(SetWaiver(**entry) for entry in entries if "rule" in entry)
    )


def waiver_for(survivor: Survivor | SetSurvivor) -> str:
    """The entry of the waivers file that would waive a survivor, but for its reason."""
    if isinstance(survivor, SetSurvivor):
        return json.dumps({"rule": survivor.rule, "line": survivor.line, "change": survivor.change, "reason": "..."})
    return json.dumps({"schema": survivor.schema, "pointer": survivor.pointer, "change": survivor.change, "reason": "..."})
