"""In queries a time is the instant that RFC 3339 says, and what is no such time is none."""

from __future__ import annotations

import random

import duckdb

from srcos_contracts.instant import parse_instant
from srcos_contracts.ledger.duck import INSTANT

CASES = (
    "2026-01-02T03:04:05Z",
    "2026-01-02t03:04:05z",
    "2026-01-02T03:04:05.123456789Z",
    f"2026-01-02T03:04:05.{'9' * 40}Z",
    f"2026-01-02T03:04:05.{'0' * 40}1+05:30",
    "2026-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "0000-01-01T00:00:00+23:59",
    "0000-02-29T00:00:00Z",
    "9999-12-31T23:59:59.999999-17:59",
    "9999-12-31T23:59:60-23:59",
    "9999-12-31T23:59:60.5Z",
    "1582-10-10T00:00:00Z",
    "1500-02-29T00:00:00Z",
    "1600-02-29T00:00:00-00:00",
    "2026-01-02T24:00:00Z",
    "2026-01-02T03:04:05+18:01",
    "2026-01-02T03:04:05-23:59",
    "2026-01-02T03:04:05+24:00",
    "2016-12-31T23:59:60Z",
    "2016-12-31T23:58:60Z",
    "2017-01-01T08:59:60.75+09:00",
    "2016-12-31t18:29:60-05:30",
    "2026-01-02",
    "2026-01-02T03:04Z",
    "2026-01-02T03:04:05",
    "2026-01-02 03:04:05Z",
    "2026-01-02T03:04:05Z\n",
    " 2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.Z",
    "T03:04:05Z",
    "2026",
    "epoch",
    "now",
    "",
)


def microseconds(text: str) -> int | None:
    """What an engine is to give, since 1970."""
    instant = parse_instant(text)
    return None if instant is None else instant.seconds * 1_000_000 + int(f"{instant.fraction}000000"[:6])


def made_up(count: int) -> list[str]:
    """Times of every form, some of them none."""
    chance = random.Random(20260506)
    return [
        f"{chance.randint(0, 9999):04}-{chance.randint(0, 13):02}-{chance.randint(0, 32):02}{chance.choice('TTt')}"
        f"{chance.randint(0, 24):02}:{chance.randint(0, 60):02}:{chance.choice((0, 5, 59, 60)):02}"
        f"{chance.choice(('', '.1', '.123456', '.123456789', '.1234567890123'))}"
        f"{chance.choice(('Z', 'z', f'+{chance.randint(0, 24):02}:{chance.randint(0, 60):02}', '-18:30', '-05:00'))}"
        for _ in range(count)
    ]


def test_duckdb_reads_times_as_rfc_3339_says() -> None:
    times = [*CASES, *made_up(2000)]
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"create macro instant(stamp) as {INSTANT}")
        found = connection.execute("select text, epoch_us(instant(text)) from (select unnest(?) as text)", [times]).fetchall()
    assert dict(found) == {text: microseconds(text) for text in times}
