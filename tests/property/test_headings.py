"""The headings that are found are those that markdown-it-py finds, which reads CommonMark whole."""

from __future__ import annotations

import re
from itertools import pairwise

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from srcos_contracts.reading.headings import headings

_PARSER = MarkdownIt("commonmark", {"maxNesting": 1000}).disable(["inline", "text_join"], True)

_LEADS = st.sampled_from(["", "", "", " ", "  ", "   ", "> ", "- ", ">", "  - ", "    "])
_TEXTS = st.sampled_from(
    ["# a", "## b ##", "#c", "####### d", "a", "b c", "===", "---", "--", "- a", "-", "- - b", "* # x", "1. a", "2. b", "10) c", "> a", ">", "> # q", ">> - z", "```", "~~~", "````", "``` py", "```x`y", "   ", "", "<!--", "-->", "<!-- a -->", "<div>", "</div>", "<pre>", "</pre>", "<a b='c'>", "<?", "?>", "<script>x</script>", "***", "_ _ _", "+ q", "+", "- ```", "> ~~~", "<br/>", "</p", "# ", "#", "## #", "=", "\\# no", "a\\", "1)", "- <!--", "> ---", "> ===", "-   a", "-     b", "-      ", "<!A>", "<![CDATA[", "]]>", "12345678901. z", "# a\\#", "# a \\##", "\t# t", "#\tt", "\t"]
)  # fmt: skip
_BREAKS = st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"])
_DOCUMENTS = st.lists(st.tuples(_LEADS, _TEXTS, _BREAKS).map("".join), max_size=9).map("".join)

_INDENTED = re.compile(r"(?:^|[\r\n])(?:[^\r\n]*\t|    )")
_CONTAINER = re.compile(r">|(?:^|[\r\n ])(?:[-+*]|[0-9]+[.)])(?:[ \r\n]|$)")


@settings(max_examples=1_000, deadline=None)
@given(_DOCUMENTS)
def test_headings_are_those_of_the_specification(text: str) -> None:
    # There it takes an indented line that goes on in a quote's paragraph for code, and some tabs stop it altogether.
    assume(not (_INDENTED.search(text) and _CONTAINER.search(text)))
    expected = []
    tokens = _PARSER.parse(text)
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0:
            assert token.map is not None
            expected.append((" ".join(line.strip(" \t") for line in inline.content.split("\n")), int(token.tag[1]), token.map[0]))
    found = [(heading.text, heading.level, len(re.findall(r"\r\n|\n|\r", text[: heading.span[0]]))) for heading in headings(text)]
    assert found == expected
