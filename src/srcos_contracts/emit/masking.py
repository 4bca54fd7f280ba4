"""Secrets in commands, and in what is said of them, masked: passwords, tokens and keys, by their names, places and forms.

What is masked is gone; so where it is doubtful whether a word is a secret because it stands after `--token`, it is masked. What
others bring as patterns is asked of an engine that promises linear time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal

__all__ = ["BadPattern", "Masker", "masker"]

_NAMES = "pass pwd secret token key auth cred bearer cookie sig :// -u private"
_FORMS = "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_ glpat- xox sk- akia asia aiza ya29 eyj npm_ pypi- hf_ dop_v1_ sg."
_HINTS = (*_NAMES.split(" "), *_FORMS.split(" "))
"""Of these a text has one, in whatever case, if anything in it is a secret by the rules below."""


class BadPattern(Refusal):
    """A pattern for secrets that cannot be used."""


class Masker(NamedTuple):
    """What is a secret. Pure: the same text gives the same."""

    patterns: tuple[Callable[[str], bool], ...] = ()
    """Further patterns: whether a text has a match."""

    def words(self, words: Sequence[str]) -> list[str]:
        """The words of a command, those that are secrets masked."""
        shown: list[str] = []
        follows = ""
        for word in words:
            shown.append(self._word(word, follows))
            follows = word
        return shown

    def text(self, text: str) -> str:
        """A command or sentence, what is secret in it masked."""
        if not self.patterns and not _may_hold_a_secret(text):
            return text
        from srcos_contracts.emit.secret_forms import masked_text

        masked = masked_text(text)
        return self._by_patterns(masked) if self.patterns else masked

    def value(self, value: Any, name: str = "") -> Any:
        """JSON data with every string in it masked; one that is called a password, or the like, as a whole."""
        if isinstance(value, str):
            return self._named(value, name)
        if isinstance(value, dict):
            return {key: self.value(member, key if isinstance(key, str) else "") for key, member in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.value(item, name) for item in value]
        return value

    def _named(self, text: str, name: str) -> str:
        if text and _may_hold_a_secret(name):
            from srcos_contracts.emit.secret_forms import MASK, is_secret

            if is_secret(name):
                return MASK
        return self.text(text)

    def _word(self, word: str, follows: str) -> str:
        from srcos_contracts.emit.secret_forms import masked_word

        masked = masked_word(word, follows)
        return self.text(word) if masked is None else masked

    def _by_patterns(self, text: str) -> str:
        # Engines that promise linear time say whether there is a match, not where; so words are masked whole.
        from srcos_contracts.emit.secret_forms import MASK, pieces

        found = "".join(piece if space else self._masked(piece) for piece, space in pieces(text))
        return MASK if any(has_match(found) for has_match in self.patterns) else found

    def _masked(self, word: str) -> str:
        if not any(has_match(word) for has_match in self.patterns):
            return word
        from srcos_contracts.emit.secret_forms import MASK

        name, sign, value = word.partition("=")
        return f"{name}={MASK}" if sign and value and not any(has_match(name) for has_match in self.patterns) else MASK


def _may_hold_a_secret(text: str) -> bool:
    # A search for each is many times faster than one for all of them by a pattern.
    lowered = text.lower()
    return any(hint in lowered for hint in _HINTS)


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
