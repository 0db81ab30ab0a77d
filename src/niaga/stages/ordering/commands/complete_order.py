"""A delivered order is closed: by the buyer's word, or when the return window has passed."""

from uuid import UUID

from niaga.flows.money.commands.release_escrow import (
    CaptureUnderWay,
    captured,
    release_escrow,
)
from niaga.flows.money.methods import METHODS
from niaga.flows.money.models import Escrow
from niaga.flows.money.states import EscrowState
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
    """Close the order and release its money to the seller.

    Raises:
        TransitionRefused: the order is not delivered, or was completed before.
        EscrowFrozen: a complaint is open.
        CaptureUnderWay: the bank has not answered yet that all of it is paid.
    """
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
    release_escrow(cause_id=order_id)
    record(
        OrderCompleted(
            subject_id=order_id, purchase_id=order.purchase_id, seller_id=order.seller_id
        ),
        actor=actor,
    )
    gross = order.total_minor + order.subsidy_minor
    record(
        EscrowReleased(
            subject_id=order_id,
            seller_id=order.seller_id,
            net_minor=gross - order.commission_minor,
            commission_minor=order.commission_minor,
            currency=order.currency,
        ),
        actor=Actor.system(),
    )


def orders_to_complete(at_most: int = 500) -> tuple[UUID, ...]:
    """Return delivered orders whose return window has passed and whose money is not frozen."""
    due = Escrow.objects.filter(
        state=EscrowState.HELD, frozen_at__isnull=True, release_at__lte=clock.now()
    )
    return tuple(due.order_by("release_at").values_list("cause_id", flat=True)[:at_most])
