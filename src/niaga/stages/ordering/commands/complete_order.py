"""Sellers get their money: line by line when the return window has passed, all with the last word.

An order is closed by the buyer's word, or when nothing of it is held any more.
"""

from uuid import UUID

from niaga.flows.money.commands.release_escrow import (
    CaptureUnderWay,
    Released,
    captured,
    check_captured,
    is_held,
    orders_with_due_escrow,
    release_due,
    release_escrow,
)
from niaga.flows.money.methods import METHODS
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.states import advance
from niaga.stages.ordering.events import EscrowReleased, OrderCompleted
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.states import ORDER_TRANSITIONS, OrderState


@command
def complete_order(*, actor: Actor, order_id: UUID) -> None:
    """Close the order and release all its money to the seller.

    Raises:
        TransitionRefused: the order is not delivered, or was completed before.
        EscrowFrozen: a complaint is open.
        CaptureUnderWay: the bank has not answered yet that all of it is paid.
    """
    order = _close(actor, order_id)
    _record_release(order, release_escrow(cause_id=order_id, currency=order.currency))


@command
def release_order(*, actor: Actor, order_id: UUID) -> None:
    """Release what of the order's money is due, and close it when nothing of it is held then.

    A line that is held back keeps the order open, and its own money alone.

    Raises:
        CaptureUnderWay: the bank has not answered yet how much is paid.
    """
    order = Order.objects.select_for_update().get(pk=order_id)
    check_captured(order_id)
    _record_release(order, release_due(cause_id=order_id, currency=order.currency))
    if order.state == OrderState.DELIVERED and not is_held(order_id):
        _close(actor, order_id)


def orders_to_release() -> tuple[UUID, ...]:
    """Return orders of which a line's return window has passed and its money is not held back."""
    return orders_with_due_escrow()


def _close(actor: Actor, order_id: UUID) -> Order:
    advance(
        Order,
        pk=order_id,
        to=OrderState.COMPLETED,
        transitions=ORDER_TRANSITIONS,
        completed_at=clock.now(),
    )
    order = Order.objects.select_related("purchase__payment").get(pk=order_id)
    by_card = METHODS[order.purchase.payment.method].captured_at == "dispatch"
    if by_card and captured(order_id, order.currency).minor < order.total_minor:
        raise CaptureUnderWay
    record(
        OrderCompleted(
            subject_id=order_id, purchase_id=order.purchase_id, seller_id=order.seller_id
        ),
        actor=actor,
    )
    return order


def _record_release(order: Order, released: Released) -> None:
    if not released.parts:
        return
    record(
        EscrowReleased(
            subject_id=order.id,
            seller_id=order.seller_id,
            net_minor=released.net.minor,
            commission_minor=released.commission.minor,
            commission_tax_minor=released.tax.minor,
            turnover_minor=released.turnover.minor,
            withheld_minor=released.withheld.minor,
            currency=order.currency,
        ),
        actor=Actor.system(),
    )
