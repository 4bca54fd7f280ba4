"""What else names a draft's version when it is released under another: records of stored sets, and schemas of other contracts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from srcos_contracts.contracts.catalog import Catalog, Contract
from srcos_contracts.contracts.resources import resources_of
from srcos_contracts.evolve.new_version import with_values
from srcos_contracts.finding import Finding
from srcos_contracts.reading.document import Record
from srcos_contracts.reading.source import Source, read, select
from srcos_contracts.refusal import Refusal

__all__ = ["CannotRename", "renamed_records"]

_SETS = "sets"
_FOLDERS = ("set", "earlier")


class CannotRename(Refusal):
    """Something names the version that this program cannot rename; the text says what, where, and what to do instead."""


def renamed_records(catalog: Catalog, examples: Path, draft: Contract, version: str) -> dict[Path, str]:
    """The files of stored sets in which records name the draft's version, with the other version in its place.

    Raises CannotRename where a schema of another contract refers to the draft's file, or such a record is no plain JSON or is
    vouched for by a digest.
    """
    instead = f"release it as {draft.version}, or begin the version beside it: srcos-validate new {draft.name} --version {version}"
    for other in catalog.contracts:
        if other != draft and draft.uri in resources_of(catalog.document(other.bundle), other.uri):
            raise CannotRename(f"{other.label} refers to {draft.file}, which would be called {draft.name}/{version}.json; {instead}")
    constants = {
        member: constant.replace(draft.version, version)
        for member, constant in draft.discriminator
        if isinstance(constant, str) and draft.version in constant
    }
    found: dict[Path, str] = {}
    for source in _sources(catalog, examples) if constants else ():
        for record in _records(catalog, source, draft):
            if source.syntax != "json" or source.gzipped or source.path is None or _is_sealed(catalog, draft):
                why = "is vouched for by its digest" if _is_sealed(catalog, draft) else "is no plain JSON"
                raise CannotRename(f"{source.name}:{record.line}: this record names {draft.label} and {why}; {instead}, and write it there")
            path = Path(source.path)
            text = found.get(path) or path.read_text(encoding="utf-8")
            found[path] = _with_record(text, source, record, constants)
    return found


def _sources(catalog: Catalog, examples: Path) -> Iterator[Source]:
    roots = (path for path in sorted((examples / _SETS).rglob("*")) if path.is_dir() and path.name in _FOLDERS)
    for root in roots:
        yield from select([str(root)], bound=catalog.binds).sources


def _records(catalog: Catalog, source: Source, draft: Contract) -> Iterator[Record]:
    for item in read(source):
        if not isinstance(item, Finding):
            claim = catalog.claim(item.value, source.name)
            if claim is not None and claim.contract == draft:
                yield item


def _is_sealed(catalog: Catalog, draft: Contract) -> bool:
    schema = catalog.document(draft.bundle)
    return any("x-digest" in part for part in (schema, *schema.get("allOf", ())) if isinstance(part, dict))


def _with_record(text: str, source: Source, record: Record, constants: Mapping[str, str]) -> str:
    """The text of a file in which one record has other constants."""
    changed = with_values(record.text.decode("utf-8"), {(member,): constant for member, constant in constants.items()})
    if source.form != "jsonl":
        return changed
    lines = text.split("\n")
    lines[record.line - 1] = changed
    return "\n".join(lines)
