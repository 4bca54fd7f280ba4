"""Bad input never wins: every entry of the corpus in a process of its own, against the clock and the memory limit."""

from __future__ import annotations

import json
import re
import socket
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .entries import BYSTANDER, BYSTANDER_FINDING, CORPUS, ENTRIES, Entry, Repeated
from .process import Outcome, run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the limits are measured as Linux counts them")

MEMORY = 200_000_000
LONG = 3.0
_WIDEST_LINE = 1_000


def _parameter(entry: Entry) -> Any:
    marks = [pytest.mark.long] if entry.seconds > LONG else []
    if entry.bug:
        marks.append(pytest.mark.xfail(reason=entry.bug, strict=True))
    return pytest.param(entry, id=entry.name, marks=marks)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that is gone after the test: pytest would keep three times the gigabytes."""
    with tempfile.TemporaryDirectory() as outer:
        inner = Path(outer) / "in"
        inner.mkdir()
        yield inner


@pytest.mark.parametrize("entry", [_parameter(entry) for entry in ENTRIES])
def test_entry(entry: Entry, folder: Path) -> None:
    _make(entry, folder)
    paths = entry.arguments or tuple(entry.files)
    others = ("bystander.jsonl",) if entry.bystander else ()
    outcome = run(
        (*paths, *others, "--format", "human", "--format", "json=../findings.json"), folder, entry.shell, int(3 * entry.seconds) + 3
    )
    assert b"Traceback" not in outcome.stderr
    assert outcome.code == entry.code, outcome.stderr.decode()
    if entry.error is not None:
        assert outcome.stderr.decode() == entry.error
    else:
        _assert_report(entry, json.loads((folder.parent / "findings.json").read_text(encoding="ascii")))
    _assert_harmless(outcome)
    _assert_cheap(outcome, entry.seconds)


def test_the_corpus_is_the_table() -> None:
    stored = {path.name for path in CORPUS.iterdir() if not path.name.startswith(".")}
    named = {entry.name for entry in ENTRIES if (CORPUS / entry.name).exists()}
    assert stored == named
    assert len({entry.name for entry in ENTRIES}) == len(ENTRIES)


_LEDGER = b"".join(b'{"a":%d}\n' % number for number in range(3_000))


_FULL = "error: the output cannot be written: No space left on device\n"
_CLOSED = "error: the output cannot be written: standard output is closed\n"


def _output(name: str, options: tuple[str, ...], shell: str, code: int, stderr: str = "", bug: str = "") -> Any:
    return pytest.param(options, shell, code, stderr, id=name, marks=[pytest.mark.xfail(reason=bug, strict=True)] if bug else [])


@pytest.mark.parametrize(
    ("options", "shell", "code", "stderr"),
    [
        _output("full", (), 'exec "$@" > /dev/full', 2, _FULL),
        _output("full-json", ("--format", "json"), 'exec "$@" > /dev/full', 2, _FULL),
        _output("full-jsonl", ("--format", "jsonl"), 'exec "$@" > /dev/full', 2, _FULL),
        _output("full-file", ("--format", "json=/dev/full"), 'exec "$@"', 2, _FULL),
        _output("broken-pipe", (), '{ "$@"; echo $? > ../code; } | :; exit $(cat ../code)', 2),
        _output("broken-pipe-human", ("--max-findings", "0"), '{ "$@"; echo $? > ../code; } | :; exit $(cat ../code)', 2),
        _output("broken-pipe-json", ("--format", "json"), '{ "$@"; echo $? > ../code; } | head -c 1; exit $(cat ../code)', 2),
        _output("broken-pipe-jsonl", ("--format", "jsonl"), '{ "$@"; echo $? > ../code; } | head -n 1; exit $(cat ../code)', 2),
        _output("no-stdout", ("--format", "jsonl"), 'exec "$@" >&-', 2, _CLOSED),
        _output("no-stderr", ("--format", "jsonl=/dev/null"), 'exec "$@" 2>&-', 1),
        _output("full-stderr", ("--format", "jsonl"), 'exec "$@" 2> /dev/full', 1),
    ],
)
def test_output_that_cannot_be_written(options: tuple[str, ...], shell: str, code: int, stderr: str, folder: Path) -> None:
    (folder / "x.jsonl").write_bytes(_LEDGER)
    outcome = run(("x.jsonl", *options), folder, shell)
    written = "".join(line for line in outcome.stderr.decode().splitlines(keepends=True) if not line.startswith("1 file, 3,000 records"))
    assert (outcome.code, written) == (code, stderr)
    _assert_cheap(outcome, 8.0)


@pytest.mark.parametrize("engine", ["rust", "reference"])
@pytest.mark.parametrize("keyword", ["$ref", "$dynamicRef", "$schema", "$id"])
def test_nothing_is_fetched(keyword: str, engine: str, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.01)
        uri = f"http://127.0.0.1:{server.getsockname()[1]}/x.json"
        schema = {
            "type": "object",
            "required": ["t"],
            "properties": {"t": {"const": "T"}, "v": {"$ref": "y.json"} if keyword == "$id" else {}},
        }
        (folder / "schemas").mkdir()
        (folder / "schemas" / "t.json").write_text(json.dumps({**schema, keyword: uri}))
        (folder / "x.json").write_text('{"t":"T","v":1}')
        outcome = run(("x.json", "--schemas", "schemas", "--engine", engine), folder)
        with pytest.raises(TimeoutError):
            server.accept()
    assert outcome.code == 2
    assert outcome.stdout == b""
    assert re.match(rb"error: schemas/t\.json:1:[0-9]+: ", outcome.stderr)
    assert outcome.stderr.count(b"\n") == 1


@pytest.mark.long
def test_a_ledger_of_nothing_but_faults(folder: Path) -> None:
    with (folder / "x.jsonl").open("wb") as stream:
        Repeated(b" " * 15 + b"\n", 1_000_000).write(stream)
    outcome = run(("x.jsonl", "--format", "json", "--max-findings", "3"), folder, seconds=200)
    report = json.loads(outcome.stdout)
    assert [(finding["rule"], finding["line"]) for finding in report["findings"]] == [
        ("blank-line", 1),
        ("blank-line", 2),
        ("blank-line", 3),
    ]
    assert report["summary"] == {"files": 1, "records": 0, "errors": 0, "warnings": 1_000_000, "hidden": 999_997}
    assert outcome.code == 2
    _assert_cheap(outcome, 100.0)


def _make(entry: Entry, folder: Path) -> None:
    for name, content in {**entry.files, "bystander.jsonl": BYSTANDER}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as stream:
            if isinstance(content, Repeated):
                content.write(stream)
            else:
                stream.write(content)
    for name, target in entry.links.items():
        (folder / name).symlink_to(target)
    if entry.prepare is not None:
        entry.prepare(folder)


def _assert_report(entry: Entry, report: dict[str, Any]) -> None:
    found: dict[bool, list[tuple[str, int, int]]] = {True: [], False: []}
    for finding in report["findings"]:
        of_bystander = finding["file"].endswith("bystander.jsonl")
        found[of_bystander].append((finding["rule"], finding["line"] or 0, finding["column"] or 0))
    judged = entry.bystander or entry.arguments == (".",)
    assert sorted(found[False]) == sorted(entry.finds)
    assert found[True] == [BYSTANDER_FINDING] * judged
    assert report["summary"]["records"] == entry.records + judged


def _assert_harmless(outcome: Outcome) -> None:
    """No control characters, no forged commands, and no line that grows with the input."""
    for output in (outcome.stdout, outcome.stderr):
        for line in output.decode("utf-8").split("\n"):
            assert line.isprintable(), ascii(line[:200])
            assert not line.lstrip().startswith("::"), line[:200]
            assert "##[" not in line, line[:200]
            assert len(line) <= _WIDEST_LINE, line[:200]


def _assert_cheap(outcome: Outcome, seconds: float) -> None:
    assert outcome.seconds < seconds
    assert outcome.memory < MEMORY
