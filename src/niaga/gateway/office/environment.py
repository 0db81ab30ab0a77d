"""What the office's templates know: addresses, icons, and how money and times are written."""

from datetime import datetime
from functools import cache
from typing import Any

from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.templatetags.static import static as django_static
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext, ngettext
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from niaga.kernel.money import CURRENCIES, Money


@cache
def static(path: str) -> str:
    """Return the address of a static file; it holds while the process runs."""
    return django_static(path)


@cache
def icon(name: str, classes: str = "") -> Markup:
    """Return an icon of the look's sprite, hidden from screen readers."""
    return Markup(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    ).format(classes, static("look/img/icons.svg"), name)


def url(name: str, *args: Any) -> str:
    """Return the address of a named page."""
    return reverse(name, args=args)


def query(request: HttpRequest, **changes: Any) -> str:
    """Return the page's query string with some values changed."""
    values = request.GET.copy()
    for name, value in changes.items():
        values[name] = str(value)
    return f"?{values.urlencode()}"


def money(amount: Money) -> str:
    """Return an amount as a bank writes it: currency, then whole units in groups of three."""
    whole, part = f"{amount.major:,.{CURRENCIES[amount.currency].exponent}f}".split(".")
    groups = whole.replace(",", ".")
    sign = "Rp" if amount.currency == "IDR" else f"{amount.currency} "
    return f"{sign}{groups}" if not int(part) else f"{sign}{groups},{part}"


def moment(instant: datetime) -> str:
    """Return day and time in the bank's time zone."""
    return f"{timezone.localtime(instant):%d.%m.%Y %H:%M:%S}"


def number(value: int) -> str:
    """Return a count in groups of three."""
    return f"{value:,}".replace(",", ".")


def environment(**options: Any) -> Environment:
    """Return the environment; names that a template does not know are errors."""
    made = Environment(  # noqa: S701 - Django's backend passes autoescape=True
        **{**options, "undefined": StrictUndefined},
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.globals.update(
        static=static,
        url=url,
        icon=icon,
        query=query,
        get_messages=get_messages,
        language=translation.get_language,
    )
    made.filters.update(money=money, moment=moment, number=number)
    return made
