"""Money goes back while the order goes on: all of it, an amount, some units, the delivery."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db.models import F

from niaga.flows.money.commands.give_back import MadeRefund, give_back, goes_by_card
from niaga.flows.money.commands.release_escrow import check_answered
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.ordering.commands.charge_order import authorization_of
from niaga.stages.ordering.events import BankInstructed, CommissionGivenBack, RefundDue
from niaga.stages.ordering.models import Order, OrderLine
from niaga.stages.ordering.owning import check_own
from niaga.stages.ordering.refund_draft import RefundWish, draft_refund


@dataclass(eq=False)
class RefundReasonMissing(Refusal):
    """The buyer reads why money comes back: a refund needs a reason."""

    code: ClassVar[str] = "refund_reason_missing"


@dataclass(eq=False)
class RefundChanged(Refusal):
    """The order's money moved since the refund was shown; it would now be another one."""

    code: ClassVar[str] = "refund_changed"


@dataclass(frozen=True, slots=True)
class RefundDone:
    """What the buyer was given back."""

    refund_id: UUID | None
    paid_minor: int
    currency: str


@command
def refund_as_shown(
    *, actor: Actor, order_id: UUID, wish: RefundWish, shown_minor: int, reason: str
) -> RefundDone:
    """Give back what somebody was shown and agreed to: `shown_minor` for the buyer, no other sum.

    Raises:
        RefundChanged: it would not be that sum any more.
        OrderUnknown, RefundReasonMissing, NothingToRefund, RefundTooLarge, CaptureUnderWay: see
            `refund_order`.
    """
    made = refund_order(actor=actor, order_id=order_id, wish=wish, reason=reason)
    if made.effect.paid.minor != shown_minor:
        raise RefundChanged
    return RefundDone(made.refund_id, made.effect.paid.minor, made.effect.currency)


@command
def refund_order(*, actor: Actor, order_id: UUID, wish: RefundWish, reason: str) -> MadeRefund:
    """Give the buyer of an order money back; the seller and the market's shares follow.

    It works before and after shipping, release and payout: what the seller was paid already is
    set off against its next payout.

    Raises:
        RefundReasonMissing: no words.
        OrderUnknown: it is another seller's.
        NothingToRefund, RefundTooLarge: see `draft_refund`.
        CaptureUnderWay: the bank has not answered yet how much was paid.
    """
    if not reason.strip():
        raise RefundReasonMissing
    order = (
        Order.objects.select_for_update(of=("self",)).select_related("purchase").get(pk=order_id)
    )
    check_own(actor, order)
    check_answered(order_id)
    draft = draft_refund(order, wish, reason=reason.strip())
    made = give_back(order=draft.order)
    for line_id, units in sorted(draft.quantities.items()):
        OrderLine.objects.filter(pk=line_id).update(
            refunded_quantity=F("refunded_quantity") + units
        )
    record_refund(actor, order, made)
    return made


def record_refund(actor: Actor, order: Order, made: MadeRefund) -> None:
    """Record what the buyer is owed and the market gives up; have a card's bank told."""
    record(
        RefundDue(
            subject_id=order.id,
            purchase_id=order.purchase_id,
            amount_minor=made.effect.paid.minor,
            currency=order.currency,
            refund_id=made.refund_id,
        ),
        actor=actor,
    )
    if made.unearned:
        record(
            CommissionGivenBack(
                subject_id=order.id,
                seller_id=order.seller_id,
                commission_minor=made.unearned.minor,
                tax_minor=made.untaxed.minor,
                withheld_minor=made.effect.withheld.minor,
                currency=order.currency,
            ),
            actor=Actor.system(),
        )
    if made.refund_id and goes_by_card(made.refund_id):
        authorization = authorization_of(order.id)
        assert authorization is not None
        record(
            BankInstructed(subject_id=order.id, authorization_id=authorization.id),
            actor=Actor.system(),
        )
