"""What a set rule looks at, as its query says: contracts, roles of references, members."""

from __future__ import annotations

import re
from collections.abc import Iterable

from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.ledger.columns import marks_in
from srcos_contracts.ledger.marks import ANY, COLUMNS, declared_paths
from srcos_contracts.ledger.set_rules import SetRule, set_rules, views
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path

__all__ = ["Reads", "contracts_read", "format_member", "marks_read", "members_read", "reads_of", "rules_naming"]

_COMMENT = re.compile(r"--[^\n]*")
_EXCEPTED = re.compile(r"\bnot\s*\([^()]*\)", re.IGNORECASE)
"""What is named only to be left out."""
_ROLE = re.compile(r"\brole\s*(?:=|in)\s*\(?((?:\s*'[^']*'\s*,?)+)", re.IGNORECASE)
_CONTRACT = re.compile(r"\bcontract\s*(?:=|in)\s*\(?((?:\s*'[^']*'\s*,?)+)", re.IGNORECASE)
_TEXT = re.compile(r"'([^']*)'")
_FIELD = re.compile(r"'\$\.([A-Za-z0-9_.-]+)'")
_COLUMN_NAMES = {"time": "at"}
_NAME = re.compile(r"[A-Za-z_]+")
_MARKED = {"names": "x-id", "refs": "x-ref", "finals": "x-final", "issued": "x-contract.issued"}
"""The keywords that fill some relations."""


class Reads(NamedTuple):
    """What a query names, in the order in which it does."""

    contracts: tuple[str, ...]
    roles: tuple[str, ...]
    columns: tuple[str, ...]
    """Those of ledger.marks.COLUMNS."""
    members: tuple[Path, ...]
    marks: tuple[str, ...]
    """The keywords of contracts that mark what it reads."""


def reads_of(rule: SetRule) -> Reads:
    """What a rule's query names, and the shared relations from which it selects."""
    text = _EXCEPTED.sub("", "\n".join(_texts(rule)))
    words = {*_NAME.findall(_TEXT.sub("", text))}
    paths = [tuple(path.split(".")) for path in _FIELD.findall(text)]
    columns = tuple(column for column in COLUMNS if _COLUMN_NAMES.get(column, column) in words)
    marks = (*(f"x-{column}" for column in columns), *(mark for relation, mark in _MARKED.items() if relation in words))
    return Reads(_named(_CONTRACT, text), _named(_ROLE, text), columns, tuple(dict.fromkeys(paths)), tuple(dict.fromkeys(marks)))


def _texts(rule: SetRule) -> Iterable[str]:
    found = [_COMMENT.sub("", rule.sql)]
    names = {*_NAME.findall(found[0]), rule.graph}
    # A relation is made of those before it.
    for view in reversed(views()):
        if view.name in names:
            found.append(_COMMENT.sub("", view.sql))
            names.update(_NAME.findall(found[-1]))
    return found


def _named(pattern: re.Pattern[str], text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for listed in pattern.findall(text) for name in _TEXT.findall(listed)))


def contracts_read(catalog: Catalog, reads: Reads) -> tuple[Contract, ...]:
    """The contracts of whose records a rule may speak, in the catalog's order: those that its query names, and else those that
    have references of the roles that it names. All of them where it names neither, and none where the catalog has none of those.

    Raises CatalogError where a schema cannot be read.
    """
    if reads.contracts:
        return tuple(contract for contract in catalog.contracts if contract.name in reads.contracts)
    if not reads.roles:
        return catalog.contracts
    return tuple(contract for contract in catalog.contracts if _has_role(catalog, contract, reads.roles))


def rules_naming(catalog: Catalog, contract: Contract) -> tuple[SetRule, ...]:
    """The set rules that speak of a contract's records by its name, or by the roles of its references.

    Raises BadRule where a rule's file does not have the form, CatalogError where a schema cannot be read.
    """
    told = [(rule, reads_of(rule)) for rule in set_rules()]
    return tuple(rule for rule, reads in told if (reads.contracts or reads.roles) and contract in contracts_read(catalog, reads))


def _has_role(catalog: Catalog, contract: Contract, roles: tuple[str, ...]) -> bool:
    return any(reference.role in roles for reference in marks_in(catalog, contract).references)


def members_read(catalog: Catalog, contract: Contract, reads: Reads) -> tuple[Path, ...]:
    """The members of a contract's records that a rule may look at: those that the index marks for the columns and roles that it
    names, and those that it names itself. A list ends a path: all its items belong to it.

    Raises CatalogError where the schema cannot be read.
    """
    marks = marks_in(catalog, contract)
    paths = [path for column in reads.columns for path in marks.columns[column]]
    paths += [reference.path for reference in marks.references if reference.role in reads.roles]
    declared = declared_paths(catalog.document(contract.bundle), contract.uri) if reads.members else ()
    paths += [path for path in reads.members if path in declared]
    return tuple(dict.fromkeys(path[: path.index(ANY)] if ANY in path else path for path in paths))


def marks_read(reads: Reads) -> tuple[str, ...]:
    """What a rule reads of the records of whatever contract: the keywords that mark it, then members by their own names."""
    return (*reads.marks, *map(format_member, reads.members))


def format_member(path: Path) -> str:
    """A member of an object, or of one within it, as it is written in a sentence."""
    return ".".join(map(str, path))
