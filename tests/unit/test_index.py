"""What an index has of the records of a set."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.contracts.catalog import Catalog, Claim
from srcos_contracts.ledger import pages as pages_module
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
    index.flush()
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


def test_a_contract_says_whether_its_records_are_a_series_under_one_id(tmp_path: Path) -> None:
    (tmp_path / "sessions").mkdir()
    (tmp_path / "receipts").mkdir()
    session = {"id": "urn:srcos:session:desk-0007"}
    receipt = {"id": "urn:srcos:receipt:browser-automation:form-help-0001"}
    sql = "select id, series from records"
    assert _asked(tmp_path / "sessions", "AgentSession", [session], sql) == [(session["id"], True)]
    assert _asked(tmp_path / "receipts", "BrowserAutomationReceipt", [receipt], sql) == [(receipt["id"], False)]


def test_keys_follow_the_lines_whatever_the_contracts(tmp_path: Path) -> None:
    by_name = {known.name: known for known in CATALOG.contracts}
    index = IndexFolder(str(tmp_path))
    writer = index.writer(CATALOG, 0)
    for contract, lines in (("WorkLedgerEvent", (2, 4)), ("AgentSession", (1, 3))):
        writer.take(Claim(by_name[contract], {}), [{}, {}], [b"{}", b"{}"], lines)
    index.flush()
    index.placed(0, "records.jsonl", 10)
    with closing(Queries(index, CATALOG, True)) as queries:
        assert [row[0] for row in queries.rows("select line from records order by key")] == [11, 12, 13, 14]


def test_a_record_is_fetched_from_the_file_that_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages_module, "_ROWS", 2)
    contract = next(known for known in CATALOG.contracts if known.name == "WorkLedgerEvent")
    index = IndexFolder(str(tmp_path))
    for part in range(4):
        writer = index.writer(CATALOG, part)
        for line in (1, 2, 3):
            doc = {"event_id": f"event:{part}-{line}"}
            writer.take(Claim(contract, {}), [doc], [json.dumps(doc).encode()], [line])
        index.placed(part, f"{part}.jsonl", 0)
    index.flush()
    assert len(list(tmp_path.glob("records-*.parquet"))) == 6
    with closing(Queries(index, CATALOG, True)) as queries:
        keys = {row[0]: row[1:] for row in queries.rows("select key, file, line from records")}
        assert len(keys) == 12
        wanted = [key for key, place in keys.items() if place in {("0.jsonl", 1), ("2.jsonl", 3), ("3.jsonl", 2)}]
        found = queries.entries(wanted)
        assert {key: (entry.file, entry.line, entry.doc) for key, entry in found.items()} == {
            key: (*keys[key], json.dumps({"event_id": f"event:{keys[key][0][0]}-{keys[key][1]}"})) for key in wanted
        }
        assert queries.entries([]) == {}
