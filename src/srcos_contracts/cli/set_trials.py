"""The part of `srcos-validate test` that is about records together: the stored sets, and the rules that they test."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.shortfalls import set_findings, set_survivor_finding, unneeded_finding
from srcos_contracts.evolve.waivers import WAIVERS_FILE, SetWaiver
from srcos_contracts.report.escape import escape

__all__ = ["SETS_FOLDER", "try_stored_sets"]

SETS_FOLDER = "sets"
_MOST = 20


def try_stored_sets(catalog: Catalog, examples: Path, waivers: Sequence[SetWaiver], mutate: bool, jobs: int) -> bool:
    """Audits the sets that are stored beside examples and says what is wrong; with `mutate` tries the mutants of the set rules too.

    Returns whether all is well; it is where no set is stored, or where the libraries are not installed that an audit needs.
    Raises CatalogError, IndexFailed or AuditFailed where that cannot be told.
    """
    folder = examples / SETS_FOLDER
    if not folder.is_dir():
        return True
    missing = [name for name in ("duckdb", "pyarrow") if find_spec(name) is None]
    if missing:
        print(f"sets of records are not tried: that needs {' and '.join(missing)}, pip install 'srcos-contracts[audit]'")
        return True
    from srcos_contracts.evolve.set_gate import try_mutants
    from srcos_contracts.evolve.set_trial import try_sets
    from srcos_contracts.evolve.sets import set_examples
    from srcos_contracts.ledger.set_rules import set_rules
    from srcos_contracts.temporary import temporary_folder

    rules = set_rules()
    with temporary_folder("srcos-sets-") as kept:
        trials = try_sets(catalog, set_examples(folder), rules, kept, jobs)
        for trial in (trial for trial in trials if trial.wrong):
            print(f"{escape(str(folder / trial.name))}: {len(trial.wrong)} wrong")
            for finding in islice(set_findings(folder, trial), _MOST):
                print(f"    {escape(finding.detail)}")
            if len(trial.wrong) > _MOST:
                print(f"    ... and {len(trial.wrong) - _MOST} more")
        wrong = sum(len(trial.wrong) for trial in trials)
        verdict = f"{wrong} findings are not as stored" if wrong else "all as stored"
        print(f"{len(trials):,} sets of records by {len(rules):,} rules about several records: {verdict}")
        if not mutate:
            return not wrong
        result = try_mutants(kept, rules, waivers, jobs)
    killed = result.mutants - len(result.survivors) - result.waived
    print(f"{result.mutants:,} mutants of those rules: {killed:,} noticed, {result.waived} waived, {len(result.survivors)} not noticed")
    for survivor in result.survivors:
        finding = set_survivor_finding(survivor, "")
        print(f"  {escape(finding.detail)}")
        print(f"      {escape(finding.help)}")
    for waiver in result.unneeded:
        what = escape(unneeded_finding(examples / WAIVERS_FILE, waiver).detail)
        print(f"a waiver is no longer needed; remove it from {examples / WAIVERS_FILE}: {what}")
    return not (wrong or result.survivors or result.unneeded)
