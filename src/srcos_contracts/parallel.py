"""A check spread over processes: ledgers in byte ranges, files one by one, results in the order of the input.

The interpreter runs one thread at a time, so threads would gain nothing. Validators cannot be sent to another process: each
worker builds its own.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from srcos_contracts.checking import Batch, Demands, check_source, quiet_collector
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.finding import Finding
from srcos_contracts.reading.jsonl import Counter
from srcos_contracts.reading.source import Source, size_of
from srcos_contracts.refusal import Refusal

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["WorkerLost", "check_in_workers"]

_RANGE_BYTES = 2 * 1024 * 1024
"""Small enough that no worker is idle for long at the end, large enough that handing it out costs nothing."""
_BLOCK = 1024 * 1024
_MOST_JOBS = 32
_FLOOD = 5_000
"""Findings of one task from which on it is cut short, so that they never fill the memory."""


class WorkerLost(Refusal):
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
    resume: int = 0
    """Where the next part begins, where the task was cut short."""


def check_in_workers(catalog: Catalog, sources: list[Source], demands: Demands, jobs: int) -> Iterator[Batch]:
    """The findings of all sources, in order.

    Raises CatalogError where a contract's schema cannot be used, WorkerLost where a worker process died.
    """
    from concurrent.futures.process import BrokenProcessPool

    try:
        yield from _batches(catalog, sources, demands, jobs)
    except BrokenProcessPool as error:
        raise WorkerLost("a worker process ended without a result; try --jobs 1") from error


def _batches(catalog: Catalog, sources: list[Source], demands: Demands, jobs: int) -> Iterator[Batch]:
    import multiprocessing
    import sys
    import threading
    from concurrent.futures import ProcessPoolExecutor

    jobs = min(jobs, _MOST_JOBS)
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
                last = task.last
                if result.resume:
                    rest = task._replace(
                        start=result.resume, length=None if task.length is None else task.start + task.length - result.resume
                    )
                    pending.appendleft((rest, pool.submit(_run, rest)))
                    last = False
                findings = [_moved(finding, line) for finding in result.findings] if line else result.findings
                line = 0 if last else line + result.lines
                yield Batch(findings, result.records, task.length or size_of(task.source), last)
        finally:
            pool.shutdown(cancel_futures=True)


def _moved(finding: Finding, lines: int) -> Finding:
    location = finding.location
    return finding._replace(location=location._replace(line=location.line + lines)) if location.line else finding


def _tasks(sources: list[Source]) -> Iterator[_Task]:
    for source in sources:
        size = size_of(source)
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
    quiet_collector()
    _state["catalog"] = Catalog.at(root, shown)
    _state["demands"] = demands


def _run(task: _Task) -> _Result:
    counter = Counter()
    findings: list[Finding] = []
    divisible = task.source.form == "jsonl" and not task.source.gzipped and task.source.path is not None
    for finding in check_source(_state["catalog"], task.source, _state["demands"], counter, task.start, task.length):
        if divisible and len(findings) >= _FLOOD and finding.location.line > findings[-1].location.line:
            return _cut_short(task, finding.location.line)
        findings.append(finding)
    return _Result(findings, counter.records, counter.lines)


def _cut_short(task: _Task, line: int) -> _Result:
    """The result of the task up to a line, judged again so that its counts are its own, and where to go on."""
    offset = task.start
    with open(str(task.source.path), "rb") as stream:
        stream.seek(task.start)
        for _ in range(line - 1):
            offset += len(stream.readline())
    part = _whole(task._replace(length=offset - task.start))
    return part._replace(resume=offset)


def _whole(task: _Task) -> _Result:
    counter = Counter()
    findings = list(check_source(_state["catalog"], task.source, _state["demands"], counter, task.start, task.length))
    return _Result(findings, counter.records, counter.lines)
