"""The option parser. Imported only for calls that have options: it takes longer to load than most checks to run."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated

import typer

from srcos_contracts.cli.check import FORMATS, CheckRequest, run_check
from srcos_contracts.cli.commands import COMMANDS

__all__ = ["parse"]

_chosen: list[Callable[[], int]] = []

app = typer.Typer(
    name="srcos-validate",
    help="Check records against the srcos contracts. `srcos-validate PATH...` is `srcos-validate check PATH...`.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


class Engine(StrEnum):
    """Which validator gives the verdicts."""

    rust = "rust"
    reference = "reference"


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"srcos-validate {version('srcos-contracts')}")
        except PackageNotFoundError:
            print("srcos-validate, not installed")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")] = False,
) -> None:
    pass


@app.command()
def check(
    paths: Annotated[list[str], typer.Argument(help="Files, folders, globs, or - for standard input.", metavar="PATH...")],
    contract: Annotated[str | None, typer.Option(help="Judge every record by this contract: NAME or NAME@VERSION.")] = None,
    schemas: Annotated[
        str | None, typer.Option(help="Use the JSON Schemas in this folder instead of the shipped contracts.", metavar="DIR")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Count warnings as errors.")] = False,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format", help=f"{', '.join(FORMATS)}; FORMAT=FILE writes to a file. May be given several times.", metavar="FORMAT[=FILE]"
        ),
    ] = None,
    max_findings: Annotated[
        int | None, typer.Option(min=0, help="Show at most this many; 0 is all. [default: 100 for human, else all]")
    ] = None,
    select: Annotated[list[str] | None, typer.Option(help="Report only this rule. May be given several times.", metavar="RULE")] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="Do not report this rule. May be given several times.", metavar="RULE")] = None,
    stdin_name: Annotated[
        str | None, typer.Option(help="The file name that - stands for: its suffix says how to read it.", metavar="NAME")
    ] = None,
    engine: Annotated[Engine, typer.Option(help="rust is fast; reference is python-jsonschema, for a second opinion.")] = Engine.rust,
    jobs: Annotated[int, typer.Option(min=0, help="Processes for large ledgers; 0 is one for each processor.")] = 0,
) -> None:
    """Check every record by itself against the contract that it claims to be of.

    Exit codes: 0 nothing to report but warnings, 1 errors found, 2 wrong usage or something could not be read or nothing was
    checked, 70 a bug of this program.
    """
    request = CheckRequest(
        tuple(paths),
        contract,
        schemas,
        strict,
        tuple(formats or ("human",)),
        engine.value,
        jobs,
        max_findings,
        tuple(select or ()),
        tuple(ignore or ()),
        stdin_name,
    )
    _chosen.append(lambda: run_check(request))


@app.command()
def audit(
    paths: Annotated[list[str], typer.Argument(help="Files, folders, globs, or - for standard input.", metavar="PATH...")],
    open_set: Annotated[
        bool, typer.Option("--open", help="The records are part of a larger set: leave out what asks for the rest.")
    ] = False,
    assume: Annotated[
        list[str] | None,
        typer.Option(help="References of these roles lead to records that live elsewhere. Comma-separated, repeatable.", metavar="ROLE"),
    ] = None,
    known: Annotated[str | None, typer.Option(help="Ids of records that live elsewhere, one a line.", metavar="FILE")] = None,
    report: Annotated[
        str | None, typer.Option(help="Also write a page for a browser: one file, for offline use.", metavar="FILE.html")
    ] = None,
    schemas: Annotated[
        str | None, typer.Option(help="Use the JSON Schemas in this folder instead of the shipped contracts.", metavar="DIR")
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Count warnings as errors.")] = False,
    formats: Annotated[
        list[str] | None,
        typer.Option(
            "--format", help=f"{', '.join(FORMATS)}; FORMAT=FILE writes to a file. May be given several times.", metavar="FORMAT[=FILE]"
        ),
    ] = None,
    max_findings: Annotated[
        int | None, typer.Option(min=0, help="Show at most this many; 0 is all. [default: 100 for human, else all]")
    ] = None,
    select: Annotated[list[str] | None, typer.Option(help="Report only this rule. May be given several times.", metavar="RULE")] = None,
    ignore: Annotated[list[str] | None, typer.Option(help="Do not report this rule. May be given several times.", metavar="RULE")] = None,
    jobs: Annotated[int, typer.Option(min=0, help="Processes for large ledgers; 0 is one for each processor.")] = 0,
) -> None:
    """Check records together: each by itself, then as a set in which what is referred to must be there.

    Exit codes: 0 nothing to report but warnings, 1 errors found, 2 wrong usage or something could not be read or nothing was
    checked, 70 a bug of this program.
    """
    from srcos_contracts.cli.audit import AuditRequest, run_audit

    asked = CheckRequest(
        tuple(paths),
        None,
        schemas,
        strict,
        tuple(formats or ("human",)),
        "rust",
        jobs,
        max_findings,
        tuple(select or ()),
        tuple(ignore or ()),
    )
    roles = tuple(role.strip() for text in assume or () for role in text.split(",") if role.strip())
    _chosen.append(lambda: run_audit(AuditRequest(asked, open_set, roles, known, report)))


@app.command("why")
def explain_record(
    name: Annotated[str, typer.Argument(help="The id of a record, or of what records are about: an issue, a session.", metavar="ID")],
    paths: Annotated[list[str], typer.Argument(help="Files, folders or globs with the records.", metavar="PATH...")],
    form: Annotated[str, typer.Option("--format", help="human, json or svg.", metavar="FORMAT")] = "human",
    schemas: Annotated[str | None, typer.Option(help="Another folder of contracts than the shipped ones.", metavar="DIR")] = None,
) -> None:
    """Show what led to a record, as a tree: receipts, runs, sessions, events, decisions, evidence.

    What should be there and is not is shown as missing.

    Exit codes: 0 it is shown, 2 there is no such record or something could not be read.
    """
    from srcos_contracts.cli.why import WhyRequest, run_why

    _chosen.append(lambda: run_why(WhyRequest(name, tuple(paths), form, schemas)))


@app.command("test")
def try_cases(
    contract: Annotated[list[str] | None, typer.Option(help="Only this contract: NAME or NAME@VERSION. Repeatable.")] = None,
    mutate: Annotated[bool, typer.Option("--mutate", help="Also lose, loosen and tighten every constraint: a case must notice.")] = False,
    write_cases: Annotated[bool, typer.Option("--write-cases", help="The same, and write proposals for what nothing notices.")] = False,
    schemas: Annotated[str, typer.Option(help="The folder of the contracts.", metavar="DIR")] = "schemas",
    examples: Annotated[str, typer.Option(help="The folder of their examples and cases.", metavar="DIR")] = "examples",
    peers: Annotated[bool, typer.Option(help="Also ask Ajv and sourcemeta's validator, where they are installed.")] = True,
    jobs: Annotated[int, typer.Option(min=0, help="Processes; 0 is one for each processor.")] = 0,
) -> None:
    """Try all examples and cases of the contracts: each must give exactly the findings that are stored for it.

    Exit codes: 0 all as stored, 1 something is not, 2 nothing could be tested.
    """
    from srcos_contracts.cli.test import TrialRequest, run_trials

    request = TrialRequest(schemas, examples, tuple(contract or ()), mutate, write_cases, peers, jobs)
    _chosen.append(lambda: run_trials(request))


@app.command()
def lint(
    paths: Annotated[list[str] | None, typer.Argument(help="Schema files or folders. [default: schemas]", metavar="[PATH...]")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe: order of root members, white space.")] = False,
    formats: Annotated[
        list[str] | None, typer.Option("--format", help=f"{', '.join(FORMATS)}; FORMAT=FILE.", metavar="FORMAT[=FILE]")
    ] = None,
    max_findings: Annotated[int | None, typer.Option(min=0, help="Show at most this many; 0 is all.")] = None,
) -> None:
    """Check how contracts are written: closed objects, safe patterns, descriptions, typed references, known keywords.

    Exit codes: 0 nothing to report but warnings, 1 errors, 2 wrong usage, something could not be read or written, or nothing was linted.
    """
    from srcos_contracts.cli.lint import LintRequest, run_lint

    request = LintRequest(tuple(paths or ("schemas",)), fix, tuple(formats or ("human",)), max_findings)
    _chosen.append(lambda: run_lint(request))


@app.command("list")
def list_contracts(
    schemas: Annotated[str | None, typer.Option(help="Another folder of contracts than the shipped ones.", metavar="DIR")] = None,
    form: Annotated[str, typer.Option("--format", help="human or json.")] = "human",
) -> None:
    """List the contracts: version, status, owner, how their records are recognised, and how many rules they have."""
    from srcos_contracts.cli.catalog import run_list

    _chosen.append(lambda: run_list(schemas, form))


@app.command()
def show(
    contract: Annotated[str, typer.Argument(help="NAME or NAME@VERSION.")],
    schemas: Annotated[str | None, typer.Option(help="Another folder of contracts than the shipped ones.", metavar="DIR")] = None,
    form: Annotated[str, typer.Option("--format", help="human or json.")] = "human",
) -> None:
    """Show a contract: its purpose, fields, rules and references."""
    from srcos_contracts.cli.catalog import run_show

    _chosen.append(lambda: run_show(contract, form, schemas))


@app.command()
def explain(
    rule: Annotated[str, typer.Argument(help="A rule's id, as findings give it.")],
    contract: Annotated[str | None, typer.Option(help="The contract to take the example from.")] = None,
    schemas: Annotated[str | None, typer.Option(help="Another folder of contracts than the shipped ones.", metavar="DIR")] = None,
) -> None:
    """Explain a rule: what it says, why, what to do, and an example that fails and one that passes."""
    from srcos_contracts.cli.explain import run_explain

    _chosen.append(lambda: run_explain(rule, schemas, contract))


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The contract's name, such as BuildReceipt.")],
    version: Annotated[
        str, typer.Option(help="Its version, such as 0.1.0 or v1alpha1. A further one begins as a copy of the last.")
    ] = "0.1.0",
    owner: Annotated[str | None, typer.Option(help="The surface that will write its records.")] = None,
    schemas: Annotated[str, typer.Option(help="The folder of the contracts.", metavar="DIR")] = "schemas",
    examples: Annotated[str, typer.Option(help="The folder of their examples.", metavar="DIR")] = "examples",
) -> None:
    """Begin a contract, or a new version of one: a schema, examples and cases that pass lint and test from the start."""
    from srcos_contracts.cli.new import run_new

    _chosen.append(lambda: run_new(name, version, owner, schemas, examples))


@app.command()
def docs(
    root: Annotated[str, typer.Argument(help="The checkout.", metavar="[DIR]")] = ".",
    check_only: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where a file is not in step.")] = False,
) -> None:
    """Write all that is generated from the contracts: bundles, catalog.json, docs/contracts.md with its pictures, the README's table."""
    from pathlib import Path

    from srcos_contracts.cli.docs import run_docs

    _chosen.append(lambda: run_docs(Path(root), check_only))


def parse(arguments: list[str]) -> Callable[[], int]:
    """What a command line asks for, to be run outside the parser, which has ideas of its own about broken pipes.

    Words that are not understood, and help, are dealt with here: what is left gives only the exit code.
    """
    top_level = ("-h", "--help", "--version", "--install-completion", "--show-completion")
    if arguments and arguments[0] not in COMMANDS and arguments[0] not in top_level:
        arguments = ["check", *arguments]
    _chosen.clear()
    try:
        app(arguments, prog_name="srcos-validate")
    except SystemExit as stop:
        if stop.code:
            code = stop.code if isinstance(stop.code, int) else 2
            return lambda: code
    return _chosen[0] if _chosen else lambda: 0
