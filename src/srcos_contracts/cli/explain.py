"""`srcos-validate explain`: one rule, with what it says, why, where, what to do, what breaks it and what does not."""

from __future__ import annotations

import os
from collections.abc import Sequence

from srcos_contracts.cli.catalog import opened
from srcos_contracts.cli.terminal import Page, refused, show
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.rule_texts import KINDS, CheckoutRule, texts_of_checkouts
from srcos_contracts.explanation import Explanation, Sample, Statement, explanations, read_samples
from srcos_contracts.ledger.set_rules import RULES_FOLDER
from srcos_contracts.refusal import Refusal
from srcos_contracts.rules import UnknownRule

__all__ = ["run_explain"]

_KINDS = {
    "contract": "a rule of contracts",
    "shape": "a rule of shape",
    "reading": "a rule of reading",
    "set": "a rule about several records",
}
_EVERYWHERE = {
    "shape": "in every contract, where none of its own rules stands over the place",
    "reading": "in every file, before any contract is asked",
    "set": "in none of these contracts",
}


def run_explain(rule: str, schemas: str | None = None, contract: str | None = None) -> int:
    """Explains a rule, with the excerpts of `contract` where that is given and has some. Returns the exit code."""
    try:
        catalog = opened(schemas)
        wanted = catalog.find(contract).name if contract is not None else None
        known = explanations(catalog, read_samples(catalog))
        about_contracts = texts_of_checkouts()
        if rule in about_contracts:
            return show(_short_page(rule, about_contracts[rule]))
        if rule not in known:
            raise UnknownRule(rule, [*known, *about_contracts])
        return show(_page(catalog, known[rule], wanted))
    except Refusal as error:
        return refused(error)


def _short_page(rule: str, about: CheckoutRule) -> str:
    page = Page()
    page.title(rule, f"{about.severity}, {KINDS[about.kind].words}")
    for heading, text in (("What it says", about.message), ("Why", about.why), ("What to do", about.help)):
        page.heading(heading)
        page.paragraph(text)
    return page.text


def _page(catalog: Catalog, rule: Explanation, wanted: str | None) -> str:
    page = Page()
    page.title(rule.id, f"{rule.severity}, {_KINDS[rule.kind]}")
    _statements(page, "What it says", rule.says)
    _statements(page, "Why", rule.why)
    page.heading("Where")
    for where in rule.where:
        page.term(where.label, ", ".join(where.about))
        for place in dict.fromkeys(clause.place for clause in where.clauses):
            at = catalog.place(place.uri, (*place.path, "x-rule"))
            page.paragraph(f"{at.file}:{at.line}:{at.column}", 6)
    if rule.marks is not None:
        page.term("in all contracts", ", ".join(rule.marks))
    elif not rule.where:
        page.paragraph(_EVERYWHERE[rule.kind])
    if rule.kind == "set":
        page.paragraph(f"its query: {os.path.join(RULES_FOLDER, rule.file)}")
        page.heading("Holds of")
        page.paragraph(rule.scope)
    _statements(page, "What to do", rule.help)
    sample = next((sample for sample in rule.samples if sample.contract == wanted), rule.samples[0] if rule.samples else None)
    _excerpts(page, rule, sample)
    return page.text


def _statements(page: Page, heading: str, statements: Sequence[Statement]) -> None:
    page.heading(heading)
    for statement in statements:
        among = f" ({', '.join(statement.contracts)})" if statement.contracts else ""
        if len(statements) == 1:
            page.paragraph(statement.text + among)
        else:
            page.paragraph(f"- {statement.text}{among}", hang=2)


def _excerpts(page: Page, rule: Explanation, sample: Sample | None) -> None:
    page.heading("Fails")
    if sample is None:
        page.paragraph("no example of it is stored")
    else:
        page.block(sample.fails)
        if sample.fails and sample.finding:
            page.space()
        page.block(sample.finding)
    page.heading("Passes")
    if sample is not None and sample.passes:
        page.block(sample.passes)
    else:
        page.paragraph("no example of it is stored" if sample is None or rule.kind == "set" else "a record without what stands there")
