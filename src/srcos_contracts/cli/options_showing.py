"""The options of the commands that tell what there is: list, show, explain."""

from __future__ import annotations

from typing import Annotated

import typer

from srcos_contracts.cli import completion
from srcos_contracts.cli.app import ConfigFile, HumanOrJson, NoConfig, SchemasInstead, app, choose
from srcos_contracts.cli.configured import Options, Where, configured, merged

__all__: list[str] = []


@app.command("list")
def list_contracts(
    schemas: SchemasInstead = None,
    form: HumanOrJson = "human",
    config: ConfigFile = None,
    no_config: NoConfig = False,
) -> None:
    """List the contracts: version, status, owner, how their records are recognised, and how many rules they have."""
    from srcos_contracts.cli.catalog import run_list

    choose(lambda: configured(Where(config, no_config), lambda settings: run_list(merged(Options(schemas), settings).schemas, form)))


@app.command()
def show(
    contract: Annotated[str, typer.Argument(help="NAME or NAME@VERSION.", autocompletion=completion.contracts)],
    schemas: SchemasInstead = None,
    form: Annotated[
        str, typer.Option("--format", help="human, json, or schema: one plain JSON Schema for code generators.", metavar="FORMAT")
    ] = "human",
    config: ConfigFile = None,
    no_config: NoConfig = False,
) -> None:
    """Show a contract: its purpose, fields, rules and references."""
    from srcos_contracts.cli.catalog import run_show

    choose(
        lambda: configured(Where(config, no_config), lambda settings: run_show(contract, form, merged(Options(schemas), settings).schemas))
    )


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(help="A rule's id, as findings give it.", autocompletion=completion.any_rules)],
    contract: Annotated[
        str | None, typer.Option(help="The contract to take the example from.", autocompletion=completion.contracts)
    ] = None,
    schemas: SchemasInstead = None,
    config: ConfigFile = None,
    no_config: NoConfig = False,
) -> None:
    """Explain a rule: what it says, why, what to do, and an example that fails and one that passes."""
    from srcos_contracts.cli.explain import run_explain

    choose(
        lambda: configured(
            Where(config, no_config), lambda settings: run_explain(rule, merged(Options(schemas), settings).schemas, contract)
        )
    )
