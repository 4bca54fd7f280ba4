"""The plugin for pytest, in real runs of pytest in folders of their own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts import Catalog, assert_conforms
from srcos_contracts.cli.check import CheckRequest, run_check

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/CapabilityLedger/0.1.0/valid/full.json"
FULL: dict[str, Any] = json.loads(EXAMPLE.read_text("utf-8"))


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs pytest, with warnings as errors, on the files of a folder."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    # Without the summary at the end, which says errors a second time: in full where CI is set, shortened elsewhere.
    command = [sys.executable, "-m", "pytest", "-q", "-rN", "-p", "no:cacheprovider", "-W", "error", "--rootdir", str(folder), *options]
    return subprocess.run(command, cwd=folder, env={**environment, "COLUMNS": "100"}, capture_output=True, text=True, timeout=120)


def test_a_failure_shows_the_finding_as_the_terminal_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = json.dumps({**FULL, "effectiveState": "Enabled", "note": 1}, indent=2, ensure_ascii=False)
    (tmp_path / "bad.json").write_text(bad, "utf-8")
    (tmp_path / "test_records.py").write_text(
        "import json, pathlib\nfrom srcos_contracts import assert_conforms as exported\nfrom srcos_contracts.pytest_plugin import assert_conforms as imported\n"
        "BAD = json.loads(pathlib.Path('bad.json').read_text('utf-8'))\n"
        "def test_record(assert_conforms): assert_conforms(BAD)\n"
        "def test_imported(): imported(BAD)\n"
        "def test_exported(): exported(BAD, contract='CapabilityLedger')\n"
        "def test_file(assert_conforms): assert_conforms('bad.json')\n"
        f"def test_good(assert_conforms): assert_conforms({str(EXAMPLE)!r}, 'CapabilityLedger@0.1.0')\n"
    )
    ended = run(tmp_path)
    assert ended.returncode == 1
    assert "4 failed, 1 passed" in ended.stdout
    assert run_check(CheckRequest((str(tmp_path / "bad.json"),))) == 1
    terminal = capsys.readouterr().out.replace(str(tmp_path / "bad.json"), "FILE").rstrip()
    assert terminal.startswith(
        "error[effective-state]: a capability has exactly one effective state\n  --> FILE:19:21  CapabilityLedger 0.1.0  /"
    )
    # What pytest shows of an error begins each line with an E.
    shown = re.sub(r"^E {3}", "", ended.stdout, flags=re.MULTILINE)
    assert shown.count(f"AssertionError: 2 errors\n\n{terminal.replace('FILE', '<record>')}\n") == 3
    assert shown.count(f"AssertionError: 2 errors\n\n{terminal.replace('FILE', 'bad.json')}\n") == 1
    assert "asserting.py" not in ended.stdout


def test_the_fixture_says_which_contracts_judge(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thing.json").write_text(
        json.dumps({"title": "Thing", "properties": {"kind": {"const": "thing"}}, "required": ["kind", "id"]})
    )
    (tmp_path / "conftest.py").write_text(
        "import pytest\nfrom srcos_contracts import Catalog\n@pytest.fixture(scope='session')\ndef contracts(): return Catalog.at('mine')\n"
    )
    (tmp_path / "test_mine.py").write_text(
        "import pytest\n"
        "def test_mine(assert_conforms, contracts):\n"
        "    assert [contract.name for contract in contracts.contracts] == ['Thing']\n"
        "    assert_conforms({'kind': 'thing', 'id': 1})\n"
        "    with pytest.raises(AssertionError, match='id is missing'):\n"
        "        assert_conforms({'kind': 'thing'}, 'Thing')\n"
    )
    ended = run(tmp_path)
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout


def test_a_run_that_does_not_use_it_imports_nothing_and_may_have_its_names(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text(
        "import sys\nimport pytest\n"
        "@pytest.fixture\ndef contracts(): return 'my own'\n"
        "@pytest.fixture\ndef assert_conforms(): return 'mine too'\n"
        "def test_names(contracts, assert_conforms): assert (contracts, assert_conforms) == ('my own', 'mine too')\n"
        "def test_modules():\n"
        "    loaded = {name for name in sys.modules if name.startswith(('srcos_contracts', 'jsonschema', 'referencing', 'jiter', 'yaml'))}\n"
        "    assert loaded <= {'srcos_contracts', 'srcos_contracts.pytest_plugin'}\n"
        "    assert 'srcos_contracts.pytest_plugin' in loaded\n"
    )
    ended = run(tmp_path, "--strict-markers", "--strict-config")
    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout


def test_the_fixtures_are_listed_with_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "test_none.py").write_text("")
    told = run(tmp_path, "--fixtures").stdout
    assert "contracts [session scope] -- " in told
    assert "The contracts by which `assert_conforms` judges" in told


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({**FULL, "x-a": float("nan")}, "error[not-finite-number]: nan is not a JSON number\n  --> <record>  /x-a\n"),
        ({**FULL, "x-a": {1: 2}}, "error[json-syntax]: a key is a int, not a string\n  --> <record>  /x-a\n"),
        ({"type": "Nothing"}, "error[unclaimed-record]: no contract claims this record"),
        ({**FULL, "a": Decimal("1.50")}, '\n39 |   "a": 1.5\n'),
        ({**FULL, "a": Decimal("1e999")}, '\n39 |   "a": "1E+999"\n'),
        ("nowhere.json", "error[unreadable]: no such file or directory\n  --> nowhere.json\n"),
    ],
    ids=lambda value: "",
)
def test_whatever_is_wrong_is_the_message(payload: Any, said: str) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_conforms(payload)
    assert said in str(caught.value)
    assert str(caught.value).startswith("1 error\n\nerror[")


def test_a_warning_fails_only_where_that_is_asked() -> None:
    record = {name: value for name, value in FULL.items() if name != "stateReason"} | {"effectiveState": "degraded"}
    assert_conforms(record)
    with pytest.raises(AssertionError, match=r"1 error\n\nerror\[negative-state-reason\]"):
        assert_conforms(record, strict=True)
    assert_conforms(FULL, catalog=Catalog.shipped())
