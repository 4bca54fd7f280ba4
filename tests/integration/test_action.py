"""The action as a job runs it: it installs this checkout, judges a change, and tells GitHub; the second time without a network."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.cli.repository import SCHEMA, Repository, make_repository

from .tools import ROOT, snapshot, tool

pytestmark = pytest.mark.packages

_NETWORK_OFF = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "", "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}


class Runner:
    """A runner of GitHub's, with one job."""

    def __init__(self, folder: Path) -> None:
        self.temp, self.action = folder / "runner temp", folder / "the action"
        self.temp.mkdir()
        self.action.mkdir()
        snapshot(self.action)
        self.made = make_repository(folder / "workspace")
        self.summary, self.outputs = folder / "summary.md", folder / "outputs"

    def run(self, **environment: str) -> tuple[int, str]:
        """Runs the action's script in the workspace; gives its exit code and all that it writes."""
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "PYTHON", "VIRTUAL_ENV"))}
        given = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(self.action),
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_OUTPUT": str(self.outputs),
            "RUNNER_TEMP": str(self.temp),
            "SRCOS_ARGUMENTS": "--no-mutate",
        }
        ended = subprocess.run(
            ["bash", str(self.action / "action/run.sh")],
            cwd=self.made.root,
            env={**kept, **given, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=600,
        )
        return ended.returncode, ended.stdout.decode()

    def installed(self) -> list[str]:
        (environment,) = self.temp.iterdir()
        listed = [str(environment / "bin/python"), "-m", "pip", "list", "--format", "freeze", "--disable-pip-version-check"]
        return subprocess.run(listed, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_job(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    code, said = runner.run()
    assert code == 0, said
    assert "ok        diff " in said
    assert runner.outputs.read_text() == "breaking=0\nundecided=0\n"
    # All that is installed is pinned, but for the package itself and what makes an environment.
    pinned = {line.lower().replace("_", "-") for line in (ROOT / "action/constraints.txt").read_text().splitlines()}
    others = [line.lower().replace("_", "-") for line in runner.installed()]
    assert [line for line in others if line not in pinned and line.split("==")[0] not in ("pip", "setuptools", "srcos-contracts")] == []

    runner.made.edit(SCHEMA, lambda schema: schema["properties"]["evidenceRefs"].update(maxItems=2))
    assert Repository(runner.made.root).validate("docs").code == 0
    runner.outputs.unlink()
    code, said = runner.run(**_NETWORK_OFF)
    assert code == 1, said
    line = runner.made.line_of(SCHEMA, '"maxItems": 2')
    assert f"::error file={SCHEMA},line={line},col=7,endColumn=8,title=breaks-backward%3A Thing 0.1.0 " in said
    assert runner.outputs.read_text() == "breaking=1\nundecided=0\n"
    assert runner.summary.read_text().count("## srcos-validate ci: ") == 2

    # With other dependencies the environment is made anew, and without a network it cannot be.
    constraints = runner.action / "action/constraints.txt"
    constraints.write_text(constraints.read_text() + "six==1.17.0\n")
    code, said = runner.run(**_NETWORK_OFF)
    assert (code, said.splitlines()[-1]) == (2, "::error title=srcos-validate::the packages of action/constraints.txt cannot be installed")


def test_the_script_has_no_fault_that_shellcheck_knows() -> None:
    assert _ran(tool("shellcheck"), "action/run.sh", ".ci/run") == (0, "")


def _ran(*words: str) -> tuple[int, str]:
    ended = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    return ended.returncode, ended.stdout


def test_the_metadata_have_the_form_that_is_asked_for() -> None:
    assert _ran(tool("check-jsonschema"), "--builtin-schema", "vendor.github-actions", "action.yml") == (0, "ok -- validation done\n")
    assert _ran(tool("pre-commit"), "validate-manifest", ".pre-commit-hooks.yaml") == (0, "")


def test_the_hook_of_check_jsonschema_that_the_documentation_shows() -> None:
    page = (ROOT / "docs/ci.md").read_text("utf-8")
    schema = "schemas/bundles/BrowserAutomationReceipt/0.1.0.json"
    assert f"args: [--schemafile, {schema}]" in page
    assert f"rev: {_pinned('check-jsonschema')}" in page
    examples = "examples/BrowserAutomationReceipt/0.1.0"
    check = (tool("check-jsonschema"), "--no-cache", "--schemafile", schema)
    assert _ran(*check, f"{examples}/valid/full.json") == (0, "ok -- validation done\n")
    code, said = _ran(*check, f"{examples}/invalid/session-owner/two-sessions-in-a-list.json")
    assert code == 1
    assert "$.sessionRef" in said


def _pinned(name: str) -> str:
    lines = (ROOT / "tests/integration/requirements-tools.txt").read_text().splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(name))
