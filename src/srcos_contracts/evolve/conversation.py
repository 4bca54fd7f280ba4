"""A command that is told lines on its standard input and answers in lines on its standard output, whatever it does instead."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from types import TracebackType

from srcos_contracts.processes import let_through
from srcos_contracts.reading.limits import MAX_RECORD_BYTES
from srcos_contracts.refusal import Refusal

__all__ = ["ENDED", "RUNNING", "CommandFailed", "Conversation"]

ENDED, RUNNING = "ended", "runs on"
"""How a command may end that nothing more is to be said of, and one that does not end."""

_CHUNK = 64 * 1024
_GRACE_SECONDS = 2.0
"""For a command that has nothing more to do, or has closed its input, before it is made to end."""


class CommandFailed(Refusal):
    """A command cannot be started, or does not answer."""


class Conversation:
    """One run of a command. Used in a `with`, at whose end neither it nor what it has started runs any more.

    What it writes to standard error is seen as it comes: its standard error is ours.
    """

    def __init__(self, command: Sequence[str], timeout: float) -> None:
        """Starts it. `timeout` is for how many seconds it may be silent. Raises CommandFailed."""
        if os.name != "posix":
            raise CommandFailed("commands can be asked on POSIX systems only; --write-suite writes the cases to files")
        self._timeout = timeout
        self._deadline = 0.0
        self._pending = b""
        self._hung_up = False
        """Whether it closed its input before it had been told all."""
        try:
            # A group of its own, so that what it starts ends with it.
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, start_new_session=True, preexec_fn=let_through
            )
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise CommandFailed(f"{command[0] or 'a command without a name'} cannot be started: {said[:1].lower()}{said[1:]}") from error
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        os.set_blocking(self._input.fileno(), False)

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._input.close()
        if self._process.returncode is None:
            self._signal(signal.SIGTERM)
            self._drain()
        # What it has started may go on after it has ended. No other group gets the number while one of these is left.
        self._signal(signal.SIGKILL)
        self._output.close()
        self._process.wait()

    def lines(self, outgoing: Iterator[bytes], settled: Callable[[], bool]) -> Iterator[bytes]:
        """Tells it the `outgoing` lines, each with its newline, and gives what it writes, line by line and without newlines, until
        its output ends. Its input is closed after the last line; once `settled` besides, it has little time left to end.

        Raises CommandFailed where it is silent for too long, or writes a line without end.
        """
        received = bytearray()
        self._go_on()
        with selectors.DefaultSelector() as ready:
            ready.register(self._input, selectors.EVENT_WRITE)
            ready.register(self._output, selectors.EVENT_READ)
            while True:
                over = self._input.closed and settled()
                if over:
                    self._hurry()
                events = ready.select(max(0.0, self._deadline - time.monotonic()))
                if time.monotonic() >= self._deadline:
                    if over:
                        return
                    raise CommandFailed(self._silence())
                for key, _ in events:
                    if key.fileobj is self._output:
                        chunk = os.read(self._output.fileno(), _CHUNK)
                        *ended, rest = chunk.split(b"\n")
                        for line in ended:
                            yield bytes(received + line)
                            received.clear()
                            self._go_on()
                        received += rest
                        if len(received) > MAX_RECORD_BYTES:
                            raise CommandFailed(f"the command wrote more than {MAX_RECORD_BYTES >> 20} MiB without a line end")
                        if not chunk:
                            if received:
                                yield bytes(received)
                            return
                    elif not self._write(outgoing):
                        ready.unregister(self._input)
                        self._input.close()
                        if self._hung_up:
                            self._hurry()

    def ending(self) -> str:
        """How it ended, in words that follow `the command`; ENDED where it did as it should, RUNNING where it did not in some time."""
        try:
            code = self._process.wait(_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            return RUNNING
        if code < 0:
            return f"was ended by {_named(-code)}"
        return f"ended with exit code {code}" if code else ENDED

    def _write(self, outgoing: Iterator[bytes]) -> bool:
        """Writes as much as there is room for. Returns whether there may be more to write."""
        self._pending = self._pending or next(outgoing, b"")
        if not self._pending:
            return False
        try:
            written = os.write(self._input.fileno(), self._pending)
        except BlockingIOError:
            return True
        except OSError:
            self._hung_up = True
            return False
        self._pending = self._pending[written:]
        self._go_on()
        return True

    def _go_on(self) -> None:
        self._deadline = time.monotonic() + self._timeout

    def _hurry(self) -> None:
        self._deadline = min(self._deadline, time.monotonic() + _GRACE_SECONDS)

    def _silence(self) -> str:
        if self._hung_up:
            return "the command closed its input early, and neither answered nor ended"
        return f"the command was silent for {self._timeout:g} second{'' if self._timeout == 1 else 's'}"

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)

    def _drain(self) -> None:
        """Waits for a while until nobody holds the other end of its output."""
        deadline = time.monotonic() + _GRACE_SECONDS
        with selectors.DefaultSelector() as ready:
            ready.register(self._output, selectors.EVENT_READ)
            while (left := deadline - time.monotonic()) > 0 and ready.select(left) and os.read(self._output.fileno(), _CHUNK):
                pass


def _named(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
