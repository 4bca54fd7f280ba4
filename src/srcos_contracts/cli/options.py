"""The option parser. Imported only for calls that have options: it takes longer to load than most checks to run."""

from __future__ import annotations

import os
from collections.abc import Callable

from srcos_contracts.cli import (
    options_checking,
    options_configuring,
    options_conformance,
    options_contracts,
    options_showing,
    options_vendoring,
)
from srcos_contracts.cli.app import app, chosen
from srcos_contracts.cli.commands import COMMANDS
from srcos_contracts.cli.completion import COMPLETING, with_check

__all__ = ["FAMILIES", "parse"]

_ALONE = ("-h", "--help", "--version", "--install-completion", "--show-completion")
"""Words that make sense before any command."""
_VERBOSE = ("--verbose", "-v")

FAMILIES = (options_checking, options_contracts, options_conformance, options_showing, options_configuring, options_vendoring)
"""The modules whose commands make up the application."""


def parse(arguments: list[str]) -> Callable[[], int]:
    """What a command line asks for, to be run outside the parser, which has ideas of its own about broken pipes.

    Words that are not understood, and help, are dealt with here: what is left gives only the exit code.
    """
    if COMPLETING in os.environ:
        with_check(os.environ, _ALONE)
    elif arguments and arguments[0] not in (*COMMANDS, *_ALONE) and not ("--version" in arguments and arguments[0] in _VERBOSE):
        arguments = ["check", *arguments]
    chosen.clear()
    try:
        app(arguments, prog_name="srcos-validate")
    except SystemExit as stop:
        if stop.code:
            code = stop.code if isinstance(stop.code, int) else 2
            return lambda: code
    return chosen[0] if chosen else lambda: 0
