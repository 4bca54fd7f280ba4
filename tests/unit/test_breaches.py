"""What is told of a breach in which many records have a part."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from srcos_contracts.checking import Demands
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.finding import Finding
from srcos_contracts.ledger.audit import Terms, audit
from srcos_contracts.reading.source import select

ROOT = Path(__file__).resolve().parents[2]
CATALOG = Catalog.shipped()
RECEIPT = ROOT / "examples/BrowserAutomationReceipt/0.1.0/valid/minimal.json"


def _doubles(folder: Path, records: list[Any], name: str = "receipts.jsonl") -> list[Finding]:
    ledger = folder / name
    ledger.write_text("".join(json.dumps(record) + "\n" for record in records), "utf-8")
    batches = audit(CATALOG, select([str(ledger)], bound=CATALOG.binds).sources, Demands(), Terms(closed=False))
    return [finding for batch in batches for finding in batch.findings if finding.rule == "id-unique"]


def test_of_many_copies_the_last_and_the_first_twenty_are_told(tmp_path: Path) -> None:
    record = json.loads(RECEIPT.read_text("utf-8"))
    (finding,) = _doubles(tmp_path, [record] * 30)
    assert (finding.severity, finding.location.line) == ("warning", 30)
    assert [other.location.line for other in finding.related] == [*range(1, 21), 30]
    assert finding.related[-1].note == "and 9 more"


def test_twenty_one_copies_are_all_told(tmp_path: Path) -> None:
    record = json.loads(RECEIPT.read_text("utf-8"))
    (finding,) = _doubles(tmp_path, [record] * 21)
    assert [other.location.line for other in finding.related] == [*range(1, 21)]


def test_one_other_record_among_many_copies_makes_it_an_error(tmp_path: Path) -> None:
    record = json.loads(RECEIPT.read_text("utf-8"))
    other = {**record, "x-note": "another"}
    (finding,) = _doubles(tmp_path, [*[record] * 25, other, *[record] * 4])
    assert finding.severity == "error"


def test_a_name_that_is_no_text_is_the_files_own(tmp_path: Path) -> None:
    record = json.loads(RECEIPT.read_text("utf-8"))
    name = os.fsdecode(b"caf\xe9.jsonl")
    (finding,) = _doubles(tmp_path, [record] * 2, name)
    assert [place.file for place in (finding.location, finding.related[0].location)] == [str(tmp_path / name)] * 2
