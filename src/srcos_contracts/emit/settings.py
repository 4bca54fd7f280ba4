"""How an agent's ledger is written."""

from __future__ import annotations

from srcos_contracts.emit.appending import Durability
from srcos_contracts.emit.clock import Now, wall_clock
from srcos_contracts.emit.locking import LOCK_SECONDS
from srcos_contracts.emit.masking import Masker
from srcos_contracts.emit.outbox import MOST_WAITING, Say, say_on_stderr
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal

__all__ = ["BadSetting", "Settings"]


class BadSetting(Refusal):
    """Settings that do not go together."""


class Settings(NamedTuple):
    """How a ledger is written."""

    fsync: Durability = "interval"
    """Whether lines are forced to the disk: never, at most every second and at the end (`interval`), or each before it is acknowledged."""
    strict: bool = False
    """Whether what cannot be written raises, instead of waiting."""
    background: bool = False
    """Whether a thread of its own writes, so that nobody waits for the disk."""
    masker: Masker = Masker()
    most_waiting: int = MOST_WAITING
    """Events that may wait in memory."""
    lock_seconds: float = LOCK_SECONDS
    """How long another writer is waited for."""
    now: Now = wall_clock
    say: Say = say_on_stderr
    """Told, once for each kind, what has gone wrong."""
