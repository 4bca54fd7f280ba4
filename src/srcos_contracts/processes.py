"""How processes that are begun from this one take the signals that end programs."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from srcos_contracts.refusal import Refusal

__all__ = ["WorkerLost", "held_back", "let_through", "taken_as_worker"]

_ENDING = (signal.SIGINT, signal.SIGTERM)


class WorkerLost(Refusal):
    """A worker process ended without a result, as when the system runs out of memory."""


@contextmanager
def held_back() -> Iterator[None]:
    """Signals that end a program wait, in this thread, until this is left; in a process begun meanwhile, until
    `taken_as_worker` or `let_through`.

    A fork has its parent's handlers from its first moment, and Python prints what they raise there without raising it.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def taken_as_worker() -> None:
    """To be called first in a worker: an interrupt is for the parent, which ends its workers; SIGTERM ends at once."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    let_through()


def let_through() -> None:
    """To be called first in a process that was begun while signals were held back, and is to take them as they come."""
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
