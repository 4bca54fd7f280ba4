"""Breaches of set rules, as findings that name every record which has a part in them."""

from __future__ import annotations

from collections.abc import Mapping

from srcos_contracts.checking import Demands
from srcos_contracts.finding import Finding, Location, Related, Severity
from srcos_contracts.ledger.places import Shown, place_in
from srcos_contracts.ledger.relations import MOST_NAMED, Breach, Entry
from srcos_contracts.reading.source import Source
from srcos_contracts.wording import cut, in_unicode

__all__ = ["MOST_RELATED", "finding_of", "kept_finding_of"]

MOST_RELATED = MOST_NAMED - 1
"""How many records are told beside the one at which a finding stands."""
_WIDTH = 400
"""Characters of what is said of a record: two long names and the words between them; an id may be a megabyte."""


def kept_finding_of(breach: Breach, entries: Mapping[int, Entry], forms: Mapping[str, Source], demands: Demands) -> Finding | None:
    """The finding that tells of a breach, as `finding_of`; None where it is not asked for in the file in which it stands."""
    file = entries[breach.records[0].key].file
    # What is no source of now is a file of an earlier state, shown with the name of that state.
    asked = demands.of(forms[file].name if file in forms else file.rpartition("@")[0] or file)
    return finding_of(breach, entries, forms, asked) if asked.keeps(breach.rule.id) else None


def finding_of(breach: Breach, entries: Mapping[int, Entry], forms: Mapping[str, Source], demands: Demands) -> Finding:
    """The finding that tells of a breach. `entries` has its first records, by their keys; `forms` the sources, by their names."""
    first, *others = breach.records
    entry = entries[first.key]
    severity: Severity = "error" if demands.strict or breach.level == "error" else "warning"
    location = _location(entry, first.pointer, forms)
    related = [_related(entries[other.key], other.pointer, other.note, forms) for other in others[:MOST_RELATED]]
    more = len(others[MOST_RELATED:]) + breach.left_out
    if more:
        related.append(Related(location, f"and {more:,} more"))
    rule = breach.rule
    note = cut(first.note, _WIDTH)
    return Finding(
        rule.id, severity, rule.message, location, rule.help, note, first.pointer, entry.contract, entry.version, None, tuple(related)
    )


def _related(entry: Entry, pointer: str, note: str, forms: Mapping[str, Source]) -> Related:
    return Related(_location(entry, pointer, forms), cut(note, _WIDTH), pointer, entry.contract, entry.version)


def _location(entry: Entry, pointer: str, forms: Mapping[str, Source]) -> Location:
    source = forms.get(entry.file)
    # The index has names in Unicode; a finding has its file's own, as those about a record do.
    file = source.name if source is not None and in_unicode(source.name) == entry.file else entry.file
    return place_in(Shown(file, entry.line, entry.contract, entry.doc, entry.column, source, entry.text), pointer)
