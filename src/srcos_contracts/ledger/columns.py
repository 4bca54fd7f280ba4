"""The columns of an index, and how references are numbered in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.ledger.marks import ANY, COLUMNS, Lasting, Marks, lasting_of, marks_of
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import format_pointer

__all__ = ["KINDS", "SCHEMAS", "Kind", "kinds_of", "lasting_in", "marks_in", "marks_of_all"]

KINDS = 1000
"""More references than any contract has: those of the contract at place n are numbered from n times this on."""
_PART_TYPE = "bigint"

SCHEMAS: dict[str, tuple[tuple[str, str], ...]] = {
    "records": (
        ("n", "bigint"),
        ("line", "bigint"),
        ("kind", "integer"),
        *((name, "varchar") for name in COLUMNS),
        ("parts", "varchar"),
        ("digest", "varchar"),
        ("doc", "varchar"),
        ("part", _PART_TYPE),
    ),
    "names": (("n", "bigint"), ("name", "varchar"), ("part", _PART_TYPE)),
    "refs": (("n", "bigint"), ("kind", "integer"), ("item", "integer"), ("target", "varchar"), ("way", "varchar"), ("part", _PART_TYPE)),
    "contents": (("n", "bigint"), ("content", "varchar"), ("part", _PART_TYPE)),
}
"""The columns of each kind of file, with their types in SQL. A record's kind is its contract's number, a reference's one of `kinds_of`.
Contents are those of the records that are not to change from one state of a tree to the next, where the index is for that."""


class Kind(NamedTuple):
    """A member of a contract that refers to other records. Its pointer is `before`, the item's index, `after`."""

    number: int
    role: str
    types: str
    """The contracts that it may refer to, each between commas; empty where it is kept elsewhere."""
    before: str
    after: str


def marks_in(catalog: Catalog, contract: Contract) -> Marks:
    """The marks of a contract of a catalog. Raises CatalogError where its schema cannot be read."""
    known = _marks(catalog)
    if contract.uri not in known:
        known[contract.uri] = marks_of(catalog.document(contract.bundle), contract.uri)
    return known[contract.uri]


def lasting_in(catalog: Catalog, contract: Contract) -> Lasting:
    """What a contract of a catalog says of the time after its records were written. Raises CatalogError where its schema cannot be read."""
    known = _lasting(catalog)
    if contract.uri not in known:
        known[contract.uri] = lasting_of(catalog.document(contract.bundle), contract.uri)
    return known[contract.uri]


@lru_cache(maxsize=4)
def _marks(catalog: Catalog) -> dict[str, Marks]:
    """By the uri of a contract, its marks: to find them is most of the work of indexing a small set."""
    return {}


@lru_cache(maxsize=4)
def _lasting(catalog: Catalog) -> dict[str, Lasting]:
    return {}


def marks_of_all(catalog: Catalog) -> tuple[Marks, ...]:
    """The marks of each contract of a catalog. Raises CatalogError where a schema cannot be read."""
    return tuple(marks_in(catalog, contract) for contract in catalog.contracts)


def kinds_of(marked: Sequence[Marks]) -> list[Kind]:
    """The references that the contracts of a catalog have, by the marks of each."""
    found = []
    for position, marks in enumerate(marked):
        for index, (path, role, types) in enumerate(marks.references):
            at = path.index(ANY) if ANY in path else len(path)
            before = format_pointer(path[:at]) + ("/" if at < len(path) else "")
            stated = f",{','.join(types)}," if types else ""
            found.append(Kind(position * KINDS + index, role, stated, before, format_pointer(path[at + 1 :])))
    return found
