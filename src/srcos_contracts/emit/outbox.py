"""What becomes of lines when the ledger cannot be written: they wait in memory, then in a file beside it, then they are counted.

They are caught up with in their order as soon as the ledger can be written again, by whichever process notices first.
"""

from __future__ import annotations

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Literal

from srcos_contracts.emit.clock import Clock, microseconds_of, stamp_at
from srcos_contracts.emit.event import EventJudge, Line
from srcos_contracts.emit.locking import LockHeld
from srcos_contracts.emit.spill import keep_refused, spill_lines, take_in_spill
from srcos_contracts.emit.writing import Writer
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal

__all__ = ["BadEvent", "Health", "NotWritten", "Outbox", "Outcome", "counted", "say_on_stderr"]

Outcome = Literal["written", "waiting", "spilled", "refused", "lost"]
"""What became of an event: it is in the ledger; it waits for it in memory, or in a file; it broke its contract; it is gone."""

MOST_WAITING = 10_000
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 5.0

Say = Callable[[str], None]


class NotWritten(Refusal):
    """The ledger cannot be written, and its writer asked to be told so."""


class BadEvent(Refusal):
    """An event, or a status, that breaks its contract. `findings` says how."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings)
        self.findings = findings

    def __str__(self) -> str:
        return "; ".join(f"{finding.rule} at {finding.pointer or 'the record'}: {finding.sentence}" for finding in self.findings)


class Health(NamedTuple):
    """How the ledger has fared so far, as far as one object that writes it knows."""

    written: int = 0
    """Into the ledger, those that had waited for it among them."""
    waiting: int = 0
    """In memory."""
    spilled: int = 0
    """Given to the file beside the ledger."""
    refused: int = 0
    lost: int = 0
    torn: int = 0
    """Torn lines that a crash had left, and that were closed off."""
    trouble: str = ""
    """Why the ledger cannot be written now."""


class Outbox:
    """Lines on their way to the ledger. One thread at a time may call `drain`; any may put something in `waiting`."""

    def __init__(self, writer: Writer, judge: EventJudge, clock: Clock, say: Say, strict: bool, most_waiting: int = MOST_WAITING) -> None:
        self.waiting: deque[Line] = deque()
        self._writer = writer
        self._places, self._shown = writer.places, writer.places.shown
        self._spill = writer.places.spill
        self._judge = judge
        self._clock = clock
        self._say = say
        self._strict = strict
        self._most = most_waiting
        self._counts = Health()
        self._said: set[str] = set()
        self._pause = 0.0
        self._next_try = 0.0
        self._asked: Line | None = None
        """The line whose fate is to be told."""
        self._fate: Outcome = "written"
        self._broken: list[Finding] = []
        """What is wrong with it."""
        self._kept_refused: set[int] | None = None
        """Where it is those who gave them that keep lines, which of these were refused."""

    @property
    def health(self) -> Health:
        return self._counts._replace(written=self._writer.written, waiting=len(self.waiting), torn=self._writer.torn)

    @property
    def full(self) -> bool:
        return len(self.waiting) >= self._most

    def put(self, line: Line, last: bool = False) -> Outcome:
        """Takes a line on its way, and tries to write all that wait. Raises NotWritten or BadEvent where it is strict.

        After one that may be the `last`, nothing waits in memory.
        """
        self._asked, self._fate, self._broken = line, "written", []
        self.waiting.append(line)
        self.drain()
        if last:
            self.close()
        if self._strict and self._broken:
            raise BadEvent(self._broken)
        return "waiting" if self._asked_waits() else self._fate

    def write_now(self, lines: Sequence[Line], outcomes: list[Outcome]) -> None:
        """Writes lines that their giver keeps, and that wait nowhere.

        Notes of each of them, as far as it comes, whether it is `written` or `refused`. Raises OSError.
        """
        left, self._kept_refused = deque(lines), set[int]()
        try:
            self._writer.write(left)
        finally:
            refused, self._kept_refused = self._kept_refused, None
            outcomes += ["refused" if id(line) in refused else "written" for line in lines[: len(lines) - len(left)]]

    def _asked_waits(self) -> bool:
        return any(line is self._asked for line in reversed(self.waiting))

    def drain(self, now: bool = False) -> bool:
        """Writes what waits, if the last failure is long enough past or it is to be `now`. Returns whether all is written.

        Raises NotWritten where it is strict; what could not be written is then not kept.
        """
        if not now and time.monotonic() < self._next_try:
            self._bound()
            return False
        try:
            if self.waiting or _is_there(self._spill):
                # Nobody writes meanwhile what is to come after what waits in the file.
                with self._writer.turn():
                    self._look_beside()
                    self._writer.write(self.waiting)
        except OSError as error:
            self.failed(error)
            return False
        self._recovered()
        return True

    def _look_beside(self) -> None:
        """Takes in what waits in the file, which came before what waits in memory."""
        if _is_there(self._spill):
            before = self._writer.written
            take_in_spill(self._writer, self._judge, self.refuse_text)
            taken = self._writer.written - before
            if taken:
                where = f"{counted(taken, 'event')} that waited in {self._shown(self._spill)}"
                self.say_once(f"taken in {taken}", f"{where} {_are(taken)} in the ledger now")

    def failed(self, error: OSError, waits: bool = True) -> None:
        """Takes note that the ledger cannot be written, and whether an event waits for that. Raises NotWritten where it is strict."""
        why = self.why(error)
        if self._strict:
            self.waiting.clear()
            raise NotWritten(f"the ledger of {self._places.agent} cannot be written: {why}") from error
        self._pause = min(max(self._pause * 2, _FIRST_PAUSE), _LONGEST_PAUSE)
        self._next_try = time.monotonic() + self._pause
        first = not self._counts.trouble
        self._counts = self._counts._replace(trouble=why)
        told = f"the ledger of {self._places.agent} cannot be written: {why}"
        self.say_once("trouble" if waits else "nothing waits", f"{told}; its events wait" if waits else told)
        self._bound()
        if first and not isinstance(error, LockHeld):
            self._publish_trouble()

    def _recovered(self) -> None:
        self._pause = self._next_try = 0.0
        if self._counts.trouble:
            self._counts = self._counts._replace(trouble="")
            self._said.discard("trouble")
            self._publish_trouble()
        if self._writer.torn:
            self.say_once("torn", f"a line that a crash had torn was closed off, and is kept, in {self._shown(self._places.ledger)}")
        if self._writer.status_error is not None:
            # Strict or not: the events are in the ledger, and nobody is to append them again.
            self.say_once("status", f"{self._shown(self._places.status)} cannot be written: {self.why(self._writer.status_error)}")

    def _publish_trouble(self) -> None:
        self._writer.trouble = self._trouble()
        # Where there is nothing yet, the status is older than what waits.
        at = microseconds_of(self.waiting[0].event["ts"]) if self.waiting else None
        self._writer.publish_trouble(self._clock.stamp() if at is None else stamp_at(at - 1))

    def _trouble(self) -> dict[str, Any]:
        counts = self.health
        told = {name: getattr(counts, name) for name in ("waiting", "spilled", "refused", "lost") if getattr(counts, name)}
        return {"why": counts.trouble, **told} if counts.trouble else {name: told[name] for name in ("refused", "lost") if name in told}

    def _bound(self) -> None:
        """Keeps memory within its bound."""
        if self.full:
            self.spill()
        while len(self.waiting) > self._most:
            # What came first is kept: it is what the later lines go on from.
            if self.waiting.pop() is self._asked:
                self._fate = "lost"
            self._counts = self._counts._replace(lost=self._counts.lost + 1)

    def spill(self) -> None:
        """Gives what waits to the file beside the ledger. What that does not take goes on waiting."""
        waited, asked_waited = len(self.waiting), self._asked_waits()
        try:
            if self.waiting and self._writer.has(self.waiting[0]):
                # Only forcing it to the disk has failed.
                self.waiting.popleft()
                waited -= 1
            if self.waiting:
                spill_lines(self._writer, self.waiting)
        except OSError as error:
            why = f"{self._shown(self._spill)} cannot be written: {self.why(error)}"
            self.say_once("lost", f"{why}; events that do not fit into memory are lost")
        if asked_waited and not self._asked_waits():
            self._fate = "spilled"
        spilled = waited - len(self.waiting)
        self._counts = self._counts._replace(spilled=self._counts.spilled + spilled)
        if spilled:
            self.say_once("spilled", f"events wait in {self._shown(self._spill)} until the ledger can be written")

    def lose(self) -> Outcome:
        """Counts an event of which nothing could be made."""
        self._counts = self._counts._replace(lost=self._counts.lost + 1)
        return "lost"

    def refuse(self, event: Any, found: list[Finding]) -> None:
        """Keeps an event that may not stand in the ledger, with what is wrong with it."""
        self._counts = self._counts._replace(refused=self._counts.refused + 1)
        where = f"; it is kept in {self._shown(self._places.refused)}"
        try:
            keep_refused(self._places, self._clock.stamp().text, event, found)
        except OSError as error:
            where = f"; it is lost: {self.why(error)}"
        rules = ", ".join(dict.fromkeys(finding.rule for finding in found))
        self.say_once(f"refused {rules}", f"an event was refused: {found[0].sentence} ({rules}){where}")

    def refuse_text(self, text: bytes, found: list[Finding]) -> None:
        self.refuse(text.decode("utf-8", "backslashreplace"), found)

    def refuse_line(self, line: Line, found: list[Finding]) -> None:
        if self._kept_refused is not None:
            self._kept_refused.add(id(line))
            return
        if line is self._asked:
            self._fate, self._broken = "refused", found
        self.refuse(line.event, found)

    def close(self) -> None:
        """Writes what can be written, and keeps the rest beside the ledger. Raises NotWritten where it is strict."""
        if self.waiting and not self.drain(now=not self._counts.trouble):
            self.spill()
            self._counts = self._counts._replace(lost=self._counts.lost + len(self.waiting))
            if self.waiting:
                self._fate = "lost" if self._asked_waits() else self._fate
                self.say_once("gone", f"{counted(len(self.waiting), 'event')} of {self._places.agent} could be kept nowhere")
            self.waiting.clear()
        try:
            self._writer.settle()
        except OSError as error:
            if self._strict:
                raise NotWritten(f"the ledger of {self._places.agent} cannot be brought to the disk: {self.why(error)}") from error
            self.say_once("settle", f"the ledger of {self._places.agent} could not be brought to the disk: {self.why(error)}")

    def why(self, error: OSError) -> str:
        """What went wrong, and with which file."""
        # Nothing is imported here: the disk may be the one that the program is on.
        words = error.strerror or type(error).__name__
        words = words[0].lower() + words[1:]
        return f"{self._shown(error.filename)}: {words}" if isinstance(error.filename, str) else words

    def say_once(self, about: str, words: str) -> None:
        """Says what has gone wrong, if that has not been said before."""
        if about not in self._said:
            self._said.add(about)
            # Whatever becomes of what is said, the agent goes on.
            with suppress(Exception):
                self._say(words)


def _is_there(path: str) -> bool:
    """Whether there is such a file. Raises OSError where that cannot be told: what comes later would overtake what it may hold."""
    try:
        os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def say_on_stderr(words: str) -> None:
    """A line of this program's own on standard error, with nothing in it that a terminal would obey."""
    if sys.stderr is not None:
        shown = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in words)
        print(f"srcos-ledger: {shown}".encode("ascii", "backslashreplace").decode(), file=sys.stderr, flush=True)


def counted(number: int, noun: str) -> str:
    """`1 event`, `2 events`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
