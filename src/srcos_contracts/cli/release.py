"""`srcos-validate release`: a draft frozen, in a version that its proofs allow."""

from __future__ import annotations

import sys
from pathlib import Path

from srcos_contracts.evolve.release import Plan, Undecidable, plan, publish
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape

__all__ = ["ReleaseRequest", "run_release"]

_CHANGES = {
    "major": "major: some record that was valid is not any more",
    "minor": "minor: more is valid, or findings and types have changed",
    "patch": "patch: words alone",
}


class ReleaseRequest(NamedTuple):
    """What a command line asks of `release`."""

    contract: str
    version: str | None = None
    dry: bool = False
    """Whether to say only what the release would be."""
    budget: float = 10.0
    schemas: str = "schemas"
    examples: str = "examples"


def run_release(request: ReleaseRequest) -> int:
    """Releases a contract. Returns 0, 2 where it cannot be released, 3 where it is undecided what version it needs."""
    schemas, examples = Path(request.schemas), Path(request.examples)
    try:
        made = plan(schemas, examples, request.contract, request.version, request.budget)
        _say(made)
        if request.dry:
            print("nothing is written: --dry-run")
            return 0
        for path in publish(schemas, examples, made):
            print(f"{'written' if path.exists() else 'removed'}: {escape(str(path))}")
    except Refusal as error:
        sys.stdout.flush()
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 3 if isinstance(error, Undecidable) else 2
    except OSError as error:
        sys.stdout.flush()
        print(f"error: {escape(str(error.filename))} cannot be written: {error.strerror}; run the release again", file=sys.stderr)
        return 2
    print(f"{made.draft.name} {made.version} is released; commit all of these files together")
    return 0


def _say(made: Plan) -> None:
    if made.before is None or made.bump is None:
        print(f"{made.draft.name} {made.version}: the first release")
        return
    print(f"{made.draft.name} {made.version} after {made.before.version}: {_CHANGES[made.bump]}")
    print(f"{made.cases_kept} of the {made.cases} records that are stored as valid with {made.before.version} are valid still")
    if made.bump == "major" and made.may_break:
        print(f"{made.before.version} is an alpha or beta version, which promises nothing: whoever reads {made.draft.name} is to be told")
