"""SARIF and JUnit reports of real runs, judged by the schemas of those who read them."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from srcos_contracts.cli.audit import AuditRequest, run_audit
from srcos_contracts.cli.check import CheckRequest
from srcos_contracts.cli.diff import DiffRequest, run_diff
from srcos_contracts.cli.lint import LintRequest, run_lint

from .tools import ROOT, tool

pytestmark = pytest.mark.packages

JUNIT = Path(__file__).with_name("schemas") / "junit-10.xsd"
SARIF = "@microsoft/jest-sarif@1.0.0-beta.0"
"""An npm package of those who wrote the format, which holds its schema."""
PATHS = ("examples", "tests/hostile", "nowhere.json", "pyproject.toml")


@pytest.fixture(scope="module")
def sarif(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The validator of the schema of SARIF 2.1.0."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("npm")
    subprocess.run([npm, "pack", "--silent", SARIF], cwd=folder, check=True, capture_output=True)
    (packed,) = folder.glob("*.tgz")
    with tarfile.open(packed) as members:
        stream = members.extractfile("package/lib/schemas/sarif-2.1.0-rtm.5.json")
        assert stream is not None
        # Its pattern for languages has a bracket that closes nothing, which strict readers of patterns refuse.
        schema = json.loads(stream.read().replace(b"{2}]?$", b"{2}?$"))
    return jsonschema_rs.validator_for(schema, offline=True, validate_formats=True)


@pytest.fixture(scope="module", params=[False, True], ids=["plain", "redacted"])
def reports(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reports of an audit of all that is stored, good and bad."""
    folder = tmp_path_factory.mktemp("reports")
    forms = (f"sarif={folder / 'audit.sarif'}", f"junit={folder / 'audit.xml'}")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        assert run_audit(AuditRequest(CheckRequest(PATHS, formats=forms, redact=request.param))) == 2
    return folder


def test_sarif_of_an_audit(sarif: Any, reports: Path) -> None:
    log = json.loads((reports / "audit.sarif").read_text("utf-8"))
    assert [f"{list(error.instance_path)}: {error.message[:200]}" for error in sarif.iter_errors(log)] == []
    (run,) = log["runs"]
    assert len(run["results"]) > 1000
    assert len(run["tool"]["driver"]["rules"]) > 80
    assert all("help" in rule for rule in run["tool"]["driver"]["rules"])
    marks = [result["partialFingerprints"]["srcosFinding/v1"] for result in run["results"]]
    assert len(set(marks)) == len(marks)


def test_sarif_of_lint_and_diff(sarif: Any, tmp_path: Path) -> None:
    schema = json.loads((ROOT / "schemas/MarkDone/0.1.0.json").read_text("utf-8"))
    schema["properties"]["title"].update(maxLength=10, pattern="(a+)+$")
    (tmp_path / "MarkDone.json").write_text(json.dumps(schema))
    assert run_lint(LintRequest((str(tmp_path / "MarkDone.json"),), formats=(f"sarif={tmp_path / 'lint'}",))) == 1
    sides = (str(ROOT / "schemas/MarkDone/0.1.0.json"), str(tmp_path / "MarkDone.json"))
    assert run_diff(DiffRequest(sides, formats=(f"sarif={tmp_path / 'diff'}",))) in (1, 2)
    for name in ("lint", "diff"):
        log = json.loads((tmp_path / name).read_text("utf-8"))
        assert [f"{list(error.instance_path)}: {error.message[:200]}" for error in sarif.iter_errors(log)] == []


def test_junit_of_an_audit(reports: Path) -> None:
    script = "import sys, xmlschema; xmlschema.XMLSchema(sys.argv[1]).validate(sys.argv[2])"
    python = Path(tool("check-jsonschema")).with_name("python")
    ended = subprocess.run([python, "-c", script, JUNIT, reports / "audit.xml"], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr[-2000:]) == (0, "")
    assert (reports / "audit.xml").read_text("utf-8").count("<failure") > 1000
