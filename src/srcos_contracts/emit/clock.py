"""When events happen: local time with its offset, never twice the same and never going back."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache

from srcos_contracts.instant import parse_instant
from srcos_contracts.named import NamedTuple

__all__ = ["Clock", "Now", "Stamp", "microseconds_of", "stamp_at"]

Now = Callable[[], int]
"""The wall clock: microseconds since 1970-01-01T00:00:00Z."""

_SECOND = 1_000_000


class Stamp(NamedTuple):
    """One moment."""

    at: int
    """Microseconds since 1970-01-01T00:00:00Z."""
    text: str
    """The same as RFC 3339 says it, in the offset that the system had then."""
    wall: str | None = None
    """What the wall clock said, where that was more than a second before."""

    @property
    def day(self) -> str:
        """The day in the moment's own offset, `YYYY-MM-DD`."""
        return self.text[:10]


def wall_clock() -> int:
    return time.time_ns() // 1000


def stamp_at(at: int) -> Stamp:
    """A moment in the offset that the system's time zone has then."""
    seconds, micros = divmod(at, _SECOND)
    try:
        local = time.localtime(seconds)
    except (OverflowError, OSError, ValueError):
        local = time.gmtime(0)
    offset = local.tm_gmtoff
    if offset % 60 or not 0 < local.tm_year < 10_000:
        # RFC 3339 knows whole minutes only, and years of four digits.
        local, offset = time.gmtime(seconds if 0 < local.tm_year < 10_000 else 0), 0
    sign, minutes = "-" if offset < 0 else "+", abs(offset) // 60
    text = f"{time.strftime('%Y-%m-%dT%H:%M:%S', local):0>19}.{micros:06}{sign}{minutes // 60:02}:{minutes % 60:02}"
    return Stamp(at, text)


@lru_cache(maxsize=16)
def microseconds_of(text: str) -> int | None:
    """A time of RFC 3339 in microseconds since 1970, what is finer cut off; None where it is none."""
    instant = parse_instant(text)
    return None if instant is None else instant.seconds * _SECOND + int(instant.fraction[:6].ljust(6, "0"))


class Clock:
    """Stamps that only ever rise, whatever the wall clock does. Whoever shares one takes turns."""

    def __init__(self, now: Now = wall_clock) -> None:
        self._now = now
        self._last = -1

    def not_before(self, at: int) -> None:
        """No later stamp is of that moment or an earlier one."""
        self._last = max(self._last, at)

    def now(self) -> int:
        """What the wall clock says, the system's where the given one fails."""
        try:
            return int(self._now())
        except Exception:
            return wall_clock()

    def stamp(self) -> Stamp:
        """The next stamp: now, or a microsecond after the last one where that is later."""
        now = self.now()
        at = self._last = max(now, self._last + 1)
        made = stamp_at(at)
        return made._replace(wall=stamp_at(now).text) if at - now > _SECOND else made
