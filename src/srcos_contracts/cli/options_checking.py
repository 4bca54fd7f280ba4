"""The options of the commands that judge records: check, audit, why."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from srcos_contracts.cli import completion
from srcos_contracts.cli.app import (
    ConfigFile,
    Formats,
    Ignore,
    Jobs,
    KnownFindings,
    MaxFindings,
    NoConfig,
    Redact,
    SchemasInstead,
    Select,
    Strict,
    WriteKnown,
    app,
    choose,
)
from srcos_contracts.cli.check import run_check
from srcos_contracts.cli.configured import Options, Where, check_request, configured, merged, roles_in, some

if TYPE_CHECKING:
    from srcos_contracts.configuration.settings import Settings

__all__: list[str] = []


class Engine(StrEnum):
    """Which validator gives the verdicts."""

    rust = "rust"
    reference = "reference"


class SetEngine(StrEnum):
    """What judges records together."""

    duckdb = "duckdb"
    spark = "spark"


@app.command()
def check(
    paths: Annotated[list[str], typer.Argument(help="Files, folders, globs, or - for standard input.", metavar="PATH...")],
    contract: Annotated[
        str | None, typer.Option(help="Judge every record by this contract: NAME or NAME@VERSION.", autocompletion=completion.contracts)
    ] = None,
    schemas: SchemasInstead = None,
    strict: Strict = None,
    formats: Formats = None,
    max_findings: MaxFindings = None,
    select: Select = None,
    ignore: Ignore = None,
    baseline: KnownFindings = None,
    write_baseline: WriteKnown = None,
    stdin_name: Annotated[
        str | None, typer.Option(help="The file name that - stands for: its suffix says how to read it.", metavar="NAME")
    ] = None,
    engine: Annotated[Engine, typer.Option(help="rust is fast; reference is python-jsonschema, for a second opinion.")] = Engine.rust,
    jobs: Jobs = 0,
    redact: Redact = False,
    config: ConfigFile = None,
    no_config: NoConfig = False,
) -> None:
    """Check every record by itself against the contract that it claims to be of.

    Exit codes: 0 nothing to report but warnings, 1 errors found, 2 wrong usage or something could not be read or nothing was
    checked, 70 a bug of this program.
    """
    options = Options(schemas, strict, some(select), some(ignore), some(formats), max_findings, baseline)
    choose(
        lambda: configured(
            Where(config, no_config),
            lambda settings: run_check(
                check_request(tuple(paths), options, settings, contract, engine.value, jobs, stdin_name, write_baseline, redact)
            ),
        )
    )


@app.command()
def audit(
    paths: Annotated[list[str], typer.Argument(help="Files, folders, globs, or - for standard input.", metavar="PATH...")],
    open_set: Annotated[
        bool | None,
        typer.Option(
            "--open/--no-open", help="The records are part of a larger set: leave out what asks for the rest.", show_default=False
        ),
    ] = None,
    assume: Annotated[
        list[str] | None,
        typer.Option(help="References of these roles lead to records that live elsewhere. Comma-separated, repeatable.", metavar="ROLE"),
    ] = None,
    known: Annotated[str | None, typer.Option(help="Ids of records that live elsewhere, one a line.", metavar="FILE")] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Compare with an earlier state too: a git revision, or a seal (a file that is one wins).", metavar="REF|SEAL"),
    ] = None,
    seal: Annotated[
        str | None, typer.Option(help="At the end, write what a later audit needs to tell what changed; .gz is compressed.", metavar="FILE")
    ] = None,
    report: Annotated[
        str | None, typer.Option(help="Also write a page for a browser: one file, for offline use.", metavar="FILE.html")
    ] = None,
    schemas: SchemasInstead = None,
    strict: Strict = None,
    formats: Formats = None,
    max_findings: MaxFindings = None,
    select: Select = None,
    ignore: Ignore = None,
    baseline: KnownFindings = None,
    write_baseline: WriteKnown = None,
    jobs: Jobs = 0,
    redact: Redact = False,
    engine: Annotated[
        SetEngine, typer.Option(help="duckdb is this process; spark is a cluster, or this machine by way of Java 17.")
    ] = SetEngine.duckdb,
    master: Annotated[
        str | None,
        typer.Option(help="Where Spark runs, as spark://host:7077. [default: as spark-submit says, else local[*]]", metavar="URL"),
    ] = None,
    conf: Annotated[list[str] | None, typer.Option(help="A setting of Spark. May be given several times.", metavar="NAME=VALUE")] = None,
    staging: Annotated[
        str | None, typer.Option(help="A folder for the index that all of Spark's workers reach. [default: a local one]", metavar="URI")
    ] = None,
    config: ConfigFile = None,
    no_config: NoConfig = False,
) -> None:
    """Check records together: each by itself, then as a set in which what is referred to must be there.

    With --since also what changed: ledgers only grow, receipts and final states stay, issues are moved.

    Exit codes: 0 nothing to report but warnings, 1 errors found, 2 wrong usage or something could not be read or nothing was
    checked, 70 a bug of this program.
    """
    from srcos_contracts.cli.audit import AuditRequest, SparkRequest, run_audit

    on_spark = SparkRequest(master, tuple(conf or ()), staging)
    if engine == SetEngine.duckdb and on_spark != SparkRequest():
        raise typer.BadParameter("--master, --conf and --staging are of --engine spark")

    options = Options(schemas, strict, some(select), some(ignore), some(formats), max_findings, baseline, open_set, roles_in(assume), known)
    spark = on_spark if engine == SetEngine.spark else None

    def run(settings: Settings | None) -> int:
        both = merged(options, settings)
        request = check_request(tuple(paths), options, settings, jobs=jobs, write_baseline=write_baseline, redact=redact)
        return run_audit(AuditRequest(request, bool(both.open), both.assume or (), both.known, report, since, seal, spark))

    choose(lambda: configured(Where(config, no_config), run))


@app.command("why")
def explain_record(
    name: Annotated[str, typer.Argument(help="The id of a record, or of what records are about: an issue, a session.", metavar="ID")],
    paths: Annotated[list[str], typer.Argument(help="Files, folders or globs with the records.", metavar="PATH...")],
    form: Annotated[str, typer.Option("--format", help="human, json or svg.", metavar="FORMAT")] = "human",
    schemas: SchemasInstead = None,
    redact: Redact = False,
    config: ConfigFile = None,
    no_config: NoConfig = False,
) -> None:
    """Show what led to a record, as a tree: receipts, runs, sessions, events, decisions, evidence.

    What should be there and is not is shown as missing.

    Exit codes: 0 it is shown, 2 there is no such record or something could not be read.
    """
    from srcos_contracts.cli.why import WhyRequest, run_why

    options = Options(schemas)

    def run(settings: Settings | None) -> int:
        return run_why(WhyRequest(name, tuple(paths), form, merged(options, settings).schemas, settings, redact))

    choose(lambda: configured(Where(config, no_config), run))
