"""Times as RFC 3339 writes them, and their order as instants."""

from __future__ import annotations

import re
from functools import lru_cache

from srcos_contracts.named import NamedTuple

__all__ = ["DATE_TIME_PATTERN", "Instant", "compare_times", "is_date_time", "parse_instant"]

DATE_TIME_PATTERN = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$"
"""The form of an RFC 3339 date-time as a pattern that any engine reads; whether the date is real it does not say."""

_DATE_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)
_MONTH_DAYS = (0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Instant(NamedTuple):
    """A point in time: whole seconds since 1970-01-01T00:00:00Z, and the digits of the fraction.

    The digits have no trailing zeros, so that text order is numeric order whatever their number.
    """

    seconds: int
    fraction: str


@lru_cache(maxsize=64)
def _days(date: str) -> int | None:
    """The days from 1970-01-01 to a date, None where that is not real. Times that are asked for one after the other are of few days."""
    year, month, day = int(date[:4]), int(date[5:7]), int(date[8:])
    leap_year = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if not 1 <= month <= 12 or not 1 <= day <= _MONTH_DAYS[month] + (month == 2 and leap_year):
        return None
    # datetime has no year 0, which RFC 3339 allows.
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146097 + year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year - 719468


def parse_instant(text: str) -> Instant | None:
    """The instant that an RFC 3339 date-time names, or None where it is not one (RFC 3339, section 5.6).

    The date must be real. Second 60 is taken only where a leap second can stand: at 23:59 UTC.
    """
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return None
    date, hours, mins, secs, fraction, sign, offset_hours, offset_mins = match.groups()
    days, hour, minute, second = _days(date), int(hours), int(mins), int(secs)
    if days is None or hour > 23 or minute > 59 or second > 60:
        return None
    offset = 0
    if sign:
        offset_hour, offset_minute = int(offset_hours), int(offset_mins)
        if offset_hour > 23 or offset_minute > 59:
            return None
        offset = (offset_hour * 60 + offset_minute) * (1 if sign == "+" else -1)
    minutes = hour * 60 + minute - offset
    if second == 60 and minutes % 1440 != 1439:
        return None
    return Instant(days * 86400 + minutes * 60 + second, (fraction or "").rstrip("0"))


def is_date_time(text: object) -> bool:
    """Whether a value satisfies `format: date-time`; what is not a string always does."""
    return not isinstance(text, str) or parse_instant(text) is not None


def compare_times(first: str, second: str) -> int | None:
    """1 where `first` is later than `second`, 0 where they are one instant, -1 where it is earlier, None where either is no time."""
    one, two = parse_instant(first), parse_instant(second)
    if one is None or two is None:
        return None
    return (one > two) - (one < two)
