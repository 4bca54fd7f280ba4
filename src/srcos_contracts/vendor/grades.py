"""What a vendored file is beside its entry in the lock, in a word."""

from __future__ import annotations

from typing import Literal, get_args

from srcos_contracts.vendor.digests import digests_of
from srcos_contracts.vendor.lock import SCHEMA_ROLES, Entry

__all__ = ["GRADES", "Grade", "grade_of"]

Grade = Literal["identical", "same JSON", "same assertions", "drifted", "missing", "not verified"]
GRADES: tuple[Grade, ...] = get_args(Grade)
"""From the best to the worst."""


def grade_of(entry: Entry, content: bytes | None) -> Grade:
    """The grade of a file with these bytes; None where there is no file.

    `same JSON` differs in white space, the order of members or how values are written; `same assertions` in titles, descriptions,
    comments, examples and the words of rules too. Both need digests that the lock has only for JSON, and for schemas.
    """
    if content is None:
        return "missing"
    stored = entry.digests
    found = digests_of(content, entry.role in SCHEMA_ROLES)
    if found.sha256 == stored.sha256:
        return "identical"
    if stored.canonical and found.canonical == stored.canonical:
        return "same JSON"
    if stored.assertions and found.assertions == stored.assertions:
        return "same assertions"
    return "drifted"
