"""Reviews and complaints."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse


def review(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def complain(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def complaints(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def complaint(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def escalate(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404


def resolve(request: HttpRequest, **_address: Any) -> HttpResponse:
    """Not built yet."""
    raise Http404
