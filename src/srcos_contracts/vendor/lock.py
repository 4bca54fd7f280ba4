"""The lock of a vendored folder: where each of its files comes from, and the digests by which a change of one shows.

It lies in the folder that it is about, so that folder and lock change places in one step. It is TOML; schemas/meta/lock.json has
its form. Whoever reads it sees hashes and names only: what was vendored is never kept twice.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from srcos_contracts.contracts.foreign import LOCK_FILE
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path, lookup
from srcos_contracts.reading.credentials import why_not_kept
from srcos_contracts.refusal import Refusal
from srcos_contracts.vendor.digests import Digests
from srcos_contracts.vendor.plain import NotPlain, content_of
from srcos_contracts.wording import cut, show

if TYPE_CHECKING:
    from srcos_contracts.reading.toml_text import Toml

__all__ = [
    "LOCK_FILE",
    "LOCK_VERSION",
    "SCHEMA_ROLES",
    "BadLock",
    "Entry",
    "Fault",
    "Lock",
    "Origin",
    "Role",
    "SourceKind",
    "lock_text",
    "read_lock",
]

LOCK_VERSION = 1
Role = Literal["contract", "definitions", "rule", "view", "example"]
"""What a file is: a contract's schema, a schema that others refer to, a set rule, a relation that set rules read, an example."""
SCHEMA_ROLES: tuple[Role, ...] = ("contract", "definitions")
SourceKind = Literal["package", "folder", "git", "archive"]
_FORM = "lock.json"
_REVISIONS: Mapping[SourceKind, str] = {"package": "package_version", "git": "commit", "archive": "archive_sha256"}
"""What the revision of a source is called, by its kind. A folder has none."""
_HEAD = (
    "# Written by `srcos-validate vendor`: where each file of this folder comes from. Not to be edited;\n"
    "# `srcos-validate vendor check` tells what has drifted, `srcos-validate vendor sync` restores it.\n"
)
_HEX = re.compile(r"[0-9A-Fa-f]+")


class BadLock(Refusal):
    """A lock that cannot be used; the text says where it is wrong, and what to do."""

    @property
    def words(self) -> str:
        """The text without what is to be done, which is for whoever keeps the lock."""
        return str(self).removesuffix(f"; {_REMEDY}")


class Origin(NamedTuple):
    """Where files come from."""

    kind: SourceKind
    source: str
    """The name of the package, the URL of a git repository, or a path, which is absolute or relative to the folder of the lock."""
    revision: str = ""
    """Of a git repository the full name of a commit, of an archive its SHA-256, of the package its version; of a folder nothing."""


class Entry(NamedTuple):
    """One vendored file."""

    path: str
    """Below the folder, with slashes."""
    role: Role
    contract: str
    version: str
    """Both are empty for what belongs to no one contract."""
    origin: Origin
    source_path: str
    """Where the file lies in its source."""
    digests: Digests
    line: int = 0
    """Of its table in the lock; 0 where it was not read from one."""

    @property
    def label(self) -> str:
        return f"{self.contract} {self.version}".strip()


class Fault(NamedTuple):
    """What a lock says that it must not, though its form is right."""

    words: str
    line: int
    path: str
    """Of the entry that says it."""


class Lock(NamedTuple):
    """What a lock says."""

    entries: tuple[Entry, ...]
    faults: tuple[Fault, ...] = ()
    """Commits that are not named in full."""

    @property
    def by_path(self) -> dict[str, Entry]:
        return {entry.path: entry for entry in self.entries}

    @property
    def contracts(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if entry.role == "contract")


def read_lock(folder: str, shown: str = "") -> Lock | None:
    """The lock in a folder; None where there is none. `shown` is how messages name the folder. Raises BadLock."""
    name = os.path.join(shown or folder, LOCK_FILE)
    try:
        content = content_of(folder, LOCK_FILE)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except NotPlain as error:
        raise BadLock(f"{name}: {error}") from error
    except OSError as error:
        raise BadLock(f"{name} cannot be read: {error.strerror or error}") from error
    return parse_lock(content, name)


def parse_lock(content: bytes, name: str = LOCK_FILE) -> Lock:
    """What the bytes of a lock say. Raises BadLock."""
    from srcos_contracts.reading.toml_text import TomlFault, parse_toml

    try:
        toml = parse_toml(name, content)
    except TomlFault as fault:
        raise BadLock(f"{fault}; {_REMEDY}") from fault
    value = toml.value
    version = value.get("version")
    if isinstance(version, int) and not isinstance(version, bool) and version > LOCK_VERSION:
        line, column = toml.place(("version",))
        known = f"this program knows {LOCK_VERSION}: install a newer srcos-contracts"
        raise BadLock(f"{name}:{line}:{column}: a lock of version {cut(str(version), 20)}; {known}")
    faults = tuple(_judged(toml, name))
    entries = tuple(_entry(table, toml.place(("file", number))[0]) for number, table in enumerate(value["file"]))
    for entry in entries:
        why = why_not_kept(entry.origin.source)
        if why:
            raise BadLock(f"{name}:{entry.line}: {why}; {_REMEDY}")
    _refuse_clashes(entries, name)
    return Lock(entries, faults)


_REMEDY = "restore it from the history of the repository, or remove it and vendor anew"


def _entry(table: Mapping[str, Any], line: int) -> Entry:
    kind: SourceKind = table["kind"]
    return Entry(
        table["path"],
        table["role"],
        table.get("contract", ""),
        table.get("version", ""),
        Origin(kind, table["source"], table.get(_REVISIONS.get(kind, ""), "")),
        table["source_path"],
        Digests(table["sha256"], table.get("canonical_sha256", ""), table.get("assertions_sha256", "")),
        line,
    )


def lock_text(entries: Iterable[Entry]) -> str:
    """The text of a lock, the same for the same entries in whatever order."""
    import tomli_w

    tables = [_table(entry) for entry in sorted(entries, key=lambda entry: entry.path)]
    return _HEAD + tomli_w.dumps({"version": LOCK_VERSION, "file": tables})


def _table(entry: Entry) -> dict[str, str]:
    origin, digests = entry.origin, entry.digests
    told = {
        "path": entry.path,
        "role": entry.role,
        "contract": entry.contract,
        "version": entry.version,
        "kind": origin.kind,
        "source": origin.source,
        "source_path": entry.source_path,
        _REVISIONS.get(origin.kind, ""): origin.revision,
        "sha256": digests.sha256,
        "canonical_sha256": digests.canonical,
        "assertions_sha256": digests.assertions,
    }
    return {key: value for key, value in told.items() if value}


def _judged(toml: Toml, name: str) -> Iterator[Fault]:
    """What is wrong with commits. Raises BadLock where anything else is."""
    from srcos_contracts.contracts.form import faults_of

    for wrong in _no_json(toml.value, ()):
        line, column = toml.place(wrong)
        raise BadLock(f"{name}:{line}:{column}: {'.'.join(map(str, wrong))} is a number or a date that no lock has; {_REMEDY}")
    for fault in faults_of(_FORM, toml.value, "the lock"):
        line, column = toml.place(fault.path, fault.at_key)
        named = lookup(toml.value, fault.path) if fault.path[-1:] == ("commit",) and not fault.missing else None
        if isinstance(named, str) and toml.value["file"][fault.path[1]]["kind"] == "git":
            yield Fault(commit_fault(named), line, toml.value["file"][fault.path[1]]["path"])
            continue
        said = f"{fault.message}: {fault.detail}" if fault.detail else fault.message
        help = fault.help.rstrip(".")
        hint = f" ({help})" if help and help not in said and not said.endswith(("?", "where nothing may stand")) else ""
        raise BadLock(f"{name}:{line}:{column}: {said}{hint}; {_REMEDY}")


def _no_json(value: Any, path: Path) -> Iterator[Path]:
    """Where a value stands that TOML can say and JSON cannot."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _no_json(member, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _no_json(item, (*path, index))
    elif not isinstance(value, (str, int)):
        yield path


def commit_fault(named: str) -> str:
    """What is wrong with the name of a commit that is not a full one."""
    if not named:
        return "the commit is empty; a full one has 40 or 64 hex digits"
    if _HEX.fullmatch(named) and named.lower() != named:
        return f"the commit {show(named)} is not in lower case, as git writes it"
    if _HEX.fullmatch(named) and len(named) < 40:
        return f"the commit {show(named)} is abbreviated, so another may come to have that name; a full one has 40 or 64 hex digits"
    if _HEX.fullmatch(named):
        return f"the commit {show(named)} has {len(named)} hex digits; a full one has 40 or 64"
    if re.fullmatch(r"[\w./@{}^~-]+", named):
        return f"the commit is {show(named)}, a name that may move; a full one has 40 or 64 hex digits"
    return f"the commit is {show(named)}, which is no commit; a full one has 40 or 64 hex digits"


def _refuse_clashes(entries: Sequence[Entry], name: str) -> None:
    """Raises BadLock where two files would have one path, on whatever file system, or one would lie below the other."""
    seen: dict[str, Entry] = {}
    for entry in entries:
        key = known_as(entry.path)
        if key == known_as(LOCK_FILE):
            raise BadLock(f"{name}:{entry.line}: a file cannot have the path of the lock itself; {_REMEDY}")
        other = seen.setdefault(key, entry)
        if other is not entry:
            raise BadLock(f"{name}:{entry.line}: {entry.path} stands in line {other.line} already, as {other.path}; {_REMEDY}")
    for entry in entries:
        parts = known_as(entry.path).split("/")
        for length in range(1, len(parts)):
            above = seen.get("/".join(parts[:length]))
            if above is not None:
                raise BadLock(f"{name}:{entry.line}: {entry.path} would lie below {above.path}, which is a file; {_REMEDY}")


def known_as(path: str) -> str:
    """A path as file systems compare it that know no case and compose characters."""
    return unicodedata.normalize("NFC", path).casefold()
