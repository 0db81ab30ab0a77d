"""What a refund's page asks: what of an order can go back, and what a wish would come to."""

from dataclasses import dataclass
from uuid import UUID

from niaga.flows.money.methods import METHODS
from niaga.flows.money.refunding import RefundEffect
from niaga.kernel.money import Money
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.queries import options_text
from niaga.stages.ordering.refund_draft import RefundWish, draft_refund, escrow_parts


@dataclass(frozen=True, slots=True)
class RefundableLine:
    """A line of the order: `left` units were not given back yet, `most` of money can be."""

    line_id: UUID
    title: str
    options: str
    sku: str
    picture: str
    quantity: int
    left: int
    unit_price: Money
    most: Money


@dataclass(frozen=True, slots=True)
class RefundSheet:
    """What can be given back of an order now: in all, of its delivery, and of each line."""

    order_id: UUID
    reference: str
    seller_id: UUID
    seller_name: str
    buyer_name: str
    method_label: str
    by_card: bool
    currency: str
    total: Money
    refunded: Money
    most: Money
    delivery: Money
    lines: tuple[RefundableLine, ...]


@dataclass(frozen=True, slots=True)
class RefundPreview:
    """A refund before it is made: the effect on each side, and what it names."""

    effect: RefundEffect
    quantities: dict[UUID, int]
    delivery: Money


def refund_sheet(order_id: UUID, *, language: str) -> RefundSheet | None:
    """Return what of an order can be given back, or None; three statements."""
    order = _order(order_id)
    if order is None:
        return None
    parts = {part.about_id: part for part in escrow_parts(order_id)}
    zero = Money.zero(order.currency)
    most = {about_id: part.refundable for about_id, part in parts.items()}
    lines = tuple(
        RefundableLine(
            line_id=line.id,
            title=line.title_en if language == "en" else line.title_id,
            options=options_text(line.options),
            sku=line.sku,
            picture=line.picture,
            quantity=line.quantity,
            left=line.quantity - line.refunded_quantity,
            unit_price=Money(line.unit_price_minor, order.currency),
            most=most.get(line.id, zero),
        )
        for line in order.lines.order_by("position")
    )
    method = order.purchase.payment.method
    return RefundSheet(
        order_id=order.id,
        reference=order.reference,
        seller_id=order.seller_id,
        seller_name=order.seller.name,
        buyer_name=order.purchase.name,
        method_label=str(METHODS[method].label),
        by_card=METHODS[method].captured_at == "dispatch",
        currency=order.currency,
        total=Money(order.total_minor, order.currency),
        refunded=Money.total((part.refunded_paid for part in parts.values()), order.currency),
        most=Money.total(most.values(), order.currency),
        delivery=most.get(order.id, zero),
        lines=lines,
    )


def refund_preview(order_id: UUID, wish: RefundWish) -> RefundPreview:
    """Return what a wish would come to now; three statements.

    Raises:
        NothingToRefund, RefundTooLarge.
    """
    order = _order(order_id)
    assert order is not None, "the sheet was shown"
    draft = draft_refund(order, wish, reason="")
    of_delivery = (part.paid for part in draft.effect.parts if part.about_id == order_id)
    return RefundPreview(
        draft.effect, dict(draft.quantities), Money.total(of_delivery, order.currency)
    )


def _order(order_id: UUID) -> Order | None:
    found = Order.objects.select_related("purchase__payment", "seller")
    return found.filter(pk=order_id).first()
