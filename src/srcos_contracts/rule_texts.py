"""What rules say of themselves, whatever any record says: their text by the ids that findings name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Protocol

from srcos_contracts.contracts.catalog import Catalog, CatalogError
from srcos_contracts.contracts.shape_rules import SHAPE_RULES
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.rules import READING_RULES
from srcos_contracts.rules import contract_rules

__all__ = ["RuleText", "RuleTexts", "general_text", "texts_of", "texts_of_shape_and_reading"]


class RuleText(NamedTuple):
    """What a rule says."""

    message: str
    why: str
    help: str


class _Stated(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def why(self) -> str: ...
    @property
    def help(self) -> str: ...


RuleTexts = Callable[[str, str, str], tuple[RuleText, ...]]
"""From a rule's id, and the name and version of a contract, to each way in which the rule is put there; empty where it is unknown."""


def _by_id(rules: Iterable[_Stated]) -> Mapping[str, RuleText]:
    return {rule.id: RuleText(rule.message, rule.why, rule.help) for rule in rules}


@cache
def texts_of_shape_and_reading() -> Mapping[str, RuleText]:
    """The texts of the rules of shape and of reading, by id."""
    return _by_id([*SHAPE_RULES, *READING_RULES])


@cache
def _general() -> Mapping[str, RuleText]:
    """The rules that are the same for all contracts: those, and those about several records."""
    from srcos_contracts.ledger.set_rules import set_rules

    return {**texts_of_shape_and_reading(), **_by_id(set_rules())}


def general_text(rule: str) -> RuleText | None:
    """The text of a rule that no contract states; None where there is no such rule."""
    return _general().get(rule)


def texts_of(catalog: Catalog) -> RuleTexts:
    """The texts of all rules that a check by this catalog may name."""
    versions = {(contract.name, contract.version): contract for contract in catalog.contracts}

    @cache
    def stated(name: str, version: str) -> Mapping[str, tuple[RuleText, ...]]:
        contract = versions.get((name, version))
        if contract is None:
            return {}
        try:
            schema = catalog.document(contract.bundle)
        except CatalogError:
            return {}
        found: dict[str, dict[RuleText, None]] = {}
        for rule in contract_rules(schema):
            # A foreign schema may use the name `x-rule` for something else.
            if isinstance(rule.get("message"), str):
                found.setdefault(rule["id"], {})[_text_of(rule)] = None
        return {rule: tuple(texts) for rule, texts in found.items()}

    def texts(rule: str, name: str, version: str) -> tuple[RuleText, ...]:
        text = general_text(rule)
        return (text,) if text is not None else stated(name, version).get(rule, ())

    return texts


def _text_of(rule: Mapping[str, Any]) -> RuleText:
    return RuleText(*(str(rule.get(word, "")) for word in ("message", "why", "help")))
