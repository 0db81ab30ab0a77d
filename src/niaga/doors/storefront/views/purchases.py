"""A purchase."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def purchase(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def live(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def cancel(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def find(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404
