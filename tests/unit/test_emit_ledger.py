"""The agent ledger as Python writes it: what stands where, in which order, and what becomes of it when something fails."""

from __future__ import annotations

import errno
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

from srcos_contracts.emit import head, spill
from srcos_contracts.emit.agent_ledger import AgentLedger, BadSetting, Settings
from srcos_contracts.emit.buffers import import_buffer
from srcos_contracts.emit.clock import microseconds_of, stamp_at
from srcos_contracts.emit.doctor import examine, repair
from srcos_contracts.emit.event import EventJudge, Line
from srcos_contracts.emit.masking import Masker, masker
from srcos_contracts.emit.naming import BadName, places, session_name
from srcos_contracts.emit.outbox import BadEvent, NotWritten
from srcos_contracts.emit.status import published_in
from srcos_contracts.emit.writing import Writer

from ..hostile.agents import python
from ..ledger_trees import audited, events, lines, status

_NOON = 1_779_105_600_000_000
"""2026-05-18T12:00:00Z."""

_LOOP: list[Any] = []
_LOOP.append(_LOOP)


@pytest.fixture
def said() -> list[str]:
    return []


class _Ticking:
    """A clock that goes on by a second whenever it is asked."""

    def __init__(self, at: int = _NOON) -> None:
        self.at = at

    def __call__(self) -> int:
        self.at += 1_000_000
        return self.at


@pytest.fixture
def settings(said: list[str]) -> Settings:
    return Settings(fsync="never", now=_Ticking(), say=said.append, lock_seconds=0.2)


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> _Disk:
    return _Disk(monkeypatch)


def _not_forced(handle: int) -> None:
    """A disk that takes what is written, and cannot be made to keep it."""
    raise OSError(errno.EIO, os.strerror(errno.EIO))


class _Disk:
    """A disk that takes a number of bytes more, for files whose path has a word in it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.room: dict[str, int] = {}
        write = os.write

        def written(handle: int, content: bytes) -> int:
            path = os.readlink(f"/proc/self/fd/{handle}")
            for word, room in self.room.items():
                if word in path:
                    if not room:
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    done = write(handle, content[:room])
                    self.room[word] = room - done
                    return done
            return write(handle, content)

        monkeypatch.setattr(os, "write", written)

    def takes(self, word: str, room: int | None) -> None:
        if room is None:
            self.room.pop(word, None)
        else:
            self.room[word] = room


@pytest.mark.usefixtures("utc")
def test_a_task_leaves_its_start_and_its_result(tmp_path: Path, settings: Settings) -> None:
    with (
        AgentLedger(tmp_path, "cls", source="scheduler", settings=settings) as ledger,
        ledger.task("wo-1", "Build the page", kind="build") as task,
    ):
        task.touched("a.html", Path("b.css"))
        assert status(tmp_path)["state"] == "busy"
        task.done("The page is built")
    found = events(tmp_path)
    assert [(event["event"], event.get("task_id"), event["summary"]) for event in found] == [
        ("info", None, "The session begins."),
        ("task_start", "wo-1", "Build the page"),
        ("task_result", "wo-1", "The page is built"),
    ]
    assert {event["session_id"] for event in found} == {"2026-05-18_cls_001"}
    assert {event["source"] for event in found} == {"scheduler"}
    data = found[2]["data"]
    assert data.pop("duration_sec") >= 0
    assert data == {"kind": "build", "status": "success", "files_touched": ["a.html", "b.css"]}
    told = status(tmp_path)
    assert {name: told[name] for name in ("agent", "state", "last_task_id", "session_id", "last_error")} == {
        "agent": "cls",
        "state": "offline",
        "last_task_id": "wo-1",
        "session_id": "2026-05-18_cls_001",
        "last_error": None,
    }
    assert audited(tmp_path) == []


@pytest.mark.parametrize(
    ("error", "state", "summary"),
    [
        (ValueError("no --token abc"), "failure", "ValueError: no --token ***"),
        (KeyboardInterrupt(), "failure", "KeyboardInterrupt"),
        (SystemExit(3), "failure", "SystemExit: 3"),
        (SystemExit(0), "success", "Task wo-1"),
    ],
)
def test_a_task_whose_body_raises_leaves_its_result(
    error: BaseException, state: str, summary: str, tmp_path: Path, settings: Settings
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    with pytest.raises(type(error)), ledger.task("wo-1"):
        raise error
    found = events(tmp_path)[-1]
    assert (found["event"], found["data"]["status"], found["summary"]) == ("task_result", state, summary)
    assert status(tmp_path)["state"] == "idle"
    assert status(tmp_path)["last_error"] == (summary if state == "failure" else None)
    assert audited(tmp_path) == []


def test_a_task_that_fails_without_raising(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    with ledger.task("wo-1") as task:
        task.note(tests=3)
        task.fail("two of three tests failed")
    found = events(tmp_path)[-1]
    assert (found["summary"], found["data"]["status"], found["data"]["tests"]) == ("two of three tests failed", "failure", 3)


@pytest.mark.usefixtures("utc")
def test_days_begin_at_midnight_of_the_events_own_offset(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = _Ticking(microseconds_of("2026-05-18T23:50:00Z") or 0)
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(now=clock))
    with ledger.task("wo-1"):
        clock.at += 600_000_000
        ledger.append("info", "the next day")
        monkeypatch.setenv("TZ", "Asia/Bangkok")
        time.tzset()
        ledger.append("info", "somewhere it has long begun")
        monkeypatch.setenv("TZ", "America/Los_Angeles")
        time.tzset()
        ledger.append("info", "and elsewhere it is still the day before")
    ledger.close()
    assert {path.name for path in (tmp_path / "g/ledger/cls").iterdir()} == {"2026-05-18.jsonl", "2026-05-19.jsonl"}
    stamps = sorted(events(tmp_path), key=lambda event: microseconds_of(event["ts"]) or 0)
    assert [(event["ts"][:10], event["ts"][-6:], event["event"]) for event in stamps] == [
        ("2026-05-18", "+00:00", "info"),
        ("2026-05-18", "+00:00", "task_start"),
        ("2026-05-19", "+00:00", "info"),
        ("2026-05-19", "+07:00", "info"),
        ("2026-05-18", "-07:00", "info"),
        ("2026-05-18", "-07:00", "task_result"),
    ]
    assert audited(tmp_path) == []


@pytest.mark.usefixtures("utc")
@pytest.mark.parametrize("again", [False, True], ids=["the same process", "another process"])
def test_a_day_before_that_begins_later_counts_for_the_status(
    again: bool, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    for zone, task in (("<+14>-14", "wo-1"), ("<-11>11", "wo-2")):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        with ledger.task(task):
            pass
        if again:
            ledger = AgentLedger(tmp_path, "cls", session_id=ledger.session_id, settings=settings)
    monkeypatch.undo()
    time.tzset()
    assert [path.name for path in sorted((tmp_path / "g/ledger/cls").iterdir())] == ["2026-05-18.jsonl", "2026-05-19.jsonl"]
    assert (status(tmp_path)["state"], status(tmp_path)["last_task_id"]) == ("idle", "wo-2")
    assert status(tmp_path)["last_heartbeat"] == events(tmp_path)[1]["ts"]
    assert audited(tmp_path) == []


@pytest.mark.parametrize("first", ["2026-05-19T02:00:00+07:00", "2026-05-18T19:00:00Z"])
def test_of_two_days_lines_of_one_time_the_later_day_counts(first: str, tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings)
    ledger.append("task_start", "x", task_id="wo-1", ts="2026-05-18T12:00:00Z")
    both = {"2026-05-19T02:00:00+07:00": "task_start", "2026-05-18T19:00:00Z": "task_result"}
    for ts in (first, *(both.keys() - {first})):
        ledger.append(both[ts], "x", task_id="wo-1", ts=ts, data={"status": "success"})
    ledger.flush()
    assert status(tmp_path)["state"] == "busy"
    assert audited(tmp_path) == []


def test_a_status_is_mended_whatever_it_says_of_its_ledger(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    with ledger.task("wo-1"):
        pass
    ledger.close()
    place = tmp_path / "agents/cls/status.json"
    value = {**status(tmp_path), "state": "busy"}
    value["x-ledger"]["told"][2] = "task_start"
    place.write_text(json.dumps(value), encoding="utf-8")
    assert [ailment.finding.rule for ailment in examine(str(tmp_path), ["cls"])] == ["status-behind"]
    repair(str(tmp_path), "cls", settings)
    assert status(tmp_path)["state"] == "idle"
    assert list(examine(str(tmp_path), ["cls"])) == []
    assert audited(tmp_path) == []


@pytest.mark.usefixtures("utc")
def test_a_clock_set_back_turns_no_order_round(tmp_path: Path, settings: Settings) -> None:
    clock = _Ticking()
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(now=clock))
    ledger.append("task_start", "begun", task_id="wo-1")
    clock.at -= 3_600_000_000
    ledger.append("task_result", "done", task_id="wo-1", data={"status": "success"})
    other = AgentLedger(tmp_path, "cls", session_id=ledger.session_id, settings=settings._replace(now=clock))
    other.append("task_start", "begun by another process", task_id="wo-2")
    other.append("task_result", "done by another process", task_id="wo-2", data={"status": "success"})
    other.close()
    found = events(tmp_path)
    stamps = [microseconds_of(event["ts"]) or 0 for event in found]
    assert stamps == sorted(set(stamps))
    assert ["x-clock" in event for event in found] == [False, False, True, True, True]
    assert "2026-05-18T11:00:00" < found[2]["x-clock"] < "2026-05-18T11:01:00" < "2026-05-18T12:00:00" < found[2]["ts"]
    assert audited(tmp_path) == []


def test_a_clock_that_stands_still(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(now=lambda: _NOON))
    for _ in range(3):
        with ledger.task("wo-1"):
            pass
    stamps = [microseconds_of(event["ts"]) for event in events(tmp_path)]
    assert stamps == [_NOON + number for number in range(len(stamps))]
    assert audited(tmp_path) == []


def test_a_ledger_from_a_mad_clock_does_not_keep_the_time_for_ever(tmp_path: Path, settings: Settings) -> None:
    AgentLedger(tmp_path, "cls", settings=settings._replace(now=lambda: _NOON + 10 * 86_400_000_000)).append("info", "from the future")
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "now")
    assert events(tmp_path)[0]["ts"] < "2026-05-19"


@pytest.mark.parametrize(
    ("event", "rules"),
    [
        ({"event": "nope", "summary": "x"}, ["schema-enum"]),
        ({"event": "info", "summary": "x", "data": {"x": object()}}, ["json-syntax"]),
        ({"event": "info", "summary": "x", "agent": "andy"}, ["path-binding", "session-owner"]),
        ({"event": "info", "summary": "x", "ts": "now"}, ["schema-format"]),
        ({"event": "task_result", "summary": "x", "task_id": "wo-9", "data": {"status": "success"}}, ["task-paired"]),
        ({"event": "info", "summary": "\ud800"}, ["lone-surrogate"]),
        ({1: 2, "event": "info"}, ["schema-additional-properties"]),
    ],
    ids=lambda case: "",
)
def test_a_bad_event_is_refused_kept_and_told_once(
    event: Any, rules: list[str], tmp_path: Path, settings: Settings, said: list[str]
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    assert [ledger.append(event), ledger.append(event), ledger.append("info", "fine")] == ["refused", "refused", "written"]
    assert [one["summary"] for one in events(tmp_path)] == ["The session begins.", "fine"]
    kept = [json.loads(line) for line in (tmp_path / "g/ledger/cls.refused").read_text("utf-8").splitlines()]
    assert [[finding["rule"] for finding in one["findings"]] for one in kept] == [rules, rules]
    assert len(said) == 1
    assert said[0].startswith("an event was refused: ")
    assert f"({', '.join(rules)}); it is kept in {tmp_path}/g/ledger/cls.refused" in said[0]
    assert ledger.health.refused == 2
    ledger.close()
    assert audited(tmp_path) == []


def test_events_as_whole_records(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    assert (
        ledger.append(
            {"event": "info", "summary": "x", "x-mine": [1], "session_id": "2026-05-17_cls_004", "ts": "2026-05-17T10:00:00+07:00"}
        )
        == "written"
    )
    assert lines(tmp_path) == [
        b'{"ts":"2026-05-17T10:00:00+07:00","agent":"cls","session_id":"2026-05-17_cls_004","event":"info","source":"agent","summary":"x","x-mine":[1],"data":{}}'
    ]


def test_every_member_of_an_event_is_masked(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", source="cron https://u:hunter2@h/", settings=settings)
    given = {
        "event": "task_start",
        "summary": "x",
        "task_id": "https://u:hunter2@h/",
        "x-env": {"DB_PASS": "hunter2"},
        "x-token": "hunter2",
    }
    assert ledger.append(given) == "written"
    assert ledger.append("task_result", "x", task_id="https://u:hunter2@h/", data={"status": "success"}) == "written"
    found = events(tmp_path)
    assert [found[1][name] for name in ("task_id", "source", "x-env", "x-token")] == [
        "https://u:***@h/",
        "cron https://u:***@h/",
        {"DB_PASS": "***"},
        "***",
    ]
    assert "hunter2" not in json.dumps(found)
    assert "hunter2" not in json.dumps(status(tmp_path))


@pytest.mark.parametrize(
    "event",
    [
        {"event": "info", "summary": "x", "password": "hunter2", "nested": {"token": "hunter2"}},
        {"event": "not JSON: password=hunter2"},
        {"event": ["--password", "hunter2"]},
        {"event": "info", "summary": "x", "agent": "https://u:hunter2@h/"},
        {"event": "info", "summary": "x", "ts": "token=hunter2"},
        {"event": "info", "summary": "x", "data": {"password": b"hunter2", "of": {1, 2}}},
    ],
    ids=str,
)
def test_what_is_refused_is_masked_too(event: dict[str, Any], tmp_path: Path, settings: Settings, said: list[str]) -> None:
    assert AgentLedger(tmp_path, "cls", settings=settings).append(event) == "refused"
    kept = (tmp_path / "g/ledger/cls.refused").read_text("utf-8")
    assert "***" in kept
    assert "hunter2" not in kept + "".join(said)


def test_a_status_is_always_read_back(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("task_start", "x", task_id="t" * 70_000)
    assert ledger.set_status("busy", "E" * 100_000)
    told = published_in(ledger.places.status)
    assert (told.state, told.error) == ("busy", "E" * 500)
    assert "last_task_id" not in status(tmp_path)
    ledger.append("task_result", "x", task_id="t" * 70_000, data={"status": "success"})
    ledger.close()
    assert published_in(ledger.places.status).state == "idle"
    assert audited(tmp_path) == []


def test_any_mapping_is_data(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    data = MappingProxyType({"n": 1, "of": MappingProxyType({"m": 2})})
    assert ledger.append(MappingProxyType({"event": "info", "summary": "x", "data": data})) == "written"
    assert events(tmp_path)[-1]["data"] == {"n": 1, "of": {"m": 2}}


@pytest.mark.parametrize("fault", ["strict", "lenient"])
def test_what_is_strict_raises(fault: str, tmp_path: Path, settings: Settings, disk: _Disk) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings._replace(strict=fault == "strict"))
    disk.takes(".jsonl", 0)
    if fault == "lenient":
        assert ledger.append("info", "x") == "waiting"
        return
    with pytest.raises(NotWritten, match=r"^the ledger of cls cannot be written: no space left on device$"):
        ledger.append("info", "x")
    disk.takes(".jsonl", None)
    with pytest.raises(BadEvent, match=r"^schema-enum at /event: event is "):
        ledger.append("nope", "x")
    with pytest.raises(BadEvent, match=r"^task-paired at /task_id: wo-1 had not begun in 2026-05-18_cls_001$"):
        ledger.append("task_result", "x", task_id="wo-1", data={"status": "success"})
    with ledger.task("wo-1"):
        pass
    with pytest.raises(BadEvent, match="cannot be busy: by its ledger the last task has ended"):
        ledger.set_status("busy")
    assert ledger.append("info", "y") == "written"


def test_a_strict_ledger_is_not_written_in_the_background(tmp_path: Path) -> None:
    with pytest.raises(BadSetting):
        AgentLedger(tmp_path, "cls", settings=Settings(strict=True, background=True))
    with pytest.raises(BadName):
        AgentLedger(tmp_path, "../cls")


def test_events_wait_for_a_full_disk_and_come_in_order(tmp_path: Path, settings: Settings, said: list[str], disk: _Disk) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "0")
    disk.takes(".jsonl", 60)
    assert [ledger.append("info", str(number)) for number in range(1, 4)] == ["waiting"] * 3
    assert status(tmp_path)["x-trouble"] == {"why": "no space left on device", "waiting": 1}
    disk.takes(".jsonl", None)
    assert ledger.flush()
    assert [event["summary"] for event in events(tmp_path)] == ["The session begins.", "0", "1", "2", "3"]
    assert said == ["the ledger of cls cannot be written: no space left on device; its events wait"]
    assert "x-trouble" not in status(tmp_path)
    assert audited(tmp_path) == []


def test_a_half_line_is_not_completed_where_somebody_wrote_after_it(
    tmp_path: Path, settings: Settings, said: list[str], disk: _Disk
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "0")
    disk.takes(".jsonl", 60)
    ledger.append("info", "1")
    disk.takes(".jsonl", None)
    other = AgentLedger(tmp_path, "cls", session_id=ledger.session_id, settings=settings)
    other.append("info", "of another")
    assert ledger.flush()
    found = lines(tmp_path)
    assert [json.loads(line)["summary"] for line in (*found[:2], *found[3:])] == ["The session begins.", "0", "of another", "1"]
    assert found[4].startswith(found[2])
    assert len(found[2]) == 60
    assert other.health.torn == 1
    assert said[-1] == f"a line that a crash had torn was closed off, and is kept, in {tmp_path}/g/ledger/cls"
    assert [(rule, line) for rule, _, _, line in audited(tmp_path)] == [("json-syntax", 3)]


def test_events_go_from_memory_to_a_file_to_a_count(tmp_path: Path, settings: Settings, said: list[str], disk: _Disk) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(most_waiting=3))
    ledger.append("info", "0")
    disk.takes(".jsonl", 0)
    outcomes = [ledger.append("info", str(number)) for number in range(1, 8)]
    assert outcomes == ["waiting", "waiting", "spilled", "waiting", "waiting", "spilled", "waiting"]
    disk.takes(".spill", 0)
    assert [ledger.append("info", str(number)) for number in range(8, 12)] == ["waiting", "waiting", "lost", "lost"]
    health = ledger.health
    assert (health.written, health.waiting, health.spilled, health.lost) == (2, 3, 6, 2)
    for word in (".jsonl", ".spill"):
        disk.takes(word, None)
    assert ledger.flush()
    assert [event["summary"] for event in events(tmp_path)][1:] == [str(number) for number in range(10)]
    assert not (tmp_path / "g/ledger/cls.spill").exists()
    assert status(tmp_path)["x-trouble"] == {"lost": 2}
    assert [words.partition(":")[0].partition(" until")[0] for words in said] == [
        "the ledger of cls cannot be written",
        f"events wait in {tmp_path}/g/ledger/cls.spill",
        f"{tmp_path}/g/ledger/cls.spill cannot be written",
        f"6 events that waited in {tmp_path}/g/ledger/cls.spill are in the ledger now",
    ]
    assert audited(tmp_path) == []


def test_what_waits_at_the_end_is_left_to_the_next_process(tmp_path: Path, settings: Settings, disk: _Disk) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("task_start", "begun", task_id="wo-1")
    disk.takes(".jsonl", 0)
    ledger.append("task_result", "done", task_id="wo-1", data={"status": "success"})
    ledger.close()
    assert ledger.health.spilled == 1
    assert status(tmp_path)["state"] == "busy"
    disk.takes(".jsonl", None)
    later = AgentLedger(tmp_path, "cls", session_id=ledger.session_id, settings=settings)
    later.append("info", "later")
    later.close()
    assert [event["summary"] for event in events(tmp_path)] == ["The session begins.", "begun", "done", "later"]
    assert status(tmp_path)["state"] == "idle"
    assert audited(tmp_path) == []


def _crash_after(monkeypatch: pytest.MonkeyPatch, lines: int) -> None:
    """Has the process be broken off right after so many lines have come into a ledger."""
    write = os.write
    left = lines

    def written(handle: int, content: bytes) -> int:
        nonlocal left
        done = write(handle, content)
        left -= os.readlink(f"/proc/self/fd/{handle}").endswith(".jsonl")
        if not left:
            raise KeyboardInterrupt
        return done

    monkeypatch.setattr(os, "write", written)


@pytest.mark.parametrize("taken_in", [1, 2, 3, 4])
def test_a_spill_that_was_half_taken_in_gives_each_line_once(
    taken_in: int, tmp_path: Path, settings: Settings, disk: _Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "0")
    disk.takes(".jsonl", 0)
    for number in (1, 2, 2, 3):
        ledger.append("info", str(number), ts="2026-05-18T23:00:00Z")
    ledger.close()
    disk.takes(".jsonl", None)
    with monkeypatch.context() as patched:
        _crash_after(patched, taken_in)
        with pytest.raises(KeyboardInterrupt):
            AgentLedger(tmp_path, "cls", session_id=ledger.session_id, settings=settings).append("info", "lost with its process")
    assert [event["summary"] for event in events(tmp_path)][2:] == ["1", "2", "2", "3"][:taken_in]
    assert next(ailment.finding.sentence for ailment in examine(str(tmp_path), ["cls"])) == "4 lines wait for the ledger"
    last = AgentLedger(tmp_path, "cls", session_id=ledger.session_id, settings=settings)
    assert last.append("info", "4") == "written"
    assert [event["summary"] for event in events(tmp_path)][1:] == ["0", "1", "2", "2", "3", "4"]
    assert (last.health.written, last.health.refused) == (5 - taken_in, 0)
    assert not (tmp_path / "g/ledger/cls.spill").exists()


@pytest.mark.parametrize("kept", ["in memory", "beside the ledger"])
def test_events_that_are_equal_are_each_there(kept: str, tmp_path: Path, settings: Settings, disk: _Disk) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings)
    equal = {"event": "info", "summary": "equal", "ts": "2026-05-18T12:00:00Z"}
    assert ledger.append(equal) == "written"
    disk.takes(".jsonl", 0)
    assert [ledger.append(equal) for _ in range(2)] == ["waiting"] * 2
    if kept == "beside the ledger":
        ledger.close()
    disk.takes(".jsonl", None)
    assert ledger.flush()
    assert [event["summary"] for event in events(tmp_path)] == ["equal"] * 3
    assert ledger.append(equal) == "written"
    assert len(events(tmp_path)) == 4


@pytest.mark.parametrize("kept", ["in memory", "beside the ledger"])
def test_an_equal_event_of_another_agent_stands_for_none_that_waits(kept: str, tmp_path: Path, settings: Settings, disk: _Disk) -> None:
    one, other = (AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings) for _ in range(2))
    equal = {"event": "info", "summary": "equal", "ts": "2026-05-18T12:00:00Z"}
    disk.takes(".jsonl", 0)
    assert one.append(equal) == "waiting"
    disk.takes(".jsonl", None)
    # It stands where the one that waits was begun, of which the disk took nothing.
    assert other.append(equal) == "written"
    if kept == "beside the ledger":
        disk.takes(".jsonl", 0)
        one.close()
        disk.takes(".jsonl", None)
    assert one.flush()
    assert len(events(tmp_path)) == 2


def test_a_line_cut_short_is_there_once_where_what_another_left_comes_before_it(tmp_path: Path, settings: Settings, disk: _Disk) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "0")
    disk.takes(".jsonl", 60)
    assert ledger.append("info", "1") == "waiting"
    other = AgentLedger(tmp_path, "cls", session_id=ledger.session_id, settings=settings)
    other.append("info", "of another")
    other.close()
    disk.takes(".jsonl", None)
    assert ledger.flush()
    assert [event["summary"] for event in events(tmp_path)][1:] == ["0", "1", "of another"]
    assert (ledger.health.torn, ledger.health.written) == (0, 4)
    assert audited(tmp_path) == []


def test_a_line_that_was_completed_before_another_is_not_left_beside_the_ledger(tmp_path: Path, settings: Settings, disk: _Disk) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings)
    ledger.append("info", "0")
    disk.takes(".jsonl", 60)
    ledger.append("info", "1")
    other = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings)
    other.append("info", "2")
    other.append("info", "3")
    other.close()
    # What is missing of it has room, and the first of what the other left.
    disk.takes(".jsonl", 2 * (len(lines(tmp_path)[0]) + 1) - 60)
    assert not ledger.flush()
    ledger.close()
    disk.takes(".jsonl", None)
    assert AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings).flush()
    assert [event["summary"] for event in events(tmp_path)] == ["0", "1", "2", "3"]


def test_a_line_that_was_only_not_forced_to_the_disk_is_there_once_where_what_another_left_comes_before_it(
    tmp_path: Path, settings: Settings, disk: _Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings._replace(fsync="each"))
    ledger.append("info", "0")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", _not_forced)
        assert ledger.append("info", "1") == "waiting"
    disk.takes(".jsonl", 0)
    other = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings)
    other.append("info", "2")
    other.close()
    disk.takes(".jsonl", None)
    assert ledger.flush()
    assert [event["summary"] for event in events(tmp_path)] == ["0", "1", "2"]
    assert ledger.append("info", "3") == "written"
    assert [event["summary"] for event in events(tmp_path)] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("missing", [0, 1, 2])
@pytest.mark.parametrize("closed_off", [False, True])
def test_a_line_that_lacks_only_its_end_is_there_once(
    missing: int, closed_off: bool, tmp_path: Path, settings: Settings, disk: _Disk
) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings)
    event = {"event": "info", "summary": "1", "ts": "2026-05-18T12:00:00Z"}
    ledger.append(event)
    (line,) = lines(tmp_path)
    disk.takes(".jsonl", len(line) + 1 - missing)
    assert ledger.append(event) == ("waiting" if missing else "written")
    disk.takes(".jsonl", 0)
    ledger.append("info", "2")
    ledger.close()
    disk.takes(".jsonl", None)
    last = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings)
    if closed_off:
        (day,) = (tmp_path / "g/ledger/cls").glob("*.jsonl")
        last.close_off([day.stem])
    assert last.append("info", "3") == "written"
    found = lines(tmp_path)
    if missing == 2:
        assert found.pop(1) == line[:-1]
    assert [json.loads(line)["summary"] for line in found] == ["1", "1", "2", "3"]


@pytest.mark.parametrize("missing", [1, 2, 100])
def test_a_line_that_the_file_beside_the_ledger_took_a_part_of_is_there_once(
    missing: int, tmp_path: Path, settings: Settings, disk: _Disk
) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings._replace(most_waiting=2))
    ledger.append("info", "0")
    disk.takes(".jsonl", 0)
    ledger.append("info", "1")
    disk.takes(".spill", len(lines(tmp_path)[0]) + 1 - missing)
    assert ledger.append("info", "2") == "waiting"
    assert (tmp_path / "g/ledger/cls.spill").read_bytes() == b""
    disk.takes(".spill", None)
    ledger.close()
    assert (tmp_path / "g/ledger/cls.spill").read_bytes().count(b"\n") == ledger.health.spilled == 2
    disk.takes(".jsonl", None)
    assert ledger.flush()
    assert [event["summary"] for event in events(tmp_path)] == ["0", "1", "2"]
    assert ledger.health.refused == 0


@pytest.mark.parametrize(
    ("times", "told"),
    [
        (1, ["1 line waits for the ledger", "1 event broke its contract"]),
        (1200, ["1,200 lines wait for the ledger", "1,200 events broke their contract"]),
    ],
)
def test_the_doctor_counts_what_lies_beside_a_ledger(times: int, told: list[str], tmp_path: Path, settings: Settings, disk: _Disk) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings)
    disk.takes(".jsonl", 0)
    for _ in range(times):
        ledger.append("info", "x")
        ledger.append("nothing", "x")
    ledger.close()
    found = [ailment.finding for ailment in examine(str(tmp_path), ["cls"])]
    assert [one.sentence for one in found if one.rule in ("lines-waiting", "events-refused")] == told


def test_a_line_cut_short_is_kept_beside_a_ledger_that_is_gone(tmp_path: Path, settings: Settings, disk: _Disk) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings)
    disk.takes(".jsonl", 60)
    ledger.append("info", "1")
    aside = _locked_out(tmp_path)
    ledger.close()
    assert (ledger.health.spilled, ledger.health.lost) == (1, 0)
    _let_in(tmp_path, aside)
    disk.takes(".jsonl", None)
    assert AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings).flush()
    half, whole = lines(tmp_path)
    assert whole.startswith(half)
    assert (len(half), json.loads(whole)["summary"]) == (60, "1")


@pytest.mark.parametrize("missing", [1, 2, 100])
def test_a_line_of_a_spill_of_which_a_part_was_taken_in_is_there_once(
    missing: int, tmp_path: Path, settings: Settings, disk: _Disk
) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings)
    ledger.append("info", "0")
    disk.takes(".jsonl", 0)
    ledger.append("info", "1")
    ledger.append("info", "2")
    ledger.close()
    disk.takes(".jsonl", len(lines(tmp_path)[0]) + 1 - missing)
    assert not AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings).flush()
    disk.takes(".jsonl", None)
    assert AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings).flush()
    found = lines(tmp_path)
    if missing > 1:
        assert found.pop(1) == found[1][: 1 - missing]
    assert [json.loads(line)["summary"] for line in found] == ["0", "1", "2"]


@pytest.mark.parametrize("fsync", ["each", "interval"])
def test_a_line_that_was_only_not_forced_to_the_disk_is_not_left_beside_the_ledger(
    fsync: Any, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(fsync=fsync))
    ledger.append("info", "0")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", _not_forced)
        ledger.append("info", "1")
        ledger.close()
    assert not (tmp_path / "g/ledger/cls.spill").exists()
    AgentLedger(tmp_path, "cls", session_id=ledger.session_id, settings=settings).append("info", "2")
    assert [event["summary"] for event in events(tmp_path)] == ["The session begins.", "0", "1", "2"]


def _locked_out(root: Path) -> Path:
    """Puts the ledger of cls aside, and a file in its place."""
    aside = root / "aside"
    (root / "g/ledger/cls").rename(aside)
    (root / "g/ledger/cls").write_bytes(b"")
    return aside


def _let_in(root: Path, aside: Path) -> None:
    (root / "g/ledger/cls").unlink()
    aside.rename(root / "g/ledger/cls")


def test_what_came_later_does_not_overtake_what_waits_in_the_file(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(most_waiting=2))
    ledger.append("info", "0")
    aside = _locked_out(tmp_path)
    ledger.append("task_start", "1", task_id="wo-1")
    time.sleep(0.06)
    assert ledger.append("info", "2") == "spilled"
    time.sleep(0.11)
    # The look at the file fails too, and is not put off by that.
    assert ledger.append("task_result", "3", task_id="wo-1", data={"status": "success"}) == "waiting"
    _let_in(tmp_path, aside)
    time.sleep(0.25)
    assert ledger.append("info", "4") == "written"
    assert [event["summary"] for event in events(tmp_path)][1:] == ["0", "1", "2", "3", "4"]
    assert ledger.health.refused == 0
    assert audited(tmp_path) == []


def test_a_task_that_another_process_began_beside_the_ledger_may_end(tmp_path: Path, settings: Settings) -> None:
    other = AgentLedger(tmp_path, "cls", settings=settings)
    other.append("info", "0")
    ledger = AgentLedger(tmp_path, "cls", session_id=other.session_id, settings=settings)
    ledger.append("info", "1")
    aside = _locked_out(tmp_path)
    other.append("task_start", "2", task_id="wo-1")
    other.close()
    _let_in(tmp_path, aside)
    assert ledger.append("task_result", "3", task_id="wo-1", data={"status": "success"}) == "written"
    assert [event["summary"] for event in events(tmp_path)][1:] == ["0", "1", "2", "3"]


@pytest.mark.parametrize("strict", [False, True])
def test_an_outcome_is_that_of_its_own_event(strict: bool, tmp_path: Path, settings: Settings) -> None:
    other = AgentLedger(tmp_path, "cls", settings=settings)
    other.append("info", "0")
    aside = _locked_out(tmp_path)
    other.append("task_result", "of no task", task_id="wo-1", data={"status": "success"})
    other.close()
    _let_in(tmp_path, aside)
    ledger = AgentLedger(tmp_path, "cls", session_id=other.session_id, settings=settings._replace(strict=strict))
    assert ledger.append("info", "1") == "written"
    assert ledger.health.refused == 1


def test_a_spill_with_a_refused_line_gives_the_others_once(tmp_path: Path, settings: Settings, disk: _Disk) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "0")
    aside = _locked_out(tmp_path)
    ledger.append("task_result", "of no task", task_id="wo-1", data={"status": "success"})
    for number in range(1, 5):
        ledger.append("info", str(number))
    ledger.close()
    _let_in(tmp_path, aside)
    later = AgentLedger(tmp_path, "cls", session_id=ledger.session_id, settings=settings)
    for room in (100, 150, 150):
        disk.takes(".jsonl", room)
        assert not later.flush()
    disk.takes(".jsonl", None)
    later.append("info", "5")
    assert later.flush()
    assert [event["summary"] for event in events(tmp_path)][1:] == [str(number) for number in range(6)]
    assert (tmp_path / "g/ledger/cls.refused").read_bytes().count(b"\n") == later.health.refused == 1
    assert not (tmp_path / "g/ledger/cls.spill").exists()
    assert audited(tmp_path) == []


@pytest.mark.parametrize("held", [[1], [1, 2], [2, 3]], ids=str)
def test_a_crash_among_refused_lines_of_a_spill_doubles_none(held: list[int], tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "0")
    aside = _locked_out(tmp_path)
    ledger.append("task_result", "of no task", task_id="wo-1", data={"status": "success"})
    for number in range(1, 4):
        ledger.append("info", str(number), ts="2026-05-18T23:00:00Z")
    ledger.append("info", "3", ts="2026-05-18T23:00:00Z")
    ledger.close()
    spilled = (tmp_path / "g/ledger/cls.spill").read_bytes().splitlines(keepends=True)
    _let_in(tmp_path, aside)
    (day,) = (tmp_path / "g/ledger/cls").glob("*.jsonl")
    with (tmp_path / "g/ledger/cls.spill").open("ab") as stream:
        stream.write(b'{"taken-in-from":{"2026-05-18":%d}}\n' % day.stat().st_size)
    with day.open("ab") as stream:
        stream.writelines(spilled[number] for number in held)
    later = AgentLedger(tmp_path, "cls", session_id=ledger.session_id, settings=settings)
    assert later.flush()
    assert sorted(event["summary"] for event in events(tmp_path)[1:]) == ["0", "1", "2", "3", "3"]
    assert later.health.written == 4 - len(held)


def test_others_spill_while_a_spill_is_taken_in(tmp_path: Path, settings: Settings, disk: _Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "0")
    disk.takes(".jsonl", 0)
    ledger.append("info", "1")
    ledger.close()
    disk.takes(".jsonl", None)
    other = AgentLedger(tmp_path, "cls", session_id=ledger.session_id, settings=settings)
    write = Writer.write
    outcomes: list[str] = []

    def slow(self: Writer, waiting: Any) -> None:
        if not outcomes:
            monkeypatch.setattr(Writer, "write", write)
            outcomes.append(other.append("info", "2"))
            other.close()
        write(self, waiting)

    monkeypatch.setattr(Writer, "write", slow)
    later = AgentLedger(tmp_path, "cls", session_id=ledger.session_id, settings=settings)
    assert later.append("info", "3") == "written"
    assert (outcomes, other.health.spilled, other.health.lost) == (["waiting"], 1, 0)
    assert [event["summary"] for event in events(tmp_path)][1:] == ["0", "1", "2", "3"]
    assert not (tmp_path / "g/ledger/cls.spill").exists()


def test_lines_of_a_spill_that_are_none_are_refused(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    (tmp_path / "g/ledger").mkdir(parents=True)
    (tmp_path / "g/ledger/cls.spill").write_bytes(b'{"ts": "2026-\n[]\n')
    ledger.append("info", "x")
    kept = [json.loads(line) for line in (tmp_path / "g/ledger/cls.refused").read_text("utf-8").splitlines()]
    assert [one["event"] for one in kept] == ['{"ts": "2026-', "[]"]
    assert audited(tmp_path) == []


def test_nothing_overtakes_what_waits_in_a_file_that_cannot_be_looked_at(
    tmp_path: Path, settings: Settings, disk: _Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    stat = os.stat

    def failing(path: Any, **more: Any) -> os.stat_result:
        if str(path).endswith(".spill"):
            raise OSError(errno.EIO, os.strerror(errno.EIO), path)
        return stat(path, **more)

    first = AgentLedger(tmp_path, "cls", settings=settings)
    first.append("info", "0")
    disk.takes("g/ledger/cls/", 0)
    first.append("info", "1")
    first.close()
    disk.takes("g/ledger/cls/", None)
    ledger = AgentLedger(tmp_path, "cls", settings=settings, session_id=first.session_id)
    with monkeypatch.context() as patched:
        patched.setattr(os, "stat", failing)
        assert ledger.append("info", "2") == "waiting"
    assert ledger.flush()
    assert [event["summary"] for event in events(tmp_path)] == ["The session begins.", "0", "1", "2"]
    ledger.close()


def test_a_buffer_is_taken_over_with_one_status(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [
        {"ts": f"2026-05-18T10:00:{number:02}Z", "event": event, "task_id": f"wo-{number // 2}", "data": {"status": "success"}}
        for number, event in enumerate(["task_start", "task_result"] * 20)
    ]
    told.insert(20, {**told[21], "task_id": "wo-0", "session_id": "2026-05-18_cls_007"})
    buffer = tmp_path / "buffer.jsonl"
    buffer.write_text("".join(json.dumps({**one, "summary": "x"}) + "\n" for one in told), "ascii")
    replaced: list[str] = []
    replace = os.replace

    def counted(source: str, target: str) -> None:
        replaced.append(target)
        replace(source, target)

    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "x")
    ledger.close()
    monkeypatch.setattr(os, "replace", counted)
    done = import_buffer(ledger, str(buffer))
    assert (done.appended, done.present, done.waiting) == (40, 0, 0)
    assert [(finding.rule, finding.location.line) for finding in done.findings] == [("task-paired", 21)]
    # Once to make way, once for all.
    assert replaced == [ledger.places.status] * 2
    ledger.close()
    assert not os.path.exists(ledger.places.refused)
    assert audited(tmp_path / "g") == audited(tmp_path / "agents") == []


def test_a_refused_event_that_is_too_large_to_be_kept_is_told_as_that(
    tmp_path: Path, settings: Settings, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spill, "MOST_BYTES", 1 << 20)
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "x")
    assert ledger.append("nope", "x" * (1 << 20)) == "refused"
    ledger.close()
    (told,) = said
    assert told.endswith(f"; it is lost: {ledger.places.refused}: it may hold 1 MiB at most")
    assert [ailment.finding.rule for ailment in examine(str(tmp_path), ["cls"])] == []


def test_a_line_that_was_written_but_not_forced_to_the_disk_stands_there_once(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(fsync="each"))
    ledger.append("info", "0")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", _not_forced)
        assert ledger.append("info", "1") == "waiting"
    assert ledger.flush()
    assert [event["summary"] for event in events(tmp_path)] == ["The session begins.", "0", "1"]


@pytest.mark.parametrize("root", [".", "", "tree/..", "link/.."])
def test_a_relative_root_is_that_of_where_the_agent_began(
    root: str, tmp_path: Path, settings: Settings, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, other, far = tmp_path / "begun", tmp_path / "other", tmp_path / "far"
    for folder in (begun / "tree", other, far / "away"):
        folder.mkdir(parents=True)
    (begun / "link").symlink_to(far / "away")
    real = far if root == "link/.." else begun
    monkeypatch.chdir(begun)
    ledger = AgentLedger(root, "cls", settings=settings)
    with ledger.task("wo-1"):
        assert ledger.summarise() == os.path.join(root, "memory/cls/sessions/2026-05-18_cls_001.md")
        monkeypatch.chdir(other)
        ledger.append("nothing", "x")
        ledger.heartbeat()
    assert ledger.set_status("offline")
    there = str(begun) if root == "." else os.path.join(begun, root)
    assert ledger.summarise() == os.path.join(there, "memory/cls/sessions/2026-05-18_cls_001.md")
    ledger.close()
    assert said == [f"{_NOTHING}; it is kept in {os.path.join(there, 'g/ledger/cls.refused')}"]
    assert list(other.iterdir()) == []
    assert [event["event"] for event in events(real)] == ["info", "task_start", "heartbeat", "task_result"]
    assert status(real)["state"] == "offline"
    assert (real / "memory/cls/sessions/2026-05-18_cls_001.md").read_text("utf-8").count("| wo-1 | success |") == 1


_NOTHING = 'an event was refused: event is "nothing", which is not heartbeat, task_start, task_result, error or info (schema-enum)'


def test_places_are_shown_as_they_were_given_as_long_as_that_leads_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = places("a", "cls").fixed()
    assert (found.spill, found.shown(found.spill)) == (f"{tmp_path}/a/g/ledger/cls.spill", "a/g/ledger/cls.spill")
    assert found.shown("/elsewhere") == "/elsewhere"
    (tmp_path / "b").mkdir()
    monkeypatch.chdir("b")
    assert found.shown(found.spill) == found.spill
    whole = places(tmp_path, "cls").fixed()
    assert whole.shown(whole.status) == whole.status == f"{tmp_path}/agents/cls/status.json"
    (tmp_path / "b").rmdir()
    assert places(".", "cls").fixed().root == "."
    assert found.shown(found.spill) == found.spill


def test_a_folder_that_cannot_be_made(tmp_path: Path, settings: Settings, said: list[str]) -> None:
    (tmp_path / "g").write_text("a file", encoding="utf-8")
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    assert ledger.append("info", "x") == "waiting"
    assert status(tmp_path)["x-trouble"]["why"] == f"{tmp_path}/g/ledger: not a directory"
    ledger.close()
    assert ledger.health.lost == 2
    assert said[-1] == "2 events of cls could be kept nowhere"


def test_a_status_that_cannot_be_written_holds_up_no_event(tmp_path: Path, settings: Settings, said: list[str]) -> None:
    (tmp_path / "agents").write_text("a file", encoding="utf-8")
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    assert [ledger.append("task_start", "x", task_id="wo-1") for _ in range(2)] == ["written", "written"]
    assert ledger.set_status("offline") is False
    assert said[0] == f"{tmp_path}/agents/cls/status.json cannot be written: {tmp_path}/agents/cls/status.json: not a directory"


def test_a_deleted_folder_is_made_again(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    with ledger.task("wo-1"):
        pass
    (tmp_path / "g").rename(tmp_path / ".moved")
    ledger.append("info", "after")
    assert ledger.flush()
    assert [event["summary"] for event in events(tmp_path)] == ["after"]
    (day,) = (tmp_path / ".moved/ledger/cls").iterdir()
    assert [json.loads(line)["event"] for line in day.read_bytes().splitlines()] == ["info", "task_start", "task_result"]
    assert audited(tmp_path) == []


def test_a_deleted_file_is_made_again(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "before")
    (day,) = (tmp_path / "g/ledger/cls").glob("*.jsonl")
    day.unlink()
    assert ledger.append("info", "after") == "written"
    assert [event["summary"] for event in events(tmp_path)] == ["after"]


@pytest.mark.parametrize(
    ("kind", "why"), [("pipe", "this is not a regular file"), ("socket", "this is not a regular file"), ("folder", "is a directory")]
)
def test_what_is_no_file_in_the_place_of_a_day_is_told_and_not_waited_for(
    kind: str, why: str, tmp_path: Path, settings: Settings, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    os.makedirs("g/ledger/cls")
    name = "g/ledger/cls/2026-05-17.jsonl"
    with socket.socket(socket.AF_UNIX) as heard:
        if kind == "pipe":
            os.mkfifo(name)
        elif kind == "socket":
            heard.bind(name)
        else:
            os.mkdir(name)
        ledger = AgentLedger(".", "cls", session_id="2026-05-18_cls_001", settings=settings)
        assert ledger.append("task_start", "x", task_id="wo-1") == "written"
        assert ledger.summarise() is None
    assert said == [
        f"./agents/cls/status.json cannot be written: ./{name}: {why}",
        f"the summary of 2026-05-18_cls_001 was not written: ./{name}: {why}",
    ]


def test_no_fifo_takes_the_place_of_a_ledger(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings)
    (tmp_path / "g/ledger/cls").mkdir(parents=True)
    os.mkfifo(tmp_path / "g/ledger/cls/2026-05-18.jsonl")
    assert ledger.append({"event": "info", "summary": "x", "ts": "2026-05-18T12:00:00Z"}) == "waiting"


def test_another_writer_that_holds_the_lock_is_not_waited_for_long(tmp_path: Path, settings: Settings) -> None:
    import fcntl

    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "0")
    handle = os.open(tmp_path / "g/ledger/cls", os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        assert ledger.append("info", "1") == "waiting"
        assert ledger.health.trouble == f"{tmp_path}/g/ledger/cls: another writer has held the lock for 0.2 s"
    finally:
        os.close(handle)
    assert ledger.flush()
    assert [event["summary"] for event in events(tmp_path)] == ["The session begins.", "0", "1"]


@pytest.mark.parametrize(
    ("after", "state", "published"),
    [
        ([], "error", True),
        ([], "busy", True),
        (["task_start"], "idle", False),
        (["task_start"], "error", False),
        (["task_start"], "offline", True),
        (["task_start", "task_result"], "busy", False),
        (["task_start", "task_result"], "error", False),
        (["task_start", "task_result"], "idle", True),
        (["task_start", "error"], "error", True),
    ],
)
def test_a_status_is_one_that_the_ledger_bears_out(
    after: list[str], state: str, published: bool, tmp_path: Path, settings: Settings
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "x")
    for event in after:
        ledger.append(event, "x", task_id="wo-1", data={"status": "success"})
    assert ledger.set_status(state, "the disk is full --token abc") is published
    assert (status(tmp_path)["state"] == state) is published
    ledger.heartbeat()
    ledger.flush()
    found = status(tmp_path)
    if published:
        # Who gives a sign of life is not offline, but in the middle of the task.
        assert (found["state"], found["last_error"]) == ("busy" if state == "offline" else state, "the disk is full --token ***")
    assert found["last_heartbeat"] == events(tmp_path)[-1]["ts"]
    assert audited(tmp_path) == []


@pytest.mark.parametrize(
    ("before", "then", "state"),
    [
        ([], ("heartbeat", None), "idle"),
        ([], ("info", "2026-05-18T11:00:00Z"), "offline"),
        (["task_start"], ("heartbeat", None), "busy"),
        (["error"], ("info", None), "error"),
        (["task_start", "task_result"], ("task_start", None), "busy"),
    ],
    ids=["a sign of life", "what happened before", "in a task", "after an error", "a further task"],
)
def test_who_says_something_is_not_offline(
    before: list[str], then: tuple[str, str | None], state: str, tmp_path: Path, settings: Settings
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    for event in ("info", *before):
        ledger.append(event, "x", task_id="wo-1", data={"status": "success"})
    assert ledger.set_status("offline")
    ledger.flush()
    ledger.close()
    assert status(tmp_path)["state"] == "offline"
    again = AgentLedger(tmp_path, "cls", session_id=ledger.session_id, settings=settings)
    again.append(then[0], "again", ts=then[1], task_id="wo-1")
    again.close()
    assert status(tmp_path)["state"] == state
    assert audited(tmp_path) == []


@pytest.mark.parametrize("began", [False, True], ids=["with nothing before", "in the middle of a task"])
def test_a_status_in_trouble_is_older_than_what_waits(
    began: bool, tmp_path: Path, settings: Settings, disk: _Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings)
    if began:
        ledger.append("task_start", "x", task_id="wo-1")
    disk.takes(".jsonl", 0)
    for event in ("task_result",) if began else ("task_start", "task_result"):
        assert ledger.append(event, "x", task_id="wo-1", data={"status": "success"}) == "waiting"
    told = status(tmp_path)
    assert (told["state"], told["x-trouble"]["waiting"]) == ("busy" if began else "idle", 1)
    disk.takes(".jsonl", None)

    def failing(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    # The process ends between the lines and the status.
    monkeypatch.setattr("srcos_contracts.emit.writing.replace_file", failing)
    assert ledger.flush()
    assert events(tmp_path)[-1]["event"] == "task_result"
    assert status(tmp_path) == told
    assert {(rule, severity) for rule, severity, _, _ in audited(tmp_path)} <= {("task-paired", "warning")}


class _Gone(BaseException):
    """The process has ended."""


@pytest.fixture
def last_words(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Once a line is in a ledger, the process that wrote it ends."""
    with monkeypatch.context() as patched:
        write = os.write

        def written(handle: int, content: bytes) -> int:
            done = write(handle, content)
            if os.readlink(f"/proc/self/fd/{handle}").endswith(".jsonl"):
                raise _Gone
            return done

        patched.setattr(os, "write", written)
        yield patched


def _contradictions(root: Path) -> list[tuple[str, str, str, int]]:
    return [one for one in audited(root) if one[1] == "error"]


@pytest.mark.parametrize("later", ["idle", "offline", "heartbeat"])
@pytest.mark.parametrize(
    "late",
    [["task_start"], ["task_start", "task_result"], ["error"], ["info"]],
    ids=["a task begun", "a task ended", "an error", "a session"],
)
def test_a_line_that_comes_late_contradicts_no_status_where_its_writer_ends_with_it(
    late: list[str], later: str, tmp_path: Path, settings: Settings, disk: _Disk, request: pytest.FixtureRequest
) -> None:
    watcher = AgentLedger(tmp_path, "cls", settings=settings)
    with watcher.task("wo-0"):
        pass
    agent = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_002", settings=settings)
    disk.takes(".jsonl", 0)
    for event in late:
        task_id = None if event == "info" else "wo-1"
        assert agent.append(event, "x", task_id=task_id, data={"status": "failure"}) == "waiting"
    disk.takes(".jsonl", None)
    if later == "heartbeat":
        watcher.heartbeat()
    else:
        assert watcher.set_status(later)
    watcher.flush()
    said = status(tmp_path)["last_heartbeat"]
    assert _contradictions(tmp_path) == []
    patched: pytest.MonkeyPatch = request.getfixturevalue("last_words")
    for _ in late:
        with pytest.raises(_Gone):
            agent.flush()
        assert _contradictions(tmp_path) == []
    patched.undo()
    assert agent.flush()
    assert [event["event"] for event in events(tmp_path) if event["session_id"].endswith("002")] == late
    # The sign of life of before is not taken back.
    assert status(tmp_path)["last_heartbeat"] == said
    assert audited(tmp_path) == []


def test_a_line_of_the_very_time_of_a_status_contradicts_it_too(tmp_path: Path, settings: Settings, request: pytest.FixtureRequest) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    with ledger.task("wo-1"):
        pass
    assert ledger.set_status("idle")
    patched: pytest.MonkeyPatch = request.getfixturevalue("last_words")
    with pytest.raises(_Gone):
        ledger.append("task_start", "x", task_id="wo-1", ts=status(tmp_path)["last_heartbeat"])
    patched.undo()
    assert _contradictions(tmp_path) == []


def test_a_line_that_comes_late_takes_back_no_sign_of_life(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "x")
    assert ledger.set_status("offline")
    said = status(tmp_path)["last_heartbeat"]
    ledger.append("info", "x", ts="2026-05-18T12:00:02.5Z", session_id="2026-05-18_cls_002")
    assert (status(tmp_path)["last_heartbeat"], status(tmp_path)["session_id"]) == (said, "2026-05-18_cls_002")
    assert audited(tmp_path) == []


def test_days_of_which_no_status_tells_are_all_read(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings) for _ in range(2))
    one.append("info", "x")
    one.flush()

    def failing(*_: object) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patched:
        patched.setattr("srcos_contracts.emit.writing.replace_file", failing)
        one.append("task_start", "x", ts="2026-06-01T00:00:00Z", task_id="wo-1")
        for day in range(2, 8):
            one.append("info", "x", ts=f"2026-06-0{day}T00:00:00Z")
    other.append("heartbeat", "x")
    other.flush()
    assert (status(tmp_path)["state"], status(tmp_path)["last_task_id"]) == ("busy", "wo-1")
    assert audited(tmp_path) == []


def test_a_day_before_that_ended_later_counts_for_a_status_that_is_made_anew(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings)
    ledger.append("info", "x", ts="2026-05-25T00:00:00Z")
    ledger.append("info", "x", ts="2026-05-19T00:00:00Z")
    ledger.append("task_start", "x", ts="2026-05-20T00:00:00+14:00", task_id="wo-1")
    ledger.append("task_result", "x", ts="2026-05-18T23:00:00-12:00", task_id="wo-1", data={"status": "success"})
    ledger.renew_status()
    assert status(tmp_path)["state"] == "idle"
    assert audited(tmp_path) == []


def test_the_line_that_begins_a_session_late_takes_back_no_sign_of_life(tmp_path: Path, settings: Settings) -> None:
    clock = _Ticking()
    watcher, agent = (AgentLedger(tmp_path, "cls", settings=settings._replace(now=clock)) for _ in range(2))
    watcher.append("info", "x")
    # What this one knows of the time is of before.
    agent.resume()
    late = clock.at
    assert watcher.set_status("offline")
    said = status(tmp_path)["last_heartbeat"]
    clock.at = late
    agent.start_session()
    assert status(tmp_path)["last_heartbeat"] == said
    assert audited(tmp_path) == []


def test_a_state_that_is_set_by_a_clock_days_behind_is_no_older_than_the_ledger(tmp_path: Path, settings: Settings) -> None:
    AgentLedger(tmp_path, "cls", settings=settings).append("info", "x")
    (tmp_path / "agents/cls/status.json").unlink()
    behind = AgentLedger(tmp_path, "cls", settings=settings._replace(now=_Ticking(_NOON - 300_000_000_000)))
    assert behind.set_status("busy")
    assert status(tmp_path)["last_heartbeat"] == events(tmp_path)[-1]["ts"]
    assert audited(tmp_path) == []


@pytest.mark.parametrize("by", ["the doctor", "another agent"])
def test_a_status_that_made_way_to_a_line_that_never_came_is_mended(
    by: str, tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "x")
    ledger.flush()

    def ending(*_: object) -> int:
        raise _Gone

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", ending)
        with pytest.raises(_Gone):
            ledger.append("task_start", "x", task_id="wo-1", ts="2026-05-18T12:00:00Z")
    assert {(rule, severity) for rule, severity, _, _ in audited(tmp_path)} == {("task-paired", "warning")}
    assert [ailment.finding.rule for ailment in examine(str(tmp_path), ["cls"])] == ["status-behind"]
    if by == "the doctor":
        repair(str(tmp_path), "cls", settings)
    else:
        assert AgentLedger(tmp_path, "cls", settings=settings).flush()
    assert list(examine(str(tmp_path), ["cls"])) == []
    assert audited(tmp_path) == []


@pytest.mark.parametrize("beside", [False, True], ids=["at once", "where what another left comes before it"])
@pytest.mark.parametrize("lacks", [1, 40], ids=["its end", "more"])
def test_a_line_that_was_cut_short_contradicts_no_status_where_it_is_completed(
    lacks: int, beside: bool, tmp_path: Path, settings: Settings, disk: _Disk, request: pytest.FixtureRequest
) -> None:
    watcher = AgentLedger(tmp_path, "cls", settings=settings)
    watcher.append("info", "x")
    agent = AgentLedger(tmp_path, "cls", session_id=watcher.session_id, settings=settings)
    line = agent.line_of({"event": "task_start", "task_id": "wo-1"})
    assert isinstance(line, Line)
    disk.takes(".jsonl", len(line.text) - lacks)
    assert agent.append("task_start", task_id="wo-1") == "waiting"
    watcher.set_status("idle")
    assert "task-paired" not in {rule for rule, *_ in _contradictions(tmp_path)}
    if beside:
        another = AgentLedger(tmp_path, "cls", session_id=watcher.session_id, settings=settings)
        assert another.append("info", "from beside") == "waiting"
        another.close()
    disk.takes(".jsonl", None)
    patched: pytest.MonkeyPatch = request.getfixturevalue("last_words")
    with pytest.raises(_Gone):
        agent.flush()
    patched.undo()
    assert _contradictions(tmp_path) == []
    watcher.flush()
    assert status(tmp_path)["state"] == "busy"
    assert audited(tmp_path) == []


@pytest.mark.parametrize("gone", ["the folder", "its files"])
def test_a_ledger_that_begins_anew_contradicts_no_status_of_the_one_before(
    gone: str, tmp_path: Path, settings: Settings, request: pytest.FixtureRequest
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("task_start", "x", task_id="wo-1")
    for path in (tmp_path / "g/ledger/cls").glob("*.jsonl"):
        path.unlink()
    if gone == "the folder":
        (tmp_path / "g/ledger/cls").rmdir()
    patched: pytest.MonkeyPatch = request.getfixturevalue("last_words")
    with pytest.raises(_Gone):
        ledger.append("info", "x")
    patched.undo()
    assert _contradictions(tmp_path) == []
    ledger.close()
    assert audited(tmp_path) == []


def test_days_to_come_hide_no_task_of_today(tmp_path: Path, settings: Settings) -> None:
    for year in range(2030, 2036):
        AgentLedger(tmp_path, "cls", settings=settings).append("info", "x", ts=f"{year}-01-01T00:00:00Z", session_id="2026-05-18_cls_001")
    one, other = (AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings) for _ in range(2))
    for ledger in (one, other, one):
        with ledger.task("wo-1"):
            assert status(tmp_path)["state"] == "busy"
            assert audited(tmp_path) == []
        assert (status(tmp_path)["state"], status(tmp_path)["last_heartbeat"]) == ("idle", "2035-01-01T00:00:00Z")
    # A status that is made anew knows as much.
    one.append("task_start", "x", task_id="wo-2")
    one.renew_status()
    assert (status(tmp_path)["state"], status(tmp_path)["last_task_id"]) == ("busy", "wo-2")
    assert list(examine(str(tmp_path), ["cls"])) == []
    assert audited(tmp_path) == []


def test_trouble_is_not_told_past_a_writer_that_has_the_turn(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "x")
    ledger.flush()
    before = (tmp_path / "agents/cls/status.json").read_bytes()
    writer = Writer(places(tmp_path, "cls"), "never", EventJudge(), lambda line, found: None, lock_seconds=0.05)
    writer.trouble = {"why": "the disk is full"}
    with ledger._writer.turn():
        writer.publish_trouble(stamp_at(_NOON))
    assert (tmp_path / "agents/cls/status.json").read_bytes() == before
    writer.publish_trouble(stamp_at(_NOON))
    assert status(tmp_path)["x-trouble"] == {"why": "the disk is full"}
    writer.close()


def test_trouble_that_is_told_where_nothing_can_be_read_is_no_later_than_what_was_told(
    tmp_path: Path, settings: Settings, request: pytest.FixtureRequest
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "x")
    ledger.flush()
    patched: pytest.MonkeyPatch = request.getfixturevalue("last_words")
    with pytest.raises(_Gone):
        # The status has made way to it, and its writer is gone.
        ledger.append("task_start", "x", task_id="wo-1", ts="2026-05-18T12:00:00Z")
    patched.undo()
    aside = _locked_out(tmp_path)
    writer = Writer(places(tmp_path, "cls"), "never", EventJudge(), lambda line, found: None)
    writer.trouble = {"why": "nothing can be read"}
    writer.publish_trouble(stamp_at(_NOON))
    _let_in(tmp_path, aside)
    assert status(tmp_path)["x-trouble"] == {"why": "nothing can be read"}
    assert _contradictions(tmp_path) == []
    writer.close()


def test_a_day_that_is_read_no_more_is_read_again_whatever_is_added_to_it(tmp_path: Path, settings: Settings) -> None:
    one, other = (AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings) for _ in range(2))
    for event in ("task_start", "task_result"):
        one.append(event, "x", ts="2026-05-18T13:00:00Z", task_id="wo-1", data={"status": "success"})
    for year in range(2030, 2040):
        one.append("info", "x", ts=f"{year}-01-01T00:00:00Z")
    one.flush()
    other.resume()
    # It says no more than the status does, but it is later than what comes after it.
    one.append("task_result", "x", ts="2026-05-21T00:00:00Z", task_id="wo-1", data={"status": "success"})
    other.append("task_start", "x", ts="2026-05-20T00:00:00Z", task_id="wo-1")
    assert status(tmp_path)["state"] == "idle"
    assert audited(tmp_path) == []


def test_a_day_that_is_read_no_more_is_read_before_a_line_is_added_to_it(
    tmp_path: Path, settings: Settings, request: pytest.FixtureRequest
) -> None:
    one, other = (AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings) for _ in range(2))
    for day in ("2026-05-20", *(f"2026-06-{day:02}" for day in range(1, 20))):
        one.append("info", "x", ts=f"{day}T00:00:00Z")
    one.flush()
    patched: pytest.MonkeyPatch = request.getfixturevalue("last_words")
    with pytest.raises(_Gone):
        one.append("task_start", "x", ts="2026-05-20T01:00:00Z", task_id="wo-1")
    patched.undo()
    other.append("info", "x")
    other.flush()
    assert (status(tmp_path)["state"], status(tmp_path)["last_task_id"]) == ("busy", "wo-1")
    assert audited(tmp_path) == []


def test_who_cannot_write_is_not_offline(tmp_path: Path, settings: Settings, disk: _Disk) -> None:
    with AgentLedger(tmp_path, "cls", settings=settings) as ledger:
        ledger.append("info", "x")
    assert status(tmp_path)["state"] == "offline"
    disk.takes(".jsonl", 0)
    ledger.heartbeat()
    assert (status(tmp_path)["state"], status(tmp_path)["x-trouble"]["waiting"]) == ("idle", 1)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"x-ledger": 1}',
        b'{"agent":"cls","state":"asleep","last_heartbeat":"now","x-ledger":{"files":{},"last":null,"task":null,"told":null,"error":null}}',
        b'{"x-ledger":{"files":{"2026-05-18.jsonl":[1e9,1]},"last":[1,"x","y"],"task":null,"told":null,"error":null}}',
        b'{"agent":"cls","state":"offline","last_heartbeat":"2026-05-18T10:00:00Z"}',
        b"[" * 100_000,
    ],
)
def test_a_status_that_somebody_else_wrote_is_made_anew(content: bytes, tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    with ledger.task("wo-1"):
        (tmp_path / "agents/cls/status.json").write_bytes(content)
    assert (status(tmp_path)["state"], status(tmp_path)["last_task_id"]) == ("idle", "wo-1")
    assert audited(tmp_path) == []


def test_a_status_names_no_file_but_those_of_days(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("error", "x")
    place = tmp_path / "agents/cls/status.json"
    assert published_in(str(place)).state == "error"
    (tmp_path / "other").write_bytes(b"x")
    value = status(tmp_path)
    value["x-ledger"]["files"] = {"../../../other": [1, os.stat(tmp_path / "other").st_ino]}
    place.write_text(json.dumps(value), encoding="utf-8")
    assert published_in(str(place)).state == ""
    ledger.append("info", "x")
    ledger.flush()
    assert audited(tmp_path) == []


def test_lines_that_others_wrote_count_for_the_status(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    with ledger.task("wo-1"):
        pass
    (day,) = (tmp_path / "g/ledger/cls").glob("*.jsonl")
    record = {**events(tmp_path)[1], "ts": "2026-05-18T23:00:00Z", "task_id": "wo-é", "summary": "by hand"}
    with day.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(record) + "\nnot JSON\n[]\n" + '{"ts": 1}\n')
    ledger.append("info", "x")
    ledger.append("error", "by hand", ts="2026-05-18T23:00:01Z")
    assert (status(tmp_path)["state"], status(tmp_path)["last_task_id"]) == ("error", "wo-é")
    assert ledger.append("task_result", "x", task_id="wo-é", ts="2026-05-18T23:00:02Z", data={"status": "success"}) == "written"
    assert status(tmp_path)["state"] == "idle"


def test_sessions_are_numbered_by_day(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "memory/cls/sessions").mkdir(parents=True)
    (tmp_path / "memory/cls/sessions/2026-05-18_cls_004.md").write_text("# x\n", encoding="utf-8")
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    assert [ledger.session_id, ledger.session_id, ledger.start_session(), ledger.session_id] == [
        f"2026-05-18_cls_{number:03}" for number in (5, 5, 6, 6)
    ]
    assert AgentLedger(tmp_path, "cls", settings=settings).session_id == "2026-05-18_cls_007"


def test_a_thousandth_session_has_no_number_of_its_own(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "x", session_id="2026-05-18_cls_999")
    assert ledger.session_id == "2026-05-18_cls_999"


def test_threads_share_a_ledger(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)

    def work(number: int) -> None:
        for turn in range(20):
            with ledger.task(f"wo-{number}-{turn}"):
                pass

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(events(tmp_path)) == 1 + 8 * 20 * 2
    assert audited(tmp_path) == []


def test_a_background_writer_brings_all_to_the_ledger(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(background=True, most_waiting=50))
    assert {ledger.append("info", str(number)) for number in range(500)} == {"waiting"}
    assert ledger.append("nope", "x") == "refused"
    assert ledger.flush()
    assert [event["summary"] for event in events(tmp_path)][1:] == [str(number) for number in range(500)]
    ledger.append("info", "at the end")
    ledger.close()
    assert events(tmp_path)[-1]["summary"] == "at the end"
    assert status(tmp_path)["last_heartbeat"] == events(tmp_path)[-1]["ts"]
    assert audited(tmp_path) == []


def test_a_background_writer_writes_by_itself(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(background=True))
    ledger.append("info", "x")
    deadline = time.monotonic() + 10
    while len(lines(tmp_path)) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert [event["summary"] for event in events(tmp_path)] == ["The session begins.", "x"]
    ledger.close()


@pytest.mark.parametrize("background", [False, True])
def test_a_process_that_forked_writes_only_what_is_its_own(background: bool, tmp_path: Path, settings: Settings, disk: _Disk) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(background=background))
    ledger.append("info", "before")
    ledger.flush()
    disk.takes(".jsonl", 0)
    ledger.append("info", "waits in the parent")
    child = os.fork()
    if not child:
        code = 1
        try:
            disk.takes(".jsonl", None)
            ledger.append("info", "of the child")
            code = 0 if ledger.flush() else 2
            ledger.close()
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    disk.takes(".jsonl", None)
    assert ledger.flush()
    assert [event["summary"] for event in events(tmp_path)] == ["The session begins.", "before", "of the child", "waits in the parent"]
    ledger.close()


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="open files are asked of Linux")
def test_a_process_that_forked_holds_no_lock_of_its_parents(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "before")
    child = os.fork()
    if not child:
        code = 1
        try:
            held = [os.path.realpath(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")]
            code = 2 if any(str(tmp_path / "g") in path for path in held) else 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert ledger.append("info", "after") == "written"


def test_what_a_handler_of_a_signal_appends_comes_after_what_is_being_written(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "0")
    write, outcomes = os.write, []

    def interrupted(handle: int, content: bytes) -> int:
        monkeypatch.setattr(os, "write", write)
        outcomes.append(ledger.append("info", "by the handler"))
        return write(handle, content)

    monkeypatch.setattr(os, "write", interrupted)
    outcomes.append(ledger.append("info", "1"))
    assert outcomes == ["waiting", "written"]
    assert [event["summary"] for event in events(tmp_path)] == ["The session begins.", "0", "1", "by the handler"]


def test_a_handler_that_comes_while_the_session_begins_begins_no_other(tmp_path: Path, settings: Settings) -> None:
    came: list[str] = []
    clock = settings.now

    def now() -> int:
        if not came:
            came.append("")
            came[0] = ledger.append("info", "by the handler")
        return clock()

    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(now=now))
    assert ledger.append("info", "0") == "written"
    assert came == ["waiting"]
    found = events(tmp_path)
    assert [event["summary"] for event in found] == ["The session begins.", "0", "by the handler"]
    assert len({event["session_id"] for event in found}) == 1


@pytest.mark.parametrize("strict", [False, True])
def test_a_line_cut_short_is_completed_by_whatever_comes_next(strict: bool, tmp_path: Path, settings: Settings, disk: _Disk) -> None:
    ledger = AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=settings._replace(strict=strict))
    ledger.append("info", "0")
    disk.takes(".jsonl", 60)
    if strict:
        with pytest.raises(NotWritten):
            ledger.append("info", "1")
    else:
        assert ledger.append("info", "1") == "waiting"
    like, half = lines(tmp_path)
    assert len(half) == 60
    if not strict:
        # In the end nothing is missing but the newline.
        for room in (0, 10, 0, len(like) - 70, 0):
            disk.takes(".jsonl", room)
            assert not ledger.flush()
        assert len(lines(tmp_path)[1]) == len(like)
    disk.takes(".jsonl", None)
    ledger.append("info", "2")
    ledger.flush()
    assert [event["summary"] for event in events(tmp_path)] == ["0", "1", "2"]
    assert ledger.health.torn == 0


def test_nothing_raises_into_the_agent(tmp_path: Path, settings: Settings, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)

    class _Hostile(dict[str, Any]):
        def items(self) -> Any:
            raise RuntimeError("no")

    assert ledger.append("info", "x", data=_Hostile()) in ("lost", "refused", "written")
    monkeypatch.setattr("srcos_contracts.emit.writing.caught_up", lambda *_: 1 / 0)
    ledger.append("task_start", "x", task_id="wo-1")
    assert ledger.set_status("idle") is False
    assert ledger.summarise("2026-05-18_cls_999") is None
    ledger.close()
    assert any("division by zero" in words for words in said)


@pytest.mark.parametrize("fault", ["raises", "gives nothing", "gives no number"])
def test_a_clock_that_fails_costs_no_event(fault: str, tmp_path: Path, settings: Settings) -> None:
    def now() -> Any:
        if fault == "raises":
            raise RuntimeError("no clock")
        return None if fault == "gives nothing" else float("nan")

    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(now=now))
    ran = []
    with ledger.task("wo-1") as task:
        task.touched(5)  # type: ignore[arg-type]
        ran.append(ledger.session_id)
    assert ran == [events(tmp_path)[-1]["session_id"]]
    assert ledger.start_session() != ran[0]
    assert events(tmp_path)[-2]["data"]["files_touched"] == ["<int>"]
    ledger.close()
    assert audited(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "note", "touched", "summary", "found"),
    [
        ("half \udcff", {}, (), "ValueError: half \\udcff", {}),
        ("x" * (17 << 20), {}, (), "ValueError: " + "x" * 99_988, {}),
        ("", {"loss": float("nan"), "foo": {1}, "deep": _LOOP}, (), "done", {"loss": "nan", "foo": "{1}", "deep": "[[...]]"}),
        ("", {}, ("caf\udce9", b"y\xff", Path("z")), "done", {"files_touched": ["caf\\xe9", "y\\xff", "z"]}),
        ("", {"big": ["y" * 100] * 170_000}, (), "done", {}),
    ],
    ids=["half a character", "too many words", "no JSON", "paths", "too large"],
)
def test_a_task_leaves_its_result_whatever_it_says(
    words: str, note: dict[str, Any], touched: tuple[Any, ...], summary: str, found: dict[str, Any], tmp_path: Path, settings: Settings
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    try:
        with ledger.task("wo-1", "done") as task:
            task.note(**note)
            task.touched(*touched)
            task.done("   ")
            if words:
                raise ValueError(words)
    except ValueError:
        pass
    result = events(tmp_path)[-1]
    assert (result["event"], result["summary"]) == ("task_result", summary)
    assert {name: member for name, member in result["data"].items() if name not in ("status", "duration_sec")} == found
    assert status(tmp_path)["state"] == "idle"
    assert audited(tmp_path) == []


@pytest.mark.parametrize("raised", [False, True])
def test_a_strict_task_leaves_a_result_and_raises_where_its_own_is_refused(raised: bool, tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(strict=True))

    def work() -> None:
        with ledger.task("wo-1", "done") as task:
            task.note(**{"half \udcff": 1})
            if raised:
                raise ValueError("no")

    with pytest.raises(BadEvent, match=r"^lone-surrogate at the record: a string holds half of a surrogate pair$") as refused:
        work()
    assert isinstance(refused.value.__context__, ValueError) is raised
    begun, result = events(tmp_path)[1:]
    assert (begun["event"], result["event"], result["task_id"]) == ("task_start", "task_result", "wo-1")
    assert result["summary"] == ("ValueError: no" if raised else "done")
    assert (sorted(result["data"]), result["data"]["status"]) == (["duration_sec", "status"], "failure" if raised else "success")
    assert (status(tmp_path)["state"], ledger.health.refused) == ("idle", 1)
    assert audited(tmp_path) == []


@pytest.mark.parametrize("data", [_LOOP, 10**5000, {"x": object()}], ids=["in itself", "too many digits", "no JSON"])
@pytest.mark.parametrize("strict", [False, True])
def test_an_event_of_which_nothing_can_be_made_is_refused_and_counted(
    strict: bool, data: Any, tmp_path: Path, settings: Settings, said: list[str]
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(strict=strict))
    if strict:
        with pytest.raises(BadEvent):
            ledger.append("info", "x", data={"x": data})
    else:
        assert ledger.append("info", "x", data={"x": data}) == "refused"
    assert (ledger.health.refused, len(said)) == (1, 1)
    assert (tmp_path / "g/ledger/cls.refused").read_bytes().count(b"\n") == 1


def test_what_cannot_be_masked_is_not_kept(tmp_path: Path, settings: Settings) -> None:
    def failing(text: str) -> bool:
        raise RuntimeError("no pattern")

    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(masker=Masker((failing,))), session_id="2026-05-18_cls_001")
    assert ledger.append("info", "a secret") == "refused"
    assert b'secret"' not in (tmp_path / "g/ledger/cls.refused").read_bytes()
    assert ledger.health.refused == 1


def test_a_strict_ledger_says_that_its_status_is_behind_and_keeps_the_event(tmp_path: Path, settings: Settings, said: list[str]) -> None:
    (tmp_path / "agents").write_text("a file", encoding="utf-8")
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(strict=True))
    assert ledger.append("task_start", "x", task_id="wo-1") == "written"
    assert said == [f"{tmp_path}/agents/cls/status.json cannot be written: {tmp_path}/agents/cls/status.json: not a directory"]


@pytest.mark.parametrize("gone", ["g/ledger/cls", "the day"])
@pytest.mark.parametrize("between", [0, 1])
def test_a_result_does_not_stand_alone_where_its_start_is_gone(gone: str, between: int, tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("task_start", "x", task_id="wo-1")
    (day,) = (tmp_path / "g/ledger/cls").glob("*.jsonl")
    (day if gone == "the day" else tmp_path / gone).rename(tmp_path / ".moved")
    for _ in range(between):
        ledger.append("info", "another file")
    assert ledger.append("task_result", "x", task_id="wo-1", data={"status": "success"}) == "refused"
    ledger.append("info", "goes on")
    ledger.close()
    assert audited(tmp_path) == []


def test_a_process_that_multiprocessing_forked_writes_what_waits(tmp_path: Path) -> None:
    program = """
import multiprocessing
from srcos_contracts.emit.agent_ledger import AgentLedger, Settings
ledger = AgentLedger(".", "cls", settings=Settings(background=True))
def work():
    for number in range(20):
        ledger.append("info", str(number))
if __name__ == "__main__":
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()
"""
    ended = python(program, folder=tmp_path)
    assert ended.communicate(timeout=60) == (b"", b"")
    assert [event["summary"] for event in events(tmp_path)][1:] == [str(number) for number in range(20)]


@pytest.mark.parametrize("background", [False, True])
def test_what_is_appended_after_the_ledger_was_closed_at_the_end_is_there(background: bool, tmp_path: Path) -> None:
    program = f"""
import atexit, os
from srcos_contracts.emit.agent_ledger import AgentLedger, Settings
ledger = AgentLedger(".", "cls", settings=Settings(background={background}))
def goodbye():
    print(ledger.append("info", "goodbye"), flush=True)
    os.rename("g/ledger/cls", "elsewhere")
    os.close(os.open("g/ledger/cls", os.O_CREAT))
    print(ledger.append("task_start", "too late", task_id="wo-1"), flush=True)
    os.rename("g/ledger/cls.spill", "elsewhere/spill")
    os.mkdir("g/ledger/cls.spill")
    print(ledger.append("info", "nowhere to go"), flush=True)
atexit.register(goodbye)
ledger.append("info", "hello")
"""
    out, _ = python(program, folder=tmp_path).communicate(timeout=60)
    assert out == b"written\nspilled\nlost\n"
    (day,) = (tmp_path / "elsewhere").glob("*.jsonl")
    assert [json.loads(line)["summary"] for line in day.read_bytes().splitlines()] == ["The session begins.", "hello", "goodbye"]
    assert json.loads((tmp_path / "elsewhere/spill").read_bytes())["summary"] == "too late"
    assert status(tmp_path)["x-trouble"]["why"] == "./g/ledger/cls: file exists"


def test_an_agent_that_closes_all_files_goes_on_with_its_own(tmp_path: Path) -> None:
    program = """
import os
from srcos_contracts.emit.agent_ledger import AgentLedger
ledger = AgentLedger(".", "cls")
ledger.append("info", "in front")
os.closerange(3, 256)
own = [os.open(f"own-{number}", os.O_CREAT | os.O_RDWR) for number in range(8)]
print(ledger.append("info", "behind"), flush=True)
for handle in own:
    os.write(handle, b"its own")
os.closerange(3, 256)
print(ledger.flush(), flush=True)
"""
    assert python(program, folder=tmp_path).communicate(timeout=60) == (b"written\nTrue\n", b"")
    assert [event["summary"] for event in events(tmp_path)] == ["The session begins.", "in front", "behind"]
    assert {path.read_bytes() for path in tmp_path.glob("own-*")} == {b"its own"}
    assert audited(tmp_path) == []


@pytest.mark.parametrize("pattern", [".", "s", "^(success|failure)$", "^[a-z_]+$"])
def test_a_pattern_that_masks_every_word_refuses_no_event(pattern: str, tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(masker=masker([pattern])))
    assert ledger.append("task_start", "begins", task_id="tests") == "written"
    data = {"status": "failure", "exit_code": 1, "files_touched": ["sources"]}
    assert ledger.append("task_result", "ends", task_id="tests", data=data) == "written"
    ledger.close()
    result = events(tmp_path)[-1]
    assert (result["task_id"], result["summary"]) == ("***", "***") if "success" not in pattern else ("tests", "ends")
    assert {name: result["data"][name] for name in ("status", "exit_code")} == {"status": "failure", "exit_code": 1}
    assert status(tmp_path)["state"] == "idle"
    assert audited(tmp_path) == []


def test_of_a_refused_event_a_pattern_masks_no_more_than_of_another(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(masker=masker(["."])))
    assert ledger.append("task_result", "ends", task_id="wo-1", data={"status": "unclear"}) == "refused"
    kept = json.loads((tmp_path / "g/ledger/cls.refused").read_bytes())
    assert kept["event"] == {
        "ts": kept["event"]["ts"],
        "agent": "cls",
        "session_id": ledger.session_id,
        "event": "task_result",
        "task_id": "***",
        "source": "***",
        "summary": "***",
        "data": {"status": "***"},
    }
    assert [finding["rule"] for finding in kept["findings"]] == ["task-result-status"]


def test_the_start_of_a_task_whose_name_all_lines_hold_is_found_at_once(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    for number in range(50):
        ledger.append("info", str(number))
    ledger.append("task_start", "begins", task_id="info")
    for number in range(50):
        ledger.append("info", str(number))
    ledger.close()
    session = session_name(ledger.session_id)
    assert session is not None
    read: list[bytes] = []

    def counted(text: bytes) -> Any:
        read.append(text)
        return json.loads(text)

    monkeypatch.setattr(head, "decode", counted)
    (begun,) = (event for event in events(tmp_path) if event["event"] == "task_start")
    assert head.started_at(ledger.places.ledger, session, "info", 1 << 60) == microseconds_of(begun["ts"])
    assert [json.loads(text)["summary"] for text in read] == ["begins"]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="what is open is asked of Linux")
def test_files_of_which_the_system_has_lost_sight_are_opened_anew(
    tmp_path: Path, settings: Settings, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def held() -> set[int]:
        found = {int(name): os.path.realpath(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")}
        return {number for number, path in found.items() if path.startswith(str(tmp_path))}

    ledger = AgentLedger(tmp_path, "cls", settings=settings)
    ledger.append("info", "in sight")
    stale = held()
    fstat, close = os.fstat, os.close

    def lost(handle: int) -> os.stat_result:
        if handle in stale:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
        return fstat(handle)

    def let_go(handle: int) -> None:
        stale.discard(handle)
        close(handle)

    monkeypatch.setattr(os, "fstat", lost)
    monkeypatch.setattr(os, "close", let_go)
    assert len(stale) == 2
    assert ledger.append("info", "opened anew") == "written"
    assert (stale, len(held()), said) == (set(), 2, [])
    ledger.close()
    assert held() == set()


def test_secrets_do_not_reach_the_ledger(tmp_path: Path, settings: Settings) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=settings._replace(masker=masker(["corp-[0-9]+"])))
    ledger.append("info", "ran deploy --token abc as corp-12", data={"command": "PGPASSWORD=x psql", "api_key": "k"})
    assert (events(tmp_path)[-1]["summary"], events(tmp_path)[-1]["data"]) == (
        "ran deploy --token *** as ***",
        {"command": "PGPASSWORD=*** psql", "api_key": "***"},
    )
