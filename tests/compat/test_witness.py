"""The search for a payload: what it finds, how little it changes, and that it finds the same each time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from decimal import Decimal
from itertools import islice
from typing import Any

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from srcos_contracts.compat.compare import Breaking, Compatible, Undecided, compare, judged
from srcos_contracts.compat.goals import Leaf, Literal
from srcos_contracts.compat.plain_values import numbers, respelt, texts
from srcos_contracts.compat.proof import Budget, Proof, Step, Unproved
from srcos_contracts.compat.reading import Reading, alike, same
from srcos_contracts.compat.shrink import patch_between, shrunk
from srcos_contracts.compat.side import Side
from srcos_contracts.compat.witness import SearchBudget, Seed, confirmed, find, from_seeds
from srcos_contracts.compat.words import words
from srcos_contracts.contracts.engine import matcher
from srcos_contracts.pointer import ABSENT

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b/~"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "c/d", "~"]), inner, max_size=3),
    max_leaves=8,
)


def _value(accepts: Any, rejects: Any, *seeds: Seed) -> Any:
    witness = find(Side(accepts), Side(rejects), seeds)
    assert witness is not None
    assert confirmed(Side(accepts), Side(rejects), witness.value)
    return witness.value


class TestWhatIsFound:
    def test_an_open_object_lets_an_optional_property_break_it(self) -> None:
        value = _value({"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"type": "string"}, "note": {"type": "string"}}})
        assert value == {"note": 0}

    def test_the_way_to_a_change_deep_down_is_built(self) -> None:
        def nested(leaf: Any) -> Any:
            for name in ("f", "e", "d", "c", "b", "a"):
                leaf = {"type": "object", "required": [name, "k"], "properties": {name: leaf, "k": {"const": name}}}
            return leaf

        value = _value(nested({"type": "integer", "maximum": 10}), nested({"type": "integer", "maximum": 9}))
        for name in ("a", "b", "c", "d", "e", "f"):
            assert value["k"] == name
            value = value[name]
        assert value == 10

    def test_a_change_fifty_levels_down_is_reached(self) -> None:
        def nested(leaf: Any) -> Any:
            for _ in range(50):
                leaf = {"type": "object", "required": ["a"], "properties": {"a": leaf}}
            return leaf

        value = _value(nested({"enum": [1, 2]}), nested({"enum": [1]}))
        assert json.dumps(value).count('"a"') == 50

    def test_many_conditionals_that_exclude_each_other_are_met(self) -> None:
        states = [f"s{number}" for number in range(12)]

        def contract(loosened: str) -> Any:
            rules = [
                {
                    "if": {"properties": {"state": {"const": state}}, "required": ["state"]},
                    "then": {"required": [f"at_{state}"], "properties": {"note": {"minLength": 1 if state == loosened else 2}}},
                    "else": {"properties": {f"at_{state}": False}},
                }
                for state in states
            ]
            return {
                "type": "object",
                "properties": {"state": {"enum": states}, "note": {"type": "string"}},
                "required": ["state", "note"],
                "allOf": rules,
            }

        value = _value(contract("s7"), contract(""))
        assert value["state"] == "s7"
        assert len(value["note"]) == 1
        assert [name for name in value if name.startswith("at_")] == ["at_s7"]

    def test_a_recursive_list_is_built_as_far_as_it_must(self) -> None:
        def chain(last: Any) -> Any:
            node = {"type": "object", "required": ["next"], "properties": {"next": {"anyOf": [last, {"$ref": "#/$defs/node"}]}}}
            return {"$defs": {"node": node}, "$ref": "#/$defs/node"}

        assert _value(chain({"type": ["null", "boolean"]}), chain({"type": "null"})) == {"next": False}

    def test_what_has_no_payload_gives_none(self) -> None:
        assert find(Side({"type": "integer"}), Side({"type": "number"})) is None
        assert find(Side(False), Side({"type": "number"})) is None
        assert find(Side({"type": "number"}), Side(True)) is None

    def test_a_schema_that_refers_to_itself_for_the_same_value_gives_none(self) -> None:
        loop = {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}
        assert find(Side(loop), Side({"type": "string"})) is None

    def test_time_runs_out(self) -> None:
        hard = {"type": "object", "allOf": [{"anyOf": [{"required": [f"a{n}"]}, {"required": [f"b{n}"]}]} for n in range(40)]}
        impossible = {**hard, "properties": {f"{letter}{n}": False for letter in "ab" for n in range(40)}}
        begun = time.monotonic()
        assert find(Side(impossible), Side(False), budget=SearchBudget(seconds=0.3)) is None
        assert time.monotonic() - begun < 5


OLD: dict[str, Any] = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "n": {"type": "integer"}, "kind": {"enum": ["a", "b"]}},
}
NEW: dict[str, Any] = {**OLD, "properties": {**OLD["properties"], "kind": {"enum": ["a"]}}}
MINIMAL = Seed({"id": "x"}, "valid/minimal.json")
FULL = Seed({"id": "x", "n": 1, "kind": "b"}, "valid/full.json")
CASE = Seed({"id": "y", "n": 1, "kind": "b"}, "a case", example=False)


class TestSeeds:
    def test_a_stored_example_that_is_now_refused_is_the_payload(self) -> None:
        witness = from_seeds(Side(OLD), Side(NEW), [MINIMAL, FULL, CASE])
        assert witness is not None
        assert (witness.seed, witness.patch, witness.value) == ("valid/full.json", (), FULL.value)

    def test_a_case_is_told_as_the_smallest_change_to_an_example(self) -> None:
        witness = from_seeds(Side(OLD), Side(NEW), [MINIMAL, CASE])
        assert witness is not None
        assert (witness.seed, witness.value) == ("valid/minimal.json", {"id": "x", "kind": "b"})
        assert witness.patch == ({"op": "add", "path": "/kind", "value": "b"},)

    def test_without_one_that_shows_it_the_smallest_change_is_made(self) -> None:
        witness = find(Side(OLD), Side(NEW), [MINIMAL])
        assert witness is not None
        assert witness.patch == ({"op": "add", "path": "/kind", "value": "b"},)

    def test_an_example_under_another_path_is_a_payload_where_the_path_counts(self) -> None:
        bound = {"type": "object", "x-path": ["agent", "date"]}
        seed = Seed({"agent": "alfa"}, "agents/alfa/2026/status.json", {"agent": "alfa", "date": "2026"})
        witness = find(Side({"type": "object"}), Side(bound), [seed])
        assert witness is not None
        assert (witness.value, witness.patch, witness.parts) == (seed.value, (), {"date": "2026"})

    def test_the_parts_of_a_bound_path_go_with_the_payload(self) -> None:
        bound = {"type": "object", "x-equal": {"path:agent": "^(?<agent>.+)$", "/agent": "^(?<agent>[a-z]+)$"}}
        seed = Seed({"agent": "alfa"}, "agents/alfa/status.json", {"agent": "alfa"})
        witness = find(Side({"type": "object"}), Side(bound), [seed])
        assert witness is not None
        assert "agent" in witness.parts
        assert witness.value["agent"] != witness.parts["agent"]


class TestShrinking:
    @given(JSON, JSON)
    def test_a_patch_makes_one_value_of_another(self, base: Any, value: Any) -> None:
        assert alike(jsonpatch.apply_patch(base, list(patch_between(base, value))), value)

    @given(JSON, JSON)
    def test_what_is_brought_nearer_still_shows_it(self, base: Any, value: Any) -> None:
        def shows(candidate: Any) -> bool:
            return "a" in json.dumps(candidate)

        if shows(value):
            assert shows(shrunk(value, shows))
            assert shows(shrunk(value, shows, base))

    def test_what_is_not_needed_goes(self) -> None:
        value = {"a": [1, {"b": "long text", "c": [None, True]}], "d": 5}
        assert shrunk(value, lambda candidate: isinstance(candidate, dict) and isinstance(candidate.get("a"), list)) == {"a": []}

    def test_a_base_keeps_what_need_not_change(self) -> None:
        base = {"a": 1, "b": [1, 2, 3], "c": {"d": "x", "e": "y"}}
        value = {"a": 2, "b": [1, 9, 3, 4], "c": {"d": "z"}, "f": True}
        assert shrunk(value, lambda candidate: candidate["c"].get("d") == "z", base) == {**base, "c": {"d": "z", "e": "y"}}


class TestParts:
    @pytest.mark.parametrize(
        ("matched", "unmatched", "least", "most"),
        [
            (["^urn:a:[a-z]+$"], [], 0, None),
            (["^a"], ["^ab"], 3, 3),
            (["b$", "^a"], ["c"], 0, None),
            ([], ["^x-"], 1, 2),
            ([r"^\p{L}+$"], [], 0, None),
            (["^(?!x-)[a-z-]+$"], [], 0, None),
            (["^sha256:[0-9a-f]{64}$"], [], 0, None),
        ],
    )
    def test_words_are_of_the_language(self, matched: list[str], unmatched: list[str], least: int, most: int | None) -> None:
        found = list(islice(words(matched, unmatched, least, most), 3))
        assert len(set(found)) == len(found) > 0
        for text in found:
            assert all(matcher(pattern)(text) for pattern in matched)
            assert not any(matcher(pattern)(text) for pattern in unmatched)
            assert least <= len(text) <= (most if most is not None else len(text))

    @pytest.mark.parametrize("pattern", ["(", "(a)\\1", "a{99999}", "\\p{Script=Greek}"])
    def test_a_pattern_that_is_not_read_gives_no_words(self, pattern: str) -> None:
        assert list(words([pattern])) == []

    def test_numbers_stand_at_and_beside_a_bound(self) -> None:
        node = Reading(Side({"minimum": 7, "multipleOf": 4})).root
        leaf = Leaf((Literal("multipleOf", 4, node),), (Literal("minimum", 7, node),))
        assert {6, 7, 8, 4} <= set(numbers(leaf, 12, False))
        assert {6.5, 7.5} <= set(numbers(leaf, 12, True))

    def test_numbers_that_are_exact_stay_so(self) -> None:
        node = Reading(Side({"maximum": 1})).root
        low, high, step = Decimal("0.1"), Decimal("0.2"), Decimal("0.05")
        leaf = Leaf((Literal("minimum", low, node), Literal("multipleOf", step, node)), (Literal("maximum", high, node),))
        found = list(numbers(leaf, ABSENT, True))
        assert {low, high, Decimal("0.15"), Decimal("0.25"), Decimal("0.6")} <= set(found)
        assert all(isinstance(number, Decimal) for number in found)

    def test_a_value_is_written_with_a_fraction_and_without(self) -> None:
        value = {"a": [1, 2.0, 0.5, True], "b": "1"}
        assert repr(respelt(value, True)) == "{'a': [Decimal('1.0'), Decimal('2.0'), 0.5, True], 'b': '1'}"
        assert repr(respelt(value, False)) == "{'a': [1, 2, 0.5, True], 'b': '1'}"

    @pytest.mark.parametrize("huge", [10**400, Decimal("1E+400"), Decimal("1E-400"), 1e308])
    def test_numbers_past_all_doubles_are_no_fault(self, huge: Any) -> None:
        node = Reading(Side({"maximum": 1})).root
        leaf = Leaf((Literal("multipleOf", huge, node),), (Literal("maximum", huge, node), Literal("const", huge, node)))
        assert {0, 1} <= set(numbers(leaf, ABSENT, False))

    def test_texts_have_a_format_and_a_length_and_nearly(self) -> None:
        node = Reading(Side({"format": "date"})).root
        missed = list(texts(Leaf((), (Literal("format", "date", node),)), "2026-05-06"))
        assert {"2026-02-30", "2026-05-06"} <= set(missed)
        long = list(texts(Leaf((Literal("minLength", 40, node),), ()), "abc"))
        assert any(len(text) == 40 for text in long)

    def test_two_schemas_say_the_same_through_their_references(self) -> None:
        one = Reading(Side({"$defs": {"t": {"type": "string", "title": "T"}}, "properties": {"a": {"$ref": "#/$defs/t"}}})).root
        two = Reading(Side({"$defs": {"u": {"type": "string"}}, "properties": {"a": {"$ref": "#/$defs/u"}}, "title": "x"})).root
        other = Reading(Side({"$defs": {"u": {"type": "null"}}, "properties": {"a": {"$ref": "#/$defs/u"}}})).root
        assert same(one, two)
        assert not same(one, other)
        assert not same(Reading(Side({"const": 1})).root, Reading(Side({"const": True})).root)


class TestVerdicts:
    def test_each_direction_has_its_own(self) -> None:
        comparison = compare(Side({"type": "integer"}), Side({"type": "number"}), name="Count")
        assert isinstance(comparison.backward, Compatible)
        assert isinstance(comparison.forward, Breaking)
        assert comparison.forward.witness.value == 0.5
        assert [(finding.path, finding.keyword) for finding in comparison.forward.findings] == [((), "type")]

    @pytest.mark.parametrize(
        ("keyword", "size"),
        [("minItems", 5000), ("maxItems", 5000), ("minProperties", 400), ("maxProperties", 400), ("minLength", 100_000)],
    )
    def test_sizes_that_are_still_made(self, keyword: str, size: int) -> None:
        comparison = compare(Side({keyword: size}), Side({keyword: size + 1}), budget=SearchBudget(seconds=60.0))
        assert {type(comparison.backward), type(comparison.forward)} == {Breaking, Compatible}

    @pytest.mark.parametrize("keyword", ["minLength", "maxLength", "minItems", "minProperties"])
    def test_past_those_it_is_undecided_and_said_why(self, keyword: str) -> None:
        sides = Side({keyword: 10_000_000}), Side({keyword: 10_000_001})
        verdict = judged(*(sides if keyword.startswith("min") else sides[::-1]), budget=SearchBudget(seconds=0.5))
        assert isinstance(verdict, Undecided)
        assert verdict.reason.endswith("no payload was found that shows the contrary; one as large as it would have to be is not made")

    def test_no_direction_takes_more_than_half_the_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        open_ones = {"type": "object", "allOf": [{"if": {"required": [f"a{n}"]}, "then": {"required": [f"b{n}"]}} for n in range(80)]}
        asked: list[float] = []

        def covered(inner: Side, outer: Side, seconds: float) -> bool:
            asked.append(seconds)
            return False

        monkeypatch.setattr("srcos_contracts.compat.compare.covered", covered)
        sides = Side({**open_ones, "propertyNames": {"pattern": "^[ab]"}}), Side({**open_ones, "maxProperties": 161})
        for side in sides:
            side.judge("reference")
        begun = time.thread_time()
        assert isinstance(judged(*sides, budget=SearchBudget(seconds=2.0)), Undecided)
        # What is begun is brought to an end, so more may pass, but not as much again.
        assert time.thread_time() - begun < 4.0
        assert 0 < asked[0] <= 2.0

    @pytest.mark.parametrize(("seconds", "steps"), [(0.1, 4_000), (2.0, 4_000), (30.0, 60_000)])
    def test_a_larger_budget_is_one_of_steps_too(self, seconds: float, steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
        budgets: list[Budget] = []

        def contained(inner: Side, outer: Side, budget: Budget) -> Proof:
            budgets.append(budget)
            return Proof(())

        monkeypatch.setattr("srcos_contracts.compat.compare.contained", contained)
        compare(Side({"type": "integer"}), Side({"type": "number"}), budget=SearchBudget(seconds=seconds))
        assert budgets == [Budget(steps, seconds / 8)] * 2

    def test_a_proof_that_takes_long_is_looked_for_again_when_no_payload_was_found(self, monkeypatch: pytest.MonkeyPatch) -> None:
        budgets: list[Budget] = []

        def contained(inner: Side, outer: Side, budget: Budget) -> Proof | Unproved:
            budgets.append(budget)
            return Proof((Step(None, None, "in the end"),)) if len(budgets) > 1 else Unproved("it was given up", (), True)

        monkeypatch.setattr("srcos_contracts.compat.compare.contained", contained)
        monkeypatch.setattr("srcos_contracts.compat.compare.covered", lambda *asked: False)
        verdict = judged(Side({"type": "integer"}), Side({"type": "number"}), budget=SearchBudget(seconds=60.0))
        assert isinstance(verdict, Compatible)
        assert verdict.proof.steps[0].words == "in the end"
        assert budgets[0] == Budget(240_000, 15.0)
        assert budgets[1].seconds > 15.0
        assert budgets[1].steps > 240_000

    def test_warnings_that_cannot_be_told_from_errors_are_left_open(self) -> None:
        warned = {"not": {"x-rule": {"id": "r", "message": "m", "help": "h", "severity": "warning"}, "required": ["a"]}}
        comparison = compare(Side(warned), Side({"type": "object"}))
        assert isinstance(comparison.backward, Undecided)
        assert "warning" in comparison.backward.reason

    def test_a_proof_that_a_payload_contradicts_is_no_proof(self, monkeypatch: pytest.MonkeyPatch) -> None:
        wrong = Proof((Step(None, None, "by a rule that is wrong"),))
        monkeypatch.setattr("srcos_contracts.compat.compare.contained", lambda *_: wrong)
        verdict = compare(Side({"type": "number"}), Side({"type": "integer"}), cross_check=True).backward
        assert isinstance(verdict, Undecided)
        assert verdict.proof == wrong
        assert verdict.witness is not None
        assert verdict.witness.value == 0.5


_SCRIPT = """
from srcos_contracts.compat.side import Side
from srcos_contracts.compat.witness import find
from srcos_contracts.exact import exact_text
from tests.compat.pairs import PAIRS
for pair in PAIRS[::9]:
    for direction in ("backward", "forward"):
        witness = find(*pair.sides(direction))
        print(pair.name, direction, exact_text(witness.value) if witness else None)
"""


def test_the_same_input_gives_the_same_payload_whatever_the_hashes() -> None:
    def run(seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        return subprocess.run([sys.executable, "-c", _SCRIPT], env=environment, capture_output=True, text=True, check=True).stdout

    first = run("1")
    assert first.count("\n") > 80
    assert first == run("2")
