"""A command run with its start and its end in the ledger, and otherwise as if it had been called by itself.

Four processes: the one that was called, which runs the command in its own process group and ends as the command does; the command;
one in a session of its own that writes the ledger, so that it outlives whatever kills the group, and in whose place the first has
another one write the end, should it be killed itself; and one that tells signals to the group from those to the first alone.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import select
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Any

from srcos_contracts.emit.outbox import say_on_stderr
from srcos_contracts.named import NamedTuple

__all__ = ["Ended", "Recorder", "Run", "command_line", "run", "shown_command"]

_PATIENCE_SECONDS = 15.0
"""How long the ledger's writer is waited for at most: it gives up earlier by itself."""
_WITNESS_SECONDS = 0.2
"""How long it takes at most until a signal to a group has come to all of it."""
_OWN = {
    signal.SIGKILL,
    signal.SIGSTOP,
    signal.SIGTTIN,
    signal.SIGTTOU,
    signal.SIGPIPE,
    signal.SIGXCPU,
    signal.SIGXFSZ,
    signal.SIGSEGV,
    signal.SIGBUS,
    signal.SIGFPE,
    signal.SIGILL,
    signal.SIGTRAP,
    signal.SIGSYS,
}
"""Signals that nobody can hand on, and those that are about the very process that gets them."""
_SHELL = "/bin/sh"
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
    """What writes the ledger, in a process of its own. Start and end return whether it is recorded."""

    start: Callable[[], tuple[bool, Mapping[str, str]]]
    """Also gives variables for the command's environment."""
    end: Callable[[Ended], bool]
    begun: Callable[[], Mapping[str, Any]] = dict
    """What another recorder has to know that goes on in this one's place, before the start and after it."""


MakeRecorder = Callable[[Mapping[str, Any]], Recorder]
"""Makes a recorder of what one that is gone had begun; of nothing where it is the first, or the other did not come to that."""


def run(asked: Run, make_recorder: MakeRecorder) -> int:
    """Runs a command, and returns its exit code; where a signal ended it, this process is ended by the same."""
    writer, ours = _recording(lambda: make_recorder({}))
    began = _begun(ours)
    if asked.strict and not began.get("recorded"):
        ours.close()
        _reap(writer)
        return _NOT_RECORDED
    environment = {**os.environ, **began.get("environment", {})}
    start = time.monotonic()
    mask = _hold_signals()
    witness = _Witness()
    try:
        child = _spawned(asked.command, environment, mask)
    except (OSError, ValueError) as error:
        code = _NOT_FOUND if isinstance(error, (FileNotFoundError, ValueError)) else _NOT_EXECUTABLE
        # An empty word, which no file is called by, is a ValueError.
        words = "no such file or directory" if isinstance(error, ValueError) else error.strerror or str(error)
        why = f"{asked.command[0] or repr('')}: {words.lower()}"
        say_on_stderr(why)
        ended, status = Ended(code, "", 0.0, why), None
    else:
        ours.send({"child": child, "began": start})
        status = _seen_through(child, witness)
        ended = _ended(status, time.monotonic() - start)
    witness.close()
    ours.send(ended._asdict())
    told = ours.receive(_PATIENCE_SECONDS)
    if told is None and ours.ended and "failed" not in began:
        # What wrote the ledger was killed, and somebody else is to write the end.
        ours.close()
        _reap(writer)
        writer, ours = _recording(lambda: make_recorder(began.get("begun", {})))
        ours.send(ended._asdict())
        told = ours.receive(_PATIENCE_SECONDS) if _begun(ours) else None
    recorded = (told or {}).get("recorded", False)
    ours.close()
    if recorded:
        _reap(writer)
    if status is not None and os.WIFSIGNALED(status):
        _end_by(os.WTERMSIG(status))
    code = ended.code if ended.code is not None else 1
    return _NOT_RECORDED if asked.strict and not recorded and not code else code


def _spawned(command: Sequence[str], environment: Mapping[str, str], mask: set[int]) -> int:
    """Starts a command. Returns its id. Raises OSError, and ValueError for what can be no word of one."""
    try:
        return os.posix_spawnp(command[0], list(command), environment, setsigmask=mask, setsigdef=_RESTORED)
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
        # A script that does not say what runs it is one for the shell, as for all that call programs by their names.
        script = shutil.which(command[0]) or command[0]
        words = [_SHELL, script, *command[1:]]
        return os.posix_spawn(_SHELL, words, environment, setsigmask=mask, setsigdef=_RESTORED)


def _recording(make_recorder: Callable[[], Recorder]) -> tuple[int, _Channel]:
    """Starts the process that writes the ledger. Returns its id, and the way to it."""
    ours, theirs = _Channel.pair()
    writer = os.fork()
    if not writer:
        ours.close()
        _record(theirs, make_recorder)
    theirs.close()
    return writer, ours


def _begun(channel: _Channel) -> dict[str, Any]:
    """All that is told until the start is recorded or is not."""
    found: dict[str, Any] = {}
    while "recorded" not in found and (told := channel.receive(_PATIENCE_SECONDS)) is not None:
        found |= told
    return found


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


_RESTORED = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD)
"""Signals that Python ignores for itself, and the one by which this process learns of the command's end."""


def _hold_signals() -> set[int]:
    """Has signals wait until they are asked for. Returns which did so before."""
    # Where the caller ignores this one, the system tells nobody how a command ended.
    signal.signal(signal.SIGCHLD, _heed)
    return {int(number) for number in signal.pthread_sigmask(signal.SIG_BLOCK, _held())}


def _held() -> set[int]:
    return {int(number) for number in signal.valid_signals()} - _OWN


def _heed(number: int, frame: FrameType | None) -> None:
    pass


def _seen_through(child: int, witness: _Witness) -> int:
    """Hands signals on to the command until it ends, and stops when it was told to stop. Returns its status."""
    stopped = told_to_stop = False
    while True:
        changed, status = os.waitpid(child, os.WNOHANG | os.WUNTRACED | os.WCONTINUED)
        if changed:
            if os.WIFEXITED(status) or os.WIFSIGNALED(status):
                return status
            # That it stopped may be heard before the signal that told both to.
            stopped = os.WIFSTOPPED(status)
        if stopped and told_to_stop:
            stopped = told_to_stop = False
            os.kill(os.getpid(), signal.SIGSTOP)
            continue
        number = signal.sigwait(_held())
        told_to_stop = number == signal.SIGTSTP or (told_to_stop and number == signal.SIGCHLD)
        if number != signal.SIGCHLD and not witness.has_seen(number):
            with contextlib.suppress(OSError):
                os.kill(child, number)


class _Witness:
    """A process in the command's group that does nothing but get signals: one that it gets too, the command has already."""

    def __init__(self) -> None:
        """To be made while signals are held."""
        self._heard, heard = os.pipe()
        life, self._life = os.pipe()
        self._unused: set[int] = set()
        self._pid = os.fork()
        if not self._pid:
            os.close(self._life)
            _witness(life, heard)
        os.close(life)
        os.close(heard)

    def has_seen(self, number: int) -> bool:
        if number not in self._unused and select.select([self._heard], [], [], _WITNESS_SECONDS)[0]:
            self._unused.update(os.read(self._heard, 1 << 16))
        if number not in self._unused:
            return False
        self._unused.remove(number)
        return True

    def close(self) -> None:
        os.close(self._life)
        os.close(self._heard)
        _reap(self._pid)


def _witness(life: int, heard: int) -> None:
    """Says which signals it gets, until nobody lives who would be told. Never returns."""
    try:
        os.set_blocking(heard, False)
        signal.set_wakeup_fd(heard, warn_on_full_buffer=False)
        for number in _held():
            with contextlib.suppress(OSError, ValueError):
                signal.signal(number, _heed)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        os.read(life, 1)
    finally:
        os._exit(0)


def _end_by(number: int) -> None:
    """Ends this process by a signal, without a second core dump."""
    import resource

    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    with contextlib.suppress(OSError, ValueError):
        signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [number])
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
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        recorder = make_recorder()
        channel.send({"begun": dict(recorder.begun())})
        recorded, environment = recorder.start()
        channel.send({"recorded": recorded, "environment": dict(environment), "begun": dict(recorder.begun())})
        child, began, told = 0, 0.0, channel.receive()
        if told is not None and "child" in told:
            # This process may have been late to hear of it.
            child, began, told = told["child"], told["began"], channel.receive()
        if told is None:
            if child:
                _wait_for_stranger(child)
            elif not recorded:
                # Nothing has begun.
                return
            seconds = time.monotonic() - began if child else 0.0
            told = Ended(None, "", seconds, "srcos-ledger was killed, so nobody saw how the command ended")._asdict()
        channel.send({"recorded": recorder.end(Ended(**told))})
    except Exception as error:
        with contextlib.suppress(Exception):
            say_on_stderr(f"the run is not recorded: {type(error).__name__}: {error}")
            channel.send({"recorded": False, "failed": True})
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
        self.ended = False
        """Whether the other has ended."""

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
                self.ended = True
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
