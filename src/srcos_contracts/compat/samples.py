"""Texts that have a format, and texts that nearly have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

__all__ = ["FORMS", "NEAR_MISSES", "SAMPLES"]

SAMPLES: Mapping[str, Sequence[str]] = {
    "date-time": ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00.5+01:00"),
    "date": ("2026-01-01", "2024-02-29"),
    "time": ("00:00:00Z", "23:59:60Z", "12:00:00+01:00"),
    "duration": ("P1D", "PT1H", "P1W"),
    "email": ("a@b.example", "a.b@c.example"),
    "idn-email": ("a@b.example", "é@b.example"),
    "hostname": ("a.example", "a"),
    "idn-hostname": ("a.example", "é.example"),
    "ipv4": ("127.0.0.1", "10.0.0.255"),
    "ipv6": ("::1", "2001:db8::1"),
    "uri": ("https://a.example/", "urn:a:b"),
    "uri-reference": ("/a", "a", "https://a.example/", "#a"),
    "iri": ("https://a.example/é", "urn:a:b"),
    "iri-reference": ("/é", "a"),
    "uuid": ("2f8b2d36-3b3c-4b61-8a43-0c1c4a6a4a11",),
    "uri-template": ("/a/{b}", "a"),
    "json-pointer": ("", "/a", "/a~1b"),
    "relative-json-pointer": ("0", "1/a", "0#"),
    "regex": ("^a$", "a"),
}
"""By format, texts that have it."""

NEAR_MISSES: Mapping[str, Sequence[str]] = {
    "date-time": ("2026-01-01T00:00:00", "2026-02-30T00:00:00Z", "2026-01-01 00:00:00Z", "2026-01-01"),
    "date": ("2026-02-30", "2026-1-1", "2023-02-29"),
    "time": ("00:00:00", "25:00:00Z", "00:00Z"),
    "duration": ("P", "1D", "P1D2H"),
    "email": ("a", "a@", "@b.example", "é@b.example"),
    "idn-email": ("a", "a@"),
    "hostname": ("-a.example", "a..b", "a_b", "é.example"),
    "idn-hostname": ("-a.example", "a..b", "\u3164"),
    "ipv4": ("127.0.0", "256.0.0.1", "127.0.0.01"),
    "ipv6": (":::", "127.0.0.1", "::g"),
    "uri": ("/a", "a b", "https://a.example/é", ":"),
    "uri-reference": ("a b", "/é", "\\a"),
    "iri": ("/a", "a b"),
    "iri-reference": ("a b", "\\a"),
    "uuid": ("2f8b2d36", "2f8b2d36-3b3c-4b61-8a43-0c1c4a6a4a1g"),
    "uri-template": ("{a", "a}"),
    "json-pointer": ("a", "/a~", "/a~2"),
    "relative-json-pointer": ("/a", "-1", "01"),
    "regex": ("(", "[a", "a{2,1}"),
}
"""By format, texts that do not have it, those first that most look like it."""

_DATE = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_TIME = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?(?:Z|[+-](?:0[0-9]|1[0-9]|2[0-3]):[0-5][0-9])"
_NAME = "[a-z](?:[a-z0-9]|-[a-z0-9])*(?:\\.[a-z](?:[a-z0-9]|-[a-z0-9])*)*"

FORMS: Mapping[str, str] = {
    "date-time": f"^{_DATE}T{_TIME}$",
    "date": f"^{_DATE}$",
    "time": f"^{_TIME}$",
    "duration": "^P(?:[1-9][0-9]*W|[1-9][0-9]*D(?:T[1-9][0-9]*H)?|T[1-9][0-9]*[HMS])$",
    "email": f"^[a-z0-9]+(?:[.+-][a-z0-9]+)*@{_NAME}$",
    "idn-email": f"^[a-z0-9]+(?:[.+-][a-z0-9]+)*@{_NAME}$",
    "hostname": f"^{_NAME}$",
    "idn-hostname": f"^{_NAME}$",
    "ipv4": "^(?:(?:[1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])\\.){3}(?:[1-9]?[0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])$",
    "uri": f"^[a-z][a-z0-9+.-]*:(?://{_NAME}(?:/[A-Za-z0-9._~-]*)*|[A-Za-z0-9][A-Za-z0-9._~:-]*)$",
    "iri": f"^[a-z][a-z0-9+.-]*:(?://{_NAME}(?:/[A-Za-z0-9._~-]*)*|[A-Za-z0-9][A-Za-z0-9._~:-]*)$",
    "uuid": "^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
    "json-pointer": "^(?:/[A-Za-z0-9._-]*)*$",
}
"""By format, a pattern that matches some of the texts that have it and no others."""
