"""How a configuration and the options of a command line come together: what an option says counts."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from srcos_contracts.cli.check import CheckRequest, UsageError, run_check
from srcos_contracts.named import NamedTuple
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape

if TYPE_CHECKING:
    from srcos_contracts.configuration.settings import Settings
    from srcos_contracts.contracts.judge import EngineName

__all__ = [
    "Options",
    "Where",
    "check_request",
    "configured",
    "in_force",
    "merged",
    "overruled",
    "roles_in",
    "run_check_here",
    "said",
    "some",
]


class Where(NamedTuple):
    """What a command line says of the configuration itself."""

    file: str | None = None
    """None is the one that is found."""
    none: bool = False
    """Whether to do without."""


class Options(NamedTuple):
    """What can be said by an option and by a configuration; None where nothing is said."""

    schemas: str | None = None
    strict: bool | None = None
    select: tuple[str, ...] | None = None
    ignore: tuple[str, ...] | None = None
    formats: tuple[str, ...] | None = None
    max_findings: int | None = None
    baseline: str | None = None
    open: bool | None = None
    assume: tuple[str, ...] | None = None
    known: str | None = None


def in_force(where: Where) -> Settings | None:
    """The configuration that counts; None where there is none. Raises BadConfiguration, UsageError."""
    if where.none:
        if where.file is not None:
            raise UsageError("--config and --no-config cannot both be given")
        return None
    from srcos_contracts.configuration.discovery import BadConfiguration, candidates, named

    if where.file is None:
        try:
            here = os.getcwd()
        except OSError:
            return None
        found = candidates(here)
        first = next(found, None)
        if first is None:
            return None
        from srcos_contracts.configuration.settings import settings_of

        return settings_of(chain((first,), found))
    from srcos_contracts.configuration.settings import read_settings

    settings = read_settings(named(where.file))
    if settings is None:
        raise BadConfiguration(f"{where.file} has no table [tool.srcos]")
    return settings


def configured(where: Where, run: Callable[[Settings | None], int]) -> int:
    """Runs with the configuration that counts. Returns the exit code."""
    try:
        settings = in_force(where)
    except Refusal as error:
        print(f"error: {escape(str(error))}", file=sys.stderr)
        return 2
    return run(settings)


def merged(options: Options, settings: Settings | None) -> Options:
    """What counts of both."""
    if settings is None:
        return options
    stated = said(settings)
    return options._replace(**{name: getattr(stated, name) for name, value in options._asdict().items() if value is None})


def overruled(options: Options, settings: Settings) -> Settings:
    """A configuration without what it says of paths and an option says of all files."""
    if options.strict is None:
        return settings
    return settings._replace(paths=tuple(entry._replace(strict=None) for entry in settings.paths))


def said(settings: Settings) -> Options:
    """What a configuration says, as options would."""
    audit = settings.audit
    return Options(
        settings.schemas,
        settings.strict,
        settings.select,
        settings.ignore,
        settings.formats,
        settings.max_findings,
        settings.baseline,
        audit.open,
        audit.assume,
        audit.known,
    )


def check_request(
    paths: tuple[str, ...],
    options: Options,
    settings: Settings | None,
    contract: str | None = None,
    engine: EngineName = "rust",
    jobs: int = 0,
    stdin_name: str | None = None,
    write_baseline: str | None = None,
    redact: bool = False,
) -> CheckRequest:
    """What is asked of `check` by options and a configuration together."""
    settings = settings and overruled(options, settings)
    asked = merged(options, settings)
    return CheckRequest(
        paths,
        contract,
        asked.schemas,
        bool(asked.strict),
        asked.formats or ("human",),
        engine,
        jobs,
        asked.max_findings,
        asked.select or (),
        asked.ignore or (),
        stdin_name,
        # A baseline is written of all that is found, but where the command line says what is known already.
        asked.baseline if write_baseline is None else options.baseline,
        write_baseline,
        settings,
        redact,
    )


def some(words: Sequence[str] | None) -> tuple[str, ...] | None:
    """The words of an option that may be given several times; None where it is not given."""
    return tuple(words) if words else None


def roles_in(texts: Sequence[str] | None) -> tuple[str, ...] | None:
    """The roles in texts that each have some, with commas between them; None where there are no texts."""
    return None if texts is None else tuple(role.strip() for text in texts for role in text.split(",") if role.strip())


def run_check_here(paths: tuple[str, ...]) -> int:
    """Checks paths as the configuration says that was found. Returns the exit code."""
    return configured(Where(), lambda settings: run_check(check_request(paths, Options(), settings)))
