"""The hooks, through the real pre-commit: it clones the project, installs it, and runs it on what is to be committed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from tests.cli.repository import SCHEMA, Repository, make_repository
from tests.cli.test_readme import blocks

from .tools import ROOT, snapshot, tool

pytestmark = pytest.mark.packages

EXAMPLES = ROOT / "examples/BrowserAutomationReceipt/0.1.0"
CONFIGURATION = """\
repos:
  - repo: {repository}
    rev: {commit}
    hooks:
      - id: srcos-validate-vendor
      - id: srcos-validate-check
        files: ^records/
      - id: srcos-validate-lint
      - id: srcos-validate-ci
        args: [--no-mutate]
"""


class Project(NamedTuple):
    """A repository of contracts that uses the hooks."""

    made: Repository
    home: Path
    """Where pre-commit keeps what it has installed."""

    def hook(self, name: str) -> tuple[int, str]:
        """Runs a hook on what is staged; gives its exit code and all that it writes."""
        self.made.git("add", "--all")
        kept = {name: text for name, text in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "PYTHON", "VIRTUAL_ENV"))}
        ended = subprocess.run(
            [tool("pre-commit"), "run", "--color", "never", name],
            cwd=self.made.root,
            env={**kept, "PRE_COMMIT_HOME": str(self.home), "GIT_CONFIG_GLOBAL": os.devnull, "TERM": "dumb"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=600,
        )
        return ended.returncode, ended.stdout.decode()


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Project:
    folder = tmp_path_factory.mktemp("hooks")
    (folder / "srcos-contracts").mkdir()
    commit = snapshot(folder / "srcos-contracts")
    made = make_repository(folder / "project")
    made.write(".pre-commit-config.yaml", CONFIGURATION.format(repository=folder / "srcos-contracts", commit=commit))
    made.commit()
    return Project(made, folder / "home")


@pytest.fixture
def project(template: Project, tmp_path: Path) -> Project:
    shutil.copytree(template.made.root, tmp_path / "project")
    return template._replace(made=Repository(tmp_path / "project"))


def test_the_configuration_of_the_readme_is_this_one() -> None:
    (shown,) = blocks("yaml")
    ours = yaml.safe_load(CONFIGURATION)["repos"][0]
    theirs = yaml.safe_load(shown)["repos"][0]
    assert theirs["hooks"] == ours["hooks"][:2]
    assert theirs.keys() == ours.keys()


def test_check(project: Project) -> None:
    (project.made.root / "records").mkdir()
    shutil.copy(EXAMPLES / "valid/full.json", project.made.root / "records/good.json")
    code, said = project.hook("srcos-validate-check")
    assert (code, said.count("Passed")) == (0, 1), said
    shutil.copy(EXAMPLES / "invalid/session-owner/two-sessions-in-a-list.json", project.made.root / "records/bad name.json")
    code, said = project.hook("srcos-validate-check")
    assert code == 1
    assert "error[session-owner]" in said
    assert "--> records/bad name.json:" in said


def test_vendor(project: Project) -> None:
    assert project.made.validate("vendor", "add", "srcos-contracts", "SessionEvent", "--into", "vendored").code == 0
    code, said = project.hook("srcos-validate-vendor")
    assert (code, said.count("Passed")) == (0, 1), said
    copy = "vendored/SessionEvent/0.1.0.json"
    project.made.edit(copy, lambda schema: schema["required"].append("data"))
    code, said = project.hook("srcos-validate-vendor")
    assert code == 1
    assert f"error[vendor-drifted]: a vendored file is what it was in its source\n  --> {copy}:" in said
    assert "witness: " in said


def test_lint(project: Project) -> None:
    project.made.write(SCHEMA, project.made.read(SCHEMA).replace('"type": "object",', '"type": "object",  ', 1))
    # What is generated is no contract.
    project.made.write("schemas/bundles/Thing/0.1.0.json", "{}")
    code, said = project.hook("srcos-validate-lint")
    assert code == 1
    assert f"--> {SCHEMA}:{project.made.line_of(SCHEMA, 'object')}:20" in said
    project.made.git("checkout", "--quiet", "HEAD", "--", "schemas")
    project.made.write(SCHEMA, project.made.read(SCHEMA).replace("A record", "One record").replace("The name", "A name"))
    code, said = project.hook("srcos-validate-lint")
    assert (code, said.count("Passed")) == (0, 1), said


def test_ci(project: Project) -> None:
    project.made.edit(SCHEMA, lambda schema: schema["properties"]["evidenceRefs"].update(maxItems=2))
    assert project.made.validate("docs").code == 0
    code, said = project.hook("srcos-validate-ci")
    assert code == 1
    assert 'witness: Thing/0.1.0/valid/full.json with [{"op": "add", "path": "/evidenceRefs/2", "value": "a"}]' in said
    assert "ok        cases " in said
    project.made.write(
        "waivers.yaml", "- {contract: Thing, pointer: /properties/evidenceRefs, reason: Nobody writes more than two., until: 0.2.0}\n"
    )
    code, said = project.hook("srcos-validate-ci")
    assert (code, said.count("Passed")) == (0, 1), said
