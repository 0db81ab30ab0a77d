"""A booking of the bank's statement confirms a payout, sends one back, or waits for a person."""

from enum import StrEnum
from uuid import UUID

from niaga.flows.money.bank_statement import Booking
from niaga.flows.money.commands.settle_payout import confirm_payout, return_payout
from niaga.flows.money.models import BankEntry, Payout
from niaga.flows.money.states import BankEntryState, PayoutState
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.plumbing.command import command


class Why(StrEnum):
    """Why a booking matched nothing, or moved nothing."""

    NO_PAYOUT = "no_payout"
    OTHER_AMOUNT = "other_amount"
    PAID_TWICE = "paid_twice"
    RETURNED_TWICE = "returned_twice"
    KNOWN_BEFORE = "known_before"  # confirmed by hand, or sent back meanwhile: nothing moves


@command
def take_bank_entry(*, actor: Actor, booking: Booking) -> BankEntryState | None:
    """Take one booking; None means that it was taken before, from this statement or another.

    Money that left confirms the payout whose id it carries; money that came back under that id
    lets the payout return. Both only to the last unit: any other booking is kept as unmatched,
    with the reason, and moves nothing.
    """
    payout = _payout(booking.end_to_end_id)
    if BankEntry.objects.filter(reference=booking.reference).exists():
        return None
    why = _why_unmatched(payout, booking)
    moved = why is None
    if payout is not None and why is None:
        moved = _settle(actor, payout, booking)
    note = why or ("" if moved else Why.KNOWN_BEFORE)
    # Of two imports at once the later one ends on the reference, with all it did.
    entry = BankEntry.objects.create(
        id=new_id(),
        reference=booking.reference,
        end_to_end_id=booking.end_to_end_id,
        amount_minor=booking.amount.minor,
        currency=booking.amount.currency,
        booked_on=booking.booked_on,
        counterparty=booking.counterparty,
        text=booking.text,
        state=BankEntryState.UNMATCHED if why else BankEntryState.MATCHED,
        note=note,
        payout=None if why else payout,
        taken_at=clock.now(),
    )
    return BankEntryState(entry.state)


def _payout(end_to_end_id: str) -> Payout | None:
    try:
        payout_id = UUID(end_to_end_id)
    except ValueError:
        return None
    return Payout.objects.select_for_update().filter(pk=payout_id).first()


def _why_unmatched(payout: Payout | None, booking: Booking) -> Why | None:
    if payout is None:
        return Why.NO_PAYOUT
    amount = booking.amount
    if abs(amount.minor) != payout.amount_minor or amount.currency != payout.currency:
        return Why.OTHER_AMOUNT
    came_back = amount.minor > 0
    seen = payout.bank_entries.filter(
        **{"amount_minor__gt" if came_back else "amount_minor__lt": 0}
    )
    if seen.exists():
        return Why.RETURNED_TWICE if came_back else Why.PAID_TWICE
    return None


def _settle(actor: Actor, payout: Payout, booking: Booking) -> bool:
    """Move the payout to where the booking says it is; say whether it was elsewhere."""
    if booking.amount.minor > 0:
        if payout.state == PayoutState.RETURNED:
            return False
        return_payout(
            actor=actor, payout_id=payout.id, reason=booking.reason or booking.text or "returned"
        )
        return True
    if payout.state != PayoutState.PREPARED:
        return False
    confirm_payout(actor=actor, payout_id=payout.id)
    return True
