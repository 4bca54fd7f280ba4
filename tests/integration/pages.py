"""Large reports, as an audit of a large ledger makes them."""

from __future__ import annotations

from pathlib import Path

from srcos_contracts.finding import Excerpt, Finding, Location, Related
from srcos_contracts.ledger.background import Background, Link, Seen, SessionLine
from srcos_contracts.report.page import PageReport
from srcos_contracts.report.summary import Summary

__all__ = ["write_many"]

_RULES = ("session-single-owner", "policy-contradicted", "acceptance-proven", "schema-pattern", "evidence-missing")
_FILE = "ledgers/2026/05/receipts.jsonl"


def write_many(path: Path, amount: int) -> None:
    """Writes a report of so many findings of five rules, each with a related record and references, beside 200 sessions."""

    def place(line: int) -> Location:
        text = f'..."sessionRef": "urn:srcos:session:desk-{line:06}", "ownerRef": "urn:srcos:agent:shopper"...'
        return Location(_FILE, line, 118, Excerpt(text, 17, 31))

    def finding(number: int) -> Finding:
        related = (Related(place(number), f"first owner here: urn:srcos:agent:{number}", "/ownerRef", "AgentSession", "2.0.0"),)
        rule = _RULES[min(number % 8, 4)]
        return Finding(
            rule,
            "warning" if rule == "evidence-missing" else "error",
            "all records that name an owner for one session name the same owner",
            place(number + 1),
            "decide who owns the session, and correct the records that say otherwise",
            f"urn:srcos:session:desk-{number:06} is owned by urn:srcos:agent:shopper here",
            "/ownerRef",
            "BrowserAutomationReceipt",
            "0.1.0",
            None,
            related,
        )

    def seen(session: int, number: int) -> Seen:
        at = 1_778_090_400.0 + session * 600 + number * 7
        return Seen(
            at, "2026-05-06T18:00:00Z", "BrowserAutomationReceipt", "active", f"urn:srcos:receipt:{session}-{number}", _FILE, number + 1
        )

    with path.open("w", encoding="utf-8") as stream:
        page = PageReport(stream, "ledgers/")
        for number in range(amount):
            page.add(finding(number))
        page.background = Background(
            {"session-single-owner": "Two owners of one session can each believe that they may steer it."},
            [
                SessionLine(
                    f"urn:srcos:session:desk-{session:04}", ("urn:srcos:agent:shopper",), 200, tuple(seen(session, n) for n in range(200))
                )
                for session in range(200)
            ],
            0,
            {
                (_FILE, number + 1): [
                    Link("policy", f"urn:srcos:decision:{number}", "", True),
                    Link("session", "urn:srcos:session:desk", "AgentSession", False),
                ]
                for number in range(amount)
            },
        )
        page.close(Summary(1, amount * 10, 0, amount))
