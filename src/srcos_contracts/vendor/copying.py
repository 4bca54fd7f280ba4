"""What belongs to a contract, as it is copied: its schema and all that it refers to, and its set rules and cases where these are asked for.

Schemas keep the paths that they have below the folder of the schemas, so that references by path still lead where they led. Bytes are
never changed.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Literal, get_args

from srcos_contracts.contracts.catalog import Catalog, CatalogError, Contract
from srcos_contracts.contracts.resources import taken_in
from srcos_contracts.evolve.cases import CASES_FILE
from srcos_contracts.evolve.states import CannotOpen
from srcos_contracts.ledger.reads import contracts_read, reads_of
from srcos_contracts.ledger.set_rules import VIEWS, kept_for, rules_of
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.vendor.digests import digests_of
from srcos_contracts.vendor.lock import Entry, Role
from srcos_contracts.vendor.plain import NotPlain, content_of
from srcos_contracts.vendor.sources import Part, Source, refuse_second_hand

__all__ = ["EXTRAS", "Extra", "Item", "UnknownExtra", "contract_named", "extras_named", "files_of", "items_of"]

Extra = Literal["rules", "cases"]
EXTRAS: tuple[Extra, ...] = get_args(Extra)
"""What may be vendored beside the schemas of contracts."""


class UnknownExtra(Refusal):
    """There is nothing of this name to vendor beside a contract."""


class Item(NamedTuple):
    """A file to be copied."""

    entry: Entry
    """As the lock will have it, but that its source is named from the current folder."""
    content: bytes


def extras_named(words: str) -> frozenset[Extra]:
    """What a list with commas names. Raises UnknownExtra."""
    found = set()
    for word in filter(None, (word.strip() for word in words.split(","))):
        extra = next((extra for extra in EXTRAS if extra == word), None)
        if extra is None:
            raise UnknownExtra(f"there is no {word} to vendor beside contracts; there are {' and '.join(EXTRAS)}")
        found.add(extra)
    return frozenset(found)


def files_of(catalog: Catalog, contract: Contract) -> list[str]:
    """The schema files of a contract, its own first: paths below the catalog's folder. Raises CatalogError."""
    resources = taken_in(catalog.document(contract.bundle), contract.uri)
    prefix = f"{catalog.shown}/"
    others = {catalog.place(uri, ()).file.removeprefix(prefix) for uri in resources if uri != contract.uri}
    return [contract.file, *sorted(others - {contract.file})]


def items_of(source: Source, contract: Contract, extras: Collection[Extra] = ()) -> Iterator[Item]:
    """The files of a contract of a source.

    Raises CatalogError where it is not usable, CannotOpen where a file cannot be read or what is asked for is not there, SecondHand
    where a file is a vendored copy, BadRule.
    """
    catalog = source.state.catalog
    catalog.judge(contract)
    named = {other.file: other for other in catalog.contracts}
    for file in files_of(catalog, contract):
        # A contract that another one refers to is vendored as the contract that it is.
        about = named.get(file)
        yield _item(source, "schemas", file, "", "contract" if about is not None else "definitions", about)
    if "rules" in extras:
        yield from _rules(source, contract)
    if "cases" in extras:
        yield from _cases(source, contract)


def _item(source: Source, part: Part, file: str, under: str, role: Role, about: Contract | None) -> Item:
    folder = source.parts[part][1]
    refuse_second_hand(folder / file, source.origin, source.state.root)
    try:
        content = content_of(str(folder), file)
    except NotPlain as error:
        raise CannotOpen(f"{source.origin.source}: {error}") from error
    except OSError as error:
        raise CannotOpen(f"{source.origin.source}: {file} cannot be read: {error.strerror or error}") from error
    path = f"{under}/{file}" if under else file
    name, version = (about.name, about.version) if about is not None else ("", "")
    digests = digests_of(content, role in ("contract", "definitions"))
    return Item(Entry(path, role, name, version, source.origin, source.path_in(part, file), digests), content)


def _rules(source: Source, contract: Contract) -> Iterator[Item]:
    """The set rules that may speak of a contract's records, and the relations that they read."""
    if "rules" not in source.parts:
        raise CannotOpen(f"{source.origin.source} has no set rules; leave out --with rules")
    catalog = source.state.catalog
    used: set[str] = set()
    for rule in rules_of(str(source.parts["rules"][1])):
        if contract in contracts_read(catalog, reads_of(rule)):
            yield _item(source, "rules", os.path.basename(rule.file), "rules", "rule", None)
            used.update(kept_for(f"{rule.sql} {rule.graph} {rule.forms}", VIEWS))
    for view in sorted(used) if "views" in source.parts else ():
        yield _item(source, "views", f"{view}.sql", "views", "view", None)


def _cases(source: Source, contract: Contract) -> Iterator[Item]:
    """All that is stored with a version of a contract: examples, and cases with their exact findings."""
    folder = Path(contract.name) / contract.version
    if "examples" not in source.parts or not (source.parts["examples"][1] / folder / CASES_FILE).is_file():
        raise CannotOpen(
            f"{source.origin.source} has no cases of {contract.label}; leave out --with cases, or name a git repository or an archive"
        )
    top = source.parts["examples"][1]
    for path in sorted((top / folder).rglob("*")):
        file = path.relative_to(top).as_posix()
        if path.is_symlink():
            raise CannotOpen(f"{source.origin.source}: {file} is a symbolic link, which is not vendored")
        if path.is_file() and not any(part.startswith(".") for part in Path(file).parts):
            yield _item(source, "examples", file, "examples", "example", contract)


def contract_named(source: Source, name: str) -> Contract:
    """A contract of a source, `NAME` in its newest version or `NAME@VERSION`.

    Raises UnknownContract, and CatalogError where the file of that name cannot be used.
    """
    catalog = source.state.catalog
    wanted, _, version = name.partition("@")
    if not any(contract.name == wanted and version in ("", contract.version) for contract in catalog.contracts):
        for file, problem in source.state.problems.items():
            if file.startswith(f"{wanted}/{version}"):
                raise CatalogError(str(problem))
    return catalog.find(name)
