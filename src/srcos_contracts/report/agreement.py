"""How far a validator agrees with the suite, as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from srcos_contracts.evolve.tally import Count, Tally
from srcos_contracts.report.escape import escape, width

__all__ = ["as_text", "in_short"]

_FURTHER = ("expected", "differ", "unanswered")
"""Columns that are shown where one of their numbers is not 0."""


def as_text(counted: Tally, whole: bool = False) -> Iterator[str]:
    """A line a contract, then a line a rule that some case of is not agreed on; with `whole`, every rule."""
    yield from _table("contract", counted.contracts)
    rules = {rule: count for rule, count in counted.rules.items() if whole or count.expected or count.differ}
    if rules:
        yield ""
        yield from _table("rule", rules)


def in_short(counted: Tally) -> str:
    """The total in a few words."""
    total = counted.total
    parts = [f"{total.agree:,} agree ({_percent(total)} %)"]
    parts += [f"{total.expected:,} fail as expected"] if total.expected else []
    parts += [f"{total.differ:,} differ{'s' if total.differ == 1 else ''}"] if total.differ else []
    parts += [f"{total.unanswered:,} not answered"] if total.unanswered else []
    return f"{total.cases:,} case{'' if total.cases == 1 else 's'}: {', '.join(parts)}"


def _percent(count: Count) -> str:
    # Cut, not rounded: 100 is all of them.
    tenths = count.agree * 1000 // max(count.cases, 1)
    return f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths // 10}.{tenths % 10}"


def _table(head: str, rows: Mapping[str, Count]) -> Iterator[str]:
    fields = ["cases", "agree", *(name for name in _FURTHER if any(getattr(count, name) for count in rows.values()))]
    names = {escape(name): count for name, count in rows.items()}
    room = max([len(head), *(width(name) for name in names)])
    yield head + " " * (room - len(head)) + "".join(f"{field:>12}" for field in fields)
    for name, count in names.items():
        yield name + " " * (room - width(name)) + "".join(f"{getattr(count, field):>12,}" for field in fields)
