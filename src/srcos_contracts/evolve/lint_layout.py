"""How a schema file is laid out, and the mending of it that changes no value."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from srcos_contracts.evolve.lint_rules import Fault
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.json_text import decode
from srcos_contracts.reading.locate import spans_of

__all__ = ["layout_faults", "mended"]

_ORDER = (
    "$schema",
    "$id",
    "$comment",
    "title",
    "description",
    "x-contract",
    "type",
    "$ref",
    "properties",
    "required",
    "patternProperties",
    "additionalProperties",
    "unevaluatedProperties",
)
_LAST = ("allOf", "x-warn", "$defs")
_TRAILING = re.compile(r"[ \t\r]+(?=\n|\Z)")
_BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"|([\[{])|([\]}])', re.DOTALL)


def layout_faults(document: Document, value: dict[str, Any]) -> Iterator[Fault]:
    """What the text of a schema file has that `mended` would change."""
    found = list(_faults(document, value))
    yield from found
    if not found and mended(document, value) != document.text.decode("utf-8"):
        yield Fault("lint-layout", (), "the root's members do not each begin a line, one right after the other")


def _faults(document: Document, value: dict[str, Any]) -> Iterator[Fault]:
    text = document.text.decode("utf-8")
    order = sorted(value, key=_rank(value))
    if list(value) != order:
        moved = next(name for name, wanted in zip(value, order, strict=True) if name != wanted)
        yield Fault("lint-key-order", (moved,), f"the order is {', '.join(order)}", at_key=True)
    trailing = _TRAILING.search(text)
    if trailing is not None and trailing.start() < len(text.rstrip()):
        what = "a carriage return" if trailing[0] == "\r" else "white space"
        yield Fault("lint-layout", (), f"the line ends with {what}", span=trailing.span())
    if text.replace("\r\n", "\n") != text.rstrip().replace("\r\n", "\n") + "\n":
        what = "there is more white space after the last line" if text[-1:].isspace() else "the file does not end with a newline"
        end = len(text.rstrip())
        yield Fault("lint-layout", (), what, span=(end - 1, end))
    yield from _indentation(text)


def _indentation(text: str) -> Iterator[Fault]:
    offset = 0
    for line, depth in _with_depth(text):
        lead = line[: len(line) - len(line.lstrip())]
        if line.strip() and lead != "  " * depth:
            wrong = "with tabs" if "\t" in lead else f"by {len(lead)} space{'' if len(lead) == 1 else 's'}"
            what = f"the line is indented {wrong}, not by {2 * depth}{' spaces' if wrong == 'with tabs' else ''}"
            yield Fault("lint-layout", (), what, span=(offset, offset + max(1, len(lead))))
            return
        offset += len(line) + 1


def _with_depth(text: str) -> Iterator[tuple[str, int]]:
    """Each line, and how many arrays and objects its first value lies in."""
    depth = 0
    for line in text.split("\n"):
        opening = depth
        for match in _BRACKETS.finditer(line):
            depth += (match[1] is not None) - (match[2] is not None)
        yield line, opening - (line.lstrip()[:1] in ("]", "}"))


def _rank(value: dict[str, Any]) -> Any:
    given = {name: position for position, name in enumerate(value)}

    def rank(name: str) -> tuple[int, int]:
        if name in _ORDER:
            return _ORDER.index(name), 0
        # What is not in the list keeps its order, between the properties and the rules.
        return (len(_ORDER) + 1 + _LAST.index(name), 0) if name in _LAST else (len(_ORDER), given[name])

    return rank


def mended(document: Document, value: dict[str, Any]) -> str:
    """The text with the root's members in order, each on its own line, and with white space as it should be.

    What stands on one line stays on one line. Where the value would not be the same afterwards, the text is given back as it is.
    """
    text = document.text.decode("utf-8")
    spans = spans_of(text, [(name,) for name in value])
    members = [(spans[(name,)][1], spans[(name,)][0]) for name in sorted(value, key=_rank(value))]
    blocks = [text[key[0] : span[1]] for key, span in members if key is not None]
    moved = "{\n" + ",\n".join(blocks) + "\n}" if blocks else "{}"
    lines = ["  " * depth + line.strip() if line.strip() else "" for line, depth in _with_depth(moved.replace("\r\n", "\n"))]
    result = "\n".join(lines) + "\n"
    return result if _same(text, result) else text


def _same(one: str, other: str) -> bool:
    first, second = decode(one.encode("utf-8")), decode(other.encode("utf-8"))
    return json.dumps(first, sort_keys=True, default=str) == json.dumps(second, sort_keys=True, default=str)
