"""Pages that are the same for everyone: rendered once, kept while the catalogue stands.

A list's links, cards and facets cost ten times the frame around them, and no visitor's name is
in them; so each process keeps their HTML by language and catalogue version, as it keeps the
queries' results (docs/adr/0002-catalogue-cache.md).
"""

from dataclasses import dataclass

from django.core.files.storage import default_storage
from django.urls import reverse
from markupsafe import Markup

from niaga.doors.storefront.listing import Asked, ListView, Place, list_view
from niaga.doors.storefront.page import fragment
from niaga.flows.information.catalogue import kept_by_version
from niaga.flows.information.queries import (
    category_page,
    category_tree,
    home_page,
    search_page,
    seller_page,
    sellers_page,
)

HERO = "home/hero-0.webp"


@dataclass(frozen=True, slots=True)
class Kept:
    """A page without its frame: what stands above the list, and the list (which htmx swaps).

    `indexed` says whether search engines may list the page: not each choice of filters.
    """

    title: str
    description: str
    canonical: str
    head: Markup
    body: Markup
    picture: str = ""
    indexed: bool = True


@kept_by_version
def kept_home(language: str) -> Kept:
    """Return the front page."""
    hero = HERO if default_storage.exists(HERO) else ""
    context = {"home": home_page(language), "hero": hero}
    return Kept("", "", "/", Markup(), fragment("lists/home", context))


@kept_by_version
def kept_categories(language: str) -> Kept:
    """Return the page of all shelves."""
    context = {"shelves": category_tree(language)}
    return Kept("", "", reverse("categories"), Markup(), fragment("lists/categories", context))


@kept_by_version
def kept_category(path: str, asked: Asked, language: str) -> Kept | None:
    """Return a shelf's page, or None when there is no such shelf."""
    found = category_page(
        path, filters=asked.filters, sort=asked.sort, page=asked.page, language=language
    )
    if found is None:
        return None
    address = reverse("category", args=[path])
    view = list_view(found.listing, Place(address), hide=frozenset({"category"}))
    return Kept(
        title=found.name,
        description=found.name,
        canonical=_canonical(address, view),
        head=fragment("lists/category", {"found": found}),
        body=fragment("parts/listing", {"list": view}),
        indexed=not view.chips,
    )


@kept_by_version
def kept_search(asked: Asked, language: str) -> Kept:
    """Return a search's page."""
    found = search_page(
        asked.query, filters=asked.filters, sort=asked.sort, page=asked.page, language=language
    )
    address = reverse("search")
    view = list_view(found.listing, Place(address, found.query))
    nothing = not found.listing.total and not asked.filters
    help_ = {"shelves": category_tree(language), "most_sold": home_page(language).most_sold}
    return Kept(
        title=found.query,
        description=found.query,
        canonical=address,
        head=fragment("lists/search", {"found": found}),
        body=fragment("lists/nothing", {"found": found, **help_})
        if nothing
        else fragment("parts/listing", {"list": view}),
        indexed=False,
    )


@kept_by_version
def kept_shop(slug: str, asked: Asked, language: str) -> Kept | None:
    """Return a seller's shop, or None when no such seller sells here."""
    found = seller_page(
        slug, filters=asked.filters, sort=asked.sort, page=asked.page, language=language
    )
    if found is None:
        return None
    address = reverse("shop", args=[found.seller.slug])
    view = list_view(found.listing, Place(address), hide=frozenset({"seller", "city"}))
    return Kept(
        title=found.seller.name,
        description=found.seller.tagline,
        canonical=_canonical(address, view),
        head=fragment("lists/shop", {"found": found}),
        body=fragment("parts/listing", {"list": view}),
        picture=found.seller.banner,
        indexed=not view.chips,
    )


@kept_by_version
def kept_sellers(page: int, language: str) -> Kept:
    """Return a page of those who sell."""
    found = sellers_page(page=page, language=language)
    address = reverse("sellers")
    return Kept("", "", address, Markup(), fragment("lists/sellers", {"found": found}))


def _canonical(address: str, view: ListView) -> str:
    return f"{address}?page={view.page}" if view.page > 1 and not view.chips else address
