"""Orders are confirmed: paid in full, or to be paid on delivery; the seller may begin."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db.models import F

from niaga.flows.goods.allocation import StockWish
from niaga.flows.goods.commands.book_slot import confirm_bookings
from niaga.flows.goods.commands.grant_download import grant_downloads
from niaga.flows.goods.commands.hand_out_keys import give_keys
from niaga.flows.goods.commands.reserve_stock import keep_reservations
from niaga.flows.money.commands.capture_payment import (
    ReceivedIn,
    capture_shares,
    confirm_payment,
)
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.writes import Write, later
from niaga.stages.ordering.commands.finish_delivery import finish_if_delivered, record_paid
from niaga.stages.ordering.events import (
    DownloadsGranted,
    OrderConfirmed,
    PaymentConfirmed,
)
from niaga.stages.ordering.models import Order, OrderLine, Purchase
from niaga.stages.ordering.shares import order_share
from niaga.stages.ordering.states import OrderState

BY_HAND = "by hand:"
"""How `confirmed_by` begins where an operator says so, before what the operator saw."""


@command
def confirm_purchase_payment(
    *, actor: Actor, purchase_id: UUID, confirmed_by: str, received_in: ReceivedIn = "bank"
) -> None:
    """The purchase's money is there: capture every order's share and let the sellers begin.

    `confirmed_by` names the evidence: the bank file's reference, the gateway's, or the operator.

    Raises:
        TransitionRefused: the payment is not pending any more.
    """
    purchase = Purchase.objects.get(pk=purchase_id)
    confirm_payment(payment_id=purchase.payment_id, confirmed_by=confirmed_by)
    orders = list(
        Order.objects.select_for_update()
        .filter(purchase_id=purchase_id, state=OrderState.PLACED)
        .prefetch_related("lines")
        .order_by("id")
    )
    capture_shares(
        payment_id=purchase.payment_id,
        shares=tuple(order_share(order) for order in orders),
        received_in=received_in,
    )
    record(
        PaymentConfirmed(
            subject_id=purchase_id,
            amount_minor=purchase.total_minor,
            currency=purchase.currency,
            confirmed_by=confirmed_by,
        ),
        actor=actor,
    )
    for order in orders:
        record_paid(actor, order)
    confirm_orders(actor=actor, orders=[(order, order.lines.all()) for order in orders])


_CONFIRM = """
    UPDATE ordering_order SET state = %s, confirmed_at = %s WHERE id = ANY(%s) AND state = %s
"""


@command
def confirm_orders(
    *, actor: Actor, orders: Sequence[tuple[Order, Iterable[OrderLine]]]
) -> dict[UUID, tuple[UUID, ...]]:
    """Let the sellers begin: promises no longer expire, places are sure, downloads open.

    The orders, each with all its lines, are in the database already. Return the lines delivered
    by that, by their orders.
    """
    ids = [order.id for order, _ in orders]
    states = OrderState.CONFIRMED, OrderState.PLACED
    later(Write(_CONFIRM, [states[0], clock.now(), ids, states[1]], changes="ordering_order"))
    lines = [line for _, of_order in orders for line in of_order]
    goods = tuple(line.id for line in lines if line.kind == "goods")
    services = tuple(line.id for line in lines if line.kind == "service")
    if goods:
        keep_reservations(cause_ids=goods)
    if services:
        confirm_bookings(cause_ids=services)
    for order, _ in sorted(orders, key=lambda pair: pair[0].id):
        record(
            OrderConfirmed(
                subject_id=order.id, purchase_id=order.purchase_id, seller_id=order.seller_id
            ),
            actor=actor,
        )
    digital = [line for line in lines if line.kind == "digital"]
    _open_downloads(digital)
    return {
        order_id: tuple(line.id for line in digital if line.order_id == order_id)
        for order_id in {line.order_id for line in digital}
    }


def _open_downloads(lines: list[OrderLine]) -> None:
    if not lines:
        return
    grant_downloads(
        wishes=tuple(StockWish(line.id, line.variant_id, line.quantity) for line in lines)
    )
    give_keys(cause_ids=tuple(line.id for line in lines))
    OrderLine.objects.filter(pk__in=[line.id for line in lines]).update(
        shipped_quantity=F("quantity"), delivered_quantity=F("quantity")
    )
    for order_id in sorted({line.order_id for line in lines}):
        files = sum(1 for line in lines if line.order_id == order_id)
        record(DownloadsGranted(subject_id=order_id, files=files), actor=Actor.system())
        finish_if_delivered(actor=Actor.system(), order_id=order_id)
