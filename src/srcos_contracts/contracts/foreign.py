"""Any folder of JSON Schemas as a catalog, routed by the constants that its schemas demand."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping
from typing import Any

from srcos_contracts.contracts.bundle import UnresolvableReference, bundle, objects, resolve
from srcos_contracts.contracts.catalog import (
    LOCAL_URI,
    LOCK_FILE,
    Catalog,
    CatalogError,
    Claim,
    Contract,
    Unreached,
    paths_of,
    shipped_root,
    shown_uri,
)
from srcos_contracts.contracts.dialects import DEFINITIONS, dialect_of, is_schema
from srcos_contracts.contracts.embedding import ambiguous, embedded
from srcos_contracts.contracts.judge import NEVER
from srcos_contracts.contracts.linking import Schema, apart, linked, neighbours
from srcos_contracts.contracts.resources import resources_of
from srcos_contracts.contracts.trace import REFERENCES, endless
from srcos_contracts.finding import Finding
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, format_pointer, lookup
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.reading.regular import content_of
from srcos_contracts.wording import cut, quoted

__all__ = [
    "LOCK_FILE",
    "VENDORED_BESIDE",
    "Usable",
    "all_constants",
    "load",
    "load_what_can_be",
    "named_in",
    "only_defines",
    "telling_constants",
]

VENDORED_BESIDE = ("examples", "rules", "views")
"""Folders of such a folder that hold no schemas: their files are whatever examples and rules are."""
_SUFFIX = ".json"
_DIALECTS = frozenset(
    [f"http://json-schema.org/draft-0{number}/schema" for number in (4, 6, 7)]
    + [f"https://json-schema.org/draft/{name}/schema" for name in ("2019-09", "2020-12")]
    + ["https://schemas.srcos.ai/meta/vocabulary.json"]
)
_ANNOTATING = frozenset(("$schema", "$id", "id", "$comment", "$vocabulary", "title", "description", "examples", *DEFINITIONS))
_NAME = re.compile(r"[A-Za-z][\w.-]{0,63}")

_NO_SCHEMA = "no JSON Schema"
_COPY = "the same as another file"
_UNROUTED = "reached only by --contract, for no constant tells their records apart"


def load(root: str) -> Catalog:
    """The schemas of a folder and its subfolders, each a contract named by its `x-contract`, its title or its file.

    What is hidden, a file or a folder, is not looked at. A reference leads to the schema with that `$id`, or else to the file with
    that relative path. What records cannot reach is in the catalog's `unreached`. Of one schema file that is named itself, the catalog
    has that contract only, and it claims every record. Raises CatalogError where there is no schema, or one cannot be read or used.
    """
    if os.path.isfile(root):
        return _load_one(root)
    if not os.path.isdir(root):
        raise CatalogError(f"{root} does not exist" if not os.path.lexists(root) else f"{root} is neither a folder nor a file")
    found = [(file, _read(root, file)) for file in _files(root)]
    telling = [(file, value) for file, value in found if is_schema(value)]
    if not telling:
        raise CatalogError(f"{root} holds no JSON Schema")
    others = {file: value for file, value in found if not is_schema(value)}
    schemas, resources, copies = linked(root, [*telling, *_without_names(others)])
    unreached = [Unreached(file, _NO_SCHEMA) for file, value in others.items() if _as_object(value) is None]
    unreached += [Unreached(file, _COPY) for file in copies]
    asserting = [schema for schema in schemas if schema.file not in others and not only_defines(schema.document)]
    contracts = _unambiguous(_named_apart([_contract(schema, resources) for schema in asserting]))
    unreached += [Unreached(contract.name, _UNROUTED) for contract in contracts if not contract.discriminator and not contract.paths]
    return _LoadedCatalog(root, contracts, resources, {schema.uri: schema.file for schema in schemas}, tuple(unreached))


class Usable(NamedTuple):
    """What of a folder of schemas can be used."""

    catalog: Catalog | None
    """None where there is no schema that can be used, silent ones set aside."""
    problems: dict[str, CatalogError]
    """What is wrong with the others, by file."""
    silent: frozenset[str]
    """Files that are no contracts, for they demand nothing, or look like schemas only to those who know that they are."""


def load_what_can_be(root: str, shown: str, passed_over: Container[str] = (), contracts_too: Container[str] = ()) -> Usable:
    """The schemas of a folder that can be used, whatever is wrong with others.

    `shown` is how messages name the folder, `passed_over` are folders and files directly below it that hold no schemas of their own,
    `contracts_too` silent files that are to be contracts.
    The schemas themselves are not judged here: the catalog does that where one is asked for.
    """
    problems: dict[str, CatalogError] = {}
    found: list[tuple[str, dict[str, Any]]] = []
    silent: dict[str, Any] = {}
    for file in _files(root):
        if file.split("/")[0] in passed_over:
            continue
        try:
            value = _read(root, file, shown)
        except CatalogError as error:
            problems[file] = error
            continue
        document = _as_object(value)
        if document is not None and (not is_schema(value) or only_defines(document)) and file not in contracts_too:
            silent[file] = value
        if document is not None and (is_schema(value) or file in contracts_too):
            found.append((file, document))
    kept, ambiguous = apart(found, shown)
    problems.update(ambiguous)
    if not kept:
        return Usable(None, problems, frozenset(silent))
    others = {file: value for file, value in silent.items() if not is_schema(value)}
    schemas, resources, copies = linked(shown, [*kept, *_without_names(others)])
    unreached = tuple(Unreached(file, _COPY) for file in copies)
    contracts = _named_apart([_contract(schema, resources) for schema in schemas if schema.file not in silent])
    catalog = _LoadedCatalog(root, contracts, resources, {schema.uri: schema.file for schema in schemas}, unreached)
    catalog.shown = shown
    return Usable(catalog, problems, frozenset(silent))


def _load_one(path: str) -> Catalog:
    root, name = os.path.split(path)
    root = root or os.curdir
    found: dict[str, dict[str, Any]] = {}
    pending = [name]
    while pending:
        file = pending.pop()
        document = _as_object(_read(root, file))
        if document is None or file in found:
            continue
        found[file] = document
        pending += [near for near in neighbours(document, file) if near not in found and os.path.isfile(os.path.join(root, near))]
    if not found:
        raise CatalogError(f"{path} holds no JSON Schema")
    schemas, resources, _ = linked(root, list(found.items()))
    contract = next(_contract(schema, resources) for schema in schemas if schema.file == name)
    catalog = _LoadedCatalog(path, [contract], resources, {schema.uri: schema.file for schema in schemas}, (), contract)
    catalog.folder = catalog.shown = root
    return catalog


def _without_names(values: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Of files that do not look like schemas those to which a reference may lead by their path, as what it finds there."""
    for file, value in values.items():
        document = _as_object(value)
        if document is not None and "$id" not in document:
            yield file, document


def only_defines(document: Mapping[str, Any]) -> bool:
    """Whether a schema asserts nothing itself: it is there for others to refer to."""
    return document.keys() <= _ANNOTATING


def _named_apart(contracts: list[Contract]) -> list[Contract]:
    """The contracts, with names that tell them apart: those that share one are named by their file."""
    counts = Counter((contract.name, contract.version) for contract in contracts)
    return [
        contract if counts[contract.name, contract.version] == 1 else contract._replace(name=contract.file.removesuffix(_SUFFIX))
        for contract in contracts
    ]


def _unambiguous(contracts: list[Contract]) -> list[Contract]:
    """The contracts, without the discriminators that several have: which one is meant cannot be told."""
    # In JSON true is not 1, but to Python it is.
    keys = [frozenset((name, constant, constant.__class__) for name, constant in contract.discriminator) for contract in contracts]
    counts = Counter(keys)
    return [contract if counts[key] == 1 else contract._replace(discriminator=()) for contract, key in zip(contracts, keys, strict=True)]


class _LoadedCatalog(Catalog):
    """A catalog whose bundles are made when they are asked for."""

    def __init__(
        self,
        root: str,
        contracts: list[Contract],
        resources: Mapping[str, Any],
        files: Mapping[str, str],
        unreached: tuple[Unreached, ...],
        only: Contract | None = None,
    ) -> None:
        """`resources` are the schemas by their URI, also those within others; `files` those that are files.

        `only` claims every record.
        """
        super().__init__(root, contracts, root, unreached)
        self._resources = resources
        self._files = files
        self._bundles = {contract.bundle: contract.uri for contract in contracts}
        self._only = only

    def claim(self, record: Any, file: str = "") -> Claim | None:
        claim = super().claim(record, file)
        return Claim(self._only) if claim is None and self._only is not None else claim

    def document(self, file: str) -> dict[str, Any]:
        uri = self._bundles.get(file)
        if uri is None:
            return super().document(file)
        fault = next(filter(None, map(_malformed_part, _by_dialect(self._resources[uri]))), None)
        if fault is not None:
            raise CatalogError(f"{self._where(uri, fault[0])}: {fault[1]}")
        twice = ambiguous(self._resources[uri], uri)
        if twice is not None:
            raise CatalogError(
                f"{self._where(uri, twice[1])}: {shown_uri(twice[0])} names two schemas that are not the same: give each its own name"
            )
        try:
            bundled = bundle(uri, self._resources)
            loop = endless(resources_of(bundled, uri))
        except UnresolvableReference as error:
            path = next((way for way, node in objects(self._resources.get(error.base)) if error.reference in _references(node)), ())
            shown = f"{self.shown}/{self._files[error.base]}" if error.base in self._files and error.base.startswith(LOCAL_URI) else ""
            told = UnresolvableReference(error.reference, error.base, shown)
            raise CatalogError(f"{self._where(error.base, path, file)}: {told}") from error
        if loop is not None:
            nodes = objects(self._resources[uri])
            ways = ((*way, keyword) for way, node in nodes for keyword in REFERENCES if node.get(keyword) == loop)
            path = next(ways, ())
            raise CatalogError(f"{self._where(uri, path, file)}: the reference {loop} leads only to itself: no validation would end")
        return bundled

    def _refuse_changed(self, file: str, content: bytes) -> None:
        """Refuses nothing: the schemas are in use as they are, and their lines are to be shown. Lint tells of what was changed."""

    def _where(self, uri: str, path: Path, file: str = "") -> str:
        """A place in a schema for a message; the file alone where it cannot be found."""
        try:
            place = self.place(uri, path)
        except CatalogError:
            return f"{self.shown}/{file}"
        return f"{place.file}:{place.line}:{place.column}"

    def _origin(self, uri: str) -> tuple[str, Path]:
        if uri in self._files:
            return self._files[uri], ()
        within = self._resources.get(uri)
        for name, file in self._files.items():
            path = _path_to(within, self._resources[name])
            if path is not None:
                return file, path
        return super()._origin(uri)


def _path_to(target: Any, node: Any) -> Path | None:
    """Where the very object `target` stands in a document."""
    if node is target:
        return ()
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, member in members:
        path = _path_to(target, member)
        if path is not None:
            return (key, *path)
    return None


def _references(schema: Mapping[str, Any]) -> list[Any]:
    return [schema.get(keyword) for keyword in REFERENCES]


def _by_dialect(document: dict[str, Any]) -> list[tuple[Path, dict[str, Any]]]:
    """A schema, and the resources in it that name another dialect, each without those, and with its place."""
    apart = [schema for _, schema in embedded(document, "") if dialect_of(schema) not in (None, dialect_of(document))]
    if not apart:
        return [((), document)]
    places = [(_path_to(schema, document) or (), schema) for schema in apart]
    return [(path, _without(schema, apart)) for path, schema in (((), document), *places)]


def _without(schema: dict[str, Any], others: list[dict[str, Any]]) -> Any:
    def copied(node: Any) -> Any:
        if any(node is other and node is not schema for other in others):
            return {}
        if isinstance(node, dict):
            return {key: copied(member) for key, member in node.items()}
        return [copied(item) for item in node] if isinstance(node, list) else node

    return copied(schema)


def _malformed_part(part: tuple[Path, dict[str, Any]]) -> tuple[Path, str] | None:
    fault = _malformed(part[1])
    return fault and ((*part[0], *fault[0]), fault[1])


def _malformed(document: dict[str, Any]) -> tuple[Path, str] | None:
    """Where, and why, a document is not valid by the meta-schema of its dialect."""
    import jsonschema_rs

    dialect = str(document.get("$schema", "")).removesuffix("#")
    # The engine would fetch a meta-schema that it does not know.
    if dialect and dialect not in _DIALECTS:
        return ("$schema",), f"the dialect {quoted(dialect)} is not known; there are drafts 4, 6, 7, 2019-09 and 2020-12"
    try:
        jsonschema_rs.meta.validate(document)
    except jsonschema_rs.ValidationError as error:
        return tuple(error.instance_path), _said(error)
    except ValueError as error:
        return (), _said(error)
    return None


def _said(error: Exception) -> str:
    return cut(str(error).splitlines()[0], 200)


def _refuse_malformed_contract(document: dict[str, Any], shown: str, text: bytes) -> None:
    """Raises CatalogError where a contract is not written in the vocabulary."""
    import json

    from srcos_contracts.contracts.engine import build
    from srcos_contracts.reading.document import line_and_column
    from srcos_contracts.reading.locate import locate

    with open(os.path.join(shipped_root(), "meta", "vocabulary.json"), encoding="utf-8") as stream:
        vocabulary = json.load(stream)
    for error in build(vocabulary).iter_errors(document):
        path = tuple(error.instance_path)
        line, column = line_and_column(text.decode("utf-8"), locate(Document(shown, text), path)[0][0])
        raise CatalogError(f"{shown}:{line}:{column}: at {format_pointer(path) or 'its root'}: {_said(error)}")


def _files(root: str) -> list[str]:
    found = []
    for here, folders, files in os.walk(root):
        beside = VENDORED_BESIDE if LOCK_FILE in files else ()
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in beside)
        named = [name for name in sorted(files) if name.endswith(_SUFFIX) and not name.startswith(".")]
        found += [os.path.relpath(os.path.join(here, name), root).replace(os.sep, "/") for name in named]
    return found


def _read(root: str, file: str, shown: str = "") -> Any:
    """The JSON value of a file. Raises CatalogError, also for a contract that is not written in the vocabulary."""
    shown = f"{shown or root}/{file}"
    try:
        text = content_of(os.path.join(root, file))
    except OSError as error:
        raise CatalogError(f"{shown}: {error.strerror}") from error
    value = parse_json(Document(shown, text))
    if isinstance(value, Finding):
        raise CatalogError(f"{shown}:{value.location.line}:{value.location.column}: {value.message}")
    if isinstance(value, dict) and "x-contract" in value:
        _refuse_malformed_contract(value, shown, text)
    return value


def _as_object(value: Any) -> dict[str, Any] | None:
    """What was named as a schema, as an object: a boolean schema as one that says the same. None where it is no schema."""
    if isinstance(value, bool):
        return {} if value else dict(NEVER)
    return value if is_schema(value, True) else None


def named_in(document: Mapping[str, Any], file: str) -> tuple[str, str]:
    """The name and the version of the contract that a schema is, by its `x-contract`, its title or its file."""
    about = document.get("x-contract")
    about = about if isinstance(about, dict) else {}
    title = str(document.get("title", "")).replace(" ", "")
    name = about.get("name") or (title if _NAME.fullmatch(title) else os.path.basename(file).removesuffix(_SUFFIX).removesuffix(".schema"))
    return str(name), str(about.get("version", ""))


def _contract(schema: Schema, resources: Mapping[str, Any]) -> Contract:
    uri, file, document = schema
    about = document.get("x-contract")
    about = about if isinstance(about, dict) else {}
    name, version = named_in(document, file)
    discriminator = about.get("discriminator") or telling_constants(document, uri, resources)
    return Contract(
        name,
        version,
        str(document.get("description", "")),
        str(about.get("status", "")),
        str(about.get("owner", "")),
        uri,
        file,
        file,
        tuple(discriminator.items()),
        *paths_of(about),
    )


def telling_constants(document: dict[str, Any], uri: str, resources: Mapping[str, Any]) -> dict[str, Any]:
    """The members that must each be one given value, texts first: what tells one kind of record from another.

    Those that are required, or else those that are not. None where no value is a text: a number tells nothing by itself.
    """
    properties: dict[str, Any] = {}
    required: set[str] = set()
    for part in _conjunction(document, uri, resources):
        if isinstance(part.get("properties"), dict):
            properties.update(part["properties"])
        if isinstance(part.get("required"), list):
            required.update(name for name in part["required"] if isinstance(name, str))
    found = {name: constant for name, schema in properties.items() if (constant := _constant(schema)) is not None}
    chosen = {name: constant for name, constant in found.items() if name in required} or found
    texts = {name: constant for name, constant in chosen.items() if isinstance(constant, str)}
    return {**texts, **chosen} if texts else {}


def all_constants(document: dict[str, Any], uri: str, resources: Mapping[str, Any]) -> dict[str, str | int]:
    """The members that can be one given value only, required or not, also where it takes a reference to say so."""
    found: dict[str, str | int] = {}
    for part in _conjunction(document, uri, resources):
        members = part.get("properties")
        for name, schema in members.items() if isinstance(members, dict) else ():
            for node in _conjunction(schema, uri, resources):
                constant = _constant(node)
                if constant is not None:
                    found.setdefault(name, constant)
    return found


def _constant(schema: Any) -> str | int | None:
    if not isinstance(schema, dict):
        return None
    options = [schema["const"]] if "const" in schema else schema.get("enum")
    only = options[0] if isinstance(options, list) and len(options) == 1 else None
    return only if isinstance(only, (str, int)) else None


def _conjunction(document: dict[str, Any], uri: str, resources: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A schema and what it always takes in for the same value, by `allOf` and `$ref`, each once."""
    pending: list[tuple[Any, str]] = [(document, uri)]
    seen: set[int] = set()
    while pending:
        node, base = pending.pop()
        if not isinstance(node, dict) or id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node.get("allOf"), list):
            pending += [(item, base) for item in node["allOf"]]
        if isinstance(node.get("$ref"), str):
            try:
                place = resolve(resources, base, node["$ref"])
            except UnresolvableReference:
                # Whoever asks for a validator is told.
                continue
            pending.append((lookup(resources[place.uri], place.path), place.uri))
