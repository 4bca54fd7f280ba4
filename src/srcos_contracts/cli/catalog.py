"""`srcos-validate list` and `show`: which contracts there are, and what one of them says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from srcos_contracts.cli.check import UsageError
from srcos_contracts.cli.terminal import Page, refused, show
from srcos_contracts.cli.unreached import unreached_notes
from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.contracts.flat import flattened
from srcos_contracts.contracts.outline import MARKS, Field, Outline, as_object, outline, plain, recognised
from srcos_contracts.ledger.reads import rules_naming
from srcos_contracts.ledger.set_rules import SetRule
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.machine import as_json
from srcos_contracts.rules import contract_rules

__all__ = ["FORMATS", "opened", "run_list", "run_show"]

FORMATS = ("human", "json")
SHOWN_FORMATS = (*FORMATS, "schema")


def run_list(schemas: str | None = None, format: str = "human") -> int:
    """Prints the contracts of a catalog, one a row. Returns the exit code."""
    try:
        catalog = _catalog(schemas, format)
        rules = {contract: _rules(catalog, contract) for contract in catalog.contracts}
    except Refusal as error:
        return refused(error)
    if format == "json":
        return show(as_json({"contracts": [_entry(contract, rules[contract]) for contract in catalog.contracts]}, 2) + "\n")
    page = Page()
    rows = [
        [contract.name, contract.version, contract.status, str(len(rules[contract])), contract.owner, recognised(contract)]
        for contract in catalog.contracts
    ]
    page.table(["contract", "version", "status", "rules", "written by", "recognised by"], rows)
    for note in unreached_notes(catalog):
        page.paragraph(note)
    return show(page.text)


def run_show(contract: str, format: str = "human", schemas: str | None = None) -> int:
    """Prints what a contract, `NAME` or `NAME@VERSION`, says, or as `schema` the contract itself in one piece. Returns the exit code."""
    try:
        catalog = _catalog(schemas, format, SHOWN_FORMATS)
        wanted = catalog.find(contract)
        if format == "schema":
            return show(as_json(flattened(catalog.document(wanted.bundle), wanted.uri), 2) + "\n")
        described = outline(catalog, wanted)
        together = rules_naming(catalog, described.contract)
    except Refusal as error:
        return refused(error)
    return show(as_json(as_object(described), 2) + "\n" if format == "json" else _page(described, together))


def opened(schemas: str | None) -> Catalog:
    """The shipped catalog, or that of a folder.

    Raises CatalogError where the folder cannot be used, or where a schema in it is none.
    """
    if schemas is None:
        return Catalog.shipped()
    catalog = Catalog.at(schemas)
    for contract in catalog.contracts:
        # An outline takes schemas to be well-formed; an engine knows.
        catalog.judge(contract)
    return catalog


def _catalog(schemas: str | None, format: str, known: Sequence[str] = FORMATS) -> Catalog:
    if format not in known:
        raise UsageError(f"there is no format {format}; there are {', '.join(known)}")
    return opened(schemas)


def _rules(catalog: Catalog, contract: Contract) -> list[str]:
    return list(dict.fromkeys(rule["id"] for rule in contract_rules(catalog.document(contract.bundle))))


def _entry(contract: Contract, rules: list[str]) -> dict[str, Any]:
    return {
        "name": contract.name,
        "version": contract.version,
        "status": contract.status,
        "owner": contract.owner,
        "purpose": contract.title,
        "uri": contract.uri,
        "file": contract.file,
        "discriminator": dict(contract.discriminator),
        "paths": list(contract.paths),
        "rules": rules,
    }


def _page(described: Outline, together: Sequence[SetRule]) -> str:
    contract = described.contract
    page = Page()
    page.title(contract.name, " ".join(part for part in (contract.version, contract.status) if part))
    if described.purpose:
        page.paragraph(described.purpose)
    page.space()
    for name, value in _facts(described):
        page.paragraph(f"{name:<16}{value}", hang=16)
    page.heading("Fields")
    for field in described.fields:
        page.term(field.name, f"{_required(field)}{field.type}")
        for line in _notes(field):
            page.paragraph(line, 6)
    if not described.fields:
        page.paragraph("none are declared")
    page.heading("Rules")
    for rule in described.rules:
        page.term(rule.id, rule.severity)
        for message in rule.messages:
            page.paragraph(message, 6)
    page.paragraph("more: srcos-validate explain RULE" if described.rules else "none beyond the types of its fields")
    if together:
        page.heading("Rules about several records")
        for set_rule in together:
            page.term(set_rule.id, set_rule.message)
    page.heading("References")
    for field in (field for field in described.fields if field.holds):
        page.term("holds", f"{field.name} -> {field.holds}")
    for reference, fields in described.references.items():
        page.term(reference.role, f"{', '.join(fields)} -> {', '.join(reference.to) or 'elsewhere'}")
    if not described.references and not any(field.holds for field in described.fields):
        page.paragraph("none")
    return page.text


def _facts(described: Outline) -> list[tuple[str, str]]:
    contract = described.contract
    facts = [("written by", contract.owner), ("recognised by", recognised(contract)), ("schema", contract.file)]
    facts += [(f"its {mark}", ", ".join(described.marked(mark))) for mark in MARKS]
    others = "only those whose names begin with x-" if described.closed else "of any name, which are not judged"
    return [(name, value) for name, value in [*facts, ("further members", others)] if value]


def _required(field: Field) -> str:
    if field.required:
        return "required, "
    return f"required {'; '.join(field.required_when)}, " if field.required_when else ""


def _notes(field: Field) -> list[str]:
    notes = [plain(field.meaning)] if field.meaning else []
    if field.holds:
        notes.append(f"its members and rules are those of {field.holds}")
    if field.aliases:
        notes.append(f"not to be spelt {', '.join(field.aliases)}")
    return notes
