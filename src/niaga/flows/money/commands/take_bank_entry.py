"""A booking of the bank's statement confirms a payout, is a fee, or waits for a person."""

from enum import StrEnum
from uuid import UUID

from niaga.flows.money.bank_statement import Booking
from niaga.flows.money.commands.keep_differences import BOOKING, open_difference
from niaga.flows.money.commands.settle_payout import confirm_payout, return_payout
from niaga.flows.money.models import BankEntry, BankReceipt, Payout, Reconciliation
from niaga.flows.money.states import BankEntryState, PayoutState, ReceiptState
from niaga.kernel import clock
from niaga.kernel.actor import Actor
from niaga.kernel.ids import new_id
from niaga.kernel.money import Money
from niaga.ledger.posting import AccountKey, Movement, Posting, post
from niaga.plumbing.command import command


class Why(StrEnum):
    """Why a booking matched nothing, or moved nothing."""

    NO_PAYOUT = "no_payout"
    OTHER_AMOUNT = "other_amount"
    PAID_TWICE = "paid_twice"
    RETURNED_TWICE = "returned_twice"
    KNOWN_BEFORE = "known_before"  # confirmed by hand, or sent back meanwhile: nothing moves
    PAYS_NOTHING = "pays_nothing"  # a buyer's transfer that waits among the receipts
    FEE = "fee"


@command
def take_bank_entry(*, actor: Actor, booking: Booking) -> BankEntryState | None:
    """Take one booking; None means that it was taken before, from this statement or another.

    Money that left confirms the payout whose id it carries; money that came back under that id
    lets the payout return; money under the id of a comparison with the gateway is what that
    settled. All only to the last unit. The bank's own fee is booked. Any other booking is kept as
    unmatched, with the reason, moves nothing, and is a difference that somebody looks after.
    """
    payout = payout_named(booking.end_to_end_id)
    if is_taken(booking):
        return None
    settlement = _settlement(booking) if payout is None else None
    if settlement is not None:
        return keep_entry(booking, BankEntryState.MATCHED, settlement=settlement)
    if payout is None and booking.is_fee:
        state = keep_entry(booking, BankEntryState.BOOKED, Why.FEE, account="bank_fees")
        _post_fee(BankEntry.objects.get(reference=booking.reference))
        return state
    why = _why_unmatched(payout, booking)
    if why is not None or payout is None:
        return keep_entry(booking, BankEntryState.UNMATCHED, why or Why.NO_PAYOUT)
    moved = settle_payout(actor, payout, came_back=booking.amount.minor > 0, words=_words(booking))
    note = "" if moved else Why.KNOWN_BEFORE
    return keep_entry(booking, BankEntryState.MATCHED, note, payout=payout)


@command
def take_receipts_entry(*, booking: Booking, receipt_id: UUID) -> BankEntryState | None:
    """Keep the booking of a buyer's transfer; None where the booking was taken before.

    The receipt itself, paying or not, is taken by the caller.
    """
    if is_taken(booking):
        return None
    receipt = BankReceipt.objects.get(pk=receipt_id)
    pays = receipt.state == ReceiptState.MATCHED
    keep_entry(booking, BankEntryState.MATCHED, "" if pays else Why.PAYS_NOTHING, receipt=receipt)
    return BankEntryState.MATCHED if pays else BankEntryState.UNMATCHED


def is_taken(booking: Booking) -> bool:
    """Say whether the booking was taken before."""
    return BankEntry.objects.filter(reference=booking.reference).exists()


def keep_entry(
    booking: Booking,
    state: BankEntryState,
    note: str = "",
    *,
    payout: Payout | None = None,
    receipt: BankReceipt | None = None,
    settlement: Reconciliation | None = None,
    account: str = "",
) -> BankEntryState:
    """Write the booking down inside the caller's command; what fits nothing is a difference.

    Raises:
        IntegrityError: another import took it at this moment.
    """
    entry = BankEntry.objects.create(
        id=new_id(),
        reference=booking.reference,
        end_to_end_id=booking.end_to_end_id,
        amount_minor=booking.amount.minor,
        currency=booking.amount.currency,
        booked_on=booking.booked_on,
        counterparty=booking.counterparty,
        text=booking.text,
        state=state,
        note=note,
        payout=payout,
        receipt=receipt,
        settlement=settlement,
        account=account,
        taken_at=clock.now(),
    )
    if state == BankEntryState.UNMATCHED:
        open_difference(
            kind=BOOKING,
            about_id=entry.id,
            reference=entry.reference,
            day=entry.booked_on,
            amount=booking.amount,
        )
    return state


def settle_payout(actor: Actor, payout: Payout, *, came_back: bool, words: str) -> bool:
    """Move the payout to where the bank says it is; say whether it was elsewhere."""
    if came_back:
        if payout.state == PayoutState.RETURNED:
            return False
        return_payout(actor=actor, payout_id=payout.id, reason=words)
        return True
    if payout.state != PayoutState.PREPARED:
        return False
    confirm_payout(actor=actor, payout_id=payout.id)
    return True


def is_booked(payout: Payout, *, came_back: bool) -> bool:
    """Say whether the bank booked before that the payout left, or that it came back."""
    way = "amount_minor__gt" if came_back else "amount_minor__lt"
    return payout.bank_entries.filter(**{way: 0}).exists()


def payout_named(end_to_end_id: str) -> Payout | None:
    """Return the payout of that end-to-end id, locked, or None."""
    pk = _identifier(end_to_end_id)
    return Payout.objects.select_for_update().filter(pk=pk).first() if pk else None


def _identifier(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _settlement(booking: Booking) -> Reconciliation | None:
    """Return the comparison that the gateway settles by this booking, where it is not yet."""
    pk = _identifier(booking.end_to_end_id)
    if pk is None:
        return None
    amount = booking.amount
    rows = Reconciliation.objects.filter(
        pk=pk, settled_minor=amount.minor, currency=amount.currency, bank_entries=None
    )
    return rows.first()


def _post_fee(entry: BankEntry) -> None:
    """Book what the bank took, or gave back of it."""
    fees, bank = AccountKey("bank_fees"), AccountKey("bank")
    amount = Money(abs(entry.amount_minor), entry.currency)
    sides = (fees, bank) if entry.amount_minor < 0 else (bank, fees)
    post(Posting("bank_fee", entry.id, (Movement(*sides, amount),)))


def _words(booking: Booking) -> str:
    return booking.reason or booking.text or "returned"


def _why_unmatched(payout: Payout | None, booking: Booking) -> Why | None:
    if payout is None:
        return Why.NO_PAYOUT
    amount = booking.amount
    if abs(amount.minor) != payout.amount_minor or amount.currency != payout.currency:
        return Why.OTHER_AMOUNT
    came_back = amount.minor > 0
    if is_booked(payout, came_back=came_back):
        return Why.RETURNED_TWICE if came_back else Why.PAID_TWICE
    return None
