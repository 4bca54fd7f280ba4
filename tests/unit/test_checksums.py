"""SHA256SUMS: its form, which sha256sum reads too, and what is said where a released file is not what it was."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from srcos_contracts.contracts.catalog import Catalog, CatalogError
from srcos_contracts.contracts.checksums import BadSums, Released, checksum, parse_sums, read_sums, sums_text
from srcos_contracts.evolve.lint import lint
from srcos_contracts.evolve.lint_released import withdrawn_faults
from tests.unit.small_catalog import write_checkout

A, B = checksum(b"a"), checksum(b"b")


def test_the_form_is_that_of_sha256sum(tmp_path: Path) -> None:
    (tmp_path / "a b.json").write_bytes(b"a")
    (tmp_path / "b.json").write_bytes(b"b")
    text = sums_text({"b.json": B, "a b.json": A})
    assert text == f"{A}  a b.json\n{B}  b.json\n"
    (tmp_path / "SHA256SUMS").write_text(text)
    assert read_sums(str(tmp_path)) == {"a b.json": Released(A, 1), "b.json": Released(B, 2)}
    program = shutil.which("sha256sum")
    if program is not None:
        assert subprocess.run([program, "-c", "SHA256SUMS"], cwd=tmp_path, capture_output=True, check=False).returncode == 0
    assert parse_sums(f"{A} *binary.json\n") == {"binary.json": Released(A, 1)}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{A}  a\nrubbish\n", "SHA256SUMS:2: a line is 64 hex digits, two spaces and a path"),
        (f"{A.upper()}  a\n", "SHA256SUMS:1: a line is 64 hex digits, two spaces and a path"),
        (f"{A[:-1]}  a\n", "SHA256SUMS:1: a line is 64 hex digits, two spaces and a path"),
        ("\n", "SHA256SUMS:1: a line is 64 hex digits, two spaces and a path"),
        (f"{A}  a\n{B}  a\n", "SHA256SUMS:2: a stands in line 1 already"),
        (f"{A}  /etc/passwd\n", "SHA256SUMS:1: /etc/passwd does not lie beside this file"),
        (f"{A}  x/../../y\n", "SHA256SUMS:1: x/../../y does not lie beside this file"),
    ],
)
def test_lines_without_the_form_are_refused_with_their_number(text: str, said: str) -> None:
    with pytest.raises(BadSums) as caught:
        parse_sums(text)
    assert str(caught.value) == said


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert read_sums(str(tmp_path)) == {}
    (tmp_path / "SHA256SUMS").write_bytes(b"\xff\n")
    with pytest.raises(BadSums, match=r"/SHA256SUMS cannot be read: .*can't decode"):
        read_sums(str(tmp_path))
    (tmp_path / "SHA256SUMS").unlink()
    (tmp_path / "SHA256SUMS").mkdir()
    with pytest.raises(BadSums, match=r"^contracts/SHA256SUMS cannot be read: Is a directory$"):
        read_sums(str(tmp_path), "contracts")


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout in which Note, what it takes in, and its bundle are released."""
    write_checkout(tmp_path)
    monkeypatch.chdir(tmp_path)
    schemas = tmp_path / "schemas"
    files = ("Note/1.0.0.json", "defs/kinds/1.0.0.json", "bundles/Note/1.0.0.json")
    (schemas / "SHA256SUMS").write_text(sums_text({file: checksum((schemas / file).read_bytes()) for file in files}))
    return schemas


def _lint() -> list[tuple[str, str, str]]:
    return [
        (finding.location.file, finding.severity, finding.detail)
        for finding in lint(["schemas"]).findings
        if finding.rule == "lint-released"
    ]


def test_lint_holds_released_files_to_their_digests(released: Path) -> None:
    assert _lint() == []
    before = checksum((released / "defs/kinds/1.0.0.json").read_bytes())
    with open(released / "defs/kinds/1.0.0.json", "a") as stream:
        stream.write(" ")
    after = hashlib.sha256((released / "defs/kinds/1.0.0.json").read_bytes()).hexdigest()
    told = f"the digest in SHA256SUMS is {before[:12]}..., its own is {after[:12]}..."
    assert _lint() == [("schemas/defs/kinds/1.0.0.json", "error", told)]
    (released / "bundles/Note/1.0.0.json").unlink()
    told = "bundles/Note/1.0.0.json cannot be read: No such file or directory"
    assert _lint()[0] == ("schemas/SHA256SUMS", "error", told)


@pytest.mark.parametrize("file", ["Note/1.0.0.json", "bundles/Note/1.0.0.json"])
def test_a_released_file_that_was_changed_is_not_loaded(released: Path, file: str) -> None:
    assert Catalog.at("schemas").judge(Catalog.at("schemas").find("Note"))
    path = released / file
    path.write_text(path.read_text("utf-8").replace('"note"', '"nota"'), "utf-8")
    catalog = Catalog.at("schemas")
    note = catalog.find("Note")
    said = f"schemas/{file} was released and has been changed: schemas/SHA256SUMS has another digest; restore the file"
    with pytest.raises(CatalogError) as caught:
        catalog.judge(note) if file.startswith("bundles") else catalog.place(note.uri, ())
    assert str(caught.value) == said
    assert catalog.judge(catalog.find("Card"))


def test_a_file_of_digests_without_its_form_keeps_contracts_from_being_loaded(released: Path) -> None:
    (released / "SHA256SUMS").write_text("rubbish\n")
    catalog = Catalog.at("schemas")
    with pytest.raises(CatalogError, match=r"^schemas/SHA256SUMS:1: a line is 64 hex digits, two spaces and a path$"):
        catalog.judge(catalog.find("Card"))


def test_what_was_released_stays_released() -> None:
    before = {"a.json": Released(A, 1), "b.json": Released(B, 2)}
    assert list(withdrawn_faults(before, {**before, "c.json": Released(A, 3)}, "SHA256SUMS")) == []
    told = [(finding.location.line, finding.detail) for finding in withdrawn_faults(before, {"b.json": Released(A, 1)}, "SHA256SUMS")]
    assert told == [(0, "a.json was released, and has no line any more"), (1, f"b.json was released with the digest {B[:12]}...")]
