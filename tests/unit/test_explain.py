"""`explain`, `list` and `show`, as a terminal shows them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from srcos_contracts.cli.catalog import run_list, run_show
from srcos_contracts.cli.docs import run_docs
from srcos_contracts.cli.explain import run_explain
from srcos_contracts.cli.terminal import Page
from srcos_contracts.contracts.catalog import Catalog, CatalogError
from srcos_contracts.explanation import SAMPLES_FILE, explanations, read_samples

from .small_catalog import write_checkout

CLOSED_REASON = """closed-reason  error, a rule of contracts

What it says
  a closed note says why

Why
  Nobody can reopen it.

Where
  Note 1.0.0  state, reason
      {schemas}/Note/1.0.0.json:83:4

What to do
  say why in reason

Fails
  {{
    "state": "closed",
    ...
  }}

  error[closed-reason]: a closed note says why
    --> examples/Note/1.0.0/invalid/closed-reason/none.json:1:1  Note 1.0.0  /reason
  1 | {{
    | ^ reason is missing
    = required by schemas/Note/1.0.0.json:100:5
    = help: say why in reason

Passes
  {{
    "state": "closed",
    "reason": "done",
    ...
  }}
"""

CARD = """Card  1.0.0 stable
  A card.

  written by      dealers
  recognised by   cards/{id}.json
  schema          Card/1.0.0.json
  its id          id
  further members of any name, which are not judged

Fields
  id  required, URN urn:card:<id>
      The card's name.
  parts  list of objects
      Its parts.
  parts[].size  required, integer or null, at least 1, by
        default 1
      Its size.
  parts[].inner  object, open to further members
      A part of the part.
  labels  map from short names to values, each integer, at
        least 0
      Its labels.

Rules
  none beyond the types of its fields

References
  none
"""


@pytest.fixture(autouse=True)
def _terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")


@pytest.fixture
def schemas(tmp_path: Path) -> str:
    """What a wheel carries: schemas and excerpts, and no examples."""
    write_checkout(tmp_path)
    assert run_docs(tmp_path) == 0
    shutil.rmtree(tmp_path / "examples")
    return str(tmp_path / "schemas")


def test_a_rule_is_explained_without_the_examples(schemas: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run_explain("closed-reason", schemas) == 0
    assert capsys.readouterr().out == CLOSED_REASON.format(schemas=schemas)


def test_rules_of_shape_and_of_reading(schemas: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run_explain("schema-multiple-of", schemas) == 0
    shape = capsys.readouterr().out
    assert shape.startswith("schema-multiple-of  error, a rule of shape\n\nWhat it says\n  a number is a multiple of its step\n")
    assert shape.endswith("\nFails\n  no example of it is stored\n\nPasses\n  no example of it is stored\n")
    assert run_explain("schema-additional-properties", schemas) == 0
    assert capsys.readouterr().out.endswith('\nPasses\n  {\n    "x-mood": "good",\n    ...\n  }\n')
    assert run_explain("duplicate-key", schemas) == 0
    assert capsys.readouterr().out.endswith('\nFails\n  {"status": "failed", "status": "completed"}\n\nPasses\n  {"status": "completed"}\n')


def test_the_excerpt_of_one_contract(schemas: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    path = Path(schemas, SAMPLES_FILE)
    stored = json.loads(path.read_text("utf-8"))
    stored["samples"].append({**stored["samples"][0], "contract": "Card", "passes": ["of a card"]})
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert run_explain("closed-reason", schemas, "Card") == 0
    assert capsys.readouterr().out.endswith("\nPasses\n  of a card\n")
    assert run_explain("closed-reason", schemas) == 0
    assert capsys.readouterr().out == CLOSED_REASON.format(schemas=schemas)


def test_an_unknown_rule_is_refused_with_the_nearest(schemas: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run_explain("closed-raeson", schemas) == 2
    assert capsys.readouterr() == ("", "error: there is no rule closed-raeson; did you mean closed-reason?\n")
    assert run_explain("schema-nonsense\x1b[31m", schemas) == 2
    assert capsys.readouterr().err == "error: there is no rule schema-nonsense\\x1b[31m; did you mean schema-enum?\n"


def test_a_file_of_excerpts_that_is_none_is_refused(schemas: str) -> None:
    catalog = Catalog.open(schemas)
    for text in ("[]", "{", '{"samples": [{"rule": "r"}]}'):
        Path(schemas, SAMPLES_FILE).write_text(text, encoding="utf-8")
        with pytest.raises(CatalogError, match=r"explain\.json does not hold excerpts of examples"):
            read_samples(catalog)


def test_every_shipped_rule_is_explained_with_an_example() -> None:
    catalog = Catalog.shipped()
    rules = explanations(catalog, read_samples(catalog))
    assert [rule.id for rule in rules.values() if rule.kind != "shape" and not rule.samples] == []
    assert [rule.id for rule in rules.values() if not (rule.says and rule.why and rule.help)] == []


def test_the_list_of_contracts(schemas: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run_list(schemas) == 0
    assert capsys.readouterr().out == (
        "contract  version  status  rules  written by  recognised by\n"
        "Card      1.0.0    stable  0      dealers     cards/{id}.json\n"
        'Note      1.0.0    draft   3      writers     kind "note"\n'
    )
    assert run_list(schemas, "json") == 0
    listed = json.loads(capsys.readouterr().out)["contracts"]
    assert listed[1] == {
        "name": "Note",
        "version": "1.0.0",
        "status": "draft",
        "owner": "writers",
        "purpose": "What somebody wrote down <b>now</b> | later.",
        "uri": "https://schemas.srcos.ai/Note/1.0.0.json",
        "file": "Note/1.0.0.json",
        "discriminator": {"kind": "note"},
        "paths": [],
        "rules": ["closed-reason", "note-about", "note-placed"],
    }


def test_one_contract(schemas: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run_show("Card", "human", schemas) == 0
    assert capsys.readouterr().out == CARD
    assert run_show("Note@1.0.0", "human", schemas) == 0
    shown = capsys.readouterr().out
    assert "  reason  required when state is closed, string, not blank\n      Why it was closed.\n" in shown
    assert shown.endswith("References\n  holds  card -> Card\n  subject  about -> Card, Missing\n")
    assert run_show("Note", "json", schemas) == 0
    assert [field["name"] for field in json.loads(capsys.readouterr().out)["fields"]][:3] == ["kind", "id", "state"]


def test_what_cannot_be_shown_is_refused(schemas: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run_show("Nope", "human", schemas) == 2
    assert capsys.readouterr() == ("", "error: there is no contract Nope; did you mean Note?\n")
    assert run_list(schemas, "xml") == 2
    assert capsys.readouterr() == ("", "error: there is no format xml; there are human, json\n")
    folder = tmp_path / "broken"
    folder.mkdir()
    (folder / "a.json").write_text('{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A", "properties": 5}')
    assert run_show("A", "human", str(folder)) == 2
    assert capsys.readouterr().err == f'error: {folder}/a.json:1:75: 5 is not of type "object"\n'


def test_nothing_from_a_schema_reaches_the_terminal_as_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = {"title": "A", "description": "\x1b[2J\x9b gone\n::error::x", "properties": {"b\x1b[1m": {"description": "\u202ex"}}}
    (tmp_path / "a.json").write_text(json.dumps(schema))
    assert run_show("A", "human", str(tmp_path)) == 0
    shown = capsys.readouterr().out
    assert "\x1b" not in shown
    assert "  \\x1b[2J\\x9b gone\\n::error::x\n" in shown
    assert "  b\\x1b[1m  anything\n      \\u{202e}x\n" in shown


def test_colour_only_where_it_is_asked_for() -> None:
    page = Page(40, color=True)
    page.title("rule", "error")
    page.heading("Fields")
    page.term("id", "text")
    page.block(["error[x]: y"])
    assert page.text == "\x1b[1mrule\x1b[0m  error\n\n\x1b[1mFields\x1b[0m\n  \x1b[36mid\x1b[0m  text\n\x1b[1;31m  error[x]: y\x1b[0m\n"


def test_words_are_wrapped_to_the_terminal() -> None:
    page = Page(40, color=False)
    page.paragraph("- one two three four five six seven eight nine", hang=2)
    page.table(["a", "b"], [["name", "a cell that is too long for a terminal of forty columns"]])
    assert page.text == (
        "  - one two three four five six seven\n    eight nine\n"
        "a     b\n"
        "name  a cell that is too long for a\n      terminal of forty columns\n"
    )


def test_a_rule_about_several_records(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert run_explain("session-single-owner") == 0
    said = capsys.readouterr().out
    assert said.startswith("session-single-owner  error, a rule about several records\n\nWhat it says\n  all records that name an owner")
    assert "\n  BrowserAutomationReceipt 0.1.0  sessionRef, ownerRef, controlledScope.tabRef\n" in said
    assert "\nHolds of\n  any records: also of those that are part of a larger set\n" in said
    assert "\n  # srcos-validate audit --open examples/sets/invalid/session-single-owner/two-agents-in-one-tab/set\n" in said
    assert "^ first owner here: urn:srcos:agent:form-filler\n" in said
    assert '\n    "controlledScope": {"tabRef": "tab-2"},\n' in said.partition("\nPasses\n")[2]
    assert run_explain("session-single-ownr") == 2
    assert capsys.readouterr().err == "error: there is no rule session-single-ownr; did you mean session-single-owner?\n"


def test_what_is_of_all_contracts_is_said_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for rule, marks in (
        ("append-only", ""),
        ("terminal-is-final", "  x-id, x-time, x-state, x-final, attempt"),
        ("receipt-immutable", "  x-id, x-contract.issued"),
        ("ref-type", "  x-id, x-ref"),
    ):
        assert run_explain(rule) == 0
        where = capsys.readouterr().out.partition("\nWhere\n")[2].partition("\n\n")[0].splitlines()
        assert where[0] == f"  in all contracts{marks}"
        assert [line.strip().partition(":")[0] for line in where[1:]] == ["its query"]
    assert run_explain("issue-moved") == 0
    where = capsys.readouterr().out.partition("\nWhere\n")[2].partition("\n\n")[0].splitlines()
    assert where[0].startswith("  TrackerIssue 0.1.0")


def test_a_contract_says_which_rules_are_about_it_and_others(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_show("ConflictRecord") == 0
    assert "\nRules about several records\n  conflict-decided  an operation that is" in capsys.readouterr().out
