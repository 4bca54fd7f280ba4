"""What an agent is doing now, as its status file says it: what follows from the last lines of its ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from srcos_contracts.emit.clock import microseconds_of
from srcos_contracts.emit.head import LONGEST_TEXT, NOTHING, Head, Mark, ReadFile, Told, folded
from srcos_contracts.emit.naming import day_of_file
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.regular import open_regular

__all__ = ["STATES", "Published", "agrees", "contradicts", "precedes", "published_in", "state_after", "status_of"]

STATES = ("idle", "busy", "error", "offline")
_MEMBER = "x-ledger"
"""Up to where in the ledger the status says what is so: an audit, a dashboard and the next writer can go on from there."""
_TROUBLE = "x-trouble"
_MOST_BYTES = 1 << 16
"""What stands in a status is bounded, so that one is never as long as this."""


class Published(NamedTuple):
    """A status file as it stands."""

    head: Head = NOTHING
    state: str = ""
    """Empty where there is none, or one that somebody else wrote."""
    heartbeat: str = ""
    error: str | None = None


def state_after(told: Told | None) -> str:
    """What the agent is doing, by the last line that tells it."""
    if told is None or told.event == "task_result":
        return "idle"
    return "busy" if told.event == "task_start" else "error"


def agrees(told: Told | None, state: str) -> bool:
    """Whether a ledger bears out that its agent is in that state: the rule `task-paired` of an audit."""
    if told is None or told.event == "error":
        return True
    if told.event == "task_start":
        return state not in ("idle", "error")
    return state != "busy" and not (state == "error" and told.succeeded)


def precedes(published: Published, last: Mark | None) -> bool:
    """Whether a status is older than the last line of its ledger, and so out of date."""
    heartbeat = microseconds_of(published.heartbeat)
    return last is not None and (heartbeat is None or heartbeat < last.at)


def contradicts(published: Published, event: Mapping[str, Any]) -> bool:
    """Whether a status could no longer stand beside its ledger with a further event, which an audit compares with it: it is not later."""
    at, heartbeat = microseconds_of(event["ts"]), microseconds_of(published.heartbeat)
    if at is None or heartbeat is None or at > heartbeat:
        return False
    before, after = published.head, folded(published.head, [event])
    named = [mark.value if mark is not None else None for mark in (before.last, before.task, after.last, after.task)]
    return named[:2] != named[2:] or not agrees(after.told, published.state)


def status_of(agent: str, published: Published, trouble: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The record of a status."""
    head = published.head
    value: dict[str, Any] = {"agent": agent, "state": published.state, "last_heartbeat": published.heartbeat}
    if head.task is not None:
        value["last_task_id"] = head.task.value
    if head.last is not None:
        value["session_id"] = head.last.value
    value["last_error"] = published.error[:LONGEST_TEXT] if published.error is not None else None
    value[_MEMBER] = {"files": dict(head.files), "last": head.last, "task": head.task, "told": head.told, "error": head.error}
    if trouble:
        value[_TROUBLE] = dict(trouble)
    return value


def published_in(path: str) -> Published:
    """What stands in a status file; nothing where there is none, or one that this program did not write. Raises OSError."""
    try:
        with open_regular(path) as stream:
            value = json.loads(stream.read(_MOST_BYTES))
    except FileNotFoundError:
        return Published()
    except (ValueError, RecursionError):
        return Published()
    try:
        kept = value[_MEMBER]
        files = {str(name): ReadFile(int(size), int(inode)) for name, (size, inode) in kept["files"].items()}
        if not all(map(day_of_file, files)):
            return Published()
        error = Mark(*kept["error"]) if kept["error"] else None
        head = Head(_mark(kept["last"]), _mark(kept["task"]), _told(kept["told"]), error, files)
        heartbeat, words = value["last_heartbeat"], value["last_error"]
        if microseconds_of(heartbeat) is None or value["state"] not in STATES or not isinstance(words, str | None):
            return Published()
        return Published(head, value["state"], heartbeat, words)
    except (KeyError, TypeError, ValueError, AttributeError):
        return Published()


def _mark(kept: Any) -> Mark | None:
    if kept is None:
        return None
    at, ts, value = kept
    if at != microseconds_of(ts) or not isinstance(value, str):
        raise ValueError
    return Mark(at, ts, value)


def _told(kept: Any) -> Told | None:
    if kept is None:
        return None
    at, ts, event, succeeded = kept
    if at != microseconds_of(ts) or not isinstance(event, str):
        raise ValueError
    return Told(at, ts, event, bool(succeeded))
