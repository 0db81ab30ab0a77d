"""The Jinja2 environment of every door: globals, filters, translations."""

from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.templatetags.static import static as django_static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext
from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from niaga.doors.look import formats, words


@cache
def static(path: str) -> str:
    """Return the address of a static file; it holds while the process runs."""
    return django_static(path)


@cache
def icon(name: str, classes: str = "") -> Markup:
    """Return an icon of the sprite (Lucide's names), hidden from screen readers."""
    return Markup(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>'
    ).format(classes, static("look/img/icons.svg"), name)


def media(path: str) -> str:
    """Return the address of a public picture, or of the stand-in where there is none."""
    return f"{settings.MEDIA_URL}{path}" if path else static("look/img/no-picture.svg")


@lru_cache(maxsize=4096)
def url(name: str, *args: Any, **kwargs: Any) -> str:
    """Return the address of a named page."""
    return reverse(name, args=args, kwargs=kwargs)


def environment(**options: Any) -> Environment:
    """Return the environment; names that a template does not know are errors."""
    made = Environment(  # noqa: S701 - Django's backend passes autoescape=True
        **{**options, "undefined": StrictUndefined},
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    made.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]

    @lru_cache(maxsize=0 if settings.DEBUG else 64)
    def part_in(_language: str | None, name: str) -> Markup:
        return Markup(made.get_template(name).render())  # noqa: S704 - our own template

    def part(name: str) -> Markup:
        """Return a template that is the same for everyone, rendered once a language."""
        return part_in(translation.get_language(), name)

    made.globals.update(
        part=part,
        static=static,
        url=url,
        icon=icon,
        media=media,
        get_messages=get_messages,
        language=translation.get_language,
        site_url=settings.SITE_URL,
        query=formats.query,
    )
    made.filters.update(
        money=formats.money,
        number=formats.number,
        percent=formats.percent,
        day=formats.day,
        moment=formats.moment,
        clock_time=formats.clock_time,
        weekday=formats.weekday,
        hour=formats.hour,
        relative=formats.relative,
        weight=formats.weight,
        size=formats.size,
        compact=formats.compact,
        cancel_reason=words.cancel_reason,
        booking_rules=words.booking_rules,
    )
    return made
