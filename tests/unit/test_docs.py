"""The generated documentation: exact for a small checkout, and in step for this one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from srcos_contracts.cli.docs import run_docs
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.evolve.checkout import stale
from srcos_contracts.evolve.docs import generate_docs
from srcos_contracts.evolve.generate import catalog_of_sources
from srcos_contracts.evolve.markdown import anchor, code, fenced, table, text
from srcos_contracts.explanation import Sample, read_samples

from .small_catalog import write_checkout

ROOT = Path(__file__).resolve().parents[2]


def _docs(root: Path) -> dict[Path, str]:
    return generate_docs(root, catalog_of_sources(str(root / "schemas"), "schemas"))


NOTE = """## Note

What somebody wrote down &lt;b&gt;now&lt;/b&gt; \\| later.

- Written by: writers
- Recognised by: `kind` `"note"`
- Its id: `id`
- Further members: only those whose names begin with `x-`

### Fields of Note

| field | type | required | meaning |
|---|---|---|---|
| `kind` | always `"note"` | yes | The discriminator. |
| `id` | short name | yes | Its name. Not to be spelt `name`. |
| `state` | one of `open`, `closed` or null | no | How it stands. |
| `about` | list of short names, at least 1, each once | yes | What it is about. Leads to [Card](#card) or Missing (subject). |
| `place` | string, at most 20 characters | no | Where it was written. |
| `card` | object, open to further members; or null | no | A card inside. Its members and rules are those of [Card](#card). |
| `card.id` | URN `urn:card:<id>` | yes | The card's name. |
| `card.parts` | list of objects | no | Its parts. |
| `card.parts[].size` | integer or null, at least 1, by default `1` | yes | Its size. |
| `card.parts[].inner` | object, open to further members | no | A part of the part. |
| `card.labels` | map from short names to values, each integer, at least 0 | no | Its labels. |
| `reason` | string, not blank | when state is closed | Why it was closed. |

### Rules of Note

| rule | level | what holds | fields |
|---|---|---|---|
| [closed-reason](#closed-reason) | error | a closed note says why | `state`, `reason` |
| [note-about](#note-about) | error | a note is about something | `about` |
| [note-placed](#note-placed) | warning | a note has its place | `place` |

### Example of Note

[examples/Note/1.0.0/valid/full.json](../examples/Note/1.0.0/valid/full.json)

```json
{
  "kind": "note",
  "id": "first",
  "state": "closed",
  "about": ["ace", "king"],
  "place": "here",
  "reason": "done"
}
```

### References of Note

![What Note refers to, and what refers to it](diagrams/Note.svg)

- refers to [Card](#card) as subject, and holds a [Card](#card)
- refers to Missing as subject

### Versions of Note

| version | status | schema | examples |
|---|---|---|---|
| 1.0.0 | draft | [schemas/Note/1.0.0.json](../schemas/Note/1.0.0.json) | [examples/Note/1.0.0](../examples/Note/1.0.0) |

"""

CLOSED_REASON = """#### closed-reason

**What it says**

A closed note says why.

**Why**

Nobody can reopen it.

**In which contracts**

- [Note 1.0.0](#note): `state`, `reason`

**What to do**

Say why in reason.

**Fails**

```
{
  "state": "closed",
  ...
}

error[closed-reason]: a closed note says why
  --> examples/Note/1.0.0/invalid/closed-reason/none.json:1:1  Note 1.0.0  /reason
1 | {
  | ^ reason is missing
  = required by schemas/Note/1.0.0.json:100:5
  = help: say why in reason
```

**Passes**

```
{
  "state": "closed",
  "reason": "done",
  ...
}
```

"""

SHAPES = """<rect class="self" x="8" y="33" width="50" height="26" rx="5"/><text class="self-name" x="33" y="50" text-anchor="middle">Note</text>
<path class="line" d="M58 46H80V27H198"/><path class="tip" d="M204 27l-7 -4v8z"/><text class="role" x="84" y="22">subject, holds</text>
<rect class="box" x="204" y="14" width="72" height="26" rx="5"/><text x="240" y="31" text-anchor="middle">Card</text>
<path class="line" d="M58 46H80V65H198"/><path class="tip" d="M204 65l-7 -4v8z"/><text class="role" x="84" y="60">subject</text>
<rect class="outside" x="204" y="52" width="72" height="26" rx="5"/><text x="240" y="69" text-anchor="middle">Missing</text>
</svg>
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_checkout(tmp_path)
    return tmp_path


def _between(page: str, start: str, end: str) -> str:
    begin = page.index(start)
    return page[begin : page.index(end, begin)]


def test_a_contract_and_a_rule_as_the_page_has_them(root: Path) -> None:
    page = _docs(root)[root / "docs/contracts.md"]
    assert _between(page, "## Note\n", "## The rules\n") == NOTE
    assert _between(page, "#### closed-reason\n", "#### note-about\n") == CLOSED_REASON
    assert "A note has its place. It is a warning.\n" in page


def test_the_picture_of_a_contract(root: Path) -> None:
    drawn = _docs(root)[root / "docs/diagrams/Note.svg"]
    assert drawn[drawn.index("</style>\n") + len("</style>\n") :] == SHAPES
    assert '<desc id="description">Note refers to Card (subject, holds). Note refers to Missing (subject)</desc>' in drawn
    assert "@media (prefers-color-scheme: dark)" in drawn
    assert _docs(root)[root / "docs/diagrams/Note.svg"] == drawn


def test_the_excerpts_that_explain_carries(root: Path) -> None:
    assert run_docs(root) == 0
    samples = read_samples(Catalog.open(str(root / "schemas")))
    assert [(sample.rule, sample.contract) for sample in samples] == [
        ("closed-reason", "Note"),
        ("note-about", "Note"),
        ("note-placed", "Note"),
        ("schema-additional-properties", "Note"),
        ("schema-pattern", "Card"),
        ("schema-type", "Card"),
    ]
    assert samples[1] == Sample(
        "note-about",
        "Note",
        "1.0.0",
        (),
        (
            "error[note-about]: a note is about something",
            "  --> examples/Note/1.0.0/invalid/note-about/empty.json:5:12  Note 1.0.0  /about",
            '5 |   "about": "ace",',
            "  |            ^^^^^ about is a string, not an array",
            "  = required by schemas/Note/1.0.0.json:114:6",
            "  = help: add about",
        ),
        ("{", '  "about": ["ace", "king"],', "  ...", "}"),
    )
    assert samples[3].passes == ("{", '  "x-mood": "good",', "  ...", "}")
    assert samples[5].passes == ("...", "- size: 2", "...")


def test_what_is_out_of_step_is_told_and_mended(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["docs/contracts.md", "docs/diagrams/Card.svg", "docs/diagrams/Note.svg", "schemas/explain.json"]
    assert [path.relative_to(root).as_posix() for path in stale(root)] == files
    assert run_docs(root, check=True) == 1
    assert run_docs(root) == 0
    assert run_docs(root, check=True) == 0
    capsys.readouterr()
    (root / "docs/diagrams/Gone.svg").write_text("<svg/>")
    (root / "docs/contracts.md").write_text("edited")
    assert stale(root) == {
        root / "docs/contracts.md": _docs(root)[root / "docs/contracts.md"],
        root / "docs/diagrams/Gone.svg": None,
    }
    assert run_docs(root, check=True) == 1
    assert capsys.readouterr().out == (
        f"{root}/docs/contracts.md is not what the contracts generate; run: srcos-validate docs\n"
        f"{root}/docs/diagrams/Gone.svg is not what the contracts generate; run: srcos-validate docs\n"
    )
    assert run_docs(root) == 0
    assert stale(root) == {}
    assert not (root / "docs/diagrams/Gone.svg").exists()


def test_a_folder_without_contracts_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_docs(tmp_path) == 2
    assert capsys.readouterr().err == f"error: {tmp_path}/schemas holds no contract\n"


def test_bundles_catalog_and_the_readme_are_looked_at_too(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_docs(root) == 0
    note = root / "schemas/Note/1.0.0.json"
    note.write_text(note.read_text().replace("Its name.", "What it is called."))
    (root / "schemas/bundles/Gone").mkdir()
    (root / "schemas/bundles/Gone/1.0.0.json").write_text("{}")
    (root / "README.md").write_text("# Notes\n\n<!-- contracts:begin -->\n<!-- contracts:end -->\n")
    capsys.readouterr()
    assert run_docs(root, check=True) == 1
    files = ["README.md", "docs/contracts.md", "schemas/bundles/Gone/1.0.0.json", "schemas/bundles/Note/1.0.0.json"]
    said = "".join(f"{root}/{file} is not what the contracts generate; run: srcos-validate docs\n" for file in files)
    assert capsys.readouterr().out == said
    assert run_docs(root) == 0
    assert run_docs(root, check=True) == 0
    assert "What it is called." in (root / "schemas/bundles/Note/1.0.0.json").read_text()
    assert (root / "README.md").read_text().split("\n")[3:6] == [
        "| contract | what its records say | rules |",
        "|---|---|---|",
        "| [Card](docs/contracts.md#card) 1.0.0 | A card | 0 |",
    ]


def test_a_readme_marker_without_its_end_is_refused(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (root / "README.md").write_text("<!-- contracts:end -->\n<!-- contracts:begin -->\n")
    assert run_docs(root) == 2
    said = "error: README.md has the marker <!-- contracts:begin --> and no <!-- contracts:end --> after it\n"
    assert capsys.readouterr().err == said


def test_the_documentation_of_this_checkout_is_in_step() -> None:
    assert sorted(stale(ROOT)) == []


@pytest.mark.parametrize("small", [True, False])
def test_every_link_of_the_page_leads_somewhere(small: bool, tmp_path: Path) -> None:
    if small:
        write_checkout(tmp_path)
    root = tmp_path if small else ROOT
    files = _docs(root)
    page = files[root / "docs/contracts.md"]
    outside_code = re.sub(r"^(`{3,})[^\n]*\n.*?^\1$", "", page, flags=re.DOTALL | re.MULTILINE)
    anchors = [anchor(heading) for heading in re.findall(r"^#+ (.+)$", outside_code, re.MULTILINE)]
    assert len(anchors) == len(set(anchors))
    links = set(re.findall(r"\]\(([^)]+)\)", outside_code))
    assert {link for link in links if link.startswith("#") and link[1:] not in anchors} == set()
    files_linked = [(root / "docs" / link).resolve() for link in links if not link.startswith("#")]
    generated = {path.resolve() for path in files}
    beside = {"vocabulary.md", "checking.md"}
    assert [path for path in files_linked if not path.exists() and path not in generated and path.name not in beside] == []


def test_words_stay_words_in_markdown() -> None:
    assert text("a <b> `x|<y>` * c_d _e_ [f] | g &lt;") == r"a &lt;b&gt; `x\|<y>` \* c_d \_e\_ \[f\] \| g &amp;lt;"
    assert text("one\x1b[31m\ntwo `open") == r"one\\x1b\[31m two \`open"
    assert code("a|b") == r"`a\|b`"
    assert code("a`b") == "`` a`b ``"
    assert fenced(["```", "x"], "md") == "````md\n```\nx\n````\n"
    assert table(["a", "b"], [["1", "2"]]) == "| a | b |\n|---|---|\n| 1 | 2 |\n"
    assert anchor("Rules of AgentStatus") == "rules-of-agentstatus"
