"""Markdown that no contract claims: what it is taken for, and what is left out of a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from srcos_contracts import check
from srcos_contracts.reading.source import select

FITS = "it has the form of {}: check it with --contract {}, or keep it on a path such as {}; where it is no such record, leave its folder out of the check"
ISSUE = FITS.format("TrackerIssue 0.1.0", "TrackerIssue", "issues/{state}/{id}.md")
SUMMARY = "---\nsession_id: 2025-11-16_cls_001\nagent: cls\ndate: 2025-11-16\n"


@pytest.mark.parametrize(
    ("text", "nearest", "help"),
    [
        ("---\ntitle: A guide\n---\n# A guide\n## One\n", "TrackerIssue 0.1.0", ISSUE),
        ("---\ntitle: A post\ndate: 2024-01-01\nlayout: post\n---\n# A post\n## One\n", "TrackerIssue 0.1.0", ISSUE),
        (SUMMARY + "---\n# T\n", "SessionSummary 1.0.0", FITS.format("SessionSummary 1.0.0", "SessionSummary", "memory/{agent}/sessions/{session}.md")),
        (SUMMARY + "---\nno heading\n", "SessionSummary 1.0.0", "what would make it SessionSummary 1.0.0:\nadd title"),
        (SUMMARY + "reviewer: kim\n---\n# T\n", "SessionSummary 1.0.0", "what would make it SessionSummary 1.0.0:\nremove reviewer, or begin its name with x-"),
        ("---\ntracker: {root: x}\npolling: {interval_ms: 5}\n---\nHi\n", "WorkflowConfig 0.1.0", FITS.format("WorkflowConfig 0.1.0", "WorkflowConfig", "WORKFLOW.md")),
    ],
)  # fmt: skip
def test_what_a_text_comes_nearest_to_counts_what_would_be_read_in_it(tmp_path: Path, text: str, nearest: str, help: str) -> None:
    (tmp_path / "x.md").write_text(text)
    (found,) = check(tmp_path / "x.md")
    assert (found.rule, found.message) == ("unclaimed-record", f"no contract claims this record; the nearest is {nearest}")
    assert found.help == help


def test_a_contract_that_reads_no_markdown_has_to_be_named(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_text("---\nsummary: s\nsource: s\ndata: {}\nevent: info\n---\n")
    (found,) = check(tmp_path / "x.md")
    assert found.message == "no contract claims this record"
    (tmp_path / "x.md").write_text("---\ntype: CapabilityLedger\n---\n")
    (found,) = check(tmp_path / "x.md")
    assert found.message == "no contract claims this record; the nearest is CapabilityLedger 0.1.0"


def test_a_readme_in_a_folder_is_no_record(tmp_path: Path) -> None:
    for name, text in {
        "issues/README.md": "# Issues\n",
        "issues/Todo/ReadMe.markdown": "# To do\n",
        "memory/cls/sessions/README.de.md": "# Sitzungen\n",
        "issues/Todo/A-1.md": "# No front matter\n",
        "issues/Todo/readme.md": "---\ntitle: Read me\n---\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    selection = select([str(tmp_path)], bound=lambda file: True)
    assert [Path(source.name).relative_to(tmp_path).as_posix() for source in selection.sources] == [
        "issues/Todo/A-1.md",
        "issues/Todo/readme.md",
    ]
    assert selection.left_out == {".md": 2, ".markdown": 1}
    assert [finding.rule for finding in check(tmp_path)] == ["front-matter"]
    # Who names it wants it judged.
    assert [finding.rule for finding in check(tmp_path / "issues/README.md")] == ["front-matter"]
