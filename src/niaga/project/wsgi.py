"""The market as a WSGI application: static files first, then programs, then people.

ServeStatic's middleware is asynchronous: each page would go through an event loop and back, which
costs it more time than its rendering. In front of Django, a static file meets no middleware.

What wallets send needs little of it either: they bring no cookie, so there is no session, log-in,
language or form to look for.
"""

import os
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.headers import Headers

from django.conf import settings
from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application
from django.middleware.security import SecurityMiddleware
from servestatic import ServeStatic

type Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

WALLETS = "/pay/"


def _as_declared(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "niaga.project.settings")


class ForPrograms(WSGIHandler):
    """The market's addresses with the one middleware that a program's answer needs."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - Django's
        """Put the middleware in place; no view here is wrapped by any other."""
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        answer = convert_exception_to_response(self._get_response)  # type: ignore[attr-defined]
        self._middleware_chain = convert_exception_to_response(SecurityMiddleware(answer))


def _divided(people: Application, programs: Application) -> Application:
    """Let programs answer what wallets send; a person who comes there looks, and sends nothing."""

    def answer(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        sent = environ["REQUEST_METHOD"] in {"POST", "OPTIONS"}
        for_programs = sent and environ["PATH_INFO"].startswith(WALLETS)
        return (programs if for_programs else people)(environ, start)

    return answer


application: Application = _divided(get_wsgi_application(), ForPrograms())
if settings.STATIC_ROOT.exists():  # collected; tests and development find the files elsewhere
    application = ServeStatic(
        application, settings.STATIC_ROOT, settings.STATIC_URL, add_headers_function=_as_declared
    )
