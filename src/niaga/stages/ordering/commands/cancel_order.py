"""An order ends before anything was shipped: cancelled, or its payment never came."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db.models import F

from niaga.flows.goods.commands.book_slot import cancel_bookings, check_cancellable
from niaga.flows.goods.commands.hand_out_keys import release_keys
from niaga.flows.goods.commands.reserve_stock import release_reservations
from niaga.flows.money.commands.give_back import confirm_refund_sent, give_back
from niaga.flows.money.commands.open_payment import close_unpaid, not_all_heard
from niaga.flows.money.commands.release_escrow import check_answered
from niaga.flows.money.methods import METHODS
from niaga.flows.money.models import Payment
from niaga.flows.money.states import PaymentState
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.states import TransitionRefused, advance
from niaga.stages.ordering.commands.charge_order import authorization_of, release_hold
from niaga.stages.ordering.commands.refund_order import record_refund
from niaga.stages.ordering.events import (
    OrderCancelled,
    PaymentExpired,
    RefundSent,
    StockReleased,
)
from niaga.stages.ordering.models import Order, OrderLine, Purchase
from niaga.stages.ordering.owning import check_own
from niaga.stages.ordering.refund_draft import refund_of_all
from niaga.stages.ordering.states import ORDER_TRANSITIONS, OrderState
from niaga.stages.sharing.models import Voucher


@dataclass(eq=False)
class PaidTogether(Refusal):
    """The order waits for one payment with others: cancel the whole purchase, or pay first."""

    code: ClassVar[str] = "paid_together"
    orders: int


@command
def cancel_order(*, actor: Actor, order_id: UUID, reason: str) -> None:
    """Cancel one confirmed order of which nothing was shipped; what was paid is given back.

    Raises:
        OrderUnknown: it is another seller's.
        PaidTogether: it is not paid yet and shares its payment with other orders.
        TransitionRefused: something was shipped, or the order is over.
        TooLateToCancel: a buyer's booking is too near.
        CaptureUnderWay: the bank has not answered yet how much was paid.
    """
    order = Order.objects.select_related("purchase__payment").get(pk=order_id)
    check_own(actor, order)
    if order.state == OrderState.PLACED:
        together = Order.objects.filter(purchase_id=order.purchase_id).count()
        if together > 1:
            raise PaidTogether(together)
        cancel_purchase(actor=actor, purchase_id=order.purchase_id, reason=reason)
        return
    if OrderLine.objects.filter(order_id=order_id, shipped_quantity__gt=0).exists():
        raise TransitionRefused("order", OrderState.CANCELLED)
    if actor.role == "buyer":
        check_cancellable(tuple(order.lines.values_list("id", flat=True)))
    _end(actor, (order,), reason)
    payment = order.purchase.payment
    if METHODS[payment.method].captured_at != "delivery":
        _give_back(order, reason)
    elif not Order.objects.filter(purchase_id=order.purchase_id).exclude(
        state=OrderState.CANCELLED
    ):
        close_unpaid(payment_id=payment.id, state=PaymentState.CANCELLED)


@command
def cancel_purchase(*, actor: Actor, purchase_id: UUID, reason: str) -> None:
    """Cancel a purchase that is not paid yet, with all its orders.

    Raises:
        TransitionRefused: the payment is confirmed or over.
    """
    purchase = Purchase.objects.get(pk=purchase_id)
    if not close_unpaid(payment_id=purchase.payment_id, state=PaymentState.CANCELLED):
        raise TransitionRefused("payment", PaymentState.CANCELLED)
    _end_all(actor, purchase, reason)


@command
def expire_purchase(*, purchase_id: UUID) -> bool:
    """End a purchase whose payment did not come in time; say whether this call did it.

    Not while money may have come in by a code of which the gateway has not told yet.
    """
    purchase = Purchase.objects.get(pk=purchase_id)
    if not_all_heard().filter(pk=purchase.payment_id).exists():
        return False
    if not close_unpaid(payment_id=purchase.payment_id, state=PaymentState.EXPIRED):
        return False
    record(
        PaymentExpired(
            subject_id=purchase_id,
            amount_minor=purchase.total_minor,
            currency=purchase.currency,
        ),
        actor=Actor.system(),
    )
    _end_all(Actor.system(), purchase, "payment_expired")
    return True


def purchases_to_expire(at_most: int = 500) -> tuple[UUID, ...]:
    """Return purchases whose payment is pending beyond its deadline; see `expire_purchase`."""
    due = Payment.objects.filter(state=PaymentState.PENDING, expires_at__lte=clock.now())
    due = due.exclude(pk__in=not_all_heard())
    return tuple(due.order_by("expires_at").values_list("cause_id", flat=True)[:at_most])


@command
def send_refund(*, actor: Actor, refund_id: UUID) -> None:
    """The operator transferred a refund.

    Raises:
        TransitionRefused: it was transferred before.
    """
    order_id = confirm_refund_sent(refund_id=refund_id)
    record(RefundSent(subject_id=order_id), actor=actor)


def _give_back(order: Order, reason: str) -> None:
    """Owe the buyer what was paid for the order; let the bank keep nothing aside for it."""
    check_answered(order.id)
    made = give_back(order=refund_of_all(order, reason=reason))
    authorization = authorization_of(order.id)
    if made.refund_id or authorization is None:
        record_refund(Actor.system(), order, made)
    if authorization is not None:
        release_hold(order_id=order.id)


def _end_all(actor: Actor, purchase: Purchase, reason: str) -> None:
    _end(actor, tuple(purchase.orders.order_by("id")), reason)
    if purchase.voucher_id:
        Voucher.objects.filter(pk=purchase.voucher_id, uses__gt=0).update(uses=F("uses") - 1)


def _end(actor: Actor, orders: Sequence[Order], reason: str) -> None:
    """Cancel the orders and give back everything they held, in the order in which it is taken."""
    for order in orders:
        advance(
            Order,
            pk=order.id,
            to=OrderState.CANCELLED,
            transitions=ORDER_TRANSITIONS,
            cancelled_at=clock.now(),
            cancel_reason=reason[:200],
        )
        record(
            OrderCancelled(
                subject_id=order.id,
                purchase_id=order.purchase_id,
                seller_id=order.seller_id,
                reason=reason,
            ),
            actor=actor,
        )
    lines = OrderLine.objects.filter(order__in=orders).values_list("order_id", "id", "variant_id")
    line_ids = tuple(line_id for _, line_id, _ in lines)
    cancel_bookings(cause_ids=line_ids)
    release_keys(cause_ids=line_ids)
    released = release_reservations(cause_ids=line_ids)
    for order in orders:
        mine = [(line_id, sku_id) for order_id, line_id, sku_id in lines if order_id == order.id]
        if any(released[line_id] for line_id, _ in mine):
            sku_ids = tuple(sorted({sku_id for _, sku_id in mine}))
            record(StockReleased(subject_id=order.id, sku_ids=sku_ids), actor=Actor.system())
