"""Whatever happens to agents and their disks: what was acknowledged is in the ledger once, and nothing there is torn but what a crash tore."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ..ledger_trees import audited, events, lines, status
from .agents import COMMAND, ENVIRONMENT, python, srcos_ledger

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits, mounts and signals are tried as Linux has them")

_UNDER_LOAD = """
import sys
from srcos_contracts.emit.agent_ledger import AgentLedger, Settings
name, background = sys.argv[1], sys.argv[2] == "background"
ledger = AgentLedger(".", "cls", settings=Settings(fsync="never", background=background))
number = 0
while True:
    number += 1
    words = f"{name} {number} " + "x" * (number * 611 % 9000)
    kind = ("info", "heartbeat", "task_start", "task_result")[number % 4]
    data = {"status": "success"} if kind == "task_result" else {}
    outcome = ledger.append(kind, words, task_id=f"{name}-{number // 4}" if kind.startswith("task") else None, data=data)
    if ledger.flush() if background and not number % 20 else outcome == "written":
        print(number, flush=True)
"""
"""An agent that says which events were acknowledged: in the background each stands for all before it."""


def _first_line(agent: subprocess.Popen[bytes]) -> bytes:
    assert agent.stdout is not None
    return agent.stdout.readline()


def _killed(folder: Path, times: int, mode: str, seed: int) -> Counter[str]:
    """Has agents killed at random moments, two at a time. Returns the acknowledged events, by what they say."""
    chance = random.Random(seed)
    acknowledged: Counter[str] = Counter()
    for turn in range(times // 2):
        agents = {name: python(_UNDER_LOAD, name, mode, folder=folder) for name in (f"a{turn}", f"b{turn}")}
        # Once they have begun to write: what comes before is the interpreter's business.
        begun = [_first_line(agent) for agent in agents.values()]
        time.sleep(chance.random() * 0.05)
        for (name, agent), first in zip(agents.items(), begun, strict=True):
            agent.kill()
            out, err = agent.communicate()
            numbers = [int(text) for text in (first + out).split(b"\n")[:-1]]
            assert numbers, err
            acknowledged.update(f"{name} {number}" for number in (range(1, numbers[-1] + 1) if mode == "background" else numbers))
            _ = status(folder)
    return acknowledged


def _check_after_kills(folder: Path, acknowledged: Counter[str]) -> int:
    """Every acknowledged event is there once, and no line is torn but those that were being written. Returns how many are."""
    found: Counter[str] = Counter()
    torn = 0
    for path in sorted((folder / "g/ledger/cls").glob("*.jsonl")):
        for line in path.read_bytes().split(b"\n"):
            if not line:
                continue
            try:
                event = json.loads(line)
            except ValueError:
                torn += 1
                assert line.startswith(b'{"ts":"2')
            else:
                found[" ".join(event["summary"].split(" ")[:2])] += 1
    missing = acknowledged - found
    assert not missing
    assert {words: count for words, count in found.items() if count > 1 and not words.startswith("The session")} == {}
    return torn


def test_all_that_an_agent_acknowledges_is_read(tmp_path: Path) -> None:
    said = b"".join(b"%d\n" % number for number in range(1, 9000))
    agent = python("import os; os.write(1, b''.join(b'%d\\n' % number for number in range(1, 9000)))", folder=tmp_path)
    first = _first_line(agent)
    assert (first, first + agent.communicate()[0]) == (b"1\n", said)


@pytest.mark.parametrize("mode", ["foreground", "background"])
def test_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(mode: str, tmp_path: Path) -> None:
    acknowledged = _killed(tmp_path, 50, mode, 1)
    torn = _check_after_kills(tmp_path, acknowledged)
    assert torn <= 50
    _check_audit(tmp_path, torn)


def _check_audit(folder: Path, torn: int) -> None:
    found = audited(folder)
    assert sum(rule in ("json-syntax", "torn-last-line", "invalid-utf8") for rule, _, _, _ in found) == torn
    assert [one for one in found if one[0] not in ("json-syntax", "torn-last-line", "invalid-utf8") and one[1] == "error"] == []
    doctor = srcos_ledger("doctor", "--repair", folder=folder)
    assert b"torn-last-line" not in doctor.stdout
    assert b"status-behind" not in doctor.stdout
    assert [one for one in audited(folder) if one[0] == "task-paired"] == []


@pytest.mark.long
@pytest.mark.parametrize("mode", ["foreground", "background"])
def test_a_thousand_kills(mode: str, tmp_path: Path) -> None:
    acknowledged = _killed(tmp_path, 500, mode, 2)
    assert len(acknowledged) > 1_000
    _check_audit(tmp_path, _check_after_kills(tmp_path, acknowledged))


_CROWD = """
import sys
from srcos_contracts.emit.agent_ledger import AgentLedger, Settings
name, count, own = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "own"
ledger = AgentLedger(".", "cls", session_id=None if own else "2026-05-18_cls_001", settings=Settings(fsync="never", lock_seconds=60.0))
sys.stdin.read()
for number in range(count):
    assert ledger.append("info", f"{name} {number} " + "y" * (number % 7 * 2000 if number % 50 == 0 else 20)) == "written"
ledger.close()
print(ledger.session_id)
"""


def _crowd(folder: Path, writers: int, each: int, own: bool) -> list[str]:
    command = [sys.executable, "-c", _CROWD]
    crowd = [
        subprocess.Popen(
            [*command, f"w{number}", str(each), "own" if own else "shared"],
            cwd=folder,
            env=ENVIRONMENT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(writers)
    ]
    for one in crowd:
        assert one.stdin is not None
        one.stdin.close()
        one.stdin = None
    ended = [one.communicate(timeout=1200) for one in crowd]
    assert [err for _, err in ended if err] == []
    assert [one.returncode for one in crowd] == [0] * writers
    return [out.decode().strip() for out, _ in ended]


def _check_crowd(folder: Path, writers: int, each: int) -> None:
    found: dict[str, list[int]] = {}
    for event in events(folder):
        name, number = event["summary"].split(" ")[:2]
        if name.startswith("w"):
            found.setdefault(name, []).append(int(number))
    assert found == {f"w{number}": list(range(each)) for number in range(writers)}
    assert audited(folder) == []


def test_many_writers_lose_nothing_and_interleave_nothing(tmp_path: Path) -> None:
    sessions = _crowd(tmp_path, 10, 100, True)
    assert len(set(sessions)) == 10
    day = sessions[0][:10]
    assert sorted(sessions) == [f"{day}_cls_{number:03}" for number in range(1, 11)] or len({name[:10] for name in sessions}) == 2
    _check_crowd(tmp_path, 10, 100)


@pytest.mark.long
@pytest.mark.parametrize("own", [False, True], ids=["of one session", "each with its session"])
def test_fifty_writers_and_a_hundred_thousand_events(own: bool, tmp_path: Path) -> None:
    _crowd(tmp_path, 50, 2000, own)
    _check_crowd(tmp_path, 50, 2000)


_FULL = """
import sys
from srcos_contracts.emit.agent_ledger import AgentLedger, Settings
ledger = AgentLedger(".", "cls", settings=Settings(fsync="never", most_waiting=int(sys.argv[1])))
outcomes = [ledger.append("info", f"n {number} " + "z" * 200) for number in range(300)]
print(*outcomes)
ledger.close()
print(ledger.health)
"""


def test_a_file_that_may_not_grow_costs_events_no_order(tmp_path: Path) -> None:
    ended = python(_FULL, "1000", folder=tmp_path, shell='ulimit -f 32; exec "$@"')
    out, err = ended.communicate(timeout=120)
    assert ended.returncode == 0
    outcomes = out.split(b"\n")[0].decode().split()
    assert set(outcomes) == {"written", "waiting"}
    assert outcomes == sorted(outcomes, key=["written", "waiting"].index)
    told = err.decode().splitlines()
    assert told[0].startswith("srcos-ledger: the ledger of cls cannot be written: ")
    assert "file too large" in told[0].lower()
    # The torn line is the disk's, and is closed off when there is room; the rest waits beside the ledger.
    again = srcos_ledger("append", "info", "room again", "--agent", "cls", folder=tmp_path)
    assert again.returncode == 0
    found = [event["summary"].split(" ")[1] for event in (_whole(line) for line in lines(tmp_path)) if event["summary"].startswith("n ")]
    kept = sum(1 for line in err.decode().splitlines() if "could be kept nowhere" in line)
    assert found == [str(number) for number in range(len(found))]
    assert len(found) == 300 or kept == 1
    assert {rule for rule, severity, _, _ in audited(tmp_path) if severity == "error"} <= {"json-syntax"}


def _whole(line: bytes) -> dict[str, Any]:
    try:
        value: dict[str, Any] = json.loads(line)
    except ValueError:
        return {"summary": "(torn)"}
    return value


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)], capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_caught_up_with_when_there_is_room(small_disk: Path) -> None:
    filler = small_disk / "filler"
    filler.write_bytes(b"\0" * 180_000)
    program = _FULL.replace("ledger.close()", 'import os; os.unlink("filler"); print(ledger.flush()); ledger.close()')
    ended = python(program, "1000", folder=small_disk)
    out, err = ended.communicate(timeout=120)
    outcomes, flushed, health = out.decode().splitlines()
    assert (ended.returncode, flushed) == (0, "True")
    assert set(outcomes.split()) == {"written", "waiting"}
    assert "waiting=0" in health
    (told,) = err.decode().splitlines()
    assert told.startswith("srcos-ledger: the ledger of cls cannot be written: ")
    assert told.endswith("no space left on device; its events wait")
    assert [event["summary"].split(" ")[1] for event in events(small_disk)][1:] == [str(number) for number in range(300)]
    assert "x-trouble" not in status(small_disk)
    assert audited(small_disk) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not write")
def test_a_folder_that_may_only_be_read(tmp_path: Path) -> None:
    program = """
import os, sys
from srcos_contracts.emit.agent_ledger import AgentLedger, Settings
AgentLedger("reading", "cls").append("info", "before")
import jsonschema_rs
os.chmod("reading/g/ledger/cls", 0o555)
for path in ("reading/g/ledger/cls/" + name for name in os.listdir("reading/g/ledger/cls")):
    os.chmod(path, 0o444)
os.chmod("reading/g/ledger", 0o777)
os.setuid(65534)
ledger = AgentLedger("reading", "cls")
print(ledger.append("info", "after"))
ledger.close()
print(ledger.health.spilled)
"""
    tmp_path.chmod(0o755)
    folder = Path("/tmp") / f"srcos-ledger-{os.getpid()}"
    folder.mkdir(mode=0o755)
    try:
        ended = python(program, folder=folder)
        out, err = ended.communicate(timeout=120)
        assert (ended.returncode, out) == (0, b"waiting\n2\n"), err
        assert b"permission denied" in err
        root = folder / "reading"
        (root / "g/ledger/cls").chmod(0o755)
        again = srcos_ledger("doctor", "--repair", "--root", "reading", folder=folder)
        assert again.returncode == 0, again.stdout
        assert [event["summary"] for event in events(root)] == ["The session begins.", "before", "The session begins.", "after"]
        assert audited(root) == []
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_a_folder_deleted_again_and_again(tmp_path: Path) -> None:
    ends = "import signal, sys; signal.signal(signal.SIGTERM, lambda number, frame: sys.exit())\n"
    agent = python(ends + _UNDER_LOAD, "d", "foreground", folder=tmp_path)
    _first_line(agent)
    for _ in range(20):
        time.sleep(0.02)
        subprocess.run(["rm", "-rf", "g"], cwd=tmp_path)
    # An agent that has found no folder several times in a row tries again only a while later.
    deadline = time.monotonic() + 30
    while not lines(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.02)
    agent.send_signal(signal.SIGTERM)
    _, err = agent.communicate(timeout=60)
    assert b"Traceback" not in err
    assert len(lines(tmp_path)) > 0
    assert all(json.loads(line) for line in lines(tmp_path))


def test_ten_processes_at_once_get_ten_sessions(tmp_path: Path) -> None:
    crowd = [
        subprocess.Popen(
            [*COMMAND, "append", "--agent", "cls", "--session", "new", "info", "x"], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE
        )
        for _ in range(10)
    ]
    sessions = sorted(one.communicate(timeout=60)[0].decode().strip() for one in crowd)
    assert len({name[:10] for name in sessions}) <= 2
    assert len(set(sessions)) == 10
    assert {name[-3:] for name in sessions if name[:10] == sessions[0][:10]} == {
        f"{number:03}" for number in range(1, 1 + sum(name[:10] == sessions[0][:10] for name in sessions))
    }
    assert audited(tmp_path) == []


_COMMAND = 'trap "echo told; exit 7" TERM; echo ready; while :; do sleep 0.05; done'


def _started(folder: Path, command: str, *options: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*COMMAND, "run", "--agent", "cls", "--task", "wo-1", *options, "--", "sh", "-c", command],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _result(folder: Path) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = [event for event in events(folder) if event["event"] == "task_result"]
        if found:
            return found[0]
        time.sleep(0.02)
    raise AssertionError("there is no result")


def test_a_killed_process_group_leaves_a_result(tmp_path: Path) -> None:
    process = _started(tmp_path, _COMMAND)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    result = _result(tmp_path)
    assert result["data"]["status"] == "failure"
    assert "exit_code" not in result["data"]
    assert result["summary"].endswith("srcos-ledger was killed, so nobody saw how the command ended")
    assert audited(tmp_path) == []


def test_a_signal_to_the_caller_reaches_the_command(tmp_path: Path) -> None:
    process = _started(tmp_path, _COMMAND)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (7, b"told\n", b"")
    assert _result(tmp_path)["data"]["exit_code"] == 7


def test_an_interrupt_from_a_terminal_reaches_the_command_once(tmp_path: Path) -> None:
    process = _started(tmp_path, 'trap "echo told; exit 5" INT; echo ready; while :; do sleep 0.05; done')
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    os.killpg(process.pid, signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert (process.returncode, out) == (5, b"told\n")
    assert _result(tmp_path)["data"]["exit_code"] == 5


def test_a_caller_killed_alone_leaves_a_result_when_the_command_ends(tmp_path: Path) -> None:
    process = _started(tmp_path, "echo ready; sleep 1; echo done > done")
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    process.kill()
    result = _result(tmp_path)
    process.communicate(timeout=60)
    assert (tmp_path / "done").exists()
    assert result["data"]["status"] == "failure"


def test_an_inherited_ignored_signal_stays_ignored(tmp_path: Path) -> None:
    done = srcos_ledger(
        "run",
        "--agent",
        "cls",
        "--",
        "sh",
        "-c",
        "kill -HUP $$; kill -INT $$; echo lived",
        folder=tmp_path,
        shell='trap "" HUP INT; exec "$@"',
    )
    assert (done.returncode, done.stdout) == (0, b"lived\n")


@pytest.mark.parametrize(
    ("command", "code"),
    [("exit 0", 0), ("exit 3", 3), ("exit 255", 255), ("kill -SEGV $$", -signal.SIGSEGV), ("kill -KILL $$", -signal.SIGKILL)],
)
def test_run_ends_as_the_command_does(command: str, code: int, tmp_path: Path) -> None:
    process = _started(tmp_path, f"cat; echo out; echo err >&2; {command}")
    out, err = process.communicate(b"", timeout=60)
    assert (process.returncode, out, err) == (code, b"out\n", b"err\n")
    data = _result(tmp_path)["data"]
    assert (data["exit_code"], data["status"]) == (code if code >= 0 else 128 - code, "success" if not code else "failure")
    assert data.get("signal") == (signal.Signals(-code).name if code < 0 else None)
    assert audited(tmp_path) == []


def test_run_does_not_suffer_from_its_ledger_unless_it_is_strict(tmp_path: Path) -> None:
    (tmp_path / "g").write_text("a file", encoding="utf-8")
    lenient = srcos_ledger("run", "--agent", "cls", "--", "sh", "-c", "echo ran; exit 4", folder=tmp_path)
    assert (lenient.returncode, lenient.stdout) == (4, b"ran\n")
    assert b"the ledger of cls cannot be written" in lenient.stderr
    strict = srcos_ledger("run", "--strict", "--agent", "cls", "--", "sh", "-c", "echo ran", folder=tmp_path)
    assert (strict.returncode, strict.stdout) == (2, b"")
    assert strict.stderr == b"srcos-ledger: the ledger of cls cannot be written: ./g/ledger: not a directory\n"


def test_run_in_a_folder_that_is_gone(tmp_path: Path) -> None:
    shell = 'mkdir gone; cd gone; rmdir ../gone; exec "$@"'
    ended = srcos_ledger("run", "--agent", "cls", "--", "sh", "-c", "echo ran; exit 4", folder=tmp_path, shell=shell)
    assert (ended.returncode, ended.stdout) == (4, b"ran\n")
    assert [line for line in ended.stderr.decode().splitlines() if line.startswith("srcos-ledger: ")] == [
        "srcos-ledger: the ledger of cls cannot be written: ./g: no such file or directory; its events wait",
        "srcos-ledger: ./g/ledger/cls.spill cannot be written: ./g: no such file or directory; events that do not fit into memory are lost",
        "srcos-ledger: 3 events of cls could be kept nowhere",
    ]


def test_run_takes_words_that_are_no_utf_8(tmp_path: Path) -> None:
    ended = srcos_ledger("run", "--agent", "cls", "--", "printf", "%s", os.fsdecode(b"\xff\xfe"), folder=tmp_path)
    assert (ended.returncode, ended.stdout) == (0, b"\xff\xfe")
    assert _result(tmp_path)["data"]["command"] == "printf %s '\\xff\\xfe'"
    assert audited(tmp_path) == []


def test_an_event_in_a_run_belongs_to_its_session(tmp_path: Path) -> None:
    inner = " ".join(COMMAND)
    ended = srcos_ledger(
        "run", "--agent", "cls", "--session", "new", "--", "sh", "-c", f"cd /; {inner} append info inside", folder=tmp_path
    )
    assert ended.returncode == 0, ended.stderr
    found = events(tmp_path)
    assert [event["summary"] for event in found][2] == "inside"
    assert len({event["session_id"] for event in found}) == 1
