"""Why a text does not fit a pattern, in words: for patterns that are simple enough to be said."""

from __future__ import annotations

import re

from srcos_contracts.contracts.engine import matcher
from srcos_contracts.named import NamedTuple
from srcos_contracts.wording import join_words, show

__all__ = ["misfit"]

_PIECE = re.compile(
    r"(?P<set>\[\^?(?:\\.|[^\]\\])+\]|\\[dDwWsS])(?P<count>\{\d+(?:,\d*)?\}|[*+?])?"
    r"|(?P<text>(?:\\[^A-Za-z0-9]|[^\\.^$*+?()\[\]{}|])+)(?![*+?{])",
    re.DOTALL,
)
_CHOICE = re.compile(r"\^\((?:\?:)?([^\\.^$*+?()\[\]{}|]+(?:\|[^\\.^$*+?()\[\]{}|]+)+)\)\$")
_MEMBER = re.compile(r"\\x[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\.|.", re.DOTALL)
_RANGES = {"a-z": "lower-case letters", "A-Z": "upper-case letters", "0-9": "digits"}
_TOGETHER = (
    (("digits", "A-F", "a-f"), "hex digits"),
    (("digits", "a-f"), "lower-case hex digits"),
    (("digits", "A-F"), "upper-case hex digits"),
    (("upper-case letters", "lower-case letters"), "letters"),
)
_CLASSES = {"d": "digits", "w": 'letters, digits, "_"', "s": "white space"}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_MOST_PIECES = 6


class _Piece(NamedTuple):
    """A part of a pattern: a text, or a set of characters with how many of them."""

    text: str
    set: str
    amount: str


def misfit(pattern: str, text: str) -> str:
    """What is wrong with a text that does not fit, to stand after `which`; empty where the pattern is too hard to say."""
    choice = _CHOICE.fullmatch(pattern)
    if choice:
        return f"is not {join_words(choice[1].split('|'))}"
    begins, ends = pattern.startswith("^"), pattern.endswith("$") and not pattern.endswith("\\$")
    pieces = _pieces(pattern[begins : len(pattern) - ends])
    if not pieces:
        return ""
    if len(pieces) == 1 and pieces[0].set:
        (piece,) = pieces
        if piece.set in (r"\S", r"[^\s]") and not (begins and ends):
            return "is blank" if text else "is empty"
        if begins and ends and piece.amount in ("*", "+"):
            return _stranger(piece.set, text)
    if len(pieces) == 2 and begins and ends and pieces[0].set and not pieces[0].amount and pieces[1].set and pieces[1].amount == "*":
        return _misnamed(pieces[0].set, pieces[1].set, text)
    said = [_said(piece) for piece in pieces]
    if not all(said):
        return ""
    form = ", then ".join(said)
    if begins and ends:
        return f"is not {form}"
    return f"does not {'begin with' if begins else 'end with' if ends else 'contain'} {form}"


def _pieces(pattern: str) -> list[_Piece]:
    found: list[_Piece] = []
    at = 0
    while at < len(pattern):
        match = _PIECE.match(pattern, at)
        if match is None or len(found) == _MOST_PIECES:
            return []
        found.append(_Piece(re.sub(r"\\(.)", r"\1", match["text"] or ""), match["set"] or "", match["count"] or ""))
        at = match.end()
    return found


def _stranger(characters: str, text: str) -> str:
    """Of a text that is to consist of certain characters, the first that is none of them."""
    allowed = matcher(f"^{characters}$")
    found = next((character for character in text if not allowed(character)), None)
    if found is None:
        return "is empty"
    names = _names(characters)
    if not names:
        return f"has {show(found)}"
    if _is_negated(characters):
        return f"has {show(found)}, and is to have no {join_words(names)}"
    return f"has {show(found)}, and is to have only {join_words(names, 'and')}"


def _misnamed(first: str, further: str, text: str) -> str:
    """Of a text that is to begin with one kind of character and go on with another, what is wrong with it."""
    if text and not matcher(f"^{first}$")(text[0]):
        names = _names(first)
        said = names and not _is_negated(first)
        return f"begins with {show(text[0])}, and is to begin with one of the {join_words(names)}" if said else ""
    return _stranger(further, text[1:])


def _said(piece: _Piece) -> str:
    if piece.text:
        return show(piece.text)
    names = _names(piece.set)
    if not names or _is_negated(piece.set):
        return ""
    words = join_words(names)
    least, comma, most = piece.amount.strip("{}").partition(",")
    if not piece.amount or piece.amount == "?":
        return f"{'at most ' if piece.amount else ''}one of the {words}"
    if piece.amount in ("*", "+"):
        return f"{'any number' if piece.amount == '*' else 'at least one'} of the {words}"
    amount = f"{least} to {most}" if most else f"at least {least}" if comma else least
    return f"{amount} of the {words}"


def _is_negated(characters: str) -> bool:
    return characters.startswith("[^") or characters in (r"\D", r"\W", r"\S")


def _names(characters: str) -> list[str]:
    """What the characters of a set are called; nothing where that would be long."""
    if characters.startswith("\\"):
        return [_CLASSES[characters[1].lower()]]
    members = [_character(token) for token in _MEMBER.findall(characters.removeprefix("[").removeprefix("^").removesuffix("]"))]
    names: list[str] = []
    at = 0
    while at < len(members):
        if at + 2 < len(members) and members[at + 1] == "-":
            ends = f"{members[at]}-{members[at + 2]}"
            plain = members[at].isprintable() and members[at + 2].isprintable()
            names.append(_RANGES.get(ends, ends) if plain else "control characters")
            at += 3
        else:
            names.append(_name(members[at]))
            at += 1
    names = list(dict.fromkeys(names))
    for parts, together in _TOGETHER:
        if set(parts) <= set(names):
            names = [together, *(name for name in names if name not in parts)]
    return names if all(names) and len(names) <= 8 else []


def _name(member: str) -> str:
    return show(member) if len(member) == 1 else _CLASSES.get(member[1], "")


def _character(token: str) -> str:
    """The character that a member of a set stands for; a class such as `\\s` stays as it is."""
    if token[:2] in ("\\x", "\\u"):
        return chr(int(token[2:], 16))
    if len(token) == 2 and token[1] in _CONTROLS:
        return _CONTROLS[token[1]]
    return token if len(token) == 2 and token[1].isalnum() else token[-1]
