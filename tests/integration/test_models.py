"""Models that datamodel-code-generator makes of the contracts load every valid example, and refuse what no record of them is."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from srcos_contracts.cli.main import main
from srcos_contracts.contracts.catalog import Catalog

from .tools import ROOT, environment

pytestmark = pytest.mark.packages

CATALOG = Catalog.shipped()
LOADING = """
import importlib.util, json, sys
from pathlib import Path
for name, files in json.load(sys.stdin).items():
    spec = importlib.util.spec_from_file_location(name, f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    for file in files:
        text = Path(file).read_text("utf-8")
        for line in text.splitlines() if file.endswith(".jsonl") else [text]:
            try:
                record = module.Record.model_validate_json(line)
            except ValueError as error:
                print(f"{file}: {error}")
                continue
            again = json.loads(record.model_dump_json(by_alias=True, exclude_unset=True))
            if again.keys() != json.loads(line).keys():
                print(f"{file}: {again.keys() ^ json.loads(line).keys()} came or went")
        for broken in ("{}", "[]", '{"kind": "nothing"}'):
            try:
                module.Record.model_validate_json(broken)
                print(f"{name} takes {broken}")
            except ValueError:
                pass
"""


def documented() -> list[str]:
    """The command that the documentation gives, word by word."""
    page = (ROOT / "docs/python.md").read_text("utf-8")
    found = re.search(r"^datamodel-codegen (?:.*\\\n)*.*$", page, re.MULTILINE)
    assert found is not None
    return shlex.split(found[0].replace("\\\n", " "))


def test_models_load_every_valid_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    tools = environment("requirements-models.txt")
    program, *words = documented()
    examples = {}
    for contract in CATALOG.contracts:
        monkeypatch.setattr("sys.argv", ["srcos-validate", "show", f"{contract.name}@{contract.version}", "--format", "schema"])
        assert main() == 0
        (tmp_path / f"{contract.name}.json").write_text(capsys.readouterr().out)
        given = [word.replace("CapabilityLedger", contract.name).replace("capability_ledger", contract.name) for word in words]
        ended = subprocess.run([tools / "bin" / program, *given], cwd=tmp_path, capture_output=True, text=True)
        assert ended.returncode == 0, ended.stderr
        valid = (ROOT / "examples" / contract.name / contract.version / "valid").rglob("*.json*")
        examples[contract.name] = [str(path) for path in valid if path.is_file()]
    assert sum(map(len, examples.values())) > 60
    loaded = subprocess.run([tools / "bin/python", "-c", LOADING], cwd=tmp_path, input=json.dumps(examples), capture_output=True, text=True)
    assert (loaded.returncode, loaded.stdout, loaded.stderr) == (0, "", "")
