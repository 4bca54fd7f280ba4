"""`srcos-validate new`: the files of a contract that is yet to be written."""

from __future__ import annotations

import sys
from pathlib import Path

from srcos_contracts.evolve.scaffold import scaffold
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape

__all__ = ["run_new"]


def run_new(name: str, version: str, owner: str, schemas: str, examples: str) -> int:
    """Writes schema, examples and cases of a new contract. Returns 0, or 2 where that cannot be done."""
    try:
        texts = scaffold(Path(schemas), Path(examples), name, version, owner)
        for path, text in texts.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(path)
    except Refusal as error:
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {escape(str(error.filename))} cannot be written: {error.strerror}", file=sys.stderr)
        return 2
    print("next: describe the fields and rules in the schema, then make generate, srcos-validate lint, srcos-validate test --mutate")
    return 0
