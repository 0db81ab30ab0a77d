"""What follows by itself after the sale."""

from typing import cast

from django.urls import reverse
from django.utils.translation import gettext as _

from niaga.flows.information.mailing import Letter
from niaga.flows.money.models import EscrowHold
from niaga.flows.money.states import HoldReason
from niaga.kernel.actor import Actor
from niaga.plumbing.outbox import RecordedEvent
from niaga.stages.aftersales import events
from niaga.stages.aftersales.commands.appeal_hold import lift_refunded_holds
from niaga.stages.aftersales.commands.complain import hold_complained
from niaga.stages.aftersales.models import Complaint
from niaga.stages.aftersales.states import ComplaintState
from niaga.stages.ordering import letters
from niaga.stages.ordering.letters import OrderFacts
from niaga.stages.ordering.models import Purchase
from niaga.stages.ordering.papers import issue_return_slip
from niaga.stages.sharing.indexing import apply_rating


def rate_product(event: RecordedEvent) -> None:
    """Add the review's stars to the product's card."""
    body = cast("events.ReviewWritten", event.body)
    apply_rating(body.product_id, body.stars)


def mail_complaint(event: RecordedEvent) -> None:
    """Tell the seller that a buyer is not content."""
    body = cast("events.ComplaintOpened", event.body)
    facts = letters.load_order(body.subject_id)

    def compose(facts: OrderFacts, _language: str) -> Letter:
        return Letter(
            subject=_("Complaint about order %(reference)s") % {"reference": facts.order.reference},
            paragraphs=(
                _("Hello %(name)s,") % {"name": facts.order.seller.name},
                _("A buyer has a complaint. Please answer; the money waits meanwhile."),
            ),
            facts=((_("Order"), facts.order.reference), (_("Buyer"), facts.purchase.name)),
            button=(_("Read and answer"), reverse("seller:complaint", args=[body.complaint_id])),
        )

    letters.to_seller(facts, compose, template="complaint_opened", about_id=body.complaint_id)


def mail_hold(event: RecordedEvent) -> None:
    """Tell the seller why its money waits; of a complaint it was told already."""
    body = cast("events.EscrowHoldPlaced", event.body)
    hold = EscrowHold.objects.get(pk=body.hold_id)
    if hold.reason == HoldReason.COMPLAINT:
        return

    def compose(facts: OrderFacts, language: str) -> Letter:
        return Letter(
            subject=_("Money held back: %(reference)s") % {"reference": facts.order.reference},
            paragraphs=(
                _("Hello %(name)s,") % {"name": facts.order.seller.name},
                _("A part of your money waits. Below is why, and you can object to it."),
            ),
            facts=(
                (_("Reason"), str(hold.get_reason_display())),
                (_("Evidence"), hold.evidence),
                (_("Who decides"), str(hold.get_owner_display())),
                (_("Decided before"), letters.moment_text(hold.deadline_at, language)),
            ),
            button=(_("Read and object"), reverse("seller:hold", args=[hold.id])),
        )

    facts = letters.load_order(body.subject_id)
    letters.to_seller(facts, compose, template="hold_placed", about_id=hold.id)


def mail_hold_decided(event: RecordedEvent) -> None:
    """Tell the seller what the operator decided about a hold, where it decided in words."""
    body = cast("events.EscrowHoldKept | events.EscrowHoldLifted", event.body)
    hold = EscrowHold.objects.get(pk=body.hold_id)
    if not hold.decision:
        return
    lifted = isinstance(body, events.EscrowHoldLifted)

    def compose(facts: OrderFacts, _language: str) -> Letter:
        words = _("The hold is lifted: your money moves on.") if lifted else _("The hold stays.")
        return Letter(
            subject=_("Decided: money held back of %(reference)s")
            % {"reference": facts.order.reference},
            paragraphs=(_("Hello %(name)s,") % {"name": facts.order.seller.name}, words),
            facts=((_("The operator's answer"), hold.decision),),
            button=(_("See the hold"), reverse("seller:hold", args=[hold.id])),
        )

    facts = letters.load_order(body.subject_id)
    letters.to_seller(facts, compose, template="hold_decided", about_id=event.id)


def hold_captured(event: RecordedEvent) -> None:
    """Hold back what was captured while a complaint about its line was open already."""
    waiting = Complaint.objects.filter(line__order_id=event.body.subject_id).exclude(
        state=ComplaintState.RESOLVED
    )
    for complaint_id in waiting.order_by("id").values_list("id", flat=True):
        hold_complained(actor=Actor.system(), complaint_id=complaint_id)


def lift_refunded(event: RecordedEvent) -> None:
    """Let holds end where a refund left nothing to hold."""
    lift_refunded_holds(actor=Actor.system(), order_id=event.body.subject_id)


def issue_slip(event: RecordedEvent) -> None:
    """Write the slip that goes back with the goods."""
    body = cast("events.ReturnAgreed", event.body)
    complaint = Complaint.objects.get(pk=body.complaint_id)
    issue_return_slip(
        order_id=body.subject_id,
        return_id=body.return_id,
        quantities={body.line_id: body.quantity},
        reason=Complaint.Reason(complaint.reason).label,
    )


def mail_return(event: RecordedEvent) -> None:
    """Tell the buyer how goods go back, and where the slip is."""
    body = cast("events.ReturnAgreed", event.body)
    order = letters.load_order(body.subject_id).order

    def compose(_purchase: Purchase, _language: str) -> Letter:
        return letters.about_order(
            order,
            _("Please send it back: %(reference)s") % {"reference": order.reference},
            (
                _("%(seller)s takes the goods back.") % {"seller": order.seller.name},
                _("Print the return slip on your order's page and put it into the parcel."),
                _("Once the parcel is there, your money comes back."),
            ),
        )

    letters.to_buyer(order.purchase, compose, template="return_agreed", cause_id=body.return_id)


def mail_answer(event: RecordedEvent) -> None:
    """Tell the buyer that the seller or the operator answered."""
    body = cast("events.ComplaintAnswered", event.body)
    if body.role == "buyer":
        return
    order = letters.load_order(body.subject_id).order

    def compose(_purchase: Purchase, _language: str) -> Letter:
        return letters.about_order(
            order,
            _("An answer to your complaint: %(reference)s") % {"reference": order.reference},
            (_("There is an answer to your complaint."),),
        )

    letters.to_buyer(order.purchase, compose, template="complaint_answered", cause_id=event.id)
