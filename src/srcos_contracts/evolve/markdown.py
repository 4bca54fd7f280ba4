"""Pieces of a Markdown page, written so that words from contracts stay words: no markup, no HTML, no broken tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from srcos_contracts.report.escape import escape

__all__ = ["anchor", "code", "fenced", "sentence", "table", "text"]

_SPAN = re.compile(r"(`+)(.+?)\1")
_MARKUP = re.compile(r"[\\<>*\[\]]|(?<![^\W_])_|_(?![^\W_])|&(?=[#\w]+;)")
_AS_ENTITY = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}


def text(words: str) -> str:
    """Words for a paragraph or a cell of a table. Code spans stay; all else that Markdown would act on is written as it stands."""
    shown, end = "", 0
    line = escape(" ".join(words.split()))
    for span in _SPAN.finditer(line):
        shown += _plain(line[end : span.start()]) + span[0].replace("|", "\\|")
        end = span.end()
    return shown + _plain(line[end:])


def _plain(words: str) -> str:
    return _MARKUP.sub(lambda match: _AS_ENTITY.get(match[0], "\\" + match[0]), words).replace("|", "\\|").replace("`", "\\`")


def code(words: str) -> str:
    """Words as a code span."""
    marks = "`" * (max((len(run) for run in re.findall(r"`+", words)), default=0) + 1)
    pad = " " if "`" in words else ""
    return f"{marks}{pad}{escape(words)}{pad}{marks}".replace("|", "\\|")


def fenced(lines: Iterable[str], language: str = "") -> str:
    """Lines as a block of code."""
    shown = [escape(line) for line in lines]
    marks = "`" * max(3, *(len(run) + 1 for line in shown for run in re.findall(r"`+", line)), 3)
    return "\n".join([marks + language, *shown, marks, ""])


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; cells are Markdown already."""
    lines = ["| " + " | ".join(heads) + " |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows), ""])


def anchor(heading: str) -> str:
    """The fragment by which a heading is linked to, as the usual renderers make it."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def sentence(words: str) -> str:
    """Words as a sentence of a paragraph: with a capital, and a full stop."""
    shown = text(words[:1].upper() + words[1:] if words[:1].isalpha() and words.split(" ", 1)[0].islower() else words)
    return shown if shown.endswith((".", "!", "?")) else shown + "."
