"""`srcos-ledger run`: a command with its start and its result in the ledger."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from srcos_contracts.cli.agent_ledger.request import LedgerRequest, WrongUsage, agent_of, opened, session_of, settings_of
from srcos_contracts.emit.naming import places
from srcos_contracts.emit.outbox import Outcome, say_on_stderr
from srcos_contracts.emit.running import Ended, Recorder, Run, command_line, run, shown_command
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal

__all__ = ["RunRequest", "run_run"]


class RunRequest(NamedTuple):
    """What a command line asks of `run`."""

    ledger: LedgerRequest
    command: tuple[str, ...]
    task: str = ""
    summary: str = ""


def run_run(request: RunRequest) -> int:
    """Runs the command. Returns its own exit code; 2 where it is strict and could not be recorded.

    Raises WrongUsage, BadName, BadPattern before anything is run.
    """
    if not request.command:
        raise WrongUsage("no command is given: srcos-ledger run --agent NAME -- COMMAND ...")
    session_of(request.ledger, places(request.ledger.folder, agent_of(request.ledger)).agent)
    settings_of(request.ledger)
    return run(Run(request.command, request.ledger.strict), lambda: _recorder(request))


def _recorder(request: RunRequest) -> Recorder:
    ledger = opened(request.ledger)
    shown = command_line(settings_of(request.ledger).masker.words(shown_command(request.command)))
    data = {"command": shown}
    task, words = request.task or _made_id(), request.summary or shown

    def begin() -> bool:
        return _try(lambda: ledger.append("task_start", words, task_id=task, data=data))

    def start() -> tuple[bool, Mapping[str, str]]:
        nonlocal task, words
        recorded = begin()
        if not recorded and not request.ledger.strict and (request.task or request.summary):
            # What the caller says breaks the contract: the command is recorded all the same.
            task, words = _made_id(), shown
            recorded = begin()
        if request.ledger.strict and not recorded:
            return False, {}
        return recorded, {
            "SRCOS_LEDGER_ROOT": ledger.places.root,
            "SRCOS_LEDGER_AGENT": ledger.places.agent,
            "SRCOS_LEDGER_SESSION": ledger.session_id,
        }

    def end(ended: Ended) -> bool:
        result = {
            **data,
            "status": "success" if ended.code == 0 else "failure",
            "duration_sec": round(ended.seconds, 3),
            **({"exit_code": ended.code} if ended.code is not None else {}),
            **({"signal": ended.signal} if ended.signal else {}),
        }
        how = ended.why or (f"ended by {ended.signal}" if ended.signal else f"exit code {ended.code}")
        recorded = _try(lambda: ledger.append("task_result", f"{words}: {how}", task_id=task, data=result))
        ledger.close()
        return recorded

    return Recorder(start, end)


def _made_id() -> str:
    return f"run-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}"


def _try(append: Callable[[], Outcome]) -> bool:
    try:
        return append() in ("written", "waiting", "spilled")
    except Refusal as error:
        say_on_stderr(str(error))
        return False
