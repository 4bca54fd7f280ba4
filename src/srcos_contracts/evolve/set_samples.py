"""Excerpts of the stored sets: for every rule about several records a set that breaks it, and one like it that does not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path as File
from typing import Any

from srcos_contracts.checking import Demands, check_all
from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.evolve.samples import printed, projected
from srcos_contracts.evolve.sets import EARLIER_FOLDER, SET_FOLDER, SetExample, set_examples
from srcos_contracts.evolve.workers import spread
from srcos_contracts.exact import exact_text
from srcos_contracts.explanation import Sample
from srcos_contracts.ledger.audit import audit, index_folder
from srcos_contracts.ledger.reads import contracts_read, members_read, reads_of
from srcos_contracts.ledger.set_rules import SetRule
from srcos_contracts.ledger.snapshot import Since
from srcos_contracts.ledger.tree import since_tree
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path
from srcos_contracts.reading.source import Source, select

__all__ = ["set_samples"]

_SETS = "examples/sets"
_MOST, _LEAST = 6, 2


class _Held(NamedTuple):
    """A record of a stored set."""

    file: str
    line: int
    """The first one."""
    contract: Contract
    value: Any


def set_samples(catalog: Catalog, root: File, rules: Sequence[SetRule], jobs: int = 1) -> Iterator[Sample]:
    """An excerpt for every rule that a set under `root` is stored for, in the order of the rules; made by several processes.

    Raises CatalogError, IndexFailed or AuditFailed where a set cannot be audited.
    """
    examples = set_examples(root / _SETS)
    valid = [(example, _records(catalog, root, example)) for example in examples if not example.rule]
    stored = {rule.id: [example for example in examples if example.rule == rule.id] for rule in rules}

    def sample(rule: SetRule) -> Sample:
        # What shows one fault of few records shows it best.
        return _sample(catalog, root, rule, min(stored[rule.id], key=_obscurity), valid)

    yield from spread(sample, [rule for rule in rules if stored[rule.id]], jobs)


def _obscurity(example: SetExample) -> tuple[Any, ...]:
    errors = [finding for finding in example.findings if finding["rule"] == example.rule and finding["severity"] == "error"]
    size = sum(path.stat().st_size for path in example.folder.rglob("*") if path.is_file())
    return not errors, len(example.findings), size, example.name


def _sample(catalog: Catalog, root: File, rule: SetRule, broken: SetExample, valid: Sequence[tuple[SetExample, Sequence[_Held]]]) -> Sample:
    alone = Demands(select=frozenset((rule.id,)))
    batches = audit(catalog, _sources(catalog, root, broken), alone, broken.terms._replace(since=_since(root, broken)))
    finding = next(finding for batch in batches for finding in batch.findings if finding.rule == rule.id)
    reads = reads_of(rule)
    members = {contract.uri: members_read(catalog, contract, reads) for contract in contracts_read(catalog, reads)}
    held = _records(catalog, root, broken)
    places = {(place.file, place.line) for place in (finding.location, *(other.location for other in finding.related))}
    holders = [_holder(held, file, line) for file, line in sorted(places)]
    at_fault = [index for index in dict.fromkeys(holders) if index is not None]
    fails = (*_heading(root, broken), *_shown(root, broken, [held[index] for index in at_fault], members))
    # An open set keeps a rule about closed ones, whatever is in it.
    fit = [other for other in valid if rule.applies(other[0].terms.closed, other[0].terms.since is not None)]
    near = max(fit, key=lambda other: (_likeness(held, other[1], members), -len(other[1])), default=None)
    if near is None or not _likeness(held, near[1], members):
        return Sample(rule.id, finding.contract, finding.version, fails, tuple(printed(finding)), ())
    example, records = near
    chosen = _counterparts([held[index] for index in at_fault], records, members)
    passes = (*_heading(root, example), *_shown(root, example, [record for record in records if record in chosen], members))
    return Sample(rule.id, finding.contract, finding.version, fails, tuple(printed(finding)), passes)


def _counterparts(at_fault: Sequence[_Held], records: Sequence[_Held], members: Mapping[str, Sequence[Path]]) -> list[_Held]:
    """For each record at fault the one that is most like it, and no two that are alike in all that the rule looks at."""
    chosen: list[_Held] = []
    seen: set[frozenset[str]] = set()
    wanted = [frozenset(_facts(record, members)) for record in at_fault]
    for facts in [*wanted, *[frozenset().union(*wanted)] * (_LEAST - len(wanted))]:
        left = [record for record in records if record.contract.uri in members and frozenset(_facts(record, members)) not in seen]
        if left:
            chosen.append(max(left, key=lambda record: len(facts.intersection(_facts(record, members)))))
            seen.add(frozenset(_facts(chosen[-1], members)))
    return chosen


def _heading(root: File, example: SetExample) -> Iterator[str]:
    terms = example.terms
    asked = [
        *(() if terms.closed else ("--open",)),
        *(("--assume " + ",".join(terms.assumed),) if terms.assumed else ()),
        *(("--known ids.txt",) if terms.known else ()),
        *(("--since REF",) if terms.since is not None else ()),
    ]
    yield f"# {example.says}"
    yield " ".join(["# srcos-validate audit", *asked, (example.folder / SET_FOLDER).relative_to(root).as_posix()])


def _sources(catalog: Catalog, root: File, example: SetExample) -> list[Source]:
    sources = select([str(example.folder / SET_FOLDER)], bound=catalog.binds).sources
    return [source._replace(name=File(source.name).relative_to(root).as_posix()) for source in sources]


def _since(root: File, example: SetExample) -> Since | None:
    """What finds the earlier state of a set whose files are named as `_sources` names them."""
    if example.terms.since is None:
        return None
    return since_tree(EARLIER_FOLDER, str(example.folder / EARLIER_FOLDER), (example.folder / SET_FOLDER).relative_to(root).as_posix())


def _records(catalog: Catalog, root: File, example: SetExample) -> list[_Held]:
    """The records of a set, and those of its earlier state."""
    found = _indexed(catalog, _sources(catalog, root, example))
    if example.terms.since is not None:
        earlier, place = example.folder / EARLIER_FOLDER, (example.folder / SET_FOLDER).relative_to(root)
        sources = select([str(earlier)], bound=catalog.binds).sources
        named = [source._replace(name=(place / File(source.name).relative_to(earlier)).as_posix()) for source in sources]
        found += [one._replace(file=f"{one.file}@{EARLIER_FOLDER}") for one in _indexed(catalog, named)]
    return found


def _indexed(catalog: Catalog, sources: list[Source]) -> list[_Held]:
    import pyarrow.parquet as parquet

    with index_folder() as index:
        for _ in check_all(catalog, sources, Demands(), 1, index):
            pass
        parts = {part.number: part for part in index.parts}
        files = sorted(File(index.path).glob("records-*.parquet"))
        rows = [row for file in files for row in parquet.read_table(file).to_pylist()]
    rows.sort(key=lambda row: (row["part"], row["line"]))
    return [
        _Held(parts[row["part"]].file, parts[row["part"]].lines + row["line"], catalog.contracts[row["kind"]], json.loads(row["doc"]))
        for row in rows
    ]


def _holder(held: Sequence[_Held], file: str, line: int) -> int | None:
    """The record in which a line stands; None where it stands in none, as of a ledger that is gone."""
    above = [index for index, record in enumerate(held) if record.file == file and record.line <= line]
    return max(above, key=lambda index: held[index].line, default=None)


def _likeness(one: Sequence[_Held], other: Sequence[_Held], members: Mapping[str, Sequence[Path]]) -> float:
    """The part of what a rule looks at that two sets share."""
    first, second = ({fact for record in held for fact in _facts(record, members)} for held in (one, other))
    return len(first & second) / len(first | second) if second else 0.0


def _facts(record: _Held, members: Mapping[str, Sequence[Path]]) -> Iterator[str]:
    if record.contract.uri in members:
        yield record.contract.name
    for path in members.get(record.contract.uri, ()):
        value = record.value
        for token in path:
            value = value.get(token) if isinstance(value, dict) else None
        if value is not None:
            yield exact_text([record.contract.name, path, value])


def _shown(root: File, example: SetExample, records: Sequence[_Held], members: Mapping[str, Sequence[Path]]) -> Iterator[str]:
    below = (example.folder / SET_FOLDER).relative_to(root).as_posix() + "/"
    for record in records[:_MOST]:
        yield f"# {record.file.removeprefix(below)}:{record.line}, {record.contract.label}"
        yield from projected(record.value, members.get(record.contract.uri, ()))
    if len(records) > _MOST:
        yield f"# and {len(records) - _MOST} more"
