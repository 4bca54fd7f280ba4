"""The generated documentation: `docs/contracts.md` with its diagrams, `docs/set-rules.md`, `docs/contract-rules.md`, and the excerpts that
`explain` shows.

All of it is committed and checked for drift.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from srcos_contracts.contracts.catalog import Catalog, Contract, version_order
from srcos_contracts.contracts.outline import Field, Outline, outline
from srcos_contracts.evolve.diagram import HOLDS, Edge, edges, svg
from srcos_contracts.evolve.markdown import anchor, code, fenced, sentence, table, text
from srcos_contracts.evolve.rule_docs import PAGE as RULE_PAGE
from srcos_contracts.evolve.rule_docs import SOURCE as RULE_SOURCE
from srcos_contracts.evolve.rule_docs import rule_page
from srcos_contracts.evolve.samples import example_files, samples
from srcos_contracts.evolve.set_docs import PAGE as SET_PAGE
from srcos_contracts.evolve.set_docs import set_page
from srcos_contracts.explanation import SAMPLES_FILE, Explanation, Sample, Statement, explanations, shown_samples
from srcos_contracts.ledger.set_rules import set_rules
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.rules import READING_RULES
from srcos_contracts.refusal import Refusal
from srcos_contracts.wording import join_words

__all__ = ["DIAGRAMS", "PAGE", "AuditMissing", "generate_docs", "surplus_diagrams"]

PAGE = "docs/contracts.md"
DIAGRAMS = "docs/diagrams"
_SCHEMAS = "schemas"
_EXAMPLES = "examples"
_SETS = "examples/sets"
_HEAD = """# The contracts

<!-- Generated from schemas/ and examples/ by `srcos-validate docs`; edits here are lost. -->

What each contract says, field by field, and [every rule](#the-rules) that a finding may name. `srcos-validate show CONTRACT`
and `srcos-validate explain RULE` print the same in a terminal. [vocabulary.md](vocabulary.md) describes how contracts are
written, [checking.md](checking.md) how records are checked.
"""
_SETS_NOTE = """The rules about several records, which `srcos-validate audit` asks, have [a page of their own](set-rules.md).
"""
_FIELDS_NOTE = """In the tables of fields, `list[].name` is a member of each item of a list. A member of an inner object is required
where the object is there.
"""
_RULES_NOTE = """A finding names its rule in brackets: `error[session-owner]`. An error makes `check` fail, a warning only with `--strict`.
"""
_GROUPS = (
    ("contract", "Rules of contracts", "What a contract states in words of its own, with `x-rule`."),
    (
        "shape",
        "Rules of shape",
        "What a keyword of JSON Schema demands where no rule of the contract stands over it, alike in all contracts.",
    ),
    ("reading", "Rules of reading", "What keeps bytes from being records, before any contract is asked."),
)


class AuditMissing(Refusal):
    """The libraries are not installed that an audit of the stored sets needs."""


class _Book(NamedTuple):
    root: Path
    catalog: Catalog
    outlines: tuple[Outline, ...]
    """Of every version of every contract."""
    newest: tuple[Outline, ...]
    """Of the newest version of each."""
    edges: tuple[Edge, ...]
    rules: dict[str, Explanation]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(described.contract.name for described in self.newest)


def generate_docs(root: Path, catalog: Catalog, jobs: int = 1) -> dict[Path, str]:
    """The documentation of a checkout, whose contracts are those of `catalog`: paths and the texts that belong there.

    Raises CatalogError where the schemas cannot be used.
    """
    kept = _kept_samples(sample for contract in catalog.contracts for sample in samples(catalog, root, contract))
    # The rules about several records are the package's own, their examples those of its checkout.
    sets = _of_sets(root, catalog, jobs)
    kept += sets
    outlines = tuple(outline(catalog, contract) for contract in catalog.contracts)
    newest: dict[str, Outline] = {}
    for described in sorted(outlines, key=lambda described: version_order(described.contract.version)):
        newest[described.contract.name] = described
    ordered = tuple(newest[name] for name in sorted(newest))
    book = _Book(root, catalog, outlines, ordered, tuple(edges(ordered)), explanations(catalog, kept))
    files = {root / PAGE: "\n".join(_page(book)), root / _SCHEMAS / SAMPLES_FILE: shown_samples(kept)}
    if sets:
        files[root / SET_PAGE] = set_page(book.rules)
    if (root / RULE_SOURCE).is_file():
        files[root / RULE_PAGE] = rule_page()
    for described in ordered:
        name = described.contract.name
        if _linked(book, name) or _outside(described):
            files[root / DIAGRAMS / f"{name}.svg"] = svg(name, book.edges, _outside(described), book.names)
    return files


def _of_sets(root: Path, catalog: Catalog, jobs: int) -> list[Sample]:
    if not (root / _SETS).is_dir():
        return []
    missing = [name for name in ("duckdb", "pyarrow") if find_spec(name) is None]
    if missing:
        raise AuditMissing(f"{_SETS} cannot be read without {' and '.join(missing)}: pip install 'srcos-contracts[audit]'")
    from srcos_contracts.evolve.set_samples import set_samples

    return list(set_samples(catalog, root, set_rules(), jobs))


def surplus_diagrams(root: Path, docs: Mapping[Path, str]) -> list[Path]:
    """The pictures of a checkout that are of no contract any more."""
    return [path for path in sorted((root / DIAGRAMS).glob("*.svg")) if path not in docs]


def _kept_samples(found: Iterable[Sample]) -> list[Sample]:
    """Every excerpt of a rule that contracts state; of a rule of shape, which is alike in all contracts, the first one.

    The rules of reading have excerpts of their own.
    """
    kept: list[Sample] = []
    shapes: set[str] = set()
    reading = {rule.id for rule in READING_RULES}
    for sample in found:
        if sample.rule in reading:
            continue
        if not sample.rule.startswith("schema-"):
            kept.append(sample)
        elif sample.rule not in shapes:
            shapes.add(sample.rule)
            kept.append(sample)
    return sorted(kept)


def _page(book: _Book) -> Iterator[str]:
    yield _HEAD
    yield "## Contents\n"
    rows = []
    for described in book.newest:
        contract = described.contract
        rows.append([f"[{contract.name}](#{anchor(contract.name)})", contract.version, text(described.purpose), text(contract.owner)])
    yield table(["contract", "version", "what its records say", "written by"], rows)
    groups = [(title, [rule for rule in book.rules.values() if rule.kind == kind and _told(rule)]) for kind, title, _ in _GROUPS]
    for title, rules in groups:
        yield f"[{title}](#{anchor(title)}): " + ", ".join(f"[{rule.id}](#{anchor(rule.id)})" for rule in rules) + ".\n"
    if any(rule.kind == "set" and rule.samples for rule in book.rules.values()):
        yield _SETS_NOTE
    yield from _kinds(book.newest)
    yield _FIELDS_NOTE
    for described in book.newest:
        yield from _contract(book, described)
    yield "## The rules\n"
    yield _RULES_NOTE
    for (kind, title, about), (_, rules) in zip(_GROUPS, groups, strict=True):
        yield f"### {title}\n\n{about}\n"
        for rule in rules:
            yield from _rule(book, rule, kind)


def _told(rule: Explanation) -> bool:
    """Whether a rule has a place in the page: those of shape only where some contract can break them."""
    return rule.kind != "shape" or bool(rule.samples)


def _kinds(outlines: Sequence[Outline]) -> Iterator[str]:
    kinds = dict(sorted({kind for described in outlines for kind in described.kinds}))
    if kinds:
        yield "## Kinds of text\n"
        yield table(["a field that holds a", "holds"], [[text(name), text(meaning)] for name, meaning in kinds.items()])


def _contract(book: _Book, described: Outline) -> Iterator[str]:
    contract = described.contract
    yield f"## {contract.name}\n\n{text(described.purpose)}\n"
    yield f"- Written by: {text(contract.owner)}"
    yield f"- Recognised by: {_recognised(contract)}"
    for mark, names in ((mark, described.marked(mark)) for mark in ("id", "time", "owner", "session", "state")):
        if names:
            yield f"- Its {mark}: {join_words([code(name) for name in names], 'and')}"
    yield f"- Further members: {'only those whose names begin with `x-`' if described.closed else 'of any name, which are not judged'}\n"
    yield f"### Fields of {contract.name}\n"
    yield table(
        ["field", "type", "required", "meaning"],
        [[code(field.name), text(field.words), _required(field), _meaning(book, field)] for field in described.fields],
    )
    yield from _rules_of(described)
    yield from _example(book, contract)
    yield from _references(book, described)
    yield from _versions(book, contract)


def _recognised(contract: Contract) -> str:
    ways = []
    if contract.discriminator:
        ways.append(join_words([f'{code(name)} `"{constant}"`' for name, constant in contract.discriminator], "and"))
    if contract.paths:
        ways.append("a file on the path " + join_words([code(path) for path in contract.paths]))
    return "; ".join(ways) or f"nothing in the record: `--contract {contract.name}`"


def _required(field: Field) -> str:
    return "yes" if field.required else text("; ".join(field.required_when)) or "no"


def _meaning(book: _Book, field: Field) -> str:
    words = [text(field.meaning)]
    if field.reference is not None:
        to = join_words([_link(book, name) for name in field.reference.to])
        words.append(f"Leads to {to or 'something elsewhere'} ({field.reference.role}).")
    if field.holds:
        words.append(f"Its members and rules are those of {_link(book, field.holds)}.")
    if field.aliases:
        words.append(f"Not to be spelt {join_words([code(alias) for alias in field.aliases])}.")
    return " ".join(word for word in words if word)


def _link(book: _Book, name: str) -> str:
    return f"[{name}](#{anchor(name)})" if name in book.names else name


def _rules_of(described: Outline) -> Iterator[str]:
    yield f"### Rules of {described.contract.name}\n"
    if not described.rules:
        yield "None beyond the types of its fields.\n"
        return
    rows = []
    for rule in described.rules:
        about = ", ".join(code(name) for name in rule.about if name) or "the whole record"
        rows.append([f"[{rule.id}](#{anchor(rule.id)})", rule.severity, "; ".join(text(message) for message in rule.messages), about])
    yield table(["rule", "level", "what holds", "fields"], rows)


def _example(book: _Book, contract: Contract) -> Iterator[str]:
    files = example_files(book.root / _EXAMPLES, contract, "valid")
    for path in [path for path in files if path.name.split(".")[0] == "full"][:1] or files[:1]:
        name = path.relative_to(book.root).as_posix()
        yield f"### Example of {contract.name}\n\n[{name}](../{name})\n"
        yield fenced(path.read_text(encoding="utf-8").rstrip("\n").split("\n"), path.suffix.removeprefix("."))


def _linked(book: _Book, name: str) -> bool:
    return any(name in (edge.source, edge.target) for edge in book.edges)


def _outside(described: Outline) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reference.role for reference in described.references if not reference.to))


def _references(book: _Book, described: Outline) -> Iterator[str]:
    name = described.contract.name
    yield f"### References of {name}\n"
    outside = _outside(described)
    if not _linked(book, name) and not outside:
        yield "It refers to no other record, and none refers to it.\n"
        return
    yield f"![What {name} refers to, and what refers to it](diagrams/{name}.svg)\n"
    for edge in book.edges:
        if edge.source == name:
            yield f"- {_verbs(edge, f'refers to {_link(book, edge.target)}', f'holds a {_link(book, edge.target)}')}"
    for edge in book.edges:
        if edge.target == name != edge.source:
            yield f"- {_link(book, edge.source)} {_verbs(edge, 'refers to it', 'holds one')}"
    if outside:
        yield f"- leads elsewhere: {', '.join(outside)}"
    yield ""


def _verbs(edge: Edge, refers: str, holds: str) -> str:
    roles = [role for role in edge.roles if role != HOLDS]
    words = [f"{refers} as {join_words(roles, 'and')}"] if roles else []
    return ", and ".join([*words, *([holds] if HOLDS in edge.roles else [])])


def _versions(book: _Book, contract: Contract) -> Iterator[str]:
    yield f"### Versions of {contract.name}\n"
    versions = [described.contract for described in book.outlines if described.contract.name == contract.name]
    versions.sort(key=lambda version: version_order(version.version), reverse=True)
    rows = []
    for version in versions:
        folder = f"{_EXAMPLES}/{version.name}/{version.version}"
        file = f"{_SCHEMAS}/{version.file}"
        rows.append([version.version, version.status, f"[{file}](../{file})", f"[{folder}](../{folder})"])
    yield table(["version", "status", "schema", "examples"], rows)


def _rule(book: _Book, rule: Explanation, kind: str) -> Iterator[str]:
    yield f"#### {rule.id}\n"
    level = "" if rule.severity == "error" else " It is a warning."
    yield from _heading("What it says", rule.says, level)
    yield from _heading("Why", rule.why)
    if kind == "contract":
        yield "**In which contracts**\n"
        for where in rule.where:
            about = ", ".join(code(name) for name in where.about)
            yield f"- [{where.label}](#{anchor(where.contract)}){': ' + about if about else ''}"
        yield ""
    else:
        yield f"**In which contracts**\n\n{'All.' if kind == 'shape' else 'All: it holds before a contract is asked.'}\n"
    yield from _heading("What to do", rule.help)
    for sample in rule.samples[:1]:
        yield "**Fails**\n"
        yield fenced([*sample.fails, *([""] if sample.fails and sample.finding else []), *sample.finding])
        if sample.passes:
            yield "**Passes**\n"
            yield fenced(sample.passes)


def _heading(title: str, statements: Sequence[Statement], more: str = "") -> Iterator[str]:
    yield f"**{title}**\n"
    if len(statements) == 1 and not statements[0].contracts:
        yield f"{sentence(statements[0].text)}{more}\n"
        return
    for statement in statements:
        yield f"- {sentence(statement.text)}" + (f" *({', '.join(statement.contracts)})*" if statement.contracts else "")
    yield f"\n{more.strip()}\n" if more else ""
