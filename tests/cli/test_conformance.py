"""`srcos-validate conformance`: docs/conformance.md is carried out, and commands of all sorts are put to the cases of this repository."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import COMMAND, run, surroundings
from tests.processes import gone

ROOT = Path(__file__).resolve().parents[2]
CLIENT = f"{shlex.quote(sys.executable)} -P -m srcos_contracts.evolve.conformance_client"
_BLOCK = re.compile(r"```console\n\$ (srcos-validate conformance [^\n]+)\n(.*?)```", re.DOTALL)
_NUMBER = re.compile(r" *[0-9][0-9,.]*")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return surroundings(tmp_path_factory.mktemp("bin"))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The schemas, with the examples of a small contract."""
    (tmp_path / "schemas").symlink_to(ROOT / "schemas")
    shutil.copytree(ROOT / "examples/HumanSteeringRequest", tmp_path / "examples/HumanSteeringRequest")
    return tmp_path


def shown(page: str, words: str) -> list[tuple[str, str]]:
    """The commands of a page that have certain words, and what they are said to write."""
    return [(command, text) for command, text in _BLOCK.findall(page) if words in command]


def alike(text: str) -> str:
    """A text in which numbers, which change with every case that is added, and the columns that they make, count for nothing."""
    return _NUMBER.sub("N", text)


PAGE = (ROOT / "docs/conformance.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("command", "text"),
    [
        *shown(PAGE, "conformance_client"),
        *(pytest.param(command, text, marks=pytest.mark.long) for command, text in shown(PAGE, "--write-suite")),
    ],
)
def test_the_page_shows_what_comes(command: str, text: str, environment: dict[str, str], tmp_path: Path) -> None:
    for name in ("schemas", "examples"):
        (tmp_path / name).symlink_to(ROOT / name)
    ended = run(command.replace("-- python -m srcos_contracts.evolve.conformance_client", f"-- {CLIENT}"), environment, tmp_path)
    assert ended.code == 0
    assert alike(ended.stdout + ended.stderr) == alike(text)


@pytest.mark.parametrize("engine", ["rust", "reference"])
@pytest.mark.parametrize("level", ["schema", "verdict", "findings"])
def test_both_engines_agree(engine: str, level: str, environment: dict[str, str], checkout: Path) -> None:
    ended = run(f"srcos-validate conformance --level {level} -- {CLIENT} --engine {engine}", environment, checkout)
    head, line = ended.stdout.splitlines()
    assert (ended.code, head.split(), line.split()) == (0, ["contract", "cases", "agree"], ["HumanSteeringRequest", "0.1.0", "21", "21"])
    assert re.fullmatch(
        rf"srcos-contracts \S+, engine {engine}, level {level}: 21 cases: 21 agree \(100 %\)", ended.stderr.splitlines()[-1]
    )


@pytest.mark.long
@pytest.mark.parametrize("engine", ["rust", "reference"])
@pytest.mark.parametrize("level", ["schema", "findings"])
def test_both_engines_agree_in_every_case_of_every_contract(engine: str, level: str, environment: dict[str, str]) -> None:
    ended = run(f"srcos-validate conformance --level {level} -- {CLIENT} --engine {engine}", environment, ROOT)
    assert re.search(r": ([0-9,]{5,}) cases: \1 agree \(100 %\)\n$", ended.stderr), ended.stderr
    assert ended.code == 0


def _replayed(checkout: Path, **answers: Any) -> str:
    """A command that says that all is valid, but for the cases of certain names."""
    stored = json.loads((checkout / "examples/HumanSteeringRequest/0.1.0/cases.json").read_text())
    names = [entry.get("name") or entry["file"] for entry in (*stored["files"], *stored["cases"])]
    lines = [{"protocol": 1, "client": "yea-sayer \x1b[2J 1"}]
    lines += [{"id": f"HumanSteeringRequest/0.1.0/{name}", **answers.get(name, {"valid": not _expected(stored, name)})} for name in names]
    (checkout / "answers.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return "cat answers.jsonl"


def _expected(stored: dict[str, Any], name: str) -> list[Any]:
    found: list[Any] = next(
        entry["expect"] for entry in (*stored["files"], *stored["cases"]) if name in (entry.get("name"), entry.get("file"))
    )
    return found


def test_a_difference_is_a_finding_at_the_line_of_the_case(environment: dict[str, str], checkout: Path) -> None:
    command = _replayed(
        checkout, **{"valid/full.json": {"valid": False}, "invalid/schema-required/no-question.json": {"error": "out of\nmemory"}}
    )
    ended = run(f"srcos-validate conformance --level verdict -- {command}", environment, checkout)
    assert (
        ended.stdout
        == """\
error[conformance-differs]: the validator says of a case what the suite expects
  --> examples/HumanSteeringRequest/0.1.0/cases.json:6:15  HumanSteeringRequest 0.1.0
6 |     { "file": "valid/full.json", "expect": [] },
  |               ^^^^^^^^^^^^^^^^^ HumanSteeringRequest/0.1.0/valid/full.json: is valid, and the validator says that it is not
  = help: mend the validator; or list the case in the file of expected failures, with the reason

error[conformance-differs]: the validator says of a case what the suite expects
  --> examples/HumanSteeringRequest/0.1.0/cases.json:7:15  HumanSteeringRequest 0.1.0
7 |     { "file": "invalid/schema-required/no-question.json",
  |               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ HumanSteeringRequest/0.1.0/invalid/schema-required/no-question.json: the validator has no verdict: out of\\nmemory
  = help: mend the validator; or list the case in the file of expected failures, with the reason

contract                         cases       agree      differ
HumanSteeringRequest 0.1.0          21          19           2

rule                  cases       agree      differ
schema-required           2           1           1
"""
    )
    assert ended.stderr.splitlines()[-1] == "yea-sayer \\x1b[2J 1, level verdict: 21 cases: 19 agree (90.4 %), 2 differ"
    assert ended.code == 1


def test_every_format_has_the_differences(environment: dict[str, str], checkout: Path) -> None:
    command = _replayed(checkout, **{"valid/full.json": {"valid": False}})
    formats = "--format jsonl --format junit=j.xml --format sarif=s.json --format markdown=m.md"
    ended = run(f"srcos-validate conformance --level verdict {formats} -- {command}", environment, checkout)
    (line,) = ended.stdout.splitlines()
    found = json.loads(line)
    assert (found["rule"], found["severity"], found["line"], found["contract"]) == (
        "conformance-differs",
        "error",
        6,
        "HumanSteeringRequest",
    )
    said = "HumanSteeringRequest/0.1.0/valid/full.json: is valid, and the validator says that it is not"
    assert found["message"] == f"the validator says of a case what the suite expects: {said}"
    for file in ("j.xml", "s.json", "m.md"):
        assert "says that it is not" in (checkout / file).read_text()
    assert ended.code == 1
    assert "\ncontract " in ended.stderr, "the tables do not mix with what a program reads"


@pytest.mark.parametrize(
    ("entries", "code", "found"),
    [
        ("- {cases: [HumanSteeringRequest/0.1.0/valid/full.json], reason: it is new}", 0, []),
        (
            "- reason: it is new\n  cases:\n  - HumanSteeringRequest/0.1.0/valid/full.json\n  - HumanSteeringRequest/0.1.0/valid/minimal.json\n",
            1,
            [("expected-failure-lapsed", "failures.yaml", 4, "HumanSteeringRequest/0.1.0/valid/minimal.json agrees with the suite")],
        ),
        (
            "- {cases: [HumanSteeringRequest/0.1.0/valid/full.json], reason: it is new}\n- {rule: no-such-rule, reason: it is new}\n",
            1,
            [("expected-failure-unknown", "failures.yaml", 2, "no-such-rule is no such case")],
        ),
        (
            "[]",
            1,
            [
                (
                    "conformance-differs",
                    "examples/HumanSteeringRequest/0.1.0/cases.json",
                    6,
                    "is valid, and the validator says that it is not",
                )
            ],
        ),
    ],
)
def test_expected_failures(entries: str, code: int, found: list[Any], environment: dict[str, str], checkout: Path) -> None:
    command = _replayed(checkout, **{"valid/full.json": {"valid": False}})
    (checkout / "failures.yaml").write_text(entries)
    line = f"srcos-validate conformance --level verdict --expected-failures failures.yaml --format jsonl -- {command}"
    ended = run(line, environment, checkout)
    told = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [(one["rule"], one["file"], one["line"], one["message"].rpartition(": ")[2]) for one in told] == found
    assert ended.code == code


def test_of_entries_only_those_are_told_that_the_named_contracts_settle(environment: dict[str, str], checkout: Path) -> None:
    shutil.copytree(ROOT / "examples/MarkDone", checkout / "examples/MarkDone")
    (checkout / "failures.yaml").write_text(
        "- {cases: [MarkDone/0.1.0/valid/full.json], reason: not asked}\n"
        "- {cases: [MarkDone/0.1.0/valid/fulll.json], reason: misspelt}\n"
        "- {cases: [HumanSteeringRequest/0.1.0/valid/minimal.json], reason: agrees}\n"
        "- {rule: schema-required, reason: MarkDone may need it}\n"
        "- {rule: schema-required, contract: HumanSteeringRequest, reason: agrees}\n"
        "- {rule: no-such-rule, reason: misspelt}\n"
    )
    expected = [
        ("expected-failure-lapsed", 3, "HumanSteeringRequest/0.1.0/valid/minimal.json agrees with the suite"),
        ("expected-failure-lapsed", 5, "schema-required of HumanSteeringRequest agrees with the suite"),
        ("expected-failure-unknown", 2, "MarkDone/0.1.0/valid/fulll.json is no such case"),
        ("expected-failure-unknown", 6, "no-such-rule is no such case"),
    ]
    options = "--level verdict --contract HumanSteeringRequest --expected-failures failures.yaml --format jsonl"

    def told(more: str = "") -> tuple[int, list[tuple[str, int, str]], list[str]]:
        ended = run(f"srcos-validate conformance {options} {more} -- {CLIENT}", environment, checkout)
        found = [json.loads(line) for line in ended.stdout.splitlines()]
        notes = [line for line in ended.stderr.splitlines() if line.startswith("note: ")]
        return ended.code, [(one["rule"], one["line"], one["message"].rpartition(": ")[2]) for one in found], notes

    assert told() == (1, expected, [])
    assert run("srcos-validate conformance --write-suite suite", environment, checkout).code == 0
    assert told("--suite suite") == (1, expected, [])
    (checkout / "examples/MarkDone/0.1.0/cases.json").write_text("{")
    note = "note: what is expected of contracts that are not named is not verified: examples/MarkDone/0.1.0/cases.json:1:1: "
    code, found, notes = told()
    assert (code, found, [line[: len(note)] for line in notes]) == (1, expected[:1], [note])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "name the command to put the cases to after --, as in: srcos-validate conformance -- node client.mjs"),
        ("--expected-failures f.yaml --write-suite s", "--expected-failures is for the answers of a command, and none is named"),
        ("--level all -- x", "there is no level all; there are schema, verdict, findings"),
        ("--timeout nan -- x", "--timeout is a number of seconds, more than 0 and at most 86,400"),
        ("--timeout 0 -- x", "--timeout is a number of seconds, more than 0 and at most 86,400"),
        ("--timeout inf -- x", "--timeout is a number of seconds, more than 0 and at most 86,400"),
        ("--contract HumanSteering -- x", "there is no contract HumanSteering; did you mean HumanSteeringRequest?"),
        ("--examples nowhere -- x", "there is no case to ask about: no contract of schemas has examples in nowhere"),
        ("--schemas nowhere -- x", "nowhere does not exist"),
        ("--expected-failures f.yaml -- x", "f.yaml cannot be read: No such file or directory"),
        (
            "--expected-failures bad.yaml -- x",
            'bad.yaml:2:3: at /1: "reason" is a required property (the form is that of schemas/meta/expected-failures.json)',
        ),
        (
            "--format json=bad.yaml --expected-failures bad.yaml -- x",
            'bad.yaml:2:3: at /1: "reason" is a required property (the form is that of schemas/meta/expected-failures.json)',
        ),
        (
            "--format json=good.yaml --expected-failures good.yaml -- x",
            "good.yaml is one of the files to check; give the report a file of its own",
        ),
        ("--format what -- x", "there is no format what; there are human, json, jsonl, github, gitlab, junit, markdown, sarif, tap"),
        ("-- ./no-such-command", "./no-such-command cannot be started: no such file or directory"),
        ("-- ./'a\x1b[2Jb'", "./a\\x1b[2Jb cannot be started: no such file or directory"),
        ("--suite examples -- x", "examples/cases.json cannot be read: No such file or directory"),
        ("--suite examples --write-suite s", "--suite is written already; copy its folder"),
        ("--write-suite examples", "examples is there already; name a folder that is not, or remove it first"),
        ("--write-suite bad.yaml/x", "bad.yaml/x cannot be written: Not a directory"),
        ("-- true", "the command ended after 0 of 21 answers"),
        ("-- echo '\x1b[2J'", 'line 1 of what the command wrote is not JSON: "\\x1b[2J"'),
    ],
)
def test_what_cannot_be_done_is_one_clear_line(arguments: str, message: str, environment: dict[str, str], checkout: Path) -> None:
    (checkout / "bad.yaml").write_text("- {rule: x, reason: y}\n- {rule: x}\n")
    (checkout / "good.yaml").write_text("- {rule: x, reason: y}\n")
    before = sorted(checkout.rglob("*"))
    ended = run(f"srcos-validate conformance {arguments}", environment, checkout)
    lines = [line for line in ended.stderr.splitlines() if "without examples in" not in line]
    assert (ended.code, ended.stdout, lines) == (2, "", [f"error: {message}"])
    assert sorted(checkout.rglob("*")) == before


def test_what_came_before_a_failure_is_told(environment: dict[str, str], checkout: Path) -> None:
    command = _replayed(checkout, **{"valid/full.json": {"valid": False}})
    ended = run(
        f"srcos-validate conformance --level verdict --format jsonl -- sh -c '{command} | head -n 4; exit 7'", environment, checkout
    )
    assert [json.loads(line)["line"] for line in ended.stdout.splitlines()] == [6]
    said = ended.stderr.splitlines()
    assert said[-2] == "yea-sayer \\x1b[2J 1, level verdict: 21 cases: 2 agree (9.5 %), 1 differs, 18 not answered"
    assert said[-1] == "error: the command ended with exit code 7 after 3 of 21 answers"
    assert ended.code == 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_who_is_told_to_end_takes_the_command_along(number: signal.Signals, code: int, environment: dict[str, str], checkout: Path) -> None:
    words = [*COMMAND, "conformance", "--", "sh", "-c", "sleep 1000 & echo $$ $! >pids.new; mv pids.new pids; wait"]
    asking = subprocess.Popen(words, cwd=checkout, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while not (checkout / "pids").exists() and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(asking.pid, number)
    out, _ = asking.communicate(timeout=60)
    assert (asking.returncode, out) == (code, b"")
    assert gone(checkout / "pids")


def test_a_suite_is_written_beside_what_it_was_made_from(environment: dict[str, str], checkout: Path) -> None:
    ended = run("srcos-validate conformance --write-suite suite", environment, checkout)
    files = sorted(path.relative_to(checkout / "suite").as_posix() for path in (checkout / "suite").rglob("*") if path.is_file())
    index = json.loads((checkout / "suite/cases.json").read_text())
    assert files == sorted(["cases.json", *index["schemas"].values(), *(entry["record"] for entry in index["cases"])])
    assert ended.stderr.splitlines()[-1] == f"suite: 21 cases in {len(files)} files"
    assert (ended.code, ended.stdout) == (0, "")
    (checkout / "elsewhere").mkdir()
    (checkout / "suite").rename(checkout / "elsewhere/suite")
    asked = run(f"srcos-validate conformance --suite suite -- {CLIENT}", environment, checkout / "elsewhere")
    assert asked.stderr.endswith(": 21 cases: 21 agree (100 %)\n")
    assert asked.code == 0
    (checkout / "elsewhere/suite").rename(checkout / "suite")
    again = run("srcos-validate conformance --write-suite again && diff -r suite again", environment, checkout)
    assert (again.code, again.stdout) == (0, "")
