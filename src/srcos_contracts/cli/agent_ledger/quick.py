"""`append`, understood without the option parser, whose import takes longer than an append.

The parser has the same options, for its help; it judges what is not understood here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from srcos_contracts.cli.agent_ledger.append import AppendRequest
from srcos_contracts.cli.agent_ledger.request import LedgerRequest

__all__ = ["APPEND_OPTIONS", "FSYNC", "LEDGER_OPTIONS", "append_request", "ledger_request", "quick_append"]

LEDGER_OPTIONS = ("root", "agent", "session", "source")
"""Options of every command, each with one value."""
APPEND_OPTIONS = ("task", "status", "data", "exit_code", "duration", "ts")
FSYNC = ("never", "interval", "each")
_REPEATED = ("mask", "file")


def ledger_request(values: dict[str, Any]) -> LedgerRequest:
    """Of the values of options, by their names, those that are about the ledger."""
    given = {name: values[name] for name in (*LEDGER_OPTIONS, "fsync", "strict") if values.get(name)}
    return LedgerRequest(**given, mask=tuple(values.get("mask") or ()))


def append_request(values: dict[str, Any]) -> AppendRequest:
    """The same of `append`."""
    given = {name: values[name] for name in (*APPEND_OPTIONS, "lesson") if values.get(name)}
    words = values.get("summary")
    # Words that are empty are said all the same, and judged.
    summary = " ".join(words) if words else None
    return AppendRequest(ledger_request(values), values["event"], summary, files=tuple(values.get("file") or ()), **given)


def quick_append(words: Sequence[str]) -> AppendRequest | None:
    """What a command line asks of `append`; None where it asks for something else, or says it in a way that takes the parser."""
    if len(words) < 2 or words[0] != "append":
        return None
    values: dict[str, Any] = {"mask": [], "file": [], "summary": []}
    positional: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        if not word.startswith("-") or word == "-":
            positional.append(word)
            continue
        name, sign, value = word[2:].partition("=")
        name = name.replace("-", "_")
        if word in ("--lesson", "--strict"):
            values[name] = True
            continue
        if not word.startswith("--") or name not in (*LEDGER_OPTIONS, *APPEND_OPTIONS, *_REPEATED, "fsync"):
            return None
        if not sign:
            found = next(rest, None)
            # A value that begins with a dash, and is no number, is for the parser to judge.
            if found is None or (found.startswith("-") and not found[1:2].isdigit()):
                return None
            value = found
        if name == "fsync" and value not in FSYNC:
            return None
        if name in _REPEATED:
            values[name].append(value)
        else:
            values[name] = value
    if not positional:
        return None
    values["event"], values["summary"] = positional[0], positional[1:]
    return append_request(values)
