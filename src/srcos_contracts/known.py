"""A baseline: the findings that are known, in one file, so that only new ones fail (schemas/meta/baseline.json).

Files are named relative to its folder, so that it may be read from anywhere; the same findings give the same bytes.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from typing import Any

from srcos_contracts.contracts.form import faults_of
from srcos_contracts.finding import Finding
from srcos_contracts.fingerprint import fingerprint
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path
from srcos_contracts.reading.document import Document, line_and_column
from srcos_contracts.reading.json_fault import explain
from srcos_contracts.reading.json_text import decode
from srcos_contracts.reading.locate import locate
from srcos_contracts.reading.source import reason
from srcos_contracts.refusal import Refusal
from srcos_contracts.wording import in_unicode

__all__ = ["NEVER_KNOWN", "BadBaseline", "Entry", "Known", "as_text", "is_replaceable", "read_baseline"]

NEVER_KNOWN = frozenset(("broken-off", "unreadable"))
"""Rules whose breach says that not all was looked at."""
_FORM = "baseline.json"
_MARK = "srcos-contracts"
_VERSION = 1
_BEGINNING = re.compile(rb'\s*\{\s*"baseline"\s*:\s*"srcos-contracts"')
_MOST_BYTES = 256 * 1024 * 1024
_AGAIN = "mend it, or write it anew: --write-baseline"


class BadBaseline(Refusal):
    """A file that should be a baseline and is none."""


class Entry(NamedTuple):
    """Findings that are alike: of one rule, in one file, at one pointer, with the same text at fault."""

    file: str
    """Relative to the baseline's folder, with `/`."""
    rule: str
    pointer: str
    contract: str
    fingerprint: str
    times: int


class Known:
    """The findings of a baseline, to be told from new ones as they come."""

    def __init__(self, path: str, entries: Iterable[Entry] = ()) -> None:
        """`path` is where it lies, or is to lie."""
        self.path = path
        self.entries = {entry.fingerprint: entry for entry in entries}
        self.left: Counter[str] = Counter({entry.fingerprint: entry.times for entry in self.entries.values()})
        self._folder = os.path.dirname(os.path.abspath(path))
        self._names: dict[str, str] = {}

    def name(self, file: str) -> str:
        """What a file is called in it."""
        name = self._names.get(file)
        if name is None:
            placed = "://" not in file and not (file.startswith("<") and file.endswith(">"))
            name = os.path.relpath(os.path.abspath(file), self._folder).replace(os.sep, "/") if placed else file
            self._names[file] = name = in_unicode(name)
        return name

    def entry_of(self, finding: Finding) -> Entry:
        """What stands in it for one finding."""
        name = self.name(finding.location.file)
        return Entry(name, finding.rule, finding.pointer, finding.contract, fingerprint(finding, name), 1)

    def takes(self, finding: Finding) -> bool:
        """Whether a finding is known. Of more findings that are alike than it counts, the later ones are new."""
        if finding.rule in NEVER_KNOWN:
            return False
        known_by = self.entry_of(finding).fingerprint
        if self.left[known_by] <= 0:
            return False
        self.left[known_by] -= 1
        return True

    def gone(self, looked_at: Collection[str], asked: Callable[[str, str], bool]) -> list[Entry]:
        """What it knows that did not come, with how many times it did not.

        `looked_at` are the files that were checked. Files that are no longer there count as well. `asked` says of a rule and a file
        whether that was asked.
        """
        names = {self.name(file) for file in looked_at}
        return [
            entry._replace(times=self.left[entry.fingerprint])
            for entry in self.entries.values()
            if self.left[entry.fingerprint] > 0
            and (entry.file in names or not self._exists(entry.file))
            and asked(entry.rule, os.path.join(self._folder, entry.file))
        ]

    def _exists(self, name: str) -> bool:
        return name.startswith("<") or "://" in name or os.path.lexists(os.path.join(self._folder, name))


def read_baseline(path: str) -> Known:
    """The baseline that a file is. Raises BadBaseline, with line and column, where it cannot be read or is none."""
    try:
        with open(path, "rb") as stream:
            text = stream.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise BadBaseline(f"the baseline {path} cannot be read: {reason(error)}; --write-baseline {path} writes one") from error
    if len(text) > _MOST_BYTES:
        raise BadBaseline(f"the baseline {path} has more than {_MOST_BYTES // 1024 // 1024} MiB, and was not read")
    document = Document(path, text)
    try:
        value = decode(text)
    except ValueError as error:
        fault = explain(document, str(error))
        raise BadBaseline(f"{path}:{fault.location.line}:{fault.location.column}: {fault.message}: {_AGAIN}") from error
    if not isinstance(value, dict) or value.get("baseline") != _MARK:
        raise BadBaseline(f'{path} is no baseline: there is no "baseline": "{_MARK}" in it')
    version = value.get("version")
    if isinstance(version, int) and version != _VERSION:
        raise BadBaseline(
            f"{path} is a baseline of version {version}, and this program knows version {_VERSION}: write it anew, or use a newer program"
        )
    for told in faults_of(_FORM, value, "the baseline")[:1]:
        said = f"{told.message}: {told.detail}" if told.detail else told.message
        raise BadBaseline(f"{_place(document, told.path, told.at_key)}: {said}: {_AGAIN}")
    entries = [Entry(**entry) for entry in value["findings"]]
    once = Counter(entry.fingerprint for entry in entries)
    for index, entry in enumerate(entries):
        if once[entry.fingerprint] > 1:
            at = _place(document, ("findings", index))
            raise BadBaseline(f"{at}: this finding stands more than once: keep one of them, or write the file anew")
    return Known(path, entries)


def is_replaceable(path: str) -> bool:
    """Whether a baseline may be written there: over one, whatever became of the rest of it, or over nothing."""
    if not os.path.isfile(path):
        return True
    try:
        with open(path, "rb") as stream:
            beginning = stream.read(200)
    except OSError:
        return False
    return not beginning or _BEGINNING.match(beginning) is not None


def _place(document: Document, path: Path, at_key: bool = False) -> str:
    span, key = locate(document, path)
    line, column = line_and_column(document.text.decode("utf-8"), key[0] if at_key and key is not None else span[0])
    return f"{document.file}:{line}:{column}"


def as_text(entries: Iterable[Entry]) -> str:
    """The text of a baseline of these entries: one a line, sorted, those that are alike as one."""
    counts: Counter[Entry] = Counter()
    for entry in entries:
        counts[entry._replace(times=0)] += entry.times
    lines = [f"    {json.dumps(_object(entry, counts[entry]))}" for entry in sorted(counts)]
    head = json.dumps({"baseline": _MARK, "version": _VERSION}, indent=2)[:-2]
    return head + ',\n  "findings": [' + ("\n" + ",\n".join(lines) + "\n  " if lines else "") + "]\n}\n"


def _object(entry: Entry, times: int) -> dict[str, Any]:
    return {**entry._asdict(), "times": times}
