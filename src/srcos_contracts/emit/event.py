"""One event of a ledger: as its one line, and judged by its contract before it is written.

What is judged is read back from the line, so that nothing else can stand in the ledger.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.contracts.judge import Judge
from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.json_text import parse_json

__all__ = ["EVENTS", "EventJudge", "Line", "encoded", "not_masked"]

EVENTS = ("heartbeat", "task_start", "task_result", "error", "info")
_ESCAPED = {code: f"\\u{code:04x}" for code in (*range(0x7F, 0xA0), 0x2028, 0x2029)}
"""What some readers take for the end of a line though JSON does not, and what a terminal would obey."""
_MOST_PARTS = 16
_HELP = "pass what json.loads would give"


class Line(NamedTuple):
    """An event that keeps its contract."""

    text: bytes
    """With its newline."""
    event: Mapping[str, Any]
    day: str


class EventJudge:
    """The contracts of agents' records, compiled when they are first needed. Any thread may use one."""

    def __init__(self) -> None:
        self._catalog: Catalog | None = None
        self._parts: dict[str, Mapping[str, str]] = {}
        """Of the files of late, what their paths say."""
        self._judges: dict[str, tuple[Contract, Judge]] = {}

    def line(self, value: Mapping[str, Any], agent: str) -> Line | list[Finding]:
        """An event as the line of its agent's ledger, or the errors that keep it from being one."""
        text = encoded(value)
        if isinstance(text, Finding):
            return [text]
        return self.read(text, agent)

    def read(self, text: bytes, agent: str) -> Line | list[Finding]:
        """The same of a line that was written before, without its newline."""
        read = parse_json(Document("<event>", text))
        if isinstance(read, Finding):
            return [read]
        stamp = read.get("ts") if isinstance(read, dict) else None
        day = stamp[:10] if isinstance(stamp, str) else ""
        found = self.findings("AgentLedgerEvent", read, f"/g/ledger/{agent}/{day}.jsonl")
        return found or Line(text + b"\n", read, day)

    def findings(self, name: str, value: Any, file: str) -> list[Finding]:
        """The errors of a record of the contract with that name, were it to stand in that file, whose path is absolute."""
        contract, judge = self._judge(name)
        assert self._catalog is not None
        parts = self._parts.get(file)
        if parts is None:
            if len(self._parts) >= _MOST_PARTS:
                self._parts.clear()
            parts = self._parts[file] = self._catalog.parts(contract, file)
        if judge.accepts(value, parts):
            return []
        # What finds the words for it is loaded only where there is something to say.
        from srcos_contracts.checking import Demands, check_value

        found = check_value(self._catalog, value, Demands(contract), file)
        return [finding for finding in found if finding.severity == "error"]

    def _judge(self, name: str) -> tuple[Contract, Judge]:
        known = self._judges.get(name)
        if known is None:
            if self._catalog is None:
                self._catalog = Catalog.shipped()
            contract = self._catalog.find(name)
            known = self._judges[name] = contract, self._catalog.judge(contract)
        return known


def encoded(value: Mapping[str, Any]) -> bytes | Finding:
    """A value as JSON on one line, or the finding that keeps it from being that. Decimals are written with all their digits."""
    try:
        try:
            text = _encoder.encode(value)
        except TypeError:
            text = _with_decimals(value)
        if not text.isascii() or "\x7f" in text:
            text = text.translate(_ESCAPED)
        return text.encode("utf-8")
    except UnicodeEncodeError:
        return _not_json("lone-surrogate", "a string holds half of a surrogate pair")
    except RecursionError:
        return _not_json("too-deep", "arrays and objects hold themselves, or lie too deep within one another")
    except ValueError as error:
        if "Circular" in str(error):
            return _not_json("too-deep", "arrays and objects hold themselves")
        if "digits" in str(error):
            return _not_json("not-finite-number", "a number has more digits than are read")
        return _not_json("not-finite-number", "a number is not finite")
    except TypeError as error:
        return _not_json("json-syntax", f"this is not JSON data: {error}")


def not_masked(error: Exception) -> Finding:
    """What is wrong with an event in which secrets could not be looked for."""
    rule = "too-deep" if isinstance(error, RecursionError) else "json-syntax"
    return _not_json(rule, f"secrets cannot be looked for in the event: {type(error).__name__}")


def _not_json(rule: str, message: str) -> Finding:
    return Finding(rule, "error", message, Location("<event>"), _HELP)


_encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
_PLACE = "\ud800"
"""Stands for a decimal until the rest is encoded: half of a surrogate pair, which no text that is written may hold."""


def _with_decimals(value: Mapping[str, Any]) -> str:
    """The same where there may be decimals, for which Python's encoder has no way to say them."""
    from decimal import Decimal

    numbers: list[str] = []

    def place(number: Any) -> str:
        if not isinstance(number, Decimal):
            raise TypeError(f"Object of type {type(number).__name__} is not JSON serializable")
        if not number.is_finite():
            raise ValueError(number)
        numbers.append(str(number))
        return _PLACE

    encoder = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=place)
    text = encoder.encode(value)
    first, *rest = text.split(f'"{_PLACE}"')
    # Where a text of the payload looks like a place, it is left there, and refused as what it is.
    return first + "".join(map(str.__add__, numbers, rest)) if len(rest) == len(numbers) else text
