"""What secrets look like wherever they stand: the forms of tokens, and their places in URLs, headers and JSON.

Imported only where a text may hold one. Every pattern here runs in linear time.
"""

from __future__ import annotations

import re

from srcos_contracts.emit.secret_names import is_plain, is_secret, is_secret_member, is_weak

__all__ = ["MASK", "header_before", "looks_random", "masked_forms"]

MASK = "***"

_OF_PARAMETERS = frozenset(("pass", "auth", "sig", "signature"))
_SHAPES = re.compile(
    r"""
    \b(?:gh[opusr]_[A-Za-z0-9]{20,}+
    | github_pat_[A-Za-z0-9_]{20,}+
    | gl(?:pat|rt|ptt|dt|cbt|ft|soat|agent|imt)-[A-Za-z0-9_.-]{16,}+
    | xox[abeoprs]-[A-Za-z0-9-]{10,}+
    | xapp-[A-Za-z0-9-]{10,}+
    | sk-[A-Za-z0-9_-]{20,}+
    | [sr]k_(?:live|test)_[A-Za-z0-9]{10,}+
    | whsec_[A-Za-z0-9+/=_-]{16,}+
    | (?:AKIA|ASIA)[A-Z0-9]{16}
    | AIza[A-Za-z0-9_-]{35}
    | GOCSPX-[A-Za-z0-9_-]{16,}+
    | ya29\.[A-Za-z0-9_-]{20,}+
    | eyJ[A-Za-z0-9_-]{8,}+\.[A-Za-z0-9_-]{8,}+(?:\.[A-Za-z0-9_-]++)?
    | npm_[A-Za-z0-9]{30,}+
    | pypi-[A-Za-z0-9_-]{40,}+
    | rubygems_[a-f0-9]{20,}+
    | dckr_pat_[A-Za-z0-9_-]{16,}+
    | hf_[A-Za-z0-9]{30,}+
    | gsk_[A-Za-z0-9]{20,}+
    | hv[sbr]\.[A-Za-z0-9_-]{16,}+
    | dop_v1_[a-f0-9]{40,}+
    | shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{16,}+
    | ATATT3x[A-Za-z0-9_=-]{16,}+
    | lin_api_[A-Za-z0-9]{16,}+
    | figd_[A-Za-z0-9_-]{16,}+
    | sntry[su]_[A-Za-z0-9_+/=.-]{16,}+
    | NRAK-[A-Z0-9]{16,}+
    | AGE-SECRET-KEY-1[A-Z0-9]{16,}+
    | SG\.[A-Za-z0-9_-]{16,}+\.[A-Za-z0-9_-]{16,}+
    | [0-9]{8,10}:AA[A-Za-z0-9_-]{33}
    )""",
    re.VERBOSE,
)
"""Tokens that say by their form that they are some."""

_PRIVATE_KEY = re.compile(
    r"-----BEGIN ([A-Z ]{0,40})PRIVATE KEY(?: BLOCK)?-----(?:(?!-----END ).)*+(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?",
    re.DOTALL,
)
_WEBHOOK = re.compile(
    r"(?i)(\bhooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/"
    r"|\bdiscord(?:app)?\.com/api/(?:v[0-9]{1,3}/)?webhooks/[0-9]{1,30}/"
    r"|\bapi\.telegram\.org/(?:file/)?bot"
    r"|\bwebhook\.office\.com/webhookb2/)([^\s\"'<>?#]++)"
)
"""Addresses whose path is all that it takes to write to a channel."""
_END_OF_URL = re.compile(r"[\s\"'<>]")
_END_OF_HOST = re.compile(r"[/?#]")
_PORT = re.compile(r"[^:]*:[0-9]{0,5}")
_LONG_USER = 20
"""A user of a URL, without a password, that is as long as this is a token."""
_NO_PASSWORDS = ("", "x-oauth-basic")
"""Passwords of URLs whose user is the secret."""
_PARAMETER = re.compile(r"(?<=[?&;#])([A-Za-z0-9_.\-\[\]%]++)=([^&;\s\"'#]++)")
_MEMBER = re.compile(
    r"""
    (?P<quote>\\{0,15}["']) (?P<name>[A-Za-z_][A-Za-z0-9_.\-]*+) (?P<colon>(?P=quote)\s*+:\s*+)
    (?: (?P<open>["']) (?P<text>(?:[^\\"']|\\(?:.|\Z)|(?!(?P=open))["'])++) (?:(?P=open)|\Z)
      | (?P<escaped>\\{1,15}["']) (?P<within>(?:(?!(?<!\\)(?P=escaped)).)++) (?:(?P=escaped)|\Z)
      | (?P<number>-?[0-9][0-9.eE+-]*+)
    )""",
    re.ASCII | re.DOTALL | re.VERBOSE,
)
"""A member of JSON, also where it stands in a string of JSON, or was cut off."""
_NAMES = r"(?:proxy-)?authorization|(?:set-)?cookie|x-[a-z-]{0,30}?(?:key|token|secret|auth)|private-token"
_SCHEMES = "basic|bearer|digest|negotiate|token"
_HEADER_WORD = re.compile(rf"(?i)(?:-H\s*+|--(?:proxy-)?header=)?(?:{_NAMES})\s*+:\s*+(?:(?:{_SCHEMES})\s++)?(?=\S)")
_HEADER = re.compile(
    rf"(?i)(?<![a-z0-9_-])(?P<name>{_NAMES})(?P<colon>\s*+:[ \t]*+)(?P<scheme>(?:{_SCHEMES})[ \t]++)?"
    r"(?:(?P<pairs>[^\s=;\"']++=[^\s;\"']*+(?:[;,]?[ \t]*+[^\s=;,\"']++=[^\s;\"']*+)*+)"
    r"|(?P<value>[^\s\"']++)(?P<more>(?:,?[ \t]++[a-z-]++=[^\s\"']*+)*+)(?P<end>(?=[ \t]*+(?:[\r\n\"']|\Z)))?)"
)
"""A header in a text, where a sentence may go on after what looks like one."""
_MARKS = ",;:.)}]"


def masked_forms(text: str) -> str:
    """A text, what is secret in it by its form, or by its place in a URL, a header or JSON, masked."""
    masked = _PRIVATE_KEY.sub(MASK, text)
    masked = _MEMBER.sub(_member, masked)
    masked = _HEADER.sub(_header, masked)
    masked = _WEBHOOK.sub(_webhook, masked)
    masked = _SHAPES.sub(MASK, masked)
    masked = _urls(masked)
    return _PARAMETER.sub(_parameter, masked)


def header_before(word: str) -> str | None:
    """Of a word that is a header whose value is a secret what stands before that; None where it is none."""
    found = _HEADER_WORD.match(word)
    return found[0] if found else None


def looks_random(word: str) -> bool:
    """Whether a word is none of a language."""
    return len(word) >= _LONG_USER or any(character.isdigit() or character in "_+=" for character in word)


def _member(found: re.Match[str]) -> str:
    name = found["name"]
    text = found["text"] or found["within"]
    if not is_secret_member(name) and (text is None or not is_weak(name) or is_plain(text)):
        return found[0]
    before = f"{found['quote']}{name}{found['colon']}"
    if text is None:
        return f"{before}{found['quote']}{MASK}{found['quote']}"
    start, end = found.span("text" if found["text"] else "within")
    return f"{before}{found.string[found.end('colon') : start]}{MASK}{found.string[end : found.end()]}"


def _header(found: re.Match[str]) -> str:
    scheme = found["scheme"] or ""
    before = f"{found['name']}{found['colon']}{scheme}"
    if found["pairs"] is not None:
        return before + MASK
    if found["value"].startswith(MASK) and not found["value"][len(MASK) : len(MASK) + 1].isalnum():
        return found[0]
    value = found["value"].rstrip(_MARKS)
    named = found["name"].lower().startswith(("x-", "private"))
    alone = found["end"] is not None and not found["more"]
    if not value or not (named or alone or found["more"] or scheme.strip().lower() not in ("", "token") or looks_random(value)):
        return found[0]
    return before + MASK + ("" if found["more"] else found["value"][len(value) :])


def _webhook(found: re.Match[str]) -> str:
    address, path = found[1], found[2]
    if address.lower().endswith("bot"):
        return address + MASK + path[path.find("/") :] if "/" in path else address + MASK
    return address + MASK + path[len(path.rstrip(_MARKS)) :]


def _urls(text: str) -> str:
    first, *others = text.split("://")
    return "://".join((first, *map(_without_password, others)))


def _without_password(address: str) -> str:
    """What follows the scheme of a URL, its user's password masked, whatever signs are in that."""
    end = _END_OF_URL.search(address)
    word = address[: end.start()] if end else address
    stop = _END_OF_HOST.search(word)
    authority = word[: stop.start()] if stop else word
    at = authority.rfind("@")
    if at < 0 and ":" in authority and authority[0] != "[" and not _PORT.fullmatch(authority):
        # A password with a sign that should have been escaped.
        at = word.rfind("@")
    if at < 0:
        return address
    user, sign, password = word[:at].partition(":")
    if not sign:
        return MASK + address[at:] if len(user) >= _LONG_USER else address
    return f"{MASK if password in _NO_PASSWORDS else user}:{MASK if password else ''}{address[at:]}"


def _parameter(found: re.Match[str]) -> str:
    name = found[1]
    return f"{name}={MASK}" if name.lower() == "key" or is_secret(name, _OF_PARAMETERS) else found[0]
