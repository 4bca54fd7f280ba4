"""The texts of all rules that are not about records: of lint, of checkouts of contracts, and of trees of agents' ledgers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from srcos_contracts.emit.rules import TREE_RULES
from srcos_contracts.evolve.check_rules import CHECK_RULES
from srcos_contracts.evolve.lint_rules import LINT_RULES
from srcos_contracts.finding import Severity
from srcos_contracts.named import NamedTuple
from srcos_contracts.rule_texts import RuleText, texts_of_shape_and_reading

__all__ = ["KINDS", "CheckoutRule", "Kind", "general_texts", "texts_of_checkouts"]


class Kind(NamedTuple):
    """What some rules are about."""

    title: str
    words: str
    """To stand after a rule's id."""
    told_by: str
    """The commands that tell of a breach."""


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "lint": Kind("How contracts are written", "a rule about how contracts are written", "`lint`, `ci`"),
        "stored": Kind("What is stored with contracts", "a rule about what is stored with contracts", "`test`, `docs --check`, `ci`"),
        "change": Kind("How contracts change", "a rule about how contracts change", "`diff`, `ci`"),
        "conformance": Kind("Other validators of contracts", "a rule about other validators of contracts", "`conformance`"),
        "vendored": Kind("Contracts in other repositories", "a rule about contracts in other repositories", "`vendor check`"),
        "run": Kind("Runs of all checks", "a rule about a run of all checks", "`ci`"),
        "tree": Kind("Trees of agents' ledgers", "a rule about trees of agents' ledgers", "`srcos-ledger doctor`"),
    }
)
"""By the names that `CheckoutRule.kind` has."""


class CheckoutRule(NamedTuple):
    """One rule about contracts, with its whole text."""

    kind: str
    text: RuleText
    severity: Severity = "error"

    @property
    def message(self) -> str:
        return self.text.message

    @property
    def why(self) -> str:
        return self.text.why

    @property
    def help(self) -> str:
        return self.text.help


@lru_cache
def texts_of_checkouts() -> Mapping[str, CheckoutRule]:
    """The rules about contracts, by id, kind after kind."""
    return MappingProxyType(dict(_texts()))


def _texts() -> Iterator[tuple[str, CheckoutRule]]:
    for name in sorted(LINT_RULES):
        rule = LINT_RULES[name]
        yield name, CheckoutRule("lint", RuleText(rule.message, rule.why, rule.help))
    for kind in KINDS:
        for name in sorted(CHECK_RULES):
            check = CHECK_RULES[name]
            if check.about == kind:
                yield name, CheckoutRule(kind, RuleText(check.message, check.why, check.help), check.severity)
    for name, tree in TREE_RULES.items():
        yield name, CheckoutRule("tree", RuleText(tree.message, tree.why, tree.help), "warning")


@lru_cache
def general_texts() -> Mapping[str, RuleText]:
    """Of every rule whose findings have words of their own, what it says of all of them, by id: those above, of shape and of reading.

    All other rules, of contracts and about several records, say in each finding what they say.
    """
    return MappingProxyType({**{name: rule.text for name, rule in texts_of_checkouts().items()}, **texts_of_shape_and_reading()})
