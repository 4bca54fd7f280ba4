"""The options of `vendor`: contracts in other repositories."""

from __future__ import annotations

from typing import Annotated

import typer

from srcos_contracts.cli import completion
from srcos_contracts.cli.app import Budget, ConfigFile, Formats, MaxFindings, NoConfig, Policy, Redact, Strict, app, choose
from srcos_contracts.cli.configured import Where, configured

__all__: list[str] = []

_GROUP = "vendor"
vendor = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Keep copies of contracts in another repository, with a lock, so that they cannot drift.",
)
app.add_typer(vendor, name=_GROUP)

Folders = Annotated[
    list[str] | None,
    typer.Argument(help="The vendored folders. [default: all in this repository that have a srcos.lock]", metavar="[DIR...]"),
]
Revision = Annotated[
    str | None, typer.Option(help="Of a git repository: a commit, a tag or a branch. The lock gets the full commit.", metavar="REV")
]


@vendor.command()
def add(
    source: Annotated[
        str,
        typer.Argument(
            help="srcos-contracts (the installed package), a folder, an archive, or a git repository: a URL, or folder and --revision."
        ),
    ],
    contracts: Annotated[
        list[str],
        typer.Argument(
            help="Contracts: NAME for the newest version, or NAME@VERSION.",
            metavar="CONTRACT[@VERSION]...",
            autocompletion=completion.contracts,
        ),
    ],
    into: Annotated[
        str, typer.Option(help="The folder to vendor into: one of its own, new, empty or vendored into before.", metavar="DIR")
    ],
    revision: Revision = None,
    extras: Annotated[
        str, typer.Option("--with", help="Further files: rules (set rules as SQL), cases (examples and cases.json), or rules,cases.")
    ] = "",
) -> None:
    """Copy contracts, and all that they refer to, into a folder, byte for byte; DIR/srcos.lock says where each file comes from.

    Exit codes: 0 it is done, 2 it cannot be, and nothing is written.
    """
    from srcos_contracts.cli.vendor import AddRequest, run_add

    choose(lambda: run_add(AddRequest(source, tuple(contracts), into, revision, extras)))


@vendor.command()
def sync(folders: Folders = None, config: ConfigFile = None, no_config: NoConfig = False) -> None:
    """Make vendored folders what the configuration asks for, or else what their locks say: restore what has drifted or is missing.

    The originals come from the history of the repository or from the source; only a source with a URL is fetched.

    Exit codes: 0 it is done, 2 it cannot be, and nothing is written.
    """
    from srcos_contracts.cli.vendor import run_sync

    choose(lambda: configured(Where(config, no_config), lambda settings: run_sync(tuple(folders or ()), settings)))


@vendor.command()
def upgrade(
    contracts: Annotated[
        list[str] | None,
        typer.Argument(help="The contracts to upgrade. [default: all]", metavar="[CONTRACT...]", autocompletion=completion.contracts),
    ] = None,
    to: Annotated[str | None, typer.Option(help="The version of the one contract that is named.", metavar="VERSION")] = None,
    tried: Annotated[
        list[str] | None,
        typer.Option(
            "--try",
            help="Payloads of this repository: say which are valid today and would not be. Repeatable."
            " [default: where the configuration, or a contract, says that there are some]",
            metavar="PATH",
        ),
    ] = None,
    into: Annotated[str | None, typer.Option(help="The vendored folder. [default: the only one in this repository]", metavar="DIR")] = None,
    source: Annotated[str | None, typer.Option("--from", help="Another source than the lock names.", metavar="SOURCE")] = None,
    revision: Revision = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove the old version also where its records name it; else it stays beside the new one.")
    ] = False,
    breaking: Annotated[
        bool, typer.Option("--breaking", help="Take the newest version and write it also where it breaks something, or that is undecided.")
    ] = False,
    dry: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and write nothing.")] = False,
    policy: Policy = "backward",
    budget: Budget = 2.0,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show unchanged contracts, whole proofs and all notes.")] = False,
    redact: Redact = False,
    format: Annotated[str, typer.Option(help="human or json.")] = "human",
    config: ConfigFile = None,
    no_config: NoConfig = False,
) -> None:
    """Take vendored contracts to the newest version of their source that is proved to break nothing. What changes is shown first.

    Where the configuration names a revision, that is the state of the source; else it is the HEAD of a git repository.

    Exit codes: 0 it is done, or there is nothing newer, 1 it would break something, so nothing is written, 2 it cannot be done,
    3 it is undecided whether it breaks something, so nothing is written.
    """
    from srcos_contracts.cli.vendor_upgrade import UpgradeRequest, run_upgrade

    request = UpgradeRequest(
        tuple(contracts or ()),
        to,
        tuple(tried or ()),
        into,
        source,
        revision,
        replace,
        breaking,
        dry,
        policy,
        budget,
        verbose,
        redact,
        format,
    )
    choose(lambda: configured(Where(config, no_config), lambda settings: run_upgrade(request._replace(settings=settings))))


@vendor.command()
def check(
    folders: Folders = None,
    strict: Strict = None,
    formats: Formats = None,
    max_findings: MaxFindings = None,
    budget: Budget = 2.0,
    config: ConfigFile = None,
    no_config: NoConfig = False,
) -> None:
    """Say what has become of vendored files, without a network: drifted, missing, not listed, or written anew elsewhere.

    Other white space and other words are warnings, which --strict makes errors.

    Exit codes: 0 nothing to report but warnings, 1 errors, 2 a lock cannot be used, or there is none.
    """
    from srcos_contracts.cli.vendor_check import VendorCheckRequest, run_vendor_check

    asked = VendorCheckRequest(tuple(folders or ()), bool(strict), tuple(formats or ("human",)), max_findings, budget)
    choose(lambda: configured(Where(config, no_config), lambda settings: run_vendor_check(asked._replace(settings=settings))))
