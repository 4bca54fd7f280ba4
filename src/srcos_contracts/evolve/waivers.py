"""Changes of contracts that no case notices, and those of them that are waived because no record can show them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from srcos_contracts.contracts.catalog import BASE_URI, LOCAL_URI
from srcos_contracts.evolve.form import read_formed

__all__ = ["WAIVERS_FILE", "Survivor", "Waiver", "load_waivers", "waiver_for"]

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
        return self.uri.removeprefix(BASE_URI).removeprefix(LOCAL_URI)


class Waiver(NamedTuple):
    """A mutant that is equivalent to the original, with the reason why no record can tell them apart."""

    schema: str
    pointer: str
    change: str
    reason: str

    def covers(self, survivor: Survivor) -> bool:
        return (survivor.schema, survivor.pointer, survivor.change) == (self.schema, self.pointer, self.change)


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file; none where there is no file.

    Raises CatalogError where it does not have the form of schemas/meta/waivers.json.
    """
    return tuple(Waiver(**entry) for entry in read_formed(path, "waivers.json") or ()) if path.is_file() else ()


def waiver_for(survivor: Survivor) -> str:
    """The entry of the waivers file that would waive a survivor, but for its reason."""
    return json.dumps({"schema": survivor.schema, "pointer": survivor.pointer, "change": survivor.change, "reason": "..."})
