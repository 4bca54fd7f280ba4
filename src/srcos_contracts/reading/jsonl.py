"""JSON Lines: one record a line, streamed, with every line judged whatever its neighbours are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

from srcos_contracts.finding import Finding
from srcos_contracts.reading.document import Document, Record
from srcos_contracts.reading.json_text import decode, explain, too_deep, too_large
from srcos_contracts.reading.limits import MAX_DEPTH, MAX_RECORD_BYTES

__all__ = ["Counter", "read_lines"]

_BLOCK = 1024 * 1024


class Counter:
    """How many lines and records have been read; changed while a reader is drawn from."""

    __slots__ = ("lines", "records")

    def __init__(self) -> None:
        self.lines = 0
        self.records = 0


def read_lines(
    stream: BinaryIO, file: str, length: int | None, counter: Counter, settled: Callable[[Any], bool]
) -> Iterator[Record | Finding]:
    """The records of a ledger that are not settled, or of the `length` bytes of it that begin where `stream` stands.

    Lines are counted from 1 there. A record is settled when `settled(value)` is true: asked here, in the loop over the
    lines, so that a record in order costs no more than its parsing and that call. Memory is bounded by one block and one
    record; a line over the size bound is skipped to its end and reported.
    """
    for lines, whole in _blocks(stream, length):
        for line in lines:
            counter.lines += 1
            if line is None:
                yield too_large(Document(file, b"", line=counter.lines))
                continue
            try:
                value = decode(line)
            except ValueError as error:
                yield _line_fault(Document(file, line, line=counter.lines), str(error), whole)
                continue
            if line.count(b"{") + line.count(b"[") > MAX_DEPTH:
                deep = too_deep(Document(file, line, line=counter.lines))
                if deep is not None:
                    yield deep
                    continue
            counter.records += 1
            if not settled(value):
                yield Record(value, line, counter.lines)


def _blocks(stream: BinaryIO, length: int | None) -> Iterator[tuple[list[bytes | None], bool]]:
    """Lines without their newlines, some at a time, None for one over the bound, and whether a newline ended each."""
    rest = b""
    skipping = False
    remaining = length
    while block := stream.read(_BLOCK if remaining is None else min(_BLOCK, remaining)):
        if remaining is not None:
            remaining -= len(block)
        lines: list[bytes | None] = [*block.split(b"\n")]
        last = lines.pop() or b""
        if lines:
            first = lines[0] or b""
            lines[0] = None if skipping or len(rest) + len(first) > MAX_RECORD_BYTES else rest + first
            skipping, rest = False, last
            yield lines, True
        elif not skipping:
            rest += last
        if len(rest) > MAX_RECORD_BYTES:
            rest, skipping = b"", True
    if skipping:
        yield [None], False
    elif rest:
        yield [rest], False


def _line_fault(document: Document, problem: str, whole: bool) -> Finding:
    found = explain(document, problem)
    if found.rule == "empty-document":
        return found._replace(
            rule="blank-line",
            severity="warning",
            message="a blank line stands in the ledger",
            help="remove it: a ledger has one record a line",
        )
    if found.rule == "trailing-data":
        return found._replace(
            rule="several-values-on-line",
            message="more than one JSON value stands on this line",
            help="write one record a line",
        )
    if found.rule == "json-syntax" and not whole and "the text ends" in found.message:
        return found._replace(
            rule="torn-last-line",
            message="the last line is torn: " + found.message,
            help="its writer was stopped in the middle: keep the line as evidence, end it with a newline, and write the record again",
        )
    return found
