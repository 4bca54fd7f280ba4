"""A rule as a document: what it says, why, where, what to do, what breaks it and what does not."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from srcos_contracts.contracts.catalog import Catalog, CatalogError
from srcos_contracts.contracts.clauses import Clause
from srcos_contracts.contracts.outline import Outline, outline
from srcos_contracts.contracts.shape_rules import SHAPE_RULES, ShapeRule
from srcos_contracts.finding import Severity
from srcos_contracts.ledger.reads import contracts_read, format_member, marks_read, members_read, reads_of
from srcos_contracts.ledger.set_rules import SetRule, set_rules
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.rules import READING_RULES, ReadingRule

__all__ = ["SAMPLES_FILE", "Explanation", "Sample", "Statement", "Where", "explanations", "read_samples", "shown_samples"]

SAMPLES_FILE = "explain.json"
"""Beside a catalog: an excerpt for every rule of every contract, so that rules can be explained without the examples."""


_SCOPES = {
    "open": "any records: also of those that are part of a larger set",
    "closed": "a closed set: one that has all that is referred to; audit --open leaves it out",
    "history": "two states of a tree, one of them earlier: audit --since asks it",
}


class Sample(NamedTuple):
    """Records of one contract, of which one breaks a rule and the other does not: the members that the rule is about."""

    rule: str
    contract: str
    version: str
    fails: tuple[str, ...]
    """The lines of the record at fault; empty where the finding itself shows them all."""
    finding: tuple[str, ...]
    """The lines that `check` prints for it."""
    passes: tuple[str, ...]
    """The same members in a record that is in order; empty where the fault is that something stands there at all."""


class Statement(NamedTuple):
    """One sentence about a rule, and the contracts that put it so; no contracts where all do."""

    text: str
    contracts: tuple[str, ...]


class Where(NamedTuple):
    """One contract in which a rule stands."""

    contract: str
    label: str
    about: tuple[str, ...]
    """The fields that the rule looks at; empty for the record as a whole."""
    clauses: tuple[Clause, ...]


class Explanation(NamedTuple):
    """One rule, whole."""

    id: str
    kind: Literal["contract", "shape", "reading", "set"]
    severity: Severity
    says: tuple[Statement, ...]
    why: tuple[Statement, ...]
    where: tuple[Where, ...]
    """The contracts in which it stands; empty for what holds for all of them, and for what none of them has."""
    help: tuple[Statement, ...]
    samples: tuple[Sample, ...]
    scope: str = ""
    """Of a rule about several records, the sets of which it holds, in words."""
    file: str = ""
    """Of such a rule, the name of the file with its query."""
    marks: tuple[str, ...] | None = None
    """Of such a rule that reads the records of all contracts, the keywords that mark what it reads of each, and further members."""


def explanations(catalog: Catalog, samples: Iterable[Sample]) -> dict[str, Explanation]:
    """Every rule that a finding may name, by id: those of the contracts, of shape, of reading, and about several records.

    Raises CatalogError where a contract's schema cannot be read.
    """
    by_rule: dict[str, list[Sample]] = {}
    for sample in samples:
        by_rule.setdefault(sample.rule, []).append(sample)
    standing: dict[str, list[tuple[Outline, tuple[Clause, ...]]]] = {}
    for contract in catalog.contracts:
        described = outline(catalog, contract)
        for rule in described.rules:
            standing.setdefault(rule.id, []).append((described, rule.clauses))
    found = {name: _of_contracts(name, standing[name], tuple(by_rule.get(name, ()))) for name in sorted(standing)}
    for shape in SHAPE_RULES:
        found[shape.id] = _of_shape(shape, tuple(by_rule.get(shape.id, ())))
    for reading in READING_RULES:
        found[reading.id] = _of_reading(reading)
    for rule_of_sets in set_rules():
        found[rule_of_sets.id] = _of_sets(catalog, rule_of_sets, tuple(by_rule.get(rule_of_sets.id, ())))
    return found


def _of_contracts(name: str, standing: Sequence[tuple[Outline, tuple[Clause, ...]]], samples: tuple[Sample, ...]) -> Explanation:
    where = []
    for described, clauses in standing:
        about = tuple(dict.fromkeys(field for clause in clauses for field in clause.about if field))
        where.append(Where(described.contract.name, described.contract.label, about, clauses))
    severity: Severity = "error" if any(clause.severity == "error" for _, clauses in standing for clause in clauses) else "warning"
    return Explanation(
        name,
        "contract",
        severity,
        _statements(where, [[clause.message for clause in place.clauses] for place in where]),
        _statements(where, [[clause.why for clause in place.clauses] for place in where]),
        tuple(where),
        _statements(where, [[clause.help for clause in place.clauses] for place in where]),
        samples,
    )


def _statements(where: Sequence[Where], texts: Sequence[Sequence[str]]) -> tuple[Statement, ...]:
    """Each text once, with the contracts that have it."""
    found: dict[str, dict[str, None]] = {}
    for place, said in zip(where, texts, strict=True):
        for text in said:
            found.setdefault(text, {})[place.contract] = None
    everywhere = {place.contract for place in where}
    return tuple(Statement(text, () if contracts.keys() == everywhere else tuple(contracts)) for text, contracts in found.items())


def _of_shape(rule: ShapeRule, samples: tuple[Sample, ...]) -> Explanation:
    return Explanation(rule.id, "shape", "error", _plainly(rule.message), _plainly(rule.why), (), _plainly(rule.help), samples)


def _of_reading(rule: ReadingRule) -> Explanation:
    sample = Sample(rule.id, "", "", tuple(rule.fails.rstrip("\n").split("\n")), (), tuple(rule.passes.rstrip("\n").split("\n")))
    return Explanation(rule.id, "reading", rule.severity, _plainly(rule.message), _plainly(rule.why), (), _plainly(rule.help), (sample,))


def _of_sets(catalog: Catalog, rule: SetRule, samples: tuple[Sample, ...]) -> Explanation:
    reads = reads_of(rule)
    of_all = not reads.contracts and not reads.roles
    where = tuple(
        Where(contract.name, contract.label, tuple(map(format_member, members_read(catalog, contract, reads))), ())
        for contract in (() if of_all else contracts_read(catalog, reads))
    )
    return Explanation(
        rule.id,
        "set",
        "error",
        _plainly(rule.message),
        _plainly(rule.why),
        where,
        _plainly(rule.help),
        samples,
        _SCOPES[rule.scope],
        f"{rule.id}.sql",
        marks_read(reads) if of_all else None,
    )


def _plainly(text: str) -> tuple[Statement, ...]:
    return (Statement(text, ()),)


def read_samples(catalog: Catalog) -> tuple[Sample, ...]:
    """The excerpts that a catalog's folder carries; none where it has no such file.

    Raises CatalogError where the file does not have its form.
    """
    path = os.path.join(catalog.root, SAMPLES_FILE)
    if not os.path.isfile(path):
        return ()
    try:
        with open(path, encoding="utf-8") as stream:
            entries: list[Mapping[str, Any]] = json.load(stream)["samples"]
        return tuple(
            Sample(
                entry["rule"],
                entry["contract"],
                entry["version"],
                tuple(entry.get("fails", ())),
                tuple(entry["finding"]),
                tuple(entry.get("passes", ())),
            )
            for entry in entries
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CatalogError(f"{path} does not hold excerpts of examples: {error!r}") from error


def shown_samples(samples: Iterable[Sample]) -> str:
    """The text of the file that `read_samples` reads, a line of an excerpt on a line of its own."""
    entries = []
    for sample in samples:
        entry: dict[str, Any] = {"rule": sample.rule, "contract": sample.contract, "version": sample.version}
        entry.update({"fails": sample.fails} if sample.fails else {})
        entry["finding"] = sample.finding
        entry.update({"passes": sample.passes} if sample.passes else {})
        entries.append(entry)
    about = "Excerpts of the examples, for `srcos-validate explain`. Generated."
    return json.dumps({"description": about, "samples": entries}, indent=1, ensure_ascii=False) + "\n"
