"""What every page of the shop shares: its frame, its language, what the address asks for."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from markupsafe import Markup

from niaga.doors.look.page import found, language, page_number
from niaga.doors.storefront.basket_cookie import count_again, keep_basket, shown_count
from niaga.flows.information.catalogue import kept_by_version
from niaga.flows.information.queries import category_tree

__all__ = ["found", "fragment", "go", "language", "page_number", "show"]


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Return the page `storefront/<template>.html` inside the shop's frame.

    Templates extend `storefront/base.html`, whose bar of categories comes from here, and the
    number in the basket's corner too, unless the page knows it (`basket_count`).
    """
    news = None if "basket_count" in context else count_again(request)
    frame = {
        "shelf_bar": _shelf_bar(language(), request.path),
        "basket_count": shown_count(request) if news is None else str(news[1]),
    }
    name = f"storefront/{template}.html"
    response = render(request, name, {**frame, **context}, status=status)
    if news is not None:
        keep_basket(request, response, *news)
    return response


def fragment(template: str, context: Mapping[str, Any]) -> Markup:
    """Return the part `storefront/<template>.html`, which is the same for every visitor."""
    return Markup(render_to_string(f"storefront/{template}.html", dict(context)))  # noqa: S704


def go(name: str, *args: Any) -> HttpResponse:
    """Lead to another page of the shop."""
    return redirect(name, *args)


def _shelf_bar(language_code: str, path: str) -> Markup:
    top = path.split("/")[2] if path.startswith("/c/") else ""
    return _bar(language_code, top if path != "/c/" else "all")


@kept_by_version
def _bar(language_code: str, current: str) -> Markup:
    shelves = category_tree(language_code)
    return fragment("parts/shelf_bar", {"shelves": shelves, "current": current})
