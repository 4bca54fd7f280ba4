"""Work spread over processes that were forked from this one, and so have at hand whatever it has."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Generator, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar, cast

from srcos_contracts.processes import WorkerLost, held_back, taken_as_worker

__all__ = ["spread"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def spread(task: Callable[[_Item], _Result], items: Sequence[_Item], jobs: int) -> Generator[_Result, None, None]:
    """What `task` gives for each item, in their order.

    Only results travel between processes; task and items may hold what cannot, such as validators. What the task raises is
    raised here. Where there is one job, or no way to fork, all is done in this process. No worker outlives its parent by more
    than the item it is at, however that ends. Raises WorkerLost where a worker process died.
    """
    if jobs <= 1 or len(items) <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(task, items)
        return
    context = multiprocessing.get_context("fork")
    workers = []
    ours: list[Connection] = []
    try:
        with held_back():
            for _ in range(min(jobs, len(items))):
                mine, its = context.Pipe()
                ours.append(mine)
                worker = context.Process(target=_work, args=(task, items, its, ours), daemon=True)
                worker.start()
                workers.append(worker)
                # Only the worker holds its end: a dead worker is an end of file here.
                its.close()
        yield from _in_order(ours, len(items))
    finally:
        for connection in ours:
            connection.close()
        for worker in workers:
            worker.terminate()
            worker.join()


def _in_order(workers: Sequence[Connection], number: int) -> Iterator[Any]:
    left = iter(range(number))
    for worker, item in zip(workers, left, strict=False):
        worker.send(item)
    done: dict[int, Any] = {}
    busy = list(workers)
    for wanted in range(number):
        while wanted not in done:
            for worker in cast("list[Connection]", wait(busy)):
                try:
                    item, result, raised = worker.recv()
                except (EOFError, ConnectionResetError):
                    raise WorkerLost("a worker process ended without a result; try --jobs 1") from None
                if raised is not None:
                    raise raised
                done[item] = result
                following = next(left, None)
                if following is None:
                    busy.remove(worker)
                else:
                    worker.send(following)
        yield done.pop(wanted)


def _work(task: Callable[[Any], Any], items: Sequence[Any], parent: Connection, inherited: Sequence[Connection]) -> None:
    taken_as_worker()
    # The ends that the parent keeps: while a worker held one, no other worker would see the parent's end.
    for connection in inherited:
        connection.close()
    try:
        while True:
            item = parent.recv()
            try:
                result, raised = task(items[item]), None
            except Exception as error:
                result, raised = None, error
            parent.send((item, result, raised))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        # The parent has ended, or needs no more.
        return
