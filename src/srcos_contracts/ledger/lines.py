"""The lines of a ledger: what is kept of them to tell, later, whether it only grew, where it did not, and what became of its lines.

A ledger is known by the digest of all its bytes, and by a mark of eight bytes for each line. The digest decides whether the old bytes
are a prefix of the new; marks only say where they are not, and whether every old line is still there somewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import IO, BinaryIO

from srcos_contracts.named import NamedTuple

__all__ = ["MARK_BYTES", "Extent", "Opened", "Outcome", "compare", "ending", "is_whole", "line_of", "marks_in", "measure"]

MARK_BYTES = 8
_CHUNK = 1 << 20
_SHOWN_BYTES = 1 << 16

Opened = Callable[[], BinaryIO]
"""Opens a ledger's content from its beginning."""


class Extent(NamedTuple):
    """How far a ledger reached."""

    bytes: int
    lines: int
    """A last line without an end counts."""
    digest: str
    """The SHA-256 of the bytes, in hex."""


class Outcome(NamedTuple):
    """What became of a ledger that was known before."""

    whole: bool
    """Whether the old bytes are a prefix of the new."""
    kept: bool
    """Whether every old line is still there, if not in its place."""
    lines: int | None = None
    """The lines that it has now; None where it is whole."""
    line: int | None = None
    """The first line that is not what it was, from 1, or that is there no more; None where it is whole."""


def measure(opened: Opened, marks: IO[bytes] | None = None) -> Extent:
    """The extent of a ledger; writes a mark for each line. Raises OSError, EOFError or zlib.error where it cannot be read."""
    whole = sha256()
    size = lines = 0
    with opened() as stream:

        def chunks() -> Iterator[bytes]:
            nonlocal size
            while chunk := stream.read(_CHUNK):
                whole.update(chunk)
                size += len(chunk)
                yield chunk

        for mark in _marks(chunks()):
            lines += 1
            if marks is not None:
                marks.write(mark)
    return Extent(size, lines, whole.hexdigest())


def compare(extent: Extent, marks: Callable[[], IO[bytes]], opened: Opened) -> Outcome:
    """What became of a ledger of which `extent` and `marks` are known. Raises OSError, EOFError or zlib.error where it cannot be read."""
    if _begins_with(extent, opened):
        return Outcome(True, True)
    import pyarrow as pa

    first, lines, now = 0, 0, bytearray()
    with marks() as before, opened() as stream:
        for mark in _marks(iter(lambda: stream.read(_CHUNK), b"")):
            lines += 1
            now += mark
            if not first and lines <= extent.lines and before.read(MARK_BYTES) != mark:
                first = lines
    if lines < extent.lines:
        return Outcome(False, False, lines, first or lines + 1)
    if not first:
        # Every line is there: it is the end of the last one that is not.
        return Outcome(False, False, lines, extent.lines)
    with marks() as before:
        old = before.read()
    sides = [(old, -1), (bytes(now), 1)]
    columns = [pa.Array.from_buffers(pa.uint64(), len(side) // MARK_BYTES, [None, pa.py_buffer(side)]) for side, _ in sides]
    counts = [pa.repeat(pa.scalar(count, pa.int64()), len(side) // MARK_BYTES) for side, count in sides]
    table = pa.table({"mark": pa.chunked_array(columns), "count": pa.chunked_array(counts)})
    sums = table.group_by("mark").aggregate([("count", "sum")]).column("count_sum")
    import pyarrow.compute as compute

    return Outcome(False, compute.min(sums).as_py() >= 0, lines, first)


def line_of(opened: Opened, number: int) -> bytes:
    """The beginning of a line of a ledger, at most 64 KiB; empty where there is no such line.

    Raises OSError, EOFError or zlib.error where it cannot be read.
    """
    line, text = 1, b""
    with opened() as stream:
        while line <= number and len(text) < _SHOWN_BYTES and (chunk := stream.read(_CHUNK)):
            ends = chunk.count(b"\n")
            if line + ends < number:
                line += ends
                continue
            for index, piece in enumerate(chunk.split(b"\n")):
                line += index > 0
                if line == number:
                    text += piece[:_SHOWN_BYTES]
                elif line > number:
                    break
    return text[:_SHOWN_BYTES]


def is_whole(line: bytes) -> bool:
    """Whether what `line_of` gave is all of its line, as far as its length tells."""
    return len(line) < _SHOWN_BYTES


def ending(line: bytes, before: bytes) -> str | None:
    """How a line ends now that is otherwise what it was by its mark: in `CR LF`, in `LF`, or in nothing; None where more has changed."""
    if _mark(line) == before:
        return ""
    if _mark(line + b"\r") == before:
        return "LF"
    return "CR LF" if line.endswith(b"\r") and _mark(line[:-1]) == before else None


def marks_in(opened: Opened) -> Iterator[bytes]:
    """The marks of a ledger's lines. Raises OSError, EOFError or zlib.error where it cannot be read."""
    with opened() as stream:
        yield from _marks(iter(lambda: stream.read(_CHUNK), b""))


def _begins_with(extent: Extent, opened: Opened) -> bool:
    digest, left = sha256(), extent.bytes
    with opened() as stream:
        while left and (chunk := stream.read(min(left, _CHUNK))):
            digest.update(chunk)
            left -= len(chunk)
    return not left and digest.hexdigest() == extent.digest


def _mark(line: bytes) -> bytes:
    return sha256(line).digest()[:MARK_BYTES]


def _marks(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """A mark for each line. A line may be longer than memory."""
    digest, begun = sha256(), False
    for chunk in chunks:
        first, *others = chunk.split(b"\n")
        if not others:
            digest.update(first)
            begun = True
            continue
        digest.update(first)
        yield digest.digest()[:MARK_BYTES]
        *between, last = others
        for line in between:
            yield _mark(line)
        digest, begun = sha256(last), bool(last)
    if begun:
        yield digest.digest()[:MARK_BYTES]
