"""`srcos-validate test`: whether contracts and their stored cases say the same, and whether every constraint is tested."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from srcos_contracts.cli.check import processors
from srcos_contracts.cli.set_trials import try_stored_sets
from srcos_contracts.cli.unreached import unreached_notes
from srcos_contracts.contracts.catalog import Catalog, shown_uri
from srcos_contracts.evolve.gate import GateResult, run_gate
from srcos_contracts.evolve.generate import catalog_to_test
from srcos_contracts.evolve.peers import Peers, find_peers
from srcos_contracts.evolve.shortfalls import survivor_finding, trial_findings, unneeded_finding
from srcos_contracts.evolve.suggest import Suggestion, suggest
from srcos_contracts.evolve.suites import Suites, suites_in
from srcos_contracts.evolve.trial import ENGINES, Trial, try_contracts
from srcos_contracts.evolve.waivers import WAIVERS_FILE, Waiver, load_waivers
from srcos_contracts.exact import exact_text
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.wording import listed

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


def run_trials(request: TrialRequest) -> int:
    """Tries all cases, and with `mutate` all mutants. Returns 0 where all is well, 1 where something is not, 2 where it cannot be told."""
    try:
        catalog = catalog_to_test(request.schemas)
        suites = suites_in(Path(request.examples), catalog, request.contracts)
        for line in [*unreached_notes(catalog), *_missing(suites, request)]:
            print(line)
        if not suites.cases:
            print("error: nothing was tested", file=sys.stderr)
            return 2
        well = _trials(catalog, suites, request) and suites.complete
        waivers = load_waivers(Path(request.examples) / WAIVERS_FILE)
        mutate = request.mutate or request.write_cases
        if mutate:
            well = _gate(catalog, suites, waivers.contracts, request) and well
        if suites.whole:
            well = try_stored_sets(catalog, Path(request.examples), waivers.rules, mutate, _jobs(request)) and well
        return 0 if well else 1
    except Refusal as error:
        sys.stdout.flush()
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2


def _missing(suites: Suites, request: TrialRequest) -> list[str]:
    lines = []
    if suites.without:
        lines.append(f"{len(suites.without):,} without examples in {request.examples}: {escape(listed([c.label for c in suites.without]))}")
    if suites.strays:
        files = "file in {} belongs" if len(suites.strays) == 1 else "files in {} belong"
        lead = "error: " if suites.closed else ""
        strays = escape(listed(suites.strays))
        lines.append(f"{lead}{len(suites.strays):,} {files.format(escape(request.examples))} to no contract: {strays}")
    return lines


def _trials(catalog: Catalog, suites: Suites, request: TrialRequest) -> bool:
    # Others are asked about contracts only: they stop at what foreign schemas may hold.
    ask = request.peers and any(not cases.loose for cases in suites.cases)
    peers = find_peers(Path.cwd()) if ask else Peers()
    width = max(len(cases.contract.label) for cases in suites.cases)
    asked = [(cases, () if cases.loose else peers.found) for cases in suites.cases]
    wrong = 0
    for cases, trial in zip(suites.cases, try_contracts(catalog, asked, _jobs(request)), strict=True):
        found = list(trial_findings(catalog, cases, trial))
        _say(trial, found, width)
        wrong += len(found)
    judged_by = ", ".join([*ENGINES, *(peer.name for peer in peers.found)])
    verdict = f"{wrong} do not give what they must" if wrong else "all as stored"
    contracts = f"{len(suites.cases):,} contract{'' if len(suites.cases) == 1 else 's'}"
    print(f"{contracts}, {sum(len(cases.cases) for cases in suites.cases):,} cases by {judged_by}: {verdict}")
    if peers.missing:
        print(f"not asked: {'; '.join(f'{name}: {escape(why)}' for name, why in peers.missing)}")
    return not wrong


def _jobs(request: TrialRequest) -> int:
    return request.jobs or processors()


def _say(trial: Trial, wrong: Sequence[Finding], width: int) -> None:
    print(f"{trial.contract.label:<{width}}  {trial.cases:>5} cases  {'ok' if not wrong else f'{len(wrong)} wrong'}")
    for finding in wrong[:_MOST]:
        print(f"    {escape(finding.detail)}")
    if len(wrong) > _MOST:
        print(f"    ... and {len(wrong) - _MOST} more")


def _gate(catalog: Catalog, suites: Suites, waivers: Sequence[Waiver], request: TrialRequest) -> bool:
    examples = Path(request.examples)
    result = run_gate(catalog, suites.cases, waivers, suites.whole, _jobs(request))
    killed = result.mutants - len(result.survivors) - result.waived
    print(f"{result.mutants:,} mutants: {killed:,} noticed, {result.waived} waived, {len(result.survivors)} not noticed")
    if result.left_out:
        shared = escape(listed([shown_uri(uri) for uri in result.left_out]))
        print(f"not tried without all contracts, whose cases may notice: what they share in {shared}")
    _say_survivors(catalog, suites, result, request)
    for waiver in result.unneeded:
        what = escape(unneeded_finding(examples / WAIVERS_FILE, waiver).detail)
        print(f"a waiver is no longer needed; remove it from {examples / WAIVERS_FILE}: {what}")
    return not result.survivors and not result.unneeded


def _say_survivors(catalog: Catalog, suites: Suites, result: GateResult, request: TrialRequest) -> None:
    proposals: dict[Path, list[Suggestion]] = {}
    by_label = {cases.contract.label: cases for cases in suites.cases}
    shown = result.survivors if request.write_cases else result.survivors[:_MOST_SURVIVORS]
    for survivor in shown:
        cases = by_label[survivor.contract]
        suggestion = suggest(catalog, cases, survivor)
        finding = survivor_finding(catalog, cases, survivor, suggestion)
        print(f"  {escape(finding.detail)}")
        print(f"      {escape(finding.help)}")
        if suggestion is not None:
            proposals.setdefault(cases.folder, []).append(suggestion)
    if len(shown) < len(result.survivors):
        print(f"  ... and {len(result.survivors) - len(shown):,} more; --contract narrows, --write-cases proposes a case for each")
    if request.write_cases:
        for folder, suggestions in proposals.items():
            path = folder / PROPOSALS_FILE
            proposed = {suggestion.name: suggestion.as_case() for suggestion in suggestions}
            path.write_text(exact_text(list(proposed.values()), "  ") + "\n", encoding="utf-8")
            print(f"{path}: {len(proposed)} proposed cases; review them, move the good ones to cases.json and delete the file")
