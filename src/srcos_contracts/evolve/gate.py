"""The mutation gate: no constraint of any contract may be lost, loosened or tightened without some stored case noticing.

A constraint of a shared definition counts as noticed where any contract that uses it notices.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from srcos_contracts.contracts.catalog import Catalog, CatalogError, Contract
from srcos_contracts.contracts.judge import Judge
from srcos_contracts.contracts.resources import Place, resources_of
from srcos_contracts.evolve.cases import Case, CaseSet, Told, diagnoses, load_cases, rejections, told
from srcos_contracts.evolve.mutants import Mutant, mutants
from srcos_contracts.pointer import Path as Way
from srcos_contracts.pointer import format_pointer
from srcos_contracts.refusal import Refusal

__all__ = ["WAIVERS_FILE", "GateResult", "Survivor", "Waiver", "load_waivers", "run_gate"]

WAIVERS_FILE = "waivers.yaml"


class Survivor(NamedTuple):
    """A change of a contract that no case notices."""

    uri: str
    pointer: str
    change: str
    contract: str
    """One contract that the change concerns."""


class Waiver(NamedTuple):
    """A mutant that is equivalent to the original, with the reason why no record can tell them apart."""

    schema: str
    pointer: str
    change: str
    reason: str

    def covers(self, survivor: Survivor) -> bool:
        return survivor.uri.endswith("/" + self.schema) and (survivor.pointer, survivor.change) == (self.pointer, self.change)


class GateResult(NamedTuple):
    """What the gate found."""

    mutants: int
    survivors: tuple[Survivor, ...]
    waived: int
    unneeded: tuple[Waiver, ...]
    """Waivers that no survivor needs any more."""


class _Suite(NamedTuple):
    contract: Contract
    bundle: dict[str, Any]
    cases: tuple[Case, ...]
    rejected: tuple[tuple[bool, ...], ...]
    told: tuple[frozenset[Told], ...]
    demands: tuple[frozenset[Place], ...]
    """Of each case, the places in the schema that demanded what it lacks."""


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers of a file; none where there is no file.

    Raises CatalogError where it does not have the form of a list of {schema, pointer, change, reason}.
    """
    if not path.is_file():
        return ()
    from srcos_contracts.finding import Finding
    from srcos_contracts.reading.document import Document
    from srcos_contracts.reading.yaml_text import parse_yaml

    node = parse_yaml(Document(str(path), path.read_bytes(), "yaml"))
    if isinstance(node, Finding):
        raise CatalogError(f"{path}:{node.location.line}:{node.location.column}: {node.message}")
    try:
        return tuple(Waiver(**entry) for entry in (node.value if node is not None else None) or ())
    except TypeError as error:
        raise CatalogError(f"{path} does not have the form of a list of schema, pointer, change and reason: {error}") from error


def run_gate(catalog: Catalog, examples: Path, contracts: Sequence[Contract], waivers: Sequence[Waiver], jobs: int = 1) -> GateResult:
    """Tries every mutant of the contracts, and of the shared definitions that they use, against their cases.

    Raises CatalogError where cases cannot be read.
    """
    suites = {contract.uri: _suite(catalog, load_cases(examples, catalog, contract)) for contract in contracts}
    documents: dict[str, Any] = {}
    users: dict[str, list[str]] = {}
    for uri, suite in suites.items():
        for name, document in resources_of(suite.bundle, uri).items():
            # A bundle holds only what it reaches: of a shared resource, the union over all contracts is tried.
            documents[name] = _united(documents.get(name), document)
            users.setdefault(name, []).append(uri)
    work = [(name, index) for name, document in documents.items() for index, _ in enumerate(mutants(document))]
    count, survivors = 0, []
    for number, survivor in _tried(suites, documents, users, work, jobs):
        count += number
        survivors += survivor
    kept = tuple(s for s in survivors if not any(waiver.covers(s) for waiver in waivers))
    unneeded = tuple(
        waiver
        for waiver in waivers
        if any(name.endswith("/" + waiver.schema) for name in documents) and not any(waiver.covers(survivor) for survivor in survivors)
    )
    return GateResult(count, kept, len(survivors) - len(kept), unneeded)


def _united(known: Any, document: Any) -> Any:
    if known is None or not isinstance(document, dict):
        return document
    united = {**known, **document}
    for keyword in ("$defs", "definitions"):
        if keyword in known and keyword in document:
            united[keyword] = {**known[keyword], **document[keyword]}
    return united


def _suite(catalog: Catalog, cases: CaseSet) -> _Suite:
    judge = catalog.judge(cases.contract)
    demands = [
        frozenset(Place(fault.demand.uri, fault.demand.path) for fault, _ in diagnoses(judge, cases.contract, case)) for case in cases.cases
    ]
    return _Suite(
        cases.contract,
        catalog.document(cases.contract.bundle),
        cases.cases,
        tuple(rejections(judge, case) for case in cases.cases),
        tuple(told(judge, cases.contract, case) for case in cases.cases),
        tuple(demands),
    )


_shared: dict[str, Any] = {}


def _tried(
    suites: Mapping[str, _Suite], documents: Mapping[str, Any], users: Mapping[str, list[str]], work: list[tuple[str, int]], jobs: int
) -> Iterator[tuple[int, list[Survivor]]]:
    _shared.update(suites=suites, documents=documents, users=users)
    chunks = [work[start : start + 40] for start in range(0, len(work), 40)]
    if jobs <= 1:
        yield from map(_try_chunk, chunks)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    # Forked workers have the suites already; they hold values that cannot be sent.
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("fork")) as pool:
        yield from pool.map(_try_chunk, chunks)


def _try_chunk(chunk: list[tuple[str, int]]) -> tuple[int, list[Survivor]]:
    survivors = []
    by_document: dict[str, list[Mutant]] = {}
    for name, index in chunk:
        if name not in by_document:
            by_document[name] = list(mutants(_shared["documents"][name]))
        mutant = by_document[name][index]
        survivor = _survivor(name, mutant, [_shared["suites"][uri] for uri in _shared["users"][name]])
        if survivor is not None:
            survivors.append(survivor)
    return len(chunk), survivors


def _survivor(name: str, mutant: Mutant, suites: Sequence[_Suite]) -> Survivor | None:
    document = mutant.apply()
    for suite in suites:
        if _noticed(suite, _put(suite, name, document), name, mutant.path):
            return None
    return Survivor(name, format_pointer(mutant.path), mutant.change, suites[0].contract.label)


def _put(suite: _Suite, name: str, document: Any) -> dict[str, Any]:
    """The suite's bundle with one of its resources replaced."""
    if name == suite.contract.uri:
        # The mutant's own `$defs` are the bundle's: what is embedded is in it already.
        return dict(document)
    keyword = next(keyword for keyword in ("$defs", "definitions") if name in suite.bundle.get(keyword, {}))
    return {**suite.bundle, keyword: {**suite.bundle[keyword], name: document}}


def _noticed(suite: _Suite, bundle: dict[str, Any], name: str, path: Way) -> bool:
    try:
        judge = Judge(bundle, suite.contract.uri)
    except Refusal:
        # No validator can be built: that is noticed by everybody.
        return True
    near = [_concerns(demands, name, path) for demands in suite.demands]
    order = sorted(range(len(suite.cases)), key=lambda index: not near[index])
    changed = [index for index in order if rejections(judge, suite.cases[index]) != suite.rejected[index]]
    if changed:
        return True
    # The verdicts are the same; perhaps the findings differ. What no record breaks gives none.
    return any(told(judge, suite.contract, suite.cases[index]) != suite.told[index] for index in order if any(suite.rejected[index]))


def _concerns(demands: frozenset[Place], name: str, path: Way) -> bool:
    return any(place.uri == name and place.path[: len(path) - 1] == path[:-1] for place in demands)


def as_json(survivor: Survivor) -> str:
    """A survivor as the line of waivers.yaml that would waive it, but for its reason."""
    schema = "/".join(survivor.uri.rsplit("/", 3)[-2:]) if "/defs/" not in survivor.uri else "defs/" + survivor.uri.split("/defs/")[1]
    return json.dumps({"schema": schema, "pointer": survivor.pointer, "change": survivor.change, "reason": ""})
