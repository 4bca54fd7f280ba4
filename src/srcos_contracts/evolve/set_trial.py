"""Whether each stored set gives exactly the findings that are stored for it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from srcos_contracts.checking import Demands, check_all
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.set_gathering import IndexedSet, gather
from srcos_contracts.evolve.set_relations import opened
from srcos_contracts.evolve.sets import SET_FOLDER, SetExample, as_expected
from srcos_contracts.evolve.workers import spread
from srcos_contracts.finding import Finding
from srcos_contracts.ledger.breaches import finding_of
from srcos_contracts.ledger.index import IndexFolder, Part
from srcos_contracts.ledger.set_rules import SetRule
from srcos_contracts.ledger.snapshot import write_history
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.source import Source, select
from srcos_contracts.wording import in_unicode

__all__ = ["Difference", "SetTrial", "try_sets"]

_Told = dict[str, Any]


class Difference(NamedTuple):
    """A finding that came and is not stored, or one that is stored and did not come."""

    words: str
    stored: int | None = None
    """Of one that did not come, its number in the file."""


class SetTrial(NamedTuple):
    """What became of one stored set."""

    name: str
    wrong: tuple[Difference, ...]


def try_sets(catalog: Catalog, examples: Sequence[SetExample], rules: Sequence[SetRule], folder: str, jobs: int = 1) -> list[SetTrial]:
    """What all sets give, found by asking each rule of all of them at once. `folder` is left with their relations, for `opened`.

    Raises CatalogError, IndexFailed or AuditFailed where a set cannot be audited or a rule cannot be asked.
    """

    def indexed(number: int) -> _Indexed:
        return _indexed(catalog, examples[number], os.path.join(folder, str(number)))

    def asked(rule: SetRule) -> dict[int, list[_Told]]:
        return _asked(catalog, examples, forms, rule, folder)

    first = list(spread(indexed, range(len(examples)), jobs))
    found, forms = [one.told for one in first], [one.forms for one in first]
    gather(catalog, folder, [IndexedSet(example.terms, one.parts) for example, one in zip(examples, first, strict=True)], rules)
    for by_set in spread(asked, sorted(rules, key=lambda rule: -len(rule.sql)), jobs):
        for number, told in by_set.items():
            found[number] += told
    return [_compared(example, told) for example, told in zip(examples, found, strict=True)]


def _sources(catalog: Catalog, example: SetExample) -> list[Source]:
    return list(select([str(example.folder / SET_FOLDER)], bound=catalog.binds).sources)


def _told(example: SetExample, findings: Sequence[Finding]) -> list[_Told]:
    return as_expected(findings, example.folder / SET_FOLDER)


class _Indexed(NamedTuple):
    told: list[_Told]
    """What is found of each record by itself."""
    forms: dict[str, Source]
    """The files of the set, and those of its earlier state, by the names that queries give."""
    parts: tuple[Part, ...]


def _indexed(catalog: Catalog, example: SetExample, folder: str) -> _Indexed:
    """Indexes a set into a new folder."""
    terms, sources = example.terms, _sources(catalog, example)
    forms = {in_unicode(source.name): source for source in sources}
    os.mkdir(folder)
    index = IndexFolder(folder, terms.since is not None)
    batches = check_all(catalog, sources, Demands(), 1, index)
    findings = [finding for batch in batches for finding in batch.findings]
    index.complete()
    if terms.since is not None:
        earlier = terms.since(catalog, sources, index.room("earlier"), 1)
        findings += write_history(index.path, earlier, sources)
        forms.update((in_unicode(earlier.shown(name)), source) for name, source in earlier.sources.items())
    return _Indexed(_told(example, findings), forms, tuple(index.parts))


def _asked(
    catalog: Catalog, examples: Sequence[SetExample], forms: Sequence[dict[str, Source]], rule: SetRule, folder: str
) -> dict[int, list[_Told]]:
    found = {}
    with opened(folder) as sets:
        for number, breaches in sets.breaches(rule).items():
            entries = sets.entries(number)
            found[number] = _told(examples[number], [finding_of(breach, entries, forms[number], Demands()) for breach in breaches])
    return found


def _compared(example: SetExample, found: Sequence[_Told]) -> SetTrial:
    stored = dict(enumerate(example.findings))
    came = []
    for finding in found:
        number = next((number for number, other in stored.items() if other == finding), None)
        if number is None:
            came.append(Difference(f"came: {_in_words(finding)}"))
        else:
            del stored[number]
    missed = [Difference(f"did not come: {_in_words(finding)}", number) for number, finding in stored.items()]
    return SetTrial(example.name, (*missed, *came))


def _in_words(finding: _Told) -> str:
    first, *others = (
        f"{place['file']}:{place['line']} {place['pointer']} ({place['note']})" for place in (finding["at"], *finding.get("related", ()))
    )
    return f"{finding['severity']}[{finding['rule']}] at {first}" + (f", with {'; '.join(others)}" if others else "")
