"""Every rule of reading has its text, and excerpts that do what they say."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from srcos_contracts import check
from srcos_contracts.reading.limits import MAX_DEPTH, MAX_FAULTS, MAX_KEY_CHARACTERS, MAX_RECORD_BYTES, MAX_VALUES
from srcos_contracts.reading.rules import READING_RULES, ReadingRule

HINTED: dict[str, bytes] = {
    "key-too-long": b'{"' + b"k" * (MAX_KEY_CHARACTERS + 1) + b'": true}',
    "record-too-large": b'{"log": "' + b"x" * MAX_RECORD_BYTES + b'"}',
    "too-deep": b'{"a": ' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1),
    "too-many-faults": b'{"type":"CapabilityLedger","specVersion":"0.1.0",'
    + b",".join(b'"a%d": 1' % number for number in range(MAX_FAULTS + 1))
    + b"}",
    "too-many-values": b'{"list": [' + b"0," * MAX_VALUES + b"0]}",
}
"""Excerpts that only hint at what is too large to show."""

ESCAPED = {"byte-order-mark", "invalid-utf8", "utf-16"}
"""Excerpts of bytes that are no text, which they show as escapes."""


BOUND = {"front-matter-member": "WORKFLOW.md"}
"""Excerpts that break the rule only where the path leads to a contract."""


def _bytes(rule: ReadingRule, excerpt: str) -> bytes:
    if rule.id in ESCAPED and "\\x" in excerpt:
        found = codecs.escape_decode(excerpt.encode("ascii"))[0]
        assert isinstance(found, bytes)
        return found
    return excerpt.encode("utf-8")


def _rules(path: Path) -> set[tuple[str, str]]:
    return {(finding.rule, finding.severity) for finding in check(path) if finding.rule != "unclaimed-record"}


@pytest.mark.parametrize("rule", [rule for rule in READING_RULES if rule.suffix], ids=lambda rule: rule.id)
def test_the_excerpts_of_a_rule_fail_and_pass(rule: ReadingRule, tmp_path: Path) -> None:
    bad, good = (tmp_path / name / BOUND.get(rule.id, f"x{rule.suffix}") for name in ("bad", "good"))
    bad.parent.mkdir()
    good.parent.mkdir()
    bad.write_bytes(HINTED.get(rule.id, _bytes(rule, rule.fails)))
    if rule.id in ("unclaimed-record", "too-many-faults"):
        assert check(bad)[-1].rule == rule.id
        return
    assert _rules(bad) == {(rule.id, rule.severity)}
    assert ("..." in rule.fails) == (rule.id in HINTED)
    good.write_bytes(_bytes(rule, rule.passes))
    assert _rules(good) == set()


def test_what_cannot_be_opened_or_finished_has_a_rule_too(tmp_path: Path) -> None:
    assert [rule.id for rule in READING_RULES if not rule.suffix] == ["broken-off", "unreadable"]
    assert [finding.rule for finding in check(tmp_path / "recipts.jsonl")] == ["unreadable"]


def test_rules_stand_in_order_and_once() -> None:
    names = [rule.id for rule in READING_RULES]
    assert names == sorted(set(names))
    for rule in READING_RULES:
        assert not rule.message.endswith("."), rule.id
        assert rule.why.endswith("."), rule.id
