"""What people type as an amount becomes whole pence, or a sentence."""

import contextlib

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from donations.amounts import read_amount


@pytest.mark.parametrize(
    ("typed", "pence"),
    [("3", 300), ("25", 2500), ("£25", 2500), (" £ 25.50 ", 2550), ("1,000", 100_000), ("5000.00", 500_000)],
)
def test_what_people_type_is_read(typed: str, pence: int) -> None:
    assert read_amount(typed).amount == pence


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-5",
        "+5",
        "1e3",
        "NaN",
        "inf",
        "٢٥",
        "\uff12\uff15",
        "2 5",
        "25.5",
        "25.555",
        "0x10",
        "5 pounds",
        "1,00",
        "10,000,00",
        "5\n6",
    ],
)
def test_what_is_no_plain_amount_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(ValidationError, match="for example 25"):
        read_amount(typed)


@pytest.mark.parametrize("typed", ["0", "2.99", "5000.01", "99999"])
def test_amounts_out_of_bounds_are_refused_saying_the_bounds(typed: str) -> None:
    with pytest.raises(ValidationError, match="from £3 to £5,000"):
        read_amount(typed)


@given(st.text(max_size=20))
def test_nothing_typed_is_ever_out_of_bounds(typed: str) -> None:
    with contextlib.suppress(ValidationError):
        assert 300 <= read_amount(typed).amount <= 500_000
