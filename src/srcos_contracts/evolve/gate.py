"""The mutation gate: no constraint of any contract may be lost, loosened or tightened without some stored case noticing.

A constraint of a shared definition counts as noticed where any contract that uses it notices.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from srcos_contracts.contracts.catalog import BASE_URI, LOCAL_URI, Catalog, CatalogError, Contract
from srcos_contracts.contracts.judge import Judge
from srcos_contracts.contracts.resources import DEFINITIONS, Place, resources_of
from srcos_contracts.evolve.cases import Case, CaseSet, Told, diagnoses, rejections, told
from srcos_contracts.evolve.mutants import Mutant, mutants
from srcos_contracts.pointer import Path as Way
from srcos_contracts.pointer import format_pointer
from srcos_contracts.refusal import Refusal

__all__ = ["WAIVERS_FILE", "GateResult", "Survivor", "Waiver", "load_waivers", "run_gate", "waiver_for", "with_resource"]

WAIVERS_FILE = "waivers.yaml"


class Survivor(NamedTuple):
    """A change of a contract that no case notices."""

    uri: str
    pointer: str
    change: str
    contract: str
    """One contract that the change concerns."""

    @property
    def schema(self) -> str:
        """The schema file below its folder, as waivers name it."""
        return self.uri.removeprefix(BASE_URI).removeprefix(LOCAL_URI)


class Waiver(NamedTuple):
    """A mutant that is equivalent to the original, with the reason why no record can tell them apart."""

    schema: str
    pointer: str
    change: str
    reason: str

    def covers(self, survivor: Survivor) -> bool:
        return (survivor.schema, survivor.pointer, survivor.change) == (self.schema, self.pointer, self.change)


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


def run_gate(catalog: Catalog, cases: Sequence[CaseSet], waivers: Sequence[Waiver], whole: bool, jobs: int = 1) -> GateResult:
    """Tries every mutant of the contracts that have cases against them.

    `whole` says that these are all cases there are: then the definitions that contracts share are tried too, and waivers that
    nothing needs are told. Raises CatalogError where a schema cannot be used.
    """
    suites = {of_contract.contract.uri: _suite(catalog, of_contract) for of_contract in cases}
    documents: dict[str, Any] = {}
    users: dict[str, list[str]] = {}
    for uri, suite in suites.items():
        for name, document in resources_of(suite.bundle, uri).items():
            if name != uri and not whole:
                # Other contracts' cases may be the ones that notice.
                continue
            # A bundle holds only what it reaches: of a shared resource, the union over all contracts is tried.
            documents[name] = _united(documents.get(name), document)
            users.setdefault(name, []).append(uri)
    work = [(name, index) for name, document in documents.items() for index, _ in enumerate(mutants(document))]
    count, survivors = 0, []
    for number, survivor in _tried(suites, documents, users, work, jobs):
        count += number
        survivors += survivor
    kept = tuple(s for s in survivors if not any(waiver.covers(s) for waiver in waivers))
    unneeded = tuple(waiver for waiver in waivers if whole and not any(waiver.covers(survivor) for survivor in survivors))
    return GateResult(count, kept, len(survivors) - len(kept), unneeded)


def _united(known: Any, document: Any) -> Any:
    if known is None or not isinstance(document, dict):
        return document
    united = {**known, **document}
    for keyword in DEFINITIONS:
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
        if _noticed(suite, with_resource(suite.bundle, suite.contract.uri, name, document), name, mutant.path):
            return None
    return Survivor(name, format_pointer(mutant.path), mutant.change, suites[0].contract.label)


def with_resource(bundle: dict[str, Any], uri: str, name: str, document: Any) -> dict[str, Any]:
    """The bundle `uri` with one of its resources replaced."""
    if name == uri:
        # The root carries what is embedded in it.
        return dict(document)
    keyword = next(keyword for keyword in DEFINITIONS if name in bundle.get(keyword, {}))
    return {**bundle, keyword: {**bundle[keyword], name: document}}


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
    # The verdicts are the same; perhaps the findings differ, where they are stored. What no record breaks gives none.
    stored = [index for index in order if any(suite.rejected[index]) and not isinstance(suite.cases[index].expect, bool)]
    return any(told(judge, suite.contract, suite.cases[index]) != suite.told[index] for index in stored)


def _concerns(demands: frozenset[Place], name: str, path: Way) -> bool:
    return any(place.uri == name and place.path[: len(path) - 1] == path[:-1] for place in demands)


def waiver_for(survivor: Survivor) -> str:
    """The entry of the waivers file that would waive a survivor, but for its reason."""
    return json.dumps({"schema": survivor.schema, "pointer": survivor.pointer, "change": survivor.change, "reason": "..."})
