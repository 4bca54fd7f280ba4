"""Every stored set of records gives exactly the findings that are stored for it, and every set rule has its sets."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema_rs
import pytest

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.sets import EXPECTED_FILE, SET_FOLDER, SetExample, found_in, set_examples
from srcos_contracts.ledger.audit import audit
from srcos_contracts.ledger.set_rules import SetRule, set_rules

ROOT = Path(__file__).resolve().parents[2]
CATALOG = Catalog.shipped()
SETS = ROOT / "examples" / "sets"
EXAMPLES = set_examples(SETS)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_a_set_gives_what_is_stored(example: SetExample) -> None:
    assert found_in(CATALOG, example, audit) == sorted(example.findings, key=repr)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_expectations_have_their_form(example: SetExample) -> None:
    schema = json.loads((ROOT / "schemas/meta/sets.json").read_text("utf-8"))
    stored = json.loads((example.folder / EXPECTED_FILE).read_text("utf-8"))
    assert [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(stored)] == []
    assert {path.name for path in example.folder.iterdir()} == {EXPECTED_FILE, SET_FOLDER}
    rules = {finding["rule"] for finding in example.findings if finding["severity"] == "error"}
    if example.rule:
        assert example.rule in {finding["rule"] for finding in example.findings}
    else:
        assert rules == set()


@pytest.mark.parametrize("rule", set_rules(), ids=lambda rule: rule.id)
def test_a_rule_has_two_sets_that_break_it(rule: SetRule) -> None:
    named = [example.name for example in EXAMPLES if example.rule == rule.id]
    assert len(named) >= 2
