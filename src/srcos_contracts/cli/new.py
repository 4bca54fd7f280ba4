"""`srcos-validate new`: the files of a contract, or of a version of one, that is yet to be written."""

from __future__ import annotations

import sys
from pathlib import Path

from srcos_contracts.cli.terminal import refused
from srcos_contracts.evolve.checkout import bring_up
from srcos_contracts.evolve.scaffold import scaffold
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape

__all__ = ["run_new"]


def run_new(name: str, version: str, owner: str | None, schemas: str, examples: str) -> int:
    """Writes schema, examples and cases, and whatever is generated from the contracts here. Returns 0, or 2 where that cannot be done."""
    try:
        texts = scaffold(Path(schemas), Path(examples), name, version, owner)
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(escape(str(path)))
        for path in bring_up(Path(schemas)):
            print(escape(str(path)))
    except Refusal as error:
        return refused(error)
    except OSError as error:
        print(f"error: {escape(str(error.filename))} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    print("next: describe the fields and rules in the schema; srcos-validate lint and srcos-validate test --mutate say what is missing,")
    print("and srcos-validate docs brings what is generated up to date")
    return 0
