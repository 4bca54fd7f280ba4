"""`release`: the version that a change needs, what is written, and that a release never changes, wherever the writing is interrupted."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.cli.release import ReleaseRequest, run_release
from srcos_contracts.cli.test import TrialRequest, run_trials
from srcos_contracts.contracts.catalog import UnknownContract, version_order
from srcos_contracts.contracts.checksums import checksum, read_sums
from srcos_contracts.evolve.changelog import with_entry
from srcos_contracts.evolve.generate import generate
from srcos_contracts.evolve.lint import lint
from srcos_contracts.evolve.release import Bump, CannotRelease, Undecidable, plan, publish, smallest
from srcos_contracts.evolve.scaffold import scaffold
from srcos_contracts.evolve.set_renaming import CannotRename
from srcos_contracts.whole_file import replace_text

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS, EXAMPLES = Path("schemas"), Path("examples")
NAME = "BuildReceipt"
CHANGELOG = "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- A thing.\n\n### Fixed\n\n- Another.\n\n## [0.1.0]\n\n### Added\n\n- All.\n"


def _write(texts: dict[Path, str]) -> None:
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def _keep_what_is_used() -> None:
    bundle = json.loads(generate(SCHEMAS)[f"bundles/{NAME}/0.1.0.json"])
    for path in Path("schemas/defs").rglob("*.json"):
        document = json.loads(path.read_text("utf-8"))
        used = bundle["$defs"].get(document["$id"])
        if used is None:
            path.unlink()
        else:
            kept = {name: schema for name, schema in document["$defs"].items() if name in used["$defs"]}
            # No contract is here that they could refer to.
            text = re.sub(r'"to": \[[^\]]+\]', '"to": []', json.dumps({**document, "$defs": kept}, indent=2, ensure_ascii=False))
            path.write_text(text + "\n", "utf-8")


def _generated() -> None:
    _write({SCHEMAS / file: text for file, text in generate(SCHEMAS).items()})


@pytest.fixture(autouse=True)
def _checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A draft of one contract, with what it shares with others, and a changelog."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "schemas/defs", "schemas/defs")
    _write(scaffold(SCHEMAS, EXAMPLES, NAME))
    _write({Path("CHANGELOG.md"): CHANGELOG})
    _keep_what_is_used()
    _generated()


def _release(version: str | None = None, name: str = NAME) -> list[str]:
    return [str(path) for path in publish(SCHEMAS, EXAMPLES, plan(SCHEMAS, EXAMPLES, name, version))]


def _next(version: str, change: Callable[[dict[str, Any]], None] = lambda schema: None) -> None:
    """Begins a version as a copy of the last one, with a change, and keeps the cases that are as they say."""
    _write(scaffold(SCHEMAS, EXAMPLES, NAME, version))
    path = SCHEMAS / NAME / f"{version}.json"
    schema = json.loads(path.read_text("utf-8"))
    change(schema)
    path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8")
    cases = EXAMPLES / NAME / version / "cases.json"
    stored = json.loads(cases.read_text("utf-8"))
    cases.write_text(json.dumps({**stored, "cases": []}, indent=2) + "\n", "utf-8")
    _generated()


def _narrow(schema: dict[str, Any]) -> None:
    schema["properties"]["causalRefs"]["maxItems"] = 3


def _narrow_beyond_what_is_stored(schema: dict[str, Any]) -> None:
    schema["properties"]["causalRefs"]["maxItems"] = 0


def _widen(schema: dict[str, Any]) -> None:
    schema["properties"]["evidenceRefs"]["uniqueItems"] = False


def _warn_of_more(schema: dict[str, Any]) -> None:
    (warning,) = schema["x-warn"]
    warning["maxProperties"] = 90


def _reword(schema: dict[str, Any]) -> None:
    schema["description"] = "What a build was, in other words."


def _tree() -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in sorted(Path().rglob("*")) if path.is_file()}


# Which version


@pytest.mark.parametrize(
    ("before", "bump", "least"),
    [
        ("0.1.0", "major", "0.2.0"),
        ("0.1.0", "minor", "0.1.1"),
        ("0.1.9", "patch", "0.1.10"),
        ("1.2.3", "major", "2.0.0"),
        ("1.2.3", "minor", "1.3.0"),
        ("1.2.3", "patch", "1.2.4"),
        ("v1alpha1", "major", None),
    ],
)
def test_the_smallest_version(before: str, bump: Bump, least: str | None) -> None:
    assert smallest(before, bump) == least
    assert least is None or version_order(least) > version_order(before)


def test_a_version_comes_after_those_that_lead_up_to_it() -> None:
    order = ["0.9.0", "0.10.0", "1.0.0", "v1alpha1", "v1alpha2", "v1alpha10", "v1beta1", "v1", "v2alpha1", "v2"]
    assert sorted(order[:3], key=version_order) == order[:3]
    assert sorted(order[:2:-1], key=version_order) == order[3:]


CHANGES = [(_narrow, "major", "0.2.0"), (_widen, "minor", "0.1.1"), (_warn_of_more, "minor", "0.1.1"), (_reword, "patch", "0.1.1")]


@pytest.mark.parametrize(("change", "bump", "least"), CHANGES, ids=["narrowed", "widened", "warned of more", "reworded"])
def test_a_change_needs_a_version_that_says_what_it_is(change: Callable[[dict[str, Any]], None], bump: Bump, least: str) -> None:
    _release()
    _next("0.1.1", change)
    if least != "0.1.1":
        said = f"{NAME} 0.1.1 refuses records that it accepted, so after 0.1.0 it is at least {least}: --as {least}; srcos-validate diff shows the records"
        with pytest.raises(CannotRelease) as caught:
            plan(SCHEMAS, EXAMPLES, NAME)
        assert str(caught.value) == said
    made = plan(SCHEMAS, EXAMPLES, NAME, least)
    assert (made.bump, made.version, made.may_break) == (bump, least, False)
    assert made.before is not None
    assert made.before.version == "0.1.0"
    larger = plan(SCHEMAS, EXAMPLES, NAME, "3.0.0")
    assert larger.bump == bump


@pytest.mark.parametrize(("change", "least"), [(_narrow, "2.0.0"), (_widen, "1.1.0"), (_warn_of_more, "1.1.0"), (_reword, "1.0.1")])
def test_from_one_on_each_number_has_its_meaning(change: Callable[[dict[str, Any]], None], least: str) -> None:
    _release("1.0.0")
    _next("1.0.1", change)
    if least == "1.0.1":
        assert plan(SCHEMAS, EXAMPLES, NAME).version == least
    else:
        with pytest.raises(CannotRelease, match=rf"so after 1\.0\.0 it is at least {least}: --as {least};"):
            plan(SCHEMAS, EXAMPLES, NAME)
    assert plan(SCHEMAS, EXAMPLES, NAME, least).version == least


@pytest.mark.parametrize(
    ("first", "second", "refused"),
    [
        ("v1alpha1", "v1alpha2", False),
        ("v1alpha1", "v1", False),
        ("v1beta1", "v2alpha1", False),
        ("v1", "v2", False),
        ("v1", "2.0.0", True),
    ],
)
def test_alpha_and_beta_versions_promise_nothing_and_new_numbers_begin_anew(
    first: str, second: str, refused: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    _release(first)
    _next("v9", _narrow)
    if refused:
        with pytest.raises(CannotRelease, match=r"which only a release after an alpha or beta version may, or one of a new number$"):
            plan(SCHEMAS, EXAMPLES, NAME, second)
        return
    assert run_release(ReleaseRequest(NAME, second)) == 0
    told = f"{first} is an alpha or beta version, which promises nothing: whoever reads {NAME} is to be told\n"
    assert (told in capsys.readouterr().out) is ("a" in first)


@pytest.mark.parametrize(("version", "said"), [("0.1", "0.1"), ("01.0.0", "01.0.0"), ("../x", "../x"), ("v0", "v0")])
def test_a_version_has_one_of_two_forms(version: str, said: str) -> None:
    with pytest.raises(CannotRelease) as caught:
        plan(SCHEMAS, EXAMPLES, NAME, version)
    assert str(caught.value) == f"a version has the form 0.1.0 or v1alpha1, without leading zeros, not {said}"


def test_a_version_comes_after_the_last() -> None:
    _release("0.3.0")
    _next("0.4.0", _reword)
    for version in ("0.2.0", "0.2.9"):
        with pytest.raises(
            CannotRelease, match=rf"^{NAME} {version} does not come after the release 0\.3\.0; name a later version with --as$"
        ):
            plan(SCHEMAS, EXAMPLES, NAME, version)
    with pytest.raises(CannotRelease, match=rf"^{NAME} 0\.3\.0 is released, and a release never changes; name a later version with --as$"):
        plan(SCHEMAS, EXAMPLES, NAME, "0.3.0")


def test_what_is_undecided_is_not_released(capsys: pytest.CaptureFixture[str]) -> None:
    def marks(**more: Any) -> Callable[[dict[str, Any]], None]:
        def change(schema: dict[str, Any]) -> None:
            said = {"description": "How often a and b were seen.", "type": "object", "propertyNames": {"pattern": "^[ab]$"}}
            schema["properties"]["marks"] = {**said, "additionalProperties": {"type": "integer"}, **more}

        return change

    _next("0.2.0", marks())
    _release()
    # There are no more than two such names, which no rule knows.
    _next("0.3.0", marks(maxProperties=2))
    with pytest.raises(Undecidable, match=r"^it is undecided whether the draft breaks records: .*; a larger --budget may decide it$"):
        plan(SCHEMAS, EXAMPLES, NAME, seconds=0.2)
    assert run_release(ReleaseRequest(NAME, budget=0.2)) == 3
    assert "0.3.0.json" not in Path("schemas/SHA256SUMS").read_text()


# What is written


def test_a_first_release_freezes_the_contract_with_all_that_it_takes_in(capsys: pytest.CaptureFixture[str]) -> None:
    before = _tree()
    assert run_release(ReleaseRequest(NAME, dry=True)) == 0
    assert _tree() == before
    assert capsys.readouterr().out == f"{NAME} 0.1.0: the first release\nnothing is written: --dry-run\n"
    assert run_release(ReleaseRequest(NAME)) == 0
    written = [
        "schemas/BuildReceipt/0.1.0.json",
        "schemas/bundles/BuildReceipt/0.1.0.json",
        "schemas/catalog.json",
        "CHANGELOG.md",
        "schemas/SHA256SUMS",
    ]
    told = [
        f"{NAME} 0.1.0: the first release",
        *(f"written: {path}" for path in written),
        f"{NAME} 0.1.0 is released; commit all of these files together",
    ]
    assert capsys.readouterr().out.splitlines() == told
    after = _tree()
    assert {path for path in after if before.get(path) != after[path]} == set(written)
    released = read_sums("schemas")
    assert [*released] == [
        "BuildReceipt/0.1.0.json",
        "bundles/BuildReceipt/0.1.0.json",
        "defs/primitives/1.0.0.json",
        "defs/runtime-record/1.0.0.json",
        "defs/urn/1.0.0.json",
    ]
    assert all(one.digest == checksum((SCHEMAS / file).read_bytes()) for file, one in released.items())
    assert json.loads((SCHEMAS / NAME / "0.1.0.json").read_text("utf-8"))["x-contract"]["status"] == "stable"
    entry = f"- A thing.\n- The contract {NAME} 0.1.0 is released: its first release.\n\n### Fixed\n"
    assert Path("CHANGELOG.md").read_text() == CHANGELOG.replace("- A thing.\n\n### Fixed\n", entry)
    assert [finding for finding in lint(["schemas"]).findings if finding.severity == "error"] == []
    assert generate(SCHEMAS)["catalog.json"] == (SCHEMAS / "catalog.json").read_text("utf-8")


def test_under_another_version_all_files_are_renamed(capsys: pytest.CaptureFixture[str]) -> None:
    waivers = "# Why.\n- {schema: BuildReceipt/0.1.0.json, pointer: /properties/id, change: dropped, reason: none}\n- {schema: Other/0.1.0.json, pointer: /a, change: b, reason: c}\n"
    (EXAMPLES / "waivers.yaml").write_text(waivers)
    assert run_release(ReleaseRequest(NAME, "1.0.0")) == 0
    assert (EXAMPLES / "waivers.yaml").read_text() == waivers.replace("BuildReceipt/0.1.0", "BuildReceipt/1.0.0")
    (EXAMPLES / "waivers.yaml").unlink()
    assert not [path for path in _tree() if "0.1.0" in path]
    schema = json.loads((SCHEMAS / NAME / "1.0.0.json").read_text("utf-8"))
    assert schema["x-contract"]["discriminator"] == {"type": NAME, "specVersion": "1.0.0"}
    assert json.loads((EXAMPLES / NAME / "1.0.0/valid/full.json").read_text("utf-8"))["specVersion"] == "1.0.0"
    capsys.readouterr()
    assert run_trials(TrialRequest(peers=False, contracts=(NAME,), jobs=1)) == 0
    assert "all as stored" in capsys.readouterr().out


def _record(number: int, version: str = "0.1.0", kind: str = NAME) -> dict[str, Any]:
    stored = json.loads((EXAMPLES / NAME / "0.1.0/valid/full.json").read_text("utf-8"))
    return {**stored, "id": f"urn:srcos:build-receipt:b{number}", "type": kind, "specVersion": version}


def test_records_of_stored_sets_name_the_version_under_which_it_is_released(capsys: pytest.CaptureFixture[str]) -> None:
    others = [_record(2, kind="Other"), _record(3, "9.9.9"), {"note": '"specVersion": "0.1.0"'}]
    lines = [json.dumps(record) for record in (_record(0), others[0], _record(1), others[1], others[2])]
    sets = EXAMPLES / "sets/valid/some"
    _write(
        {
            sets / "set/ledger.jsonl": "\n".join([lines[0], "", *lines[1:], "{"]),
            sets / "earlier/ledger.jsonl": lines[0] + "\n",
            sets / "set/one.json": json.dumps({**_record(4), "x-said": {"specVersion": "0.1.0"}}, indent=2) + "\n",
            sets / "set/other.json": json.dumps(others[0], indent=2) + "\n",
        }
    )
    before = _tree()
    assert run_release(ReleaseRequest(NAME, "1.0.0")) == 0
    after = _tree()
    told = capsys.readouterr().out
    for file in ("set/ledger.jsonl", "earlier/ledger.jsonl", "set/one.json"):
        assert f"written: {sets / file}\n" in told
    renamed = [json.dumps({**record, "specVersion": "1.0.0"}) for record in (_record_of(lines[0]), _record_of(lines[2]))]
    assert after[str(sets / "set/ledger.jsonl")].decode() == "\n".join([renamed[0], "", lines[1], renamed[1], *lines[3:], "{"])
    assert after[str(sets / "earlier/ledger.jsonl")].decode() == renamed[0] + "\n"
    one = json.loads(after[str(sets / "set/one.json")])
    assert (one["specVersion"], one["x-said"]) == ("1.0.0", {"specVersion": "0.1.0"})
    assert after[str(sets / "set/other.json")] == before[str(sets / "set/other.json")]


def _record_of(line: str) -> dict[str, Any]:
    return dict(json.loads(line))


@pytest.mark.parametrize("form", ["yaml", "jsonl.gz"])
def test_a_version_that_cannot_be_renamed_in_a_set_is_not_released_under_another(form: str) -> None:
    text = "# Kept by hand.\n---\n" + json.dumps(_record(0)) + "\n"
    path = EXAMPLES / f"sets/valid/some/set/a.{form}"
    path.parent.mkdir(parents=True)
    path.write_bytes(text.encode() if form == "yaml" else gzip.compress(json.dumps(_record(0)).encode()))
    before = _tree()
    with pytest.raises(CannotRename) as caught:
        plan(SCHEMAS, EXAMPLES, NAME, "1.0.0")
    assert re.fullmatch(
        rf"{path}:\d: this record names {NAME} 0\.1\.0 and is no plain JSON; release it as 0\.1\.0, or begin the version beside it: "
        rf"srcos-validate new {NAME} --version 1\.0\.0, and write it there",
        str(caught.value),
    )
    assert _tree() == before
    assert plan(SCHEMAS, EXAMPLES, NAME).version == "0.1.0"


def test_a_draft_to_which_another_contract_refers_is_not_released_under_another_version(capsys: pytest.CaptureFixture[str]) -> None:
    _write(scaffold(SCHEMAS, EXAMPLES, "Holder"))
    path = SCHEMAS / "Holder/0.1.0.json"
    schema = json.loads(path.read_text("utf-8"))
    schema["properties"]["receipt"] = {"description": "The receipt itself.", "$ref": f"../{NAME}/0.1.0.json"}
    path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8")
    before = _tree()
    assert run_release(ReleaseRequest(NAME, "1.0.0")) == 2
    assert capsys.readouterr().err == (
        f"error: Holder 0.1.0 refers to {NAME}/0.1.0.json, which would be called {NAME}/1.0.0.json; release it as 0.1.0, or begin the version "
        f"beside it: srcos-validate new {NAME} --version 1.0.0\n"
    )
    assert _tree() == before


def test_all_cases_of_the_last_release_are_put_to_the_candidate(capsys: pytest.CaptureFixture[str]) -> None:
    _release()
    _next("0.2.0", _narrow_beyond_what_is_stored)
    full = EXAMPLES / NAME / "0.2.0/valid/full.json"
    full.write_text(json.dumps({**json.loads(full.read_text("utf-8")), "causalRefs": []}, indent=2) + "\n", "utf-8")
    made = plan(SCHEMAS, EXAMPLES, NAME)
    assert (made.bump, made.cases_kept, made.cases) == ("major", 1, 3)
    assert run_release(ReleaseRequest(NAME)) == 0
    assert capsys.readouterr().out.splitlines()[:2] == [
        f"{NAME} 0.2.0 after 0.1.0: major: some record that was valid is not any more",
        "1 of the 3 records that are stored as valid with 0.1.0 are valid still",
    ]
    assert (
        f"- The contract {NAME} 0.2.0 is released: after 0.1.0, it refuses records that were valid.\n" in Path("CHANGELOG.md").read_text()
    )


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("## [Unreleased]\n", "## [Unreleased]\n\n### Added\n\n- New.\n"),
        ("## [Unreleased]\n\n### Fixed\n\n- F.\n", "## [Unreleased]\n\n### Added\n\n- New.\n\n### Fixed\n\n- F.\n"),
        ("## Unreleased\n\n### Added\n\n## 0.1.0\n", "## Unreleased\n\n### Added\n\n- New.\n\n## 0.1.0\n"),
        (
            "## [Unreleased]\n\n### Added\n\n- A\n  b.\n\n## [0.1.0]\n\n### Added\n\n- B.\n",
            "## [Unreleased]\n\n### Added\n\n- A\n  b.\n- New.\n\n## [0.1.0]\n\n### Added\n\n- B.\n",
        ),
        (
            "## [Unreleased]\n\n### Added\n\n- A.\n\n[Unreleased]: https://e.org\n",
            "## [Unreleased]\n\n### Added\n\n- A.\n- New.\n\n[Unreleased]: https://e.org\n",
        ),
        (
            "## [Unreleased]\n\n### Changed\n\n- A.\n\n### Added\n\n- B.",
            "## [Unreleased]\n\n### Changed\n\n- A.\n\n### Added\n\n- B.\n- New.\n",
        ),
        ("## [Unreleased]\n\n### Added\n\n- New.\n", None),
        ("## [0.1.0]\n\n### Added\n\n- A.\n", None),
    ],
)
def test_an_entry_of_the_changelog_comes_last_of_what_was_added(text: str, after: str | None) -> None:
    assert with_entry(text, "New.") == after


def test_a_changelog_is_not_needed() -> None:
    Path("CHANGELOG.md").unlink()
    _release()
    assert not Path("CHANGELOG.md").exists()


# Write-once


def _refused(name: str = NAME, version: str | None = None) -> str:
    before = _tree()
    with pytest.raises((CannotRelease, UnknownContract)) as caught:
        plan(SCHEMAS, EXAMPLES, name, version)
    assert _tree() == before
    return str(caught.value)


def test_a_release_is_not_released_again() -> None:
    _release()
    assert _refused() == f"{NAME} 0.1.0 is released already; begin the next version: srcos-validate new {NAME} --version VERSION"


@pytest.mark.parametrize("file", ["BuildReceipt/0.1.0.json", "defs/primitives/1.0.0.json"])
def test_nothing_is_released_beside_a_release_that_was_changed(file: str) -> None:
    """What a released contract takes in is frozen with it, for whoever else takes it in."""
    _release()
    _write(scaffold(SCHEMAS, EXAMPLES, "OtherReceipt"))
    path = SCHEMAS / file
    path.write_text(path.read_text("utf-8").replace('"description": "', '"description": "Not: ', 1), "utf-8")
    _generated()
    assert f"the first at {path}:0:0: a released file is as it was released: the digest in SHA256SUMS is " in _refused("OtherReceipt")


def test_what_is_faulty_or_untested_is_not_released() -> None:
    assert _refused("Buildreceipt") == f"there is no contract Buildreceipt; did you mean {NAME}?"
    path = SCHEMAS / NAME / "0.1.0.json"
    text = path.read_text("utf-8")
    path.write_text(text.replace('"description": "The discriminator of the contract.",', ""), "utf-8")
    assert _refused().startswith(f"{NAME} 0.1.0 has 2 lint errors, the first at schemas/{NAME}/0.1.0.json:")
    path.write_text(text.replace('"status": "draft"', '"status": "deprecated"'), "utf-8")
    assert _refused() == f"{NAME} 0.1.0 has the status deprecated, and is not in SHA256SUMS: a release is made of a draft"
    schema = json.loads(text)
    schema["required"].remove("capturedAt")
    path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", "utf-8")
    said = f"1 case of {NAME} 0.1.0 does not give what it must, the first is capturedAt is missing; run: srcos-validate test"
    assert _refused() == said
    path.write_text(text, "utf-8")
    (EXAMPLES / NAME / "0.1.0/cases.json").unlink()
    assert _refused() == f"{NAME} 0.1.0 has no cases in examples/{NAME}/0.1.0: what nothing tests is not released"


# Interrupted


class _PowerCut(Exception):
    pass


def _interrupted(monkeypatch: pytest.MonkeyPatch, after: int, version: str | None) -> bool:
    """Makes a release that ends after so many steps; whether it came to an end by itself."""
    left = after

    def counted(step: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*words: Any, **options: Any) -> Any:
            nonlocal left
            if not left:
                raise _PowerCut
            left -= 1
            return step(*words, **options)

        return counting

    with monkeypatch.context() as patched:
        patched.setattr("srcos_contracts.evolve.release.replace_text", counted(replace_text))
        patched.setattr("srcos_contracts.evolve.checkout.replace_text", counted(replace_text))
        patched.setattr(shutil, "rmtree", counted(shutil.rmtree))
        patched.setattr(Path, "unlink", counted(Path.unlink))
        try:
            _release(version)
        except _PowerCut:
            return False
    return True


@pytest.mark.parametrize("version", [None, "0.2.0"])
def test_a_release_that_was_interrupted_is_finished_by_the_next(
    version: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(tmp_path, tmp_path.parent / f"{tmp_path.name}-begin")
    _release(version)
    whole = _tree()
    steps = 0
    while True:
        for entry in tmp_path.iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        shutil.copytree(tmp_path.parent / f"{tmp_path.name}-begin", tmp_path, dirs_exist_ok=True)
        if _interrupted(monkeypatch, steps, version):
            break
        assert not (SCHEMAS / "SHA256SUMS").exists(), steps
        _release(version)
        assert _tree() == whole, steps
        steps += 1
    assert steps >= 5


def test_where_nothing_can_be_written_one_line_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def full(path: Path, text: str) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("srcos_contracts.evolve.release.replace_text", full)
    assert run_release(ReleaseRequest(NAME)) == 2
    said = f"error: schemas/{NAME}/0.1.0.json cannot be written: No space left on device; run the release again\n"
    assert capsys.readouterr().err == said
