"""`srcos-ledger run`: a command with its start and its result in the ledger."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from typing import Any

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
    made = _made_id()
    return run(Run(request.command, request.ledger.strict), lambda begun: _recorder(request, made, begun))


def _recorder(request: RunRequest, made: str, begun: Mapping[str, Any]) -> Recorder:
    """What records a command. `made` is for a task that nobody gave an id, `begun` what another recorder says that it had begun."""
    ledger = opened(request.ledger._replace(session=begun.get("session") or request.ledger.session))
    shown = command_line(settings_of(request.ledger).masker.words(shown_command(request.command)))
    data = {"command": shown}
    task, words = begun["task"] if begun else request.task or made, begun["words"] if begun else request.summary or shown
    written = begun.get("written", False)

    def told() -> Mapping[str, Any]:
        return {"session": ledger.begun_session, "task": task, "words": words, "written": written}

    def begin() -> bool:
        nonlocal written
        outcome = _try(lambda: ledger.append("task_start", words, task_id=task, data=data))
        written = outcome == "written"
        return outcome in _RECORDED

    def is_begun() -> bool:
        """Whether another recorder has begun the task. What waited in its memory is lost."""
        began, ended = ledger.times(task) if begun else (0, 0)
        return written or began > ended

    def start() -> tuple[bool, Mapping[str, str]]:
        nonlocal task, words
        recorded = is_begun() or begin()
        if not recorded and not request.ledger.strict and (request.task or request.summary):
            # What the caller says breaks the contract: the command is recorded all the same.
            task, words = made, shown
            recorded = begin()
        if request.ledger.strict and not recorded:
            return False, {}
        return recorded, {
            "SRCOS_LEDGER_ROOT": ledger.places.root,
            "SRCOS_LEDGER_AGENT": ledger.places.agent,
            "SRCOS_LEDGER_SESSION": ledger.session_id,
        }

    def is_ended() -> bool:
        """Whether another recorder has come as far as the end of the task."""
        began, ended = ledger.times(task) if begun else (0, 0)
        return 0 < began <= ended

    def end(ended: Ended) -> bool:
        result = {
            **data,
            "status": "success" if ended.code == 0 else "failure",
            "duration_sec": round(ended.seconds, 3),
            **({"exit_code": ended.code} if ended.code is not None else {}),
            **({"signal": ended.signal} if ended.signal else {}),
        }
        how = ended.why or (f"ended by {ended.signal}" if ended.signal else f"exit code {ended.code}")
        recorded = is_ended() or _try(lambda: ledger.append("task_result", f"{words}: {how}", task_id=task, data=result)) in _RECORDED
        ledger.close()
        return recorded

    return Recorder(start, end, told)


_RECORDED = ("written", "waiting", "spilled")
"""What becomes of an event that is in the ledger, or is on its way there."""


def _made_id() -> str:
    return f"run-{time.strftime('%Y%m%dT%H%M%S')}-{os.getpid()}"


def _try(append: Callable[[], Outcome]) -> Outcome:
    try:
        return append()
    except Refusal as error:
        say_on_stderr(str(error))
        return "lost"
