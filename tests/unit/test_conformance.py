"""The suite of stored cases: what becomes of each kind of file, how it travels, and how answers are held against it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from srcos_contracts.contracts.catalog import Catalog, CatalogError, UnknownContract
from srcos_contracts.evolve.agreement import Difference, difference
from srcos_contracts.evolve.cases import Told
from srcos_contracts.evolve.conformance import Level, Suite, SuiteCase, conformance_suite
from srcos_contracts.evolve.conformance_client import replies
from srcos_contracts.evolve.expected_failures import excused, expected_failures
from srcos_contracts.evolve.protocol import Answer, NoAnswer, answer_in, client_in, greeting, question
from srcos_contracts.evolve.suite_folder import NotWritten, suite_files, write_suite
from srcos_contracts.evolve.suite_reading import read_suite
from srcos_contracts.evolve.suites import suites_in
from srcos_contracts.exact import exact_text
from srcos_contracts.pointer import ABSENT
from srcos_contracts.reading.json_text import decode

ROOT = Path(__file__).resolve().parents[2]
META = ROOT / "schemas/meta"
LOG: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.org/Log.json",
    "title": "Log",
    "x-contract": {"name": "Log", "version": "1.0.0", "status": "draft", "owner": "writers", "paths": ["logs/{date}.jsonl"]},
    "type": "object",
    "properties": {"n": {"type": "number"}, "day": {"type": "string"}},
    "required": ["n"],
    "allOf": [
        {
            "x-rule": {
                "id": "day-agrees",
                "message": "the day is that of the file",
                "help": "correct the day",
                "why": "Nobody finds it otherwise.",
            },
            "x-equal": {"path:date": "^(?<day>.+)$", "/day": "^(?<day>.+)$"},
        }
    ],
    "x-warn": [
        {
            "x-rule": {
                "id": "log-day",
                "severity": "warning",
                "message": "a log has a day",
                "help": "add the day",
                "why": "Nobody finds it otherwise.",
            },
            "required": ["day"],
        }
    ],
}
PAGE: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "$id": "https://example.org/Page.json",
    "title": "Page",
    "x-contract": {
        "name": "Page",
        "version": "0.1.0",
        "status": "draft",
        "owner": "writers",
        "paths": ["pages/{id}.md"],
        "markdown": {"frontMatter": True, "body": "text"},
    },
    "type": "object",
    "properties": {"id": {"type": "string"}, "text": {"type": "string", "pattern": "\\S"}},
    "required": ["id"],
}
EXAMPLES = {
    "Log/1.0.0/valid/full.json": b'{"n": 12345678901234567890.10, "b": 1E400, "a": -0.0, "day": "x\\u2028y", "big": 123456789012345678901}\n',
    "Log/1.0.0/valid/two/logs/may.jsonl": b'{"n": 1, "day": "may"}\n{"n": 2}\n',
    "Log/1.0.0/invalid/day-agrees/logs/june.jsonl": b'{"n": 1, "day": "may"}\n',
    "Log/1.0.0/invalid/duplicate-key/n.json": b'{"n": 1, "n": 2}\n',
    "Log/1.0.0/invalid/blank-line/gap.jsonl": b'{"n": 1, "day": "may"}\n\n',
    "Log/1.0.0/invalid/schema-required/none.yaml": b"# No number.\nday: may\n",
    "Page/0.1.0/valid/full.md": b"---\nid: a\n---\nText \xe2\x86\x92\r\nmore\n",
    "Page/0.1.0/invalid/front-matter/none.md": b"Text\n",
}
CASES: dict[str, dict[str, Any]] = {
    "Log/1.0.0": {
        "contract": "Log",
        "version": "1.0.0",
        "files": [
            {"file": "valid/full.json", "expect": []},
            {"file": "valid/two/logs/may.jsonl", "expect": [{"line": 2, "rule": "log-day", "pointer": "/day", "severity": "warning"}]},
            {"file": "invalid/day-agrees/logs/june.jsonl", "expect": [{"line": 1, "rule": "day-agrees", "pointer": "/day"}]},
            {"file": "invalid/duplicate-key/n.json", "expect": [{"rule": "duplicate-key", "pointer": ""}]},
            {"file": "invalid/blank-line/gap.jsonl", "expect": [{"line": 2, "rule": "blank-line", "pointer": "", "severity": "warning"}]},
            {
                "file": "invalid/schema-required/none.yaml",
                "expect": [{"rule": "schema-required", "pointer": "/n"}],
            },
        ],
        "cases": [
            {
                "name": "n is a text",
                "base": "valid/two/logs/may.jsonl",
                "patch": [{"op": "replace", "path": "/n", "value": "1.50"}],
                "expect": [{"rule": "schema-type", "pointer": "/n"}],
            },
            {"name": "N is  a text!", "base": "valid/full.json", "patch": [{"op": "add", "path": "/n", "value": 1.50}], "expect": []},
            {"name": "n is a text?", "base": "valid/full.json", "patch": [{"op": "remove", "path": "/a"}], "expect": []},
        ],
    },
    "Page/0.1.0": {
        "contract": "Page",
        "version": "0.1.0",
        "files": [
            {"file": "valid/full.md", "expect": []},
            {"file": "invalid/front-matter/none.md", "expect": [{"rule": "front-matter", "pointer": ""}]},
        ],
        "cases": [
            {
                "name": "no text",
                "base": "valid/full.md",
                "patch": [{"op": "replace", "path": "/text", "value": " "}],
                "expect": [{"rule": "schema-pattern", "pointer": "/text"}],
            }
        ],
    },
}


def write(root: Path) -> None:
    for name, schema in (("Log", LOG), ("Page", PAGE)):
        (root / "schemas").mkdir(exist_ok=True)
        (root / f"schemas/{name}.json").write_text(json.dumps(schema))
    for file, content in EXAMPLES.items():
        path = root / "examples" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for folder, cases in CASES.items():
        (root / "examples" / folder / "cases.json").write_text(json.dumps(cases))


def suite_in(root: Path) -> Suite:
    catalog = Catalog.at(str(root / "schemas"))
    return conformance_suite(catalog, suites_in(root / "examples", catalog).cases)


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    write(tmp_path)
    return suite_in(tmp_path)


def case_of(suite: Suite, id: str) -> SuiteCase:
    return next(case for case in suite.cases if case.id == id)


@lru_cache
def validator(form: str) -> Any:
    return jsonschema_rs.validator_for(json.loads((META / form).read_text("utf-8")), offline=True)


def faults(form: str, text: str | bytes) -> list[str]:
    return [f"{error.instance_path}: {error.message[:200]}" for error in validator(form).iter_errors(json.loads(text))]


def test_each_kind_of_file_is_a_case_or_several(suite: Suite) -> None:
    told = [(case.id, case.form, case.record is not ABSENT, case.text is not None, case.schema_valid, case.valid) for case in suite.cases]
    assert told == [
        ("Log/1.0.0/valid/full.json", "json", True, False, True, True),
        ("Log/1.0.0/valid/two/logs/may.jsonl:1", "json", True, False, True, True),
        ("Log/1.0.0/valid/two/logs/may.jsonl:2", "json", True, False, True, True),
        ("Log/1.0.0/invalid/day-agrees/logs/june.jsonl", "json", True, False, True, False),
        ("Log/1.0.0/invalid/duplicate-key/n.json", "json", False, True, None, False),
        ("Log/1.0.0/invalid/blank-line/gap.jsonl", "jsonl", False, True, None, True),
        ("Log/1.0.0/invalid/schema-required/none.yaml", "yaml", True, True, False, False),
        ("Log/1.0.0/n is a text", "json", True, False, False, False),
        ("Log/1.0.0/N is  a text!", "json", True, False, True, True),
        ("Log/1.0.0/n is a text?", "json", True, False, True, True),
        ("Page/0.1.0/valid/full.md", "markdown", True, True, True, True),
        ("Page/0.1.0/invalid/front-matter/none.md", "markdown", False, True, None, False),
        ("Page/0.1.0/no text", "json", True, False, False, False),
    ]


def test_findings_of_a_ledger_s_record_have_no_line_but_those_of_a_whole_text_have(suite: Suite) -> None:
    assert case_of(suite, "Log/1.0.0/valid/two/logs/may.jsonl:1").findings == frozenset()
    assert case_of(suite, "Log/1.0.0/valid/two/logs/may.jsonl:2").findings == frozenset([Told("log-day", "/day", "warning")])
    assert case_of(suite, "Log/1.0.0/invalid/blank-line/gap.jsonl").findings == frozenset([Told("blank-line", "", "warning", 2)])


def test_a_question_has_numbers_and_order_as_they_were_read_in_ascii(suite: Suite) -> None:
    line = question(case_of(suite, "Log/1.0.0/valid/full.json"))
    assert line == (
        '{"id": "Log/1.0.0/valid/full.json", "contract": "Log", "version": "1.0.0", "schema": "https://example.org/Log.json",'
        ' "path": "valid/full.json", "record": {"n": 12345678901234567890.10, "b": 1E+400, "a": -0.0, "day": "x\\u2028y",'
        ' "big": 123456789012345678901}}'
    )
    assert decode(line.encode())["record"] == decode(EXAMPLES["Log/1.0.0/valid/full.json"])


def test_a_question_has_the_path_its_parts_and_the_text(suite: Suite) -> None:
    told = json.loads(question(case_of(suite, "Log/1.0.0/n is a text")))
    assert (told["path"], told["parts"], told["record"]) == ("valid/two/logs/may.jsonl", {"date": "may"}, {"n": "1.50", "day": "may"})
    told = json.loads(question(case_of(suite, "Page/0.1.0/valid/full.md")))
    assert (told["form"], told["text"]) == ("markdown", "---\nid: a\n---\nText \u2192\r\nmore\n")
    assert told["record"] == {"id": "a", "text": "Text \u2192\r\nmore\n"}
    told = json.loads(question(case_of(suite, "Log/1.0.0/invalid/duplicate-key/n.json")))
    assert (told["form"], told["text"], "record" in told) == ("json", '{"n": 1, "n": 2}\n', False)


def test_all_lines_have_their_form(suite: Suite) -> None:
    for level in ("schema", "verdict", "findings"):
        assert faults("conformance-lines.json", greeting(suite, level, 13)) == []
        asked = [question(case) for case in suite.cases if case.asked_at(level)]
        assert len(asked) == (10 if level == "schema" else 13)
        for line in (*asked, *replies([line.encode() for line in (greeting(suite, level, 13), *asked)], "rust")):
            assert faults("conformance-lines.json", line) == []


@pytest.mark.parametrize("level", ["schema", "verdict", "findings"])
@pytest.mark.parametrize("engine", ["rust", "reference"])
def test_both_engines_agree_with_a_suite_of_all_kinds_of_files(suite: Suite, level: Level, engine: Any) -> None:
    asked = {case.id: case for case in suite.cases if case.asked_at(level)}
    lines = [greeting(suite, level, len(asked)), *(question(case) for case in asked.values())]
    client, *answers = replies([line.encode() for line in lines], engine)
    assert client_in(client.encode()).endswith(f"engine {engine}")
    found = [answer_in(line.encode(), level) for line in answers]
    assert [difference(asked[answer.id], answer, level) for answer in found] == [None] * len(asked)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "{}"),
        ([], "[]"),
        ({"b": [1, {"a": None}], "a": True}, '{"b": [1, {"a": null}], "a": true}'),
        (
            [Decimal("1.0"), Decimal("1E-7"), Decimal("1E+400"), Decimal("-0.00"), 10**400, 0.1],
            f"[1.0, 1E-7, 1E+400, -0.00, {10**400}, 0.1]",
        ),
        ('\u2028\x7f\x00\u00e9\U0001f680"', '"\\u2028\\u007f\\u0000\\u00e9\\ud83d\\ude80\\""'),
    ],
)
def test_json_text_is_exact(value: Any, text: str) -> None:
    assert exact_text(value) == text
    assert exact_text(value, "  ").isascii()
    assert decode(exact_text(value, "  ").encode()) == decode(text.encode())


def test_json_text_for_people() -> None:
    assert exact_text({"\u00e9": ("\U0001f680", Decimal("0.10"))}, ascii=False) == '{"\u00e9": ["\U0001f680", 0.10]}'


def test_json_text_with_an_indent() -> None:
    assert exact_text({"a": [1, 2], "b": {}}, "  ") == '{\n  "a": [\n    1,\n    2\n  ],\n  "b": {}\n}'


def _edited(edit: Callable[[Path], object], tmp_path: Path) -> str:
    write(tmp_path)
    edit(tmp_path / "examples/Log/1.0.0")
    with pytest.raises(CatalogError) as refused:
        suite_in(tmp_path)
    return str(refused.value).replace(f"{tmp_path}/", "")


def _cases_with(**changes: Any) -> Callable[[Path], object]:
    return lambda folder: (folder / "cases.json").write_text(json.dumps({**CASES["Log/1.0.0"], **changes}))


def test_what_cannot_be_in_a_suite_is_refused(tmp_path: Path) -> None:
    assert _edited(lambda folder: (folder / "invalid/duplicate-key/n.json").write_bytes(b'"\xff"'), tmp_path) == (
        "examples/Log/1.0.0/invalid/duplicate-key/n.json is not UTF-8 text, so that no line of JSON can hold it; it cannot be in a suite"
    )
    assert _edited(lambda folder: (folder / "invalid/duplicate-key/n.json").unlink(), tmp_path) == (
        "examples/Log/1.0.0/invalid/duplicate-key/n.json cannot be read: no such file or directory"
    )
    twice = [*CASES["Log/1.0.0"]["cases"], CASES["Log/1.0.0"]["cases"][0]]
    assert _edited(_cases_with(cases=twice), tmp_path) == "examples/Log/1.0.0: two cases have the name 'n is a text'; give each its own"
    outside = [*CASES["Log/1.0.0"]["files"], {"file": "valid/../../../../schemas/Log.json", "expect": []}]
    assert _edited(_cases_with(files=outside), tmp_path) == (
        "examples/Log/1.0.0: the example 'valid/../../../../schemas/Log.json' lies elsewhere; move it here"
    )
    unknown = [*CASES["Log/1.0.0"]["files"], {"file": "valid/a.txt", "expect": []}]
    assert _edited(_cases_with(files=unknown), tmp_path) == "examples/Log/1.0.0/valid/a.txt: the file's form is not known from its name"


def test_examples_without_stored_findings_have_verdicts_alone(tmp_path: Path) -> None:
    write(tmp_path)
    for folder in CASES:
        (tmp_path / "examples" / folder / "cases.json").unlink()
    cases = {case.id: case for case in suite_in(tmp_path).cases}
    two = "Log/1.0.0/Log/1.0.0/valid/two/logs/may.jsonl"
    assert (cases[f"{two}:1"].valid, cases[f"{two}:2"].schema_valid, cases[f"{two}:1"].findings) == (True, True, None)
    assert [cases[f"{two}:1"].asked_at(level) for level in ("schema", "verdict", "findings")] == [True, True, False]
    assert cases["Log/1.0.0/Log/1.0.0/invalid/day-agrees/logs/june.jsonl"].valid is False


SEEN = frozenset([Told("a", "/x"), Told("b", "", "warning")])


def _case(**changes: Any) -> SuiteCase:
    whole: Any = {"valid": False, "schema_valid": True, "findings": SEEN, **changes}
    return SuiteCase("C/1/name", "name", None, "p", {}, "json", 0, {}, None, **whole)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("level", "answer", "words", "rules"),
    [
        ("findings", Answer("i", False, SEEN), None, ""),
        ("findings", Answer("i", True, frozenset()), "a at /x, b (a warning) at the record did not come", "ab"),
        (
            "findings",
            Answer("i", False, frozenset([Told("a", "/x"), Told("b", "")])),
            "b (a warning) at the record did not come and b at the record came",
            "b",
        ),
        ("findings", Answer("i", False, frozenset([*SEEN, Told("c", "/x", "error", 2)])), "c at /x in line 2 came", "c"),
        ("findings", Answer("i", error="no idea"), "the validator has no verdict: no idea", "ab"),
        ("verdict", Answer("i", False), None, ""),
        ("verdict", Answer("i", True), "is not valid for a at /x, and the validator says that it is", "a"),
        (
            "verdict",
            Answer("i", True, frozenset([Told("b", "", "warning")])),
            "is not valid for a at /x, and the validator says that it is",
            "a",
        ),
        ("schema", Answer("i", True), None, ""),
        ("schema", Answer("i", False), "is valid by plain JSON Schema, and the validator says that it is not", ""),
    ],
)
def test_an_answer_is_held_against_what_is_expected(level: Level, answer: Answer, words: str | None, rules: str) -> None:
    found = difference(_case(), answer, level)
    assert (found.words if found is not None else None) == words
    assert found is None or found.rules == frozenset(rules)


def test_a_valid_record_that_is_refused() -> None:
    refused = Answer("i", False, frozenset([Told("c", "/x"), Told("d", "", "warning")]))
    assert difference(_case(valid=True, findings=frozenset()), refused, "verdict") == Difference(
        _case(valid=True, findings=frozenset()), "is valid, and the validator says that it is not; c at /x came", frozenset("c")
    )


@pytest.mark.parametrize(
    ("line", "level", "words"),
    [
        (b"", "verdict", 'is not JSON: ""'),
        (b'{"id": "a", "id": "b", "valid": true}', "verdict", 'is not JSON: "{\\"id\\": \\"a\\", \\"id\\": \\"b\\", \\"valid\\": true}"'),
        (b"\xff\x00", "verdict", 'is not JSON: "\ufffd\x00"'),
        (b"[" * 5000, "verdict", f'is not JSON: "{"[" * 29}...{"[" * 28}"'),
        (b"1", "verdict", 'is no answer: "1": 1 is not of type "object"'),
        (
            b'{"id": "a", "valid": "yes"}',
            "verdict",
            'is no answer: "{\\"id\\": \\"a\\", \\"valid\\": \\"yes\\"}": /valid: "yes" is not of type "boolean"',
        ),
        (
            b'{"id": "a", "valid": true}',
            "findings",
            'has no findings, which is what is asked for at the level findings: "{\\"id\\": \\"a\\", \\"valid\\": true}"',
        ),
        (
            b'{"id": "a", "findings": []}',
            "schema",
            'has no valid, which is what is asked for at the level schema: "{\\"id\\": \\"a\\", \\"findings\\": []}"',
        ),
    ],
)
def test_what_is_no_answer(line: bytes, level: Level, words: str) -> None:
    with pytest.raises(NoAnswer) as refused:
        answer_in(line, level)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    "line", [b'{"id": "a", "valid": true, "findings": []}', b'{"valid": true}', b'{"id": "a"}', b'{"id": "a", "valid": true, "x": 1}']
)
def test_an_answer_says_one_thing_of_one_case(line: bytes) -> None:
    with pytest.raises(NoAnswer, match=r"^is no answer: "):
        answer_in(line, "verdict")


def test_answers_may_leave_out_what_goes_without_saying() -> None:
    found = answer_in(
        b'{"id": "a", "findings": [{"rule": "r", "pointer": "/a~1b"}, {"rule": "w", "pointer": "", "severity": "warning", "line": 3}]}',
        "findings",
    )
    assert found == Answer("a", False, frozenset([Told("r", "/a~1b"), Told("w", "", "warning", 3)]))


def test_the_first_line_says_who_answers() -> None:
    assert client_in(b'{"protocol": 1, "client": "Ajv 8"}') == "Ajv 8"
    for line, words in (
        (b'{"protocol": 2, "client": "Ajv 8"}', "speaks protocol 2, and this is 1"),
        (b'{"id": "a"}', 'is to be {"protocol": 1, "client": "<name and version>"}, and is "{\\"id\\": \\"a\\"}"'),
        (
            b'{"protocol": 1, "client": " "}',
            'is to be {"protocol": 1, "client": "<name and version>"}, and is "{\\"protocol\\": 1, \\"client\\": \\" \\"}"',
        ),
    ):
        with pytest.raises(NoAnswer) as refused:
            client_in(line)
        assert str(refused.value) == words


def test_expected_failures_excuse_what_they_list(suite: Suite, tmp_path: Path) -> None:
    path = tmp_path / "failures.yaml"
    path.write_text(
        "- {rule: day-agrees, contract: Log@1.0.0, reason: no paths}\n"
        "- {rule: day-agrees, contract: Page, reason: no paths}\n"
        "- {rule: schema-type, reason: not yet}\n"
        "- reason: not yet\n"
        "  cases: [Log/1.0.0/n is a text?, Log/1.0.0/valid/full.json, nothing/at/all]\n"
    )
    entries = expected_failures(path)
    june, text, both = "Log/1.0.0/invalid/day-agrees/logs/june.jsonl", "Log/1.0.0/n is a text?", "Log/1.0.0/n is a text"
    found = [
        Difference(case_of(suite, june), "", frozenset(["day-agrees"])),
        Difference(case_of(suite, text), ""),
        Difference(case_of(suite, both), "", frozenset(["schema-type", "schema-required"])),
    ]
    sorted_out = excused(found, entries, suite.cases, frozenset(), tuple)
    assert [one.case.id for one in sorted_out.expected] == [june, text]
    assert [one.case.id for one in sorted_out.unexpected] == [both], "one of its rules is not listed"
    assert [one.about for one in sorted_out.lapsed] == ["schema-type", "Log/1.0.0/valid/full.json"]
    assert [(one.about, one.location.line, one.location.column) for one in sorted_out.unknown] == [
        ("day-agrees of Page", 2, 10),
        ("nothing/at/all", 5, 62),
    ]


def test_nothing_is_said_of_entries_about_cases_that_were_not_answered(suite: Suite, tmp_path: Path) -> None:
    path = tmp_path / "failures.yaml"
    path.write_text("- {rule: day-agrees, reason: no paths}\n- {cases: [Log/1.0.0/valid/full.json], reason: no}\n")
    entries = expected_failures(path)
    june = "Log/1.0.0/invalid/day-agrees/logs/june.jsonl"
    assert excused([], entries, suite.cases, frozenset([june]), tuple).lapsed == (entries[1],)


def test_the_shipped_list_of_expected_failures_has_its_form() -> None:
    assert len(expected_failures(ROOT / "docs/conformance/ajv-expected-failures.yaml")) > 10


def _files(suite: Suite, sets: Path | None = None) -> dict[str, bytes]:
    return dict(suite_files(suite, sets))


def test_the_files_of_a_suite(suite: Suite) -> None:
    files = _files(suite)
    assert list(files) == [
        "schemas/Log/1.0.0.json",
        "schemas/Page/0.1.0.json",
        "payloads/Log/1.0.0/valid/full.json",
        "payloads/Log/1.0.0/valid/two/logs/may.jsonl.1.record.json",
        "payloads/Log/1.0.0/valid/two/logs/may.jsonl.2.record.json",
        "payloads/Log/1.0.0/invalid/day-agrees/logs/june.jsonl.record.json",
        "payloads/Log/1.0.0/invalid/duplicate-key/n.json",
        "payloads/Log/1.0.0/invalid/blank-line/gap.jsonl",
        "payloads/Log/1.0.0/invalid/schema-required/none.yaml",
        "payloads/Log/1.0.0/invalid/schema-required/none.yaml.record.json",
        "payloads/Log/1.0.0/cases/n-is-a-text-b610484c.json",
        "payloads/Log/1.0.0/cases/n-is-a-text-fcb7db42.json",
        "payloads/Log/1.0.0/cases/n-is-a-text-3a092d4e.json",
        "payloads/Page/0.1.0/valid/full.md",
        "payloads/Page/0.1.0/valid/full.md.record.json",
        "payloads/Page/0.1.0/invalid/front-matter/none.md",
        "payloads/Page/0.1.0/cases/no-text.json",
        "cases.json",
    ]
    for file in ("Log/1.0.0/valid/full.json", "Log/1.0.0/invalid/blank-line/gap.jsonl", "Page/0.1.0/valid/full.md"):
        assert files[f"payloads/{file}"] == EXAMPLES[file]
    assert files["payloads/Page/0.1.0/cases/no-text.json"] == b'{\n  "id": "a",\n  "text": " "\n}\n'


def test_the_index_leads_to_every_file_and_says_what_is_expected(suite: Suite) -> None:
    files = _files(suite)
    assert faults("conformance.json", files["cases.json"]) == []
    index = json.loads(files["cases.json"])
    assert [entry["id"] for entry in index["cases"]] == [case.id for case in suite.cases]
    named = [*index["schemas"].values(), *(entry[kind] for entry in index["cases"] for kind in ("text", "record") if kind in entry)]
    assert sorted([*named, "cases.json"]) == sorted(files)
    for entry, case in zip(index["cases"], suite.cases, strict=True):
        assert ("record" in entry) == (case.record is not ABSENT)
        assert case.record is ABSENT or decode(files[entry["record"]]) == case.record
        assert json.loads(files[index["schemas"][entry["schema"]]])["$id"] == case.contract.uri
    assert index["cases"][2]["expect"] == {
        "schema": True,
        "verdict": True,
        "findings": [{"rule": "log-day", "pointer": "/day", "severity": "warning"}],
    }
    assert index["cases"][4]["expect"] == {"verdict": False, "findings": [{"rule": "duplicate-key", "pointer": "", "severity": "error"}]}


def test_a_suite_is_written_whole_or_not_at_all(suite: Suite, tmp_path: Path) -> None:
    target = tmp_path / "deep/suite"
    assert write_suite(target, suite_files(suite)) == 18
    assert {path.relative_to(target).as_posix(): path.read_bytes() for path in target.rglob("*") if path.is_file()} == _files(suite)
    assert os.listdir(target.parent) == ["suite"]
    with pytest.raises(NotWritten, match=r"suite is there already; name a folder that is not, or remove it first$"):
        write_suite(target, suite_files(suite))

    def broken() -> Iterator[tuple[str, bytes]]:
        yield "a", b""
        raise CatalogError("gone")

    with pytest.raises(CatalogError, match=r"^gone$"):
        write_suite(tmp_path / "other", broken())
    with pytest.raises(NotWritten, match=r"cannot be written: two cases would have the file .*/b/a$"):
        write_suite(tmp_path / "other", [("b/a", b""), ("b/a", b"")])
    assert not [name for name in os.listdir(tmp_path) if name.startswith("other")]
    (tmp_path / "empty").mkdir()
    assert write_suite(tmp_path / "empty", [("a", b"x")]) == 1
    with pytest.raises(NotWritten, match=r"cannot be written: Not a directory$"):
        write_suite(tmp_path / "empty/a/b", [("a", b"x")])


def test_the_shipped_suite_has_its_form_and_takes_sets_along() -> None:
    catalog = Catalog.shipped()
    suite = conformance_suite(catalog, suites_in(ROOT / "examples", catalog, ["TrackerIssue", "AgentLedgerEvent"]).cases)
    files = _files(suite, ROOT / "examples/sets")
    assert faults("conformance.json", files["cases.json"]) == []
    sets = json.loads(files["cases.json"])["sets"]
    assert len(sets) == len(list((ROOT / "examples/sets").rglob("expected.json")))
    assert all(f"{folder}/expected.json" in files for folder in sets)
    assert files == _files(suite, ROOT / "examples/sets")


def _essence(suite: Suite) -> list[tuple[Any, ...]]:
    """What a suite asks and expects, with numbers as they are written."""
    return [(question(case), case.valid, case.schema_valid, case.findings and sorted(case.findings)) for case in suite.cases]


def test_a_suite_that_was_written_and_read_is_the_same(suite: Suite, tmp_path: Path) -> None:
    write_suite(tmp_path / "suite", suite_files(suite))
    read = read_suite(tmp_path / "suite")
    assert _essence(read) == _essence(suite)
    assert greeting(read, "findings", 13) == greeting(suite, "findings", 13)
    pages = read_suite(tmp_path / "suite", ["Page@0.1.0"])
    assert [case.id for case in pages.cases] == [case.id for case in suite.cases if case.contract.name == "Page"]
    assert list(pages.schemas) == ["https://example.org/Page.json"]
    lines = (tmp_path / "suite/cases.json").read_text().splitlines()
    for case in read.cases:
        place = read.place_of(case)
        assert (place.file, place.column) == (str(tmp_path / "suite/cases.json"), 12)
        assert lines[place.line - 1].startswith(f'    {{"id": {json.dumps(case.id)}, ')
    for name, words in (
        ("Pages", "there is no contract Pages; did you mean Page?"),
        ("Page@0.2.0", "there is no contract Page@0.2.0; did you mean Page@0.1.0?"),
    ):
        with pytest.raises(UnknownContract) as unknown:
            read_suite(tmp_path / "suite", [name])
        assert str(unknown.value) == words


def _index_with(edit: Callable[[Any], object]) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        index = json.loads((folder / "cases.json").read_text())
        edit(index)
        (folder / "cases.json").write_text(json.dumps(index))

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda folder: (folder / "cases.json").unlink(), "cases.json cannot be read: No such file or directory"),
        (
            lambda folder: (folder / "cases.json").write_text('{"form": 1,,'),
            "cases.json:1:12: this is not JSON: key must be a string",
        ),
        (
            lambda folder: (folder / "cases.json").write_text("null"),
            'cases.json:1:1: null is not of type "object" (the form is that of schemas/meta/conformance.json)',
        ),
        (
            _index_with(lambda index: index.update(form=2)),
            "cases.json:1:10: at /form: 1 was expected (the form is that of schemas/meta/conformance.json)",
        ),
        (
            _index_with(lambda index: index["cases"][0].update(record="a/../../b")),
            'cases.json:1:308: at /cases/0/record: "a/../../b" is not right here: A path with slashes, that leads nowhere else (the form is that of schemas/meta/conformance.json)',
        ),
        (
            _index_with(lambda index: index["cases"][0].update(schema="x:y")),
            "cases.json: the case 'Log/1.0.0/valid/full.json' names the schema x:y, which is not listed",
        ),
        (
            _index_with(lambda index: index["cases"].append(index["cases"][0])),
            "cases.json: the case 'Log/1.0.0/valid/full.json' has an id that another has too",
        ),
        (
            lambda folder: (folder / "payloads/Log/1.0.0/valid/full.json").unlink(),
            "payloads/Log/1.0.0/valid/full.json cannot be read: No such file or directory",
        ),
        (
            lambda folder: (folder / "payloads/Log/1.0.0/valid/full.json").write_text('{"a": 1}}'),
            "payloads/Log/1.0.0/valid/full.json:1:9: there is more text after the JSON value",
        ),
        (
            lambda folder: (folder / "payloads/Page/0.1.0/valid/full.md").write_bytes(b"\xff"),
            "payloads/Page/0.1.0/valid/full.md is not UTF-8 text: 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte",
        ),
        (lambda folder: (folder / "schemas/Log/1.0.0.json").write_text("[]"), "schemas/Log/1.0.0.json: a contract's schema is an object"),
    ],
)
def test_a_suite_that_cannot_be_read(change: Callable[[Path], object], words: str, suite: Suite, tmp_path: Path) -> None:
    write_suite(tmp_path / "suite", suite_files(suite))
    change(tmp_path / "suite")
    with pytest.raises(CatalogError) as refused:
        read_suite(tmp_path / "suite")
    assert str(refused.value) == f"{tmp_path}/suite/{words}"
