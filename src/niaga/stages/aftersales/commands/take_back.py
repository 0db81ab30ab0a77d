"""Goods go back: agreed with a return slip, and received into stock with the money returned."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from django.db.models import Sum
from django.utils import translation
from django.utils.translation import gettext as _

from niaga.flows.goods.commands.change_stock import return_stock
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.states import advance
from niaga.stages.aftersales.commands.complain import (
    ComplaintClosed,
    answer_complaint,
    resolve_complaint,
)
from niaga.stages.aftersales.events import ReturnAgreed, ReturnReceived
from niaga.stages.aftersales.models import Complaint, Return
from niaga.stages.aftersales.states import RETURN_TRANSITIONS, ComplaintState, ReturnState
from niaga.stages.ordering.commands.refund_order import refund_order
from niaga.stages.ordering.models import OrderLine
from niaga.stages.ordering.owning import check_own
from niaga.stages.ordering.refund_draft import NothingToRefund, RefundWish


@dataclass(eq=False)
class NotReturnable(Refusal):
    """Only goods that were sent and are not back yet can go back: `left` of this line."""

    code: ClassVar[str] = "not_returnable"
    left: int


@dataclass(eq=False)
class ReturnUnderWay(Refusal):
    """This complaint has a return that was agreed and has not ended."""

    code: ClassVar[str] = "return_under_way"


def units_to_return(line: OrderLine) -> int:
    """Return how many units the buyer has and nobody agreed to take back; one statement."""
    if line.kind != "goods":
        return 0
    taken = Return.objects.filter(line=line).exclude(state=ReturnState.CALLED_OFF)
    back = taken.aggregate(all=Sum("quantity"))["all"] or 0
    return int(line.shipped_quantity - back)


def wish_of(quantity: int, line: OrderLine) -> RefundWish | None:
    """Return what is to be refunded for units that came back: those not refunded before."""
    units = min(quantity, line.quantity - line.refunded_quantity)
    return RefundWish("lines", {line.id: units}) if units else None


@command
def agree_return(
    *, actor: Actor, complaint_id: UUID, quantity: int, words: str, author: str
) -> UUID:
    """Agree that the buyer sends `quantity` units back; a return slip follows.

    `words` tell the buyer how, in the complaint's conversation.

    Raises:
        OrderUnknown: it is another seller's.
        WordsMissing, ComplaintClosed: see `answer_complaint`.
        ReturnUnderWay: one was agreed already.
        NotReturnable: fewer units are with the buyer.
    """
    complaint = Complaint.objects.select_for_update().get(pk=complaint_id)
    line = (
        OrderLine.objects.select_for_update(of=("self",))
        .select_related("order")
        .get(pk=complaint.line_id)
    )
    check_own(actor, line.order)
    if complaint.state == ComplaintState.RESOLVED:
        raise ComplaintClosed
    if complaint.returns.filter(state=ReturnState.AGREED).exists():
        raise ReturnUnderWay
    left = units_to_return(line)
    if not 1 <= quantity <= left:
        raise NotReturnable(max(left, 0))
    answer_complaint(actor=actor, complaint_id=complaint_id, body=words, author=author)
    agreed = Return.objects.create(
        id=new_id(), complaint=complaint, line=line, quantity=quantity, agreed_at=clock.now()
    )
    record(
        ReturnAgreed(
            subject_id=line.order_id,
            return_id=agreed.id,
            complaint_id=complaint_id,
            line_id=line.id,
            quantity=quantity,
        ),
        actor=actor,
    )
    return agreed.id


@command
def receive_return(*, actor: Actor, return_id: UUID, location_id: UUID | None) -> Money:
    """Take goods that came back: their price goes back, and the complaint is resolved.

    They go into stock at `location_id`; without one they are not sold again. Returns what goes
    back to the buyer: nothing where it was given back before.

    Raises:
        OrderUnknown: it is another seller's.
        TransitionRefused: they came back before, or the return was called off.
        LocationUnknown: the location is not the seller's.
        CaptureUnderWay: the bank has not answered yet how much was paid.
    """
    back = Return.objects.select_related("line__order__purchase", "complaint").get(pk=return_id)
    order = back.line.order
    check_own(actor, order)
    advance(
        Return,
        pk=return_id,
        to=ReturnState.RECEIVED,
        transitions=RETURN_TRANSITIONS,
        ended_at=clock.now(),
        location_id=location_id,
    )
    with translation.override(order.purchase.language):
        reason = _("Sent back: %(reason)s") % {"reason": back.complaint.get_reason_display()}
    refunded = _refund(actor, back, reason)
    if location_id:
        return_stock(
            actor=actor,
            seller_id=order.seller_id,
            sku_id=back.line.variant_id,
            location_id=location_id,
            quantity=back.quantity,
            return_id=back.id,
            reason=reason,
        )
    record(
        ReturnReceived(
            subject_id=order.id,
            return_id=back.id,
            complaint_id=back.complaint_id,
            quantity=back.quantity,
            restocked=location_id is not None,
        ),
        actor=actor,
    )
    if back.complaint.state != ComplaintState.RESOLVED:
        resolve_complaint(actor=actor, complaint_id=back.complaint_id, body="", author="")
    return refunded


def _refund(actor: Actor, back: Return, reason: str) -> Money:
    """Give back the price of the units whose price did not go back before."""
    line = OrderLine.objects.select_related("order").get(pk=back.line_id)
    zero, wish = Money.zero(line.order.currency), wish_of(back.quantity, line)
    if wish is None:
        return zero
    try:
        made = refund_order(actor=actor, order_id=line.order_id, wish=wish, reason=reason)
    except NothingToRefund:
        return zero
    Return.objects.filter(pk=back.id).update(refund_id=made.refund_id)
    return made.effect.paid
