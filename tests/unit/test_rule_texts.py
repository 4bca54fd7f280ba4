"""No finding can name a rule that `explain` does not know, and all that tell of a rule tell it in the same words."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator, Mapping
from io import StringIO
from pathlib import Path

import pytest

import srcos_contracts
from srcos_contracts.cli.explain import run_explain
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.check_rules import CHECK_RULES, finding_of_rule
from srcos_contracts.evolve.rule_docs import rule_page
from srcos_contracts.evolve.rule_texts import general_texts, texts_of_checkouts
from srcos_contracts.explanation import explanations, read_samples
from srcos_contracts.finding import Location
from srcos_contracts.report.sarif import SarifReport
from srcos_contracts.report.summary import Summary

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(srcos_contracts.__file__).parent
CATALOG = Catalog.shipped()
KNOWN = {*explanations(CATALOG, read_samples(CATALOG)), *texts_of_checkouts()}
TREES = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8")) for path in sorted(PACKAGE.rglob("*.py"))}
FROM_TABLES = {
    "checking.py": "what diagnosis says: rules of contracts, and those of SHAPE_RULES by their keywords",
    "emit/doctor.py": "TREE_RULES, named by those who call it",
    "emit/event.py": "rules of reading, named by those who call it",
    "evolve/check_rules.py": "CHECK_RULES",
    "evolve/lint.py": "LINT_RULES",
    "evolve/lint_released.py": "LINT_RULES",
    "ledger/breaches.py": "the set rules",
    "ledger/spark/staged.py": "findings that were made elsewhere",
    "library.py": "rules of reading, named where the refusal is raised",
    "reading/document.py": "rules of reading, named by those who call it",
}
"""Where findings are made of a rule that is not written out there, and what it is."""


def _position(node: ast.FunctionDef | ast.ClassDef) -> int | None:
    """Where among the arguments of a function, or of a named tuple, the rule stands."""
    if isinstance(node, ast.FunctionDef):
        names = [argument.arg for argument in node.args.args if argument.arg != "self"]
    else:
        names = [field.target.id for field in node.body if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)]
    return names.index("rule") if "rule" in names else None


def _makers() -> Mapping[str, int]:
    found: dict[str, int] = {}
    for tree in TREES.values():
        for node in ast.walk(tree):
            position = _position(node) if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else None
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and position is not None:
                found[node.name] = position
    return found


def _named() -> Iterator[tuple[str, str]]:
    """Each rule that is written out where it is handed on, with its module."""
    makers = _makers()
    for module, tree in TREES.items():
        for call in ast.walk(tree):
            if not isinstance(call, ast.Call):
                continue
            name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""
            given = [keyword.value for keyword in call.keywords if keyword.arg == "rule"]
            position = makers.get(name)
            if position is not None and position < len(call.args):
                given.append(call.args[position])
            if name == "_NotJson":
                given.append(call.args[0])
            yield from (
                (module, value.value) for value in given if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value
            )


def test_every_rule_that_is_written_out_is_explained() -> None:
    named = list(_named())
    assert len({rule for _, rule in named}) > 60
    assert [(module, rule) for module, rule in named if rule not in KNOWN] == []


def test_all_other_findings_take_their_rule_from_a_table() -> None:
    computed = set()
    for module, tree in TREES.items():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Finding":
                rule = call.args[0] if call.args else None
                if not (isinstance(rule, ast.Constant) and isinstance(rule.value, str)) and not (
                    isinstance(rule, ast.Name) and rule.id == "UNCLAIMED"
                ):
                    computed.add(module)
    assert computed == FROM_TABLES.keys()


def test_every_keyword_by_which_a_record_can_fail_is_explained() -> None:
    """Every keyword that any meta-schema of the two engines declares and that asserts something of an instance."""
    from jsonschema.validators import Draft4Validator, Draft7Validator, Draft201909Validator, Draft202012Validator

    from srcos_contracts.contracts.vocabulary import ASSERTIONS

    asserting = {
        name for each in (Draft4Validator, Draft7Validator, Draft201909Validator, Draft202012Validator) for name in each.VALIDATORS
    }
    # What these lead to fails, never they themselves.
    asserting -= {"$ref", "$dynamicRef", "$recursiveRef", "if", "properties", "patternProperties"}
    for keyword in sorted(asserting | {*ASSERTIONS}):
        assert "schema-" + re.sub(r"(?<=[a-z])(?=[A-Z])", "-", keyword.removeprefix("x-")).lower() in KNOWN, keyword


@pytest.mark.parametrize("folder", ["tests/cli/golden", "docs"])
def test_every_rule_in_stored_output_is_explained(folder: str) -> None:
    told = {
        (path.name, rule)
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".txt", ".md")
        for rule in re.findall(r"^(?:error|warning)\[([a-z0-9-]+)\]", path.read_text("utf-8", "replace"), re.MULTILINE)
    }
    assert told
    assert {(file, rule) for file, rule in told if rule not in KNOWN} == set()


def test_every_rule_has_words_for_all_that_it_is_asked() -> None:
    for name, text in general_texts().items():
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name)
        assert text.message
        assert text.help
        assert text.why.endswith("."), name
        assert not text.message.endswith("."), name


@pytest.mark.parametrize("rule", [*CHECK_RULES, "lint-ref"])
def test_explain_sarif_and_the_page_say_the_same(rule: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = texts_of_checkouts()[rule]
    assert run_explain(rule) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert said.endswith(f"What it says {text.message} Why {text.why} What to do {text.help}")
    if rule in CHECK_RULES:
        out = StringIO()
        report = SarifReport(out)
        report.add(finding_of_rule(rule, Location("a.json"), "what is wrong here", "what is to be done here"))
        report.close(Summary())
        (told,) = json.loads(out.getvalue())["runs"][0]["tool"]["driver"]["rules"]
        assert told == {
            "id": rule,
            "shortDescription": {"text": text.message},
            "fullDescription": {"text": text.why},
            "defaultConfiguration": {"level": text.severity},
            "help": {"text": text.help},
        }
    row = next(line for line in rule_page().splitlines() if line.startswith(f"| `{rule}`"))
    assert text.why.replace("|", "\\|") in row.replace("\\_", "_")
