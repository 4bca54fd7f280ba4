"""A finding in plain lines, for formats that have room for text and none for form."""

from __future__ import annotations

from collections.abc import Iterator

from srcos_contracts.finding import Finding, Location

__all__ = ["place", "told"]


def place(location: Location) -> str:
    """`file:line:column`, as far as they are known; unescaped."""
    numbers = [str(number) for number in (location.line, location.column if location.line else 0) if number]
    return ":".join([location.file, *numbers])


def told(finding: Finding) -> Iterator[str]:
    """What a finding says, a line at a time, unescaped: sentence, place, other records, what demands it, what to do."""
    yield finding.sentence
    about = " ".join(part for part in (finding.contract, finding.version, finding.pointer) if part)
    yield f"at {place(finding.location)}" + (f"  {about}" if about else "")
    for other in finding.related:
        yield f"and {place(other.location)}: {other.note}"
    if finding.demand is not None:
        yield f"required by {finding.demand.file}:{finding.demand.line}:{finding.demand.column}"
    for index, line in enumerate(finding.help.split("\n") if finding.help else ()):
        yield f"help: {line}" if index == 0 else f"      {line}"
