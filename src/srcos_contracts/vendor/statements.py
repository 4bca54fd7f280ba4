"""What an entry of a lock states of its file, beside what that file says itself."""

from __future__ import annotations

from collections.abc import Iterator

from srcos_contracts.contracts.foreign import named_in, only_defines
from srcos_contracts.reading.document import Document
from srcos_contracts.reading.json_text import parse_json
from srcos_contracts.vendor.digests import digests_of
from srcos_contracts.vendor.lock import SCHEMA_ROLES, Entry

__all__ = ["misstated"]

_SUFFIX = ".json"


def misstated(entry: Entry, content: bytes) -> Iterator[str]:
    """What an entry says of a file otherwise than these bytes do, which have its `sha256`, in words."""
    found = digests_of(content, entry.role in SCHEMA_ROLES)
    for key, said, known in (
        ("canonical_sha256", entry.digests.canonical, found.canonical),
        ("assertions_sha256", entry.digests.assertions, found.assertions),
    ):
        # What a lock leaves out it says nothing false of: a file that differs is then drifted.
        if said and said != known:
            yield f"{key} is not that of the file"
    if entry.role in SCHEMA_ROLES:
        yield from _of_schema(entry, content)
    else:
        place = f"examples/{entry.label.replace(' ', '/')}/" if entry.role == "example" else f"{entry.role}s/"
        if not entry.path.startswith(place):
            yield f"it says {_said(entry)}, which lies in {place}"
        elif entry.role != "example" and entry.label:
            yield f"it says {_said(entry)}, which belongs to no one contract"


def _of_schema(entry: Entry, content: bytes) -> Iterator[str]:
    document = parse_json(Document(entry.path, content))
    if not isinstance(document, dict):
        yield f"it says {_said(entry)}, and the file is no schema"
    elif only_defines(document):
        if entry.role != "definitions" or entry.label:
            yield f"it says {_said(entry)}, and the file holds definitions only"
    else:
        name, version = named_in(document, entry.path)
        # Of several contracts that share a name each is named by its file.
        if entry.role != "contract" or entry.contract not in (name, entry.path.removesuffix(_SUFFIX)) or entry.version != version:
            yield f"it says {_said(entry)}, and the file is the contract {f'{name} {version}'.strip()}"


def _said(entry: Entry) -> str:
    return f"{entry.role} {entry.label}".strip()
