"""The archive for programs in any language: what is in it, and that the same files give the same bytes."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tarfile
from pathlib import Path

import pytest

from srcos_contracts.evolve.archive import CannotPack, archive, contents, main
from srcos_contracts.evolve.states import opened
from srcos_contracts.vendor.copying import contract_named, extras_named, items_of
from srcos_contracts.vendor.sources import opened_source

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one contract, one example and one rule."""
    for name, text in {
        "pyproject.toml": '[project]\nversion = "1.2.3"\n',
        "LICENSE": "a licence\n",
        "schemas/Thing/0.1.0.json": '{"title": "Thing"}\n',
        "schemas/.hidden": "",
        "examples/Thing/0.1.0/valid/full.json": "{}\n",
        "src/srcos_contracts/ledger/rules/one.sql": "select 1\n",
        "src/srcos_contracts/ledger/views/two.sql": "select 2\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_what_is_in_it(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(checkout), str(checkout / "dist")]) == 0
    packed = checkout / "dist/srcos-contracts-1.2.3.tar.gz"
    assert capsys.readouterr().out == f"{packed}\n"
    assert [path.name for path in packed.parent.iterdir()] == [packed.name]
    with tarfile.open(packed) as members:
        found = members.getmembers()
        texts = {member.name: stream.read() for member in found if (stream := members.extractfile(member))}
    names = [
        "LICENSE",
        "SHA256SUMS",
        "examples/Thing/0.1.0/valid/full.json",
        "rules/one.sql",
        "schemas/Thing/0.1.0.json",
        "views/two.sql",
    ]
    assert [member.name for member in found] == [f"srcos-contracts-1.2.3/{name}" for name in names]
    assert {(member.mtime, member.uid, member.gid, member.uname, member.gname, member.mode) for member in found} == {
        (0, 0, 0, "", "", 0o644)
    }
    sums = texts["srcos-contracts-1.2.3/SHA256SUMS"].decode()
    assert sums.splitlines() == [
        f"{hashlib.sha256(texts[f'srcos-contracts-1.2.3/{name}']).hexdigest()}  {name}" for name in names if name != "SHA256SUMS"
    ]


def test_the_same_files_give_the_same_bytes_wherever_and_whenever(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other") / "copy"
    shutil.copytree(checkout, other)
    for path in other.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o777)
    first, second = (archive(contents(root), "top") for root in (checkout, other))
    assert first == second
    (other / "LICENSE").write_text("another\n")
    assert archive(contents(other), "top") != first


def test_what_cannot_be_packed_is_told_and_nothing_is_written(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (checkout / "examples/link.json").symlink_to("/etc/hostname")
    assert main([str(checkout), str(checkout / "dist")]) == 2
    assert capsys.readouterr().err == f"error: {checkout / 'examples/link.json'} is no plain file\n"
    assert not (checkout / "dist").exists()
    (checkout / "examples/link.json").unlink()
    shutil.rmtree(checkout / "examples")
    with pytest.raises(CannotPack, match="examples is not there; name a checkout of srcos-contracts"):
        contents(checkout)
    (checkout / "pyproject.toml").write_text("[project]\n")
    assert main([str(checkout)]) == 2
    assert "does not say a version" in capsys.readouterr().err


def test_ours_is_a_state_that_contracts_can_be_compared_with(tmp_path: Path) -> None:
    packed = tmp_path / "ours.tar.gz"
    files = contents(ROOT)
    packed.write_bytes(archive(files, "srcos-contracts-0"))
    assert {"schemas/catalog.json", "schemas/meta/vocabulary.json", "rules/session-dag.sql", "views/sessions.sql"} <= files.keys()
    with tarfile.open(fileobj=io.BytesIO(packed.read_bytes())) as members:
        assert len(members.getnames()) == len(files)
    with opened(str(packed)) as state:
        assert len(state.catalog.contracts) >= 22
        assert state.problems == {}
        assert state.examples is not None


def test_vendoring_from_ours_gives_what_vendoring_from_the_checkout_gives(tmp_path: Path) -> None:
    packed = tmp_path / "ours.tar.gz"
    packed.write_bytes(archive(contents(ROOT), "srcos-contracts-0"))
    given = []
    for name in (str(packed), str(ROOT)):
        with opened_source(name) as source:
            contract = contract_named(source, "BrowserAutomationReceipt")
            given.append({item.entry.path: item.content for item in items_of(source, contract, extras_named("rules,cases"))})
    assert given[0] == given[1]
    assert {path.split("/")[0] for path in given[0]} == {"BrowserAutomationReceipt", "defs", "examples", "rules", "views"}
