"""What a wallet is offered to pay: the whole purchase, every seller's part, as it was placed."""

from datetime import timedelta
from typing import Literal

from niaga.flows.money.card.offers import OfferLine, OfferTerms
from niaga.kernel import clock
from niaga.kernel.money import Money
from niaga.stages.ordering.models import Order, OrderLine, Purchase
from niaga.stages.ordering.queries import options_text

OFFER_LIFE = timedelta(minutes=15)
REFUND_PERIOD = timedelta(days=180)
# The signed order has a greatest length; one beyond so many lines is told order by order.
MOST_LINES = 100


def offer_terms(purchase: Purchase) -> OfferTerms:
    """Return the terms of the purchase (its payment is loaded), in its buyer's language.

    An offer ends before the payment does, so the stock stays promised while it can be signed.
    """
    orders = list(
        purchase.orders.select_related("seller").prefetch_related("lines").order_by("seller__name")
    )
    lines = tuple(line for order in orders for line in _lines(order, purchase.language))
    if len(lines) > MOST_LINES:
        lines = tuple(_whole(order) for order in orders)
    deadline = purchase.payment.expires_at
    expires_at = clock.now() + OFFER_LIFE
    return OfferTerms(
        lines=lines,
        amount=Money(purchase.total_minor, purchase.currency),
        deliver_to=_deliver_to(purchase),
        expires_at=min(expires_at, deadline) if deadline else expires_at,
        refund_until=clock.now() + REFUND_PERIOD,
    )


def _lines(order: Order, language: str) -> list[OfferLine]:
    found = [_item(line, order, language) for line in order.lines.all()]
    if order.delivery_minor:
        found.append(_extra(order, "delivery", order.delivery_name, order.delivery_minor))
    if order.discount_minor:
        found.append(_extra(order, "discount", "Voucher", -order.discount_minor))
    return found


def _item(line: OrderLine, order: Order, language: str) -> OfferLine:
    title = line.title_en if language == "en" else line.title_id
    options = options_text(line.options)
    return OfferLine(
        kind="item",
        name=f"{title} ({options})" if options else title,
        quantity=line.quantity,
        total=Money(line.unit_price_minor * line.quantity, order.currency),
        seller=order.seller.name,
    )


def _extra(order: Order, kind: Literal["delivery", "discount"], name: str, minor: int) -> OfferLine:
    return OfferLine(kind, name, 1, Money(minor, order.currency), order.seller.name)


def _whole(order: Order) -> OfferLine:
    units = sum(line.quantity for line in order.lines.all())
    total = Money(order.total_minor, order.currency)
    return OfferLine("item", order.reference, units, total, order.seller.name)


def _deliver_to(purchase: Purchase) -> str:
    parts = (
        purchase.recipient,
        purchase.street,
        purchase.village,
        purchase.district,
        purchase.city,
        purchase.postal_code,
        purchase.province,
    )
    return ", ".join(part for part in parts if part)
