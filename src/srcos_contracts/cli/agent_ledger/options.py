"""The option parser of `srcos-ledger`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from srcos_contracts.cli.agent_ledger.quick import FSYNC, append_request, ledger_request
from srcos_contracts.cli.agent_ledger.request import WrongUsage
from srcos_contracts.emit.event import EVENTS
from srcos_contracts.emit.status import STATES
from srcos_contracts.installed import installed_version

__all__ = ["parse"]

_EPILOG = """\
Exit codes: 0 also where only the ledger suffered, unless --strict; 1 findings, or with --strict an event that was refused;
2 wrong usage, or with --strict a ledger that cannot be written; of run those of the command.
"""


def parse(words: Sequence[str]) -> Callable[[], int]:
    """What a command line asks for. Raises WrongUsage; help, and the version, are printed here."""
    command, after = list(words), []
    if "run" in command[:1] and "--" in command:
        # What follows is the command's own, whatever it looks like.
        at = command.index("--")
        command, after = command[:at], command[at + 1 :]
    values = vars(_parser().parse_args(command))
    action: Callable[[dict[str, Any]], int] = values.pop("action")
    if after:
        values["command"] = [*(values.get("command") or ()), *after]
    return lambda: action(values)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise WrongUsage(f"{message}; {self.prog} --help says what there is")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="srcos-ledger",
        description="Write agents' ledgers, so that no line is lost or torn, and the agent never suffers for it.",
        epilog=_EPILOG,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="print the version and exit")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _append(_command(commands, "append", "append an event", _run_append))
    status = _command(commands, "status", "show what agents are doing, or say what one does", _run_status)
    status.add_argument(
        "state", nargs="?", default="", metavar="STATE", help=f"{', '.join(STATES)}; without it, what is published is shown"
    )
    status.add_argument("--error", default="", metavar="TEXT", help="what went wrong")
    status.add_argument("--json", action="store_true", help="show the statuses as JSON, one a line")
    run = _command(commands, "run", "run a command, and record its start and its result", _run_run)
    run.add_argument("--task", default="", metavar="ID", help="the task's id; by default one is made of the time")
    run.add_argument("--summary", default="", metavar="TEXT", help="what it is about; by default the command, its secrets masked")
    run.add_argument("command", nargs="*", metavar="-- COMMAND ...", help="what to run, after two dashes")
    summarise = _command(commands, "summarise", "write the summary of a session, in Markdown", _run_summarise)
    summarise.add_argument("of", nargs="?", default="", metavar="SESSION", help="by default the last one, if it began today")
    tail = _command(commands, "tail", "show the last events of one agent, or of all", _run_tail)
    tail.add_argument("-f", "--follow", action="store_true", help="go on with those that come")
    tail.add_argument("-n", "--lines", type=_count, default=10, metavar="N", help="how many (default: 10)")
    importing = _command(commands, "import", "take telemetry buffers over into the ledger, each line once", _run_import)
    importing.add_argument("buffers", nargs="+", metavar="TELEMETRY.jsonl", help="files of events, one a line; they are not changed")
    doctor = _command(commands, "doctor", "say what is wrong with ledgers, statuses and what waits beside them", _run_doctor)
    doctor.add_argument("--repair", action="store_true", help="append what waits, close off torn lines, write statuses anew")
    return parser


def _command(commands: Any, name: str, help: str, action: Callable[[dict[str, Any]], int]) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=help, description=f"{help[0].upper()}{help[1:]}.", epilog=_EPILOG, allow_abbrev=False
    )
    parser.set_defaults(action=action)
    group = parser.add_argument_group("the ledger")
    group.add_argument("--root", default="", metavar="DIR", help="where g/, agents/ and memory/ lie (SRCOS_LEDGER_ROOT; default: here)")
    group.add_argument("--agent", default="", metavar="NAME", help="whose ledger (SRCOS_LEDGER_AGENT)")
    group.add_argument(
        "--session",
        default="",
        metavar="ID",
        help="the session, or `new` (SRCOS_LEDGER_SESSION; default: the last one of today, else a new one)",
    )
    group.add_argument(
        "--source", default="", metavar="TEXT", help="what set the agent to work (SRCOS_LEDGER_SOURCE; default: srcos-ledger)"
    )
    group.add_argument(
        "--mask", action="append", metavar="PATTERN", help="also mask words with a match of this; may be given several times"
    )
    group.add_argument("--fsync", default="interval", choices=FSYNC, help="when lines are forced to the disk")
    group.add_argument("--strict", action="store_true", help="fail where the ledger cannot be written or an event breaks its contract")
    return parser


def _append(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("event", metavar="EVENT", help=f"{', '.join(EVENTS)}; or - for JSON Lines on standard input")
    parser.add_argument("summary", nargs="*", metavar="SUMMARY", help="what happened, in words")
    parser.add_argument("--task", default="", metavar="ID", help="the task's id")
    parser.add_argument("--status", default="", metavar="STATUS", help="of a task_result: success or failure")
    parser.add_argument("--data", default="", metavar="JSON", help="details, as a JSON object")
    parser.add_argument("--file", action="append", metavar="PATH", help="a file that was changed; may be given several times")
    parser.add_argument("--exit-code", default="", metavar="N")
    parser.add_argument("--duration", default="", metavar="SECONDS")
    parser.add_argument("--lesson", action="store_true", help="of an info: list it as a lesson learned")
    parser.add_argument("--ts", default="", metavar="TIME", help="when it happened, as RFC 3339 (default: now)")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        version = installed_version()
        print(f"srcos-ledger {version}" if version else "srcos-ledger, not installed")
        parser.exit()


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text[:20]!a} is no number of lines")
    return int(text)


def _run_append(values: dict[str, Any]) -> int:
    from srcos_contracts.cli.agent_ledger.append import run_append

    return run_append(append_request(values))


def _run_status(values: dict[str, Any]) -> int:
    from srcos_contracts.cli.agent_ledger.show import StatusRequest, run_status

    return run_status(StatusRequest(ledger_request(values), values["state"], values["error"], values["json"]))


def _run_run(values: dict[str, Any]) -> int:
    from srcos_contracts.cli.agent_ledger.run import RunRequest, run_run

    return run_run(RunRequest(ledger_request(values), tuple(values["command"] or ()), values["task"], values["summary"]))


def _run_summarise(values: dict[str, Any]) -> int:
    from srcos_contracts.cli.agent_ledger.tend import SummariseRequest, run_summarise

    return run_summarise(SummariseRequest(ledger_request(values), values["of"]))


def _run_tail(values: dict[str, Any]) -> int:
    from srcos_contracts.cli.agent_ledger.show import TailRequest, run_tail

    return run_tail(TailRequest(ledger_request(values), values["lines"], values["follow"]))


def _run_import(values: dict[str, Any]) -> int:
    from srcos_contracts.cli.agent_ledger.tend import ImportRequest, run_import

    return run_import(ImportRequest(ledger_request(values), tuple(values["buffers"])))


def _run_doctor(values: dict[str, Any]) -> int:
    from srcos_contracts.cli.agent_ledger.tend import DoctorRequest, run_doctor

    return run_doctor(DoctorRequest(ledger_request(values), values["repair"]))
