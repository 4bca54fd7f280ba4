"""Configurations: where they are found, what they say, and what is wrong with them."""

from __future__ import annotations

import json
import os
import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from srcos_contracts import check
from srcos_contracts.checking import check_all
from srcos_contracts.configuration.application import bound, demanded_of_paths, refuse_unknown
from srcos_contracts.configuration.discovery import BadConfiguration, candidates, named
from srcos_contracts.configuration.settings import AuditSettings, Settings, VendorWanted, read_settings, settings_of
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.demands import Demands, PathDemands
from srcos_contracts.parallel import check_in_workers
from srcos_contracts.reading.path_patterns import PathPatterns
from srcos_contracts.reading.source import select
from srcos_contracts.report.formats import FORMATS

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads((ROOT / "schemas/meta/configuration.json").read_text("utf-8"))
WHOLE = """\
schemas = "contracts"
strict = true
select = ["session-owner", "schema-type"]
ignore = ["blank-line"]
format = ["human", "sarif=out/a=b.sarif"]
max-findings = 7
baseline = "known.json"

[[paths]]
match = "g/**"
contract = "AgentLedgerEvent"

[[paths]]
match = ["old/*.json", "../more"]
strict = false
select = []
ignore = ["session-owner"]

[audit]
open = true
assume = ["policy"]
known = "ids.txt"

[vendor]
into = "vendor/schemas"

[[vendor.sources]]
source = "https://example.org/contracts.git"
revision = "v1"
contracts = ["MarkDone", "AgentStatus@1.0.0"]
with = ["rules", "cases"]

[[vendor.sources]]
source = "../other"
into = "third"
contracts = ["X"]
"""


def _found(folder: Path) -> list[tuple[str, str]]:
    return [(candidate.shown, candidate.passed_over) for candidate in candidates(str(folder))]


def _read(folder: Path, text: str, name: str = "srcos.toml") -> Settings:
    (folder / name).write_text(text, encoding="utf-8")
    settings = read_settings(named(str(folder / name)))
    assert settings is not None
    return settings


def test_the_nearest_is_found_upwards_and_not_beyond_the_repository(tmp_path: Path) -> None:
    inner = tmp_path / "repository" / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / "srcos.toml").write_text("")
    assert _found(inner) == [("../../../srcos.toml", "")]
    (tmp_path / "repository" / ".git").write_text("gitdir: elsewhere\n")
    assert _found(inner) == []
    (tmp_path / "repository" / "srcos.toml").write_text("")
    assert _found(inner) == [("../../srcos.toml", "")]
    (inner / "srcos.toml").write_text("")
    assert _found(inner)[0] == ("srcos.toml", "")


@pytest.mark.parametrize(
    ("text", "candidate", "configuration"),
    [
        ("[tool.srcos]\n", True, True),
        ('[ tool . "srcos" ]\nstrict = true\n', True, True),
        ("[tool]\nsrcos.strict = true\n", True, True),
        ("[tool]\nsrcos = {strict = true}\n", True, True),
        ("[[tool.srcos.paths]]\nmatch = 'a'\nstrict = true\n", True, True),
        ("[tool.other]\nsrcos = 1\n", True, False),
        ('[project]\nname = "srcos"\ndependencies = ["srcos-contracts"]\n', False, False),
        ('[project.scripts]\nsrcos-validate = "srcos_contracts:main"\n', False, False),
        ("[tool.srcos-contracts]\n", False, False),
        ("[tool.other]\nx = 1\n", False, False),
    ],
)
def test_a_shared_file_counts_where_it_has_the_table(tmp_path: Path, text: str, candidate: bool, configuration: bool) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text(text)
    assert bool(_found(tmp_path)) is candidate
    assert (settings_of(candidates(str(tmp_path))) is not None) is configuration


def test_a_shared_file_without_the_table_does_not_end_the_search(tmp_path: Path) -> None:
    inner = tmp_path / "a"
    inner.mkdir()
    (tmp_path / "srcos.toml").write_text("strict = true\n")
    (inner / "pyproject.toml").write_text("[tool.other.srcos]\nx = 1\n")
    settings = settings_of(candidates(str(inner)))
    assert settings is not None
    assert (settings.file, settings.strict) == ("../srcos.toml", True)


def test_one_of_its_own_comes_before_a_shared_one_which_is_told(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "srcos.toml").write_text("")
    (tmp_path / "pyproject.toml").write_text("[tool.srcos]\n")
    assert _found(tmp_path) == [("srcos.toml", "pyproject.toml")]
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    assert _found(tmp_path) == [("srcos.toml", "")]


def test_all_that_it_says_with_files_as_they_are_opened_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "contracts").mkdir()
    (tmp_path / "sub").mkdir()
    (tmp_path / "srcos.toml").write_text(WHOLE)
    monkeypatch.chdir(tmp_path / "sub")
    settings = settings_of(candidates(os.getcwd()))
    assert settings is not None
    places = settings.places
    paths = settings.paths
    assert settings._replace(places={}, paths=()) == Settings(
        "../srcos.toml",
        str(tmp_path),
        {},
        "../contracts",
        True,
        ("session-owner", "schema-type"),
        ("blank-line",),
        ("human", "sarif=../out/a=b.sarif"),
        7,
        "../known.json",
        (),
        AuditSettings(True, ("policy",), "../ids.txt"),
        (
            VendorWanted(
                "https://example.org/contracts.git", "v1", "../vendor/schemas", ("MarkDone", "AgentStatus@1.0.0"), ("rules", "cases")
            ),
            VendorWanted("../other", None, "../third", ("X",)),
        ),
    )
    assert [(entry.match.patterns, *entry[1:]) for entry in paths] == [
        (("g/**",), "AgentLedgerEvent", None, None, ()),
        (("old/*.json", "../more"), None, False, (), ("session-owner",)),
    ]
    assert {entry.match[::2] for entry in paths} == {(str(tmp_path), str(tmp_path / "sub"))}
    assert (places["paths", 1, "strict"], settings.place("audit", "open")) == ((15, 1), "../srcos.toml:20:1")


def test_the_same_in_a_shared_file(tmp_path: Path) -> None:
    (tmp_path / "contracts").mkdir()
    shared = WHOLE.replace("[[", "[[tool.srcos.").replace("\n[a", "\n[tool.srcos.a").replace("\n[v", "\n[tool.srcos.v")
    own = _read(tmp_path, WHOLE)
    other = _read(tmp_path, f"[tool.srcos]\n{shared}", "pyproject.toml")
    assert other._replace(file="", places={}) == own._replace(file="", places={})
    stated = [path for path in own.places if path[-1] not in ("paths", "sources", "audit", "vendor", 0, 1)]
    assert len(stated) > 20
    assert [(line - 1, column) for line, column in map(other.places.__getitem__, stated)] == [own.places[path] for path in stated]


def test_the_schema_is_one_and_takes_what_is_taken() -> None:
    jsonschema_rs.meta.validate(SCHEMA)
    jsonschema_rs.validator_for(SCHEMA, offline=True).validate(tomllib.loads(WHOLE))
    form = SCHEMA["properties"]["format"]["items"]["pattern"]
    assert form == f"^(?:human|{'|'.join(name for name in FORMATS if name != 'human')})(?:=.+)?$"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("strct = true", ['1:1: "strct" is not a property of the configuration; did you mean strict?']),
        ("Strict = true", ['1:1: "Strict" is not a property of the configuration; did you mean strict?']),
        ("zzz = 1", ['1:1: "zzz" is not a property of the configuration (correct the name, or remove it)']),
        ("strict = 1", ["1:10: strict is an integer, not a boolean (Whether warnings count as errors)"]),
        ('select = "x"', ["1:10: select is a string, not an array (The only rules to report, beside those that say that nothing was judged)"]),
        ('ignore = ["a", 3]', ["1:16: item 1 of ignore is an integer, not a string (A rule's id, as findings give it)"]),
        (
            'format = ["xml"]',
            [
                '1:11: item 0 of format is "xml", which does not fit the form "FORMAT or FORMAT=FILE": human, json, jsonl, github, gitlab, junit, markdown, sarif or tap, alone or with the file to write'
            ],
        ),
        ("max-findings = -1", ["1:16: max-findings is -1, not at least 0 (How many findings are shown at most; 0 is all)"]),
        ("[audit]\nasume = []", ['2:1: "asume" is not a property of audit; did you mean assume?']),
        ("[[paths]]\nstrict = true", ["1:1: match is missing in paths.0 (add match: A pattern, or a list of them: * and ? stay within a name, ** crosses folders, and a folder stands for all in it)"]),
        ('[[paths]]\nmach = "a"\nstrict = true', ['2:1: "mach" stands where match is missing; did you mean match?']),
        ('[[paths]]\nmatch = "a"', ["2:1: nothing is said of these paths: add contract, strict, select or ignore"]),
        ('[[paths]]\nmatch = "/a"\nstrict = true', ["2:9: /a: a pattern is relative to the folder of its file"]),
        ('[[paths]]\nmatch = ["a", "b/../c"]\nstrict = true', ["2:15: b/../c: in a pattern, .. stands at the beginning only"]),
        ("strict = 2026-01-01\n[[paths]]\nmatch = [1.5, nan]", ["1:10: strict is a date or a time, which no setting is", "3:15: paths.0.match.1 is nan, which no setting is"]),
        ("select = []", ["1:10: select has 0 items, not at least 1 (The only rules to report, beside those that say that nothing was judged)"]),
        ('baseline = "a\\u0000b"', ["1:12: baseline is a text with a zero character, which no setting is"]),
        ('schemas = "nowhere"', ["1:11: there is no folder or file nowhere beside {file}"]),
        ("[tool.srcos]\nstrict = true", ["1:2: in srcos.toml the settings stand at the top: leave [tool.srcos] out"]),
        ('[vendor]\n[[vendor.sources]]\nsource = "a"\ncontracts = ["X"]', ["2:1: nothing says where these contracts go: add into, here or to vendor"]),
        *(
            (f'[vendor]\ninto = "v"\n[[vendor.sources]]\nsource = "a"\nrevision = "{name}"\ncontracts = ["X"]', [f'5:12: "{name}" {words}'])
            for name, words in [
                ("abc1234", "is no full commit, which has 40 or 64 hex digits in lower case; a tag of that name is refs/tags/abc1234"),
                ("A" * 40, "is no full commit, which has 40 or 64 hex digits in lower case"),
                *((name, "can be the name of no commit, tag or branch") for name in ("fatal: no", "-v2", "v1..v2", "v2.", "a/")),
            ]
        ),
        (
            '[vendor]\ninto = "v"\n[[vendor.sources]]\nsource = "https://ann:secret@example.org/x.git"\ncontracts = ["X"]',
            ["4:10: the URL of example.org has a name or password in it, which all would read in the lock; leave it to a credential helper"],
        ),
        (
            'strict = "yes"\n[[paths]]\nmatch = "a"\nignored = ["x"]\n',
            ['1:10: strict is a string, not a boolean (Whether warnings count as errors)', '4:1: "ignored" is not a property of paths.0; did you mean ignore?'],
        ),
        ("strict = tru", ["1:10: this is not TOML: invalid value"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, faults: list[str]) -> None:
    file = str(tmp_path / "srcos.toml")
    with pytest.raises(BadConfiguration) as raised:
        _read(tmp_path, text)
    assert list(raised.value.faults) == [f"{file}:{fault.format(file=file)}" for fault in faults]


def test_one_folder_cannot_have_a_contract_of_two_sources(tmp_path: Path) -> None:
    first = '[vendor]\ninto = "c"\n[[vendor.sources]]\nsource = "../a"\ncontracts = ["Note", "Card@1"]\n'
    second = '[[vendor.sources]]\nsource = "../b"\ninto = "%s"\ncontracts = ["Card", "Card@1"]\n'
    with pytest.raises(BadConfiguration) as raised:
        _read(tmp_path, first + second % "./c/")
    words = "Card@1 is wanted of ../a too, and one folder cannot have both: name another with into"
    assert str(raised.value) == f"{tmp_path}/srcos.toml:9:22: {words}"
    assert len(_read(tmp_path, first + second % "d").vendor) == 2


def test_what_is_no_table_of_a_shared_file_is_told(tmp_path: Path) -> None:
    for text, said in (
        ("[tool]\nsrcos = 3\n", "pyproject.toml:2:9: tool.srcos is no table: write [tool.srcos]"),
        ("[[tool.srcos]]\nstrict = true\n", "pyproject.toml:1:1: tool.srcos is no table: write [tool.srcos]"),
        ("[tool.srcos\nstrict = true\n", "pyproject.toml:1:12: this is not TOML: expected ']' at the end of a table declaration"),
    ):
        (tmp_path / "pyproject.toml").write_text(text)
        with pytest.raises(BadConfiguration) as raised:
            settings_of(candidates(str(tmp_path)))
        assert str(raised.value) == said


def test_the_text_of_many_faults_is_the_first_and_their_number(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration) as raised:
        _read(tmp_path, "a1 = 1\nb1 = 2\n")
    file = tmp_path / "srcos.toml"
    assert str(raised.value) == (
        f'{file}:1:1: "a1" is not a property of the configuration (correct the name, or remove it) '
        "(and 1 more: srcos-validate config tells all)"
    )


def test_faults_of_a_shared_file_stand_where_they_are_in_it(tmp_path: Path) -> None:
    with pytest.raises(BadConfiguration) as raised:
        _read(tmp_path, '[project]\nname = "x"\n[tool.srcos]\nstrct = true\n', "pyproject.toml")
    assert str(raised.value) == (f'{tmp_path}/pyproject.toml:4:1: "strct" is not a property of the configuration; did you mean strict?')


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_one_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "srcos.toml").touch(mode=0)
    with pytest.raises(BadConfiguration, match=r"^srcos.toml cannot be read: permission denied; mend it, or do without it: --no-config$"):
        _found(tmp_path)


def test_what_is_no_file_or_too_large_is_no_configuration(tmp_path: Path) -> None:
    (tmp_path / "srcos.toml").mkdir()
    with pytest.raises(BadConfiguration, match=r"^srcos.toml is no file, and no configuration: mend it, or do without it: --no-config$"):
        _found(tmp_path)
    (tmp_path / "srcos.toml").rmdir()
    (tmp_path / "srcos.toml").symlink_to("gone")
    with pytest.raises(BadConfiguration, match=r"^srcos.toml cannot be read: no such file or directory; mend it"):
        _found(tmp_path)
    (tmp_path / "srcos.toml").unlink()
    (tmp_path / "srcos.toml").write_bytes(b"#" * (4 * 1024 * 1024 + 1))
    with pytest.raises(BadConfiguration, match=r"^srcos.toml has more than 4 MiB, and was not read"):
        _found(tmp_path)


def test_names_that_the_catalog_does_not_have_are_told_with_their_place(tmp_path: Path) -> None:
    settings = _read(
        tmp_path,
        'select = ["session-owner", "sesion-owner"]\n[[paths]]\nmatch = "a"\ncontract = "AgentStatsu"\n'
        'ignore = ["zzz"]\n[[paths]]\nmatch = "b"\ncontract = "AgentStatus@1.0.0"\n',
    )
    with pytest.raises(BadConfiguration) as raised:
        refuse_unknown(settings, Catalog.shipped())
    assert list(raised.value.faults) == [
        f"{settings.file}:1:28: there is no rule sesion-owner; did you mean session-owner?",
        f"{settings.file}:4:1: there is no contract AgentStatsu; did you mean AgentStatus?",
        f"{settings.file}:5:11: there is no rule zzz",
    ]


def test_a_contract_is_bound_to_files_whose_records_say_nothing_else(tmp_path: Path) -> None:
    settings = _read(
        tmp_path,
        '[[paths]]\nmatch = "**"\ncontract = "MarkDone"\n[[paths]]\nmatch = "s/*.json"\ncontract = "HumanSteeringRequest"\n'
        '[[paths]]\nmatch = "gone"\ncontract = "NoSuchContract"\n',
    )
    catalog = bound(settings, Catalog.shipped())

    def claimed(record: Any, file: str) -> str | None:
        claim = catalog.claim(record, str(tmp_path / file))
        return claim.contract.name if claim is not None else None

    assert claimed({}, "x.json") == "MarkDone"
    assert claimed({}, "s/x.json") == "HumanSteeringRequest"
    assert claimed({}, "../x.json") is None
    assert claimed({}, "agents/me/status.json") == "AgentStatus"
    assert claimed({"type": "CapabilityLedger", "specVersion": "0.1.0"}, "s/x.json") == "CapabilityLedger"
    assert claimed({}, "gone/x.json") == "MarkDone"
    assert catalog.binds(str(tmp_path / "notes.md"))
    assert not Catalog.shipped().binds(str(tmp_path / "notes.md"))
    assert catalog.binding(()).claim({}, str(tmp_path / "x.json")) is None


def test_what_is_asked_of_a_file_is_what_all_entries_leave() -> None:
    def entry(pattern: str, strict: bool | None = None, select: frozenset[str] | None = None, *ignore: str) -> PathDemands:
        return PathDemands(PathPatterns("/r", (pattern,), "/r"), strict, select, frozenset(ignore))

    demands = Demands(
        ignore=frozenset(("never",)),
        paths=(
            entry("a/**", True, None, "one"),
            entry("a/b/**", None, frozenset(("two", "one", "three")), "three"),
            entry("a/b/c/**", False, frozenset()),
        ),
    )
    rules = ("one", "two", "three", "never", "unclaimed-record")

    def kept(file: str) -> list[str]:
        return [rule for rule in rules if demands.of(file).keeps(rule)]

    assert kept("x.json") == ["one", "two", "three", "unclaimed-record"]
    assert kept("a/x.json") == ["two", "three", "unclaimed-record"]
    assert kept("a/b/x.json") == ["two", "unclaimed-record"]
    assert kept("a/b/c/x.json") == ["unclaimed-record"]
    assert [demands.of(file).strict for file in ("x", "a/x", "a/b/x", "a/b/c/x")] == [False, True, True, False]
    assert demands.of("<stdin>") is demands
    assert Demands().of("a/x") == Demands()


def test_worker_processes_know_bindings_and_demands_of_paths(tmp_path: Path) -> None:
    settings = _read(
        tmp_path,
        '[[paths]]\nmatch = "**/*.jsonl"\ncontract = "MarkDone"\n[[paths]]\nmatch = "b.jsonl"\nignore = ["schema-pattern"]\n'
        '[[paths]]\nmatch = "c.jsonl"\nstrict = true\n',
    )
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.jsonl").write_text('{"title": "", "summary": "x"}\n\n{"title": "x", "summary": "x"}\n')
    catalog = bound(settings, Catalog.shipped())
    sources = select([str(tmp_path)], bound=catalog.binds).sources
    demands = Demands(paths=demanded_of_paths(settings))
    batches = list(check_in_workers(catalog, sources, demands, 2))
    assert [
        (os.path.basename(finding.location.file), finding.rule, finding.severity, finding.contract)
        for batch in batches
        for finding in batch.findings
    ] == [
        ("a.jsonl", "schema-pattern", "error", "MarkDone"),
        ("a.jsonl", "blank-line", "warning", ""),
        ("b.jsonl", "blank-line", "warning", ""),
        ("c.jsonl", "schema-pattern", "error", "MarkDone"),
        ("c.jsonl", "blank-line", "error", ""),
    ]
    assert [finding for batch in check_all(catalog, sources, demands) for finding in batch.findings] == [
        finding for batch in batches for finding in batch.findings
    ]


def test_a_program_reads_a_configuration_where_it_names_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "done.json").write_text('{"title": "", "summary": "x"}')
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "done.json").write_text('{"title": "", "summary": "x"}')
    (tmp_path / "srcos.toml").write_text(
        '[[paths]]\nmatch = "**/done.json"\ncontract = "MarkDone"\n[[paths]]\nmatch = "old"\nselect = ["blank-line"]\n'
    )
    assert [finding.rule for finding in check("done.json")] == ["unclaimed-record"]
    assert [(finding.rule, finding.contract) for finding in check("done.json", configuration="srcos.toml")] == [
        ("schema-pattern", "MarkDone")
    ]
    assert check(tmp_path / "old", configuration="srcos.toml") == []
    (tmp_path / "pyproject.toml").write_text("")
    with pytest.raises(BadConfiguration, match=r"^pyproject.toml has no table \[tool.srcos\]$"):
        check("done.json", configuration="pyproject.toml")


def test_arguments_of_a_program_come_before_its_configuration(tmp_path: Path) -> None:
    warned = ROOT / "tests/cli/payloads/warned.json"
    (tmp_path / "srcos.toml").write_text("strict = true\n")
    levels = [
        {finding.severity for finding in check(warned, strict=strict, configuration=tmp_path / "srcos.toml")}
        for strict in (None, False, True)
    ]
    assert levels == [{"error"}, {"warning"}, {"error"}]


def test_entries_that_only_bind_ask_nothing(tmp_path: Path) -> None:
    settings = _read(tmp_path, '[[paths]]\nmatch = "a"\ncontract = "MarkDone"\n[[paths]]\nmatch = "b"\nselect = []\n')
    assert [entry.match.patterns for entry in demanded_of_paths(settings)] == [("b",)]
