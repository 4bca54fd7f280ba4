"""What a redacted check tells: rules, places and contracts, and nothing of what any record says, in any form."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape as xml_text

import pytest

from srcos_contracts.checking import Demands, check_source, check_value
from srcos_contracts.cli.audit import AuditRequest, run_audit
from srcos_contracts.cli.check import CheckRequest, run_check
from srcos_contracts.cli.main import main
from srcos_contracts.cli.why import WhyRequest, run_why
from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.evolve.cases import load_cases
from srcos_contracts.evolve.sets import EARLIER_FOLDER, SET_FOLDER, set_examples
from srcos_contracts.finding import Excerpt, Finding, Location, Related, SchemaPlace
from srcos_contracts.ledger.audit import audit
from srcos_contracts.ledger.relations import AuditFailed
from srcos_contracts.reading.source import read, select
from srcos_contracts.redaction import redaction
from srcos_contracts.report.escape import escape
from srcos_contracts.report.formats import FORMATS
from srcos_contracts.rule_texts import general_text
from srcos_contracts.rules import rule_ids_taken

ROOT = Path(__file__).resolve().parents[2]
CATALOG = Catalog.shipped()
EXAMPLES = ROOT / "examples"
SETS = set_examples(EXAMPLES / "sets")
CANARY = "canary"
SHORTEST = 4


def files(folder: Path) -> tuple[str, ...]:
    return tuple(f"{name}={folder / name}" for name in FORMATS)


def written(folder: Path, *more: str) -> dict[str, str]:
    return {name: (folder / name).read_text("utf-8") for name in (*FORMATS, *more)}


def checked(folder: Path, *paths: Path, contract: str | None = None, schemas: str | None = None) -> dict[str, str]:
    """What a redacted check writes in each form. Something must be found, or the test says nothing."""
    request = CheckRequest(tuple(map(str, paths)), contract, schemas, formats=files(folder), jobs=1, redact=True)
    assert run_check(request) in (1, 2)
    told = written(folder)
    assert json.loads(told["json"])["findings"]
    return told


def scalars(value: Any) -> Iterator[str]:
    """Every text and number in a value, and every name of a member."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield name
            yield from scalars(member)
    elif isinstance(value, list):
        for item in value:
            yield from scalars(item)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


@cache
def our_words() -> str:
    """All that contracts and the program say by themselves."""
    texts = [CATALOG.text(contract.bundle) for contract in CATALOG.contracts]
    rules = [text for rule in rule_ids_taken() if (text := general_text(rule)) is not None]
    return "\n".join([*texts, *rule_ids_taken(), *(part for text in rules for part in text)])


def theirs(values: Any, known: str = "") -> list[str]:
    """What records say and neither contracts nor the program; `known` is what may be told besides."""
    return sorted(text for text in set(scalars(values)) if len(text) >= SHORTEST and text not in our_words() and text not in known)


def leaks(told: str, said: Iterable[str]) -> list[str]:
    """Of texts those that stand in a report as words, however the report writes them."""
    numbers = set(re.findall(r"[\w.]+", told))
    found = []
    for text in said:
        if text.replace(".", "").isdigit():
            found += [text] if text in numbers else []
        else:
            forms = {text, escape(text), json.dumps(text)[1:-1], xml_text(text), html.escape(text)}
            found += [form for form in forms if form in told and re.search(rf"(?<!\w){re.escape(form)}(?!\w)", told)]
    return found


@pytest.mark.parametrize("contract", CATALOG.contracts, ids=lambda contract: contract.label)
def test_no_stored_fault_is_told_with_what_the_record_says(contract: Contract, tmp_path: Path) -> None:
    stored = [path for path in (EXAMPLES / contract.name / contract.version / "invalid").rglob("*") if path.is_file()]
    cases = load_cases(EXAMPLES, CATALOG, contract).cases
    values = [record for case in cases for record, _ in case.records]
    ledger = tmp_path / "all.jsonl"
    ledger.write_text("".join(json.dumps(value, default=float) + "\n" for value in values), "utf-8")
    said = theirs(values, "".join(map(str, stored)) + str(ledger))
    for paths, name in (((ledger,), f"{contract.name}@{contract.version}"), (tuple(stored), None)):
        if paths:
            for form, told in checked(tmp_path, *paths, contract=name).items():
                assert leaks(told, said) == [], form


def altered(value: Any, change: Callable[[Any], Any]) -> Iterator[Any]:
    """Copies of a value, in each of which one part is changed."""
    yield change(value)
    if isinstance(value, dict):
        for name, member in value.items():
            yield from ({**value, name: inner} for inner in altered(member, change))
            yield {**{other: kept for other, kept in value.items() if other != name}, f"{CANARY}{name}": member}
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from ([*value[:index], inner, *value[index + 1 :]] for inner in altered(item, change))


CHANGES: dict[str, Callable[[Any], Any]] = {
    "a text": lambda value: f"{CANARY} {value if isinstance(value, str) else ''}",
    "a reference": lambda value: f"urn:srcos:{CANARY}:{CANARY}",
    "a template": lambda value: f"{{% {CANARY} %}}" + "{{ " + CANARY,
    "a further member": lambda value: {**value, CANARY: CANARY, f"x-{CANARY}": CANARY} if isinstance(value, dict) else {CANARY: [CANARY]},
    "a list": lambda value: [CANARY, CANARY, {CANARY: CANARY}],
    "items": lambda value: [*value, CANARY, {CANARY: CANARY}, *value] if isinstance(value, list) else value,
}


@pytest.mark.parametrize("contract", CATALOG.contracts, ids=lambda contract: contract.label)
def test_no_altered_record_is_told_with_what_was_put_into_it(contract: Contract) -> None:
    redacted = redaction(CATALOG)
    full = next(case.records[0][0] for case in load_cases(EXAMPLES, CATALOG, contract).cases if Path(case.file).name.startswith("full."))
    found = 0
    for change in CHANGES.values():
        for number, record in enumerate(altered(full, change)):
            for demands in (Demands(contract), Demands()) if number % 7 == 0 else (Demands(contract),):
                for finding in check_value(CATALOG, record, demands):
                    found += CANARY in repr(finding)
                    assert CANARY not in repr(redacted(finding)), finding
    assert found > 10


BROKEN = {
    "duplicate.json": '{"canaryKey": 1, "canaryKey": 2}',
    "syntax.json": '{"type": canary}',
    "surrogate.json": '{"canary\\ud83d": "canary"}',
    "not-finite.json": '{"canary": -Infinity}',
    "trailing.json": '{"a": 1} "canary"',
    "unclaimed.json": '{"type": "canary", "sessionRef": {"canaryInside": "canary"}, "policy_decision_ref": "canary"}',
    "list.json": '["canary"]',
    "blank.jsonl": '{"canary": 1}\n\n{"canary": 2}\n{"canary": 3} {"canary": 4}\n{"type": "canary", "tor',
    "syntax.yaml": "canary: [canary\n",
    "tag.yaml": "canary: !!canary 1\n",
    "key.yaml": "{1: canary, [canary]: 2}\n",
    "anchor.yaml": "canary: &canary\n  a: *canary\n",
    "undefined.yaml": "canary: *canaryAlias\n",
    "front.md": "---\ncanary: [\n---\ncanary\n",
    "none.md": "canary\n",
    "g/ledger/canary.md": "---\ntitle: canary\ncanary: {% canary %}\n---\n# canary {{ canary\n",
}


def test_what_cannot_be_read_or_is_no_record_is_told_without_its_text(tmp_path: Path) -> None:
    for name, text in BROKEN.items():
        path = tmp_path / "in" / name.replace(CANARY, "page")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "in/latin.json").write_bytes(b'{"canary": "caf\xe9 canary"}')
    sources = select([str(path) for path in sorted((tmp_path / "in").rglob("*.*")) if path.is_file()]).sources
    plain = {finding.rule for source in sources for finding in check_source(CATALOG, source, Demands()) if CANARY in repr(finding)}
    assert plain >= {"duplicate-key", "json-syntax", "unclaimed-record", "yaml-syntax", "torn-last-line", "several-values-on-line"}
    for form, told in checked(tmp_path, *(Path(source.name) for source in sources)).items():
        assert CANARY not in told, form
        assert all(rule in told for rule in plain), form


SCHEMA = {
    "title": "Thing",
    "type": "object",
    "required": ["kind", "wanted"],
    "properties": {
        "kind": {"const": "thing"},
        "list": {"type": "array", "items": {"type": "object", "properties": {"name": {"type": "string"}}, "additionalProperties": False}},
        "map": {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}, "additionalProperties": {"type": "integer"}},
        "either": {
            "oneOf": [{"type": "array", "items": {"type": "integer"}}, {"type": "object", "additionalProperties": {"type": "integer"}}]
        },
        "tree": {"$ref": "#/$defs/tree"},
    },
    "dependentRequired": {"list": ["count"]},
    "if": {"required": ["map"]},
    "then": {"properties": {"only-then": {"type": "integer"}}},
    "$defs": {"tree": {"type": "object", "properties": {"inner": {"$ref": "#/$defs/tree"}, "leaf": {"type": "integer"}}}},
}
RECORD = {
    "kind": "thing",
    "list": [{"name": 1}, {"name": "a", "canary": 1}],
    "map": {"canary": "canary", "1234": 1, "CANARY": 1},
    "either": {"1234": "canary"},
    "only-then": "canary",
    "tree": {"inner": {"inner": {"leaf": "canary", "canary": 1}}},
}


def test_pointers_keep_the_names_that_the_schema_declares_at_their_place(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/thing.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "record.json").write_text(json.dumps(RECORD))
    told = checked(tmp_path, tmp_path / "record.json", schemas=str(tmp_path / "schemas"))
    found = json.loads(told["json"])["findings"]
    assert sorted((finding["rule"], finding["pointer"]) for finding in found) == [
        ("schema-additional-properties", "/list/1/*"),
        ("schema-dependent-required", "/count"),
        ("schema-property-names", "/map/*"),
        ("schema-property-names", "/map/*"),
        ("schema-required", "/wanted"),
        ("schema-type", "/either/*"),
        ("schema-type", "/list/0/name"),
        ("schema-type", "/map/*"),
        ("schema-type", "/only-then"),
        ("schema-type", "/tree/inner/inner/leaf"),
    ]
    assert {finding["message"] for finding in found if finding["rule"] == "schema-type"} == {
        "a value has the type that the contract gives for it"
    }
    assert CANARY not in "".join(told.values()).lower()
    # A fingerprint is a digest of names and rules, in which any four digits may stand.
    assert "1234" not in re.sub(r"\b[0-9a-f]{32}-\d+\b", "", "".join(told.values()))


def test_a_finding_keeps_what_is_no_payload() -> None:
    location = Location("r.jsonl", 4, 7, Excerpt('"canary"', 0, 8))
    place = SchemaPlace("schemas/X.json", 3, 4, "/properties/owner")
    others = (Related(location, "owned by canary here", "/sessionRef/canary", "SessionEvent", "0.1.0"), Related(location, "and 1,204 more"))
    finding = Finding(
        "session-owner",
        "warning",
        "canary",
        location,
        "canary",
        "canary",
        "/sessionRef",
        "BrowserAutomationReceipt",
        "0.1.0",
        place,
        others,
    )
    bare = Location("r.jsonl", 4, 7)
    shown = redaction(CATALOG)(finding)
    stated = [rule for rule in _rules("BrowserAutomationReceipt") if rule["id"] == "session-owner"]
    assert (shown.message, shown.help) in {(rule["message"], rule["help"]) for rule in stated}
    assert shown._replace(message="", help="") == Finding(
        "session-owner",
        "warning",
        "",
        bare,
        "",
        "",
        "/sessionRef",
        "BrowserAutomationReceipt",
        "0.1.0",
        place,
        (Related(bare, "has a part in it", "/sessionRef/*", "SessionEvent", "0.1.0"), Related(bare, "and 1,204 more")),
    )


def _rules(name: str) -> list[dict[str, str]]:
    from srcos_contracts.rules import contract_rules

    return list(contract_rules(CATALOG.document(CATALOG.find(name).bundle)))


def test_what_is_said_of_a_file_stays() -> None:
    finding = Finding("unreadable", "error", "permission denied", Location("a.json"), "check the path")
    assert redaction(CATALOG)(finding) == finding


def records_of(folder: Path) -> list[Any]:
    sources = select([str(folder)], bound=CATALOG.binds).sources
    return [item.value for source in sources for item in read(source) if not isinstance(item, Finding)]


def paths_of(folder: Path) -> str:
    return "".join(map(str, folder.rglob("*")))


def test_an_audit_tells_nothing_of_its_records_in_any_form_nor_in_its_page(tmp_path: Path) -> None:
    sets = [str(example.folder / SET_FOLDER) for example in SETS if example.rule and example.terms.since is None]
    request = CheckRequest(tuple(sets), formats=files(tmp_path), jobs=1, redact=True)
    assert run_audit(AuditRequest(request, report=str(tmp_path / "page"))) == 1
    told = written(tmp_path, "page")
    rules = {finding["rule"] for finding in json.loads(told["json"])["findings"]}
    assert len(rules & {example.rule for example in SETS}) > 15
    page = (ROOT / "src/srcos_contracts/report/page.js").read_text() + (ROOT / "src/srcos_contracts/report/page.html").read_text()
    said = theirs([records_of(Path(folder)) for folder in sets], paths_of(EXAMPLES / "sets"))
    for form, text in told.items():
        assert leaks(text, (word for word in said if word not in page) if form == "page" else said) == [], form


@pytest.mark.parametrize("example", [example for example in SETS if example.terms.since is not None], ids=lambda example: example.name)
def test_what_changed_is_told_without_what_was_said_before_or_is_now(example: Any) -> None:
    redacted = redaction(CATALOG)
    sources = select([str(example.folder / SET_FOLDER)], bound=CATALOG.binds).sources
    found = [redacted(finding) for batch in audit(CATALOG, sources, Demands(), example.terms) for finding in batch.findings]
    told = "\n".join(map(repr, found))
    said = theirs([records_of(example.folder / name) for name in (SET_FOLDER, EARLIER_FOLDER)], paths_of(example.folder))
    assert leaks(told, said) == []


@pytest.mark.parametrize("form", ["human", "json", "svg"])
def test_why_shows_the_tree_without_what_its_records_say(
    form: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = EXAMPLES / "sets/valid/accepted-with-proof/set"
    monkeypatch.chdir(folder)
    assert run_why(WhyRequest("ABC-2", (".",), form, redact=True)) == 0
    told = capsys.readouterr().out
    assert "AcceptanceReceipt" in told
    assert "receipts.jsonl" in told
    assert leaks(told, theirs(records_of(folder), paths_of(folder))) == []
    if form == "human":
        assert told.splitlines()[0].split() == ["AcceptanceReceipt", "record", "1", "receipts.jsonl:1"] or "record 1" in told


def test_a_name_that_nothing_has_is_told_without_its_nearest(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(EXAMPLES / "sets/valid/accepted-with-proof/set")
    assert run_why(WhyRequest("ABC-3", (".",))) == 2
    assert "; the nearest are ABC-2, " in capsys.readouterr().err
    assert run_why(WhyRequest("ABC-3", (".",), redact=True)) == 2
    assert capsys.readouterr().err == "error: no record has the id ABC-3, and none refers to it\n"


def test_errors_that_may_quote_records_are_not_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: Any) -> Iterator[Any]:
        raise AuditFailed(f"Could not convert {CANARY}")

    request = CheckRequest((str(EXAMPLES / "CapabilityLedger/0.1.0/valid/full.json"),), redact=True)
    assert run_check(request, fail) == 2
    assert capsys.readouterr().err == "error: what went wrong is not shown: its text may quote records; without --redact it is\n"
    assert run_check(request._replace(redact=False), fail) == 2
    assert CANARY in capsys.readouterr().err


def test_a_bug_is_told_without_its_text(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(*_: Any) -> int:
        raise KeyError(CANARY)

    monkeypatch.setattr("srcos_contracts.cli.options_checking.run_check", fail)
    monkeypatch.setattr("sys.argv", ["srcos-validate", "check", "--redact", "a.json"])
    assert main() == 70
    assert capsys.readouterr().err.splitlines()[0] == "internal error: KeyError: its text is not shown"


def test_the_documentation_shows_what_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs/checking.md").read_text("utf-8")
    (shown,) = re.findall(r"```\n\$ srcos-validate check --redact (\S+)\n(.*?)\n```", page, re.DOTALL)
    monkeypatch.chdir(ROOT)
    assert run_check(CheckRequest((shown[0],), redact=True)) == 1
    assert capsys.readouterr().out.rstrip() == shown[1]


def test_what_a_baseline_knows_and_is_gone_is_told_without_its_pointer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record, known = tmp_path / "r.json", tmp_path / "known.json"
    stored = json.loads((EXAMPLES / "CapabilityLedger/0.1.0/valid/full.json").read_text("utf-8"))
    record.write_text(json.dumps({**stored, CANARY: 1}))
    request = CheckRequest((str(record),), redact=True)
    assert run_check(request._replace(write_baseline=str(known))) == 0
    assert run_check(request._replace(baseline=str(known))) == 0
    record.write_text(json.dumps(stored))
    capsys.readouterr()
    assert run_check(request._replace(baseline=str(known))) == 0
    assert "  schema-additional-properties  r.json\n" in (told := capsys.readouterr().err)
    assert CANARY not in told
    assert run_check(request._replace(baseline=str(known), redact=False)) == 0
    assert f"  schema-additional-properties  r.json  /{CANARY}\n" in capsys.readouterr().err
