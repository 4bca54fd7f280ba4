"""What can be said of a regular expression from its text: whether it is anchored, portable, and matched in linear time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

import jsonschema_rs

__all__ = ["is_anchored", "is_single_class", "matching", "unportable", "why_not_linear"]

_TOKEN = re.compile(r"\\.|\[(?:\\.|[^\]\\])*\]|\(\?(?:P?<\w+>|P[=>]|<?[=!]|[:>#]|[A-Za-z-]+[:)])|.", re.DOTALL)
_ONE_CLASS = re.compile(r"(?:\\[sSdDwW]|\[(?:\\.|[^\]\\])+\])[+*?]?")
_LOOK_AROUND = ("(?=", "(?!", "(?<=", "(?<!")
_UNPORTABLE_ESCAPES = {
    "u": "\\u is not known to every engine",
    "p": "\\p is not known to every engine, or only in some of their modes",
    "P": "\\P is not known to every engine, or only in some of their modes",
    "d": "\\d takes in the digits of all scripts in some engines",
    "D": "\\D leaves out the digits of all scripts in some engines",
    "w": "\\w takes in the letters of all scripts in some engines",
    "W": "\\W leaves out the letters of all scripts in some engines",
    "b": "\\b depends on which letters an engine knows",
    "B": "\\B depends on which letters an engine knows",
    "A": "\\A is no anchor in ECMA-262",
    "z": "\\z is no anchor in ECMA-262",
    "Z": "\\Z is no anchor in ECMA-262",
}


def _tokens(pattern: str) -> Iterator[str]:
    return (match[0] for match in _TOKEN.finditer(pattern))


def _alternatives(pattern: str) -> list[list[str]]:
    """The tokens of a pattern, split at the bars outside of all groups."""
    found: list[list[str]] = [[]]
    depth = 0
    for token in _tokens(pattern):
        # Inline flags such as (?i) open no group.
        depth += (token[0] == "(" and token[-1] != ")") - (token == ")")
        if token == "|" and depth == 0:
            found.append([])
        else:
            found[-1].append(token)
    return found


def is_anchored(pattern: str) -> bool:
    """Whether every alternative begins with `^` and ends with `$`."""
    return all(len(tokens) > 1 and tokens[0] == "^" and tokens[-1] == "$" for tokens in _alternatives(pattern))


def is_single_class(pattern: str) -> bool:
    """Whether the pattern is one class or class escape, as in `\\S`: it asks whether there is such a character anywhere."""
    return _ONE_CLASS.fullmatch(pattern) is not None


def unportable(pattern: str) -> str | None:
    """Why engines differ in what the pattern means, if they do."""
    for token in _tokens(pattern):
        # Within a class an escape means the same as outside, but for \\b, which is a backspace there.
        escapes = re.findall(r"\\(.)", token, re.DOTALL) if token[0] in "[\\" else ()
        for escaped in escapes:
            if escaped in _UNPORTABLE_ESCAPES:
                return _UNPORTABLE_ESCAPES[escaped]
        if token.startswith("[") and ("&&" in token or "[" in token[1:].replace("\\[", "")):
            return f"the class {token} has a bracket or && in it, which some engines take for a nested class"
        if re.fullmatch(r"\(\?[A-Za-z-]+[:)]", token):
            return f"the flags {token} are not known to every engine"
        if token.startswith(("(?P", "(?>", "(?#")):
            return f"{token} is not ECMA-262"
    return None


@lru_cache(maxsize=1024)
def matching(pattern: str) -> Literal["linear", "backtracking", "none"]:
    """Whether an engine of linear time can match the pattern, only one that backtracks can, or none at all."""
    for verdict, options in (("linear", jsonschema_rs.RegexOptions()), ("backtracking", jsonschema_rs.FancyRegexOptions())):
        try:
            jsonschema_rs.Draft202012Validator({"pattern": pattern}, offline=True, pattern_options=options)
        except ValueError:
            continue
        return verdict  # type: ignore[return-value]
    return "none"


def why_not_linear(pattern: str) -> str:
    """What keeps a pattern from being matched in linear time."""
    for token in _tokens(pattern):
        if token in _LOOK_AROUND:
            return f"it looks around with {token}"
        if re.fullmatch(r"\\[1-9k]", token):
            return f"it refers back with {token}"
    return "no engine of linear time can compile it, or only into something huge"
