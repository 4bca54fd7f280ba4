"""A check spread over processes: ledgers in byte ranges, files one by one, results in the order of the input.

The interpreter runs one thread at a time, so threads would gain nothing. Validators cannot be sent to another process: each
worker builds its own. Worker number i of n takes the tasks i, i + n, i + 2n and so on, and writes what it finds into a pipe
of its own; reading the pipes in turn gives the order of the input, and a full pipe makes its worker wait, so that memory
does not grow with the number of findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, BinaryIO

from srcos_contracts.checking import Batch, Demands, Observer, Progress, Watch, check_source, quiet_collector
from srcos_contracts.contracts.catalog import Catalog, CatalogError, PathBinding
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.processes import WorkerLost, held_back, taken_as_worker
from srcos_contracts.reading.jsonl import Counter
from srcos_contracts.reading.source import Source, position_of, read, size_of
from srcos_contracts.refusal import Refusal

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

__all__ = ["Task", "check_in_workers", "tasks_of"]

_RANGE_BYTES = 2 * 1024 * 1024
"""Small enough that no worker is idle for long at the end, large enough that handing it out costs nothing."""

_BLOCK = 16 * 1024
_MOST_JOBS = 32
_MESSAGE = 500
"""Findings that are sent together."""


class Task(NamedTuple):
    """A source, or a range of the bytes of a ledger."""

    source: Source
    start: int
    length: int | None
    """None is all that follows."""
    size: int
    """The bytes of it that are known of."""
    last: bool
    """Whether the source ends with this task."""


class _Contracts(NamedTuple):
    """What another process makes the same catalog of."""

    root: str
    shown: str
    further: tuple[PathBinding, ...]


class _Message(NamedTuple):
    findings: list[Finding]
    """With lines counted from the beginning of the task."""
    records: int
    """Since the message before."""
    unclaimed: int
    """How many of these no contract judged."""
    lines: int
    """Since the beginning of the task."""
    bytes: int
    """Since the beginning of the task."""
    done: bool
    """Whether the task ends with this message."""
    refusal: str = ""
    lost: str = ""
    """Why a watch could not keep all that this process read."""


def check_in_workers(
    catalog: Catalog,
    sources: list[Source],
    demands: Demands,
    jobs: int,
    watch: Watch | None = None,
    progress: Progress | None = None,
) -> Iterator[Batch]:
    """The findings of all sources, in order. Of a `watch`, each task is a part.

    Raises CatalogError where a contract's schema cannot be used, WorkerLost where a worker process died.
    """
    import multiprocessing
    import sys
    import threading

    tasks = list(tasks_of(sources))
    jobs = min(jobs, _MOST_JOBS, len(tasks))
    # A fork starts in a millisecond where a new interpreter takes a hundred, but it is safe only without threads.
    forkable = sys.platform.startswith("linux") and threading.active_count() == 1
    context = multiprocessing.get_context("fork") if forkable else multiprocessing.get_context("spawn")
    workers: list[tuple[BaseProcess, Connection]] = []
    try:
        with held_back():
            for number in range(jobs):
                receiver, sender = context.Pipe(duplex=False)
                own = list(enumerate(tasks))[number::jobs]
                # What a fork holds besides its own end: while it did, no other worker would see that the parent has ended.
                inherited = [*(earlier for _, earlier in workers), receiver] if forkable else []
                contracts = _Contracts(catalog.root, catalog.shown, catalog.further)
                process = context.Process(target=_work, args=(sender, inherited, contracts, demands, own, watch), daemon=True)
                process.start()
                # Only the worker writes: its end closes with it, and a dead worker is an end of file here.
                sender.close()
                workers.append((process, receiver))
        line = behind = records = 0
        for number, task in enumerate(tasks):
            lines = 0
            for message in _messages(workers[number % jobs][1]):
                findings = [_moved(finding, line) for finding in message.findings] if line else message.findings
                ended = task.last and message.done
                yield Batch(findings, message.records, message.unclaimed, ended)
                lines, records = message.lines, records + message.records
                if watch is not None and message.lost:
                    watch.lost(message.lost)
                if progress is not None:
                    progress(behind + (task.size if message.done else message.bytes), records)
            behind += task.size
            if watch is not None:
                watch.placed(number, task.source.name, line)
            line = 0 if task.last else line + lines
    finally:
        for worker, receiver in workers:
            receiver.close()
            worker.terminate()
            worker.join()


def _messages(receiver: Connection) -> Iterator[_Message]:
    """What a worker says of its next task."""
    while True:
        try:
            message: _Message = receiver.recv()
        except EOFError:
            raise WorkerLost("a worker process ended without a result; try --jobs 1") from None
        if message.refusal:
            raise CatalogError(message.refusal)
        yield message
        if message.done:
            return


def _work(
    sender: Connection,
    inherited: Sequence[Connection],
    contracts: _Contracts,
    demands: Demands,
    tasks: list[tuple[int, Task]],
    watch: Watch | None,
) -> None:
    taken_as_worker()
    for connection in inherited:
        connection.close()
    quiet_collector()
    try:
        catalog = Catalog.at(contracts.root, contracts.shown).binding(contracts.further)
        for number, task in tasks:
            observer = watch.writer(catalog, number) if watch is not None else None
            at_end = watch.flush if watch is not None and number == tasks[-1][0] else None
            _judge(catalog, demands, task, observer, at_end, sender.send)
    except Refusal as error:
        sender.send(_Message([], 0, 0, 0, 0, True, str(error)))
    except BrokenPipeError:
        # Nobody reads on: the check has been broken off.
        return


def _judge(
    catalog: Catalog,
    demands: Demands,
    task: Task,
    observer: Observer | None,
    at_end: Callable[[], str] | None,
    send: Callable[[_Message], None],
) -> None:
    counter = Counter()
    findings: list[Finding] = []
    told = unclaimed = position = 0

    def tell(done: bool, lost: str = "") -> None:
        nonlocal findings, told, unclaimed
        send(_Message(findings, counter.records - told, counter.unclaimed - unclaimed, counter.lines, position, done, lost=lost))
        findings, told, unclaimed = [], counter.records, counter.unclaimed

    def watch(stream: BinaryIO) -> None:
        nonlocal position
        if (now := position_of(stream) - task.start) >= position + _RANGE_BYTES:
            position = now
            tell(False)

    if task.length is None:
        # Only what no range bounds goes on for so long that its end is not news enough.
        counter.watch = watch
    # The ledger may have grown much since the tasks were made.
    reading = partial(read, most=task.size)
    for finding in check_source(catalog, task.source, demands, counter, task.start, task.length, observer, reading):
        findings.append(finding)
        if len(findings) >= _MESSAGE:
            tell(False)
    # Before the parent hears of the end: it may then ask for what was written.
    tell(True, at_end() if at_end is not None else "")


def _moved(finding: Finding, lines: int) -> Finding:
    location = finding.location
    return finding._replace(location=location._replace(line=location.line + lines)) if location.line else finding


def tasks_of(sources: list[Source]) -> Iterator[Task]:
    """What there is to do, in the order of the input: files one by one, large ledgers in ranges that end with a line."""
    for source in sources:
        size = size_of(source)
        if source.form != "jsonl" or source.gzipped or source.path is None or size <= _RANGE_BYTES:
            yield Task(source, 0, None, size, True)
            continue
        start = 0
        for end in _cuts(source.path, size):
            yield Task(source, start, end - start, end - start, False)
            start = end
        # The last range is open: its last line may yet be written.
        yield Task(source, start, None, size - start, True)


def _cuts(path: str, size: int) -> Iterator[int]:
    """Offsets just after a newline, about a range apart."""
    position = _RANGE_BYTES
    try:
        with open(path, "rb") as stream:
            while position < size:
                stream.seek(position)
                while block := stream.read(_BLOCK):
                    at = block.find(b"\n")
                    if at >= 0:
                        position += at + 1
                        break
                    position += len(block)
                if position >= size:
                    return
                yield position
                position += _RANGE_BYTES
    except OSError:
        # The worker that reads the rest reports it.
        return
