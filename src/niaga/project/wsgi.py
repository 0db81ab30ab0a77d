"""The market as a WSGI application, static files before it.

ServeStatic's middleware is asynchronous: each page would go through an event loop and back, which
costs it more time than its rendering. In front of Django, a static file meets no middleware.
"""

import os
from wsgiref.headers import Headers

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from servestatic import ServeStatic


def _as_declared(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "niaga.project.settings")

application = get_wsgi_application()
if settings.STATIC_ROOT.exists():  # collected; tests and development find the files elsewhere
    application = ServeStatic(
        application, settings.STATIC_ROOT, settings.STATIC_URL, add_headers_function=_as_declared
    )
