"""The options of the command about the configuration: config."""

from __future__ import annotations

from typing import Annotated

import typer

from srcos_contracts.cli.app import (
    ConfigFile,
    HumanOrJson,
    Ignore,
    KnownFindings,
    MaxFindings,
    NoConfig,
    SchemasInstead,
    Select,
    Strict,
    app,
    choose,
)

__all__: list[str] = []


@app.command("config")
def show_configuration(
    form: HumanOrJson = "human",
    schemas: SchemasInstead = None,
    strict: Strict = None,
    max_findings: MaxFindings = None,
    select: Select = None,
    ignore: Ignore = None,
    baseline: KnownFindings = None,
    open_set: Annotated[bool | None, typer.Option("--open/--no-open", help="As for audit.", show_default=False)] = None,
    assume: Annotated[list[str] | None, typer.Option(help="As for audit.", metavar="ROLE")] = None,
    known: Annotated[str | None, typer.Option(help="As for audit.", metavar="FILE")] = None,
    config: ConfigFile = None,
    no_config: NoConfig = False,
) -> None:
    """Show the configuration of a check here, and where each value comes from: a file and line, an option, or the default.

    Options are those of check and audit, to see what they would change; --format is of this command.

    Exit codes: 0 it is shown, 2 it cannot be used.
    """
    from srcos_contracts.cli.config import ConfigRequest, run_config
    from srcos_contracts.cli.configured import Options, Where, roles_in, some

    options = Options(schemas, strict, some(select), some(ignore), None, max_findings, baseline, open_set, roles_in(assume), known)
    choose(lambda: run_config(ConfigRequest(Where(config, no_config), options, form)))
