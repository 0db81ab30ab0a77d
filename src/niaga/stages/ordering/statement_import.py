"""Taking a bank's statement in, booking by booking."""

from dataclasses import dataclass

from django.db import IntegrityError

from niaga.flows.money.bank_statement import Booking, read_statement
from niaga.flows.money.states import BankEntryState
from niaga.kernel.actor import Actor
from niaga.stages.ordering.commands.take_bank_booking import take_bank_booking


@dataclass(frozen=True, slots=True)
class StatementReport:
    """What became of a statement's bookings: matched, booked by themselves (fees), or neither."""

    matched: tuple[Booking, ...]
    booked: tuple[Booking, ...]
    unmatched: tuple[Booking, ...]
    seen: tuple[Booking, ...]


def import_statement(content: bytes, *, actor: Actor) -> StatementReport:
    """Take every booking of a camt.053 file, each in a transaction of its own.

    A file that was taken before changes nothing.

    Raises:
        StatementUnreadable: nothing of it was taken.
    """
    taken = [(booking, _take(booking, actor)) for booking in read_statement(content)]

    def those(state: BankEntryState | None) -> tuple[Booking, ...]:
        return tuple(booking for booking, found in taken if found == state)

    return StatementReport(
        those(BankEntryState.MATCHED),
        those(BankEntryState.BOOKED),
        those(BankEntryState.UNMATCHED),
        those(None),
    )


def _take(booking: Booking, actor: Actor) -> BankEntryState | None:
    try:
        return take_bank_booking(actor=actor, booking=booking)
    except IntegrityError:
        return None  # another import took it at the same moment
