"""Finding."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def home(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def categories(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def category(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def search(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def suggest(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def product(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def reviews(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def sellers(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def shop(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404
