"""Signals while a database is at work: the interpreter runs their handlers only when the query returns."""

from __future__ import annotations

import os
import select
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["heeding_signals"]

_ENDING = frozenset((signal.SIGINT, signal.SIGTERM))
_AGAIN_SECONDS = 0.2


@contextmanager
def heeding_signals(interrupt: Callable[[], None]) -> Iterator[None]:
    """Calls `interrupt` from another thread when SIGINT or SIGTERM comes, so that what runs returns and the handler gets its turn.

    Of use in the main thread only; elsewhere nothing is done.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    receiver, sender = os.pipe()
    os.set_blocking(sender, False)
    before = signal.set_wakeup_fd(sender, warn_on_full_buffer=False)

    def watch() -> None:
        ending = False
        # Again and again, for a query may begin just after it was interrupted; until the other end is closed.
        while True:
            ready, _, _ = select.select([receiver], [], [], _AGAIN_SECONDS if ending else None)
            if ready:
                numbers = os.read(receiver, 64)
                if not numbers:
                    return
                ending = ending or any(number in _ENDING for number in numbers)
            if ending:
                interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(sender)
        watcher.join()
        os.close(receiver)
