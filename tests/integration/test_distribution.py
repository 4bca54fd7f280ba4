"""What is released is the same bytes whenever and wherever it is built, and whole without the repository."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from .tools import ROOT, environment, snapshot

pytestmark = pytest.mark.packages


def build(checkout: Path, into: Path, *options: str) -> dict[str, str]:
    """Builds what `make dist` does, by the same programs, and gives the digests of the files."""
    hatchling = environment("requirements-build.txt") / "bin/hatchling"
    kept = {name: text for name, text in os.environ.items() if name != "SOURCE_DATE_EPOCH"}
    subprocess.run([hatchling, "build", "-d", into, *options], cwd=checkout, env=kept, check=True, capture_output=True)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in into.iterdir()}


@pytest.fixture(scope="module")
def checkouts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two checkouts of the project as it stands, in different folders, with other times and modes of their files."""
    first, second = (tmp_path_factory.mktemp(name) / "srcos" for name in ("one", "another-and-longer"))
    first.mkdir()
    snapshot(first)
    shutil.copytree(first, second)
    for path in second.rglob("*"):
        if path.is_file() and ".git" not in path.parts:
            os.utime(path, (1_000_000_000, 1_000_000_000))
            path.chmod(path.stat().st_mode | 0o022)
    return first, second


def test_twice_built_is_the_same_bytes(checkouts: tuple[Path, Path], tmp_path: Path) -> None:
    first, second = (build(checkout, tmp_path / checkout.parent.name) for checkout in checkouts)
    assert sorted(first) == ["srcos_contracts-0.1.0-py3-none-any.whl", "srcos_contracts-0.1.0.tar.gz"]
    assert second == first


def test_a_wheel_of_the_source_distribution_is_that_of_the_checkout(checkouts: tuple[Path, Path], tmp_path: Path) -> None:
    wanted = build(checkouts[0], tmp_path / "both")
    with tarfile.open(tmp_path / "both/srcos_contracts-0.1.0.tar.gz") as members:
        members.extractall(tmp_path / "source", filter="data")
    (source,) = (tmp_path / "source").iterdir()
    made = build(source, tmp_path / "again", "-t", "wheel")
    assert made == {name: digest for name, digest in wanted.items() if name.endswith(".whl")}


def test_a_wheel_holds_what_the_package_needs_and_nothing_else(checkouts: tuple[Path, Path], tmp_path: Path) -> None:
    build(checkouts[0], tmp_path, "-t", "wheel")
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
        entries = wheel.read("srcos_contracts-0.1.0.dist-info/entry_points.txt").decode()
    schemas = {f"srcos_contracts/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "schemas").rglob("*") if path.is_file()}
    source = {path.relative_to(ROOT / "src").as_posix() for path in (ROOT / "src").rglob("*") if path.is_file() and path.suffix != ".pyc"}
    assert {name for name in names if not name.startswith("srcos_contracts-")} == schemas | source
    assert "srcos-validate = srcos_contracts.cli.main:main" in entries
    assert "[pytest11]\nsrcos = srcos_contracts.pytest_plugin" in entries
