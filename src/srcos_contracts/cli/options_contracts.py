"""The options of the commands for those who change contracts: new, test, lint, diff, release, ci, docs."""

from __future__ import annotations

from typing import Annotated

import typer

from srcos_contracts.cli import completion
from srcos_contracts.cli.app import Budget, ClosedProducers, ExamplesHere, Formats, Jobs, MaxFindings, Policy, SchemasHere, app, choose

__all__: list[str] = []


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The contract's name, such as BuildReceipt.")],
    version: Annotated[
        str, typer.Option(help="Its version, such as 0.1.0 or v1alpha1. A further one begins as a copy of the last.")
    ] = "0.1.0",
    owner: Annotated[str | None, typer.Option(help="The surface that will write its records.")] = None,
    schemas: SchemasHere = "schemas",
    examples: ExamplesHere = "examples",
) -> None:
    """Begin a contract, or a new version of one: a schema, examples and cases that pass lint and test from the start."""
    from srcos_contracts.cli.new import run_new

    choose(lambda: run_new(name, version, owner, schemas, examples))


@app.command("test")
def try_cases(
    contract: Annotated[
        list[str] | None, typer.Option(help="Only this contract: NAME or NAME@VERSION. Repeatable.", autocompletion=completion.contracts)
    ] = None,
    mutate: Annotated[
        bool,
        typer.Option("--mutate", help="Also lose, loosen and tighten every constraint and every condition: a case must notice."),
    ] = False,
    write_cases: Annotated[bool, typer.Option("--write-cases", help="The same, and write proposals for what nothing notices.")] = False,
    schemas: SchemasHere = "schemas",
    examples: ExamplesHere = "examples",
    peers: Annotated[bool, typer.Option(help="Also ask Ajv and sourcemeta's validator, where they are installed.")] = True,
    jobs: Jobs = 0,
) -> None:
    """Try all examples and cases of the contracts, and the stored sets of records: each must give exactly what is stored for it.

    Exit codes: 0 all as stored, 1 something is not, 2 nothing could be tested.
    """
    from srcos_contracts.cli.test import TrialRequest, run_trials

    request = TrialRequest(schemas, examples, tuple(contract or ()), mutate, write_cases, peers, jobs)
    choose(lambda: run_trials(request))


@app.command()
def lint(
    paths: Annotated[list[str] | None, typer.Argument(help="Schema files or folders. [default: schemas]", metavar="[PATH...]")] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what is safe: order of root members, white space.")] = False,
    formats: Formats = None,
    max_findings: MaxFindings = None,
) -> None:
    """Check how contracts are written: closed objects, safe patterns, descriptions, typed references, known keywords.

    Exit codes: 0 nothing to report but warnings, 1 errors, 2 wrong usage, something could not be read or written, or nothing was linted.
    """
    from srcos_contracts.cli.lint import LintRequest, run_lint

    request = LintRequest(tuple(paths or ("schemas",)), fix, tuple(formats or ("human",)), max_findings)
    choose(lambda: run_lint(request))


@app.command()
def diff(
    sides: Annotated[
        list[str] | None,
        typer.Argument(
            help="OLD and NEW: schema files, folders, archives, git revisions, or CONTRACT@VERSION. With --against, contracts to compare.",
            metavar="[OLD NEW]",
        ),
    ] = None,
    against: Annotated[
        str | None, typer.Option(help="Compare the contracts of this folder with a git revision, an archive or a folder.", metavar="REF")
    ] = None,
    policy: Policy = "backward",
    budget: Budget = 2.0,
    closed_producers: ClosedProducers = False,
    formats: Annotated[
        list[str] | None,
        typer.Option("--format", help="human, json, markdown, github, sarif, ...; FORMAT=FILE writes to a file.", metavar="FORMAT[=FILE]"),
    ] = None,
    schemas: Annotated[str, typer.Option(help="Where CONTRACT@VERSION is looked up.", metavar="DIR")] = "schemas",
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show unchanged contracts, whole proofs and all notes.")] = False,
) -> None:
    """Compare two states of contracts: what is compatible, with proof; what breaks, with a payload that shows it.

    A breaking change is approved by an entry in waivers.yaml: contract, pointer or rule, reason, until.

    Exit codes: 0 compatible or approved, 1 breaking, 2 something could not be compared, 3 undecided.
    """
    from srcos_contracts.cli.diff import DiffRequest, run_diff

    request = DiffRequest(tuple(sides or ()), against, policy, budget, closed_producers, tuple(formats or ("human",)), schemas, verbose)
    choose(lambda: run_diff(request))


@app.command()
def release(
    contract: Annotated[
        str, typer.Argument(help="The name of a contract whose newest version is a draft.", autocompletion=completion.contracts)
    ],
    version: Annotated[
        str | None, typer.Option("--as", help="The version to release it as; its own by default.", metavar="VERSION")
    ] = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Say what the release would be, and write nothing.")] = False,
    budget: Annotated[float, typer.Option(min=0.05, max=86_400, help="Seconds for the comparison with the last release.")] = 10.0,
    schemas: SchemasHere = "schemas",
    examples: ExamplesHere = "examples",
) -> None:
    """Release a draft: in a version that its proofs allow, frozen from then on, and vouched for by SHA256SUMS.

    Exit codes: 0 it is released, 2 it cannot be, 3 it is undecided which version it needs.
    """
    from srcos_contracts.cli.release import ReleaseRequest, run_release

    request = ReleaseRequest(contract, version, dry, budget, schemas, examples)
    choose(lambda: run_release(request))


@app.command()
def ci(
    against: Annotated[
        str | None,
        typer.Option(
            help="Compare with a git revision, an archive or a folder. [default: the state before the change]",
            metavar="REF",
        ),
    ] = None,
    policy: Policy = "backward",
    budget: Budget = 2.0,
    closed_producers: ClosedProducers = False,
    mutate: Annotated[bool, typer.Option("--mutate/--no-mutate", help="See that a case notices every change of a contract.")] = True,
    skip: Annotated[
        list[str] | None,
        typer.Option(help="Leave out a step: lint, released, diff, docs, cases, mutants, sets or set-mutants. Repeatable.", metavar="STEP"),
    ] = None,
    formats: Formats = None,
    max_findings: MaxFindings = None,
    jobs: Jobs = 0,
) -> None:
    """Do all that a change of contracts must pass: lint, cases, mutants, sets, comparison, released files, generated files.

    In GitHub Actions, findings are annotations, and the job gets a summary and the outputs breaking and undecided.

    Exit codes: 0 all is well, 1 something is wrong, 2 something could not be done, 3 it is undecided whether something breaks.
    """
    from srcos_contracts.cli.ci import CiRequest, run_ci

    request = CiRequest(
        against, policy, budget, closed_producers, mutate, tuple(skip or ()), tuple(formats or ("human",)), max_findings, jobs
    )
    choose(lambda: run_ci(request))


@app.command()
def docs(
    root: Annotated[str, typer.Argument(help="The checkout.", metavar="[DIR]")] = ".",
    check_only: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 where a file is not in step.")] = False,
) -> None:
    """Write all that is generated from the contracts: bundles, catalog.json, docs/contracts.md with its pictures, the README's table."""
    from pathlib import Path

    from srcos_contracts.cli.docs import run_docs

    choose(lambda: run_docs(Path(root), check_only))
