"""A booking of the bank's statement: a buyer's transfer is a receipt, else it is the market's."""

from niaga.flows.money.bank_file import ReceiptLine
from niaga.flows.money.bank_statement import Booking
from niaga.flows.money.commands.take_bank_entry import (
    is_taken,
    take_bank_entry,
    take_receipts_entry,
)
from niaga.flows.money.methods import BANK_TRANSFER
from niaga.flows.money.models import BankReceipt, PayCode, Payment
from niaga.flows.money.states import BankEntryState
from niaga.kernel.actor import Actor
from niaga.plumbing.command import command
from niaga.plumbing.days import midnight
from niaga.stages.ordering.commands.take_bank_receipt import take_bank_receipt

_LONGEST = 60


@command
def take_bank_booking(*, actor: Actor, booking: Booking) -> BankEntryState | None:
    """Take one booking; None means that it was taken before.

    Money that came in to a buyer's account number is a receipt, as a line of the bank's file is:
    it pays, or waits with the reason. A receipt that the bank's file brought before, under the
    bank's own reference, is this booking's. Everything else is as `take_bank_entry` says.
    """
    line = _line(booking)
    if line is None:
        return take_bank_entry(actor=actor, booking=booking)
    if is_taken(booking):
        return None
    take_bank_receipt(actor=actor, line=line)
    receipt = BankReceipt.objects.get(bank_reference=line.bank_reference)
    if (receipt.amount_minor, receipt.currency) != (line.amount.minor, line.amount.currency):
        return take_bank_entry(actor=actor, booking=booking)
    return take_receipts_entry(booking=booking, receipt_id=receipt.id)


def _line(booking: Booking) -> ReceiptLine | None:
    """Return the booking as a line of the bank's file, where it pays to one number of ours."""
    if booking.amount.minor <= 0 or not booking.numbers:
        return None
    known = _ours(booking.numbers)
    if len(known) != 1:
        return None
    return ReceiptLine(
        bank_reference=(booking.own_reference or booking.reference)[:_LONGEST],
        account_number=known.pop(),
        amount=booking.amount,
        received_at=midnight(booking.booked_on),
    )


def _ours(numbers: tuple[str, ...]) -> set[str]:
    """Return those numbers that a payment has, or had before its buyer chose another way."""
    named = list(numbers)
    own = Payment.objects.filter(account_number__in=named).values_list("account_number", flat=True)
    former = PayCode.objects.filter(kind=BANK_TRANSFER, content__in=named)
    return {*filter(None, own), *former.values_list("content", flat=True)}
