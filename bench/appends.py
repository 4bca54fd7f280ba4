"""The rows about the agent ledger: an append in a process that goes on, beside logging's FileHandler, and one by the command."""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from measure import output, seconds
from table import Budget, Row

__all__ = ["NOTES", "append_rows"]

EVENTS = 20_000
COLD_SECONDS = 0.08
COLD_PER_ROUND = 5
NOTES = """\
- `AgentLedger.append` masks, judges by the contract, locks and writes one line, and publishes the status each second; FileHandler writes
  the same bytes. Neither forces them to the disk. In the background, an append only masks, judges and queues.\
"""


class _Loop(NamedTuple):
    """What one run of the loop took, in seconds."""

    seconds: float
    median: float
    p99: float
    bytes: float


def append_rows(ours: str, rounds: int, say: Callable[[str], None]) -> list[Row]:
    """Measures with the interpreter and the `srcos-ledger` beside the command `ours`. Raises Failed."""
    say("appends to a ledger")
    python, ledger = Path(ours).with_name("python"), Path(ours).with_name("srcos-ledger")
    loops: dict[str, list[_Loop]] = {"ours": [], "background": [], "filehandler": []}
    cold = []
    for number in range(rounds):
        for name in loops if number % 2 == 0 else reversed(loops):
            loops[name].append(_loop(python, name))
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(COLD_PER_ROUND):
                cold.append(seconds((str(ledger), "append", "--root", folder, "--agent", "cls", "info", "done")))
    against = Budget(True, bound=8, aim=3)
    ratio = statistics.median(one.seconds / other.seconds for one, other in zip(loops["ours"], loops["filehandler"], strict=True))
    took = statistics.median(cold)
    return [
        Row(
            f"`AgentLedger.append`, {EVENTS:,} events of {loops['ours'][0].bytes:.0f} bytes",
            _rate(loops["ours"]),
            f"{_rate(loops['filehandler'])} logging.FileHandler",
            f"{ratio:.2f}",
            str(against),
            against.met(ratio),
        ),
        Row("one append, median and 99th percentile", _latency(loops["ours"]), f"{_latency(loops['filehandler'])} FileHandler", "", "", ""),
        Row("the same, written in the background", _latency(loops["background"]), "", "", "", ""),
        Row(
            "cold `srcos-ledger append`",
            f"{1000 * took:.0f} ms",
            "",
            "",
            f"≤ {1000 * COLD_SECONDS:.0f} ms",
            "yes" if took <= COLD_SECONDS else "**no**",
        ),
    ]


def _loop(python: Path, how: str) -> _Loop:
    with tempfile.TemporaryDirectory() as folder:
        return _Loop(**json.loads(output((str(python), str(Path(__file__).with_name("append_loop.py")), how, folder, str(EVENTS)))))


def _rate(loops: list[_Loop]) -> str:
    return f"{EVENTS / statistics.median(loop.seconds for loop in loops):,.0f}/s"


def _latency(loops: list[_Loop]) -> str:
    median, late = statistics.median(loop.median for loop in loops), statistics.median(loop.p99 for loop in loops)
    return f"{1e6 * median:.0f} µs, {1e6 * late:.0f} µs"


if __name__ == "__main__":
    for row in append_rows(sys.argv[1], 3, lambda text: print(text, file=sys.stderr, flush=True)):
        print(f"| {' | '.join(row)} |")
