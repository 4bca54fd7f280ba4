"""What a telemetry buffer holds, taken over into the ledger: each line once, however often it is done. The buffer is never changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from srcos_contracts.emit.agent_ledger import AgentLedger
from srcos_contracts.emit.event import Line
from srcos_contracts.emit.files import open_regular
from srcos_contracts.finding import Finding, Location
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.json_text import parse_json

__all__ = ["Imported", "import_buffer"]


class Imported(NamedTuple):
    """What came of a buffer."""

    appended: int
    present: int
    """Lines that the ledger has already."""
    unfinished: bool
    """Whether the last line is still being written: it is left for the next time."""
    waiting: int
    """Lines that could not be written yet."""
    findings: list[Finding]
    """What is wrong with the lines that were not taken over."""


def import_buffer(ledger: AgentLedger, path: str) -> Imported:
    """Appends the lines of a buffer that its ledger does not have yet. Raises OSError where the buffer cannot be read.

    What a line does not say is said by the ledger's settings; but its time it must say itself, or it would be another each time.
    """
    appended = present = waiting = 0
    found: list[Finding] = []
    with open_regular(path) as stream:
        content = stream.read()
    *texts, last = content.split(b"\n")
    unfinished = bool(last.strip()) and isinstance(parse_json(Document(path, last)), Finding)
    if last.strip() and not unfinished:
        texts.append(last)
    # The nth of several lines that are alike is there if the ledger has n of them.
    seen: Counter[bytes] = Counter()
    known: dict[str, Counter[bytes]] = {}
    for number, line in _lines(ledger, path, texts):
        if isinstance(line, list):
            found += line
            continue
        if line.day not in known:
            known[line.day] = Counter(ledger.day_lines(line.day))
        seen[line.text] += 1
        if known[line.day][line.text] >= seen[line.text]:
            present += 1
            continue
        outcome = ledger.put(line)
        appended += outcome == "written"
        waiting += outcome in ("waiting", "spilled", "lost")
        if outcome == "refused":
            help = "append the task_start when the task begins, under the session that ends it"
            found.append(
                Finding("task-paired", "error", "the task that ends here had not begun in its session", Location(path, number), help)
            )
    return Imported(appended, present, unfinished, waiting, found)


def _lines(ledger: AgentLedger, path: str, texts: list[bytes]) -> Iterator[tuple[int, Line | list[Finding]]]:
    for number, text in enumerate(texts, 1):
        if not text.strip():
            continue
        value = parse_json(Document(path, text, line=number))
        if isinstance(value, Finding):
            yield number, [value]
        elif not isinstance(value, dict):
            yield number, [Finding("schema-type", "error", "this is no JSON object", Location(path, number), "write one event a line")]
        elif "ts" not in value:
            message = "the line does not say when it happened"
            yield (
                number,
                [Finding("schema-required", "error", message, Location(path, number), "write a ts, as RFC 3339 has it, with its offset")],
            )
        else:
            line = ledger.line_of(value)
            yield number, line if isinstance(line, Line) else [finding._replace(location=Location(path, number)) for finding in line]
