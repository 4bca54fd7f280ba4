"""JSON Lines: one record a line, streamed, with every line judged whatever its neighbours are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from srcos_contracts.finding import Finding
from srcos_contracts.reading.document import Document, Record
from srcos_contracts.reading.json_text import decode, explain, may_be_deep, too_deep, too_large
from srcos_contracts.reading.limits import MAX_RECORD_BYTES

__all__ = ["LineCounter", "read_lines"]

_BLOCK = 1024 * 1024


class LineCounter:
    """How many lines have been read: what a reader of a part of a file must tell the reader of the whole."""

    __slots__ = ("lines",)

    def __init__(self) -> None:
        self.lines = 0


def read_lines(
    stream: BinaryIO, file: str, length: int | None = None, counter: LineCounter | None = None
) -> Iterator[Record | Finding]:
    """The records of a ledger, or of the `length` bytes of it that begin where `stream` stands, with lines counted from 1 there.

    Memory is bounded by one block and one record. A line over the size bound is skipped to its end and reported.
    """
    number = 0
    for line, whole in _split(stream, length):
        number += 1
        if line is None:
            yield too_large(Document(file, b"", line=number))
            continue
        try:
            value = decode(line)
        except ValueError as error:
            yield _line_fault(Document(file, line, line=number), str(error), whole)
            continue
        if may_be_deep(line):
            deep = too_deep(Document(file, line, line=number))
            if deep is not None:
                yield deep
                continue
        yield Record(value, line, number)
    if counter is not None:
        counter.lines = number


def _split(stream: BinaryIO, length: int | None) -> Iterator[tuple[bytes | None, bool]]:
    """Each line without its newline, or None for one over the bound, and whether a newline ended it."""
    rest = b""
    skipping = False
    remaining = length
    while block := stream.read(_BLOCK if remaining is None else min(_BLOCK, remaining)):
        if remaining is not None:
            remaining -= len(block)
        lines = block.split(b"\n")
        last = lines.pop()
        if lines:
            if skipping:
                skipping = False
                yield None, True
            elif len(rest) + len(lines[0]) > MAX_RECORD_BYTES:
                yield None, True
            else:
                yield rest + lines[0], True
            for line in lines[1:]:
                yield line, True
            rest = last
        elif not skipping:
            rest += last
        if len(rest) > MAX_RECORD_BYTES:
            rest, skipping = b"", True
    if skipping:
        yield None, False
    elif rest:
        yield rest, False


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
