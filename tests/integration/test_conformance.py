"""docs/conformance.md and the client that it shows, with the real Ajv."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import run, surroundings
from tests.cli.test_conformance import alike, shown

from .tools import ROOT

pytestmark = pytest.mark.packages

PAGE = (ROOT / "docs/conformance.md").read_text("utf-8")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """One in which Node finds Ajv, installed where it is not yet."""
    installed = "import peers, sys; sys.exit(peers.ajv().missing or None)"
    subprocess.run([sys.executable, "-c", installed], cwd=ROOT / "bench", check=True)
    return {**surroundings(tmp_path_factory.mktemp("bin")), "NODE_PATH": os.fspath(ROOT / "bench/node/node_modules")}


@pytest.mark.parametrize(("command", "text"), shown(PAGE, "ajv.mjs"))
def test_the_page_shows_what_comes(command: str, text: str, environment: dict[str, str]) -> None:
    ended = run(command, environment, ROOT)
    assert alike(ended.stdout + ended.stderr) == alike(text)
    assert ("(100 %)" in ended.stderr) is ("(100 %)" in text)
    assert ended.code == (1 if "error[" in text else 0)


def test_what_ajv_fails_and_is_not_listed_is_an_error(environment: dict[str, str], tmp_path: Path) -> None:
    listed = (ROOT / "docs/conformance/ajv-expected-failures.yaml").read_text("utf-8").splitlines(True)
    fewer = tmp_path / "fewer.yaml"
    fewer.write_text("".join(line for line in listed if "time-order" not in line))
    command = f"srcos-validate conformance --level verdict --format jsonl --expected-failures {fewer} -- node docs/conformance/ajv.mjs"
    ended = run(command, environment, ROOT)
    found = ended.stdout.splitlines()
    assert len(found) > 10
    assert all("is not valid for time-order at " in line for line in found)
    assert ended.code == 1


def test_ajv_has_no_findings(environment: dict[str, str]) -> None:
    ended = run("srcos-validate conformance --contract MarkDone -- node docs/conformance/ajv.mjs", environment, ROOT)
    assert ended.stderr.splitlines() == [
        "Ajv speaks protocol 1, and gives verdicts: choose --level schema or --level verdict",
        "error: the command ended with exit code 1 after 0 of 58 answers",
    ]
    assert ended.code == 2
