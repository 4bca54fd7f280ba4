"""Records under another path: where a contract speaks of the parts of the path, that alone may make a difference."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from srcos_contracts.compat.side import Side

__all__ = ["other_parts", "speaks_of_paths"]

_MOST_TEXTS = 40


def speaks_of_paths(side: Side) -> bool:
    """Whether a keyword of a side looks at the path of a record."""
    text = repr(side.asserted)
    return "path:" in text or "'x-path'" in text


def other_parts(record: Any, parts: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """The parts of paths that differ in one from that of a record: without it, with a text of the record, with one that is new."""
    texts = list(dict.fromkeys(islice(_texts(record), _MOST_TEXTS)))
    for name, part in parts.items():
        rest = {other: value for other, value in parts.items() if other != name}
        if rest:
            yield rest
        for text in (*texts, part + "a", part[:-1] + ("1" if part[-1:] != "1" else "2")):
            if text and text != part:
                yield {**parts, name: text}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list)):
        for member in value.values() if isinstance(value, dict) else value:
            yield from _texts(member)
