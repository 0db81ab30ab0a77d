"""Finding: the front page, shelves, search, sellers."""

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from niaga.doors.storefront.listing import asked_of
from niaga.doors.storefront.lists import (
    Kept,
    kept_categories,
    kept_category,
    kept_home,
    kept_search,
    kept_sellers,
    kept_shop,
)
from niaga.doors.storefront.page import found, fragment, language, page_number, show
from niaga.flows.information import queries


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the front page."""
    kept = kept_home(language())
    return _show(request, kept, _("Marketplace of registered Indonesian companies"))


@require_safe
def categories(request: HttpRequest) -> HttpResponse:
    """Show all shelves."""
    return _show(request, kept_categories(language()), _("All categories"))


@require_safe
def category(request: HttpRequest, path: str) -> HttpResponse:
    """Show a shelf."""
    return _show(
        request, found(kept_category(path.replace("\0", ""), asked_of(request), language()))
    )


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show what the words find."""
    kept = kept_search(asked_of(request), language())
    return _show(request, kept, kept.title or _("All products"))


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """Show places to go for what was typed so far, below the search field."""
    typed = " ".join(request.GET.get("q", "").replace("\0", "").split())[:80]
    suggestions = queries.suggest(typed, language=language())
    return HttpResponse(fragment("parts/suggestions", {"suggestions": suggestions}))


@require_safe
def sellers(request: HttpRequest) -> HttpResponse:
    """Show who sells."""
    return _show(request, kept_sellers(page_number(request), language()), _("Sellers"))


@require_safe
def shop(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a seller's shop."""
    return _show(request, found(kept_shop(slug, asked_of(request), language())))


def _show(request: HttpRequest, kept: Kept, title: str = "") -> HttpResponse:
    """Show the page, or only its list where htmx asks for that."""
    part = request.htmx.target == "listing" and not request.htmx.history_restore_request  # type: ignore[attr-defined]
    template = "kept_list" if part else "kept"
    response = show(request, template, {"kept": kept, "title": title or kept.title})
    patch_vary_headers(response, ["HX-Request", "HX-Target"])
    return response
