"""waivers.yaml: which breaking changes it approves, until when, and what is said of a waiver that is wrong, unused or out of date."""

from __future__ import annotations

import datetime
import os
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.cli.diff import DiffRequest, differences
from srcos_contracts.contracts.catalog import CatalogError
from srcos_contracts.evolve.approvals import Approval, approvals_in, standing
from srcos_contracts.evolve.differences import Differences, told_as_findings
from srcos_contracts.evolve.verdicts import findings, label
from tests.unit.repositories import commit, schema, without_git_settings, write

FAR = "2999-12-31"
OLD = schema("Note", properties={"a": {"type": "string"}, "b": {"enum": [1, 2]}})
NEW = schema("Note", properties={"a": {"type": "string", "maxLength": 1}, "b": {"enum": [1]}})


@pytest.fixture(autouse=True)
def _repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_git_settings(monkeypatch)
    monkeypatch.chdir(tmp_path)
    write(Path("schemas"), note=OLD, other=schema("Other"))
    commit(tmp_path)
    write(Path("schemas"), note=NEW)


def _waive(*entries: dict[str, str], contract: str = "Note") -> None:
    lines = ["# Why what broke."]
    for entry in entries:
        told = {"contract": contract, "reason": "nobody wrote these", "until": FAR, **entry}
        lines += [f"{'-' if at == 0 else ' '} {key}: {value}" for at, (key, value) in enumerate(told.items())]
    Path("waivers.yaml").write_text("\n".join(lines) + "\n", "utf-8")


def _found(**asked: Any) -> Differences:
    return differences(DiffRequest(against="HEAD", **asked))


def _problems(found: Differences) -> list[str]:
    return [*(problem.words for problem in found.unusable), *(waiver.words for waiver in found.useless)]


BOTH = ({"pointer": "/properties/a/maxLength"}, {"rule": "schema-enum"})


def test_without_a_waiver_both_break() -> None:
    found = _found()
    assert (found.code, [label(one, "backward") for one in found.compared]) == (1, ["breaking", "unchanged"])


def test_a_pointer_and_a_rule_approve() -> None:
    _waive(*BOTH)
    found = _found()
    assert (found.code, _problems(found), [label(one, "backward") for one in found.compared]) == (0, [], ["approved", "unchanged"])
    assert [(finding.rule, finding.severity, finding.pointer) for finding in findings(found.compared, "backward")] == [
        ("breaks-backward", "warning", "/properties/a/maxLength"),
        ("breaks-backward", "warning", "/properties/b/enum"),
    ]


@pytest.mark.parametrize("pointer", ["/properties", '""'])
def test_a_schema_around_the_keywords_approves_all_in_it(pointer: str) -> None:
    _waive({"pointer": pointer})
    assert (_found().code, _problems(_found())) == (0, [])


def test_what_is_not_approved_still_breaks() -> None:
    _waive(BOTH[0])
    found = _found()
    assert (found.code, label(found.compared[0], "backward")) == (1, "breaking")
    assert [(finding.severity, finding.pointer) for finding in findings(found.compared, "backward")] == [
        ("warning", "/properties/a/maxLength"),
        ("error", "/properties/b/enum"),
    ]


@pytest.mark.parametrize("wrong", [{"pointer": "/properties/a/max"}, {"pointer": "/properties/c"}, {"rule": "schema-type"}])
def test_a_waiver_that_approves_nothing_is_an_error(wrong: dict[str, str]) -> None:
    _waive(*BOTH, wrong)
    about = wrong.get("pointer") or wrong["rule"]
    found = _found()
    assert _problems(found) == [f"waivers.yaml:10:3: the waiver of Note {about} approves nothing that breaks; correct or remove it"]
    assert found.code == 1
    (finding,) = [finding for finding in told_as_findings(found) if finding.severity == "error"]
    assert (finding.rule, finding.location.file, finding.location.line, finding.location.column) == (
        "waiver-useless",
        "waivers.yaml",
        10,
        3,
    )
    assert (finding.detail, finding.help) == (f"the waiver of Note {about} approves nothing that breaks", "correct or remove it")


def test_a_waiver_of_another_contract_approves_nothing_here() -> None:
    _waive(*BOTH, contract="Other")
    assert (_found().code, len(_problems(_found()))) == (1, 2)


@pytest.mark.parametrize(("days", "code"), [(-1, 1), (0, 0), (1, 0)])
def test_a_waiver_counts_up_to_and_on_its_day(days: int, code: int) -> None:
    until = (datetime.date.today() + datetime.timedelta(days)).isoformat()
    _waive({"pointer": "", "until": until} | {"pointer": '""'})
    found = _found()
    assert found.code == code
    if code:
        assert _problems(found) == [
            f"waivers.yaml:2:3: the waiver of Note as a whole ended with {until}; remove it, or have it approved again"
        ]
        assert label(found.compared[0], "backward") == "breaking"


@pytest.mark.parametrize(
    ("until", "version", "ended"),
    [
        ("0.2.0", "0.1.9", False),
        ("0.2.0", "0.2.0", True),
        ("0.2.0", "0.10.0", True),
        ("v1", "v1alpha2", False),
        ("v1beta1", "v1", True),
    ],
)
def test_a_waiver_counts_before_its_version(until: str, version: str, ended: bool) -> None:
    assert Approval("Note", "why", until, "/a").ended(version, datetime.date(2026, 1, 1)) is ended


def test_a_waiver_that_the_other_state_has_too_has_lapsed(tmp_path: Path) -> None:
    _waive(*BOTH)
    commit(tmp_path)
    found = _found()
    assert (found.code, _problems(found)) == (0, [])
    assert [approval.about for approval in found.lapsed] == ["Note /properties/a/maxLength", "Note schema-enum"]
    write(Path("schemas"), note=schema("Note", properties={"a": {"type": "string", "maxLength": 0}, "b": {"enum": [1]}}))
    found = _found()
    assert (found.code, label(found.compared[0], "backward")) == (1, "breaking")
    told = [(finding.rule, finding.severity, finding.location.line) for finding in told_as_findings(found)]
    assert told[-2:] == [("waiver-lapsed", "warning", 2), ("waiver-lapsed", "warning", 6)]


def test_waivers_of_a_baseline_that_cannot_be_read_approve_nothing_and_may_be_mended(tmp_path: Path) -> None:
    write(Path("schemas"), note=OLD)
    Path("waivers.yaml").write_text("- contract: [\n")
    commit(tmp_path)
    write(Path("schemas"), note=NEW)
    with pytest.raises(CatalogError):
        _found()
    _waive(*BOTH)
    found = _found()
    assert (found.code, label(found.compared[0], "backward")) == (0, "approved")
    ((file, severity),) = [(problem.file, problem.severity) for problem in found.unusable]
    assert (file, severity) == ("waivers.yaml", "warning")


def test_a_lapsed_waiver_has_lapsed_wherever_in_the_file_it_stands() -> None:
    one, two = (
        Approval("Note", "why", FAR, pointer, place=place) for pointer, place in (("/a", "waivers.yaml:1:3"), ("/b", "waivers.yaml:5:3"))
    )
    moved = one._replace(place="waivers.yaml:9:3")
    assert standing((moved, two), (one,)) == ((two,), (moved,))


def test_a_contract_that_is_gone_is_approved_as_a_whole_until_the_day() -> None:
    Path("schemas/note.json").unlink()
    _waive({"pointer": '""'})
    found = _found()
    assert (found.code, label(found.compared[0], "backward")) == (0, "removed")
    _waive({"pointer": '""', "until": "2020-01-01"})
    assert (_found().code, _found().totals.breaking) == (1, 1)
    _waive({"pointer": "/properties"})
    assert _found().totals.breaking == 1


def test_a_waiver_counts_in_the_directions_that_are_asked_about() -> None:
    write(Path("schemas"), note=schema("Note", properties={"a": {"type": ["string", "null"]}, "b": {"enum": [1, 2]}}))
    _waive({"pointer": "/properties/a"})
    assert (_found(policy="full").code, _problems(_found(policy="full"))) == (0, [])
    assert _found(policy="backward").code == 1


def test_of_some_contracts_alone_waivers_of_others_are_not_judged() -> None:
    _waive({"pointer": "/nowhere"})
    found = differences(DiffRequest(("Other",), against="HEAD"))
    assert (found.code, _problems(found)) == (0, [])


def test_a_useless_waiver_of_a_contract_that_was_asked_for_is_told() -> None:
    _waive(*BOTH, {"pointer": "/nowhere"})
    found = differences(DiffRequest(("Note",), against="HEAD"))
    assert _problems(found) == ["waivers.yaml:10:3: the waiver of Note /nowhere approves nothing that breaks; correct or remove it"]
    assert found.code == 1


@pytest.mark.parametrize("kind", ["folder", "pipe", "link"])
def test_what_is_no_file_of_waivers_is_not_passed_over(kind: str) -> None:
    path = Path("waivers.yaml")
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("nowhere")
    said = {"folder": "Is a directory", "pipe": "this is not a regular file", "link": "No such file or directory"}[kind]
    with pytest.raises(CatalogError, match=f"^waivers\\.yaml cannot be read: {said}$"):
        _found()


def test_the_waivers_of_a_folder_that_is_compared_with_another() -> None:
    write(Path("old/schemas"), note=OLD)
    write(Path("new/schemas"), note=NEW)
    _waive(*BOTH)
    assert differences(DiffRequest(("old", "new"))).code == 1
    Path("waivers.yaml").rename("new/waivers.yaml")
    assert differences(DiffRequest(("old", "new"))).code == 0


FORM = "(the form is that of schemas/meta/change-waivers.json)"
UNTIL = "The day after which it counts no more, as YYYY-MM-DD, or the first version of the contract for which it does not count"
ENTRY = "- contract: Note\n  reason: why\n"
BAD: dict[str, tuple[bytes, str]] = {
    "no list": (b"contract: Note\n", f'waivers.yaml:1:1: {{"contract":"Note"}} is not of type "array" {FORM}'),
    "neither pointer nor rule": (
        f"{ENTRY}  until: 2026-12-31\n".encode(),
        f'waivers.yaml:1:3: at /0: {{"contract", "reason", "until"}} is not right here: A waiver has a pointer or a rule, one of the two {FORM}',
    ),
    "both": (
        f"{ENTRY}  until: 2026-12-31\n  rule: a\n  pointer: /a\n".encode(),
        f'waivers.yaml:1:3: at /0: {{"contract", "pointer", "reason", "rule", "until"}} is not right here: A waiver has a pointer or a rule, one of the two {FORM}',
    ),
    "no reason": (
        b"- contract: Note\n  rule: a\n  until: 2026-12-31\n",
        f'waivers.yaml:1:3: at /0: "reason" is a required property {FORM}',
    ),
    "an end that is none": (
        f"{ENTRY}  rule: a\n  until: soon\n".encode(),
        f'waivers.yaml:4:10: at /0/until: "soon" is not right here: {UNTIL} {FORM}',
    ),
    "a number": (f"{ENTRY}  rule: a\n  until: 1.0\n".encode(), f"waivers.yaml:4:10: at /0/until: 1.0 is not right here: {UNTIL} {FORM}"),
    "a day that is none": (
        f"{ENTRY}  rule: a\n  until: 2026-02-30\n".encode(),
        "waivers.yaml:1:3: the waiver of Note a counts until 2026-02-30, which is no day",
    ),
    "a misspelt word": (
        f"{ENTRY}  rule: a\n  untill: 2026-12-31\n".encode(),
        f"waivers.yaml:1:3: at /0: Additional properties are not allowed ('untill' was unexpected) {FORM}",
    ),
    "no YAML": (b"- [\n", "waivers.yaml:1:4: this is not YAML: did not find expected node content while parsing a flow node"),
    "no text": (b"# a\n\xff\xfe\n", "waivers.yaml:2: this is not UTF-8: write the file as UTF-8 text"),
    "an alias to nothing": (b"- *x\n", "waivers.yaml:1:3: the alias *x has no anchor before it"),
    "two documents": (b"[]\n---\n[]\n", "waivers.yaml:2:1: a second value stands in one YAML document"),
}


@pytest.mark.parametrize("case", BAD)
def test_waivers_without_their_form_are_refused_with_their_place(case: str) -> None:
    content, said = BAD[case]
    Path("waivers.yaml").write_bytes(content)
    with pytest.raises(CatalogError) as caught:
        _found()
    assert str(caught.value) == said


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "[]\n", "null\n"])
def test_a_file_without_waivers(content: str) -> None:
    Path("waivers.yaml").write_text(content)
    assert approvals_in(Path()) == ()
    assert _found().code == 1
