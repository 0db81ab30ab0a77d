"""Money as a whole number of minor units, and the few named roundings that trade needs."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self


@dataclass(frozen=True, slots=True)
class Currency:
    """A currency as ISO 4217 defines it, and the smallest step its amounts are settled in.

    `exponent` is ISO 4217's number of decimals; `step_minor` is the settlement step in minor
    units: the rupiah has two decimals in ISO 4217 but nobody pays sen, so its step is 100.
    """

    code: str
    exponent: int
    step_minor: int = 1


CURRENCIES = {
    c.code: c
    for c in (Currency("IDR", 2, 100), Currency("USD", 2), Currency("JPY", 0), Currency("KWD", 3))
}


class CurrencyMismatchError(ValueError):
    """Two amounts of different currencies were combined."""


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount: `minor` whole minor units (ISO 4217 exponent) of `currency` (ISO 4217 code).

    Raises:
        ValueError: unknown currency.
        TypeError: `minor` is not an int.
    """

    minor: int
    currency: str = "IDR"

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are whole numbers, not {type(self.minor).__name__}")
        if self.currency not in CURRENCIES:
            raise ValueError(f"unknown currency {self.currency!r}")

    @classmethod
    def of(cls, major: int | str | Decimal, currency: str = "IDR") -> Self:
        """Return `major` units (rupiah, dollars) as Money; a finer fraction is a ValueError."""
        scaled = Decimal(major).scaleb(CURRENCIES[currency].exponent)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{major} has more decimals than {currency} allows")
        return cls(int(scaled), currency)

    @classmethod
    def zero(cls, currency: str = "IDR") -> Self:
        """Return no money."""
        return cls(0, currency)

    @classmethod
    def total(cls, amounts: Iterable[Self], currency: str = "IDR") -> Self:
        """Return the sum; no amounts make zero `currency`."""
        result = cls.zero(currency)
        for amount in amounts:
            result = result + amount
        return result

    @property
    def major(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-CURRENCIES[self.currency].exponent)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise CurrencyMismatchError(f"{self.currency} and {other.currency}")
        return other.minor

    def __add__(self, other: "Money") -> Self:
        return type(self)(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> Self:
        return type(self)(self.minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> Self:
        return type(self)(self.minor * times, self.currency)

    def __neg__(self) -> Self:
        return type(self)(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other)

    def split(self, weights: Sequence[int]) -> tuple[Self, ...]:
        """Share the amount in proportion to `weights` by the largest remainder method.

        The parts add up to the amount exactly, and each is a multiple of the settlement step
        where the amount itself is one. Ties go to the earlier part.

        Raises:
            ValueError: a negative weight, or no weight above zero while there is money to share.
        """
        if any(w < 0 for w in weights):
            raise ValueError("weights must not be negative")
        whole = sum(weights)
        if not whole:
            if self.minor:
                raise ValueError("nothing to share the amount over")
            return tuple(type(self)(0, self.currency) for _ in weights)
        step = CURRENCIES[self.currency].step_minor
        step = step if self.minor % step == 0 else 1
        sign = -1 if self.minor < 0 else 1
        units = abs(self.minor) // step
        parts = [units * w // whole for w in weights]
        by_remainder = sorted(range(len(weights)), key=lambda i: (-(units * weights[i] % whole), i))
        for i in by_remainder[: units - sum(parts)]:
            parts[i] += 1
        return tuple(type(self)(sign * p * step, self.currency) for p in parts)


def share_half_up(amount: Money, numerator: int, denominator: int) -> Money:
    """Return amount x numerator / denominator, rounded half up to the settlement step."""
    step = CURRENCIES[amount.currency].step_minor
    return Money(
        (2 * amount.minor * numerator + denominator * step) // (2 * denominator * step) * step,
        amount.currency,
    )


def share_down(amount: Money, numerator: int, denominator: int) -> Money:
    """Return amount x numerator / denominator, rounded down to the settlement step."""
    step = CURRENCIES[amount.currency].step_minor
    return Money(amount.minor * numerator // (denominator * step) * step, amount.currency)
