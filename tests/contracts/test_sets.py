"""Every stored set of records gives exactly the findings that are stored for it, and every set rule has its sets."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from srcos_contracts.checking import Demands
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.contracts.shape_rules import SHAPE_RULES
from srcos_contracts.evolve.check_rules import CHECK_RULES
from srcos_contracts.evolve.lint_rules import LINT_RULES
from srcos_contracts.evolve.sets import EARLIER_FOLDER, EXPECTED_FILE, SET_FOLDER, SetExample, found_in, set_examples
from srcos_contracts.explanation import explanations, read_samples
from srcos_contracts.ledger.audit import Terms, audit
from srcos_contracts.ledger.reads import reads_of
from srcos_contracts.ledger.seal import seal, since_seal, stamps_of
from srcos_contracts.ledger.set_rules import SetRule, set_rules
from srcos_contracts.reading.source import select
from srcos_contracts.rules import READING_RULES, contract_rules

ROOT = Path(__file__).resolve().parents[2]
CATALOG = Catalog.shipped()
SETS = ROOT / "examples" / "sets"
EXAMPLES = set_examples(SETS)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_set_gives_what_is_stored(example: SetExample) -> None:
    assert found_in(CATALOG, example, audit) == sorted(example.findings, key=repr)


@pytest.mark.parametrize("example", [example for example in EXAMPLES if example.terms.since is not None], ids=lambda example: example.name)
def test_a_seal_of_the_earlier_state_gives_the_same(example: SetExample, tmp_path: Path) -> None:
    earlier, now, file = str(example.folder / EARLIER_FOLDER), str(example.folder / SET_FOLDER), str(tmp_path / EARLIER_FOLDER)
    sources = select([earlier], bound=CATALOG.binds).sources
    before = stamps_of(sources)
    for _ in audit(CATALOG, sources, Demands(), Terms(sealed=True), at_end=lambda queries: seal(file, [earlier], sources, queries, before)):
        pass
    sealed = example._replace(terms=example.terms._replace(since=since_seal(file, [now])))
    assert found_in(CATALOG, sealed, audit) == sorted(example.findings, key=repr)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_expectations_have_their_form(example: SetExample) -> None:
    schema = json.loads((ROOT / "schemas/meta/sets.json").read_text("utf-8"))
    stored = json.loads((example.folder / EXPECTED_FILE).read_text("utf-8"))
    assert [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(stored)] == []
    assert {path.name for path in example.folder.iterdir()} - {EARLIER_FOLDER} == {EXPECTED_FILE, SET_FOLDER}
    rules = {finding["rule"] for finding in example.findings if finding["severity"] == "error"}
    if example.rule:
        assert example.rule in {finding["rule"] for finding in example.findings}
    else:
        assert rules == set()


@pytest.mark.parametrize("rule", set_rules(), ids=lambda rule: rule.id)
def test_a_rule_has_two_sets_that_break_it(rule: SetRule) -> None:
    named = [example.name for example in EXAMPLES if example.rule == rule.id]
    assert len(named) >= 2


@pytest.mark.parametrize("rule", set_rules(), ids=lambda rule: rule.id)
def test_a_rule_is_explained_by_a_set_that_breaks_it_and_one_that_does_not(rule: SetRule) -> None:
    """From what a wheel carries: schemas and excerpts."""
    explained = explanations(CATALOG, read_samples(CATALOG))[rule.id]
    assert (explained.kind, explained.says[0].text, explained.file) == ("set", rule.message, f"{rule.id}.sql")
    assert explained.where or explained.marks is not None
    (sample,) = explained.samples
    assert sample.finding[0] == f"error[{rule.id}]: {rule.message}" or sample.finding[0] == f"warning[{rule.id}]: {rule.message}"
    assert f"examples/sets/invalid/{rule.id}/" in sample.fails[1]
    assert "examples/sets/valid/" in sample.passes[1]
    closed = "--open" not in sample.passes[1]
    assert closed or rule.scope != "closed"


def test_what_a_rule_names_only_to_leave_it_out_is_not_all_that_it_looks_at() -> None:
    reads = {rule.id: reads_of(rule) for rule in set_rules()}
    assert (reads["ref-unresolved"].contracts, reads["ref-unresolved"].roles) == ((), ())
    assert reads["task-paired"].contracts == ("AgentLedgerEvent", "AgentStatus")


def test_every_rule_has_an_id_of_its_own() -> None:
    stated = {rule["id"] for contract in CATALOG.contracts for rule in contract_rules(CATALOG.document(contract.bundle))}
    kinds = [stated, {rule.id for rule in set_rules()}, {rule.id for rule in SHAPE_RULES}, {*READING_RULES}, {*LINT_RULES}, {*CHECK_RULES}]
    assert sum(map(len, kinds)) == len(set().union(*kinds))
