"""`srcos-validate test`: whether contracts and their stored cases say the same, and whether every constraint is tested."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NamedTuple

from srcos_contracts.cli.check import processors
from srcos_contracts.cli.unreached import listed, unreached_notes
from srcos_contracts.contracts.catalog import BASE_URI, LOCAL_URI, Catalog, Contract
from srcos_contracts.evolve.cases import CASES_FILE, CaseSet, load_cases
from srcos_contracts.evolve.gate import GateResult, run_gate
from srcos_contracts.evolve.generate import catalog_to_test
from srcos_contracts.evolve.loose import LooseExamples, loose_examples
from srcos_contracts.evolve.peers import Peers, find_peers
from srcos_contracts.evolve.suggest import Suggestion, suggest
from srcos_contracts.evolve.trial import ENGINES, Trial, try_contracts, unaccounted
from srcos_contracts.evolve.waivers import WAIVERS_FILE, load_waivers, waiver_for
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape

__all__ = ["TrialRequest", "run_trials"]

_MOST = 20
_MOST_SURVIVORS = 50
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


class _Suites(NamedTuple):
    """What there is to test."""

    cases: list[CaseSet]
    strays: tuple[str, ...]
    """Examples that belong to no contract."""
    closed: bool
    """Whether there may be none: the catalog is one of contracts."""
    without: list[Contract]
    whole: bool
    """Whether all contracts were asked for."""


def run_trials(request: TrialRequest) -> int:
    """Tries all cases, and with `mutate` all mutants. Returns 0 where all is well, 1 where something is not, 2 where it cannot be told."""
    try:
        catalog = catalog_to_test(request.schemas)
        suites = _suites(catalog, request)
        for line in [*unreached_notes(catalog), *_missing(suites, request)]:
            print(line)
        if not suites.cases:
            print("error: nothing was tested", file=sys.stderr)
            return 2
        # A contract that states its rules has stored cases; nothing can be asked of schemas that know nothing of us.
        well = not any(contract.owner for contract in suites.without) and not (suites.closed and suites.strays)
        well = _trials(catalog, suites, request) and well
        if request.mutate or request.write_cases:
            well = _gate(catalog, suites, request) and well
        return 0 if well else 1
    except Refusal as error:
        sys.stdout.flush()
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2


def _suites(catalog: Catalog, request: TrialRequest) -> _Suites:
    chosen = [catalog.find(name) for name in request.contracts] if request.contracts else list(catalog.contracts)
    examples = Path(request.examples)
    folders = {contract.uri: examples / contract.name / contract.version for contract in chosen}
    stored = {
        contract.uri: load_cases(examples, catalog, contract) for contract in chosen if (folders[contract.uri] / CASES_FILE).is_file()
    }
    others = [contract for contract in chosen if contract.uri not in stored]
    loose = loose_examples(examples, catalog, others, [folders[uri] for uri in stored]) if others else LooseExamples({}, ())
    found = {**stored, **loose.cases}
    strays = unaccounted(examples, catalog)
    return _Suites(
        [found[contract.uri] for contract in chosen if contract.uri in found],
        () if request.contracts else loose.strays if strays is None else strays,
        strays is not None,
        [contract for contract in others if contract.uri not in loose.cases],
        not request.contracts,
    )


def _missing(suites: _Suites, request: TrialRequest) -> list[str]:
    lines = []
    if suites.without:
        lines.append(f"{len(suites.without):,} without examples in {request.examples}: {listed([c.label for c in suites.without])}")
    if suites.strays:
        files = "file in {} belongs" if len(suites.strays) == 1 else "files in {} belong"
        lead = "error: " if suites.closed else ""
        lines.append(f"{lead}{len(suites.strays):,} {files.format(escape(request.examples))} to no contract: {listed(suites.strays)}")
    return lines


def _trials(catalog: Catalog, suites: _Suites, request: TrialRequest) -> bool:
    # Others are asked about contracts only: they stop at what foreign schemas may hold.
    ask = request.peers and any(not cases.loose for cases in suites.cases)
    peers = find_peers(Path.cwd()) if ask else Peers()
    width = max(len(cases.contract.label) for cases in suites.cases)
    trials = []
    for trial in try_contracts(catalog, [(cases, () if cases.loose else peers.found) for cases in suites.cases], _jobs(request)):
        _say(trial, width)
        trials.append(trial)
    judged_by = ", ".join([*ENGINES, *(peer.name for peer in peers.found)])
    wrong = sum(len(trial.disagreements) for trial in trials)
    verdict = f"{wrong} do not give what they must" if wrong else "all as stored"
    contracts = f"{len(trials):,} contract{'' if len(trials) == 1 else 's'}"
    print(f"{contracts}, {sum(trial.cases for trial in trials):,} cases by {judged_by}: {verdict}")
    if peers.missing:
        print(f"not asked: {'; '.join(f'{name}: {escape(why)}' for name, why in peers.missing)}")
    return not wrong


def _jobs(request: TrialRequest) -> int:
    return request.jobs or processors()


def _say(trial: Trial, width: int) -> None:
    wrong = trial.disagreements
    print(f"{trial.contract.label:<{width}}  {trial.cases:>5} cases  {'ok' if not wrong else f'{len(wrong)} wrong'}")
    for item in wrong[:_MOST]:
        print(f"    {item.who}: {escape(item.case)}: {escape(item.detail)}")
    if len(wrong) > _MOST:
        print(f"    ... and {len(wrong) - _MOST} more")


def _gate(catalog: Catalog, suites: _Suites, request: TrialRequest) -> bool:
    examples = Path(request.examples)
    waivers = load_waivers(examples / WAIVERS_FILE)
    result = run_gate(catalog, suites.cases, waivers, suites.whole, _jobs(request))
    killed = result.mutants - len(result.survivors) - result.waived
    print(f"{result.mutants:,} mutants: {killed:,} noticed, {result.waived} waived, {len(result.survivors)} not noticed")
    if result.left_out:
        shared = listed([uri.removeprefix(BASE_URI).removeprefix(LOCAL_URI) for uri in result.left_out])
        print(f"not tried without all contracts, whose cases may notice: what they share in {shared}")
    _say_survivors(catalog, suites, result, request)
    for waiver in result.unneeded:
        what = f"{escape(waiver.schema)} {escape(waiver.pointer)}: {escape(waiver.change)}"
        print(f"a waiver is no longer needed; remove it from {examples / WAIVERS_FILE}: {what}")
    return not result.survivors and not result.unneeded


def _say_survivors(catalog: Catalog, suites: _Suites, result: GateResult, request: TrialRequest) -> None:
    proposals: dict[Path, list[Suggestion]] = {}
    by_label = {cases.contract.label: cases for cases in suites.cases}
    shown = result.survivors if request.write_cases else result.survivors[:_MOST_SURVIVORS]
    for survivor in shown:
        print(f"  not noticed: {escape(f'{survivor.schema}#{survivor.pointer}: {survivor.change}')}")
        cases = by_label[survivor.contract]
        suggestion = suggest(catalog, cases, survivor)
        if suggestion is None:
            print(f"      no single edit of a stored record shows it; if no record can, waive it: {waiver_for(survivor)}")
        else:
            print(f"      a case that would notice: {json.dumps(suggestion.as_case())}")
            proposals.setdefault(cases.folder, []).append(suggestion)
    if len(shown) < len(result.survivors):
        print(f"  ... and {len(result.survivors) - len(shown):,} more; --contract narrows, --write-cases proposes a case for each")
    if request.write_cases:
        for folder, suggestions in proposals.items():
            path = folder / PROPOSALS_FILE
            proposed = {suggestion.name: suggestion.as_case() for suggestion in suggestions}
            path.write_text(json.dumps(list(proposed.values()), indent=2) + "\n", encoding="utf-8")
            print(f"{path}: {len(proposed)} proposed cases; review them, move the good ones to cases.json and delete the file")
