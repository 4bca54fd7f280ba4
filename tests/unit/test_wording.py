"""How values are put into words."""

from __future__ import annotations

from decimal import Decimal

import pytest

from srcos_contracts.wording import is_whole, kind, show


@pytest.mark.parametrize("digits", [1, 20, 28, 29, 30, 64, 65, 400, 5000])
def test_a_number_is_whole_or_not_however_many_digits_it_has(digits: int) -> None:
    ones = "1" * digits
    for whole in (ones, f"{ones}.0", f"{ones}000e-3", f"-{ones}.00", f"{ones}e400"):
        assert kind(Decimal(whole)) == "integer"
    for broken in (f"{ones}.5", f"{ones}.{'0' * 60}1", f"-{ones}e-5001", f"{ones}5e-1"):
        assert kind(Decimal(broken)) == "number"


@pytest.mark.parametrize(
    ("text", "whole"), [("1e-999999999", False), ("-1e999999999", True), ("0e-999999999", True), ("-0.0", True), ("0.1e1", True)]
)
def test_an_exponent_at_the_edge_is_no_obstacle(text: str, whole: bool) -> None:
    assert is_whole(Decimal(text)) is whole


def test_a_long_number_is_shown_short() -> None:
    assert show(Decimal("1" * 100 + ".5")) == "1" * 29 + "..." + "1" * 26 + ".5"
