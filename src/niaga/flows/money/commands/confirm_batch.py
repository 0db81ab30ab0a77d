"""The bank carried a whole outgoing file out."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from niaga.flows.money.commands.settle_payout import confirm_payout
from niaga.flows.money.models import Payout
from niaga.flows.money.states import PayoutState
from niaga.kernel.actor import Actor
from niaga.kernel.refusal import Refusal
from niaga.plumbing.command import command


@dataclass(eq=False)
class BatchConfirmedBefore(Refusal):
    """No line of the file waits any more."""

    code: ClassVar[str] = "batch_confirmed_before"


@command
def confirm_batch(*, actor: Actor, batch_id: UUID) -> int:
    """Confirm every line of the file that still waits; return how many.

    Raises:
        BatchConfirmedBefore: none waits.
    """
    waiting = (
        Payout.objects.select_for_update()
        .filter(batch_id=batch_id, state=PayoutState.PREPARED)
        .order_by("id")
        .values_list("id", flat=True)
    )
    payout_ids = list(waiting)
    if not payout_ids:
        raise BatchConfirmedBefore
    for payout_id in payout_ids:
        confirm_payout(actor=actor, payout_id=payout_id)
    return len(payout_ids)
