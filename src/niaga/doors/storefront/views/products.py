"""A product's page and its reviews."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe
from markupsafe import Markup

from niaga.doors.look.environment import media
from niaga.doors.storefront.choosing import FEW_LEFT, choosing, most_of, slot_days
from niaga.doors.storefront.page import found, fragment, language, page_number, show
from niaga.flows.goods.commands.book_slot import BookingTerms
from niaga.flows.goods.offering_queries import booking_terms
from niaga.flows.goods.rates import DeliveryQuote, cheapest_delivery
from niaga.flows.information.catalogue import kept_by_version
from niaga.flows.information.results import Card
from niaga.stages.aftersales.queries import reviews_of_product, stars_of_product
from niaga.stages.sharing.queries import product_page
from niaga.stages.sharing.results import ProductPage, VariantView

REVIEWS_SHOWN = 4


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a product; `v` names the SKU that is looked at."""
    page = found(product_page(slug, language()))
    choice = choosing(page, request.GET.get("v", "")[:60])
    variant = choice.variant
    context: dict[str, Any] = {
        "product": page,
        "choice": choice,
        "variant": variant,
        "most": most_of(variant) if variant else 1,
        "few": FEW_LEFT,
        "days": slot_days(variant.slots) if variant else (),
        "terms": _terms(page, variant),
        "delivery": _delivery(page, variant),
        "said": _said(page.id, page.rating, page.review_count, page.slug, language()),
        "related": _related(page.related, language()),
        "data": _structured_data(page),
    }
    return show(request, "product", context)


def _terms(page: ProductPage, variant: VariantView | None) -> BookingTerms | None:
    """Return by which terms a service's booking is moved and cancelled."""
    booked = variant is not None and page.kind == "service"
    return booking_terms((variant.id,))[variant.id] if variant and booked else None


@require_safe
def reviews(request: HttpRequest, slug: str) -> HttpResponse:
    """Show all that buyers say of a product."""
    page = found(product_page(slug, language()))
    context = {
        "product": page,
        "stars": stars_of_product(page.id),
        "found": reviews_of_product(page.id, page_number(request), language=language()),
    }
    return show(request, "reviews", context)


@kept_by_version
def _said(
    product_id: UUID, rating: float | None, review_count: int, slug: str, language_code: str
) -> Markup:
    """Return the newest reviews; the rating and its count, which are fresh, tell of new ones."""
    if not review_count:
        return fragment("parts/said", {"review_count": 0})
    context = {
        "stars": stars_of_product(product_id),
        "reviews": reviews_of_product(product_id, language=language_code).rows[:REVIEWS_SHOWN],
        "rating": rating,
        "review_count": review_count,
        "slug": slug,
    }
    return fragment("parts/said", context)


@kept_by_version
def _related(cards: tuple[Card, ...], _language_code: str) -> Markup:
    return fragment("parts/related", {"cards": cards})


def _delivery(page: ProductPage, variant: VariantView | None) -> DeliveryQuote | None:
    if page.kind != "goods" or variant is None:
        return None
    return _cheapest(page.seller_id, variant.weight_g)


@kept_by_version
def _cheapest(seller_id: UUID, weight_g: int) -> DeliveryQuote | None:
    return cheapest_delivery(seller_id, weight_g)


def _structured_data(page: ProductPage) -> dict[str, Any]:
    """Return the product as search engines read it (schema.org)."""
    address = settings.SITE_URL + reverse("product", args=[page.slug])
    there = "https://schema.org/" + ("InStock" if page.in_stock else "OutOfStock")
    low, high = page.price, page.price_max
    offer: dict[str, Any] = {
        "@type": "AggregateOffer" if low != high else "Offer",
        "url": address,
        "priceCurrency": low.currency,
        "availability": there,
        "seller": {"@type": "Organization", "name": page.seller.name},
    }
    if low == high:
        offer["price"] = str(low.major)
    else:
        offer |= {"lowPrice": str(low.major), "highPrice": str(high.major)}
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": page.name,
        "description": page.description[:500],
        "image": [settings.SITE_URL + media(m.file) for m in page.media],
        "offers": offer,
    }
    if page.brand:
        data["brand"] = {"@type": "Brand", "name": page.brand}
    if page.rating:
        data["aggregateRating"] = {
            "@type": "AggregateRating",
            "ratingValue": page.rating,
            "reviewCount": page.review_count,
        }
    return data
