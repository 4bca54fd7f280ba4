"""Standard input: bytes that arrive as they please, from a form that nobody has named."""

from __future__ import annotations

import io
import sys
from typing import BinaryIO, Literal

from srcos_contracts.reading.limits import MAX_RECORD_BYTES

__all__ = ["open_stdin", "told_apart"]

_GZIP = b"\x1f\x8b"


class _Prepended(io.RawIOBase):
    """A stream with bytes that were read ahead put back in front."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        if self._head:
            taken, self._head = self._head[: len(view)], self._head[len(view) :]
        else:
            taken = self._rest.read1(len(view)) if hasattr(self._rest, "read1") else self._rest.read(len(view))
        view[: len(taken)] = taken
        return len(taken)


def open_stdin(gzipped: bool) -> BinaryIO:
    """Standard input as bytes, decompressed where it is gzip by name or by its first bytes.

    Raises OSError where it is closed.
    """
    if sys.stdin is None:
        raise OSError(9, "Standard input is closed")
    raw = sys.stdin.buffer
    head = raw.read(len(_GZIP))
    stream = io.BufferedReader(_Prepended(head, raw))
    if gzipped or head == _GZIP:
        import gzip

        return gzip.GzipFile(fileobj=stream, mode="rb")  # type: ignore[return-value]
    return stream


def told_apart(stream: BinaryIO) -> tuple[Literal["json", "jsonl"], BinaryIO]:
    """JSON Lines where the first line is a whole object by its looks and something follows it; else JSON."""
    first = stream.readline(MAX_RECORD_BYTES + 1)
    looks = first.strip()
    if not (looks.startswith(b"{") and looks.endswith(b"}") and first.endswith(b"\n")):
        return "json", io.BufferedReader(_Prepended(first, stream))
    following = stream.read(1)
    return "jsonl" if following else "json", io.BufferedReader(_Prepended(first + following, stream))
