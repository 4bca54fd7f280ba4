"""A plugin for pytest: the fixtures `contracts` and `assert_conforms`.

pytest loads this module in every run where the package is installed, so it imports nothing but pytest before a test asks.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from srcos_contracts.asserting import assert_conforms
    from srcos_contracts.contracts.catalog import Catalog

__all__ = ["assert_conforms"]


def __getattr__(name: str) -> Any:
    if name != "assert_conforms":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from srcos_contracts.asserting import assert_conforms

    return assert_conforms


@pytest.fixture(scope="session")
def contracts() -> Catalog:
    """The contracts by which `assert_conforms` judges: those of the package, where no conftest.py defines this fixture anew."""
    from srcos_contracts.library import shipped

    return shipped()


@pytest.fixture(name="assert_conforms")
def _assert_conforms(contracts: Catalog) -> Callable[..., None]:
    """`assert_conforms(payload, contract=None, *, strict=False)`, by the fixture `contracts`."""
    from srcos_contracts.asserting import assert_conforms

    return partial(assert_conforms, catalog=contracts)
