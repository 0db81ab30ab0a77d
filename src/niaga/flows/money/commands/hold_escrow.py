"""A part's money is held back: never without saying why, on what evidence, who decides, and when.

The seller may appeal; whoever owns the hold decides.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from niaga.flows.money.models import Escrow, EscrowHold
from niaga.flows.money.states import (
    HOLD_TRANSITIONS,
    AppealWay,
    EscrowState,
    HoldOwner,
    HoldReason,
    HoldState,
)
from niaga.kernel import clock
from niaga.kernel.ids import new_id
from niaga.plumbing.command import command
from niaga.plumbing.states import advance


@dataclass(frozen=True, slots=True)
class HoldTerms:
    """What a seller is told of a hold; there is no hold without all of it.

    Raises:
        ValueError: the evidence has no words, or the deadline is not ahead.
    """

    reason: HoldReason
    evidence: str
    owner: HoldOwner
    deadline_at: datetime
    appeal_way: AppealWay

    def __post_init__(self) -> None:
        if not self.evidence.strip():
            raise ValueError("a hold names its evidence")
        if self.deadline_at <= clock.now():
            raise ValueError("a hold's deadline lies ahead")


@command
def hold_part(*, cause_id: UUID, about_id: UUID, because_of: UUID, terms: HoldTerms) -> UUID | None:
    """Hold a part's money back because of something (a complaint); return the hold's id.

    None: nothing of the part is held any more (or yet), or it is held back for this already.
    """
    escrow = (
        Escrow.objects.select_for_update()
        .filter(cause_id=cause_id, about_id=about_id, state=EscrowState.HELD)
        .first()
    )
    if escrow is None or escrow.holds.filter(about_id=because_of).exists():
        return None
    hold = EscrowHold.objects.create(
        id=new_id(),
        escrow=escrow,
        about_id=because_of,
        reason=terms.reason,
        evidence=terms.evidence.strip()[:500],
        owner=terms.owner,
        deadline_at=terms.deadline_at,
        appeal_way=terms.appeal_way,
        held_at=clock.now(),
    )
    Escrow.objects.filter(pk=escrow.pk, frozen_at=None).update(frozen_at=clock.now())
    return hold.id


@command
def lift_hold(*, hold_id: UUID, decision: str = "") -> None:
    """End a hold; with the part's last one its money follows its schedule again.

    Raises:
        TransitionRefused: it was lifted before.
    """
    hold = EscrowHold.objects.get(pk=hold_id)
    Escrow.objects.select_for_update().get(pk=hold.escrow_id)
    now = clock.now()
    said = {"decision": decision[:1000], "decided_at": now} if decision else {}
    advance(
        EscrowHold,
        pk=hold_id,
        to=HoldState.LIFTED,
        transitions=HOLD_TRANSITIONS,
        ended_at=now,
        **said,
    )
    if not EscrowHold.objects.filter(escrow=hold.escrow_id, ended_at=None).exists():
        Escrow.objects.filter(pk=hold.escrow_id).update(frozen_at=None)


@command
def appeal_hold(*, hold_id: UUID, words: str) -> None:
    """The seller objects, in words that are not empty.

    Raises:
        TransitionRefused: it appealed before and waits, or the hold is over.
    """
    advance(
        EscrowHold,
        pk=hold_id,
        to=HoldState.APPEALED,
        transitions=HOLD_TRANSITIONS,
        appeal=words.strip()[:1000],
        appealed_at=clock.now(),
    )


@command
def keep_hold(*, hold_id: UUID, decision: str) -> None:
    """An appeal is turned down, and the seller is told why.

    Raises:
        TransitionRefused: nobody appealed.
    """
    advance(
        EscrowHold,
        pk=hold_id,
        to=HoldState.PLACED,
        transitions=HOLD_TRANSITIONS,
        decision=decision.strip()[:1000],
        decided_at=clock.now(),
    )


def open_holds(because_of: UUID) -> tuple[UUID, ...]:
    """Return the holds that are open because of something."""
    found = EscrowHold.objects.filter(about_id=because_of, ended_at=None)
    return tuple(found.order_by("id").values_list("id", flat=True))


def holds_without_money(cause_id: UUID) -> tuple[UUID, ...]:
    """Return the open holds on parts of an order of which all went back to the buyer."""
    found = EscrowHold.objects.filter(
        escrow__cause_id=cause_id, escrow__state=EscrowState.REFUNDED, ended_at=None
    )
    return tuple(found.order_by("id").values_list("id", flat=True))
