"""A command run with its start and its end in the ledger, and otherwise as if it had been called by itself.

Three processes: the one that was called, which runs the command in its own process group and ends as the command does; the command;
and one in a session of its own that writes the ledger, so that it outlives whatever kills the group.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import shlex
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

from srcos_contracts.named import NamedTuple

__all__ = ["Ended", "Recorder", "Run", "command_line", "run", "shown_command"]

_PATIENCE_SECONDS = 15.0
"""How long the ledger's writer is waited for at most: it gives up earlier by itself."""
_FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_OF_THE_TERMINAL = (signal.SIGINT, signal.SIGQUIT)
"""Signals that a terminal sends to the whole group: the command has them already."""
_NOT_FOUND, _NOT_EXECUTABLE, _NOT_RECORDED = 127, 126, 2


class Run(NamedTuple):
    """What is to be run."""

    command: Sequence[str]
    strict: bool = False
    """Whether nothing is run that cannot be recorded."""


class Ended(NamedTuple):
    """How a command ended."""

    code: int | None
    """Its exit code, 128 and the signal's number where one ended it; None where nobody saw its end."""
    signal: str = ""
    seconds: float = 0.0
    why: str = ""
    """Why it did not run, or why its end was not seen."""


class Recorder(NamedTuple):
    """What writes the ledger, in a process of its own. Both return whether it is recorded."""

    start: Callable[[], tuple[bool, Mapping[str, str]]]
    """Also gives variables for the command's environment."""
    end: Callable[[Ended], bool]


def run(asked: Run, make_recorder: Callable[[], Recorder]) -> int:
    """Runs a command, and returns its exit code; where a signal ended it, this process is ended by the same."""
    ours, theirs = _Channel.pair()
    writer = os.fork()
    if not writer:
        ours.close()
        _record(theirs, make_recorder)
    theirs.close()
    began = ours.receive(_PATIENCE_SECONDS) or {}
    if asked.strict and not began.get("recorded"):
        ours.close()
        _reap(writer)
        return _NOT_RECORDED
    environment = {**os.environ, **began.get("environment", {})}
    start = time.monotonic()
    waiting = _Waiting()
    try:
        child = os.posix_spawnp(asked.command[0], list(asked.command), environment, setsigdef=_restored())
    except OSError as error:
        code = _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_EXECUTABLE
        why = f"{asked.command[0]}: {(error.strerror or str(error)).lower()}"
        print(f"srcos-ledger: {ascii(why)[1:-1]}", file=sys.stderr)
        ended, status = Ended(code, "", 0.0, why), None
    else:
        ours.send({"child": child})
        waiting.forward_to(child)
        _, status = os.waitpid(child, 0)
        waiting.ended()
        ended = _ended(status, time.monotonic() - start)
    ours.send(ended._asdict())
    recorded = (ours.receive(_PATIENCE_SECONDS) or {}).get("recorded", False)
    ours.close()
    if recorded:
        _reap(writer)
    if status is not None and os.WIFSIGNALED(status):
        _end_by(os.WTERMSIG(status))
    code = ended.code if ended.code is not None else 1
    return _NOT_RECORDED if asked.strict and not recorded and not code else code


def shown_command(command: Sequence[str]) -> list[str]:
    """The words of a command as text: bytes that are no UTF-8 are written as escapes."""
    return [os.fsencode(word).decode("utf-8", "backslashreplace") for word in command]


def _ended(status: int, seconds: float) -> Ended:
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        return Ended(128 + number, _name_of(number), seconds)
    return Ended(os.WEXITSTATUS(status), "", seconds)


def _name_of(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


class _Waiting:
    """What this process does with signals while the command runs: it goes on, and hands on those that were meant for the command."""

    def __init__(self) -> None:
        self._child = 0
        self._came: list[int] = []
        for number in (*_FORWARDED, *_OF_THE_TERMINAL):
            # A signal that was ignored when this process began is ignored by the command too.
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._take)

    def _take(self, number: int, frame: FrameType | None) -> None:
        if number in _OF_THE_TERMINAL:
            return
        if self._child:
            with contextlib.suppress(OSError):
                os.kill(self._child, number)
        else:
            self._came.append(number)

    def forward_to(self, child: int) -> None:
        self._child = child
        while self._came:
            self._take(self._came.pop(0), None)

    def ended(self) -> None:
        self._child = 0


def _restored() -> list[int]:
    """Signals that Python ignores for itself, and those that this process handles: the command begins with neither."""
    caught = [number for number in (*_FORWARDED, *_OF_THE_TERMINAL) if signal.getsignal(number) is not signal.SIG_IGN]
    return [signal.SIGPIPE, signal.SIGXFSZ, *caught]


def _end_by(number: int) -> None:
    """Ends this process by a signal, without a second core dump."""
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.flush()
    os.kill(os.getpid(), number)


def _reap(writer: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(writer, 0)


def _record(channel: _Channel, make_recorder: Callable[[], Recorder]) -> None:
    """The life of the process that writes the ledger. Never returns."""
    try:
        os.setsid()
        for number in (*_OF_THE_TERMINAL, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        recorder = make_recorder()
        recorded, environment = recorder.start()
        channel.send({"recorded": recorded, "environment": dict(environment)})
        child, told = 0, channel.receive()
        if told is not None and "child" in told:
            child, told = told["child"], channel.receive()
        if told is None:
            if child:
                _wait_for_stranger(child)
            told = Ended(None, why="srcos-ledger was killed, so nobody saw how the command ended")._asdict()
        channel.send({"recorded": recorder.end(Ended(**told))})
    except Exception as error:
        with contextlib.suppress(Exception):
            print(f"srcos-ledger: the run is not recorded: {type(error).__name__}: {ascii(str(error))[1:-1]}", file=sys.stderr)
    finally:
        os._exit(0)


def _wait_for_stranger(pid: int) -> None:
    """Waits for the end of a process that is nobody's child here."""
    opened = getattr(os, "pidfd_open", None)
    if opened is not None:
        try:
            handle = opened(pid)
        except OSError:
            return
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        poll.poll()
        return
    while True:
        try:
            os.kill(pid, 0)
        except OSError:
            return
        time.sleep(0.2)


class _Channel:
    """Messages to and from another process, a JSON object a line."""

    def __init__(self, read: int, write: int) -> None:
        self._read, self._write = read, write
        self._rest = b""

    @classmethod
    def pair(cls) -> tuple[_Channel, _Channel]:
        first, second = os.pipe(), os.pipe()
        return cls(first[0], second[1]), cls(second[0], first[1])

    def send(self, message: Mapping[str, Any]) -> None:
        """Says something; nothing comes of it where nobody listens any more."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._write, json.dumps(message).encode() + b"\n")

    def receive(self, seconds: float | None = None) -> dict[str, Any] | None:
        """What is said next; None where the other has ended, or says nothing for so long."""
        deadline = None if seconds is None else time.monotonic() + seconds
        while b"\n" not in self._rest:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            if not select.select([self._read], [], [], left)[0]:
                return None
            more = os.read(self._read, 1 << 16)
            if not more:
                return None
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        message: dict[str, Any] = json.loads(line)
        return message

    def close(self) -> None:
        os.close(self._read)
        os.close(self._write)


def command_line(words: Sequence[str]) -> str:
    """A command as a shell would be given it."""
    return shlex.join(words)
