"""What a record that no contract claims is told: the nearest contract, and all that keeps it from being one of its records."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.checking import Demands, check_value
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.contracts.judge import EngineName
from srcos_contracts.finding import Finding
from srcos_contracts.report.human import HumanReport
from srcos_contracts.report.machine import as_object

RULE = {"id": "no-raw-path", "message": "no raw path is stored", "help": "leave the path out", "why": "it gives people away"}
EVENT: dict[str, Any] = {
    "title": "Event",
    "properties": {
        "type": {"const": "Event"},
        "event": {"enum": ["heartbeat", "task_start"]},
        "source": {"type": "string"},
        "hint": {"x-rule": RULE, "not": {"pattern": "^/"}},
        **{f"count{number}": {"type": "integer"} for number in range(20)},
    },
    "required": ["type", "event", "source"],
    "patternProperties": {"^x-": True},
    "additionalProperties": False,
    "if": {"properties": {"event": {"const": "task_start"}}, "required": ["event"]},
    "then": {"required": ["hint"]},
}


def _unclaimed(tmp_path: Path, record: Any, engine: EngineName = "rust", schema: dict[str, Any] = EVENT) -> Finding:
    (tmp_path / "event.json").write_text(json.dumps(schema))
    (finding,) = check_value(Catalog.at(str(tmp_path)), record, Demands(engine=engine))
    assert finding.rule == "unclaimed-record"
    return finding


@pytest.mark.parametrize("engine", ["rust", "reference"])
def test_each_obstacle_has_its_reason(tmp_path: Path, engine: EngineName) -> None:
    record = {"event": "beat", "sourc": "cli", "hint": "/tmp/repo", "colour": 1}
    assert _unclaimed(tmp_path, record, engine).help.splitlines() == [
        "what would make it Event:",
        'add type: "Event"',
        "rename sourc to source",
        'change event [schema-enum]: event is "beat", which is not heartbeat or task_start',
        'change hint [no-raw-path]: no raw path is stored: hint is "/tmp/repo", which is not allowed here',
        "remove colour, or begin its name with x-",
    ]


@pytest.mark.parametrize("engine", ["rust", "reference"])
def test_a_value_that_stands_one_level_too_deep(tmp_path: Path, engine: EngineName) -> None:
    record = {"type": "event", "event": {"name": "tool", "type": "task_start"}, "source": "cli"}
    assert _unclaimed(tmp_path, record, engine).help.splitlines() == [
        "what would make it Event:",
        "add hint",
        'set type to "Event"',
        'set event to "task_start", which event.type holds',
    ]


def test_where_names_of_others_have_no_place_none_is_advised(tmp_path: Path) -> None:
    schema = {key: value for key, value in EVENT.items() if key != "patternProperties"}
    assert _unclaimed(tmp_path, {"event": "heartbeat", "source": "", "colour": 1}, "rust", schema).help.splitlines()[-1] == "remove colour"


def test_a_person_is_shown_the_first_obstacles_and_a_program_all(tmp_path: Path) -> None:
    record = {"event": "heartbeat", "source": "", **{f"count{number}": "x" for number in range(20)}}
    finding = _unclaimed(tmp_path, record)
    assert len(finding.help.splitlines()) == 22
    assert as_object(finding)["help"] == finding.help
    out = io.StringIO()
    HumanReport(out).add(finding)
    shown = [line.strip() for line in out.getvalue().rstrip().splitlines()]
    assert shown[-2:] == [finding.help.splitlines()[12], "... and 9 more; --format json has all"]


def test_all_names_that_are_missing_are_told(tmp_path: Path) -> None:
    names = [f"need{number:02}" for number in range(40)]
    schema = {**EVENT, "properties": {**EVENT["properties"], **dict.fromkeys(names, True)}, "required": names}
    lines = _unclaimed(tmp_path, {"event": "heartbeat", "source": ""}, "rust", schema).help.splitlines()
    assert lines[1] == f'add type: "Event", {", ".join(names[:-1])} and {names[-1]}'
