"""What `test` says of contracts and their cases: from the sources, with severities, and in words that tell what to do."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.cli.docs import run_docs
from srcos_contracts.cli.new import run_new
from srcos_contracts.cli.test import TrialRequest, run_trials
from srcos_contracts.evolve.workers import spread

SCHEMA = Path("schemas/Thing/0.1.0.json")
CASES = Path("examples/Thing/0.1.0/cases.json")
WAIVERS = Path("examples/waivers.yaml")
Tried = Callable[..., tuple[int, list[str], str]]


@pytest.fixture
def tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Tried:
    """A folder with one contract that is in order; the function runs `test` there, and gives exit code, lines and errors."""
    monkeypatch.chdir(tmp_path)
    assert run_new("Thing", "0.1.0", None, "schemas", "examples") == 0

    def run(**request: Any) -> tuple[int, list[str], str]:
        capsys.readouterr()
        code = run_trials(TrialRequest(**{"peers": False, "jobs": 1, **request}))
        said = capsys.readouterr()
        return code, said.out.splitlines(), said.err

    return run


def _edit(path: Path, edit: Callable[[Any], object]) -> None:
    value = json.loads(path.read_text())
    edit(value)
    path.write_text(json.dumps(value, indent=2) + "\n")


def test_an_edited_source_is_what_is_tested_though_nothing_was_generated_since(tried: Tried) -> None:
    Path("schemas/catalog.json").write_text('{"schemas": []}')
    assert run_docs(Path()) == 0
    assert tried()[0] == 0
    _edit(SCHEMA, lambda schema: schema["properties"]["id"].update(pattern="^urn:srcos:thing:other$"))
    code, lines, _ = tried()
    assert code == 1
    assert "    rust, reference: valid/minimal.json: record-named at /id came" in lines
    assert run_docs(Path(), check=True) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1]", "schemas/Thing/0.1.0.json: $id must be https://schemas.srcos.ai/Thing/0.1.0.json"),
        ('{"$id": "https://example.org"}', "schemas/Thing/0.1.0.json: $id must be https://schemas.srcos.ai/Thing/0.1.0.json, it is https://example.org"),
        ('{"a": 1, "a": 2}', 'schemas/Thing/0.1.0.json:1:10: the key "a" stands twice in one object'),
        (
            '{"$id": "https://schemas.srcos.ai/Thing/0.1.0.json", "x-contract": {"name": "Thing"}}',
            "Thing/0.1.0.json: x-contract does not have the form of the vocabulary; srcos-validate lint says why",
        ),
    ],
)  # fmt: skip
def test_a_source_that_cannot_be_used_is_named(tried: Tried, text: str, said: str) -> None:
    assert run_docs(Path()) == 0
    SCHEMA.write_text(text)
    assert tried() == (2, [], f"error: {said}\n")


def test_a_rule_made_a_warning_is_not_what_its_case_expects(tried: Tried) -> None:
    _edit(SCHEMA, lambda schema: schema["properties"]["id"]["x-rule"].update(severity="warning"))
    code, lines, _ = tried()
    assert code == 1
    detail = "record-named at /id did not come and record-named (a warning) at /id came"
    assert f"    rust, reference: invalid/record-named/template-not-filled-in.json: {detail}" in lines


def test_a_warning_made_an_error_is_not_what_its_case_expects(tried: Tried) -> None:
    def harden(schema: dict[str, Any]) -> None:
        (item,) = schema.pop("x-warn")
        del item["x-rule"]["severity"]
        schema["allOf"] = [item]

    _edit(SCHEMA, harden)
    code, lines, _ = tried()
    assert code == 1
    detail = "evidence-missing (a warning) at /evidenceRefs did not come and evidence-missing at /evidenceRefs came"
    assert f"    rust, reference: invalid/evidence-missing/none.json: {detail}" in lines


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda cases: cases["cases"][0].update(nmae=1), "at /cases/0: Additional properties are not allowed ('nmae' was unexpected)"),
        (lambda cases: cases["cases"][0].pop("patch"), 'at /cases/0: "patch" is a required property'),
        (lambda cases: cases["files"][2]["expect"][0].update(severity="error"), 'at /files/2/expect/0/severity: "warning" was expected'),
        (lambda cases: cases.pop("contract"), '"contract" is a required property'),
    ],
)
def test_cases_that_do_not_have_their_form_are_refused_with_their_place(tried: Tried, edit: Callable[[Any], object], said: str) -> None:
    _edit(CASES, edit)
    code, lines, error = tried()
    assert (code, lines) == (2, [])
    place, _, words = error.removeprefix(f"error: {CASES}:").partition(": ")
    assert words == f"{said} (the form is that of schemas/meta/cases.json)\n"
    line = int(place.split(":")[0])
    assert ("at /" in said) is (line > 1)


def test_cases_that_are_null_are_refused(tried: Tried) -> None:
    CASES.write_text("null")
    assert tried() == (2, [], f'error: {CASES}:1:1: null is not of type "object" (the form is that of schemas/meta/cases.json)\n')


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (lambda cases: cases.update(version="0.2.0"), "is about Thing 0.2.0, and lies where those of Thing 0.1.0 belong"),
        (lambda cases: cases["cases"][0].update(base="valid/none.json"), "the base of 'the record is a list', valid/none.json, is no file of this list"),
        (lambda cases: cases["cases"][2].update(patch=[{"op": "remove", "path": "/none"}]), "the patch of 'an undeclared property' does not apply: can't remove a non-existent object 'none'"),
    ],
)  # fmt: skip
def test_cases_that_fit_nothing_are_refused(tried: Tried, edit: Callable[[Any], object], said: str) -> None:
    _edit(CASES, edit)
    code, _, error = tried()
    assert code == 2
    assert error.removeprefix(f"error: {CASES}").lstrip(": ") == f"{said}\n"


def test_without_jsonpatch_it_is_said_what_to_install(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonpatch", None)
    assert tried() == (2, [], "error: the patches of cases.json are applied by jsonpatch: pip install 'srcos-contracts[author]'\n")


def _waive(**members: Any) -> None:
    WAIVERS.write_text(
        json.dumps([{"schema": "Thing/0.1.0.json", "pointer": "/type", "change": "dropped", "reason": "so", **members}], indent=1)
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("- {schema: a, pointer: /b, change: c}", '1:3: at /0: "reason" is a required property'),
        (
            "- {schema: a, pointer: /b, change: c, reason: ' '}",
            '1:47: at /0/reason: " " is not right here: Why no record can tell the two apart',
        ),
        (
            "- {schema: a, pointer: /b, change: c, reason: d, until: now}",
            "1:3: at /0: Additional properties are not allowed ('until' was unexpected)",
        ),
        ("schema: a", '1:1: {"schema":"a"} is not of type "array"'),
    ],
)
def test_waivers_that_do_not_have_their_form_are_refused_with_their_place(tried: Tried, text: str, said: str) -> None:
    WAIVERS.write_text(text)
    code, _, error = tried(mutate=True)
    assert (code, error) == (2, f"error: {WAIVERS}:{said} (the form is that of schemas/meta/waivers.json)\n")


def test_a_waiver_that_nothing_needs_is_told(tried: Tried) -> None:
    _waive()
    code, lines, _ = tried(mutate=True)
    assert code == 1
    assert lines[-1] == "a waiver is no longer needed; remove it from examples/waivers.yaml: Thing/0.1.0.json /type: dropped"


def test_what_no_case_notices_is_printed_with_a_case_that_would_and_written_on_demand(tried: Tried) -> None:
    def forget(cases: dict[str, Any]) -> None:
        cases["cases"] = [case for case in cases["cases"] if not case["name"].startswith("the record is")]

    _edit(CASES, forget)
    # To write cases is to look for what they are wanted for.
    code, lines, _ = tried(write_cases=True)
    assert code == 1
    assert [line for line in lines if "not noticed" in line] == [
        "72 mutants: 70 noticed, 0 waived, 2 not noticed",
        "  not noticed: Thing/0.1.0.json#/type: dropped",
        "  not noticed: Thing/0.1.0.json#/type: loosened by null",
    ]
    proposed = json.loads(CASES.with_name("cases.proposed.json").read_text())
    assert proposed[0] == {
        "name": "replace the record null",
        "base": "valid/minimal.json",
        "patch": [{"op": "replace", "path": "", "value": None}],
        "expect": [{"rule": "schema-type", "pointer": ""}],
    }


def test_a_suggestion_may_be_another_member_of_an_enumeration(tried: Tried) -> None:
    def with_state(schema: dict[str, Any]) -> None:
        schema["properties"]["state"] = {"description": "How it stands.", "enum": ["planned", "building", "built"]}
        schema["allOf"] = [
            {"if": {"properties": {"state": {"const": "built"}}, "required": ["state"]}, "then": {"required": ["causalRefs"]}}
        ]

    _edit(SCHEMA, with_state)
    _edit(Path("examples/Thing/0.1.0/valid/minimal.json"), lambda record: record.update(state="building"))
    _, lines, _ = tried(mutate=True)
    place = lines.index("  not noticed: Thing/0.1.0.json#/allOf/0/then: dropped")
    case = json.loads(lines[place + 1].removeprefix("      a case that would notice: "))
    assert case == {
        "name": 'replace /state "built"',
        "base": "valid/minimal.json",
        "patch": [{"op": "replace", "path": "/state", "value": "built"}],
        "expect": [{"rule": "schema-required", "pointer": "/causalRefs"}],
    }


def test_it_is_said_which_validators_of_others_were_not_asked_and_why(
    tried: Tried, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("NODE_PATH", raising=False)
    monkeypatch.delenv("SOURCEMETA_JSONSCHEMA", raising=False)
    sourcemeta = "there is no command jsonschema, and SOURCEMETA_JSONSCHEMA names none"
    assert tried(peers=True)[1][-1] == f"not asked: Ajv 2020: there is no node; sourcemeta: {sourcemeta}"
    for name in ("node", "jsonschema"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    ajv = "no node_modules here or in NODE_PATH has ajv and ajv-formats"
    other = f"{tmp_path}/jsonschema is another program; SOURCEMETA_JSONSCHEMA may name the right one"
    assert tried(peers=True)[1][-1] == f"not asked: Ajv 2020: {ajv}; sourcemeta: {other}"


def test_several_processes_say_what_one_says(tried: Tried) -> None:
    Path("examples/Thing/0.1.0/valid/stray.json").write_text("{}")
    assert tried(mutate=True, jobs=2) == tried(mutate=True, jobs=1)


def test_work_that_is_spread_comes_back_in_order_and_with_its_errors() -> None:
    here = object()
    assert list(spread(lambda item: (item, here is not None), range(7), 3)) == [(item, True) for item in range(7)]
    with pytest.raises(ZeroDivisionError):
        list(spread(lambda item: 1 // item, [1, 0, 2], 2))
