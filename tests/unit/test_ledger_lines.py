"""What became of the lines of a ledger."""

from __future__ import annotations

import io
from hashlib import sha256

import pytest

from srcos_contracts.ledger.lines import MARK_BYTES, Outcome, compare, ending, is_whole, line_of, measure


class _Slow(io.BytesIO):
    """Gives a few bytes at a time, as a pipe or a compressed file may."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(min(7, size if size is not None and size >= 0 else 7))


def _became(before: bytes, now: bytes) -> Outcome:
    marks = io.BytesIO()
    extent = measure(lambda: _Slow(before), marks)
    assert extent == measure(lambda: io.BytesIO(before))
    assert extent.digest == sha256(before).hexdigest()
    assert len(marks.getvalue()) == 8 * extent.lines
    fast = compare(extent, lambda: io.BytesIO(marks.getvalue()), lambda: io.BytesIO(now))
    assert fast == compare(extent, lambda: io.BytesIO(marks.getvalue()), lambda: _Slow(now))
    return fast


A, B, C, D = b'{"line": "a"}\n', b'{"line": "b"}\n', b'{"line": "c"}\n', b'{"line": "d"}\n'
WHOLE = Outcome(True, True)


@pytest.mark.parametrize(
    ("before", "now", "outcome"),
    [
        (A + B, A + B, WHOLE),
        (A + B, A + B + C, WHOLE),
        (b"", A, WHOLE),
        (b"", b"", WHOLE),
        (A + B[:-4], A + B + C, WHOLE),
        (A + B, A, Outcome(False, False, 1, 2)),
        (A + B, b"", Outcome(False, False, 0, 1)),
        (A + B + C, A + D, Outcome(False, False, 2, 2)),
        (A + B, A + C, Outcome(False, False, 2, 2)),
        (A + B, B + A, Outcome(False, True, 2, 1)),
        (A + C, A + B + C, Outcome(False, True, 3, 2)),
        (A + C + C, A + B + C, Outcome(False, False, 3, 2)),
        (A + A + C, C + A + B + A, Outcome(False, True, 4, 1)),
        (A + B, A + B[:-1], Outcome(False, False, 2, 2)),
        (A + B, (A + B).replace(b"\n", b"\r\n"), Outcome(False, False, 2, 1)),
        (A + b"\n" + B, A + B + b"\n", Outcome(False, True, 3, 2)),
        (A + B[:-3], A + C, Outcome(False, False, 2, 2)),
    ],
)
def test_outcomes(before: bytes, now: bytes, outcome: Outcome) -> None:
    assert _became(before, now) == outcome


@pytest.mark.parametrize(("line", "text"), [(1, b'{"line": "a"}'), (2, b""), (3, b'{"line": "b"'), (4, b""), (0, b"")])
def test_a_line_is_found_whatever_the_size_of_a_read(line: int, text: bytes) -> None:
    ledger = A + b"\n" + B[:-2]
    assert line_of(lambda: io.BytesIO(ledger), line) == text
    assert line_of(lambda: _Slow(ledger), line) == text


def test_a_long_line_is_cut() -> None:
    assert line_of(lambda: io.BytesIO(b"x" * 10_000_000 + b"\ny"), 1) == b"x" * 65536
    assert line_of(lambda: io.BytesIO(b"x" * 10_000_000 + b"\ny"), 2) == b"y"


@pytest.mark.parametrize(
    ("before", "now", "ends"),
    [
        (b"a", b"a", ""),
        (b"a", b"a\r", "CR LF"),
        (b"a\r", b"a", "LF"),
        (b"a\r\r", b"a\r", "LF"),
        (b"a", b"a ", None),
        (b"a", b"b\r", None),
        (b"", b"\r", "CR LF"),
    ],
)
def test_how_a_line_ends_is_told_by_its_mark(before: bytes, now: bytes, ends: str | None) -> None:
    assert ending(now, sha256(before).digest()[:MARK_BYTES]) == ends


def test_a_line_that_fills_what_is_shown_may_go_on() -> None:
    assert is_whole(b"x" * 65535)
    assert not is_whole(b"x" * 65536)
