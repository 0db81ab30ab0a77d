"""A buyer cancels one booking: what its terms let the seller keep stays, the rest goes back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from niaga.flows.goods.commands.book_slot import give_up_booking
from niaga.flows.goods.models import Booking
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money, share_down
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.ordering.commands.charge_order import authorization_of, charge_shipped
from niaga.stages.ordering.commands.finish_delivery import finish_if_delivered
from niaga.stages.ordering.commands.refund_order import RefundChanged, refund_order
from niaga.stages.ordering.commands.ship_order import NotToBeShipped
from niaga.stages.ordering.events import BookingGivenUp
from niaga.stages.ordering.models import Order, OrderLine
from niaga.stages.ordering.refund_draft import RefundWish, escrow_parts
from niaga.stages.ordering.states import OrderState

REASON = "booking_cancelled"


@dataclass(frozen=True, slots=True)
class GivenUp:
    """What of a line's price its seller keeps."""

    kept_minor: int
    currency: str


def kept_of(line_total: Money, percent: int) -> Money:
    """Return what a seller keeps of a line's price, rounded down: the buyer has the rest."""
    return share_down(line_total, percent, 100)


@command
def cancel_booking(*, actor: Actor, line_id: UUID, shown_minor: int) -> GivenUp:
    """Cancel the booking of one line whose buyer was shown that the seller keeps `shown_minor`.

    The line counts as given: its order goes on, and ends, without it. A card is charged for it
    and credited with the rest as soon as the bank has answered.

    Raises:
        NotToBeShipped: the order is not paid, or is over.
        TransitionRefused, TooLateToCancel: see `give_up_booking`.
        RefundChanged: the seller would keep another amount than was shown.
    """
    line = OrderLine.objects.get(pk=line_id, kind="service")
    order = Order.objects.select_for_update().get(pk=line.order_id)
    if order.state not in (OrderState.CONFIRMED, OrderState.PARTLY_SHIPPED, OrderState.SHIPPED):
        raise NotToBeShipped(order.state)
    starts_at = _starts_at(line_id)
    percent = give_up_booking(cause_id=line_id)
    kept = kept_of(Money(line.total_minor, order.currency), percent)
    if kept.minor != shown_minor:
        raise RefundChanged
    OrderLine.objects.filter(pk=line_id).update(
        shipped_quantity=F("quantity"), delivered_quantity=F("quantity")
    )
    record(
        BookingGivenUp(
            subject_id=order.id,
            line_id=line_id,
            starts_at=starts_at,
            kept_minor=kept.minor,
            currency=order.currency,
        ),
        actor=actor,
    )
    charge_shipped(order_id=order.id, line_ids=(line_id,))
    charged_before = line.charged_quantity == line.quantity
    if charged_before or authorization_of(order.id) is None:
        give_rest_back(line_id=line_id)
    finish_if_delivered(actor=actor, order_id=order.id)
    return GivenUp(kept.minor, order.currency)


@command
def give_rest_back(*, line_id: UUID) -> None:
    """Give back what a seller does not keep of a booking that its buyer cancelled; once.

    Raises:
        CaptureUnderWay: the bank has not answered yet how much was paid.
    """
    line = OrderLine.objects.select_related("order").get(pk=line_id)
    percent = Booking.objects.values_list("kept_percent", flat=True).get(cause_id=line_id)
    assert percent is not None, "its buyer gave it up"
    kept = kept_of(Money(line.total_minor, line.order.currency), percent)
    part = next((p for p in escrow_parts(line.order_id) if p.about_id == line_id), None)
    if part is None or part.refunded == part.gross:
        return
    wish = RefundWish("lines", quantities={line_id: line.quantity - line.refunded_quantity})
    if kept:
        wish = RefundWish("amount", amount=part.refundable - kept, line_id=line_id)
        if part.refundable <= kept:
            return
    refund_order(actor=Actor.system(), order_id=line.order_id, wish=wish, reason=REASON)


def given_up_lines(charge_id: UUID) -> tuple[UUID, ...]:
    """Return the lines in a charge of which the buyer had cancelled the booking."""
    lines = OrderLine.objects.filter(charges__charge=charge_id).values("id")
    given_up = Booking.objects.filter(cause_id__in=lines, kept_percent__isnull=False)
    return tuple(given_up.order_by("cause_id").values_list("cause_id", flat=True))


def _starts_at(line_id: UUID) -> datetime:
    return Booking.objects.values_list("slot__starts_at", flat=True).get(cause_id=line_id)
