"""How amounts, times and sizes are written in the visitor's language."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_compact_decimal, format_currency, format_decimal, format_percent
from django.http import HttpRequest
from django.utils import translation
from django.utils.timezone import localtime

from niaga.kernel import clock
from niaga.kernel.money import Money


def _locale() -> str:
    return "en" if (translation.get_language() or "id").startswith("en") else "id"


def money(amount: Money) -> str:
    """Return `Rp1.500.000`: rupiah without decimals, other currencies with their own."""
    if amount.currency == "IDR":
        sign = "-" if amount.minor < 0 else ""
        rupiah = format_decimal(abs(amount.major), "#,##0", locale="id")
        return f"{sign}Rp{rupiah}"
    return format_currency(amount.major, amount.currency, locale=_locale())


def number(value: float | Decimal) -> str:
    """Return a number with the language's separators."""
    return format_decimal(value, locale=_locale())


def compact(value: float) -> str:
    """Return a count in short, such as `1,2 rb`."""
    return format_compact_decimal(value, locale=_locale(), fraction_digits=1)


def percent(basis_points: int) -> str:
    """Return basis points as a percentage: 250 is `2,5%`."""
    return format_percent(Decimal(basis_points) / 10_000, "#,##0.##%", locale=_locale())


def day(value: date | datetime) -> str:
    """Return a day, such as `24 November 2026`."""
    at = localtime(value) if isinstance(value, datetime) else value
    return format_date(at, "long", locale=_locale())


def moment(value: datetime) -> str:
    """Return an instant in the market's time zone, such as `24 Nov 2026, 14.05`."""
    at = localtime(value)
    return (
        f"{format_date(at, 'd MMM y', locale=_locale())}, "
        f"{format_time(at, 'short', locale=_locale())}"
    )


def clock_time(value: datetime) -> str:
    """Return weekday, day and time of an appointment, such as `Sel, 24 Nov, 14.05`."""
    return format_datetime(localtime(value), "EEE, d MMM, HH:mm", locale=_locale())


def weekday(value: date) -> str:
    """Return a day near by, such as `Sel, 24 Nov`."""
    return format_date(value, "EEE, d MMM", locale=_locale())


def hour(value: datetime) -> str:
    """Return an instant's time of day, such as `14:05`."""
    return format_time(localtime(value), "HH:mm", locale=_locale())


def relative(value: datetime) -> str:
    """Return how long ago (or ahead) an instant is, such as `3 jam yang lalu`."""
    return format_timedelta(value - clock.now(), add_direction=True, locale=_locale())


def weight(grams: int) -> str:
    """Return a weight: grams up to a kilogram, then kilograms."""
    if grams < 1000:
        return f"{number(grams)} g"
    return f"{format_decimal(Decimal(grams) / 1000, '#,##0.##', locale=_locale())} kg"


def size(count_bytes: int) -> str:
    """Return a file's size in kB or MB."""
    if count_bytes < 1_000_000:
        return f"{number(max(1, round(count_bytes / 1000)))} kB"
    return f"{format_decimal(Decimal(count_bytes) / 1_000_000, '#,##0.#', locale=_locale())} MB"


def query(request: HttpRequest, **changes: Any) -> str:
    """Return the page's query string with `changes`; None or "" takes a name away.

    A list gives a name several values; every other name stays as it is.
    """
    values: dict[str, list[str]] = {key: request.GET.getlist(key) for key in request.GET}
    for name, value in changes.items():
        if value is None or value == "":
            values.pop(name, None)
        else:
            values[name] = (
                [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]
            )
    pairs: Mapping[str, list[str]] = values
    return "?" + urlencode(pairs, doseq=True) if values else "?"
