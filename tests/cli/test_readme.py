"""What the README tells those who use contracts in their own repository, carried out there."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .shell import run, surroundings

ROOT = Path(__file__).resolve().parents[2]
RECEIPTS = ROOT / "examples/BrowserAutomationReceipt/0.1.0"
GOOD, BAD = RECEIPTS / "valid/full.json", RECEIPTS / "invalid/session-owner/two-sessions-in-a-list.json"
WRITER = "import shutil\ndef write_receipts(folder): shutil.copy({!r}, folder)\n"


def blocks(language: str) -> list[str]:
    """The blocks of one language in the section about other repositories."""
    section = (ROOT / "README.md").read_text("utf-8").partition("\n## In your repository\n")[2].partition("\n## ")[0]
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.M | re.S)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a record."""
    (tmp_path / "bin").mkdir()
    where = tmp_path / "repository"
    (where / "records").mkdir(parents=True)
    shutil.copy(GOOD, where / "records/good.json")
    return where


def test_contracts_are_vendored_and_what_ci_runs_tells_drift_and_bad_records(repository: Path) -> None:
    environment = surroundings(repository.parent / "bin")
    adding, checking = blocks("sh")
    added = run(adding, environment, repository)
    assert (added.code, added.stdout.splitlines()[0]) == (0, "added: contracts/BrowserAutomationReceipt/0.1.0.json")
    checked = run(f"set -e\n{checking}", environment, repository)
    assert (checked.code, checked.stderr.splitlines()[-1]) == (0, "1 file, 1 record: all in order")
    shutil.copy(BAD, repository / "records/bad.json")
    checked = run(f"set -e\n{checking}", environment, repository)
    assert (checked.code, checked.stdout.splitlines()[-7]) == (
        1,
        "error[session-owner]: exactly one session, with exactly one owner, answers for the record",
    )
    file = repository / "contracts/BrowserAutomationReceipt/0.1.0.json"
    file.write_text(file.read_text("utf-8").replace('"tabRef"', '"tab"'), "utf-8")
    drifted = run(f"set -e\n{checking}", environment, repository)
    assert (drifted.code, "error[vendor-drifted]" in drifted.stdout, "session-owner" in drifted.stdout) == (1, True, False)


@pytest.mark.parametrize(("receipt", "code", "said"), [(GOOD, 0, "1 passed"), (BAD, 1, "error[session-owner]: exactly one session")])
def test_the_test_of_receipts(repository: Path, receipt: Path, code: int, said: str) -> None:
    (repository / "agent.py").write_text(WRITER.format(str(receipt)), "utf-8")
    (repository / "test_agent.py").write_text(blocks("python")[0], "utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(repository), "test_agent.py"]
    ended = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=60)
    assert (ended.returncode, said in ended.stdout) == (code, True), ended.stdout


def test_the_lines_of_python(repository: Path) -> None:
    (repository / "receipts").mkdir()
    lines = [GOOD.read_text("utf-8").replace("\n", ""), BAD.read_text("utf-8").replace("\n", "")]
    (repository / "receipts/2026-05-06.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    ended = subprocess.run([sys.executable, "-c", blocks("python")[1]], cwd=repository, capture_output=True, text=True, timeout=60)
    first, last = ended.stdout.splitlines()
    assert (
        first == "2 session-owner exactly one session, with exactly one owner, answers for the record: sessionRef is an array, not a string"
    )
    assert last.startswith("[Finding(rule='schema-required', ")
    assert ended.returncode == 0
