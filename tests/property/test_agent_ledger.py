"""Any sequence of operations and crashes leaves a tree that an audit passes, and every later tree is the earlier one, grown.

What was acknowledged is there, and nothing more often than it was given.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from srcos_contracts.emit.agent_ledger import AgentLedger, Settings
from srcos_contracts.emit.buffers import import_buffer
from srcos_contracts.emit.head import event_in

from ..ledger_trees import Found, audited, lines

_NOON = 1_779_105_600_000_000
_CALLS = ("write", "open", "replace", "fsync", "unlink", "makedirs")


class _Crash(BaseException):
    """The process ends between two calls of the system, or in the middle of a write."""


@contextmanager
def _crashing(after: int, torn: bool) -> Iterator[None]:
    """Lets a number of the system's calls pass, and ends the process at the next one."""
    patched = pytest.MonkeyPatch()
    left = after

    def crashing(name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            nonlocal left
            left -= 1
            if left == -1:
                if torn and name == "write":
                    call(arguments[0], arguments[1][: len(arguments[1]) // 2])
                raise _Crash
            if left < -1:
                raise _Crash
            return call(*arguments, **named)

        return called

    for name in _CALLS:
        patched.setattr(os, name, crashing(name, getattr(os, name)))
    try:
        yield
    finally:
        patched.undo()


@contextmanager
def _full(room: int) -> Iterator[None]:
    """A disk that takes so many bytes more, of which each write may leave a part."""
    patched = pytest.MonkeyPatch()
    left, write = room, os.write

    def written(handle: int, content: bytes) -> int:
        nonlocal left
        if "/g/ledger/" not in os.readlink(f"/proc/self/fd/{handle}"):
            return write(handle, content)
        if not left:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        done = write(handle, content[:left])
        left -= done
        return done

    patched.setattr(os, "write", written)
    try:
        yield
    finally:
        patched.undo()


_EVENTS = st.sampled_from(("heartbeat", "info", "error"))
_TASKS = st.sampled_from(("wo-1", "wo-2", "wo-ü"))
_OPERATIONS = st.one_of(
    st.tuples(st.just("event"), _EVENTS, st.text(max_size=8)),
    st.tuples(st.just("equal"), st.integers(1, 3)),
    st.tuples(st.just("start"), _TASKS),
    st.tuples(st.just("end"), _TASKS, st.sampled_from(("success", "failure"))),
    st.tuples(st.just("state"), st.sampled_from(("idle", "busy", "error", "offline"))),
    st.tuples(st.just("session")),
    st.tuples(st.just("summary")),
    st.tuples(st.just("bad")),
    st.tuples(st.just("clock"), st.integers(-7200, 200_000)),
    st.tuples(st.just("import"), st.integers(0, 3)),
    st.tuples(st.just("reopen"), st.integers(0, 1)),
    st.tuples(st.just("flush")),
)
_Steps = list[tuple[tuple[Any, ...], int | None]]
_STEPS: st.SearchStrategy[_Steps] = st.lists(st.tuples(_OPERATIONS, st.none() | st.integers(0, 12)), min_size=1, max_size=14)
_ROOM = (0, 1, 60, 133, 134, 135, 136, 137, 200, 268, 269, 270, 300)
"""Bytes that a full disk takes: some are those of a line, or of one but for its end."""
_HOW = ("between calls", "in a write", "on a full disk", "on a full disk and in a write")


class _World:
    """A tree, a clock, and the two agents that share a ledger."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.at = _NOON
        self.ledgers = [self._new(), self._new()]
        self.turn = 0
        self.begun: Counter[str] = Counter()
        """How often what was given to a ledger, by its first word."""
        self.acknowledged: Counter[str] = Counter()

    def _now(self) -> int:
        self.at += 1000
        return self.at

    def _new(self, session_id: str | None = None) -> AgentLedger:
        return AgentLedger(
            self.root,
            "cls",
            session_id=session_id,
            settings=Settings(fsync="never", now=self._now, say=lambda words: None, lock_seconds=0.1, most_waiting=3),
        )

    def crash(self) -> None:
        """The process that was at work is gone, with all that it had in memory; its files are closed by the system."""
        gone = self.ledgers[self.turn]
        gone._outbox.waiting.clear()
        gone._writer.close()
        self.ledgers[self.turn] = self._new()

    def _append(self, ledger: AgentLedger, name: str, event: dict[str, Any]) -> None:
        self.begun[name] += 1
        if ledger.append(event) == "written":
            self.acknowledged[name] += 1

    def do(self, operation: tuple[Any, ...]) -> None:
        self.turn = (self.turn + 1) % 2
        ledger = self.ledgers[self.turn]
        kind, *rest = operation
        if kind == "event":
            self._append(ledger, f"{self.begun.total()}", {"event": rest[0], "summary": f"{self.begun.total()} {rest[1]}"})
        elif kind == "equal":
            for _ in range(rest[0]):
                event = {"event": "info", "summary": "equal", "ts": "2026-05-17T09:00:00Z", "session_id": "2026-05-17_cls_001"}
                self._append(ledger, "equal", event)
        elif kind == "start":
            ledger.append("task_start", "begun", task_id=rest[0])
        elif kind == "end":
            ledger.append("task_result", "done", task_id=rest[0], data={"status": rest[1]})
        elif kind == "state":
            ledger.set_status(rest[0], "an error" if rest[0] == "error" else None)
        elif kind == "session":
            ledger.start_session()
        elif kind == "summary":
            ledger.summarise()
        elif kind == "bad":
            ledger.append("nothing", "x", data={"x": float("nan")})
        elif kind == "clock":
            self.at += rest[0] * 1_000_000
        elif kind == "import":
            buffer = self.root.parent / "telemetry/cls_audit.jsonl"
            buffer.parent.mkdir(parents=True, exist_ok=True)
            text = '{"ts":"2026-05-17T10:00:0%dZ","session_id":"2026-05-17_cls_001","event":"info","summary":"old"}\n'
            buffer.write_text("".join(text % number for number in range(rest[0])), encoding="utf-8")
            import_buffer(ledger, str(buffer))
            buffer.unlink()
        elif kind == "reopen":
            ledger.close()
            self.ledgers[self.turn] = self._new(ledger.session_id if rest[0] else None)
        elif kind == "flush":
            ledger.flush()


def _errors(root: Path) -> list[tuple[str, int]]:
    return [(rule, line) for rule, severity, _, line in audited(root) if severity == "error"]


def _held(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / "g/ledger/cls").glob("*.jsonl")} if (root / "g/ledger/cls").exists() else {}


_SETTINGS = settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
_MANY = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("how", _HOW)
# A task waits for the disk until another agent has said that it is idle, and its process ends right after writing it.
@example(steps=[(("event", "info", "x"), None), (("start", "wo-1"), 1), (("state", "idle"), None), (("flush",), 6)], audit_at=0)
# A line begun on a full disk is ended before one that fails: the status knows of it all the same.
@example(steps=[(("start", "wo-1"), 3), (("equal", 2), 8), (("equal", 1), 2)], audit_at=0)
@given(steps=_STEPS, audit_at=st.integers(0, 13))
@_SETTINGS
def test_operations_and_crashes_leave_a_tree_that_passes(how: str, steps: _Steps, audit_at: int) -> None:
    _try(how, steps, audit_at)


@pytest.mark.long
@pytest.mark.parametrize("how", _HOW)
@given(steps=_STEPS, audit_at=st.integers(0, 13))
@_MANY
def test_many_operations_and_crashes_leave_a_tree_that_passes(how: str, steps: _Steps, audit_at: int) -> None:
    _try(how, steps, audit_at)


def _try(how: str, steps: _Steps, audit_at: int) -> None:
    torn = how != "between calls"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "tree")
        root.mkdir()
        world, seal = _World(root), None
        before: dict[str, bytes] = {}
        for number, (operation, crash_after) in enumerate(steps):
            if crash_after is None or operation[0] == "clock":
                world.do(operation)
            elif how == "on a full disk" or (how == "on a full disk and in a write" and crash_after % 2):
                with _full(_ROOM[crash_after]):
                    world.do(operation)
            else:
                try:
                    with _crashing(crash_after, torn):
                        world.do(operation)
                except _Crash:
                    world.crash()
            # Bytes that were there stay there, and at the beginning.
            now = _held(root)
            assert all(now[name].startswith(content) for name, content in before.items())
            before = now
            if number == audit_at % len(steps) and now:
                seal = Path(folder, "seal")
                _passes(root, audited(root, seal_at=seal), torn)
        if before:
            _passes(root, audited(root, seal), torn)
        for ledger in world.ledgers:
            ledger.flush()
            ledger.close()
        if before:
            found = audited(root)
            _passes(root, found, torn)
            assert [one for one in found if one[0] == "task-paired"] == []
        assert not list((root / "g").glob("ledger/*.spill"))
        found_names: Counter[str] = Counter()
        found_names.update(event["summary"].split(" ")[0] for event in map(event_in, lines(root)) if event)
        assert not world.acknowledged - found_names
        assert not Counter({name: count for name, count in found_names.items() if name in world.begun}) - world.begun


def _passes(root: Path, found: Found, torn: bool) -> None:
    """An audit has nothing to say, but of lines in whose middle a process ended, and of a status whose writer ended before it."""
    errors = [one for one in found if one[1] == "error"]
    halves = [line for line in lines(root) if not event_in(line)]
    assert len(errors) == (len(halves) if torn else 0), errors
    assert {rule for rule, *_ in errors} <= {"json-syntax", "torn-last-line", "invalid-utf8"}
    assert {rule for rule, severity, *_ in found if severity == "warning"} <= {"task-paired"}
