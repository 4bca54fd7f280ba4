"""What an engine says of an instance that breaks a schema, in the words of no engine in particular."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path

__all__ = ["Engine", "Failure"]


class Failure(NamedTuple):
    """One keyword that an instance breaks."""

    instance_path: Path
    evaluation_path: Path
    """From the root schema to the keyword, through `$ref`; `x-warn` stands where the warning's subschema does."""
    branches: tuple[tuple[Failure, ...], ...] = ()
    """Of `anyOf` and `oneOf`, why each branch failed."""
    key: str | None = None
    """Of `propertyNames`, the name that failed."""


class Engine(Protocol):
    """A validator built for one schema."""

    def accepts(self, instance: Any) -> bool:
        """Whether the instance breaks no keyword, x-keywords and warnings included."""

    def failures(self, instance: Any) -> Iterable[Failure]:
        """Every keyword that the instance breaks."""
