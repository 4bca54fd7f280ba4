"""`srcos-validate ci` on small repositories: each time from a real process, with its exact words and exit code."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from .repository import CASES, SCHEMA, Repository, make_repository

ROOT = Path(__file__).resolve().parents[2]
WAIVER = "- contract: Thing\n  pointer: /properties/evidenceRefs\n  reason: Nobody writes more than two.\n  until: 0.2.0\n"
LINES = {
    "lint": "ok        lint TIME  1 schema: all in order",
    "released": "ok        released TIME  no released files, none withdrawn since HEAD (COMMIT)",
    "diff": "ok        diff TIME  1 contract compared with HEAD (COMMIT): 0 breaking, 0 undecided",
    "docs": "ok        docs TIME  generated files: in step",
    "cases": "ok        cases TIME  1 contract, 51 cases by rust and reference: all as stored",
    "mutants": "left out  mutants TIME  as was asked for",
    "sets": "left out  sets TIME  there are no sets of records in examples/sets",
    "set-mutants": "left out  set-mutants TIME  as was asked for",
}
"""What is said of a repository that has been changed since its last commit, and is in order, with --no-mutate."""
SHAPE = "evidenceRefs is list of references, at most 2, each once; it was list of references, each once"


def told(**lines: str) -> str:
    """The lines of a run, some of them replaced."""
    named = {name.replace("_", "-"): text for name, text in lines.items()}
    return "".join(text + "\n" for text in {**LINES, **named}.values())


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_repository(tmp_path_factory.mktemp("template") / "repository").root


@pytest.fixture
def made(template: Path, tmp_path: Path) -> Repository:
    """A repository of one contract that is in order, with two commits."""
    shutil.copytree(template, tmp_path / "repository")
    return Repository(tmp_path / "repository")


def _at_most_two(made: Repository) -> None:
    made.edit(SCHEMA, lambda schema: schema["properties"]["evidenceRefs"].update(maxItems=2))
    assert made.validate("docs").code == 0


def test_all_is_well(made: Repository) -> None:
    ended = made.validate("ci")
    assert ended.out == told(
        released="ok        released TIME  no released files, none withdrawn since HEAD^ (COMMIT)",
        diff="ok        diff TIME  1 contract compared with HEAD^ (COMMIT): 0 breaking, 0 undecided",
        mutants="ok        mutants TIME  72 mutants: 72 noticed, 0 waived, 0 not noticed",
        set_mutants="left out  set-mutants TIME  the rules about several records are not of this checkout, but of the package that is installed",
    )
    assert (ended.code, ended.err) == (0, "8 steps in TIME: all is well, 2 left out\n")


def test_a_case_that_does_not_give_what_is_stored_is_told_at_its_line(made: Repository) -> None:
    made.edit(CASES, lambda cases: cases["files"][2]["expect"][0].update(pointer="/elsewhere"))
    made.edit(CASES, lambda cases: cases["cases"][0].update(name="the same", expect=[]))
    made.write("examples/Thing/0.1.0/valid/stray.json", "{}\n")
    ended = made.validate("ci", "--no-mutate", "--format", "json")
    assert ended.code == 1
    found = [(one["rule"], one["file"], one["line"], one["message"].partition(": ")[2]) for one in json.loads(ended.out)["findings"]]
    file, name = "invalid/record-named/template-not-filled-in.json", "the same"
    assert found == [
        ("case-files", "examples/Thing/0.1.0/valid/stray.json", None, "files: valid/stray.json: the folder and cases.json do not name the same files"),
        (
            "case-differs",
            CASES,
            made.line_of(CASES, f'"file": "{file}"'),
            f"rust, reference: {file}: record-named at /elsewhere did not come and record-named at /id came",
        ),
        ("case-differs", CASES, made.line_of(CASES, f'"name": "{name}"'), f"rust, reference: {name}: schema-type at the record came"),
    ]  # fmt: skip
    # What is read by a program stands alone; the steps are told beside it.
    assert (
        ended.err
        == told(cases="wrong     cases TIME  1 contract, 51 cases by rust and reference: 3 do not give what they must")
        + "8 steps in TIME: 1 wrong, 3 left out\n"
    )


def test_a_mutant_that_nothing_notices_is_told_at_its_keyword_with_a_case_that_would(made: Repository) -> None:
    made.edit(CASES, lambda cases: cases.update(cases=[case for case in cases["cases"] if not case["name"].startswith("the record is")]))
    ended = made.validate("ci", "--skip", "set-mutants")
    case = '{"name": "replace the record null", "base": "valid/minimal.json", "patch": [{"op": "replace", "path": "", "value": null}], "expect": [{"rule": "schema-type", "pointer": ""}]}'
    line = made.line_of(SCHEMA, '  "type": "object"')
    survivor = (
        "error[mutant-survives]: a stored case notices every change of a contract\n"
        f"  --> {SCHEMA}:{line}:3  Thing 0.1.0  /type\n"
        "   = not noticed: Thing/0.1.0.json#/type: {}\n"
        f"   = help: a case that would notice: {case.replace('{', '{{').replace('}', '}}')}\n\n"
    )
    assert ended.out == told(
        cases="ok        cases TIME  1 contract, 49 cases by rust and reference: all as stored",
        mutants="wrong     mutants TIME  72 mutants: 70 noticed, 0 waived, 2 not noticed\n\n"
        + (survivor.format("dropped") + survivor.format("loosened by null")).removesuffix("\n"),
    )
    assert (ended.code, ended.err) == (1, "8 steps in TIME: 1 wrong, 2 left out\n")


def test_a_schema_that_is_not_written_as_it_should_be(made: Repository) -> None:
    made.write(SCHEMA, made.read(SCHEMA).replace('"type": "object",', '"type": "object",  ', 1))
    ended = made.validate("ci", "--no-mutate")
    line = made.line_of(SCHEMA, '"type": "object",')
    assert ended.out == told(
        lint="wrong     lint TIME  1 schema: 1 error, 0 warnings\n\n"
        "error[lint-layout]: a schema file is indented by two spaces, without trailing white space, and ends with one newline\n"
        f"  --> {SCHEMA}:{line}:20\n"
        f'{line} |   "type": "object",  \n'
        "   |                    ^^ the line ends with white space\n"
        "   = help: run: srcos-validate lint --fix\n"
    )
    assert (ended.code, ended.err) == (1, "8 steps in TIME: 1 wrong, 3 left out\n")


def test_generated_files_that_are_not_in_step_are_told_at_their_first_line(made: Repository) -> None:
    page = made.read("docs/contracts.md").splitlines(keepends=True)
    made.write("docs/contracts.md", "".join([*page[:6], "by hand\n", *page[6:]]))
    (made.root / "schemas/bundles/Thing/0.1.0.json").unlink()
    made.write("schemas/bundles/Other/0.1.0.json", "{}")
    ended = made.validate("ci", "--no-mutate", "--format", "jsonl")
    found = [json.loads(line) for line in ended.out.splitlines()]
    message = "generated files are what the contracts generate"
    assert [(one["rule"], one["file"], one["line"], one["message"], one["help"]) for one in found] == [
        ("generated-stale", "docs/contracts.md", 7, f"{message}: this file is not what they generate", "run: srcos-validate docs"),
        ("generated-stale", "schemas/bundles/Other/0.1.0.json", None, f"{message}: nothing generates this file any more", "run: srcos-validate docs"),
        ("generated-stale", "schemas/bundles/Thing/0.1.0.json", None, f"{message}: this file is not there", "run: srcos-validate docs"),
    ]  # fmt: skip
    assert ended.code == 1
    assert made.validate("docs").code == 0
    assert made.validate("ci", "--no-mutate", "--skip", "cases").code == 0


def test_the_page_cannot_be_removed_to_be_rid_of_the_check(made: Repository) -> None:
    (made.root / "docs/contracts.md").unlink()
    (made.root / "schemas/catalog.json").unlink()
    ended = made.validate("ci", "--no-mutate", "--skip", "cases", "--format", "jsonl")
    assert [json.loads(line)["file"] for line in ended.out.splitlines()] == ["docs/contracts.md", "schemas/catalog.json"]
    assert ended.code == 1


def test_a_change_that_breaks_is_told_with_a_payload(made: Repository) -> None:
    _at_most_two(made)
    ended = made.validate("ci", "--no-mutate")
    line = made.line_of(SCHEMA, '"maxItems": 2')
    assert ended.out == told(
        diff="wrong     diff TIME  1 contract compared with HEAD (COMMIT): 1 breaking, 0 undecided\n\n"
        "  Thing 0.1.0  breaking\n"
        "    backward: breaking\n"
        f"      --> {SCHEMA}:{line}:7  /properties/evidenceRefs/maxItems\n"
        '      witness: Thing/0.1.0/valid/full.json with [{"op": "add", "path": "/evidenceRefs/2", "value": "a"}]\n'
        "        error[schema-max-items]: evidenceRefs has 3 items, not at most 2\n"
        "    forward: compatible  (not asked for by the policy)\n"
        "      proof: what the new version accepts, the old one accepts\n"
        "        each of its demands is met by an equal one, or asks nothing of what can come\n"
        "    SHAPE (what generated types see: names, types, titles)\n"
        f"      {SHAPE}\n"
    )
    assert (ended.code, ended.err) == (1, "8 steps in TIME: 1 wrong, 3 left out\n")


def test_a_waiver_approves_it_until_the_change_is_in(made: Repository) -> None:
    _at_most_two(made)
    made.write("waivers.yaml", WAIVER)
    ended = made.validate("ci", "--no-mutate")
    assert ended.code == 0
    assert "ok        diff TIME  1 contract compared with HEAD (COMMIT): 0 breaking, 0 undecided, 1 approved\n" in ended.out
    assert "      approved until 0.2.0: Nobody writes more than two.\n" in ended.out
    made.commit()
    made.commit()
    ended = made.validate("ci", "--no-mutate")
    assert (
        "warning[waiver-lapsed]: a waiver is gone once the state that is compared with has the change\n"
        "  --> waivers.yaml:1:3\n"
        "1 | - contract: Thing\n"
        "  |   ^^^^^^^^^^^^^^^ the waiver of Thing /properties/evidenceRefs is not needed any more\n"
        "  = help: remove it\n"
    ) in ended.out
    assert ended.code == 0


def test_a_waiver_of_nothing_is_told_at_its_line(made: Repository) -> None:
    made.write("waivers.yaml", "# approved\n" + WAIVER)
    ended = made.validate("ci", "--no-mutate")
    assert ended.code == 1
    assert (
        "error[waiver-useless]: every waiver approves a change that breaks something\n"
        "  --> waivers.yaml:2:3\n"
        "2 | - contract: Thing\n"
        "  |   ^^^^^^^^^^^^^^^ the waiver of Thing /properties/evidenceRefs approves nothing that breaks\n"
        "  = help: correct or remove it\n"
    ) in ended.out
    # The same of `diff`: the same code, the same finding.
    ended = made.validate("diff", "--against", "HEAD", "--format", "jsonl")
    assert ended.code == 1
    assert [(one["rule"], one["severity"], one["file"], one["line"]) for one in map(json.loads, ended.out.splitlines())] == [
        ("waiver-useless", "error", "waivers.yaml", 2)
    ]
    assert ended.err.startswith(
        "error: waivers.yaml:2:3: the waiver of Thing /properties/evidenceRefs approves nothing that breaks; correct or remove it\n"
    )
    (waiver,) = json.loads(made.validate("diff", "--against", "HEAD", "--format", "json").out)["waivers"]
    assert (waiver["contract"], waiver["place"], waiver["lapsed"]) == ("Thing", "waivers.yaml:2:3", False)


def test_a_baseline_that_cannot_be_used_is_mended(made: Repository) -> None:
    """What nobody could use, nobody could rely on: the change that mends it passes, with a word."""
    right = made.read(SCHEMA)
    made.write(SCHEMA, right.replace('"type": "object"', '"type": "objct"', 1))
    made.commit()
    made.write(SCHEMA, right)
    ended = made.validate("ci", "--no-mutate")
    place = f"HEAD:{SCHEMA}:{made.line_of(SCHEMA, chr(34) + 'type' + chr(34) + ': ' + chr(34) + 'object')}:11"
    because = "it cannot be compared, for the old schema cannot be used, so nothing could rely on it"
    commit = made.git("rev-parse", "HEAD")
    said = ended.out.partition("ok        diff ")[2].partition("ok        docs")[0].replace(commit, "HEAD")
    assert said.splitlines()[0] == "TIME  0 contracts compared with HEAD (COMMIT): 0 breaking, 0 undecided, 1 mended"
    assert said.splitlines()[2] == "  Thing 0.1.0  mended"
    assert said.splitlines()[3].startswith(f"    {because}: {place}: ")
    assert ended.code == 0
    ended = made.validate("diff", "--against", "HEAD")
    assert (ended.code, ended.err) == (0, "0 contracts compared, policy backward: 0 breaking, 0 undecided, 1 mended\n")
    assert ended.out.startswith(f"Thing 0.1.0  mended\n  {because}: {place}: ")
    ended = made.validate("diff", "--against", "HEAD", "--format", "github")
    assert ended.out.startswith(f"::warning file={SCHEMA},title=cannot-compare%3A Thing 0.1.0::every contract can be compared: {because}: ")
    # As long as it is not mended it is an error, also where the earlier state was no better.
    made.write(SCHEMA, right.replace('"type": "object"', '"type": "objct"', 1))
    assert made.validate("diff", "--against", "HEAD").code == 2


def _released(made: Repository) -> None:
    digest = hashlib.sha256((made.root / SCHEMA).read_bytes()).hexdigest()
    made.write("schemas/SHA256SUMS", f"{digest}  Thing/0.1.0.json\n")
    made.commit()


@pytest.mark.parametrize("sums", ["", None])
def test_a_checksum_cannot_be_withdrawn(made: Repository, sums: str | None) -> None:
    _released(made)
    assert made.validate("ci", "--no-mutate").code == 0
    (made.root / "schemas/SHA256SUMS").unlink()
    if sums is not None:
        made.write("schemas/SHA256SUMS", sums)
    ended = made.validate("ci", "--no-mutate", "--format", "jsonl")
    (found,) = [json.loads(line) for line in ended.out.splitlines()]
    assert found | {"help": ""} == {
        "rule": "lint-released",
        "severity": "error",
        "message": "a released file is as it was released: Thing/0.1.0.json was released, and has no line any more",
        "file": "schemas/SHA256SUMS",
        "line": None,
        "column": None,
        "pointer": "",
        "contract": None,
        "version": None,
        "schema": None,
        "schema_pointer": None,
        "help": "",
    }
    assert ended.code == 1
    assert "wrong     released TIME  no released files, 1 withdrawn since HEAD (COMMIT)\n" in ended.err


def test_a_released_file_cannot_be_changed_with_its_checksum(made: Repository) -> None:
    _released(made)
    before = made.read("schemas/SHA256SUMS").split()[0]
    made.edit(SCHEMA, lambda schema: schema.update(title="Another thing"))
    made.write("schemas/SHA256SUMS", f"{hashlib.sha256((made.root / SCHEMA).read_bytes()).hexdigest()}  Thing/0.1.0.json\n")
    assert made.validate("docs").code == 0
    ended = made.validate("ci", "--no-mutate", "--format", "jsonl")
    (found,) = [json.loads(line) for line in ended.out.splitlines()]
    assert (found["rule"], found["file"], found["line"]) == ("lint-released", "schemas/SHA256SUMS", 1)
    assert found["message"] == f"a released file is as it was released: Thing/0.1.0.json was released with the digest {before[:12]}..."
    assert ended.code == 1


def test_a_step_that_cannot_be_done_is_not_passed_over(made: Repository) -> None:
    shutil.copytree(ROOT / "examples/sets/valid/one-owner-a-tab", made.root / "examples/sets/valid/one-owner-a-tab")
    ended = made.validate("ci", "--no-mutate", without_duckdb=True)
    assert ended.out == told(
        docs="not done  docs TIME  examples/sets cannot be read without duckdb: pip install 'srcos-contracts[audit]'",
        sets="not done  sets TIME  sets of records need duckdb: pip install 'srcos-contracts[audit]'",
    )
    assert (ended.code, ended.err) == (2, "8 steps in TIME: 2 not done, 2 left out\n")
    # Whoever cannot have the library says so.
    ended = made.validate("ci", "--no-mutate", "--skip", "docs", "--skip", "sets", without_duckdb=True)
    assert (ended.code, ended.err) == (0, "8 steps in TIME: all is well, 4 left out\n")


def test_what_keeps_several_steps_from_being_done_is_told_once_and_at_its_place(made: Repository) -> None:
    made.write(SCHEMA, made.read(SCHEMA).replace('"type": "object",', '"type": "object" "x",', 1))
    ended = made.validate("ci", "--no-mutate", "--format", "jsonl")
    line = made.line_of(SCHEMA, '"type": "object" "x"')
    found = [json.loads(line) for line in ended.out.splitlines()]
    assert {(one["rule"], one["file"], one["line"]) for one in found} == {
        ("json-syntax", SCHEMA, line),
        ("step-undone", SCHEMA, line),
        ("step-undone", "schemas", None),
    }
    assert "not done  cases TIME  for the same reason as docs\n" in ended.err
    assert ended.code == 2


def test_what_is_wrong_in_one_step_keeps_no_other_from_being_done(made: Repository) -> None:
    made.write(CASES, "{")
    ended = made.validate("ci")
    assert f"not done  docs TIME  {CASES}:1:1: the text ends inside an object\n" in ended.out
    assert "not done  cases TIME  for the same reason as docs\n" in ended.out
    assert "not done  mutants TIME  for the same reason as docs\n" in ended.out
    assert "ok        lint TIME  1 schema: all in order\n" in ended.out
    assert ended.code == 2


def _annotations(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("::")]


def test_on_github_there_are_annotations_a_summary_and_outputs(made: Repository, tmp_path: Path) -> None:
    _at_most_two(made)
    summary, outputs = tmp_path / "summary.md", tmp_path / "outputs"
    summary.write_text("what an earlier step said\n")
    ended = made.validate("ci", "--no-mutate", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary), GITHUB_OUTPUT=str(outputs))
    line = made.line_of(SCHEMA, '"maxItems": 2')
    (annotation,) = _annotations(ended.err)
    title = "breaks-backward%3A Thing 0.1.0 /properties/evidenceRefs/maxItems"
    assert annotation.startswith(
        f"::error file={SCHEMA},line={line},col=7,endColumn=8,title={title}::what the old version of a contract accepts the new one accepts: "
    )
    assert '%0Ahelp: witness: Thing/0.1.0/valid/full.json with [{"op": "add", "path": "/evidenceRefs/2", "value": "a"}]' in annotation
    assert outputs.read_text() == "breaking=1\nundecided=0\n"
    text = summary.read_text()
    assert text.startswith(
        "what an earlier step said\n## srcos-validate ci: 1 wrong, 3 left out\n\n|  | step | time | result |\n|---|---|---|---|\n"
    )
    assert "| **wrong** | diff | " in text
    assert "| left out | mutants | 0.0 s | as was asked for |\n" in text
    assert "<details><summary>the payload</summary>" in text
    assert '"evidenceRefs": [\n    "urn:srcos:evidence:log-0001",' in text
    assert ended.code == 1


def test_annotations_name_files_from_the_top_of_the_repository(made: Repository) -> None:
    for name in ("schemas", "examples", "docs"):
        (made.root / "contracts").mkdir(exist_ok=True)
        (made.root / name).rename(made.root / "contracts" / name)
    made.commit()
    file = f"contracts/{SCHEMA}"
    made.write(file, made.read(file).replace('"type": "object",', '"type": "object",  ', 1))
    ended = made.validate("ci", "--no-mutate", within="contracts", GITHUB_ACTIONS="true")
    (annotation,) = _annotations(ended.err)
    assert annotation.startswith(f"::error file={file},line=")
    assert f"  --> {SCHEMA}:" in ended.out
    assert ended.code == 1


def test_words_of_a_contract_make_no_command_and_no_markup(made: Repository, tmp_path: Path) -> None:
    hostile = "::error::forged\n<script>x</script> @everyone https://evil.example ]]>\x1b[2J"
    made.edit(CASES, lambda cases: cases["cases"][0].update(name=hostile, expect=[]))
    summary = tmp_path / "summary.md"
    ended = made.validate("ci", "--no-mutate", "--skip", "docs", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary))
    assert ended.code == 1
    assert [line.partition("::")[0] for line in _annotations(ended.err)] == [""]
    assert len(_annotations(ended.err)) == 1
    assert _annotations(ended.err)[0].startswith(f"::error file={CASES},line=")
    assert "\x1b" not in ended.out + ended.err
    text = summary.read_text()
    assert "<script>" not in text
    assert "@everyone" not in text
    assert "https://evil" not in text


def test_an_output_that_cannot_be_written(made: Repository, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "none" / "summary.md")
    ended = made.validate("ci", "--no-mutate", "--skip", "cases", GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=nowhere)
    assert ended.code == 2
    assert ended.err.endswith(f"error: {nowhere} cannot be written: No such file or directory\n")


def test_several_forms_at_once(made: Repository) -> None:
    _at_most_two(made)
    skipped = [word for name in ("docs", "cases", "sets", "lint") for word in ("--skip", name)]
    forms = [word for form in ("human", "markdown=r.md", "sarif=r.sarif", "junit=r.xml") for word in ("--format", form)]
    ended = made.validate("ci", "--no-mutate", *skipped, *forms)
    assert ended.code == 1
    assert "wrong     diff TIME" in ended.out
    (run,) = json.loads(made.read("r.sarif"))["runs"]
    assert [result["ruleId"] for result in run["results"]] == ["breaks-backward"]
    assert made.read("r.md").startswith("## srcos-validate ci: 1 wrong, 6 left out\n")
    assert made.read("r.xml").count("breaks-backward") > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--skip", "tests"), "there is no step tests; there are lint, released, diff, docs, cases, mutants, sets, set-mutants"),
        (("--policy", "sideways"), "there is no policy sideways; there are backward, forward, full"),
        (("--format", "human", "--format", "json"), "two formats cannot share standard output; give one a file: --format json=report.json"),
        (("--format", f"json={SCHEMA}"), f"{SCHEMA} is one of the files to check; give the report a file of its own"),
        (("--format", "json=none/r.json"), "none/r.json cannot be written: No such file or directory"),
    ],
)
def test_a_command_line_that_cannot_be_followed(made: Repository, words: tuple[str, ...], said: str) -> None:
    before = made.read(SCHEMA)
    ended = made.validate("ci", *words)
    assert (ended.code, ended.out, ended.err) == (2, "", f"error: {said}\n")
    assert made.read(SCHEMA) == before


def test_a_folder_without_contracts(tmp_path: Path) -> None:
    ended = Repository(tmp_path).validate("ci")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "error: there is no folder schemas here; run this at the top of a repository of contracts\n"
    (tmp_path / "schemas").mkdir()
    ended = Repository(tmp_path).validate("ci", "--no-mutate")
    assert ended.code == 2
    assert ended.out.startswith(
        "not done  lint TIME  0 schemas: 1 error, 0 warnings\n\nerror[unreadable]: the folder holds no file to check\n"
    )
    assert "left out  diff TIME  nothing to compare with: this is no git repository\n" in ended.out
    assert "not done  cases TIME  schemas holds no " in ended.out


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("HEAD^^", None),
        ("never", "there is no revision never in the git repository of ."),
        ("--output=x", "'--output=x' is no git revision"),
        ("$(touch x)", "there is no revision $(touch x) in the git repository of ."),
    ],
)
def test_the_state_that_was_asked_for(made: Repository, reference: str, said: str | None) -> None:
    made.commit()
    ended = made.validate("ci", "--no-mutate", "--skip", "cases", f"--against={reference}")
    if said is None:
        assert "ok        diff TIME  1 contract compared with HEAD^^ (COMMIT): 0 breaking, 0 undecided\n" in ended.out
        assert ended.code == 0
    else:
        assert f"not done  released TIME  no released files; {said}\n" in ended.out
        assert "not done  diff TIME  for the same reason as released\n" in ended.out
        assert ended.code == 2
    assert not (made.root / "x").exists()


def test_a_pull_request_in_a_shallow_clone(made: Repository, tmp_path: Path) -> None:
    made.git("checkout", "--quiet", "-b", "change")
    made.commit()
    made.git("clone", "--quiet", "--depth=1", f"file://{made.root}", str(tmp_path / "clone"))
    clone = Repository(tmp_path / "clone")
    ended = clone.validate("ci", "--no-mutate", "--skip", "cases", GITHUB_BASE_REF="main")
    said = (
        "origin/main is not in this clone, which is shallow: let actions/checkout bring the whole history with `fetch-depth: 0`, "
        "or run: git fetch --unshallow"
    )
    assert f"not done  released TIME  no released files; {said}\n" in ended.out
    assert ended.code == 2
    made.git("clone", "--quiet", f"file://{made.root}", str(tmp_path / "whole"))
    ended = Repository(tmp_path / "whole").validate("ci", "--no-mutate", "--skip", "cases", GITHUB_BASE_REF="main")
    assert "ok        diff TIME  1 contract compared with origin/main (COMMIT): 0 breaking, 0 undecided\n" in ended.out
    assert ended.code == 0
