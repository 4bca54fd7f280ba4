"""What is told of one fault of a record."""

from __future__ import annotations

from srcos_contracts.contracts.resources import Place
from srcos_contracts.finding import Severity
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path

__all__ = ["Diagnosis"]


class Diagnosis(NamedTuple):
    """One fault of a record."""

    rule: str
    severity: Severity
    message: str
    detail: str
    help: str
    path: Path
    keyword: str
    demand: Place
    """The keyword in the schema's source: resource and path."""
    missing: bool = False
    """Whether there is no value at `path`."""
    at_key: bool = False
    """Whether the fault is the name at `path`, not its value."""
    meant: str = ""
    """Of a name that is not declared, the declared one that it is likely meant to be, where that one is not there."""
    offset: int | None = None
    """The character of the text at `path` at which it goes wrong, where that is known."""
