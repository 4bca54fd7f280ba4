"""Any bytes give values or findings, never an exception, and places are the right ones."""

from __future__ import annotations

import io
import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from srcos_contracts.finding import Finding
from srcos_contracts.pointer import Path, lookup
from srcos_contracts.reading.document import Document, Record
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.reading.jsonl import Counter, read_lines
from srcos_contracts.reading.locate import locate
from srcos_contracts.reading.markdown import read_markdown
from srcos_contracts.reading.yaml_text import read_yaml
from srcos_contracts.report.escape import escape

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)
NOISE = st.text(alphabet=st.sampled_from('{}[]":,\\u dD8a0019.eE+-\ntrufalsn\x00\ud7ff'), max_size=60).map(
    lambda text: text.encode("utf-8")
)


@given(JSON, st.sampled_from([None, 1, 3]), st.booleans())
def test_every_value_of_a_json_text_is_found_where_it_stands(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    document = Document("f", text.encode("utf-8"))
    assert parse_json(document) == value
    for way in _ways(value):
        span, key = locate(document, way)
        assert json.loads(text[slice(*span)]) == lookup(value, way)
        if way and isinstance(way[-1], str):
            assert key is not None
            assert json.loads(text[slice(*key)]) == way[-1]


def _ways(value: Any, way: Path = ()) -> list[Path]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [way, *(inner for key, member in members for inner in _ways(member, (*way, key)))]


@settings(max_examples=500)
@given(st.binary(max_size=60) | NOISE)
@example(b'"\\ud800\\ud800\\udc00"')
@example(b'{"a":1,"a"')
@example(b"-")
def test_any_bytes_are_a_value_or_a_finding_in_place(text: bytes) -> None:
    document = Document("f", text)
    lines = text.decode("utf-8", "replace").split("\n")
    for found in [parse_json(document), *read_yaml(document._replace(syntax="yaml")), *read_markdown(document._replace(syntax="markdown"))]:
        if isinstance(found, Finding):
            assert 1 <= found.location.line <= len(lines)
            assert 1 <= found.location.column <= len(lines[found.location.line - 1]) + 1
            assert found.message
            assert found.help


LINES = st.lists(
    st.binary(max_size=20).filter(lambda line: b"\n" not in line)
    | st.sampled_from([b"{}", b"\0", b"\0" * 9, b"\xff\xfe", b"1\0{\0", b"\0{\0}"]),
    max_size=6,
)


def _every(values: list[Any], texts: object, lines: object) -> range:
    return range(len(values))


@given(LINES, st.booleans())
@example([b"\xff\xfe", b"{}", b"\0", b"\0{\0}"], True)
@example([b"\0" * 9, b"{}"], True)
@example([b"{}", b"\xff\xfe{\0}\0", b"\0{\0}\0"], False)
def test_each_line_of_a_ledger_gives_one_record_or_one_finding(lines: list[bytes], ended: bool) -> None:
    text = b"\n".join(lines) + (b"\n" if ended and lines else b"")
    expected = text.split(b"\n")[:-1] if text.endswith(b"\n") else text.split(b"\n") if text else []
    found = list(read_lines(io.BytesIO(text), "f", None, Counter(), _every))
    items = {i.line if isinstance(i, Record) else i.location.line: i for i in found}
    first = items.get(1)
    # Of a ledger that begins as UTF-16 the first line says it for all others with zero bytes, which never hold a record.
    wide = isinstance(first, Finding) and first.rule == "utf-16"
    told = [number for number, line in enumerate(expected, 1) if number == 1 or not (wide and b"\0" in line)]
    assert [*items] == told
    assert len(items) == len(found)
    for number in told:
        assert isinstance(items[number], Record) is not isinstance(parse_json(Document("f", expected[number - 1])), Finding)


@given(LINES, st.integers(1, 5))
def test_a_ledger_read_in_parts_gives_what_it_gives_as_a_whole(lines: list[bytes], cut: int) -> None:
    text = b"".join(line + b"\n" for line in lines)
    ahead = sum(len(line) + 1 for line in lines[:cut])
    whole = list(read_lines(io.BytesIO(text), "f", None, Counter(), _every))
    first = list(read_lines(io.BytesIO(text), "f", ahead, Counter(), _every))
    rest = list(read_lines(io.BytesIO(text[ahead:]), "f", None, Counter(), _every, text[:8])) if text[ahead:] else []
    parts = [*first, *(_moved(item, cut) for item in rest)]
    assert [_place(item) for item in parts] == [_place(item) for item in whole]


def _moved(item: Record | Finding, lines: int) -> Record | Finding:
    if isinstance(item, Record):
        return item._replace(line=item.line + lines)
    return item._replace(location=item.location._replace(line=item.location.line + lines))


def _place(item: Record | Finding) -> tuple[str, int]:
    return ("", item.line) if isinstance(item, Record) else (item.rule, item.location.line)


@given(JSON, st.sampled_from([None, 2]))
def test_a_json_text_is_the_same_value_as_yaml(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    (found,) = read_yaml(Document("f", text.encode("utf-8"), "yaml"))
    if isinstance(found, Finding):
        assert found.rule == "yaml-syntax"
        character = text[found.location.column - 1] if indent is None else next(c for c in text if not c.isprintable() and c != "\n")
        assert character in "\x85\u2028\u2029" or not character.isprintable()
    else:
        assert found.value == value


@given(st.text())
def test_escaped_text_is_one_printable_line(text: str) -> None:
    shown = escape(text)
    assert shown.isprintable()
    assert "##[" not in shown
    if text.isascii() and text.isprintable() and "##[" not in text:
        assert shown == text
