"""Which contracts there are, and which one a record is an instance of."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Any, Self

from jiter import from_json

from srcos_contracts.contracts.judge import EngineName, Judge
from srcos_contracts.contracts.vocabulary import NO_PARTS
from srcos_contracts.finding import SchemaPlace
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, format_pointer
from srcos_contracts.reading.document import Layout
from srcos_contracts.reading.path_patterns import PathPatterns
from srcos_contracts.reading.regular import content_of
from srcos_contracts.refusal import Refusal

__all__ = [
    "BASE_URI",
    "CATALOG_FILE",
    "LOCAL_URI",
    "LOCK_FILE",
    "VERSION",
    "Catalog",
    "CatalogError",
    "Claim",
    "Contract",
    "PathBinding",
    "UnknownContract",
    "Unreached",
    "VersionOrder",
    "contract_of",
    "has_catalog",
    "local_uri",
    "paths_of",
    "shown_uri",
    "version_order",
]

VersionOrder = tuple[tuple[int, int | str], ...]
_GZIPPED = ".gz"
VERSION = re.compile(r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}|v[1-9][0-9]*(?:(?:alpha|beta)[1-9][0-9]*)?")
"""The forms that a contract's version has: `0.1.0`, `v1alpha1`, `v1`."""

BASE_URI = "https://schemas.srcos.ai/"
LOCAL_URI = "https://local.invalid/"
"""What stands before the path of a schema that has no `$id`."""
CATALOG_FILE = "catalog.json"
LOCK_FILE = "srcos.lock"
"""The mark of a folder that contracts are vendored into."""


class CatalogError(Refusal):
    """A folder of schemas that cannot be used; the text says why and where."""


class UnknownContract(Refusal):
    """A contract was named that the catalog does not have."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        super().__init__(name, known)
        self.name, self.known = name, known

    def __str__(self) -> str:
        from srcos_contracts.wording import nearest

        close = nearest(self.name, self.known, 0.5)
        hint = f"; did you mean {close}?" if close else f"; there are {', '.join(self.known) or 'none'}"
        return f"there is no contract {self.name}{hint}"


class Contract(NamedTuple):
    """What the catalog knows of one version of a contract, without opening its schema."""

    name: str
    version: str
    title: str
    status: str
    owner: str
    uri: str
    file: str
    """The schema's path under the catalog's folder."""
    bundle: str
    """The path of the self-contained form; the same as `file` where nothing is referred to."""
    discriminator: tuple[tuple[str, str | int], ...]
    """Members and the constants by which a record is recognised; the first is a text."""
    paths: tuple[str, ...]
    """Path patterns such as `agents/{agent}/status.json`."""
    markdown: Layout | None = None
    """Of a contract whose records are Markdown files, how they are read."""
    never: tuple[str, ...] = ()
    """Path patterns of files that are never the contract's by their path, whatever `paths` says."""

    @property
    def label(self) -> str:
        return f"{self.name} {self.version}".strip()


class Unreached(NamedTuple):
    """A file, or a contract, of a folder of schemas that records do not come to by themselves."""

    name: str
    why: str
    """To stand after a number of such: `no JSON Schema`."""


class Claim(NamedTuple):
    """A contract that takes a record for its own."""

    contract: Contract
    parts: Mapping[str, str] = NO_PARTS
    """The parts of the path, where the claim was made by a path binding."""


class PathBinding(NamedTuple):
    """Files whose records are of one contract where they neither say so themselves nor lie where a contract says that its files do."""

    match: PathPatterns
    contract: Contract


class Catalog:
    """A folder of contracts. Immutable but for what it remembers having compiled; any thread may use one."""

    def __init__(self, root: str, contracts: Iterable[Contract], shown: str = "schemas", unreached: tuple[Unreached, ...] = ()) -> None:
        """`root` is the folder, `shown` how findings name it. `Catalog.shipped` and `Catalog.at` are the usual ways in."""
        self.root: str = root
        """What it was made from; `Catalog.at` makes the same of it again."""
        self.folder: str = root
        """Where the files of its contracts are."""
        self.shown = shown
        self.unreached = unreached
        self.contracts: tuple[Contract, ...] = tuple(contracts)
        """Every version of every contract, in the order of the catalog."""
        self._judges: dict[tuple[str, EngineName], Judge] = {}
        self._texts: dict[str, str] = {}
        self._sums: dict[str, str] | None = None
        self._places: dict[tuple[str, Path], SchemaPlace] = {}
        # By the discriminator's first member, then its constant: the claims to try, each with the members that remain.
        # The more members a discriminator has, the less it leaves to others, so it is asked first.
        tables: dict[str, dict[str, list[tuple[tuple[tuple[str, str | int], ...], Claim]]]] = {}
        for contract in sorted(self.contracts, key=lambda contract: -len(contract.discriminator)):
            if contract.discriminator:
                (name, constant), *others = contract.discriminator
                tables.setdefault(name, {}).setdefault(str(constant), []).append((tuple(others), Claim(contract)))
        self._tables = tuple(tables.items())
        self._bindings = tuple(
            (contract, [_Binding(pattern) for pattern in contract.paths], [_Binding(pattern) for pattern in contract.never])
            for contract in self.contracts
            if contract.paths
        )
        self.further: tuple[PathBinding, ...] = ()
        """Bindings that are not the contracts' own; of those that match a file, the last one counts."""
        self._last_bound: tuple[str, Claim | None] = "", None

    def binding(self, further: Iterable[PathBinding]) -> Self:
        """The same catalog with further bindings, instead of those that it has."""
        import copy

        bound = copy.copy(self)
        bound.further = tuple(further)
        bound._last_bound = "", None
        return bound

    @classmethod
    def shipped(cls) -> Catalog:
        """The contracts that come with the package."""
        return cls.open(shipped_root())

    @classmethod
    def at(cls, root: str, shown: str | None = None) -> Catalog:
        """The contracts of a folder: those of its catalog.json, or where it has none that counts all JSON Schemas in it.

        Raises CatalogError where the folder cannot be used.
        """
        if has_catalog(root):
            return cls.open(root, shown or root)
        from srcos_contracts.contracts.foreign import load

        return load(root)

    @classmethod
    def open(cls, root: str, shown: str = "schemas") -> Catalog:
        """The contracts of a folder that holds a catalog.json.

        Raises CatalogError where it cannot be read or is no catalog.
        """
        path = os.path.join(root, CATALOG_FILE)
        try:
            with open(path, "rb") as stream:
                entries = from_json(stream.read())["schemas"]
            contracts = [contract_of(entry) for entry in entries]
            for file in (file for contract in contracts for file in (contract.file, contract.bundle)):
                if not _stays_in(file):
                    raise ValueError(f"the path {file!r} leads out of the folder, or to what is hidden")
            return cls(root, contracts, shown)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise CatalogError(f"{path} is not a catalog of contracts: {error}") from error

    def find(self, name: str) -> Contract:
        """The contract `NAME` in its newest version, or `NAME@VERSION`.

        Raises UnknownContract.
        """
        wanted, _, version = name.partition("@")
        found = [c for c in self.contracts if c.name == wanted and (not version or c.version == version)]
        if not found:
            raise UnknownContract(name, tuple(dict.fromkeys(c.name if not version else f"{c.name}@{c.version}" for c in self.contracts)))
        return max(found, key=lambda contract: version_order(contract.version))

    def claim(self, record: Any, file: str = "") -> Claim | None:
        """The contract that claims a record, by its discriminator or else by the path of its file."""
        if isinstance(record, dict):
            for name, table in self._tables:
                constant = record.get(name)
                if isinstance(constant, str):
                    for others, claim in table.get(constant, ()):
                        for other, wanted in others:
                            found = record.get(other)
                            # In JSON true is not 1.
                            if found != wanted or found.__class__ is not wanted.__class__:
                                break
                        else:
                            return claim
        claimed = self._bound(file, None) if file and self._bindings else None
        return claimed if claimed is not None or not self.further else self._bound_further(file)

    def binds(self, file: str) -> bool:
        """Whether some contract is bound to a file's path."""
        return (bool(self._bindings) and self._bound(file, None) is not None) or self._bound_further(file) is not None

    def parts(self, contract: Contract, file: str) -> Mapping[str, str]:
        """The parts of a file's path, where it is one that the contract is bound to."""
        bound = self._bound(file, contract) if contract.paths else None
        return bound.parts if bound is not None else NO_PARTS

    def keeps_off(self, contract: Contract, file: str) -> str | None:
        """The pattern by which a contract says that it is never bound to a file, if it does."""
        path = _rooted(file)
        return next((pattern for pattern in contract.never if _Binding(pattern).match(path)), None)

    def _bound(self, file: str, only: Contract | None) -> Claim | None:
        path = _rooted(file)
        for contract, patterns, never in self._bindings:
            if only is None or contract == only:
                matches = [match for pattern in patterns if (match := pattern.match(path)) is not None]
                if matches and not any(pattern.match(path) for pattern in never):
                    # Where two patterns differ in what a part is, the first one counts.
                    return Claim(contract, {name: part for match in reversed(matches) for name, part in match.groupdict().items()})
        return None

    def _bound_further(self, file: str) -> Claim | None:
        # The records of a file come one after the other.
        known, claim = self._last_bound
        if known != file:
            found = next((binding.contract for binding in reversed(self.further) if binding.match.fit(file)), None) if file else None
            claim = Claim(found, self.parts(found, file)) if found is not None else None
            self._last_bound = file, claim
        return claim

    def judge(self, contract: Contract, engine: EngineName = "rust") -> Judge:
        """The compiled contract.

        Raises CatalogError where its schema cannot be read or no validator can be built from it.
        """
        judge = self._judges.get((contract.uri, engine))
        if judge is None:
            try:
                judge = Judge(self.document(contract.bundle), contract.uri, engine)
            except CatalogError:
                raise
            except Refusal as error:
                raise CatalogError(f"{self.shown}/{contract.bundle}: {error}") from error
            self._judges[contract.uri, engine] = judge
        return judge

    def document(self, file: str) -> dict[str, Any]:
        """A schema file's value, its members in the order in which they stand.

        Raises CatalogError where it cannot be read.
        """
        text = self.text(file)
        try:
            value = from_json(text.encode("utf-8"))
        except ValueError as error:
            raise CatalogError(f"{self.shown}/{file}: {error}") from error
        if not isinstance(value, dict):
            raise CatalogError(f"{self.shown}/{file}: a contract's schema is an object")
        return value

    def text(self, file: str) -> str:
        """A schema file's text. Raises CatalogError where it cannot be read."""
        text = self._texts.get(file)
        if text is None:
            try:
                content = content_of(os.path.join(self.folder, file))
                text = content.decode("utf-8")
            except (OSError, ValueError) as error:
                raise CatalogError(f"{self.shown}/{file} cannot be read: {error}") from error
            self._refuse_changed(file, content)
            self._texts[file] = text
        return text

    def _refuse_changed(self, file: str, content: bytes) -> None:
        """Raises CatalogError where a released file is not as it was released."""
        from srcos_contracts.contracts.checksums import SUMS_FILE, BadSums, checksum, read_sums

        if self._sums is None:
            try:
                self._sums = {name: released.digest for name, released in read_sums(self.folder, self.shown).items()}
            except BadSums as error:
                raise CatalogError(str(error)) from error
        stated = self._sums.get(file)
        if stated is not None and checksum(content) != stated:
            where = f"{self.shown}/{SUMS_FILE}"
            raise CatalogError(f"{self.shown}/{file} was released and has been changed: {where} has another digest; restore the file")

    def place(self, uri: str, path: Path) -> SchemaPlace:
        """A place in a schema as findings show it: file, line, column and pointer."""
        known = self._places.get((uri, path))
        if known is not None:
            return known
        from srcos_contracts.reading.document import Document, line_and_column
        from srcos_contracts.reading.locate import locate

        file, prefix = self._origin(uri)
        text = self.text(file)
        span, key = locate(Document(file, text.encode("utf-8")), (*prefix, *path))
        line, column = line_and_column(text, key[0] if key else span[0])
        place = self._places[uri, path] = SchemaPlace(f"{self.shown}/{file}", line, column, format_pointer((*prefix, *path)))
        return place

    def _origin(self, uri: str) -> tuple[str, Path]:
        """The file that a resource comes from, and where it stands in it."""
        return uri.removeprefix(BASE_URI), ()


def local_uri(file: str) -> str:
    """The URI of a schema that does not name itself, by the path of its file, whatever characters that has."""
    from urllib.parse import quote

    return LOCAL_URI + quote(file, errors="surrogateescape")


def shown_uri(uri: str) -> str:
    """A schema's URI as messages have it: of what lies in the folder its path there."""
    from urllib.parse import unquote

    if uri.startswith(LOCAL_URI):
        return unquote(uri.removeprefix(LOCAL_URI), errors="surrogateescape")
    return uri.removeprefix(BASE_URI)


def has_catalog(root: str) -> bool:
    """Whether a folder has a catalog.json that counts: in one that contracts are vendored into the lock says what is there."""
    return os.path.isfile(os.path.join(root, CATALOG_FILE)) and not os.path.lexists(os.path.join(root, LOCK_FILE))


def shipped_root() -> str:
    """The folder of the schemas that came with the package, or in a checkout those at its top."""
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    installed = os.path.join(here, "schemas")
    if os.path.isdir(installed):
        return installed
    return os.path.join(os.path.dirname(os.path.dirname(here)), "schemas")


def _stays_in(path: str) -> bool:
    """Whether a path leads to what lies below the folder that it begins at, and is not hidden there."""
    return "/." not in f"/{path}" and not path.startswith("/") and "\\" not in path and ":" not in path


def contract_of(entry: Mapping[str, Any]) -> Contract:
    """The contract that an entry of a catalog.json is about.

    Raises KeyError, TypeError or AttributeError where the entry is none.
    """
    about = entry["x-contract"]
    return Contract(
        about["name"],
        about["version"],
        entry.get("description", ""),
        about.get("status", ""),
        about.get("owner", ""),
        entry["url"],
        about["file"],
        about["bundle"],
        tuple(about.get("discriminator", {}).items()),
        *paths_of(about),
    )


def paths_of(about: Mapping[str, Any]) -> tuple[tuple[str, ...], Layout | None, tuple[str, ...]]:
    """What an `x-contract` says of files: the patterns of their paths, their layout, and the patterns of paths that are never its."""
    patterns = about.get("paths", ())
    never = tuple(pattern[1:] for pattern in patterns if pattern.startswith("!"))
    return tuple(pattern for pattern in patterns if not pattern.startswith("!")), _layout_of(about), never


def _layout_of(about: Mapping[str, Any]) -> Layout | None:
    """The layout that an `x-contract` states."""
    stated = about.get("markdown")
    if stated is None:
        return None
    return Layout(
        bool(stated.get("frontMatter", False)),
        stated.get("body", ""),
        stated.get("title", ""),
        stated.get("sections", ""),
        tuple(stated.get("path", {}).items()),
    )


def version_order(version: str) -> VersionOrder:
    """A key by which versions sort from old to new: `0.9.0`, `0.10.0`; `v1alpha1`, `v1beta1`, `v1`."""
    parts: list[tuple[int, int | str]] = [(2, int(part)) if part.isdigit() else (0, part) for part in re.findall(r"\d+|[A-Za-z]+", version)]
    # A version comes after those that lead up to it, and before those that go on from it.
    return (*parts, (1, 0))


def _rooted(file: str) -> str:
    return "/" + os.path.abspath(file).replace(os.sep, "/").lstrip("/")


class _Binding:
    """`g/ledger/{agent}/{date}.jsonl` as a pattern that matches at the end of a path, from any root, plain or gzipped.

    A part ends where what follows it in the pattern first stands: in `{date}_{id}` at the first `_`.
    """

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._begins = "/" + pattern.partition("{")[0]
        self._ends = pattern.rpartition("}")[2]
        self._compiled: re.Pattern[str] | None = None

    def match(self, path: str) -> re.Match[str] | None:
        """The match of an absolute path, with the parts as its groups."""
        # Most files are no contract's by their path; for them nothing is compiled.
        if self._begins not in path or not path.endswith((self._ends, self._ends + _GZIPPED)):
            return None
        if self._compiled is None:
            escaped = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+?)", re.escape(self._pattern))
            self._compiled = re.compile(f"/{escaped}(?:\\.gz)?$")
        return self._compiled.search(path)
