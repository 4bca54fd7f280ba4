"""The fast way to the canonical form gives the bytes of the slow one."""

from __future__ import annotations

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from srcos_contracts.canonical import canonical_form

JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_the_form_is_that_of_rfc_8785(value: Any) -> None:
    assert canonical_form(value) == rfc8785.dumps(value)


@pytest.mark.parametrize("value", [2**53 + 2, -(2**60), {"a": [2**64]}, "\ud800", {"\ud800": 1}])
def test_a_value_without_such_a_form_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        canonical_form(value)
