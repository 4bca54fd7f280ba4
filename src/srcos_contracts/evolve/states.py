"""The states of a contract repository that are compared: a folder, an archive, a revision of the repository."""

from __future__ import annotations

import lzma
import os
import tarfile
import zlib
from collections.abc import Container, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from srcos_contracts.contracts.catalog import CATALOG_FILE, Catalog, CatalogError, has_catalog
from srcos_contracts.contracts.foreign import Usable, load_what_can_be
from srcos_contracts.evolve.approvals import APPROVALS_FILE
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.temporary import temporary_folder

__all__ = ["ARCHIVES", "EXAMPLES", "SCHEMAS", "CannotOpen", "State", "folder_to_unpack", "matched", "opened", "state_of"]

SCHEMAS, EXAMPLES = "schemas", "examples"
_GENERATED = ("bundles", "meta")
ARCHIVES = (".tar.gz", ".tgz", ".tar")
_MOST_FILES = 100_000
_MOST_BYTES = 512 * 1024 * 1024
_BLOCK = 1024 * 1024


class CannotOpen(Refusal):
    """A state that cannot be had: there is no such folder, archive or revision, or it cannot be read."""


class State(NamedTuple):
    """The contracts of a repository as they stand, or stood, somewhere."""

    catalog: Catalog
    problems: Mapping[str, CatalogError]
    """What keeps schemas of it from being used, by their file."""
    root: Path
    """The folder in which schemas and examples lie."""
    examples: Path | None
    waivers: str = APPROVALS_FILE
    """How messages name its file of waivers."""
    silent: frozenset[str] = frozenset()
    """Files that are no contracts, but could be."""


@contextmanager
def opened(reference: str, here: Path | None = None, may_be_unusable: bool = False) -> Iterator[State]:
    """The state that a reference names: a folder, a schema file, an archive (.tar.gz, .tgz, .tar), or else a git revision of the
    repository in which `here` lies. What must be unpacked is gone at the end.

    Raises CannotOpen, and CatalogError where it holds no schema, or none that can be used unless `may_be_unusable` says that it may.
    """
    if os.path.isdir(reference):
        yield state_of(Path(reference), None, may_be_unusable)
    elif os.path.isfile(reference) and reference.endswith(ARCHIVES):
        with folder_to_unpack() as folder:
            _unpack(reference, folder)
            yield state_of(_top(folder), reference, may_be_unusable)
    elif os.path.isfile(reference):
        yield State(Catalog.at(reference), {}, Path(reference).parent, None)
    else:
        with folder_to_unpack() as folder:
            _extract(reference, here or Path(), folder)
            yield state_of(folder, reference, may_be_unusable)


def _extract(revision: str, here: Path, folder: Path) -> None:
    from srcos_contracts.reading.git import NoRevision, extract

    within = (here / SCHEMAS).is_dir()
    # A folder that has no contracts below it is one of schemas.
    names = (SCHEMAS, EXAMPLES, APPROVALS_FILE) if within else ("",)
    try:
        extract(here, revision, folder, names, None if within else (".json", APPROVALS_FILE))
    except NoRevision as error:
        raise CannotOpen(f"{revision} is no file, folder or archive here, and {error}") from error
    except OSError as error:
        raise CannotOpen(f"{revision} cannot be unpacked: {error.strerror or error}") from error
    if not any(folder.iterdir()):
        what = f"no folder {SCHEMAS}" if within else "no schemas"
        raise CannotOpen(f"the revision {revision} has {what} in {os.path.abspath(here)}; name a later one, or a folder")


def state_of(root: Path, shown: str | None = None, may_be_unusable: bool = False) -> State:
    """The state of a folder: of its `schemas` where it has such a folder, or else of all schemas in it.

    `shown` is how messages name the folder where it lies elsewhere for the moment. Raises CatalogError where no schema can be used,
    but where there are some and `may_be_unusable` is so: then the state has no contracts.
    """
    within = (root / SCHEMAS).is_dir()
    schemas = root / SCHEMAS if within else root
    top = root.parent if not within and root.name == SCHEMAS else root
    examples = top / EXAMPLES
    label = f"{shown}:{SCHEMAS}" if within and shown is not None else shown or str(schemas)
    catalog, problems, silent = _loaded(str(schemas), label)
    if catalog is None and (silent or (problems and may_be_unusable)):
        catalog = Catalog(str(schemas), (), label)
    if catalog is None:
        raise CatalogError(_none_usable(os.path.abspath(root) if label == os.curdir else label, list(problems.values())))
    waivers = f"{shown}:{APPROVALS_FILE}" if shown is not None else str(top / APPROVALS_FILE)
    return State(catalog, problems, top, examples if examples.is_dir() else None, waivers, silent)


def _loaded(schemas: str, shown: str, contracts_too: Container[str] = ()) -> Usable:
    passed_over = (*_GENERATED, CATALOG_FILE) if has_catalog(schemas) else ()
    return load_what_can_be(schemas, shown, passed_over, contracts_too)


def matched(old: State, new: State) -> tuple[State, State]:
    """Two states in which a file that is a contract in the one is a contract in the other too, if it can be.

    A schema that demands nothing accepts all, which the other state's may not.
    """
    return _with_contracts_of(old, new), _with_contracts_of(new, old)


def _with_contracts_of(state: State, other: State) -> State:
    files = state.silent & {contract.file for contract in other.catalog.contracts}
    if not files:
        return state
    catalog, problems, silent = _loaded(state.catalog.root, state.catalog.shown, files)
    return state._replace(catalog=catalog or state.catalog, problems=problems, silent=silent)


def _none_usable(label: str, problems: list[CatalogError]) -> str:
    if not problems:
        return f"{label} holds no JSON Schema; name the folder of the contracts, or the one above it"
    told = list(dict.fromkeys(map(str, problems)))
    more = f"; and {len(told) - 1} more" if len(told) > 1 else ""
    return f"{label} holds no JSON Schema that can be used: {told[0]}{more}"


@contextmanager
def folder_to_unpack() -> Iterator[Path]:
    """A folder that is gone at the end. Raises CannotOpen."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(temporary_folder("srcos-unpacked-"))
        except OSError as error:
            raise CannotOpen(f"there is no folder to unpack in: {error.strerror or error}; name one with TMPDIR") from error
        yield Path(folder)


def _unpack(archive: str, folder: Path) -> None:
    """Unpacks the files of an archive, and nothing else that it holds, such as links. Raises CannotOpen where it is damaged, larger than
    any release is, or holds paths that lead out of it or one path twice."""
    left = _MOST_BYTES
    seen: set[Path] = set()
    try:
        with tarfile.open(archive) as members:
            for number, member in enumerate(members):
                if number >= _MOST_FILES:
                    raise CannotOpen(f"{archive} holds more than {_MOST_FILES:,} files")
                if not member.isfile():
                    continue
                if member.name.startswith(("/", os.sep)):
                    raise tarfile.AbsolutePathError(member)
                # The filter refuses paths that climb out, and would make absolute ones relative.
                safe = tarfile.data_filter(member, str(folder))
                target = folder / os.path.normpath(safe.name)
                if target in seen:
                    raise CannotOpen(f"{archive} is not unpacked: it holds {member.name!r} twice")
                seen.add(target)
                stream = members.extractfile(member)
                if stream is not None:
                    left = _copied(stream, target, left, archive)
    except tarfile.FilterError as error:
        name = getattr(getattr(error, "tarinfo", None), "name", "a file")
        raise CannotOpen(f"{archive} is not unpacked: {name!r} would lie outside the folder that it is unpacked to") from error
    except (tarfile.TarError, EOFError, OSError, zlib.error, lzma.LZMAError) as error:
        raise CannotOpen(f"{archive} cannot be unpacked: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, tarfile.ReadError):
        return "it is no tar archive, or only a part of one"
    return error.strerror if isinstance(error, OSError) and error.strerror else str(error).splitlines()[0]


def _copied(stream: IO[bytes], target: Path, left: int, archive: str) -> int:
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target, "wb") as out:
        while block := stream.read(_BLOCK):
            left -= len(block)
            if left < 0:
                raise CannotOpen(f"{archive} holds more than {_MOST_BYTES // (1024 * 1024)} MiB")
            out.write(block)
    return left


def _top(folder: Path) -> Path:
    """The folder that an archive is of: archives of releases have one folder that holds all else."""
    entries = list(folder.iterdir())
    if len(entries) == 1 and entries[0].is_dir() and entries[0].name != SCHEMAS:
        return entries[0]
    return folder
