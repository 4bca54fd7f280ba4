"""One task of an agent, from its start to its result."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Protocol, Self

from srcos_contracts.emit.event import encoded
from srcos_contracts.emit.outbox import BadEvent

__all__ = ["Append", "Task"]

_LONGEST_TEXT = 100_000


class Append(Protocol):
    """How an event is appended."""

    def __call__(self, event: str, summary: str, *, task_id: str, session_id: str, data: Mapping[str, Any]) -> object: ...


class Task:
    """One task of an agent, as a context manager."""

    def __init__(self, append: Append, session_of: Callable[[], str], task_id: str, summary: str, data: Mapping[str, Any]) -> None:
        """`AgentLedger.task` makes one."""
        self._append = append
        self._session_of = session_of
        self._task_id = task_id
        self._summary = summary
        self._data: dict[str, Any] = dict(data)
        self._session = ""
        self._begun = 0.0
        self._failed = ""
        self._done = ""
        self._touched: list[str] = []

    def touched(self, *paths: str | os.PathLike[str]) -> None:
        """Notes files that were changed."""
        self._touched += [_path(path) for path in paths]

    def done(self, summary: str) -> None:
        """Says how the task came out."""
        self._done = summary

    def fail(self, summary: str) -> None:
        """The task has failed, though nothing was raised."""
        self._failed = summary or "failed"

    def note(self, **data: Any) -> None:
        """Adds to the data of the result."""
        self._data.update(data)

    def __enter__(self) -> Self:
        self._begun = time.monotonic()
        self._session = self._session_of()
        self._append("task_start", _plain_text(self._summary), task_id=self._task_id, session_id=self._session, data=_plain(self._data))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        ended_well = error is None or (isinstance(error, SystemExit) and error.code in (None, 0))
        failed = self._failed or ("" if ended_well else _words_of(error))
        how = {"status": "failure" if failed else "success", "duration_sec": round(time.monotonic() - self._begun, 3)}
        data = {**_plain(self._data), **how}
        if self._touched:
            data["files_touched"] = self._touched
        words = [_plain_text(words) for words in (failed, self._done, self._summary) if isinstance(words, str)]
        summary = next((one for one in words if one.strip()), f"Task {self._task_id}")
        refused: BadEvent | None = None
        try:
            if self._append_result(summary, data) != "refused":
                return
        except BadEvent as error:
            refused = error
        if len(data) > len(how):
            # A task that ended without a result would keep its agent busy for good.
            self._append_result(summary, how)
        if refused is not None:
            raise refused

    def _append_result(self, summary: str, data: Mapping[str, Any]) -> object:
        return self._append("task_result", summary, task_id=self._task_id, session_id=self._session, data=data)


def _path(path: object) -> str:
    try:
        return os.fsencode(path).decode("utf-8", "backslashreplace")  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return _plain_text(str(path)) if isinstance(path, str) else f"<{type(path).__name__}>"


def _plain_text(words: str) -> str:
    """Words as a ledger takes them: halves of characters as escapes, and not without end."""
    return words[:_LONGEST_TEXT].encode("utf-8", "backslashreplace").decode()


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """Data as a ledger takes them: what is no JSON as words."""
    return {name: value if isinstance(encoded({"": value}), bytes) else _shown(value) for name, value in data.items()}


def _shown(value: object) -> str:
    try:
        return _plain_text(value if isinstance(value, str) else repr(value))
    except Exception:
        return f"<{type(value).__name__}>"


def _words_of(error: BaseException | None) -> str:
    try:
        words = str(error)
    except Exception:
        words = ""
    return f"{type(error).__name__}: {words}" if words else type(error).__name__
