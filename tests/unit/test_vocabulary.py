"""The x-keywords that assert: what each refuses, where it points, and what never breaks it."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
import rfc8785

from srcos_contracts.contracts.vocabulary import ASSERTIONS, VocabularyError, compile_keyword

SEALED = {"a": 1, "b": ["é", 1.5], "seal": {"by": "x"}}
DIGEST = "sha256:" + hashlib.sha256(rfc8785.dumps({"a": 1, "b": ["é", 1.5]})).hexdigest()

ORDER = [["/a", "/b", "/c"]]
STRICT = [{"chain": ["/a", "/b"], "strict": True}]
ID = {"/session": r"^(?<date>\d{4})_(?<agent>[a-z]+)_", "/agent": "(?<agent>.*)", "path:agent": "(?<agent>.*)", "/date": r"(?<date>\d{4})"}

HOLDS: list[tuple[str, Any, Any]] = [
    ("x-order", ORDER, {"a": "2026-05-06T04:00:00+01:00", "b": "2026-05-06T03:30:00Z", "c": "2026-05-06T03:30:00Z"}),
    ("x-order", ORDER, {"a": "2026-05-06T03:00:00Z", "b": None, "c": "2026-05-06T03:00:00Z"}),
    ("x-order", ORDER, {"a": "never", "c": "2026-05-06T03:00:00Z"}),
    ("x-order", ORDER, {"a": 5}),
    ("x-order", ORDER, []),
    ("x-order", [["/in/a", "/b"]], {"in": {"a": "2026-05-06T03:00:00Z"}, "b": "2026-05-06T03:00:01Z"}),
    ("x-order", STRICT, {"a": "2026-05-06T03:00:00Z", "b": "2026-05-06T03:00:00.1Z"}),
    ("x-in", {"/pick": "/offers"}, {"pick": "b", "offers": ["a", "b"]}),
    ("x-in", {"/pick": "/offers"}, {"pick": "b", "offers": {"b": 1}}),
    ("x-in", {"/pick": "/offers"}, {"pick": None, "offers": []}),
    ("x-in", {"/pick": "/offers"}, {"pick": "b"}),
    ("x-in", {"/pick": "/offers"}, {"pick": "b", "offers": "abc"}),
    ("x-in", {"/pick": "/offers"}, {"pick": 1, "offers": [True, 1]}),
    ("x-not-in", {"/own": "/parents"}, {"own": "a", "parents": ["b"]}),
    ("x-not-in", {"path:id": "/blocked"}, {"blocked": ["b"]}),
    ("x-not-in", {"/own": "/parents"}, {"own": 1, "parents": [True]}),
    ("x-keys", {"/a": {"within": "/b"}}, {"a": {"x": 1}, "b": {"x": 1, "y": 1}}),
    ("x-keys", {"/a": {"within": "/b"}}, {"a": {"x": 1}}),
    ("x-keys", {"/a": {"same": "/b"}}, {"a": {"x": 1}, "b": {"x": 2}}),
    ("x-keys", {"/a": {"same": "/b"}}, {}),
    ("x-keys", {"/a": {"within": "/b"}}, {"a": [], "b": {}}),
    ("x-unique", "gate", [{"gate": "a"}, {"gate": "b"}, {}, {}, {"gate": 1}, {"gate": 1}]),
    ("x-unique", "gate", {"gate": "a"}),
    ("x-equal", ID, {"session": "2026_cls_001", "agent": "cls", "date": "2026"}),
    ("x-equal", ID, {"session": "nothing like it", "agent": "cls"}),
    ("x-equal", ID, {"session": "2026_cls_001", "agent": None}),
    ("x-digest", {"value": "/seal/value", "omit": ["/seal"]}, {**SEALED, "seal": {"value": DIGEST}}),
    ("x-digest", {"value": "/seal/value", "omit": ["/seal"]}, {**SEALED, "seal": {"value": DIGEST.upper().replace("SHA", "sha")}}),
    ("x-digest", {"value": "/seal/value", "omit": ["/seal"]}, SEALED),
    ("x-path", ["state"], {}),
    ("x-template", "liquid", "Hi {{ name | upcase }}{% for a in b %}{{ a }}{% endfor %}"),
    ("x-template", "liquid", "{ plain } text"),
    ("x-template", "liquid", 5),
]

BREAKS: list[tuple[str, Any, Any, list[tuple[str | int, ...]]]] = [
    ("x-order", ORDER, {"a": "2026-05-06T03:00:00Z", "b": "2026-05-06T02:00:00Z", "c": "2026-05-06T01:00:00Z"}, [("b",), ("c",)]),
    ("x-order", ORDER, {"a": "2026-05-06T03:00:00Z", "c": "2026-05-06T04:00:00+02:00"}, [("c",)]),
    ("x-order", STRICT, {"a": "2026-05-06T03:00:00Z", "b": "2026-05-06T04:00:00+01:00"}, [("b",)]),
    ("x-in", {"/pick": "/offers", "/other": "/offers"}, {"pick": "c", "other": "d", "offers": ["a"]}, [("pick",), ("other",)]),
    ("x-in", {"/pick": "/offers"}, {"pick": 1, "offers": [True]}, [("pick",)]),
    ("x-not-in", {"/own": "/parents"}, {"own": "a", "parents": ["b", "a"]}, [("own",)]),
    ("x-keys", {"/a": {"within": "/b"}}, {"a": {"x": 1, "z": 2}, "b": {"x": 1}}, [("a", "z")]),
    ("x-keys", {"/a": {"same": "/b"}}, {"a": {"x": 1}, "b": {"y": 1}}, [("a", "x"), ("b", "y")]),
    ("x-keys", {"/a": {"same": "/b"}}, {"b": {"y": 1}}, [("b", "y")]),
    ("x-unique", "gate", [{"gate": "a"}, {"gate": "b"}, {"gate": "a"}], [(2, "gate")]),
    ("x-equal", ID, {"session": "2026_cls_001", "agent": "andy", "date": "2025"}, [("agent",), ("date",)]),
    ("x-digest", {"value": "/seal/value", "omit": ["/seal"]}, {**SEALED, "a": 2, "seal": {"value": DIGEST}}, [("seal", "value")]),
    ("x-template", "liquid", "{% if a %}", [()]),
    ("x-template", "liquid", "{{ a", [()]),
    ("x-digest", {"value": "/seal/value", "omit": ["/seal"]}, {"big": 2**60, "seal": {"value": DIGEST}}, [("seal", "value")]),
]


@pytest.mark.parametrize(("keyword", "value", "instance"), HOLDS)
def test_a_keyword_that_holds(keyword: str, value: Any, instance: Any) -> None:
    assert compile_keyword(keyword, value)(instance, {}) == ()


@pytest.mark.parametrize(("keyword", "value", "instance", "paths"), BREAKS)
def test_a_keyword_that_does_not_hold_points_at_the_fault(keyword: str, value: Any, instance: Any, paths: list[Any]) -> None:
    breaches = compile_keyword(keyword, value)(instance, {})
    assert [breach.path for breach in breaches] == paths
    assert all(breach.detail for breach in breaches)


def test_parts_of_the_bound_path_take_part() -> None:
    equal = compile_keyword("x-equal", ID)
    first, second = equal({"session": "2026_cls_001", "agent": "cls"}, {"agent": "andy"})
    assert (first.path, first.detail) == (("session",), 'the agent in session is "cls", the path\'s agent "andy"')
    assert second.path == ("agent",)
    (blocked,) = compile_keyword("x-not-in", {"path:id": "/blocked"})({"blocked": ["A-1"]}, {"id": "A-1"})
    assert (blocked.path, blocked.detail) == (("blocked",), 'the path\'s id is "A-1", which blocked contains')


def test_words_of_a_breach() -> None:
    (breach,) = compile_keyword("x-order", ORDER)({"a": "2026-05-06T03:00:00Z", "b": "2026-05-06T02:00:00Z"}, {})
    assert breach.detail == 'b "2026-05-06T02:00:00Z" is before a "2026-05-06T03:00:00Z"'


@pytest.mark.parametrize(
    ("keyword", "value"),
    [("x-order", [["a"]]), ("x-order", 5), ("x-in", ["/a"]), ("x-keys", {"/a": {"like": "/b"}}), ("x-keys", {"/a": {}}), ("x-unique", 1), ("x-equal", {"/a": "("}), ("x-digest", {})],
)  # fmt: skip
def test_a_malformed_keyword_is_refused(keyword: str, value: Any) -> None:
    with pytest.raises(VocabularyError, match=f"^{keyword} does not have the form"):
        compile_keyword(keyword, value)


def test_a_template_says_where_it_stops_to_parse() -> None:
    (breach,) = compile_keyword("x-template", "liquid")("Hi\n{{ a b }}", {})
    assert breach == ((), "the template does not parse: expected end of expression, found word", 8)


def test_a_path_must_have_the_parts_that_are_asked_for() -> None:
    check = compile_keyword("x-path", ["state", "id"])
    assert check({}, {"state": "Todo", "id": "A-1"}) == ()
    (breach,) = check({}, {"id": "A-1"})
    assert (breach.path, breach.detail) == ((), "the path names no state")


def test_every_assertion_is_tried_here() -> None:
    assert {keyword for keyword, *_ in HOLDS} == set(ASSERTIONS)
    assert {keyword for keyword, *_ in BREAKS} == set(ASSERTIONS) - {"x-path"}
