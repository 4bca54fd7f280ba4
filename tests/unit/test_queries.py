"""Queries that take more memory than there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.ledger import duck
from srcos_contracts.ledger.duck import Queries
from srcos_contracts.ledger.index import IndexFolder
from srcos_contracts.ledger.relations import AuditFailed

# What it holds at once grows with the threads, and none of it can be put aside.
_HELD = "select length(string_agg(repeat('x', 1000), '')) from range(current_setting('threads')::bigint * {})"


@pytest.fixture
def queries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Queries]:
    monkeypatch.setattr(duck, "_MEMORY", "200MB")
    with closing(Queries(IndexFolder(str(tmp_path)), Catalog.shipped(), True)) as made:
        made._connection.execute("set threads = 8")
        yield made


def test_what_is_too_much_for_all_threads_is_asked_of_one(queries: Queries) -> None:
    assert list(queries.rows("select current_setting('threads')")) == [(8,)]
    assert list(queries.rows(_HELD.format(20_000))) == [(20_000_000,)]


def test_what_is_too_much_for_one_too_is_told(queries: Queries) -> None:
    with pytest.raises(AuditFailed, match=r"they need 200MB of memory, and room for temporary files: name a folder with more with TMPDIR$"):
        list(queries.rows(_HELD.format(500_000)))
    assert list(queries.rows("select 1")) == [(1,)]
