"""The assertion for tests: a record conforms to its contract, or the message shows why not, as the command does."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from srcos_contracts.checking import NO_SOURCE, Demands, check_value
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.finding import Finding
from srcos_contracts.library import check, plain, shipped
from srcos_contracts.reading.document import Document

__all__ = ["assert_conforms"]


def assert_conforms(
    payload: Mapping[str, Any] | str | os.PathLike[str],
    contract: str | None = None,
    *,
    catalog: Catalog | None = None,
    strict: bool = False,
) -> None:
    """Raises AssertionError where a record, or one of those that a path (file, folder or glob) leads to, breaks its contract.

    The message holds every error as `srcos-validate` prints it. Of a record that is no file, places are those in its JSON text,
    two spaces a level. The arguments and the other errors are those of `check`.
    """
    __tracebackhide__ = True
    found = _errors(check(payload, contract=contract, catalog=catalog, strict=strict))
    if found and not isinstance(payload, (str, os.PathLike)):
        found = _located(payload, contract, catalog, strict) or found
    if found:
        raise AssertionError(_told(found))


def _errors(findings: list[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity == "error"]


def _located(payload: Mapping[str, Any], contract: str | None, catalog: Catalog | None, strict: bool) -> list[Finding]:
    """The errors with their places in the record's text; none where it is no JSON data and so has no text."""
    value, problem = plain(payload)
    if problem is not None:
        return []
    catalog = catalog if catalog is not None else shipped()
    text = json.dumps(value, indent=2, ensure_ascii=False, default=_number)
    demands = Demands(catalog.find(contract) if contract is not None else None, "rust", strict)
    return _errors(check_value(catalog, value, demands, NO_SOURCE, Document(NO_SOURCE, text.encode("utf-8"))))


def _number(value: Decimal) -> float | str:
    # Only to be looked at: what is judged is exact.
    shown = float(value)
    return shown if abs(shown) != float("inf") else str(value)


def _told(found: list[Finding]) -> str:
    from srcos_contracts.report.human import HumanReport
    from srcos_contracts.report.summary import Summary

    out = io.StringIO()
    report = HumanReport(out, most=100)
    for finding in found:
        report.add(finding)
    report.close(Summary())
    return f"{len(found):,} error{'' if len(found) == 1 else 's'}\n\n{out.getvalue().rstrip()}"
