"""Secrets are masked by their names, places and forms; what is none stays as it is."""

from __future__ import annotations

import pytest

from srcos_contracts.emit.masking import BadPattern, masker

_GITHUB = "ghp_" + "a1B2" * 9
_JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r"

_WORDS = [
    ("a flag and its value", ["tool", "--password", "hunter2", "run"], ["tool", "--password", "***", "run"]),
    ("a flag of one word", ["tool", "--token=abc", "run"], ["tool", "--token=***", "run"]),
    ("a flag that says whose", ["tool", "--db-password", "-x"], ["tool", "--db-password", "***"]),
    ("a value with spaces", ["tool", "--api-key=a b c"], ["tool", "--api-key=***"]),
    ("a file with a token is none", ["tool", "--token-file", "t.txt"], ["tool", "--token-file", "t.txt"]),
    ("a count of tokens is none", ["tool", "--max-tokens=5"], ["tool", "--max-tokens=5"]),
    ("a key that is a file", ["tool", "--key", "id.pem"], ["tool", "--key", "id.pem"]),
    ("a user with a password", ["curl", "-u", "me:hunter2", "x"], ["curl", "-u", "me:***", "x"]),
    ("a user alone", ["curl", "-u", "me", "x"], ["curl", "-u", "me", "x"]),
    ("an assignment", ["env", "AWS_SECRET_ACCESS_KEY=abc", "make"], ["env", "AWS_SECRET_ACCESS_KEY=***", "make"]),
    ("a variable without an underscore", ["env", "PGPASSWORD=abc"], ["env", "PGPASSWORD=***"]),
    ("an assignment of no secret", ["env", "PRIMARY_KEY=id"], ["env", "PRIMARY_KEY=id"]),
    ("a header", ["curl", "-H", "Authorization: Bearer abc def"], ["curl", "-H", "Authorization: Bearer ***"]),
    ("a header with a key", ["curl", "-H", "X-Api-Key: abc"], ["curl", "-H", "X-Api-Key: ***"]),
    ("a password in a URL", ["git", "clone", "https://me:hunter2@host/x.git"], ["git", "clone", "https://me:***@host/x.git"]),
    ("a token as the user of a URL", ["git", "clone", f"https://{_GITHUB}@host/x"], ["git", "clone", "https://***@host/x"]),
    ("a user of a URL", ["git", "clone", "ssh://git@host/x.git"], ["git", "clone", "ssh://git@host/x.git"]),
    ("a parameter of a URL", ["curl", "https://h/p?a=1&sig=xyz&b=2"], ["curl", "https://h/p?a=1&sig=***&b=2"]),
    ("a line for another shell", ["sh", "-c", "x --password 'a b' -v"], ["sh", "-c", "x --password '***' -v"]),
    ("nothing at all", [], []),
    ("a flag at the end", ["tool", "--password"], ["tool", "--password"]),
]


@pytest.mark.parametrize(("words", "masked"), [case[1:] for case in _WORDS], ids=[case[0] for case in _WORDS])
def test_words_of_a_command(words: list[str], masked: list[str]) -> None:
    assert masker().words(words) == masked


_TEXTS = [
    ("nothing secret", "Completed /agents layout SPEC + PLAN", "Completed /agents layout SPEC + PLAN"),
    ("numbers of tests", "pass: 12, fail=3, basic tests", "pass: 12, fail=3, basic tests"),
    ("a token by its form", f"pushed with {_GITHUB}.", "pushed with ***."),
    ("a token of three parts", f"got {_JWT} back", "got *** back"),
    ("a key of a cloud", "AKIAABCDEFGHIJKLMNOP is used", "*** is used"),
    ("a private key", "x -----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- y", "x *** y"),
    ("a private key cut short", "x -----BEGIN PRIVATE KEY-----\nabc", "x ***"),
    ("a flag in a sentence", 'ran "deploy --token abc" twice', 'ran "deploy --token ***" twice'),
    ("JSON", '{"user": "me", "password": "hunter2", "n": 1}', '{"user": "me", "password": "***", "n": 1}'),
    ("JSON without spaces", '{"apiKey":"abc"}', '{"apiKey":"***"}'),
    ("words after a colon", "the password: hunter2", "the password: ***"),
    ("spaces are kept", "a  --token   abc\tb", "a  --token   ***\tb"),
    (
        "a mark after a secret",
        "ran x --token 'abc': no; then --token abc, and --token=abc.",
        "ran x --token '***': no; then --token ***, and --token=***",
    ),
    ("name and value quoted as one word", "ran x '--password=a b': exit code 2", "ran x '--password=***': exit code 2"),
    ("what follows a masked word", "ran x --token=abc: exit code 2", "ran x --token=***: exit code 2"),
    ("a sign that stands apart", "password = abc, --token : abc x", "password = ***, --token : *** x"),
    ("an apostrophe", "it's --token abc", "it's --token ***"),
]


@pytest.mark.parametrize(("text", "masked"), [case[1:] for case in _TEXTS], ids=[case[0] for case in _TEXTS])
def test_sentences(text: str, masked: str) -> None:
    assert masker().text(text) == masked
    assert masker().text(masked) == masked


def test_data_is_masked_by_its_names_too() -> None:
    data = {"command": ["x", "y"], "password": "p", "nested": {"api_key": "k", "count": 3}, "note": f"t {_GITHUB}", "token": None}
    assert masker().value(data) == {
        "command": ["x", "y"],
        "password": "***",
        "nested": {"api_key": "***", "count": 3},
        "note": "t ***",
        "token": None,
    }


@pytest.mark.parametrize(
    ("pattern", "text", "masked"),
    [
        ("^corp-[0-9]+$", "use corp-123 now", "use *** now"),
        ("corp-[0-9]+", "--id=corp-123 rest", "--id=*** rest"),
        ("alpha beta", "say alpha beta twice", "***"),
        ("nowhere", "say alpha beta", "say alpha beta"),
    ],
)
def test_patterns_of_ones_own(pattern: str, text: str, masked: str) -> None:
    assert masker([pattern]).text(text) == masked


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(a", "linear time"),
        ("(?=a)b", "linear time"),
        (r"(a)\1", "linear time"),
        ("a*", "matches the empty text"),
    ],
)
def test_patterns_that_cannot_be_used(pattern: str, why: str) -> None:
    with pytest.raises(BadPattern, match=why):
        masker([pattern])


@pytest.mark.parametrize(
    "text",
    [
        "'\"" * 200_000,
        '"' + '\\"' * 200_000,
        "https://" * 100_000,
        "-----BEGIN PRIVATE KEY-----" * 20_000,
        "authorization" * 50_000,
        "x-" + "key-" * 100_000,
        "--token" * 100_000,
        "eyJ" * 200_000,
        "?a" * 200_000,
        ":" * 400_000,
        "a=" * 200_000,
    ],
    ids=lambda text: str(text)[:12],
)
def test_long_texts_take_no_long_time(text: str) -> None:
    assert len(masker(["(x+x+)+y"]).text(text)) <= len(text) + 3
