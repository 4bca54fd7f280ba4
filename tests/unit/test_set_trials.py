"""What `test` says of stored sets and of the set rules' mutants, and how sets are asked all at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.cli import set_trials
from srcos_contracts.cli.set_trials import try_stored_sets
from srcos_contracts.contracts.catalog import Catalog, CatalogError
from srcos_contracts.evolve.set_gate import run_set_gate
from srcos_contracts.evolve.set_relations import opened
from srcos_contracts.evolve.set_trial import try_sets
from srcos_contracts.evolve.sets import found_in, set_examples
from srcos_contracts.evolve.sql_mutants import sql_mutants
from srcos_contracts.evolve.waivers import SetWaiver, Waivers, load_waivers
from srcos_contracts.ledger.audit import audit
from srcos_contracts.ledger.relations import AuditFailed
from srcos_contracts.ledger.set_rules import SetRule, rules_of, set_rules

ROOT = Path(__file__).resolve().parents[2]
CATALOG = Catalog.shipped()
OWNER = "invalid/session-single-owner/two-agents-in-one-tab"
TABS = "valid/one-owner-a-tab"
SAMPLE = (
    "invalid/causal-cycle/a-lost-parent-beside-an-assumed-role",
    "invalid/causal-cycle/two-rings",
    "invalid/append-only/a-line-edited",
    "invalid/id-unique/copies-written-otherwise",
    "invalid/orphan-protocol/two-sessions",
    "valid/part-of-a-tracker",
)
HEAD = "-- message: m\n-- help: h\n-- why: w\n-- scope: open\n"
SEVERAL = HEAD + (
    "with owned as (select session, min(key) as key, count(*) as amount from records where owner is not null group by session)\n"
    "select session as breach, 0 as rank, key, '' as pointer, 'several' as note, 'error' as level from owned where amount > 2\n"
)


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    """A folder with two stored sets, one of them at fault."""
    for name in (OWNER, TABS):
        shutil.copytree(ROOT / "examples/sets" / name, tmp_path / "sets" / name)
    return tmp_path


def _edit(path: Path, edit: Callable[[Any], object]) -> None:
    value = json.loads(path.read_text("utf-8"))
    edit(value)
    path.write_text(json.dumps(value), "utf-8")


def _rule(folder: Path, text: str) -> SetRule:
    folder.mkdir(exist_ok=True)
    (folder / "of-a-test.sql").write_text(text)
    return rules_of(str(folder))[0]


def _lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_sets_as_stored(examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert try_stored_sets(CATALOG, examples, (), False, 1)
    assert _lines(capsys) == [f"2 sets of records by {len(set_rules())} rules about several records: all as stored"]


def test_a_finding_that_differs_is_told_as_it_came_and_as_it_is_stored(examples: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _edit(examples / "sets" / OWNER / "expected.json", lambda stored: stored["findings"][0]["at"].update(line=7))
    assert not try_stored_sets(CATALOG, examples, (), False, 2)
    note = "urn:srcos:session:desk-0007, tab tab-1, is owned by urn:srcos:agent:shopper here"
    rest = "with first.json:6 /ownerRef (first owner here: urn:srcos:agent:form-filler)"
    assert _lines(capsys)[:3] == [
        f"{examples / 'sets' / OWNER}: 2 wrong",
        f"    did not come: error[session-single-owner] at second.json:7 /ownerRef ({note}), {rest}",
        f"    came: error[session-single-owner] at second.json:6 /ownerRef ({note}), {rest}",
    ]


def test_a_record_at_fault_by_itself_counts_too(examples: Path) -> None:
    first = examples / "sets" / OWNER / "set/first.json"
    first.write_text(first.read_text("utf-8").replace("{", '{ "mood": "good",', 1), "utf-8")
    with _kept(examples) as trials:
        assert [difference.words.split(" at ")[0] for trial in trials for difference in trial.wrong] == [
            "came: error[schema-additional-properties]"
        ]


class _kept:  # noqa: N801 - it reads as a word of the test
    def __init__(self, examples: Path) -> None:
        self.examples = examples

    def __enter__(self) -> list[Any]:
        kept = self.examples / "kept"
        kept.mkdir()
        return try_sets(CATALOG, set_examples(self.examples / "sets"), set_rules(), str(kept))

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.examples / "kept")


def test_without_the_libraries_it_says_so(examples: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_trials, "find_spec", lambda name: None if name == "duckdb" else object())
    assert try_stored_sets(CATALOG, examples, (), True, 1)
    assert _lines(capsys) == ["sets of records are not tried: that needs duckdb, pip install 'srcos-contracts[audit]'"]


def test_no_sets_no_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert try_stored_sets(CATALOG, tmp_path, (), True, 1)
    assert _lines(capsys) == []


def test_all_sets_at_once_give_what_each_gives_by_itself(tmp_path: Path) -> None:
    """A sample with cycles, whole records, an earlier state and views that are kept is asked together, and audited one by one."""
    stored = {example.name: example for example in set_examples(ROOT / "examples/sets")}
    audited = [stored[name]._replace(findings=tuple(found_in(CATALOG, stored[name], audit))) for name in SAMPLE]
    together = try_sets(CATALOG, audited, set_rules(), str(tmp_path))
    assert [(trial.name, trial.wrong) for trial in together] == [(name, ()) for name in SAMPLE]
    told = {str(finding["rule"]) for example in audited for finding in example.findings}
    assert {"causal-cycle", "id-unique", "append-only", "orphan-protocol"} <= told & {rule.id for rule in set_rules()}
    assert {example.terms.closed for example in audited} == {True, False} == {example.terms.since is None for example in audited}


def test_a_set_that_is_audited_otherwise_is_told(tmp_path: Path) -> None:
    """The comparison is of findings that come: none are taken from what is stored."""
    stored = {example.name: example for example in set_examples(ROOT / "examples/sets")}
    (trial,) = try_sets(CATALOG, [stored[OWNER]._replace(findings=())], set_rules(), str(tmp_path))
    assert [found.words.split(" at ")[0] for found in trial.wrong] == ["came: error[session-single-owner]"]


def test_mutants_that_no_set_notices(examples: Path) -> None:
    rule = _rule(examples / "rules", SEVERAL)
    result = run_set_gate(CATALOG, examples / "sets", [rule])
    # Every record of the sets has an owner; one has a session of two records and the other of three, which is told at the first.
    place = f"5:{SEVERAL.splitlines()[4].index('is not null') + 1}"
    assert result.mutants == 6
    assert [survivor[:3] for survivor in result.survivors] == [("of-a-test", place, "where dropped")]
    assert result.survivors[0].line == SEVERAL.splitlines()[4]
    waiver = SetWaiver("of-a-test", SEVERAL.splitlines()[4], "where dropped", "every record of the sets has an owner")
    waived = run_set_gate(CATALOG, examples / "sets", [rule], [waiver, waiver._replace(change="not dropped")])
    assert (waived.mutants, waived.waived) == (result.mutants, 1)
    assert [left.change for left in waived.unneeded] == ["not dropped"]


SHADOWED = HEAD + (
    "with mine as (select key, session from records where owner is not null),\n"
    "refs as (select key, session from mine where session is not null),\n"
    "later as (select max(key) as key, session from refs group by session),\n"
    "apart(k, s) as (select key, session from mine where key > 0),\n"
    "nested as (select a.key from (with apart as (select key from later) select key from apart) a where a.key > 1)\n"
    "select l.session as breach, 0 as rank, l.key, '' as pointer, 'n' as note, 'error' as level from later l\n"
    "join apart a on a.k = l.key left join nested n on n.key = l.key where n.key is null or a.s = l.session\n"
)


@pytest.mark.parametrize("text", [SHADOWED, "orphan-unattended", "acceptance-unique", "capability-split-brain"])
def test_a_mutant_gives_the_same_whether_steps_are_kept_or_not(text: str, tmp_path: Path) -> None:
    rule = _rule(tmp_path / "rules", text) if text is SHADOWED else next(rule for rule in set_rules() if rule.id == text)
    stored = [
        example
        for example in set_examples(ROOT / "examples/sets")
        if example.rule == ("session-single-owner" if text is SHADOWED else text)
    ]
    (tmp_path / "kept").mkdir()
    try_sets(CATALOG, stored[:12], [rule], str(tmp_path / "kept"))
    with opened(str(tmp_path / "kept")) as anew, opened(str(tmp_path / "kept")) as kept:
        given = sorted(map(repr, anew.answer(rule)))
        kept.keep_steps(rule)
        assert given
        assert sorted(map(repr, kept.answer(rule))) == given
        mutants = list(sql_mutants(rule))
        answers = [
            [sorted(map(repr, sets.ask(mutant.tree, rule.scope, 60))) for mutant in mutants]
            for sets in (anew, kept)
        ]  # fmt: skip
    assert len(mutants) > 5
    # Where a mutant leaves the order of a window open, which of its rows comes first is chance.
    differing = [mutant.change for mutant, one, other in zip(mutants, *answers, strict=True) if one != other]
    assert differing == []


def test_a_query_that_cannot_be_asked_is_no_mutant_that_was_noticed(examples: Path) -> None:
    rule = _rule(examples / "rules", HEAD + "select nothing from records")
    with pytest.raises(AuditFailed, match="of-a-test cannot be asked of all stored sets at once: Binder Error"):
        run_set_gate(CATALOG, examples / "sets", [rule])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {rule: a, line: b, change: c, reason: d}\n", None),
        ("- {rule: a, line: b, change: c}\n", "'reason' is a required property|\"reason\" is a required property"),
        ("- {rule: a, line: b, change: c, reason: d, schema: e}\n", "schema"),
        ("- {schema: a, pointer: /b, change: c}\n", '"reason" is a required property'),
    ],
)
def test_waivers_of_both_kinds(tmp_path: Path, text: str, said: str | None) -> None:
    path = tmp_path / "waivers.yaml"
    path.write_text(text)
    if said is None:
        assert load_waivers(path) == Waivers((), (SetWaiver("a", "b", "c", "d"),))
    else:
        with pytest.raises(CatalogError, match=said):
            load_waivers(path)
