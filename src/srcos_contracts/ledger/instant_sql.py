"""The instant that a text names (RFC 3339), as an expression over `stamp` in the SQL of each engine.

What the engines' own casts take differs: times without a zone, hour 24, offsets past 18 hours, the names of days. Here all give
what `instant.parse_instant` gives, cut to microseconds, and null for whatever is no RFC 3339 date-time.
"""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["instant_sql"]

_HEAD = "^[0-9]{4}-[0-9]{2}-[0-9]{2}"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:"
_END = "\\z"
_USUAL = f"{_HEAD}T{_CLOCK}[0-5][0-9](?:[.][0-9]{{1,9}})?(?:Z|[+-](?:0[0-9]|1[0-7]):[0-5][0-9]){_END}"
"""What both engines cast alike."""
_ANY = f"{_HEAD}[Tt]{_CLOCK}(?:[0-5][0-9]|60)(?:[.][0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9]){_END}"

_SECOND = "substr(stamp, 18, 2)"
_LOCAL = (
    f"concat(substr(stamp, 1, 10), 'T', substr(stamp, 12, 6), case when {_SECOND} = '60' then '59' else {_SECOND} end, "
    "substr(regexp_extract(stamp, '([.][0-9]+)', 1), 1, 7), 'Z')"
)
_MINUTES_BEHIND = (
    "case when right(stamp, 1) in ('Z', 'z') then 0 "
    "else (cast(substr(right(stamp, 5), 1, 2) as integer) * 60 + cast(right(stamp, 2) as integer)) "
    "* case when substr(right(stamp, 6), 1, 1) = '+' then -1 else 1 end end"
)


def instant_sql(matches: Callable[[str], str], cast: Callable[[str], str], add: Callable[[str, str, str], str]) -> str:
    """The expression, from how an engine says that `stamp` matches a pattern, casts a text, and adds (unit, amount, time)."""
    there = add("minute", _MINUTES_BEHIND, cast(_LOCAL))
    next_minute = add("second", "1", there)
    # Second 60 is the beginning of the next minute, and stands only at the end of a day.
    leap = f"case when date_trunc('day', {next_minute}) = date_trunc('minute', {next_minute}) then {next_minute} end"
    return (
        f"case when {matches(_USUAL)} then {cast('stamp')} "
        f"when {matches(_ANY)} then case when {_SECOND} = '60' then {leap} else {there} end end"
    )
