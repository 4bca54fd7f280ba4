"""Secrets are masked by their names, places and forms; what is none stays as it is."""

from __future__ import annotations

import shlex
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
    (
        "variables",
        ["env", "DB_PASS=x", "SSHPASS=x", "MYPASS=x", "REDISCLI_AUTH=x", "OPENAI_KEY=x", "GITHUB_PAT=x", "SECRET_KEY_BASE=x"],
        ["env", "DB_PASS=***", "SSHPASS=***", "MYPASS=***", "REDISCLI_AUTH=***", "OPENAI_KEY=***", "GITHUB_PAT=***", "SECRET_KEY_BASE=***"],
    ),
    (
        "variables of no secret",
        ["env", "BYPASS=1", "USE_AUTH=1", "SORT_KEY=x", "PASS=12", "pass=true"],
        ["env", "BYPASS=1", "USE_AUTH=1", "SORT_KEY=x", "PASS=12", "pass=true"],
    ),
    (
        "a variable beside its option",
        ["docker", "run", "-eDB_PASS=x", "--env=API_TOKEN=x"],
        ["docker", "run", "-eDB_PASS=***", "--env=API_TOKEN=***"],
    ),
    (
        "a user beside its option",
        ["curl", "-ubob:x", "-U", "bob:x", "--user=bob:x"],
        ["curl", "-ubob:***", "-U", "bob:***", "--user=bob:***"],
    ),
    ("a user after several options", ["curl", "-su", "bob:x", "u"], ["curl", "-su", "bob:***", "u"]),
    (
        "a user and a group",
        ["docker", "run", "-u", "1000:1000", "--user", "root:root"],
        ["docker", "run", "-u", "1000:1000", "--user", "root:root"],
    ),
    ("an owner", ["chown", "-u", "root:root"], ["chown", "-u", "root:root"]),
    ("another program's option", ["ssh", "-u", "bob:staff"], ["ssh", "-u", "bob:staff"]),
    ("mysql", ["mysql", "-uroot", "-phunter2", "-P", "3306"], ["mysql", "-uroot", "-p***", "-P", "3306"]),
    ("sshpass", ["sshpass", "-p", "x", "ssh", "-p", "22", "host"], ["sshpass", "-p", "***", "ssh", "-p", "22", "host"]),
    ("docker login", ["docker", "login", "-u", "bob", "-p", "x"], ["docker", "login", "-u", "bob", "-p", "***"]),
    ("a port of docker", ["docker", "run", "-p", "80:80"], ["docker", "run", "-p", "80:80"]),
    ("redis-cli", ["redis-cli", "-a", "x", "ping"], ["redis-cli", "-a", "***", "ping"]),
    (
        "openssl",
        ["openssl", "rsa", "-passin", "pass:x", "-passout", "env:X"],
        ["openssl", "rsa", "-passin", "pass:***", "-passout", "env:X"],
    ),
    (
        "signs in a password of a URL",
        ["x", "https://bob:hun@ter2@host", "https://bob:hun/ter2@host/a"],
        ["x", "https://bob:***@host", "https://bob:***@host/a"],
    ),
    ("a port of a URL", ["x", "https://host:8080/a@b"], ["x", "https://host:8080/a@b"]),
    ("a token and no password", ["x", "https://abc:x-oauth-basic@host"], ["x", "https://***:***@host"]),
    (
        "a key of a URL",
        ["x", "https://h/?key=x&a=1", "https://h/#access_token=x"],
        ["x", "https://h/?key=***&a=1", "https://h/#access_token=***"],
    ),
    (
        "webhooks",
        ["x", "https://hooks.slack.com/services/T0/B0/x", "https://discord.com/api/webhooks/12/x", "https://api.telegram.org/bot12:x/send"],
        ["x", "https://hooks.slack.com/services/***", "https://discord.com/api/webhooks/12/***", "https://api.telegram.org/bot***/send"],
    ),
    (
        "JSON",
        ["x", '{"password":12345678,"n":1}', "{'password':'x'}", r"{\"password\":\"x\"}", '{"pass":"x","fail":3}'],
        ["x", '{"password":"***","n":1}', "{'password':'***'}", r"{\"password\":\"***\"}", '{"pass":"***","fail":3}'],
    ),
    ("a header of no standard", ["curl", "-H", "X-Auth: x y"], ["curl", "-H", "X-Auth: ***"]),
    ("a bearer", ["curl", "--oauth2-bearer", "x"], ["curl", "--oauth2-bearer", "***"]),
    ("cookies", ["curl", "-H", "Cookie: a=b; c=d"], ["curl", "-H", "Cookie: ***"]),
    ("a variable in a line for a shell", ["sh", "-c", "TOKEN=abc make -s; rest"], ["sh", "-c", "TOKEN=*** make -s; rest"]),
    ("nothing at all", [], []),
    ("a flag at the end", ["tool", "--password"], ["tool", "--password"]),
]


@pytest.mark.parametrize(("words", "masked"), [case[1:] for case in _WORDS], ids=[case[0] for case in _WORDS])
def test_words_of_a_command(words: list[str], masked: list[str]) -> None:
    assert masker().words(words) == masked
    assert masker().words(masked) == masked
    assert masker().text(shlex.join(masked)) == shlex.join(masked)


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
    ("a bracket before a name", "(PASSWORD=x y)", "(PASSWORD=*** y)"),
    ("a command in a value", "PASSWORD=$(echo x) make", "PASSWORD=*** make"),
    ("a fragment", "see #access_token=x", "see #access_token=***"),
    ("a key of PGP", "a -----BEGIN PGP PRIVATE KEY BLOCK-----\nx\n-----END PGP PRIVATE KEY BLOCK----- b", "a *** b"),
    ("a bearer", "The bearer of bad news, and Bearer abc", "The bearer of bad news, and Bearer ***"),
    ("a type", "def f(token: str): pass", "def f(token: str): pass"),
    ("a sentence about a header", "Cookie: all of them; Authorization: we need it", "Cookie: all of them; Authorization: we need it"),
    (
        "a header in a sentence",
        "sent Authorization: Basic abc, then Cookie: a=b; c=d left",
        "sent Authorization: Basic ***, then Cookie: *** left",
    ),
    ("a limit", "max_token=5", "max_token=5"),
    ("a line for a shell", "sh -c 'TOKEN=abc make -s; rest': exit code 0", "sh -c 'TOKEN=*** make -s; rest': exit code 0"),
    ("a line in a line", """sh -c 'curl -H '"'"'X-Auth: a b'"'"' u'""", """sh -c 'curl -H '"'"'X-Auth: ***'"'"' u'"""),
    ("members of JSON without spaces", '{"a":"b","token":"x","c":"d"}', '{"a":"b","token":"***","c":"d"}'),
    ("JSON that was cut off", '{"token":"abc', '{"token":"***'),
    ("an image", "docker pull h/auth-token:latest", "docker pull h/auth-token:latest"),
    ("an apostrophe", "it's --token abc", "it's --token ***"),
]


@pytest.mark.parametrize(("text", "masked"), [case[1:] for case in _TEXTS], ids=[case[0] for case in _TEXTS])
def test_sentences(text: str, masked: str) -> None:
    assert masker().text(text) == masked
    assert masker().text(masked) == masked


_RANDOM = "a1B2c3D4e5F6a7B8c9D0"


@pytest.mark.parametrize(
    "token",
    [
        *(
            f"{prefix}{_RANDOM * 2}"
            for prefix in ("sk_live_", "rk_live_", "whsec_", "GOCSPX-", "hvs.", "dckr_pat_", "ATATT3x", "xapp-1-", "glrt-", "gsk_")
        ),
        *(f"{prefix}{_RANDOM * 2}" for prefix in ("lin_api_", "figd_", "sntrys_")),
        *(f"{prefix}{'a1b2' * 8}" for prefix in ("shpat_", "rubygems_")),
        *(f"{prefix}{'A1B2' * 10}" for prefix in ("NRAK-", "AGE-SECRET-KEY-1")),
        "1234567890:AA" + "x" * 33,
    ],
    ids=lambda token: token[:8],
)
def test_tokens_by_their_forms(token: str) -> None:
    assert masker().text(f"it is {token}, said he") == "it is ***, said he"


@pytest.mark.parametrize(
    ("data", "masked"),
    [
        ({"password": 123456, "n": 3}, {"password": "***", "n": 3}),
        ({"password": {"value": "x", "set": True}}, {"password": {"value": "***", "set": True}}),
        ({"credentials": {"user": "u", "pass": "x"}}, {"credentials": {"user": "***", "pass": "***"}}),
        ({"pass": "x"}, {"pass": "***"}),
        ({"pass": 12, "auth": "no", "max_token": 5}, {"pass": 12, "auth": "no", "max_token": 5}),
        ({"headers": {"Authorization": "Basic abc"}}, {"headers": {"Authorization": "***"}}),
        ({"cookie": "session=x"}, {"cookie": "***"}),
        ({"argv": ["mysql", "--password", "x"]}, {"argv": ["mysql", "--password", "***"]}),
        ({"argv": ["mysql", "--password", 12]}, {"argv": ["mysql", "--password", "***"]}),
        ({"env": MappingProxyType({"DB_PASS": "x"})}, {"env": {"DB_PASS": "***"}}),
        ({"https://u:hunter2@h/": 200}, {"https://u:***@h/": 200}),
    ],
    ids=str,
)
def test_secrets_in_data(data: dict[str, Any], masked: dict[str, Any]) -> None:
    assert masker().value(data) == masked
    assert masker().value(masked) == masked


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
        "authorization: x " * 30_000,
        "x-key: a a" * 30_000,
        "Cookie: a=b " * 30_000,
        "'token':'" * 50_000,
        '"token":"\\' * 50_000,
        '\\"token\\":\\"' * 30_000,
        "://a:bcd@" * 50_000,
        "http://" + "a:" * 200_000,
        "$((a)" * 80_000,
        "'\"'\"'" * 80_000,
        "curl " + "-u a:bcd " * 20_000,
        "a." * 200_000 + "token",
        "token: " + "str|" * 100_000,
        "'token" + " " * 400_000 + "x'",
    ],
    ids=lambda text: str(text)[:12],
)
def test_long_texts_take_no_long_time(text: str) -> None:
    assert len(masker(["(x+x+)+y"]).text(text)) <= len(text) + 3


_FRAGMENTS = st.sampled_from(
    [
        *(
            "token",
            "--password",
            "DB_PASS",
            "Authorization:",
            "Cookie:",
            "Bearer",
            "X-Auth:",
            "pass",
            "curl",
            "mysql",
            "docker",
            "login",
            "sh",
            "-c",
            "-u",
            "-p",
        ),
        *(
            "=",
            ":",
            " ",
            "  ",
            "\n",
            "'",
            '"',
            '\\"',
            "\\",
            "{",
            "}",
            "(",
            ")",
            ",",
            ";",
            "&",
            "?",
            "#",
            "$(",
            "@",
            "/",
            "://",
            "https://",
            "***",
            "a",
            "x1",
            "-",
            ".",
        ),
        *("str", "'a b'", '"password":"x"', "hooks.slack.com/services/", "-subob:x", "key=x", "1", "_"),
    ]
)


@given(st.lists(_FRAGMENTS, max_size=14).map("".join))
@settings(max_examples=300, deadline=None)
def test_what_is_masked_stays_as_it_is(text: str) -> None:
    masked = masker().text(text)
    assert masker().text(masked) == masked
