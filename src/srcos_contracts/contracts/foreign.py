"""Any folder of JSON Schemas as a catalog, routed by the constants that its schemas demand."""

from __future__ import annotations

import os
from typing import Any

from srcos_contracts.contracts.bundle import UnresolvableReference, bundle, embedded
from srcos_contracts.contracts.catalog import Catalog, CatalogError, Contract, layout_of, shipped_root
from srcos_contracts.contracts.resources import resources_of
from srcos_contracts.contracts.trace import endless
from srcos_contracts.finding import Finding
from srcos_contracts.pointer import format_pointer
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.wording import quoted

__all__ = ["load"]

_SUFFIX = ".json"
_DIALECTS = frozenset(
    [f"http://json-schema.org/draft-0{number}/schema" for number in (4, 6, 7)]
    + [f"https://json-schema.org/draft/{name}/schema" for name in ("2019-09", "2020-12")]
    + ["https://schemas.srcos.ai/meta/vocabulary.json"]
)
_LOCAL = "https://local.invalid/"
_SCHEMA_MEMBERS = ("$schema", "$id", "properties", "$defs", "definitions", "allOf", "oneOf", "anyOf", "$ref")


def load(root: str) -> Catalog:
    """The schemas of a folder and its subfolders, each a contract named by its `x-contract`, its title or its file.

    Raises CatalogError where the folder holds none, or a schema cannot be read or used.
    """
    documents: dict[str, tuple[str, dict[str, Any]]] = {}
    for file in _files(root):
        document = _read(root, file)
        if document is not None:
            uri = document.get("$id") if isinstance(document.get("$id"), str) else None
            uri = (uri or _LOCAL + file).removesuffix("#")
            if uri in documents:
                raise CatalogError(f"{root}/{file} and {root}/{documents[uri][0]} have one $id: {uri}")
            documents[uri] = (file, document)
    if not documents:
        raise CatalogError(f"{root} holds no JSON Schema")
    resources = {uri: document for uri, (_, document) in documents.items()}
    for uri, document in list(resources.items()):
        for name, resource in embedded(document, uri):
            resources.setdefault(name, resource)
    # A relative reference may mean the neighbouring file even where `$id`s live on another host.
    resources.update({_LOCAL + file: document for file, document in documents.values() if _LOCAL + file not in resources})
    contracts = [_contract(uri, file, document) for uri, (file, document) in documents.items()]
    return _LoadedCatalog(root, contracts, resources)


class _LoadedCatalog(Catalog):
    """A catalog whose bundles are made when they are asked for."""

    def __init__(self, root: str, contracts: list[Contract], resources: dict[str, Any]) -> None:
        super().__init__(root, contracts, root)
        self._resources = resources
        self._bundles = {contract.bundle: contract.uri for contract in contracts}

    def document(self, file: str) -> dict[str, Any]:
        uri = self._bundles.get(file)
        if uri is None:
            return super().document(file)
        _refuse_malformed(self._resources[uri], f"{self.shown}/{file}")
        try:
            bundled = bundle(uri, self._resources)
            loop = endless(resources_of(bundled, uri))
        except UnresolvableReference as error:
            raise CatalogError(f"{self.shown}/{file}: {error}") from error
        if loop is not None:
            raise CatalogError(f"{self.shown}/{file}: the reference {loop} leads only to itself: no validation would end")
        return bundled


def _refuse_malformed(document: dict[str, Any], shown: str) -> None:
    """Raises CatalogError where a document is not valid by the meta-schema of its dialect."""
    import jsonschema_rs

    dialect = str(document.get("$schema", "")).removesuffix("#")
    # The engine would fetch a meta-schema that it does not know.
    if dialect and dialect not in _DIALECTS:
        raise CatalogError(f"{shown}: the dialect {quoted(dialect)} is not known; there are drafts 4, 6, 7, 2019-09 and 2020-12")
    try:
        jsonschema_rs.meta.validate(document)
    except ValueError as error:
        raise CatalogError(f"{shown}: {str(error).splitlines()[0]}") from error


def _refuse_malformed_contract(document: dict[str, Any], shown: str) -> None:
    """Raises CatalogError where a contract is not written in the vocabulary."""
    import json

    from srcos_contracts.contracts.engine import build

    with open(os.path.join(shipped_root(), "meta", "vocabulary.json"), encoding="utf-8") as stream:
        vocabulary = json.load(stream)
    for error in build(vocabulary).iter_errors(document):
        where = format_pointer(error.instance_path) or "its root"
        raise CatalogError(f"{shown}: at {where}: {str(error).splitlines()[0]}")


def _files(root: str) -> list[str]:
    found = []
    for here, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [os.path.relpath(os.path.join(here, name), root).replace(os.sep, "/") for name in sorted(files) if name.endswith(_SUFFIX)]
    return found


def _read(root: str, file: str) -> dict[str, Any] | None:
    shown = f"{root}/{file}"
    try:
        with open(os.path.join(root, file), "rb") as stream:
            value = parse_json(Document(shown, stream.read()))
    except OSError as error:
        raise CatalogError(f"{shown}: {error.strerror}") from error
    if isinstance(value, Finding):
        raise CatalogError(f"{shown}:{value.location.line}:{value.location.column}: {value.message}")
    if not isinstance(value, dict) or not any(member in value for member in _SCHEMA_MEMBERS):
        return None
    if "x-contract" in value:
        _refuse_malformed_contract(value, shown)
    return value


def _contract(uri: str, file: str, document: dict[str, Any]) -> Contract:
    about = document.get("x-contract")
    about = about if isinstance(about, dict) else {}
    name = about.get("name") or document.get("title") or os.path.basename(file).removesuffix(_SUFFIX).removesuffix(".schema")
    discriminator = about.get("discriminator") or _constants(document)
    return Contract(
        str(name).replace(" ", ""),
        str(about.get("version", "")),
        str(document.get("description", "")),
        str(about.get("status", "")),
        str(about.get("owner", "")),
        uri,
        file,
        file,
        tuple((str(key), str(value)) for key, value in discriminator.items()),
        tuple(about.get("paths", ())),
        layout_of(about),
    )


def _constants(document: dict[str, Any]) -> dict[str, str]:
    """The required members that must each be one given string: what tells one kind of record from another."""
    properties, required = document.get("properties"), document.get("required")
    if not isinstance(properties, dict) or not isinstance(required, list):
        return {}
    return {
        name: schema["const"]
        for name, schema in properties.items()
        if name in required and isinstance(schema, dict) and isinstance(schema.get("const"), str)
    }
