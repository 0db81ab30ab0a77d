"""A complaint on an order line: opened, discussed, escalated, resolved, seen by all three sides."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

from niaga.flows.money.commands.hold_escrow import HoldTerms, hold_part, lift_hold, open_holds
from niaga.flows.money.states import AppealWay, HoldOwner, HoldReason
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.states import advance, try_advance
from niaga.stages.aftersales.events import (
    ComplaintAnswered,
    ComplaintEscalated,
    ComplaintOpened,
    ComplaintResolved,
    EscrowHoldLifted,
    EscrowHoldPlaced,
    ReturnCalledOff,
)
from niaga.stages.aftersales.models import Complaint, ComplaintMessage, Return
from niaga.stages.aftersales.states import (
    COMPLAINT_TRANSITIONS,
    RETURN_TRANSITIONS,
    ComplaintState,
    ReturnState,
)
from niaga.stages.ordering.models import OrderLine
from niaga.stages.ordering.states import OrderState

# By when a seller may expect a word about money that is held back for a complaint.
DECIDED_WITHIN = timedelta(days=14)


@dataclass(eq=False)
class NothingToComplainOf(Refusal):
    """The order was never confirmed, or was cancelled."""

    code: ClassVar[str] = "nothing_to_complain_of"
    state: str


@dataclass(eq=False)
class ComplaintOpen(Refusal):
    """The line has an open complaint; write there."""

    code: ClassVar[str] = "complaint_open"
    complaint_id: UUID


@dataclass(eq=False)
class WordsMissing(Refusal):
    """A complaint and each answer needs words."""

    code: ClassVar[str] = "words_missing"


@dataclass(eq=False)
class ComplaintClosed(Refusal):
    """A resolved complaint takes no further words."""

    code: ClassVar[str] = "complaint_closed"


@command
def open_complaint(*, actor: Actor, line_id: UUID, reason: str, body: str, author: str) -> UUID:
    """Complain about an order line; that line's money stays in escrow until it is resolved.

    Raises:
        WordsMissing: no text.
        NothingToComplainOf: the order was not confirmed, or was cancelled.
        ComplaintOpen: the line has an open complaint.
    """
    if not body.strip():
        raise WordsMissing
    line = OrderLine.objects.select_for_update(of=("self",)).select_related("order").get(pk=line_id)
    if line.order.state in (OrderState.PLACED, OrderState.CANCELLED):
        raise NothingToComplainOf(line.order.state)
    earlier = Complaint.objects.filter(line_id=line_id).exclude(state=ComplaintState.RESOLVED)
    if before := earlier.first():
        raise ComplaintOpen(before.id)
    complaint = Complaint.objects.create(
        id=new_id(),
        line=line,
        seller_id=line.order.seller_id,
        reason=Complaint.Reason(reason),
        opened_at=clock.now(),
    )
    _say(complaint.id, actor, author, body)
    hold_complained(actor=actor, complaint_id=complaint.id)
    record(
        ComplaintOpened(
            subject_id=line.order_id, complaint_id=complaint.id, line_id=line_id, reason=reason
        ),
        actor=actor,
    )
    return complaint.id


@command
def answer_complaint(*, actor: Actor, complaint_id: UUID, body: str, author: str) -> None:
    """Write in a complaint; the turn passes to the other side.

    Raises:
        WordsMissing, ComplaintClosed.
    """
    if not body.strip():
        raise WordsMissing
    complaint = (
        Complaint.objects.select_for_update(of=("self",))
        .select_related("line")
        .get(pk=complaint_id)
    )
    if complaint.state == ComplaintState.RESOLVED:
        raise ComplaintClosed
    _say(complaint_id, actor, author, body)
    turn = {"seller": ComplaintState.ANSWERED, "buyer": ComplaintState.OPEN}.get(actor.role)
    if turn:
        try_advance(Complaint, pk=complaint_id, to=turn, transitions=COMPLAINT_TRANSITIONS)
    record(
        ComplaintAnswered(
            subject_id=complaint.line.order_id, complaint_id=complaint_id, role=actor.role
        ),
        actor=actor,
    )


@command
def escalate_complaint(*, actor: Actor, complaint_id: UUID) -> None:
    """Ask the operator to decide.

    Raises:
        TransitionRefused: it is with the operator, or resolved.
    """
    advance(
        Complaint,
        pk=complaint_id,
        to=ComplaintState.ESCALATED,
        transitions=COMPLAINT_TRANSITIONS,
    )
    order_id = _order_of(complaint_id)
    record(ComplaintEscalated(subject_id=order_id, complaint_id=complaint_id), actor=actor)


@command
def resolve_complaint(*, actor: Actor, complaint_id: UUID, body: str, author: str) -> None:
    """Settle a complaint, by the buyer or the operator; its line's money moves on.

    Goods that were to go back stay with the buyer.

    Raises:
        TransitionRefused: it was resolved before.
    """
    advance(
        Complaint,
        pk=complaint_id,
        to=ComplaintState.RESOLVED,
        transitions=COMPLAINT_TRANSITIONS,
        resolved_at=clock.now(),
    )
    if body.strip():
        _say(complaint_id, actor, author, body)
    order_id = _order_of(complaint_id)
    for hold_id in open_holds(complaint_id):
        lift_hold(hold_id=hold_id)
        record(EscrowHoldLifted(subject_id=order_id, hold_id=hold_id), actor=actor)
    _call_off_returns(actor, complaint_id, order_id)
    record(ComplaintResolved(subject_id=order_id, complaint_id=complaint_id), actor=actor)


@command
def hold_complained(*, actor: Actor, complaint_id: UUID) -> None:
    """Hold the money of a complaint's line back, where it is in escrow and not held back yet."""
    complaint = Complaint.objects.select_related("line").get(pk=complaint_id)
    if complaint.state == ComplaintState.RESOLVED:
        return
    words = complaint.messages.order_by("written_at", "id").first()
    terms = HoldTerms(
        reason=HoldReason.COMPLAINT,
        evidence=words.body if words else complaint.reason,
        owner=HoldOwner.BOTH,
        deadline_at=clock.now() + DECIDED_WITHIN,
        appeal_way=AppealWay.IN_WRITING,
    )
    order_id = complaint.line.order_id
    hold_id = hold_part(
        cause_id=order_id, about_id=complaint.line_id, because_of=complaint_id, terms=terms
    )
    if hold_id:
        record(
            EscrowHoldPlaced(
                subject_id=order_id,
                hold_id=hold_id,
                reason=terms.reason,
                deadline_at=terms.deadline_at,
            ),
            actor=actor,
        )


def _call_off_returns(actor: Actor, complaint_id: UUID, order_id: UUID) -> None:
    for back in Return.objects.filter(complaint_id=complaint_id, state=ReturnState.AGREED):
        called_off = try_advance(
            Return,
            pk=back.id,
            to=ReturnState.CALLED_OFF,
            transitions=RETURN_TRANSITIONS,
            ended_at=clock.now(),
        )
        if called_off:
            record(
                ReturnCalledOff(
                    subject_id=order_id,
                    return_id=back.id,
                    complaint_id=complaint_id,
                    quantity=back.quantity,
                ),
                actor=actor,
            )


def _say(complaint_id: UUID, actor: Actor, author: str, body: str) -> None:
    ComplaintMessage.objects.create(
        id=new_id(),
        complaint_id=complaint_id,
        role=actor.role,
        author=author,
        body=body.strip(),
        written_at=clock.now(),
    )


def _order_of(complaint_id: UUID) -> UUID:
    return Complaint.objects.values_list("line__order_id", flat=True).get(pk=complaint_id)
