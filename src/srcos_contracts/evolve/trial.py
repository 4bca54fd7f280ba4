"""All examples and cases of the contracts, put to both engines and to the validators of others that are at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.contracts.diagnosis import Diagnosis
from srcos_contracts.contracts.judge import EngineName
from srcos_contracts.contracts.vocabulary import ASSERTIONS
from srcos_contracts.evolve.cases import CaseSet, diagnoses, rejections, shortcoming
from srcos_contracts.evolve.peers import Peer
from srcos_contracts.evolve.workers import spread
from srcos_contracts.named import NamedTuple
from srcos_contracts.rules import contract_rules

__all__ = ["ENGINES", "Disagreement", "Trial", "try_contract", "try_contracts", "unaccounted"]

ENGINES: tuple[EngineName, ...] = ("rust", "reference")


class Disagreement(NamedTuple):
    """A case that does not give what it must."""

    case: str
    who: str
    """The engine or peer, or `files` and `rules` where the stored cases themselves are not complete."""
    detail: str


class Trial(NamedTuple):
    """What came of the cases of one contract."""

    contract: Contract
    cases: int
    peers: tuple[str, ...]
    disagreements: tuple[Disagreement, ...]


def try_contract(catalog: Catalog, cases: CaseSet, peers: Sequence[Peer] = ()) -> Trial:
    """Judges every case of a contract and compares it with what is stored.

    Raises CatalogError where the schema cannot be used, PeerFailed where a peer does not answer.
    """
    return next(try_contracts(catalog, [(cases, peers)]))


def try_contracts(catalog: Catalog, suites: Sequence[tuple[CaseSet, Sequence[Peer]]], jobs: int = 1) -> Iterator[Trial]:
    """Tries contracts, each with the peers to ask of it, in their order; spread over processes, for the reference engine is slow.

    Raises what `try_contract` raises.
    """
    asked = [(suite, who) for suite, (_, peers) in enumerate(suites) for who in range(len(_OURS) + len(peers))]

    def disagreements(question: tuple[int, int]) -> list[Disagreement]:
        suite, who = question
        cases, peers = suites[suite]
        if who < len(_OURS):
            return list(_OURS[who](catalog, cases))
        return list(_peer_disagreements(catalog, cases, peers[who - len(_OURS)]))

    answers = spread(disagreements, asked, jobs)
    for cases, peers in suites:
        found = [item for items in islice(answers, len(_OURS) + len(peers)) for item in items]
        yield Trial(cases.contract, len(cases.cases), tuple(peer.name for peer in peers), tuple(found))


_KNOWN = ("waivers.yaml", "sets")
"""What lies among the examples of contracts and belongs to none."""


def unaccounted(examples: Path, catalog: Catalog) -> tuple[str, ...] | None:
    """The files among the examples that lie in the folder of no version of a contract; None where the catalog is not one of contracts.

    What lies in the folder of a contract is for its cases.json to account for.
    """
    if not all(contract.owner for contract in catalog.contracts):
        return None
    folders = {(contract.name, contract.version) for contract in catalog.contracts}
    files = [file.relative_to(examples) for file in sorted(examples.rglob("*")) if file.is_file() and not file.name.startswith(".")]
    return tuple(file.as_posix() for file in files if file.parts[0] not in _KNOWN and file.parts[:2] not in folders)


def _incomplete(catalog: Catalog, cases: CaseSet) -> Iterator[Disagreement]:
    for file in cases.stray:
        yield Disagreement(file, "files", "the folder and cases.json do not name the same files")
    names = [case.name for case in cases.cases]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield Disagreement(name, "files", "two cases have this name")
    breached = set()
    for case in cases.cases:
        kind, *rule = case.file.split("/")
        if case.name == case.file and kind == "invalid":
            breached.add(rule[0])
            if not isinstance(case.expect, bool) and all(expected.rule != rule[0] for expected in case.expect):
                yield Disagreement(case.name, "files", f"the file does not break {rule[0]}, as its folder says")
    for rule_id in dict.fromkeys(rule["id"] for rule in contract_rules(catalog.document(cases.contract.bundle))):
        if rule_id not in breached:
            yield Disagreement(rule_id, "rules", "no file in invalid/ breaks this rule")


def _engine_disagreements(catalog: Catalog, cases: CaseSet, engine: EngineName) -> Iterator[Disagreement]:
    judge = catalog.judge(cases.contract, engine)
    for case in cases.cases:
        faults = list(diagnoses(judge, cases.contract, case))
        detail = shortcoming(case, faults)
        if detail:
            yield Disagreement(case.name, engine, detail)
        if any(rejections(judge, case)) is not bool(faults):
            yield Disagreement(case.name, engine, "the verdict and the findings do not agree")


_OURS: tuple[Callable[[Catalog, CaseSet], Iterator[Disagreement]], ...] = (
    _incomplete,
    *(partial(_engine_disagreements, engine=engine) for engine in ENGINES),
)


def _peer_disagreements(catalog: Catalog, cases: CaseSet, peer: Peer) -> Iterator[Disagreement]:
    judge = catalog.judge(cases.contract)
    records: list[Any] = []
    names: list[str] = []
    expected: list[bool] = []
    for case in cases.cases:
        faults: dict[int, list[Diagnosis]] = {}
        for fault, line in diagnoses(judge, cases.contract, case):
            faults.setdefault(line, []).append(fault)
        for record, line in case.records:
            records.append(record)
            names.append(case.name)
            expected.append(not any(_is_plain_error(fault) for fault in faults.get(line, ())))
    verdicts = peer.verdicts(catalog.document(cases.contract.bundle), records) if records else []
    for name, wanted, verdict in zip(names, expected, verdicts, strict=True):
        if verdict is not wanted:
            yield Disagreement(name, peer.name, f"finds the plain JSON Schema part {'valid' if verdict else 'invalid'}")


def _is_plain_error(fault: Diagnosis) -> bool:
    """Whether an ordinary validator sees the fault too."""
    return fault.severity == "error" and fault.keyword not in ASSERTIONS
