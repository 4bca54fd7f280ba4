"""What shells are told when a word is to be completed: through bash itself, and as zsh and fish ask."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from srcos_contracts.cli.completion import with_check

from .shell import run, surroundings

ASKING = """
export _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION=1
eval "$(srcos-validate --show-completion bash)"
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_srcos_validate_completion srcos-validate
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
LINES = [
    ("srcos-validate ex", ["explain"]),
    ("srcos-validate explain session", ["session-dag", "session-owner", "session-single-owner"]),
    ("srcos-validate explain lint-rule-i", ["lint-rule-id"]),
    ("srcos-validate check a.json --select evid", ["evidence-missing"]),
    ("srcos-validate audit . --ignore causal", ["causal-cycle", "causal-self"]),
    ("srcos-validate a.json --form", ["--format"]),
    ("srcos-validate 'my file.json' --format j", ["json", "jsonl", "junit"]),
    ("srcos-validate lint --format sar", ["sarif"]),
    ("srcos-validate check --contract Git", ["GitWorkspaceState"]),
    ("srcos-validate show MarkDone@", ["MarkDone@0.1.0"]),
    ("srcos-validate vendor add ../contracts MarkD", ["MarkDone"]),
    ("srcos-validate vendor upgrade SessionEvent@", ["SessionEvent@0.1.0"]),
    ("srcos-validate why x . --red", ["--redact"]),
    # Where nothing is offered, the shell offers files.
    ("srcos-validate a.js", []),
    ("srcos-validate check nothing-of-ours", []),
    ("srcos-validate --versi", ["--version"]),
]


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(("line", "offered"), LINES, ids=[line for line, _ in LINES])
def test_bash(line: str, offered: list[str], tmp_path: Path) -> None:
    # bash hands words over as they were typed, quotes and all.
    words = line.replace("'my file.json'", "\"'my file.json'\"")
    (tmp_path / "ask").write_text(ASKING.format(words=words))
    (tmp_path / "bin").mkdir()
    ended = run(f"bash --norc {tmp_path / 'ask'}", surroundings(tmp_path / "bin"), tmp_path)
    assert (ended.stdout.split(), ended.stderr) == (offered, "")


@pytest.mark.parametrize(
    ("shell", "line", "said"),
    [
        ("zsh", "srcos-validate explain session-o", """_arguments '*: :(("session-owner"))'\n"""),
        ("zsh", "srcos-validate a.json --format git", """_arguments '*: :(("github"\n"gitlab"))'\n"""),
        ("zsh", "srcos-validate check --contract Nothing", "_files\n"),
        ("fish", "srcos-validate explain session-o", "session-owner\n"),
        ("fish", "srcos-validate a.json --select session-o", "session-owner\n"),
    ],
)
def test_other_shells(shell: str, line: str, said: str, tmp_path: Path) -> None:
    asking = {"_SRCOS_VALIDATE_COMPLETE": f"complete_{shell}", "_TYPER_COMPLETE_ARGS": line, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    ended = run("srcos-validate", {**surroundings(tmp_path), **asking}, tmp_path)
    assert (ended.code, ended.stdout, ended.stderr) == (0, said, "")


def test_contracts_of_the_folder_here_are_offered_but_no_name_that_a_shell_would_run(tmp_path: Path) -> None:
    folder = tmp_path / "project"
    (folder / "schemas").mkdir(parents=True)
    entry = (
        '{{"name": "x", "url": "https://example.org/{0}", "x-contract": {{"name": "{0}", "version": "1.0.0", "file": "a", "bundle": "a"}}}}'
    )
    entries = ", ".join(entry.format(name) for name in ("GitOurs", "Git$(touch hacked)", "Git`id`"))
    (folder / "schemas/catalog.json").write_text(f'{{"schemas": [{entries}]}}')
    asking = {"_SRCOS_VALIDATE_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": "srcos-validate test --contract Git"}
    ended = run("srcos-validate", {**surroundings(tmp_path), **asking}, folder)
    assert ended.stdout == """_arguments '*: :(("GitOurs"\n"GitWorkspaceState"))'\n"""
    (folder / "schemas/catalog.json").write_text("{")
    assert '"GitWorkspaceState"' in run("srcos-validate", {**surroundings(tmp_path), **asking}, folder).stdout


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            {"COMP_WORDS": "srcos-validate\na.json\n--f", "COMP_CWORD": "2"},
            {"COMP_WORDS": "srcos-validate\ncheck a.json\n--f", "COMP_CWORD": "3"},
        ),
        ({"COMP_WORDS": "srcos-validate\na.j", "COMP_CWORD": "1"}, None),
        ({"COMP_WORDS": "srcos-validate\naudit\n--f", "COMP_CWORD": "2"}, None),
        ({"_TYPER_COMPLETE_ARGS": "srcos-validate --help "}, None),
        ({"_TYPER_COMPLETE_ARGS": "srcos-validate a.json "}, {"_TYPER_COMPLETE_ARGS": "srcos-validate check a.json "}),
        ({}, None),
    ],
)
def test_a_line_that_begins_with_a_path_is_one_of_check(before: dict[str, str], after: dict[str, str] | None) -> None:
    line = dict(before)
    with_check(line, ("--help",))
    assert line == (before if after is None else after)
