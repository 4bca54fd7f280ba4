"""Configurations on the command line: what they change, what options change of that, and what is shown of both."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import Ended, run, surroundings

PAYLOADS = Path(__file__).parent / "payloads"
SETS = Path(__file__).parents[2] / "examples/sets"
DONE = '{"title": "Done", "summary": "All of it."}\n'


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return surroundings(tmp_path_factory.mktemp("bin"))


class Tree:
    """A folder with records and a configuration, and a shell in it."""

    def __init__(self, root: Path, environment: dict[str, str]) -> None:
        self.root, self._environment = root, environment
        (root / ".git").mkdir()
        (root / "sub").mkdir()
        for name in ("receipts.jsonl", "good.json", "warned.json"):
            shutil.copy(PAYLOADS / name, root)
            shutil.copy(PAYLOADS / name, root / "sub")

    def configure(self, text: str, file: str = "srcos.toml") -> None:
        (self.root / file).write_text(text, encoding="utf-8")

    def sh(self, line: str, within: str = ".") -> Ended:
        return run(line, self._environment, self.root / within)

    def found(self, line: str, within: str = ".") -> list[tuple[str, str, str]]:
        """Severity, rule and file of each finding of a check, each once."""
        ended = self.sh(line, within)
        told = [json.loads(finding) for finding in ended.stdout.splitlines()]
        return sorted({(finding["severity"], finding["rule"], finding["file"]) for finding in told})


@pytest.fixture
def tree(tmp_path: Path, environment: dict[str, str]) -> Tree:
    return Tree(tmp_path, environment)


def test_the_call_without_options_is_configured_too_and_says_so(tree: Tree) -> None:
    assert tree.sh("srcos-validate warned.json").code == 0
    tree.configure("strict = true\n")
    ended = tree.sh("srcos-validate warned.json")
    assert ended.code == 1
    assert ended.stderr == "1 file, 1 record: 3 errors, 0 warnings\nconfiguration: srcos.toml\n"
    assert tree.sh("srcos-validate warned.json", "sub").stderr.splitlines()[1] == "configuration: ../srcos.toml"
    assert tree.sh("srcos-validate check warned.json").code == 1
    assert tree.sh("srcos-validate --no-config warned.json") == tree.sh("rm srcos.toml; srcos-validate warned.json")


def test_a_shared_file_configures_and_one_beside_it_comes_first(tree: Tree) -> None:
    tree.configure('[project]\nname = "x"\n\n[tool.srcos]\nstrict = true\n', "pyproject.toml")
    assert tree.sh("srcos-validate warned.json").stderr.splitlines()[1] == "configuration: pyproject.toml"
    tree.configure("strict = false\n")
    ended = tree.sh("srcos-validate warned.json")
    assert ended.code == 0
    assert ended.stderr.splitlines()[1] == "configuration: srcos.toml; that in pyproject.toml does not count"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ("", 1),
        ("--no-strict", 0),
        ("--no-config", 0),
        ("--config other.toml", 0),
        ("--config other.toml --strict", 1),
        ("--ignore operation-owner", 0),
        ("--select blank-line", 0),
    ],
)
def test_an_option_takes_the_place_of_the_setting(tree: Tree, options: str, code: int) -> None:
    tree.configure('strict = true\nignore = ["schema-required"]\n')
    tree.configure("", "other.toml")
    assert tree.sh(f"srcos-validate {options} warned.json").code == code


def test_rules_are_selected_and_ignored_by_path(tree: Tree) -> None:
    tree.configure(
        'format = ["jsonl"]\n[[paths]]\nmatch = "sub/*.jsonl"\nignore = ["session-owner"]\n[[paths]]\nmatch = ["sub/receipts.jsonl"]\n'
        'select = ["session-owner", "policy-decision-ref"]\n[[paths]]\nmatch = "sub"\nstrict = true\n'
    )
    expected = [
        ("error", "operation-owner", "sub/warned.json"),
        ("error", "policy-decision-ref", "receipts.jsonl"),
        ("error", "policy-decision-ref", "sub/receipts.jsonl"),
        ("error", "session-owner", "receipts.jsonl"),
        ("warning", "operation-owner", "receipts.jsonl"),
        ("warning", "operation-owner", "warned.json"),
    ]
    paths = "sub receipts.jsonl warned.json good.json"
    assert tree.found(f"srcos-validate {paths}") == expected
    assert tree.found(f"srcos-validate audit --open --ignore id-unique {paths}") == expected
    assert tree.found("srcos-validate --no-strict warned.json sub/warned.json") == [
        ("warning", "operation-owner", "sub/warned.json"),
        ("warning", "operation-owner", "warned.json"),
    ]
    # Of the paths an option says nothing: what is left out there stays left out.
    assert tree.found(f"srcos-validate --select session-owner {paths}") == [("error", "session-owner", "receipts.jsonl")]
    assert tree.found("srcos-validate receipts.jsonl", "sub") == [("error", "policy-decision-ref", "receipts.jsonl")]
    named = tree.found("srcos-validate check - --stdin-name sub/x.jsonl < receipts.jsonl")
    assert [rule for _, rule, _ in named] == ["operation-owner", "policy-decision-ref"]
    assert [rule for _, rule, _ in tree.found("srcos-validate - < sub/receipts.jsonl")] == [
        "policy-decision-ref",
        "session-owner",
        "operation-owner",
    ]


def test_the_verdict_says_that_rules_were_ignored(tree: Tree) -> None:
    tree.configure('[[paths]]\nmatch = "old"\nignore = ["session-owner"]\n')
    assert tree.sh("srcos-validate good.json").stderr.splitlines()[0] == "1 file, 1 record: no finding of rules that are not ignored"


def test_a_contract_is_bound_to_paths(tree: Tree) -> None:
    (tree.root / "done").mkdir()
    (tree.root / "done" / "a.json").write_text(DONE)
    (tree.root / "done" / "b.md").write_text("# Not one of ours\n")
    (tree.root / "done" / "good.json").write_text((PAYLOADS / "good.json").read_text())
    assert tree.sh("srcos-validate done/a.json").code == 1
    tree.configure('[[paths]]\nmatch = "done/*.json"\ncontract = "MarkDone"\n')
    assert (
        tree.sh("srcos-validate done").stderr
        == "2 files, 2 records: all in order\nconfiguration: srcos.toml\nnot looked at in folders: 1 .md\n"
    )
    assert tree.sh("srcos-validate a.json", "done").code == 0
    (tree.root / "done" / "a.json").write_text(DONE.replace("Done", "one\\ntwo"))
    assert tree.found("srcos-validate --format jsonl done") == [("error", "schema-not", "done/a.json")]
    assert tree.sh("srcos-validate --contract HumanSteeringRequest done/a.json").code == 1


def test_a_bound_ledger_is_one_in_what_was_too(tree: Tree) -> None:
    (tree.root / "log").mkdir()
    ledger = tree.root / "log" / "done.jsonl"
    ledger.write_text(DONE * 3)
    tree.configure('[[paths]]\nmatch = "log/*.jsonl"\ncontract = "MarkDone"\n')
    assert tree.sh("git init -q . && git add log && git -c user.name=a -c user.email=a@example.org commit -qm x").code == 0
    assert tree.sh("srcos-validate audit log --seal before.seal").code == 0
    ledger.write_text(DONE * 2)
    for since in ("before.seal", "HEAD"):
        ended = tree.sh(f"srcos-validate audit log --since {since} --format jsonl")
        assert [json.loads(line)["rule"] for line in ended.stdout.splitlines()] == ["append-only"], ended.stderr


def test_history_rules_are_ignored_by_path_in_what_was_too(tree: Tree) -> None:
    (tree.root / "old").mkdir()
    shutil.copy(PAYLOADS / "good.json", tree.root / "old" / "receipt.json")
    shutil.copy(PAYLOADS / "good.json", tree.root / "old" / "other.json")
    made = tree.sh("git init -q . && git add old && git -c user.name=a -c user.email=a@example.org commit -qm x && rm old/*.json")
    assert made.code == 0, made.stderr
    audit = "srcos-validate audit --open --select receipt-immutable --since HEAD --format jsonl old warned.json"
    (tree.root / "old" / "warned.json").write_text((tree.root / "warned.json").read_text())
    told = [(severity, rule) for severity, rule, _ in tree.found(audit)]
    assert told == [("error", "receipt-immutable")] * 2
    tree.configure('[[paths]]\nmatch = "old/r*.json"\nignore = ["receipt-immutable"]\n')
    assert tree.found(audit) == [("error", "receipt-immutable", "old/other.json@HEAD")]


def test_what_an_audit_takes_for_granted(tree: Tree) -> None:
    shutil.copy(PAYLOADS / "receipts.jsonl", tree.root / "one.jsonl")
    (tree.root / "one.jsonl").write_text((PAYLOADS / "receipts.jsonl").read_text().splitlines(keepends=True)[0])
    roles = sorted({json.loads(line)["pointer"] for line in tree.sh("srcos-validate audit one.jsonl --format jsonl").stdout.splitlines()})
    assert len(roles) > 1
    tree.configure('[audit]\nassume = ["policy"]\n')
    fewer = {json.loads(line)["pointer"] for line in tree.sh("srcos-validate audit one.jsonl --format jsonl").stdout.splitlines()}
    assert set(roles) - fewer == {"/policyDecisionRef"}
    assert tree.sh("srcos-validate audit one.jsonl --assume session,evidence --format jsonl").stdout.count("/policyDecisionRef") == 1
    tree.configure("[audit]\nopen = true\n")
    assert tree.sh("srcos-validate audit one.jsonl").code == 0
    assert tree.sh("srcos-validate audit one.jsonl --no-open").code == 1


def test_schemas_are_those_of_the_configuration_for_every_command_that_reads_them(tree: Tree) -> None:
    (tree.root / "own").mkdir()
    thing = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Thing",
        "properties": {"type": {"const": "thing"}},
        "required": ["type"],
    }
    (tree.root / "own" / "thing.json").write_text(json.dumps(thing))
    (tree.root / "thing.json").write_text('{"type": "thing"}')
    tree.configure('schemas = "own"\nignore = ["schema-type"]\n')
    assert tree.sh("srcos-validate thing.json").code == 0
    assert tree.sh("srcos-validate ../thing.json", "sub").code == 0
    assert "Thing" in tree.sh("srcos-validate list", "sub").stdout
    assert tree.sh("srcos-validate show Thing").code == 0
    assert tree.sh("srcos-validate show Thing --no-config").code == 2
    assert tree.sh("srcos-validate explain schema-const").code == 0
    assert tree.sh("srcos-validate why nothing thing.json").stderr.startswith("error: ")
    assert "CapabilityLedger" in tree.sh("srcos-validate list --no-config").stdout
    tree.configure('schemas = "own"\nignore = ["session-owner"]\n')
    assert tree.sh("srcos-validate thing.json") == Ended(
        2, "", "error: srcos.toml:2:11: there is no rule session-owner; did you mean session-single-owner?\n"
    )


def test_names_of_other_schemas_than_were_asked_for_do_no_harm(tree: Tree) -> None:
    (tree.root / "thing.schema.json").write_text('{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Thing"}')
    tree.configure('ignore = ["session-owner"]\n[[paths]]\nmatch = "a"\ncontract = "MarkDone"\nignore = ["evidence-missing"]\n')
    assert tree.sh("srcos-validate --schemas thing.schema.json good.json").code == 0
    assert tree.sh("srcos-validate --schemas thing.schema.json --ignore nope good.json").code == 2


def test_reports_are_written_beside_the_configuration(tree: Tree) -> None:
    tree.configure('format = ["human", "json=report.out"]\n')
    assert tree.sh("srcos-validate good.json", "sub").code == 0
    assert json.loads((tree.root / "report.out").read_text())["findings"] == []


def test_a_baseline_may_be_configured(tree: Tree) -> None:
    tree.configure('baseline = "known.json"\n')
    missing = tree.sh("srcos-validate receipts.jsonl")
    assert (missing.code, missing.stderr) == (
        2,
        "error: the baseline known.json cannot be read: no such file or directory; --write-baseline known.json writes one\n",
    )
    assert tree.sh("srcos-validate --write-baseline known.json receipts.jsonl").code == 0
    assert tree.sh("srcos-validate receipts.jsonl").code == 0
    assert tree.sh("srcos-validate ../receipts.jsonl", "sub").code == 0
    assert tree.sh("srcos-validate --write-baseline known.json warned.json").stderr.splitlines()[-1] == (
        "known.json: 3 findings are known from now on"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("strct = true\n", 'srcos.toml:1:1: "strct" is not a property of the configuration; did you mean strict?'),
        ("a = 1\nb = 2\n", 'srcos.toml:1:1: "a" is not a property of the configuration (correct the name, or remove it) (and 1 more: srcos-validate config tells all)'),
        ('ignore = ["sesion-owner"]\n', "srcos.toml:1:11: there is no rule sesion-owner; did you mean session-owner?"),
        ('[[paths]]\nmatch = "a"\ncontract = "MarkDoen"\n', "srcos.toml:3:1: there is no contract MarkDoen; did you mean MarkDone?"),
        ('strict = "\n', "srcos.toml:1:11: this is not TOML: illegal character '\\n'"),
        ('"\\u001b[31m" = 1\n', 'srcos.toml:1:1: "\\x1b[31m" is not a property of the configuration (correct the name, or remove it)'),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["", "check ", "audit "])
def test_a_configuration_that_cannot_be_used_is_told(tree: Tree, command: str, text: str, said: str) -> None:
    tree.configure(text)
    assert tree.sh(f"srcos-validate {command}good.json") == Ended(2, "", f"error: {said}\n")
    assert tree.sh(f"srcos-validate {command}--no-config good.json").code in (0, 1)


def test_config_tells_all_faults(tree: Tree) -> None:
    tree.configure('a = 1\nselct = ["x"]\n')
    ended = tree.sh("srcos-validate config")
    assert (ended.code, ended.stdout) == (2, "")
    assert ended.stderr.splitlines() == [
        'error: srcos.toml:1:1: "a" is not a property of the configuration (correct the name, or remove it)',
        'error: srcos.toml:2:1: "selct" is not a property of the configuration; did you mean select?',
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ("--config gone.toml", "error: gone.toml cannot be read: no such file or directory; name another\n"),
        ("--config sub", "error: sub is no file, and no configuration: name another\n"),
        ("--config pyproject.toml", "error: pyproject.toml has no table [tool.srcos]\n"),
        ("--config pyproject.toml --no-config", "error: --config and --no-config cannot both be given\n"),
    ],
)
@pytest.mark.parametrize("command", ["check good.json", "audit good.json", "config", "list", "why x good.json"])
def test_a_configuration_that_is_named_and_cannot_be_had_is_told(tree: Tree, command: str, options: str, said: str) -> None:
    tree.configure("[project]\n", "pyproject.toml")
    assert tree.sh(f"srcos-validate {command} {options}") == Ended(2, "", said)


def test_config_shows_what_is_in_force_and_where_it_comes_from(tree: Tree) -> None:
    tree.configure(
        'strict = true\n[[paths]]\nmatch = ["old/**"]\nignore = ["session-owner"]\n[vendor]\ninto = "v"\n[[vendor.sources]]\nsource = "srcos-contracts"\ncontracts = ["MarkDone"]\n'
    )
    ended = tree.sh("srcos-validate config --select blank-line --no-open", "sub")
    assert ended == Ended(
        0,
        """\
Configuration  ../srcos.toml

setting       from               value
schemas       default            the shipped contracts
strict        ../srcos.toml:1:1  true
select        --select           blank-line
ignore        default            none
format        default            human
max-findings  default            100 for human, else all
baseline      default            none
audit.open    --no-open          false
audit.assume  default            none
audit.known   default            none

Of old/**
setting  from               value
ignore   ../srcos.toml:4:1  session-owner

Vendored from srcos-contracts
setting    from               value
contracts  ../srcos.toml:9:1  MarkDone
into       ../srcos.toml:6:1  ../v
""",
        "",
    )
    told: dict[str, Any] = json.loads(tree.sh("srcos-validate config --format json --strict").stdout)
    assert told["configuration"] == "srcos.toml"
    assert told["settings"][1] == {"name": "strict", "value": True, "from": "option", "place": "--strict"}
    assert told["settings"][2] == {"name": "select", "value": None, "from": "default", "place": None}
    assert told["paths"] == [{"match": ["old/**"], "ignore": ["session-owner"], "place": "srcos.toml:3:1"}]
    assert told["vendor"] == [
        {"source": "srcos-contracts", "revision": None, "into": "v", "contracts": ["MarkDone"], "with": [], "place": "srcos.toml:8:1"}
    ]
    assert tree.sh("srcos-validate config --no-config").stdout.startswith("Configuration  none, by --no-config\n")
    (tree.root / "srcos.toml").unlink()
    assert tree.sh("srcos-validate config").stdout.startswith(
        f"Configuration  none: no srcos.toml, and no [tool.srcos] in a pyproject.toml, from {tree.root} upwards\n"
    )


def test_a_call_without_a_configuration_imports_nothing_for_one(tree: Tree) -> None:
    tree.configure('[project]\nname = "srcos-example"\ndependencies = ["srcos-contracts"]\n', "pyproject.toml")
    program = (
        "import sys; sys.argv = ['srcos-validate', 'good.json']; from srcos_contracts.cli.main import main; code = main(); "
        "print(code, [name for name in ('tomllib', 'typer', 'fnmatch', 'srcos_contracts.configuration.settings', 'srcos_contracts.known', "
        "'srcos_contracts.cli.baseline', 'srcos_contracts.cli.configured') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=tree.root, capture_output=True, text=True, check=True)
    assert ended.stdout == "0 []\n"
