"""The headings of a Markdown text, as CommonMark has them, and in time that grows no faster than the text."""

from __future__ import annotations

import time

import pytest

from srcos_contracts.reading.headings import headings

Found = list[tuple[str, int, str]]
"""Text, level, and the text that the heading's span covers."""


def _found(text: str) -> Found:
    return [(heading.text, heading.level, text[slice(*heading.span)]) for heading in headings(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# One\n## Two ##\n###### Six #", [("One", 1, "# One"), ("Two", 2, "## Two ##"), ("Six", 6, "###### Six #")]),
        ("   # In\n    # code\n#No\n####### No\n\\# No\n", [("In", 1, "# In")]),
        ("#\n##\t Tab\t#\t\n### a#\n# \\#\n### ###\n", [("", 1, "#"), ("Tab", 2, "##\t Tab\t#"), ("a#", 3, "### a#"), ("\\#", 1, "# \\#"), ("", 3, "### ###")]),
        ("# a\r\n## b\r# c\n", [("a", 1, "# a"), ("b", 2, "## b"), ("c", 1, "# c")]),
        # Setext
        ("Title\n=====\nOther\n---\n", [("Title", 1, "Title"), ("Other", 2, "Other")]),
        ("\n Two\n  lines \n   ==  \n", [("Two lines", 1, "Two\n  lines")]),
        ("a\n\n===\n\n---\n# b\n---\n", [("b", 1, "# b")]),
        ("a\n=-=\n", []),
        # Fenced code
        ("```\n~~~\n```\n# Title\n", [("Title", 1, "# Title")]),
        ("~~~~\n~~~\n# no\n~~~~~\n# Title\n", [("Title", 1, "# Title")]),
        ("```\n# no\n``` py\n# no\n ```\n# Title\n", [("Title", 1, "# Title")]),
        ("   ```sh\n# no\n   ```\n# Title\n", [("Title", 1, "# Title")]),
        ("    ```\n# Title\n", [("Title", 1, "# Title")]),
        ("``` `x`\n# Title\n", [("Title", 1, "# Title")]),
        ("```\n# no\n    ```\n# no\n", []),
        # HTML
        ("<!-- \n# no\n\n# no\n--> # no\n# Title\n", [("Title", 1, "# Title")]),
        ("<!-- c -->\n# Title\n", [("Title", 1, "# Title")]),
        ("<div>\n# no\n\n# Title\n</div>\n", [("Title", 1, "# Title")]),
        ("<pre>\n\n# no\n</pre>\n# Title\n", [("Title", 1, "# Title")]),
        ("<custom a='b' c>\n# no\n\n# Title\n", [("Title", 1, "# Title")]),
        ("text\n<custom>\n# Title\n", [("Title", 1, "# Title")]),
        ("<?\n# no\n?>\n<!X\n# no\n>\n<![CDATA[\n# no\n]]>\n# Title\n", [("Title", 1, "# Title")]),
        # Lists and quotes
        ("> # no\n# Title\n", [("Title", 1, "# Title")]),
        ("> a\n===\n# Title\n", [("Title", 1, "# Title")]),
        ("- # no\n\n  ## no\n# Title\n", [("Title", 1, "# Title")]),
        ("- ```\n  # no\n  ```\n# Title\n", [("Title", 1, "# Title")]),
        ("- ```\n# Title\n", [("Title", 1, "# Title")]),
        ("10. a\n\n    ```\n    # no\n# Title\n", [("Title", 1, "# Title")]),
        ("-\n\n  # Title\n", [("Title", 1, "# Title")]),
        ("-\n  # no\n", []),
        ("- a\n---\nb\n---\n", [("b", 2, "b")]),
        ("a\n2. b\n---\n", [("a 2. b", 2, "a\n2. b")]),
        ("a\n1. b\n---\n", []),
    ],
)  # fmt: skip
def test_headings(text: str, found: Found) -> None:
    assert _found(text) == found


def test_headings_begin_where_they_are_asked_for() -> None:
    text = "# a\n# b\n"
    assert [(heading.text, heading.span) for heading in headings(text, 4)] == [("b", (4, 7))]


@pytest.mark.parametrize(
    "unit",
    ["# a\n", "a\n===\n", "```\n~~~\n", "<!--\n", "- > " * 10 + "# a\n", "- " * 40 + "a\n", ">" * 100 + "\n", "\n", "[a]: b\n"],
)
def test_time_grows_with_the_text(unit: str) -> None:
    def seconds(times: int) -> float:
        before = time.process_time()
        for _ in headings(unit * times):
            pass
        return time.process_time() - before

    small = min(seconds(1_000) for _ in range(3))
    assert seconds(10_000) < 20 * small + 0.05


@pytest.mark.parametrize(
    "text",
    ["- " * 4_000_000 + "a", ">" * 4_000_000, "#" * 4_000_000, "# a" + " #" * 2_000_000, "`" * 4_000_000, "<a" + " b='" * 1_000_000, "* " * 2_000_000 + "a", " " * 4_000_000 + "a", "<a" + " " * 4_000_000 + "!", "1" * 4_000_000],
)  # fmt: skip
def test_no_line_takes_long(text: str) -> None:
    before = time.process_time()
    assert len(list(headings(text))) <= 1
    assert time.process_time() - before < 3
