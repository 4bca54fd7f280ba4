"""What an agent writes by: its ledger, its status and its sessions, without ever being made to suffer for it."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from srcos_contracts.emit.clock import Clock, Stamp
from srcos_contracts.emit.event import EventJudge, Line, encoded, not_masked
from srcos_contracts.emit.naming import places, session_name
from srcos_contracts.emit.outbox import BadEvent, Health, NotWritten, Outbox, Outcome
from srcos_contracts.emit.settings import BadSetting, Settings
from srcos_contracts.emit.spill import shown
from srcos_contracts.emit.task import Task
from srcos_contracts.emit.writing import Writer
from srcos_contracts.finding import Finding
from srcos_contracts.reading.regular import open_regular

__all__ = ["AgentLedger", "BadSetting", "Settings"]

_DAY = 86_400_000_000
_TICK_SECONDS = 0.5
_BOUND = ("ts", "agent", "session_id", "event")
"""Members whose forms leave no room for a secret, in an event that keeps its contract."""
_PATIENCE_SECONDS = 60.0
"""How long lines that are not this agent's own work wait for other writers."""
_T = TypeVar("_T")


class AgentLedger:
    """One agent's ledger below a root. May be used by several threads, and goes on in a process that forked.

    No method raises because of a disk, a clock or an event, unless the settings are strict. What becomes of an event is returned.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        agent: str,
        *,
        source: str = "agent",
        session_id: str | None = None,
        settings: Settings | None = None,
    ) -> None:
        """`source` is who or what set the agent to work; without a `session_id` a session begins with the first event.

        A relative root is that of the folder at which the process is now, wherever it goes later.

        Raises BadName for a name that no agent can have, BadSetting for settings that do not go together.
        """
        self._settings = settings or Settings()
        if self._settings.strict and self._settings.background:
            raise BadSetting("a strict ledger cannot be written in the background: nobody would be there to be told")
        self.places = places(root, agent).fixed()
        self._source = source
        self._given = session_id or None
        self._judge = EventJudge()
        self._begin()

    def _begin(self) -> None:
        """All that belongs to one process."""
        self._pid = os.getpid()
        self._ends_well = False
        """Whether what waits is seen to at the end of the process."""
        self._finalizer: Any = None
        self._ending = False
        """Whether the process ends: no thread begins any more, and nobody comes back for what waits."""
        # Whoever needs both takes them in this order; the thread that writes in the background takes the second alone.
        self._lock = threading.RLock()
        self._writing = threading.RLock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._session = self._given
        self._clock = Clock(self._settings.now)
        self._placed = False
        self._busy = False
        self._inside = False
        """Whether a method is at work: a handler of a signal that comes in the middle finds it so."""
        self._deferred: list[dict[str, Any]] = []
        """Events of such handlers, which come after what is at work."""
        self._writer = Writer(
            self.places,
            self._settings.fsync,
            self._judge,
            lambda line, found: self._outbox.refuse_line(line, found),
            self._settings.lock_seconds,
        )
        self._outbox = Outbox(
            self._writer, self._judge, self._clock, self._settings.say, self._settings.strict, self._settings.most_waiting
        )

    def _here(self) -> None:
        """Begins anew in a process that forked: what waits, and every lock, is its parent's."""
        if os.getpid() != self._pid:
            session = self._session
            self._writer.close()
            self._begin()
            self._session = session

    @property
    def health(self) -> Health:
        """How the ledger has fared."""
        return self._outbox.health

    @property
    def session_id(self) -> str:
        """The session that events belong to; begins one where there is none."""
        return self._session or self._sheltered(lambda: self._session or self._start(), lambda: self._session or self._made_up())

    @property
    def begun_session(self) -> str | None:
        """The session that events belong to, None where the next one begins it."""
        return self._session

    def start_session(self, summary: str = "The session begins.") -> str:
        """Begins a session with the next free number of the day, which its first line claims. Returns its id.

        Where the ledger cannot be written, the number is the next one that can be seen, and unclaimed.
        """
        return self._sheltered(lambda: self._start(summary), lambda: self._session or self._made_up())

    def resume(self) -> str | None:
        """Goes on in the session of the ledger's last line, if that began today. Returns its id, None where a new one is to begin."""
        return self._sheltered(self._resume, lambda: None)

    def append(
        self,
        event: str | Mapping[str, Any],
        summary: str | None = None,
        *,
        task_id: str | None = None,
        data: Mapping[str, Any] | None = None,
        session_id: str | None = None,
        source: str | None = None,
        ts: str | None = None,
    ) -> Outcome:
        """Appends an event: one of heartbeat, task_start, task_result, error, info, or a whole record of which members may be missing.

        Returns what became of it; from a ledger that is written in the background it is `waiting`, or `refused`. A strict one raises
        BadEvent or NotWritten.
        """
        given: dict[str, Any] = dict(event) if isinstance(event, Mapping) else {"event": event}
        stated: dict[str, Any] = {
            "summary": summary,
            "task_id": task_id,
            "data": data,
            "session_id": session_id,
            "source": source,
            "ts": ts,
        }
        given.update((name, value) for name, value in stated.items() if value is not None)
        return self._sheltered(lambda: self._append(given), lambda: self._outbox.lose(), lambda: self._defer(given))

    def refuse(self, event: Mapping[str, Any], findings: list[Finding]) -> Outcome:
        """Keeps what was to be an event and is none, with what is wrong with it. Returns `refused`. A strict ledger raises BadEvent."""
        return self._sheltered(lambda: self._refused(self._settings.masker.value(event), findings), lambda: self._outbox.lose())

    def line_of(self, event: Mapping[str, Any]) -> Line | list[Finding]:
        """The line that an event would be, with what goes without saying, or what is wrong with it. Appends nothing."""
        self._here()
        with self._lock:
            value = self._record(event)
            line = self._judge.line(value, self.places.agent)
            return line if isinstance(line, Line) else self._shown(value, line)[1]

    def take_over(self, choose: Callable[[], list[Line]]) -> list[Outcome]:
        """Appends lines that somebody else keeps, chosen while nobody else writes.

        Returns what became of each, in their order: `written` or `refused`; the first that could not be written ends it, and none waits.
        """
        outcomes: list[Outcome] = []
        self._sheltered(lambda: self._take_over(choose, outcomes), lambda: None)
        return outcomes

    def day_lines(self, day: str) -> list[bytes]:
        """The lines of a day of the ledger, with their newlines; none where it cannot be read."""
        try:
            with open_regular(self.places.day(day)) as stream:
                return stream.readlines()
        except OSError:
            return []

    def heartbeat(self, summary: str = "alive") -> Outcome:
        """Appends a sign of life."""
        return self.append("heartbeat", summary)

    def lesson(self, summary: str, **data: Any) -> Outcome:
        """Appends what was learned: it is listed in the summary of the session."""
        return self.append("info", summary, data={**data, "lesson": True})

    def task(self, task_id: str, summary: str | None = None, **data: Any) -> Task:
        """A task: `with ledger.task("wo-1", "Build the page"):` appends its start, and its result however the body ends.

        A result that breaks its contract is refused, and one appended that says no more than how the task ended.
        """
        return Task(self.append, lambda: self.session_id, task_id, summary or f"Task {task_id}", data)

    def set_status(self, state: Literal["idle", "busy", "error", "offline"] | str, last_error: str | None = None) -> bool:
        """Publishes what the agent is doing, where that does not follow from its events. Returns whether it was published.

        A state that the ledger contradicts is refused: `idle` in the middle of a task, `busy` after the last one has ended.
        """
        return self._sheltered(lambda: self._set_status(state, last_error), lambda: False)

    def summarise(self, session_id: str | None = None) -> str | None:
        """Writes the summary of a session, by default of the one that goes on. Returns its path, None where it could not be written."""
        return self._sheltered(lambda: self._summarise(session_id), lambda: None)

    def times(self, task_id: str) -> tuple[int, int]:
        """How often a task of the session began, and how often it ended; 0 and 0 where the ledger cannot be written."""
        return self._sheltered(lambda: self._times(task_id), lambda: (0, 0))

    def close_off(self, days: list[str]) -> int:
        """Ends torn last lines of days with a newline. Returns how many there were."""
        return self._sheltered(lambda: self._close_off(days), lambda: 0)

    def renew_status(self) -> None:
        """Publishes the status as the ledger has it, whatever stands there."""
        self._sheltered(self._renew, lambda: None)

    def flush(self) -> bool:
        """Writes what waits, and brings status and ledger up to date. Returns whether all events are in the ledger."""
        return self._sheltered(self._flush, lambda: False)

    def close(self) -> None:
        """Writes what waits, or keeps it beside the ledger, and lets all files go. The ledger may be used again."""
        self._sheltered(self._close, lambda: None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        """The agent has ended: it is offline."""
        self._sheltered(self._leave, lambda: None)
        self.close()

    def _sheltered(self, action: Callable[[], _T], otherwise: Callable[[], _T], inside: Callable[[], _T] | None = None) -> _T:
        """`inside` is for a handler of a signal that came while a method was at work."""
        try:
            self._here()
            with self._lock:
                if self._inside:
                    return (inside or otherwise)()
                self._inside = True
                try:
                    return action()
                finally:
                    try:
                        while self._deferred:
                            self._append(self._deferred.pop(0))
                    finally:
                        self._inside = False
        except Exception as error:
            if self._settings.strict:
                if isinstance(error, OSError):
                    raise NotWritten(f"the ledger of {self.places.agent} cannot be written: {self._outbox.why(error)}") from error
                raise
            self._failed(error)
            return otherwise()

    def _failed(self, error: Exception) -> None:
        words = f"failed: {type(error).__name__}: {error}"
        if isinstance(error, OSError):
            words = f"is not up to date: {self._outbox.why(error)}"
        self._outbox.say_once(f"error {type(error).__name__}", f"the ledger of {self.places.agent} {words}")

    def _defer(self, given: dict[str, Any]) -> Outcome:
        self._deferred.append(given)
        return "waiting"

    def _append(self, given: dict[str, Any]) -> Outcome:
        try:
            value = self._record(given)
        except BadEvent as bad:
            # What could not be masked is not kept.
            return self._refused({"event": str(given.get("event"))[:40]}, bad.findings)
        line = self._judge.line(value, self.places.agent)
        return self._put(line) if isinstance(line, Line) else self._refused(*self._shown(value, line))

    def _shown(self, value: Mapping[str, Any], found: list[Finding]) -> tuple[Any, list[Finding]]:
        """A record that breaks its contract, and what is wrong with it, as they may be kept and told: without any secret."""
        at_fault = {finding.pointer[1:].partition("/")[0] for finding in found}
        if at_fault.isdisjoint(("", *_BOUND)):
            return value, found
        masked = self._settings.masker.value(value)
        if masked == value:
            return value, found
        again = self._judge.line(masked, self.places.agent)
        return masked, found if isinstance(again, Line) else again

    def _record(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """An event with what goes without saying, its secrets masked. Raises BadEvent where they cannot be."""
        # One that is given, and is none, is judged as it is: what is refused begins no session.
        session = given["session_id"] if "session_id" in given else self._session or self._start()
        stamp = self._stamp() if "ts" not in given else None
        kind, words, data = given.get("event"), given.get("summary"), given.get("data")
        value = {
            "ts": stamp.text if stamp is not None else None,
            "agent": self.places.agent,
            "session_id": session,
            "event": kind,
            "task_id": None,
            "source": self._source,
            "summary": words if words is not None else kind,
            **{name: member for name, member in given.items() if name not in ("summary", "data")},
            "data": data if data is not None else {},
        }
        if value["task_id"] is None:
            del value["task_id"]
        if stamp is not None and stamp.wall is not None:
            value["x-clock"] = stamp.wall
        masker = self._settings.masker
        try:
            return {
                name: member if name in _BOUND else masker.value(member, name if isinstance(name, str) else "")
                for name, member in value.items()
            }
        except Exception as error:
            raise BadEvent([not_masked(error)]) from error

    def _put(self, line: Line) -> Outcome:
        outbox = self._outbox
        self._end_well()
        if self._settings.background and not self._ending:
            outbox.waiting.append(line)
            self._start_thread()
            self._wake.set()
            if outbox.full:
                self._drained()
            return "waiting"
        with self._writing:
            if self._busy:
                # The handler of a signal came in the middle of writing: what is being written goes on with this.
                outbox.waiting.append(line)
                return "waiting"
            self._busy = True
            try:
                return outbox.put(line, last=self._ending)
            finally:
                self._busy = False

    def _take_over(self, choose: Callable[[], list[Line]], outcomes: list[Outcome]) -> None:
        try:
            with self._writing, self._writer.turn(_PATIENCE_SECONDS):
                if self._drained(now=True):
                    self._outbox.write_now(choose(), outcomes)
        except OSError as error:
            self._outbox.failed(error)

    def _end_well(self) -> None:
        if not self._ends_well:
            self._ends_well = True
            atexit.register(self._at_exit)
            # A process that multiprocessing forked ends without what is registered there.
            if "multiprocessing.util" in sys.modules:
                from multiprocessing.util import Finalize

                self._finalizer = Finalize(None, self._at_exit, exitpriority=0)

    def _at_exit(self) -> None:
        # What is to be done at the end may be yet to append.
        self._ending = True
        self.close()

    def _drained(self, now: bool = False) -> bool:
        with self._writing:
            if self._busy:
                return False
            self._busy = True
            try:
                return self._outbox.drain(now)
            finally:
                self._busy = False

    def _refused(self, value: Any, found: list[Finding]) -> Outcome:
        if isinstance(encoded(value), Finding):
            # What stands there is no JSON, so nothing in it has a name.
            value = self._settings.masker.text(shown(value))
        self._outbox.refuse(value, found)
        if self._settings.strict:
            raise BadEvent(found)
        return "refused"

    def _stamp(self) -> Stamp:
        stamp = self._clock.stamp()
        # While the clock is behind, it says nothing of what others have written meanwhile.
        if not self._placed or stamp.wall is not None:
            try:
                with self._writing:
                    latest = self._writer.latest()
                self._placed = True
                if stamp.at <= latest <= self._clock.now() + _DAY:
                    self._clock.not_before(latest)
                    stamp = self._clock.stamp()
            except OSError:
                pass
        return stamp

    def _start(self, summary: str = "The session begins.") -> str:
        stamp = self._stamp()
        self._end_well()

        def line_of(session_id: str) -> Line | list[Finding]:
            record = {"ts": stamp.text, "session_id": session_id, "event": "info", "summary": summary}
            if stamp.wall is not None:
                record["x-clock"] = stamp.wall
            return self._judge.line(self._record(record), self.places.agent)

        if self._drained():
            try:
                with self._writing:
                    begun = self._writer.begin_session(stamp.day, line_of)
                if isinstance(begun, str):
                    self._session = begun
                    return begun
                self._outbox.refuse(summary, begun)
            except OSError as error:
                self._outbox.failed(error)
        self._session = self._seen_free(stamp.day)
        line = line_of(self._session)
        if isinstance(line, Line):
            self._put(line)
        return self._session

    def _resume(self) -> str | None:
        stamp = self._stamp()
        try:
            with self._writing:
                last = self._writer.head().last
        except OSError:
            # Whoever appends is told why.
            return self._session
        name = session_name(last.value) if last is not None else None
        if name is not None and name.agent == self.places.agent and name.date == stamp.day:
            self._session = str(name)
        return self._session

    def _seen_free(self, day: str) -> str:
        try:
            return self._writer.free_session(day)
        except OSError:
            return self._made_up(day)

    def _made_up(self, day: str | None = None) -> str:
        """An id for when nothing is known: high, so that it is hardly another's."""
        number = 500 + int.from_bytes(os.urandom(2)) % 499
        return f"{day or self._clock.stamp().day}_{self.places.agent}_{number}"

    def _set_status(self, state: str, last_error: str | None) -> bool:
        if not self._drained(now=not self._outbox.health.trouble):
            return False
        words = self._settings.masker.text(last_error) if isinstance(last_error, str) else None
        stamp = self._stamp()
        try:
            with self._writing:
                found = self._writer.set_state(state, stamp, words)
        except OSError as error:
            self._outbox.failed(error, waits=bool(self._outbox.waiting))
            return False
        if found:
            if self._settings.strict:
                raise BadEvent(found)
            self._outbox.say_once(f"status {state}", f"the status was not set: {found[0].sentence}; {found[0].help}")
        return not found

    def _summarise(self, session_id: str | None) -> str | None:
        from srcos_contracts.emit.summary import CannotSummarise, summarise

        self._drained(now=not self._outbox.health.trouble)
        wanted = session_id or self._session
        if wanted is None:
            return None
        try:
            return summarise(self.places, wanted, self._settings.fsync != "never")
        except CannotSummarise as refused:
            if self._settings.strict:
                raise
            self._outbox.say_once(f"summary {wanted}", str(refused))
        except OSError as error:
            if self._settings.strict:
                raise
            self._outbox.say_once(f"summary {wanted}", f"the summary of {wanted} was not written: {self._outbox.why(error)}")
        return None

    def _times(self, task_id: str) -> tuple[int, int]:
        from srcos_contracts.emit.summary import session_events

        session = session_name(self._session or "")
        if session is None or not self._drained(now=True):
            return 0, 0
        kinds = [event.get("event") for event in session_events(self.places, session) if event.get("task_id") == task_id]
        return kinds.count("task_start"), kinds.count("task_result")

    def _flush(self) -> bool:
        whole = self._drained(now=True)
        with self._writing:
            self._writer.settle(look=True)
        return whole

    def _close_off(self, days: list[str]) -> int:
        with self._writing:
            return self._writer.close_off(days)

    def _renew(self) -> None:
        with self._writing:
            self._writer.renew()

    def _settled(self) -> bool:
        with self._writing:
            self._writer.settle()
        return True

    def _leave(self) -> None:
        self._drained(now=not self._outbox.health.trouble)
        with self._writing:
            last = self._writer.head().last
        if self._session is not None and last is not None and last.value == self._session and not self._outbox.health.trouble:
            self._set_status("offline", None)

    def _close(self) -> None:
        self._thread = None
        self._wake.set()
        self._ends_well = False
        atexit.unregister(self._at_exit)
        if self._finalizer is not None:
            self._finalizer.cancel()
            self._finalizer = None
        with self._writing:
            if not self._busy:
                self._busy = True
                try:
                    self._outbox.close()
                finally:
                    self._busy = False
                    self._writer.close()

    def _start_thread(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name=f"ledger of {self.places.agent}", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        """Writes what waits, in a thread of its own, until the ledger is closed."""
        while self._thread is threading.current_thread():
            self._wake.wait(_TICK_SECONDS)
            self._wake.clear()
            try:
                self._drained() if self._outbox.waiting else self._settled()
            except Exception as error:
                self._failed(error)
