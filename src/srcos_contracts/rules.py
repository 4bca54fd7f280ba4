"""The rules that findings name: those that the reader enforces, and those that contracts state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.reading.rules import READING_RULES as _READING
from srcos_contracts.refusal import Refusal

__all__ = ["READING_RULES", "UnknownRule", "check_rule_names", "contract_rules"]

READING_RULES: tuple[str, ...] = tuple(rule.id for rule in _READING)
"""What keeps bytes from being records, and a record from being judged."""


_OTHER_SHAPES = (
    *("schema-additional-items", "schema-all-of", "schema-content-encoding", "schema-content-media-type", "schema-dependencies"),
    *("schema-dependent-schemas", "schema-else", "schema-items", "schema-max-contains", "schema-min-contains", "schema-prefix-items"),
    *("schema-then", "schema-unevaluated-items"),
)
"""Of keywords that no contract here uses, but other people's schemas may."""


class UnknownRule(Refusal):
    """A rule was named that nothing enforces."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(name)
        self.name, self.known = name, sorted(known)

    def __str__(self) -> str:
        import difflib

        close = difflib.get_close_matches(self.name, self.known, 1, 0.5)
        return f"there is no rule {self.name}" + (f"; did you mean {close[0]}?" if close else "")


def check_rule_names(catalog: Catalog, names: Iterable[str]) -> None:
    """Raises UnknownRule for the first name that no contract, no set rule, no reader and no JSON Schema keyword accounts for."""
    from srcos_contracts.contracts.shape_rules import SHAPE_RULES
    from srcos_contracts.ledger.set_rules import set_rules

    known = {
        *READING_RULES,
        *(rule.id for rule in SHAPE_RULES),
        *_OTHER_SHAPES,
        *(rule.id for rule in set_rules()),
        *(rule["id"] for contract in catalog.contracts for rule in contract_rules(catalog.document(contract.bundle))),
    }
    for name in names:
        if name not in known:
            raise UnknownRule(name, known)


def contract_rules(schema: Any) -> Iterator[dict[str, Any]]:
    """Every `x-rule` in a schema, in the order in which they stand."""
    if isinstance(schema, dict):
        rule = schema.get("x-rule")
        if isinstance(rule, dict) and isinstance(rule.get("id"), str):
            yield rule
        for member in schema.values():
            yield from contract_rules(member)
    elif isinstance(schema, list):
        for item in schema:
            yield from contract_rules(item)
