import pytest

from kjreport.payments.money import MixedCurrenciesError, Money


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (1000, "gbp", "£10"),
        (1250, "gbp", "£12.50"),
        (5, "gbp", "£0.05"),
        (123_456_700, "gbp", "£1,234,567"),
        (-300, "gbp", "\N{MINUS SIGN}£3"),
        (800, "eur", "€8"),
        (800, "chf", "CHF 8"),
        (800, "jpy", "JPY 800"),
        (0, "gbp", "£0"),
    ],
)
def test_an_amount_is_shown_as_people_write_it(amount: int, currency: str, shown: str) -> None:
    assert Money(amount, currency).display == shown


def test_amounts_of_one_currency_add_up() -> None:
    assert Money(100, "gbp") + Money(50, "gbp") == Money(150, "gbp")
    assert Money(100, "gbp") - Money(150, "gbp") == -Money(50, "gbp")
    assert Money(100, "gbp") * 12 == Money(1200, "gbp")
    assert Money(100, "gbp") < Money(101, "gbp") <= Money(101, "gbp")
    assert Money(102, "gbp") > Money(101, "gbp") >= Money(101, "gbp")


def test_two_currencies_never_meet() -> None:
    pounds, euros = Money(100, "gbp"), Money(100, "eur")
    for meet in (lambda: pounds + euros, lambda: pounds - euros, lambda: pounds < euros, lambda: pounds >= euros):
        with pytest.raises(MixedCurrenciesError):
            meet()
    assert pounds != euros


@pytest.mark.parametrize("amount", [1.0, "100", True, None])
def test_only_whole_minor_units_are_money(amount: object) -> None:
    with pytest.raises(TypeError):
        Money(amount, "gbp")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["GBP", "", "pounds", "£££"])
def test_only_small_iso_codes_are_currencies(currency: str) -> None:
    with pytest.raises(ValueError, match="three small letters"):
        Money(100, currency)
