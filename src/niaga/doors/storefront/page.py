"""What every page of the shop shares: its frame, its language, what the address asks for."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from niaga.doors.look.page import found, language, page_number
from niaga.flows.information.queries import category_tree

__all__ = ["found", "go", "language", "page_number", "show"]


def show(
    request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Return the page `storefront/<template>.html` inside the shop's frame.

    Templates extend `storefront/base.html`, whose bar of categories comes from here.
    """
    frame = {"shelves": category_tree(language())}
    return render(request, f"storefront/{template}.html", {**frame, **context}, status=status)


def go(name: str, *args: Any) -> HttpResponse:
    """Lead to another page of the shop."""
    return redirect(name, *args)
