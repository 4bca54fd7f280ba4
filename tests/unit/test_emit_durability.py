"""What is brought to the disk, and in which order; and pages of sessions that are long, or old."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.emit.agent_ledger import AgentLedger, Settings
from srcos_contracts.emit.appending import Durability
from srcos_contracts.emit.naming import SessionName
from srcos_contracts.emit.summary import CannotSummarise, page

_NOON = 1_779_105_600_000_000


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The system's calls that bring something to the disk, each with the file's name, as they come."""
    found: list[str] = []
    fsync, replace = os.fsync, os.replace

    def name(path: str) -> str:
        shown = os.path.basename(path)
        return "temporary" if shown.endswith(".tmp") else "day" if shown.endswith(".jsonl") else shown

    def synced(handle: int) -> None:
        found.append(f"fsync {name(os.readlink(f'/proc/self/fd/{handle}'))}")
        fsync(handle)

    def replaced(source: str, target: str) -> None:
        found.append(f"rename {name(source)} {name(target)}")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    return found


_STATUS = ["fsync temporary", "rename temporary status.json", "fsync cls"]


@pytest.mark.parametrize(
    ("fsync", "append", "end"),
    [
        ("never", ["rename temporary status.json"], []),
        ("interval", _STATUS, ["fsync day"]),
        ("each", ["fsync day", *_STATUS], []),
    ],
)
def test_a_line_and_its_status_reach_the_disk_as_it_was_asked(
    fsync: Durability, append: list[str], end: list[str], tmp_path: Path, calls: list[str]
) -> None:
    ledger = AgentLedger(tmp_path, "cls", settings=Settings(fsync=fsync, now=lambda: _NOON))
    ledger.append("task_start", "begun", task_id="wo-1")
    calls.clear()
    assert ledger.append("task_result", "done", task_id="wo-1", data={"status": "success"}) == "written"
    assert calls == append
    calls.clear()
    ledger.close()
    assert calls == end


def test_the_name_of_a_new_ledger_reaches_the_disk(tmp_path: Path, calls: list[str]) -> None:
    AgentLedger(tmp_path, "cls", session_id="2026-05-18_cls_001", settings=Settings(fsync="each", now=lambda: _NOON)).append("info", "x")
    assert calls[:3] == ["fsync ledger", "fsync cls", "fsync day"]


def _event(second: int, kind: str = "info", **more: Any) -> dict[str, Any]:
    return {"ts": f"2026-05-18T10:{second // 60:02}:{second % 60:02}Z", "event": kind, "summary": f"n{second}", "data": {}, **more}


_SESSION = SessionName("2026-05-18", "cls", 1)


def test_a_long_timeline_is_cut_in_its_middle() -> None:
    made = page(_SESSION, [_event(number % 3600) for number in range(1200)])
    lines = [line for line in made.splitlines() if line.startswith("- ")]
    assert len(lines) == 1001
    assert lines[500] == "- ... 200 more ..."
    assert made == page(_SESSION, [_event(number % 3600) for number in range(1200)], made)


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "0 s"),
        (0.0314159, "0.0314 s"),
        (59.9, "59.9 s"),
        (61, "1 min 1 s"),
        (3600 * 5 + 125, "5 h 2 min"),
        (None, ""),
        (True, ""),
        ("3", ""),
        (1e300, "277777 h 46 min"),
    ],
)
def test_durations(seconds: Any, shown: str) -> None:
    events = [_event(0, "task_result", task_id="wo-1", data={"status": "success", "duration_sec": seconds})]
    assert f"| wo-1 | success | {shown} | n0 |" in page(_SESSION, events)


def test_what_a_payload_says_stays_on_its_line() -> None:
    hostile = "a\n## Notes\r\n\u2028| b | <!-- --> [x](javascript:y) ![z](w) `code` \x1b[31m \u202e"
    made = page(_SESSION, [_event(0, "error", summary=hostile), _event(1, "info", summary=hostile, data={"lesson": True})])
    assert made.isprintable() or all(line.isprintable() for line in made.split("\n"))
    assert made.count("\n## ") == 5
    assert "<!-- -->" not in made
    assert page(_SESSION, [_event(0)], page(_SESSION, [_event(0)], made)) == page(_SESSION, [_event(0)])


@pytest.mark.parametrize("heading", ["# My part", "My part\n=======", "### Why it failed"])
@pytest.mark.parametrize("above", ["## Timeline", "## Lessons Learned", "## Notes"])
def test_notes_under_a_heading_of_any_level_stay(heading: str, above: str) -> None:
    events = [_event(0), _event(1)]
    mine = f"{heading}\n\nwhat I thought\n\n"
    empty = page(_SESSION, events)
    noted = page(_SESSION, events, page(_SESSION, events[:1]).replace(above, mine + above))
    assert noted == empty.replace("## Notes", f"{mine}## Notes")
    assert page(_SESSION, events, noted) == noted


def test_tasks_that_did_not_end_are_named() -> None:
    events = [
        _event(0, "task_start", task_id="wo-1"),
        _event(1, "task_start", task_id="wo-2"),
        _event(2, "task_result", task_id="wo-1", data={"status": "failure"}),
    ]
    made = page(_SESSION, events)
    assert "1 task ended, 1 of them not well.\nNot ended: wo-2.\n" in made
    assert "## Errors\n\n- `2026-05-18T10:00:02` ended wo-1 (failure): n2\n" in made


def test_nothing_is_made_of_nothing_or_over_the_page_of_another() -> None:
    with pytest.raises(CannotSummarise, match="has no event of 2026-05-18_cls_001"):
        page(_SESSION, [])
    with pytest.raises(CannotSummarise, match="was not made by srcos-ledger"):
        page(_SESSION, [_event(0)], "# By hand\n")
