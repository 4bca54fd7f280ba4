"""A check spread over processes: ledgers in byte ranges, files one by one, results in the order of the input.

The interpreter runs one thread at a time, so threads would gain nothing. Validators cannot be sent to another process: each
worker builds its own.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from srcos_contracts.checking import Demands, check_source
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.finding import Finding
from srcos_contracts.reading.jsonl import Counter
from srcos_contracts.reading.source import Source

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["Batch", "WorkerLost", "check_all"]

_RANGE_BYTES = 8 * 1024 * 1024
_WORTHWHILE_BYTES = 12 * 1024 * 1024
_BLOCK = 1024 * 1024


class Batch(NamedTuple):
    """What came of one task."""

    findings: list[Finding]
    records: int
    bytes: int
    last: bool
    """Whether the source ends with this batch."""


class WorkerLost(RuntimeError):
    """A worker process ended without a result, as when the system runs out of memory."""


class _Task(NamedTuple):
    source: Source
    start: int
    length: int | None
    last: bool


class _Result(NamedTuple):
    findings: list[Finding]
    records: int
    lines: int


def check_all(catalog: Catalog, sources: list[Source], demands: Demands, jobs: int) -> Iterator[Batch]:
    """The findings of all sources, in order. With one job, or little to do, everything happens in this process.

    Raises CatalogError where a contract's schema cannot be used, WorkerLost where a worker process died.
    """
    total = sum(_size(source) for source in sources)
    if jobs <= 1 or total < _WORTHWHILE_BYTES:
        for source in sources:
            yield from _in_this_process(catalog, source, demands)
        return
    from concurrent.futures.process import BrokenProcessPool

    try:
        yield from _in_workers(catalog, sources, demands, jobs)
    except BrokenProcessPool as error:
        raise WorkerLost("a worker process ended without a result; try --jobs 1") from error


def _in_this_process(catalog: Catalog, source: Source, demands: Demands) -> Iterator[Batch]:
    """One batch a finding, so that they can be shown as they come, and one to end with."""
    counter = Counter()
    reported = 0
    for finding in check_source(catalog, source, demands, counter):
        yield Batch([finding], counter.records - reported, 0, False)
        reported = counter.records
    yield Batch([], counter.records - reported, _size(source), True)


def _in_workers(catalog: Catalog, sources: list[Source], demands: Demands, jobs: int) -> Iterator[Batch]:
    import multiprocessing
    import sys
    import threading
    from concurrent.futures import ProcessPoolExecutor

    # A fork starts in a millisecond where a new interpreter takes a hundred, but it is safe only without threads.
    forkable = sys.platform.startswith("linux") and threading.active_count() == 1
    context = multiprocessing.get_context("fork" if forkable else "spawn")
    with ProcessPoolExecutor(jobs, context, _begin, (catalog.root, catalog.shown, demands)) as pool:
        pending: deque[tuple[_Task, Future[_Result]]] = deque()
        tasks = _tasks(sources)
        line = 0
        try:
            while True:
                while len(pending) < 3 * jobs and (task := next(tasks, None)) is not None:
                    pending.append((task, pool.submit(_run, task)))
                if not pending:
                    return
                task, future = pending.popleft()
                result = future.result()
                findings = [_moved(finding, line) for finding in result.findings] if line else result.findings
                line = 0 if task.last else line + result.lines
                yield Batch(findings, result.records, task.length or _size(task.source), task.last)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _moved(finding: Finding, lines: int) -> Finding:
    location = finding.location
    return finding._replace(location=location._replace(line=location.line + lines)) if location.line else finding


def _size(source: Source) -> int:
    if source.path is None:
        return 0
    try:
        return os.stat(source.path).st_size
    except OSError:
        return 0


def _tasks(sources: list[Source]) -> Iterator[_Task]:
    for source in sources:
        size = _size(source)
        if source.form != "jsonl" or source.gzipped or source.path is None or size <= _RANGE_BYTES:
            yield _Task(source, 0, None, True)
            continue
        start = 0
        for end in _cuts(source.path, size):
            yield _Task(source, start, end - start, False)
            start = end
        # The last range is open: a ledger may grow while it is read.
        yield _Task(source, start, None, True)


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


_state: dict[str, Any] = {}


def _begin(root: str, shown: str, demands: Demands) -> None:
    import signal

    # An interrupt is for the parent, which ends the workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _state["catalog"] = Catalog.at(root, shown)
    _state["demands"] = demands


def _run(task: _Task) -> _Result:
    counter = Counter()
    findings = list(check_source(_state["catalog"], task.source, _state["demands"], counter, task.start, task.length))
    return _Result(findings, counter.records, counter.lines)
