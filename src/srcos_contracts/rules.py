"""The rules that findings name: those that the reader enforces, and those that contracts state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.reading.rules import READING_RULES as _READING
from srcos_contracts.refusal import Refusal
from srcos_contracts.wording import nearest

__all__ = ["READING_RULES", "UnknownRule", "check_rule_names", "contract_rules", "known_rules", "rule_ids_taken"]

READING_RULES: tuple[str, ...] = tuple(rule.id for rule in _READING)
"""What keeps bytes from being records, and a record from being judged."""


class UnknownRule(Refusal):
    """A rule was named that nothing enforces."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(name)
        self.name, self.known = name, sorted(known)

    def __str__(self) -> str:
        close = nearest(self.name, self.known, 0.5)
        return f"there is no rule {self.name}" + (f"; did you mean {close}?" if close else "")


def check_rule_names(catalog: Catalog, names: Iterable[str]) -> None:
    """Raises UnknownRule for the first name that no contract, no set rule, no reader and no JSON Schema keyword accounts for."""
    known = known_rules(catalog)
    for name in names:
        if name not in known:
            raise UnknownRule(name, known)


def known_rules(catalog: Catalog) -> set[str]:
    """The ids of all rules that a contract, a set rule, the reader or a JSON Schema keyword accounts for."""
    return {
        *rule_ids_taken(),
        *(rule["id"] for contract in catalog.contracts for rule in contract_rules(catalog.document(contract.bundle))),
    }


@lru_cache
def rule_ids_taken() -> frozenset[str]:
    """The ids of the rules that no contract states: of shape, of reading, and about several records."""
    from srcos_contracts.contracts.shape_rules import SHAPE_RULES
    from srcos_contracts.ledger.set_rules import set_rules

    return frozenset([*READING_RULES, *(rule.id for rule in SHAPE_RULES), *(rule.id for rule in set_rules())])


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
