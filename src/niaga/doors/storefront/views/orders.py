"""An order."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def order(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def live(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def cancel(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def received(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def document(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def download(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404
