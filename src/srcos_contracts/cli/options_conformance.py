"""The options of conformance, the command for those who write a validator of their own."""

from __future__ import annotations

from typing import Annotated

import typer

from srcos_contracts.cli.app import ExamplesHere, Formats, MaxFindings, SchemasHere, app, choose

__all__: list[str] = []


@app.command()
def conformance(
    command: Annotated[
        list[str] | None, typer.Argument(help="The validator's command and its arguments, after --.", metavar="-- COMMAND")
    ] = None,
    level: Annotated[
        str,
        typer.Option(
            help="What is asked: schema, whether plain JSON Schema takes a record for valid; verdict, whether its contract does; "
            "findings, the exact findings."
        ),
    ] = "findings",
    contract: Annotated[list[str] | None, typer.Option(help="Only this contract: NAME or NAME@VERSION. Repeatable.")] = None,
    expected: Annotated[
        str | None, typer.Option("--expected-failures", help="The cases that are known to fail, each with its reason.", metavar="FILE")
    ] = None,
    into: Annotated[
        str | None, typer.Option("--write-suite", help="Write the suite to this folder, which is not there yet.", metavar="DIR")
    ] = None,
    timeout: Annotated[float, typer.Option(help="Seconds of silence after which the command is given up.")] = 60.0,
    formats: Formats = None,
    max_findings: MaxFindings = None,
    suite: Annotated[
        str | None, typer.Option(help="Ask about the suite in this folder, instead of the examples here.", metavar="DIR")
    ] = None,
    schemas: SchemasHere = "schemas",
    examples: ExamplesHere = "examples",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show the rules that all is agreed on, too.")] = False,
) -> None:
    """Put all stored cases to a validator in any language, over its standard input and output, and say how far it agrees.

    Exit codes: 0 it agrees, but for expected failures; 1 it does not; 2 not all cases could be asked.
    """
    from srcos_contracts.cli.conformance import ConformanceRequest, run_conformance

    request = ConformanceRequest(
        tuple(command or ()),
        level,
        tuple(contract or ()),
        expected,
        into,
        timeout,
        tuple(formats or ("human",)),
        max_findings,
        suite,
        schemas,
        examples,
        verbose,
    )
    choose(lambda: run_conformance(request))
