"""Large schemas that others maintain: how they really changed, and single edits of them. Most of it is decided, and both engines confirm it.

The schemas come out of packages from PyPI, of fixed versions, which are installed beside the tests when they run; without an index to
install from there is nothing to measure, and the tests are skipped.
"""

from __future__ import annotations

import copy
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.compat.compare import Breaking, Compatible, judged
from srcos_contracts.compat.side import Side
from srcos_contracts.compat.witness import SearchBudget, confirmed
from srcos_contracts.contracts.applicators import subschemas_of
from srcos_contracts.contracts.catalog import Catalog

pytestmark = pytest.mark.long

_CHECKER = "check-jsonschema"
_RELEASES = ("0.20.0", "0.28.0", "0.33.0", "0.39.0")
_CYCLONEDX = "cyclonedx-python-lib==11.12.0"
_BOMS = ("1.2", "1.3", "1.4", "1.5", "1.6", "1.7")
_VENDORED = "check_jsonschema/builtin_schemas/vendor"
_ELSEWHERE = "drone-ci.json"
"""It refers to schemas that the package does not ship."""
_BUDGET = SearchBudget(seconds=2.0)
_MOST_UNDECIDED = 0.10
_EDITS = 4
_LARGEST = 300_000


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one folder a package."""
    where = tmp_path_factory.mktemp("packages")
    wanted = [*(f"{_CHECKER}=={release}" for release in _RELEASES), _CYCLONEDX]
    for requirement in wanted:
        target = where / requirement.split("==")[1]
        command = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--target",
            str(target),
            requirement,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(
                f"{requirement} cannot be installed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'pip does not say why'}"
            )
    return where


def _read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _evolution(packages: Path) -> Iterator[tuple[str, Any, Any]]:
    """The schemas that changed between one release and the next."""
    folders = [packages / release / _VENDORED for release in _RELEASES]
    for before, after in itertools.pairwise(folders):
        for path in sorted(after.glob("*.json")):
            if path.name != _ELSEWHERE and (before / path.name).is_file():
                old, new = _read(before / path.name), _read(path)
                if old != new:
                    yield f"{path.stem} of {before.parts[-4]}", old, new


def _boms(packages: Path, scratch: Path) -> Iterator[tuple[str, Any, Any]]:
    """Each version of the CycloneDX schema and the next, with what they take in."""
    folder = packages / _CYCLONEDX.split("==")[1] / "cyclonedx/schema/_res"
    documents = []
    for version in _BOMS:
        where = scratch / version
        where.mkdir()
        for path in folder.glob("*.schema.json"):
            if not path.name.startswith("bom-"):
                shutil.copy(path, where)
        shutil.copy(folder / f"bom-{version}.SNAPSHOT.schema.json", where / "bom.json")
        catalog = Catalog.at(str(where / "bom.json"))
        documents.append(catalog.document(catalog.contracts[0].bundle))
    for number, (old, new) in enumerate(itertools.pairwise(documents)):
        yield f"CycloneDX {_BOMS[number]}", old, new


_EDITED = (
    "type",
    "enum",
    "required",
    "minimum",
    "maxLength",
    "pattern",
    "format",
    "additionalProperties",
    "minItems",
    "uniqueItems",
    "const",
    "properties",
)


def _edits(packages: Path) -> Iterator[tuple[str, Any, Any]]:
    """Schemas of a release, each with a few changes of one keyword."""
    chance = random.Random(20260506)
    for path in sorted((packages / _RELEASES[-1] / _VENDORED).glob("*.json")):
        if path.name == _ELSEWHERE or os.path.getsize(path) > _LARGEST:
            continue
        document = _read(path)
        places = list(_places(document, ()))
        for _ in range(_EDITS):
            way, keyword = chance.choice(places)
            changed = copy.deepcopy(document)
            schema = changed
            for token in way:
                schema = schema[token]
            _edit(schema, keyword, chance)
            yield f"{keyword} at /{'/'.join(map(str, way))} of {path.stem}", document, changed


def _places(schema: Any, way: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(schema, dict):
        yield from ((way, keyword) for keyword in schema if keyword in _EDITED)
        for step, member in subschemas_of(schema):
            yield from _places(member, (*way, *step))


def _edit(schema: dict[str, Any], keyword: str, chance: random.Random) -> None:
    value = schema[keyword]
    if keyword in ("enum", "required") and len(value) > 1:
        value.pop(chance.randrange(len(value)))
    elif keyword == "properties" and value:
        del value[chance.choice(list(value))]
    elif keyword == "type" and isinstance(value, str):
        schema[keyword] = [value, "null" if value != "null" else "integer"]
    elif keyword in ("minimum", "minItems", "maxLength"):
        schema[keyword] = value + 1
    else:
        del schema[keyword]


def _decided(pairs: Iterator[tuple[str, Any, Any]]) -> tuple[Counter[str], list[str]]:
    """How often there was which verdict, and what is undecided; every witness is put to both engines."""
    counts: Counter[str] = Counter()
    undecided = []
    for name, old, new in pairs:
        sides = Side(old), Side(new)
        for direction, (inner, outer) in (("backward", sides), ("forward", sides[::-1])):
            verdict = judged(inner, outer, (), _BUDGET)
            counts[type(verdict).__name__] += 1
            if isinstance(verdict, Breaking):
                assert confirmed(inner, outer, verdict.witness.value), (name, direction)
            elif not isinstance(verdict, Compatible):
                undecided.append(f"{name}, {direction}")
    return counts, undecided


def _report(what: str, counts: Counter[str], undecided: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        told = ", ".join(f"{count} {word.lower()}" for word, count in sorted(counts.items()))
        print(f"\n{what}: {told}", *(f"  undecided: {one}" for one in undecided), sep="\n")


def test_how_large_schemas_really_changed_is_decided(packages: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts, undecided = _decided(_evolution(packages))
    boms, more = _decided(_boms(packages, tmp_path))
    counts.update(boms)
    _report("real changes", counts, [*undecided, *more], capsys)
    assert boms.total() == 2 * (len(_BOMS) - 1)
    assert counts.total() >= 60
    assert counts["Breaking"] > 30
    assert counts["Undecided"] <= _MOST_UNDECIDED * counts.total(), undecided + more


def test_single_edits_of_large_schemas_are_decided(packages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts, undecided = _decided(_edits(packages))
    _report("single edits", counts, undecided, capsys)
    assert counts.total() >= 100
    assert counts["Compatible"] > 30
    assert counts["Breaking"] > 30
    assert counts["Undecided"] <= _MOST_UNDECIDED * counts.total(), undecided
