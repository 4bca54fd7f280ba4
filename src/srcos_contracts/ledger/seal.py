"""A seal: what is kept of a tree, in one file, so that a later audit can tell what changed without the old bytes.

JSON Lines (schemas/meta/seal.json): what it is, then each ledger with the marks of its lines, then the records, then the digest of all
lines before. The same tree gives the same bytes. Names are relative to the folder that the audited paths have in common.
"""

from __future__ import annotations

import gzip
import json
import os
import zlib
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from hashlib import sha256
from typing import IO, Any, BinaryIO

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.ledger.duck import Queries
from srcos_contracts.ledger.lines import MARK_BYTES, Extent
from srcos_contracts.ledger.naming import common_root, names_for
from srcos_contracts.ledger.snapshot import Earlier, Kept, KnownLedger, Since, kept_of
from srcos_contracts.ledger.tree import ledgers_in
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.source import STDIN, Source, reason
from srcos_contracts.refusal import Refusal
from srcos_contracts.temporary import temporary_folder
from srcos_contracts.whole_file import whole_bytes

__all__ = ["BadSeal", "Stamp", "is_seal", "seal", "seal_names", "since_seal", "stamps_of"]

_BEGINNING = b'{"seal":"srcos-contracts"'
_VERSION = 1
_MARKS = 8192
"""Marks that stand in one line."""
_LONGEST_LINE = 1 << 26
_MOST = 1 << 62
_GZIP = b"\x1f\x8b"
_RECORD = {name: (int if name == "line" else str) for name in Kept._fields if name != "doc"}
_ALWAYS = ("file", "line", "contract", "version")


class BadSeal(Refusal):
    """A file that should be a seal and is none, or one that cannot be written."""


def is_seal(path: str) -> bool:
    """Whether there is a file that begins as a seal does."""
    if not os.path.isfile(path):
        return False
    try:
        with _reading(path) as stream:
            return stream.read(len(_BEGINNING)) == _BEGINNING
    except (OSError, EOFError, zlib.error):
        return False


class _Names(NamedTuple):
    of: Callable[[str], str]
    """From the name of a source to the name in a seal."""
    roots: tuple[str, ...]


def seal_names(paths: Sequence[str]) -> _Names:
    """How files are named in a seal of what these paths of a command lead to. Raises BadSeal for standard input."""
    if STDIN in paths:
        raise BadSeal("standard input cannot be sealed; name files or folders")
    root = common_root(paths)
    roots = sorted({os.path.relpath(os.path.abspath(path), root) for path in paths})
    return _Names(lambda name: os.path.relpath(os.path.abspath(name), root), tuple(roots))


class Stamp(NamedTuple):
    """By which it is seen whether a file is still the one that was read."""

    inode: int
    bytes: int
    changed: int
    """Nanoseconds since the epoch."""


def stamps_of(sources: Sequence[Source]) -> dict[str, Stamp | None]:
    """By the name of each source what it is now; None where it cannot be looked at."""
    return {source.name: _stamp(source) for source in sources}


def _stamp(source: Source) -> Stamp | None:
    try:
        about = os.stat(source.path or source.name)
    except OSError:
        return None
    return Stamp(about.st_ino, about.st_size, about.st_mtime_ns)


def seal(path: str, paths: Sequence[str], sources: Sequence[Source], queries: Queries, before: Mapping[str, Stamp | None]) -> None:
    """Writes a seal of a set, whole or not at all; gzipped where the name ends in .gz. `paths` are those of the command.

    `before` is what `stamps_of` said before the sources were read. Raises BadSeal where it cannot be written, or what is sealed is no
    longer what was read; AuditFailed where the set's index cannot be read.
    """
    try:
        with temporary_folder("srcos-seal-") as work, whole_bytes(path) as raw:
            zipped = gzip.GzipFile("", "wb", 6, raw, mtime=0) if path.endswith(".gz") else None
            out: IO[bytes] = raw if zipped is None else zipped  # type: ignore[assignment]
            _put(out, seal_names(paths), ledgers_in(queries, sources, work), kept_of(queries, docs=False))
            if zipped is not None:
                zipped.close()
            for source in sources:
                if before[source.name] is None or _stamp(source) != before[source.name]:
                    raise BadSeal(
                        f"{path} is not written: {source.name} changed while it was audited, and the seal would vouch for what nobody "
                        "judged; audit a copy, or again when nothing writes to it"
                    )
    except OSError as error:
        raise BadSeal(f"{path} cannot be written: {error.strerror or error}") from error


def _put(out: IO[bytes], names: _Names, ledgers: Iterable[KnownLedger], records: Iterable[Kept]) -> None:
    digest, count = sha256(), 0

    def put(value: dict[str, Any]) -> None:
        nonlocal count
        line = json.dumps(value, separators=(",", ":")).encode() + b"\n"
        digest.update(line)
        count += 1
        out.write(line)

    put({"seal": "srcos-contracts", "version": _VERSION, "paths": names.roots})
    for name, ledger in sorted((names.of(ledger.name), ledger) for ledger in ledgers):
        extent = ledger.extent
        put({"ledger": name, "bytes": extent.bytes, "lines": extent.lines, "sha256": extent.digest})
        with open(ledger.marks, "rb") as marks:
            while some := marks.read(_MARKS * MARK_BYTES):
                put({"marks": b64encode(some).decode()})
    for record in records:
        told = {name: value for name, value in record._asdict().items() if value is not None and name != "doc"}
        put({**told, "file": names.of(record.file)})
    out.write(json.dumps({"lines": count, "sha256": digest.hexdigest()}, separators=(",", ":")).encode() + b"\n")


def since_seal(path: str, paths: Sequence[str]) -> Since:
    """What finds the state that a seal was made of. Raises BadSeal at once where it is of other paths, and later where it is broken."""
    names = seal_names(paths)
    with _opened(path) as stream:
        head = _value(path, 1, _line(path, stream))
    if head.get("version") != _VERSION:
        raise _bad(path, 1, f"the version of the seal is {json.dumps(head.get('version'))}, not {_VERSION}", "make it anew with --seal")
    if head.get("paths") != list(names.roots):
        stated = head.get("paths")
        listed = ", ".join(map(str, stated)) if isinstance(stated, list) else "nothing"
        raise BadSeal(f"{path} is a seal of {listed}, not of {', '.join(names.roots)}; audit the paths that were sealed")

    def since(catalog: Catalog, sources: Sequence[Source], work: str, jobs: int) -> Earlier:
        root, name_of = common_root(paths), names_for(paths, sources)

        def shown(name: str) -> str:
            file = os.path.normpath(os.path.join(root, name))
            return name_of(file) or file

        ledgers: list[KnownLedger] = []
        kept = os.path.join(work, "records")
        _take_apart(path, ledgers, kept, work)
        return Earlier(os.path.basename(path), [one._replace(name=shown(one.name)) for one in ledgers], _kept(kept, shown), {})

    return since


def _kept(file: str, shown: Callable[[str], str]) -> Iterator[Kept]:
    with open(file, "rb") as stream:
        for line in stream:
            value = json.loads(line)
            record = Kept(**{name: value.get(name) for name in _RECORD}, doc=None)
            yield record._replace(file=shown(record.file))


def _take_apart(path: str, ledgers: list[KnownLedger], kept: str, work: str) -> None:
    """Reads a seal to its end, and writes its records and the marks of its ledgers to a folder, so that no seal is too large."""
    digest, number, ended, missing = sha256(), 0, False, 0
    with ExitStack() as files:
        records = files.enter_context(open(kept, "wb"))
        stream = files.enter_context(_opened(path))
        marks: IO[bytes] | None = None
        while line := _line(path, stream):
            number += 1
            if ended:
                raise _bad(path, number, "something follows the end of the seal")
            value = _value(path, number, line)
            if "marks" not in value and missing:
                raise _bad(path, number, f"{missing:,} marks of the ledger {ledgers[-1].name} are missing")
            if number == 1:
                pass
            elif "marks" in value:
                some = _marks(path, number, value)
                missing -= len(some) // MARK_BYTES
                if marks is None or missing < 0:
                    raise _bad(path, number, "there are more marks than the ledger has lines")
                marks.write(some)
            elif "ledger" in value:
                if marks is not None:
                    marks.close()
                where = os.path.join(work, f"{len(ledgers):08}")
                marks = files.enter_context(open(where, "wb"))
                ledgers.append(KnownLedger(*_ledger(path, number, value), where))
                missing = ledgers[-1].extent.lines
            elif "file" in value:
                _check_record(path, number, value)
                records.write(line)
            elif value == {"lines": number - 1, "sha256": digest.hexdigest()}:
                ended = True
            else:
                raise _bad(path, number, "what is said here of the lines before does not fit them, so the seal was changed")
            digest.update(line)
    if not ended:
        raise _bad(path, number, "the seal ends in the middle")


def _ledger(path: str, number: int, value: dict[str, Any]) -> tuple[str, Extent]:
    name, size, lines, digest = value["ledger"], value.get("bytes"), value.get("lines"), value.get("sha256")
    named = isinstance(name, str) and isinstance(digest, str)
    if not named or type(size) is not int or type(lines) is not int or not 0 <= lines <= size < _MOST or len(value) != 4:
        raise _bad(path, number, "this is no ledger of a seal: it has a name, bytes, lines and sha256")
    return str(name), Extent(size, lines, str(digest))


def _marks(path: str, number: int, value: dict[str, Any]) -> bytes:
    text = value["marks"]
    try:
        some = b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        some = b""
    if not some or len(some) % MARK_BYTES or len(value) != 1:
        raise _bad(path, number, f"marks are Base64 of {MARK_BYTES} bytes a line")
    return some


def _check_record(path: str, number: int, value: dict[str, Any]) -> None:
    for name, member in value.items():
        if type(member) is not _RECORD.get(name) or (type(member) is int and not 0 <= member < _MOST):
            raise _bad(path, number, f"{name} is not what it is in a record of a seal")
    for name in _ALWAYS:
        if name not in value:
            raise _bad(path, number, f"a record of a seal has its {name}")


def _value(path: str, number: int, line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise _bad(path, number, "this is no line of a seal")
    return value


def _line(path: str, stream: BinaryIO) -> bytes:
    try:
        line = stream.readline(_LONGEST_LINE)
    except (OSError, EOFError, zlib.error) as error:
        raise BadSeal(f"{path} cannot be read to its end: {reason(error)}") from error
    return line


def _opened(path: str) -> BinaryIO:
    try:
        return _reading(path)
    except OSError as error:
        raise BadSeal(f"{path} cannot be read: {error.strerror or error}") from error


def _reading(path: str) -> BinaryIO:
    with open(path, "rb") as stream:
        zipped = stream.read(2) == _GZIP
    return gzip.open(path, "rb") if zipped else open(path, "rb")  # type: ignore[return-value]


def _bad(path: str, number: int, what: str, help: str = "make a seal anew with --seal, or take a copy of it that is whole") -> BadSeal:
    return BadSeal(f"{path}:{number}: {what}; {help}")
