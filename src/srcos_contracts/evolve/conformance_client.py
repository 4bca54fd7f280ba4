"""Our own engines as validators under test: `python -m srcos_contracts.evolve.conformance_client --engine reference`.

They know of contracts what the greeting says, and nothing else.
"""

from __future__ import annotations

import argparse
import copy
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, get_args

from srcos_contracts.checking import Demands, check_source, check_value
from srcos_contracts.contracts.bundle import objects
from srcos_contracts.contracts.catalog import Catalog, Contract, paths_of
from srcos_contracts.contracts.embedding import embedded
from srcos_contracts.contracts.judge import EngineName, Judge
from srcos_contracts.contracts.vocabulary import ASSERTIONS
from srcos_contracts.evolve.protocol import PROTOCOL
from srcos_contracts.finding import Finding, SchemaPlace
from srcos_contracts.installed import installed_version
from srcos_contracts.pointer import Path, format_pointer
from srcos_contracts.reading.json_text import decode
from srcos_contracts.reading.source import Source, read

__all__ = ["main", "replies"]

_Schemas = Mapping[str, dict[str, Any]]
_OURS = (*ASSERTIONS, "x-warn")


class _Greeted(Catalog):
    """The contracts of a greeting."""

    def __init__(self, schemas: _Schemas) -> None:
        super().__init__("", [_contract(uri, schema.get("x-contract", {})) for uri, schema in schemas.items()])
        self._schemas = schemas

    def document(self, file: str) -> dict[str, Any]:
        return self._schemas[file]

    def place(self, uri: str, path: Path) -> SchemaPlace:
        return SchemaPlace(uri, 0, 0, format_pointer(path))


def _contract(uri: str, about: Mapping[str, Any]) -> Contract:
    return Contract(about.get("name", uri), about.get("version", ""), "", "", "", uri, uri, uri, (), *paths_of(about))


def replies(lines: Iterable[bytes], engine: EngineName) -> Iterator[str]:
    """What an engine answers to the lines that it is told. Raises ValueError where they are not those of the protocol."""
    told = iter(lines)
    # Schemas are read as the catalog reads them; only records need their numbers exact.
    greeting = json.loads(next(told, b"null"))
    if not isinstance(greeting, dict) or greeting.get("protocol") != PROTOCOL:
        raise ValueError(f"the first line is to be the greeting of protocol {PROTOCOL}")
    yield json.dumps({"protocol": PROTOCOL, "client": f"srcos-contracts {installed_version() or 'from its sources'}, engine {engine}"})
    schemas: _Schemas = greeting["schemas"]
    if greeting["level"] == "schema":
        plain = {uri: Judge(_plain(uri, schema), uri, engine) for uri, schema in schemas.items()}
        for question in map(decode, told):
            yield json.dumps({"id": question["id"], "valid": plain[question["schema"]].accepts(question["record"])})
        return
    catalog = _Greeted(schemas)
    demands = {contract.uri: Demands(contract, engine) for contract in catalog.contracts}
    for question in map(decode, told):
        numbered = question.get("form") == "jsonl"
        found = [_finding(finding, numbered) for finding in _findings(catalog, demands[question["schema"]], question)]
        yield json.dumps({"id": question["id"], "findings": found})


def _findings(catalog: Catalog, demands: Demands, question: Mapping[str, Any]) -> Iterator[Finding]:
    path = question["path"]
    if "text" not in question:
        yield from check_value(catalog, question["record"], demands, path)
        return
    source = Source(path, path, question["form"])
    content = question["text"].encode("utf-8")
    yield from check_source(catalog, source, demands, reading=partial(read, content=content))


def _finding(finding: Finding, numbered: bool) -> dict[str, Any]:
    line = {"line": finding.location.line} if numbered and finding.location.line else {}
    return {"rule": finding.rule, "pointer": finding.pointer, "severity": finding.severity, **line}


def _plain(uri: str, schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without what only we understand."""
    made = copy.deepcopy(schema)
    for resource in [made, *(resource for _, resource in embedded(made, uri))]:
        for _, node in list(objects(resource)):
            for keyword in _OURS:
                node.pop(keyword, None)
    return made


def main() -> None:
    """Answers what comes on standard input on standard output, until it ends."""
    parser = argparse.ArgumentParser(prog="python -m srcos_contracts.evolve.conformance_client", description=__doc__)
    parser.add_argument("--engine", choices=get_args(EngineName), default="rust")
    try:
        for reply in replies(sys.stdin.buffer, parser.parse_args().engine):
            print(reply, flush=True)
    except BrokenPipeError:
        # Whoever asked is gone; what is left to write has nowhere to go.
        os._exit(1)
    except (KeyError, ValueError) as error:
        sys.exit(f"error: this is not what the protocol says: {error!r}")


if __name__ == "__main__":
    main()
