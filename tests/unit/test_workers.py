"""Work spread over processes: results in order, faults told, and no process that outlives its use."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from pathlib import Path

import pytest

from srcos_contracts.evolve.workers import spread
from srcos_contracts.processes import WorkerLost, held_back, taken_as_worker


def test_results_come_in_the_order_of_the_items() -> None:
    def late_if_early(item: int) -> tuple[int, int]:
        time.sleep(0.05 if item < 2 else 0)
        return item, os.getpid()

    results = list(spread(late_if_early, range(20), 3))
    assert [item for item, _ in results] == list(range(20))
    assert len({process for _, process in results}) == 3
    assert os.getpid() not in {process for _, process in results}


def test_one_job_needs_no_process() -> None:
    assert list(spread(lambda item: os.getpid(), range(3), 1)) == [os.getpid()] * 3


def test_what_a_task_raises_is_raised_with_its_words() -> None:
    def refuse(item: int) -> int:
        if item == 3:
            raise ValueError("three is too many")
        return item

    with pytest.raises(ValueError, match="three is too many"):
        list(spread(refuse, range(10), 2))
    assert multiprocessing.active_children() == []


def test_a_worker_that_dies_is_told() -> None:
    def die(item: int) -> int:
        if item == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return item

    with pytest.raises(WorkerLost, match="try --jobs 1"):
        list(spread(die, range(10), 2))
    assert multiprocessing.active_children() == []


def test_who_needs_no_more_ends_the_workers() -> None:
    def wait(item: int) -> int:
        time.sleep(60 if item else 0)
        return item

    begun = time.monotonic()
    results = spread(wait, range(10), 2)
    assert next(results) == 0
    results.close()
    assert multiprocessing.active_children() == []
    assert time.monotonic() - begun < 30


def _slow_to_begin(reached: str) -> None:
    time.sleep(0.3)
    Path(reached).touch()
    taken_as_worker()
    time.sleep(60)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_to_a_worker_that_has_hardly_begun_waits_until_it_has(
    number: signal.Signals, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    def handler(*_: object) -> None:
        raise KeyboardInterrupt

    reached = tmp_path / "reached"
    before = signal.signal(number, handler)
    try:
        with held_back():
            process = multiprocessing.get_context("fork").Process(target=_slow_to_begin, args=(str(reached),))
            process.start()
            os.kill(process.pid or 0, number)
    finally:
        signal.signal(number, before)
    until = time.monotonic() + 60
    while not reached.exists() and time.monotonic() < until:
        time.sleep(0.01)
    time.sleep(0.2)
    # An interrupt is the parent's to act on; to end is not.
    assert process.is_alive() == (number == signal.SIGINT)
    process.terminate()
    process.join()
    assert process.exitcode == -signal.SIGTERM
    assert capfd.readouterr().err == ""


def test_a_signal_that_waited_comes_when_the_workers_have_begun() -> None:
    held = []

    def begin() -> None:
        with held_back():
            # To this thread: a signal to the process goes to any thread that takes it.
            signal.pthread_kill(threading.get_ident(), signal.SIGINT)
            held.append(True)

    with pytest.raises(KeyboardInterrupt):
        begin()
    assert held
