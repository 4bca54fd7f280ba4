"""Names, stamps and lines: what an event is before it is written."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.emit.clock import Clock, microseconds_of, stamp_at
from srcos_contracts.emit.event import EventJudge, Line
from srcos_contracts.emit.naming import BadName, SessionName, day_of_file, places, session_name

_JUDGE = EventJudge()
_EVENT = {
    "ts": "2025-11-16T23:59:59.000001+07:00",
    "agent": "cls",
    "session_id": "2025-11-16_cls_001",
    "event": "info",
    "source": "tests",
    "summary": "ok",
    "data": {},
}


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Sets the time zone, and puts it back."""

    def put(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield put
    monkeypatch.undo()
    time.tzset()


def test_places_are_those_of_the_contracts() -> None:
    found = places(Path("/r"), "cls")
    assert found.day("2025-11-16") == "/r/g/ledger/cls/2025-11-16.jsonl"
    assert found.status == "/r/agents/cls/status.json"
    assert found.summary("2025-11-16_cls_001") == "/r/memory/cls/sessions/2025-11-16_cls_001.md"
    assert (found.spill, found.refused) == ("/r/g/ledger/cls.spill", "/r/g/ledger/cls.refused")


@pytest.mark.parametrize("name", ["", "..", "a/b", "A", "a.b", "-a", "a\n", "a b", "ä", "a\0"])
def test_names_that_are_no_path(name: str) -> None:
    with pytest.raises(BadName, match="is no name of an agent: lower-case letters"):
        places("/r", name)


def test_a_name_that_is_too_long_for_a_file() -> None:
    assert places("/r", "a" * 100).agent == "a" * 100
    with pytest.raises(BadName, match="has 101 characters; an agent's has at most 100"):
        places("/r", "a" * 101)


def test_sessions_and_days_by_their_names() -> None:
    name = SessionName("2025-11-16", "a_b-c", 7)
    assert str(name) == "2025-11-16_a_b-c_007"
    assert session_name(str(name)) == name
    assert session_name("2025-11-16_cls_1") is None
    assert day_of_file("2025-11-16.jsonl") == "2025-11-16"
    assert day_of_file("2025-11-16.jsonl.gz") is None


def test_stamps_rise_while_the_clock_stands_still_or_goes_back() -> None:
    base = 1_763_234_400_000_000
    ticks = iter([base, base, base - 1, base - 5_000_000, base + 10])
    clock = Clock(lambda: next(ticks))
    stamps = [clock.stamp() for _ in range(5)]
    assert [stamp.at - base for stamp in stamps] == [0, 1, 2, 3, 10]
    assert [stamp.wall is not None for stamp in stamps] == [False, False, False, True, False]
    assert microseconds_of(stamps[3].wall or "") == base - 5_000_000


def test_stamps_come_after_what_a_ledger_has() -> None:
    clock = Clock(lambda: 1000)
    clock.not_before(5000)
    assert clock.stamp().at == 5001


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("UTC", "2025-11-15T19:20:00.000042+00:00"),
        ("Asia/Bangkok", "2025-11-16T02:20:00.000042+07:00"),
        ("America/St_Johns", "2025-11-15T15:50:00.000042-03:30"),
        ("ABC-0:00:30", "2025-11-15T19:20:00.000042+00:00"),
    ],
)
def test_a_stamp_has_the_offset_of_its_time_zone(name: str, text: str, zone: Any) -> None:
    zone(name)
    stamp = stamp_at(1_763_234_400_000_042)
    assert stamp.text == text
    assert stamp.day == text[:10]
    assert microseconds_of(text) == stamp.at
    assert datetime.fromisoformat(text).timestamp() == pytest.approx(stamp.at / 1e6, abs=1e-5)


@pytest.mark.parametrize("at", [-(10**19), 10**19, -62_135_596_800_000_000 - 10**9])
def test_a_mad_clock_makes_a_stamp_all_the_same(at: int) -> None:
    assert microseconds_of(stamp_at(at).text) is not None


def test_a_line_is_one_line_whatever_the_payload_says() -> None:
    summary = "a\nb\r\n\u2028\u2029\x85\x1b[31m\x9b\x7f\0 ä"
    line = _JUDGE.line({**_EVENT, "summary": summary}, "cls")
    assert isinstance(line, Line)
    text = line.text.decode()
    assert text.endswith("\n")
    assert text[:-1].isprintable()
    assert "ä" in text
    assert json.loads(text)["summary"] == summary
    assert line.day == "2025-11-16"
    assert line.event["summary"] == summary


def _deep() -> Any:
    value: Any = []
    for _ in range(200):
        value = [value]
    return value


_LOOP: list[Any] = []
_LOOP.append(_LOOP)

_BAD: list[tuple[str, dict[str, Any], list[str]]] = [
    ("another agent", {"agent": "andy"}, ["path-binding", "session-owner"]),
    ("no session", {"session_id": "today"}, ["session-owner"]),
    ("a time without an offset", {"ts": "2025-11-16T02:12:34"}, ["schema-format"]),
    ("a member that nobody declared", {"colour": "red"}, ["schema-additional-properties"]),
    ("a task that ended somehow", {"event": "task_result", "task_id": "wo-1"}, ["task-result-status"]),
    ("a start of nothing", {"event": "task_start"}, ["schema-required"]),
    ("no words", {"summary": " "}, ["schema-pattern"]),
    ("not finite", {"data": {"x": float("nan")}}, ["not-finite-number"]),
    ("half a character", {"summary": "\ud800"}, ["lone-surrogate"]),
    ("half a character beside a decimal", {"summary": "\ud800", "data": {"x": Decimal(1)}}, ["lone-surrogate"]),
    ("half a name beside a decimal", {"data": {"\ud800": Decimal(1)}}, ["lone-surrogate"]),
    ("a decimal that is not finite", {"data": {"x": Decimal("-inf")}}, ["not-finite-number"]),
    ("no decimal that is a number", {"data": {"x": Decimal("sNaN")}}, ["not-finite-number"]),
    ("more digits than are read", {"data": {"x": 10**5000}}, ["not-finite-number"]),
    ("not JSON", {"data": {"x": b"y"}}, ["json-syntax"]),
    ("a set", {"data": {"x": {1}}}, ["json-syntax"]),
    ("too deep", {"data": {"x": _deep()}}, ["too-deep"]),
    ("in itself", {"data": {"x": _LOOP}}, ["too-deep"]),
    ("too large", {"data": {"x": "y" * (17 << 20)}}, ["record-too-large"]),
    ("no time at all", {"ts": None}, ["schema-type"]),
]


@pytest.mark.parametrize(("change", "rules"), [case[1:] for case in _BAD], ids=[case[0] for case in _BAD])
def test_events_that_break_their_contract(change: dict[str, Any], rules: list[str]) -> None:
    found = _JUDGE.line({**_EVENT, **change}, "cls")
    assert isinstance(found, list)
    assert sorted({finding.rule for finding in found}) == rules


def test_decimals_are_written_with_all_their_digits() -> None:
    numbers = ["0.10", "-0.0", "1E+400", "3.141592653589793238462643383279502884197", "12345678901234567890.5"]
    line = _JUDGE.line({**_EVENT, "data": {"x": [Decimal(number) for number in numbers], "y": ['"\\ud800"', 0.1, 7]}}, "cls")
    assert isinstance(line, Line)
    assert f'"data":{{"x":[{",".join(numbers)}],"y":["\\"\\\\ud800\\"",0.1,7]}}' in line.text.decode()
    assert line.event["data"]["x"] == [Decimal(number) for number in numbers]


def test_what_is_read_back_is_judged_in_the_same_way() -> None:
    line = _JUDGE.line(_EVENT, "cls")
    assert isinstance(line, Line)
    assert _JUDGE.read(line.text[:-1], "cls") == line
    assert [finding.rule for finding in _JUDGE.read(b'{"ts": "2025-', "cls")] == ["json-syntax"]  # type: ignore[union-attr]
    assert _JUDGE.read(b"[]", "cls") != []


def test_the_status_is_judged_too_and_warnings_do_not_count() -> None:
    status = {"agent": "cls", "state": "error", "last_heartbeat": _EVENT["ts"]}
    assert _JUDGE.findings("AgentStatus", status, "agents/cls/status.json") == []
    assert [f.rule for f in _JUDGE.findings("AgentStatus", {**status, "state": "tired"}, "agents/cls/status.json")] == ["schema-enum"]
