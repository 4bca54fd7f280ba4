"""The engine is imported without what only the date of its build needs."""

from __future__ import annotations

import subprocess
import sys

import pytest


def _run(program: str) -> str:
    ended = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize(
    "imports",
    [
        "import srcos_contracts.cli.main",
        "from srcos_contracts.cli.native import import_engine; import_engine(); import srcos_contracts.cli.agent_ledger.append",
    ],
)
def test_commands_import_no_sockets_and_no_mail(imports: str) -> None:
    needless = ("email.utils", "socket", "calendar", "random")
    assert _run(f"import sys\n{imports}\nprint('jsonschema_rs' in sys.modules, *(n for n in {needless} if n in sys.modules))") == "True\n"


def test_whoever_imports_it_afterwards_finds_all_of_it() -> None:
    program = (
        "from srcos_contracts.cli.native import import_engine\nimport_engine()\n"
        "import email, email.utils, jsonschema_rs\n"
        "print(email.utils.formatdate(0), email.utils is email.__dict__['utils'], jsonschema_rs.is_valid({'type': 'string'}, 'x'))"
    )
    assert _run(program) == "Thu, 01 Jan 1970 00:00:00 -0000 True True\n"


def test_what_is_there_already_is_left_alone() -> None:
    program = (
        "import email.utils, sys\nbefore = sys.modules['email.utils']\n"
        "from srcos_contracts.cli.native import import_engine\nimport_engine()\nprint(sys.modules['email.utils'] is before)"
    )
    assert _run(program) == "True\n"
