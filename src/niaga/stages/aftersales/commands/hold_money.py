"""The operator holds money of an order back, and says why, on what evidence, and until when."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from niaga.flows.money.commands.hold_escrow import HoldTerms, hold_part
from niaga.flows.money.models import Escrow
from niaga.flows.money.states import (
    OPERATOR_REASONS,
    AppealWay,
    EscrowState,
    HoldOwner,
    HoldReason,
)
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.stages.aftersales.events import EscrowHoldPlaced
from niaga.stages.ordering.models import Order


@dataclass(eq=False)
class HoldTermsMissing(Refusal):
    """A hold names reason, evidence, owner and a deadline ahead; `field` is the one it lacks."""

    code: ClassVar[str] = "hold_terms_missing"
    field: str


@dataclass(eq=False)
class NothingHeld(Refusal):
    """Nothing of what was chosen is in escrow (any more)."""

    code: ClassVar[str] = "nothing_held"


@dataclass(frozen=True, slots=True)
class HoldWish:
    """Why an order's money is to wait; the codes are HoldReason's and HoldOwner's."""

    reason: str
    evidence: str
    owner: str
    deadline_at: datetime | None


@command
def hold_money(
    *, actor: Actor, order_id: UUID, about_id: UUID | None, wish: HoldWish
) -> tuple[UUID, ...]:
    """Hold a part of an order's money back (without `about_id`: all of it); return the holds' ids.

    Raises:
        HoldTermsMissing: reason, evidence, owner or deadline is missing.
        NothingHeld: nothing of it is in escrow.
    """
    terms = _terms(wish)
    Order.objects.select_for_update().get(pk=order_id)
    parts = Escrow.objects.filter(cause_id=order_id, state=EscrowState.HELD).order_by("id")
    if about_id:
        parts = parts.filter(about_id=about_id)
    review_id = new_id()
    held = [
        hold_part(cause_id=order_id, about_id=part, because_of=review_id, terms=terms)
        for part in parts.values_list("about_id", flat=True)
    ]
    made = tuple(hold_id for hold_id in held if hold_id)
    if not made:
        raise NothingHeld
    for hold_id in made:
        record(
            EscrowHoldPlaced(
                subject_id=order_id,
                hold_id=hold_id,
                reason=terms.reason,
                deadline_at=terms.deadline_at,
            ),
            actor=actor,
        )
    return made


def _terms(wish: HoldWish) -> HoldTerms:
    if wish.reason not in OPERATOR_REASONS:
        raise HoldTermsMissing("reason")
    if not wish.evidence.strip():
        raise HoldTermsMissing("evidence")
    if wish.owner not in HoldOwner.values:
        raise HoldTermsMissing("owner")
    if wish.deadline_at is None or wish.deadline_at <= clock.now():
        raise HoldTermsMissing("deadline_at")
    return HoldTerms(
        reason=HoldReason(wish.reason),
        evidence=wish.evidence,
        owner=HoldOwner(wish.owner),
        deadline_at=wish.deadline_at,
        appeal_way=AppealWay.IN_WRITING,
    )
