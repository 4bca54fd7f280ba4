"""Which versions of contracts are compared: each with itself as it was, a new one with the one before it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal

from srcos_contracts.contracts.catalog import Catalog, Contract, UnknownContract, version_order
from srcos_contracts.evolve.states import State
from srcos_contracts.named import NamedTuple

__all__ = ["Pair", "PairKind", "moved_constants", "pair_of", "pairs", "renamed", "seeds_renamed"]

PairKind = Literal["same", "next", "added", "removed", "mended"]
"""`same`: one version in both states; `next`: a version that is new, beside the one before it; `added`, `removed`: on one side only;
`mended`: the file that it has in the old state cannot be used."""


class Pair(NamedTuple):
    """Two versions to compare."""

    kind: PairKind
    old: Contract | None
    new: Contract | None

    @property
    def name(self) -> str:
        """The contract's name."""
        contract = self.new or self.old
        return contract.name if contract is not None else ""

    @property
    def version(self) -> str:
        """The contract's version; empty where it has none."""
        contract = self.new or self.old
        return contract.version if contract is not None else ""


def pairs(old: State, new: State, only: frozenset[str] = frozenset()) -> list[Pair]:
    """All that is to be compared, by name and version; of the contracts named in `only`, where any are.

    What has no version is the same in both states by its file and `$id`, by its `$id`, by its name or by its file, whichever tells
    first. What cannot be used on one side is not taken for missing there.

    Raises UnknownContract where neither side has one of these.
    """
    names = sorted({contract.name for state in (old, new) for contract in state.catalog.contracts})
    for name in only:
        if name not in names:
            raise UnknownContract(name, tuple(names))
    found = list(_paired(old, new))
    if only:
        found = [pair for pair in found if any(contract is not None and contract.name in only for contract in (pair.old, pair.new))]
    return sorted(found, key=lambda pair: (pair.name, version_order(pair.version)))


def _paired(old: State, new: State) -> Iterator[Pair]:
    before, after = list(old.catalog.contracts), list(new.catalog.contracts)
    for tells in _TELLING:
        known = {tells(contract): contract for contract in before}
        for contract in list(after):
            same = known.get(tells(contract))
            # A version has a name of its own, and is no other whatever its file is called.
            if same is not None and (tells is _name or not (same.version and contract.version)):
                before.remove(same)
                after.remove(contract)
                yield Pair("same", same, contract)
    for contract in before:
        if contract.file not in new.problems:
            yield Pair("removed", contract, None)
    for contract in after:
        if contract.file in old.problems:
            yield Pair("mended", None, contract)
        else:
            last = _before(new.catalog, contract)
            if last is None:
                yield Pair("added", None, contract)
            else:
                yield Pair("next", next((one for one in old.catalog.contracts if _name(one) == _name(last)), last), contract)


def _name(contract: Contract) -> tuple[str, str]:
    return contract.name, contract.version


_TELLING: tuple[Callable[[Contract], tuple[str, str]], ...] = (
    lambda contract: (contract.file, contract.uri),
    lambda contract: ("", contract.uri),
    _name,
    lambda contract: (contract.file, ""),
)
"""What two states may call one contract by, the most telling first."""


def _before(catalog: Catalog, contract: Contract) -> Contract | None:
    """The version of a contract that comes before another."""
    limit = version_order(contract.version)
    earlier = [other for other in catalog.contracts if other.name == contract.name and version_order(other.version) < limit]
    return max(earlier, key=lambda other: version_order(other.version), default=None)


def pair_of(old: Contract, new: Contract) -> Pair:
    """Two versions that were named."""
    return Pair("same" if (old.name, old.version) == (new.name, new.version) else "next", old, new)


def renamed(document: dict[str, Any], old: Contract, new: Contract) -> dict[str, Any]:
    """The schema of `old` as if its records named the version of `new`: else no record of one could ever be one of the other."""
    constants = dict(moved_constants(old, new))
    if not constants:
        return document
    changed = copy.deepcopy(document)
    for schema in (changed, *(member for member in changed.get("allOf", ()) if isinstance(member, dict))):
        properties = schema.get("properties", {})
        for member, (before, after) in constants.items():
            if isinstance(properties.get(member), dict) and properties[member].get("const") == before:
                properties[member]["const"] = after
    return changed


def seeds_renamed(records: list[Any], old: Contract, new: Contract) -> list[Any]:
    """Records of `old` that name the version of `new`."""
    constants = dict(moved_constants(old, new))
    return [_renamed_record(record, constants) for record in records] if constants else records


def _renamed_record(record: Any, constants: Mapping[str, tuple[Any, Any]]) -> Any:
    if not isinstance(record, dict):
        return record
    return {name: constants[name][1] if name in constants and value == constants[name][0] else value for name, value in record.items()}


def moved_constants(old: Contract, new: Contract) -> Iterator[tuple[str, tuple[Any, Any]]]:
    """The members of the discriminator whose constant names the version, each with its constant before and after."""
    after = dict(new.discriminator)
    for member, constant in old.discriminator:
        if old.version != new.version and member in after and after[member] != constant and _told_apart(constant, after[member], old, new):
            yield member, (constant, after[member])


def _told_apart(before: Any, after: Any, old: Contract, new: Contract) -> bool:
    return isinstance(before, str) and isinstance(after, str) and before.replace(old.version, new.version) == after
