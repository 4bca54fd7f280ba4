"""What a shell is told when a word is to be completed: formats, rules and contracts.

Some shells evaluate what they are told, so a name from a folder of contracts is offered only where it is plainly a name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, MutableMapping

from srcos_contracts.cli.commands import COMMANDS
from srcos_contracts.contracts.catalog import CATALOG_FILE, Catalog
from srcos_contracts.refusal import Refusal

__all__ = ["COMPLETING", "any_rules", "contracts", "formats", "rules", "with_check"]

COMPLETING = "_SRCOS_VALIDATE_COMPLETE"
"""The variable by which a shell asks."""

_WORDS = ("COMP_WORDS", "_TYPER_COMPLETE_ARGS")
_POSITION = "COMP_CWORD"
_FIRST_WORD = re.compile(r"(\s*\S+\s+)(\S+)\s")
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]*")
_HERE = "schemas"


def with_check(environment: MutableMapping[str, str], alone: Iterable[str]) -> None:
    """Puts the command `check` into the line that is to be completed, where it begins with a path; `alone` are words that take none."""
    for name in _WORDS:
        line = environment.get(name, "")
        match = _FIRST_WORD.match(line)
        if match is not None and match[2] not in (*COMMANDS, *alone):
            environment[name] = f"{match[1]}check {line[match.start(2) :]}"
            if environment.get(_POSITION, "").isdigit():
                environment[_POSITION] = str(int(environment[_POSITION]) + 1)


def formats(incomplete: str) -> list[str]:
    """The forms of findings."""
    from srcos_contracts.report.formats import FORMATS

    return _beginning(FORMATS, incomplete)


def rules(incomplete: str) -> list[str]:
    """The rules that a check by the shipped contracts may name."""
    return _beginning(_rules(), incomplete)


def any_rules(incomplete: str) -> list[str]:
    """The rules that can be explained: also those about contracts."""
    from srcos_contracts.evolve.rule_texts import texts_of_checkouts

    return _beginning([*_rules(), *texts_of_checkouts()], incomplete)


def contracts(incomplete: str) -> list[str]:
    """The contracts that are shipped and those of the folder `schemas` here; with their versions once an @ is there."""
    found: dict[str, None] = {}
    for catalog in _catalogs():
        for contract in catalog.contracts:
            found[f"{contract.name}@{contract.version}" if "@" in incomplete else contract.name] = None
    return _beginning(found, incomplete)


def _rules() -> set[str]:
    from srcos_contracts.rules import known_rules

    return known_rules(Catalog.shipped())


def _catalogs() -> list[Catalog]:
    found = [Catalog.shipped()]
    try:
        if os.path.isfile(os.path.join(_HERE, CATALOG_FILE)):
            found.append(Catalog.open(_HERE))
    except Refusal:
        # Whoever runs the command is told.
        pass
    return found


def _beginning(words: Iterable[str], incomplete: str) -> list[str]:
    return sorted({word for word in words if word.startswith(incomplete) and _PLAIN.fullmatch(word)})
