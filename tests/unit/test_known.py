"""Baselines: what is known, what is new, what is gone, and files that are none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from srcos_contracts.finding import Excerpt, Finding, Location
from srcos_contracts.fingerprint import fingerprint
from srcos_contracts.known import BadBaseline, Entry, Known, as_text, read_baseline

ROOT = Path(__file__).parents[2]
FINDING = Finding("session-owner", "error", "m", Location("a.jsonl", 4, 7, Excerpt('"x": []', 5, 2)), "h", "d", "/x", "Thing", "0.1.0")


def _moved(line: int) -> Finding:
    return FINDING._replace(location=FINDING.location._replace(line=line))


def _written(path: Path, *findings: Finding) -> Known:
    path.write_text(as_text([Known(str(path)).entry_of(finding) for finding in findings]))
    return read_baseline(str(path))


def test_the_text_is_sorted_one_a_line_and_of_its_form(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    known = Known("b.json")
    other = FINDING._replace(rule="a-rule", location=Location("sub/z.json"))
    hostile = FINDING._replace(location=Location("caf\udce9\n.json"), pointer="/é")
    text = as_text(map(known.entry_of, (other, FINDING, hostile, _moved(9))))
    assert text == as_text(map(known.entry_of, (_moved(1), hostile, FINDING, other)))
    value = json.loads(text)
    schema = json.loads((ROOT / "schemas/meta/baseline.json").read_text("utf-8"))
    jsonschema_rs.meta.validate(schema)
    jsonschema_rs.validator_for(schema, offline=True).validate(value)
    assert [(entry["file"], entry["rule"], entry["times"]) for entry in value["findings"]] == [
        ("a.jsonl", "session-owner", 2),
        ("caf\\xe9\n.json", "session-owner", 1),
        ("sub/z.json", "a-rule", 1),
    ]
    assert text.isascii()
    assert text.splitlines()[4] == (
        '    {"file": "a.jsonl", "rule": "session-owner", "pointer": "/x", "contract": "Thing", '
        f'"fingerprint": "{fingerprint(FINDING)}", "times": 2}},'
    )
    (tmp_path / "b.json").write_text(text)
    read = read_baseline("b.json")
    assert [read.takes(finding) for finding in (hostile, other, FINDING, FINDING, FINDING)] == [True] * 4 + [False]


def test_an_empty_one_is_one(tmp_path: Path) -> None:
    assert as_text([]) == '{\n  "baseline": "srcos-contracts",\n  "version": 1,\n  "findings": []\n}\n'
    assert _written(tmp_path / "b.json").entries == {}


@pytest.mark.parametrize(
    ("changed", "known"),
    [
        (FINDING, True),
        (_moved(90), True),
        (FINDING._replace(severity="warning", message="other words", help="other help"), True),
        (FINDING._replace(pointer="/y"), False),
        (FINDING._replace(rule="other"), False),
        (FINDING._replace(detail="another value"), False),
        (FINDING._replace(version="0.2.0"), False),
        (FINDING._replace(location=Location("b.jsonl")), False),
        (FINDING._replace(rule="unreadable"), False),
    ],
)
def test_a_finding_is_known_by_what_it_says_not_by_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changed: Finding, known: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sub").mkdir()
    assert _written(tmp_path / "b.json", FINDING).takes(changed) is known
    monkeypatch.chdir(tmp_path / "sub")
    inside = changed._replace(location=changed.location._replace(file=f"../{changed.location.file}"))
    assert read_baseline("../b.json").takes(inside) is known


@pytest.mark.parametrize("rule", ["unreadable", "broken-off"])
def test_what_could_not_be_read_is_never_known(rule: str, tmp_path: Path) -> None:
    unread = FINDING._replace(rule=rule)
    assert not _written(tmp_path / "b.json", unread).takes(unread)


@pytest.mark.parametrize(("contract", "known"), [("", False), ("Thing", True)])
def test_of_what_no_contract_judged_all_that_is_shown_counts(contract: str, known: bool, tmp_path: Path) -> None:
    """One character is marked, and it is the same of any record."""
    told = FINDING._replace(rule="unclaimed-record", contract=contract, location=Location("a.jsonl", 1, 1, Excerpt('{"type": "A"}', 0, 1)))
    other = told._replace(location=Location("a.jsonl", 1, 1, Excerpt('{"type": "B"}', 0, 1)))
    assert _written(tmp_path / "b.json", told).takes(told)
    assert _written(tmp_path / "b.json", told).takes(other) is known


def test_what_is_gone_was_asked_where_it_was_known(tmp_path: Path) -> None:
    files = {name: Location(str(tmp_path / name)) for name in ("here", "elsewhere", "removed", "<stdin>")}
    for name in ("here", "elsewhere"):
        (tmp_path / name).touch()
    findings = [FINDING._replace(location=location) for location in files.values()]
    findings += [findings[0], findings[0]._replace(rule="not-asked"), FINDING._replace(location=Location("<stdin>"))]
    known = _written(tmp_path / "b.json", *findings)
    asked: list[tuple[str, str]] = []

    def asks(rule: str, file: str) -> bool:
        asked.append((rule, file))
        return rule != "not-asked"

    assert known.takes(findings[0])
    gone = known.gone([str(tmp_path / "here")], asks)
    assert [(entry.file, entry.rule, entry.times) for entry in gone] == [
        ("here", "session-owner", 1),
        ("removed", "session-owner", 1),
    ]
    assert ("session-owner", str(tmp_path / "here")) in asked


def _edited(**members: Any) -> str:
    entry = {**Entry("a", "r", "", "C", "0" * 32, 1)._asdict(), **members}
    return json.dumps({"baseline": "srcos-contracts", "version": 1, "findings": [entry]}, indent=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "{file}:1:1: there is no JSON value here: mend it, or write it anew: --write-baseline"),
        ('{"baseline": "srcos-contracts",\n<<<<<<< HEAD\n', "{file}:2:1: "),
        ('{"baseline": "srcos-contracts", "version": 1, "findings": [', "{file}:1:"),
        ("[]", '{file} is no baseline: there is no "baseline": "srcos-contracts" in it'),
        ('{"seal": "srcos-contracts"}', '{file} is no baseline: there is no "baseline": "srcos-contracts" in it'),
        (
            '{"baseline": "srcos-contracts", "version": 2, "more": []}',
            "{file} is a baseline of version 2, and this program knows version 1: write it anew, or use a newer program",
        ),
        (
            '{"baseline": "srcos-contracts", "version": 1}',
            "{file}:1:1: findings is missing: mend it, or write it anew: --write-baseline",
        ),
        (_edited(times=0), "{file}:11:13: times is 0, not at least 1: mend it, or write it anew: --write-baseline"),
        (_edited(fingerprint="x"), "{file}:10:19: fingerprint is"),
        (_edited(rules="x"), '{file}:12:4: "rules" is not a property of findings.0; rule stands there already: mend it'),
    ],
    ids=lambda text: text[:30],
)
def test_what_is_no_baseline_is_told_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "b.json"
    path.write_text(text)
    with pytest.raises(BadBaseline) as raised:
        read_baseline(str(path))
    assert str(raised.value).startswith(said.format(file=path)), str(raised.value)


def test_a_finding_that_stands_twice_is_refused(tmp_path: Path) -> None:
    value = json.loads(_edited())
    value["findings"] *= 2
    (tmp_path / "b.json").write_text(json.dumps(value))
    with pytest.raises(BadBaseline, match=r"b.json:1:60: this finding stands more than once: keep one of them, or write the file anew$"):
        read_baseline(str(tmp_path / "b.json"))


def test_one_that_is_not_there_is_told(tmp_path: Path) -> None:
    file = str(tmp_path / "b.json")
    with pytest.raises(BadBaseline) as raised:
        read_baseline(file)
    assert str(raised.value) == f"the baseline {file} cannot be read: no such file or directory; --write-baseline {file} writes one"
