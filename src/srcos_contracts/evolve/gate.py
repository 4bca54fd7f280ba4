"""The mutation gate: no constraint of any contract may be lost, loosened or tightened without some stored case noticing.

A constraint of a shared definition counts as noticed where any contract that uses it notices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.contracts.dialects import DEFINITIONS
from srcos_contracts.contracts.judge import Folds, Judge, folds_of
from srcos_contracts.contracts.resources import Place, Resources, taken_in
from srcos_contracts.evolve.cases import Case, CaseSet, Told, as_told, diagnoses, rejections, told
from srcos_contracts.evolve.mutants import Mutant, mutants
from srcos_contracts.evolve.waivers import Survivor, Waiver
from srcos_contracts.evolve.workers import spread
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import ABSENT, format_pointer, lookup, parse_pointer
from srcos_contracts.refusal import Refusal

__all__ = ["GateResult", "run_gate", "with_resource"]

_CHUNK = 20


class GateResult(NamedTuple):
    """What the gate found."""

    mutants: int
    survivors: tuple[Survivor, ...]
    waived: int
    unneeded: tuple[Waiver, ...]
    """Waivers that no survivor needs any more."""
    left_out: tuple[str, ...]
    """URIs of shared schemas that were not tried, for other contracts' cases may be the ones that notice."""


class _Answer(NamedTuple):
    """What a contract makes of a case."""

    rejected: tuple[bool, ...]
    told: frozenset[Told]
    demands: frozenset[Place]
    """The places in the schema that demanded what the case lacks."""


class _Suite(NamedTuple):
    """A contract with its cases."""

    contract: Contract
    bundle: dict[str, Any]
    resources: Resources
    folds: Folds
    cases: tuple[Case, ...]
    answers: tuple[_Answer, ...]
    near: Mapping[Place, tuple[int, ...]]
    """By a place in the schema, the cases that lack something which it, or what stands in it, demands."""
    about: Mapping[str, tuple[int, ...]]
    """By a property's name, the cases in which something is wrong with such a property or within it."""
    valid: tuple[int, ...]


class _Work(NamedTuple):
    """A mutant of a document, and the contracts that use what is changed."""

    uri: str
    mutant: Mutant
    suites: Sequence[_Suite]


def run_gate(catalog: Catalog, cases: Sequence[CaseSet], waivers: Sequence[Waiver], whole: bool, jobs: int = 1) -> GateResult:
    """Tries every mutant of the contracts that have cases against them.

    `whole` says that these are all cases there are: then the definitions that contracts share are tried too, and waivers that
    nothing needs are told. Raises CatalogError where a schema cannot be used.
    """
    answers = spread(lambda index: _answers(catalog, cases[index]), range(len(cases)), jobs)
    suites = [_suite(catalog, of_contract, given) for of_contract, given in zip(cases, answers, strict=True)]
    documents: dict[str, Any] = {}
    users: dict[str, list[_Suite]] = {}
    left_out: dict[str, None] = {}
    for suite in suites:
        for uri, document in suite.resources.items():
            if uri != suite.contract.uri and not whole:
                left_out[uri] = None
                continue
            # A bundle holds only what it reaches: of a shared resource, the union over all contracts is tried.
            documents[uri] = _united(documents.get(uri), document)
            users.setdefault(uri, []).append(suite)
    work = [_Work(uri, mutant, _reaching(users[uri], uri, mutant)) for uri, document in documents.items() for mutant in mutants(document)]

    def unnoticed(numbers: range) -> list[int]:
        return [number for number in numbers if not _is_noticed(work[number])]

    chunks = [range(start, min(start + _CHUNK, len(work))) for start in range(0, len(work), _CHUNK)]
    survivors = [_survivor(work[number]) for numbers in spread(unnoticed, chunks, jobs) for number in numbers]
    kept = tuple(survivor for survivor in survivors if not any(waiver.covers(survivor) for waiver in waivers))
    unneeded = tuple(waiver for waiver in waivers if whole and not any(waiver.covers(survivor) for survivor in survivors))
    return GateResult(len(work), kept, len(survivors) - len(kept), unneeded, tuple(uri for uri in left_out if uri not in documents))


def _united(known: Any, document: Any) -> Any:
    if known is None or not isinstance(document, dict):
        return document
    united = {**known, **document}
    for keyword in DEFINITIONS:
        if keyword in known and keyword in document:
            united[keyword] = {**known[keyword], **document[keyword]}
    return united


def _reaching(suites: Sequence[_Suite], uri: str, mutant: Mutant) -> list[_Suite]:
    definition = mutant.path[:2] if mutant.path[0] in DEFINITIONS else ()
    return [suite for suite in suites if lookup(suite.resources[uri], definition) is not ABSENT]


def _survivor(work: _Work) -> Survivor:
    contracts = [suite.contract for suite in work.suites]
    own = next((contract for contract in contracts if contract.uri == work.uri), contracts[0])
    return Survivor(work.uri, format_pointer(work.mutant.path), work.mutant.change, own.label)


def _suite(catalog: Catalog, cases: CaseSet, answers: tuple[_Answer, ...]) -> _Suite:
    bundle = catalog.document(cases.contract.bundle)
    near: dict[Place, dict[int, None]] = {}
    about: dict[str, dict[int, None]] = {}
    for index, answer in enumerate(answers):
        for uri, path in answer.demands:
            for length in range(len(path) + 1):
                near.setdefault(Place(uri, path[:length]), {})[index] = None
        for name in (name for found in answer.told for name in parse_pointer(found.pointer)):
            about.setdefault(name, {})[index] = None
    return _Suite(
        cases.contract,
        bundle,
        taken_in(bundle, cases.contract.uri),
        folds_of(bundle),
        cases.cases,
        answers,
        {place: tuple(indices) for place, indices in near.items()},
        {name: tuple(indices) for name, indices in about.items()},
        tuple(index for index, case in enumerate(cases.cases) if case.valid),
    )


def _answers(catalog: Catalog, cases: CaseSet) -> tuple[_Answer, ...]:
    judge = catalog.judge(cases.contract)
    found = []
    for case in cases.cases:
        faults = list(diagnoses(judge, cases.contract, case))
        demands = frozenset(Place(fault.demand.uri, fault.demand.path) for fault, _ in faults)
        found.append(_Answer(rejections(judge, case), as_told(case, faults), demands))
    return tuple(found)


def with_resource(bundle: dict[str, Any], uri: str, name: str, document: Any) -> dict[str, Any]:
    """The bundle `uri` with one of its resources replaced."""
    if name == uri:
        # The root carries what is embedded in it.
        return dict(document)
    keyword = next(keyword for keyword in DEFINITIONS if name in bundle.get(keyword, {}))
    return {**bundle, keyword: {**bundle[keyword], name: document}}


def _is_noticed(work: _Work) -> bool:
    """Whether some case of some contract that uses what is changed gives something else than before.

    What is likeliest to show it, and cheapest to ask, is asked first: cases that break what stands at the changed place, valid
    examples, which a narrower contract refuses, and then all others; each for its verdict before its findings.
    """
    trials = [_MutantTrial(suite, work) for suite in work.suites]
    try:
        return (
            any(trial.shown_nearby() for trial in trials if trial.near or work.mutant.narrows)
            or any(trial.verdicts(range(len(trial.cases))) for trial in trials)
            or any(trial.findings(range(len(trial.cases))) for trial in trials)
        )
    except Refusal:
        # No validator can be built: that is noticed by everybody.
        return True


class _MutantTrial:
    """The cases of one contract against one mutant of a document that it uses."""

    def __init__(self, suite: _Suite, work: _Work) -> None:
        self._suite, self._work = suite, work
        self.cases = suite.cases
        path = work.mutant.path
        names = [str(name) for keyword, name in pairwise(path) if keyword == "properties"]
        self.near = suite.near.get(Place(work.uri, path[:-1])) or suite.about.get(names[-1] if names else "", ())

    @cached_property
    def _judge(self) -> Judge:
        suite, uri = self._suite, self._work.uri
        document = self._work.mutant.apply(suite.resources[uri])
        return Judge(with_resource(suite.bundle, suite.contract.uri, uri, document), suite.contract.uri, folds=suite.folds)

    def shown_nearby(self) -> bool:
        """Whether the cases show it that are likeliest to."""
        first, second = (self._suite.valid, self.near) if self._work.mutant.narrows else (self.near, self._suite.valid)
        return self.verdicts(first) or self.verdicts(second) or self.findings(self.near)

    def verdicts(self, indices: Iterable[int]) -> bool:
        """Whether the verdict on a record of some of the cases is another than before."""
        answers = self._suite.answers
        return any(rejections(self._judge, self.cases[index]) != answers[index].rejected for index in indices)

    def findings(self, indices: Iterable[int]) -> bool:
        """Whether some of the cases, whose verdicts are as before, give other findings, where they are stored."""
        answers, contract = self._suite.answers, self._suite.contract
        # What no record breaks gives none.
        stored = [index for index in indices if any(answers[index].rejected) and not isinstance(self.cases[index].expect, bool)]
        return any(told(self._judge, contract, self.cases[index]) != answers[index].told for index in stored)
