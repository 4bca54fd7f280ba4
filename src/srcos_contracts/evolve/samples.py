"""Excerpts of the stored examples: for every rule of every contract a record that breaks it, and one that does not."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path as File
from typing import Any

from srcos_contracts.checking import Demands, check_source, check_value, markdown_value
from srcos_contracts.contracts.catalog import Catalog, Claim, Contract
from srcos_contracts.contracts.clauses import ITEM, NAME, Clause, clauses
from srcos_contracts.contracts.resources import Place, resources_of
from srcos_contracts.contracts.trace import Step
from srcos_contracts.evolve.cases import CASES_FILE
from srcos_contracts.evolve.form import read_formed
from srcos_contracts.exact import exact_text
from srcos_contracts.explanation import Sample
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import ABSENT, Path, format_pointer, lookup, parse_pointer
from srcos_contracts.reading.document import Document, Record
from srcos_contracts.reading.locate import locate
from srcos_contracts.reading.source import Source, read, select
from srcos_contracts.report.human import HumanReport

__all__ = ["example_files", "printed", "projected", "samples"]

_WIDTH = 100
_MOST_ITEMS, _MOST_WORDS = 3, 12
_UNDECLARED = "schema-additional-properties"


class _Stored(NamedTuple):
    """A record of an example."""

    name: str
    """The example's file, as it is shown."""
    value: Any
    document: Document
    findings: tuple[Finding, ...]
    """Those of its whole file."""
    bound: bool
    """Whether the file lies on a path that the contract is bound to."""


def example_files(examples: File, contract: Contract, kind: str) -> list[File]:
    """The files of a contract's `valid` or `invalid` examples: in the order in which its cases list them, else by name.

    Raises CatalogError where cases.json does not have its form.
    """
    folder = examples / contract.name / contract.version
    order: dict[str, int] = {}
    if (folder / CASES_FILE).is_file():
        listed = read_formed(folder / CASES_FILE, "cases.json")["files"]
        order = {entry["file"]: index for index, entry in enumerate(listed)}
    found = sorted(path for path in (folder / kind).rglob("*") if path.is_file())
    return sorted(found, key=lambda path: order.get(path.relative_to(folder).as_posix(), len(order)))


def samples(catalog: Catalog, root: File, contract: Contract) -> Iterator[Sample]:
    """An excerpt for every rule that one of the contract's invalid examples breaks, in the order of the rules' names.

    `root` is the folder that holds `examples`. Raises CatalogError where the contract's schema cannot be used.
    """
    examples = root / "examples"
    valid = [stored for path in example_files(examples, contract, "valid") for stored in _stored(catalog, root, contract, path)]
    valid.sort(key=lambda stored: "/full." not in stored.name)
    broken: dict[str, list[_Stored]] = {}
    for path in example_files(examples, contract, "invalid"):
        rule = path.relative_to(examples / contract.name / contract.version / "invalid").parts[0]
        for stored in _stored(catalog, root, contract, path):
            if any(finding.rule == rule for finding in stored.findings):
                broken.setdefault(rule, []).append(stored)
    document = catalog.document(contract.bundle)
    stated = list(clauses(resources_of(document, contract.uri), Step(document, Place(contract.uri, ()))))
    for rule, candidates in sorted(broken.items()):
        # What stands there shows a fault better than what is missing, and a record with one fault better than one with several.
        stored = min(candidates, key=lambda candidate: _obscurity(candidate, rule))
        good = [candidate for candidate in valid if all(finding.rule != rule for finding in candidate.findings)]
        yield _sample(catalog, contract, stored, rule, good, [clause for clause in stated if clause.rule == rule])


def _stored(catalog: Catalog, root: File, contract: Contract, path: File) -> Iterator[_Stored]:
    for found in select([str(path)]).sources:
        source = found._replace(name=path.relative_to(root).as_posix())
        found_in = tuple(check_source(catalog, source, Demands(contract)))
        for value, document in _values(catalog, contract, source):
            yield _Stored(source.name, value, document, found_in, bool(catalog.parts(contract, source.name)))
            break


def _values(catalog: Catalog, contract: Contract, source: Source) -> Iterator[tuple[Any, Document]]:
    for item in read(source):
        if isinstance(item, Record) and source.form == "markdown":
            yield markdown_value(source, item, Claim(contract, catalog.parts(contract, source.name)))[:2]
        elif isinstance(item, Record):
            yield item.value, source.document(item)


def _obscurity(stored: _Stored, rule: str) -> tuple[int, bool]:
    finding = _first(stored, rule)
    return len(stored.findings), lookup(stored.value, _typed(stored.value, parse_pointer(finding.pointer))) is ABSENT


def _first(stored: _Stored, rule: str) -> Finding:
    return next(finding for finding in stored.findings if finding.rule == rule)


def _sample(catalog: Catalog, contract: Contract, stored: _Stored, rule: str, valid: Sequence[_Stored], stated: Sequence[Clause]) -> Sample:
    finding = _first(stored, rule)
    path = _typed(stored.value, parse_pointer(finding.pointer))
    about = _about(stated, finding, path)
    good = max(valid, key=lambda candidate: _likeness(stored, candidate, path, about), default=None)
    if good is not None and len(path) > 1 and lookup(good.value, path) is ABSENT:
        # Of a name that no good record has, the object in which it stands.
        about = [path[:-1], *(place for place in about if place != path)]
    fails = _excerpt(stored, about) if len(about) > 1 else ()
    passes = _excerpt(good, about) if good is not None and rule != _UNDECLARED else ()
    if rule == _UNDECLARED or not passes:
        passes = _extension(catalog, contract, stored, path) or passes
    if good is not None and good.bound and (stored.bound or not passes):
        passes = (good.name, *passes)
    return Sample(rule, contract.name, contract.version, fails, tuple(printed(finding)), passes)


def printed(finding: Finding) -> list[str]:
    """The lines that a finding has for a person."""
    out = io.StringIO()
    HumanReport(out).add(finding)
    return out.getvalue().rstrip().split("\n")


def _typed(value: Any, tokens: Iterable[str]) -> Path:
    typed: list[str | int] = []
    for token in tokens:
        key = int(token) if isinstance(value, list) and token.isdigit() else token
        typed.append(key)
        value = lookup(value, (key,))
    return tuple(typed)


def _about(stated: Sequence[Clause], finding: Finding, path: Path) -> list[Path]:
    """The places that the clause looks at which the record breaks, that of the fault among them."""
    over = [clause for clause in stated if _covers(clause.path, path)]
    # Of several clauses over the place, the one in whose subschema the broken keyword stands.
    demand = finding.demand.pointer if finding.demand is not None else ""
    inside = [clause for clause in over if clause.place.path and demand.startswith(format_pointer(clause.place.path) + "/")]
    about = [mention for clause in (inside or over)[:1] for mention in clause.mentions if mention]
    return about if any(_covers(mention, path) or _covers(path, mention) for mention in about) else [path, *about]


def _covers(fields: Path, path: Path) -> bool:
    """Whether a path of fields is that of a place, or of something in which the place stands."""
    pairs = zip(fields, path, strict=False)
    return len(fields) <= len(path) and all(field in (token, NAME) or (field == ITEM and isinstance(token, int)) for field, token in pairs)


def _likeness(bad: _Stored, good: _Stored, path: Path, about: Sequence[Path]) -> tuple[bool, bool, bool, int]:
    """How well a good record shows what the bad one should have been: other at the fault, the same elsewhere."""
    there = lookup(good.value, path)
    places = [tuple(0 if token == ITEM else token for token in mention) for mention in about]
    same = sum(lookup(bad.value, place) == lookup(good.value, place) for place in places if place != path)
    return bad.bound == good.bound, there is not ABSENT, there != lookup(bad.value, path), same


def _extension(catalog: Catalog, contract: Contract, stored: _Stored, path: Path) -> tuple[str, ...]:
    """The member at `path` as an extension of the contract, where that mends the record."""
    above, name = path[:-1], path[-1] if path else 0
    if not isinstance(name, str):
        return ()
    mended = json.loads(json.dumps(stored.value, default=float))
    holder = lookup(mended, above)
    if not isinstance(holder, dict) or name not in holder:
        return ()
    new = f"x-{name}"
    holder[new] = holder.pop(name)
    if check_value(catalog, mended, Demands(contract)):
        return ()
    if stored.document.syntax == "json":
        return projected(mended, [(*above, new)])
    return tuple("\n".join(_excerpt(stored, [path])).replace(name, new, 1).split("\n"))


def _excerpt(stored: _Stored, places: Sequence[Path]) -> tuple[str, ...]:
    """The members at `places`: of JSON as JSON, of other files the lines on which they stand."""
    if stored.document.syntax == "json":
        return projected(stored.value, places)
    text = stored.document.text.decode("utf-8")
    shown: set[int] = set()
    for part in (part for place in places for part in _parts(stored.value, place)):
        span, key = locate(stored.document, part)
        # The span of a block of YAML goes on to the first character of what comes next.
        end = span[0] + len(text[span[0] : span[1] - 1].rstrip())
        first, last = text.count("\n", 0, key[0] if key else span[0]), text.count("\n", 0, end)
        shown.update(range(first, min(last, first + _MOST_WORDS) + 1))
    lines, result = text.split("\n"), list[str]()
    for number in sorted(shown):
        if number and number - 1 not in shown:
            result.append("...")
        result.append(lines[number].rstrip())
    return (*result, *(["..."] if result and len(lines) - 1 > max(shown) + 1 else []))


def _parts(value: Any, place: Path) -> Iterator[Path]:
    """The places in a record of which a path of fields speaks: of a list, all items."""
    for length, token in enumerate(place):
        if token == ITEM:
            held = lookup(value, place[:length])
            for index in range(len(held) if isinstance(held, list) else 0):
                yield from _parts(value, (*place[:length], index, *place[length + 1 :]))
            return
    found = lookup(value, place)
    if isinstance(found, list) and found:
        yield from ((*place, index) for index in range(len(found)))
    elif found is not ABSENT:
        yield place


def projected(value: Any, places: Sequence[Path]) -> tuple[str, ...]:
    """A record with only the members at `places`, as lines of JSON; `...` stands for the others. No lines where none is there."""
    tree: dict[Any, Any] = {}
    for place in places:
        node = tree
        for token in place:
            node = node.setdefault(token, {})
    if not isinstance(value, dict) or not any(name in value for name in tree):
        return ()
    return tuple(_block("{", _members(value, tree, "  "), "}", "").split("\n"))


def _members(value: Mapping[str, Any], tree: Mapping[Any, Any], indent: str) -> list[str]:
    """The members that `tree` names, and `...` for the others."""
    kept = [name for name in value if name in tree or NAME in tree]
    shown = [f"{json.dumps(name, ensure_ascii=False)}: {_text(value[name], tree.get(name, tree.get(NAME, {})), indent)}" for name in kept]
    return [*shown, *(["..."] if len(kept) < len(value) else [])]


def _items(value: Sequence[Any], tree: Mapping[Any, Any], indent: str) -> list[str]:
    """The items that `tree` names, the first few of them where it names any, and `...` for each run of others."""
    shown: list[str] = []
    for index, item in enumerate(value):
        if index in tree or (ITEM in tree and index < (_MOST_ITEMS if isinstance(item, (dict, list)) else _MOST_WORDS)):
            shown.append(_text(item, {**tree.get(ITEM, {}), **tree.get(index, {})}, indent))
        elif shown[-1:] != ["..."]:
            shown.append("...")
    return shown


def _text(value: Any, tree: Mapping[Any, Any], indent: str) -> str:
    """A value of which `tree` says what is shown, all of it where the tree is empty; on one line where that is not too long."""
    inner = indent + "  "
    if isinstance(value, dict) and value:
        return _fitted("{", _members(value, tree or {NAME: {}}, inner), "}", indent)
    if isinstance(value, list) and value:
        return _fitted("[", _items(value, tree or {ITEM: {}}, inner), "]", indent)
    return exact_text(value, ascii=False)


def _fitted(opening: str, parts: Sequence[str], closing: str, indent: str) -> str:
    line = opening + ", ".join(parts) + closing
    return line if len(line) <= _WIDTH and "\n" not in line else _block(opening, parts, closing, indent)


def _block(opening: str, parts: Sequence[str], closing: str, indent: str) -> str:
    return opening + "\n" + ",\n".join(f"{indent}  {part}" for part in parts) + f"\n{indent}{closing}"
