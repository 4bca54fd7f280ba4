"""Findings about vendored folders."""

from __future__ import annotations

from srcos_contracts.evolve.check_rules import CHECK_RULES, finding_of_rule
from srcos_contracts.finding import Finding, Location

__all__ = ["finding_of"]


def finding_of(rule: str, location: Location, detail: str, further: str = "") -> Finding:
    """A breach of one of the rules about vendored folders; `further` stands before what the rule says is to be done."""
    return finding_of_rule(rule, location, detail, f"{further}\n{CHECK_RULES[rule].help}" if further else "")
