"""`srcos-validate docs`: writes all that is generated in a checkout, or says where it is out of step."""

from __future__ import annotations

import sys
from pathlib import Path

from srcos_contracts.cli.check import processors
from srcos_contracts.cli.terminal import refused
from srcos_contracts.evolve.checkout import stale, write
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape

__all__ = ["run_docs"]


def run_docs(root: Path, check: bool = False) -> int:
    """Brings bundles, catalog and documentation under `root` up to date; with `check` only compares.

    Returns the exit code: 1 where `check` finds a difference, 2 where the schemas or the files cannot be used.
    """
    try:
        changed = stale(root, processors())
        if not check:
            write(changed)
    except Refusal as error:
        return refused(error)
    except OSError as error:
        print(f"error: {escape(str(error.filename))}: {error.strerror}", file=sys.stderr)
        return 2
    for path in changed:
        print(f"{escape(str(path))} is not what the contracts generate; run: srcos-validate docs" if check else escape(str(path)))
    return 1 if check and changed else 0
