"""The archive of a release for programs in any language: schemas, cases, set rules, catalog, and the digests of all of them.

python -m srcos_contracts.evolve.archive [CHECKOUT [FOLDER]]

The same files give the same bytes: they are sorted, belong to nobody, and are of no time.
"""

from __future__ import annotations

import gzip
import io
import os
import sys
import tarfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from srcos_contracts.contracts.checksums import SUMS_FILE, checksum, sums_text
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape

__all__ = ["CannotPack", "archive", "contents", "main"]

_NAME = "srcos-contracts"
_FOLDERS = (
    ("schemas", "schemas"),
    ("examples", "examples"),
    ("src/srcos_contracts/ledger/rules", "rules"),
    ("src/srcos_contracts/ledger/views", "views"),
)
"""Folders of a checkout, and where they stand in the archive."""
_FILES = ("LICENSE",)
_MODE = 0o644


class CannotPack(Refusal):
    """A checkout of which no archive can be made."""


def contents(root: Path) -> dict[str, bytes]:
    """The files of the archive of a checkout, by their paths in it. Raises CannotPack where something is missing or no plain file."""
    found = {name: _read(root / name) for name in _FILES}
    for folder, place in _FOLDERS:
        if not (root / folder).is_dir():
            raise CannotPack(f"{root / folder} is not there; name a checkout of {_NAME}")
        found.update({f"{place}/{path.relative_to(root / folder).as_posix()}": _read(path) for path in _files(root / folder)})
    found[SUMS_FILE] = sums_text({name: checksum(content) for name, content in found.items()}).encode("utf-8")
    return found


def _files(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith((".", "__"))]
        for name in (*files, *(name for name in folders if os.path.islink(os.path.join(here, name)))):
            if not name.startswith("."):
                yield Path(here, name)


def _read(path: Path) -> bytes:
    if path.is_symlink() or not path.is_file():
        raise CannotPack(f"{path} is {'no plain file' if os.path.lexists(path) else 'not there'}")
    return path.read_bytes()


def archive(files: Mapping[str, bytes], top: str) -> bytes:
    """A tar archive, packed with gzip, of files by their paths; `top` is the folder that holds them all."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.PAX_FORMAT) as members:
        for name in sorted(files):
            member = tarfile.TarInfo(f"{top}/{name}")
            member.size, member.mode = len(files[name]), _MODE
            members.addfile(member, io.BytesIO(files[name]))
    return gzip.compress(plain.getvalue(), mtime=0)


def version_of(root: Path) -> str:
    """The version that a checkout says it is. Raises CannotPack."""
    try:
        return str(tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotPack(f"{root / 'pyproject.toml'} does not say a version: {error}") from error


def main(arguments: list[str]) -> int:
    """Writes the archive of a checkout into a folder, and prints its name. Returns the exit code."""
    root, folder = (Path(word) for word in (*arguments, *(".", "dist")[len(arguments) :])[:2])
    try:
        top = f"{_NAME}-{version_of(root)}"
        packed = archive(contents(root), top)
        folder.mkdir(parents=True, exist_ok=True)
        target = folder / f"{top}.tar.gz"
        draft = target.with_name(f"{target.name}.unfinished")
        draft.write_bytes(packed)
        draft.replace(target)
    except Refusal as error:
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"error: {escape(str(error.filename))}: {error.strerror}", file=sys.stderr)
        return 2
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
