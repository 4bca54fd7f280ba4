"""What an index has of the records of a set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from srcos_contracts.contracts.catalog import Catalog, Claim
from srcos_contracts.ledger.duck import Queries
from srcos_contracts.ledger.index import IndexFolder

ROOT = Path(__file__).resolve().parents[2]
CATALOG = Catalog.shipped()


def _asked(folder: Path, contract: str, records: list[Any], sql: str, parts: dict[str, str] | None = None) -> list[tuple[Any, ...]]:
    found = next(known for known in CATALOG.contracts if known.name == contract)
    index = IndexFolder(str(folder))
    writer = index.writer(CATALOG, 0)
    texts = [json.dumps(record).encode() for record in records]
    writer.take(Claim(found, parts or {}), records, texts, range(1, len(records) + 1))
    writer.flush()
    index.placed(0, "records.jsonl", 0)
    queries = Queries(index, CATALOG, True)
    try:
        return list(queries.rows(sql))
    finally:
        queries.close()


def test_a_sealed_record_has_the_digest_of_the_rest_whatever_it_says(tmp_path: Path) -> None:
    sealed = json.loads((ROOT / "examples/AcceptanceReceipt/v1alpha1/valid/full.json").read_text("utf-8"))
    digest = sealed["integrity"]["value"]
    forged = {**sealed, "integrity": {**sealed["integrity"], "value": "sha256:" + "0" * 64}}
    unsealed = {name: value for name, value in sealed.items() if name != "integrity"}
    changed = {**sealed, "reason_code": "changed"}
    found = _asked(tmp_path, "AcceptanceReceipt", [sealed, forged, unsealed, changed], "select digest from records order by line")
    assert [row[0] for row in found[:3]] == [digest] * 3
    assert found[3][0] != digest


def test_a_record_without_a_canonical_form_has_no_digest(tmp_path: Path) -> None:
    assert _asked(tmp_path, "AcceptanceReceipt", [{"attempt": 2**60}], "select digest from records") == [(None,)]


def test_a_contract_that_knows_no_digest_has_none(tmp_path: Path) -> None:
    assert _asked(tmp_path, "WorkLedgerEvent", [{"event_id": "event:1"}], "select digest from records") == [(None,)]


def test_a_record_is_named_by_its_id_its_aliases_and_its_path(tmp_path: Path) -> None:
    operation = {"local_operation_id": "local-op:1", "operation_id": "operation:1", "remote_operation_id": None}
    (tmp_path / "operations").mkdir()
    (tmp_path / "issues").mkdir()
    sql = "select name from names order by name"
    assert _asked(tmp_path / "operations", "WorkspaceOperationRecord", [operation], sql) == [("local-op:1",), ("operation:1",)]
    assert _asked(tmp_path / "issues", "TrackerIssue", [{"title": "x"}], sql, {"id": "ABC-1", "state": "Todo"}) == [("ABC-1",)]
