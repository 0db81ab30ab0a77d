"""The simulator's cards: numbers anyone may try, and how the account behind each behaves."""

from dataclasses import dataclass

PREFIX = "4000009999"
EXPIRY = "2030-12"
CVC = "321"
"""The security code of every card; a real issuer has another for each."""


@dataclass(frozen=True, slots=True)
class Card:
    """A card and the account behind it.

    Attributes:
        behaviour: empty, or what happens to authorizations (see `bank.py`).
        balance_minor: in rupiah's minor units.
    """

    pan: str
    promise: str
    behaviour: str = ""
    balance_minor: int = 50_000_000_00
    expiry: str = EXPIRY


def with_check_digit(digits: str) -> str:
    """Return `digits` and the check digit of ISO/IEC 7812 (Luhn) behind them."""
    doubled = (int(d) * (2 if i % 2 == 0 else 1) for i, d in enumerate(reversed(digits)))
    return f"{digits}{-sum(d // 10 + d % 10 for d in doubled) % 10}"


def _pan(number: int) -> str:
    return with_check_digit(f"{PREFIX}{number:05}")


CARDS = (
    Card(_pan(1), "pays"),
    Card(_pan(2), "declines: do not honour", "decline:05"),
    Card(_pan(3), "has no money", balance_minor=0),
    Card(_pan(4), "declines: expired", "decline:54"),
    Card(_pan(5), "declines: blocked", "decline:62"),
    Card(_pan(6), "declines: over its limit", "decline:61"),
    Card(_pan(7), "holds the money and never answers", "silent"),
    Card(_pan(8), "does nothing and never answers", "deaf"),
    Card(_pan(9), "holds the money and answers after 2 seconds", "late:2"),
    Card(_pan(10), "holds the money and answers after 7 seconds, too late", "late:7"),
    Card(
        _pan(11), "answers captures, refunds and reversals only when they are repeated", "forgetful"
    ),
)
