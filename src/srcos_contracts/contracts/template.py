"""Whether a text parses as a Liquid template, and if not, where it stops to (`x-template`).

python-liquid is imported only for texts with a tag or an output in them: the import takes longer than a whole check.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from srcos_contracts.named import NamedTuple
from srcos_contracts.wording import cut

__all__ = ["TemplateFault", "template_fault"]

_OPENING = re.compile(r"\{\{|\{%-?\s{0,100}+(\w{0,40}+)")
_VERBATIM = {name: re.compile(rf"\{{%-?\s{{0,100}}+end{name}\s{{0,100}}+-?%\}}") for name in ("raw", "doc")}
_NO_END = re.compile(r"expected tag end(\w+), found end of expression")

# python-liquid takes quadratic time for a tag, with 33 ns a step at worst, and some 20 us and 1 kB for any.
_TAG_STEPS = 3_000
_MOST_STEPS = 60_000_000

_LONGEST = 120
"""Characters of a message: it may quote the text."""


class TemplateFault(NamedTuple):
    """Why a text is no template."""

    message: str
    offset: int | None
    """The character of the text at which that shows; None where the parser does not say."""


class _Tag(NamedTuple):
    name: str
    """Of an output, empty."""
    start: int


def template_fault(text: str) -> TemplateFault | None:
    """Why the text does not parse, or None where it does. Takes a few seconds at most, whatever the text."""
    return _fault(text) if "{%" in text or "{{" in text else None


@lru_cache(maxsize=1)
def _fault(text: str) -> TemplateFault | None:
    # One record is asked several times: for the verdict, for what breaks it, and for the words.
    tags = _tags(text)
    if isinstance(tags, TemplateFault):
        return tags
    from liquid.exceptions import LiquidError

    try:
        _environment().from_string(text)
    except LiquidError as error:
        token = error.token
        offset = token.start_index if token is not None and token.start_index >= 0 else None
        message = cut(str(error.message), _LONGEST)
        unclosed = _NO_END.fullmatch(message)
        if unclosed is not None:
            message = _never_closed(unclosed[1])
            offset = offset if offset is not None else _unclosed(tags, unclosed[1])
        return TemplateFault(message, offset)
    return None


def _tags(text: str) -> list[_Tag] | TemplateFault:
    """The tags and outputs of a text, or why it is not given to the parser, whose time would grow with the square of its length."""
    found: list[_Tag] = []
    steps = end = 0
    for match in _OPENING.finditer(text):
        start, name = match.start(), match[1]
        if start < end:
            continue
        closing = "}}" if name is None else "%}"
        end = text.find(closing, match.end()) + 2
        if end < 2:
            return TemplateFault(f"{'an output' if name is None else 'a tag'} is not closed: {closing} is missing", start)
        steps += _TAG_STEPS + (end - start) ** 2
        if steps > _MOST_STEPS:
            return TemplateFault("the tags from here on are too long, or too many, to be checked", start)
        found.append(_Tag(name or "", start))
        if name in _VERBATIM:
            last = _VERBATIM[name].search(text, end)
            if last is None:
                return TemplateFault(_never_closed(name), start)
            end = last.end()
    return found


def _never_closed(name: str) -> str:
    return f"the tag {name} is never closed"


def _unclosed(tags: list[_Tag], name: str) -> int | None:
    """Where the last tag of this name stands that has no end."""
    open_tags: list[int] = []
    for tag in tags:
        if tag.name == name:
            open_tags.append(tag.start)
        elif tag.name == f"end{name}" and open_tags:
            open_tags.pop()
    return open_tags[-1] if open_tags else None


@lru_cache(maxsize=1)
def _environment() -> Any:
    from liquid import Environment

    class PlacingEnvironment(Environment):
        """Gives an error that names no place of the text the token at which the parser stood."""

        def error(self, exc: Any, msg: str | None = None, token: Any = None) -> None:
            if not isinstance(exc, type) and token is not None and (exc.token is None or exc.token.start_index < 0):
                exc.token = token
            super().error(exc, msg, token)

    return PlacingEnvironment()
