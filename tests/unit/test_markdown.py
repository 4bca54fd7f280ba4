"""Markdown files as records: front matter, layouts, and places in the Markdown file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from srcos_contracts import Catalog, Finding, check
from srcos_contracts.reading.document import Document, Layout, Record
from srcos_contracts.reading.limits import MAX_HEADED_LINES
from srcos_contracts.reading.locate import locate
from srcos_contracts.reading.markdown import laid_out, layout_fault, read_markdown

TEXT = """---
title: x
n: 1
---
# Heading ##

Some text.

## First
```
## not a heading
```
## Second
"""
LAYOUT = Layout(True, "prompt", "heading", "sections", (("id", "id"), ("title", "state")))


def _read(text: str) -> list[Any]:
    found = read_markdown(Document("f.md", text.encode(), "markdown"))
    return [i.value if isinstance(i, Record) else (i.rule, i.location.line, i.location.column) for i in found]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("---\ntitle: x\n---\nbody\n---\n", [{"title": "x"}]),
        ("---\r\ntitle: x\r\n---\r\n", [{"title": "x"}]),
        ("no front matter\n", [{}]),
        (" ---\ntitle: x\n---\n", [{}]),
        ("---\ntitle: x\n", [("front-matter", 1, 1)]),
        ("---\n- x\n---\n", [("front-matter", 1, 1)]),
        ("---\n---\n", [("front-matter", 1, 1)]),
        ("---\na: 1\na: 2\n---\n", [("duplicate-key", 3, 1)]),
        ("\ufeff---\na: 1\n---\n", [("byte-order-mark", 1, 1)]),
    ],
)
def test_front_matter_is_a_closed_block_with_a_mapping(text: str, found: list[Any]) -> None:
    assert _read(text) == found


def test_missing_front_matter_is_a_finding_where_it_is_asked_for() -> None:
    found = layout_fault(Document("f.md", b"# Title\n", "markdown"), LAYOUT)
    assert found is not None
    assert (found.rule, found.location.line) == ("front-matter", 1)
    assert layout_fault(Document("f.md", TEXT.encode(), "markdown"), LAYOUT) is None
    assert layout_fault(Document("f.md", b"# Title\n", "markdown"), LAYOUT._replace(front_matter=False)) is None


def test_headings_are_looked_for_in_so_many_lines() -> None:
    layout = Layout(sections="sections")
    assert layout_fault(Document("f.md", b"a\n" * MAX_HEADED_LINES, "markdown"), layout) is None
    found = layout_fault(Document("f.md", b"a\n" * MAX_HEADED_LINES + b"a\n", "markdown"), layout)
    assert found is not None
    assert (found.rule, found.message, found.location.line) == ("too-many-values", "the text has more than 50,000 lines", 1)
    assert layout_fault(Document("f.md", b"a\n" * MAX_HEADED_LINES + b"a\n", "markdown"), Layout(body="body")) is None


def test_a_layout_takes_members_from_the_body_and_the_path() -> None:
    document = Document("f.md", TEXT.encode(), "markdown", 1, LAYOUT)
    (record,) = read_markdown(document)
    assert isinstance(record, Record)
    assert laid_out(record, document, LAYOUT, {"id": "A-1", "state": "Todo"}) == {
        "id": "A-1",
        "title": "x",
        "n": 1,
        "heading": "Heading",
        "sections": ["First", "Second"],
        "prompt": TEXT.split("---\n", 2)[2],
    }
    assert "id" not in laid_out(record, document, LAYOUT, {})


def test_what_the_text_says_is_not_the_front_matters_to_say() -> None:
    text = "---\nid: B\nheading: H\nprompt: p\nsections: [s]\n---\n# T\n## S\n"
    document = Document("f.md", text.encode(), "markdown", 1, LAYOUT)
    (record,) = read_markdown(document)
    assert isinstance(record, Record)
    assert laid_out(record, document, LAYOUT, {"id": "A-1"}) == {"id": "B", "heading": "H", "prompt": "# T\n## S\n", "sections": ["S"]}
    for path, found in ((("prompt",), "# T\n## S\n"), (("sections", 0), "## S"), (("heading",), "H"), (("id",), "B")):
        assert text[slice(*locate(document, path)[0])] == found


@pytest.mark.parametrize(
    ("path", "text", "key"),
    [
        (("title",), "x", "title"),
        (("n",), "1", "n"),
        (("heading",), "# Heading ##", None),
        (("sections", 1), "## Second", None),
        (("prompt",), TEXT.split("---\n", 2)[2], None),
        (("absent",), "---", None),
        ((), "---", None),
    ],
)
def test_a_value_is_found_in_the_markdown_file(path: tuple[str | int, ...], text: str, key: str | None) -> None:
    span, key_span = locate(Document("f.md", TEXT.encode(), "markdown", 1, LAYOUT), path)
    assert TEXT[slice(*span)] == text
    assert (key_span and TEXT[slice(*key_span)]) == key


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    folder = tmp_path / "schemas"
    folder.mkdir()
    note = {
        "$id": "https://example.org/Note.json",
        "x-contract": {
            "name": "Note",
            "version": "1.0.0",
            "status": "draft",
            "owner": "x",
            "paths": ["notes/{state}/{id}.md", "notes/{id}.md"],
            "markdown": {"frontMatter": True, "body": "text", "sections": "sections"},
        },
        "properties": {"title": {"type": "string"}, "blocked_by": {"type": "array"}, "text": {"x-template": "liquid"}, "sections": {"items": {"maxLength": 6}}},
        "required": ["title"],
        "allOf": [
            {"x-rule": {"id": "self-block", "message": "a note does not block itself", "help": "remove its own name", "why": "it would never move"}, "x-not-in": {"path:id": "/blocked_by"}},
            {"x-rule": {"id": "path-binding", "message": "a note lies in a state's folder", "help": "move the file there", "why": "the folder is its state"}, "x-path": ["state"]},
        ],
    }  # fmt: skip
    (folder / "Note.json").write_text(json.dumps(note))
    return Catalog.at(str(folder))


def _found(path: Path, catalog: Catalog) -> list[tuple[str, str, int, int]]:
    found: list[Finding] = check(path, catalog=catalog)
    return [(f.rule, f.pointer, f.location.line, f.location.column) for f in found]


@pytest.mark.parametrize(
    ("file", "text", "found"),
    [
        ("notes/Todo/A-1.md", "---\ntitle: x\nblocked_by: [A-2]\n---\nHi {{ name }}\n", []),
        ("notes/Todo/A-1.md", "---\ntitle: x\nblocked_by: [A-1]\n---\n", [("self-block", "/blocked_by", 3, 13)]),
        ("notes/Todo/A-1.md", "---\ntitle: 5\n---\n", [("schema-type", "/title", 2, 8)]),
        (
            "notes/Todo/A-1.md",
            "---\ntitel: x\n---\n## Far too long\n",
            [("schema-required", "/title", 1, 1), ("schema-max-length", "/sections/0", 4, 1)],
        ),
        ("notes/Todo/A-1.md", "---\ntitle: x\n---\n\n{% if a %}\n", [("schema-template", "/text", 5, 1)]),
        ("notes/Todo/A-1.md", "---\r\ntitle: x\r\n---\r\nHi\r\n\r\n  {{ a b }}\r\n", [("schema-template", "/text", 6, 8)]),
        ("notes/Todo/A-1.md", "# No front matter\n", [("front-matter", "", 1, 1)]),
        (
            "notes/Todo/A-1.md",
            "---\ntitle: x\ntext: fine\n---\n\n{% if a %}\n",
            [("front-matter-member", "/text", 3, 1), ("schema-template", "/text", 6, 1)],
        ),
        ("notes/Todo/A-1.md", "---\n{title: x, sections: []}\n---\n## Short\n", [("front-matter-member", "/sections", 2, 12)]),
        ("notes/A-1.md", "---\ntitle: x\n---\n", [("path-binding", "", 1, 1)]),
        ("elsewhere/A-1.md", "---\ntitle: x\n---\n", [("unclaimed-record", "", 1, 1)]),
    ],
)
def test_a_markdown_record_is_judged_in_its_place(tmp_path: Path, catalog: Catalog, file: str, text: str, found: list[Any]) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text(text)
    assert _found(path, catalog) == found
    if not file.startswith("elsewhere"):
        assert _found(tmp_path / "notes", catalog) == found
