"""`srcos-validate test`: whether contracts and their stored cases say the same, and whether every constraint is tested."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NamedTuple

from srcos_contracts.cli.check import processors
from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.evolve.gate import WAIVERS_FILE, GateResult, load_waivers, run_gate, waiver_for
from srcos_contracts.evolve.peers import find_peers
from srcos_contracts.evolve.suggest import Suggestion, suggest
from srcos_contracts.evolve.trial import ENGINES, Trial, try_contract
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape

__all__ = ["TrialRequest", "run_trials"]

_MOST = 20
PROPOSALS_FILE = "cases.proposed.json"


class TrialRequest(NamedTuple):
    """What a command line asks of `test`."""

    schemas: str = "schemas"
    examples: str = "examples"
    contracts: tuple[str, ...] = ()
    mutate: bool = False
    write_cases: bool = False
    peers: bool = True
    jobs: int = 0


def run_trials(request: TrialRequest) -> int:
    """Tries all cases, and with `mutate` all mutants. Returns 0 where all is well, 1 where something is not, 2 where it cannot be told."""
    try:
        catalog = Catalog.at(request.schemas)
        chosen = [catalog.find(name) for name in request.contracts] if request.contracts else list(catalog.contracts)
        examples = Path(request.examples)
        with_cases = [contract for contract in chosen if (examples / contract.name / contract.version).is_dir()]
        for contract in chosen:
            if contract not in with_cases:
                print(f"{contract.label}: no cases in {examples / contract.name / contract.version}")
        if not with_cases:
            print("error: nothing was tested", file=sys.stderr)
            return 2
        well = len(with_cases) == len(chosen) and _trials(catalog, examples, with_cases, request)
        if request.mutate:
            well = _gate(catalog, examples, with_cases, request) and well
        return 0 if well else 1
    except Refusal as error:
        sys.stdout.flush()
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2


def _trials(catalog: Catalog, examples: Path, contracts: list[Contract], request: TrialRequest) -> bool:
    peers = find_peers(Path.cwd()) if request.peers else ()
    trials = [try_contract(catalog, examples, contract, peers) for contract in contracts]
    width = max(len(trial.contract.label) for trial in trials)
    for trial in trials:
        _say(trial, width)
    judged_by = ", ".join([*ENGINES, *(peer.name for peer in peers)])
    wrong = sum(len(trial.disagreements) for trial in trials)
    verdict = f"{wrong} do not give what they must" if wrong else "all as stored"
    print(f"{len(trials)} contracts, {sum(trial.cases for trial in trials):,} cases by {judged_by}: {verdict}")
    return not wrong


def _say(trial: Trial, width: int) -> None:
    wrong = trial.disagreements
    print(f"{trial.contract.label:<{width}}  {trial.cases:>5} cases  {'ok' if not wrong else f'{len(wrong)} wrong'}")
    for item in wrong[:_MOST]:
        print(f"    {item.who}: {escape(item.case)}: {escape(item.detail)}")
    if len(wrong) > _MOST:
        print(f"    ... and {len(wrong) - _MOST} more")


def _gate(catalog: Catalog, examples: Path, contracts: list[Contract], request: TrialRequest) -> bool:
    waivers = load_waivers(examples / WAIVERS_FILE)
    result = run_gate(catalog, examples, contracts, waivers, request.jobs or processors())
    killed = result.mutants - len(result.survivors) - result.waived
    print(f"{result.mutants:,} mutants: {killed:,} noticed, {result.waived} waived, {len(result.survivors)} not noticed")
    _say_survivors(catalog, examples, result, request)
    for waiver in result.unneeded:
        what = f"{waiver.schema} {waiver.pointer}: {waiver.change}"
        print(f"a waiver is no longer needed; remove it from {examples / WAIVERS_FILE}: {what}")
    return not result.survivors and not result.unneeded


def _say_survivors(catalog: Catalog, examples: Path, result: GateResult, request: TrialRequest) -> None:
    proposals: dict[str, list[Suggestion]] = {}
    for survivor in result.survivors:
        print(f"  not noticed: {survivor.uri}#{survivor.pointer}: {survivor.change}")
        suggestion = suggest(catalog, examples, survivor)
        if suggestion is None:
            print(f"      no single edit of an example shows it; if none can, waive it: {waiver_for(survivor)}")
        else:
            print(f"      a case that would notice: {json.dumps(suggestion.as_case())}")
            proposals.setdefault(survivor.contract.replace(" ", "/"), []).append(suggestion)
    if request.write_cases:
        for folder, suggestions in proposals.items():
            path = examples / folder / PROPOSALS_FILE
            cases = {suggestion.name: suggestion.as_case() for suggestion in suggestions}
            path.write_text(json.dumps(list(cases.values()), indent=2) + "\n", encoding="utf-8")
            print(f"{path}: {len(cases)} proposed cases; review them, move the good ones to cases.json and delete the file")
