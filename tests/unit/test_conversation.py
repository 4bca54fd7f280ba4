"""A validator under test may do anything: each of these is a real process, and none of them is left when it is over."""

from __future__ import annotations

import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve import conversation
from srcos_contracts.evolve.agreement import Interview, interview
from srcos_contracts.evolve.conformance import Suite, conformance_suite
from srcos_contracts.evolve.conversation import CommandFailed, Conversation
from srcos_contracts.evolve.suites import suites_in
from srcos_contracts.processes import held_back
from tests.processes import gone

ROOT = Path(__file__).resolve().parents[2]
GREETING = '{"protocol": 1, "client": "replay"}'


@pytest.fixture(scope="module")
def suite() -> Suite:
    catalog = Catalog.shipped()
    return conformance_suite(catalog, suites_in(ROOT / "examples", catalog, ["HumanSteeringRequest"]).cases)


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "_GRACE_SECONDS", 0.3)


@pytest.fixture
def right(suite: Suite, tmp_path: Path) -> Path:
    """A file with the lines of a validator that agrees."""
    path = tmp_path / "right.jsonl"
    path.write_text("\n".join([GREETING, *(json.dumps({"id": case.id, "valid": case.valid}) for case in suite.cases)]) + "\n")
    return path


def ask(suite: Suite, script: str, timeout: float = 30.0) -> Interview:
    """Asks for verdicts; the command is a script of sh."""
    return interview(suite, "verdict", ("sh", "-c", script), timeout)


def test_an_interrupt_while_the_command_is_started_takes_it_along(suite: Suite, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = subprocess.Popen

    def interrupted(*words: Any, **options: Any) -> subprocess.Popen[bytes]:
        started.append(start(*words, **options))
        # To this thread: who runs the tests may have others, which would take it at once.
        signal.raise_signal(signal.SIGINT)
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ask(suite, "exec sleep 1000")
    try:
        assert started[0].wait(5) == -signal.SIGTERM
    finally:
        started[0].kill()


def test_the_command_takes_signals_as_they_come() -> None:
    script = "import signal; print(sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])))"
    with held_back(), Conversation([sys.executable, "-c", script], 30.0) as talk:
        assert list(talk.lines(iter(()), lambda: True)) == [b"[]"]


def filled(script: str, right: Path, pids: Path = Path()) -> str:
    return script.replace("{right}", shlex.quote(str(right))).replace("{pids}", shlex.quote(str(pids)))


@pytest.mark.parametrize(
    "script",
    [
        "cat {right}",
        "cat >/dev/null; cat {right}",
        "cat {right}; cat >/dev/null",
        "head -n 1 {right}; tail -n +2 {right} | sort -r",
        'printf %s "$(cat {right})"',
        "exec 3<{right}; read -r line <&3; printf '%s\\n' \"$line\"; read -r q; while read -r q; do sleep 0.12; read -r line <&3; printf '%s\\n' \"$line\"; done",
    ],
    ids=["before it is asked", "after all was asked", "while it is asked", "in another order", "without a last newline", "slowly"],
)
def test_answers_may_come_when_and_in_which_order_they_like(suite: Suite, right: Path, script: str) -> None:
    found = ask(suite, filled(script, right), 2.0 if "sleep" in script else 30.0)
    assert (found.client, found.failure, found.remark, found.differences, found.unanswered) == ("replay", "", "", (), frozenset())
    assert len(found.asked) == len(suite.cases) > 20


HANG = "sleep 1000 & echo $$ $! >{pids}; "
ABOUT = "after 0 of 21 answers"
SPEAK = f"echo '{GREETING}'; "


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("exit 0", f"the command ended {ABOUT}"),
        ("exit 3", f"the command ended with exit code 3 {ABOUT}"),
        ("kill -9 $$", f"the command was ended by SIGKILL {ABOUT}"),
        ("head -n 5 {right}; exit 4", "the command ended with exit code 4 after 4 of 21 answers"),
        (SPEAK + "cat >/dev/null", f"the command ended {ABOUT}"),
        (HANG + "wait", "the command was silent for 0.5 seconds"),
        (HANG + "trap '' TERM; wait", "the command was silent for 0.5 seconds"),
        (HANG + SPEAK + "wait", "the command was silent for 0.5 seconds"),
        ("sleep 1000 >/dev/null & echo $$ $! >{pids}; exec >&-; wait", f"the command closed its output {ABOUT}"),
        (HANG + "while :; do printf x; sleep 0.1; done", "the command was silent for 0.5 seconds"),
        (HANG + "cat /dev/zero", "the command wrote more than 16 MiB without a line end"),
        (HANG + "yes", 'line 1 of what the command wrote is not JSON: "y"'),
        (HANG + SPEAK + "yes", 'line 2 of what the command wrote is not JSON: "y"'),
        (HANG + SPEAK + "yes ''", 'line 2 of what the command wrote is not JSON: ""'),
        ("printf '\\033[31mhello'", 'line 1 of what the command wrote is not JSON: "\x1b[31mhello"'),
        (
            HANG + "sed 1p {right}",
            f"line 2 of what the command wrote is no answer: {json.dumps(GREETING)}: Additional properties are not allowed ('protocol', 'client' were unexpected)",
        ),
        (
            SPEAK + "cat {right}",
            f"line 2 of what the command wrote is no answer: {json.dumps(GREETING)}: Additional properties are not allowed ('protocol', 'client' were unexpected)",
        ),
        (
            "tail -n +2 {right}",
            'line 1 of what the command wrote is to be {"protocol": 1, "client": "<name and version>"}, and is "{\\"id\\": \\"HumanSteeringRequest/...inimal.json\\", \\"valid\\": true}"',
        ),
        (
            SPEAK + "tail -n +2 {right}; tail -n 1 {right}",
            'line 23 of what the command wrote answers "HumanSteeringRequest/0.1.0/a property of the record that only contains x-", which it has answered before',
        ),
        (SPEAK + 'echo \'{"id": "x/y", "valid": true}\'', 'line 2 of what the command wrote answers "x/y", which was not asked'),
    ],
)
def test_what_a_command_may_do_instead(suite: Suite, right: Path, tmp_path: Path, script: str, words: str) -> None:
    pids = tmp_path / "pids"
    begun = time.monotonic()
    found = ask(suite, filled(script, right, pids), 0.5 if "silent" in words else 30.0)
    assert found.failure == words
    assert time.monotonic() - begun < 20
    if "{pids}" in script:
        assert gone(pids)


@pytest.mark.parametrize(
    ("script", "remark"),
    [
        ("cat {right}; cat >/dev/null; exit 3", "the command ended with exit code 3 after its last answer"),
        ("cat {right}; cat >/dev/null; kill -15 $$", "the command was ended by SIGTERM after its last answer"),
        (HANG + "cat {right}; wait", "the command did not end when its input did, and was stopped"),
        (HANG + "cat {right}; exec >&-; wait", "the command did not end when its input did, and was stopped"),
        (HANG + "cat {right}; exit 0", ""),
    ],
)
def test_a_command_that_has_answered_all_has_answered_all(suite: Suite, right: Path, tmp_path: Path, script: str, remark: str) -> None:
    pids = tmp_path / "pids"
    found = ask(suite, filled(script, right, pids))
    assert (found.failure, found.differences, found.unanswered, found.remark) == ("", (), frozenset(), remark)
    if "{pids}" in script:
        assert gone(pids)


def test_a_command_that_closes_its_input_before_it_was_told_all(tmp_path: Path) -> None:
    catalog = Catalog.shipped()
    large = conformance_suite(catalog, suites_in(ROOT / "examples", catalog, ["BrowserAutomationReceipt"]).cases)
    pids = tmp_path / "pids"
    found = ask(large, filled(HANG + "exec <&-; wait", Path(), pids))
    assert found.failure == "the command closed its input early, and neither answered nor ended"
    assert gone(pids)
    right = tmp_path / "right.jsonl"
    right.write_text("\n".join([GREETING, *(json.dumps({"id": case.id, "valid": case.valid}) for case in large.cases)]))
    found = ask(large, filled("exec <&-; cat {right}", right))
    assert (found.failure, found.unanswered, found.differences) == ("", frozenset(), ())


def test_what_was_answered_before_a_failure_counts(suite: Suite, right: Path) -> None:
    lines = right.read_text().splitlines()
    lines[1] = json.dumps({"id": suite.cases[0].id, "error": "\x1b[31m it crashed"})
    right.write_text("\n".join(lines[:4]))
    found = ask(suite, f"cat {shlex.quote(str(right))}")
    assert [(one.case.id, one.words) for one in found.differences] == [
        (suite.cases[0].id, "the validator has no verdict: \x1b[31m it crashed")
    ]
    assert (len(found.unanswered), found.failure) == (18, "the command ended after 3 of 21 answers")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("no-such-command",), "no-such-command cannot be started: no such file or directory"),
        (("/",), "/ cannot be started: permission denied"),
        (("x\0y",), "x\0y cannot be started: embedded null byte"),
        (("",), "a command without a name cannot be started: permission denied"),
    ],
)
def test_a_command_that_cannot_be_started(suite: Suite, command: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandFailed) as failed:
        interview(suite, "verdict", command, 1.0)
    assert str(failed.value) == words
