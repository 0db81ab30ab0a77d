"""The bank's word on one payout: carried out, or sent back."""

from uuid import UUID

from niaga.flows.money.events import PayoutPaid, PayoutReturned
from niaga.flows.money.models import Payout
from niaga.flows.money.paid_out import orders_paid
from niaga.flows.money.states import PAYOUT_TRANSITIONS, PayoutState
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.plumbing.command import command
from niaga.plumbing.outbox import record
from niaga.plumbing.states import advance


@command
def confirm_payout(*, actor: Actor, payout_id: UUID) -> None:
    """The bank carried a payout out.

    Raises:
        TransitionRefused: it was confirmed before, or sent back.
    """
    advance(
        Payout,
        pk=payout_id,
        to=PayoutState.PAID,
        transitions=PAYOUT_TRANSITIONS,
        paid_at=clock.now(),
    )
    payout = Payout.objects.get(pk=payout_id)
    _post("payout_paid", payout, AccountKey("payout_in_transit"), AccountKey("bank"))
    for cause_id in orders_paid([payout])[payout]:
        paid = PayoutPaid(subject_id=cause_id, payout_id=payout_id, seller_id=payout.seller_id)
        record(paid, actor=actor)


@command
def return_payout(*, actor: Actor, payout_id: UUID, reason: str) -> None:
    """The bank sent a payout back, before or after it was confirmed: the seller is owed it again.

    `reason` is the bank's, such as `AC04` (ISO 20022: closed account).

    Raises:
        TransitionRefused: it was sent back before.
    """
    payout = Payout.objects.select_for_update().get(pk=payout_id)
    came_from = AccountKey("bank" if payout.paid_at else "payout_in_transit")
    advance(
        Payout,
        pk=payout_id,
        to=PayoutState.RETURNED,
        transitions=PAYOUT_TRANSITIONS,
        returned_at=clock.now(),
        return_reason=reason[:140],
    )
    _post("payout_returned", payout, came_from, AccountKey("seller_payable", payout.seller_id))
    for cause_id in orders_paid([payout])[payout]:
        back = PayoutReturned(
            subject_id=cause_id,
            payout_id=payout_id,
            seller_id=payout.seller_id,
            reason=reason[:140],
        )
        record(back, actor=actor)


def _post(kind: str, payout: Payout, debit: AccountKey, credit: AccountKey) -> None:
    amount = Money(payout.amount_minor, payout.currency)
    post(Posting(kind, payout.id, (Movement(debit, credit, amount),)))
