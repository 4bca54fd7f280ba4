"""Where in stored files something stands: a case in cases.json, a finding in expected.json, a waiver, a keyword of a schema."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from srcos_contracts.contracts.catalog import Catalog, CatalogError
from srcos_contracts.contracts.resources import resources_of
from srcos_contracts.evolve.cases import CASES_FILE, CaseSet
from srcos_contracts.finding import Location
from srcos_contracts.pointer import Path as Way
from srcos_contracts.reading.document import Document, Syntax, excerpt, line_and_column
from srcos_contracts.reading.locate import locate

__all__ = ["CasePlaces", "place_in", "rule_place", "schema_place"]


def place_in(file: str, way: Way, shown: str | None = None) -> Location:
    """The place of a member of a JSON or YAML file that was read before, or of the nearest thing around it.

    It is the file as a whole where that cannot be read any more.
    """
    syntax: Syntax = "json" if file.endswith(".json") else "yaml"
    name = shown or file
    try:
        text = Path(file).read_bytes()
        decoded = text.decode("utf-8")
    except (OSError, ValueError):
        return Location(name)
    (start, end), _ = locate(Document(name, text, syntax), way)
    return Location(name, *line_and_column(decoded, start), excerpt(decoded, start, end))


def schema_place(catalog: Catalog, uri: str, way: Way) -> Location:
    """The place of a keyword in the schema file that has it."""
    try:
        known = catalog.place(uri, way)
    except CatalogError:
        return Location(catalog.shown)
    return Location(known.file, known.line, known.column)


def rule_place(catalog: Catalog, cases: CaseSet, rule: str) -> Location:
    """The place of an `x-rule` in the contract, or in what it shares with others; where nothing has it, that of the contract."""
    for uri, document in resources_of(catalog.document(cases.contract.bundle), cases.contract.uri).items():
        way = _rule_in(document, rule)
        if way is not None:
            return schema_place(catalog, uri, way)
    return schema_place(catalog, cases.contract.uri, ())


def _rule_in(schema: Any, rule: str) -> Way | None:
    if isinstance(schema, dict) and isinstance(schema.get("x-rule"), dict) and schema["x-rule"].get("id") == rule:
        return ("x-rule", "id")
    members = schema.items() if isinstance(schema, dict) else enumerate(schema) if isinstance(schema, list) else ()
    for key, member in members:
        inner = _rule_in(member, rule)
        if inner is not None:
            return (key, *inner)
    return None


class CasePlaces:
    """The lines of a contract's cases."""

    def __init__(self, cases: CaseSet) -> None:
        self._cases = cases

    def of(self, name: str) -> Location:
        """The place of a case; that of the file, of which cases.json knows nothing; else that of cases.json as a whole."""
        way = self._ways.get(name)
        if way is not None:
            return place_in(self._file, way)
        example = os.path.join(self._cases.folder, name)
        return Location(example if os.path.isfile(example) else self._file)

    @property
    def _file(self) -> str:
        return str(self._cases.folder / CASES_FILE)

    @cached_property
    def _ways(self) -> Mapping[str, Way]:
        """Where in cases.json the names stand; of one that stands there twice the second."""
        try:
            stored = json.loads(Path(self._file).read_bytes())
        except (OSError, ValueError):
            return {}
        files = {entry["file"]: ("files", number, "file") for number, entry in enumerate(stored["files"])}
        return {**files, **{entry["name"]: ("cases", number, "name") for number, entry in enumerate(stored["cases"])}}
