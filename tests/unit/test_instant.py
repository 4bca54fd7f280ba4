"""Times are RFC 3339 date-times with real dates, and their order is that of the instants they name."""

from __future__ import annotations

import jsonschema_rs
import pytest

from srcos_contracts.instant import Instant, compare_times, is_date_time, parse_instant

GOOD = [
    "1970-01-01T00:00:00Z",
    "2026-05-06t10:00:00z",
    "2026-05-06T10:00:00.123456789012Z",
    "2026-05-06T10:00:00-00:00",
    "2026-05-06T10:00:00+23:59",
    "2024-02-29T00:00:00Z",
    "2000-02-29T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
    "2016-12-31T23:59:60Z",
    "2016-12-31T15:59:60-08:00",
]
BAD = [
    "",
    "2026-05-06",
    "2026-W19-3",
    "2026-02-30T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z",
    "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z",
    "2026-01-00T00:00:00Z",
    "2026-05-06T10:00:00",
    "2026-05-06 10:00:00Z",
    "2026-05-06T24:00:00Z",
    "2026-05-06T10:60:00Z",
    "2026-05-06T10:00:61Z",
    "2026-05-06T10:00:60Z",
    "2026-05-06T10:00:00+24:00",
    "2026-05-06T10:00:00+01:60",
    "2026-05-06T10:00:00+0100",
    "2026-05-06T10:00:00.Z",
    "2026-05-06T10:00:00,5Z",
    "2026-05-06T10:00Z",
    "2026-05-06T10:00:00Z\n",
    "10000-05-06T10:00:00Z",
    "٢٠٢٦-05-06T10:00:00Z",
]


@pytest.mark.parametrize("text", GOOD)
def test_a_date_time_is_taken_by_us_and_by_the_engine(text: str) -> None:
    assert parse_instant(text) is not None
    assert jsonschema_rs.is_valid({"format": "date-time"}, text, validate_formats=True)


@pytest.mark.parametrize("text", BAD)
def test_what_is_no_date_time_is_refused_by_us_and_by_the_engine(text: str) -> None:
    assert not is_date_time(text)
    assert not jsonschema_rs.is_valid({"format": "date-time"}, text, validate_formats=True)


def test_an_instant_is_seconds_since_1970_and_the_digits_after_the_point() -> None:
    assert parse_instant("1970-01-02T00:00:01.2500+00:00") == Instant(86401, "25")
    assert parse_instant("1969-12-31T23:59:59Z") == Instant(-1, "")
    assert parse_instant("2000-03-01T00:00:00Z") == Instant(951868800, "")


@pytest.mark.parametrize(
    ("first", "second", "order"),
    [
        ("2026-05-06T04:00:00+01:00", "2026-05-06T03:30:00Z", -1),
        ("2026-05-06T04:00:00+01:00", "2026-05-06T03:00:00Z", 0),
        ("2026-05-06T00:30:00-05:00", "2026-05-06T03:00:00Z", 1),
        ("2026-05-06T03:00:00.5Z", "2026-05-06T03:00:00.45Z", 1),
        ("2026-05-06T03:00:00.50Z", "2026-05-06T03:00:00.5Z", 0),
        ("2026-05-06T03:00:00.000000001Z", "2026-05-06T03:00:00.000000002Z", -1),
        ("2026-05-06t03:00:00z", "2026-05-06T03:00:00Z", 0),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", 0),
        ("0000-12-31T23:59:59Z", "0001-01-01T00:00:00Z", -1),
    ],
)
def test_times_are_compared_as_instants(first: str, second: str, order: int) -> None:
    assert compare_times(first, second) == order
    assert compare_times(second, first) == -order


def test_what_is_no_time_has_no_order() -> None:
    assert compare_times("yesterday", "2026-05-06T03:00:00Z") is None
