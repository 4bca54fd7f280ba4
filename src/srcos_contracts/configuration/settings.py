"""What a configuration says, as frozen values that know where they stand (schemas/meta/configuration.json)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from srcos_contracts.configuration.discovery import OWN_FILE, BadConfiguration, Candidate
from srcos_contracts.contracts.form import faults_of
from srcos_contracts.named import NamedTuple
from srcos_contracts.pointer import Path
from srcos_contracts.reading.path_patterns import PathPatterns, why_no_pattern
from srcos_contracts.reading.toml_text import Toml, TomlFault, parse_toml
from srcos_contracts.wording import show

__all__ = ["AuditSettings", "PathSettings", "Settings", "VendorWanted", "read_settings", "settings_of"]

_FORM = "configuration.json"
_TABLE = ("tool", "srcos")
_WHOLE = "the configuration"
_JSON = (str, int, bool, list, dict)

_Rules = tuple[str, ...]


class PathSettings(NamedTuple):
    """What holds of some files only."""

    match: PathPatterns
    contract: str | None = None
    """The contract of records there that cannot be told otherwise."""
    strict: bool | None = None
    select: _Rules | None = None
    """The only rules to report there, of those that are reported at all."""
    ignore: _Rules = ()


class AuditSettings(NamedTuple):
    """What an audit takes for granted; None where nothing is said."""

    open: bool | None = None
    assume: tuple[str, ...] | None = None
    known: str | None = None
    """A file, as it is opened from the working directory."""


class VendorWanted(NamedTuple):
    """Contracts of others that a repository wants to have."""

    source: str
    """As it is written; where it is a path, it is relative to the folder of the configuration."""
    revision: str | None
    into: str
    """A folder, as it is opened from the working directory."""
    contracts: tuple[str, ...]
    """Each NAME or NAME@VERSION."""
    with_: tuple[str, ...] = ()
    """`rules`, `cases`."""


class Settings(NamedTuple):
    """A configuration; None where it says nothing of a setting. Files are named as they are opened from the working directory."""

    file: str
    """As messages name it."""
    folder: str
    """The absolute folder that it lies in."""
    places: Mapping[Path, tuple[int, int]]
    """Line and column of what each setting is, by its path in the table."""
    schemas: str | None = None
    strict: bool | None = None
    select: _Rules | None = None
    ignore: _Rules | None = None
    formats: tuple[str, ...] | None = None
    max_findings: int | None = None
    baseline: str | None = None
    paths: tuple[PathSettings, ...] = ()
    audit: AuditSettings = AuditSettings()
    vendor: tuple[VendorWanted, ...] = ()
    passed_over: str = ""
    """A file beside it whose configuration does not count."""

    def place(self, *path: str | int) -> str:
        """Where a setting stands: `srcos.toml:3:1`."""
        line, column = self.places[path]
        return f"{self.file}:{line}:{column}"


def settings_of(candidates: Iterable[Candidate]) -> Settings | None:
    """The first of these that is a configuration; None where none is. Raises BadConfiguration."""
    return next((settings for candidate in candidates if (settings := read_settings(candidate)) is not None), None)


def read_settings(candidate: Candidate) -> Settings | None:
    """What a file says; None where it is shared with others and has no table of ours.

    Raises BadConfiguration, with all that is wrong where it is TOML.
    """
    try:
        toml = parse_toml(candidate.shown, candidate.content)
    except TomlFault as fault:
        raise BadConfiguration(str(fault)) from fault
    prefix = _TABLE if candidate.shared else ()
    table: Any = toml.value
    for name in prefix:
        table = table.get(name) if isinstance(table, dict) else None
    if candidate.shared and table is None:
        return None
    faults = sorted(_faults(candidate, toml, table, prefix))
    if faults:
        raise BadConfiguration(*(f"{candidate.shown}:{line}:{column}: {text}" for line, column, text in faults))
    places = {path[len(prefix) :]: toml.place(path, at_key=True) for path in toml.spans if path[: len(prefix)] == prefix}
    return _settings(candidate, table, places)


_Fault = tuple[int, int, str]


def _faults(candidate: Candidate, toml: Toml, table: Any, prefix: Path) -> Iterator[_Fault]:
    """Line, column and text of each fault."""
    if not isinstance(table, dict):
        name = ".".join(_TABLE)
        yield *toml.place(prefix), f"{name} is no table: write [{name}]"
        return
    foreign = list(_no_json(table, ()))
    for path, kind in foreign:
        yield *toml.place((*prefix, *path)), f"{'.'.join(map(str, path))} is {kind}, which no setting is"
    if foreign:
        return
    if not candidate.shared and "tool" in table:
        yield *toml.place(("tool",), at_key=True), f"in {OWN_FILE} the settings stand at the top: leave [tool.srcos] out"
        return
    told = faults_of(_FORM, table, _WHOLE)
    for fault in told:
        said = f"{fault.message}: {fault.detail}" if fault.detail else fault.message
        help = fault.help.rstrip(".")
        # A name that is meant is named, and a form that does not fit is described, in the sentence itself.
        yield *toml.place((*prefix, *fault.path), fault.at_key), said if said.endswith("?") or help in said else f"{said} ({help})"
    if not told:
        yield from _senseless(toml, table, prefix)
        if "schemas" in table and not os.path.exists(os.path.join(os.path.dirname(candidate.path), table["schemas"])):
            yield *toml.place((*prefix, "schemas")), f"there is no folder or file {table['schemas']} beside {candidate.shown}"


def _no_json(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """What TOML can say and no setting: the path of each such value, and what it is."""
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _no_json(member, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _no_json(item, (*path, index))
    elif isinstance(value, float):
        if value != value or value in (float("inf"), float("-inf")):
            yield path, f"{value}"
    elif not isinstance(value, _JSON):
        yield path, "a date or a time"
    elif isinstance(value, str) and "\0" in value:
        yield path, "a text with a zero character"


def _senseless(toml: Toml, table: Mapping[str, Any], prefix: Path) -> Iterator[_Fault]:
    """What has the form of a configuration and still makes no sense."""
    for index, entry in enumerate(table.get("paths", ())):
        at = (*prefix, "paths", index)
        if entry.keys() == {"match"}:
            yield *toml.place((*at, "match"), at_key=True), "nothing is said of these paths: add contract, strict, select or ignore"
        for position, pattern in enumerate(_listed(entry["match"])):
            why = why_no_pattern(pattern)
            if why:
                yield *toml.place((*at, "match", position)), f"{pattern}: {why}"
    vendor = table.get("vendor", {})
    places: dict[tuple[str, str], str] = {}
    for index, source in enumerate(vendor.get("sources", ())):
        into = os.path.normpath(source.get("into", vendor.get("into", "")))
        for number, name in enumerate(source["contracts"]):
            other = places.setdefault((into, name), source["source"])
            if other != source["source"]:
                at = (*prefix, "vendor", "sources", index, "contracts", number)
                yield *toml.place(at), f"{name} is wanted of {other} too, and one folder cannot have both: name another with into"
        if "into" not in vendor and "into" not in source:
            yield *toml.place((*prefix, "vendor", "sources", index)), "nothing says where these contracts go: add into, here or to vendor"
        from srcos_contracts.reading.credentials import why_not_kept

        unkept = why_not_kept(source["source"])
        if unkept:
            yield *toml.place((*prefix, "vendor", "sources", index, "source")), unkept
        if "revision" in source:
            from srcos_contracts.reading.revision_names import why_no_revision

            why = why_no_revision(source["revision"])
            if why:
                yield *toml.place((*prefix, "vendor", "sources", index, "revision")), f"{show(source['revision'])} {why}"


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _settings(candidate: Candidate, table: Mapping[str, Any], places: Mapping[Path, tuple[int, int]]) -> Settings:
    here, folder = os.path.dirname(candidate.shown), os.path.dirname(candidate.path)
    working = os.getcwd()

    def beside(path: str) -> str:
        return os.path.normpath(os.path.join(here, path))

    def maybe(of: Mapping[str, Any], name: str, make: Callable[[Any], Any]) -> Any:
        return make(of[name]) if name in of else None

    audit, vendor = table.get("audit", {}), table.get("vendor", {})
    return Settings(
        candidate.shown,
        folder,
        places,
        maybe(table, "schemas", beside),
        table.get("strict"),
        maybe(table, "select", tuple),
        maybe(table, "ignore", tuple),
        maybe(table, "format", lambda texts: tuple(_format(text, beside) for text in texts)),
        table.get("max-findings"),
        maybe(table, "baseline", beside),
        tuple(
            PathSettings(
                PathPatterns(folder, tuple(_listed(entry["match"])), working),
                entry.get("contract"),
                entry.get("strict"),
                maybe(entry, "select", tuple),
                tuple(entry.get("ignore", ())),
            )
            for entry in table.get("paths", ())
        ),
        AuditSettings(audit.get("open"), maybe(audit, "assume", tuple), maybe(audit, "known", beside)),
        tuple(
            VendorWanted(
                source["source"],
                source.get("revision"),
                beside(source["into"] if "into" in source else vendor["into"]),
                tuple(source["contracts"]),
                tuple(source.get("with", ())),
            )
            for source in vendor.get("sources", ())
        ),
        candidate.passed_over,
    )


def _format(text: str, beside: Callable[[str], str]) -> str:
    name, equals, file = text.partition("=")
    return f"{name}={beside(file)}" if equals else text
