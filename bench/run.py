"""`make bench`: this validator against others, as whole processes on the same data, in one run.

Every comparison is made round by round, so that whatever slows the machine slows both sides; what counts is the median of the
ratios of the rounds. Exit code 1 means that a budget was not met, 2 that something could not be measured at all.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import appends
import audits
import evolving
import generate
import page
import peers
from measure import Failed, megabytes, seconds
from table import Budget, Row

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"
COLD_PER_ROUND = 5
LEDGERS_PER_ROUND = 3
MEGABYTES = 200
NOTES = """\
A ratio is ours to the peer's, of times where the budget says `≤`, of records a second where it says `≥`. An aim is what comes next.

- Ours reads strictly (duplicate keys, encoding, depth, exact numbers), finds each record's contract by itself and asks all record rules.
- check-jsonschema is told the schema of the one payload; so is sourcemeta.
- Ajv checks the schemas alone, with formats, after `JSON.parse`, in one thread; its validators are compiled once.
- sourcemeta `--fast` checks the schemas alone, without formats, in one thread. It is the native binary, not the Python script around it.\
"""


class Commands(NamedTuple):
    """What is measured, by name."""

    cold: dict[str, Sequence[str]]
    ledgers: dict[str, Sequence[str]]


Times = dict[str, list[float]]


def main() -> int:
    options = _options()
    if not Path(options.ours).exists():
        print(f"error: there is no {options.ours}; `make bench` installs it", file=sys.stderr)
        return 2
    two_processors()
    try:
        found = generate.data()
        cli, binary, node = peers.check_jsonschema(), peers.sourcemeta(), peers.ajv()
        for peer in (cli, binary, node):
            if peer.missing:
                print(f"{peer.name} is not measured: {peer.missing}", file=sys.stderr)
        commands = _commands(options.ours, found, cli, binary, node)
        _warm_up(options.ours, found, commands)
        times = _times(commands, options.rounds)
        memory = {file: megabytes([options.ours, str(file)]) for file in (found.some, found.many)}
        audited = audits.audit_rows(options.ours, options.full, _say) if options.audit else []
        appended = appends.append_rows(options.ours, options.rounds, _say)
        _say("contracts that change")
        evolved = evolving.evolving_rows()
    except Failed as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 2
    rows = [
        *_speed_rows(times, cli, binary, node),
        *_growth_rows(times, memory, found),
        *audited,
        *appended,
        _page_row(page.opened(options.rounds)),
        *evolved,
    ]
    notes = "\n".join([NOTES, *([audits.NOTES] if audited else []), appends.NOTES])
    text = _table(rows) + f"\n\n{notes}\n\n{_machine(options.rounds, found.mean)}"
    print(text)
    if options.write_readme:
        _write_readme(text)
    missed = [row for row in rows if "**no**" in row.met]
    for row in missed:
        print(f"over budget: {row.what}: {row.ratio}, {row.budget}", file=sys.stderr)
    return 1 if missed else 0


def _options() -> Any:
    parser = argparse.ArgumentParser(description="Measures srcos-validate against other validators.")
    parser.add_argument("--rounds", type=int, default=5, help="how often everything is measured (default: 5)")
    parser.add_argument("--write-readme", action="store_true", help="put the table into README.md")
    parser.add_argument("--ours", default=str(ROOT / ".venv" / "bin" / "srcos-validate"), help="the srcos-validate to measure")
    parser.add_argument("--no-audit", dest="audit", action="store_false", help="leave out the audits, and the million records they need")
    parser.add_argument("--full", action="store_true", help="audit three million records as well (4 GB of disk, some minutes)")
    return parser.parse_args()


def two_processors() -> None:
    """Keeps this process and its children to two processors, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])


def _commands(ours: str, found: generate.Data, cli: peers.Peer, binary: peers.Peer, node: peers.Peer) -> Commands:
    payload, many = str(found.payload), str(found.many)
    schema = str(ROOT / "schemas" / found.bundle)
    dispatch = generate.FOLDER / "dispatch.json"
    peers.dispatch_schema(dispatch)
    cold: dict[str, Sequence[str]] = {"ours": (ours, payload)}
    ledgers: dict[str, Sequence[str]] = {"ours": (ours, many)}
    if cli.command:
        cold["cli"] = (*cli.command, "--schemafile", schema, payload)
    if node.command:
        ledgers["node"] = (*node.command, many)
    if binary.command:
        cold["binary"] = (*binary.command, "validate", schema, payload)
        ledgers["binary"] = (*binary.command, "validate", "--fast", str(dispatch), many)
    ledgers["ours, one job"] = (ours, "--jobs", "1", many)
    ledgers["ours, one job, some"] = (ours, "--jobs", "1", str(found.some))
    return Commands(cold, ledgers)


def _warm_up(ours: str, found: generate.Data, commands: Commands) -> None:
    _say("warming up")
    # With --strict a warning fails: the data must give neither side anything to report.
    seconds((ours, "--strict", str(found.many)))
    for command in (*commands.cold.values(), *commands.ledgers.values()):
        seconds(command)


def _times(commands: Commands, rounds: int) -> Times:
    times: Times = {name: [] for name in (*(f"cold {name}" for name in commands.cold), *commands.ledgers)}
    for number in range(rounds):
        _say(f"round {number + 1} of {rounds}")
        # Every second round runs backwards, so that nobody always comes first.
        order: Callable[[Sequence[str]], Sequence[str]] = list if number % 2 == 0 else lambda names: list(reversed(names))
        for _ in range(COLD_PER_ROUND):
            for name in order(list(commands.cold)):
                times[f"cold {name}"].append(seconds(commands.cold[name]))
        for name in order(list(commands.ledgers)):
            # The best of some in a row: the first has to wait for memory that a virtual machine has lent elsewhere, which would
            # count most against the peer that holds a whole ledger.
            times[name].append(min(seconds(commands.ledgers[name]) for _ in range(LEDGERS_PER_ROUND)))
    return times


def _speed_rows(times: Times, cli: peers.Peer, binary: peers.Peer, node: peers.Peer) -> list[Row]:
    cold = "cold check of one payload"
    ledger = f"{generate.MANY:,} mixed records, 2 processors"
    return [
        _compared(cold, times, "cold ours", "cold cli", cli, Budget(True, bound=0.35), _milliseconds),
        _compared(cold, times, "cold ours", "cold binary", binary, Budget(True, aim=2), _milliseconds),
        _compared(ledger, times, "ours", "node", node, Budget(False, 0.85, 1.5), _rate),
        _compared(ledger, times, "ours", "binary", binary, Budget(False, 1.5), _rate, "--fast"),
        _compared("the same with `--jobs 1`", times, "ours, one job", "node", node, Budget(False), _rate),
        _compared("the same with `--jobs 1`", times, "ours, one job", "binary", binary, Budget(False), _rate, "--fast"),
    ]


def _compared(
    what: str, times: Times, ours: str, theirs: str, peer: peers.Peer, budget: Budget, unit: Callable[[float], str], note: str = ""
) -> Row:
    own = unit(statistics.median(times[ours]))
    if theirs not in times:
        return Row(what, own, peer.name, f"not measured: {peer.missing}", str(budget), "")
    pairs = zip(times[ours], times[theirs], strict=True)
    ratio = statistics.median(one / other if budget.most else other / one for one, other in pairs)
    name = f"{peer.name} `{note}`" if note else peer.name
    return Row(what, own, f"{unit(statistics.median(times[theirs]))} {name}", f"{ratio:.2f}", str(budget), budget.met(ratio))


def _growth_rows(times: Times, memory: dict[Path, float], found: generate.Data) -> list[Row]:
    small, large = memory[found.some], memory[found.many]
    ratio = statistics.median(many / some for many, some in zip(times["ours, one job"], times["ours, one job, some"], strict=True))
    growth = Budget(True, 11)
    bounded = "yes" if max(small, large) <= MEGABYTES else "**no**"
    memory_row = Row(
        f"most memory of all processes, {generate.SOME:,} and {generate.MANY:,} records",
        f"{small:.0f} MB, {large:.0f} MB",
        "",
        f"{large / small:.2f}",
        f"≤ {MEGABYTES} MB",
        bounded,
    )
    took = f"{statistics.median(times['ours, one job, some']):.2f} s, {statistics.median(times['ours, one job']):.2f} s"
    what = f"time for {generate.SOME:,} and {generate.MANY:,} records, `--jobs 1`"
    return [memory_row, Row(what, took, "", f"{ratio:.2f}", str(growth), growth.met(ratio))]


def _page_row(opened: page.Opened) -> Row:
    what, budget = f"report of {page.FINDINGS:,} findings opens", f"≤ {page.SECONDS:g} s"
    if opened.missing:
        return Row(what, "", "", f"not measured: {opened.missing}", budget, "")
    met = "yes" if opened.seconds <= page.SECONDS else "**no**"
    return Row(what, f"{opened.seconds:.2f} s, {opened.megabytes:.1f} MB in Chromium", "", "", budget, met)


def _milliseconds(taken: float) -> str:
    return f"{1000 * taken:.0f} ms"


def _rate(taken: float) -> str:
    return f"{generate.MANY / taken:,.0f}/s"


def _table(rows: Sequence[Row]) -> str:
    lines = [("what", "ours", "peer", "ratio", "budget", "met?"), ("---",) * 6, *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _machine(rounds: int, mean: float) -> str:
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"Medians of {rounds} rounds, of ledgers the best of {LEDGERS_PER_ROUND} runs in each, on {processors} processors "
        f"({_processor()}), {platform.system()}, "
        f"Python {platform.python_version()}; the records have {mean:,.0f} bytes on average."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.processor() or platform.machine()


def _write_readme(text: str) -> None:
    before, begin, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"error: README.md has no place between {BEGIN} and {END}")
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
