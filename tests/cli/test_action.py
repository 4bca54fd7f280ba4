"""The script of the action in a fake environment of GitHub: inputs come through as they are, and nothing in them is run.

What it installs is put there beforehand, as by an earlier step of the job; tests/integration installs it really.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
RECORDER = f"""#!{sys.executable} -I
import json, os, sys
json.dump({{"words": sys.argv[1:], "folder": os.getcwd()}}, open(os.environ["RECORD"], "w"))
sys.exit(int(os.environ.get("CODE", "0")))
"""
HOSTILE = (
    "$(touch x)",
    "`touch x`",
    "; touch x",
    "&& touch x",
    "| touch x #",
    "a b  c",
    "a\nb\n::error::forged",
    "*",
    "~",
    "${HOME}",
    "\\",
    "it's",
    '"',
    "-",
    "é\u202e\t",
)


class Job(NamedTuple):
    """A job of a workflow, in which the action has run before."""

    folder: Path
    environment: dict[str, str]

    def run(self, **inputs: str) -> tuple[int, str]:
        """Runs the script with inputs; gives its exit code and all that it writes."""
        given = {f"SRCOS_{name.upper()}": text for name, text in inputs.items()}
        ended = subprocess.run(
            ["bash", str(ROOT / "action/run.sh")],
            cwd=self.folder / "workspace",
            env={**self.environment, **given},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=60,
        )
        return ended.returncode, ended.stdout.decode()

    @property
    def words(self) -> list[str] | None:
        """The words with which srcos-validate was called; None where it was not."""
        record = self.folder / "record.json"
        return json.loads(record.read_text())["words"] if record.is_file() else None

    def created(self) -> list[str]:
        return [path.name for path in (self.folder / "workspace").iterdir() if path.name != "contracts"]


@pytest.fixture
def job(tmp_path: Path) -> Job:
    (tmp_path / "workspace/contracts").mkdir(parents=True)
    key = subprocess.run(["cksum"], input=str(ROOT).encode(), capture_output=True, check=True).stdout.split()[0].decode()
    binaries = tmp_path / "temp" / f"srcos-validate-{key}" / "bin"
    binaries.mkdir(parents=True)
    (binaries / "python").symlink_to(sys.executable)
    (binaries / "srcos-validate").write_text(RECORDER)
    (binaries / "srcos-validate").chmod(0o755)
    shutil.copy(ROOT / "action/constraints.txt", binaries.parent / "installed.txt")
    environment = {
        "PATH": os.environ["PATH"],
        "GITHUB_ACTION_PATH": str(ROOT),
        "RUNNER_TEMP": str(tmp_path / "temp"),
        "RECORD": str(tmp_path / "record.json"),
        "SRCOS_PYTHON": sys.executable,
    }
    return Job(tmp_path, environment)


def test_without_inputs_it_is_ci(job: Job) -> None:
    assert job.run() == (0, "")
    assert job.words == ["ci"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_compared_with_is_one_word_whatever_it_holds(job: Job, text: str) -> None:
    assert job.run(against=text) == (0, "")
    assert job.words == ["ci", f"--against={text}"]
    assert job.created() == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("--no-mutate --format sarif=a.sarif", ["--no-mutate", "--format", "sarif=a.sarif"]),
        ("--no-mutate\n--format\nsarif=a.sarif\n", ["--no-mutate", "--format", "sarif=a.sarif"]),
        ("--format 'json=a b.json' \"c d\"", ["--format", "json=a b.json", "c d"]),
        ("$(touch x) `touch y` ; touch z", ["$(touch", "x)", "`touch", "y`", ";", "touch", "z"]),
        ("'$(touch x)' \"$HOME\" * ~", ["$(touch x)", "$HOME", "*", "~"]),
        ("'a\nb' ''", ["a\nb", ""]),
        ("é \u202e", ["é", "\u202e"]),
    ],
)
def test_arguments_are_split_and_not_expanded(job: Job, text: str, words: list[str]) -> None:
    assert job.run(command="check", arguments=text) == (0, "")
    assert job.words == ["check", *words]
    assert job.created() == []


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        ({"arguments": "'a\n::error::forged"}, "the input arguments has a quote that is not closed"),
        ({"folder": "none\n::error::forged"}, "there is no such folder as the input folder says"),
        ({"python": "$(touch x)\n::error::forged"}, "the input python names no Python 3.11 or newer; actions/setup-python brings one"),
        ({"python": "false"}, "the input python names no Python 3.11 or newer; actions/setup-python brings one"),
        ({"command": "lint", "against": "main"}, "the input against is for the commands ci and diff"),
        *(({"command": text}, "the input command is none of ci, lint, test, diff, check, audit, docs") for text in (*HOSTILE, "new", "ci ci")),
    ],
)  # fmt: skip
def test_inputs_that_cannot_be_followed(job: Job, inputs: dict[str, str], said: str) -> None:
    assert job.run(**inputs) == (2, f"::error title=srcos-validate::{said}\n")
    assert job.words is None
    assert job.created() == []


def test_the_folder_and_the_exit_code(job: Job) -> None:
    job.environment["CODE"] = "3"
    assert job.run(folder="contracts") == (3, "")
    assert json.loads((job.folder / "record.json").read_text())["folder"] == str(job.folder / "workspace/contracts")


def test_outside_of_an_action(job: Job) -> None:
    del job.environment["GITHUB_ACTION_PATH"]
    said = "::error title=srcos-validate::GITHUB_ACTION_PATH is not set; this script is run by the action\n"
    assert job.run() == (2, said)


def test_the_action_hands_its_inputs_over_as_they_are() -> None:
    action = yaml.safe_load((ROOT / "action.yml").read_text())
    (step,) = action["runs"]["steps"]
    assert step["env"] == {f"SRCOS_{name.upper()}": f"${{{{ inputs.{name} }}}}" for name in action["inputs"]}
    # Nothing of another author is run, and nothing of an input stands in the script.
    assert "uses" not in step
    assert "${{" not in step["run"]
    assert {output["value"] for output in action["outputs"].values()} == {
        f"${{{{ steps.{step['id']}.outputs.{name} }}}}" for name in action["outputs"]
    }
