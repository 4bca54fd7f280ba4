"""`srcos-validate docs`: writes the generated documentation of a checkout, or says where it is out of step."""

from __future__ import annotations

import sys
from pathlib import Path

from srcos_contracts.cli.terminal import refused
from srcos_contracts.evolve.docs import docs_stale
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape

__all__ = ["run_docs"]


def run_docs(root: Path, check: bool = False) -> int:
    """Brings the generated documentation under `root` up to date; with `check` only compares.

    Returns the exit code: 1 where `check` finds a difference, 2 where the schemas or the files cannot be used.
    """
    try:
        stale = docs_stale(root)
        for path, text in stale.items():
            print(f"{escape(str(path))} is not what the contracts generate; run: srcos-validate docs" if check else escape(str(path)))
            if not check:
                _write(path, text)
    except Refusal as error:
        return refused(error)
    except OSError as error:
        print(f"error: {escape(str(error.filename))}: {error.strerror}", file=sys.stderr)
        return 2
    return 1 if check and stale else 0


def _write(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink()
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
