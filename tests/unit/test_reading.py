"""Bytes to records with their places, or to a finding that names what is wrong and where."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts.finding import Finding
from srcos_contracts.reading.document import Document, Record, excerpt
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.reading.jsonl import Counter, read_lines
from srcos_contracts.reading.limits import MAX_RECORD_BYTES
from srcos_contracts.reading.locate import locate
from srcos_contracts.reading.source import Selection, Source, read, select
from srcos_contracts.reading.yaml_text import read_yaml


def _json(text: bytes) -> tuple[str, int, int]:
    found = parse_json(Document("f.json", text))
    assert isinstance(found, Finding)
    return found.rule, found.location.line, found.location.column


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b'{"a": 1, "a": 2}', ("duplicate-key", 1, 10)),
        (b'{"x": {"a" : 1,\n "b": 0,\n "a" : "x"}}', ("duplicate-key", 3, 2)),
        (b'{"\\u0061": 1, "a": 2}', ("duplicate-key", 1, 15)),
        (b'{"a": NaN}', ("not-finite-number", 1, 7)),
        (b"[1,\n -Infinity]", ("not-finite-number", 2, 2)),
        (b'["\xc3\xa9", "\xff"]', ("invalid-utf8", 1, 8)),
        (b'["\xed\xa0\x80"]', ("invalid-utf8", 1, 3)),
        (rb'["ab\ud800"]', ("lone-surrogate", 1, 5)),
        (rb'["\udc00\ud800"]', ("lone-surrogate", 1, 3)),
        (b"\xef\xbb\xbf{}", ("byte-order-mark", 1, 1)),
        ('{"a": 1}'.encode("utf-16"), ("utf-16", 1, 1)),
        ('{"a": 1}'.encode("utf-16-le"), ("utf-16", 1, 1)),
        ('{"a": 1}'.encode("utf-32"), ("utf-16", 1, 1)),
        (b"{} {}", ("trailing-data", 1, 4)),
        (b"", ("empty-document", 1, 1)),
        (b" \n ", ("empty-document", 1, 1)),
        (b'{"a":\n1,}', ("json-syntax", 2, 3)),
        (b"{'a': 1}", ("json-syntax", 1, 2)),
        (b"/* */ 1", ("json-syntax", 1, 1)),
        (b"[01]", ("json-syntax", 1, 3)),
        (b'{"a": [1, 2', ("json-syntax", 1, 11)),
        (b"[" * 129 + b"]" * 129, ("too-deep", 1, 129)),
        (b"[" * 1000, ("too-deep", 1, 129)),
        (b"[1" + b"0" * 4300 + b"]", ("number-out-of-range", 1, 2)),
        (b"[1e99999999999999999999]", ("number-out-of-range", 1, 2)),
    ],
)
def test_json_that_is_refused_says_what_and_where(text: bytes, place: tuple[str, int, int]) -> None:
    assert _json(text) == place


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"[1e400]", [Decimal("1E+400")]),
        (b"[1.10]", [Decimal("1.10")]),
        (b"[1" + b"0" * 400 + b"]", [10**400]),
        (b"[" * 128 + b"]" * 128, None),
        (rb'["\ud83d\ude00"]', ["\U0001f600"]),
        (rb'["\\ud800"]', ["\\ud800"]),
        (b'["' + b"[{" * 500 + b'"]', ["[{" * 500]),
        (b" \r\n[]\n", []),
    ],
)
def test_json_that_is_read_is_exact(text: bytes, value: Any) -> None:
    found = parse_json(Document("f.json", text))
    assert not isinstance(found, Finding)
    assert value is None or found == value


def test_a_record_over_the_bound_is_not_read() -> None:
    assert _json(b'"' + b"a" * MAX_RECORD_BYTES + b'"')[0] == "record-too-large"


def _all(values: list[Any], texts: Sequence[bytes | None], lines: Sequence[int]) -> range:
    return range(len(values))


def _lines(text: bytes, length: int | None = None) -> list[Record | tuple[str, str, int, int]]:
    found = read_lines(io.BytesIO(text), "f.jsonl", length, Counter(), _all)
    return [i if isinstance(i, Record) else (i.rule, i.severity, i.location.line, i.location.column) for i in found]


def test_each_line_of_a_ledger_is_read_whatever_its_neighbours_are() -> None:
    text = b'{"a": 1}\r\nnope\n\n{"b": 2} {"c": 3}\n' + b"[" * 129 + b"]" * 129 + b'\n{"d": 4}\n{"e": "x'
    assert _lines(text) == [
        Record({"a": 1}, b'{"a": 1}\r', 1),
        ("json-syntax", "error", 2, 2),
        ("blank-line", "warning", 3, 1),
        ("several-values-on-line", "error", 4, 10),
        ("too-deep", "error", 5, 129),
        Record({"d": 4}, b'{"d": 4}', 6),
        ("torn-last-line", "error", 7, 8),
    ]


@pytest.mark.parametrize(
    ("tail", "column"),
    [
        (b'{"e": "x', 8),
        (b'{"e": "caf\xc3', 11),
        (b'{"e": "\\ud83d', 13),
        (b'{"e": "\\ud8', 11),
        (b'{"e": 1\0\0\0', 8),
        (b'{"e": 1}\0', 9),
        (b'{"e": "\xe2\x82\0\0', 8),
        (b"\0\0\0\0\0\0\0\0", 1),
    ],
)
def test_a_last_line_that_its_writer_did_not_finish_is_torn(tail: bytes, column: int) -> None:
    assert _lines(b'{"a": 1}\n' + tail) == [Record({"a": 1}, b'{"a": 1}', 1), ("torn-last-line", "error", 2, column)]
    assert _lines(tail + b"\n1\n")[0] != ("torn-last-line", "error", 1, column)


def test_a_hole_of_zero_bytes_hides_no_other_line() -> None:
    hole = b"\0" * 4096
    (found,) = [item for item in read_lines(io.BytesIO(hole), "f", None, Counter(), _all) if isinstance(item, Finding)]
    assert (found.rule, found.message) == ("torn-last-line", "the last line is torn: the file ends in zero bytes")
    records = read_lines(io.BytesIO(hole + b"\n1\n" + hole + b"2\n3\n"), "f", None, Counter(), _all)
    assert [(i.value, i.line) if isinstance(i, Record) else (i.rule, i.message, i.location.line) for i in records] == [
        ("json-syntax", "there is nothing but zero bytes here", 1),
        (1, 2),
        ("json-syntax", "this is not JSON: expected value", 3),
        (3, 4),
    ]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_a_ledger_in_utf_16_is_told_once_and_what_is_utf_8_in_it_is_read(encoding: str) -> None:
    text = ('{"a": 1}\n' * 5).encode(encoding) + b'\n{"b": 2}\n'
    first, record = [item for item in _lines(text) if isinstance(item, Record) or item[0] != "blank-line"]
    assert (first, record) == (("utf-16", "error", 1, 1), Record({"b": 2}, b'{"b": 2}', 7))


def test_a_last_line_without_newline_is_whole_where_it_parses() -> None:
    assert _lines(b'{"a": 1}\n{"b": 2}') == [Record({"a": 1}, b'{"a": 1}', 1), Record({"b": 2}, b'{"b": 2}', 2)]


def test_only_the_length_that_is_asked_for_is_read() -> None:
    assert _lines(b'{"a": 1}\n{"b": 2}\n', 9) == [Record({"a": 1}, b'{"a": 1}', 1)]


@pytest.mark.parametrize("tail", [b"\n1\n", b"\n1", b""])
def test_a_line_over_the_bound_is_skipped_to_its_end(tail: bytes) -> None:
    text = b"0\n" + b'"' + b"x" * (MAX_RECORD_BYTES + 3_000_000) + b'"' + tail
    rest: list[Any] = [Record(1, b"1", 3)] if tail else []
    assert _lines(text) == [Record(0, b"0", 1), ("record-too-large", "error", 2, 1), *rest]


def test_a_long_line_over_many_blocks_is_one_record() -> None:
    long = b'"' + b"y" * 5_000_000 + b'"'
    found = _lines(b"0\n" + long + b"\n1\n")
    assert [item.text for item in found if isinstance(item, Record)] == [b"0", long, b"1"]


def test_what_is_settled_is_counted_and_not_given() -> None:
    counter = Counter()
    found = list(read_lines(io.BytesIO(b"1\n2\n3\n"), "f", None, counter, lambda values, texts, lines: [1]))
    assert found == [Record(2, b"2", 2)]
    assert (counter.lines, counter.records) == (3, 3)


def _yaml(text: str | bytes) -> list[Any]:
    raw = text.encode() if isinstance(text, str) else text
    found = read_yaml(Document("f.yaml", raw, "yaml"))
    return [i.value if isinstance(i, Record) else (i.rule, i.location.line, i.location.column) for i in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: no\nb: 12:30\nc: 2026-05-06\nd: ~\ne: 0o17\nf: 0x1F\ng: 1.5e3\n", [{"a": "no", "b": "12:30", "c": "2026-05-06", "d": None, "e": 15, "f": 31, "g": Decimal("1.5e3")}]),
        ("a: 1e400\n", [{"a": Decimal("1e400")}]),
        ('a: "1"\nb: \'true\'\nc: |\n  x\n', [{"a": "1", "b": "true", "c": "x\n"}]),
        ("---\na: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("a: &x [1]\nb: *x\n", [{"a": [1], "b": [1]}]),
        ("a: 1\nb:\n  a: 1\n  a: 2\n", [("duplicate-key", 4, 3)]),
        ("a: &a [*a]\n", [("yaml-recursive-alias", 1, 8)]),
        ("a: !!python/object:os.system x\n", [("yaml-tag", 1, 4)]),
        ("a: !x y\n---\nb: 2\n", [("yaml-tag", 1, 4), {"b": 2}]),
        ("a: .inf\n", [("not-finite-number", 1, 4)]),
        ("1: x\n", [("yaml-key", 1, 1)]),
        ("a: [1\n---\nb: 2\n", [("yaml-syntax", 1, 6), {"b": 2}]),
        ("", [("empty-document", 1, 1)]),
        ("# nothing\n", [("empty-document", 1, 1)]),
        ("- " * 200, [("too-deep", 1, 257)]),
        ("[" * 100_000, [("too-deep", 1, 129)]),
        ("[" * 128 + "]" * 129, [("yaml-syntax", 1, 257)]),
        ("a: 1\n---\né: 2\nb: " + "{" * 2000, [{"a": 1}, ("too-deep", 4, 131)]),
        ("{a b: c: " + "[" * 2000, [("yaml-syntax", 1, 8)]),
        (b"a: \xff\n", [("invalid-utf8", 1, 4)]),
        (b"\xef\xbb\xbfa: 1\n", [("byte-order-mark", 1, 1)]),
        ("a: *nope\n", [("yaml-syntax", 1, 4)]),
        ("a: 1\n...\n%YAML 1.2\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("a: 1\n---\nb: 2\n... # end\n\n%YAML 1.2\n# c\n---\nc: !x 3\n", [{"a": 1}, {"b": 2}, ("yaml-tag", 9, 4)]),
        ("%YAML 1.1\n---\na: no\n---\nb: 2\n", [("yaml-syntax", 1, 1), {"b": 2}]),
        ('a: "x\\ud83d\\ude00"\n', [("lone-surrogate", 1, 6)]),
        ('a: "\u00e9\\ud83d"\n', [("lone-surrogate", 1, 6)]),
        ('a: "\\ude00"\n', [("lone-surrogate", 1, 5)]),
        ('a: "\\U0001F600"\n', [{"a": "\U0001f600"}]),
        ("a: &a {b: 1}\nc:\n  <<: *a\n", [("yaml-syntax", 3, 3)]),
        ("'<<': 1\na: <<\n", [{"<<": 1, "a": "<<"}]),
    ],
)  # fmt: skip
def test_yaml_is_the_json_part_of_yaml_1_2(text: str | bytes, found: list[Any]) -> None:
    assert _yaml(text) == found


def test_aliases_expand_within_a_budget() -> None:
    lines = ["l0: &l0 [" + ", ".join("x" * 9) + "]"]
    lines += [f"l{n}: &l{n} [" + ", ".join([f"*l{n - 1}"] * 9) + "]" for n in range(1, 9)]
    assert _yaml("\n".join(lines)) == [("yaml-alias-budget", 6, 10)]


def test_aliases_count_towards_the_depth() -> None:
    lines = ["l0: &l0 [x]"] + [f"l{n}: &l{n} [*l{n - 1}]" for n in range(1, 200)]
    assert _yaml("\n".join(lines)) == [("too-deep", 128, 14)]


JSON_TEXT = '{"a": [1, {"b\\u0063": "x}\\"]", "d": -1e5}], "é":{"k":[]}, "e": {}}'
YAML_TEXT = "a:\n  - 1\n  - b: x\n    c: [1, 2]\n"


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), JSON_TEXT, None),
        (("a", 0), "1", None),
        (("a", 1, "bc"), '"x}\\"]"', '"b\\u0063"'),
        (("a", 1, "d"), "-1e5", '"d"'),
        (("é", "k"), "[]", '"k"'),
        (("e", "absent"), "{}", '"e"'),
        (("absent",), JSON_TEXT, None),
        (("a", 9), '[1, {"b\\u0063": "x}\\"]", "d": -1e5}]', '"a"'),
    ],
)
def test_a_json_value_is_found_in_its_text(path: tuple[str | int, ...], value: str, key: str | None) -> None:
    span, key_span = locate(Document("f", JSON_TEXT.encode()), path)
    assert JSON_TEXT[slice(*span)] == value
    assert (key_span and JSON_TEXT[slice(*key_span)]) == key


@pytest.mark.parametrize(
    ("path", "value", "key"), [(("a", 0), "1", None), (("a", 1, "b"), "x", "b"), (("a", 1, "c", 1), "2", None), (("z",), YAML_TEXT, None)]
)
def test_a_yaml_value_is_found_in_its_text(path: tuple[str | int, ...], value: str, key: str | None) -> None:
    span, key_span = locate(Document("f", YAML_TEXT.encode(), "yaml"), path)
    assert YAML_TEXT[slice(*span)] == value
    assert (key_span and YAML_TEXT[slice(*key_span)]) == key


def test_an_excerpt_is_one_line_cut_around_the_fault() -> None:
    text = "first\n" + "x" * 100 + "FAULT" + "y" * 100 + "\nlast"
    shown = excerpt(text, 106, 111)
    assert shown.text.startswith("...x")
    assert shown.text.endswith("y...")
    assert shown.text[shown.start : shown.start + shown.width] == "FAULT"
    assert len(shown.text) <= 86


def test_what_paths_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (
        "a.json",
        "b.JSONL",
        "deep/c.yaml",
        "deep/d.md",
        "deep/e.md",
        "deep/note.txt",
        ".hidden/f.json",
        "deep/g.json.gz",
        "x.json/h.yml",
    ):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("---\na: 1\n---\n" if name == "deep/e.md" else "{}")
    selection = select(["."])
    assert [source.name for source in selection.sources] == [
        "a.json",
        "b.JSONL",
        "./deep/c.yaml",
        "./deep/e.md",
        "./deep/g.json.gz",
        "./x.json/h.yml",
    ]
    assert selection.left_out == {".md": 1, ".txt": 1, "hidden": 1}
    assert [source.name for source in select(["*.json", "a.json", "./a.json", "**/*.yaml"]).sources] == [
        "a.json",
        "x.json/h.yml",
        "deep/c.yaml",
    ]
    problems = [
        (p.location.file, p.message) for p in select(["*.nope", "deep/note.txt", "absent.json", ".hidden/..", "deep/none"]).problems
    ]
    assert problems == [
        ("*.nope", "the pattern matches no file"),
        ("deep/note.txt", "the file's form is not known from its name (.txt)"),
        ("absent.json", "no such file or directory"),
        ("deep/none", "no such file or directory"),
    ]


def test_what_is_passed_over_in_folders_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("tree/deep/.git", "outside", "hidden", "linked"):
        Path(folder).mkdir(parents=True)
    for name in ("tree/a.json", "tree/.b.json", "tree/deep/.git/c.json", "outside/d.json", "hidden/.e.json"):
        Path(name).write_text("{}")
    for link in ("tree/deep/l", "linked/l", "linked/m"):
        Path(link).symlink_to(tmp_path / "outside")
    assert select(["tree"]) == Selection([Source("tree/a.json", "tree/a.json", "json")], [], {"hidden": 2, "linked folder": 1})
    assert [(p.location.file, p.message) for p in select(["hidden", "linked"]).problems] == [
        ("hidden", "the folder holds no file to check but for 1 hidden, which are left out of folders"),
        ("linked", "the folder holds no file to check but for 2 linked folders, which are left out of folders"),
    ]
    assert [source.name for source in select(["hidden/.e.json", "linked/l"]).sources] == ["hidden/.e.json", "linked/l/d.json"]


def test_a_file_is_one_under_all_its_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "d").mkdir()
    monkeypatch.chdir(tmp_path / "d")
    Path("a.json").write_text("{}")
    paths = ["./a.json", "a.json", ".", str(tmp_path / "d/a.json"), str(tmp_path), "../d", "*.json"]
    assert select(paths) == Selection([Source("./a.json", "./a.json", "json")], [], {})
    assert [p.location.file for p in select(["none.json", "../d/none.json", str(tmp_path / "d/none.json")]).problems] == ["none.json"]


def test_where_the_own_folder_was_removed_other_files_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "a.json").write_text("{}")
    monkeypatch.chdir(tmp_path / "d")
    (tmp_path / "d").rmdir()
    path = str(tmp_path / "a.json")
    assert [source.name for source in select([path, path]).sources] == [path]
    assert [p.message for p in select(["b.json"]).problems] == ["no such file or directory"]


def test_a_path_that_cannot_be_read_is_told_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d").mkdir()
    Path("d/a.json").symlink_to("nothing.json")
    os.mkfifo("d/b.json")
    assert [(p.location.file, p.message) for p in select(["**", "d", "./d/a.json"]).problems] == [
        ("d/a.json", "no such file or directory"),
        ("d/b.json", "this is not a regular file"),
    ]


def test_a_file_named_like_a_pattern_is_that_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("[a].json").write_text("{}")
    Path("a.json").write_text("{}")
    assert [source.name for source in select(["[a].json"]).sources] == ["[a].json"]


def test_a_truncated_gzip_file_says_so_after_what_could_be_read(tmp_path: Path) -> None:
    import gzip

    path = tmp_path / "f.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"a": 1}\n' * 300_000)[:-200])
    *records, last = read(select([str(path)]).sources[0])
    assert isinstance(last, Finding)
    assert (last.rule, last.message.split(":")[0]) == ("unreadable", "this is not a whole gzip file")
    assert len(records) > 1000


@pytest.mark.parametrize(
    ("before", "grown", "found"),
    [
        (b'{"n": 1}\n{"n": 2}\n', b'{"n": 3}\n', [1, 2]),
        # A line that was being written is read to its end, and the ledger no further.
        (b'{"n": 1}\n{"n": ', b'2}\n{"n": 3}\n', [1, 2]),
        (b'{"n": 1}\n{"n": 2}', b'\n{"n": 3}\n{"n"', [1, 2]),
        # What stays torn is torn.
        (b'{"n": 1}\n{"n": ', b"", [1, "torn-last-line"]),
    ],
)
@pytest.mark.parametrize("long", [False, True], ids=["one block", "several blocks"])
def test_a_ledger_that_grows_is_read_as_far_as_it_went(before: bytes, grown: bytes, found: list[Any], long: bool, tmp_path: Path) -> None:
    """Else a writer that is faster than the reader would keep it for ever, and one in the middle of a line would look like a torn one."""
    path = tmp_path / "x.jsonl"
    lead = b'{"n": 0}\n' * (100_000 if long else 1)
    path.write_bytes(lead + before)
    times = 0

    def growing(values: list[Any], texts: Sequence[bytes | None], lines: Sequence[int]) -> range:
        nonlocal times
        times += 1
        assert times < 100
        with path.open("ab") as stream:
            stream.write(grown if times == 1 else b'{"n": 9}\n' * len(values) if grown else b"")
        return range(len(values))

    got = list(read(Source("x.jsonl", str(path), "jsonl"), None, growing))
    told = [item.rule if isinstance(item, Finding) else item.value["n"] for item in got]
    assert told[-3:] == [0, *found]
    assert len(told) == lead.count(b"\n") + 2


def test_positions_of_the_unsettled_count_only_records() -> None:
    text = b"1\nnope\n2\n\n3\n"
    found = list(
        read_lines(
            io.BytesIO(text), "f", None, Counter(), lambda values, texts, lines: [index for index, value in enumerate(values) if value > 1]
        )
    )
    assert [(item.value, item.line) if isinstance(item, Record) else (item.rule, item.location.line) for item in found] == [
        ("json-syntax", 2),
        (2, 3),
        ("blank-line", 4),
        (3, 5),
    ]


def test_what_standard_input_may_be_is_said_where_it_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        def __init__(self, content: bytes) -> None:
            self.buffer = io.BytesIO(content)

    for name, said in ((None, True), ("x.json", False)):
        monkeypatch.setattr("sys.stdin", Stdin(b'\n{"a": 1}\n{"b": 2}\n'))
        (source,) = select(["-"], name).sources
        (found,) = read(source)
        assert isinstance(found, Finding)
        assert found.rule == "trailing-data"
        assert found.help.endswith("if this is not one JSON document, say what it is: --stdin-name x.jsonl, or x.yaml") is said


def test_a_ledger_that_was_read_elsewhere_is_read_to_its_end() -> None:
    source = Source("empty.jsonl", "viewfs://cluster/empty.jsonl", "jsonl")
    assert list(read(source, content=b"")) == []
    assert [item.line for item in read(source, content=b'{"a": 1}\n{"a": 2}') if isinstance(item, Record)] == [1, 2]
