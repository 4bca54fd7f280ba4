"""The generated page about the rules that are about several records: `docs/set-rules.md`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from srcos_contracts.evolve.markdown import anchor, code, fenced, sentence, table, text
from srcos_contracts.explanation import Explanation
from srcos_contracts.wording import join_words

__all__ = ["PAGE", "set_page"]

PAGE = "docs/set-rules.md"
_RULES = "src/srcos_contracts/ledger/rules"
_HEAD = """# Rules about several records

<!-- Generated from src/srcos_contracts/ledger/rules/ and examples/sets/ by `srcos-validate docs`; edits here are lost. -->

What `srcos-validate audit` asks of records together, when it has checked each of them by itself. `srcos-validate explain RULE` prints
the same in a terminal; [audit.md](audit.md) describes the command, [contracts.md](contracts.md#the-rules) the rules about one record.
"""


def set_page(rules: Mapping[str, Explanation]) -> str:
    """The page. Rules of other kinds have no place in it."""
    return "\n".join(_page([rule for rule in rules.values() if rule.kind == "set"]))


def _page(rules: Sequence[Explanation]) -> Iterator[str]:
    yield _HEAD
    rows = [[f"[{rule.id}](#{anchor(rule.id)})", _plain(rule), text(rule.scope.partition(":")[0])] for rule in rules]
    yield table(["rule", "what holds", "in"], rows)
    for rule in rules:
        yield from _rule(rule)


def _plain(rule: Explanation) -> str:
    return "; ".join(text(said.text) for said in rule.says)


def _rule(rule: Explanation) -> Iterator[str]:
    yield f"## {rule.id}\n"
    for title, statements in (("What it says", rule.says), ("Why", rule.why)):
        yield f"**{title}**\n\n{' '.join(sentence(said.text) for said in statements)}\n"
    yield f"**In**\n\n{sentence(rule.scope)}\n"
    yield "**What it looks at**\n"
    if rule.marks is not None:
        yield f"- All contracts{': ' + join_words([code(name) for name in rule.marks], 'and') if rule.marks else ''}"
    for where in rule.where:
        about = ", ".join(code(name) for name in where.about)
        yield f"- [{where.label}](contracts.md#{anchor(where.contract)}){': ' + about if about else ''}"
    yield f"\nIts query is [{rule.file}](../{_RULES}/{rule.file}).\n"
    yield f"**What to do**\n\n{' '.join(sentence(said.text) for said in rule.help)}\n"
    for sample in rule.samples[:1]:
        yield "**Fails**\n"
        yield fenced([*sample.fails, "", *sample.finding])
        if sample.passes:
            yield "**Passes**\n"
            yield fenced(sample.passes)
