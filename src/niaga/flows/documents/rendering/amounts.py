"""Amounts as a document writes them: in figures and in words."""

from decimal import Decimal

import lokal
from num2words import num2words

from niaga.kernel.money import CURRENCIES, Money

_SEPARATORS = {"id": str.maketrans(",.", ".,"), "en": {}}
_SYMBOLS = {"IDR": "Rp", "USD": "US$", "JPY": "¥"}
_NAMES = {
    "id": {"IDR": "rupiah", "USD": "dolar Amerika", "JPY": "yen", "KWD": "dinar Kuwait"},
    "en": {"IDR": "rupiah", "USD": "US dollars", "JPY": "yen", "KWD": "Kuwaiti dinars"},
}


def amount_in_figures(amount: Money, language: str) -> str:
    """Return the amount with its currency, such as `Rp1.500.000`.

    Rupiah are written the Indonesian way in both languages, with sen only where there are any.
    """
    decimals = CURRENCIES[amount.currency].exponent
    rupiah = amount.currency == "IDR"
    if rupiah and amount.minor % 100 == 0:
        decimals = 0
    figures = f"{abs(amount.major):,.{decimals}f}".translate(
        _SEPARATORS["id" if rupiah else language]
    )
    symbol = _SYMBOLS.get(amount.currency, f"{amount.currency} ")
    return f"{'−' if amount.minor < 0 else ''}{symbol}{figures}"


def amount_in_words(amount: Money, language: str) -> str:
    """Return the amount in words, such as `satu juta lima ratus ribu rupiah`.

    Minor units, where there are any, follow as on a cheque: `dua belas 50/100 dolar Amerika`.

    Raises:
        ValueError: the amount is negative; no document pays less than nothing.
    """
    if amount.minor < 0:
        raise ValueError("a negative amount has no words")
    one = 10 ** CURRENCIES[amount.currency].exponent
    whole, part = divmod(amount.minor, one)
    words = lokal.terbilang(whole) if language == "id" else num2words(whole, lang="en")
    fraction = f" {part}/{one}" if part else ""
    return f"{words}{fraction} {_NAMES[language][amount.currency]}"


def percent(basis_points: int, language: str) -> str:
    """Return a rate, such as `12%` or `2,5%`."""
    figure = f"{(Decimal(basis_points) / 100).normalize():f}%"
    return figure.translate(_SEPARATORS[language])
