"""The basket."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def basket(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def add(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def change(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def remove(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def restore(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404
