"""A signal ends a query at once, though the database knows nothing of signals."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.contracts.engine import RustEngine
from srcos_contracts.ledger.duck import Queries
from srcos_contracts.ledger.index import IndexFolder
from srcos_contracts.ledger.interrupts import heeding_signals

_ENDLESS = "select count(*) from range(10000000) a, range(1000000) b where a.range + b.range = 7"


def test_an_interrupt_ends_a_query(tmp_path: Path) -> None:
    timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
    start = time.monotonic()
    with closing(Queries(IndexFolder(str(tmp_path)), Catalog.shipped(), True)) as queries:
        timer.start()
        with pytest.raises(KeyboardInterrupt), heeding_signals(queries.interrupt):
            list(queries.rows(_ENDLESS))
        assert time.monotonic() - start < 60
        assert list(queries.rows("select 1")) == [(1,)]
    assert signal.set_wakeup_fd(-1) == -1


def _interrupt(instance: object, parts: object) -> bool:
    raise KeyboardInterrupt


def test_what_a_handler_raises_in_a_keyword_is_no_breach(monkeypatch: pytest.MonkeyPatch) -> None:
    """The engine takes it for one, and would blame the record."""
    monkeypatch.setattr("srcos_contracts.contracts.engine.compile_keyword", lambda keyword, value: _interrupt)
    engine = RustEngine(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "x-order": [["/a", "/b"]]}, "https://example.org/a.json"
    )
    assert not engine.accepts({})
    with pytest.raises(KeyboardInterrupt):
        list(engine.failures({}))
