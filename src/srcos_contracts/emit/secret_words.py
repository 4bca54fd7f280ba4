"""Secrets by the words around them: after an option or a name, in a command or a sentence.

Imported only where a text may hold one. Every pattern here runs in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from srcos_contracts.emit.secret_forms import MASK, header_before, looks_random, masked_forms
from srcos_contracts.emit.secret_names import OF_FLAGS, is_plain, is_secret, is_weak, names_secret
from srcos_contracts.named import NamedTuple

__all__ = ["masked_text", "masked_words", "pieces"]

_USERS = frozenset(("user", "proxy-user"))
"""Options whose values are a user's name and password."""
_MARKS = ",;:)}]"
"""Marks after a secret that belong to the sentence or the JSON around it."""
_SEPARATORS = frozenset((";", "&&", "||", "|", "&"))
_MOST_QUOTES = 4
"""How deep lines for a shell, within one another, are read."""

_MOST_ROUNDS = 4


class _Option(NamedTuple):
    """A short option of a program whose value is a secret."""

    pattern: re.Pattern[str]
    """The option, and its value where that is part of the word."""
    user: bool = False
    """Whether a user's name stands before the secret."""


def _option(pattern: str, user: bool = False) -> _Option:
    return _Option(re.compile(pattern, re.DOTALL), user)


_CURL = _option("(-[aBfgGiIjJkKlLnNOpqRsSvVZ0-6#]*[uU])(.*)", user=True)
_MYSQL = _option("(-p)(.+)")
_P, _W, _BIG_P = _option("(-p)(.*)"), _option("(-w)(.*)"), _option("(-P)(.*)")
_OPTIONS = {
    "curl": _CURL,
    **dict.fromkeys(("http", "https"), _option("(-a)(.*)", user=True)),
    **dict.fromkeys(("mysql", "mysqldump", "mysqladmin", "mysqlimport", "mariadb", "mariadb-dump", "mariadb-admin"), _MYSQL),
    **dict.fromkeys(("sshpass", "login", "mongo", "mongosh", "mongodump", "mongorestore"), _P),
    **dict.fromkeys(("ldapsearch", "ldapadd", "ldapmodify", "ldapdelete", "ldapwhoami"), _W),
    **dict.fromkeys(("sqlcmd", "bcp", "zip", "unzip"), _BIG_P),
    "redis-cli": _option("(-a)()"),
    "openssl": _option("(-[kK])()"),
}
_REGISTRIES = frozenset(("docker", "podman", "nerdctl", "buildah", "skopeo", "helm", "oras", "az"))
"""Programs whose `login` takes a password, and whose users have groups."""
_SHELLS = frozenset(("sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "su"))
_OF_LINES = frozenset(("ssh", "eval", "watch"))
"""Programs whose words are a line for a shell."""
_PROGRAMS = frozenset((*_OPTIONS, *_REGISTRIES, *_SHELLS, *_OF_LINES, "chown", "scp", "sftp", "rsync", "sudo")) - {"login"}
_COMMAND_FLAG = re.compile("-[A-Za-z]*c")

_FLAG = re.compile("-{1,2}([A-Za-z][A-Za-z0-9_.-]*+)", re.ASCII)
_ASSIGNMENT = re.compile(r"(?<![A-Za-z0-9_.\-])([\"']?-{0,2}[A-Za-z0-9_.][A-Za-z0-9_.\-]*+[\"']?)(\s*+[=:]\s*+)(?=\S)", re.ASCII)
_BEFORE_NAME = "([{,;&|\"'`"
_TYPE = re.compile(
    r"(?i)(?:(?:str|string|int|integer|bool|boolean|bytes|float|number|none|null|any|object|optional|list|dict|secretstr|undefined)(?![a-z0-9_])[\[\]|?,)=;:.]*+)++"
)
"""A type, after a name in a program, is no value."""
_WORD = re.compile(r"(?:\"(?:[^\"\\]|\\.)*+\"|'[^']*+'|\$\([^()]*+(?:\([^()]*+\)[^()]*+)*+\)|\\.|[^\s\"'\\$]|\$)++|[\"'\\]", re.DOTALL)
_QUOTED = re.compile(r"'[^']*+(?:'\"'\"'[^']*+)*+'|\"(?:[^\"\\]|\\.)*+\"", re.DOTALL)
_AFTER_QUOTE = re.compile(r"[,}\]]++\s*+[\"'{\[]")
"""What goes on after a value in JSON."""
_SINGLE = "'"
_AFTER_MASK = re.compile(r"\Z|[&;#?@,:)}\]\"'`/]")
_OF_BEARERS = frozenset(
    ("token", "tokens", "auth", "authentication", "of", "is", "are", "and", "or", "with", "for", "in", "scheme", "header")
)


class _Before(NamedTuple):
    """What stands before a word."""

    program: str = ""
    follows: str = ""

    @property
    def is_shell(self) -> bool:
        """Whether the word is a line for a shell."""
        return self.program in _OF_LINES or (self.program in _SHELLS and _COMMAND_FLAG.fullmatch(self.follows) is not None)

    def after(self, word: str) -> _Before:
        name = word.rpartition("/")[2]
        if word in _SEPARATORS or word.endswith(";"):
            program = ""
        elif name == "login" and self.program in _REGISTRIES:
            program = name
        else:
            program = name if name in _PROGRAMS else self.program
        return _Before(program, word)


def masked_words(words: Sequence[str]) -> Iterator[str | None]:
    """The words of a command, masked by the words before them or by their own names; None where these say nothing."""
    before = _Before()
    for word in words:
        kept = None if before.is_shell else _kept(word, before)
        if kept is None and not before.is_shell:
            name, sign, value = word.partition("=")
            kept = f"{name}=" if sign and value and _assigns(name, value) else header_before(word)
        yield None if kept is None else kept + MASK
        before = before.after(word)


def masked_text(text: str) -> str:
    """A text, what is a secret in it by its form, its name or its place masked."""
    for _ in range(_MOST_ROUNDS):
        # A mask in the place of a quote may part the words anew.
        masked = "".join(_by_words(masked_forms(text)))
        if masked == text:
            break
        text = masked
    return text


def _kept(word: str, before: _Before) -> str | None:
    """What is shown of a word that is a secret by the words before it, or by an option in it; None where these say nothing."""
    flag = _FLAG.fullmatch(before.follows)
    if flag is not None and word and is_secret(flag[1], OF_FLAGS):
        return "pass:" if word.startswith("pass:") else ""
    if flag is not None and flag[1] in ("passin", "passout") and word.startswith("pass:"):
        return "pass:"
    option = _OPTIONS.get(before.program)
    if option is not None:
        asked, own = option.pattern.fullmatch(before.follows), option.pattern.fullmatch(word)
        if asked is not None and not asked[2] and word:
            return _user_of(word) if option.user else ""
        if own is not None and own[2]:
            user = _user_of(own[2]) if option.user else ""
            return None if user is None else own[1] + user
    if before.program in _REGISTRIES:
        return None
    if flag is not None and flag[1] in _USERS:
        return _user_of(word)
    name, sign, value = word.partition("=")
    if sign and name.lstrip("-") in _USERS and name[0] == "-":
        user = _user_of(value)
        return None if user is None else f"{name}={user}"
    return None


def _user_of(word: str) -> str | None:
    user, sign, password = word.partition(":")
    return user + sign if sign and password and "://" not in word else None


def _assigns(name: str, value: str) -> bool:
    """Whether that value of that name is a secret."""
    if names_secret(name) or (name.startswith("-") and is_secret(name, OF_FLAGS)):
        return True
    return is_weak(name) and not is_plain(value.strip(_MARKS + "\"'"))


def _by_words(text: str, depth: int = 0) -> Iterator[str]:
    """The text in pieces, with what follows a secret's name masked."""
    before = _Before()
    for piece, space in pieces(text):
        if space:
            yield piece
            continue
        if piece in ("=", ":") and before.follows:
            # Apart from the name that it belongs to.
            yield piece
            before = before._replace(follows=before.follows + piece)
            continue
        if piece in ("'", '"'):
            # Of what was cut off.
            yield piece
            continue
        if _is_typed(piece, before.follows):
            yield piece
            before = before._replace(follows=before.follows[:-1])
            continue
        masked = _masked_piece(piece, before, depth)
        yield masked
        before = before.after(masked)


def _masked_piece(piece: str, before: _Before, depth: int) -> str:
    quote, inner, after = _parted(piece)
    if before.is_shell and quote and depth < _MOST_QUOTES:
        return _line(quote, inner, depth) + after
    if piece in _SEPARATORS:
        return piece
    kept = _kept(inner, before)
    if kept is None and (_is_named(before.follows) or _is_borne(inner, before.follows)):
        kept = ""
    if kept is None and (quote or depth):
        kept = header_before(inner)
    if kept is not None:
        return f"{quote}{kept}{MASK}{quote}{after}"
    if quote and depth < _MOST_QUOTES:
        found = _ASSIGNMENT.match(inner)
        if found is not None and "=" in found[2] and _assigns(found[1], inner[found.end() :]):
            # Name and value are quoted together, as a shell quotes a word.
            return f"{quote}{found[0]}{MASK}{quote}{after}"
        return _line(quote, inner, depth) + after
    return _assigned(piece)


def _line(quote: str, inner: str, depth: int) -> str:
    masked = "".join(_by_words(inner, depth + 1))
    return f"{quote}{_escaped(masked) if quote == _SINGLE else masked}{quote}"


def _escaped(text: str) -> str:
    return text.replace("'", "'\"'\"'")


def _parted(piece: str) -> tuple[str, str, str]:
    """The quote around a word, what stands in it, and the marks after it."""
    found = _QUOTED.match(piece)
    if found is not None and not piece[found.end() :].strip(_MARKS):
        quote, inner = piece[0], found[0][1:-1]
        return quote, inner.replace("'\"'\"'", "'") if quote == _SINGLE else inner, piece[found.end() :]
    if found is not None and _AFTER_QUOTE.match(piece, found.end()):
        return piece[0], found[0][1:-1], piece[found.end() :]
    end = piece.rfind(")") + 1 if "$(" in piece else 0
    inner = piece[:end] + piece[end:].rstrip(_MARKS)
    return "", inner, piece[len(inner) :]


def _is_named(follows: str) -> bool:
    return follows[-1:] in ("=", ":") and "=" not in follows[:-1] and MASK not in follows and names_secret(follows[:-1].strip("\"'-([{`"))


def _is_typed(piece: str, follows: str) -> bool:
    return follows[-1:] == ":" and _TYPE.fullmatch(piece) is not None and _is_named(follows)


def _is_borne(word: str, follows: str) -> bool:
    if follows == "Bearer":
        return word.lower().rstrip(".") not in _OF_BEARERS
    return follows.lower() == "bearer" and looks_random(word)


def _assigned(piece: str) -> str:
    """A piece with the value of the first secret in it, that is none yet, masked up to the end."""
    for found in _ASSIGNMENT.finditer(piece):
        start, value = found.start(), found.end()
        by_colon = ":" in found[2]
        if by_colon and ((start and piece[start - 1] not in _BEFORE_NAME) or piece.startswith("//", value) or _TYPE.match(piece, value)):
            continue
        if piece.startswith(MASK, value) and _AFTER_MASK.match(piece, value + len(MASK)):
            continue
        name = found[1].strip("\"'")
        if names_secret(name) if by_colon else _assigns(name, piece[value:]):
            return piece[:value] + _quoted_mask(piece[value:])
    return piece


def _quoted_mask(value: str) -> str:
    quote, _, after = _parted(value)
    return f"{quote}{MASK}{quote}{after}"


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
