"""Which versions of packages are installed."""

from __future__ import annotations

__all__ = ["PACKAGE", "installed_version"]

PACKAGE = "srcos-contracts"
"""The package that this is."""


def installed_version(package: str = PACKAGE) -> str:
    """The version of a package as it is installed; empty where it is not, as for a checkout that runs by its path."""
    # Its import takes longer than judging a record.
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return ""
