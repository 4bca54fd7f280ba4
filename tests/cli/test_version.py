"""`srcos-validate --version`, and with --verbose what it is made of."""

from __future__ import annotations

import platform
import re
import shutil
from importlib.metadata import version
from pathlib import Path

import pytest

from srcos_contracts.cli import version as module
from srcos_contracts.cli.version import run_version
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.installed import PACKAGE, installed_version

from .shell import run, surroundings

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("line", ["--version --verbose", "-v --version", "--version -v"])
def test_all_of_it(line: str, tmp_path: Path) -> None:
    ended = run(f"srcos-validate {line}", surroundings(tmp_path), tmp_path)
    assert (ended.code, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert lines[0].startswith("srcos-validate")
    assert lines[1].startswith(f"python                {platform.python_version()} CPython, ")
    assert lines[2] == f"engine rust           jsonschema-rs {version('jsonschema-rs')}"
    assert lines[3] == f"engine reference      jsonschema {version('jsonschema')}, referencing {version('referencing')}"
    assert lines[4].startswith(f"reading               jiter {version('jiter')}, PyYAML ")
    assert lines[5] == f"audit                 duckdb {version('duckdb')}, pyarrow {version('pyarrow')}"
    catalog = Catalog.shipped()
    names = {contract.name for contract in catalog.contracts}
    head = next(line for line in lines if line.startswith("contracts "))
    assert re.fullmatch(
        rf"contracts             {len(names)}, {len(catalog.contracts)} versions, \d+ released.*: {re.escape(catalog.root)}", head
    )
    assert [line.split()[0] for line in lines[lines.index(head) + 1 :]] == sorted(names)


def test_the_contracts_that_a_configuration_names(tmp_path: Path) -> None:
    def last(*lines: str) -> list[str]:
        (tmp_path / "srcos.toml").write_text("".join(lines))
        ended = run("srcos-validate --version --verbose", surroundings(tmp_path), tmp_path)
        assert (ended.code, ended.stderr) == (0, "")
        told = ended.stdout.splitlines()
        assert any(line.startswith("contracts   ") for line in told)
        return told[next((number for number, line in enumerate(told) if line.startswith("contracts here")), len(told)) :]

    for name in ("MarkDone", "defs"):
        shutil.copytree(ROOT / "schemas" / name, tmp_path / "ours" / name)
    assert last('schemas = "ours"\n') == [
        "contracts here        1, 1 version, 0 released: ours, by srcos.toml:1:1",
        "  MarkDone  0.1.0 draft",
    ]
    assert last("strict = true\n") == []
    assert last('schemas = "gone"\n') == [
        "contracts here        cannot be told: srcos.toml:1:11: there is no folder or file gone beside srcos.toml"
    ]


def test_the_first_line_alone(tmp_path: Path) -> None:
    ended = run("srcos-validate --version", surroundings(tmp_path), tmp_path)
    assert (ended.code, len(ended.stdout.splitlines()), ended.stderr) == (0, 1, "")


def test_what_is_not_installed_is_said_with_what_would_bring_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = ("duckdb", "python-liquid", PACKAGE)
    monkeypatch.setattr(module, "installed_version", lambda package=PACKAGE: "" if package in gone else installed_version(package))
    assert run_version(True) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "srcos-validate, not installed"
    assert lines[5] == "audit                 not installed: duckdb; pip install 'srcos-contracts[audit]'"
    assert lines[4].endswith(", python-liquid is not installed")


@pytest.mark.parametrize("line", ["--verbose", "--verbose check a.json", "-v"])
def test_verbose_goes_with_version(line: str, tmp_path: Path) -> None:
    assert run(f"srcos-validate {line}", surroundings(tmp_path), tmp_path).code == 2
