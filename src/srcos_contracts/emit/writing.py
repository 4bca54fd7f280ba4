"""One agent's ledger and status, written in turn with whoever else writes them. Whatever cannot be done is an OSError."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from srcos_contracts.emit.appending import Durability, LineFile
from srcos_contracts.emit.clock import Stamp, microseconds_of, stamp_at
from srcos_contracts.emit.event import EventJudge, Line, encoded
from srcos_contracts.emit.files import HeldFile, replace_file, sync
from srcos_contracts.emit.head import NOTHING, Head, caught_up, event_in, highest_session, is_read, started_at, still_there
from srcos_contracts.emit.locking import LOCK_SECONDS, LockHeld, locked
from srcos_contracts.emit.naming import SESSIONS_A_DAY, Places, SessionName, session_name
from srcos_contracts.emit.status import Published, agrees, contradicts, precedes, published_in, state_after, status_of
from srcos_contracts.finding import Finding, Location

__all__ = ["PAIR_HELP", "Writer"]

PAIR_HELP = "append the task_start when the task begins, under the session that ends it"
"""What to do about a result whose task had not begun."""

_PUBLISH_SECONDS = 1.0
_SETTLED_SECONDS = 0.1
"""How old a file is of which a change shows for certain in the time of its last one."""
_MOST_BEGUN = 10_000
_TELLING = ("task_start", "task_result", "error")

Refuse = Callable[[Line, list[Finding]], None]


class Writer:
    """Writes lines, and the status that follows from them. Not for several threads at once, and of no use to a process that forked."""

    def __init__(
        self, places: Places, durability: Durability, judge: EventJudge, refuse: Refuse, lock_seconds: float = LOCK_SECONDS
    ) -> None:
        """`refuse` is given the lines that cannot stand in the ledger beside those that do."""
        self.places = places
        self._ledger, self._status = places.ledger, places.status
        self.written = 0
        """How many lines were appended."""
        self.torn = 0
        """How many torn lines were closed off."""
        self.status_error: OSError | None = None
        """Why the status could not be published."""
        self.trouble: Mapping[str, Any] = {}
        """What the status is to say of the ledger itself."""
        self._durability = durability
        self._judge = judge
        self._refuse = refuse
        self._lock_seconds = lock_seconds
        self._folder: HeldFile | None = None
        self._in_turn = False
        self._days: dict[str, LineFile] = {}
        self._begun: dict[tuple[str, str], tuple[int, LineFile, int]] = {}
        """When tasks began, by session and task, and in which file that stands, opened for the how manieth time."""
        self._head = NOTHING
        self._published = Published()
        self._seen: tuple[int, ...] | None = None
        """Which status file that was; None where the next look is to read it again."""
        self._stood_at = ""
        """How late the status was before it made way to a line."""
        self._looked = 0.0
        self._behind = False

    def write(self, lines: deque[Line]) -> None:
        """Appends lines from the left of a queue, taking away each that is in the ledger, and publishes the status. Raises OSError."""
        if not lines:
            return
        with self.turn():
            telling, self._behind = False, True
            try:
                while lines:
                    line = lines[0]
                    unpaired = self._unpaired(line)
                    if unpaired:
                        self._refuse(line, [unpaired])
                    else:
                        self._append(line)
                        telling = telling or line.event["event"] in _TELLING or bool(self._stood_at)
                    lines.popleft()
            except OSError:
                # Lines before this one, or one that was begun earlier, may be there now, and the status of before would deny them.
                self._publish()
                raise
            if telling or time.monotonic() - self._looked >= _PUBLISH_SECONDS:
                self._publish(unless_fresh=not telling)

    def begin_session(self, day: str, line_of: Callable[[str], Line | list[Finding]]) -> str | list[Finding]:
        """Appends the line that begins a new session of a day, and so claims its number. Raises OSError.

        `line_of` makes the line of the session's id. Returns the id, or what is wrong with the line.
        """
        with self.turn():
            session_id = self.free_session(day)
            line = line_of(session_id)
            if isinstance(line, Line):
                self._append(line)
                self._behind = True
                if self._stood_at:
                    self._publish()
            return session_id if isinstance(line, Line) else line

    def free_session(self, day: str) -> str:
        """The id that a new session of a day would have: after all that have a line in its ledger, or a summary. Raises OSError."""
        agent = self.places.agent
        highest = highest_session(self._ledger, agent, day)
        try:
            named = [session_name(os.path.splitext(name)[0]) for name in os.listdir(self.places.sessions)]
        except OSError:
            named = []
        highest = max([highest, *(name.number for name in named if name and name.date == day and name.agent == agent)])
        return str(SessionName(day, agent, min(highest + 1, SESSIONS_A_DAY)))

    def set_state(self, state: str, stamp: Stamp, error: str | None = None) -> list[Finding]:
        """Publishes what the agent says that it is doing. Returns what is wrong with that. Raises OSError."""
        with self.turn():
            before = self._caught_up()
            if not agrees(self._head.told, state):
                return [_disagreement(self._head, state)]
            heartbeat = _latest(stamp.text, before.heartbeat, _time_of(self._head))
            return self._replace(Published(self._head, state, heartbeat, error if error is not None else before.error))

    def head(self) -> Head:
        """What the ledger says now. Raises OSError."""
        self._caught_up()
        return self._head

    def latest(self) -> int:
        """The latest moment that the ledger or the status tells of, in microseconds since 1970; -1 where none. Raises OSError."""
        status = microseconds_of(self._caught_up().heartbeat)
        last = self._head.last
        return max(status if status is not None else -1, last.at if last is not None else -1)

    def has(self, line: Line) -> bool:
        """Whether a line that failed, this very one, is in the ledger all the same."""
        day = self._days.get(line.day)
        return day is not None and day.has(line.text)

    def begun_at(self, line: Line) -> int | None:
        """Where in its day's file a line that failed, this very one, begins, of which a part is there; None where none is."""
        day = self._days.get(line.day)
        return None if day is None else day.begun_at(line.text)

    def end_of(self, day: str) -> int:
        """Where in a day's file what is appended next begins. Raises OSError."""
        return self._days.get(day, LineFile(self.places.day(day))).end()

    def settle(self, look: bool = False) -> None:
        """Brings the status up to date, and all to the disk, as far as durability asks for it. Raises OSError.

        With `look` also where it was another writer that left the status behind.
        """
        if self._behind:
            with self.turn():
                self._publish()
        elif look and os.path.isdir(self._ledger):
            with self.turn():
                before = self._caught_up()
                if before.head != self._head or precedes(before, self._head.last):
                    self._publish()
        if self._durability != "never":
            for day in self._days.values():
                day.sync()

    def close_off(self, days: list[str]) -> int:
        """Ends torn last lines of days with a newline. Returns how many there were. Raises OSError."""
        with self.turn():
            return sum(LineFile(self.places.day(day), self._durability).close_off() for day in days)

    def renew(self) -> None:
        """Publishes the status as the ledger has it, whatever the status says of that. Raises OSError."""
        with self.turn():
            before, self._head = self._standing(), caught_up(self._ledger, NOTHING)
            self._put(before, _time_of(self._head))

    def publish_trouble(self, stamp: Stamp) -> None:
        """Says in the status what is wrong with the ledger: in turn or, where that cannot be had, out of it.

        The status is as old as what it says: lines that wait tell what has happened since. `stamp` is for where there is nothing yet.
        """

        alive = "why" in self.trouble
        try:
            try:
                with self.turn():
                    before = self._caught_up()
                    self._put(before, _time_of(self._head) or before.heartbeat or stamp.text, alive)
            except LockHeld:
                # Whoever has the turn publishes what has happened since.
                return
            except OSError:
                before = self._standing()
                self._put(before, before.heartbeat or stamp.text, alive)
            self.status_error = None
        except OSError as error:
            self.status_error = error

    def close(self) -> None:
        """Lets all files go."""
        for day in self._days.values():
            day.close()
        self._days.clear()
        _open.discard(self)
        if self._folder is not None:
            folder, self._folder = self._folder, None
            folder.close()

    @contextmanager
    def turn(self, seconds: float | None = None) -> Iterator[None]:
        """The agent's turn: a lock on the folder of its ledger, which is made where it is missing. Raises OSError.

        Within it the same writer may take it again. `seconds` says how long another writer is waited for, where not as long as usual.
        """
        if self._in_turn:
            yield
            return
        path = self._ledger
        while True:
            if self._folder is None:
                os.makedirs(path, exist_ok=True)
                self._folder = HeldFile(os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
                _open.add(self)
                if self._durability != "never":
                    sync(os.path.dirname(path))
            if self._folder.stat() is not None:
                with locked(self._folder.handle, path, self._lock_seconds if seconds is None else seconds):
                    if self._folder.is_at(path):
                        self._in_turn = True
                        try:
                            yield
                        finally:
                            self._in_turn = False
                        return
            self.close()

    def _append(self, line: Line) -> None:
        day = self._days.get(line.day)
        if day is None:
            while len(self._days) > 1:
                # Another day, or another time zone: at midnight the day before is done with.
                oldest = min(self._days)
                if self._durability != "never":
                    self._days[oldest].sync()
                self._days.pop(oldest).close()
            day = self._days[line.day] = LineFile(self.places.day(line.day), self._durability)
        if day.unfinished:
            self._make_way(event_in(day.unfinished), line.day)
        self._make_way(line.event, line.day)
        torn = day.torn
        try:
            day.append(line.text)
        finally:
            self.torn += day.torn - torn
        self.written += 1
        if line.event["event"] == "task_start":
            if len(self._begun) >= _MOST_BEGUN:
                self._begun.clear()
            at = microseconds_of(line.event["ts"])
            begun = (line.event["session_id"], line.event["task_id"])
            if begun not in self._begun or not day.is_still(self._begun[begun][2]):
                self._begun[begun] = at if at is not None else 0, day, day.opened

    def _make_way(self, event: Mapping[str, Any], day: str) -> None:
        """Sees that the status can stand beside the ledger with a further event, should this process end right after writing that.

        One that is older than the event can; one that would contradict it is made older. Where it cannot be replaced, the event is
        written all the same.
        """
        try:
            standing = self._standing()
            late = contradicts(standing, event)
            if late or not is_read(standing.head, day) or not still_there(self._ledger, standing.head):
                before = self._caught_up(day)
                self._put(before, _time_of(self._head), older_than=event["ts"] if late else "")
        except OSError as error:
            self.status_error = error

    def _unpaired(self, line: Line) -> Finding | None:
        """What is wrong with a result whose task did not begin before, in its session."""
        event = line.event
        if event["event"] != "task_result":
            return None
        session_id, task_id, at = event["session_id"], event["task_id"], microseconds_of(event["ts"])
        session = session_name(session_id)
        assert at is not None
        assert session is not None
        begun = self._begun.get((session_id, task_id))
        if begun is not None and begun[0] <= at and begun[1].is_still(begun[2]):
            return None
        if started_at(self._ledger, session, task_id, at) is not None:
            return None
        return Finding(
            "task-paired",
            "error",
            f"{task_id} had not begun in {session_id}",
            Location(self.places.shown(self.places.day(line.day))),
            PAIR_HELP,
            pointer="/task_id",
        )

    def _caught_up(self, day: str | None = None) -> Published:
        """Reads what the ledger says that is new. Returns the status that was published before."""
        before = self._standing()
        self._head = caught_up(self._ledger, self._head, day)
        return before._replace(heartbeat=_latest(before.heartbeat, self._stood_at))

    def _standing(self) -> Published:
        """The status as it stands. Where another writer has published it, the ledger is known as far as that one had read it.

        Raises OSError.
        """
        seen: tuple[int, ...] = ()
        settled = True
        try:
            found = os.stat(self._status)
        except FileNotFoundError:
            pass
        else:
            seen = found.st_ino, found.st_size, found.st_mtime_ns
            settled = time.time() - found.st_mtime > _SETTLED_SECONDS
        if seen != self._seen:
            self._published = published_in(self._status)
            self._head = self._published.head
            self._seen = seen if settled else None
        return self._published

    def _publish(self, unless_fresh: bool = False) -> None:
        """Publishes what follows from the ledger. A failure is kept: the lines are in the ledger all the same."""
        self._looked = time.monotonic()
        if unless_fresh and self._fresh():
            return
        try:
            before = self._caught_up()
            self._put(before, _time_of(self._head))
            self._behind, self.status_error = False, None
        except OSError as error:
            self.status_error = error

    def _put(self, before: Published, heartbeat: str, alive: bool = False, older_than: str = "") -> None:
        """Replaces the status by what follows from the head, for a while one that is older than something else.

        What the agent said itself stays as long as the ledger tells nothing else.
        """
        head = self._head
        # Whoever says something since, or has trouble in doing so, is there again.
        alive = alive or _latest(before.heartbeat, heartbeat) != before.heartbeat or _session_of(before.head) != _session_of(head)
        heartbeat = _latest(heartbeat, before.heartbeat)
        if heartbeat:
            kept = before.head.told == head.told and before.state and agrees(head.told, before.state)
            if alive and before.state == "offline":
                kept = False
            error = head.error.value if head.error is not None and head.error != before.head.error else before.error
            at = microseconds_of(older_than)
            stood_at, shown = ("", heartbeat) if at is None else (heartbeat, stamp_at(at - 1).text)
            self._replace(Published(head, before.state if kept else state_after(head.told), shown, error))
            self._stood_at = stood_at

    def _replace(self, published: Published) -> list[Finding]:
        value = status_of(self.places.agent, published, self.trouble)
        # The root says nothing of the status, and where it is relative its folder may be gone.
        file = f"/agents/{self.places.agent}/status.json"
        found = self._judge.findings("AgentStatus", value, file)
        if found:
            # A line that somebody else wrote may name a session or task that the status may not.
            value = {name: member for name, member in value.items() if name not in ("session_id", "last_task_id")}
            found = self._judge.findings("AgentStatus", value, file)
        text = encoded(value)
        if not found and isinstance(text, bytes):
            replace_file(self._status, text + b"\n", self._durability != "never")
        return found

    def _fresh(self) -> bool:
        """Whether some writer has published the status within the last second."""
        try:
            return 0 <= time.time() - os.stat(self._status).st_mtime < _PUBLISH_SECONDS
        except OSError:
            return False


_open: set[Writer] = set()
"""Those that hold a folder open. A lock is the open file's: in a child that forked it would outlive the writer that took it."""


def _let_go() -> None:
    for writer in list(_open):
        writer.close()


os.register_at_fork(after_in_child=_let_go)


def _time_of(head: Head) -> str:
    return head.last.ts if head.last is not None else ""


def _session_of(head: Head) -> str:
    return head.last.value if head.last is not None else ""


def _latest(*times: str) -> str:
    """The latest of some times, the first of those that are equal; what is no time comes before all."""
    return max(times, key=lambda time: at if (at := microseconds_of(time)) is not None else float("-inf"))


def _disagreement(head: Head, state: str) -> Finding:
    begun = head.told is not None and head.told.event == "task_start"
    what = f"{head.task.value if head.task else 'a task'} has begun, and has not ended" if begun else "the last task has ended"
    return Finding(
        "task-paired",
        "error",
        f"the agent cannot be {state}: by its ledger {what}",
        Location("status.json"),
        "append the task_result first" if begun else "append a task_start to be busy",
        pointer="/state",
    )
