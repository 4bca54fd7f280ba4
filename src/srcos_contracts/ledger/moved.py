"""Which file a ledger is now that lies no more where it lay: told by its lines, as git does by content."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from srcos_contracts.ledger.lines import MARK_BYTES, marks_in
from srcos_contracts.reading.source import Source, opened

if TYPE_CHECKING:
    from srcos_contracts.ledger.snapshot import KnownLedger

__all__ = ["moved_to"]

_LOOKED_AT = 1000
"""Lines of each ledger that are looked at: its first ones."""
_ALIKE = 0.5
"""The share of lines that two ledgers have in common where one is taken for the other."""


def moved_to(earlier: Sequence[KnownLedger], now: Mapping[str, Source]) -> dict[str, Source]:
    """For the earlier ledgers whose names are gone, the new file that begins most like each, where half of what was looked at is there.

    Where a new ledger was begun under the old name, or the new name was another ledger's, as when ledgers are rotated, all that was
    looked at must be in the new file.
    """
    known = {ledger.name for ledger in earlier}
    gone = [ledger for ledger in earlier if ledger.extent.lines and (ledger.name not in now or _begun_anew(ledger, now[ledger.name]))]
    if not gone:
        return {}
    # When ledgers are rotated again, each takes the name of the one before it.
    free = now.keys() - known | {ledger.name for ledger in gone}
    holders: dict[bytes, set[str]] = {}
    for name, source in now.items():
        if name in free:
            for mark in _first_marks(source):
                holders.setdefault(mark, set()).add(name)
    ranked: list[tuple[float, str, str]] = []
    for ledger in gone:
        marks = _stored_marks(ledger)
        shared: dict[str, int] = {}
        for mark in marks:
            for name in holders.get(mark, ()):
                shared[name] = shared.get(name, 0) + 1
        for name, count in shared.items():
            share = count / len(marks)
            if name != ledger.name and share >= (1 if ledger.name in now or name in known else _ALIKE):
                ranked.append((-share, ledger.name, name))
    found: dict[str, Source] = {}
    taken: set[str] = set()
    for _, old, new in sorted(ranked):
        if old not in found and new not in taken:
            found[old] = now[new]
            taken.add(new)
    return found


def _begun_anew(ledger: KnownLedger, now: Source) -> bool:
    return _first_marks(now, 1) != _stored_marks(ledger)[:1]


def _first_marks(source: Source, most: int = _LOOKED_AT) -> list[bytes]:
    found: list[bytes] = []
    try:
        for mark in marks_in(partial(opened, source)):
            found.append(mark)
            if len(found) == most:
                break
    except (OSError, EOFError, zlib.error):
        # What could be read of it can still be known again.
        return found
    return found


def _stored_marks(ledger: KnownLedger) -> list[bytes]:
    with open(ledger.marks, "rb") as stream:
        return list(_cut(stream.read(_LOOKED_AT * MARK_BYTES)))


def _cut(marks: bytes) -> Iterator[bytes]:
    return (marks[start : start + MARK_BYTES] for start in range(0, len(marks), MARK_BYTES))
