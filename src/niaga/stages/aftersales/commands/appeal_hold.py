"""A seller objects to a hold on its money; the operator decides. Both stand on the timeline."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.money.commands.hold_escrow import (
    appeal_hold,
    holds_without_money,
    keep_hold,
    lift_hold,
)
from niaga.flows.money.models import EscrowHold
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.aftersales.events import (
    EscrowHoldAppealed,
    EscrowHoldKept,
    EscrowHoldLifted,
)
from niaga.stages.ordering.models import Order
from niaga.stages.ordering.owning import check_own


@dataclass(eq=False)
class AppealWordsMissing(Refusal):
    """An appeal, and the answer to it, needs words."""

    code: ClassVar[str] = "appeal_words_missing"


@command
def appeal(*, actor: Actor, hold_id: UUID, words: str) -> None:
    """The seller objects to a hold.

    Raises:
        AppealWordsMissing: no text.
        OrderUnknown: the hold is on another seller's money.
        TransitionRefused: an appeal waits already, or the hold is over.
    """
    if not words.strip():
        raise AppealWordsMissing
    check_own(actor, Order.objects.get(pk=_order_of(hold_id)))
    appeal_hold(hold_id=hold_id, words=words)
    record(EscrowHoldAppealed(subject_id=_order_of(hold_id), hold_id=hold_id), actor=actor)


@command
def grant_appeal(*, actor: Actor, hold_id: UUID, decision: str) -> None:
    """The operator lifts a hold, appealed or not, and says why.

    Raises:
        AppealWordsMissing: no text.
        TransitionRefused: the hold is over.
    """
    if not decision.strip():
        raise AppealWordsMissing
    lift_hold(hold_id=hold_id, decision=decision.strip())
    record(EscrowHoldLifted(subject_id=_order_of(hold_id), hold_id=hold_id), actor=actor)


@command
def lift_refunded_holds(*, actor: Actor, order_id: UUID) -> None:
    """End the holds on parts of an order that were refunded whole: no money is held there now."""
    for hold_id in holds_without_money(order_id):
        lift_hold(hold_id=hold_id)
        record(EscrowHoldLifted(subject_id=order_id, hold_id=hold_id), actor=actor)


@command
def turn_appeal_down(*, actor: Actor, hold_id: UUID, decision: str) -> None:
    """The operator keeps a hold that was appealed, and says why.

    Raises:
        AppealWordsMissing: no text.
        TransitionRefused: nobody appealed.
    """
    if not decision.strip():
        raise AppealWordsMissing
    keep_hold(hold_id=hold_id, decision=decision)
    record(
        EscrowHoldKept(subject_id=_order_of(hold_id), hold_id=hold_id, decision=decision.strip()),
        actor=actor,
    )


def _order_of(hold_id: UUID) -> UUID:
    return EscrowHold.objects.values_list("escrow__cause_id", flat=True).get(pk=hold_id)
