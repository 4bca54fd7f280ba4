"""Every command of an installed package, once: run by the Python of the environment that it is installed in, and by nothing else.

python tests/wheel/smoke.py EXAMPLES      with the folder of the checkout's examples, which are data to it

The folder of the package is made read-only, and must be as it was at the end.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import srcos_contracts
from srcos_contracts.cli.commands import COMMANDS

PACKAGE = Path(srcos_contracts.__file__).parent
HAS_AUDIT = all(importlib.util.find_spec(name) is not None for name in ("duckdb", "pyarrow"))
HAS_AUTHOR = importlib.util.find_spec("jsonpatch") is not None


class Call(NamedTuple):
    """A command line with how it must end."""

    words: str
    code: int
    says: str
    """Stands somewhere in what it writes."""


def needs(there: bool, call: Call, extra: str) -> Call:
    """A call that needs an extra, or where that is not installed the same, which must then say so."""
    return call if there else Call(call.words, 2, f"pip install 'srcos-contracts[{extra}]'")


CALLS = {
    "check": [
        Call("check examples/BrowserAutomationReceipt/0.1.0/valid/full.json", 0, "1 file, 1 record: all in order"),
        Call("examples/BrowserAutomationReceipt/0.1.0/valid --engine reference --format json", 0, '"errors": 0'),
        Call("examples/WorkflowConfig/0.1.0/valid/in-its-place/WORKFLOW.md", 0, "all in order"),
        Call("check --redact examples/CapabilityLedger/0.1.0/invalid --format sarif", 1, '"ruleId": "effective-state"'),
        Call("check nothing.json", 2, "error[unreadable]: no such file or directory"),
    ],
    "explain": [Call("explain session-owner", 0, "Fails"), Call("explain lint-title", 2, "there is no rule lint-title")],
    "config": [Call("config --strict", 0, "no srcos.toml")],
    "list": [Call("list --format json", 0, '"name": "CapabilityLedger"')],
    "show": [Call("show MarkDone", 0, "summary-paragraphs"), Call("show MarkDone --format schema", 0, '"$id"')],
    "new": [Call("new Thing", 0, "schemas/Thing/0.1.0.json")],
    "lint": [Call("lint schemas", 0, "1 schema: all in order")],
    "docs": [Call("docs", 0, "docs/contracts.md"), Call("docs --check", 0, "")],
    "test": [needs(HAS_AUTHOR, Call("test --no-peers", 0, "all as stored"), "author")],
    "conformance": [
        needs(
            HAS_AUTHOR,
            Call(f"conformance --contract Thing -- {sys.executable} -m srcos_contracts.evolve.conformance_client", 0, "agree (100 %)"),
            "author",
        )
    ],
    "diff": [Call("diff schemas schemas", 0, "1 contract compared, policy backward: 0 breaking")],
    "ci": [needs(HAS_AUTHOR, Call("ci --skip diff", 0, "all is well"), "author")],
    "release": [needs(HAS_AUTHOR, Call("release Thing", 0, "Thing"), "author")],
    "audit": [
        needs(HAS_AUDIT, Call("audit examples/sets/valid/accepted-with-proof/set", 0, "all in order"), "audit"),
        needs(
            HAS_AUDIT, Call("audit --redact --report a.html examples/sets/invalid/session-single-owner", 1, "session-single-owner"), "audit"
        ),
    ],
    "vendor": [
        Call("vendor add srcos-contracts AgentStatus --into contracts", 0, "added: contracts/AgentStatus/1.0.0.json"),
        Call("vendor check", 0, "identical"),
        Call("vendor sync", 0, "are as srcos.lock says"),
        Call("vendor upgrade --dry-run", 0, "AgentStatus 1.0.0  unchanged"),
        Call("vendor upgrade --dry-run --format json", 0, '"unwritten": "--dry-run"'),
        Call("check --schemas contracts --contract AgentStatus examples/AgentStatus/1.0.0/valid", 0, "all in order"),
    ],
    "why": [needs(HAS_AUDIT, Call("why ABC-2 examples/sets/valid/accepted-with-proof/set", 0, "AcceptanceReceipt"), "audit")],
}
"""By command, in an order in which each finds what the others made."""
MADE = ("new", "lint", "docs", "test", "conformance", "diff", "ci", "release")
"""Commands that are called in a repository of contracts, which the first of them makes."""
ALONE = [
    Call("--version", 0, "srcos-validate "),
    Call("--version --verbose", 0, "engine rust"),
    Call("--help", 0, "Commands:"),
    *(Call(f"{command} --help", 0, f"Usage: srcos-validate {command}") for command in COMMANDS),
]
LEDGER = [
    Call("append --strict --agent kim info installed", 0, ""),
    Call("run --agent kim -- true", 0, ""),
    Call("status", 0, "kim"),
    Call("tail", 0, "installed"),
    Call("summarise --agent kim", 0, "memory/kim/sessions"),
    Call("doctor", 0, "all in order"),
    Call("--version", 0, "srcos-ledger "),
]
"""Calls of `srcos-ledger`."""


def files(folder: Path) -> dict[str, tuple[int, int]]:
    """The files of a folder, with their sizes and times."""
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.rglob("*")) if path.is_file()}


def set_writable(folder: Path, writable: bool) -> None:
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | 0o200 if writable else mode & ~0o222)


def failure(call: Call, folder: Path, command: str = "srcos-validate") -> str:
    """How a call ends otherwise than it must; empty where it does not."""
    program = Path(sys.executable).with_name(command)
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PYTHON", "GITHUB_"))}
    ended = subprocess.run([program, *call.words.split()], cwd=folder, env=kept, capture_output=True, text=True, timeout=300)
    told = ended.stdout + ended.stderr
    if ended.returncode == call.code and call.says in told and "Traceback" not in told:
        return ""
    return f"{call.words}: exit code {ended.returncode}, not {call.code}, or without {call.says!r}:\n{told[-2000:]}"


def main(examples: Path) -> int:
    """Runs all calls. Returns the exit code."""
    if "site-packages" not in PACKAGE.parts:
        print(f"{PACKAGE} is not an installed package", file=sys.stderr)
        return 2
    if CALLS.keys() != set(COMMANDS):
        print(f"commands without a call here, or calls without a command: {sorted(CALLS.keys() ^ set(COMMANDS))}", file=sys.stderr)
        return 1
    before = files(PACKAGE)
    set_writable(PACKAGE, False)
    try:
        with tempfile.TemporaryDirectory(prefix="srcos-smoke-") as name:
            folder = Path(name)
            # Beside what `new` makes, so that it stands for its own examples.
            shutil.copytree(examples, folder / "given/examples")
            (folder / "made").mkdir()
            problems = []
            for command, calls in {**CALLS, "": ALONE}.items():
                here = folder / ("made" if command in MADE else "given")
                problems += [problem for call in calls if (problem := failure(call, here))]
            (folder / "ledgers").mkdir()
            problems += [problem for call in LEDGER if (problem := failure(call, folder / "ledgers", "srcos-ledger"))]
    finally:
        set_writable(PACKAGE, True)
    if files(PACKAGE) != before:
        problems.append(f"{PACKAGE} is not what it was")
    print("\n".join([*problems, f"{sum(map(len, CALLS.values())) + len(ALONE) + len(LEDGER)} calls, {len(problems)} not as they must be"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve()))
