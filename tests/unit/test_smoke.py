"""What is run with the wheel alone has every command, and the lowest versions are those of pyproject.toml."""

from __future__ import annotations

from srcos_contracts.cli.commands import COMMANDS
from tests.wheel import lowest, smoke


def test_every_command_is_called_with_the_wheel_alone() -> None:
    assert sorted(smoke.CALLS) == sorted(COMMANDS), "tests/wheel/smoke.py has no call of a command, or one of no command"
    assert all(smoke.CALLS.values())


def test_the_lowest_versions_are_those_that_are_allowed() -> None:
    pins = dict(pin.split("==") for pin in lowest.lowest(["audit", "author", "test"]))
    assert pins["jsonschema-rs"] == "0.60.3"
    assert {"typer", "jiter", "duckdb", "pyarrow", "jsonpatch", "pytest"} <= pins.keys()
