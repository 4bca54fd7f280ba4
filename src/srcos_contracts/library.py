"""The two doors for Python: `check` gives what it finds, `validate` raises it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any, get_args

from srcos_contracts.checking import NO_SOURCE, Demands, check_source, check_value
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.contracts.judge import EngineName
from srcos_contracts.finding import Finding, Location
from srcos_contracts.pointer import Path, format_pointer
from srcos_contracts.reading.limits import MAX_DEPTH, MAX_INTEGER_DIGITS
from srcos_contracts.reading.source import select
from srcos_contracts.refusal import Refusal

__all__ = ["ContractViolation", "UnknownEngine", "check", "plain", "shipped", "validate"]


class UnknownEngine(Refusal):
    """An engine was named that there is none of."""


class ContractViolation(ValueError):
    """A record breaks its contract. `findings` holds every breach."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings)
        self.findings = findings

    def __str__(self) -> str:
        return "\n".join(
            f"{finding.rule} at {finding.pointer or 'the record'}: {finding.sentence}" + (f" ({finding.help})" if finding.help else "")
            for finding in self.findings
        )


@lru_cache(maxsize=1)
def shipped() -> Catalog:
    """The contracts that come with the package, opened once a process. Raises CatalogError where they are not whole."""
    return Catalog.shipped()


def check(
    record: Mapping[str, Any] | str | os.PathLike[str],
    *,
    contract: str | None = None,
    catalog: Catalog | None = None,
    strict: bool | None = None,
    engine: EngineName = "rust",
    configuration: str | os.PathLike[str] | None = None,
) -> list[Finding]:
    """Every finding for a record, or for all records that a path (file, folder or glob) leads to; an empty list where there is none.

    `contract` is a name, or `NAME@VERSION`, to judge by instead of the one that claims the record. `strict` makes warnings
    errors. What cannot be read is a finding as well, of rule `unreadable`.

    `configuration` is a `srcos.toml`, or a `pyproject.toml` with a table `[tool.srcos]`: of it schemas, strict, select, ignore and paths
    count, where no argument says otherwise. Without it no configuration is looked for, so that a program means the same everywhere.

    Raises BadConfiguration where the configuration cannot be used, UnknownContract where there is no such contract, UnknownEngine where
    there is no such engine, CatalogError where the contract's schema cannot be used. May be called from several threads.
    """
    if engine not in get_args(EngineName):
        raise UnknownEngine(f"there is no engine {engine}; there are {' and '.join(get_args(EngineName))}")
    told = _configured(os.fspath(configuration), catalog) if configuration is not None else None
    catalog, demands = told if told is not None else (catalog if catalog is not None else shipped(), Demands())
    demands = demands._replace(
        contract=catalog.find(contract) if contract is not None else None,
        engine=engine,
        strict=demands.strict if strict is None else strict,
        paths=demands.paths if strict is None else tuple(paths._replace(strict=None) for paths in demands.paths),
    )
    if isinstance(record, (str, os.PathLike)):
        selection = select([os.fspath(record)], bound=catalog.binds)
        found = list(selection.problems)
        for source in selection.sources:
            found += check_source(catalog, source, demands)
        return found
    value, problem = plain(record)
    return [problem] if problem is not None else check_value(catalog, value, demands)


def validate(
    record: Mapping[str, Any],
    *,
    contract: str | None = None,
    catalog: Catalog | None = None,
    strict: bool | None = None,
    engine: EngineName = "rust",
    configuration: str | os.PathLike[str] | None = None,
) -> None:
    """Raises ContractViolation, with every error, where a record breaks its contract. Warnings count only with `strict`.

    The arguments and the other errors are those of `check`.
    """
    found = check(record, contract=contract, catalog=catalog, strict=strict, engine=engine, configuration=configuration)
    errors = [finding for finding in found if finding.severity == "error"]
    if errors:
        raise ContractViolation(errors)


def _configured(file: str, catalog: Catalog | None) -> tuple[Catalog, Demands]:
    """The catalog and the demands that a configuration asks for; a `catalog` that is given counts."""
    from srcos_contracts.configuration.application import bound, demanded_of_paths, refuse_unknown
    from srcos_contracts.configuration.discovery import BadConfiguration, named
    from srcos_contracts.configuration.settings import read_settings

    settings = read_settings(named(file))
    if settings is None:
        raise BadConfiguration(f"{file} has no table [tool.srcos]")
    if catalog is None:
        catalog = shipped() if settings.schemas is None else Catalog.at(settings.schemas)
        refuse_unknown(settings, catalog)
    selected, ignored = frozenset(settings.select or ()), frozenset(settings.ignore or ())
    demands = Demands(strict=bool(settings.strict), select=selected, ignore=ignored, paths=demanded_of_paths(settings))
    return bound(settings, catalog), demands


def plain(record: Any) -> tuple[Any, Finding | None]:
    """A copy of a Python value as plain JSON data, or the finding that keeps it from being that."""
    try:
        return _copied(record, ()), None
    except _NotJson as refused:
        rule, message, path = refused.args
        return None, Finding(rule, "error", message, Location(NO_SOURCE), "pass what json.loads would give", pointer=format_pointer(path))


class _NotJson(Exception):
    pass


def _copied(value: Any, path: Path) -> Any:
    if len(path) > MAX_DEPTH:
        raise _NotJson("too-deep", f"arrays and objects lie more than {MAX_DEPTH} deep within one another, or hold themselves", ())
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        if not value.isascii():
            try:
                value.encode("utf-8")
            except UnicodeEncodeError:
                raise _NotJson("lone-surrogate", "a string holds half of a surrogate pair", path) from None
        return value
    if isinstance(value, int):
        if abs(value) >= 10**MAX_INTEGER_DIGITS:
            raise _NotJson("number-out-of-range", f"a number has more than {MAX_INTEGER_DIGITS} digits", path)
        return value
    if isinstance(value, Mapping):
        copy = {}
        for key, member in value.items():
            if not isinstance(key, str):
                raise _NotJson("json-syntax", f"a key is a {type(key).__name__}, not a string", path)
            copy[_copied(key, path)] = _copied(member, (*path, key))
        return copy
    if isinstance(value, (list, tuple)):
        return [_copied(item, (*path, index)) for index, item in enumerate(value)]
    if isinstance(value, (float, Decimal)):
        if value.is_finite() if isinstance(value, Decimal) else isfinite(value):
            return value
        raise _NotJson("not-finite-number", f"{value} is not a JSON number", path)
    raise _NotJson("json-syntax", f"a value of the type {type(value).__name__} is not JSON data", path)
