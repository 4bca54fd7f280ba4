"""What secrets look like: the names that say so, the forms of tokens, and their places in commands, URLs, headers and JSON.

Imported only where a text may hold one. Every pattern here runs in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

__all__ = ["MASK", "is_secret", "masked_text", "masked_word", "pieces"]

MASK = "***"

_PARTS = re.compile("[A-Z]?[a-z0-9]+|[A-Z0-9]+")
_SECRET_ENDINGS = ("password", "passwd", "passphrase", "secret", "token", "apikey", "pwd")
_SECRET_NAMES = frozenset(("credential", "credentials", "passcode"))
_OF_FLAGS = frozenset(("pass", "auth", "cookie"))
_OF_PARAMETERS = frozenset(("pass", "auth", "sig", "signature"))
"""Further names that say so of an option, or of a part of a URL; in a sentence, or of a count, they do not."""
_USERS = frozenset(("u", "user", "proxy-user"))
"""Options whose values are a user's name and password."""
_KEYS = frozenset(("api", "access", "private", "secret", "encryption", "signing", "auth", "account", "shared", "master"))
"""A key that is named so is a secret; others are names of files or of members."""

_MARKS = ",;:)}]"
"""Marks after a secret that belong to the sentence or the JSON around it."""

_SHAPES = re.compile(
    r"""
    \b(?:gh[opusr]_[A-Za-z0-9]{20,}+
    | github_pat_[A-Za-z0-9_]{20,}+
    | glpat-[A-Za-z0-9_-]{16,}+
    | xox[abeoprs]-[A-Za-z0-9-]{10,}+
    | sk-[A-Za-z0-9_-]{20,}+
    | (?:AKIA|ASIA)[A-Z0-9]{16}
    | AIza[A-Za-z0-9_-]{35}
    | ya29\.[A-Za-z0-9_-]{20,}+
    | eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]++)?
    | npm_[A-Za-z0-9]{30,}+
    | pypi-[A-Za-z0-9_-]{40,}+
    | hf_[A-Za-z0-9]{30,}+
    | dop_v1_[a-f0-9]{40,}+
    | SG\.[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+
    )""",
    re.VERBOSE,
)
"""Tokens that say by their form that they are some."""

_PRIVATE_KEY = re.compile(
    r"-----BEGIN ([A-Z ]{0,40})PRIVATE KEY-----(?:(?!-----END ).)*+(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?", re.DOTALL
)
_USER_INFO = re.compile(r"(?<=://)([^\s/:@?#\"'<>]*+)(:[^\s/@\"'<>]*+)?(?=@)")
_LONG_USER = 20
"""A user of a URL, without a password, that is as long as this is a token."""
_PARAMETER = re.compile(r"(?<=[?&;])([A-Za-z0-9_.\-\[\]%]++)=([^&;\s\"'#]*+)")
_MEMBER = re.compile(r"\"([A-Za-z_][A-Za-z0-9_.\-]*+)\"(\s*+:\s*+)\"(?:[^\"\\]|\\.)++\"", re.ASCII | re.DOTALL)
_ASSIGNMENT = re.compile(r"([\"']?-{0,2}[A-Za-z_][A-Za-z0-9_.\-]*+[\"']?)(\s*+[=:]\s*+)(?=\S)", re.ASCII)
_HEADER = re.compile(
    r"(?i)((?:proxy-)?authorization|(?:set-)?cookie|x-[a-z-]{0,30}(?:key|token|secret)|private-token)([\"']?\s*+:\s*+)(?=\S)"
    r"(?:(basic|bearer|digest|negotiate|token)(\s++))?[^\"'\r\n]++"
)
_FLAG = re.compile("-{1,2}([A-Za-z][A-Za-z0-9_.-]*+)", re.ASCII)
_WORD = re.compile(r"(?:\"(?:[^\"\\]|\\.)*+\"|'[^']*+'|\\.|[^\s\"'\\])++|[\"'\\]", re.DOTALL)


def masked_word(word: str, follows: str) -> str | None:
    """A word of a command, masked by the word before it or by its own name; None where these say nothing."""
    flag = _FLAG.fullmatch(follows)
    if flag is not None and word and is_secret(flag[1], _OF_FLAGS):
        return MASK
    if flag is not None and flag[1] in _USERS and ":" in word and "://" not in word:
        return f"{word.partition(':')[0]}:{MASK}"
    name, sign, value = word.partition("=")
    flag = _FLAG.fullmatch(name)
    if sign and value and is_secret(name, _OF_FLAGS if flag else frozenset()):
        return f"{name}={MASK}"
    return None


@lru_cache(maxsize=1024)
def is_secret(name: str, more: frozenset[str] = frozenset()) -> bool:
    """Whether what has such a name is a secret: `--db-password`, `GITHUB_TOKEN`, `apiKey`; not `--token-file`."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    if not parts:
        return False
    last = parts[-1]
    if last in _SECRET_NAMES or last in more or last.endswith(_SECRET_ENDINGS):
        return True
    return last == "key" and len(parts) > 1 and parts[-2] in _KEYS


def masked_text(text: str) -> str:
    """A text, what is a secret in it by its form, its name or its place masked."""
    masked = _PRIVATE_KEY.sub(MASK, text)
    masked = _HEADER.sub(lambda found: f"{found[1]}{found[2]}{found[3] or ''}{found[4] or ''}{MASK}", masked)
    masked = _SHAPES.sub(MASK, masked)
    masked = _USER_INFO.sub(_user_info, masked)
    masked = _PARAMETER.sub(lambda found: f"{found[1]}={MASK}" if is_secret(found[1], _OF_PARAMETERS) else found[0], masked)
    masked = _MEMBER.sub(lambda found: f'"{found[1]}"{found[2]}"{MASK}"' if is_secret(found[1]) else found[0], masked)
    return "".join(_by_words(masked))


def _user_info(found: re.Match[str]) -> str:
    user, password = found[1], found[2]
    if password is not None:
        return f"{user}:{MASK}"
    return MASK if len(user) >= _LONG_USER else user


def _by_words(text: str) -> Iterator[str]:
    """The text in pieces, with what follows a secret's name masked."""
    follows = ""
    for piece, space in pieces(text):
        if space:
            yield piece
            continue
        if piece in ("=", ":") and follows:
            # Apart from the name that it belongs to.
            yield piece
            follows += piece
            continue
        flag = _FLAG.fullmatch(follows)
        if (flag is not None and is_secret(flag[1], _OF_FLAGS)) or follows.lower() == "bearer":
            yield _quoted_mask(piece)
        elif flag is not None and flag[1] in _USERS and ":" in piece and "://" not in piece:
            yield f"{piece.partition(':')[0]}:{MASK}" + _closing(piece)
        elif follows and follows[-1] in "=:" and "=" not in follows[:-1] and is_secret(follows[:-1].strip("\"'-")):
            yield _quoted_mask(piece)
        else:
            yield _assigned(piece)
        follows = piece


def _assigned(piece: str) -> str:
    found = _ASSIGNMENT.match(piece)
    if found is None:
        # The whole may be quoted: a word of a shell's line.
        if len(piece) > 2 and piece[0] in "\"'" and piece[-1] == piece[0]:
            inner = "".join(_by_words(piece[1:-1]))
            return f"{piece[0]}{inner}{piece[0]}"
        return piece
    value = piece[found.end() :]
    names = _OF_FLAGS if found[1].startswith("-") else frozenset[str]()
    if not is_secret(found[1], names) or value.startswith("//"):
        return piece
    quote = found[1][0]
    if quote in "\"'" and found[1][-1] != quote and quote in value:
        # Name and value are quoted together, as a shell quotes a word.
        return piece[: found.end()] + MASK + value[value.rindex(quote) :]
    return piece[: found.end()] + _quoted_mask(value)


def _quoted_mask(piece: str) -> str:
    quote = piece[0] if piece and piece[0] in "\"'" else ""
    closing = piece.find(quote, 1) if quote else -1
    after = piece[closing + 1 :] if closing > 0 and not piece[closing + 1 :].strip(_MARKS) else piece[len(piece.rstrip(_MARKS)) :]
    return f"{quote}{MASK}{quote}{after}"


def _closing(piece: str) -> str:
    return piece[-1] if piece[:1] in "\"'" and len(piece) > 1 and piece[-1] == piece[0] else ""


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The words of a text as a shell would part them, and what stands between, which is marked so."""
    end = 0
    for found in _WORD.finditer(text):
        if found.start() > end:
            yield text[end : found.start()], True
        yield found[0], False
        end = found.end()
    if end < len(text):
        yield text[end:], True
