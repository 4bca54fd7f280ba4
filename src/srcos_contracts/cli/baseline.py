"""What of a run's findings a baseline knows: held back from the reports, counted, and told at the end."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence

from srcos_contracts.finding import Finding
from srcos_contracts.known import NEVER_KNOWN, Entry, Known, as_text, is_replaceable, read_baseline
from srcos_contracts.reading.source import Source
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.whole_file import whole_file

__all__ = ["CannotWrite", "Sieve"]

_TOLD = 5


class CannotWrite(Refusal):
    """A baseline that cannot be written."""


class Sieve:
    """Tells known findings from new ones. Where a baseline is to be written, and none is read, all of them become known."""

    def __init__(self, read: str | None, written: str | None, redact: bool = False) -> None:
        """With `redact` no name of a member is told.

        Raises BadBaseline, or CannotWrite where it is plain already that the one to write cannot be.
        """
        self.count = 0
        """How many findings were known."""
        self.errors = 0
        """How many of those are errors."""
        self._before = read_baseline(read) if read is not None else None
        self._after = Known(written) if written is not None else None
        self._kept: Counter[Entry] = Counter()
        self._redact = redact
        if written is not None:
            if os.path.isdir(written):
                raise CannotWrite(f"{written} is a folder; name a file for the baseline")
            if not os.path.isdir(os.path.dirname(os.path.abspath(written))):
                raise CannotWrite(f"{written} cannot be written: there is no such folder")
            if not is_replaceable(written):
                raise CannotWrite(f"{written} is no baseline, and would be written over; name another file")

    def without_itself(self, sources: Sequence[Source]) -> list[Source]:
        """The sources without the baselines, which are no records."""
        own = {os.path.realpath(known.path) for known in (self._before, self._after) if known is not None}
        return [source for source in sources if source.path is None or os.path.realpath(source.path) not in own]

    def takes(self, finding: Finding) -> bool:
        """Whether a finding is known, and so is not to be reported."""
        known = self._before.takes(finding) if self._before is not None else finding.rule not in NEVER_KNOWN
        if known:
            self.count += 1
            self.errors += finding.severity == "error"
            if self._after is not None:
                self._kept[self._after.entry_of(finding)] += 1
        return known

    def end(self, sources: Sequence[Source], asked: Callable[[str, str], bool], strict: bool) -> bool:
        """Writes the baseline that was asked for, or tells what is gone of the one that was read, and whether that is an error.

        `asked` says of a rule and a file whether that was asked. Raises CannotWrite.
        """
        gone = self._before.gone([source.name for source in sources], asked) if self._before is not None else []
        if self._after is not None:
            self._write(self._after, gone)
            return False
        if gone:
            self._say(gone, strict)
        return bool(gone) and strict

    def _write(self, after: Known, gone: Sequence[Entry]) -> None:
        """Writes what was known, without what is gone, or else all that came."""
        entries = [entry._replace(times=count) for entry, count in self._kept.items()]
        if self._before is not None:
            # What was not looked at is known as before.
            done = {entry.fingerprint for entry in gone}
            entries += [
                entry._replace(times=left)
                for entry in self._before.entries.values()
                if (left := self._before.left[entry.fingerprint]) > 0 and entry.fingerprint not in done
            ]
        try:
            with whole_file(after.path) as stream:
                stream.write(as_text(entries))
        except OSError as error:
            raise CannotWrite(f"{after.path} cannot be written: {error.strerror or error}") from error
        print(f"{escape(after.path)}: {_counted(sum(entry.times for entry in entries))} from now on", file=sys.stderr)

    def _say(self, gone: Sequence[Entry], strict: bool) -> None:
        assert self._before is not None
        path = escape(self._before.path)
        total = sum(entry.times for entry in gone)
        number = f"{total:,} finding{'' if total == 1 else 's'}"
        lead = "error: " if strict else ""
        print(f"{lead}{number} of {path} no longer occur{'s' if total == 1 else ''}:", file=sys.stderr)
        for entry in gone[:_TOLD]:
            times = f" ({entry.times:,} times)" if entry.times > 1 else ""
            pointer = f"  {escape(entry.pointer)}" if entry.pointer and not self._redact else ""
            print(f"  {entry.rule}  {escape(entry.file)}{pointer}{times}", file=sys.stderr)
        if len(gone) > _TOLD:
            print(f"  and {len(gone) - _TOLD:,} more", file=sys.stderr)
        print(f"to forget what is gone: --baseline {path} --write-baseline {path}", file=sys.stderr)


def _counted(number: int) -> str:
    return f"{number:,} finding{' is' if number == 1 else 's are'} known"
