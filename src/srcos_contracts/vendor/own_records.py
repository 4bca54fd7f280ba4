"""The records of the repository around a vendored folder, as far as it is said where they are: by its configuration, or by contracts."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.named import NamedTuple
from srcos_contracts.reading.source import Source, found
from srcos_contracts.vendor.namesakes import tree_files, tree_of, vendored_folders

if TYPE_CHECKING:
    from srcos_contracts.configuration.settings import Settings

__all__ = ["OwnRecords", "own_records"]


class OwnRecords(NamedTuple):
    """The files that are said to hold records."""

    sources: tuple[Source, ...]
    why_none: str
    """Where there are none, why; else empty."""


def own_records(catalog: Catalog, settings: Settings | None) -> OwnRecords:
    """The files of this repository that an entry of `paths` matches, or that a contract of the catalog is bound to by their path; the
    catalog has the bindings of the configuration.

    Files of vendored folders are none of its records.
    """
    top = tree_of(settings.folder if settings is not None else os.curdir)
    files = tree_files(top)
    apart = [os.path.realpath(folder) + os.sep for folder in vendored_folders(top, files, os.curdir)]
    sources = []
    for file in files:
        name = os.path.relpath(os.path.join(top, file))
        if not _is_named(name, catalog, settings) or not os.path.isfile(name):
            continue
        source = found(name, name, catalog.binds)
        if source is not None and not any(os.path.realpath(name).startswith(folder) for folder in apart):
            sources.append(source)
    return OwnRecords(tuple(sources), "" if sources else _why_none(settings))


def _is_named(name: str, catalog: Catalog, settings: Settings | None) -> bool:
    return (settings is not None and any(entry.match.fit(name) for entry in settings.paths)) or catalog.binds(name)


def _why_none(settings: Settings | None) -> str:
    if settings is None:
        return "there is no configuration that says where they are"
    if not settings.paths:
        return f"{settings.file} has no paths that say where they are"
    return f"no file lies where the paths of {settings.file} say"
