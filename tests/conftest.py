"""No test may reach the network, and all can be interrupted."""

from __future__ import annotations

import gc
import signal
import socket
from typing import Any, NoReturn

import pytest


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        raise AssertionError("a test tried to open a network connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def pytest_configure() -> None:
    """A shell has what it runs in the background ignore interrupts, and so would the commands that tests interrupt."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_unconfigure() -> None:
    """Commands freeze what the collector knows; libraries in C complain of what is never freed."""
    gc.unfreeze()
