"""A second way to a proof: the canonical forms of jsonschema-rs, of which one can say that it covers the other.

That part of the engine is young: it has been seen to hang and to crash. So it is asked in a process of its own, about schemas that
are small and hold nothing that it does not know, and whatever is not a plain yes counts for nothing.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from srcos_contracts.compat.side import Side
from srcos_contracts.contracts.dialects import ignores_beside_references
from srcos_contracts.contracts.vocabulary import ASSERTIONS
from srcos_contracts.exact import exact_text

__all__ = ["covered"]

_MOST_CHARACTERS = 8_000
_MOST_BYTES = 1 << 30
_NOT_KNOWN = frozenset(
    (*ASSERTIONS, "$dynamicRef", "$recursiveRef", "unevaluatedItems", "unevaluatedProperties", "contentEncoding", "contentMediaType")
)
"""Keywords that it does not know, or asserts where other engines do not."""

_PROGRAM = f"""
import decimal, json, sys
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, ({_MOST_BYTES}, {_MOST_BYTES}))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except ImportError:
    pass
import jsonschema_rs
sides = json.loads(sys.stdin.buffer.read(), parse_float=decimal.Decimal)
inner, outer = (jsonschema_rs.canonicalize(schema, offline=True, validate_formats=formats) for schema, formats in sides)
print(outer.covers(inner))
"""


def covered(inner: Side, outer: Side, seconds: float = 1.0) -> bool:
    """Whether the canonical form of `outer` is known to cover that of `inner`. No answer in time, or none at all, is a no."""
    question = [[side.asserted, side.formats] for side in (inner, outer)]
    if not all(_is_known(side) for side in (inner, outer)):
        return False
    try:
        text = exact_text(question)
        if len(text) > _MOST_CHARACTERS:
            return False
        answer = subprocess.run(
            [sys.executable, "-I", "-c", _PROGRAM], input=text.encode(), capture_output=True, timeout=seconds, check=False
        )
    except (OSError, TypeError, ValueError, RecursionError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and answer.stdout.strip() == b"yes"


def _is_known(side: Side) -> bool:
    """Whether all engines would say the same of what a schema asserts. From draft 2019-09 on some go on asserting `dependencies`."""
    doubtful = _NOT_KNOWN if ignores_beside_references(side.dialect) else _NOT_KNOWN | {"dependencies"}
    return doubtful.isdisjoint(_keys(side.asserted))


def _keys(node: Any) -> Iterator[str]:
    """Every name in a schema. One that is that of a member of an object is taken for a keyword, which errs on the safe side."""
    pending = [node]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            yield from node
            pending += node.values()
        elif isinstance(node, list):
            pending += node
