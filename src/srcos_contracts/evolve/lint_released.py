"""The lint rule about released files: their bytes are those that SHA256SUMS vouches for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping

from srcos_contracts.contracts.checksums import SUMS_FILE, Released, checksum, read_sums
from srcos_contracts.evolve.lint_rules import LINT_RULES
from srcos_contracts.finding import Finding, Location

__all__ = ["RELEASED", "released_faults", "withdrawn_faults"]

RELEASED = "lint-released"


def released_faults(folder: str, shown: str) -> Iterator[Finding]:
    """The released files of a folder of contracts that are gone or changed; `shown` is how findings name it. Raises BadSums."""
    for file, released in read_sums(folder, shown).items():
        try:
            with open(os.path.join(folder, file), "rb") as stream:
                digest = checksum(stream.read())
        except OSError as error:
            yield _finding(f"{shown}/{SUMS_FILE}", released.line, f"{file} cannot be read: {error.strerror or error}")
        else:
            if digest != released.digest:
                yield _finding(f"{shown}/{file}", 0, f"the digest in {SUMS_FILE} is {released.digest[:12]}..., its own is {digest[:12]}...")


def withdrawn_faults(before: Mapping[str, Released], after: Mapping[str, Released], shown: str) -> Iterator[Finding]:
    """What was released in an earlier state and is not vouched for any more, or otherwise; `shown` names the file of checksums."""
    for file, released in before.items():
        now = after.get(file)
        if now is None:
            yield _finding(shown, 0, f"{file} was released, and has no line any more")
        elif now.digest != released.digest:
            yield _finding(shown, now.line, f"{file} was released with the digest {released.digest[:12]}...")


def _finding(file: str, line: int, detail: str) -> Finding:
    rule = LINT_RULES[RELEASED]
    return Finding(RELEASED, "error", rule.message, Location(file, line), rule.help, detail)
