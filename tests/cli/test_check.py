"""`srcos-validate check` as a person or a program sees it: exit codes and exact output, each time from a real process.

Every file in `golden/` is a test: its first line is the command, run by a shell in `payloads/`, and the rest is what comes of it. To
write the rest anew, after reading the difference that a failing test shows:

    SRCOS_REWRITE_GOLDEN=1 pytest tests/cli/test_check.py
"""

from __future__ import annotations

import gzip
import json
import os
import pty
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.shell import COMMAND, Ended, run, surroundings

HERE = Path(__file__).parent
PAYLOADS = HERE / "payloads"
GOLDEN = HERE / "golden"


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return surroundings(tmp_path_factory.mktemp("bin"))


def _sh(line: str, environment: dict[str, str], folder: Path = PAYLOADS, stdin: bytes = b"") -> Ended:
    return run(line, environment, folder, stdin)


def _found(text: str) -> list[tuple[str, str, int | None]]:
    return [(finding["rule"], finding["file"], finding["line"]) for finding in json.loads(text)["findings"]]


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_output(path: Path, environment: dict[str, str]) -> None:
    command = path.read_text(encoding="utf-8").split("\n", 1)[0]
    ended = _sh(command.removeprefix("$ "), environment)
    written = f"{command}\n{ended.stdout}--- stderr\n{ended.stderr}--- exit {ended.code}\n"
    if os.environ.get("SRCOS_REWRITE_GOLDEN"):
        path.write_text(written, encoding="utf-8", newline="\n")
    assert written.encode() == path.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("good.json", 0),
        ("check good.json", 0),
        ("warned.json", 0),
        ("--strict warned.json", 1),
        ("receipts.jsonl", 1),
        ("broken.json", 1),
        ("stranger.json", 1),
        ("missing.json", 2),
        ("good.json missing.json", 2),
        ("receipts.jsonl missing.json", 2),
        ("folder", 1),
        ("folder/notes.txt", 2),
        ("'*.nothing'", 2),
        ("--select blank-line receipts.jsonl", 0),
        ("--ignore session-owner receipts.jsonl", 1),
        ("--ignore session-owner --ignore policy-decision-ref receipts.jsonl", 0),
        ("--ignore duplicate-key broken.json", 1),
        ("--select session-owners receipts.jsonl", 2),
        ("--contract CapabilityLedger good.json", 1),
        ("--contract NoSuchContract good.json", 2),
        ("--engine other good.json", 2),
        ("--jobs -1 good.json", 2),
        ("--format xml good.json", 2),
        ("--format json=. good.json", 2),
        ("--schemas missing good.json", 2),
        ("- < /dev/null", 1),
        ("--help", 0),
        ("", 2),
    ],
)
def test_exit_code(arguments: str, code: int, environment: dict[str, str]) -> None:
    ended = _sh(f"srcos-validate {arguments}", environment)
    assert ended.code == code, ended.stderr
    assert "Traceback" not in ended.stderr


def test_version(environment: dict[str, str]) -> None:
    try:
        installed = version("srcos-contracts")
    except PackageNotFoundError:
        pytest.skip("only an installed package knows its version")
    assert _sh("srcos-validate --version", environment) == Ended(0, f"srcos-validate {installed}\n", "")


def test_an_unknown_rule_is_told_its_nearest(environment: dict[str, str]) -> None:
    ended = _sh("srcos-validate --ignore time-ordre good.json", environment)
    assert ended == Ended(2, "", "error: there is no rule time-ordre; did you mean time-order?\n")


def test_json_conforms_to_its_schema(environment: dict[str, str]) -> None:
    schema = json.loads((HERE.parents[1] / "schemas" / "meta" / "findings.json").read_text(encoding="utf-8"))
    ended = _sh("srcos-validate --format json . missing.json", environment)
    report = json.loads(ended.stdout)
    assert not list(Draft202012Validator(schema).iter_errors(report))
    assert report["summary"]["errors"] == sum(finding["severity"] == "error" for finding in report["findings"])
    assert report["summary"]["warnings"] == sum(finding["severity"] == "warning" for finding in report["findings"])
    assert ended.code == 2


def test_each_report_counts_what_it_hides(environment: dict[str, str], tmp_path: Path) -> None:
    _sh(f"srcos-validate --format human --format json={tmp_path}/all.json alike.jsonl", environment)
    report = json.loads((tmp_path / "all.json").read_text())
    assert len(report["findings"]) == 11
    assert report["summary"]["hidden"] == 0


def test_two_formats_cannot_share_standard_output(environment: dict[str, str]) -> None:
    error = "error: two formats cannot share standard output; give one a file: --format json=report.json\n"
    assert _sh("srcos-validate --format json --format jsonl good.json", environment) == Ended(2, "", error)


def test_a_name_for_stdin_needs_a_known_suffix(environment: dict[str, str]) -> None:
    ended = _sh("srcos-validate --format json --stdin-name operation.txt - < operation.yaml", environment)
    assert _found(ended.stdout) == [("unreadable", "operation.txt", None)]
    assert ended.code == 2


def test_reports_go_to_files(environment: dict[str, str], tmp_path: Path) -> None:
    to_files = " ".join(
        f"--format {name}={tmp_path}/r.{suffix}" for name, suffix in (("json", "json"), ("jsonl", "jsonl"), ("human", "txt"))
    )
    ended = _sh(f"srcos-validate --format human {to_files} receipts.jsonl", environment)
    plain = _sh("srcos-validate receipts.jsonl", environment)
    assert ended == plain
    assert (tmp_path / "r.txt").read_text(encoding="utf-8") == plain.stdout
    objects = json.loads((tmp_path / "r.json").read_text())["findings"]
    assert [json.loads(text) for text in (tmp_path / "r.jsonl").read_text().splitlines()] == objects
    assert [(finding["rule"], finding["line"]) for finding in objects] == [
        ("session-owner", 2),
        ("policy-decision-ref", 3),
        *[("operation-owner", 4)] * 3,
    ]


def _on_a_terminal(arguments: tuple[str, ...], environment: dict[str, str]) -> str:
    master, slave = pty.openpty()
    process = subprocess.Popen([*COMMAND, *arguments], cwd=PAYLOADS, env=environment, stdout=slave, stderr=subprocess.DEVNULL)
    os.close(slave)
    written = b""
    try:
        while block := os.read(master, 65536):
            written += block
    except OSError:  # how Linux says that the other side has closed
        pass
    finally:
        os.close(master)
        process.wait(30)
    return written.decode().replace("\r\n", "\n")


def test_color_only_on_a_terminal_that_wants_it(environment: dict[str, str]) -> None:
    plain = _sh("srcos-validate receipts.jsonl", environment).stdout
    colored = _on_a_terminal(("receipts.jsonl",), environment)
    assert colored.startswith("\x1b[1;31merror[session-owner]\x1b[0m")
    assert _without_codes(colored) == plain
    assert _on_a_terminal(("receipts.jsonl",), {**environment, "NO_COLOR": "1"}) == plain
    assert _on_a_terminal(("receipts.jsonl",), {**environment, "TERM": "dumb"}) == plain
    assert "\x1b" not in plain


def _without_codes(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize(
    ("file", "options", "lines"),
    [
        ("receipts.jsonl", "", [2, 3, 4, 4, 4]),
        ("receipts.jsonl", "--stdin-name day.jsonl", [2, 3, 4, 4, 4]),
        ("capability.json", "", [16, 19, 20]),
        ("operation.yaml", "--stdin-name operation.yaml", None),
        ("good.json", "", []),
    ],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_stdin_is_as_good_as_a_file(packed: bool, file: str, options: str, lines: list[int] | None, environment: dict[str, str]) -> None:
    content = (PAYLOADS / file).read_bytes()
    of_file = json.loads(_sh(f"srcos-validate --format json {file}", environment).stdout)
    of_stdin = json.loads(
        _sh(f"srcos-validate --format json {options} -", environment, stdin=gzip.compress(content) if packed else content).stdout
    )
    name = options.removeprefix("--stdin-name ") or "<stdin>"
    assert of_stdin["findings"] == [{**finding, "file": name} for finding in of_file["findings"]]
    assert of_stdin["summary"] == of_file["summary"]
    if lines is not None:
        assert [finding["line"] for finding in of_file["findings"]] == lines


def test_a_folder_is_searched_and_a_glob_crosses_folders(environment: dict[str, str]) -> None:
    both = ["folder/deeper/bad.json", "folder/good.json"]
    for argument, files, found in (
        ("folder", 2, both[:1]),
        ("'folder/*.json'", 1, []),
        ("'folder/**/*.json'", 2, both[:1]),
        ("'**/deeper'", 1, both[:1]),
    ):
        report = json.loads(_sh(f"srcos-validate --format json {argument}", environment).stdout)
        assert (argument, report["summary"]["files"]) == (argument, files)
        assert [finding["file"] for finding in report["findings"]] == found


def test_every_suffix_also_as_gzip(environment: dict[str, str], tmp_path: Path) -> None:
    names = ("receipts.jsonl", "capability.json", "operation.yaml", "decision.md")
    for name in names:
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress((PAYLOADS / name).read_bytes()))
    packed = json.loads(_sh("srcos-validate --format json " + " ".join(f"{name}.gz" for name in names), environment, tmp_path).stdout)
    plain = json.loads(_sh("srcos-validate --format json " + " ".join(names), environment).stdout)
    assert packed["findings"] == [{**finding, "file": finding["file"] + ".gz"} for finding in plain["findings"]]
    assert packed["summary"] == plain["summary"]


@pytest.mark.parametrize("ending", [b"\n", b"", b'\n{"id":'], ids=["newline", "none", "torn"])
def test_two_processes_find_what_one_finds(ending: bytes, environment: dict[str, str], tmp_path: Path) -> None:
    first, second, third, _ = (PAYLOADS / "receipts.jsonl").read_bytes().splitlines()
    lines = [first] * 32_000
    faults = {number: (second, third, b"", b'{"a":1,"a":2}')[index % 4] for index, number in enumerate(range(7, 32_000, 1_997))}
    for number, fault in faults.items():
        lines[number] = fault
    content = b"\n".join(lines) + ending
    assert len(content) > 12 * 1024 * 1024
    (tmp_path / "ledger.jsonl").write_bytes(content)
    (tmp_path / "after.json").write_bytes(second)
    reports = [_sh(f"srcos-validate --format json --jobs {jobs} ledger.jsonl after.json", environment, tmp_path) for jobs in (1, 2)]
    assert reports[0] == reports[1]
    rules = ("session-owner", "policy-decision-ref", "blank-line", "duplicate-key")
    expected: list[tuple[str, str, int | None]] = [(rules[index % 4], "ledger.jsonl", number + 1) for index, number in enumerate(faults)]
    torn: list[tuple[str, str, int | None]] = [("torn-last-line", "ledger.jsonl", 32_001)] if b"id" in ending else []
    assert _found(reports[0].stdout) == [*expected, *torn, ("session-owner", "after.json", 1)]


def test_most_findings_shown_and_the_rest_counted(environment: dict[str, str]) -> None:
    everything: dict[str, Any] = json.loads(_sh("srcos-validate --format json alike.jsonl", environment).stdout)
    assert everything["summary"] == {"files": 1, "records": 12, "errors": 11, "warnings": 0, "hidden": 0}
    for most in (1, 5, 11, 12):
        some = json.loads(_sh(f"srcos-validate --format json --max-findings {most} alike.jsonl", environment).stdout)
        assert some["findings"] == everything["findings"][:most]
        assert some["summary"] == {**everything["summary"], "hidden": max(0, 11 - most)}
