"""The lines that are spoken with a validator under test, each a JSON value (schemas/meta/conformance-lines.json).

We greet, then ask, one line a case; it greets back with its first line, then answers, one line a case, in any order.
"""

from __future__ import annotations

import json
import os
from functools import lru_cache
from typing import Any

from srcos_contracts.contracts.catalog import shipped_root
from srcos_contracts.contracts.engine import build
from srcos_contracts.evolve.cases import Told
from srcos_contracts.evolve.conformance import Level, Suite, SuiteCase
from srcos_contracts.exact import exact_text
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import ABSENT, format_pointer
from srcos_contracts.reading.json_text import decode
from srcos_contracts.refusal import Refusal
from srcos_contracts.wording import cut, show

__all__ = ["FORM", "PROTOCOL", "Answer", "NoAnswer", "answer_in", "client_in", "greeting", "question"]

PROTOCOL = 1
FORM = "conformance-lines.json"
_MEMBERS: dict[Level, str] = {"schema": "valid", "verdict": "valid", "findings": "findings"}


class NoAnswer(Refusal):
    """What a validator wrote is not what the protocol lets it write. The text follows the number of the line."""


class Answer(NamedTuple):
    """What a validator says of a case."""

    id: str
    valid: bool | None = None
    findings: frozenset[Told] | None = None
    error: str = ""
    """Why it has no verdict."""


def greeting(suite: Suite, level: Level, cases: int) -> str:
    """The first line that a validator is told."""
    return exact_text({"protocol": PROTOCOL, "level": level, "cases": cases, "schemas": dict(suite.schemas)})


def question(case: SuiteCase) -> str:
    """The line that asks about a case."""
    return exact_text(
        {
            "id": case.id,
            "contract": case.contract.name,
            "version": case.contract.version,
            "schema": case.contract.uri,
            "path": case.path,
            **({"parts": dict(case.parts)} if case.parts else {}),
            **({"record": case.record} if case.record is not ABSENT else {}),
            **({"form": case.form, "text": case.text} if case.text is not None else {}),
        }
    )


def client_in(line: bytes) -> str:
    """The name that a validator gives itself in its first line. Raises NoAnswer."""
    value = _value(line)
    if not _form("client").is_valid(value):
        said = value.get("protocol") if isinstance(value, dict) else None
        if isinstance(said, int) and said != PROTOCOL and "client" in value:
            raise NoAnswer(f"speaks protocol {said}, and this is {PROTOCOL}")
        raise NoAnswer(f'is to be {{"protocol": {PROTOCOL}, "client": "<name and version>"}}, and is {_shown(line)}')
    name: str = value["client"]
    return name


def answer_in(line: bytes, level: Level) -> Answer:
    """The answer that a line is at this level. Raises NoAnswer."""
    value = _value(line)
    form = _form("answer")
    if not form.is_valid(value):
        wrong = max(form.iter_errors(value), key=lambda error: len(error.instance_path))
        place = format_pointer(wrong.instance_path)
        raise NoAnswer(f"is no answer: {_shown(line)}: {f'{place}: ' if place else ''}{cut(wrong.message, 160)}")
    member = _MEMBERS[level]
    if "error" not in value and member not in value and not (level == "verdict" and "findings" in value):
        raise NoAnswer(f"has no {member}, which is what is asked for at the level {level}: {_shown(line)}")
    if "findings" not in value:
        return Answer(value["id"], value.get("valid"), None, value.get("error", ""))
    findings = frozenset(
        Told(found["rule"], found["pointer"], found.get("severity", "error"), found.get("line", 0)) for found in value["findings"]
    )
    return Answer(value["id"], all(found.severity != "error" for found in findings), findings)


def _value(line: bytes) -> Any:
    try:
        return decode(line)
    except ValueError:
        raise NoAnswer(f"is not JSON: {_shown(line)}") from None


def _shown(line: bytes) -> str:
    return show(line.decode("utf-8", "replace"))


@lru_cache
def _form(name: str) -> Any:
    with open(os.path.join(shipped_root(), "meta", FORM), encoding="utf-8") as stream:
        lines = json.load(stream)
    return build({"$ref": f"#/$defs/{name}", "$defs": lines["$defs"]})
