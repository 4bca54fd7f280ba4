"""`diff` and `release` as a person sees them: docs/changing-a-contract.md is carried out, from top to bottom, in a copy of this repository.

Its blocks of `diff` are applied with git, and its blocks of `console` run: what comes of each command is what the page shows.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.cli.pages import carried_out
from tests.cli.shell import Ended, run, surroundings

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/changing-a-contract.md"
_SOMEBODY = {
    name: value
    for role in ("AUTHOR", "COMMITTER")
    for name, value in ((f"GIT_{role}_NAME", "Ann"), (f"GIT_{role}_EMAIL", "ann@example.org"), (f"GIT_{role}_DATE", "2026-05-06T18:00:00Z"))
}


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    told = {name: value for name, value in surroundings(tmp_path_factory.mktemp("bin")).items() if not name.startswith("GIT_")}
    return {**told, **_SOMEBODY, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def _repository(where: Path, environment: dict[str, str], *contracts: str) -> Path:
    """This repository's contracts, or some of them, committed on main and tagged v1."""
    left_out = shutil.ignore_patterns("SHA256SUMS", *(["catalog.json", "explain.json", "bundles", "meta"] if contracts else []))

    def ignored(folder: str, names: list[str]) -> set[str]:
        others = [name for name in names if contracts and Path(folder).name in ("schemas", "examples") and name not in (*contracts, "defs")]
        return {*left_out(folder, names), *others}

    for name in ("schemas", "examples"):
        shutil.copytree(ROOT / name, where / name, ignore=ignored)
    line = "git init -q -b main && git add -A && git commit -qm 'As they are' && git tag v1"
    assert run(line, environment, where).code == 0
    return where


@pytest.fixture
def repository(tmp_path: Path, environment: dict[str, str]) -> Path:
    return _repository(tmp_path / "contracts", environment)


def test_the_page_is_what_happens(repository: Path, environment: dict[str, str]) -> None:
    def applied(text: str) -> str:
        done = subprocess.run(["git", "apply", "-"], cwd=repository, env=environment, input=text.encode(), capture_output=True)
        assert done.returncode == 0, f"{text}\n{done.stderr.decode()}"
        return text

    assert {*carried_out(PAGE, environment, repository, {"diff": applied}, codes=(0, 1, 2, 3))} == {"console", "diff"}


# Exit codes and forms


_CHANGED = ("MarkDone", "AgentStatus", "WorkflowConfig", "HumanSteeringRequest", "TrackerIssue")


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """A working tree in which one contract breaks, one is wider, one is gone, one has a name more and one cannot be used."""
    where = _repository(tmp_path_factory.mktemp("changed") / "contracts", environment, *_CHANGED, "SessionSummary")
    _edit(where / "schemas/MarkDone/0.1.0.json", '"maxLength": 72', '"maxLength": 50')
    _edit(where / "schemas/AgentStatus/1.0.0.json", '"additionalProperties": false', '"additionalProperties": true')
    _edit(
        where / "schemas/WorkflowConfig/0.1.0.json",
        '"properties": {\n    "tracker"',
        '"properties": {\n    "nickname": {"type": "string"},\n    "tracker"',
    )
    shutil.rmtree(where / "schemas/HumanSteeringRequest")
    (where / "schemas/TrackerIssue/0.1.0.json").write_text("{,}", "utf-8")
    return where


def _edit(path: Path, before: str, after: str) -> None:
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("--against v1", 2),
        ("--against v1 SessionSummary", 0),
        ("--against v1 TrackerIssue", 2),
        ("--against v1 AgentStatus --policy full", 1),
        ("v1 v1", 0),
        ("--against HEAD AgentStatus", 0),
        ("schemas/AgentStatus/1.0.0.json schemas/AgentStatus/1.0.0.json", 0),
        ("--against v2", 2),
        ("--against v1 NoSuchContract", 2),
        ("", 2),
        ("v1", 2),
        ("v1 HEAD main", 2),
        ("--against v1 --policy sideways", 2),
        ("--against v1 --format xml", 2),
        ("--against v1 --format json --format sarif", 2),
        ("--against v1 --format json=missing/x.json", 2),
        ("--against v1 --budget 0", 2),
        ("--against v1 --budget inf", 2),
        ("NoSuchContract@1 NoSuchContract@2", 2),
        ("MarkDone@0.1.0 MarkDone", 0),
        ("--help", 0),
    ],
)
def test_exit_code(arguments: str, code: int, changed: Path, environment: dict[str, str]) -> None:
    ended = run(f"srcos-validate diff {arguments}", environment, changed)
    assert ended.code == code, ended.stderr
    assert "Traceback" not in ended.stderr


def test_breaking_is_one_and_undecided_three(tmp_path: Path, environment: dict[str, str]) -> None:
    names: dict[str, Any] = {"$id": "https://example.org/a.json", "title": "A", "propertyNames": {"pattern": "^[ab]$"}}
    for name, document in (("old", names), ("few", {**names, "maxProperties": 2}), ("one", {**names, "required": ["a"]})):
        (tmp_path / f"{name}.json").write_text(json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **document}))
    assert run("srcos-validate diff old.json one.json", environment, tmp_path).code == 1
    undecided = run("srcos-validate diff old.json few.json --budget 0.2", environment, tmp_path)
    assert undecided.code == 3
    assert "  backward: undecided\n    no rule shows it, and no payload was found that shows the contrary\n" in undecided.stdout
    assert undecided.stderr == "1 contract compared, policy backward: 0 breaking, 1 undecided\n"
    assert run("srcos-validate diff few.json old.json", environment, tmp_path).code == 0


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"properties": {"v": {"maximum": 10.5}}', '"properties": {"v": {"maximum": 20.5}}', "v is 20, not at most 10.5"),
        ('"maximum": 0.75', '"maximum": 0.7', "the record is 0.75, not at most 0.7"),
        ('"minimum": 0.1', '"minimum": 0.2', "the record is 0.1, not at least 0.2"),
        ('"multipleOf": 0.5', '"multipleOf": 0.25', "the record is 0.25, not a multiple of 0.5"),
        ('"enum": [0.1]', '"enum": [0.1, 0.2]', "the record is 0.2, which is not 0.1"),
        ('"exclusiveMinimum": 0.0', '"minimum": 0.01', "the record is 0.005, not at least 0.01"),
    ],
)
def test_numbers_with_a_fraction_are_read_and_shown_as_they_are_written(
    old: str, new: str, words: str, tmp_path: Path, environment: dict[str, str]
) -> None:
    for name, keywords in (("old", old), ("new", new)):
        (tmp_path / f"{name}.json").write_text(f'{{"$schema": "https://json-schema.org/draft/2020-12/schema", {keywords}}}')
    ended = run("srcos-validate diff old.json new.json --policy full", environment, tmp_path)
    assert (ended.code, ended.stderr) == (1, "1 contract compared, policy full: 1 breaking, 0 undecided\n")
    assert words in ended.stdout
    (verdict,) = json.loads(run("srcos-validate diff old.json new.json --policy full --format json", environment, tmp_path).stdout)[
        "contracts"
    ]
    assert {verdict["backward"]["verdict"], verdict["forward"]["verdict"]} == {"compatible", "breaking"}
    for form in ("markdown", "github", "sarif"):
        assert run(f"srcos-validate diff old.json new.json --policy full --format {form}", environment, tmp_path).code == 1


def _in(form: str, changed: Path, environment: dict[str, str], more: str = "") -> Ended:
    return run(f"srcos-validate diff --against v1 --format {form} {more}", environment, changed)


def test_annotations_are_on_files_of_the_new_tree(changed: Path, environment: dict[str, str]) -> None:
    ended = _in("github", changed, environment, "--policy full")
    assert ended.code == 2
    told = [re.findall(r"^::(\w+) file=([^,]+),(?:line=(\d+))?.*title=([\w-]+)", line)[0] for line in ended.stdout.splitlines()]
    assert sorted(told) == [
        ("error", "schemas/AgentStatus/1.0.0.json", told_line(changed, "AgentStatus/1.0.0", '"additionalProperties"'), "breaks-forward"),
        ("error", "schemas/HumanSteeringRequest/0.1.0.json", "", "breaks-backward"),
        ("error", "schemas/MarkDone/0.1.0.json", told_line(changed, "MarkDone/0.1.0", '"maxLength"'), "breaks-backward"),
        ("error", "schemas/TrackerIssue/0.1.0.json", "1", "cannot-compare"),
        ("error", "schemas/WorkflowConfig/0.1.0.json", told_line(changed, "WorkflowConfig/0.1.0", '"nickname"'), "breaks-backward"),
    ]


def told_line(folder: Path, name: str, text: str) -> str:
    lines = (folder / f"schemas/{name}.json").read_text("utf-8").splitlines()
    return str(next(number for number, line in enumerate(lines, 1) if text in line))


def test_sarif_is_sarif(changed: Path, environment: dict[str, str]) -> None:
    report = json.loads(_in("sarif", changed, environment).stdout)
    results = report["runs"][0]["results"]
    assert [result["ruleId"] for result in results] == ["cannot-compare", "breaks-backward", "breaks-backward", "breaks-backward"]
    for result in results[1:]:
        assert "witness: " in result["message"]["text"]


def test_json_has_all_that_is_known(changed: Path, environment: dict[str, str]) -> None:
    report = json.loads(_in("json", changed, environment).stdout)
    assert report["problems"] == ["schemas/TrackerIssue/0.1.0.json:1:2: this is not JSON: key must be a string"]
    told = {one["contract"]: one for one in report["contracts"]}
    assert {name: one["label"] for name, one in told.items() if one["label"] != "unchanged"} == {
        "AgentStatus": "compatible",
        "HumanSteeringRequest": "removed",
        "MarkDone": "breaking",
        "WorkflowConfig": "breaking",
    }
    (broken,) = told["MarkDone"]["backward"]["breaks"]
    schema = json.loads((changed / "schemas/MarkDone/0.1.0.json").read_text("utf-8"))
    assert len(broken["payload"]["title"]) > schema["properties"]["title"]["maxLength"]
    schema["properties"]["summary"] = True
    assert not Draft202012Validator(schema).is_valid(broken["payload"])
    assert (broken["pointer"], broken["findings"][0]["rule"], broken["undeclaredName"]) == (
        "/properties/title/maxLength",
        "schema-max-length",
        None,
    )
    assert [broken["undeclaredName"] for broken in told["WorkflowConfig"]["backward"]["breaks"]] == ["/nickname"]


def test_what_a_schema_says_can_end_no_line_and_no_block(tmp_path: Path, environment: dict[str, str]) -> None:
    evil = "\x1b[31m\n::error::x\n```\n<b>|`"
    for name, bound in (("old", {}), ("new", {"const": evil})):
        document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "https://example.org/a.json", "title": "A"}
        (tmp_path / f"{name}.json").write_text(json.dumps({**document, "properties": {evil: bound}, "required": [evil]}))
    for form in ("human", "github", "markdown"):
        written = run(f"srcos-validate diff old.json new.json --format {form}", environment, tmp_path).stdout
        assert "\x1b" not in written
        assert "\n::error::x" not in written
        assert "<b>" not in re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", written, flags=re.DOTALL) or form != "markdown"


def test_colors_are_for_terminals(changed: Path, environment: dict[str, str]) -> None:
    assert "\x1b" not in run("srcos-validate diff --against v1", environment, changed).stdout


def test_verbose_shows_what_is_unchanged_too(changed: Path, environment: dict[str, str]) -> None:
    ended = run("srcos-validate diff v1 v1 --verbose", environment, changed)
    assert ended.code == 0
    assert "MarkDone 0.1.0" in ended.stdout
    assert ended.stdout.count("  unchanged\n") == 6
