"""What the agent ledger was asked for, one test a criterion, by the commands that agents call."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ..hostile.agents import ENVIRONMENT, srcos_ledger
from ..ledger_trees import audited, events, status

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks of files are those of POSIX")


def _work(folder: Path, agent: str = "cls") -> None:
    for words in (
        ("append", "task_start", "Lay out", "--task", "wo-1"),
        ("append", "task_result", "Laid out", "--task", "wo-1", "--status", "success"),
    ):
        assert srcos_ledger(*words, "--agent", agent, folder=folder).returncode == 0
    assert srcos_ledger("run", "--agent", agent, "--task", "wo-2", "--", "true", folder=folder).returncode == 0
    assert srcos_ledger("summarise", "--agent", agent, folder=folder).returncode == 0


def test_criterion_1_an_agent_can_write_to_its_ledger_of_the_day(tmp_path: Path) -> None:
    """CLS can write to `g/ledger/cls/YYYY-MM-DD.jsonl`."""
    _work(tmp_path)
    for path in (tmp_path / "g/ledger/cls").iterdir():
        day = path.name.removesuffix(".jsonl")
        assert {event["ts"][:10] for event in events(tmp_path)} >= {day}
    assert [event["event"] for event in events(tmp_path)] == ["info", "task_start", "task_result", "task_start", "task_result"]


def test_criterion_2_status_files_are_replaced_whole(tmp_path: Path) -> None:
    """Status files update correctly with safe write pattern: whoever reads while it is written sees an old or a new one, never a part."""
    _work(tmp_path)
    stop, seen = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            seen.append(status(tmp_path)["state"])

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(5):
            for words in (("task_start", "x"), ("task_result", "x", "--status", "success")):
                assert srcos_ledger("append", *words, "--agent", "cls", "--task", f"wo-{number}", folder=tmp_path).returncode == 0
                assert status(tmp_path)["state"] == ("busy" if words[0] == "task_start" else "idle")
    finally:
        stop.set()
        reader.join()
    assert set(seen) == {"idle", "busy"}
    assert [path.name for path in (tmp_path / "agents/cls").iterdir()] == ["status.json"]


def test_criterion_3_ledgers_are_only_appended_to(tmp_path: Path) -> None:
    """Ledger files are append-only (verified): no call opens one for anything else, cuts it, or takes it away; a seal finds it grown."""
    program = """
import os, sys
ways, given = [], os.open
def opened(path, flags, *rest, **more):
    if ".jsonl" in os.fspath(path):
        ways.append(flags)
    return given(path, flags, *rest, **more)
os.open = opened
for name in ("truncate", "ftruncate", "unlink", "remove", "rename", "replace"):
    def watched(*arguments, name=name, call=getattr(os, name), **more):
        assert not any(".jsonl" in str(argument) for argument in arguments), (name, arguments)
        assert name != "ftruncate"
        return call(*arguments, **more)
    setattr(os, name, watched)
sys.argv = ["srcos-ledger", *sys.argv[1:]]
from srcos_contracts.cli.agent_ledger.main import main
code = main()
writing = [way for way in ways if way & (os.O_WRONLY | os.O_RDWR)]
assert writing, ways
assert all(way & os.O_APPEND and way & os.O_WRONLY and not way & os.O_TRUNC for way in writing)
sys.exit(code)
"""
    kept = b""
    for number in range(4):
        words = ("append", "--agent", "cls", "info", str(number))
        done = subprocess.run([sys.executable, "-c", program, *words], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, b"")
        (day,) = (tmp_path / "g/ledger/cls").iterdir()
        content = day.read_bytes()
        assert content.startswith(kept)
        kept = content
        if number == 1:
            audited(tmp_path, seal_at=tmp_path.parent / "seal")
    assert audited(tmp_path, since=tmp_path.parent / "seal") == []


def test_criterion_4_folders_are_made_as_they_are_needed(tmp_path: Path) -> None:
    """Directory structure created automatically, as it was laid out."""
    root = tmp_path / "not" / "there"
    for agent in ("cls", "andy"):
        for words in (("append", "info", "x"), ("summarise",)):
            assert srcos_ledger(*words, "--agent", agent, "--root", str(root), folder=tmp_path).returncode == 0
    found = sorted(str(path.parent.relative_to(root)) for path in root.rglob("*") if path.is_file())
    assert found == sorted(
        f"{place}" for agent in ("andy", "cls") for place in (f"agents/{agent}", f"g/ledger/{agent}", f"memory/{agent}/sessions")
    )


def test_criterion_5_what_is_written_passes_validation(tmp_path: Path) -> None:
    """Schema validation passes: of each record by itself, and of all together."""
    _work(tmp_path)
    for command in ("check", "audit"):
        validated = subprocess.run(
            [sys.executable, "-P", "-m", "srcos_contracts.cli.main", command, "--strict", "."],
            cwd=tmp_path,
            env=ENVIRONMENT,
            capture_output=True,
            timeout=60,
        )
        assert (validated.returncode, validated.stdout) == (0, b"")


def test_criterion_6_nothing_is_written_outside_its_zones(tmp_path: Path) -> None:
    """No governance violations: an agent writes below g/ledger, agents and memory, under its own name, and to no buffer and no other agent."""
    (tmp_path / "g/telemetry").mkdir(parents=True)
    buffer = tmp_path / "g/telemetry/cls_audit.jsonl"
    buffer.write_text('{"ts":"2026-05-17T10:00:00Z","session_id":"2026-05-17_cls_001","event":"info","summary":"old"}\n', encoding="utf-8")
    before = buffer.read_bytes()
    _work(tmp_path, "andy")
    others = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    _work(tmp_path)
    assert srcos_ledger("import", "--agent", "cls", str(buffer), folder=tmp_path).returncode == 0
    assert srcos_ledger("append", "--agent", "cls", "nope", "x", folder=tmp_path).returncode == 2
    for name in ("../andy", "/tmp/x", "andy/../cls", "."):
        assert srcos_ledger("append", "--agent", name, "info", "x", folder=tmp_path).returncode == 2
    now = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert {path: now[path] for path in others} == others
    assert buffer.read_bytes() == before
    for path in now:
        if path not in others:
            assert path.relative_to(tmp_path).as_posix().startswith(("g/ledger/cls/", "agents/cls/", "memory/cls/sessions/"))
    # A buffer is no ledger, and an audit of the tree would say so.
    buffer.unlink()
    assert audited(tmp_path) == []
