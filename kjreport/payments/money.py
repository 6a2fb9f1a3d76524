"""Money: whole minor units of one currency, never floats."""

from dataclasses import dataclass
from typing import Self

_SYMBOLS = {"gbp": "£", "eur": "€", "usd": "$"}
_WITHOUT_MINOR_UNITS = frozenset({"jpy", "krw", "vnd", "isk", "clp"})


class MixedCurrenciesError(ValueError):
    """Two currencies met in one sum."""


@dataclass(frozen=True, order=False)
class Money:
    """An amount in whole minor units (pence of pounds) and its lower-case ISO code."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise TypeError(f"An amount is a whole number of minor units, not {self.amount!r}.")
        if len(self.currency) != 3 or not (self.currency.isascii() and self.currency.islower()):  # noqa: PLR2004 - ISO 4217
            raise ValueError(f"A currency is three small letters, not {self.currency!r}.")

    def __str__(self) -> str:
        return self.display

    def __add__(self, other: Self) -> Self:
        return self._with(self.amount + self._amount_of(other))

    def __sub__(self, other: Self) -> Self:
        return self._with(self.amount - self._amount_of(other))

    def __neg__(self) -> Self:
        return self._with(-self.amount)

    def __mul__(self, times: int) -> Self:
        return self._with(self.amount * times)

    def __lt__(self, other: Self) -> bool:
        return self.amount < self._amount_of(other)

    def __le__(self, other: Self) -> bool:
        return self.amount <= self._amount_of(other)

    def __gt__(self, other: Self) -> bool:
        return self.amount > self._amount_of(other)

    def __ge__(self, other: Self) -> bool:
        return self.amount >= self._amount_of(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    @property
    def display(self) -> str:
        """As readers see it: “£10”, “£12.50”, “CHF 8”; a true minus sign before what goes back."""
        sign = "−" if self.amount < 0 else ""  # noqa: RUF001 - a true minus sign
        symbol = _SYMBOLS.get(self.currency, f"{self.currency.upper()} ")
        if self.currency in _WITHOUT_MINOR_UNITS:
            return f"{sign}{symbol}{abs(self.amount):,}"
        whole, rest = divmod(abs(self.amount), 100)
        return f"{sign}{symbol}{whole:,}" + (f".{rest:02}" if rest else "")

    def _with(self, amount: int) -> Self:
        return type(self)(amount, self.currency)

    def _amount_of(self, other: Self) -> int:
        if other.currency != self.currency:
            raise MixedCurrenciesError(f"{self.currency} and {other.currency} do not add up.")
        return other.amount
