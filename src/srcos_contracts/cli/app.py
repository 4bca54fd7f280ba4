"""The application that commands are added to, and the options that several of them have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

import typer

from srcos_contracts.cli import completion
from srcos_contracts.report.formats import FORMATS

__all__ = [
    "Budget",
    "ClosedProducers",
    "ConfigFile",
    "ExamplesHere",
    "Formats",
    "HumanOrJson",
    "Ignore",
    "Jobs",
    "KnownFindings",
    "MaxFindings",
    "NoConfig",
    "Policy",
    "Redact",
    "SchemasHere",
    "SchemasInstead",
    "Select",
    "Strict",
    "WriteKnown",
    "app",
    "choose",
    "chosen",
]

chosen: list[Callable[[], int]] = []
"""What the command line asks for, once it is parsed."""

app = typer.Typer(
    name="srcos-validate",
    help="Check records against the srcos contracts. `srcos-validate PATH...` is `srcos-validate check PATH...`.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)

SchemasInstead = Annotated[
    str | None, typer.Option(help="Use the JSON Schemas in this folder instead of the shipped contracts.", metavar="DIR")
]
SchemasHere = Annotated[str, typer.Option(help="The folder of the contracts.", metavar="DIR")]
ExamplesHere = Annotated[str, typer.Option(help="The folder of their examples and cases.", metavar="DIR")]
Strict = Annotated[bool | None, typer.Option("--strict/--no-strict", help="Count warnings as errors.", show_default=False)]
Redact = Annotated[
    bool, typer.Option("--redact", help="Tell nothing of what records say: only rules, places, contracts and the names that these declare.")
]
Formats = Annotated[
    list[str] | None,
    typer.Option(
        "--format",
        help=f"{', '.join(FORMATS)}; FORMAT=FILE writes to a file. May be given several times.",
        metavar="FORMAT[=FILE]",
        autocompletion=completion.formats,
    ),
]
HumanOrJson = Annotated[str, typer.Option("--format", help="human or json.")]
MaxFindings = Annotated[int | None, typer.Option(min=0, help="Show at most this many; 0 is all. [default: 100 for human, else all]")]
Select = Annotated[
    list[str] | None,
    typer.Option(help="Report only this rule. May be given several times.", metavar="RULE", autocompletion=completion.rules),
]
Ignore = Annotated[
    list[str] | None,
    typer.Option(help="Do not report this rule. May be given several times.", metavar="RULE", autocompletion=completion.rules),
]
Jobs = Annotated[int, typer.Option(min=0, help="Processes; 0 is one for each processor.")]
ConfigFile = Annotated[
    str | None,
    typer.Option("--config", help="The configuration. [default: srcos.toml or pyproject.toml, here or above]", metavar="FILE"),
]
NoConfig = Annotated[bool, typer.Option("--no-config", help="Do without a configuration.")]
KnownFindings = Annotated[
    str | None, typer.Option("--baseline", help="Only findings that this file does not know are reported, and fail.", metavar="FILE")
]
WriteKnown = Annotated[
    str | None,
    typer.Option(
        "--write-baseline", help="Write what is found as known; with --baseline, what is known without what is gone.", metavar="FILE"
    ),
]
Policy = Annotated[str, typer.Option(help="What may not break: backward, forward or full.")]
Budget = Annotated[
    float,
    typer.Option(
        min=0.05,
        max=86_400,
        help="Seconds of the processor for the verdict on a contract, half of them for each direction; as many again for further breaks.",
    ),
]
ClosedProducers = Annotated[
    bool,
    typer.Option(
        "--closed-producers",
        help="Presume that nobody writes names that the accepting version does not declare; an object of which it lists none is a map.",
    ),
]


def choose(action: Callable[[], int]) -> None:
    """What a command says it will do; it is run when the parser has ended."""
    chosen.append(action)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="With --version: also engines, what is not installed, and which contracts there are.")
    ] = False,
) -> None:
    if version:
        from srcos_contracts.cli.version import run_version

        choose(lambda: run_version(verbose))
        raise typer.Exit
    if verbose:
        context.fail("--verbose goes with --version, or stands after a command that has it")
