"""JSON Lines: one record a line, streamed, with every line judged whatever its neighbours are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, BinaryIO

from srcos_contracts.finding import Finding
from srcos_contracts.reading.document import Document, Record
from srcos_contracts.reading.json_text import decode, parse_json
from srcos_contracts.reading.limits import LARGE_BYTES, MAX_DEPTH, MAX_RECORD_BYTES

__all__ = ["Blocks", "Counter", "Unsettled", "blocks_of", "read_blocks", "read_lines"]

_BLOCK = 512 * 1024
"""Bytes read, decoded and judged together: enough for some thirty records of each contract of many, whose patterns take longer to come
into the processor's caches than to be matched."""

_MOST_LINES = 4096
"""Lines decoded and judged together: each of them may be a finding."""

Unsettled = Callable[[list[Any], Sequence[bytes | None], Sequence[int]], Iterable[int]]
"""From values, their texts and their lines to the positions, ascending, of those that still need to be looked at."""

Blocks = Iterable[tuple[list[bytes | None], bool]]
"""Lines without their newlines, some at a time, None for one over the bound, and whether a newline ended each."""


class Counter:
    """How far a reader has come; changed while it is drawn from."""

    __slots__ = ("lines", "records", "unclaimed", "watch")

    def __init__(self) -> None:
        self.lines = 0
        self.records = 0
        self.unclaimed = 0
        """Records that no contract claims, as whoever judges them says."""
        self.watch: Callable[[BinaryIO], None] | None = None
        """Called with the stream after each block of a ledger."""


def read_lines(
    stream: BinaryIO,
    file: str,
    length: int | None,
    counter: Counter,
    unsettled: Unsettled,
    head: bytes = b"",
    most: int | None = None,
) -> Iterator[Record | Finding]:
    """The unsettled records of a ledger, or of the `length` bytes of it that begin where `stream` stands, lines counted from 1 there.

    `head` are the ledger's first bytes, where the stream stands further on; `most` is as `blocks_of` has it. `unsettled` is asked of
    all records that one read gave, so that whoever judges can take those of one contract together. Memory is bounded by one block
    and one record; a line over the size bound is skipped to its end and reported.
    """
    return read_blocks(blocks_of(stream, length, most), file, counter, unsettled, head, stream)


def read_blocks(
    blocks: Blocks, file: str, counter: Counter, unsettled: Unsettled, head: bytes = b"", stream: BinaryIO | None = None
) -> Iterator[Record | Finding]:
    """What `read_lines` gives, of lines that have been cut already."""
    wide = bool(head) and _is_wide(head.split(b"\n", 1)[0])
    at_start = not head
    for lines, whole in blocks:
        first = counter.lines + 1
        counter.lines += len(lines)
        values, faults = _decoded(lines, file, first, whole)
        counter.records += len(lines) - len(faults)
        positions: Iterable[int]
        if not faults:
            positions = unsettled(values, lines, range(first, counter.lines + 1))
        else:
            # Faulty lines have no value: those after them stand further on than their values' positions say.
            records = [index for index in range(len(lines)) if index not in faults]
            positions = unsettled(values, [lines[index] for index in records], [first + index for index in records])
            values = dict(zip(records, values, strict=True))
            positions = sorted([*(records[position] for position in positions), *faults])
            if at_start and 0 in faults and faults[0].rule == "utf-16":
                wide = True
                faults[0] = faults[0]._replace(message=f"{faults[0].message}: no line with zero bytes could be read")
        for index in positions:
            if index not in faults:
                yield Record(values[index], lines[index] or b"", first + index)
            elif not wide or (at_start and index == 0) or b"\0" not in (lines[index] or b""):
                # A line with zero bytes is never a record: of a ledger in UTF-16 that is told once for all of them.
                yield faults[index]
        at_start = False
        if counter.watch is not None and stream is not None:
            counter.watch(stream)


def _decoded(lines: list[bytes | None], file: str, first: int, whole: bool) -> tuple[Any, dict[int, Finding]]:
    """The values of the lines that have one, in order, and by position the findings of those that have none."""
    try:
        # A line that is long, or has brackets enough to lie too deep, is looked at more closely below; so is None.
        if max(map(len, lines)) <= LARGE_BYTES:  # type: ignore[arg-type]
            # Replacing looks for a bracket with memchr, at twice the speed of counting.
            quick = [decode(line) for line in lines if len(line) - len(line.replace(b"{", b"").replace(b"[", b"")) <= MAX_DEPTH]  # type: ignore[union-attr, arg-type]
            if len(quick) == len(lines):
                return quick, {}
    except (TypeError, ValueError):
        pass
    values: list[Any] = []
    faults: dict[int, Finding] = {}
    for index, line in enumerate(lines):
        value = _parse(Document(file, line or b"", line=first + index), line is None, whole)
        if isinstance(value, Finding):
            faults[index] = value
        else:
            values.append(value)
    return values, faults


def blocks_of(stream: BinaryIO, length: int | None = None, most: int | None = None) -> Iterator[tuple[list[bytes | None], bool]]:
    """The lines of a stream, or of its next `length` bytes, or those that begin in its next `most` bytes."""
    rest = b""
    skipping = False
    remaining = length
    # What has come is judged before more is waited for, and before damage further on is met.
    take = getattr(stream, "read1", stream.read)
    while block := take(_BLOCK if remaining is None else min(_BLOCK, remaining)):
        if remaining is not None:
            remaining -= len(block)
        if most is not None:
            if most <= len(block):
                end = block.find(b"\n", max(most - 1, 0)) + 1
                if end:
                    # The line that was begun has its end; what comes after it was not there before.
                    block, remaining = block[:end], 0
            most -= len(block)
        lines: list[bytes | None] = [*block.split(b"\n")]
        last = lines.pop() or b""
        if lines:
            first = lines[0] or b""
            lines[0] = None if skipping or len(rest) + len(first) > MAX_RECORD_BYTES else rest + first
            skipping, rest = False, last
            for at in range(0, len(lines), _MOST_LINES):
                yield lines[at : at + _MOST_LINES], True
        elif not skipping:
            rest += last
        if len(rest) > MAX_RECORD_BYTES:
            rest, skipping = b"", True
    if skipping:
        yield [None], False
    elif rest:
        yield [rest], False


def _parse(document: Document, oversize: bool, whole: bool) -> Any | Finding:
    if oversize:
        from srcos_contracts.reading.json_fault import too_large

        return too_large(document)
    found = parse_json(document)
    if not isinstance(found, Finding):
        return found
    if found.rule == "empty-document":
        return found._replace(
            rule="blank-line",
            severity="warning",
            message="a blank line stands in the ledger",
            help="remove it: a ledger has one record a line",
        )
    if not whole and document.text.endswith(b"\0"):
        return found._replace(
            rule="torn-last-line",
            message="the last line is torn: the file ends in zero bytes",
            help="the system stopped before its writer's text reached the disk: end the line with a newline, and write the record again",
        )
    if found.rule == "trailing-data":
        return found._replace(
            rule="several-values-on-line",
            message="more than one JSON value stands on this line",
            help="write one record a line",
        )
    if not whole and (what := _torn(found, document.text)):
        return found._replace(
            rule="torn-last-line",
            message="the last line is torn: " + what,
            help="its writer was stopped in the middle: keep the line as evidence, end it with a newline, and write the record again",
        )
    return found


def _torn(found: Finding, text: bytes) -> str:
    """How a text ends too early; nothing where it does not."""
    if found.rule == "json-syntax" and found.message.startswith("the text ends"):
        return found.message
    if found.rule == "invalid-utf8":
        try:
            text.decode("utf-8")
        except UnicodeDecodeError as error:
            return "the text ends inside a character" if error.reason == "unexpected end of data" else ""
    return ""


def _is_wide(head: bytes) -> bool:
    from srcos_contracts.reading.json_fault import is_wide

    return is_wide(head)
