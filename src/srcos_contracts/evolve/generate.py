"""What is generated from contracts beside their sources: the self-contained forms and the catalog, and a catalog of sources alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from srcos_contracts.contracts.bundle import UnresolvableReference, bundle
from srcos_contracts.contracts.catalog import BASE_URI, CATALOG_FILE, Catalog, CatalogError, Contract, contract_of, has_catalog
from srcos_contracts.explanation import SAMPLES_FILE
from srcos_contracts.finding import Finding
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.json_text import parse_json

__all__ = ["BUNDLES", "catalog_of_sources", "catalog_to_test", "generate"]

BUNDLES = "bundles"
_MALFORMED = "x-contract does not have the form of the vocabulary; srcos-validate lint says why"
_NO_CONTRACTS = {BUNDLES, "meta", CATALOG_FILE, SAMPLES_FILE}


def generate(schemas: Path) -> dict[str, str]:
    """Paths under a folder of contracts and the texts that belong there.

    Raises CatalogError where a schema cannot be read, is not strict JSON, lacks its `$id`, or refers to nothing.
    """
    bundles, entries = _made(schemas)
    catalog = {"$schema": "https://json.schemastore.org/schema-catalog.json", "version": 1, "schemas": entries}
    return {**bundles, CATALOG_FILE: _dump(catalog)}


def catalog_of_sources(schemas: str, shown: str | None = None) -> Catalog:
    """The contracts of a folder as their sources say, whatever lies in catalog.json and in bundles/.

    `shown` is how findings name the folder. Raises CatalogError where it holds no contract, or one that cannot be used.
    """
    catalog = _catalog(schemas, shown or schemas)
    if catalog is None:
        raise CatalogError(f"{schemas} holds no contract")
    return catalog


def catalog_to_test(schemas: str) -> Catalog:
    """The contracts of a folder as whoever edits them has them at hand: where bundles are generated from sources, the sources.

    Raises CatalogError where the folder cannot be used.
    """
    return (_catalog(schemas, schemas) if has_catalog(schemas) else None) or Catalog.at(schemas)


def _catalog(schemas: str, shown: str) -> Catalog | None:
    bundles, entries = _made(Path(schemas))
    try:
        contracts = [contract_of(entry) for entry in entries]
    except (AttributeError, KeyError, TypeError) as error:
        raise CatalogError(f"{schemas}: {_MALFORMED}") from error
    return _CatalogOfSources(schemas, shown, contracts, bundles) if contracts else None


class _CatalogOfSources(Catalog):
    """A catalog whose bundles are not on disk, or not as they stand there."""

    def __init__(self, root: str, shown: str, contracts: Sequence[Contract], bundles: Mapping[str, str]) -> None:
        super().__init__(root, contracts, shown)
        self._bundles = bundles

    def text(self, file: str) -> str:
        bundled = self._bundles.get(file)
        return super().text(file) if bundled is None else bundled


def _made(schemas: Path) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The texts of the bundles by their paths, and the entries of the catalog."""
    resources: dict[str, Any] = {}
    for path in sorted(schemas.rglob("*.json")):
        file = path.relative_to(schemas).as_posix()
        if file.split("/")[0] in _NO_CONTRACTS:
            continue
        document = _document(path)
        if not isinstance(document, dict) or document.get("$id") != BASE_URI + file:
            named = document.get("$id") if isinstance(document, dict) else None
            raise CatalogError(f"{path}: $id must be {BASE_URI + file}" + ("" if named is None else f", it is {named}"))
        resources[BASE_URI + file] = document
    texts, entries = {}, []
    for uri, document in resources.items():
        if "x-contract" not in document:
            continue
        file = uri.removeprefix(BASE_URI)
        try:
            bundled = bundle(uri, resources)
        except UnresolvableReference as error:
            raise CatalogError(str(error)) from error
        texts[f"{BUNDLES}/{file}"] = _dump(bundled)
        entries.append(_entry(document, uri, file))
    return texts, entries


def _document(path: Path) -> Any:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise CatalogError(f"{path} cannot be read: {error.strerror}") from error
    fault = parse_json(Document(str(path), text))
    if isinstance(fault, Finding):
        raise CatalogError(f"{path}:{fault.location.line}:{fault.location.column}: {fault.message}")
    # The strict reader keeps numbers exact, in a form that is not written back as it was.
    return json.loads(text)


def _entry(document: dict[str, Any], uri: str, file: str) -> dict[str, Any]:
    about = document["x-contract"]
    try:
        return {
            "name": f"{about['name']} {about['version']}",
            "description": document.get("description", ""),
            "url": uri,
            "fileMatch": [_as_glob(pattern) for pattern in about.get("paths", ())],
            "x-contract": {**about, "file": file, "bundle": f"{BUNDLES}/{file}"},
        }
    except (AttributeError, KeyError, TypeError) as error:
        raise CatalogError(f"{file}: {_MALFORMED}") from error


def _as_glob(pattern: str) -> str:
    # An exclusion is written the same way in both languages.
    sign, pattern = ("!", pattern[1:]) if pattern.startswith("!") else ("", pattern)
    return f"{sign}**/" + "".join(part if index % 2 == 0 else "*" for index, part in enumerate(pattern.replace("}", "{").split("{")))


def _dump(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
