"""`srcos-ledger run` as callers of every kind use it: their signals, their environment, and words that name no program."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ..hostile.agents import COMMAND, ENVIRONMENT, python, srcos_ledger
from ..ledger_trees import audited, events

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups are those of POSIX")

_COUNTS = """
import signal, sys, time
for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGALRM, signal.SIGVTALRM, signal.SIGTERM):
    signal.signal(number, lambda number, frame: print(number, flush=True))
print("ready", flush=True)
end = time.monotonic() + 1.5
while time.monotonic() < end:
    time.sleep(0.05)
"""


def _started(folder: Path, *command: str, **more: bool | int) -> subprocess.Popen[bytes]:
    words = [*COMMAND, "run", "--agent", "cls", "--task", "wo-1", "--", *command]
    process = subprocess.Popen(words, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, **more)  # type: ignore[call-overload]
    assert isinstance(process, subprocess.Popen)
    return process


@pytest.mark.parametrize("name", ["SIGINT", "SIGQUIT", "SIGALRM", "SIGVTALRM", "SIGTERM"])
@pytest.mark.parametrize("to", ["it alone", "its group"])
def test_a_signal_reaches_the_command_once(name: str, to: str, tmp_path: Path) -> None:
    number = getattr(signal, name)
    process = _started(tmp_path, sys.executable, "-c", _COUNTS, start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    (os.kill if to == "it alone" else os.killpg)(process.pid, number)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (0, f"{int(number)}\n".encode())


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="states of processes are those of Linux")
def test_it_stops_and_goes_on_with_the_command(tmp_path: Path) -> None:
    process = _started(tmp_path, "sh", "-c", "echo $$; exec sleep 2", process_group=0)
    assert process.stdout is not None
    both = (process.pid, int(process.stdout.readline()))
    process.send_signal(signal.SIGTSTP)
    _until(both, "TT")
    process.send_signal(signal.SIGCONT)
    _until(both, "SS")
    process.communicate(timeout=60)
    assert process.returncode == 0


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="states of processes are those of Linux")
def test_it_stops_also_where_it_hears_first_that_the_command_has(tmp_path: Path) -> None:
    process = _started(tmp_path, "sh", "-c", "echo $$; exec sleep 60", process_group=0)
    assert process.stdout is not None
    both = (process.pid, int(process.stdout.readline()))
    os.kill(both[1], signal.SIGTSTP)
    _until(both, "ST")
    # The run looks at its child before it waits for the next signal.
    time.sleep(0.2)
    os.killpg(process.pid, signal.SIGTSTP)
    _until(both, "TT")
    os.killpg(process.pid, signal.SIGCONT)
    _until(both, "SS")
    os.killpg(process.pid, signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM


def _until(processes: tuple[int, ...], states: str) -> None:
    deadline = time.monotonic() + 30
    while [Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] for pid in processes] != list(states):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_caller_that_ignores_the_ends_of_its_children(tmp_path: Path) -> None:
    program = "import os, signal, sys; signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    words = [sys.executable, "-c", program, *COMMAND, "run", "--agent", "cls", "--", "sh", "-c", "exit 3"]
    assert subprocess.run(words, cwd=tmp_path, env=ENVIRONMENT, capture_output=True, timeout=60).returncode == 3


def test_a_killed_run_lasted_as_long_as_it_did(tmp_path: Path) -> None:
    process = _started(tmp_path, "sh", "-c", "echo ready; sleep 30", start_new_session=True)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    time.sleep(0.5)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    deadline = time.monotonic() + 30
    while events(tmp_path)[-1]["event"] != "task_result" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert 0.5 <= events(tmp_path)[-1]["data"]["duration_sec"] < 30


def _recorder_of(process: subprocess.Popen[bytes]) -> int:
    """The process that writes the ledger of a run: of its children the one that is in a session of its own."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii").split()
    (found,) = [int(child) for child in children if os.getsid(int(child)) == int(child)]
    return found


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="children of processes are asked of Linux")
def test_a_run_whose_recorder_is_killed_leaves_its_result(tmp_path: Path) -> None:
    process = _started(tmp_path, "sh", "-c", "echo ready; sleep 0.5; exit 3")
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    os.kill(_recorder_of(process), signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == 3
    assert [event["event"] for event in events(tmp_path)] == ["info", "task_start", "task_result"]
    data = events(tmp_path)[-1]["data"]
    assert (data["status"], data["exit_code"]) == ("failure", 3)
    assert 0.5 <= data["duration_sec"] < 30
    assert audited(tmp_path) == []


_DIES = """
import os, signal, sys
from srcos_contracts.cli.agent_ledger.main import main
from srcos_contracts.emit.agent_ledger import AgentLedger
given, (kind, when, *words) = AgentLedger.append, sys.argv[1:]
def append(self, event, *rest, **more):
    dies = event == kind and not os.path.exists("died")
    if not dies:
        return given(self, event, *rest, **more)
    os.mkdir("died")
    if when == "after":
        given(self, event, *rest, **more)
    os.kill(os.getpid(), signal.SIGKILL)
AgentLedger.append = append
sys.argv = ["srcos-ledger", "run", "--agent", "cls", *words, "--", "sh", "-c", "[ ! -f g ] || rm g; exit 3"]
sys.exit(main())
"""
"""What writes the ledger of a command is killed before, or after, it appends an event of a kind; a file that was in its way is gone then."""


@pytest.mark.parametrize(
    "options", [(), ("--session", "new"), ("--task", "wo-1")], ids=["a command", "a new session", "a task that ran before"]
)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("kind", ["task_start", "task_result"])
def test_a_run_is_recorded_once_whenever_its_recorder_is_killed(kind: str, when: str, options: tuple[str, ...], tmp_path: Path) -> None:
    before = ["info", "task_start", "task_result"] if "--task" in options else []
    if before:
        assert srcos_ledger("run", "--agent", "cls", *options, "--", "true", folder=tmp_path).returncode == 0
    ended = python(_DIES, kind, when, *options, folder=tmp_path)
    out, err = ended.communicate(timeout=60)
    assert (ended.returncode, out, err) == (3, b"", b"")
    found = events(tmp_path)
    assert [event["event"] for event in found if event["event"] != "info"] == [*before[1:], "task_start", "task_result"]
    assert len({(event["session_id"], event["task_id"]) for event in found[-2:]}) == 1
    assert found[-1]["data"]["exit_code"] == 3
    assert audited(tmp_path) == []


def test_a_run_whose_start_waited_in_a_killed_recorder_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "g").write_text("a file", encoding="utf-8")
    ended = python(_DIES, "task_result", "before", folder=tmp_path)
    _, err = ended.communicate(timeout=60)
    assert ended.returncode == 3
    assert b"the ledger of cls cannot be written" in err
    assert [event["event"] for event in events(tmp_path)][-2:] == ["task_start", "task_result"]
    assert audited(tmp_path) == []


_LATE = """
import os, subprocess, time
from srcos_contracts.emit import running
ours, theirs = running._Channel.pair()
if not os.fork():
    ours.close()
    running._record(theirs, lambda: running.Recorder(lambda: (True, {}), lambda ended: bool(os.write(2, str(ended.seconds).encode()))))
theirs.close()
assert [ours.receive(30), ours.receive(30)] == [{"begun": {}}, {"recorded": True, "environment": {}, "begun": {}}]
ended = subprocess.Popen(["true"])
ended.wait()
ours.send({"child": ended.pid, "began": time.monotonic() - 5})
ours.close()
os.wait()
"""
"""What writes the ledger hears of a command that began five seconds ago, and then that it is gone."""


def test_a_killed_run_lasted_from_its_beginning_also_where_its_ledger_hears_of_that_late(tmp_path: Path) -> None:
    ended = python(_LATE, folder=tmp_path)
    _, err = ended.communicate(timeout=60)
    assert ended.returncode == 0, err
    assert 5 <= float(err) < 60


def test_a_command_of_another_agent(tmp_path: Path) -> None:
    inner = " ".join(COMMAND)
    line = f"{inner} append --agent kim info x && {inner} run --agent kim -- echo ran"
    ended = srcos_ledger("run", "--agent", "cls", "--", "sh", "-c", line, folder=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"ran\n", b"")
    assert {event["session_id"][10:] for event in events(tmp_path, "kim")} == {"_kim_001"}
    assert srcos_ledger("append", "--agent", "kim", "--session", "2026-05-18_cls_001", "info", "x", folder=tmp_path).returncode == 2


def test_an_empty_word_is_no_program(tmp_path: Path) -> None:
    ended = srcos_ledger("run", "--agent", "cls", "--", "", folder=tmp_path)
    assert (ended.returncode, ended.stderr) == (127, b"srcos-ledger: '': no such file or directory\n")
    assert events(tmp_path)[-1]["data"]["exit_code"] == 127


@pytest.mark.parametrize("called", ["./script", "script"])
def test_a_script_that_does_not_say_what_runs_it_is_one_for_the_shell(called: str, tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text('echo "$0 $1"; exit 4\n', "ascii")
    script.chmod(0o755)
    environment = {**ENVIRONMENT, "PATH": f"{tmp_path}:{ENVIRONMENT.get('PATH', os.defpath)}"}
    words = [*COMMAND, "run", "--agent", "cls", "--", called, "one word"]
    ended = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, timeout=60)
    name = called if called.startswith(".") else str(script)
    assert (ended.returncode, ended.stdout, ended.stderr) == (4, f"{name} one word\n".encode(), b"")
    assert events(tmp_path)[-1]["data"]["exit_code"] == 4


@pytest.mark.parametrize(("option", "rule"), [("--task", "/task_id"), ("--summary", "/summary")], ids=["a task", "a summary"])
def test_a_command_is_recorded_whatever_it_is_called(option: str, rule: str, tmp_path: Path) -> None:
    ended = srcos_ledger("run", "--agent", "cls", option, "  ", "--", "sh", "-c", "exit 3", folder=tmp_path)
    assert ended.returncode == 3
    assert b"an event was refused: " in ended.stderr
    assert json.loads((tmp_path / "g/ledger/cls.refused").read_bytes())["findings"][0]["pointer"] == rule
    begun, done = events(tmp_path)[1:]
    assert (begun["task_id"], begun["summary"]) == (done["task_id"], "sh -c 'exit 3'")
    assert done["data"]["exit_code"] == 3
    strict = srcos_ledger("run", "--strict", "--agent", "cls", option, "  ", "--", "touch", "ran", folder=tmp_path)
    assert strict.returncode == 2
    assert not (tmp_path / "ran").exists()


def test_standard_input_that_is_closed(tmp_path: Path) -> None:
    ended = srcos_ledger("append", "--agent", "cls", "-", folder=tmp_path, shell='exec "$@" <&-')
    assert (ended.returncode, ended.stderr) == (2, b"srcos-ledger: standard input is closed: there are no events on it\n")
    assert srcos_ledger("run", "--agent", "cls", "--", "true", folder=tmp_path, shell='exec "$@" <&-').returncode == 0


_CLOSED = """
import os, sys
from srcos_contracts.cli.agent_ledger.main import main
program = "import os; print([number for number in range(3) if not os.path.exists(f'/proc/self/fd/{number}')], file=open('found', 'w'))"
for number in range(3):
    os.close(number)
sys.stdin = sys.stdout = sys.stderr = None
sys.argv = ["srcos-ledger", "run", "--strict", "--agent", "cls", "--", sys.executable, "-c", program]
os._exit(main())
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="open files are those of Linux")
def test_a_command_that_is_run_with_all_streams_closed_is_recorded(tmp_path: Path) -> None:
    ended = python(_CLOSED, folder=tmp_path)
    ended.communicate(timeout=60)
    assert ended.returncode == 0
    assert (tmp_path / "found").read_text(encoding="ascii") == "[0, 1, 2]\n"
    assert [event["event"] for event in events(tmp_path)] == ["info", "task_start", "task_result"]
