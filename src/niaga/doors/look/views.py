"""Pages every door shares: the theme switch, pages for what went wrong, public pictures."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.static import serve

THEMES = ("auto", "light", "dark")
A_YEAR_S = 365 * 24 * 3600


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the visitor's choice of light, dark or automatic, and go back."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=True):
        target = "/"
    response = HttpResponseRedirect(target)
    theme = request.POST.get("theme")
    if theme in THEMES:
        response.set_cookie("niaga_theme", theme, max_age=A_YEAR_S, secure=True, samesite="Lax")
    return response


def public_media(request: HttpRequest, path: str) -> HttpResponseBase:
    """Serve a public picture. Names hold a hash or an id, so browsers may keep them."""
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response["Cache-Control"] = "public, max-age=604800"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer 400."""
    return render(request, "look/errors/400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer 403."""
    return render(request, "look/errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001
    """Answer 404."""
    return render(request, "look/errors/404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500, without asking the database for anything."""
    return render(request, "look/errors/500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not come from our own page, or came from an old one."""
    return render(request, "look/errors/csrf.html", {"reason": reason}, status=403)
