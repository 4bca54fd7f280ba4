"""How long it takes to compare two schemas: the corpus of tests/compat, and each of our contracts with changes to it.

Prints a table; nothing is asserted. `--every N` tries one in N of the changes to the contracts.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from srcos_contracts.compat.compare import Comparison, compare
from srcos_contracts.compat.side import Side
from srcos_contracts.compat.witness import Seed
from srcos_contracts.evolve.cases import load_cases
from srcos_contracts.evolve.generate import catalog_of_sources
from srcos_contracts.evolve.mutants import mutants
from srcos_contracts.reading.json_text import decode
from srcos_contracts.refusal import Refusal

__all__ = ["Timing", "contracts", "corpus", "warm_up"]

ROOT = Path(__file__).resolve().parent.parent

Timing = Iterator[tuple[Comparison, float]]


def corpus() -> Timing:
    """Every pair of the corpus, both directions, with the time from the documents to the verdicts."""
    for path in sorted((ROOT / "tests" / "compat" / "corpus").glob("*.json")):
        for pair in decode(path.read_bytes()):
            begun = time.perf_counter()
            yield compare(Side(pair["old"]), Side(pair["new"])), time.perf_counter() - begun


def contracts(every: int) -> Timing:
    """Each contract and one change to it, with the stored cases of the contract to begin with."""
    catalog = catalog_of_sources(str(ROOT / "schemas"))
    for contract in catalog.contracts:
        cases = load_cases(ROOT / "examples", catalog, contract).cases
        seeds = [Seed(record, case.name, case.parts, not case.patch) for case in cases for record, _ in case.records]
        bundle = catalog.document(contract.bundle)
        for mutant in list(mutants(bundle))[::every]:
            changed = mutant.apply(bundle)
            begun = time.perf_counter()
            try:
                comparison = compare(Side(bundle, contract.uri), Side(changed, contract.uri), seeds, name=contract.name)
            except Refusal:
                continue
            yield comparison, time.perf_counter() - begun


def warm_up() -> None:
    """Has loaded what is loaded once, and is not counted."""
    compare(Side({"type": "integer"}), Side({"type": "number"}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=10)
    every = parser.parse_args().every
    warm_up()
    print("| what | pairs | median | 95 % are under | slowest | verdicts |\n|---|---|---|---|---|---|")
    for what, timed in (("the corpus", corpus()), ("our contracts, each with a change", contracts(every))):
        results = list(timed)
        times = sorted(1000 * seconds for _, seconds in results)
        verdicts = Counter(type(verdict).__name__.lower() for comparison, _ in results for verdict in comparison)
        shown = ", ".join(f"{count} {name}" for name, count in sorted(verdicts.items()))
        near_all = times[int(0.95 * len(times))]
        print(f"| {what} | {len(times)} | {statistics.median(times):.1f} ms | {near_all:.0f} ms | {times[-1]:.0f} ms | {shown} |")


if __name__ == "__main__":
    main()
