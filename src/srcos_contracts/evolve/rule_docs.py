"""The generated page about the rules that contracts themselves are held to: `docs/contract-rules.md`."""

from __future__ import annotations

from collections.abc import Iterator

from srcos_contracts.evolve.markdown import code, table, text
from srcos_contracts.evolve.rule_texts import KINDS, texts_of_checkouts

__all__ = ["PAGE", "SOURCE", "rule_page"]

PAGE = "docs/contract-rules.md"
SOURCE = "src/srcos_contracts/evolve/check_rules.py"
"""What only a checkout of this package has: the page is about its rules, whatever contracts are beside them."""
_HEAD = f"""# Rules about contracts

<!-- Generated from {SOURCE} and lint_rules.py beside it by `srcos-validate docs`; edits here are lost. -->

What contracts, and what is stored with them, are held to. `srcos-validate explain RULE` prints the same in a terminal. The rules about
records are in [contracts.md](contracts.md#the-rules) and [set-rules.md](set-rules.md).
"""


def rule_page() -> str:
    """The page."""
    return "\n".join(_page())


def _page() -> Iterator[str]:
    yield _HEAD
    texts = texts_of_checkouts()
    for name, kind in KINDS.items():
        yield f"## {kind.title}\n\nTold by {kind.told_by}.\n"
        rows = [
            [code(rule) + (" (warning)" if about.severity == "warning" else ""), *map(text, (about.message, about.why, about.help))]
            for rule, about in texts.items()
            if about.kind == name
        ]
        yield table(["rule", "what it says", "why", "what to do"], rows)
