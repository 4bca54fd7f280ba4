"""The stored cases of contracts, as they are found among examples, and what is missing there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.evolve.cases import CASES_FILE, CaseSet, load_cases
from srcos_contracts.evolve.loose import LooseExamples, loose_examples
from srcos_contracts.evolve.trial import unaccounted
from srcos_contracts.named import NamedTuple

__all__ = ["Suites", "suites_in"]


class Suites(NamedTuple):
    """What there is to test."""

    cases: list[CaseSet]
    strays: tuple[str, ...]
    """Examples that belong to no contract."""
    closed: bool
    """Whether there may be none: the catalog is one of contracts."""
    without: list[Contract]
    whole: bool
    """Whether all contracts were asked for."""

    @property
    def complete(self) -> bool:
        """Whether nothing is missing. A contract that states its rules has stored cases; nothing can be asked of schemas that know
        nothing of us.
        """
        return not any(contract.owner for contract in self.without) and not (self.closed and self.strays)


def suites_in(examples: Path, catalog: Catalog, names: Sequence[str] = ()) -> Suites:
    """The cases of the contracts with these names, or of all. Raises CatalogError, UnknownContract."""
    chosen = [catalog.find(name) for name in names] if names else list(catalog.contracts)
    folders = {contract.uri: examples / contract.name / contract.version for contract in chosen}
    stored = {
        contract.uri: load_cases(examples, catalog, contract) for contract in chosen if (folders[contract.uri] / CASES_FILE).is_file()
    }
    others = [contract for contract in chosen if contract.uri not in stored]
    loose = loose_examples(examples, catalog, others, [folders[uri] for uri in stored]) if others else LooseExamples({}, ())
    found = {**stored, **loose.cases}
    strays = unaccounted(examples, catalog)
    return Suites(
        [found[contract.uri] for contract in chosen if contract.uri in found],
        () if names else loose.strays if strays is None else strays,
        strays is not None,
        [contract for contract in others if contract.uri not in loose.cases],
        not names,
    )
