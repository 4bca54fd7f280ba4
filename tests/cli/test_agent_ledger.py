"""`srcos-ledger` as a shell calls it: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..hostile.agents import COMMAND, ENVIRONMENT, srcos_ledger
from ..ledger_trees import audited, events, lines, status

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="locks of files are those of POSIX")

_OLD = '{"ts":"2026-05-17T10:00:00+07:00","session_id":"2026-05-17_cls_001","event":"info","summary":"%s"}\n'


def _ledger(folder: Path, *arguments: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    return srcos_ledger(arguments[0], "--agent", "cls", *arguments[1:], folder=folder, **more)


def test_a_shell_agent(tmp_path: Path) -> None:
    steps = [
        ("append", "--session", "new", "task_start", "Build", "the", "page", "--task", "wo-1"),
        (
            "append",
            "task_result",
            "Built",
            "--task",
            "wo-1",
            "--status=success",
            "--file",
            "a.html",
            "--file",
            "b.css",
            "--duration",
            "1.5",
            "--exit-code",
            "0",
        ),
        ("append", "info", "--lesson", "Read first", "--data", '{"of": 3}'),
        ("append", "--source", "cron", "heartbeat"),
    ]
    ended = [_ledger(tmp_path, *step) for step in steps]
    assert [(one.returncode, one.stderr) for one in ended] == [(0, b"")] * 4
    found = events(tmp_path)
    session = found[0]["session_id"]
    assert [one.stdout for one in ended] == [f"{session}\n".encode(), b"", b"", b""]
    assert {event["session_id"] for event in found} == {session}
    assert [(event["event"], event["summary"], event["data"], event["source"]) for event in found[1:]] == [
        ("task_start", "Build the page", {}, "srcos-ledger"),
        (
            "task_result",
            "Built",
            {"status": "success", "files_touched": ["a.html", "b.css"], "exit_code": 0, "duration_sec": 1.5},
            "srcos-ledger",
        ),
        ("info", "Read first", {"of": 3, "lesson": True}, "srcos-ledger"),
        ("heartbeat", "heartbeat", {}, "cron"),
    ]
    assert audited(tmp_path) == []


def test_the_quick_way_and_the_parser_understand_the_same(tmp_path: Path) -> None:
    words = ("info", "x", "--task", "wo-1", "--mask", "corp-[0-9]+", '--data={"a": "corp-1"}')
    for number, more in enumerate(((), ("--fsync", "each"), ("--strict",))):
        assert _ledger(tmp_path, "append", *words, *more).returncode == 0
        event = events(tmp_path)[number + 1]
        assert event | {"ts": ""} == events(tmp_path)[1] | {"ts": ""}
        assert (event["task_id"], event["data"]) == ("wo-1", {"a": "***"})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (
            ["append", "nope", "x"],
            "'nope' is no kind of event: heartbeat, task_start, task_result, error, info; or - for JSON Lines on standard input",
        ),
        (["append", "info", "--data", "["], "--data is not JSON: Expecting value: line 1 column 2 (char 1)"),
        (["append", "info", "--data", "[]"], '--data is no JSON object, such as {"commits": 3}'),
        (["append", "info", "--duration", "long"], "--duration is a number, not 'long'"),
        (["append", "info", "--session", "today"], "'today' is no session of cls: one is called YYYY-MM-DD_cls_NNN; `new` begins one"),
        (
            ["append", "info", "--agent", "../x"],
            "'../x' is no name of an agent: lower-case letters, digits, _ and -, beginning with a letter or digit",
        ),
        (["append", "info", "--colour"], "unrecognized arguments: --colour; srcos-ledger --help says what there is"),
        (
            ["append", "info", "--mask", "(?=a)b"],
            "'(?=a)b' is no pattern that can be matched in linear time: no look-around and no back-references",
        ),
        (["append"], "the following arguments are required: EVENT, SUMMARY; srcos-ledger append --help says what there is"),
        (["run"], "no command is given: srcos-ledger run --agent NAME -- COMMAND ..."),
        (
            ["run", "--mask", "(", "--", "true"],
            "'(' is no pattern that can be matched in linear time: no look-around and no back-references",
        ),
        (["status", "tired"], "'tired' is no state: idle, busy, error, offline"),
        (["status", "--error", "x"], "--error says what went wrong beside a state: name the STATE too"),
        *(
            (["append", "-", *more], "with - each line of standard input says all of its event: no words, --task, --data and the like")
            for more in (["x"], ["--task", "t"], ["--data", '{"a": 1}'], ["--lesson"], ["--ts", "2026-05-18T10:00:00Z"])
        ),
        (["summarise"], "cls has no session today: name one, YYYY-MM-DD_cls_NNN"),
        (["summarise", "2026-05-17_cls_001"], "the ledger of cls has no event of 2026-05-17_cls_001"),
        (["import", "missing.jsonl"], "missing.jsonl cannot be read: no such file or directory"),
        (["tail", "-n", "-1"], "argument -n/--lines: '-1' is no number of lines; srcos-ledger tail --help says what there is"),
        (["nothing"], "argument COMMAND: invalid choice: 'nothing' (choose from"),
    ],
    ids=lambda case: " ".join(case) if isinstance(case, list) else "",
)
def test_wrong_usage(words: list[str], told: str, tmp_path: Path) -> None:
    ended = srcos_ledger(*words, folder=tmp_path, SRCOS_LEDGER_AGENT="cls")
    assert ended.returncode == 2
    assert ended.stdout == b""
    assert ended.stderr.decode().startswith(f"srcos-ledger: {told}")
    assert ended.stderr.count(b"\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_no_agent(tmp_path: Path) -> None:
    for words in (("append", "info", "x"), ("run", "--", "true")):
        assert (
            srcos_ledger(*words, folder=tmp_path).stderr
            == b"srcos-ledger: no agent is named: give --agent NAME, or set SRCOS_LEDGER_AGENT\n"
        )
    assert srcos_ledger("status", folder=tmp_path).stderr == b"srcos-ledger: there is no agent below .: name another folder with --root\n"


def test_events_on_standard_input(tmp_path: Path) -> None:
    stdin = b'{"event": "info", "summary": "one"}\n\nnot JSON\n[1]\n{"event": "info", "summary": "two\\nlines"}'
    lenient = _ledger(tmp_path, "append", "-", stdin=stdin)
    assert lenient.returncode == 0
    assert [event["summary"] for event in events(tmp_path)][1:] == ["one", "two\nlines"]
    assert len(lines(tmp_path)) == 3
    kept = [json.loads(line)["event"]["event"] for line in (tmp_path / "g/ledger/cls.refused").read_text("utf-8").splitlines()]
    assert kept == ["not JSON\n", [1]]
    where = "; it is kept in ./g/ledger/cls.refused"
    assert lenient.stderr.decode().splitlines() == [
        f"srcos-ledger: an event was refused: standard input:3:2: this is not JSON: expected true, false or null (json-syntax){where}",
        f"srcos-ledger: an event was refused: standard input:4: this is no JSON object (schema-type){where}",
    ]
    assert _ledger(tmp_path, "append", "--strict", "-", stdin=stdin).returncode == 1


def test_words_that_are_no_utf_8_are_written_as_escapes(tmp_path: Path) -> None:
    word = os.fsdecode(b"caf\xe9")
    assert _ledger(tmp_path, "append", "--strict", "info", word, "--file", word).returncode == 0
    assert (events(tmp_path)[-1]["summary"], events(tmp_path)[-1]["data"]["files_touched"]) == ("caf\\xe9", ["caf\\xe9"])


def test_numbers_keep_their_digits(tmp_path: Path) -> None:
    event = '"event":"info","summary":"x","data":{"cost":0.10,"far":1E+400,"many":3.14159265358979323846264338327950288}}\n'
    streamed = _ledger(tmp_path, "append", "--strict", "-", stdin=f"{{{event}".encode())
    assert (streamed.returncode, streamed.stderr) == (0, b"")
    (tmp_path / "buffer.jsonl").write_text(f'{{"ts":"2026-05-17T10:00:00Z",{event}', encoding="utf-8")
    imported = _ledger(tmp_path, "import", "buffer.jsonl")
    assert (imported.returncode, imported.stdout) == (0, b"buffer.jsonl: 1 appended, 0 there already\n")
    found = [line for line in lines(tmp_path) if b'"x"' in line]
    assert len(found) == 2
    assert all(line.endswith(event[event.index('"data"') : -1].encode()) for line in found)
    (tmp_path / "buffer.jsonl").unlink()
    assert audited(tmp_path) == []


def test_only_the_ledger_suffers_unless_it_is_strict(tmp_path: Path) -> None:
    (tmp_path / "g").write_text("a file", encoding="utf-8")
    lenient = _ledger(tmp_path, "append", "info", "x")
    assert lenient.returncode == 0
    assert (
        lenient.stderr.decode().splitlines()[0]
        == f"srcos-ledger: the ledger of cls cannot be written: {'.'}/g/ledger: not a directory; its events wait"
    )
    strict = _ledger(tmp_path, "append", "info", "x", "--strict", "--session", "2026-05-18_cls_001")
    assert (strict.returncode, strict.stderr) == (2, b"srcos-ledger: the ledger of cls cannot be written: ./g/ledger: not a directory\n")
    refused = _ledger(
        tmp_path / "..", "append", "task_result", "x", "--task", "t", "--status", "success", "--strict", "--root", str(tmp_path / "other")
    )
    assert refused.returncode == 1
    assert b"task-paired" in refused.stderr


def test_the_environment_says_whose_ledger_it_is(tmp_path: Path) -> None:
    ended = srcos_ledger(
        "append",
        "info",
        "x",
        folder=tmp_path,
        SRCOS_LEDGER_ROOT=str(tmp_path / "r"),
        SRCOS_LEDGER_AGENT="andy",
        SRCOS_LEDGER_SESSION="2026-05-18_andy_007",
        SRCOS_LEDGER_SOURCE="cron",
    )
    assert ended.returncode == 0, ended.stderr
    (event,) = events(tmp_path / "r", "andy")
    assert (event["agent"], event["session_id"], event["source"]) == ("andy", "2026-05-18_andy_007", "cron")


def test_status_is_said_and_shown(tmp_path: Path) -> None:
    assert _ledger(tmp_path, "append", "task_start", "x", "--task", "wo-\x1b[31m1").returncode == 0
    assert _ledger(tmp_path, "append", "task_start", "x", "--task", "wo-1").returncode == 0
    refused = _ledger(tmp_path, "status", "idle")
    assert refused.returncode == 0
    assert refused.stderr.decode().startswith(
        "srcos-ledger: the status was not set: the agent cannot be idle: by its ledger wo-1 has begun"
    )
    assert _ledger(tmp_path, "status", "idle", "--strict").returncode == 1
    assert _ledger(tmp_path, "status", "offline", "--error", "gone").returncode == 0
    (tmp_path / "agents/andy").mkdir()
    (tmp_path / "agents/andy/status.json").write_text("{", encoding="utf-8")
    shown = srcos_ledger("status", folder=tmp_path)
    assert shown.returncode == 0
    heads, andy, cls = shown.stdout.decode().splitlines()
    assert heads.split("  ")[0] == "agent"
    assert andy.split() == ["andy", "unknown", "-", "-", "-", "-"]
    assert cls.split()[:2] == ["cls", "offline"]
    assert cls.split()[-2:] == ["wo-1", "gone"]
    assert shown.stderr == b"srcos-ledger: ./agents/andy/status.json: this is not JSON\n"
    as_json = _ledger(tmp_path, "status", "--json")
    assert json.loads(as_json.stdout) == status(tmp_path)


def test_tail_shows_what_was_and_what_comes(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_text(_OLD % "old \\u001b[31m ##[error]", encoding="utf-8")
    assert _ledger(tmp_path, "import", "b.jsonl").returncode == 0
    assert srcos_ledger("append", "--agent", "andy", "error", "it broke", folder=tmp_path).returncode == 0
    (day,) = (tmp_path / "g/ledger/cls").iterdir()
    with day.open("ab") as stream:
        stream.write(b"torn \x1b\xff\n")
    follower = subprocess.Popen([*COMMAND, "tail", "-f"], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE)
    assert follower.stdout is not None
    seen = [follower.stdout.readline() for _ in range(4)]
    shown = srcos_ledger("tail", "-n", "3", folder=tmp_path).stdout
    assert shown.splitlines() == [line.rstrip(b"\n") for line in seen[1:]]
    text = [line.decode().rstrip("\n") for line in seen]
    assert text[0] == "2026-05-17T10:00:00  cls  info        old \\x1b[31m #\\x23[error]"
    assert text[1] == "?  torn \\x1b\\xff"
    assert text[3].endswith("  andy  error       it broke")
    assert _ledger(tmp_path, "append", "info", "fresh").returncode == 0
    while b"fresh" not in (line := follower.stdout.readline()):
        assert line
    follower.terminate()
    follower.communicate(timeout=30)


def test_summaries_keep_what_others_wrote(tmp_path: Path) -> None:
    session = _ledger(tmp_path, "append", "--session", "new", "info", "a | b <script> [x](y) `z`", "--lesson").stdout.decode().strip()
    first = _ledger(tmp_path, "summarise")
    path = tmp_path / "memory/cls/sessions" / f"{session}.md"
    assert (first.returncode, first.stdout.decode()) == (0, f"./memory/cls/sessions/{session}.md\n")
    text = path.read_text("utf-8")
    assert "- a \\| b \\<script\\> \\[x\\](y) \\`z\\`\n" in text
    noted = text.replace("What is written here", "What *I* think\n\n### Sub\n\n") + "\n## Mine\n\nmore\n"
    path.write_text(noted, encoding="utf-8")
    assert _ledger(tmp_path, "summarise", session).returncode == 0
    assert path.read_text("utf-8") == noted
    assert _ledger(tmp_path, "append", "error", "broke").returncode == 0
    assert _ledger(tmp_path, "summarise").returncode == 0
    again = path.read_text("utf-8")
    assert again.endswith(noted[noted.index("## Notes") :])
    assert "## Errors\n\n- `" in again
    path.write_text("# By hand\n\n## Timeline\n", encoding="utf-8")
    by_hand = _ledger(tmp_path, "summarise")
    assert (by_hand.returncode, path.read_text("utf-8")) == (2, "# By hand\n\n## Timeline\n")
    assert by_hand.stderr.decode().startswith(f"srcos-ledger: the summary of {session} was not made by srcos-ledger: ")
    path.write_text(again, encoding="utf-8")
    assert audited(tmp_path) == []


def test_a_buffer_is_imported_once(tmp_path: Path) -> None:
    buffer = tmp_path / "buffer.jsonl"
    buffer.write_text(
        _OLD % "one" + _OLD % "twice" + _OLD % "twice" + "not JSON\n" + '{"event":"info"}\n' + (_OLD % "last")[:40], encoding="utf-8"
    )
    before = buffer.read_bytes()
    first = _ledger(tmp_path, "import", "buffer.jsonl")
    assert first.returncode == 1
    told = first.stdout.decode().splitlines()
    assert told[0] == "buffer.jsonl: 3 appended, 0 there already, 2 faults, the last line is still being written"
    assert told[1].startswith("buffer.jsonl:4:2: error[json-syntax]: ")
    assert told[3] == "buffer.jsonl:5: error[schema-required]: the line does not say when it happened"
    second = _ledger(tmp_path, "import", "buffer.jsonl")
    assert (
        second.stdout.decode().splitlines()[0]
        == "buffer.jsonl: 0 appended, 3 there already, 2 faults, the last line is still being written"
    )
    assert buffer.read_bytes() == before
    buffer.write_text(_OLD % "one" + _OLD % "twice" + _OLD % "twice" + _OLD % "last" + _OLD % "twice", encoding="utf-8")
    third = _ledger(tmp_path, "import", "buffer.jsonl")
    assert (third.returncode, third.stdout) == (0, b"buffer.jsonl: 2 appended, 3 there already\n")
    assert [event["summary"] for event in events(tmp_path)] == ["one", "twice", "twice", "last", "twice"]
    buffer.unlink()
    assert audited(tmp_path) == []


def test_faults_of_a_buffer_are_told_in_their_order(tmp_path: Path) -> None:
    unpaired = '{"ts":"2026-05-17T10:00:00Z","event":"task_result","task_id":"wo-1","summary":"x","data":{"status":"success"}}\n'
    (tmp_path / "buffer.jsonl").write_text("not JSON\n" + unpaired + "[]\n", encoding="utf-8")
    told = _ledger(tmp_path, "import", "buffer.jsonl").stdout.decode().splitlines()
    assert [line.split(": ")[:2] for line in told if not line.startswith(" ")][1:] == [
        ["buffer.jsonl:1:2", "error[json-syntax]"],
        ["buffer.jsonl:2", "error[task-paired]"],
        ["buffer.jsonl:3", "error[schema-type]"],
    ]


def test_a_number_below_zero_is_no_option(tmp_path: Path) -> None:
    assert _ledger(tmp_path, "append", "info", "--exit-code", "-1", "in words").returncode == 0
    assert (events(tmp_path)[-1]["summary"], events(tmp_path)[-1]["data"]) == ("in words", {"exit_code": -1})


_BARE = '{"ts":"2026-05-17T10:00:00Z","event":"%s","summary":"%s"}\n'


@pytest.mark.parametrize("again", [("--session", "new"), ("--session", "2026-05-16_cls_007"), ("--source", "cron")], ids=" ".join)
def test_a_buffer_is_imported_once_in_whatever_session(again: tuple[str, ...], tmp_path: Path) -> None:
    buffer = tmp_path / "buffer.jsonl"
    buffer.write_text(_BARE % ("info", "one") + _BARE % ("heartbeat", "two") * 2, encoding="utf-8")
    assert _ledger(tmp_path, "import", "buffer.jsonl").stdout == b"buffer.jsonl: 3 appended, 0 there already\n"
    assert _ledger(tmp_path, "import", "buffer.jsonl", *again).stdout == b"buffer.jsonl: 0 appended, 3 there already\n"
    session = events(tmp_path)[0]["session_id"]
    with buffer.open("a", encoding="utf-8") as stream:
        stream.write(_BARE % ("info", "one"))
        stream.write(_BARE.replace("}", f',"session_id":"{session}"}}') % ("info", "one"))
        stream.write(_BARE.replace("}", ',"session_id":"2026-05-17_cls_009"}') % ("info", "one"))
    assert _ledger(tmp_path, "import", "buffer.jsonl").stdout == b"buffer.jsonl: 3 appended, 3 there already\n"
    assert _ledger(tmp_path, "import", "buffer.jsonl").stdout == b"buffer.jsonl: 0 appended, 6 there already\n"
    buffer.unlink()
    assert audited(tmp_path) == []


def test_a_buffer_keeps_what_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "buffer.jsonl").write_text("".join(_BARE % ("info", number) for number in range(3)), encoding="utf-8")
    (tmp_path / "g/ledger").mkdir(parents=True)
    (tmp_path / "g/ledger/cls").write_bytes(b"")
    for _ in range(2):
        ended = _ledger(tmp_path, "import", "buffer.jsonl")
        assert (ended.returncode, ended.stdout) == (0, b"buffer.jsonl: 0 appended, 0 there already, 3 wait for the ledger\n")
        assert ended.stderr.startswith(b"srcos-ledger: the ledger of cls cannot be written: ")
    assert _ledger(tmp_path, "import", "--strict", "buffer.jsonl").returncode == 2
    (tmp_path / "g/ledger/cls").unlink()
    assert _ledger(tmp_path, "import", "buffer.jsonl").stdout == b"buffer.jsonl: 3 appended, 0 there already\n"
    assert [event["summary"] for event in events(tmp_path) if event["summary"].isdecimal()] == ["0", "1", "2"]


def test_a_buffer_that_several_import_at_once_is_imported_once(tmp_path: Path) -> None:
    (tmp_path / "buffer.jsonl").write_text("".join(_BARE % ("info", number) for number in range(300)), encoding="utf-8")
    crowd = [
        subprocess.Popen([*COMMAND, "import", "--agent", "cls", "buffer.jsonl"], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    told = sorted(one.communicate(timeout=120)[0] for one in crowd)
    assert told == [b"buffer.jsonl: 0 appended, 300 there already\n"] * 3 + [b"buffer.jsonl: 300 appended, 0 there already\n"]
    found = [event["summary"] for event in events(tmp_path) if event["summary"].isdecimal()]
    assert found == [str(number) for number in range(300)]
    (tmp_path / "buffer.jsonl").unlink()
    assert audited(tmp_path) == []


def test_a_buffer_whose_results_have_no_start(tmp_path: Path) -> None:
    line = '{"ts":"2026-05-17T10:00:00Z","session_id":"2026-05-17_cls_001","event":"task_result","task_id":"t","summary":"x","data":{"status":"success"}}\n'
    (tmp_path / "b.jsonl").write_text(line, encoding="utf-8")
    ended = _ledger(tmp_path, "import", "b.jsonl")
    assert ended.returncode == 1
    assert ended.stdout.decode().splitlines()[:2] == [
        "b.jsonl: 0 appended, 0 there already, 1 faults",
        "b.jsonl:1: error[task-paired]: the task that ends here had not begun in its session",
    ]


def test_what_is_not_imported_stays_in_its_buffer_alone(tmp_path: Path) -> None:
    bare = '{"ts":"2026-05-17T10:00:00Z","event":"task_result","task_id":"t","summary":"x","data":{"status":"success"}}\n'
    given = bare.replace("}}", '},"session_id":"2026-05-17_cls_001"}')
    nobody = bare.replace("}}", '},"session_id":null}')
    (tmp_path / "b.jsonl").write_text(bare + given + nobody, encoding="utf-8")
    (tmp_path / "g/ledger/cls").mkdir(parents=True)
    told = [_ledger(tmp_path, "import", "b.jsonl") for _ in range(3)]
    assert {(one.returncode, one.stdout, one.stderr) for one in told} == {(1, told[0].stdout, b"")}
    assert told[0].stdout.startswith(b"b.jsonl: 0 appended, 0 there already, 3 faults\n")
    assert _rules(told[0])[1:] == ["task-paired", "task-paired", "session-owner"]
    # No session has begun for it, and there is no second copy of it.
    assert [path for path in (tmp_path / "g").rglob("*") if path.is_file()] == []


def test_a_buffer_is_imported_in_the_order_of_its_times(tmp_path: Path) -> None:
    line = '{"ts":"2026-05-17T10:00:0%dZ","event":"%s","task_id":"t","summary":"%d","data":{%s}}\n'
    text = line % (5, "task_result", 5, '"status":"success"') + line % (3, "info", 3, "") + line % (1, "task_start", 1, "")
    (tmp_path / "b.jsonl").write_text(text, encoding="utf-8")
    assert _ledger(tmp_path, "import", "b.jsonl").stdout == b"b.jsonl: 3 appended, 0 there already\n"
    assert _ledger(tmp_path, "import", "b.jsonl").stdout == b"b.jsonl: 0 appended, 3 there already\n"
    assert [event["summary"] for event in events(tmp_path) if event["summary"].isdecimal()] == ["1", "3", "5"]
    (tmp_path / "b.jsonl").unlink()
    assert audited(tmp_path) == []


@pytest.mark.parametrize("said", ["", ',"session_id":"2026-05-17_cls_001"'], ids=["that it has in the ledger", "that it says"])
def test_a_result_is_imported_into_the_session_of_its_start(said: str, tmp_path: Path) -> None:
    buffer = tmp_path / "b.jsonl"
    start = _BARE.replace("}", f',"task_id":"t"{said}}}') % ("task_start", "go")
    result = '{"ts":"2026-05-17T10:00:05Z","event":"task_result","task_id":"t","summary":"done","data":{"status":"success"}}\n'
    buffer.write_text(start, encoding="utf-8")
    assert _ledger(tmp_path, "import", "--session", "2026-05-17_cls_001", "b.jsonl").returncode == 0
    buffer.write_text(start + result, encoding="utf-8")
    assert _ledger(tmp_path, "import", "b.jsonl").stdout == b"b.jsonl: 1 appended, 1 there already\n"
    assert _ledger(tmp_path, "import", "b.jsonl").stdout == b"b.jsonl: 0 appended, 2 there already\n"
    assert [(event["event"], event["session_id"]) for event in events(tmp_path)] == [
        ("task_start", "2026-05-17_cls_001"),
        ("task_result", "2026-05-17_cls_001"),
    ]
    buffer.unlink()
    assert audited(tmp_path) == []


def test_the_doctor_explains_and_changes_nothing_unasked(tmp_path: Path) -> None:
    assert _ledger(tmp_path, "append", "task_start", "x", "--task", "wo-1").returncode == 0
    well = _ledger(tmp_path, "doctor")
    assert (well.returncode, well.stdout, well.stderr) == (0, b"", b"1 agent: all in order\n")
    (day,) = (tmp_path / "g/ledger/cls").iterdir()
    spilled = json.dumps({**events(tmp_path)[1], "ts": "2026-05-18T10:00:00Z", "event": "info", "summary": "waits"})
    (tmp_path / "g/ledger/cls.spill").write_text(spilled + "\n", encoding="utf-8")
    (tmp_path / "g/ledger/cls.refused").write_text("{}\n", encoding="utf-8")
    (tmp_path / "agents/cls/status.json").unlink()
    (tmp_path / "agents/cls/.status.json.1-2.tmp").write_bytes(b"{")
    with day.open("ab") as stream:
        stream.write(b'{"ts": "2026')
    tree = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    ill = srcos_ledger("doctor", folder=tmp_path)
    assert ill.returncode == 1
    assert [line.partition("[")[2].partition("]")[0] for line in ill.stdout.decode().splitlines() if not line.startswith(" ")] == [
        "torn-last-line",
        "lines-waiting",
        "events-refused",
        "temporary-left",
        "status-missing",
    ]
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == tree
    mended = srcos_ledger("doctor", "--repair", folder=tmp_path)
    assert mended.returncode == 1
    assert mended.stderr.splitlines()[-1] == b"mended: 3"
    assert [line.partition("[")[2].partition("]")[0] for line in mended.stdout.decode().splitlines() if not line.startswith(" ")] == [
        "json-syntax",
        "events-refused",
        "temporary-left",
    ]
    assert day.read_bytes().startswith(tree[day])
    assert status(tmp_path)["state"] == "busy"
    assert [json.loads(line)["summary"] for line in lines(tmp_path) if line.endswith(b"}")] == ["waits", "The session begins.", "x"]


def _rules(ended: subprocess.CompletedProcess[bytes]) -> list[str]:
    return [line.partition("[")[2].partition("]")[0] for line in ended.stdout.decode().splitlines() if not line.startswith(" ")]


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("state", "idle", "status-behind"),
        ("session_id", "2026-05-17_cls_009", "status-behind"),
        ("last_task_id", "wo-9", "status-behind"),
    ],
)
def test_the_doctor_finds_a_status_that_was_edited(name: str, value: str, rule: str, tmp_path: Path) -> None:
    assert _ledger(tmp_path, "append", "task_start", "x", "--task", "wo-1").returncode == 0
    (tmp_path / "agents/cls/status.json").write_text(json.dumps({**status(tmp_path), name: value}), encoding="utf-8")
    ended = _ledger(tmp_path, "doctor")
    assert (ended.returncode, _rules(ended)) == (1, [rule])
    assert _ledger(tmp_path, "doctor", "--repair").returncode == 0
    assert status(tmp_path)["state"] == "busy"


def test_the_doctor_finds_what_an_audit_would(tmp_path: Path) -> None:
    assert _ledger(tmp_path, "append", "task_start", "x", "--task", "wo-1").returncode == 0
    (day,) = (tmp_path / "g/ledger/cls").iterdir()
    result = {**events(tmp_path)[1], "event": "task_result", "task_id": "wo-2", "data": {"status": "success"}}
    day.write_text(day.read_text("utf-8") + json.dumps({**result, "ts": result["ts"].replace("Z", "+00:00")}) + "\n", encoding="utf-8")
    ended = _ledger(tmp_path, "doctor")
    assert ended.returncode == 1
    assert "task-paired" in _rules(ended)
    assert "task-paired" in {rule for rule, *_ in audited(tmp_path)}
    shutil.rmtree(tmp_path / "g")
    assert _rules(_ledger(tmp_path, "doctor")) == ["status-alone"]


def test_the_doctor_finds_a_folder_that_no_agent_can_have(tmp_path: Path) -> None:
    folder = tmp_path / "g/ledger/CLS"
    folder.mkdir(parents=True)
    (tmp_path / "g/ledger/.hidden").mkdir()
    (tmp_path / "g/ledger/NOTES").write_text("a file", encoding="utf-8")
    told = (
        b"./g/ledger/CLS: warning[ledger-foreign]: 'CLS' is no name of an agent: lower-case letters, digits, _ and -, "
        b"beginning with a letter or digit\n"
        b"  move it out of g/ledger, and append what it says under the name of an agent\n"
    )
    alone = srcos_ledger("doctor", folder=tmp_path)
    assert (alone.returncode, alone.stdout, alone.stderr) == (1, told, b"")
    assert _ledger(tmp_path, "append", "info", "x").returncode == 0
    (folder / "2026-05-17.jsonl").write_text('{"ts":"2026-05-17T10:00:00Z","agent":"CLS","event":"info"}\n', encoding="utf-8")
    assert {rule for rule, *_ in audited(tmp_path)} >= {"session-owner"}
    (tmp_path / "agents/cls/status.json").unlink()
    assert _rules(srcos_ledger("doctor", folder=tmp_path)) == ["status-missing", "ledger-foreign"]
    assert srcos_ledger("doctor", "--repair", folder=tmp_path).stdout == told
    assert _ledger(tmp_path, "doctor").returncode == 0
    assert folder.exists()


def test_a_line_that_was_closed_off_stays(tmp_path: Path) -> None:
    assert _ledger(tmp_path, "append", "info", "x").returncode == 0
    (day,) = (tmp_path / "g/ledger/cls").iterdir()
    with day.open("ab") as stream:
        stream.write(b'{"ts": "2026')
    mended = _ledger(tmp_path, "doctor", "--repair")
    assert _rules(mended) == ["json-syntax"]
    assert mended.stdout.splitlines()[1] == b"  a ledger only grows, so the line stays, as evidence; append anew what it was to say"


@pytest.mark.parametrize("ill", ["g/ledger/cls", "g/ledger/cls/2026-05-17.jsonl"], ids=["a ledger", "a day"])
def test_what_cannot_be_read_keeps_nothing_else_from_being_mended(ill: str, tmp_path: Path) -> None:
    for agent in ("cls", "kim"):
        assert srcos_ledger("append", "--agent", agent, "info", "x", folder=tmp_path).returncode == 0
    if ill.endswith(".jsonl"):
        (tmp_path / ill).mkdir()
    else:
        shutil.rmtree(tmp_path / ill)
        (tmp_path / ill).touch()
    torn = [path for path in (tmp_path / "g/ledger").glob("*/*.jsonl") if path.is_file()]
    for day in torn:
        with day.open("ab") as stream:
            stream.write(b'{"ts": "2026')
    mended = srcos_ledger("doctor", "--repair", folder=tmp_path)
    assert (mended.returncode, mended.stderr.splitlines()[-1]) == (1, f"mended: {len(torn)}".encode())
    assert {day.read_bytes()[-1:] for day in torn} == {b"\n"}
    assert f"./{ill}: warning[unreadable]: " in mended.stdout.decode()


def test_an_agent_that_is_not_there(tmp_path: Path) -> None:
    assert _ledger(tmp_path, "append", "info", "x").returncode == 0
    for command in ("doctor", "tail"):
        ended = srcos_ledger(command, "--agent", "nope", folder=tmp_path)
        assert (ended.returncode, ended.stdout) == (2, b"")
        assert ended.stderr.startswith(b"srcos-ledger: there is no agent nope below .: name another")


def test_tail_shows_what_can_be_read(tmp_path: Path) -> None:
    assert _ledger(tmp_path, "append", "info", "seen").returncode == 0
    (tmp_path / "g/ledger/cls/2026-01-01.jsonl").mkdir()
    os.mkfifo(tmp_path / "g/ledger/cls/2026-01-02.jsonl")
    (tmp_path / "agents/andy").mkdir()
    (tmp_path / "g/ledger/andy").write_text("a file", encoding="utf-8")
    ended = srcos_ledger("tail", folder=tmp_path)
    assert ended.returncode == 1
    assert ended.stdout.endswith(b"  seen\n")
    assert [line.partition(": ")[2].rpartition(":")[0] for line in ended.stderr.decode().splitlines()] == [
        "./g/ledger/andy",
        "./g/ledger/cls/2026-01-02.jsonl",
        "./g/ledger/cls/2026-01-01.jsonl",
    ]


def test_tail_follows_ledgers_that_begin_anew(tmp_path: Path) -> None:
    assert _ledger(tmp_path, "append", "info", "seen").returncode == 0
    follower = subprocess.Popen([*COMMAND, "tail", "-f", "-n", "1"], cwd=tmp_path, env=ENVIRONMENT, stdout=subprocess.PIPE)
    assert follower.stdout is not None
    assert follower.stdout.readline().endswith(b"  seen\n")
    for folder in ("g", "agents"):
        shutil.rmtree(tmp_path / folder)
    with pytest.raises(subprocess.TimeoutExpired):
        follower.wait(1)
    assert _ledger(tmp_path, "append", "info", "fresh").returncode == 0
    assert follower.stdout.readline().endswith(b"  The session begins.\n")
    assert follower.stdout.readline().endswith(b"  fresh\n")
    follower.terminate()
    follower.communicate(timeout=30)


def test_a_later_session_ends_offline(tmp_path: Path) -> None:
    assert _ledger(tmp_path, "append", "info", "x").returncode == 0
    assert _ledger(tmp_path, "status", "offline").returncode == 0
    assert status(tmp_path)["state"] == "offline"
    assert _ledger(tmp_path, "append", "--session", "new", "heartbeat").returncode == 0
    assert status(tmp_path)["state"] == "idle"


def test_a_status_that_cannot_be_set_lets_nothing_wait(tmp_path: Path) -> None:
    (tmp_path / "g").write_text("a file", encoding="utf-8")
    ended = _ledger(tmp_path, "status", "idle")
    assert ended.stderr.decode().splitlines()[0] == "srcos-ledger: the ledger of cls cannot be written: ./g/ledger: not a directory"
    assert b"wait" not in ended.stderr


def test_an_empty_summary_is_refused(tmp_path: Path) -> None:
    assert _ledger(tmp_path, "append", "info", "", "--strict").returncode == 1
    assert [event["summary"] for event in events(tmp_path)] == ["The session begins."]


def test_help_and_version(tmp_path: Path) -> None:
    for words in (("--help",), *((command, "--help") for command in ("append", "status", "run", "summarise", "tail", "import", "doctor"))):
        ended = srcos_ledger(*words, folder=tmp_path)
        assert ended.returncode == 0
        assert ended.stdout.startswith(b"usage: srcos-ledger")
    assert srcos_ledger("--version", folder=tmp_path).stdout.startswith(b"srcos-ledger")


def test_a_reader_that_goes_away(tmp_path: Path) -> None:
    for number in range(3):
        assert _ledger(tmp_path, "append", "info", str(number)).returncode == 0
    ended = srcos_ledger("tail", folder=tmp_path, shell='"$@" | true')
    assert b"Traceback" not in ended.stderr


def test_an_append_imports_little(tmp_path: Path) -> None:
    program = (
        "import sys; sys.argv = ['srcos-ledger', 'append', '--agent', 'cls', 'info', 'x']; "
        "from srcos_contracts.cli.agent_ledger.main import main; assert main() == 0; "
        "print(sorted({'argparse', 'typer', 'dataclasses', 'duckdb', 'subprocess', 'tempfile', 'pathlib', 'inspect', 'yaml', 'difflib'} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-S", "-c", program], cwd=tmp_path, env=_with_packages(), capture_output=True, timeout=60)
    assert (ended.stdout, ended.stderr) == (b"[]\n", b"")


def _with_packages() -> dict[str, str]:
    """For an interpreter without `site`, whose hooks import what nobody asked for."""
    paths = [path for path in sys.path if path]
    return {**ENVIRONMENT, "PYTHONPATH": os.pathsep.join([ENVIRONMENT["PYTHONPATH"], *paths])}
