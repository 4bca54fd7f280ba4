"""A check spread over processes: ledgers in byte ranges, files one by one, results in the order of the input.

The interpreter runs one thread at a time, so threads would gain nothing. Validators cannot be sent to another process: each
worker builds its own. Worker number i of n takes the tasks i, i + n, i + 2n and so on, and writes what it finds into a pipe
of its own; reading the pipes in turn gives the order of the input, and a full pipe makes its worker wait, so that memory
does not grow with the number of findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from srcos_contracts.checking import Batch, Demands, Observer, Progress, Watch, check_source, quiet_collector
from srcos_contracts.contracts.catalog import Catalog, CatalogError
from srcos_contracts.finding import Finding
from srcos_contracts.reading.jsonl import Counter
from srcos_contracts.reading.source import Source, position_of, size_of
from srcos_contracts.refusal import Refusal

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

__all__ = ["WorkerLost", "check_in_workers"]

_RANGE_BYTES = 2 * 1024 * 1024
"""Small enough that no worker is idle for long at the end, large enough that handing it out costs nothing."""

_BLOCK = 16 * 1024
_MOST_JOBS = 32
_MESSAGE = 500
"""Findings that are sent together."""


class WorkerLost(Refusal):
    """A worker process ended without a result, as when the system runs out of memory."""


class _Task(NamedTuple):
    source: Source
    start: int
    length: int | None
    """None is all that follows."""
    size: int
    """The bytes of it that are known of."""
    last: bool
    """Whether the source ends with this task."""


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

    tasks = list(_tasks(sources))
    jobs = min(jobs, _MOST_JOBS, len(tasks))
    # A fork starts in a millisecond where a new interpreter takes a hundred, but it is safe only without threads.
    forkable = sys.platform.startswith("linux") and threading.active_count() == 1
    context = multiprocessing.get_context("fork") if forkable else multiprocessing.get_context("spawn")
    workers: list[tuple[BaseProcess, Connection]] = []
    try:
        for number in range(jobs):
            receiver, sender = context.Pipe(duplex=False)
            own = list(enumerate(tasks))[number::jobs]
            process = context.Process(target=_work, args=(sender, catalog.root, catalog.shown, demands, own, watch), daemon=True)
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


def _work(sender: Connection, root: str, shown: str, demands: Demands, tasks: list[tuple[int, _Task]], watch: Watch | None) -> None:
    import signal

    # An interrupt is for the parent, which ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    quiet_collector()
    try:
        catalog = Catalog.at(root, shown)
        for number, task in tasks:
            _judge(catalog, demands, task, watch.writer(catalog, number) if watch is not None else None, sender.send)
    except Refusal as error:
        sender.send(_Message([], 0, 0, 0, 0, True, str(error)))
    except BrokenPipeError:
        # Nobody reads on: the check has been broken off.
        return


def _judge(catalog: Catalog, demands: Demands, task: _Task, observer: Observer | None, send: Callable[[_Message], None]) -> None:
    counter = Counter()
    findings: list[Finding] = []
    told = unclaimed = position = 0

    def tell(done: bool) -> None:
        nonlocal findings, told, unclaimed
        send(_Message(findings, counter.records - told, counter.unclaimed - unclaimed, counter.lines, position, done))
        findings, told, unclaimed = [], counter.records, counter.unclaimed

    def watch(stream: BinaryIO) -> None:
        nonlocal position
        if (now := position_of(stream) - task.start) >= position + _RANGE_BYTES:
            position = now
            tell(False)

    if task.length is None:
        # Only what no range bounds goes on for so long that its end is not news enough.
        counter.watch = watch
    for finding in check_source(catalog, task.source, demands, counter, task.start, task.length, observer):
        findings.append(finding)
        if len(findings) >= _MESSAGE:
            tell(False)
    if observer is not None:
        observer.flush()
    tell(True)


def _moved(finding: Finding, lines: int) -> Finding:
    location = finding.location
    return finding._replace(location=location._replace(line=location.line + lines)) if location.line else finding


def _tasks(sources: list[Source]) -> Iterator[_Task]:
    for source in sources:
        size = size_of(source)
        if source.form != "jsonl" or source.gzipped or source.path is None or size <= _RANGE_BYTES:
            yield _Task(source, 0, None, size, True)
            continue
        start = 0
        for end in _cuts(source.path, size):
            yield _Task(source, start, end - start, end - start, False)
            start = end
        # The last range is open: a ledger may grow while it is read.
        yield _Task(source, start, None, size - start, True)


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
