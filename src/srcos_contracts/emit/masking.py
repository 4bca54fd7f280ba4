"""Secrets in commands, and in what is said of them, masked: passwords, tokens and keys, by their names, places and forms.

What is masked is gone; so where it is doubtful whether a word is a secret because it stands after `--token`, it is masked. What
others bring as patterns is asked of an engine that promises linear time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal

__all__ = ["BadPattern", "Masker", "masker"]

_MASK = "***"
_NAMES = "pass pwd secret token key auth cred bearer cookie sig :// -u private _pat telegram webhook slack.com"
_PROGRAMS = "curl mysql mariadb redis-cli login mongo ldap sqlcmd bcp zip openssl http"
_FORMS = (
    "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- glrt- glptt- gldt- glcbt- glft- glsoat- glagent- glimt- xox xapp- sk- sk_ rk_ whsec_ "
    "akia asia aiza gocspx- ya29 eyj npm_ pypi- rubygems_ hf_ gsk_ hvs. hvb. hvr. dop_v1_ shp atatt3x lin_api_ figd_ sntry nrak- sg. :aa"
)
_HINTS = (*_NAMES.split(" "), *_PROGRAMS.split(" "), *_FORMS.split(" "))
"""Of these a text has one, in whatever case, if anything in it is a secret by the rules below."""

_MEMBERS = frozenset(("ts", "agent", "session_id", "event", "task_id", "source", "summary", "data", "x-clock")) | frozenset(
    ("status", "duration_sec", "exit_code", "files_touched", "command", "signal", "lesson")
)
"""Names of an event's members, which are the contract's or this package's: whatever a pattern of somebody's says, they are no secrets."""
_STATUSES = ("success", "failure")
"""What the contract has the status of a result be."""
_SHORT = 64


class BadPattern(Refusal):
    """A pattern for secrets that cannot be used."""


class Masker(NamedTuple):
    """What is a secret. Pure: the same text gives the same."""

    patterns: tuple[Callable[[str], bool], ...] = ()
    """Further patterns: whether a text has a match."""

    def words(self, words: Sequence[str]) -> list[str]:
        """The words of a command, those that are secrets masked."""
        from srcos_contracts.emit.secret_words import masked_words

        return [self.text(word) if masked is None else masked for word, masked in zip(words, masked_words(words), strict=True)]

    def text(self, text: str) -> str:
        """A command or sentence, what is secret in it masked."""
        if not self.patterns and not _may_hold_a_secret(text):
            return text
        from srcos_contracts.emit.secret_words import masked_text

        masked = masked_text(text)
        return self._by_patterns(masked) if self.patterns else masked

    def value(self, value: Any, name: str = "") -> Any:
        """JSON data with every string in it masked; all of what is called a password, or the like."""
        if isinstance(value, str):
            return self._named(value, name)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, Mapping):
            within = name if _is_secret(name) else ""
            return {
                self._key(key) if isinstance(key, str) else key: self.value(member, within or (key if isinstance(key, str) else ""))
                for key, member in value.items()
            }
        if isinstance(value, (list, tuple)):
            return self._items(value, name)
        return _MASK if _is_secret(name) else value

    def _key(self, key: str) -> str:
        if key in _MEMBERS:
            return key
        return self.text(key) if self.patterns or _name_may_hold_a_secret(key) else key

    def _items(self, items: Sequence[Any], name: str) -> list[Any]:
        """The items of an array, which may be the words of a command."""
        name = name if _is_secret(name) else ""
        if name or not any(isinstance(item, str) and _may_hold_a_secret(item) for item in items):
            return [self.value(item, name) for item in items]
        from srcos_contracts.emit.secret_words import masked_words

        words = [item if isinstance(item, str) else str(item) if isinstance(item, (int, float)) else "" for item in items]
        return [self.value(item) if masked is None else masked for item, masked in zip(items, masked_words(words), strict=True)]

    def _named(self, text: str, name: str) -> str:
        if name == "status" and text in _STATUSES:
            return text
        if text and name and _name_may_hold_a_secret(name):
            from srcos_contracts.emit.secret_names import is_plain, is_weak

            if _is_secret(name) or (is_weak(name) and not is_plain(text)):
                return _MASK
        return self.text(text)

    def _by_patterns(self, text: str) -> str:
        # Engines that promise linear time say whether there is a match, not where; so words are masked whole.
        from srcos_contracts.emit.secret_words import pieces

        found = "".join(piece if space else self._masked(piece) for piece, space in pieces(text))
        return _MASK if any(has_match(found) for has_match in self.patterns) else found

    def _masked(self, word: str) -> str:
        if not any(has_match(word) for has_match in self.patterns):
            return word
        name, sign, value = word.partition("=")
        return f"{name}={_MASK}" if sign and value and not any(has_match(name) for has_match in self.patterns) else _MASK


def _is_secret(name: str) -> bool:
    if not name or not _name_may_hold_a_secret(name):
        return False
    from srcos_contracts.emit.secret_names import is_secret_member

    return is_secret_member(name)


def _may_hold_a_secret(text: str) -> bool:
    # A search for each is many times faster than one for all of them by a pattern.
    lowered = text.lower()
    for hint in _HINTS:  # noqa: SIM110 - a generator costs as much again
        if hint in lowered:
            return True
    return False


@lru_cache(maxsize=1024)
def _known_name(name: str) -> bool:
    return _may_hold_a_secret(name)


def _name_may_hold_a_secret(name: str) -> bool:
    """The same of the name of a member, which mostly was asked about before."""
    return _known_name(name) if len(name) <= _SHORT else _may_hold_a_secret(name)


def masker(patterns: Iterable[str] = ()) -> Masker:
    """What masks the usual secrets, and each word that has a match of one of the patterns (ECMA-262). Raises BadPattern."""
    return Masker(tuple(_matcher(pattern) for pattern in patterns))


def _matcher(pattern: str) -> Callable[[str], bool]:
    import jsonschema_rs

    try:
        validator = jsonschema_rs.validator_for({"pattern": pattern}, pattern_options=jsonschema_rs.RegexOptions(), offline=True)
    except ValueError:
        raise BadPattern(
            f"{pattern[:80]!a} is no pattern that can be matched in linear time: no look-around and no back-references"
        ) from None
    if validator.is_valid(""):
        raise BadPattern(f"{pattern[:80]!a} matches the empty text, so it would mask everything")
    has_match: Callable[[str], bool] = validator.is_valid
    return has_match
