"""Released schemas never change: SHA256SUMS has the digest of each, in the form of the program sha256sum."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.regular import content_of
from srcos_contracts.refusal import Refusal

__all__ = ["SUMS_FILE", "BadSums", "Released", "checksum", "parse_sums", "read_sums", "sums_text"]

SUMS_FILE = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-f]{64}) [ *]([^\0]+)")


class BadSums(Refusal):
    """A file of checksums that does not have the form."""


class Released(NamedTuple):
    """One line of the file."""

    digest: str
    """64 hex digits, of the bytes of the file."""
    line: int


def checksum(content: bytes) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    # It loads OpenSSL, and on the path of a check there is nothing to digest before a contract has been released.
    import hashlib

    return hashlib.sha256(content).hexdigest()


def parse_sums(text: str, shown: str = SUMS_FILE) -> dict[str, Released]:
    """The released files, by their path beside the file of checksums. Raises BadSums, with the line."""
    found: dict[str, Released] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = _LINE.fullmatch(line)
        if match is None:
            raise BadSums(f"{shown}:{number}: a line is 64 hex digits, two spaces and a path")
        digest, file = match.groups()
        if file in found:
            raise BadSums(f"{shown}:{number}: {file} stands in line {found[file].line} already")
        if file.startswith("/") or ".." in file.split("/"):
            raise BadSums(f"{shown}:{number}: {file} does not lie beside this file")
        found[file] = Released(digest, number)
    return found


def read_sums(folder: str, shown: str = "") -> dict[str, Released]:
    """The released files of a folder of contracts; none where nothing was released. Raises BadSums."""
    path = os.path.join(folder, SUMS_FILE)
    name = f"{shown or folder}/{SUMS_FILE}"
    try:
        return parse_sums(content_of(path).decode("utf-8"), name)
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        if isinstance(error, BadSums):
            raise
        raise BadSums(f"{name} cannot be read: {getattr(error, 'strerror', None) or error}") from error


def sums_text(released: Mapping[str, str]) -> str:
    """The text of the file, from digests by path."""
    return "".join(f"{released[file]}  {file}\n" for file in sorted(released))
