"""`srcos-validate config`: what is in force, and where each value of it comes from."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, Literal

from srcos_contracts.cli.check import UsageError
from srcos_contracts.cli.configured import Options, Where, in_force, merged, overruled, said
from srcos_contracts.cli.terminal import Page, refused, show
from srcos_contracts.configuration.application import refuse_unknown
from srcos_contracts.configuration.discovery import OWN_FILE, SHARED_FILE, BadConfiguration
from srcos_contracts.configuration.settings import PathSettings, Settings, VendorWanted
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape
from srcos_contracts.report.machine import as_json

__all__ = ["FORMATS", "ConfigRequest", "run_config"]

FORMATS = ("human", "json")
Origin = Literal["option", "file", "default"]


class ConfigRequest(NamedTuple):
    """What a command line asks of `config`."""

    where: Where = Where()
    options: Options = Options()
    """As they would be given to `check` or `audit`."""
    format: str = "human"


class _Setting(NamedTuple):
    """One of the settings that have an option as well."""

    field: str
    """Of Options."""
    path: Path
    """In the table of a configuration."""
    option: str
    default: str
    """In words; empty where nothing is done."""


_SETTINGS = (
    _Setting("schemas", ("schemas",), "--schemas", "the shipped contracts"),
    _Setting("strict", ("strict",), "--strict", "false"),
    _Setting("select", ("select",), "--select", "all rules"),
    _Setting("ignore", ("ignore",), "--ignore", ""),
    _Setting("formats", ("format",), "--format", "human"),
    _Setting("max_findings", ("max-findings",), "--max-findings", "100 for human, else all"),
    _Setting("baseline", ("baseline",), "--baseline", ""),
    _Setting("open", ("audit", "open"), "--open", "false"),
    _Setting("assume", ("audit", "assume"), "--assume", ""),
    _Setting("known", ("audit", "known"), "--known", ""),
)


class _Row(NamedTuple):
    name: str
    value: Any
    """None where the default holds."""
    default: str
    origin: Origin
    place: str
    """The option, or file, line and column; empty where the default holds."""


def run_config(request: ConfigRequest) -> int:
    """Prints the settings that a check here would have. Returns the exit code."""
    try:
        if request.format not in FORMATS:
            raise UsageError(f"there is no format {request.format}; there are {', '.join(FORMATS)}")
        settings = in_force(request.where)
        if settings is not None:
            schemas = merged(request.options, settings).schemas
            if schemas == settings.schemas:
                refuse_unknown(settings, Catalog.at(schemas) if schemas is not None else Catalog.shipped())
    except BadConfiguration as error:
        sys.stdout.flush()
        for fault in error.faults:
            print(f"error: {escape(fault)}", file=sys.stderr)
        return 2
    except Refusal as error:
        return refused(error)
    settings = settings and overruled(request.options, settings)
    rows = [_row(setting, request.options, settings) for setting in _SETTINGS]
    return show(_json(settings, rows) if request.format == "json" else _page(request.where, settings, rows))


def _row(setting: _Setting, options: Options, settings: Settings | None) -> _Row:
    name = ".".join(map(str, setting.path))
    given = getattr(options, setting.field)
    if given is not None:
        return _Row(name, given, setting.default, "option", f"--no-{setting.option[2:]}" if given is False else setting.option)
    configured = getattr(said(settings), setting.field) if settings is not None else None
    if settings is not None and configured is not None:
        return _Row(name, configured, setting.default, "file", settings.place(*setting.path))
    return _Row(name, None, setting.default, "default", "")


def _json(settings: Settings | None, rows: Sequence[_Row]) -> str:
    value: dict[str, Any] = {
        "configuration": settings.file if settings is not None else None,
        "passed_over": (settings.passed_over or None) if settings is not None else None,
        "settings": [{"name": row.name, "value": row.value, "from": row.origin, "place": row.place or None} for row in rows],
        "paths": [],
        "vendor": [],
    }
    if settings is not None:
        value["paths"] = [
            {
                "match": list(entry.match.patterns),
                **{name: member for name, member, _ in _members(entry)},
                "place": settings.place("paths", number, "match"),
            }
            for number, entry in enumerate(settings.paths)
        ]
        value["vendor"] = [
            {
                "source": wanted.source,
                "revision": wanted.revision,
                "into": wanted.into,
                "contracts": wanted.contracts,
                "with": wanted.with_,
                "place": settings.place("vendor", "sources", number, "source"),
            }
            for number, wanted in enumerate(settings.vendor)
        ]
    return as_json(value, 2) + "\n"


def _page(where: Where, settings: Settings | None, rows: Sequence[_Row]) -> str:
    page = Page()
    page.title("Configuration", settings.file if settings is not None else _none(where))
    if settings is not None and settings.passed_over:
        page.paragraph(f"[tool.srcos] in {settings.passed_over} does not count beside it")
    page.space()
    page.table(
        ["setting", "from", "value"],
        [[row.name, row.place or "default", _shown(row.value) if row.value is not None else row.default or "none"] for row in rows],
    )
    for number, entry in enumerate(settings.paths if settings is not None else ()):
        assert settings is not None
        page.heading(f"Of {', '.join(entry.match.patterns)}")
        page.table(
            ["setting", "from", "value"],
            [[name, settings.place("paths", number, *path), _shown(value)] for name, value, path in _members(entry)],
        )
    for number, wanted in enumerate(settings.vendor if settings is not None else ()):
        assert settings is not None
        page.heading(f"Vendored from {wanted.source}")
        page.table(["setting", "from", "value"], _vendored(settings, number, wanted))
    return page.text


def _none(where: Where) -> str:
    if where.none:
        return "none, by --no-config"
    return f"none: no {OWN_FILE}, and no [tool.srcos] in a {SHARED_FILE}, from {os.getcwd()} upwards"


def _members(entry: PathSettings) -> list[tuple[str, Any, Path]]:
    """What an entry says of its paths: each with its name and where it stands in it."""
    told = [("contract", entry.contract), ("strict", entry.strict), ("select", entry.select), ("ignore", entry.ignore or None)]
    return [(name, value, (name,)) for name, value in told if value is not None]


def _vendored(settings: Settings, number: int, wanted: VendorWanted) -> list[list[str]]:
    at: Path = ("vendor", "sources", number)
    into: Path = (*at, "into") if (*at, "into") in settings.places else ("vendor", "into")
    told: list[tuple[str, Any, Path]] = [("contracts", wanted.contracts, (*at, "contracts")), ("into", wanted.into, into)]
    if wanted.revision is not None:
        told.append(("revision", wanted.revision, (*at, "revision")))
    if wanted.with_:
        told.append(("with", wanted.with_, (*at, "with")))
    return [[name, settings.place(*path), _shown(value)] for name, value, path in told]


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return ", ".join(value) or "nothing"
    return str(value)
