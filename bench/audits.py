"""The rows about `audit`: against DuckDB's own extraction from the same file, over ledgers of different sizes, and its memory."""

from __future__ import annotations

import json
import math
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from generate import FOLDER, claim_of
from measure import megabytes, seconds
from stories import GROWTH, SetLedger, set_ledger
from table import Budget, Row

from srcos_contracts import Catalog
from srcos_contracts.ledger.marks import marks_of

__all__ = ["NOTES", "audit_rows"]

ROUNDS = 3
MEGABYTES = 1000
NOTES = """\
- `audit` reads a closed set, copies of stored sets that break no rule: it checks each record, indexes it and asks all set rules.
  DuckDB (bench/extraction.py) only extracts from the same file what the index holds, with both processors, into Parquet.\
"""

_SAMPLE = 20_000
_TENFOLD = 11.0


def audit_rows(ours: str, full: bool, say: Callable[[str], None]) -> list[Row]:
    """Measures audits with the command `ours`, of the largest ledger too where `full`. Raises Failed."""
    say("making the sets")
    few, many, most = (set_ledger(records) if full or records != GROWTH[-1] else None for records in GROWTH)
    assert few is not None
    assert many is not None
    last = most or many
    times: dict[str, list[float]] = {"few": [], "many": [], "most": [], "peer": []}
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder, "plan.json")
        plan.write_text(json.dumps(_plan(many)), encoding="utf-8")
        peer = (sys.executable, str(Path(__file__).with_name("extraction.py")), str(many.path), str(plan), folder)
        for number in range(ROUNDS):
            say(f"audits, round {number + 1} of {ROUNDS}")
            times["few"].append(seconds(_command(ours, few)))
            times["many"].append(seconds(_command(ours, many)))
            times["peer"].append(seconds(peer))
    if most is not None:
        say(f"an audit of {most.records:,} records")
        times["most"].append(seconds(_command(ours, most)))
    against = Budget(True, bound=3, aim=1.5)
    ratio = statistics.median(one / other for one, other in zip(times["many"], times["peer"], strict=True))
    took = {name: statistics.median(values) for name, values in times.items() if values}
    rate = Row(
        f"`audit` of {many.records:,} records",
        _seconds(took["many"]),
        f"{_seconds(took['peer'])} DuckDB",
        f"{ratio:.2f}",
        str(against),
        against.met(ratio),
    )
    growth = took["most" if most is not None else "many"] / took["few"]
    # Ten times the records may take eleven times as long, and so on for what is no power of ten.
    allowed = Budget(True, bound=round(_TENFOLD ** math.log10(last.records / few.records), 1))
    grown = Row(
        f"time of `audit` for {few.records:,} and {last.records:,} records",
        f"{_seconds(took['few'])}, {_seconds(took['most' if most is not None else 'many'])}",
        "",
        f"{growth:.1f}",
        str(allowed),
        allowed.met(growth),
    )
    say("memory of an audit")
    memory = megabytes(_command(ours, last))
    bounded = "yes" if memory <= MEGABYTES else "**no**"
    held = Row(
        f"most memory of all processes, `audit` of {last.records:,} records", f"{memory:.0f} MB", "", "", f"≤ {MEGABYTES} MB", bounded
    )
    return [rate, grown, held]


def _command(ours: str, ledger: SetLedger) -> tuple[str, ...]:
    # With --strict a warning fails: nothing is to be found, so that no time goes into telling it.
    return (ours, "audit", "--strict", str(ledger.path))


def _plan(ledger: SetLedger) -> list[dict[str, Any]]:
    """Where what an audit reads stands in the contracts that the ledger has records of."""
    catalog = Catalog.shipped()
    found: dict[str, dict[str, Any]] = {}
    with ledger.path.open("rb") as stream:
        for line, _ in zip(stream, range(_SAMPLE), strict=False):
            claim = claim_of(json.loads(line))
            assert claim is not None
            contract = claim.contract
            if contract.uri not in found:
                marks = marks_of(catalog.document(contract.bundle), contract.uri)
                member, value = contract.discriminator[0]
                found[contract.uri] = {
                    "member": member,
                    "value": value,
                    "columns": marks.columns,
                    "refs": [(reference.role, reference.path) for reference in marks.references],
                }
    return list(found.values())


def _seconds(taken: float) -> str:
    return f"{taken:.1f} s"


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for row in audit_rows(sys.argv[1], "--full" in sys.argv, lambda text: print(text, file=sys.stderr, flush=True)):
        print(f"| {' | '.join(row)} |")
