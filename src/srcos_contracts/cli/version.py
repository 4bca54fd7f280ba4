"""`srcos-validate --version`: the program, and with `--verbose` what it is made of and which contracts it has."""

from __future__ import annotations

import platform
import sys
from importlib.util import find_spec

from srcos_contracts.cli.configured import Where, in_force
from srcos_contracts.contracts.catalog import Catalog
from srcos_contracts.contracts.checksums import BadSums, read_sums
from srcos_contracts.installed import PACKAGE, installed_version
from srcos_contracts.refusal import Refusal
from srcos_contracts.report.escape import escape

__all__ = ["run_version"]

_PARTS = (
    ("engine rust", ("jsonschema-rs",), ""),
    ("engine reference", ("jsonschema", "referencing"), ""),
    ("reading", ("jiter", "PyYAML", "python-liquid"), ""),
    ("audit", ("duckdb", "pyarrow"), "audit"),
    ("audit --engine spark", ("pyspark",), "spark"),
    ("test", ("jsonpatch",), "author"),
)
"""What parts of the program rest on, and the extra that brings it where it is not always there."""


def run_version(verbose: bool = False) -> int:
    """Prints the version. Returns the exit code.

    With `verbose` also the engines with their versions, what is not installed, and where the contracts are from, of which versions: those
    that are shipped, and those that the configuration here names instead.
    Raises CatalogError where they cannot be used.
    """
    own = installed_version()
    print(f"srcos-validate {own}" if own else "srcos-validate, not installed")
    if not verbose:
        return 0
    print(f"{'python':<22}{platform.python_version()} {platform.python_implementation()}, {sys.platform}: {escape(sys.executable)}")
    for part, packages, extra in _PARTS:
        print(f"{part:<22}{_told(packages, extra)}")
    catalog = Catalog.shipped()
    _print_contracts("contracts", catalog, catalog.root)
    _print_configured()
    return 0


def _print_contracts(label: str, catalog: Catalog, where: str) -> None:
    names = sorted({contract.name for contract in catalog.contracts})
    print(f"{label:<22}{len(names)}, {_versions(catalog)}: {escape(where)}")
    width = max((len(name) for name in names), default=0)
    for name in names:
        versions = [f"{contract.version} {contract.status}".strip() for contract in catalog.contracts if contract.name == name]
        print(f"  {escape(name):<{width}}  {escape(', '.join(versions))}")


def _print_configured() -> None:
    """What the configuration that is found here has records judged by, where it says so."""
    try:
        settings = in_force(Where())
        if settings is not None and settings.schemas is not None:
            _print_contracts("contracts here", Catalog.at(settings.schemas), f"{settings.schemas}, by {settings.place('schemas')}")
    except Refusal as error:
        print(f"{'contracts here':<22}cannot be told: {escape(str(error))}")


def _told(packages: tuple[str, ...], extra: str) -> str:
    found = {package: installed_version(package) for package in packages}
    missing = [package for package, known in found.items() if not known]
    if missing and extra:
        return f"not installed: {' and '.join(missing)}; pip install '{PACKAGE}[{extra}]'"
    parts = [f"{package} {known}" if known else f"{package} is not installed" for package, known in found.items()]
    if "PyYAML" in found and find_spec("yaml._yaml") is None:
        parts.append("PyYAML without its parser in C")
    return ", ".join(parts)


def _versions(catalog: Catalog) -> str:
    number = len(catalog.contracts)
    released = [contract for contract in catalog.contracts if contract.status != "draft"]
    try:
        vouched = len(read_sums(catalog.root, catalog.shown))
    except BadSums as error:
        return f"{number} versions, but {escape(str(error))}"
    checked = f", {vouched} files vouched for by SHA256SUMS" if vouched else ""
    return f"{number} version{'' if number == 1 else 's'}, {len(released)} released{checked}"
