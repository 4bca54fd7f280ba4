"""The product's verb: payloads to findings, one record at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from srcos_contracts.contracts.catalog import Catalog, Claim, Contract
from srcos_contracts.contracts.judge import EngineName
from srcos_contracts.finding import Excerpt, Finding, Location, Severity
from srcos_contracts.pointer import format_pointer
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.jsonl import Counter
from srcos_contracts.reading.source import Source, read

__all__ = ["NO_SOURCE", "Demands", "check_source", "check_value"]

UNCLAIMED = "unclaimed-record"
NO_SOURCE = "<record>"


class Demands(NamedTuple):
    """What a check asks of every record, beyond its contract."""

    contract: Contract | None = None
    """The contract that every record is to be an instance of, whatever it says of itself."""
    engine: EngineName = "rust"
    strict: bool = False
    """Whether a warning counts as an error."""
    select: frozenset[str] = frozenset()
    """The only rules to report; all where empty."""
    ignore: frozenset[str] = frozenset()

    def keeps(self, rule: str) -> bool:
        return rule not in self.ignore and (not self.select or rule in self.select)


def check_source(
    catalog: Catalog, source: Source, demands: Demands, counter: Counter | None = None, start: int = 0, length: int | None = None
) -> Iterator[Finding]:
    """Every finding in a source, or in the part of a ledger that begins at byte `start`, in the order of its lines.

    `counter` tells how far the check has come. Raises CatalogError where a contract's schema cannot be used.
    """
    for item in read(source, counter, _settled(catalog, source, demands), start, length):
        if isinstance(item, Finding):
            # What could not be read is told whatever rules are selected: nothing was judged there.
            yield _strict(item, demands)
        else:
            yield from check_value(catalog, item.value, demands, source.name, source.document(item))


def _settled(catalog: Catalog, source: Source, demands: Demands) -> Callable[[Any], bool]:
    """Whether a record is claimed and breaks nothing: the question of the hot path."""
    if demands.contract is not None:
        return catalog.judge(demands.contract, demands.engine).accepts
    claim, name, engine = catalog.claim, source.name, demands.engine
    judges: dict[str, Callable[[Any, Mapping[str, str]], bool]] = {}

    def settled(value: Any) -> bool:
        claimed = claim(value, name)
        if claimed is None:
            return False
        contract, parts = claimed
        accepts = judges.get(contract.uri)
        if accepts is None:
            accepts = judges[contract.uri] = catalog.judge(contract, engine).accepts
        return accepts(value, parts)

    return settled


def check_value(
    catalog: Catalog,
    value: Any,
    demands: Demands,
    file: str = NO_SOURCE,
    document: Document | None = None,
) -> list[Finding]:
    """The findings for one value; without a document they have pointers but no lines.

    Raises CatalogError where the contract's schema cannot be used.
    """
    claim = Claim(demands.contract) if demands.contract is not None else catalog.claim(value, file)
    found = _breaches(catalog, claim, value, demands, file, document) if claim else [_unclaimed(catalog, value, demands, file, document)]
    return [_strict(finding, demands) for finding in found if demands.keeps(finding.rule)]


def _strict(finding: Finding, demands: Demands) -> Finding:
    return finding._replace(severity="error") if demands.strict else finding


def _breaches(catalog: Catalog, claim: Claim, value: Any, demands: Demands, file: str, document: Document | None) -> list[Finding]:
    from srcos_contracts.contracts.diagnosis import diagnose

    contract = claim.contract
    found = []
    for fault in diagnose(catalog.judge(contract, demands.engine), value, contract.name, claim.parts):
        location = _location(document, file, fault.path, fault.at_key, fault.missing)
        severity: Severity = fault.severity
        found.append(
            Finding(
                fault.rule,
                severity,
                fault.message,
                location,
                fault.help,
                fault.detail,
                format_pointer(fault.path),
                contract.name,
                contract.version,
                catalog.place(fault.demand.uri, fault.demand.path),
            )
        )
    return found


def _unclaimed(catalog: Catalog, value: Any, demands: Demands, file: str, document: Document | None) -> Finding:
    from srcos_contracts.contracts.nearest import nearest, obstacles, what_it_is

    location = _location(document, file, (), False, True)
    near = nearest(catalog, value, demands.engine)
    if near is None:
        kinds = ", ".join(dict.fromkeys(contract.name for contract in catalog.contracts))
        help = f"{what_it_is(value)}; a record is one JSON object of a contract: {kinds}"
        return Finding(UNCLAIMED, "error", "no contract claims this record", location, help)
    message = f"no contract claims this record; the nearest is {near.contract.label}"
    return Finding(UNCLAIMED, "error", message, location, obstacles(catalog, near, value, demands.engine))


def _location(document: Document | None, file: str, path: tuple[str | int, ...], at_key: bool, only_start: bool) -> Location:
    if document is None:
        return Location(file)
    from srcos_contracts.reading.document import excerpt, line_and_column
    from srcos_contracts.reading.locate import locate

    text = document.text.decode("utf-8")
    span, key = locate(document, path)
    if at_key and key is not None:
        span = key
    line, column = line_and_column(text, span[0])
    shown: Excerpt = excerpt(text, span[0], span[0] + 1 if only_start else span[1])
    return Location(document.file, document.line + line - 1, column, shown)
