"""The schemas of several files as resources whose references lead to one another, by `$id` or by the path of the file."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Set
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from srcos_contracts.contracts.bundle import objects
from srcos_contracts.contracts.catalog import LOCAL_URI, CatalogError, local_uri
from srcos_contracts.contracts.dialects import dialect_of
from srcos_contracts.contracts.embedding import embedded
from srcos_contracts.contracts.plain_names import with_plain_names
from srcos_contracts.named import NamedTuple

__all__ = ["Linked", "Schema", "apart", "linked", "neighbours"]


class Schema(NamedTuple):
    """A schema document, with its URI and the path of its file."""

    uri: str
    file: str
    document: dict[str, Any]


class Linked(NamedTuple):
    """Schemas whose references lead to one another."""

    schemas: list[Schema]
    resources: dict[str, Any]
    """All schemas by their URI, also those within others."""
    copies: list[str]
    """Files that are the same as another one."""


def linked(root: str, found: list[tuple[str, dict[str, Any]]]) -> Linked:
    """The schemas of files, each with its path under `root`.

    Raises CatalogError where there is none, or two that differ have one `$id`.
    """
    documents: dict[str, Schema] = {}
    copies: list[str] = []
    for file, document in found:
        uri = _uri(document, file)
        known = documents.get(uri)
        if known is None:
            documents[uri] = Schema(uri, file, with_plain_names(document, dialect_of(document)))
        elif known.document == with_plain_names(document, dialect_of(document)):
            copies.append(file)
        else:
            raise _ambiguous([file, known.file], uri, root)
    if not documents:
        raise CatalogError(f"{root} holds no JSON Schema")
    schemas = _with_absolute_references(documents)
    resources: dict[str, Any] = {schema.uri: schema.document for schema in schemas}
    for schema in schemas:
        for name, resource in embedded(schema.document, schema.uri):
            resources.setdefault(name, resource)
    return Linked(schemas, resources, copies)


def apart(found: list[tuple[str, dict[str, Any]]], shown: str) -> tuple[list[tuple[str, dict[str, Any]]], dict[str, CatalogError]]:
    """The files whose `$id` is theirs alone, or is that of copies, and what is wrong with the others: which of them is meant?"""
    by_uri: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for file, document in found:
        by_uri.setdefault(_uri(document, file), []).append((file, document))
    kept: list[tuple[str, dict[str, Any]]] = []
    problems: dict[str, CatalogError] = {}
    for uri, files in by_uri.items():
        if all(document == files[0][1] for _, document in files):
            kept += files
        else:
            problems.update(dict.fromkeys((file for file, _ in files), _ambiguous([file for file, _ in files], uri, shown)))
    return kept, problems


def _ambiguous(files: list[str], uri: str, shown: str) -> CatalogError:
    return CatalogError(f"{' and '.join(f'{shown}/{file}' for file in files)} have one $id, {uri}, and are not the same: keep one of them")


def neighbours(document: dict[str, Any], file: str) -> Iterator[str]:
    """The paths to which the references of a schema lead, taken as relative to its file."""
    for holder in (document, *(resource for _, resource in embedded(document, LOCAL_URI))):
        for _, node in objects(holder, dialect=dialect_of(document)):
            reference = node.get("$ref")
            if isinstance(reference, str) and not reference.startswith("#"):
                near = _path_of(reference, file)
                if near is not None:
                    yield near


def _path_of(reference: str, file: str) -> str | None:
    """The file to which a reference leads as a relative path; None where it is none."""
    try:
        parts = urlsplit(reference)
    except ValueError:
        return None
    if parts.scheme or parts.netloc:
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), unquote(parts.path, errors="surrogateescape")))


def _uri(document: Mapping[str, Any], file: str) -> str:
    named = document.get("id" if dialect_of(document) == "draft-04" else "$id")
    return named.removesuffix("#") if isinstance(named, str) and not named.startswith("#") else local_uri(file)


def _with_absolute_references(documents: Mapping[str, Schema]) -> list[Schema]:
    """The schemas, with an `$id` each, and with references by path in the form in which they lead to a schema's URI."""
    by_file = {schema.file: schema.uri for schema in documents.values()}
    known = {*documents, *(name for schema in documents.values() for name, _ in embedded(schema.document, schema.uri))}
    found = []
    for schema in documents.values():
        moved: dict[int, str] = {}
        for _, node in objects(schema.document):
            reference = node.get("$ref")
            if isinstance(reference, str) and not reference.startswith("#"):
                target = _target(schema, reference, by_file, known)
                if target is not None:
                    moved[id(node)] = target
        document = _moved(schema.document, moved) if moved else schema.document
        identity = "id" if dialect_of(document) == "draft-04" else "$id"
        found.append(schema._replace(document=document if document.get(identity) else {identity: schema.uri, **document}))
    return found


def _target(schema: Schema, reference: str, by_file: Mapping[str, str], known: Set[str]) -> str | None:
    """The absolute form of a reference that leads nowhere as it stands, where a file lies at its path."""
    try:
        uri, fragment = urldefrag(urljoin(schema.uri, reference))
    except ValueError:
        return None
    if uri in known and not uri.startswith(LOCAL_URI):
        return None
    file = _path_of(reference, schema.file) or ""
    target = uri if uri in known else by_file.get(file)
    return f"{target}#{fragment}" if target is not None and fragment else target


def _moved(node: Any, moved: Mapping[int, str]) -> Any:
    if isinstance(node, dict):
        copy = {key: _moved(member, moved) for key, member in node.items()}
        if id(node) in moved:
            copy["$ref"] = moved[id(node)]
        return copy
    return [_moved(item, moved) for item in node] if isinstance(node, list) else node
