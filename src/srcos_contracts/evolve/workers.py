"""Work spread over processes that were forked from this one, and so have at hand whatever it has."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

__all__ = ["spread"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

_task: Callable[[Any], Any] | None = None


def spread(task: Callable[[_Item], _Result], items: Sequence[_Item], jobs: int) -> Iterator[_Result]:
    """What `task` gives for each item, in their order.

    Only items and results travel between processes; the task may hold what cannot, such as validators. What it raises is
    raised here. Where there is one job, or no way to fork, all is done in this process.
    """
    if jobs <= 1 or len(items) <= 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(task, items)
        return
    from concurrent.futures import ProcessPoolExecutor

    with ProcessPoolExecutor(min(jobs, len(items)), multiprocessing.get_context("fork"), _take, (task,)) as pool:
        yield from pool.map(_call, items)


def _take(task: Callable[[Any], Any]) -> None:
    global _task
    _task = task


def _call(item: Any) -> Any:
    assert _task is not None
    return _task(item)
