"""Schema files as lint sees them: the text, the value, its subschemas, and the folder in which references lead somewhere."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import quote, unquote, urldefrag, urljoin

from srcos_contracts.contracts.applicators import subschemas_of
from srcos_contracts.contracts.bundle import UnresolvableReference, resolve
from srcos_contracts.contracts.catalog import BASE_URI, CATALOG_FILE
from srcos_contracts.contracts.dialects import dialect_of, id_of, is_schema
from srcos_contracts.contracts.resources import Place, joined
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, lookup
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.source import Source, read

__all__ = [
    "GENERATED",
    "LONGEST_CHAIN",
    "Folder",
    "Kind",
    "SchemaFile",
    "Subschema",
    "contracts_above",
    "is_schema",
    "load_folder",
    "read_schema",
    "subschemas",
]

Kind = Literal["contract", "definitions", "stray", "foreign"]
"""A contract, a file of shared definitions, a schema among contracts that is neither, or any other JSON Schema."""

GENERATED = ("bundles", "meta", CATALOG_FILE)
"""What lies among contracts and is none."""

LONGEST_CHAIN = 32
"""References that lead to references: a longer chain is followed no further."""

_DEFINITIONS = "defs"
_LOCAL = "https://local.invalid"
_LEVELS = 5


class Subschema(NamedTuple):
    """A place where a schema stands."""

    path: Path
    schema: Any
    """A mapping, a boolean, or whatever stands there instead."""
    via: tuple[str, ...]
    """The keywords through which it is reached from the root."""
    base: str
    """What its references are relative to."""
    dialect: str | None = None
    """The dialect of what it stands in, or its own; None where none is named."""


class Folder:
    """A folder of schemas: what references may lead to. Unchanging but for what it remembers having looked up."""

    def __init__(self, path: str, documents: Mapping[str, Any]) -> None:
        """`documents` are the folder's schemas by their path under it."""
        self.path = path
        self.contracts: dict[str, dict[str, Any]] = {}
        """The documents that are contracts, by the URI of their path."""
        self._resources: dict[str, Any] = {BASE_URI + file: document for file, document in documents.items()}
        self._named: dict[str, dict[str, Path]] = {}
        self.contracts.update({uri: document for uri, document in self._resources.items() if _is_contract(document)})

    def add(self, uri: str, document: Any) -> None:
        """Makes a document known by one more URI, where that is not taken."""
        self._resources.setdefault(uri, document)

    def resolve(self, base: str, reference: str) -> Place | None:
        """The place that a reference leads to; None where it leads nowhere. Files on disk are read as references ask for them."""
        try:
            uri, fragment = urldefrag(urljoin(base, reference))
            self._load(uri)
            if not fragment or fragment.startswith("/"):
                return resolve(self._resources, base, reference)
        except (UnresolvableReference, ValueError):
            return None
        if uri not in self._named:
            self._named[uri] = dict(_names(self._resources.get(uri), uri))
        path = self._named[uri].get(fragment)
        return None if path is None else Place(uri, path)

    def _load(self, uri: str) -> None:
        if not uri.startswith(_LOCAL) or uri in self._resources:
            return
        path = unquote(uri.removeprefix(_LOCAL), errors="surrogateescape")
        if path.endswith(".json") and os.path.isfile(path):
            item = read_schema(Source(path, path, "json"))
            if isinstance(item, tuple):
                self._resources[uri] = item[1]

    def at(self, place: Place) -> Any:
        """What stands at a place; ABSENT where nothing does."""
        return lookup(self._resources.get(place.uri), place.path)


def _names(document: Any, uri: str) -> Iterator[tuple[str, Path]]:
    """The plain names that subschemas of a document have, for references such as `#name`."""
    for subschema in subschemas(document, uri, False):
        schema = subschema.schema
        if isinstance(schema, dict) and subschema.base == uri:
            # Before draft 2019-09 a name was an $id that is only a fragment, and in draft 4 such an id.
            early = {"draft-04": ("id",), None: ("$id", "id")}.get(subschema.dialect, ("$id",))
            for keyword in ("$anchor", "$dynamicAnchor", *early):
                name = schema.get(keyword)
                if isinstance(name, str) and (keyword not in early or name.startswith("#")):
                    yield name.removeprefix("#"), subschema.path


class SchemaFile(NamedTuple):
    """One schema file, read."""

    document: Document
    value: dict[str, Any]
    kind: Kind
    file: str
    """The path under the folder."""
    folder: Folder
    uri: str
    """Of its `$id`, or for contracts and definitions of its path, which is what `$id` should be."""
    subschemas: tuple[Subschema, ...]

    @property
    def text(self) -> str:
        return self.document.text.decode("utf-8")

    def resolve(self, base: str, reference: str) -> Place | None:
        """The place that a reference in this file leads to, by `$id` or as the path to a neighbouring file.

        A resource within the file, whose URI is then the base, has no neighbours.
        """
        place = self.folder.resolve(base, reference)
        return self.folder.resolve(_on_disk(self.document.file), reference) if place is None and base == self.uri else place


def read_schema(source: Source) -> tuple[Document, Any] | Finding | None:
    """The text and the value of a JSON file; the finding that keeps it from having one."""
    item = next(read(source), None)
    return item if item is None or isinstance(item, Finding) else (Document(source.name, item.text), item.value)


def _is_contract(document: Any) -> bool:
    return isinstance(document, dict) and "x-contract" in document


def contracts_above(path: str, value: Any) -> str | None:
    """The folder of contracts in which a file lies; None where there is none."""
    here = os.path.dirname(os.path.abspath(path))
    folder = here
    for _ in range(_LEVELS):
        marks = (CATALOG_FILE, _DEFINITIONS, os.path.join("meta", "vocabulary.json"))
        if any(os.path.exists(os.path.join(folder, mark)) for mark in marks):
            return folder
        folder = os.path.dirname(folder)
    return os.path.dirname(here) if _is_contract(value) else None


def load_folder(path: str) -> Folder:
    """The schemas of a folder, but for those that are generated; what cannot be read is left out."""
    documents: dict[str, Any] = {}
    for here, folders, files in os.walk(path):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            full = os.path.join(here, name)
            file = os.path.relpath(full, path).replace(os.sep, "/")
            if name.endswith(".json") and file.split("/")[0] not in GENERATED and os.path.isfile(full):
                item = read_schema(Source(full, full, "json"))
                if isinstance(item, tuple) and is_schema(item[1]):
                    documents[file] = item[1]
    return Folder(path, documents)


def place_file(document: Document, value: dict[str, Any], folder: Folder, kind: Kind) -> SchemaFile:
    """A schema file in its folder, whose resources it is added to."""
    file = os.path.relpath(os.path.abspath(document.file), folder.path).replace(os.sep, "/")
    name = value.get("id" if dialect_of(value) == "draft-04" else "$id")
    own = name if isinstance(name, str) and kind == "foreign" else None
    uri = BASE_URI + file if kind in ("contract", "definitions") else _without_fragment(own) if own else _on_disk(document.file)
    found = tuple(subschemas(value, uri, kind != "foreign"))
    folder.add(uri, value)
    folder.add(_on_disk(document.file), value)
    for subschema in found:
        if subschema.base != uri and isinstance(subschema.schema, dict) and id_of(subschema.schema, subschema.dialect) is not None:
            folder.add(subschema.base, subschema.schema)
    return SchemaFile(document, value, kind, file, folder, uri, found)


def _on_disk(path: str) -> str:
    return _LOCAL + quote(os.path.abspath(path).replace(os.sep, "/"), errors="surrogateescape")


def _without_fragment(uri: str) -> str:
    try:
        return urldefrag(uri)[0]
    except ValueError:
        return uri


def subschemas(value: Any, base: str, warnings: bool) -> Iterator[Subschema]:
    """Every place in a document where a schema stands, the root first; with `warnings` also those in `x-warn`."""
    pending = [Subschema((), value, (), base)]
    while pending:
        subschema = pending.pop()
        path, schema, via, base, dialect = subschema
        if isinstance(schema, dict):
            name = id_of(schema, dialect) if path else None
            base = base if name is None else _without_fragment(joined(base, name))
            dialect = dialect_of(schema) or dialect
        yield subschema._replace(base=base, dialect=dialect)
        if isinstance(schema, dict):
            steps = subschemas_of(schema, warnings)
            pending += reversed([Subschema((*path, *step), member, (*via, str(step[0])), base, dialect) for step, member in steps])
