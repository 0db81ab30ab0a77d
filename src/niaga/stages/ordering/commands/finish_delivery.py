"""An order counts as shipped and delivered by what its lines say; money follows."""

from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q, Sum

from niaga.flows.money.commands.capture_payment import capture_shares, confirm_payment
from niaga.flows.money.commands.release_escrow import schedule_release
from niaga.flows.money.methods import METHODS
from niaga.flows.money.states import PaymentState
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.states import advance
from niaga.stages.ordering.events import OrderDelivered, OrderPaid
from niaga.stages.ordering.models import Order, OrderLine
from niaga.stages.ordering.shares import order_share
from niaga.stages.ordering.states import ORDER_TRANSITIONS, OrderState

# How long a buyer may complain before the seller's money is released.
RETURN_WINDOW = timedelta(days=7)


@command
def finish_if_delivered(*, actor: Actor, order_id: UUID) -> bool:
    """Move the order on by what its lines say; return whether all of it is delivered.

    The money of each line that has arrived is scheduled for release. With the last one cash on
    delivery is captured, and the delivery's price scheduled too.
    """
    _schedule_lines(order_id)
    sums = OrderLine.objects.filter(order_id=order_id).aggregate(
        ordered=Sum("quantity"),
        shipped=Sum("shipped_quantity"),
        delivered=Sum("delivered_quantity"),
    )
    order = Order.objects.select_related("purchase__payment").get(pk=order_id)
    if sums["delivered"] < sums["ordered"]:
        if sums["shipped"] == sums["ordered"]:
            _move(order, OrderState.SHIPPED)
        elif sums["shipped"]:
            _move(order, OrderState.PARTLY_SHIPPED)
        return False
    advance(
        Order,
        pk=order_id,
        to=OrderState.DELIVERED,
        transitions=ORDER_TRANSITIONS,
        delivered_at=clock.now(),
    )
    _capture_cash(actor, order)
    release_at = clock.now() + RETURN_WINDOW
    _schedule_lines(order_id)
    schedule_release(cause_id=order_id, about_ids=(order_id,), release_at=release_at)
    record(
        OrderDelivered(
            subject_id=order_id,
            purchase_id=order.purchase_id,
            seller_id=order.seller_id,
            release_at=release_at,
        ),
        actor=actor,
    )
    return True


def _schedule_lines(order_id: UUID) -> None:
    arrived = OrderLine.objects.filter(order_id=order_id, delivered_quantity=F("quantity"))
    schedule_release(
        cause_id=order_id,
        about_ids=tuple(arrived.values_list("id", flat=True)),
        release_at=clock.now() + RETURN_WINDOW,
    )


def _move(order: Order, state: OrderState) -> None:
    if order.state != state:
        advance(Order, pk=order.id, to=state, transitions=ORDER_TRANSITIONS)


def _capture_cash(actor: Actor, order: Order) -> None:
    """Capture an order that is paid to the courier, and close the payment with the last one."""
    payment = order.purchase.payment
    if METHODS[payment.method].captured_at != "delivery":
        return
    capture_shares(payment_id=payment.id, shares=(order_share(order),), received_in="cod_cash")
    record_paid(actor, order)
    open_orders = Order.objects.filter(purchase_id=order.purchase_id).exclude(
        Q(state=OrderState.CANCELLED) | Q(delivered_at__isnull=False)
    )
    if payment.state == PaymentState.PENDING and not open_orders.exists():
        confirm_payment(payment_id=payment.id, confirmed_by="cash on delivery")


def record_paid(actor: Actor, order: Order) -> None:
    """Record that the order's money was captured."""
    record(
        OrderPaid(
            subject_id=order.id,
            purchase_id=order.purchase_id,
            seller_id=order.seller_id,
            amount_minor=order.total_minor,
            currency=order.currency,
        ),
        actor=actor,
    )


def add_delivered(line_ids: dict[UUID, int]) -> None:
    """Count units that reached the buyer, per order line."""
    for line_id, quantity in sorted(line_ids.items()):
        OrderLine.objects.filter(pk=line_id).update(
            delivered_quantity=F("delivered_quantity") + quantity
        )
