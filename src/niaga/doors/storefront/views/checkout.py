"""Checkout."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def checkout(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def regions(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404
