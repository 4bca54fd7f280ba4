"""Names that say that what they name is a secret: of options, variables, parameters and members."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["OF_FLAGS", "is_plain", "is_secret", "is_secret_member", "is_weak", "names_secret"]

_PARTS = re.compile("[A-Z]?[a-z0-9]+|[A-Z0-9]+")
_ENDINGS = ("password", "passwd", "passphrase", "secret", "token", "apikey", "pwd")
_NAMES = frozenset(("credential", "credentials", "passcode"))
_LIMITS = frozenset(("max", "min", "num"))
"""A name that begins so is of a number: `max_token`."""
_KEYS = frozenset(("api", "access", "private", "secret", "encryption", "signing", "auth", "account", "shared", "master"))
"""A key that is named so is a secret; others are names of files or of members."""
_NO_KEYS = frozenset(
    ("primary", "foreign", "public", "sort", "partition", "cache", "index", "group", "row", "map", "object", "idempotency", "dedup", "hot")
)
"""Of a variable, keys that are none for a lock: any other is."""
_NO_PASS = ("bypass", "compass", "trespass", "surpass")
_SWITCHES = frozenset(("no", "use", "enable", "disable", "skip", "require", "allow"))
_WEAK = frozenset(("pass", "auth"))
"""Names that are also those of counts and switches."""
_OF_MEMBERS = frozenset(("authorization", "cookie", "cookies"))
OF_FLAGS = frozenset(("pass", "auth", "cookie", "bearer"))
"""Further names that say so of an option; in a sentence, or of a count, they do not."""
_PLAIN = re.compile("(?i)[0-9]{1,4}|true|false|yes|no|ok|on|off|none|null")


@lru_cache(maxsize=1024)
def is_secret(name: str, more: frozenset[str] = frozenset()) -> bool:
    """Whether what has such a name is a secret: `--db-password`, `GITHUB_TOKEN`, `apiKey`; not `--token-file`."""
    parts = _parts(name)
    if not parts or parts[0] in _LIMITS:
        return False
    last = parts[-1]
    if last in _NAMES or last in more or last.endswith(_ENDINGS):
        return True
    return last == "key" and len(parts) > 1 and parts[-2] in _KEYS


@lru_cache(maxsize=1024)
def names_secret(name: str) -> bool:
    """The same of what is assigned, where variables have names that others have not: `DB_PASS`, `REDISCLI_AUTH`, `OPENAI_KEY`."""
    if is_secret(name):
        return True
    if name[:1] == "-" and name[1:2].isalpha():
        # An option of one letter, and its value beside it: `-eDB_PASS=x`.
        name = name[2:]
    if not name.isupper():
        return False
    parts = _parts(name)
    if len(parts) < 2:
        return name != "PASS" and name.endswith("PASS") and not name.lower().endswith(_NO_PASS)
    before, last = parts[-2:]
    if last == "key":
        return before not in _NO_KEYS
    return parts[0] not in _SWITCHES and (last in ("auth", "pat") or (last.endswith("pass") and not last.endswith(_NO_PASS)))


def is_secret_member(name: str) -> bool:
    """The same of a member of JSON, whatever its value is."""
    return is_secret(name, _OF_MEMBERS) or names_secret(name)


def is_weak(name: str) -> bool:
    """Whether a word with such a name is a secret, unless it `is_plain`."""
    return is_secret(name, _WEAK)


def is_plain(value: str) -> bool:
    """Whether a value is a small number, or says yes or no."""
    return _PLAIN.fullmatch(value) is not None


def _parts(name: str) -> list[str]:
    parts = [part.lower() for part in _PARTS.findall(name)]
    # SECRET_KEY_BASE of Rails.
    return parts[:-1] if parts[-2:] == ["key", "base"] else parts
