"""What a configuration comes to for a catalog and the demands of a check."""

from __future__ import annotations

from collections.abc import Iterator

from srcos_contracts.configuration.discovery import BadConfiguration
from srcos_contracts.configuration.settings import Settings
from srcos_contracts.contracts.catalog import Catalog, PathBinding, UnknownContract
from srcos_contracts.demands import PathDemands
from srcos_contracts.pointer import Path

__all__ = ["bound", "demanded_of_paths", "refuse_unknown"]


def bound(settings: Settings, catalog: Catalog) -> Catalog:
    """The catalog, with the bindings that a configuration adds. Contracts that the catalog does not have bind nothing."""
    bindings = []
    for entry in settings.paths:
        if entry.contract is not None:
            try:
                bindings.append(PathBinding(entry.match, catalog.find(entry.contract)))
            except UnknownContract:
                continue
    return catalog.binding(bindings) if bindings else catalog


def demanded_of_paths(settings: Settings) -> tuple[PathDemands, ...]:
    """What a configuration asks of some files only."""
    return tuple(
        PathDemands(entry.match, entry.strict, None if entry.select is None else frozenset(entry.select), frozenset(entry.ignore))
        for entry in settings.paths
        if entry.strict is not None or entry.select is not None or entry.ignore
    )


def refuse_unknown(settings: Settings, catalog: Catalog) -> None:
    """Raises BadConfiguration where rules or contracts are named that are none of the catalog's."""
    faults = sorted((settings.places[path], text) for path, text in _unknown(settings, catalog))
    if faults:
        raise BadConfiguration(*(f"{settings.file}:{line}:{column}: {text}" for (line, column), text in faults))


def _unknown(settings: Settings, catalog: Catalog) -> Iterator[tuple[Path, str]]:
    named = list(_rules_named(settings))
    if named:
        from srcos_contracts.rules import UnknownRule, known_rules

        known = known_rules(catalog)
        for path, rule in named:
            if rule not in known:
                yield path, str(UnknownRule(rule, known))
    for number, entry in enumerate(settings.paths):
        if entry.contract is not None:
            try:
                catalog.find(entry.contract)
            except UnknownContract as error:
                yield ("paths", number, "contract"), str(error)


def _rules_named(settings: Settings) -> Iterator[tuple[Path, str]]:
    """Every rule that is named, with where that is."""
    lists: list[tuple[Path, tuple[str, ...]]] = [(("select",), settings.select or ()), (("ignore",), settings.ignore or ())]
    for number, entry in enumerate(settings.paths):
        lists += [(("paths", number, "select"), entry.select or ()), (("paths", number, "ignore"), entry.ignore)]
    for path, rules in lists:
        for index, rule in enumerate(rules):
            yield (*path, index), rule
